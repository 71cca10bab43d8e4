/*
 * The sheet of the form: each item composed once with its boxes, its text as the text form writes it, and its source.
 * Boxes are walked as the profile lists them; what is ticked comes from a person's decision, the recorded measures and
 * the contracts.
 */
#include "draft/detail.h"
#include "draft/window.h"

#include "base/clock.h"
#include "base/escape.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKS_MAX 64

/* A box that is ticked: by its id, with the words that follow it. */
struct tick {
	const char *box;		/* a loan from the profile or the incident */
	struct text text;
};

struct form {
	struct phrase_context phrases;
	const struct draft_input *input;
	const struct incident *incident;
	const struct notice *notice;
	struct draft_issue issue;
	struct tick ticks[TICKS_MAX];
	size_t n_ticks;
};

struct item {
	const char *id;
	const struct node *field;
	struct text text;		/* lines joined by LF */
	size_t opener;			/* bytes of it that a follow-up says of itself */
	bool written;			/* by an officer */
	struct text source;
};

static const char *label(const struct form *f, const char *name)
{
	return phrase_label(f->notice, "labels", name);
}

static const struct node *text_form(const struct form *f)
{
	return node_get(f->notice->profile, "text_form");
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
	struct text name = { 0 };
	char number[16];

	if (item->source.len)
		text_add(&item->source, "、");
	snprintf(number, sizeof(number), "%d", line);
	escape_terminal(slice_of(file_name(file)), &name);
	phrase_fill(phrase_label(f->notice, "sources", kind), &item->source, "file", name.at, "line", number, "key",
		    key, "who", key, (const char *)NULL);
	text_clear(&name);
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

/* ------------------------------------------------------------ boxes */

static struct tick *tick_add(struct form *f, const char *box)
{
	if (!box || f->n_ticks == TICKS_MAX)
		return NULL;
	f->ticks[f->n_ticks] = (struct tick){ .box = box };
	return &f->ticks[f->n_ticks++];
}

static struct tick *tick_find(struct form *f, const char *box)
{
	for (size_t k = 0; box && k < f->n_ticks; k++)
		if (strcmp(f->ticks[k].box, box) == 0)
			return &f->ticks[k];
	return NULL;
}

/* The same box again takes further words. */
static void tick_text(struct form *f, const char *box, struct slice text)
{
	struct tick *tick = tick_find(f, box);

	if (!tick)
		tick = tick_add(f, box);
	if (!tick)
		return;
	if (tick->text.len && text.len)
		text_add(&tick->text, "、");
	text_add_slice(&tick->text, text);
}

static const char *box_with_mark(const struct node *field, const char *mark)
{
	const struct node *boxes = node_get(field, "boxes");

	for (size_t k = 0; mark && k < node_count(boxes); k++)
		if (node_has(node_get(node_item(boxes, k), "mark"), mark))
			return node_get_text(node_item(boxes, k), "id");
	return NULL;
}

static struct json_object *boxes_json(struct form *f, const struct node *boxes)
{
	struct json_object *list = json_object_new_array();

	for (size_t k = 0; k < node_count(boxes); k++) {
		const struct node *box = node_item(boxes, k);
		struct tick *tick = tick_find(f, node_get_text(box, "id"));
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "mark", json_text_or_null(node_get_text(box, "mark")));
		json_object_object_add(o, "quote", json_text_or_null(node_get_text(box, "quote")));
		json_object_object_add(o, "ticked", json_object_new_boolean(tick != NULL));
		json_object_object_add(o, "text", tick ? json_text(text_slice(&tick->text)) : NULL);
		json_object_object_add(o, "boxes", boxes_json(f, node_get(box, "boxes")));
		json_object_array_add(list, o);
	}
	return list;
}

/* ------------------------------------------------------------ ④ */

/* The line of a box in text_form.codes. */
static const char *code_line(const struct form *f, const char *box)
{
	const struct node *codes = node_get(text_form(f), "codes");

	for (size_t i = 0; i < node_count(codes); i++) {
		const char *have = node_get_text(node_item(codes, i), "box");

		if (have && strcmp(have, box) == 0)
			return node_get_text(node_item(codes, i), "line");
	}
	return box;
}

