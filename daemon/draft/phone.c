/*
 * The sheet for the call, made for three in the morning: whom, what to say in which order, what to write down. Steps and
 * sentences are the profile's phone_script; nothing is said that cannot be spoken (no hashes, addresses, ports).
 */
#include "draft/detail.h"
#include "draft/window.h"

#include "base/escape.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 78

struct call {
	const struct draft_input *inputs;	/* one call can be about several incidents */
	size_t n;
	/* the one that is spoken of */
	struct phrase_context phrases;
	const struct draft_input *input;
	const struct notice *notice;
	const struct node *script;
	const char *window;		/* an addressee of the incidents */
	struct draft_issue issue;
};

static void call_turn(struct call *c, size_t incident)
{
	c->input = &c->inputs[incident];
	draft_issue_of(c->input, &c->issue);
	strlist_clear(&c->phrases.missing);
	phrase_context_init(&c->phrases, c->input);
}

static const char *label(const struct call *c, const char *name)
{
	return phrase_label(c->notice, "phone", name);
}

/* Closing marks do not begin a line: they hang behind the one before. */
static struct slice hanging(struct slice text, struct slice part)
{
	static const char *const closing[] = { "。", "、", "」", "）", ")" };

	for (size_t k = 0; k < sizeof(closing) / sizeof(closing[0]); k++)
		if (slice_starts(slice_cut(text, part.len, text.len), slice_of(closing[k]))) {
			part.len += strlen(closing[k]);
			k = (size_t)-1;
		}
	return part;
}

/* A line of at most COLUMNS columns; what does not fit goes on under its indent. */
static void wrapped(const char *lead, const char *text, struct text *out)
{
	size_t indent = utf8_width(slice_of(lead));
	struct slice rest = slice_of(text);
	bool first = true;

	do {
		struct slice part = hanging(rest, utf8_cut(rest, COLUMNS - indent));

		if (first)
			text_add(out, lead);
		else
			text_addf(out, "%*s", (int)indent, "");
		text_add_slice(out, part);
		text_add_char(out, '\n');
		rest = slice_cut(rest, part.len, rest.len);
		first = false;
	} while (rest.len);
}

/* ------------------------------------------------------------ the sentences */

static void spoken_bases(const struct call *c, struct text *out)
{
	const struct strlist *bases = phrase_bases(c->input->incident);
	const struct node *spoken = node_get(c->script, "basis_spoken");

	for (size_t k = 0; k < bases->n; k++) {
		const char *text = node_get_text(spoken, bases->at[k]);

		text_addf(out, "%s%s", k ? "、" : "", text ? text : notice_basis_label(c->notice, bases->at[k]));
	}
	if (!bases->n)
		text_add(out, phrase_unknown(&c->phrases));
}

static void box_headlines(struct call *c, struct text *out)
{
	const struct incident *i = c->input->incident;
	const struct node *boxes = node_get(notice_form_field(c->notice, "kind"), "boxes");

	for (size_t k = 0; k < node_count(boxes); k++) {
		const struct node *box = node_item(boxes, k);

		if (strlist_has(&i->boxes, node_get_text(box, "mark")))
			phrase_render(&c->phrases, node_get_text(node_get(c->notice->phrases, "box_headlines"),
								 node_get_text(box, "id")), out);
	}
}

/* headline_rules of the phrases, in their order. */
static void headline(struct call *c, struct text *out)
{
	const struct incident *i = c->input->incident;
	const struct node *texts = c->notice->phrases, *row;
	const char *wording = phrase_wording(i), *key = wording, *text = NULL;
	char own[64];

	if (phrase_ticked(i)) {
		box_headlines(c, out);
		return;
	}
	row = node_get(node_get(texts, "headlines"),
		       i->clauses.n && strcmp(i->clauses.at[0], "analogous") == 0 ? "analogous" : i->fact);
	if (strcmp(wording, "pointed_out") == 0 && i->clauses.n) {
		snprintf(own, sizeof(own), "headline_%s", i->clauses.at[0]);
		text = node_get_text(texts, own);
	}
	if (strcmp(wording, "confirmed") == 0)
		key = !i->classes || (i->box_mode && strcmp(i->box_mode, "any_of") == 0) ? "confirmed_open" :
											   "confirmed_no_box";
	if (!text)
		text = node_get_text(row, key);
	if (text)
		phrase_render(&c->phrases, text, out);
	if (!i->classes)
		text_add(out, node_get_text(node_get(texts, "headline_suffixes"), "class_unknown"));
}

