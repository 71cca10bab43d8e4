/*
 * The daemon at work. Within one turn of the loop everything found goes into one transaction, committed at the turn's
 * end; positions and correlation state join it at most a second or 16 MiB apart. After a crash reading resumes at
 * the checkpoint, and what was stored already is known by its hit key and changes nothing. When the database cannot be
 * written, the same is done without a crash: reading stops, and begins again at the checkpoint when it can.
 */
#include "service.h"

#include "alert/alert.h"
#include "base/japanese.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "columns.h"
#include "control/control.h"
#include "input/input.h"
#include "live.h"
#include "match/prefilter.h"
#include "model/json.h"
#include "outbox.h"
#include "pulse.h"
#include "store/store.h"

#include <event2/event.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECKPOINT_NS NS_PER_S
#define CHECKPOINT_BYTES (16u << 20)
#define QUIET_LINES 1000	/* in a second: reading has caught up with the past */
#define QUIET_TICKS 2
#define HOLD_TICKS 900
#define DAY (86400 * NS_PER_S)
#define MEMORY_SPAN (8 * DAY)		/* incidents that a new finding may still join */

struct service {
	struct event_base *base;
	char *config_path;
	struct content *content, *previous;
	struct store *store;
	struct pipeline *pipeline;
	struct input *input;
	struct outbox *outbox;
	struct pulse *pulse;
	struct control control;
	struct control_server *server;
	struct event *tick;
	struct map *streams;		/* "source number" to struct stream */
	struct live live;
	uint64_t next_stream, bytes_since, own_lines, troubles, gaps;
	int64_t last_checkpoint, last_prune, newest;
	int64_t stalled_since;		/* the database cannot be written; 0: it can */
	uint64_t lines_since_tick;
	unsigned idle_ticks, held_ticks;	/* seconds without, and with, much to read */
	bool told;			/* a warning, or a verdict that waits or waited: then all must be saved */
	bool open, failed;		/* a transaction; what is in memory is not what is stored */
};

static void service_fail(struct service *s, const char *what, const struct err *err)
{
	if (!s->failed && !s->stalled_since)
		log_error("store", "%s: %s; reading stops, nothing is lost as long as the logs are kept; "
				   "tried again every second", what, err->text);
	if (!s->stalled_since)
		s->stalled_since = clock_now();
	s->failed = true;
	s->control.gather = NULL;	/* officers work with what is stored */
	if (s->open)
		store_rollback(s->store);
	s->open = false;
	if (s->input)
		input_pause(s->input, true);
}

static bool service_begin(struct service *s)
{
	struct err err;

	if (s->open || s->failed)
		return !s->failed;
	if (store_begin(s->store, &err) < 0) {
		service_fail(s, "the database cannot be written", &err);
		return false;
	}
	s->open = true;
	return true;
}

static void save_position(void *context, const char *key, const char *json)
{
	struct service *s = context;
	struct err err;

	if (!s->failed && (json ? store_put_position(s->store, key, json, &err) :
				  store_remove_position(s->store, key, &err)) < 0)
		service_fail(s, "positions cannot be written", &err);
}

static void service_look(struct service *s);

static void service_checkpoint(struct service *s)
{
	struct json_object *state;
	struct err err;

	service_look(s);
	if (!service_begin(s))
		return;
	input_save(s->input, save_position, s);
	if (s->failed)
		return;
	state = correlations_to_json(pipeline_correlations(s->pipeline));
	if (store_put_state(s->store, "correlations", json_line(state), &err) < 0 ||
	    store_forget_keys(s->store, &err) < 0)
		service_fail(s, "the checkpoint cannot be written", &err);
	json_object_put(state);
	state = settle_to_json(pipeline_settle(s->pipeline));
	if (!s->failed && store_put_state(s->store, "settle", json_line(state), &err) < 0)
		service_fail(s, "the checkpoint cannot be written", &err);
	json_object_put(state);
	state = pulse_save(s->pulse);
	if (!s->failed && store_put_state(s->store, "pulse", json_line(state), &err) < 0)
		service_fail(s, "the checkpoint cannot be written", &err);
	json_object_put(state);
	s->told = false;
	s->last_checkpoint = clock_now();
	s->bytes_since = 0;
}

