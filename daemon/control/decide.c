/* What a named person establishes: clause, class, facts, certainty, boxes, the exception; and the approval. */
#include "control/request.h"

#include "base/clock.h"
#include "base/mem.h"
#include "draft/draft.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAUSES_MAX 3
#define FACTS_MAX 12
#define ANALOGOUS "analogous"

static void replace(char **at, const char *text)
{
	free(*at);
	*at = mem_strdup(text);
}

static int apply_clause(struct request *r, struct incident *i)
{
	const char *clause = request_text(r, "clause");
	struct strlist clauses = { 0 };

	if (!clause)
		return 0;
	if (strcmp(clause, "none") == 0) {
		strlist_clear(&i->clauses);
		return 0;
	}
	if (strcmp(clause, ANALOGOUS) != 0 && !notice_clause(r->control->content->notice, clause))
		return notice_unknown(r->control->content->notice, "clause", clause, r->err);
	strlist_add(&clauses, clause);
	for (size_t k = 0; k < i->clauses.n && clauses.n < CLAUSES_MAX; k++)
		strlist_add_once(&clauses, i->clauses.at[k]);
	strlist_clear(&i->clauses);
	i->clauses = clauses;
	return 0;
}

static int apply_classes(struct request *r, struct incident *i)
{
	struct strlist words = { 0 };
	unsigned classes = 0, bit;
	int rc = 0;

	request_words(r, "class", CLASS_COUNT, &words);
	for (size_t k = 0; rc == 0 && k < words.n; k++) {
		if (class_parse(words.at[k], &bit))
			classes |= bit;
		else
			rc = err_set(r->err, ERR_USAGE,
				     "unknown class '%.40s'; one of protected same_intranet "
				     "other_defence secret company_web none", words.at[k]);
	}
	if (rc == 0 && words.n)
		i->classes = classes;
	strlist_clear(&words);
	return rc;
}

/* The first fact named takes the place of the machine's; the others, and leak, loss, destruction, stand beside it. */
static int apply_facts(struct request *r, struct incident *i)
{
	static const char *const flags[] = { "leak", "loss", "destruction" };
	struct strlist facts = { 0 };
	int rc = 0;

	request_words(r, "fact", FACTS_MAX, &facts);
	for (size_t k = 0; rc == 0 && k < facts.n; k++)
		if (!notice_has_fact(r->control->content->notice, facts.at[k]))
			rc = notice_unknown(r->control->content->notice, "fact", facts.at[k], r->err);
	if (rc == 0) {
		if (facts.n)
			replace(&i->fact, facts.at[0]);
		strlist_clear(&i->facts);
		for (size_t k = 1; k < facts.n; k++)
			strlist_add_once(&i->facts, facts.at[k]);
		for (size_t k = 0; k < 3; k++)
			if (request_flag(r, flags[k]))
				strlist_add_once(&i->facts, flags[k]);
	}
	strlist_clear(&facts);
	return rc;
}

/* 保存なし is said only by a named person who says how it was made sure; the form names the person's post. */
static int apply_stored(struct request *r, struct incident *i)
{
	const char *method = request_text(r, "nothing-stored"), *confirmer;
	struct json_object *o;

	if (!method)
		return 0;
	confirmer = request_need(r, "confirmer", 200, "the post of the person who made sure");
	if (!confirmer)
		return r->err->kind;
	if (i->classes & CLASS_PROTECTED)
		return err_set(r->err, ERR_USAGE, "the inventory says that protected information is stored there");
	o = work_stamp(r);
	json_object_object_add(o, "method", json_object_new_string(method));
	json_object_object_add(o, "confirmer", json_object_new_string(confirmer));
	work_set(i, "nothing_stored", o);
	return 0;
}

static int apply_words(struct request *r, struct incident *i)
{
	const char *certainty = request_text(r, "certainty");
	const char *information = request_text(r, "information");
	enum certainty decided = CERTAINTY_CONFIRMED;

	if (certainty && !certainty_parse(certainty, &decided))
		return err_set(r->err, ERR_USAGE, "unknown certainty '%.40s'; one of confirmed "
			       "suspected pointed_out", certainty);
	if (apply_classes(r, i) < 0 || apply_facts(r, i) < 0)
		return r->err->kind;
	if (information)
		replace(&i->information, information);
	if (apply_stored(r, i) < 0)
		return r->err->kind;
	i->certainty = decided;
	return 0;
}

static void replace_list(struct json_object *from, const char *name, struct strlist *to)
{
	struct json_object *array = NULL;

	strlist_clear(to);
	json_object_object_get_ex(from, name, &array);
	for (size_t k = 0; json_object_is_type(array, json_type_array) &&
			   k < json_object_array_length(array); k++)
		strlist_add(to, json_object_get_string(json_object_array_get_idx(array, k)));
}

/*
 * any_of: the boxes are candidates and the bases end with the suspicion. A box ticked, and the suspicion falls away;
 * no box ticked, and it alone holds.
 */
