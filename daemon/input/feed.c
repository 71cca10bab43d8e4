/* Pipes, standard input and datagram sockets; and what all feeds have in common. */
#include "input/feed.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define READS_A_TURN 200
#define READS_AT_END 16		/* who writes without end does not keep us */

void feed_give(struct feed *f, struct tail_reading *r, const char *place, struct slice bytes, bool cut, int64_t time)
{
	struct input_line line = {
		.source = f->source, .file = place, .stream = f->stream, .line = ++f->lines,
		.offset = f->offset, .original = bytes, .cut = cut, .mtime = time,
	};

	if (line.original.len && line.original.at[line.original.len - 1] == '\r')
		line.original.len--;
	f->decoding.encoding = ENCODING_AUTO;
	f->decoding.framing = ENCODING_UTF8;
	if (f->source->encoding)
		encoding_parse(f->source->encoding, &f->decoding.encoding);
	arena_reset(r->arena);
	line.bytes = encoding_decode(r->transcoder, &f->decoding, line.original, r->arena, &line.repairs);
	f->last_line = clock_now();
	f->changed = true;
	r->lines++;
	r->callbacks->line(r->callbacks->context, &line);
}

static const char *feed_path(const struct feed *f)
{
	return f->source->path.n ? f->source->path.at[0] : "";
}

