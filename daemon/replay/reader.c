/* A block buffer that always holds the line that is being read, up to line_max bytes of it. */
#include "replay/reader.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK (256 * 1024)

struct reader {
	int fd;
	char *buffer;
	size_t start, end, cap;		/* what is in the buffer */
	size_t line_max;
	uint64_t line, offset;		/* of buffer[start] */
	uint64_t bytes, size;
	int64_t mtime;
	bool eof;
	char *path;
};

static int check_kind(const char *path, const struct stat *st, struct err *err)
{
	if (S_ISREG(st->st_mode))
		return 0;
	if (S_ISDIR(st->st_mode))
		return err_set(err, ERR_USAGE, "'%s' is a directory", path);
	if (S_ISFIFO(st->st_mode))
		return err_set(err, ERR_USAGE,
			       "'%s' is a FIFO; give its content on standard input with '-'", path);
	return err_set(err, ERR_USAGE, "'%s' is not a regular file", path);
}

int reader_open(const char *path, size_t line_max, struct reader **out, struct err *err)
{
	struct reader *r;
	struct stat st = { 0 };
	int fd = STDIN_FILENO;

	if (strcmp(path, "-") != 0) {
		if (stat(path, &st) < 0)
			return err_set(err, errno == EACCES ? ERR_PERM : ERR_MISSING,
				       "'%s' cannot be read: %s", path, strerror(errno));
		if (check_kind(path, &st, err) < 0)
			return err->kind;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd < 0)
			return err_set(err, errno == EACCES ? ERR_PERM : ERR_IO,
				       "'%s' cannot be opened: %s", path, strerror(errno));
	}
	r = mem_zalloc(sizeof(*r));
	r->fd = fd;
	r->path = mem_strdup(path);
	r->line_max = line_max;
	r->cap = BLOCK;
	r->buffer = mem_zalloc(r->cap);
	r->line = 0;
	r->size = (uint64_t)st.st_size;
	r->mtime = fd == STDIN_FILENO ? clock_now() :
					(int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
	*out = r;
	return 0;
}

void reader_close(struct reader *r)
{
	if (!r)
		return;
	if (r->fd != STDIN_FILENO)
		close(r->fd);
	free(r->buffer);
	free(r->path);
	free(r);
}

/* More bytes behind what is there; 0 at the end of the file. */
static int reader_fill(struct reader *r, struct err *err)
{
	ssize_t n;

	if (r->start) {
		memmove(r->buffer, r->buffer + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	if (r->cap - r->end < BLOCK / 2)
		r->buffer = mem_grow(r->buffer, &r->cap, r->end + BLOCK, 1);
	do {
		n = read(r->fd, r->buffer + r->end, r->cap - r->end);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, ERR_IO, "'%s' cannot be read further: %s", r->path,
			       strerror(errno));
	r->end += (size_t)n;
	r->bytes += (uint64_t)n;
	r->eof = n == 0;
	return 0;
}

static void reader_take(struct reader *r, size_t len, size_t with_end, struct reader_line *line)
{
	line->bytes = (struct slice){ r->buffer + r->start, len };
	if (line->bytes.len && line->bytes.at[line->bytes.len - 1] == '\r')
		line->bytes.len--;
	line->offset = r->offset;
	line->line = ++r->line;
	r->start += with_end;
	r->offset += with_end;
}

/* The rest of a line that is too long is passed over without being kept. */
static int reader_skip_rest(struct reader *r, struct err *err)
{
	for (;;) {
		char *at = memchr(r->buffer + r->start, '\n', r->end - r->start);
		size_t skip = at ? (size_t)(at - r->buffer) + 1 - r->start : r->end - r->start;

		r->offset += skip;
		r->start += skip;
		if (at || r->eof)
			return 0;
		if (reader_fill(r, err) < 0)
			return err->kind;
	}
}

int reader_next(struct reader *r, struct reader_line *line, struct err *err)
{
	size_t seen = 0;

	line->cut = false;
	for (;;) {
		size_t have = r->end - r->start;
		char *at = have > seen ? memchr(r->buffer + r->start + seen, '\n', have - seen) : NULL;
		char *kept;

		if (at && (size_t)(at - r->buffer) - r->start <= r->line_max) {
			size_t len = (size_t)(at - r->buffer) - r->start;

			reader_take(r, len, len + 1, line);
			return 1;
		}
		if (have > r->line_max) {
			line->cut = true;
			kept = mem_strndup(r->buffer + r->start, r->line_max);
			reader_take(r, r->line_max, r->line_max, line);
			if (reader_skip_rest(r, err) < 0) {
				free(kept);
				return err->kind;
			}
			/* what was kept goes in front of what is left in the buffer */
			r->buffer = mem_grow(r->buffer, &r->cap, r->end + r->line_max, 1);
			memmove(r->buffer + r->line_max, r->buffer + r->start, r->end - r->start);
			r->end = r->line_max + r->end - r->start;
			r->start = r->line_max;
			memcpy(r->buffer, kept, r->line_max);
			line->bytes = (struct slice){ r->buffer, r->line_max };
			free(kept);
			return 1;
		}
		if (r->eof) {
			if (!have)
				return 0;
			reader_take(r, have, have, line);
			return 1;
		}
		seen = have;
		if (reader_fill(r, err) < 0)
			return err->kind;
	}
}

uint64_t reader_bytes(const struct reader *r)
{
	return r->bytes;
}

uint64_t reader_size(const struct reader *r)
{
	return r->size;
}

int64_t reader_mtime(const struct reader *r)
{
	return r->mtime;
}
