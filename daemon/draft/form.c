/*
 * The text form ①-⑦. Each item is composed with its source, so that the form and the annotated view are one walk. What
 * only a machine says stays in the suspected wording; boxes and codes come with a person's decision.
 */
#include "draft/phrase.h"

#include "base/escape.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct item {
	const char *id;			/* as officers set it */
	const char *mark;		/* ① */
	struct text text;		/* lines joined by LF */
	struct text source;
};

struct form {
	struct phrase_context phrases;
	const struct draft_input *input;
	const struct incident *incident;
	struct yaml *labels_file;
	bool ticked;			/* a person decided, and boxes are established */
};

static const struct node *form_text(const struct form *f)
{
	return node_get(f->input->notice->profile, "text_form");
}

static const char *label(const struct form *f, const char *name)
{
	return phrase_label(f->phrases.labels, "labels", name);
}

static int form_open(struct form *f, const struct draft_input *input, struct err *err)
{
	struct problems problems = { 0 };
	struct text path = { 0 };
	const char *class_name = phrase_class(input->incident);
	const struct node *masking = node_get(input->notice->phrases, "masking");

	*f = (struct form){ .input = input, .incident = input->incident };
	text_addf(&path, "%s/form-text.ja.yaml", input->notice->directory);
	f->labels_file = yaml_load(path.at, &problems);
	text_clear(&path);
	if (!f->labels_file || f->labels_file->n != 1) {
		err_set(err, ERR_CONFIG, "%s: %s", problems.n ? problems.at[0].file : "form-text.ja.yaml",
			problems.n ? problems.at[0].text : "one document is wanted here");
		problems_clear(&problems);
		return err->kind;
	}
	problems_clear(&problems);
	f->phrases = (struct phrase_context){ .input = input, .labels = f->labels_file->documents[0],
					      .masked = node_has(node_get(masking, "asset_classes"),
								 class_name) };
	f->ticked = input->incident->decided && input->incident->boxes.n &&
		    input->incident->certainty == CERTAINTY_CONFIRMED;
	return 0;
}

static void form_close(struct form *f)
{
	strlist_clear(&f->phrases.missing);
	yaml_free(f->labels_file);
}

static const char *file_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

/* One source of an item: a template of form-text.ja.yaml. */
static void source_add(const struct form *f, struct item *item, const char *kind, const char *file,
		       int line, const char *key)
{
	char number[16];

	if (item->source.len)
		text_add(&item->source, "、");
	snprintf(number, sizeof(number), "%d", line);
	phrase_fill(phrase_label(f->phrases.labels, "sources", kind), &item->source, "file",
		    file_name(file), "line", number, "key", key, "who", key, (const char *)NULL);
}

static void unfilled(const struct form *f, struct item *item)
{
	text_add(&item->text, label(f, "unfilled"));
	text_add(&item->source, label(f, "unfilled"));
}

static void from_config(const struct form *f, struct item *item, const char *a, const char *b)
{
	struct text value = { 0 };

	if (a && a[0])
		escape_terminal(slice_of(a), &value);
	if (b && b[0]) {
		text_add(&value, value.len ? " " : "");
		escape_terminal(slice_of(b), &value);
	}
	if (value.len) {
		text_add_slice(&item->text, text_slice(&value));
		source_add(f, item, "config", f->input->config->file, 0, "");
	} else {
		unfilled(f, item);
	}
	text_clear(&value);
}

static void item_company(struct form *f, struct item *item)
{
	from_config(f, item, f->input->config->company.name, f->input->config->company.office);
}

static void item_contact(struct form *f, struct item *item)
{
	from_config(f, item, f->input->config->contact.department, f->input->config->contact.name);
}

static void item_phone(struct form *f, struct item *item)
{
	from_config(f, item, f->input->config->contact.phone, NULL);
}

static const struct strlist *bases_in_effect(const struct form *f)
{
	const struct incident *i = f->incident;

	return i->decided || !i->bases_now.n ? &i->bases : &i->bases_now;
}

/* The line of a box in text_form.codes. */
static const char *code_line(const struct form *f, const char *box)
{
	const struct node *codes = node_get(form_text(f), "codes");

	for (size_t i = 0; i < node_count(codes); i++) {
		const char *have = node_get_text(node_item(codes, i), "box");

		if (have && strcmp(have, box) == 0)
			return node_get_text(node_item(codes, i), "line");
	}
	return box;
}

