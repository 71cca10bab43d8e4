/*
 * Incidents by key, each key with its incidents in the order of their first findings. A finding joins the incident of
 * its key whose span, widened by `within` on both sides, holds its time; a completed correlation also joins the
 * incident that holds its member lines. Nothing here lowers anything.
 */
#include "correlate/gather.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WITHIN_DEFAULT (24 * 3600 * NS_PER_S)
#define REASONS_MAX 40

struct chain {				/* incidents of one key */
	struct incident **at;
	size_t n, cap;
};

struct gather {
	struct map *by_key;		/* key to struct chain */
	struct map *by_id;		/* id to struct incident, merged ones too */
	struct map *by_place;		/* place of a line to struct incident */
};

struct gather *gather_new(void)
{
	struct gather *g = mem_zalloc(sizeof(*g));

	g->by_key = map_new();
	g->by_id = map_new();
	g->by_place = map_new();
	return g;
}

static void free_chain(void *chain)
{
	free(((struct chain *)chain)->at);
	free(chain);
}

static void free_incident(void *incident)
{
	incident_free(incident);
}

void gather_free(struct gather *g)
{
	if (!g)
		return;
	map_free(g->by_key, free_chain);
	map_free(g->by_place, NULL);
	map_free(g->by_id, free_incident);
	free(g);
}

static void key_add(struct text *out, const char *name, const char *value, size_t len)
{
	text_addf(out, "|%s=", name);
	text_add_lower(out, (struct slice){ value, len });
}

void gather_key(const struct finding *f, struct text *out)
{
	text_add(out, f->fact);
	for (size_t i = 0; i < f->incident_by.n; i++) {
		const struct named_value *v = finding_field(f, f->incident_by.at[i]);

		key_add(out, f->incident_by.at[i], v ? v->value : "", v ? v->len : 0);
	}
	if (!f->incident_by.n)
		key_add(out, "asset.id", f->asset_id ? f->asset_id : "",
			f->asset_id ? strlen(f->asset_id) : 0);
}

static void place_key(const struct evidence *e, char out[64])
{
	snprintf(out, 64, "%llu %u %llu", (unsigned long long)e->stream, e->generation,
		 (unsigned long long)e->offset);
}

static bool incident_is_alive(const struct incident *i)
{
	return strcmp(i->status, "merged") != 0;
}

/* What a person closed or dismissed stays so: a further hit opens an incident that names it. */
static bool incident_is_open(const struct incident *i)
{
	return strcmp(i->status, "open") == 0;
}

static struct incident *chain_find(const struct chain *chain, const struct finding *f, bool open)
{
	for (size_t i = 0; chain && i < chain->n; i++) {
		const struct incident *in = chain->at[i];

		if (incident_is_alive(in) && incident_is_open(in) == open && f->time >= in->first - in->within &&
		    f->time <= in->last + in->within)
			return chain->at[i];
	}
	return NULL;
}

/* The incidents that hold the lines of a correlation, of the same fact: the earliest; others merge into it. */
static struct incident *member_incident(struct gather *g, const struct finding *f,
					struct incident **other)
{
	struct incident *best = NULL;
	char key[64];

	for (size_t i = 0; f->correlated && i < f->n_evidence; i++) {
		struct incident *in;

		place_key(&f->evidence[i], key);
		in = map_get(g->by_place, slice_of(key));
		if (!in || in == best || !incident_is_open(in) || strcmp(in->fact, f->fact) != 0)
			continue;
		if (!best) {
			best = in;
		} else {
			*other = in->first < best->first ? best : in;
			best = in->first < best->first ? in : best;
		}
	}
	return best;
}

static void incident_name(struct incident *in, const struct finding *f)
{
	struct slice parts[3];
	struct civil c;
	char time[32], sum[11];

	snprintf(time, sizeof(time), "%lld", (long long)f->time);
	parts[0] = slice_of(in->key);
	parts[1] = slice_of(time);
	parts[2] = f->n_evidence ? (struct slice){ f->evidence[0].raw, f->evidence[0].raw_len } :
				   SLICE("");
	hash_sha256_hex(parts, 3, 5, sum);
	time_to_civil(f->time, OFFSET_JST, &c);
	snprintf(in->id, sizeof(in->id), "I%04d%02d%02d-%s", c.year % 10000, c.month % 100,
		 c.day % 100, sum);
}

