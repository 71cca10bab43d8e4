/*
 * The caller's buffer is filled with what was left of the last line and what is read, and cut at the last
 * newline; what stands behind it is kept for the next block.
 */
#include "replay/reader.h"

#include "base/clock.h"
#include "base/mem.h"
#include "replay/pump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES 512
#define READ_BYTES (256 * 1024)

struct reader {
	int fd;
	struct pump *pump;		/* NULL: fd is read as it is */
	char *left;			/* the beginning of a line */
	size_t n_left, cap_left;
	size_t line_max;
	enum encoding known, framing;
	uint64_t offset;		/* of left[0] */
	uint64_t bytes, size;
	int64_t mtime;
	bool eof, skipping;		/* skipping: inside the rest of a line that was too long */
	bool failed;			/* damage is told after what stood before it was handed over */
	struct err err;
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

static int file_open(const char *path, struct stat *st, struct err *err)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return STDIN_FILENO;
	if (stat(path, st) < 0)
		return err_set(err, errno == EACCES ? ERR_PERM : ERR_MISSING, "'%s' cannot be read: %s",
			       path, strerror(errno));
	if (check_kind(path, st, err) < 0)
		return err->kind;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_set(err, errno == EACCES ? ERR_PERM : ERR_IO, "'%s' cannot be opened: %s",
			       path, strerror(errno));
	return fd;
}

static bool file_is_packed(int fd)
{
	char head[HEAD_BYTES];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return n > 0 && unpack_is_packed((struct slice){ head, (size_t)n });
}

static void file_close(int fd)
{
	if (fd != STDIN_FILENO)
		close(fd);
}

static int member_names(int fd, const char *path, struct strlist *names, struct err *err)
{
	struct unpack_member member;
	struct unpack *unpack;
	struct text name = { 0 };
	int rc;

	if (unpack_open(fd, path, &unpack, err) < 0)
		return err->kind;
	while ((rc = unpack_next(unpack, &member, err)) == 1) {
		text_reset(&name);
		text_add(&name, path);
		if (member.name)
			text_addf(&name, "!%s", member.name);
		strlist_add(names, name.at);
	}
	text_clear(&name);
	unpack_free(unpack);
	return rc;
}

int reader_names(const char *path, struct strlist *names, struct err *err)
{
	struct stat st;
	int fd = file_open(path, &st, err), rc = 0;

	if (fd < 0)
		return fd;
	if (fd != STDIN_FILENO && file_is_packed(fd))
		rc = member_names(fd, path, names, err);
	else
		strlist_add(names, path);
	file_close(fd);
	return rc;
}

/* Stands at the member of that name (NULL: the only one). */
static int member_find(struct unpack *unpack, const char *path, const char *want, int64_t *mtime,
		       struct err *err)
{
	struct unpack_member member;
	int rc;

	while ((rc = unpack_next(unpack, &member, err)) == 1)
		if (!want || (member.name && strcmp(member.name, want) == 0)) {
			if (member.mtime != TIME_NONE && want)
				*mtime = member.mtime;
			return 0;
		}
	return rc < 0 ? rc : err_set(err, ERR_MISSING, "'%s' holds no '%s'", path, want ? want : "");
}

static int reader_open_packed(struct reader *r, const char *path, const char *member, struct err *err)
{
	struct unpack *unpack;
	int rc = unpack_open(r->fd, path, &unpack, err);

	if (rc < 0)
		return rc;
	rc = member_find(unpack, path, member, &r->mtime, err);
	if (rc == 0)
		r->pump = pump_new(r->fd, unpack);
	else
		unpack_free(unpack);
	return rc;
}

