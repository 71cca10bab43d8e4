#ifndef SOKUHO_INPUT_TAIL_H
#define SOKUHO_INPUT_TAIL_H

#include "input/input.h"

#include <json-c/json_object.h>
#include <sys/stat.h>

/* How a stream is known again: the bytes at its head, and those before the saved offset. */
#define HEAD_MAX 1024
#define BEFORE_MAX 256

struct identity {
	size_t head_len, before_len;
	char head[33], before[33];
	uint64_t dev, ino;		/* hints only */
};

struct position {
	uint64_t stream, offset, lines;
	unsigned generation;
	bool done;			/* read to its end after rotation, and closed */
	bool skipping;			/* inside the rest of a line that was too long */
	struct identity id;
	char *source, *path;
};

enum tail_state { TAIL_READING, TAIL_WAITING, TAIL_GONE };

/* One file that is followed. */
struct tail {
	struct position at;
	const struct source_conf *source;
	int fd;
	uint64_t size;			/* when last looked at */
	int64_t mtime, last_line;
	enum tail_state state;
	bool dirty;			/* there may be something to read */
	bool changed;			/* since the last save */
	bool rotated;			/* no longer at its path: read to the end, then closed */
	int64_t rotated_at;
	struct tail *before;		/* the file that stood at this path earlier: read first */
};

/* Opens path for reading; a sentence in err for what is no regular file. */
int tail_open(const char *path, struct stat *st, struct err *err);
void tail_free(struct tail *tail);
void position_clear(struct position *position);
/* Reads the identity of an open file at an offset. */
void identity_read(int fd, uint64_t offset, const struct stat *st, struct identity *out);

enum identity_match { IDENTITY_OTHER, IDENTITY_SAME, IDENTITY_REWRITTEN };
/* Is this open file the one of a saved position? REWRITTEN: its place, but not its bytes any more. */
enum identity_match identity_matches(int fd, const struct stat *st, const struct position *saved);

/*
 * Hands over what is there, at most `limit` bytes; false when more is left. final: the last line counts without
 * its newline. buffer has room for line_max + 1 bytes.
 */
bool tail_read(struct tail *tail, const struct input_callbacks *callbacks, char *buffer,
	       size_t line_max, uint64_t limit, bool final, size_t *lines);

struct json_object *position_to_json(const struct position *position);
int position_from_json(const char *json, struct position *out, struct err *err);

#endif