static const char *basis_class(const struct form *f, const char *basis)
{
	const struct node *list = node_get(f->input->notice->profile, "report_bases");

	for (size_t i = 0; i < node_count(list); i++) {
		const char *id = node_get_text(node_item(list, i), "id");

		if (id && strcmp(id, basis) == 0)
			return node_get_text(node_item(list, i), "class_quote");
	}
	return "";
}

static void basis_line(const struct form *f, const char *basis, struct text *out)
{
	const char *line = node_get_text(node_get(form_text(f), "lines_for_other_bases_reading"), basis);
	const char *mark = "④ ";

	if (!line) {
		text_add(out, notice_basis_label(f->input->notice, basis));
		return;
	}
	if (strncmp(line, mark, strlen(mark)) == 0)
		line += strlen(mark);
	phrase_fill(line, out, "class", basis_class(f, basis), (const char *)NULL);
}

static void item_kind(struct form *f, struct item *item)
{
	const struct strlist *bases = bases_in_effect(f);

	for (size_t i = 0; f->ticked && i < f->incident->boxes.n; i++) {
		text_add(&item->text, i ? "\n" : "");
		text_add(&item->text, code_line(f, f->incident->boxes.at[i]));
	}
	for (size_t i = 0; !f->ticked && i < bases->n; i++) {
		text_add(&item->text, i ? "\n" : "");
		basis_line(f, bases->at[i], &item->text);
	}
	if (!item->text.len)
		text_add(&item->text, phrase_unknown(&f->phrases));
	if (f->incident->decided)
		source_add(f, item, "decision", NULL, 0, f->incident->decided_by);
	else
		source_add(f, item, "profile", NULL, 0, "decision-table");
}

static const char *wording(const struct form *f)
{
	if (!f->incident->decided && f->incident->certainty != CERTAINTY_POINTED_OUT)
		return "suspected";
	return certainty_word(f->incident->certainty);
}

static void detail_openers(struct form *f, struct text *out)
{
	const struct node *openers = node_get(f->input->notice->phrases, "openers");
	const struct strlist *bases = bases_in_effect(f);
	const char *drill = node_get_text(node_get(f->input->notice->phrases, "drill"), "detail_opener");

	if (f->incident->drill && drill)
		text_add(out, drill);
	for (size_t i = 0; !f->ticked && i < bases->n; i++) {
		const char *opener = node_get_text(openers, bases->at[i]);

		if (opener)
			text_add(out, opener);
	}
}

static int detail_body(struct form *f, struct item *item, struct err *err)
{
	const char *clause = f->incident->clauses.n ? f->incident->clauses.at[0] : "4";
	const struct node *texts = node_get(node_get(f->input->notice->phrases, "clauses"), clause);
	const struct node *spread = node_get(texts, "spread");
	const char *own = notice_clause_fact(f->input->notice, clause), *body, *sentence;
	bool is_spread = strcmp(f->incident->fact, "spread") == 0 && spread;
	char key[64];

	body = node_get_text(is_spread ? spread : texts, wording(f));
	if (!body)
		return err_set(err, ERR_CONFIG, "%s: clause '%s' has no text '%s'",
			       f->input->notice->phrases_file->file, clause, wording(f));
	phrase_render(&f->phrases, body, &item->text);
	snprintf(key, sizeof(key), "%s/%s", clause, wording(f));
	source_add(f, item, "phrase", NULL, 0, key);
	if (own && strcmp(own, f->incident->fact) != 0 && !is_spread) {
		const struct node *fact = node_get(node_get(f->input->notice->phrases, "fact_sentences"),
						   f->incident->fact);

		sentence = node_get_text(fact, strcmp(wording(f), "confirmed") == 0 ? "confirmed" :
										      "suspected");
		if (sentence)
			phrase_render(&f->phrases, sentence, &item->text);
	}
	return 0;
}

