/*
 * One stream. Its position is always the beginning of a line: an unfinished line is simply read again, so nothing
 * needs to be kept in memory and the saved offset is exact.
 */
#include "input/tail.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int tail_open(const char *path, struct stat *st, struct err *err)
{
	int fd;

	if (stat(path, st) < 0)
		return err_set(err, errno == EACCES ? ERR_PERM : ERR_MISSING, "'%s' cannot be read: %s",
			       path, strerror(errno));
	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_USAGE, "'%s' is %s, not a file that can be followed", path,
			       S_ISDIR(st->st_mode) ? "a directory" :
			       S_ISFIFO(st->st_mode) ? "a FIFO" : "a special file");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, st) < 0) {
		err_set(err, errno == EACCES ? ERR_PERM : ERR_IO, "'%s' cannot be opened: %s", path,
			strerror(errno));
		if (fd >= 0)
			close(fd);
		return err->kind;
	}
	return fd;
}

void position_clear(struct position *p)
{
	free(p->source);
	free(p->path);
	p->source = p->path = NULL;
}

void tail_free(struct tail *t)
{
	if (!t)
		return;
	if (t->fd >= 0)
		close(t->fd);
	position_clear(&t->at);
	free(t);
}

static size_t hash_range(int fd, uint64_t from, size_t len, char out[33])
{
	char bytes[HEAD_MAX];
	ssize_t n = len ? pread(fd, bytes, len, (off_t)from) : 0;
	struct slice part = { bytes, n > 0 ? (size_t)n : 0 };

	hash_sha256_hex(&part, 1, 16, out);
	return part.len;
}

void identity_read(int fd, uint64_t offset, const struct stat *st, struct identity *out)
{
	size_t head = st->st_size < HEAD_MAX ? (size_t)st->st_size : HEAD_MAX;
	size_t before = offset < BEFORE_MAX ? (size_t)offset : BEFORE_MAX;

	out->head_len = hash_range(fd, 0, head, out->head);
	out->before_len = hash_range(fd, offset - before, before, out->before);
	out->dev = st->st_dev;
	out->ino = st->st_ino;
}

enum identity_match identity_matches(int fd, const struct stat *st, const struct position *saved)
{
	const struct identity *id = &saved->id;
	bool same_place = id->dev == st->st_dev && id->ino == st->st_ino;
	char hash[33];

	if ((uint64_t)st->st_size < id->head_len ||
	    (hash_range(fd, 0, id->head_len, hash) != id->head_len || strcmp(hash, id->head) != 0))
		return same_place ? IDENTITY_REWRITTEN : IDENTITY_OTHER;
	if (!id->head_len && !same_place)
		return IDENTITY_OTHER;	/* an empty file is known by its place only */
	if ((uint64_t)st->st_size < saved->offset)
		return same_place ? IDENTITY_REWRITTEN : IDENTITY_OTHER;
	hash_range(fd, saved->offset - id->before_len, id->before_len, hash);
	if (strcmp(hash, id->before) != 0)
		return same_place ? IDENTITY_REWRITTEN : IDENTITY_OTHER;
	return IDENTITY_SAME;
}

static void line_give(struct tail *t, const struct input_callbacks *callbacks, struct slice bytes,
		      bool cut)
{
	struct input_line line = {
		.source = t->source, .file = t->at.path, .stream = t->at.stream,
		.generation = t->at.generation, .line = t->at.lines + 1, .offset = t->at.offset,
		.bytes = bytes, .cut = cut, .mtime = t->mtime,
	};

	if (line.bytes.len && line.bytes.at[line.bytes.len - 1] == '\r')
		line.bytes.len--;
	t->at.lines++;
	t->last_line = clock_now();
	callbacks->line(callbacks->context, &line);
}

