/*
 * From record to incident. A record's hits become at most one finding for each fact; correlations that complete
 * with this record join the finding of their fact; then each finding is judged and gathered.
 */
#include "pipeline.h"

#include "base/clock.h"
#include "base/ecs.h"
#include "base/map.h"
#include "base/mem.h"
#include "draft/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_BYTES_MAX 1024
#define PENDING_MAX 16
#define CLAUSES_MAX 3
#define SAMPLE_EVERY 1024
#define LIMIT_HOURS_MAX 4096
#define MINUTE_NS (60 * NS_PER_S)

struct pending {
	struct finding *finding;
	const struct rule_info *best;
};

struct pipeline {
	struct content *content;
	struct pipeline_sink sink;
	struct correlations *correlations;
	struct settle *settle;
	struct text settle_key;		/* of the record that is worked on; empty: nothing settles its verdict */
	int64_t settle_within;
	struct gather *gather;
	struct pipeline_stats stats;
	struct pending pending[PENDING_MAX];
	size_t n_pending;
	int64_t advanced;		/* of the newest record that moved the watermark */
	struct map *limits;		/* rule and hour of limit findings already made */
	struct arena *arena;		/* of one sample line */
	bool any_logsource;
};

static void on_fired(void *context, const struct rule_info *rule, struct finding *finding,
		     const struct record *record);

static struct correlations *correlations_for(struct pipeline *p)
{
	const struct limits_conf *limits = &p->content->config->limits;
	struct correlation_bounds bounds = { limits->lateness, (size_t)limits->groups_max,
					     (size_t)limits->hits_max };

	return correlations_new(ruleset_infos(p->content->rules), ruleset_count(p->content->rules),
				&bounds, on_fired, p);
}

struct pipeline *pipeline_new(struct content *content, const struct pipeline_sink *sink)
{
	struct pipeline *p = mem_zalloc(sizeof(*p));

	p->content = content;
	p->sink = *sink;
	p->gather = gather_new();
	p->settle = settle_new();
	p->limits = map_new();
	p->arena = arena_new();
	p->correlations = correlations_for(p);
	return p;
}

void pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	correlations_free(p->correlations);
	settle_free(p->settle);
	text_clear(&p->settle_key);
	gather_free(p->gather);
	map_free(p->limits, NULL);
	arena_free(p->arena);
	free(p);
}

void pipeline_set_any_logsource(struct pipeline *p, bool on)
{
	p->any_logsource = on;
}

void pipeline_set_content(struct pipeline *p, struct content *content)
{
	struct json_object *state = correlations_to_json(p->correlations);
	struct err err;

	correlations_free(p->correlations);
	p->content = content;
	p->correlations = correlations_for(p);
	correlations_from_json(p->correlations, state, &err);
	json_object_put(state);
}

void pipeline_count(struct pipeline *p, unsigned format, uint32_t lines, bool undated, bool cut)
{
	p->stats.lines += lines;
	p->stats.formats[format] += lines;
	p->stats.undated += undated;
	p->stats.cut += cut;
}

void pipeline_head(struct pipeline *p, struct stream *stream, struct record *record)
{
	decode_head(p->content->decoder, stream, record);
	pipeline_count(p, decode_format_number(record->format), 1, record->undated, record->marks & RECORD_CUT);
}

/* fact: NULL for rules that mean nothing under the notice. */
static struct pending *pending_of(struct pipeline *p, const char *fact)
{
	for (size_t i = 0; i < p->n_pending; i++)
		if (slice_equal(slice_of(p->pending[i].finding->fact), slice_of(fact)))
			return &p->pending[i];
	if (p->n_pending == PENDING_MAX)
		return NULL;
	p->pending[p->n_pending] = (struct pending){ finding_new(), NULL };
	p->pending[p->n_pending].finding->fact = finding_keep(p->pending[p->n_pending].finding, fact);
	p->pending[p->n_pending].finding->cap = LEVEL_RECORD;
	p->pending[p->n_pending].finding->shows = SHOWS_HINT;
	return &p->pending[p->n_pending++];
}

static bool is_more_specific(const struct rule_info *a, const struct rule_info *b)
{
	if (!b || a->specificity != b->specificity)
		return !b || a->specificity > b->specificity;
	return strcmp(a->name, b->name) < 0;
}