static void incident_register(struct gather *g, struct incident *in)
{
	struct chain *chain = map_get(g->by_key, slice_of(in->key));
	char key[64];
	size_t at;

	if (!chain) {
		chain = mem_zalloc(sizeof(*chain));
		map_put(g->by_key, slice_of(in->key), chain);
	}
	chain->at = mem_grow(chain->at, &chain->cap, chain->n + 1, sizeof(struct incident *));
	for (at = chain->n; at > 0 && chain->at[at - 1]->first > in->first; at--)
		chain->at[at] = chain->at[at - 1];
	chain->at[at] = in;
	chain->n++;
	map_put(g->by_id, slice_of(in->id), in);
	for (size_t i = 0; i < in->n_evidence; i++) {
		place_key(&in->evidence[i], key);
		map_put(g->by_place, slice_of(key), in);
	}
}

static struct incident *incident_open(struct gather *g, const struct finding *f, struct text *key)
{
	struct incident *in = incident_new(), *there, *ended;

	in->key = text_take(key);
	in->within = f->within ? f->within : WITHIN_DEFAULT;
	in->first = in->last = f->time;
	in->first_offset = in->last_offset = f->utc_offset;
	in->fact = mem_strdup(f->fact);
	in->verdict = VERDICT_STOPPED;
	incident_name(in, f);
	there = map_get(g->by_id, slice_of(in->id));
	if (there) {			/* merged since: the finding belongs where that one went */
		incident_free(in);
		return there->merged_into ? map_get(g->by_id, slice_of(there->merged_into)) : there;
	}
	ended = chain_find(map_get(g->by_key, slice_of(in->key)), f, false);
	if (ended)
		strlist_add(&in->links, ended->id);
	incident_register(g, in);
	return in;
}

static void replace(char **at, const char *text)
{
	free(*at);
	*at = mem_strdup(text);
}

/* Does this finding count more than what the incident shows so far? */
static bool counts_more(const struct incident *in, const struct finding *f)
{
	if (in->n_findings == 0 || f->level != in->level)
		return in->n_findings == 0 || f->level > in->level;
	if ((f->shows == SHOWS_EVENT) != in->shows_event)
		return f->shows == SHOWS_EVENT;
	return f->correlated && !strlist_has(&in->rules, f->rule);
}

static void evidence_join(struct gather *g, struct incident *in, const struct finding *f)
{
	char key[64];

	for (size_t i = 0; i < f->n_evidence; i++) {
		place_key(&f->evidence[i], key);
		if (map_get(g->by_place, slice_of(key)) == in)
			continue;
		map_put(g->by_place, slice_of(key), in);
		in->evidence_total++;
		in->zone_assumed = in->zone_assumed || f->evidence[i].zone_assumed;
		if (f->evidence[i].format)
			strlist_add_once(&in->formats, f->evidence[i].format);
		if (in->n_evidence >= INCIDENT_EVIDENCE_MAX)
			continue;
		in->evidence = mem_grow(in->evidence, &in->cap_evidence, in->n_evidence + 1,
					sizeof(*in->evidence));
		evidence_copy(&in->evidence[in->n_evidence++], &f->evidence[i]);
	}
}

/* What the machine thinks; a person's decision stands. */
static void judgement_join(struct incident *in, const struct finding *f, bool more)
{
	if (in->decided)
		return;
	bases_join(&in->bases, &f->bases);
	bases_join(&in->bases_now, &f->bases_now);
	strlist_join(&in->boxes, &f->boxes, INCIDENT_LIST_MAX);
	strlist_sort(&in->boxes);
	in->classes |= f->classes;
	if (!more)
		return;
	in->certainty = f->certainty;
	replace(&in->box_mode, f->box_mode);
	replace(&in->timing, f->timing);
}

static void clauses_join(struct incident *in, const struct finding *f, bool more)
{
	const struct strlist *order[2] = { more ? &f->clauses : &in->clauses,
					   more ? &in->clauses : &f->clauses };
	struct strlist joined = { 0 };

	for (size_t k = 0; k < 2; k++)
		strlist_join(&joined, order[k], INCIDENT_CLAUSES_MAX);
	strlist_clear(&in->clauses);
	in->clauses = joined;
}