/* Only what is done is said: the words of the isolation, the agencies, and what a person wrote. */
static void measures_done(const struct call *c, struct text *out)
{
	struct json_object *list = json_member(c->input->incident->work, "measures");
	size_t before = out->len;

	for (size_t k = 0; list && k < json_object_array_length(list); k++) {
		text_add(out, out->len > before ? "、" : "");
		phrase_measure(c->notice, json_object_array_get_idx(list, k), out);
	}
	if (out->len == before)
		text_add(out, label(c, "measures_none"));
}

/* Placeholders that only a call knows; the blank line is filled in with a pen. */
static bool call_value(struct call *c, const char *name, struct text *out)
{
	static const char *const blanks[] = { "fax_or_mail", "person", "time_call", "next_time" };

	for (size_t k = 0; k < 4; k++)
		if (strcmp(name, blanks[k]) == 0 && !placeholder_value(&c->phrases, name, out)) {
			text_add(out, "＿＿＿＿");
			return true;
		} else if (strcmp(name, blanks[k]) == 0) {
			return true;
		}
	if (strcmp(name, "window") == 0)
		window_name(c->input, c->window, out);
	else if (strcmp(name, "headline") == 0)
		headline(c, out);
	else if (strcmp(name, "basis_spoken") == 0)
		spoken_bases(c, out);
	else if (strcmp(name, "detail_spoken") == 0)
		detail_spoken(&c->phrases, out);
	else if (strcmp(name, "measures_done") == 0)
		measures_done(c, out);
	else if (strcmp(name, "tries") == 0)
		text_addf(out, "%zu", draft_calls(c->input->incident, &c->issue, c->window, false));
	else if (strcmp(name, "n") == 0)
		text_addf(out, "%d", c->issue.n);
	else if (strcmp(name, "item") == 0)
		text_add(out, phrase_label(c->notice, "correction_items",
					   json_member_text(json_member(c->input->incident->work, "pending"), "item") ?
						   json_member_text(json_member(c->input->incident->work, "pending"), "item") : ""));
	else
		return placeholder_value(&c->phrases, name, out);
	return true;
}

/* A sentence of the script with its placeholders; what has no evidence is said to be under inquiry. */
static void say_fill(struct call *c, const char *template, struct text *out)
{
	struct slice s = slice_of(template);
	size_t at = 0;

	while (at < s.len) {
		size_t begin = slice_find_byte(s, '{', at), end = slice_find_byte(s, '}', begin);
		struct slice name = slice_cut(s, begin + 1, end);
		char word_name[64];

		text_add_slice(out, slice_cut(s, at, begin));
		if (end >= s.len) {
			text_add_slice(out, slice_cut(s, begin, s.len));
			return;
		}
		snprintf(word_name, sizeof(word_name), "%.*s", (int)name.len, name.at);
		if (!call_value(c, word_name, out))
			text_add(out, phrase_unknown(&c->phrases));
		at = end + 1;
	}
}

static void say_line(struct call *c, const char *lead, const char *template, struct text *out)
{
	struct text said = { 0 };

	text_add(&said, "「");
	say_fill(c, template, &said);
	text_add(&said, "」");
	wrapped(lead, said.at, out);
	text_clear(&said);
}

/* ------------------------------------------------------------ the steps */

