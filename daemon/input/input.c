/*
 * Sources, and the files that belong to them now. A change seen by inotify marks a file; once a turn every marked file
 * is read a little. Names are looked at anew when something in a directory changed, and every two seconds in any
 * case: that is the fallback where inotify does not reach (network file systems, links into other directories).
 */
#include "input/input.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "input/tail.h"
#include "input/watch.h"

#include <errno.h>
#include <glob.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TURN_BYTES (256u << 10)
#define POLL_SECONDS 2
#define ROTATED_LINGER (10 * NS_PER_S)	/* a writer may hold a renamed file until it is told */

struct input {
	struct event_base *base;
	const struct config *config;
	struct input_callbacks callbacks;
	struct watch *watch;
	struct event *turn, *poll;
	struct tail **tails;
	size_t n_tails, cap_tails;
	struct position *saved;		/* from the store, not yet found again */
	size_t n_saved, cap_saved;
	struct strlist ended;		/* positions of files that were read to the end and closed, or lost */
	struct strlist ended_keys;
	struct map *seen_sources;	/* sources that have been started before */
	struct map *troubles;		/* path to the sentence that was said of it */
	struct map *by_path;		/* path to tail */
	char *buffer;
	size_t buffer_size;
	bool paused, started, scan_wanted, sources_changed;
};

static bool is_file_source(const struct source_conf *source)
{
	return !source->kind || strcmp(source->kind, "file") == 0;
}

/* Each trouble is said once, until it goes away or becomes another one. */
static void trouble(struct input *in, const struct source_conf *source, const char *path,
		    const char *sentence)
{
	char *before = map_get(in->troubles, slice_of(path));

	if (before && strcmp(before, sentence) == 0)
		return;
	free(map_put(in->troubles, slice_of(path), mem_strdup(sentence)));
	in->callbacks.trouble(in->callbacks.context, source, sentence);
}

static void trouble_over(struct input *in, const char *path)
{
	free(map_remove(in->troubles, slice_of(path)));
}

static void turn_want(struct input *in)
{
	if (in->started && !in->paused)
		event_active(in->turn, EV_TIMEOUT, 0);
}

static void on_changed(void *context, struct slice path)
{
	struct input *in = context;
	struct tail *tail = map_get(in->by_path, path);

	if (tail)
		tail->dirty = true;
	in->scan_wanted = true;		/* it may be another file by now */
	turn_want(in);
}

static struct tail *tail_by_inode(const struct input *in, const struct source_conf *source,
				  const struct stat *st)
{
	for (size_t i = 0; i < in->n_tails; i++)
		if (in->tails[i]->at.id.dev == st->st_dev && in->tails[i]->at.id.ino == st->st_ino &&
		    in->tails[i]->source == source)
			return in->tails[i];
	return NULL;
}

static void tail_register(struct input *in, struct tail *tail)
{
	struct tail *old = map_get(in->by_path, slice_of(tail->at.path));

	if (old && old != tail && old->state != TAIL_GONE) {
		tail->before = old;
		if (!old->rotated) {
			old->rotated = true;
			old->rotated_at = clock_now();
		}
	}
	map_put(in->by_path, slice_of(tail->at.path), tail);
	in->tails = mem_grow(in->tails, &in->cap_tails, in->n_tails + 1, sizeof(*in->tails));
	in->tails[in->n_tails++] = tail;
}

static struct tail *tail_new(const struct source_conf *source, const char *path, int fd,
			     const struct stat *st)
{
	struct tail *tail = mem_zalloc(sizeof(*tail));

	tail->source = source;
	tail->fd = fd;
	tail->size = (uint64_t)st->st_size;
	tail->mtime = (int64_t)st->st_mtim.tv_sec * NS_PER_S;
	tail->last_line = TIME_NONE;
	tail->dirty = tail->changed = true;
	tail->at.source = mem_strdup(source->name);
	tail->at.path = mem_strdup(path);
	tail->at.id.dev = st->st_dev;
	tail->at.id.ino = st->st_ino;
	return tail;
}

static void rewritten(struct input *in, struct tail *tail, uint64_t unread)
{
	char sentence[512];

	snprintf(sentence, sizeof(sentence),
		 "'%.300s' was truncated or rewritten; up to %llu bytes that were not read yet may be lost",
		 tail->at.path, (unsigned long long)unread);
	tail->at.generation++;
	tail->at.offset = tail->at.lines = 0;
	tail->at.skipping = false;
	tail->changed = tail->dirty = true;
	in->callbacks.trouble(in->callbacks.context, tail->source, sentence);
}

