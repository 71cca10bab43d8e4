/*
 * Sources and their turns. A change seen by inotify queues a file; once a turn every queued file is read a little.
 * What does not change costs nothing: files beyond limits.open_files are closed until there is something in them.
 */
#include "input/feed.h"

#include "base/mem.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TURN_BYTES (256u << 10)
#define POLL_SECONDS 1
#define SOON (2 * NS_PER_S)
#define BURST (100 * NS_PER_S / 1000)	/* many changes at once are one look at the names */
#define ROTATED_LINGER (10 * NS_PER_S)	/* a writer may hold a renamed file until it is told */
#define UNFINISHED_LINGER (30 * NS_PER_S)
#define RECORD_LINGER (2 * NS_PER_S)	/* the lines of one record are written at once */

bool source_is_file(const struct source_conf *source)
{
	return !source->kind || strcmp(source->kind, "file") == 0;
}

void inode_key(const struct source_conf *source, uint64_t dev, uint64_t ino, char out[96])
{
	snprintf(out, 96, "%.64s %llx", source->name, (unsigned long long)ino);
	snprintf(out + strlen(out), 96 - strlen(out), " %llx", (unsigned long long)dev);
}

/* Each trouble with a path is said once, until it goes away or becomes another one. */
void input_trouble(struct input *in, const struct source_conf *source, const char *path,
		   enum input_trouble kind, const char *sentence)
{
	char *before = path ? map_get(in->troubles, slice_of(path)) : NULL;

	if (before && strcmp(before, sentence) == 0)
		return;
	if (path)
		free(map_put(in->troubles, slice_of(path), mem_strdup(sentence)));
	in->callbacks.trouble(in->callbacks.context, source, kind, sentence);
}

void input_trouble_over(struct input *in, const char *path)
{
	free(map_remove(in->troubles, slice_of(path)));
}

static void turn_want(struct input *in)
{
	if (in->started && !in->paused)
		event_active(in->turn, EV_TIMEOUT, 0);
}

void input_queue(struct input *in, struct tail *t)
{
	if (t->queued)
		return;
	t->queued = true;
	in->queue = mem_grow(in->queue, &in->cap_queue, in->n_queue + 1, sizeof(*in->queue));
	in->queue[in->n_queue++] = t;
	turn_want(in);
}

static void on_changed(void *context, struct slice path, bool names)
{
	struct input *in = context;
	struct tail *tail = map_get(in->by_path, path);

	if (tail)
		input_queue(in, tail);
	if (!tail || names)
		in->scan_wanted = true;
	turn_want(in);
}

static void waiting_grow(struct input *in, size_t n)
{
	in->waiting = mem_grow(in->waiting, &in->cap_waiting, n, sizeof(*in->waiting));
	in->waiting_since = mem_grow(in->waiting_since, &in->cap_since, n, sizeof(*in->waiting_since));
	in->waiting_changed = mem_grow(in->waiting_changed, &in->cap_changed, n,
				       sizeof(*in->waiting_changed));
}

void waiting_add(struct input *in, const struct position *position)
{
	struct position *p;

	waiting_grow(in, in->n_waiting + 1);
	p = &in->waiting[in->n_waiting];
	*p = *position;
	p->source = mem_strdup(position->source);
	p->path = mem_strdup(position->path);
	if (!p->when)
		p->when = clock_now();
	in->waiting_since[in->n_waiting] = p->done || p->said ? 0 : clock_monotonic();
	in->waiting_changed[in->n_waiting++] = true;
}

void waiting_remove(struct input *in, size_t i)
{
	size_t last = --in->n_waiting;

	position_clear(&in->waiting[i]);
	in->waiting[i] = in->waiting[last];
	in->waiting_since[i] = in->waiting_since[last];
	in->waiting_changed[i] = in->waiting_changed[last];
}

static void by_path_put(struct input *in, struct tail *t)
{
	struct tail *old = map_get(in->by_path, slice_of(t->at.path));

	/* the file that a name had before is read to its end before its successor */
	if (old && old != t && !t->rotated) {
		t->before = old;
		old->rotated = old->changed = true;
		old->grown_at = clock_monotonic();
	}
	if (t->rotated && old)
		return;
	map_put(in->by_path, slice_of(t->at.path), t);
	if (t->real)
		map_put(in->by_path, slice_of(t->real), t);
}