static void service_commit(struct service *s)
{
	struct err err;

	if (!s->open || s->failed)
		return;
	if (store_commit(s->store, &err) < 0) {
		service_fail(s, "the commit failed", &err);
		return;
	}
	s->open = false;
	if (s->stalled_since) {
		log_info("store", "the database can be written again; reading goes on at the last checkpoint");
		s->stalled_since = 0;
	}
	outbox_send_due(s->outbox);
}

static bool on_known(void *context, const struct finding *finding)
{
	struct service *s = context;

	return store_has_finding(s->store, finding);
}

static void on_finding(void *context, const struct finding *finding, struct incident *incident,
		       struct incident *merged, unsigned told)
{
	struct service *s = context;
	int64_t now = clock_now();
	struct err err;
	bool is_new;
	int rc;

	if (!service_begin(s))
		return;
	if (!incident) {
		rc = store_count_record(s->store, finding, &is_new, &err);
	} else {
		if (told & 1u << ALERT_OPENED && !finding->settled)
			incident->detected = now;
		if (finding->waits && incident->n_findings == 1)
			incident->detected = now;
		incident->late = incident->late ||
				 (told & 1u << ALERT_OPENED &&
				  incident->first < now - s->content->config->alerts.max_age);
		rc = store_put_incident(s->store, incident, &err);
		if (rc == 0)
			rc = store_put_finding(s->store, finding, incident->id, now, &is_new, &err);
		if (rc == 0 && merged)
			rc = store_put_incident(s->store, merged, &err);
		if (rc == 0 && told && (is_new || finding->settled))
			rc = outbox_put(s->outbox, incident, told, now, &err);
	}
	s->told = s->told || finding->waits || finding->settled;	/* what waits, or no longer, is saved with it */
	if (rc < 0)
		service_fail(s, "a finding cannot be stored", &err);
}

/* Our own alerts come back in journals and mail logs: known by an incident id that exists (design section 7). */
static bool line_is_own(struct service *s, struct slice line)
{
	for (size_t at = slice_find_byte(line, 'I', 0); at + 20 <= line.len;
	     at = slice_find_byte(line, 'I', at + 1)) {
		char id[21];

		if (line.at[at + 9] != '-')
			continue;
		memcpy(id, line.at + at, 20);
		id[20] = '\0';
		if (gather_find(pipeline_gather(s->pipeline), id))
			return true;
	}
	return false;
}

static struct stream *stream_of(struct service *s, const struct input_line *line)
{
	const struct source_conf *c = line->source;
	struct stream *stream;
	char key[32];

	snprintf(key, sizeof(key), "%llu", (unsigned long long)line->stream);
	stream = map_get(s->streams, slice_of(key));
	if (!stream) {
		struct logsource l = { c->logsource_category, c->logsource_product,
				       c->logsource_service };
		const struct zone *zone = zone_find(c->timezone ? c->timezone : "Asia/Tokyo", NULL);

		stream = stream_new(c->format, zone, 0, l);
		if (c->columns.n)
			stream_set_columns(stream, &c->columns, source_delimiter(c));
		else if (line->offset && source_is_file(c))
			columns_learn(stream, line);
		map_put(s->streams, slice_of(key), stream);
	}
	stream_set_as_of(stream, clock_now() + DAY);	/* clocks ahead of ours are no reason for last year */
	return stream;
}

/* What a line says of its source, in the order of the stream. */
static void on_dated(void *context, size_t line, uint32_t lines, const struct peek *peek, const struct moment *moment)
{
	struct service *s = context;
	const struct record head = {
		.format = peek->format ? decode_formats()[peek->format - 1] : NULL, .undated = moment->undated,
		.time = peek->flags & PEEK_NAMES ? TIME_NONE : moment->time, .stream = s->live.batch->stream_number,
		.marks = s->live.batch->lines[line].cut ? RECORD_CUT : 0,
	};

	pulse_line(s->pulse, s->live.batch->source, &head, lines, batch_repairs(s->live.batch, line), s->live.now);
}