/* 第2報, 訂正 and 取下げ are announced before what is new; a drill before everything. */
static void announce(struct call *c, bool drill, struct text *out)
{
	const struct node *part = phrase_issue(c->notice, &c->issue);

	if (drill && c->input->incident->drill)
		say_line(c, " *  ", node_get_text(node_get(c->notice->phrases, "drill"), "phone_first"), out);
	if (!drill && (c->issue.kind != ISSUE_REPORT || c->issue.n > 1) && node_get_text(part, "phone"))
		say_line(c, " *  ", node_get_text(part, "phone"), out);
}

static void also_say(struct call *c, const struct node *step, struct text *out)
{
	const struct node *bases = node_get(step, "also_for");
	struct text letters = { 0 }, line = { 0 };
	struct strlist have = { 0 };

	for (size_t m = 0; m < c->n; m++)
		strlist_join(&have, phrase_bases(c->inputs[m].incident), SIZE_MAX);
	for (size_t k = 0; k < have.n; k++) {
		const char *basis = notice_basis_short(c->notice, have.at[k]), *end;

		if (!node_has(bases, have.at[k]) || !basis || !(end = strrchr(basis, ')')))
			continue;
		text_addf(&letters, "%s%s", letters.len ? "、" : "", end + 1);
	}
	if (letters.len) {
		phrase_fill(node_get_text(step, "also_say"), &line, "x", letters.at, (const char *)NULL);
		say_line(c, "    ", line.at, out);
	}
	strlist_clear(&have);
	text_clear(&letters);
	text_clear(&line);
}

static void step_lines(struct call *c, const struct node *step, size_t number, struct text *out)
{
	const struct node *record = node_get(step, "record");
	char lead[16];
	struct text line = { 0 };

	snprintf(lead, sizeof(lead), "%2zu  ", number);
	say_line(c, lead, node_get_text(step, "say"), out);
	also_say(c, step, out);
	for (size_t k = 0; k < node_count(record); k++)
		text_addf(&line, "%s%s＿＿＿＿", k ? "　" : "", node_text(node_item(record, k)));
	if (line.len) {
		text_addf(out, "    %s：", label(c, "write"));
		text_addf(out, "%s\n", line.at);
	}
	text_clear(&line);
}

/* The steps that are about one incident; the others are about the call. */
static bool is_of_incident(const struct call *c, const struct node *step)
{
	return node_has(node_get(node_get(c->notice->form_text, "phone"), "each"), node_get_text(step, "id"));
}

static void step_take(struct call *c, const struct node *step, size_t *number, struct text *out)
{
	const char *relayed = json_member_text(json_member(c->input->incident->work, "told"), "from-subcontractor");
	const char *id = node_get_text(step, "id");
	bool is_headline = id && strcmp(id, "headline") == 0;

	if (is_headline && relayed)
		say_line(c, " *  ", node_get_text(node_get(node_get(c->script, "branches"), "relayed_by_prime"), "say"), out);
	if (is_headline && *number)
		announce(c, true, out);
	if (is_headline)
		announce(c, false, out);
	step_lines(c, step, ++*number, out);
}

/* Which of how many incidents comes now. */
static void turn_line(struct call *c, size_t incident, struct text *out)
{
	char of[24], number[24];
	struct text line = { 0 };

	snprintf(of, sizeof(of), "%zu", c->n);
	snprintf(number, sizeof(number), "%zu", incident + 1);
	phrase_fill(label(c, incident ? "another" : "first_of"), &line, "of", of, "number", number, (const char *)NULL);
	say_line(c, " *  ", line.at, out);
	text_clear(&line);
}

/* Steps `from` to `to` for each incident in turn; those before `skipped` were said to the prime, of the first incident. */
static void incidents_told(struct call *c, const struct node *list, size_t from, size_t to, size_t skipped, size_t *number,
			   struct text *out)
{
	for (size_t m = 0; m < c->n; m++) {
		call_turn(c, m);
		if (c->n > 1)
			turn_line(c, m, out);
		for (size_t k = from; k < to; k++)
			if (m || k >= skipped)
				step_take(c, node_item(list, k), number, out);
	}
	call_turn(c, 0);
}