static unsigned incident_join(struct gather *g, struct incident *in, const struct finding *f)
{
	static const int rank[] = { [VERDICT_STOPPED] = 0, [VERDICT_UNKNOWN] = 1,
				    [VERDICT_NOT_STOPPED] = 2 };
	bool more = counts_more(in, f), opened = in->n_findings == 0;
	char *best = mem_strdup(in->clauses.n ? in->clauses.at[0] : "");
	unsigned told = opened ? 1u << ALERT_OPENED : 0;

	if (!opened && f->level > in->level)
		told |= 1u << ALERT_LEVEL;
	for (size_t i = 0; f->implicated == IMPLICATED_YES && i < f->assets.n; i++)
		if (!strlist_has(&in->assets, f->assets.at[i]) && !opened)
			told |= 1u << ALERT_ASSET;
	if (!(in->decided && !more))
		clauses_join(in, f, more && !in->decided);
	judgement_join(in, f, more);
	if (more) {
		in->level = f->level > in->level ? f->level : in->level;
		replace(&in->rule_title, f->rule_title);
		incident_take_fields(in, f);
	}
	in->shows_event = in->shows_event || f->shows == SHOWS_EVENT;
	if (rank[f->verdict] > rank[in->verdict])
		in->verdict = f->verdict;
	if (opened || f->implicated == IMPLICATED_YES ||
	    (f->implicated == IMPLICATED_UNKNOWN && in->implicated == IMPLICATED_NO))
		in->implicated = f->implicated;
	if (f->host_count > in->host_count)
		in->host_count = f->host_count;
	incident_reach(in, f->time, f->utc_offset, f->time, f->utc_offset);
	incident_add_assets(in, &f->assets, &f->labels);
	strlist_join(&in->contracts, &f->contracts, INCIDENT_LIST_MAX);
	strlist_join(&in->rules, &f->rules, INCIDENT_LIST_MAX);
	strlist_join(&in->reasons, &f->reasons, REASONS_MAX);
	evidence_join(g, in, f);
	in->n_findings++;
	in->revision++;
	if (!opened && in->clauses.n && strcmp(best, in->clauses.at[0]) != 0)
		told |= 1u << ALERT_CLAUSE;
	free(best);
	return told;
}

/* The later one becomes part of the earlier. */
static void incident_merge(struct gather *g, struct incident *into, struct incident *from)
{
	char key[64];

	incident_absorb(into, from);
	for (size_t i = 0; i < from->n_evidence; i++) {
		place_key(&from->evidence[i], key);
		map_put(g->by_place, slice_of(key), into);
	}
	replace(&from->status, "merged");
	replace(&from->merged_into, into->id);
	from->revision++;
}

unsigned gather_add(struct gather *g, const struct finding *f, struct incident **incident,
		    struct incident **merged)
{
	struct incident *in, *other = NULL;
	struct text key = { 0 };

	*incident = *merged = NULL;
	if (f->level < LEVEL_REVIEW)
		return 0;
	gather_key(f, &key);
	in = member_incident(g, f, &other);
	if (!in)
		in = chain_find(map_get(g->by_key, text_slice(&key)), f, true);
	if (!in)
		in = incident_open(g, f, &key);
	text_clear(&key);
	if (!in)
		return 0;
	if (other) {
		incident_merge(g, in, other);
		*merged = other;
	}
	*incident = in;
	return incident_join(g, in, f);
}

void gather_take_incident(struct gather *g, struct incident *in)
{
	if (!in->key || map_get(g->by_id, slice_of(in->id))) {
		incident_free(in);
		return;
	}
	incident_register(g, in);
}

struct incident *gather_find(struct gather *g, const char *id)
{
	return map_get(g->by_id, slice_of(id));
}

static int incident_compare(const void *a, const void *b)
{
	const struct incident *x = *(struct incident *const *)a, *y = *(struct incident *const *)b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return strcmp(x->id, y->id);
}

size_t gather_list(const struct gather *g, struct incident ***list)
{
	struct incident **all = mem_zalloc((map_count(g->by_id) + 1) * sizeof(*all));
	size_t cursor = 0, n = 0;
	void *value;

	while (map_next(g->by_id, &cursor, NULL, &value))
		if (incident_is_alive(value))
			all[n++] = value;
	if (n)
		qsort(all, n, sizeof(*all), incident_compare);
	*list = all;
	return n;
}

static void chain_remove(struct chain *chain, const struct incident *in)
{
	size_t kept = 0;

	for (size_t i = 0; i < chain->n; i++)
		if (chain->at[i] != in)
			chain->at[kept++] = chain->at[i];
	chain->n = kept;
}

void gather_forget(struct gather *g, int64_t before)
{
	size_t cursor = 0;
	struct slice key;
	void *value;

	while (map_next(g->by_id, &cursor, &key, &value)) {
		struct incident *in = value;
		struct chain *chain = map_get(g->by_key, slice_of(in->key));
		size_t place = 0;
		struct slice place_name;
		void *at;

		if (in->last >= before)
			continue;
		while (map_next(g->by_place, &place, &place_name, &at))
			if (at == in)
				map_remove(g->by_place, place_name);
		if (chain)
			chain_remove(chain, in);
		if (chain && !chain->n) {
			map_remove(g->by_key, slice_of(in->key));
			free_chain(chain);
		}
		map_remove(g->by_id, key);
		incident_free(in);
	}
}
