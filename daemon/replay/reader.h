#ifndef SOKUHO_REPLAY_READER_H
#define SOKUHO_REPLAY_READER_H

#include "base/encoding.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Blocks of whole lines of one old file, of a member of an archive, or of standard input ("-"). Packed files (known by
 * content) are unpacked by a thread of their own.
 */
struct reader;

/*
 * The names of what a path holds: itself, or `path!member` for each member of an archive. ERR_MISSING, ERR_PERM, or
 * ERR_USAGE for what is no file to be read (a FIFO, a device, a directory).
 */
int reader_names(const char *path, struct strlist *names, struct err *err);
/* name: one of reader_names(). known: the encoding as configured. */
int reader_open(const char *name, enum encoding known, size_t line_max, struct reader **out, struct err *err);
void reader_close(struct reader *reader);

struct reader_block {
	char *bytes;			/* owned by the caller, who may hand it in again */
	size_t len, cap;
	uint64_t offset;		/* of its first byte in the unpacked stream */
	enum encoding framing;		/* how its lines end; as encoding_framing() */
	bool cut_last;			/* the last line has no end here: it is longer than line_max */
};
/*
 * About `want` bytes, always whole lines (the last one of the file may lack its newline). A line longer than
 * line_max that does not end within the block is handed over up to line_max bytes, and the rest of it passed over.
 * 1 a block, 0 the end, negative: cannot be read further (what stood before was given).
 */
int reader_next(struct reader *reader, size_t want, struct reader_block *block, struct err *err);
/* The last n bytes of the last block come again, before what follows them. bytes is a loan. */
void reader_give_back(struct reader *reader, const char *bytes, size_t n);
/* Nothing follows the last block. */
bool reader_is_at_end(const struct reader *reader);
uint64_t reader_bytes(const struct reader *reader);	/* unpacked bytes so far */
uint64_t reader_taken(const struct reader *reader);	/* bytes of the file so far, for progress */
uint64_t reader_size(const struct reader *reader);	/* of the file; 0 when unknown */
int64_t reader_mtime(const struct reader *reader);

#endif
