/*
 * Layers: the file itself is the lowest; where the bytes of a layer begin like a packed file, libarchive opens the next
 * layer over them. A member is what stands on top and is not packed. libarchive is only asked where the first bytes
 * say so, so a log is never taken for an archive because of what stands further on in it.
 */
#include "base/unpack.h"

#include "base/clock.h"
#include "base/mem.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYERS_MAX 5			/* gz in tar in gz is 4 with the file */
#define HEAD 512			/* a tar says so in its byte 257 */
#define BLOCK (64 * 1024)

struct layer {
	struct unpack *unpack;
	struct layer *below;		/* NULL: the file */
	struct archive *archive;	/* NULL for the file */
	struct text member;		/* name of the member that is open */
	bool is_archive;		/* tar or zip: its members have names */
	bool is_open, failed;		/* a member is being read; nothing more can be read */
	char head[HEAD], *block;	/* bytes read ahead to know what it is; what libarchive works on */
	size_t head_len, head_at;
	int damage;			/* what stopped the reading ahead */
};

struct unpack {
	char *path;
	int fd;
	bool seekable;
	int64_t at, mtime;		/* of the file; of the member */
	struct layer *layers[LAYERS_MAX];
	size_t n;
	struct text name;
};

/* `?` is any byte. */
static const struct { size_t at, len; const char *bytes; } magics[] = {
	{ 0, 3, "\x1f\x8b\x08" },	/* gzip */
	{ 0, 6, "\xfd" "7zXZ" },	/* xz, with its NUL */
	{ 0, 4, "\x28\xb5\x2f\xfd" },	/* zstd */
	{ 0, 10, "BZh?1AY&SY" },	/* bzip2 */
	{ 0, 4, "PK\x03\x04" },		/* zip */
	{ 0, 4, "PK\x05\x06" },		/* an empty zip */
	{ 257, 5, "ustar" },
};

static bool bytes_match(const char *at, const char *pattern, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (pattern[i] != '?' && pattern[i] != at[i])
			return false;
	return true;
}

bool unpack_is_packed(struct slice head)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (head.len >= magics[i].at + magics[i].len &&
		    bytes_match(head.at + magics[i].at, magics[i].bytes, magics[i].len))
			return true;
	return false;
}