void input_register(struct input *in, struct tail *t)
{
	char key[96];

	by_path_put(in, t);
	inode_key(t->source, t->at.id.dev, t->at.id.ino, key);
	map_put(in->by_inode, slice_of(key), t);
	in->tails = mem_grow(in->tails, &in->cap_tails, in->n_tails + 1, sizeof(*in->tails));
	in->tails[in->n_tails++] = t;
	input_queue(in, t);
}

static void map_drop(struct map *map, const char *key, const struct tail *t)
{
	if (key && map_get(map, slice_of(key)) == t)
		map_remove(map, slice_of(key));
}

void input_remove(struct input *in, struct tail *gone)
{
	char key[96];
	size_t at = 0;

	for (size_t i = 0; i < in->n_tails; i++) {
		if (in->tails[i]->before == gone)
			in->tails[i]->before = NULL;
		if (in->tails[i] == gone)
			at = i;
	}
	for (size_t i = 0; i < in->n_queue; i++)
		if (in->queue[i] == gone)
			in->queue[i] = NULL;
	inode_key(&(struct source_conf){ .name = gone->at.source }, gone->at.id.dev, gone->at.id.ino, key);
	map_drop(in->by_inode, key, gone);
	map_drop(in->by_path, gone->at.path, gone);
	map_drop(in->by_path, gone->real, gone);
	in->tails[at] = in->tails[--in->n_tails];
	in->n_open -= gone->fd >= 0;
	tail_free(gone);
}

/* A packed file that is still being compared keeps what it is compared with. */
static void tail_identify(struct tail *t)
{
	if (t->at.offset && (!t->unpack || t->unpacked >= t->at.offset))
		identity_of(&t->print, &t->at.id);
}

void input_lose(struct input *in, struct tail *t)
{
	tail_identify(t);
	waiting_add(in, &t->at);
	input_remove(in, t);
}

void input_restart(struct input *in, struct tail *t)
{
	t->at.stream = in->callbacks.new_stream(in->callbacks.context);
	t->at.offset = t->at.lines = t->at.seen = 0;
	t->at.skipping = false;
	t->print.head_len = t->print.before_len = 0;
	identity_of(&t->print, &t->at.id);
	t->peeked = 0;
	t->changed = in->save_now = true;
	t->grown_at = clock_monotonic();
	input_queue(in, t);
}

/* The last word on a stream: kept, so that its file is known under any name. */
static void tail_finish(struct input *in, struct tail *t)
{
	t->at.done = true;
	input_lose(in, t);
}

/* Files that were read lately stay open; beyond the limit those that were quiet longest are closed. */
static void tails_park(struct input *in, const struct tail *keep)
{
	size_t max = (size_t)in->config->limits.open_files;

	while (in->n_open > max) {
		struct tail *oldest = NULL;

		for (size_t i = 0; i < in->n_tails; i++) {
			struct tail *t = in->tails[i];

			if (t->fd >= 0 && t != keep && !t->unpack && !t->rotated &&
			    (!oldest || t->grown_at < oldest->grown_at))
				oldest = t;
		}
		if (!oldest)
			return;
		close(oldest->fd);
		oldest->fd = -1;
		in->n_open--;
	}
}

/* False when its file is no longer there: its position waits for it. */
static bool tail_ensure_open(struct input *in, struct tail *t)
{
	struct stat st;
	struct err err;

	if (t->fd >= 0)
		return true;
	t->fd = tail_open(t->at.path, &st, &err);
	if (t->fd >= 0 && st.st_dev == t->at.id.dev && st.st_ino == t->at.id.ino) {
		in->n_open++;
		tails_park(in, t);
		return true;
	}
	if (t->fd < 0 && err.kind != ERR_MISSING) {
		input_trouble(in, t->source, t->at.path, INPUT_UNREADABLE, err.text);
		return false;
	}
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	input_lose(in, t);
	in->scan_wanted = true;
	return false;
}

/* Older files of the source come first. */
static bool tail_must_wait(const struct input *in, const struct tail *t)
{
	if (t->before && t->before->queued)
		return true;
	for (size_t i = 0; i < in->n_queue; i++) {
		const struct tail *o = in->queue[i];

		if (!o || o == t || !o->rotated || o->source != t->source)
			continue;
		if (t->rotated ? o->mtime < t->mtime : strncmp(o->at.path, t->at.path, strlen(t->at.path)) == 0)
			return true;
	}
	return false;
}