/* Hands the lines that were gathered through the pipeline. Must come before anything is saved or committed. */
static void service_look(struct service *s)
{
	struct batch *b = s->live.batch;

	if (!b->n_lines || s->failed)
		return;
	s->live.now = clock_now();
	live_look(&s->live);
	batch_date(b, s->pipeline, TIME_NONE, on_dated, s);
	/* a clock that runs ahead must not make everybody else late */
	if (b->reached != TIME_NONE && b->reached > s->newest)
		s->newest = b->reached < s->live.now ? b->reached : s->live.now;
	for (size_t i = 0; i < b->n_kept && !s->failed; i++) {
		if (line_is_own(s, b->kept[i].record.raw)) {
			s->own_lines++;
			continue;
		}
		pipeline_hits(s->pipeline, &b->kept[i].record, b->kept[i].hits, b->kept[i].n_hits);
	}
	live_reset(&s->live);
}

static void on_line(void *context, const struct input_line *line)
{
	struct service *s = context;

	if (s->failed)
		return;
	s->bytes_since += line->bytes.len;
	s->lines_since_tick++;
	if (!live_takes(&s->live, line))
		service_look(s);
	if (!s->failed)
		live_add(&s->live, stream_of(s, line), line);
}

static void on_turn_end(void *context)
{
	struct service *s = context;

	service_look(s);
	if (s->told || input_must_save(s->input) || s->bytes_since >= CHECKPOINT_BYTES || clock_now() - s->last_checkpoint >= CHECKPOINT_NS)
		service_checkpoint(s);
	service_commit(s);
}

static void service_warn(struct service *s, enum warning warning, const char *source, const char *sentence)
{
	struct err err;

	if (service_begin(s) &&
	    outbox_put_warning(s->outbox, warning, source, sentence, clock_now(), &err) < 0)
		service_fail(s, "a warning cannot be stored", &err);
	s->told = true;
}

static void on_pulse(void *context, enum warning warning, const char *source, const char *sentence)
{
	log_warn("input", "source '%s' (%s): %s", source, warning_word(warning), sentence);
	service_warn(context, warning, source, sentence);
}

static void on_trouble(void *context, const struct source_conf *source, enum input_trouble kind,
		       const char *text)
{
	struct service *s = context;

	s->troubles += kind != INPUT_NEWS;
	s->gaps += kind == INPUT_GAP;
	log_warn("input", "source '%s': %s", source->name, text);
	if (kind == INPUT_GAP)
		service_warn(s, WARNING_GAP, source->name, text);
}

static uint64_t on_new_stream(void *context)
{
	struct service *s = context;
	uint64_t number = s->next_stream++;
	char text[32];
	struct err err;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)s->next_stream);
	if (service_begin(s) && store_put_state(s->store, "next_stream", text, &err) < 0)
		service_fail(s, "a new stream cannot be stored", &err);
	return number;
}

/* Once an hour: what is older than the settings keep goes; a database that is too large is said. */
static void service_prune(struct service *s)
{
	const struct storage_conf *c = &s->content->config->storage;
	int64_t now = clock_now();
	struct err err;

	if (now - s->last_prune < 3600 * NS_PER_S || !service_begin(s))
		return;
	s->last_prune = now;
	if (store_prune(s->store, now - c->keep_record, now - c->keep_review, &err) < 0)
		service_fail(s, "old records cannot be removed", &err);
	if (store_size(s->store) >> 20 > (uint64_t)c->max_mib)
		log_warn("store", "the database has %llu MiB, more than storage.max_mib (%ld); close "
				  "incidents or raise it; nothing more is removed by itself",
			 (unsigned long long)(store_size(s->store) >> 20), c->max_mib);
}

static bool service_resume(struct service *s);

/* Past incidents are told when the reading has caught up, or after a while where it never does. */
static void past_hold(struct service *s)
{
	s->idle_ticks = input_is_behind(s->input) || s->lines_since_tick > QUIET_LINES ? 0 : s->idle_ticks + 1;
	s->lines_since_tick = 0;
	s->held_ticks = s->idle_ticks >= QUIET_TICKS ? 0 : s->held_ticks + 1;
	outbox_hold_past(s->outbox, s->held_ticks > 0 && s->held_ticks < HOLD_TICKS);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct service *s = context;

	(void)fd;
	(void)what;
	if (s->failed && !service_resume(s))
		return;
	/* idle sources: time has come to now for what was read */
	pipeline_advance(s->pipeline, s->newest - s->content->config->limits.lateness);
	pipeline_wait_over(s->pipeline, clock_now());
	gather_forget(pipeline_gather(s->pipeline), clock_now() - MEMORY_SPAN);
	service_prune(s);
	past_hold(s);
	pulse_look(s->pulse, s->content->config, clock_now());
	if (s->bytes_since || s->told || input_must_save(s->input))
		service_checkpoint(s);
	service_commit(s);
}

