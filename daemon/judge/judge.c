/*
 * From a finding to its judgement, in the order of design section 2: whose it is, how certain,
 * which basis and box, which level. Each step adds its reasons.
 */
#include "judge/implicated.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAUSES_MAX  3
#define ASSET_ID_MAX 255

/* The scope's needs in the profile say of whom the clause speaks. */
static const struct {
	const char *need;
	enum subject subject;
} needs[] = {
	{ "asset.company_web_site", SUBJECT_WEBSITE },
	{ "user.department", SUBJECT_PERSON },
	{ "asset.defence_department", SUBJECT_SYSTEM },
};

/* Vectors of the clauses whose detection alone is enough where our own host is the origin. */
#define VECTOR_OUTBOUND "outbound_detection"
#define VECTOR_TRANSIT	"transit_detection"
#define FACT_SPREAD	"spread"

struct judge *judge_new(const struct config *config, const struct inventory *inventory,
			const struct notice *notice, struct problems *problems)
{
	struct judge *judge = mem_zalloc(sizeof(*judge));
	size_t errors = problems->errors;

	judge->config = config;
	judge->inventory = inventory;
	judge->notice = notice;
	judge->table = table_new(notice, problems);
	implicated_load(judge, problems);
	if (problems->errors == errors)
		return judge;
	judge_free(judge);
	return NULL;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	table_free(judge->table);
	implicated_free(judge);
	free(judge);
}

void judge_set_all_implicated(struct judge *judge, bool on)
{
	judge->all_implicated = on;
}

static enum subject subject_of(const struct judge *judge, const char *clause)
{
	const char *scope = node_get_text(notice_clause(judge->notice, clause), "scope");
	const struct node *wanted =
		scope ? node_get(node_get(node_get(judge->notice->profile, "scopes"), scope),
				 "needs")
		      : NULL;

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (node_has(wanted, needs[i].need))
			return needs[i].subject;
	return SUBJECT_SYSTEM;
}