/* A saved position that is this file: taken over by the tail. */
static bool tail_restore(struct input *in, struct tail *tail, const struct stat *st)
{
	for (size_t i = 0; i < in->n_saved; i++) {
		struct position *saved = &in->saved[i];
		enum identity_match match;
		char *path = tail->at.path, *source = tail->at.source;

		if (strcmp(saved->source, source) != 0)
			continue;
		match = identity_matches(tail->fd, st, saved);
		if (match == IDENTITY_OTHER)
			continue;
		free(saved->path);
		free(saved->source);
		tail->at = *saved;
		tail->at.path = path;
		tail->at.source = source;
		tail->at.id.dev = st->st_dev;
		tail->at.id.ino = st->st_ino;
		tail->at.done = false;
		in->saved[i] = in->saved[--in->n_saved];
		if (match == IDENTITY_REWRITTEN)
			rewritten(in, tail, 0);
		return true;
	}
	return false;
}

/* Where a file begins that has no saved position. */
static uint64_t start_offset(const struct source_conf *source, bool first_start, int fd,
			     const struct stat *st)
{
	int64_t age = clock_now() - ((int64_t)st->st_mtim.tv_sec * NS_PER_S), window;
	uint64_t size = (uint64_t)st->st_size;
	char last = '\n';

	if (!first_start || !source->start || strcmp(source->start, "beginning") == 0)
		return !first_start || source->start ? 0 : size;
	if (duration_parse(slice_of(source->start), &window))
		return age <= window ? 0 : size;
	/* the end: a line that is being written now is taken whole, later */
	while (size > 0 && pread(fd, &last, 1, (off_t)size - 1) == 1 && last != '\n')
		size--;
	return size;
}

/* only_known: for `rotated` globs, whose files are read only where a position waits for them. */
static void file_seen(struct input *in, const struct source_conf *source, const char *path,
		      bool first_start, bool only_known)
{
	struct tail *tail;
	struct stat st;
	struct err err;
	int fd;

	if (stat(path, &st) == 0 && (tail = tail_by_inode(in, source, &st))) {
		if (strcmp(tail->at.path, path) != 0 && !only_known) {	/* renamed inside the glob */
			if (map_get(in->by_path, slice_of(tail->at.path)) == tail)
				map_remove(in->by_path, slice_of(tail->at.path));
			free(tail->at.path);
			tail->at.path = mem_strdup(path);
			if (!map_get(in->by_path, slice_of(path)))
				map_put(in->by_path, slice_of(path), tail);
			tail->changed = true;
		}
		tail->dirty = tail->dirty || (uint64_t)st.st_size != tail->size;
		return;
	}
	if (only_known && !in->n_saved)
		return;
	fd = tail_open(path, &st, &err);
	if (fd < 0) {
		if (!only_known)
			trouble(in, source, path, err.text);
		return;
	}
	trouble_over(in, path);
	tail = tail_new(source, path, fd, &st);
	if (!tail_restore(in, tail, &st)) {
		if (only_known) {
			tail_free(tail);
			return;
		}
		tail->at.stream = in->callbacks.new_stream(in->callbacks.context);
		tail->at.offset = start_offset(source, first_start, fd, &st);
	}
	if (only_known) {
		tail->rotated = true;
		tail->rotated_at = clock_now();
	}
	tail_register(in, tail);
}

static void directory_of(const char *path, struct text *out)
{
	const char *slash = strrchr(path, '/');

	text_reset(out);
	if (!slash)
		text_add(out, ".");
	else if (slash == path)
		text_add(out, "/");
	else
		text_add_bytes(out, path, (size_t)(slash - path));
}

static void glob_scan(struct input *in, const struct source_conf *source, const char *pattern,
		      bool first_start, bool only_known)
{
	struct text directory = { 0 };
	glob_t found;

	directory_of(pattern, &directory);
	if (strpbrk(directory.at, "*?[") == NULL) {
		char sentence[512];

		if (access(directory.at, R_OK | X_OK) < 0 && !only_known) {
			snprintf(sentence, sizeof(sentence), "the directory '%.300s' cannot be read: %s; "
				 "looked at again every %d s", directory.at, strerror(errno), POLL_SECONDS);
			trouble(in, source, directory.at, sentence);
		} else {
			trouble_over(in, directory.at);
			watch_directory(in->watch, directory.at);
		}
	}
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			directory_of(found.gl_pathv[i], &directory);
			watch_directory(in->watch, directory.at);
			file_seen(in, source, found.gl_pathv[i], first_start, only_known);
		}
		globfree(&found);
	}
	text_clear(&directory);
}

static void source_scan(struct input *in, const struct source_conf *source)
{
	bool first = !map_get(in->seen_sources, slice_of(source->name));

	/* what was rotated while we were down comes first */
	for (size_t i = 0; i < source->rotated.n; i++)
		glob_scan(in, source, source->rotated.at[i], false, true);
	for (size_t i = 0; i < source->path.n; i++)
		glob_scan(in, source, source->path.at[i], first, false);
	if (first) {
		map_put(in->seen_sources, slice_of(source->name), in);
		in->sources_changed = true;
	}
}