/* The clauses of the more specific rule come first. */
static void clauses_join(struct finding *f, const struct strlist *clauses, bool first)
{
	struct strlist joined = { .arena = f->arena };

	strlist_join(&joined, first ? clauses : &f->clauses, CLAUSES_MAX);
	strlist_join(&joined, first ? &f->clauses : clauses, CLAUSES_MAX);
	f->clauses = joined;
}

static bool is_in_force(const struct exception *e, int64_t time)
{
	return e->expires == TIME_NONE || time == TIME_NONE || time < e->expires;
}

static void meaning_join(struct pending *pending, const struct rule_info *rule, enum level cap)
{
	const struct meaning *m = &rule->meaning;
	const struct tuning *tuning = rule->tuning;
	struct finding *f = pending->finding;
	bool better = is_more_specific(rule, pending->best);

	strlist_add_once(&f->rules, rule->name);
	clauses_join(f, &m->clauses, better);
	if (m->shows < f->shows)
		f->shows = m->shows;
	if (cap > f->cap)
		f->cap = cap;
	if (!better)
		return;
	pending->best = rule;
	f->rule = finding_keep(f, rule->name);
	f->rule_id = finding_keep(f, rule->id);
	f->rule_title = finding_keep(f, rule->title);
	f->severity = finding_keep(f, rule->level);
	strlist_clear(&f->incident_by);
	if (!tuning || !tuning->has_incident || !is_in_force(&tuning->by, f->time))
		tuning = NULL;
	strlist_copy(&f->incident_by, tuning ? &tuning->incident_by : &m->incident_by);
	f->within = tuning ? tuning->within : m->within;
}

/* The rank of its name; -1: it is not kept. */
static int kept_rank(const struct field *field)
{
	if (!field->normal || !field->value.len || slice_is(field->name, "message") || slice_starts(field->name, SLICE("log.")))
		return -1;
	return ecs_rank_hashed(field->name, field->hash);
}

static char *value_keep(struct finding *f, const struct record *r, const char *name)
{
	struct slice value = record_value(r, name);

	return value.len ? arena_strndup(f->arena, value.at, value.len) : NULL;
}

static void finding_take_record(struct finding *f, const struct record *r)
{
	f->time = r->time;
	f->utc_offset = r->utc_offset;
	f->verdict = verdict_of(record_value(r, "verdict"));
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field *field = &r->fields[i];
		int rank = kept_rank(field);

		if (rank >= 0)
			finding_add_ranked(f, rank, field->name, slice_cut(field->value, 0, VALUE_BYTES_MAX),
					   field->type == VALUE_NUMBER);
	}
	finding_add_evidence(f, r);
	f->asset_id = value_keep(f, r, "asset.id");
	f->person_id = value_keep(f, r, "person.id");
}

/* Is a protected or secret system concerned? There what a site decides about rules needs a second approver. */
static bool is_guarded(struct pipeline *p, const struct rule_info *rule, const struct record *record)
{
	struct finding *f = finding_new();
	bool guarded;

	f->fact = finding_keep(f, rule->meaning.fact);
	strlist_copy(&f->clauses, &rule->meaning.clauses);
	finding_take_record(f, record);
	judge_finding(p->content->judge, f);
	guarded = f->classes & (CLASS_PROTECTED | CLASS_SECRET);
	finding_free(f);
	return guarded;
}

/* The exception of a hit where it applies; *refused says that it does not for want of a second approver. */
static const struct exception *exception_for(struct pipeline *p, const struct hit *hit, bool *refused)
{
	const struct exception *e = hit->exception;

	if (e && !is_in_force(e, hit->record->time))
		e = NULL;
	*refused = e && !e->second_approver && is_guarded(p, hit->rule, hit->record);
	return *refused ? NULL : e;
}

/* notice.level, as the site's tuning lowers it: on guarded systems never below review. */
static enum level cap_for(struct pipeline *p, const struct rule_info *rule, const struct record *record)
{
	const struct tuning *t = rule->tuning;
	enum level cap = rule->meaning.cap;