static int apply_boxes(struct request *r, struct incident *i)
{
	struct strlist ticked = { 0 }, bases = { 0 };
	size_t last = i->bases.n ? i->bases.n - 1 : 0;
	int rc = 0;

	request_words(r, "box", 8, &ticked);
	for (size_t k = 0; rc == 0 && k < ticked.n; k++)
		if (!strlist_has(&i->boxes, ticked.at[k]))
			rc = err_set(r->err, ERR_USAGE, "box '%.16s' is no candidate here", ticked.at[k]);
	if (rc == 0 && i->box_mode && strcmp(i->box_mode, "any_of") == 0) {
		for (size_t k = 0; k < i->bases.n; k++)
			if ((k == last) == (ticked.n == 0))
				strlist_add(&bases, i->bases.at[k]);
		strlist_clear(&i->bases);
		i->bases = bases;
		strlist_clear(&i->boxes);
		strlist_copy(&i->boxes, &ticked);
	}
	strlist_clear(&ticked);
	return rc;
}

static void decision_reason(struct request *r, struct incident *i, struct json_object *answer)
{
	struct json_object *mark = NULL;
	struct text line = { 0 };

	json_object_object_get_ex(answer, "mark", &mark);
	text_addf(&line, "decided by %s: %s %s, cell %s (%s)", r->actor, i->fact,
		  certainty_word(i->certainty), json_member_text(answer, "row") ? json_member_text(answer, "row") : "none",
		  json_member_text(mark, "bases"));
	strlist_add_once(&i->reasons, line.at);
	text_clear(&line);
}

/* What the decision table says of what the person decided. */
static int decide_by_table(struct request *r, struct incident *i)
{
	struct judge_question q = { .clause = i->clauses.n ? i->clauses.at[0] : NULL,
				    .classes = i->classes,
				    .certainty = i->certainty,
				    .information = i->information,
				    .leak = strlist_has(&i->facts, "leak"),
				    .loss = strlist_has(&i->facts, "loss"),
				    .destruction = strlist_has(&i->facts, "destruction") };
	struct json_object *answer;
	const char *mode;

	strlist_add(&q.facts, i->fact);
	for (size_t k = 0; k < i->facts.n; k++)
		strlist_add_once(&q.facts, i->facts.at[k]);
	answer = judge_answer(r->control->content->judge, &q, r->err);
	strlist_clear(&q.facts);
	if (!answer)
		return r->err->kind;
	replace_list(answer, "bases", &i->bases);
	replace_list(answer, "box", &i->boxes);
	mode = json_member_text(answer, "box_mode");
	replace(&i->box_mode, mode ? mode : "none");
	replace(&i->timing, json_member_text(answer, "timing"));
	decision_reason(r, i, answer);
	json_object_object_add(r->out, "answer", answer);
	if (apply_boxes(r, i) < 0)
		return r->err->kind;
	strlist_clear(&i->bases_now);
	strlist_copy(&i->bases_now, &i->bases);
	return 0;
}

static bool infection_is_established(const struct incident *i)
{
	return i->certainty == CERTAINTY_CONFIRMED &&
	       (strcmp(i->fact, "infection") == 0 || strlist_has(&i->facts, "infection"));
}

/* (ただし…) of some clauses: data says of which; "not yet known" is not "no effect". */
static int apply_exception(struct request *r, struct incident *i)
{
	const struct node *rule = node_get(r->control->content->notice->table, "exception_rule");
	const char *reason = request_text(r, "reason");

	replace(&i->exception_reason, NULL);
	if (!request_flag(r, "exception"))
		return 0;
	if (!reason || !reason[0])
		return err_set(r->err, ERR_USAGE, "the exception needs --reason in words");
	if (!i->clauses.n || !node_has(node_get(rule, "clauses"), i->clauses.at[0]))
		return err_set(r->err, ERR_USAGE, "the notice has no exception for clause %s",
			       i->clauses.n ? i->clauses.at[0] : "(none)");
	if (infection_is_established(i) && (!i->classes || i->classes & CLASS_ANY_DEFENCE))
		return err_set(r->err, ERR_USAGE, i->classes ?
			       "the exception is refused: the infection is established on a defence-department system "
			       "(exception_rule of the decision table)" :
			       "the exception is refused: the infection is established and the class of the system is not "
			       "known (exception_rule of the decision table)");
	replace(&i->exception_reason, reason);
	return 0;
}

/* The question of an urgent incident, "is this ours?", is answered by the class that a person set. */
static void apply_level(struct incident *i)
{
	if (!(i->classes & CLASS_ANY_DEFENCE) || !i->bases.n)
		return;
	i->implicated = IMPLICATED_YES;
	if (i->level == LEVEL_URGENT)
		i->level = LEVEL_REPORT;
}

int incident_decide(struct request *r, struct incident *i)
{
	char at[48];

	if (apply_clause(r, i) < 0 || apply_words(r, i) < 0 || apply_exception(r, i) < 0 ||
	    decide_by_table(r, i) < 0)
		return r->err->kind;
	apply_level(i);
	time_format_rfc3339(r->control->now() / NS_PER_S * NS_PER_S, OFFSET_JST, at);
	i->decided = true;
	replace(&i->decided_by, r->actor);
	replace(&i->decided_at, at);
	return 0;
}

int incident_approve(struct request *r, struct incident *i)
{
	struct json_object *entry, *items, *reports;
	struct draft_input input;
	struct draft_issue issue;

	if (work_has_room(r, i, "approvals") < 0)
		return r->err->kind;
	entry = work_stamp(r);
	request_draft(r, i, &input, &items, &reports);
	draft_issue_of(&input, &issue);
	json_object_put(items);
	json_object_put(reports);
	json_object_object_add(entry, "serial", json_object_new_int64(issue.serial));
	work_add(i, "approvals", entry);
	i->approved = true;
	return 0;
}