static int each_incident(struct incident *incident, void *context)
{
	struct service *s = context;
	struct json_object *document;
	struct incident *copy;
	struct err err;

	if (incident->last < clock_now() - MEMORY_SPAN && strcmp(incident->status, "open") != 0)
		return 0;
	document = incident_to_json(incident);
	if (incident_from_json(document, &copy, &err) == 0)
		gather_take_incident(pipeline_gather(s->pipeline), copy);
	json_object_put(document);
	return 0;
}

static int each_position(const char *key, const char *json, void *context)
{
	struct service *s = context;
	struct err err;

	if (input_restore(s->input, key, json, &err) < 0)
		log_warn("input", "a saved position is not used: %s", err.text);
	return 0;
}

static int service_restore(struct service *s, struct err *err)
{
	struct json_object *state;
	char *text;

	if (store_get_state(s->store, "next_stream", &text, err) < 0)
		return err->kind;
	s->next_stream = text ? strtoull(text, NULL, 10) : 1;
	free(text);
	if (store_each_incident(s->store, NULL, each_incident, s, err) < 0)
		return err->kind;
	if (store_get_state(s->store, "correlations", &text, err) < 0)
		return err->kind;
	state = text ? json_tokener_parse(text) : NULL;
	free(text);
	if (state && correlations_from_json(pipeline_correlations(s->pipeline), state, err) < 0)
		log_warn("correlate", "open groups are not restored: %s", err->text);
	json_object_put(state);
	if (store_get_state(s->store, "settle", &text, err) < 0)
		return err->kind;
	state = text ? json_tokener_parse(text) : NULL;
	free(text);
	if (state && settle_from_json(pipeline_settle(s->pipeline), state, clock_now(), err) < 0)
		log_warn("correlate", "findings that wait are not restored: %s", err->text);
	json_object_put(state);
	if (store_get_state(s->store, "pulse", &text, err) < 0)
		return err->kind;
	state = text ? json_tokener_parse(text) : NULL;
	free(text);
	if (json_object_is_type(state, json_type_object))
		pulse_restore(s->pulse, state, clock_now());
	json_object_put(state);
	return store_each_position(s->store, each_position, s, err);
}

static void stream_release(void *stream)
{
	stream_free(stream);
}

static int engine_start(struct service *s, struct err *err)
{
	struct pipeline_sink sink = { .finding = on_finding, .known = on_known, .context = s };
	struct input_callbacks callbacks = { on_line, on_turn_end, on_trouble, on_new_stream, s, decode_frame };

	s->streams = map_new();
	s->pulse = pulse_new(on_pulse, s);
	s->pipeline = pipeline_new(s->content, &sink);
	if (input_new(s->base, s->content->config, &callbacks, &s->input, err) < 0)
		return err->kind;
	return service_restore(s, err);
}

static void engine_stop(struct service *s)
{
	live_reset(&s->live);
	input_free(s->input);
	pipeline_free(s->pipeline);
	map_free(s->streams, stream_release);
	pulse_free(s->pulse);
	s->pulse = NULL;
	s->input = NULL;
	s->pipeline = NULL;
	s->streams = NULL;
}

/* A row written and taken back shows whether the database can be written. */
static bool store_is_writable(struct store *store)
{
	if (store_begin(store, NULL) < 0)
		return false;
	if (store_put_state(store, "probe", "{}", NULL) < 0) {
		store_rollback(store);
		return false;
	}
	if (store_commit(store, NULL) == 0)
		return true;
	store_rollback(store);
	return false;
}

/* As after a crash: what is in memory is thrown away, and what is stored is read. */
static bool service_resume(struct service *s)
{
	struct err err;

	if (!store_is_writable(s->store))
		return false;
	engine_stop(s);
	s->bytes_since = 0;
	s->failed = false;
	if (engine_start(s, &err) < 0 || input_start(s->input, &err) < 0) {
		service_fail(s, "the state cannot be read", &err);
		return false;
	}
	s->control.gather = pipeline_gather(s->pipeline);
	service_warn(s, WARNING_STALLED, "sokuhod", "the database could not be written; reading had stopped and goes "
						    "on at the last checkpoint");
	return true;
}