	if (!t || !t->has_level || t->level >= cap || !is_in_force(&t->by, record->time))
		return cap;
	if (!is_guarded(p, rule, record))
		return t->level;
	if (!t->by.second_approver)
		return cap;
	return t->level > LEVEL_REVIEW ? t->level : LEVEL_REVIEW;
}

/* A rule that hit a limit is looked at by a person, once an hour (design section 4). */
static bool limit_is_new(struct pipeline *p, const struct hit *hit)
{
	char key[128];

	snprintf(key, sizeof(key), "%s %lld", hit->rule->id,
		 (long long)(hit->record->time / (3600 * NS_PER_S)));
	if (map_count(p->limits) > LIMIT_HOURS_MAX) {
		map_free(p->limits, NULL);
		p->limits = map_new();
	}
	return map_put(p->limits, slice_of(key), p) == NULL;
}

/* Nothing of what excepted rules said stays when another rule says the same fact. */
static void pending_reset(struct pending *pending)
{
	struct finding *f = pending->finding;

	f->exception = NULL;
	strlist_clear(&f->rules);
	strlist_clear(&f->clauses);
	f->shows = SHOWS_HINT;
	f->cap = LEVEL_RECORD;
	pending->best = NULL;
}

/* A finding is an exception only while every rule that found it is one. False: the hit adds but a reason. */
static bool exception_join(struct pending *pending, const struct exception *e, bool refused,
			   const struct rule_info *rule)
{
	struct finding *f = pending->finding;
	struct text why = { 0 };
	bool joins = !e || !pending->best || f->exception;

	if (e)
		text_addf(&why, "exception '%s' of rule '%s': %s", e->id, rule->name,
			  e->reason ? e->reason : "no reason given");
	else if (refused)
		text_addf(&why, "the exception of rule '%s' has no second approver, which this system needs",
			  rule->name);
	if (why.len)
		strlist_add_once(&f->reasons, why.at);
	text_clear(&why);
	if (!e && f->exception)
		pending_reset(pending);
	if (e && joins)
		f->exception = finding_keep(f, e->id);
	return joins;
}

static void on_hit(void *context, const struct hit *hit)
{
	struct pipeline *p = context;
	const struct exception *exception;
	struct pending *pending;
	bool refused;

	if (p->sink.hit)
		p->sink.hit(p->sink.context, hit);
	if (!hit->limit)
		((struct rule_info *)hit->rule)->matched++;	/* the set's only moving part, on this thread only */
	if (hit->limit && (!hit->rule->meaning.has_notice || !limit_is_new(p, hit)))
		return;
	exception = exception_for(p, hit, &refused);
	if (!hit->limit && !exception && hit->rule->referred)
		correlations_feed(p->correlations, hit->rule, hit->record);
	if (hit->rule->silent)
		return;
	pending = pending_of(p, hit->rule->meaning.fact);
	if (!pending)
		return;
	if (!pending->finding->n_evidence)
		finding_take_record(pending->finding, hit->record);
	if (!exception_join(pending, exception, refused, hit->rule))
		return;
	meaning_join(pending, hit->rule, cap_for(p, hit->rule, hit->record));
	for (size_t i = 0; i < hit->n_captures; i++)
		finding_add_field(pending->finding, slice_of(hit->captures[i].name),
				  slice_cut(hit->captures[i].value, 0, VALUE_BYTES_MAX), false);
	if (hit->limit) {
		pending->finding->cap = LEVEL_REVIEW;
		pending->finding->verdict = VERDICT_UNKNOWN;
		strlist_add(&pending->finding->reasons,
			    "limit: a pattern of the rule reached its match limit");
	}
}

/* What the most specific rule so far said of the finding; a less specific one leaves it. */
static void meaning_keep(struct finding *f, const struct finding *old)
{
	f->rule = finding_keep(f, old->rule);
	f->rule_id = finding_keep(f, old->rule_id);
	f->rule_title = finding_keep(f, old->rule_title);
	f->severity = finding_keep(f, old->severity);
	strlist_clear(&f->incident_by);
	strlist_copy(&f->incident_by, &old->incident_by);
	f->within = old->within;
}

