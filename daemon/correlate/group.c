/*
 * Hits sorted by (time, stream, offset). "At least" fires as soon as it is fulfilled; the window
 * [begin, begin + timespan], where begin is the latest hit from which it is fulfilled, then swallows its
 * other hits. What more hits could undo is decided when the watermark has passed the window, by all that
 * lies in it. Of a distinct value only those hits are kept that a window could need, and only the first
 * hits of a window keep their lines, so a group stays small.
 */
#include "correlate/group.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "correlate/window.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DROP_SHARE 16			/* hits go by so many of a group's, so that moving the others is rare */
#define DROP_MAX (CORRELATION_COUNT_MAX / DROP_SHARE)
#define MEMBERS_MAX (CORRELATION_COUNT_MAX + DROP_MAX)
#define UNION_MAX 200

struct group *group_new(const struct rule_info *correlation)
{
	struct group *g = mem_zalloc(sizeof(*g) + correlation->correlation.n_rules * sizeof(g->of_place[0]));

	g->correlation = correlation;
	g->last = TIME_NONE;
	return g;
}

struct group_place *group_place(struct group *g)
{
	return &g->place;
}

static void member_clear(struct member *m)
{
	free(m->value);
	free(m->hit);
}

void group_free(struct group *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++)
		member_clear(&g->members[i]);
	free(g->members);
	free(g->windows);
	free(g->seen);
	free(g);
}

int64_t group_last(const struct group *g)
{
	return g->last;
}

bool group_is_over(const struct group *g, int64_t watermark)
{
	return g->last == TIME_NONE || (watermark > g->last && watermark - g->last > group_span(g));
}

static void remove_range(struct group *g, size_t from, size_t to)
{
	if (from == to)
		return;
	for (size_t i = from; i < to; i++) {
		g->of_place[g->members[i].place]--;
		member_clear(&g->members[i]);
	}
	memmove(&g->members[from], &g->members[to], (g->n - to) * sizeof(*g->members));
	g->n -= to - from;
	g->total = 0;		/* anew: taking away a number far greater than the others would leave nothing of them */
	for (size_t i = 0; i < g->n; i++)
		g->total += g->members[i].number;
}

static bool number_of(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return ((*text >= '0' && *text <= '9') || *text == '.') && *end == '\0';
}

/* Lower case, several fields joined; NULL when one is absent. */
static char *value_of(const struct group *g, size_t place, const struct record *r)
{
	const struct correlation_spec *spec = &g->correlation->correlation;
	struct text value = { 0 };

	for (size_t i = 0; i < spec->fields.n; i++) {
		struct lookup_walk walk = { 0 };
		struct slice one = correlation_value(r, spec->fields.at[i],
						     spec->field_paths ?
							     &spec->field_paths[place * spec->fields.n + i] : NULL,
						     &walk);

		one = slice_cut(one, 0, VALUE_MAX);
		if (!one.len) {
			text_clear(&value);
			return NULL;
		}
		if (i)
			text_addf(&value, " %zu ", one.len);
		text_add_lower(&value, one);
	}
	return text_take(&value);
}

/* Does the hit take part? What is added up or ordered must be a number that is not below zero. */
static bool member_value(const struct group *g, const struct record *r, struct member *m)
{
	const struct correlation_spec *spec = &g->correlation->correlation;

	if (spec->type == CORRELATION_EVENT_COUNT || spec->type == CORRELATION_TEMPORAL_ORDERED)
		return true;
	if (spec->type == CORRELATION_TEMPORAL) {
		struct text place = { 0 };

		text_addf(&place, "%zu", m->place);
		m->value = text_take(&place);
	} else {
		m->value = value_of(g, m->place, r);
	}
	if (!m->value)
		return false;
	m->hash = hash_bytes(slice_of(m->value));
	if (spec->type == CORRELATION_VALUE_SUM || spec->type == CORRELATION_VALUE_AVG ||
	    spec->percentile >= 0)
		return number_of(m->value, &m->number);
	return true;
}

