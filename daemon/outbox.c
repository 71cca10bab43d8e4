/*
 * The outbox holds one small row for each (incident, revision, target). Folding happens when it is sent, so that a
 * crash between the two loses nothing. Rows under way, and rows that were sent but cannot be marked yet, are remembered
 * in memory; after a crash they are sent again.
 */
#include "outbox.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "model/json.h"

#include <event2/event.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_AT_ONCE 20000
#define MINUTE (60 * NS_PER_S)
#define IDS_IN_FOLD 30
#define RETRY_FIRST (15 * NS_PER_S)
#define RETRY_LAST (3600 * NS_PER_S)

struct target_state {
	int64_t minute;			/* begin of the window of one minute */
	long sent;			/* messages begun in it */
};

struct outbox {
	struct content *content;
	struct store *store;
	struct alert *alert;
	struct event *timer;
	struct map *under_way;		/* row ids; the value is `done` once the row was sent */
	struct map *targets;		/* name to struct target_state */
	uint64_t sent;
	bool closing, hold_past;
};

/* One message under way, for one or many rows. */
struct sending {
	struct outbox *outbox;
	int64_t *rows;
	unsigned tries;
	size_t n;
};

static char done[] = "sent";

static const struct target_conf journal_default = { .kind = (char *)"journal",
						    .name = (char *)"journal",
						    .level = (char *)"review" };

static size_t targets_count(const struct outbox *o)
{
	return o->content->config->n_targets ? o->content->config->n_targets : 1;
}

static const struct target_conf *target_at(const struct outbox *o, size_t i)
{
	return o->content->config->n_targets ? &o->content->config->targets[i] : &journal_default;
}

static const struct target_conf *target_find(const struct outbox *o, const char *name)
{
	for (size_t i = 0; i < targets_count(o); i++)
		if (strcmp(target_at(o, i)->name, name) == 0)
			return target_at(o, i);
	return NULL;
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	outbox_send_due(context);
}

struct outbox *outbox_new(struct event_base *base, struct content *content, struct store *store,
			  struct err *err)
{
	struct timeval second = { 1, 0 };
	struct outbox *o = mem_zalloc(sizeof(*o));

	o->alert = alert_new(base, err);
	if (!o->alert) {
		free(o);
		return NULL;
	}
	o->content = content;
	o->store = store;
	o->under_way = map_new();
	o->targets = map_new();
	o->timer = event_new(base, -1, EV_PERSIST, on_timer, o);
	event_add(o->timer, &second);
	return o;
}

void outbox_free(struct outbox *o)
{
	if (!o)
		return;
	o->closing = true;
	event_free(o->timer);
	alert_free(o->alert);
	map_free(o->under_way, NULL);
	map_free(o->targets, free);
	free(o);
}

void outbox_set_content(struct outbox *o, struct content *content)
{
	o->content = content;
}

void outbox_hold_past(struct outbox *o, bool hold)
{
	o->hold_past = hold;
}

uint64_t outbox_sent(const struct outbox *o)
{
	return o->sent;
}

static struct json_object *row_json(const struct outbox *o, const struct incident *i,
				    unsigned told)
{
	struct json_object *row = json_object_new_object();
	struct text clause = { 0 };
	enum alert_reason reason = ALERT_OPENED;

	while (reason < ALERT_ASSET && !(told & 1u << reason))
		reason++;
	if (i->clauses.n)
		notice_clause_label(o->content->notice, i->clauses.at[0], &clause);
	json_object_object_add(row, "level", json_object_new_string(level_word(i->level)));
	json_object_object_add(row, "clause", json_text(text_slice(&clause)));
	json_object_object_add(row, "asset", json_text_or_null(incident_label(i)));
	json_object_object_add(row, "reason", json_object_new_string(alert_reason_word(reason)));
	json_object_object_add(row, "past", json_object_new_boolean(i->late));
	json_object_object_add(row, "drill", json_object_new_boolean(i->drill));
	text_clear(&clause);
	return row;
}