/* The finding of a completed correlation takes the place of the record's own of the same fact. */
static void on_fired(void *context, const struct rule_info *rule, struct finding *fired,
		     const struct record *record)
{
	struct pipeline *p = context;
	struct pending *pending = NULL;
	struct finding *old;

	if (!rule->silent)
		pending = pending_of(p, rule->meaning.fact);
	if (!pending) {
		finding_free(fired);
		return;
	}
	if (pending->finding->exception)
		pending_reset(pending);
	old = pending->finding;
	fired->fact = finding_keep(fired, old->fact);
	fired->correlated = true;
	fired->shows = old->shows;
	fired->cap = old->cap;
	meaning_keep(fired, old);
	for (size_t i = 0; i < old->n_fields; i++)
		finding_add_field(fired, slice_of(old->fields[i].name),
				  (struct slice){ old->fields[i].value, old->fields[i].len },
				  old->fields[i].number);
	strlist_copy(&fired->rules, &old->rules);
	strlist_clear(&fired->clauses);
	strlist_copy(&fired->clauses, &old->clauses);
	if (old->n_evidence && old->verdict != VERDICT_STOPPED)
		fired->verdict = old->verdict;
	if (!fired->asset_id)
		fired->asset_id = value_keep(fired, record, "asset.id");
	fired->time = record->time;
	fired->utc_offset = record->utc_offset;
	finding_free(old);
	pending->finding = fired;
	meaning_join(pending, rule, cap_for(p, rule, record));
}

/* before: NULL; or, of a finding that waited, what was held back then. */
static unsigned finding_hand_on(struct pipeline *p, struct finding *f, const unsigned *before)
{
	struct incident *incident = NULL, *merged = NULL;
	struct text title = { 0 };
	unsigned told = gather_add(p->gather, f, &incident, &merged);

	if (incident && (told || !incident->title)) {
		free(incident->title);
		draft_title(p->content->notice, incident, &title);
		incident->title = text_take(&title);
	}
	if (before)
		told = *before & 1u << ALERT_OPENED ? 1u << ALERT_OPENED : told | *before;
	if (before && incident && incident->n_findings > 1)
		incident->n_findings--;		/* it was counted when it began to wait */
	if (before && incident && incident->n_findings == 1 && !incident->decided)
		incident->verdict = f->verdict;
	if (!f->waits) {
		p->stats.findings++;
		p->stats.levels[f->level]++;
	}
	if (p->sink.finding)
		p->sink.finding(p->sink.context, f, incident, merged, f->waits ? 0 : told);
	return told;
}

static bool may_be_settled(const struct pipeline *p, const struct finding *f)
{
	return p->settle_key.len && f->verdict == VERDICT_UNKNOWN && f->shows == SHOWS_EVENT && !f->correlated;
}

static void pending_finish(struct pipeline *p, struct pending *pending)
{
	struct finding *f = pending->finding, *unjudged = may_be_settled(p, f) ? finding_copy(f) : NULL;
	unsigned told;

	judge_finding(p->content->judge, f);
	if (p->sink.known && p->sink.known(p->sink.context, f)) {
		finding_free(unjudged);
		finding_free(f);
		return;
	}
	if (unjudged && f->level >= LEVEL_URGENT)
		judge_wait(f);
	told = finding_hand_on(p, f, NULL);
	if (f->waits)
		settle_add(p->settle, text_slice(&p->settle_key), p->settle_within, clock_now(), told, unjudged);
	else
		finding_free(unjudged);
	finding_free(f);
}

/* by: the record that settles it; NULL: its time is over. */
static void entry_settle(struct pipeline *p, struct settle_entry *e, enum verdict verdict, const struct record *by)
{
	struct finding *f = e->finding;
	struct text why = { 0 };

	f->settled = true;
	f->verdict = verdict;
	finding_set_field(f, "verdict", verdict_word(verdict));
	if (by) {
		text_addf(&why, "verdict %s: settled by a later line, %s:%llu", verdict_word(verdict), by->file ? by->file : "",
			  (unsigned long long)by->line);
		finding_add_evidence(f, by);
	} else {
		text_add(&why, "verdict unknown: no later line settled it in time");
	}
	strlist_add_once(&f->reasons, why.at);
	text_clear(&why);
	judge_finding(p->content->judge, f);
	finding_hand_on(p, f, &e->told);
	settle_entry_clear(e);
}