static bool in_fired_window(const struct group *g, int64_t time)
{
	for (size_t i = 0; i < g->n_windows; i++)
		if (time >= g->windows[i] && time - g->windows[i] <= group_span(g))
			return true;
	return false;
}

static int member_compare(const struct member *a, const struct member *b)
{
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	if (a->stream != b->stream)
		return a->stream < b->stream ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* Where distinct values count at least: a hit between two of its value that lie within one timespan is never needed. */
static void thin(struct group *g, size_t at)
{
	const struct correlation_spec *spec = &g->correlation->correlation;
	size_t same[5], n = 0, mine = 0;

	if (spec->deferred || (spec->type != CORRELATION_VALUE_COUNT && spec->type != CORRELATION_TEMPORAL))
		return;
	for (size_t i = at; i-- > 0 && n < 2;)		/* two before it */
		if (member_same_value(&g->members[i], &g->members[at]))
			same[1 - n++] = i;
	if (n == 1)
		same[0] = same[1];
	mine = n;
	same[n++] = at;
	for (size_t i = at + 1; i < g->n && n < mine + 3; i++)
		if (member_same_value(&g->members[i], &g->members[at]))
			same[n++] = i;
	for (size_t i = n; i-- > 2;)
		if (g->members[same[i]].time - g->members[same[i - 2]].time <= group_span(g)) {
			remove_range(g, same[i - 1], same[i - 1] + 1);
			return;
		}
}

static void rank_set(struct group *g, size_t i)
{
	const struct member *before = i ? &g->members[i - 1] : NULL;
	struct member *m = &g->members[i];
	bool joins = before && m->time - before->window <= group_span(g);

	m->window = joins ? before->window : m->time;
	m->rank = joins ? before->rank + 1 : 0;
}

/* A window's evidence is bounded: of its further hits only the last keeps its line. */
static void strip(struct group *g, size_t at)
{
	size_t further = at;

	for (size_t i = at; i < g->n; i++)
		rank_set(g, i);
	if (at + 1 == g->n && at && g->members[at - 1].window == g->members[at].window)
		further = at - 1;
	if (further + 1 < g->n && g->members[further].rank >= FINDING_EVIDENCE_MAX) {
		free(g->members[further].hit);
		g->members[further].hit = NULL;
	}
}

static size_t member_insert(struct group *g, struct member *m)
{
	size_t at;

	if (g->n >= MEMBERS_MAX) {
		remove_range(g, 0, DROP_MAX);
		g->dropped += DROP_MAX;
	}
	at = g->n;
	if (g->n == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 1;
		g->members = mem_realloc(g->members, g->cap * sizeof(*g->members));
	}
	while (at > 0 && member_compare(&g->members[at - 1], m) > 0)
		at--;
	memmove(&g->members[at + 1], &g->members[at], (g->n - at) * sizeof(*g->members));
	g->members[at] = *m;
	g->total += m->number;
	g->of_place[m->place]++;
	g->n++;
	return at;
}

static void verdict_worst(struct finding *f, enum verdict v)
{
	static const int rank[] = { [VERDICT_STOPPED] = 0, [VERDICT_UNKNOWN] = 1,
				    [VERDICT_NOT_STOPPED] = 2 };

	if (rank[v] > rank[f->verdict])
		f->verdict = v;
}

static void add_number(struct finding *f, const char *name, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.12g", value);
	finding_add_field(f, slice_of(name), slice_of(text), true);
}

static void finding_add_member(struct finding *f, const struct member *m)
{
	const struct past_hit *hit = m->hit;

	if (!hit)
		return;
	for (size_t i = 0; i < hit->n_fields && f->n_fields < UNION_MAX; i++)
		finding_add_ranked(f, hit->fields[i].rank, slice_of(hit->fields[i].name), (struct slice){ hit->fields[i].value, hit->fields[i].len },
				  hit->fields[i].number);
	finding_keep_evidence(f, &hit->evidence);
	verdict_worst(f, hit->verdict);
}

/* The line that completed it first, then the others, oldest first. */
static struct finding *window_finding(const struct group *g, size_t from, size_t to,
				      size_t completing, double value)
{
	static const char *const names[] = {
		[CORRELATION_EVENT_COUNT] = "event.count", [CORRELATION_VALUE_COUNT] = "value.count",
		[CORRELATION_VALUE_SUM] = "value.sum", [CORRELATION_VALUE_AVG] = "value.avg",
		[CORRELATION_VALUE_PERCENTILE] = "value.percentile", [CORRELATION_VALUE_MEDIAN] = "value.median",
	};
	const struct correlation_spec *spec = &g->correlation->correlation;
	struct finding *f = finding_new();

	f->verdict = VERDICT_STOPPED;
	finding_add_member(f, &g->members[completing]);
	for (size_t i = from; i < to; i++)
		if (i != completing)
			finding_add_member(f, &g->members[i]);
	if (names[spec->type])
		add_number(f, names[spec->type], value);
	if (spec->type == CORRELATION_VALUE_COUNT && spec->fields.n == 1 &&
	    strcmp(spec->fields.at[0], "asset.id") == 0)
		f->host_count = (size_t)value;
	return f;
}

static void window_keep(struct group *g, int64_t begin)
{
	if (!g->windows)
		g->windows = mem_zalloc(WINDOWS_MAX * sizeof(*g->windows));
	if (g->n_windows == WINDOWS_MAX)
		memmove(g->windows, g->windows + 1, --g->n_windows * sizeof(g->windows[0]));
	g->windows[g->n_windows++] = begin;
}

static void window_fire(struct group *g, size_t from, int64_t begin)
{
	size_t end = from;

	while (end < g->n && g->members[end].time - begin <= group_span(g))
		end++;
	remove_range(g, from, end);
	window_keep(g, begin);
}

struct finding *group_add(struct group *g, size_t place, const struct record *record,
			  const struct lookup *paths, int64_t oldest)
{
	struct member m = { .time = record->time, .stream = record->stream,
			    .offset = record->offset, .place = place };
	struct finding *finding;
	size_t begin = 0, from = 0, to = 0, at, old = 0;
	double value = 0;

	if (record->time > g->last)
		g->last = record->time;
	if (in_fired_window(g, record->time) || !member_value(g, record, &m)) {
		free(m.value);
		return NULL;
	}
	m.hit = past_hit_of_record(record, &g->correlation->correlation.group_by, paths);
	at = member_insert(g, &m);
	if (!g->correlation->correlation.deferred && window_find(g, at, &begin, &from, &to, &value)) {
		finding = window_finding(g, from, to, at, value);
		window_fire(g, from, g->members[begin].time);
		return finding;
	}
	strip(g, at);
	if (g->correlation->correlation.deferred)
		return NULL;
	thin(g, at);
	if (oldest > INT64_MIN + group_span(g) && g->members[g->n / DROP_SHARE].time < oldest - group_span(g)) {
		while (old < g->n && g->members[old].time < oldest - group_span(g))
			old++;
		remove_range(g, 0, old);
	}
	return NULL;
}

struct finding *group_close(struct group *g, int64_t watermark, struct past_hit **last)
{
	while (g->n && g->correlation->correlation.deferred) {
		int64_t begin = g->members[0].time;
		struct finding *finding = NULL;
		size_t to = 0, of;
		double value;

		if (watermark != INT64_MAX && (watermark <= begin || watermark - begin <= group_span(g)))
			return NULL;
		while (to < g->n && g->members[to].time - begin <= group_span(g))
			to++;
		if (window_is_met(g, 0, to, &value, &of)) {
			finding = window_finding(g, 0, to, of, value);
			while (of > 0 && !g->members[of].hit)
				of--;
			*last = g->members[of].hit;
			g->members[of].hit = NULL;
		}
		remove_range(g, 0, to);
		if (finding)
			return finding;
	}
	return NULL;
}

size_t group_size(const struct group *g)
{
	return g->n;
}

const struct rule_info *group_correlation(const struct group *g)
{
	return g->correlation;
}

uint64_t group_take_dropped(struct group *g)
{
	uint64_t dropped = g->dropped;

	g->dropped = 0;
	return dropped;
}

static struct json_object *past_hit_to_json(const struct past_hit *hit)
{
	struct finding *finding;
	struct json_object *o;

	if (!hit)
		return NULL;
	finding = past_hit_finding(hit);
	o = hit_to_json(finding);
	finding_free(finding);
	return o;
}

static struct past_hit *past_hit_from_json(struct json_object *o)
{
	struct finding *finding = hit_from_json(o);
	struct past_hit *hit = past_hit_of_finding(finding);

	finding_free(finding);
	return hit;
}

struct json_object *group_to_json(const struct group *g)
{
	struct json_object *o = json_object_new_object(), *windows = json_object_new_array();
	struct json_object *members = json_object_new_array();

	json_object_object_add(o, "rule", json_object_new_string(g->correlation->id));
	json_object_object_add(o, "last", json_object_new_int64(g->last));
	for (size_t i = 0; i < g->n_windows; i++)
		json_object_array_add(windows, json_object_new_int64(g->windows[i]));
	json_object_object_add(o, "windows", windows);
	for (size_t i = 0; i < g->n; i++) {
		const struct member *m = &g->members[i];
		struct json_object *one = json_object_new_object();

		json_object_object_add(one, "time", json_object_new_int64(m->time));
		json_object_object_add(one, "stream", json_object_new_int64((int64_t)m->stream));
		json_object_object_add(one, "offset", json_object_new_int64((int64_t)m->offset));
		json_object_object_add(one, "rule", json_object_new_string(
							    g->correlation->correlation.rules[m->place]->id));
		json_object_object_add(one, "value", json_text_or_null(m->value));
		json_object_object_add(one, "hit", past_hit_to_json(m->hit));
		json_object_array_add(members, one);
	}
	json_object_object_add(o, "members", members);
	return o;
}

static int64_t get_int(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return json_object_get_int64(value);
}

static bool member_from_json(struct group *g, struct json_object *one, struct member *m)
{
	const struct correlation_spec *spec = &g->correlation->correlation;
	struct json_object *value = NULL;

	*m = (struct member){ .time = get_int(one, "time"), .stream = (uint64_t)get_int(one, "stream"),
			      .offset = (uint64_t)get_int(one, "offset") };
	json_object_object_get_ex(one, "rule", &value);
	while (value && m->place < spec->n_rules &&
	       strcmp(spec->rules[m->place]->id, json_object_get_string(value)) != 0)
		m->place++;
	if (!value || m->place == spec->n_rules)
		return false;
	if (json_object_object_get_ex(one, "value", &value) && value) {
		m->value = mem_strdup(json_object_get_string(value));
		m->hash = hash_bytes(slice_of(m->value));
		number_of(m->value, &m->number);
	}
	if (json_object_object_get_ex(one, "hit", &value) && value)
		m->hit = past_hit_from_json(value);
	return true;
}

void group_from_json(struct group *g, struct json_object *o)
{
	struct json_object *list = NULL;
	struct member m;

	g->last = get_int(o, "last");
	json_object_object_get_ex(o, "windows", &list);
	for (size_t i = 0; list && i < json_object_array_length(list) && i < WINDOWS_MAX; i++)
		window_keep(g, json_object_get_int64(json_object_array_get_idx(list, i)));
	list = NULL;
	json_object_object_get_ex(o, "members", &list);
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (member_from_json(g, json_object_array_get_idx(list, i), &m))
			strip(g, member_insert(g, &m));
}