static void basis_line(const struct form *f, const struct item *item, const char *basis,
		       struct text *out)
{
	const char *line = node_get_text(node_get(text_form(f), "lines_for_other_bases_reading"), basis);
	const char *mark = node_get_text(item->field, "mark");
	const char *words = node_get_text(notice_basis(f->notice, basis), "class_quote");

	if (!line) {
		text_add(out, notice_basis_label(f->notice, basis));
		return;
	}
	if (mark && strncmp(line, mark, strlen(mark)) == 0)
		line += strlen(mark) + 1;
	phrase_fill(line, out, "class", words ? words : "", (const char *)NULL);
}

static void item_kind(struct form *f, struct item *item)
{
	const struct strlist *bases = phrase_bases(f->incident);
	bool ticked = phrase_ticked(f->incident);

	for (size_t i = 0; ticked && i < f->incident->boxes.n; i++) {
		text_add(&item->text, i ? "\n" : "");
		text_add(&item->text, code_line(f, f->incident->boxes.at[i]));
		tick_add(f, box_with_mark(item->field, f->incident->boxes.at[i]));
	}
	for (size_t i = 0; !ticked && i < bases->n; i++) {
		text_add(&item->text, i ? "\n" : "");
		basis_line(f, item, bases->at[i], &item->text);
	}
	if (!item->text.len)
		text_add(&item->text, phrase_unknown(&f->phrases));
	if (f->incident->decided)
		source_add(f, item, "decision", NULL, 0, f->incident->decided_by);
	else
		source_add(f, item, "profile", NULL, 0, "decision-table");
}

/* ------------------------------------------------------------ ⑥ */

/* Only the physical cut-off has a box of its own; what is logical goes to the free line, in words. */
static void measure_isolate(struct form *f, struct item *item, struct json_object *measure)
{
	const struct node *state = node_get(node_get(f->notice->phrases, "isolation_states"),
					    json_member_text(measure, "how"));
	const char *box = box_with_mark(item->field, node_get_text(state, "box"));
	struct text said = { 0 }, free_text = { 0 };

	if (!box)
		return;
	phrase_lines(json_member_text(measure, "text"), &free_text);
	if (node_get_text(state, "text"))
		phrase_fill(node_get_text(state, "text"), &said, "free_text",
			    free_text.len ? free_text.at : phrase_unknown(&f->phrases), (const char *)NULL);
	tick_text(f, box, text_slice(&said));
	text_clear(&said);
	text_clear(&free_text);
}

static void measure_notify(struct form *f, struct item *item, struct json_object *measure)
{
	const char *id = json_member_text(measure, "agency");
	const char *parent = node_get_text(phrase_agency_box(f->notice, id), "id");
	struct text text = { 0 };

	(void)item;
	if (!parent)
		return;
	phrase_lines(json_member_text(measure, "text"), &text);
	tick_text(f, parent, SLICE(""));
	tick_text(f, id, text_slice(&text));
	text_clear(&text);
}

/* The free line of the field: its last box of its own that takes words. */
static void measure_other(struct form *f, struct item *item, struct json_object *measure)
{
	const struct node *boxes = node_get(item->field, "boxes");
	const char *box = NULL;
	struct text text = { 0 };
	bool takes;

	for (size_t k = 0; k < node_count(boxes); k++)
		if (node_bool(node_get(node_item(boxes, k), "free_text"), &takes) && takes)
			box = node_get_text(node_item(boxes, k), "id");
	phrase_lines(json_member_text(measure, "text"), &text);
	if (box)
		tick_text(f, box, text_slice(&text));
	text_clear(&text);
}