int outbox_put(struct outbox *o, const struct incident *incident, unsigned told, int64_t now,
	       struct err *err)
{
	struct json_object *row = row_json(o, incident, told);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < targets_count(o); i++) {
		enum level least = LEVEL_REVIEW;

		level_parse(target_at(o, i)->level, &least);
		if (incident->level >= least)
			rc = store_put_outbox(o->store, incident->id, incident->revision,
					      target_at(o, i)->name, json_line(row), now, err);
	}
	json_object_put(row);
	return rc;
}

int outbox_put_warning(struct outbox *o, enum warning warning, const char *source, const char *sentence,
		       int64_t now, struct err *err)
{
	struct json_object *row = warning_to_json(warning, source, sentence, now);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < targets_count(o); i++)
		rc = store_put_outbox(o->store, "", 0, target_at(o, i)->name, json_line(row), now, err);
	json_object_put(row);
	return rc;
}

/* The words of alerts: Japanese, for the reader at 3 a.m. */
static const struct { const char *word, *ja; } level_ja[] = {
	{ "report", "速報候補" }, { "urgent", "要確認（至急）" }, { "review", "要確認" },
};
static const struct { const char *word, *ja; } reason_ja[] = {
	{ "opened", "新しい事案" }, { "level", "区分が上がった" }, { "clause", "該当する例示が変わった" },
	{ "asset", "対象の機器が増えた" },
};

static const char *level_label(const char *word)
{
	for (size_t i = 0; i < sizeof(level_ja) / sizeof(level_ja[0]); i++)
		if (word && strcmp(level_ja[i].word, word) == 0)
			return level_ja[i].ja;
	return word ? word : "";
}

static const char *reason_label(const char *word)
{
	for (size_t i = 0; i < sizeof(reason_ja) / sizeof(reason_ja[0]); i++)
		if (word && strcmp(reason_ja[i].word, word) == 0)
			return reason_ja[i].ja;
	return word ? word : "";
}

static const char *member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value ? json_object_get_string(value) : NULL;
}

static bool member_true(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(o, name, &value) && json_object_get_boolean(value);
}

static void message_clear(struct alert_message *m)
{
	free(m->incident_id);
	free(m->level);
	free(m->clause);
	free(m->asset_label);
	free(m->reason);
	free(m->subject);
	free(m->body);
	free(m->document);
}

static char *document_of(struct outbox *o, const char *id)
{
	struct incident *incident;
	struct json_object *object;
	struct err err;
	char *text;

	if (store_get_incident(o->store, id, &incident, &err) < 0)
		return mem_strdup("{}");
	object = incident_to_json(incident);
	text = mem_strdup(json_line(object));
	json_object_put(object);
	incident_free(incident);
	return text;
}

static void message_single(struct outbox *o, const struct outbox_row *row,
			   struct json_object *json, struct alert_message *m)
{
	const char *asset = member(json, "asset"), *mark = member_true(json, "drill") ? "【訓練】" : "";
	struct text subject = { 0 }, body = { 0 };

	m->incident_id = mem_strdup(row->incident_id);
	m->revision = row->revision;
	m->level = mem_strdup(member(json, "level"));
	m->clause = mem_strdup(member(json, "clause"));
	m->asset_label = mem_strdup(asset ? asset : "確認中");
	m->reason = mem_strdup(member(json, "reason"));
	text_addf(&subject, "%s【%s】%s %s（%s 第%u版）", mark, level_label(m->level), m->clause,
		  m->asset_label, m->incident_id, m->revision);
	text_addf(&body, "%s%s\n\n事案　　%s（第%u版）\n区分　　%s\n例示　　%s\n対象　　%s\n理由　　%s\n\n"
			 "受領を記録　sokuhoctl incident ack %s\n"
			 "電話の手順　sokuhoctl draft export %s --form phone\n"
			 "草案を見る　sokuhoctl draft show %s\n"
			 "事案を見る　sokuhoctl incident show %s\n\n"
			 "報告するかどうかは人が決めます。送る前に必ず緊急窓口に電話してください。\n",
		  mark, "sokuhod からのお知らせ", m->incident_id, m->revision, level_label(m->level),
		  m->clause, m->asset_label, reason_label(m->reason), m->incident_id, m->incident_id, m->incident_id,
		  m->incident_id);
	m->subject = text_take(&subject);
	m->body = text_take(&body);
	m->document = document_of(o, row->incident_id);
}

