#ifndef SOKUHO_REPLAY_READER_H
#define SOKUHO_REPLAY_READER_H

#include "base/err.h"
#include "base/str.h"

/* Lines of one old file, or of standard input ("-"). */
struct reader;

/* ERR_MISSING, ERR_PERM, or ERR_USAGE for what is no file to be read (a FIFO, a device, a directory). */
int reader_open(const char *path, size_t line_max, struct reader **out, struct err *err);
void reader_close(struct reader *reader);

struct reader_line {
	struct slice bytes;		/* without LF and CR; valid until the next call */
	uint64_t line, offset;
	bool cut;			/* longer than line_max: the head of it */
};
/* 1 a line, 0 the end, negative: cannot be read further. */
int reader_next(struct reader *reader, struct reader_line *line, struct err *err);
uint64_t reader_bytes(const struct reader *reader);	/* read so far */
uint64_t reader_size(const struct reader *reader);	/* of the file; 0 when unknown */
int64_t reader_mtime(const struct reader *reader);

#endif