/* One line a letter: a template with the agency (one line for each) or the free words. */
static void measure_line(struct form *f, const struct node *box, struct text *out)
{
	const char *mark = node_get_text(box, "mark");
	const char *template = node_get_text(node_get(f->notice->phrases, "text_form_measures"), mark);
	const struct node *inner = node_get(box, "boxes");
	struct tick *tick = tick_find(f, node_get_text(box, "id"));

	for (size_t k = 0; tick && k < node_count(inner); k++) {
		struct tick *agency = tick_find(f, node_get_text(node_item(inner, k), "id"));

		if (!agency)
			continue;
		text_addf(out, "%s%s ", out->len ? "\n" : "", mark);
		phrase_fill(template, out, "agency",
			    agency->text.len ? agency->text.at : node_get_text(node_item(inner, k), "quote"),
			    (const char *)NULL);
	}
	if (!tick || node_count(inner))
		return;
	text_addf(out, "%s%s ", out->len ? "\n" : "", mark);
	phrase_fill(template, out, "free_text", tick->text.at, (const char *)NULL);
}

static void item_measures(struct form *f, struct item *item)
{
	static const struct {
		const char *kind;
		void (*add)(struct form *f, struct item *item, struct json_object *measure);
	} kinds[] = { { "isolate", measure_isolate }, { "notify", measure_notify }, { "other", measure_other } };
	const struct node *boxes = node_get(item->field, "boxes");
	struct json_object *list = NULL;

	json_object_object_get_ex(f->incident->work, "measures", &list);
	for (size_t k = 0; list && k < json_object_array_length(list); k++) {
		struct json_object *measure = json_object_array_get_idx(list, k);

		for (size_t n = 0; n < 3; n++)
			if (strcmp(kinds[n].kind, json_member_text(measure, "kind")) == 0)
				kinds[n].add(f, item, measure);
		if (k < 3)
			source_add(f, item, "measure", NULL, 0, json_member_text(measure, "by"));
	}
	for (size_t k = 0; k < node_count(boxes); k++)
		measure_line(f, node_item(boxes, k), &item->text);
	if (!item->text.len)
		text_add(&item->text, label(f, "undecided_measures"));
	if (!item->source.len)
		text_add(&item->source, label(f, "unfilled"));
}

/* ------------------------------------------------------------ ⑦ */

static void contract_add(struct form *f, struct item *item, const struct contract *c, const char *box)
{
	struct text text = { 0 };

	escape_terminal(slice_of(c->label), &text);
	if (c->office && c->office[0]) {
		text_add(&text, " (");
		escape_terminal(slice_of(c->office), &text);
		text_add(&text, ")");
	}
	tick_text(f, box, text_slice(&text));
	source_add(f, item, "inventory", f->input->inventory->file, c->line, "");
	text_clear(&text);
}

/* The first box for the table's first body, the second for all others. */
static void item_contracts(struct form *f, struct item *item)
{
	const struct node *boxes = node_get(item->field, "boxes");

	for (size_t b = 0; b < node_count(boxes) && b < 2; b++) {
		const struct node *box = node_item(boxes, b);
		struct tick *tick;

		for (size_t i = 0; i < f->incident->contracts.n; i++) {
			const struct contract *c =
				inventory_contract(f->input->inventory, f->incident->contracts.at[i]);

			if (c && notice_body_is_first(f->notice, c->body) == (b == 0))
				contract_add(f, item, c, node_get_text(box, "id"));
		}
		tick = tick_find(f, node_get_text(box, "id"));
		if (tick)
			text_addf(&item->text, "%s%s %s", item->text.len ? "\n" : "",
				  node_get_text(box, "mark"), tick->text.at);
	}
	if (!item->text.len) {
		text_add(&item->text, phrase_unknown(&f->phrases));
		text_add(&item->source, label(f, "unfilled"));
	}
}

static int item_detail(struct form *f, struct item *item, struct err *err)
{
	const struct incident *i = f->incident;
	struct text key = { 0 };
	int rc = detail_compose(&f->phrases, &item->text, &key, err);

	if (rc == 0)
		source_add(f, item, "phrase", NULL, 0, key.at);
	for (size_t e = 0; e < i->n_evidence && e < 3; e++)
		source_add(f, item, "record", i->evidence[e].file, (int)i->evidence[e].line, "");
	text_clear(&key);
	return rc;
}

/* ------------------------------------------------------------ the sheet */

