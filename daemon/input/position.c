/*
 * Knowing a file again. Prints are taken from the bytes that were read, never from the file later on: a file that was
 * rewritten in between would be taken for the one that was read.
 */
#include "input/position.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/unpack.h"

#include <endian.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void position_clear(struct position *p)
{
	free(p->source);
	free(p->path);
	p->source = p->path = NULL;
}

static void add_int(struct json_object *o, const char *name, uint64_t n)
{
	json_object_object_add(o, name, json_object_new_int64((int64_t)n));
}

/* Those that there are, by their place. */
static struct json_object *marks_to_json(const uint64_t marks[MARKS])
{
	struct json_object *o = json_object_new_object();
	char place[8];

	for (unsigned i = 0; i < MARKS; i++) {
		snprintf(place, sizeof(place), "%u", i);
		if (marks[i])
			add_int(o, place, marks[i]);
	}
	return o;
}

static void marks_from_json(struct json_object *o, uint64_t marks[MARKS])
{
	json_object_object_foreach(o, place, value)
		marks[strtoul(place, NULL, 10) % MARKS] = (uint64_t)json_object_get_int64(value);
}

struct json_object *position_to_json(const struct position *p)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "source", json_object_new_string(p->source));
	json_object_object_add(o, "path", json_object_new_string(p->path));
	add_int(o, "stream", p->stream);
	add_int(o, "offset", p->offset);
	add_int(o, "lines", p->lines);
	add_int(o, "seen", p->seen);
	add_int(o, "when", (uint64_t)p->when);
	add_int(o, "done", p->done);
	add_int(o, "truncated", p->truncated);
	add_int(o, "said", p->said);
	add_int(o, "skipping", p->skipping);
	json_object_object_add(o, "head", json_object_new_string(p->id.head));
	json_object_object_add(o, "before", json_object_new_string(p->id.before));
	json_object_object_add(o, "marks", marks_to_json(p->id.marks));
	add_int(o, "head_len", p->id.head_len);
	add_int(o, "dev", p->id.dev);
	add_int(o, "ino", p->id.ino);
	add_int(o, "born", (uint64_t)p->id.born);
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
	struct json_object *o = json_tokener_parse(json), *marks = NULL;

	if (!json_object_is_type(o, json_type_object) || !get_int(o, "stream")) {
		json_object_put(o);
		return err_set(err, ERR_CONFIG, "it is not a position");
	}
	*out = (struct position){
		.stream = get_int(o, "stream"), .offset = get_int(o, "offset"),
		.lines = get_int(o, "lines"), .seen = get_int(o, "seen"),
		.when = (int64_t)get_int(o, "when"), .done = get_int(o, "done") != 0, .truncated = get_int(o, "truncated") != 0,
		.said = get_int(o, "said") != 0, .skipping = get_int(o, "skipping") != 0,
		.source = mem_strdup(get_text(o, "source")), .path = mem_strdup(get_text(o, "path")),
		.id = { .dev = get_int(o, "dev"), .ino = get_int(o, "ino"),
			.born = (int64_t)get_int(o, "born") },
	};
	out->id.head_len = get_int(o, "head_len");
	out->id.before_len = out->offset < BEFORE_MAX ? (size_t)out->offset : BEFORE_MAX;
	snprintf(out->id.head, sizeof(out->id.head), "%s", get_text(o, "head"));
	snprintf(out->id.before, sizeof(out->id.before), "%s", get_text(o, "before"));
	if (json_object_object_get_ex(o, "marks", &marks) && json_object_is_type(marks, json_type_object))
		marks_from_json(marks, out->id.marks);
	json_object_put(o);
	if (out->id.head_len > HEAD_MAX) {
		position_clear(out);
		return err_set(err, ERR_CONFIG, "its numbers make no sense");
	}
	return 0;
}

void print_advance(struct print *print, uint64_t old_offset, const char *from, size_t used)
{
	size_t all = print->before_len + used, keep = least(all, BEFORE_MAX);
	uint64_t mark = old_offset / MARK_EVERY + 1, last = (old_offset + used) / MARK_EVERY;

	if (old_offset < HEAD_MAX) {
		size_t more = least(used, HEAD_MAX - (size_t)old_offset);

		memcpy(print->head + old_offset, from + print->before_len, more);
		print->head_len = (size_t)old_offset + more;
	}
	if (last >= MARKS && mark <= last - MARKS)	/* the others would be overwritten */
		mark = last - MARKS + 1;
	for (; mark <= last; mark++) {
		size_t end = print->before_len + (size_t)(mark * MARK_EVERY - old_offset);

		if (end >= BEFORE_MAX)
			print->marks[mark % MARKS] = hash_bytes((struct slice){ from + end - BEFORE_MAX, BEFORE_MAX });
	}
	memcpy(print->before, from + all - keep, keep);
	print->before_len = keep;
}

