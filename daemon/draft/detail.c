/*
 * ⑤: opener, body by clause and wording, a sentence for each further fact, and the tails, in the order of the phrases.
 * What only a machine says stays in the suspected wording.
 */
#include "draft/detail.h"

#include "base/escape.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

struct detail {
	struct phrase_context *phrases;
	const struct node *texts;	/* phrases.ja.yaml */
	const struct incident *incident;
	const struct node *clause;	/* its phrases; NULL: no clause */
	struct text *out;
};

static void fill_escaped(const char *template, struct text *out, const char *a, const char *va,
			 const char *b, const char *vb)
{
	struct text x = { 0 }, y = { 0 };

	escape_terminal(slice_of(va), &x);
	escape_terminal(slice_of(vb), &y);
	phrase_fill(template, out, a, x.at ? x.at : "", b, y.at ? y.at : "", (const char *)NULL);
	text_clear(&x);
	text_clear(&y);
}

/* Old and new stand side by side; lines of the texts are kept. */
static void correction_body(const struct node *part, const struct incident *i, struct text *out)
{
	struct json_object *pending = json_member(i->work, "pending");
	const char *old = json_member_text(pending, "old");	/* of a sheet: escaped when it was made */
	struct text new = { 0 }, reason = { 0 };

	phrase_lines(json_member_text(pending, "new"), &new);
	escape_terminal(slice_of(json_member_text(pending, "reason")), &reason);
	text_add_char(out, '\n');
	phrase_fill(node_get_text(part, "body"), out, "old_text", old ? old : "", "new_text", new.at ? new.at : "",
		    "reason", reason.at, "decided_by", json_member_text(pending, "by"), (const char *)NULL);
	text_add_char(out, '\n');
	text_clear(&new);
	text_clear(&reason);
}

void detail_issue_opener(struct phrase_context *c, const struct draft_issue *issue, struct text *out)
{
	const struct notice *notice = c->input->notice;
	const char *item = json_member_text(json_member(c->input->incident->work, "pending"), "item");
	const struct node *part = phrase_issue(notice, issue);
	char number[16];

	if (issue->kind == ISSUE_REPORT && issue->n < 2)
		return;
	snprintf(number, sizeof(number), "%d", issue->n);
	phrase_fill(node_get_text(part, "opener"), out, "n", number, "item",
		    item ? phrase_label(notice, "correction_items", item) : "", (const char *)NULL);
	if (issue->kind != ISSUE_REPORT)
		correction_body(part, c->input->incident, out);
}

static void openers(struct detail *d)
{
	const struct node *list = node_get(d->texts, "openers");
	const struct strlist *bases = phrase_bases(d->incident);
	const char *drill = node_get_text(node_get(d->texts, "drill"), "detail_opener");
	const char *relayed = json_member_text(json_member(d->incident->work, "told"), "from-subcontractor");

	if (d->incident->drill && drill)
		text_add(d->out, drill);
	if (relayed)
		fill_escaped(node_get_text(list, "relay"), d->out, "company_sub", relayed, "", NULL);
	for (size_t k = 0; !phrase_ticked(d->incident) && k < bases->n; k++) {
		const char *opener = node_get_text(list, bases->at[k]);

		if (opener)
			text_add(d->out, opener);
	}
}

static void fact_sentence(struct detail *d, const char *fact, bool confirmed)
{
	const struct node *row = node_get(node_get(d->texts, "fact_sentences"), fact);
	const char *text = node_get_text(row, confirmed ? "confirmed" : "suspected");

	if (text)
		phrase_render(d->phrases, text, d->out);
}

static int body(struct detail *d, const char *clause, struct text *key, struct err *err)
{
	const struct notice *notice = d->phrases->input->notice;
	const char *wording = phrase_wording(d->incident), *fact = d->incident->fact, *text;
	const struct node *spread = node_get(d->clause, "spread");
	const char *own = clause ? notice_clause_fact(notice, clause) : NULL;
	bool confirmed = strcmp(wording, "confirmed") == 0, is_spread = spread && strcmp(fact, "spread") == 0;

	text_addf(key, "%s/%s", clause ? clause : fact, wording);
	if (clause) {
		text = node_get_text(is_spread ? spread : d->clause, wording);
		if (!text)
			return err_set(err, ERR_CONFIG, "%s: clause '%s' has no text '%s'",
				       notice->phrases_file->file, clause, wording);
		phrase_render(d->phrases, text, d->out);
	}
	if (!clause || (own && strcmp(own, fact) != 0 && !is_spread))
		fact_sentence(d, fact, confirmed);
	for (size_t k = 0; k < d->incident->facts.n; k++)
		fact_sentence(d, d->incident->facts.at[k], d->incident->decided);
	return 0;
}