/* A subcontractor speaks to its prime: one sentence in place of the steps up to the detail. */
static void steps(struct call *c, struct text *out)
{
	const struct node *list = node_get(c->script, "steps");
	const struct node *branches = node_get(c->script, "branches");
	size_t number = 0, to, skipped = 0;

	announce(c, true, out);
	if (window_prime(c->input, c->window)) {
		say_line(c, " 1  ", node_get_text(node_get(branches, "subcontractor"), "say"), out);
		number++;
		skipped = 4;
	}
	for (size_t k = 0; k < node_count(list); k = to) {
		for (to = k; to < node_count(list) && is_of_incident(c, node_item(list, to));)
			to++;
		if (to > k)
			incidents_told(c, list, k, to, skipped, &number, out);
		else if (to++ >= skipped)
			step_take(c, node_item(list, k), &number, out);
	}
	if (c->input->incident->drill)
		say_line(c, " *  ", node_get_text(node_get(c->notice->phrases, "drill"), "phone_last"), out);
}

/* What is said to an exchange before anything else. */
static void connect_line(struct call *c, struct text *out)
{
	const struct node *window = notice_window(c->notice, c->window);
	const struct node *phone = window ? window_first_phone(c->input, window) : NULL;
	const struct node *extensions = node_get(phone, "extensions");
	struct text name = { 0 }, line = { 0 };

	if (!node_count(extensions))
		return;
	window_name(c->input, c->window, &name);
	phrase_fill(node_get_text(node_get(node_get(c->script, "connect"), "exchange"), "say"), &line, "extension",
		    node_text(node_item(extensions, 0)), "window", name.at, (const char *)NULL);
	say_line(c, " 0  ", line.at, out);
	text_clear(&name);
	text_clear(&line);
}

static bool is_same_number(const struct call *c)
{
	const struct node *window = notice_window(c->notice, c->window);
	const struct node *a = window_first_phone(c->input, window);
	const struct node *b = window_first_phone(c->input, notice_fallback(c->notice));
	const char *x = node_get_text(a, "number"), *y = node_get_text(b, "number");

	return x && y && strcmp(x, y) == 0 && !node_count(node_get(a, "extensions"));
}

static void no_answer(struct call *c, struct text *out)
{
	const struct node *branch = node_get(node_get(c->script, "branches"), "no_answer");
	const struct node *same = node_get(branch, "same_number");

	text_addf(out, "%s\n", label(c, "then"));
	if (notice_window(c->notice, c->window))
		window_print(c->input, WINDOW_FALLBACK, out);
	if (notice_window(c->notice, c->window) && is_same_number(c)) {
		wrapped("    ", label(c, "same_number"), out);
		wrapped("    ", node_get_text(same, "note"), out);
		say_line(c, "    ", node_get_text(same, "say"), out);
	}
	wrapped("    ", node_get_text(branch, "keep_trying"), out);
}

static void hours_wrapped(struct call *c, struct text *out)
{
	struct text hours = { 0 };
	struct slice rest;

	window_hours(c->input, &hours);
	rest = text_slice(&hours);
	while (rest.len) {
		size_t end = slice_find_byte(rest, '\n', 0);
		char *line = slice_dup(slice_cut(rest, 0, end));

		wrapped("", line, out);
		free(line);
		rest = slice_cut(rest, end + 1, rest.len);
	}
	text_clear(&hours);
}

static void incident_line(struct call *c, struct text *out)
{
	struct text mark = { 0 };
	char revision[16];

	snprintf(revision, sizeof(revision), "%u", c->input->incident->revision);
	phrase_issue_mark(c->notice, &c->issue, &mark);
	phrase_fill(label(c, "incident"), out, "id", c->input->incident->id, "head", mark.at, "revision", revision,
		    (const char *)NULL);
	text_add_char(out, '\n');
	text_clear(&mark);
}