static void message_folded(const struct outbox_row *rows, const size_t *which, size_t n, bool past,
			   struct alert_message *m)
{
	struct json_object *document = json_object_new_object(), *ids = json_object_new_array();
	struct text subject = { 0 }, body = { 0 };
	size_t counts[3] = { 0 }, drills = 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *json = json_tokener_parse(rows[which[i]].payload);

		drills += member_true(json, "drill");
		for (size_t l = 0; l < 3; l++)
			counts[l] += member(json, "level") &&
				     strcmp(level_ja[l].word, member(json, "level")) == 0;
		json_object_put(json);
	}
	text_addf(&subject, "%s【%s】%s%zu件（速報候補 %zu、要確認（至急） %zu、要確認 %zu）", drills == n ? "【訓練】" : "",
		  past ? "過去分" : "まとめ", past ? "過去の記録から " : "", n, counts[0], counts[1], counts[2]);
	if (drills && drills < n)
		text_addf(&subject, "うち【訓練】%zu件", drills);
	text_addf(&body, "%s\n\n一覧　sokuhoctl incident list\n\n", subject.at);
	for (size_t i = 0; i < n; i++) {
		if (i < IDS_IN_FOLD)
			text_addf(&body, "%s\n", rows[which[i]].incident_id);
		json_object_array_add(ids, json_object_new_string(rows[which[i]].incident_id));
	}
	if (n > IDS_IN_FOLD)
		text_addf(&body, "ほか %zu件\n", n - IDS_IN_FOLD);
	json_object_object_add(document, "schema", json_object_new_string("sokuhod.summary/1"));
	json_object_object_add(document, "incidents", ids);
	json_object_object_add(document, "drills", json_object_new_int64((int64_t)drills));
	for (size_t l = 0; l < 3; l++)
		json_object_object_add(document, level_ja[l].word,
				       json_object_new_int64((int64_t)counts[l]));
	m->level = mem_strdup(counts[0] ? "report" : counts[1] ? "urgent" : "review");
	m->reason = mem_strdup(past ? "past" : "folded");
	m->clause = mem_strdup("");
	m->asset_label = mem_strdup("");
	m->document = mem_strdup(json_line(document));
	m->subject = text_take(&subject);
	m->body = text_take(&body);
	json_object_put(document);
}

static void message_warnings(const struct outbox_row *rows, const size_t *which, size_t n,
			     struct alert_message *m)
{
	struct json_object **list = mem_zalloc(n * sizeof(struct json_object *));

	for (size_t i = 0; i < n; i++)
		list[i] = json_tokener_parse(rows[which[i]].payload);
	warning_message(list, n, m);
	for (size_t i = 0; i < n; i++)
		json_object_put(list[i]);
	free(list);
}

static void row_key(int64_t id, char out[24])
{
	snprintf(out, 24, "%lld", (long long)id);
}

/* The rows leave the outbox with this outcome or, where it is NULL, are due again; all of them in one transaction. */
static int rows_store(struct outbox *o, const int64_t *rows, size_t n, const char *outcome, int64_t due, const char *why)
{
	int64_t now = clock_now();
	struct err err = { 0 };
	int begun = store_begin(o->store, &err), rc = begun;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = outcome ? store_outbox_done(o->store, rows[i], now, outcome, &err) :
			       store_outbox_retry(o->store, rows[i], due, why, &err);
	if (rc == 0)
		rc = store_commit(o->store, &err);
	if (rc < 0 && begun == 0)
		store_rollback(o->store);
	if (rc < 0)
		log_error("alert", "the outbox cannot be written: %s; tried again every second", err.text);
	return rc;
}