/* After each reading: however much is added to it, what is unfinished is as old as its beginning. */
static void tail_note_open(struct tail *t)
{
	bool open = t->at.seen > t->at.offset;

	if (open && t->open_at != t->at.offset)
		t->open_since = clock_monotonic();
	t->open_at = open ? t->at.offset : UINT64_MAX;
}

static void tail_say_damaged(struct input *in, const struct tail *t)
{
	char sentence[512];

	snprintf(sentence, sizeof(sentence), "'%.300s' is damaged: it was read up to byte %llu, what is behind that cannot be unpacked",
		 t->at.path, (unsigned long long)t->at.offset);
	input_trouble(in, t->source, NULL, INPUT_GAP, sentence);
}

/* The packed file is another one (OTHER), or all of it was read before (SHORT), but not all that was seen: the position waits on. */
static void tail_give_back(struct input *in, struct tail *t, enum tail_result result)
{
	char key[96];
	struct known *known;

	inode_key(t->source, t->at.id.dev, t->at.id.ino, key);
	known = map_get(in->known, slice_of(key));
	if (known && result == TAIL_OTHER && known->n_not < NOT_MAX)
		known->not_streams[known->n_not++] = t->at.stream;
	else if (known && result == TAIL_SHORT)
		known->as = KNOWN_OLD;
	waiting_add(in, &t->was);		/* as it was before it was found here */
	input_remove(in, t);
	in->scan_soon = true;
}

/* Reads a little of one file. True when there is more. */
static bool tail_turn(struct input *in, struct tail *t, struct tail_reading *r)
{
	enum tail_result result;
	bool begun = t->at.offset > 0;
	uint64_t seen = t->at.seen;

	if (!tail_ensure_open(in, t))
		return false;
	t->state = TAIL_READING;
	result = tail_read(t, r);
	if (t->at.seen != seen)
		t->grown_at = clock_monotonic();
	tail_note_open(t);
	/* what was found in it must not be committed while its position cannot be known again */
	in->save_now = in->save_now || (!begun && t->at.offset > 0);
	if (result == TAIL_MORE)
		return true;
	t->state = TAIL_WAITING;
	if (result == TAIL_FINISHED || (result == TAIL_SHORT && t->at.seen <= t->at.offset)) {
		if (t->damaged)
			tail_say_damaged(in, t);
		tail_finish(in, t);
	} else if (result == TAIL_OTHER || result == TAIL_SHORT) {
		tail_give_back(in, t, result);
	} else if (result == TAIL_REWRITTEN) {
		tail_truncated(in, t);
		return true;
	}
	return false;
}

/* Reads a little of every file in the queue. True when something is left to read at once. */
static bool queue_read(struct input *in, struct tail_reading *r)
{
	size_t n = in->n_queue, kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct tail *t = in->queue[i];
		bool more;

		if (!t)
			continue;
		if (tail_must_wait(in, t))
			continue;
		t->queued = false;
		in->queue[i] = NULL;
		more = tail_turn(in, t, r);
		if (more)
			input_queue(in, t);
	}
	for (size_t i = 0; i < in->n_queue; i++)
		if (in->queue[i])
			in->queue[kept++] = in->queue[i];
	in->n_queue = kept;
	return kept > 0;
}

/* A rotated file to its end, for nobody writes to it any more. False when it is gone from the list. */
static bool tail_end(struct input *in, struct tail *t, struct tail_reading *r)
{
	bool ended;

	if (!tail_ensure_open(in, t))
		return false;
	r->final = true;
	ended = tail_read(t, r) == TAIL_END;
	r->final = false;
	if (ended)
		tail_finish(in, t);
	else
		input_queue(in, t);
	return !ended;
}

/* What may be a record of several lines is taken as one after a while: nobody may keep others waiting. False when its file is gone. */
static bool tail_flush(struct input *in, struct tail *t, struct tail_reading *r)
{
	t->flushed = t->at.seen;
	if (!tail_ensure_open(in, t))
		return false;
	r->flush = true;
	if (tail_read(t, r) != TAIL_END)
		input_queue(in, t);
	r->flush = false;
	tail_note_open(t);
	return true;
}