static void head(struct call *c, struct text *out)
{
	struct text name = { 0 };

	window_name(c->input, c->window, &name);
	if (c->input->incident->drill)
		text_add(out, phrase_label(c->notice, "labels", "drill"));
	phrase_fill(label(c, "heading"), out, "window", name.at, (const char *)NULL);
	text_add_char(out, '\n');
	for (size_t m = 0; m < c->n; m++) {
		call_turn(c, m);
		incident_line(c, out);
	}
	call_turn(c, 0);
	hours_wrapped(c, out);
	text_clear(&name);
}

static void record_lines(struct call *c, struct text *out)
{
	static const char *const labels[] = { "record", "record_no_answer" };

	for (size_t m = 0; m < c->n; m++)
		for (size_t k = 0; k < 2; k++) {
			phrase_fill(label(c, labels[k]), out, "id", c->inputs[m].incident->id, "window", c->window,
				    (const char *)NULL);
			text_add_char(out, '\n');
		}
}

static void one_window(struct call *c, struct text *out)
{
	const struct node *cannot = node_get(node_get(c->script, "branches"), "cannot_send");

	head(c, out);
	text_addf(out, "\n%s\n", label(c, "call"));
	window_print(c->input, c->window, out);
	text_addf(out, "\n%s\n", label(c, "say"));
	connect_line(c, out);
	steps(c, out);
	text_addf(out, "\n%s\n", label(c, "cannot_send"));
	say_line(c, "    ", node_get_text(cannot, "say"), out);
	no_answer(c, out);
	text_add_char(out, '\n');
	record_lines(c, out);
}

/* The windows of the first that the others share; with no window in common they are no call. */
static int windows_shared(const struct draft_input *inputs, size_t n, struct strlist *out, struct err *err)
{
	struct strlist first = { 0 };

	draft_addressees(&inputs[0], &first);
	for (size_t k = 0; k < first.n; k++) {
		bool shared = true;

		for (size_t m = 1; m < n && shared; m++) {
			struct strlist other = { 0 };

			draft_addressees(&inputs[m], &other);
			shared = strlist_has(&other, first.at[k]);
			strlist_clear(&other);
		}
		if (shared)
			strlist_add(out, first.at[k]);
	}
	strlist_clear(&first);
	return out->n ? 0 : err_set(err, ERR_USAGE, "these incidents have no window in common; make a sheet for each");
}

static int inputs_check(const struct draft_input *inputs, size_t n, struct err *err)
{
	for (size_t m = 1; m < n; m++)
		if (inputs[m].incident->drill != inputs[0].incident->drill)
			return err_set(err, ERR_USAGE, "'%.64s' and '%.64s': a drill and a real incident share no sheet",
				       inputs[0].incident->id, inputs[m].incident->id);
	return 0;
}

int draft_phone(const struct draft_input *inputs, size_t n, const char *window, struct text *out, struct err *err)
{
	const struct draft_input *input = &inputs[0];
	struct call c = { .inputs = inputs, .n = n, .notice = input->notice,
			  .script = node_get(input->notice->phrases, "phone_script") };
	struct strlist list = { 0 };
	int rc;

	if (window && !input->incident->drill && !notice_window(input->notice, window) &&
	    !window_prime(input, window) && strcmp(window, WINDOW_FALLBACK) != 0)
		return err_set(err, ERR_USAGE, "unknown window '%.64s'; `sokuhoctl window` lists all", window);
	rc = inputs_check(inputs, n, err);
	if (rc < 0)
		return rc;
	if (window)
		strlist_add(&list, input->incident->drill ? WINDOW_EXERCISE : window);
	else
		rc = windows_shared(inputs, n, &list, err);
	for (size_t k = 0; k < list.n; k++) {
		c.window = list.at[k];
		call_turn(&c, 0);
		text_add(out, k ? "\f\n" : "");
		one_window(&c, out);
	}
	strlist_clear(&c.phrases.missing);
	strlist_clear(&list);
	return rc;
}