static void on_done(void *context, bool sent, const char *error)
{
	struct sending *s = context;
	struct outbox *o = s->outbox;
	int64_t wait = RETRY_FIRST;
	char key[24];
	bool stored;

	if (!error)
		error = "unknown";
	for (unsigned i = 0; i < s->tries && wait < RETRY_LAST; i++)
		wait *= 2;
	if (!sent)
		log_warn("alert", "an alert for %zu incident(s) could not be sent: %s; again in %llds", s->n, error,
			 (long long)(wait / NS_PER_S));
	stored = !o->closing && rows_store(o, s->rows, s->n, sent ? done : NULL, clock_now() + wait, error) == 0;
	for (size_t i = 0; i < s->n; i++) {
		row_key(s->rows[i], key);
		if (sent && !stored)
			map_put(o->under_way, slice_of(key), done);
		else
			map_remove(o->under_way, slice_of(key));
	}
	o->sent += sent;
	free(s->rows);
	free(s);
}

/* What a row is told as. */
enum telling { TELL_FRESH, TELL_PAST, TELL_WARNING, N_TELLINGS };

static enum telling row_telling(const struct outbox_row *row)
{
	struct json_object *json = json_tokener_parse(row->payload);
	enum telling telling = warning_is(json) ? TELL_WARNING :
			       member_true(json, "past") ? TELL_PAST : TELL_FRESH;

	json_object_put(json);
	return telling;
}

static void send_rows(struct outbox *o, const struct target_conf *target,
		      const struct outbox_row *rows, const size_t *which, size_t n, enum telling telling)
{
	struct json_object *json = json_tokener_parse(rows[which[0]].payload);
	struct sending *s = mem_zalloc(sizeof(*s));
	struct alert_message m = { 0 };
	struct err err;
	char key[24];

	s->outbox = o;
	s->n = n;
	s->tries = rows[which[0]].tries;
	s->rows = mem_zalloc(n * sizeof(*s->rows));
	for (size_t i = 0; i < n; i++) {
		s->rows[i] = rows[which[i]].id;
		row_key(s->rows[i], key);
		map_put(o->under_way, slice_of(key), o);
	}
	if (telling == TELL_WARNING)
		message_warnings(rows, which, n, &m);
	else if (n == 1 && telling == TELL_FRESH)
		message_single(o, &rows[which[0]], json, &m);
	else
		message_folded(rows, which, n, telling == TELL_PAST, &m);
	if (alert_send(o->alert, target, &m, on_done, s, &err) < 0)
		on_done(s, false, err.text);
	message_clear(&m);
	json_object_put(json);
}

static struct target_state *target_state(struct outbox *o, const char *name, int64_t now)
{
	struct target_state *state = map_get(o->targets, slice_of(name));

	if (!state) {
		state = mem_zalloc(sizeof(*state));
		state->minute = now;
		map_put(o->targets, slice_of(name), state);
	}
	if (now - state->minute >= MINUTE) {
		state->minute = now;
		state->sent = 0;
	}
	return state;
}