/* What only time brings: the end of rotated files, records and lines that stay unfinished. */
static void tails_linger(struct input *in, struct tail_reading *r)
{
	int64_t now = clock_monotonic();

	for (size_t i = 0; i < in->n_tails; i++) {
		struct tail *t = in->tails[i];
		bool unfinished = t->at.seen > t->at.offset;

		if (t->queued || t->unpack)
			continue;
		if (t->rotated && now - t->grown_at > ROTATED_LINGER) {
			i -= !tail_end(in, t, r);
		} else if (unfinished && t->flushed != t->at.seen && now - t->open_since > RECORD_LINGER) {
			i -= !tail_flush(in, t, r);
		} else if (unfinished && !t->rotated && t->fd >= 0 && t->peeked != t->at.seen &&
			   now - t->grown_at > UNFINISHED_LINGER) {
			t->peeked = t->at.seen;
			tail_peek(t, r);
		}
	}
}

struct tail_reading input_reading(struct input *in)
{
	return (struct tail_reading){ .callbacks = &in->callbacks, .buffer = in->buffer,
				      .transcoder = in->transcoder, .arena = in->arena,
				      .line_max = (size_t)in->config->limits.line_max, .limit = TURN_BYTES };
}

static void turn_end(struct input *in, const struct tail_reading *r, bool more)
{
	if (r->lines || input_must_save(in))
		in->callbacks.turn_end(in->callbacks.context);
	if (more)
		turn_want(in);
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
	struct input *in = context;
	struct tail_reading r = input_reading(in);
	bool more;

	(void)fd;
	(void)what;
	if (in->paused)
		return;
	if (in->scan_wanted && clock_monotonic() - in->last_scan >= BURST) {
		scan_files(in);
		tails_park(in, NULL);
	} else if (in->scan_wanted) {
		const struct timeval later = { 0, BURST / 1000 };

		event_add(in->turn, &later);
	}
	more = queue_read(in, &r);
	turn_end(in, &r, more);
}

static void on_poll(evutil_socket_t fd, short what, void *context)
{
	struct input *in = context;
	struct tail_reading r = input_reading(in);
	int64_t since = clock_monotonic() - in->last_scan;

	if (in->paused)
		return;
	if (since >= in->config->limits.look_every || ((in->scan_soon || map_count(in->troubles)) && since >= SOON))
		in->scan_wanted = true;
	tails_linger(in, &r);
	turn_end(in, &r, false);
	feeds_poll(in);
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
	in->sources = map_new();
	in->troubles = map_new();
	in->by_path = map_new();
	in->by_inode = map_new();
	in->known = map_new();
	in->holds = map_new();
	in->watch = watch_new(base, on_changed, in);
	in->turn = event_new(base, -1, 0, on_turn, in);
	in->poll = event_new(base, -1, EV_PERSIST, on_poll, in);
	in->buffer_size = (size_t)config->limits.line_max + 2 + BEFORE_MAX;
	in->buffer = mem_zalloc(in->buffer_size);
	in->feeds = map_new();
	in->saved_feeds = map_new();
	in->transcoder = transcoder_new();
	in->arena = arena_new();
	*out = in;
	return 0;
}

void input_free(struct input *in)
{
	if (!in)
		return;
	feeds_close(in);
	map_free(in->saved_feeds, free);
	event_free(in->turn);
	event_free(in->poll);
	watch_free(in->watch);
	for (size_t i = 0; i < in->n_tails; i++)
		tail_free(in->tails[i]);
	for (size_t i = 0; i < in->n_waiting; i++)
		position_clear(&in->waiting[i]);
	strlist_clear(&in->forgotten);
	strlist_clear(&in->held);
	free(in->tails);
	free(in->queue);
	free(in->waiting);
	free(in->waiting_since);
	free(in->waiting_changed);
	free(in->buffer);
	transcoder_free(in->transcoder);
	arena_free(in->arena);
	map_free(in->sources, free);
	map_free(in->troubles, free);
	map_free(in->by_path, NULL);
	map_free(in->by_inode, NULL);
	map_free(in->known, free);
	map_free(in->holds, free);
	free(in);
}

static int source_restore(struct input *in, const char *name, const char *json)
{
	struct json_object *o = json_tokener_parse(json), *since = NULL;
	int64_t *value = mem_zalloc(sizeof(*value));

	json_object_object_get_ex(o, "since", &since);
	*value = json_object_get_int64(since);
	json_object_put(o);
	free(map_put(in->sources, slice_of(name), value));
	return 0;
}