static bool item_set(const struct form *f, struct item *item)
{
	struct json_object *value = NULL;

	item->written = f->input->items && json_object_object_get_ex(f->input->items, item->id, &value);
	if (!item->written)
		return false;
	text_reset(&item->text);
	text_reset(&item->source);
	phrase_lines(json_object_get_string(value), &item->text);
	source_add(f, item, "officer", NULL, 0, "");
	return true;
}

static int item_compose(struct form *f, struct item *item, struct err *err)
{
	static const struct {
		const char *id;
		void (*compose)(struct form *f, struct item *item);
	} rows[] = {
		{ "company", item_company },   { "contact", item_contact },	{ "phone", item_phone },
		{ "kind", item_kind },	       { "measures", item_measures },	{ "contracts", item_contracts },
	};
	struct text own = { 0 };
	int rc = 0;

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
		if (strcmp(rows[r].id, item->id) == 0)
			rows[r].compose(f, item);
	if (strcmp(item->id, "detail") == 0) {
		detail_issue_opener(&f->phrases, &f->issue, &own);
		rc = item_detail(f, item, err);
	}
	if (!item_set(f, item) && !item->text.len)	/* a field of a later form: for an officer to fill in */
		unfilled(f, item);
	item->opener = own.len;
	text_add_slice(&own, text_slice(&item->text));
	text_clear(&item->text);
	item->text = own;
	return rc;
}

/* The text of the same item in the report that went out last. */
static const char *issued_before(const struct form *f, const char *id)
{
	size_t n = f->input->reports ? json_object_array_length(f->input->reports) : 0;
	struct json_object *sheet = NULL, *items = NULL;

	if (n)
		json_object_object_get_ex(json_object_array_get_idx(f->input->reports, n - 1), "sheet", &sheet);
	json_object_object_get_ex(sheet, "items", &items);
	for (size_t k = 0; items && k < json_object_array_length(items); k++)
		if (strcmp(json_member_text(json_object_array_get_idx(items, k), "id"), id) == 0)
			return json_member_text(json_object_array_get_idx(items, k), "plain");
	return NULL;
}

/* 【変更】 in front of what differs; what a follow-up says of itself is no change. */
static struct json_object *item_json(struct form *f, struct item *item)
{
	const char *before = issued_before(f, item->id), *plain = item->text.at ? item->text.at + item->opener : "";
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "id", json_object_new_string(item->id));
	json_object_object_add(o, "mark", json_text_or_null(node_get_text(item->field, "mark")));
	json_object_object_add(o, "label", json_text_or_null(node_get_text(item->field, "label_quote")));
	json_object_object_add(o, "note", json_text_or_null(node_get_text(item->field, "note_quote")));
	json_object_object_add(o, "text", json_text(text_slice(&item->text)));
	json_object_object_add(o, "plain", json_text(slice_of(plain)));
	json_object_object_add(o, "source", json_text(text_slice(&item->source)));
	json_object_object_add(o, "changed", json_object_new_boolean(before && strcmp(before, plain) != 0));
	json_object_object_add(o, "written", json_object_new_boolean(item->written));
	json_object_object_add(o, "boxes", boxes_json(f, node_get(item->field, "boxes")));
	return o;
}

static const char *text_title(const struct form *f)
{
	const struct strlist *bases = phrase_bases(f->incident);
	const char *first = bases->n ? bases->at[0] : "";
	const char *instrument = node_get_text(notice_basis(f->notice, first), "instrument");

	if (notice_basis_has_box(f->notice, first))
		return node_get_text(text_form(f), "title_line_quote");
	return phrase_label(f->notice, "titles", instrument ? instrument : "standard");
}

/* The first addressee of the incident, unless an officer wrote one. */
static void addressee(const struct form *f, struct text *out)
{
	struct item item = { .id = "addressee" };
	struct strlist list = { 0 };
	struct text body = { 0 };

	if (item_set(f, &item)) {
		text_add_slice(out, text_slice(&item.text));
	} else {
		draft_addressees(f->input, &list);
		window_name(f->input, list.n ? list.at[0] : "", &body);
		phrase_fill(label(f, "addressee"), out, "body", body.len ? body.at : label(f, "unfilled"),
			    (const char *)NULL);
	}
	text_clear(&item.text);
	text_clear(&item.source);
	text_clear(&body);
	strlist_clear(&list);
}