bool print_ends_in(const struct print *print, const struct identity *read, uint64_t offset, uint64_t end)
{
	uint64_t mark = end / MARK_EVERY;

	return mark && offset - end <= UNPACKED_MAX && print->marks[mark % MARKS] &&
	       print->marks[mark % MARKS] == read->marks[mark % MARKS];
}

bool print_read(int fd, uint64_t offset, struct print *out)
{
	out->head_len = offset < HEAD_MAX ? (size_t)offset : HEAD_MAX;
	out->before_len = offset < BEFORE_MAX ? (size_t)offset : BEFORE_MAX;
	return pread(fd, out->head, out->head_len, 0) == (ssize_t)out->head_len &&
	       pread(fd, out->before, out->before_len, (off_t)(offset - out->before_len)) ==
		       (ssize_t)out->before_len;
}

static void print_hash(const char *at, size_t len, char out[33])
{
	struct slice part = { at, len };

	hash_sha256_hex(&part, 1, 16, out);
}

void identity_of(const struct print *print, struct identity *out)
{
	memcpy(out->marks, print->marks, sizeof(out->marks));
	out->head_len = print->head_len;
	out->before_len = print->before_len;
	print_hash(print->head, print->head_len, out->head);
	print_hash(print->before, print->before_len, out->before);
}

void identity_of_head(const struct sight *s, struct identity *out)
{
	memset(out->marks, 0, sizeof(out->marks));
	out->head_len = s->head_len;
	out->before_len = 0;
	print_hash(s->head, s->head_len, out->head);
	print_hash("", 0, out->before);
}

/* gzip ends with the size of what it holds (modulo 2^32); a single member only, which is what logrotate makes. */
static uint64_t packed_size(const struct sight *s, const char *magic)
{
	uint32_t size;

	if (memcmp(magic, "\x1f\x8b", 2) != 0 || s->st.st_size < 18 ||
	    pread(s->fd, &size, sizeof(size), s->st.st_size - 4) != sizeof(size))
		return SIZE_UNKNOWN;
	/* less than the file is no size of all its members */
	return le32toh(size) + (le32toh(size) >> 8) + 1024 < s->st.st_size ? SIZE_UNKNOWN : le32toh(size);
}

static bool packed_head(struct sight *s, const char *path)
{
	struct unpack *unpack;
	struct unpack_member member;
	char beyond;
	long n = 0;

	if (unpack_open(s->fd, path, &unpack, NULL) < 0)
		return false;
	if (unpack_next(unpack, &member, NULL) == 1)
		while ((n = unpack_read(unpack, s->head + s->head_len, HEAD_MAX - s->head_len, NULL)) > 0)
			s->head_len += (size_t)n;
	if (n == 0 && s->head_len < HEAD_MAX)
		s->size = s->head_len;
	else if (n == 0 && unpack_read(unpack, &beyond, 1, NULL) == 0)
		s->size = HEAD_MAX;
	unpack_free(unpack);
	return n >= 0;
}

static int64_t born_at(int fd)
{
	struct statx sx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &sx) < 0 || !(sx.stx_mask & STATX_BTIME))
		return 0;
	return sx.stx_btime.tv_sec * NS_PER_S + sx.stx_btime.tv_nsec;
}

bool sight_read(struct sight *s, const char *path)
{
	ssize_t n = pread(s->fd, s->head, HEAD_MAX, 0);
	char magic[2];

	s->born = born_at(s->fd);
	s->head_len = n > 0 ? (size_t)n : 0;
	s->size = (uint64_t)s->st.st_size;
	s->packed = unpack_is_packed((struct slice){ s->head, s->head_len });
	if (!s->packed)
		return true;
	memcpy(magic, s->head, sizeof(magic));
	s->size = packed_size(s, magic);
	s->head_len = 0;
	return packed_head(s, path);
}

bool sight_in_place(const struct sight *s, const struct position *p)
{
	return p->id.dev == s->st.st_dev && p->id.ino == s->st.st_ino &&
	       (!s->born || !p->id.born || s->born == p->id.born);
}

enum match sight_matches(const struct sight *s, const struct position *p)
{
	bool shorter = s->size < p->offset && !(s->packed && p->offset > UINT32_MAX);
	struct print print;
	char hash[33];

	if (!p->id.head_len)		/* nothing of it was ever seen */
		return sight_in_place(s, p) ? MATCH_SAME : MATCH_OTHER;
	if (s->head_len < p->id.head_len)
		return MATCH_OTHER;
	print_hash(s->head, p->id.head_len, hash);
	if (strcmp(hash, p->id.head) != 0)
		return MATCH_OTHER;
	if (shorter && p->truncated)
		return MATCH_PREFIX;
	if (shorter)
		return s->packed && p->offset - s->size <= UNPACKED_MAX ? MATCH_SHORT : MATCH_OTHER;
	if (s->packed)
		return MATCH_VERIFY;
	if (!print_read(s->fd, p->offset, &print))
		return MATCH_OTHER;
	print_hash(print.before, print.before_len, hash);
	return strcmp(hash, p->id.before) == 0 ? MATCH_SAME : MATCH_OTHER;
}