static void reason_add(struct finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void reason_add(struct finding *f, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	strlist_add_once(&f->reasons, line);
}

static void judgement_clear(struct finding *f)
{
	strlist_clear(&f->assets);
	strlist_clear(&f->labels);
	strlist_clear(&f->contracts);
	strlist_clear(&f->bases);
	strlist_clear(&f->boxes);
	strlist_clear(&f->bases_now);
	f->box_mode = f->timing = NULL;
	f->own_origin = false;
	f->classes = 0;
}

/* The text is empty again. */
static void reason_take(struct finding *f, struct text *line)
{
	strlist_add_once(&f->reasons, line->at);
	text_clear(line);
}

static void implicated_judge(const struct judge *judge, struct finding *f,
			     const struct implication *imp)
{
	struct text line = { 0 };

	f->implicated = judge->all_implicated ? IMPLICATED_YES : imp->implicated;
	text_add(&line, "implicated ");
	text_add(&line, implicated_word(f->implicated));
	text_add(&line, ": ");
	text_add(&line, judge->all_implicated ? "every host, person and site counts as ours (--all-implicated)" : imp->rule);
	text_add(&line, judge->all_implicated ? "" : " ");
	if (!judge->all_implicated && imp->because)
		entity_describe(judge, imp->because, &line);
	else if (!judge->all_implicated)
		text_add(&line, "nothing of ours was recognised");
	reason_take(f, &line);
}

/* ids and labels go in step. */
static void asset_add(struct finding *f, const char *id, const char *label)
{
	if (strlist_add_once(&f->assets, id))
		strlist_add(&f->labels, label);
}

static bool is_asset_id(const struct finding *f, struct slice value)
{
	size_t n;
	const struct named_value *ids = finding_values(f, "asset.id", &n);

	for (size_t i = 0; i < n; i++)
		if (slice_equal(value, (struct slice){ ids[i].value, ids[i].len }))
			return true;
	return false;
}

/* Systems and sites of the inventory, and the affected host where the inventory lacks it. */
static void assets_collect(const struct judge *judge, struct finding *f,
			   const struct entities *entities)
{
	for (size_t i = 0; i < entities->n; i++) {
		const struct entity *e = &entities->at[i];

		if (e->standing == STANDING_NONE && f->implicated != IMPLICATED_NO &&
		    !judge->all_implicated)
			continue;
		f->classes |= e->classes & ~(unsigned)CLASS_NONE;
		if (e->system) {
			asset_add(f, e->system->id, e->system->label);
			for (size_t k = 0; k < e->system->contracts.n; k++)
				strlist_add_once(&f->contracts, e->system->contracts.at[k]);
		} else if (e->site) {
			asset_add(f, e->site->label, e->site->label);
		} else if (is_asset_id(f, e->value)) {
			struct slice value = slice_cut(e->value, 0, ASSET_ID_MAX);
			const char *id = arena_strndup(f->arena, value.at, value.len);

			asset_add(f, id, id);
		}
	}
	if (judge->all_implicated)
		f->classes = CLASS_PROTECTED;
	else if (f->implicated == IMPLICATED_NO)
		f->classes = CLASS_NONE;
}

/* From a machine `confirmed` is a candidate only; a try or a sign is a suspicion at most. */
static void certainty_judge(const struct judge *judge, struct finding *f, const char *clause)
{
	const char *why = "default of clause";

	f->certainty = table_default_certainty(judge->table, clause);
	if (f->certainty == CERTAINTY_CONFIRMED && f->shows != SHOWS_EVENT) {
		f->certainty = CERTAINTY_SUSPECTED;
		why = "no more than an attempt or a hint under clause";
	} else if (f->certainty == CERTAINTY_CONFIRMED &&
		   table_fact_is_personal(judge->table, f->fact)) {
		f->certainty = CERTAINTY_SUSPECTED;
		why = "only a person confirms this fact under clause";
	}
	reason_add(f, "certainty %s: %s %s%s", certainty_word(f->certainty), why, clause,
		   f->certainty == CERTAINTY_CONFIRMED
			   ? ", a candidate until a named person confirms"
			   : "");
}

static void list_text(const struct strlist *list, const char *between, struct text *out)
{
	for (size_t i = 0; i < list->n; i++)
		text_addf(out, "%s%s", i ? between : "", list->at[i]);
}

static void answer_reason(struct finding *f, const char *lead, const struct answer *answer)
{
	bool is_cell = answer->rows.n && strchr(answer->rows.at[0], '/');
	struct text line = { 0 };

	text_addf(&line, "%s%s", lead, is_cell ? "cell " : "override ");
	list_text(&answer->rows, " + ", &line);
	text_add(&line, ": ");
	list_text(&answer->bases, ", ", &line);
	if (answer->boxes.n) {
		text_addf(&line, "%sbox ", answer->bases.n ? ", " : "");
		list_text(&answer->boxes, " ", &line);
		text_add(&line, strcmp(answer->box_mode, "any_of") == 0 ? " (any of)" : "");
	}
	if (strcmp(answer->applies, "yes") != 0)
		text_add(&line, strcmp(answer->applies, "ask") == 0
					? ", ask which information is concerned"
					: "does not apply; analogous stays open");
	text_addf(&line, " (%s)", answer->stated[OUTPUT_BASES] ? "stated" : "reading");
	if (answer->rows.n)
		reason_add(f, "%s", line.at);
	text_clear(&line);
}

/* The candidate is of the cell of the certainty; the draft meanwhile uses the suspected one. */
static void bases_judge(const struct judge *judge, struct finding *f, const char *clause)
{
	struct judge_question q = { .clause = clause,
				    .classes = f->classes,
				    .certainty = f->certainty };
	struct answer candidate, now;
	bool is_candidate = f->certainty == CERTAINTY_CONFIRMED;

	if (f->fact)
		strlist_add(&q.facts, f->fact);
	table_answer(judge->table, &q, &candidate);
	if (is_candidate)
		q.certainty = CERTAINTY_SUSPECTED;
	table_answer(judge->table, &q, &now);
	if (!f->classes)
		reason_add(f, "class unknown: bases as for %s, no box until a person sets it",
			   class_word(CLASS_SAME_INTRANET));
	answer_reason(f, is_candidate ? "candidate " : "", &candidate);
	if (is_candidate)
		answer_reason(f, "meanwhile ", &now);
	strlist_copy(&f->bases, &candidate.bases);
	strlist_copy(&f->boxes, &candidate.boxes);
	strlist_copy(&f->bases_now, &now.bases);
	f->box_mode = finding_keep(f, candidate.box_mode);
	f->timing = finding_keep(f, now.timing);
	strlist_clear(&q.facts);
	answer_clear(&candidate);
	answer_clear(&now);
}

/*
 * Outbound detection speaks of our side by itself, and logs name the ends of a packet, not of the
 * talk; what only passes through has its origin where the log says.
 */
static bool is_own_origin(const struct judge *judge, const struct finding *f, const char *clause,
			  const struct entities *entities)
{
	const char *vector = node_get_text(notice_clause(judge->notice, clause), "vector");

	if (vector && strcmp(vector, VECTOR_OUTBOUND) == 0)
		return entities->n > 0;
	return vector && strcmp(vector, VECTOR_TRANSIT) == 0 &&
	       finding_has_own_address(judge, f, "source.ip");
}

/* why: with one %s for `whose`, or NULL. */
static void level_set(struct finding *f, enum level level, const char *why, const char *whose)
{
	struct text line = { 0 };

	f->level = level;
	text_add(&line, "level ");
	text_add(&line, level_word(level));
	text_add(&line, ": ");
	if (whose)
		text_addf(&line, why, whose);
	else
		text_add(&line, why);
	reason_take(f, &line);
}

static void event_level(struct finding *f, bool stopped)
{
	enum level level = f->implicated == IMPLICATED_YES ? LEVEL_REPORT : LEVEL_URGENT;

	if (f->verdict == VERDICT_NOT_STOPPED)
		level_set(f, level, "not stopped", NULL);
	else if (!stopped)
		level_set(f, level, "verdict unknown counts as not stopped", NULL);
	else if (f->own_origin)
		level_set(f, level, "stopped, but our own host is the origin; detection is enough", NULL);
	else if (f->fact && strcmp(f->fact, FACT_SPREAD) == 0)
		level_set(f, level, "stopped, but it spreads", NULL);
	else
		level_set(f, LEVEL_REVIEW, "stopped", NULL);
}

/* Malware or an intruder on the site's server may mean changed content: R5 of the table. */
static void floor_apply(struct finding *f, const struct implication *imp)
{
	const struct node *candidates = node_get(imp->floor_rule, "candidates");

	for (size_t i = 0; i < node_count(candidates); i++) {
		const char *clause = node_text(node_item(candidates, i));

		if (clause && f->clauses.n < CLAUSES_MAX)
			strlist_add_once(&f->clauses, clause);
	}
	if (f->level < imp->floor)
		level_set(f, imp->floor, "at least this on a web server of ours (%s)",
			  node_get_text(imp->floor_rule, "id"));
}

static void level_judge(struct finding *f, const struct implication *imp)
{
	bool stopped = f->verdict == VERDICT_STOPPED;

	if (f->implicated == IMPLICATED_NO)
		level_set(f, LEVEL_RECORD, "not ours to report", NULL);
	else if (f->shows != SHOWS_EVENT)
		level_set(f, LEVEL_REVIEW, "only %s", f->shows == SHOWS_HINT ? "a hint" : "an attempt");
	else
		event_level(f, stopped);
	if (f->level > imp->cap)
		level_set(f, imp->cap, "at most this outside the clause's words (%s)", imp->rule);
	if (imp->floor_rule && f->shows == SHOWS_EVENT && !stopped)
		floor_apply(f, imp);
	if (f->level > f->cap)
		level_set(f, f->cap, "at most this by notice.level of the rule", NULL);
	if (f->exception) {
		bool kept = f->classes & (CLASS_PROTECTED | CLASS_SECRET);

		if (f->level > (kept ? LEVEL_REVIEW : LEVEL_RECORD))
			level_set(f, kept ? LEVEL_REVIEW : LEVEL_RECORD, "exception '%.100s'",
				  f->exception);
	}
}

void judge_finding(const struct judge *judge, struct finding *f)
{
	const char *clause = f->clauses.n ? f->clauses.at[0] : NULL;
	const char *fact = f->fact || !clause ? f->fact : notice_clause_fact(judge->notice, clause);
	enum subject subject = subject_of(judge, clause);
	struct implication imp;
	struct entities entities;

	judgement_clear(f);
	entities_find(judge, f, subject, &entities);
	implicated_find(judge, fact, subject, &entities, &imp);
	if (judge->all_implicated)
		imp = (struct implication){ .cap = LEVEL_REPORT };
	implicated_judge(judge, f, &imp);
	assets_collect(judge, f, &entities);
	if (clause) {
		certainty_judge(judge, f, clause);
		bases_judge(judge, f, clause);
		f->own_origin = is_own_origin(judge, f, clause, &entities);
		level_judge(f, &imp);
	} else {
		f->certainty = CERTAINTY_SUSPECTED;
		f->box_mode = finding_keep(f, "none");
		f->timing = finding_keep(f, "none");
		level_set(f, LEVEL_RECORD, "the rule names no clause", NULL);
	}
	entities_clear(&entities);
}

void judge_wait(struct finding *f)
{
	f->waits = true;
	level_set(f, LEVEL_REVIEW, "a later line may settle the verdict, until then it waits", NULL);
}