static struct json_object *texts_json(const struct node *list, const char *key)
{
	struct json_object *array = json_object_new_array();

	for (size_t k = 0; k < node_count(list); k++) {
		const struct node *one = node_item(list, k);

		json_object_array_add(array, json_text_or_null(key ? node_get_text(one, key) : node_text(one)));
	}
	return array;
}

static struct json_object *notes_json(const struct node *form)
{
	const struct node *notes = node_get(form, "notes");
	struct json_object *array = json_object_new_array();

	for (size_t k = 0; k < node_count(notes); k++) {
		const char *mark = node_get_text(node_item(notes, k), "mark");
		struct text line = { 0 };

		text_addf(&line, "%s %s", mark ? mark : "", node_get_text(node_item(notes, k), "quote"));
		json_object_array_add(array, json_text(text_slice(&line)));
		text_clear(&line);
	}
	return array;
}

static struct json_object *sheet_head(struct form *f)
{
	const struct node *form = node_get(f->notice->profile, "form");
	struct json_object *o = json_object_new_object();
	struct text head = { 0 }, to = { 0 };

	if (f->issue.kind != ISSUE_REPORT || f->issue.n > 1)
		phrase_issue_mark(f->notice, &f->issue, &head);
	addressee(f, &to);
	json_object_object_add(o, "schema", json_object_new_string("sokuhod.sheet/1"));
	json_object_object_add(o, "incident", json_object_new_string(f->incident->id));
	json_object_object_add(o, "drill", f->incident->drill ?
						   json_text_or_null(label(f, "drill")) : NULL);
	json_object_object_add(o, "head", json_text(text_slice(&head)));
	json_object_object_add(o, "text_title", json_text_or_null(text_title(f)));
	json_object_object_add(o, "title", texts_json(node_get(form, "title_quote"), NULL));
	json_object_object_add(o, "addressee_label",
			       json_text_or_null(node_get_text(form, "addressee_label_quote")));
	json_object_object_add(o, "addressee", json_text(text_slice(&to)));
	json_object_object_add(o, "checked", json_text_or_null(node_get_text(node_get(form, "check_mark"),
									     "print_reading")));
	json_object_object_add(o, "unchecked", json_text_or_null(node_get_text(node_get(form, "check_mark"),
									       "unchecked")));
	json_object_object_add(o, "change_mark", json_text_or_null(node_get_text(
		node_get(f->notice->phrases, "follow_up"), "change_mark")));
	json_object_object_add(o, "notes", notes_json(form));
	text_clear(&head);
	text_clear(&to);
	return o;
}

static struct json_object *issued_sheet(const struct draft_input *input)
{
	size_t n = json_object_array_length(input->reports);
	struct json_object *sheet = NULL;

	json_object_object_get_ex(json_object_array_get_idx(input->reports, n - 1), "sheet", &sheet);
	return json_object_get(sheet);
}

struct json_object *draft_sheet(const struct draft_input *input, struct err *err)
{
	const struct node *fields = node_get(node_get(input->notice->profile, "form"), "fields");
	struct form f = { .input = input, .incident = input->incident, .notice = input->notice };
	struct json_object *sheet, *items = json_object_new_array();
	int rc = 0;

	draft_issue_of(input, &f.issue);
	if (f.issue.issued) {
		json_object_put(items);
		return issued_sheet(input);
	}
	phrase_context_init(&f.phrases, input);
	sheet = sheet_head(&f);
	for (size_t k = 0; rc == 0 && k < node_count(fields); k++) {
		struct item item = { .field = node_item(fields, k) };

		item.id = node_get_text(item.field, "id");
		rc = item_compose(&f, &item, err);
		if (rc == 0)
			json_object_array_add(items, item_json(&f, &item));
		text_clear(&item.text);
		text_clear(&item.source);
	}
	json_object_object_add(sheet, "items", items);
	for (size_t k = 0; k < f.n_ticks; k++)
		text_clear(&f.ticks[k].text);
	strlist_clear(&f.phrases.missing);
	if (rc == 0)
		return sheet;
	json_object_put(sheet);
	return NULL;
}