int reader_open(const char *name, enum encoding known, size_t line_max, struct reader **out, struct err *err)
{
	const char *bang = strchr(name, '!');
	char *path = bang && access(name, F_OK) != 0 ? mem_strndup(name, (size_t)(bang - name)) :
						       mem_strdup(name);
	struct stat st = { 0 };
	int fd = file_open(path, &st, err), rc = 0;
	struct reader *r;

	if (fd < 0) {
		free(path);
		return fd;
	}
	r = mem_zalloc(sizeof(*r));
	r->fd = fd;
	r->path = mem_strdup(name);
	r->line_max = line_max;
	r->known = known;
	r->size = (uint64_t)st.st_size;
	r->mtime = fd == STDIN_FILENO ? clock_now() :
					(int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
	if (fd == STDIN_FILENO || file_is_packed(fd))
		rc = reader_open_packed(r, path, strlen(path) < strlen(name) ? bang + 1 : NULL, err);
	free(path);
	if (rc < 0)
		reader_close(r);
	else
		*out = r;
	return rc;
}

void reader_close(struct reader *r)
{
	if (!r)
		return;
	if (r->pump)
		pump_free(r->pump);
	else
		file_close(r->fd);
	free(r->left);
	free(r->path);
	free(r);
}

static long read_some(struct reader *r, char *to, size_t size, struct err *err)
{
	ssize_t n;

	if (r->pump)
		return pump_read(r->pump, to, size, err);
	do {
		n = read(r->fd, to, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, ERR_IO, "'%s' cannot be read further: %s", r->path, strerror(errno));
	return n;
}

/* Appends about `more` bytes; sets eof at the end. */
static int block_fill(struct reader *r, struct reader_block *b, size_t more, struct err *err)
{
	long n;

	b->bytes = mem_grow(b->bytes, &b->cap, b->len + more, 1);
	n = read_some(r, b->bytes + b->len, more, err);
	if (n < 0)
		return (int)n;
	b->len += (size_t)n;
	r->bytes += (uint64_t)n;
	r->eof = n == 0;
	return 0;
}

/* The rest of a line that was too long: drops what belongs to it from the block's front. */
static void block_skip(struct reader *r, struct reader_block *b)
{
	size_t end_len, end = encoding_line_end(r->framing, b->bytes, b->len, &end_len);
	size_t drop = end != SIZE_MAX ? end + end_len : r->eof ? b->len : b->len / end_len * end_len;

	memmove(b->bytes, b->bytes + drop, b->len - drop);
	b->len -= drop;
	b->offset += drop;
	r->skipping = end == SIZE_MAX;
}

static void left_keep(struct reader *r, const struct reader_block *b, size_t whole)
{
	r->n_left = b->len - whole;
	r->left = mem_grow(r->left, &r->cap_left, r->n_left + 1, 1);
	memcpy(r->left, b->bytes + whole, r->n_left);
	r->offset = b->offset + whole;
}

/* Keeps what stands behind the last newline for the next block. False: there is no newline yet. */
static bool block_cut(struct reader *r, struct reader_block *b)
{
	size_t whole = encoding_whole_lines(r->framing, b->bytes, b->len);

	if (!whole && b->len > r->line_max) {
		b->cut_last = true;
		r->skipping = true;
		left_keep(r, b, r->framing == ENCODING_UTF8 ? b->len : b->len / 2 * 2);	/* whole units */
		b->len = r->line_max;
		return true;
	}
	if (!whole)
		return false;
	left_keep(r, b, whole);
	b->len = whole;
	return true;
}

int reader_next(struct reader *r, size_t want, struct reader_block *b, struct err *err)
{
	b->len = r->n_left;
	b->bytes = mem_grow(b->bytes, &b->cap, b->len + 1, 1);
	if (r->n_left)
		memcpy(b->bytes, r->left, r->n_left);
	b->offset = r->offset;
	b->cut_last = false;
	r->n_left = 0;
	for (;;) {
		int rc = r->eof ? 0 : block_fill(r, b, b->len < want ? want - b->len : READ_BYTES, err);

		if (rc < 0) {
			r->eof = r->failed = true;
			r->err = *err;
		}
		if (b->offset == 0 && !r->skipping)
			r->framing = encoding_framing(r->known, (struct slice){ b->bytes, b->len });
		b->framing = r->framing;
		if (r->skipping)
			block_skip(r, b);
		if (r->eof && b->len) {
			r->offset = b->offset + b->len;
			return 1;
		}
		if (r->eof && r->failed) {
			r->failed = false;
			*err = r->err;
			return err->kind;
		}
		if (r->eof)
			return 0;
		if (b->len >= want && block_cut(r, b))
			return 1;
	}
}

void reader_give_back(struct reader *r, const char *bytes, size_t n)
{
	r->left = mem_grow(r->left, &r->cap_left, n + r->n_left + 1, 1);
	memmove(r->left + n, r->left, r->n_left);
	memcpy(r->left, bytes, n);
	r->n_left += n;
	r->offset -= n;
}

bool reader_is_at_end(const struct reader *r)
{
	return r->eof;
}

uint64_t reader_bytes(const struct reader *r)
{
	return r->bytes;
}

uint64_t reader_taken(const struct reader *r)
{
	off_t at = r->fd == STDIN_FILENO ? -1 : lseek(r->fd, 0, SEEK_CUR);

	return at > 0 ? (uint64_t)at : 0;
}

uint64_t reader_size(const struct reader *r)
{
	return r->size;
}

int64_t reader_mtime(const struct reader *r)
{
	return r->mtime;
}