static long file_read(struct unpack *u, void *to, size_t size, struct err *err)
{
	ssize_t n;

	do {
		n = u->seekable ? pread(u->fd, to, size, (off_t)u->at) : read(u->fd, to, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, ERR_IO, "'%s' cannot be read further: %s", u->path, strerror(errno));
	u->at += n;
	return n;
}

static int layer_fail(struct layer *l, int code, struct err *err)
{
	struct unpack *u = l->unpack;
	const char *why = archive_error_string(l->archive);

	l->failed = l->failed || code <= ARCHIVE_FATAL;
	return err_set(err, ERR_IO, "'%s'%s%s is damaged or cannot be unpacked: %s", u->path,
		       u->name.len ? "!" : "", u->name.len ? u->name.at : "", why ? why : "no reason given");
}

/* What lies on a layer: the bytes read ahead, then the rest. */
static long layer_read(struct layer *l, void *to, size_t size, struct err *err)
{
	size_t left = l->head_len - l->head_at;
	la_ssize_t n;

	if (left) {
		left = left < size ? left : size;
		memcpy(to, l->head + l->head_at, left);
		l->head_at += left;
		return (long)left;
	}
	if (!l->archive)
		return file_read(l->unpack, to, size, err);
	n = l->damage ? l->damage : archive_read_data(l->archive, to, size);
	return n < 0 ? layer_fail(l, (int)n, err) : (long)n;
}

/* Reads ahead until it can be told what it is. Damage is said when the bytes are asked for. */
static void layer_peek(struct layer *l)
{
	long n = 1;

	l->head_len = l->head_at = 0;
	while (n > 0 && l->head_len < HEAD) {
		n = l->archive ? (long)archive_read_data(l->archive, l->head + l->head_len, HEAD - l->head_len) :
				 file_read(l->unpack, l->head + l->head_len, HEAD - l->head_len, NULL);
		l->head_len += n > 0 ? (size_t)n : 0;
	}
	l->damage = n < 0 ? (int)n : 0;
}

static void layer_pop(struct unpack *u)
{
	struct layer *l = u->layers[--u->n];

	archive_read_free(l->archive);
	text_clear(&l->member);
	free(l->block);
	free(l);
}

static la_ssize_t on_read(struct archive *a, void *context, const void **bytes)
{
	struct layer *l = context;
	struct err err;
	long n = layer_read(l->below, l->block, BLOCK, &err);

	*bytes = l->block;
	if (n < 0)
		archive_set_error(a, EIO, "%s", err.text);
	return n < 0 ? ARCHIVE_FATAL : n;
}

/* Only over a file: a zip's table of contents stands at its end. */
static la_int64_t on_seek(struct archive *a, void *context, la_int64_t offset, int whence)
{
	struct layer *l = context;
	struct unpack *u = l->unpack;
	struct stat st;

	if (fstat(u->fd, &st) < 0) {
		archive_set_error(a, errno, "%s", strerror(errno));
		return ARCHIVE_FATAL;
	}
	if (whence == SEEK_CUR)
		offset += u->at - (int64_t)(l->below->head_len - l->below->head_at);
	else if (whence == SEEK_END)
		offset += (int64_t)st.st_size;
	u->at = offset;
	l->below->head_at = l->below->head_len;
	return u->at;
}

static struct layer *layer_push(struct unpack *u)
{
	struct layer *l = mem_zalloc(sizeof(*l));

	l->unpack = u;
	l->below = u->n ? u->layers[u->n - 1] : NULL;
	u->layers[u->n++] = l;
	return l;
}

static int layer_open(struct unpack *u, struct err *err)
{
	struct layer *l = layer_push(u);
	struct archive *a = l->archive = archive_read_new();

	l->block = mem_zalloc(BLOCK);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_raw(a);
	archive_read_support_format_empty(a);
	if (memcmp(l->below->head, "PK", 2) == 0)
		archive_read_support_format_zip(a);
	archive_read_set_read_callback(a, on_read);
	if (!l->below->archive && u->seekable)
		archive_read_set_seek_callback(a, on_seek);
	archive_read_set_callback_data(a, l);
	if (archive_read_open1(a) == ARCHIVE_OK)
		return 0;
	layer_fail(l, ARCHIVE_FATAL, err);
	return err ? err->kind : ERR_IO;
}

int unpack_open(int fd, const char *path, struct unpack **out, struct err *err)
{
	struct unpack *u = mem_zalloc(sizeof(*u));
	struct stat st;

	u->fd = fd;
	u->path = mem_strdup(path);
	if (fstat(fd, &st) < 0) {
		err_set(err, ERR_IO, "'%s' cannot be read: %s", path, strerror(errno));
		unpack_free(u);
		return ERR_IO;
	}
	u->seekable = S_ISREG(st.st_mode);
	layer_push(u);
	*out = u;
	return 0;
}

void unpack_free(struct unpack *u)
{
	if (!u)
		return;
	while (u->n)
		layer_pop(u);
	text_clear(&u->name);
	free(u->path);
	free(u);
}

static void name_build(struct unpack *u)
{
	text_reset(&u->name);
	for (size_t i = 0; i < u->n; i++)
		if (u->layers[i]->is_archive)
			text_addf(&u->name, "%s%s", u->name.len ? "!" : "", u->layers[i]->member.at);
}

/* The next member of one layer: 1, or 0 when the layer has no more. */
static int layer_next(struct layer *l, struct err *err)
{
	struct archive_entry *entry;
	const char *name;
	int rc;

	if (!l->archive) {
		if (l->is_open)
			return 0;
		l->is_open = true;
		layer_peek(l);
		return 1;
	}
	do {
		rc = archive_read_next_header(l->archive, &entry);
		if (rc == ARCHIVE_EOF)
			return 0;
		if (rc < ARCHIVE_WARN)
			return layer_fail(l, rc, err);
	} while (archive_entry_filetype(entry) && archive_entry_filetype(entry) != AE_IFREG);
	l->is_archive = archive_format(l->archive) != ARCHIVE_FORMAT_RAW;
	name = archive_entry_pathname(entry);
	text_reset(&l->member);
	text_add(&l->member, name ? name : "?");
	if (l->is_archive)
		l->unpack->mtime = archive_entry_mtime_is_set(entry) ?
			(int64_t)archive_entry_mtime(entry) * NS_PER_S : TIME_NONE;
	layer_peek(l);
	return 1;
}

int unpack_next(struct unpack *u, struct unpack_member *member, struct err *err)
{
	u->mtime = TIME_NONE;
	while (u->n) {
		struct layer *top = u->layers[u->n - 1];
		int rc = top->failed ? 0 : layer_next(top, err);

		if (rc < 0)
			return rc;
		if (rc == 0) {
			layer_pop(u);
			continue;
		}
		name_build(u);
		if (unpack_is_packed((struct slice){ top->head, top->head_len }) && u->n < LAYERS_MAX) {
			if (layer_open(u, err) < 0)
				return ERR_IO;
			continue;
		}
		member->name = u->name.len ? u->name.at : NULL;
		member->mtime = u->mtime;
		return 1;
	}
	return 0;
}

long unpack_read(struct unpack *u, void *to, size_t size, struct err *err)
{
	return u->n ? layer_read(u->layers[u->n - 1], to, size, err) : 0;
}