static const char *tail_text(const struct form *f, const char *name)
{
	const struct node *not_confirmed = node_get(f->input->notice->phrases, "tails_not_confirmed");
	const struct node *tails = node_get(f->input->notice->phrases, "tails");
	const char *text = strcmp(wording(f), "confirmed") != 0 ? node_get_text(not_confirmed, name) : NULL;

	if (strcmp(name, "evidence") == 0 && f->incident->zone_assumed)
		text = node_get_text(tails, "evidence_zone_assumed");
	return text ? text : node_get_text(tails, name);
}

static void missing_sentence(struct form *f, struct text *out)
{
	const struct strlist *missing = &f->phrases.missing;

	for (size_t i = 0; i < missing->n; i++)
		text_addf(out, "%s%s", i ? "、" : "", missing->at[i]);
	if (missing->n)
		text_addf(out, "は%s。", phrase_unknown(&f->phrases));
}

static void detail_tails(struct form *f, struct text *out)
{
	const char *clause = f->incident->clauses.n ? f->incident->clauses.at[0] : "4";
	const struct node *texts = node_get(node_get(f->input->notice->phrases, "clauses"), clause);
	const struct node *names = node_get(texts, "tails");
	const struct node *by_class = node_get(node_get(f->input->notice->phrases, "tails_by_class"),
					       phrase_class(f->incident));
	struct strlist order = { 0 };

	for (size_t i = 0; i < node_count(names); i++) {
		const char *name = node_text(node_item(names, i));

		if (name && strcmp(name, "by_class") == 0)
			node_strings(by_class, &order);
		else if (name)
			strlist_add(&order, name);
	}
	for (size_t i = 0; i < order.n; i++) {
		const char *text = tail_text(f, order.at[i]);
		struct text tail = { 0 };

		if (text)
			phrase_render(&f->phrases, text, &tail);
		if (strcmp(order.at[i], "next") == 0)	/* last: all that was left out is named before it */
			missing_sentence(f, out);
		text_add_slice(out, text_slice(&tail));
		text_clear(&tail);
	}
	strlist_clear(&order);
}

static int item_detail(struct form *f, struct item *item, struct err *err)
{
	const struct incident *i = f->incident;

	detail_openers(f, &item->text);
	if (detail_body(f, item, err) < 0)
		return err->kind;
	detail_tails(f, &item->text);
	for (size_t e = 0; e < i->n_evidence && e < 3; e++)
		source_add(f, item, "record", i->evidence[e].file, (int)i->evidence[e].line, "");
	return 0;
}

static void item_measures(struct form *f, struct item *item)
{
	text_add(&item->text, label(f, "undecided_measures"));
	text_add(&item->source, label(f, "unfilled"));
}

/* ⑦: ア for the agency's own contracts, イ for all others, as the form's boxes say. */
static void item_contracts(struct form *f, struct item *item)
{
	static const struct { const char *mark; bool atla; } rows[] = { { "ア", true }, { "イ", false } };
	const struct inventory *inv = f->input->inventory;

	for (size_t r = 0; r < 2; r++)
		for (size_t i = 0; i < f->incident->contracts.n; i++) {
			const struct contract *c = inventory_contract(inv, f->incident->contracts.at[i]);

			if (!c || (c->body && strcmp(c->body, "atla") == 0) != rows[r].atla)
				continue;
			text_addf(&item->text, "%s%s ", item->text.len ? "\n" : "", rows[r].mark);
			escape_terminal(slice_of(c->label), &item->text);
			if (c->office && c->office[0]) {
				text_add(&item->text, " (");
				escape_terminal(slice_of(c->office), &item->text);
				text_add(&item->text, ")");
			}
			source_add(f, item, "inventory", inv->file, c->line, "");
		}
	if (!item->text.len) {
		text_add(&item->text, phrase_unknown(&f->phrases));
		text_add(&item->source, label(f, "unfilled"));
	}
}

/* What officers set takes the place of what was composed. */
static bool item_set(const struct form *f, struct item *item)
{
	struct json_object *value = NULL;

	if (!f->input->items || !json_object_object_get_ex(f->input->items, item->id, &value) || !value)
		return false;
	text_reset(&item->text);
	text_reset(&item->source);
	escape_utf8(slice_of(json_object_get_string(value)), &item->text);
	text_add(&item->source, phrase_label(f->phrases.labels, "sources", "officer"));
	return true;
}