static bool is_established(const struct incident *i, const char *fact)
{
	return i->decided && ((i->certainty == CERTAINTY_CONFIRMED && strcmp(i->fact, fact) == 0) ||
			      strlist_has(&i->facts, fact));
}

/* The cause is no longer open where infection or access was established (tails of the phrases). */
static const char *tail_name(const struct incident *i, const char *name)
{
	if (strcmp(name, "unknown_cause") == 0 && is_established(i, "infection"))
		return "unknown_infection";
	if (strcmp(name, "unknown_cause") == 0 && is_established(i, "unauthorised_access"))
		return "unknown_access";
	return name;
}

static const char *tail_text(const struct detail *d, const char *name)
{
	const struct node *tails = node_get(d->texts, "tails");
	const char *text = NULL;

	if (strcmp(phrase_wording(d->incident), "confirmed") != 0)
		text = node_get_text(node_get(d->texts, "tails_not_confirmed"), name);
	if (strcmp(name, "evidence") == 0 && d->incident->zone_assumed)
		text = node_get_text(tails, "evidence_zone_assumed");
	return text ? text : node_get_text(tails, name);
}

static void missing_sentence(struct detail *d)
{
	const struct strlist *missing = &d->phrases->missing;

	for (size_t k = 0; k < missing->n; k++)
		text_addf(d->out, "%s%s", k ? "、" : "", missing->at[k]);
	if (missing->n)
		text_addf(d->out, "は%s。", phrase_unknown(d->phrases));
}

static void tail(struct detail *d, const char *name)
{
	const char *text = tail_text(d, tail_name(d->incident, name));
	struct text said = { 0 };

	if (text)
		phrase_render(d->phrases, text, &said);
	if (strcmp(name, "next") == 0)	/* last: all that was left out is named before it */
		missing_sentence(d);
	text_add_slice(d->out, text_slice(&said));
	text_clear(&said);
}

static void tails(struct detail *d)
{
	static const char *const without_clause[] = { "by_class", "evidence", "unknown_access", "next" };
	const struct node *names = node_get(d->clause, "tails");
	size_t n = names ? node_count(names) : sizeof(without_clause) / sizeof(without_clause[0]);
	struct strlist order = { 0 };

	for (size_t k = 0; k < n; k++) {
		const char *name = names ? node_text(node_item(names, k)) : without_clause[k];

		if (name && strcmp(name, "by_class") == 0)
			node_strings(node_get(node_get(d->texts, "tails_by_class"),
					      phrase_class(d->incident)), &order);
		else if (name)
			strlist_add(&order, name);
	}
	for (size_t k = 0; k < order.n; k++)
		tail(d, order.at[k]);
	strlist_clear(&order);
}

int detail_compose(struct phrase_context *c, struct text *out, struct text *key, struct err *err)
{
	const struct incident *i = c->input->incident;
	const char *clause = i->clauses.n ? i->clauses.at[0] : NULL;
	const struct node *texts = c->input->notice->phrases;
	struct detail d = { c, texts, i, clause ? node_get(node_get(texts, "clauses"), clause) : NULL, out };

	openers(&d);
	if (body(&d, clause, key, err) < 0)
		return err->kind;
	tails(&d);
	return 0;
}

/* What may be said aloud: the clause's spoken text; without a clause the sentence of the fact. */
void detail_spoken(struct phrase_context *c, struct text *out)
{
	const struct incident *i = c->input->incident;
	const struct node *texts = c->input->notice->phrases;
	const struct node *clause = i->clauses.n ? node_get(node_get(texts, "clauses"), i->clauses.at[0]) : NULL;
	const char *text = node_get_text(node_get(clause, "spoken"), phrase_wording(i));

	if (!text)
		text = node_get_text(node_get(node_get(texts, "headlines"), i->fact),
				     strcmp(phrase_wording(i), "confirmed") == 0 ? "confirmed_no_box" :
										   phrase_wording(i));
	if (text)
		phrase_render(c, text, out);
}
