/*
 * Hits sorted by (time, stream, offset). Where distinct values count, a value keeps its earliest and its latest hit
 * only; where hits count, the window fires before more than the wanted number can gather. So a group stays small.
 */
#include "correlate/group.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX 10000
#define WINDOWS_MAX 64
#define VALUE_MAX 1024
#define UNION_MAX 200

struct member {
	int64_t time;
	uint64_t stream, offset;
	const struct rule_info *rule;
	char *value;			/* what is counted as distinct, lower case; NULL: the hit itself */
	struct finding *hit;		/* evidence and fields */
};

struct group {
	const struct rule_info *correlation;
	struct member *members;
	size_t n, cap;
	int64_t windows[WINDOWS_MAX];	/* begin of those that fired, newest last */
	size_t n_windows;
	int64_t last;
};

struct group *group_new(const struct rule_info *correlation)
{
	struct group *g = mem_zalloc(sizeof(*g));

	g->correlation = correlation;
	g->last = TIME_NONE;
	return g;
}

static void member_clear(struct member *m)
{
	free(m->value);
	finding_free(m->hit);
}

void group_free(struct group *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++)
		member_clear(&g->members[i]);
	free(g->members);
	free(g);
}

int64_t group_last(const struct group *g)
{
	return g->last;
}

static int64_t span(const struct group *g)
{
	return g->correlation->correlation.timespan;
}

bool group_is_over(const struct group *g, int64_t watermark)
{
	return g->last == TIME_NONE || (watermark > g->last && watermark - g->last > span(g));
}

static void remove_range(struct group *g, size_t from, size_t to)
{
	if (from == to)
		return;
	for (size_t i = from; i < to; i++)
		member_clear(&g->members[i]);
	memmove(&g->members[from], &g->members[to], (g->n - to) * sizeof(*g->members));
	g->n -= to - from;
}

static bool is_kept(struct slice name)
{
	static const char *const heads[] = {
		"event.", "host.", "source.", "destination.", "user.", "file.", "url.", "rule.",
		"process.", "email.", "observer.", "asset.id", "person.id", "network.direction",
		"attack.", "threat.", "dns.",
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (slice_starts(name, slice_of(heads[i])))
			return true;
	return false;
}

static struct finding *hit_copy(const struct record *r)
{
	struct finding *f = finding_new();
	struct slice verdict = record_value(r, "verdict");
	char word[16] = "";

	finding_add_evidence(f, r);
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].normal && r->fields[i].value.len && is_kept(r->fields[i].name))
			finding_add_field(f, r->fields[i].name,
					  slice_cut(r->fields[i].value, 0, VALUE_MAX),
					  r->fields[i].type == VALUE_NUMBER);
	if (verdict.len < sizeof(word))
		memcpy(word, verdict.at, verdict.len);
	verdict_parse(word, &f->verdict);
	return f;
}

/* What counts as distinct: a field's value, or which rule it was. NULL when hits themselves are counted. */
static bool member_value(const struct group *g, const struct rule_info *rule,
			 const struct record *r, char **value)
{
	const struct correlation_spec *spec = &g->correlation->correlation;
	struct slice text;

	*value = NULL;
	if (spec->type == CORRELATION_TEMPORAL) {
		*value = mem_strdup(rule->id);
	} else if (spec->type == CORRELATION_VALUE_COUNT) {
		text = slice_cut(record_value(r, spec->field), 0, VALUE_MAX);
		if (!text.len)
			return false;
		*value = slice_dup(text);
		for (size_t i = 0; i < text.len; i++)
			if ((*value)[i] >= 'A' && (*value)[i] <= 'Z')
				(*value)[i] = (char)((*value)[i] + 32);
	}
	return true;
}

static uint64_t wanted(const struct group *g)
{
	const struct correlation_spec *spec = &g->correlation->correlation;

	if (spec->type == CORRELATION_TEMPORAL)
		return spec->n_rules;
	return spec->count + (spec->compare == COMPARE_GT);
}