int input_restore(struct input *in, const char *key, const char *json, struct err *err)
{
	struct position position;

	if (strncmp(key, "source ", 7) == 0)
		return source_restore(in, key + 7, json);
	if (strncmp(key, "feed ", 5) == 0) {
		free(map_put(in->saved_feeds, slice_of(key + 5), mem_strdup(json)));
		return 0;
	}
	if (position_from_json(json, &position, err) < 0)
		return err_prefix(err, "position '%s': ", key);
	waiting_add(in, &position);
	in->waiting_changed[in->n_waiting - 1] = false;
	position_clear(&position);
	return 0;
}

static void position_save(const struct position *p,
			  void (*save)(void *context, const char *key, const char *json), void *context)
{
	struct json_object *o = position_to_json(p);
	char key[32];

	snprintf(key, sizeof(key), "%llu", (unsigned long long)p->stream);
	save(context, key, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void tail_save(struct tail *t,
		      void (*save)(void *context, const char *key, const char *json), void *context)
{
	if (!t->changed)
		return;
	tail_identify(t);
	position_save(&t->at, save, context);
	t->changed = false;
}

void input_save(struct input *in,
		void (*save)(void *context, const char *key, const char *json), void *context)
{
	size_t cursor = 0;
	struct slice name;
	void *since;

	for (size_t i = 0; i < in->n_tails; i++)
		tail_save(in->tails[i], save, context);
	for (size_t i = 0; i < in->n_waiting; i++)
		if (in->waiting_changed[i]) {
			position_save(&in->waiting[i], save, context);
			in->waiting_changed[i] = false;
		}
	for (size_t i = 0; i < in->forgotten.n; i++)
		save(context, in->forgotten.at[i], NULL);
	strlist_clear(&in->forgotten);
	while (in->sources_changed && map_next(in->sources, &cursor, &name, &since)) {
		struct text full = { 0 };
		char value[64];

		text_addf(&full, "source %.*s", (int)name.len, name.at);
		snprintf(value, sizeof(value), "{\"since\":%lld}", (long long)*(int64_t *)since);
		save(context, full.at, value);
		text_clear(&full);
	}
	feeds_save(in, save, context);
	in->sources_changed = in->save_now = false;
}

bool input_must_save(const struct input *in)
{
	return in->save_now;
}

int input_start(struct input *in, struct err *err)
{
	struct timeval every = { POLL_SECONDS, 0 };

	(void)err;
	in->started = in->scan_wanted = true;
	in->last_scan = clock_monotonic() - 2 * BURST;
	event_add(in->poll, &every);
	feeds_open(in);
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
	size_t size = (size_t)config->limits.line_max + 2 + BEFORE_MAX;

	(void)err;
	in->config = config;
	if (size > in->buffer_size) {
		in->buffer_size = size;
		in->buffer = mem_realloc(in->buffer, size);
	}
	for (size_t i = 0; i < in->n_tails; i++) {
		in->tails[i]->source = source_named(config, in->tails[i]->at.source);
		if (!in->tails[i]->source)	/* its source was taken away */
			input_remove(in, in->tails[i--]);
	}
	feeds_reload(in);
	in->scan_wanted = true;
	turn_want(in);
	return 0;
}

void input_finish(struct input *in)
{
	feeds_finish(in);
}

bool input_is_behind(const struct input *in)
{
	return in->n_queue > 0;
}

void input_pause(struct input *in, bool paused)
{
	in->paused = paused;
	feeds_pause(in, paused);
	in->scan_wanted = true;
	turn_want(in);
}

void input_each_status(struct input *in,
		       void (*each)(void *context, const struct input_status *status),
		       void *context)
{
	static const char *const states[] = { "reading", "waiting", "missing" };
	size_t cursor = 0;
	void *value;

	for (size_t i = 0; i < in->n_tails; i++) {
		const struct tail *t = in->tails[i];
		struct input_status status = { t->at.source, t->at.path, t->at.offset, t->at.seen, t->at.lines,
					       t->last_line, states[t->state] };

		each(context, &status);
	}
	while (map_next(in->feeds, &cursor, NULL, &value)) {
		const struct feed *f = value;
		struct input_status status = { f->name, f->kind->name, f->offset, f->offset, f->lines,
					       f->last_line, states[TAIL_WAITING] };

		each(context, &status);
	}
}