static int pipe_open(struct feed *f, const char *saved, struct err *err)
{
	struct stat st;

	(void)saved;
	if (strcmp(feed_path(f), "-") == 0) {
		f->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		if (f->fd < 0 || fcntl(f->fd, F_SETFL, O_NONBLOCK) < 0)
			return err_set(err, ERR_IO, "standard input cannot be read: %s", strerror(errno));
		return 0;
	}
	if (stat(feed_path(f), &st) < 0)
		return err_set(err, ERR_MISSING, "the pipe '%s' is not there: %s; make it with mkfifo(1)",
			       feed_path(f), strerror(errno));
	if (!S_ISFIFO(st.st_mode))
		return err_set(err, ERR_USAGE, "'%s' is no pipe (FIFO); for a file use kind file", feed_path(f));
	/* open for writing too: the end of one writer is not the end of the pipe */
	f->fd = open(feed_path(f), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (f->fd < 0)
		return err_set(err, ERR_IO, "the pipe '%s' cannot be opened: %s", feed_path(f), strerror(errno));
	return 0;
}

/* Whole lines of carry; the rest stays. */
static void pipe_lines(struct feed *f, struct tail_reading *r, bool final)
{
	size_t at = 0;

	while (at < f->carry.len) {
		size_t end = slice_find_byte(text_slice(&f->carry), '\n', at), len = end - at;
		bool whole = end < f->carry.len;

		if (!whole && len <= r->line_max && !final && !f->skipping)
			break;
		if (!f->skipping)
			feed_give(f, r, feed_path(f),
				  (struct slice){ f->carry.at + at, len < r->line_max ? len : r->line_max },
				  len > r->line_max, clock_now());
		f->skipping = !whole && !final;
		f->offset += len + whole;
		at += len + whole;
	}
	memmove(f->carry.at, f->carry.at + at, f->carry.len - at);
	f->carry.len -= at;
}

static bool pipe_read(struct feed *f, struct tail_reading *r)
{
	ssize_t n = read(f->fd, r->buffer, r->limit < r->line_max ? (size_t)r->limit : r->line_max);

	if (n > 0)
		text_add_bytes(&f->carry, r->buffer, (size_t)n);
	if (f->carry.len)
		pipe_lines(f, r, n == 0);
	if (n == 0)
		event_del(f->event);	/* standard input has ended */
	return n <= 0;
}

static int socket_open(struct feed *f, const char *saved, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;
	int size = 8 << 20;

	(void)saved;
	if (strlen(feed_path(f)) >= sizeof(address.sun_path))
		return err_set(err, ERR_CONFIG, "the path '%s' is too long for a socket", feed_path(f));
	strcpy(address.sun_path, feed_path(f));
	if (lstat(feed_path(f), &st) == 0 && !S_ISSOCK(st.st_mode))
		return err_set(err, ERR_USAGE, "'%s' is there and is no socket; it stays", feed_path(f));
	unlink(feed_path(f));
	f->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (f->fd < 0 || bind(f->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(feed_path(f), 0660) < 0)
		return err_set(err, ERR_IO, "the socket '%s' cannot be made: %s", feed_path(f), strerror(errno));
	setsockopt(f->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return 0;
}

/* One datagram is one line. */
static bool socket_read(struct feed *f, struct tail_reading *r)
{
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = recv(f->fd, r->buffer, r->line_max + 1, MSG_TRUNC);
		struct slice bytes = { r->buffer, n < 0 ? 0 : (size_t)n };
		bool cut = bytes.len > r->line_max;

		if (n < 0)
			return true;
		if (cut)
			bytes.len = r->line_max;
		while (bytes.len && (bytes.at[bytes.len - 1] == '\n' || !bytes.at[bytes.len - 1]))
			bytes.len--;
		feed_give(f, r, feed_path(f), bytes, cut, clock_now());
		f->offset += (uint64_t)n + 1;
	}
	return false;
}

static const struct feed_kind pipe_feed = { "pipe", pipe_open, pipe_read };
static const struct feed_kind socket_feed = { "socket", socket_open, socket_read };
static const struct feed_kind *const kinds[] = { &pipe_feed, &socket_feed, &journal_feed };

static void feed_turn(struct feed *f)
{
	struct tail_reading r = input_reading(f->in);
	bool done;

	if (f->in->paused)
		return;
	done = f->kind->read(f, &r);
	if (!done && event_pending(f->event, EV_READ, NULL))
		event_active(f->event, EV_READ, 0);
	if (r.lines)
		f->in->callbacks.turn_end(f->in->callbacks.context);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	feed_turn(context);
}

static void feed_free(struct feed *f)
{
	if (!f)
		return;
	if (f->event)
		event_free(f->event);
	if (f->journal)
		sd_journal_close(f->journal);	/* closes its descriptor */
	else if (f->fd >= 0)
		close(f->fd);
	text_clear(&f->carry);
	free(f->cursor);
	free(f->name);
	free(f);
}

static void free_feed(void *feed)
{
	feed_free(feed);
}

static void feed_open(struct input *in, const struct source_conf *source, const struct feed_kind *kind)
{
	struct feed *f = mem_zalloc(sizeof(*f));
	struct err err;

	f->in = in;
	f->source = source;
	f->kind = kind;
	f->name = mem_strdup(source->name);
	f->fd = -1;
	f->last_line = TIME_NONE;
	if (kind->open(f, map_get(in->saved_feeds, slice_of(source->name)), &err) < 0) {
		input_trouble(in, source, f->name, INPUT_UNREADABLE, err.text);
		feed_free(f);
		return;
	}
	input_trouble_over(in, f->name);
	if (!f->stream)
		f->stream = in->callbacks.new_stream(in->callbacks.context);
	f->event = event_new(in->base, f->fd, EV_READ | EV_PERSIST, on_readable, f);
	map_put(in->feeds, slice_of(source->name), f);
	if (!in->paused)
		event_add(f->event, NULL);
	feed_turn(f);
}

void feeds_open(struct input *in)
{
	for (size_t i = 0; i < in->config->n_sources; i++) {
		const struct source_conf *source = &in->config->sources[i];

		for (size_t k = 0; source->kind && k < sizeof(kinds) / sizeof(kinds[0]); k++)
			if (strcmp(kinds[k]->name, source->kind) == 0 &&
			    !map_get(in->feeds, slice_of(source->name)))
				feed_open(in, source, kinds[k]);
	}
}

void feeds_reload(struct input *in)
{
	size_t cursor = 0;
	struct slice name;
	void *value;

	while (map_next(in->feeds, &cursor, &name, &value)) {
		struct feed *f = value;
		const struct source_conf *source = NULL;

		for (size_t i = 0; i < in->config->n_sources && !source; i++)
			if (slice_is(name, in->config->sources[i].name) && in->config->sources[i].kind &&
			    strcmp(in->config->sources[i].kind, f->kind->name) == 0)
				source = &in->config->sources[i];
		f->source = source;
		if (!source) {
			map_remove(in->feeds, slice_of(f->name));
			feed_free(f);
		}
	}
	feeds_open(in);
}

void feeds_finish(struct input *in)
{
	struct tail_reading r = input_reading(in);
	size_t cursor = 0;
	void *value;

	while (map_next(in->feeds, &cursor, NULL, &value)) {
		struct feed *f = value;

		if (f->journal)
			continue;
		for (int i = 0; i < READS_AT_END && !f->kind->read(f, &r); i++)
			;
		if (f->carry.len)
			pipe_lines(f, &r, true);
	}
}

void feeds_close(struct input *in)
{
	map_free(in->feeds, free_feed);
	in->feeds = NULL;
}

void feeds_pause(struct input *in, bool paused)
{
	size_t cursor = 0;
	void *value;

	while (map_next(in->feeds, &cursor, NULL, &value)) {
		struct feed *f = value;

		if (paused)
			event_del(f->event);
		else
			event_add(f->event, NULL);
	}
}

void feeds_poll(struct input *in)
{
	size_t cursor = 0;
	void *value;

	feeds_open(in);
	while (map_next(in->feeds, &cursor, NULL, &value))
		if (((struct feed *)value)->journal)
			feed_turn(value);
}

void feeds_save(struct input *in, void (*save)(void *context, const char *key, const char *json), void *context)
{
	size_t cursor = 0;
	void *value;

	while (map_next(in->feeds, &cursor, NULL, &value)) {
		struct feed *f = value;
		struct json_object *o;
		struct text key = { 0 };

		if (!f->journal || !f->changed || !f->cursor)
			continue;
		o = json_object_new_object();
		json_object_object_add(o, "cursor", json_object_new_string(f->cursor));
		json_object_object_add(o, "stream", json_object_new_int64((int64_t)f->stream));
		json_object_object_add(o, "lines", json_object_new_int64((int64_t)f->lines));
		text_addf(&key, "feed %s", f->name);
		save(context, key.at, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
		text_clear(&key);
		json_object_put(o);
		f->changed = false;
	}
}