static bool in_fired_window(const struct group *g, int64_t time)
{
	for (size_t i = 0; i < g->n_windows; i++)
		if (time >= g->windows[i] && time - g->windows[i] <= span(g))
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

/* The third and later hits of a value: the latest of them takes the place of the one before it. */
static void thin_value(struct group *g, const char *value)
{
	size_t seen = 0, before = 0;

	for (size_t i = 0; value && i < g->n; i++) {
		if (strcmp(g->members[i].value, value) != 0)
			continue;
		if (++seen == 2)
			before = i;
		if (seen == 3) {
			remove_range(g, before, before + 1);
			return;
		}
	}
}

static void member_insert(struct group *g, struct member *m)
{
	size_t at = g->n;

	if (g->n >= MEMBERS_MAX)
		remove_range(g, 0, 1);
	at = g->n;
	g->members = mem_grow(g->members, &g->cap, g->n + 1, sizeof(*g->members));
	while (at > 0 && member_compare(&g->members[at - 1], m) > 0)
		at--;
	memmove(&g->members[at + 1], &g->members[at], (g->n - at) * sizeof(*g->members));
	g->members[at] = *m;
	g->n++;
	thin_value(g, m->value);
}

static bool value_seen(const struct group *g, size_t from, size_t at)
{
	for (size_t i = from; i < at; i++)
		if (strcmp(g->members[i].value, g->members[at].value) == 0)
			return true;
	return false;
}

/* The first window that fulfils the condition: its members are [*from, *to). */
static bool find_window(const struct group *g, size_t *from, size_t *to)
{
	uint64_t want = wanted(g);

	if (g->n < want)
		return false;
	for (size_t i = 0; i < g->n; i++) {
		uint64_t count = 0;

		for (size_t j = i; j < g->n && g->members[j].time - g->members[i].time <= span(g); j++) {
			if (!g->members[j].value || !value_seen(g, i, j))
				count++;
			if (count >= want) {
				*from = i;
				*to = j + 1;
				return true;
			}
		}
	}
	return false;
}

static void verdict_worst(struct finding *f, enum verdict v)
{
	static const int rank[] = { [VERDICT_STOPPED] = 0, [VERDICT_UNKNOWN] = 1,
				    [VERDICT_NOT_STOPPED] = 2 };

	if (rank[v] > rank[f->verdict])
		f->verdict = v;
}

static void add_count(struct finding *f, const char *name, size_t n)
{
	struct text text = { 0 };

	text_addf(&text, "%zu", n);
	finding_add_field(f, slice_of(name), text_slice(&text), true);
	text_clear(&text);
}

static void finding_add_member(struct finding *f, const struct member *m)
{
	for (size_t i = 0; i < m->hit->n_fields && f->n_fields < UNION_MAX; i++)
		finding_add_field(f, slice_of(m->hit->fields[i].name),
				  (struct slice){ m->hit->fields[i].value, m->hit->fields[i].len },
				  m->hit->fields[i].number);
	for (size_t i = 0; i < m->hit->n_evidence && f->n_evidence < FINDING_EVIDENCE_MAX; i++) {
		f->evidence = mem_grow(f->evidence, &f->cap_evidence, f->n_evidence + 1,
				       sizeof(*f->evidence));
		evidence_copy(&f->evidence[f->n_evidence++], &m->hit->evidence[i]);
	}
	verdict_worst(f, m->hit->verdict);
}

/* The line that completed it first, then the others, oldest first. */
static struct finding *window_finding(const struct group *g, size_t from, size_t to,
				      const struct member *completing)
{
	const struct correlation_spec *spec = &g->correlation->correlation;
	struct finding *f = finding_new();
	size_t distinct = 0;

	f->verdict = VERDICT_STOPPED;
	for (size_t i = from; i < to; i++)
		if (member_compare(&g->members[i], completing) == 0)
			finding_add_member(f, &g->members[i]);
	for (size_t i = from; i < to; i++) {
		if (member_compare(&g->members[i], completing) != 0)
			finding_add_member(f, &g->members[i]);
		distinct += g->members[i].value && !value_seen(g, from, i);
	}
	if (spec->type == CORRELATION_EVENT_COUNT)
		add_count(f, "event.count", to - from);
	if (spec->type == CORRELATION_VALUE_COUNT) {
		add_count(f, "value.count", distinct);
		if (strcmp(spec->field, "asset.id") == 0)
			f->host_count = distinct;
	}
	return f;
}

static void window_fire(struct group *g, size_t from)
{
	int64_t begin = g->members[from].time;
	size_t end = from;

	while (end < g->n && g->members[end].time - begin <= span(g))
		end++;
	remove_range(g, from, end);
	if (g->n_windows == WINDOWS_MAX)
		memmove(g->windows, g->windows + 1, --g->n_windows * sizeof(g->windows[0]));
	g->windows[g->n_windows++] = begin;
}

struct finding *group_add(struct group *g, const struct rule_info *rule,
			  const struct record *record, int64_t oldest)
{
	struct member m = { record->time, record->stream, record->offset, rule, NULL, NULL };
	struct finding *finding;
	size_t from, to, old = 0;

	if (record->time > g->last)
		g->last = record->time;
	if (in_fired_window(g, record->time) || !member_value(g, rule, record, &m.value))
		return NULL;
	while (old < g->n && g->members[old].time < oldest - span(g))
		old++;
	remove_range(g, 0, old);
	m.hit = hit_copy(record);
	member_insert(g, &m);
	if (!find_window(g, &from, &to))
		return NULL;
	finding = window_finding(g, from, to, &m);
	window_fire(g, from);
	return finding;
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
		json_object_object_add(one, "rule", json_object_new_string(m->rule->id));
		json_object_object_add(one, "value", json_text_or_null(m->value));
		json_object_object_add(one, "hit", hit_to_json(m->hit));
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

void group_from_json(struct group *g, struct json_object *o, const struct rule_info *const *rules,
		     size_t n_rules)
{
	struct json_object *list = NULL, *value = NULL;

	g->last = get_int(o, "last");
	json_object_object_get_ex(o, "windows", &list);
	for (size_t i = 0; list && i < json_object_array_length(list) && i < WINDOWS_MAX; i++)
		g->windows[g->n_windows++] = json_object_get_int64(json_object_array_get_idx(list, i));
	list = NULL;
	json_object_object_get_ex(o, "members", &list);
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		struct member m = { get_int(one, "time"), (uint64_t)get_int(one, "stream"),
				    (uint64_t)get_int(one, "offset"), NULL, NULL, NULL };

		json_object_object_get_ex(one, "rule", &value);
		for (size_t k = 0; value && k < n_rules; k++)
			if (strcmp(rules[k]->id, json_object_get_string(value)) == 0)
				m.rule = rules[k];
		if (!m.rule)
			continue;
		if (json_object_object_get_ex(one, "value", &value) && value)
			m.value = mem_strdup(json_object_get_string(value));
		if (json_object_object_get_ex(one, "hit", &value))
			m.hit = hit_from_json(value);
		member_insert(g, &m);
	}
}