/* The rows of one target: single messages while the minute's allowance lasts, the rest as one. */
static void send_target(struct outbox *o, const struct target_conf *target,
			const struct outbox_row *rows, const size_t *which, size_t n)
{
	struct target_state *state = target_state(o, target->name, clock_now());
	long left = o->content->config->alerts.max_per_minute - state->sent, before = left;
	size_t *kinds[N_TELLINGS], counts[N_TELLINGS] = { 0 }, i = 0;

	for (size_t k = 0; k < N_TELLINGS; k++)
		kinds[k] = mem_zalloc((n + 1) * sizeof(*kinds[k]));
	for (size_t k = 0; k < n; k++) {
		enum telling telling = row_telling(&rows[which[k]]);

		kinds[telling][counts[telling]++] = which[k];
	}
	if (o->hold_past)
		counts[TELL_PAST] = 0;
	for (enum telling k = TELL_PAST; k < N_TELLINGS; k++)
		if (counts[k] && left > 0) {
			send_rows(o, target, rows, kinds[k], counts[k], k);
			left--;
		}
	for (; i < counts[TELL_FRESH] && (left > 1 || (left == 1 && counts[TELL_FRESH] - i == 1)); i++, left--)
		send_rows(o, target, rows, kinds[TELL_FRESH] + i, 1, TELL_FRESH);
	if (i < counts[TELL_FRESH] && left == 1) {
		send_rows(o, target, rows, kinds[TELL_FRESH] + i, counts[TELL_FRESH] - i, TELL_FRESH);
		left--;
	}
	state->sent += before - left;
	for (size_t k = 0; k < N_TELLINGS; k++)
		free(kinds[k]);
}

/* What was sent and could not be marked, and what is for a target that a reload took away. */
static void rows_drop(struct outbox *o, const struct outbox_row *rows, size_t n)
{
	int64_t *sent = mem_zalloc((n + 1) * sizeof(*sent)), *gone = mem_zalloc((n + 1) * sizeof(*gone));
	size_t n_sent = 0, n_gone = 0;
	char key[24];

	for (size_t i = 0; i < n; i++) {
		row_key(rows[i].id, key);
		if (map_get(o->under_way, slice_of(key)) == done)
			sent[n_sent++] = rows[i].id;
		else if (!target_find(o, rows[i].target))
			gone[n_gone++] = rows[i].id;
	}
	if (n_sent && rows_store(o, sent, n_sent, done, 0, NULL) == 0)
		for (size_t i = 0; i < n_sent; i++) {
			row_key(sent[i], key);
			map_remove(o->under_way, slice_of(key));
		}
	if (n_gone)
		rows_store(o, gone, n_gone, "target is gone", 0, NULL);
	free(sent);
	free(gone);
}

void outbox_send_due(struct outbox *o)
{
	struct outbox_row *rows;
	size_t n, *which, n_which;
	struct err err;
	char key[24];

	if (store_due_outbox(o->store, clock_now(), ROWS_AT_ONCE, &rows, &n, &err) < 0) {
		log_error("alert", "the outbox cannot be read: %s", err.text);
		return;
	}
	which = mem_zalloc((n + 1) * sizeof(*which));
	for (size_t t = 0; n && t < targets_count(o); t++) {
		n_which = 0;
		for (size_t i = 0; i < n; i++) {
			row_key(rows[i].id, key);
			if (strcmp(rows[i].target, target_at(o, t)->name) == 0 &&
			    !map_get(o->under_way, slice_of(key)))
				which[n_which++] = i;
		}
		if (n_which)
			send_target(o, target_at(o, t), rows, which, n_which);
	}
	rows_drop(o, rows, n);
	free(which);
	outbox_rows_free(rows, n);
}

static void on_test_done(void *context, bool sent, const char *error)
{
	(void)context;
	if (sent)
		log_info("alert", "the test alert was sent");
	else
		log_warn("alert", "the test alert could not be sent: %s", error ? error : "unknown");
}

int outbox_test(struct outbox *o, struct err *err)
{
	struct alert_message m = {
		.level = (char *)"review", .clause = (char *)"", .asset_label = (char *)"",
		.reason = (char *)"test", .subject = (char *)"【試験】sokuhod の警報の試験",
		.body = (char *)"これは試験です。事案ではありません。\n",
		.document = (char *)"{\"schema\":\"sokuhod.test/1\"}",
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < targets_count(o); i++)
		rc = alert_send(o->alert, target_at(o, i), &m, on_test_done, NULL, err);
	return rc;
}