static void settle_over(struct pipeline *p, int64_t time, int64_t clock)
{
	struct settle_entry e;

	while (settle_take_over(p->settle, time, clock, &e))
		entry_settle(p, &e, VERDICT_UNKNOWN, NULL);
}

/* Before the record's own findings. */
static void record_settles(struct pipeline *p, const struct record *r)
{
	bool settles = false, known = decode_settle_key(p->content->decoder, r, &p->settle_key, &p->settle_within, &settles);
	enum verdict verdict = settles ? verdict_of(record_value(r, "verdict")) : VERDICT_UNKNOWN;
	struct settle_entry e;

	while (verdict != VERDICT_UNKNOWN && settle_take(p->settle, text_slice(&p->settle_key), &e))
		entry_settle(p, &e, verdict, r);
	if (settles || !known)
		text_reset(&p->settle_key);	/* its own verdict stands */
}

bool pipeline_wants_sample(uint64_t number)
{
	return number % SAMPLE_EVERY == 1;
}

void pipeline_sample(struct pipeline *p, const struct stream *stream, const struct peek *peek,
		     const struct record_columns *columns, struct slice line)
{
	struct record r = { .arena = p->arena, .raw = line, .columns = columns };

	arena_reset(p->arena);
	decode_head_peeked(peek, &r);
	decode_fields(p->content->decoder, stream, &r);
	if (r.marks & RECORD_BROKEN || !r.format)
		p->stats.sample_failed++;
	else
		p->stats.sample_decoded++;
}

void pipeline_decode(const struct content *content, const struct stream *stream, const struct peek *peek, struct record *r)
{
	decode_head_peeked(peek, r);
	decode_fields(content->decoder, stream, r);
}

void pipeline_identify(const struct content *content, struct record *r)
{
	judge_identify(content->judge, r);
}

/* The watermark follows the records that hits were made of, by the minute. */
static void advance_with(struct pipeline *p, const struct record *r)
{
	if (r->time == TIME_NONE || r->time - MINUTE_NS <= p->advanced)
		return;
	p->advanced = r->time;
	pipeline_advance(p, r->time - p->content->config->limits.lateness);
}

static void findings_end(struct pipeline *p)
{
	for (size_t i = 0; i < p->n_pending; i++)
		pending_finish(p, &p->pending[i]);
	p->n_pending = 0;
}

void pipeline_hits(struct pipeline *p, const struct record *record, struct hit *hits, size_t n)
{
	if (!n)
		return;
	advance_with(p, record);
	record_settles(p, record);
	p->n_pending = 0;
	for (size_t i = 0; i < n; i++) {
		hits[i].record = record;
		on_hit(p, &hits[i]);
	}
	findings_end(p);
}

void pipeline_record(struct pipeline *p, struct stream *stream, struct record *r)
{
	struct hit hit;

	decode_fields(p->content->decoder, stream, r);
	judge_identify(p->content->judge, r);
	advance_with(p, r);
	record_settles(p, r);
	p->n_pending = 0;
	for (unsigned i = 0; i < ruleset_count(p->content->rules); i++)
		if (ruleset_try(p->content->rules, i, r, p->any_logsource, &hit))
			on_hit(p, &hit);
	findings_end(p);
}

void pipeline_advance(struct pipeline *p, int64_t watermark)
{
	p->n_pending = 0;
	correlations_advance(p->correlations, watermark);
	findings_end(p);
	if (!settle_is_empty(p->settle) && watermark != TIME_NONE)
		settle_over(p, watermark == INT64_MAX ? INT64_MAX : watermark + p->content->config->limits.lateness, INT64_MIN);
}

void pipeline_wait_over(struct pipeline *p, int64_t clock)
{
	settle_over(p, INT64_MIN, clock);
}

struct settle *pipeline_settle(struct pipeline *p)
{
	return p->settle;
}

const struct pipeline_stats *pipeline_stats(const struct pipeline *p)
{
	return &p->stats;
}

struct correlation_stats pipeline_correlation_stats(const struct pipeline *p)
{
	struct correlation_stats stats;

	correlations_stats(p->correlations, &stats);
	return stats;
}

struct gather *pipeline_gather(struct pipeline *p)
{
	return p->gather;
}

struct correlations *pipeline_correlations(struct pipeline *p)
{
	return p->correlations;
}