/* Files of one source on their way into status: sums of all, the first few by name. */
struct files_status {
	const char *source;
	struct json_object *list;
	uint64_t files, lag;
};
#define STATUS_FILES_MAX 100		/* of one source */

static void status_file(void *context, const struct input_status *status)
{
	struct files_status *f = context;
	uint64_t lag = status->size > status->offset ? status->size - status->offset : 0;
	struct json_object *o;

	if (strcmp(status->source, f->source) != 0)
		return;
	f->lag += lag;
	if (f->files++ >= STATUS_FILES_MAX)
		return;
	o = json_object_new_object();
	json_object_object_add(o, "file", json_text_or_null(status->file));
	json_object_object_add(o, "state", json_text_or_null(status->state));
	json_object_object_add(o, "offset", json_object_new_int64((int64_t)status->offset));
	json_object_object_add(o, "lag", json_object_new_int64((int64_t)lag));
	json_object_object_add(o, "lines", json_object_new_int64((int64_t)status->lines));
	json_object_object_add(o, "last_line", json_time(status->last_line, OFFSET_JST));
	json_object_array_add(f->list, o);
}

static struct json_object *status_sources(struct service *s)
{
	const struct config *config = s->content->config;
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; s->input && i < config->n_sources; i++) {
		struct files_status f = { config->sources[i].name, json_object_new_array(), 0, 0 };
		struct json_object *o = json_object_new_object();

		input_each_status(s->input, status_file, &f);
		json_object_object_add(o, "source", json_text_or_null(f.source));
		pulse_status(s->pulse, &config->sources[i], o);
		json_object_object_add(o, "n_files", json_object_new_int64((int64_t)f.files));
		json_object_object_add(o, "lag", json_object_new_int64((int64_t)f.lag));
		json_object_object_add(o, "files", f.list);
		json_object_array_add(all, o);
	}
	return all;
}

static struct json_object *service_status(void *context)
{
	struct service *s = context;
	const struct pipeline_stats *stats = pipeline_stats(s->pipeline);
	struct correlation_stats c = pipeline_correlation_stats(s->pipeline);
	struct json_object *o = json_object_new_object();
	bool trusted;
	const struct { const char *name; uint64_t n; } counts[] = {
		{ "lines", stats->lines }, { "unrecognised", stats->formats[0] },
		{ "undated", stats->undated }, { "cut", stats->cut }, { "late", c.late }, { "groups", c.groups },
		{ "groups_dropped", c.dropped }, { "hits_dropped", c.dropped_hits }, { "findings", stats->findings },
		{ "own_lines", s->own_lines }, { "troubles", s->troubles }, { "gaps", s->gaps },
		{ "alerts_sent", outbox_sent(s->outbox) },
		{ "rules", ruleset_count(s->content->rules) },
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_object_add(o, counts[i].name,
				       json_object_new_int64((int64_t)counts[i].n));
	json_object_object_add(o, "prefilter", json_object_new_string(prefilter_library(&trusted)));
	json_object_object_add(o, "stalled_since", json_time(s->stalled_since ? s->stalled_since : TIME_NONE,
							     OFFSET_JST));
	json_object_object_add(o, "sources", status_sources(s));
	return o;
}

void service_status_line(const struct service *s, struct text *out)
{
	const struct pipeline_stats *stats = pipeline_stats(s->pipeline);

	text_addf(out, "%llu lines read, %llu findings, %llu alerts sent",
		  (unsigned long long)stats->lines, (unsigned long long)stats->findings,
		  (unsigned long long)outbox_sent(s->outbox));
}

static int control_reload(void *context, struct err *err)
{
	return service_reload(context, err);
}

static int control_tell(void *context, const struct incident *incident, unsigned told,
			struct err *err)
{
	struct service *s = context;