/* Lines of one filled buffer; how many bytes of it are done. */
static size_t buffer_give(struct tail *t, const struct input_callbacks *callbacks, char *buffer,
			  size_t len, size_t line_max, bool final, size_t *lines)
{
	size_t at = 0;

	while (at < len) {
		char *end = memchr(buffer + at, '\n', len - at);
		size_t line = end ? (size_t)(end - buffer) - at : len - at;
		size_t step = end ? line + 1 : line;

		if (!end && !t->at.skipping && line <= line_max && !final)
			break;		/* unfinished */
		if (t->at.skipping) {
			t->at.skipping = !end;
		} else {
			line_give(t, callbacks, (struct slice){ buffer + at,
								line < line_max ? line : line_max },
				  line > line_max);
			(*lines)++;
			t->at.skipping = !end && line > line_max;
		}
		at += step;
		t->at.offset += step;
		t->changed = true;
	}
	return at;
}

bool tail_read(struct tail *t, const struct input_callbacks *callbacks, char *buffer,
	       size_t line_max, uint64_t limit, bool final, size_t *lines)
{
	uint64_t done = 0;

	while (done < limit) {
		ssize_t n = pread(t->fd, buffer, line_max + 1, (off_t)t->at.offset);
		bool at_end;
		size_t used;

		if (n <= 0)
			return true;
		at_end = (size_t)n < line_max + 1;
		used = buffer_give(t, callbacks, buffer, (size_t)n, line_max, final && at_end, lines);
		done += used;
		if (!used || (at_end && used == (size_t)n))
			return true;
		if (at_end)
			return true;	/* an unfinished line is left */
	}
	return false;
}

static void add_int(struct json_object *o, const char *name, uint64_t n)
{
	json_object_object_add(o, name, json_object_new_int64((int64_t)n));
}

struct json_object *position_to_json(const struct position *p)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "source", json_object_new_string(p->source));
	json_object_object_add(o, "path", json_object_new_string(p->path));
	add_int(o, "stream", p->stream);
	add_int(o, "generation", p->generation);
	add_int(o, "offset", p->offset);
	add_int(o, "lines", p->lines);
	add_int(o, "skipping", p->skipping);
	add_int(o, "done", p->done);
	add_int(o, "head_len", p->id.head_len);
	add_int(o, "before_len", p->id.before_len);
	json_object_object_add(o, "head", json_object_new_string(p->id.head));
	json_object_object_add(o, "before", json_object_new_string(p->id.before));
	add_int(o, "dev", p->id.dev);
	add_int(o, "ino", p->id.ino);
	return o;
}

static uint64_t get_int(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return (uint64_t)json_object_get_int64(value);
}

static const char *get_text(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value ? json_object_get_string(value) : "";
}

int position_from_json(const char *json, struct position *out, struct err *err)
{
	struct json_object *o = json_tokener_parse(json);

	if (!json_object_is_type(o, json_type_object) || !get_int(o, "stream")) {
		json_object_put(o);
		return err_set(err, ERR_CONFIG, "it is not a position");
	}
	*out = (struct position){
		.stream = get_int(o, "stream"), .generation = (unsigned)get_int(o, "generation"),
		.offset = get_int(o, "offset"), .lines = get_int(o, "lines"),
		.skipping = get_int(o, "skipping") != 0, .done = get_int(o, "done") != 0,
		.source = mem_strdup(get_text(o, "source")), .path = mem_strdup(get_text(o, "path")),
		.id = { .head_len = get_int(o, "head_len"), .before_len = get_int(o, "before_len"),
			.dev = get_int(o, "dev"), .ino = get_int(o, "ino") },
	};
	snprintf(out->id.head, sizeof(out->id.head), "%s", get_text(o, "head"));
	snprintf(out->id.before, sizeof(out->id.before), "%s", get_text(o, "before"));
	if (out->id.head_len > HEAD_MAX || out->id.before_len > BEFORE_MAX ||
	    out->id.before_len > out->offset) {
		position_clear(out);
		json_object_put(o);
		return err_set(err, ERR_CONFIG, "its numbers make no sense");
	}
	json_object_put(o);
	return 0;
}
