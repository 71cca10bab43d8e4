#ifndef SOKUHO_INPUT_TAIL_H
#define SOKUHO_INPUT_TAIL_H

#include "base/encoding.h"
#include "input/input.h"
#include "input/position.h"

struct unpack;

enum tail_state { TAIL_READING, TAIL_WAITING, TAIL_MISSING };

/* One file that is followed. */
struct tail {
	struct position at, was;	/* was: of a file that was found again, before it was */
	struct print print;
	const struct source_conf *source;
	char *real;			/* the path behind a link; NULL where they are the same */
	int fd;				/* -1: closed to save descriptors, opened again when there is something */
	struct unpack *unpack;		/* a packed file, read once from front to end */
	struct text carry;		/* unpacked, not given yet; begins at the offset */
	uint64_t unpacked;		/* bytes that have come out of it */
	bool damaged;			/* no more comes out of it, though there should */
	uint64_t peeked;		/* size at which an unfinished line was shown */
	uint64_t flushed;		/* size at which an unfinished record was given as it is */
	int64_t mtime, last_line;
	int64_t grown_at;		/* when something was last found in it (monotonic) */
	int64_t open_since;		/* when what is unfinished at the offset open_at was first seen */
	uint64_t open_at;
	struct decoding decoding;
	uint64_t repairs;		/* bytes that were no characters */
	enum tail_state state;
	bool queued;			/* in the list of those that are read next */
	bool changed;			/* since the last save */
	bool rotated;			/* no longer at its path, or a copy: read to the end, then closed */
	struct tail *before;		/* the file that stood at this path earlier: read first */
};

/* Opens path for reading; a sentence in err for what is no regular file. */
int tail_open(const char *path, struct stat *st, struct err *err);
void tail_free(struct tail *tail);

enum tail_result {
	TAIL_MORE,			/* there is more to read */
	TAIL_END,			/* all that is there was read; an unfinished line may be left */
	TAIL_FINISHED,			/* nothing more can come (a packed file) */
	TAIL_REWRITTEN,			/* the bytes before the offset are others now, or gone */
	TAIL_OTHER,			/* a packed file that is not the one it looked like */
	TAIL_SHORT,			/* one that is, and ends before the offset */
};

struct tail_reading {
	const struct input_callbacks *callbacks;
	char *buffer;			/* BEFORE_MAX + line_max + 2 bytes: more than a line, also of two-byte units */
	struct transcoder *transcoder;
	struct arena *arena;		/* reset with each line */
	size_t line_max;
	uint64_t limit;			/* about so many bytes at once */
	size_t lines;			/* were given */
	bool flush;			/* a last record of several lines counts although more of it may come */
	bool final;			/* the last line counts without its newline */
};
enum tail_result tail_read(struct tail *tail, struct tail_reading *reading);
/* Shows a last line that has no newline yet, without going on: it comes again, whole, at the same place. */
void tail_peek(struct tail *tail, struct tail_reading *reading);

#endif