	return outbox_put(s->outbox, incident, told, clock_now(), err);
}

static void control_lost(void *context, const struct err *err)
{
	service_fail(context, "what a person entered cannot be stored", err);
}

static int control_alert_test(void *context, struct err *err)
{
	struct service *s = context;

	return outbox_test(s->outbox, err);
}

static int service_start(struct service *s, struct err *err)
{
	struct timeval second = { 1, 0 };

	if (store_open(s->content->config->storage.directory, &s->store, err) < 0)
		return err->kind;
	s->outbox = outbox_new(s->base, s->content, s->store, err);
	if (s->outbox)
		outbox_hold_past(s->outbox, true);
	if (!s->outbox || engine_start(s, err) < 0)
		return err->kind;
	s->control = (struct control){ s->content, s->store, pipeline_gather(s->pipeline), clock_now,
				       control_reload, control_alert_test, control_tell,
				       control_lost, service_status, s };
	if (control_server_new(s->base, s->content->config->storage.socket, &s->control, &s->server,
			       err) < 0)
		return err->kind;
	s->tick = event_new(s->base, -1, EV_PERSIST, on_tick, s);
	event_add(s->tick, &second);
	return input_start(s->input, err);
}

int service_new(struct event_base *base, const char *config_path, struct content *content,
		struct service **out, struct err *err)
{
	struct service *s = mem_zalloc(sizeof(*s));

	s->base = base;
	s->config_path = mem_strdup(config_path);
	s->content = content;
	live_init(&s->live, content);
	if (service_start(s, err) < 0) {
		service_free(s);
		return err->kind;
	}
	*out = s;
	return 0;
}

void service_free(struct service *s)
{
	if (!s)
		return;
	control_server_free(s->server);
	if (s->input && s->tick && !s->failed) {
		input_finish(s->input);
		service_checkpoint(s);
		service_commit(s);
	}
	if (s->tick)
		event_free(s->tick);
	engine_stop(s);
	outbox_free(s->outbox);
	store_close(s->store);
	live_clear(&s->live);
	content_free(s->previous);
	content_free(s->content);
	free(s->config_path);
	free(s);
}

/* What is opened once, at the start: a changed value would be taken and do nothing. */
static int settings_stay(const struct storage_conf *now, const struct storage_conf *asked, struct err *err)
{
	const struct { const char *name, *now, *asked; } rows[] = {
		{ "storage.directory", now->directory, asked->directory },
		{ "storage.socket", now->socket, asked->socket },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].now, rows[i].asked) != 0)
			return err_set(err, ERR_CONFIG, "not reloaded, the running set stays: %s cannot change from "
							"'%s' to '%s' while sokuhod runs; restart it",
				       rows[i].name, rows[i].now, rows[i].asked);
	return 0;
}

/* With the first fault. */
static void not_reloaded(const struct problems *problems, struct err *err)
{
	static const struct problem none = { .file = "", .text = "" };
	static const char sentence[] = "not reloaded, the running set stays: %s:%d:%d: %s (%zu faults; `sokuhoctl check` shows all)";
	const struct problem *p = problems->n ? &problems->at[0] : &none;

	err_set(err, ERR_CONFIG, sentence, p->file, p->line, p->col, p->text, problems->errors);
	if (p->japanese)
		snprintf(err->japanese, sizeof(err->japanese), japanese(sentence), p->file, p->line, p->col, p->japanese,
			 problems->errors);
}

int service_reload(struct service *s, struct err *err)
{
	struct content_options options = { .config_path = s->config_path };
	struct problems problems = { 0 };
	struct content *content = content_load(&options, &problems);
	struct text out = { 0 };

	problems_print(&problems, japanese_is_asked(), &out);
	if (!content) {
		not_reloaded(&problems, err);
	} else if (settings_stay(&s->content->config->storage, &content->config->storage, err) < 0 ||
		   input_reload(s->input, content->config, err) < 0) {
		content_free(content);
		content = NULL;
	}
	text_clear(&out);
	problems_clear(&problems);
	if (!content)
		return err->kind;
	map_free(s->streams, stream_release);	/* they point into the old configuration */
	s->streams = map_new();
	pipeline_set_content(s->pipeline, content);
	live_clear(&s->live);
	live_init(&s->live, content);
	outbox_set_content(s->outbox, content);
	s->control.content = content;
	content_free(s->previous);	/* an alert under way may still point into the last one */
	s->previous = s->content;
	s->content = content;
	log_info("main", "reloaded: %zu rules, %zu sources", ruleset_count(content->rules),
		 content->config->n_sources);
	return 0;
}