static void title_line(const struct form *f, struct text *out)
{
	const struct strlist *bases = bases_in_effect(f);
	const char *first = bases->n ? bases->at[0] : "";

	if (f->incident->drill)
		text_add(out, label(f, "drill"));
	if (strncmp(first, "s12-1-i-", 8) == 0)
		text_add(out, node_get_text(form_text(f), "title_line_quote"));
	else
		text_add(out, phrase_label(f->phrases.labels, "titles",
					   first[0] == 'g' ? "guideline" : "standard"));
	text_add_char(out, '\n');
}

static int item_compose(struct form *f, struct item *item, struct err *err)
{
	static const struct {
		const char *id, *mark;
		void (*compose)(struct form *f, struct item *item);
	} rows[] = {
		{ "company", "①", item_company },   { "contact", "②", item_contact },
		{ "phone", "③", item_phone },	    { "kind", "④", item_kind },
		{ "detail", "⑤", NULL },	    { "measures", "⑥", item_measures },
		{ "contracts", "⑦", item_contracts },
	};

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		if (strcmp(rows[r].mark, item->mark) != 0)
			continue;
		item->id = rows[r].id;
		if (!item_set(f, item) && rows[r].compose)
			rows[r].compose(f, item);
		else if (!rows[r].compose && !item->text.len)
			return item_detail(f, item, err);
	}
	return 0;
}

static void candidate_line(const struct form *f, struct text *out)
{
	const struct incident *i = f->incident;
	const struct node *lines = node_get(f->input->notice->phrases, "candidate_lines");
	struct text boxes = { 0 };
	const char *key;

	if (i->decided || !i->bases.n || i->certainty == CERTAINTY_POINTED_OUT)
		return;
	if (!i->boxes.n && i->bases_now.n && strcmp(i->bases.at[0], i->bases_now.at[0]) == 0)
		return;			/* the same basis and no box: nothing to say */
	for (size_t b = 0; b < i->boxes.n; b++)
		text_addf(&boxes, "%s%s", b ? "、" : "", i->boxes.at[b]);
	key = !i->boxes.n ? "without_box" :
	      i->box_mode && strcmp(i->box_mode, "any_of") == 0 ? "any_of" : "with_box";
	phrase_fill(node_get_text(lines, key), out, "basis_short",
		    notice_basis_short(f->input->notice, i->bases.at[0]), "boxes", boxes.at,
		    (const char *)NULL);
	text_add_char(out, '\n');
	text_clear(&boxes);
}

static int outside_part(const struct form *f, struct text *out, struct err *err)
{
	text_addf(out, "\n――――――――――\n%s\n", label(f, "outside"));
	candidate_line(f, out);
	if (!f->incident->classes)
		text_addf(out, "%s\n", label(f, "class_unknown"));
	text_addf(out, "%s\n", label(f, "measures_outside"));
	if (!f->incident->approved)
		text_addf(out, "%s\n", label(f, "approval_missing"));
	text_addf(out, "%s\n", label(f, "phone_first"));
	return draft_windows(f->input, out, err);
}

static int draft_walk(const struct draft_input *input, bool annotate, struct text *out,
		      struct err *err)
{
	static const char *const marks[] = { "①", "②", "③", "④", "⑤", "⑥", "⑦" };
	struct form f;
	int rc = form_open(&f, input, err);

	if (rc < 0)
		return rc;
	title_line(&f, out);
	for (size_t i = 0; rc == 0 && i < 7; i++) {
		struct item item = { .mark = marks[i] };

		rc = item_compose(&f, &item, err);
		text_addf(out, "%s %s\n", item.mark, item.text.at ? item.text.at : "");
		if (annotate)
			text_addf(out, "    ← %s\n", item.source.at ? item.source.at : "");
		text_clear(&item.text);
		text_clear(&item.source);
	}
	if (rc == 0)
		rc = outside_part(&f, out, err);
	form_close(&f);
	return rc;
}

int draft_text(const struct draft_input *input, struct text *out, struct err *err)
{
	return draft_walk(input, false, out, err);
}

int draft_annotated(const struct draft_input *input, struct text *out, struct err *err)
{
	return draft_walk(input, true, out, err);
}