/* The last word on a stream: written with the next checkpoint. */
static void position_end(struct input *in, struct position *p)
{
	struct json_object *o;
	char key[32];

	p->done = true;
	o = position_to_json(p);
	snprintf(key, sizeof(key), "%llu", (unsigned long long)p->stream);
	strlist_add(&in->ended_keys, key);
	strlist_add(&in->ended, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

/* Positions for which there is no file any more: said once, and given up. */
static void saved_give_up(struct input *in)
{
	static const struct source_conf nobody = { .name = (char *)"(gone)" };

	for (size_t i = 0; i < in->n_saved; i++) {
		char sentence[512];

		if (in->saved[i].done) {
			position_clear(&in->saved[i]);
			continue;
		}
		snprintf(sentence, sizeof(sentence),
			 "'%.300s', read up to byte %llu, is not there any more: what was written to it after that "
			 "is lost to us", in->saved[i].path, (unsigned long long)in->saved[i].offset);
		in->callbacks.trouble(in->callbacks.context, &nobody, sentence);
		position_end(in, &in->saved[i]);
		position_clear(&in->saved[i]);
	}
	in->n_saved = 0;
}

/* Files that no longer stand at their path are rotated: read to the end, then closed. */
static void tails_look(struct input *in)
{
	int64_t now = clock_now();
	struct stat st;

	for (size_t i = 0; i < in->n_tails; i++) {
		struct tail *t = in->tails[i];
		bool there = stat(t->at.path, &st) == 0 && st.st_dev == t->at.id.dev &&
			     st.st_ino == t->at.id.ino;

		if (!there && !t->rotated) {
			t->rotated = true;
			t->rotated_at = now;
		}
		if (fstat(t->fd, &st) < 0)
			continue;
		if ((uint64_t)st.st_size < t->at.offset)
			rewritten(in, t, t->size > t->at.offset ? t->size - t->at.offset : 0);
		if ((uint64_t)st.st_size != t->size || (uint64_t)st.st_size > t->at.offset)
			t->dirty = true;
		t->size = (uint64_t)st.st_size;
		t->mtime = (int64_t)st.st_mtim.tv_sec * NS_PER_S;
	}
}

static void scan(struct input *in)
{
	in->scan_wanted = false;
	for (size_t i = 0; i < in->config->n_sources; i++)
		if (is_file_source(&in->config->sources[i]))
			source_scan(in, &in->config->sources[i]);
	tails_look(in);
	if (in->n_saved)
		saved_give_up(in);
}

static void tail_remove(struct input *in, size_t i)
{
	struct tail *gone = in->tails[i];

	for (size_t k = 0; k < in->n_tails; k++)
		if (in->tails[k]->before == gone)
			in->tails[k]->before = NULL;
	if (map_get(in->by_path, slice_of(gone->at.path)) == gone)
		map_remove(in->by_path, slice_of(gone->at.path));
	memmove(&in->tails[i], &in->tails[i + 1], (in->n_tails - i - 1) * sizeof(*in->tails));
	in->n_tails--;
	tail_free(gone);
}

/* Reads a little of every marked file. True when something is left to read at once. */
static bool tails_read(struct input *in, size_t *lines)
{
	size_t line_max = (size_t)in->config->limits.line_max;
	bool more = false;
	int64_t now = clock_now();

	for (size_t i = 0; i < in->n_tails; i++) {
		struct tail *t = in->tails[i];
		bool final = t->rotated && now - t->rotated_at > ROTATED_LINGER;

		if (t->before && (t->before->dirty || t->before->at.offset < t->before->size))
			continue;	/* the older file first */
		if (!t->dirty && !final)
			continue;
		t->state = TAIL_READING;
		t->dirty = !tail_read(t, &in->callbacks, in->buffer, line_max, TURN_BYTES, final, lines);
		more = more || t->dirty;
		if (!t->dirty)
			t->state = TAIL_WAITING;
		if (final && !t->dirty) {
			t->state = TAIL_GONE;
			position_end(in, &t->at);
			tail_remove(in, i--);
		}
	}
	return more;
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
	struct input *in = context;
	size_t lines = 0;
	bool more;

	(void)fd;
	(void)what;
	if (in->paused)
		return;
	if (in->scan_wanted)
		scan(in);
	more = tails_read(in, &lines);
	if (lines)
		in->callbacks.turn_end(in->callbacks.context);
	if (more)
		turn_want(in);
}

static void on_poll(evutil_socket_t fd, short what, void *context)
{
	struct input *in = context;

	in->scan_wanted = true;
	on_turn(fd, what, in);
}

int input_new(struct event_base *base, const struct config *config,
	      const struct input_callbacks *callbacks, struct input **out, struct err *err)
{
	struct input *in = mem_zalloc(sizeof(*in));

	(void)err;
	in->base = base;
	in->config = config;
	in->callbacks = *callbacks;
	in->seen_sources = map_new();
	in->troubles = map_new();
	in->by_path = map_new();
	in->watch = watch_new(base, on_changed, in);
	in->turn = event_new(base, -1, 0, on_turn, in);
	in->poll = event_new(base, -1, EV_PERSIST, on_poll, in);
	in->buffer_size = (size_t)config->limits.line_max + 1;
	in->buffer = mem_zalloc(in->buffer_size);
	*out = in;
	return 0;
}

void input_free(struct input *in)
{
	if (!in)
		return;
	event_free(in->turn);
	event_free(in->poll);
	watch_free(in->watch);
	for (size_t i = 0; i < in->n_tails; i++)
		tail_free(in->tails[i]);
	for (size_t i = 0; i < in->n_saved; i++)
		position_clear(&in->saved[i]);
	strlist_clear(&in->ended);
	strlist_clear(&in->ended_keys);
	free(in->tails);
	free(in->saved);
	free(in->buffer);
	map_free(in->seen_sources, NULL);
	map_free(in->troubles, free);
	map_free(in->by_path, NULL);
	free(in);
}

int input_restore(struct input *in, const char *key, const char *json, struct err *err)
{
	struct position position;

	if (strncmp(key, "source ", 7) == 0) {
		map_put(in->seen_sources, slice_of(key + 7), in);
		return 0;
	}
	if (position_from_json(json, &position, err) < 0)
		return err_prefix(err, "position '%s': ", key);
	in->saved = mem_grow(in->saved, &in->cap_saved, in->n_saved + 1, sizeof(*in->saved));
	in->saved[in->n_saved++] = position;
	return 0;
}

void input_save(struct input *in,
		void (*save)(void *context, const char *key, const char *json), void *context)
{
	size_t cursor = 0;
	struct slice name;
	struct stat st;
	char key[32];

	for (size_t i = 0; i < in->n_tails; i++) {
		struct tail *t = in->tails[i];
		struct json_object *o;

		if (!t->changed || fstat(t->fd, &st) < 0)
			continue;
		identity_read(t->fd, t->at.offset, &st, &t->at.id);
		o = position_to_json(&t->at);
		snprintf(key, sizeof(key), "%llu", (unsigned long long)t->at.stream);
		save(context, key, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
		json_object_put(o);
		t->changed = false;
	}
	for (size_t i = 0; i < in->ended.n; i++)
		save(context, in->ended_keys.at[i], in->ended.at[i]);
	strlist_clear(&in->ended);
	strlist_clear(&in->ended_keys);
	while (in->sources_changed && map_next(in->seen_sources, &cursor, &name, NULL)) {
		struct text full = { 0 };

		text_addf(&full, "source %.*s", (int)name.len, name.at);
		save(context, full.at, "{}");
		text_clear(&full);
	}
	in->sources_changed = false;
}

int input_start(struct input *in, struct err *err)
{
	struct timeval every = { POLL_SECONDS, 0 };

	(void)err;
	in->started = in->scan_wanted = true;
	event_add(in->poll, &every);
	turn_want(in);
	return 0;
}

static const struct source_conf *source_named(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_sources; i++)
		if (strcmp(config->sources[i].name, name) == 0)
			return &config->sources[i];
	return NULL;
}

int input_reload(struct input *in, const struct config *config, struct err *err)
{
	(void)err;
	in->config = config;
	if ((size_t)config->limits.line_max + 1 > in->buffer_size) {
		in->buffer_size = (size_t)config->limits.line_max + 1;
		in->buffer = mem_realloc(in->buffer, in->buffer_size);
	}
	for (size_t i = 0; i < in->n_tails; i++) {
		in->tails[i]->source = source_named(config, in->tails[i]->at.source);
		if (!in->tails[i]->source)	/* its source was taken away */
			tail_remove(in, i--);
	}
	in->scan_wanted = true;
	turn_want(in);
	return 0;
}

void input_pause(struct input *in, bool paused)
{
	in->paused = paused;
	in->scan_wanted = true;
	turn_want(in);
}

void input_each_status(struct input *in,
		       void (*each)(void *context, const struct input_status *status),
		       void *context)
{
	static const char *const states[] = { "reading", "waiting", "gone" };

	for (size_t i = 0; i < in->n_tails; i++) {
		const struct tail *t = in->tails[i];
		struct input_status status = { t->at.source, t->at.path, t->at.offset, t->size, t->at.lines,
					       t->last_line, states[t->state] };

		each(context, &status);
	}
}
