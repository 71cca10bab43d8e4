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
#define DONE_MAX 2			/* of the calls and of the sendings the last are shown: the sheet is one page */

struct call {
	const struct draft_input *inputs;	/* one call can be about several incidents */
	size_t n;
	const struct strlist *windows;	/* those for which a sheet is made */
	/* the one that is spoken of */
	struct phrase_context phrases;
	const struct draft_input *input;
	const struct notice *notice;
	const struct node *script;
	const char *window;		/* an addressee of the incidents */
	struct draft_issue issue;
	const char *kind;		/* report, follow_up, correction, withdrawal */
	struct json_object *correction;	/* what is corrected or withdrawn, and why; NULL: nothing is */
	struct strlist changed;		/* items of the form that differ from the report before */
};

/* Whom nobody told of it gets the whole report, also when it is the second. */
static const char *kind_of(const struct call *c)
{
	static const char *const kinds[] = { "follow_up", "correction", "withdrawal" };

	if (c->issue.kind == ISSUE_REPORT && (c->issue.n < 2 || !draft_was_told(c->input->incident, &c->issue, c->window)))
		return "report";
	return kinds[c->issue.kind];
}

/* False: there is no draft to tell them by. */
static bool changes_find(const struct draft_input *input, struct strlist *out)
{
	struct err err;
	struct json_object *sheet = draft_sheet(input, &err), *items = json_member(sheet, "items");

	for (size_t k = 0; k < json_count(items); k++) {
		struct json_object *item = json_object_array_get_idx(items, k);

		if (json_object_get_boolean(json_member(item, "changed")))
			strlist_add(out, json_member_text(item, "id"));
	}
	json_object_put(sheet);
	return sheet != NULL;
}

static void call_turn(struct call *c, size_t incident)
{
	struct json_object *reports;

	c->input = &c->inputs[incident];
	draft_issue_of(c->input, &c->issue);
	reports = c->input->reports;
	c->kind = kind_of(c);
	c->correction = json_member(c->input->incident->work, "pending");
	if (!c->correction && c->issue.issued)
		c->correction = json_member(json_object_array_get_idx(reports, json_count(reports) - 1), "correction");
	strlist_clear(&c->changed);
	if (strcmp(c->kind, "follow_up") == 0 && !changes_find(c->input, &c->changed))
		c->kind = "report";	/* all of it, rather than too little */
	strlist_clear(&c->phrases.missing);
	phrase_context_init(&c->phrases, c->input);
}

static const struct node *texts(const struct call *c, const char *name)
{
	return node_get(node_get(c->notice->form_text, "phone"), name);
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

/* What a person wrote, as part of a sentence: on one line. */
static void on_one_line(const char *text, struct text *out)
{
	for (struct slice rest = slice_of(text); rest.len;) {
		size_t end = slice_find_byte(rest, '\n', 0);

		escape_terminal(slice_cut(rest, 0, end), out);
		text_add(out, end < rest.len ? " " : "");
		rest = slice_cut(rest, end + 1, rest.len);
	}
}

/* What the correction says: text that a person wrote, or the report's own. */
static bool correction_value(const struct call *c, const char *name, struct text *out)
{
	static const struct { const char *name, *member; } rows[] = {
		{ "old_text", "old" }, { "new_text", "new" }, { "reason", "reason" }, { "decided_by", "by" },
	};
	const char *item = json_member_text(c->correction, "item");

	if (strcmp(name, "item") == 0 && item) {
		text_add(out, phrase_label(c->notice, "correction_items", item));
		return true;
	}
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		const char *value = json_member_text(c->correction, rows[k].member);

		if (strcmp(name, rows[k].name) == 0 && value) {
			on_one_line(value, out);
			return true;
		}
	}
	return false;
}

/* What an officer wrote into the form is what is said. */
static bool written_value(const struct call *c, const char *name, struct text *out)
{
	static const struct { const char *name, *item; } rows[] = {
		{ "company", "company" }, { "contact_name", "contact" }, { "contact_phone", "phone" },
	};

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		const char *written = json_member_text(c->input->items, rows[k].item);

		if (strcmp(name, rows[k].name) == 0 && written) {
			on_one_line(written, out);
			return true;
		}
	}
	return false;
}

/* Placeholders that only a call knows; the blank line is filled in with a pen. */
static bool call_value(struct call *c, const char *name, struct text *out)
{
	static const char *const blanks[] = { "fax_or_mail", "person", "time_call", "next_time" };

	for (size_t k = 0; k < 4; k++)
		if (strcmp(name, blanks[k]) == 0) {
			if (!placeholder_value(&c->phrases, name, out))
				text_add(out, "＿＿＿＿");
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
	else if (strcmp(name, "count") == 0)
		text_addf(out, "%zu", c->n);
	else
		return correction_value(c, name, out) || written_value(c, name, out) || placeholder_value(&c->phrases, name, out);
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
	if (!drill && strcmp(c->kind, "report") != 0 && node_get_text(part, "phone"))
		say_line(c, " *  ", node_get_text(part, "phone"), out);
}

static void also_say(struct call *c, const struct node *step, struct text *out)
{
	const struct node *bases = node_get(step, "also_for");
	struct text letters = { 0 }, line = { 0 };
	struct strlist have = { 0 };

	for (size_t m = 0; m < c->n && strcmp(c->kind, "report") == 0; m++)	/* later the window is known */
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

static bool is_changed(const struct call *c, const struct node *step)
{
	const char *item = node_get_text(texts(c, "items"), node_get_text(step, "id"));

	return item && strlist_has(&c->changed, item);
}

/*
 * What is said in a step: in place of the script's words those for this kind of report, or for several; NULL leaves it out.
 * A follow-up leaves out what has not changed.
 */
static const char *step_words(const struct call *c, const struct node *step)
{
	const char *id = node_get_text(step, "id"), *own;

	own = node_get_text(node_get(texts(c, "instead"), c->kind), id);
	if (!own && c->n > 1)
		own = node_get_text(texts(c, "several"), id);
	if (own)
		return own[0] ? own : NULL;
	if (strcmp(c->kind, "follow_up") == 0 && node_get_text(texts(c, "items"), id) && !is_changed(c, step))
		return NULL;
	return node_get_text(step, "say");
}

static bool step_lines(struct call *c, const struct node *step, size_t number, struct text *out)
{
	const struct node *record = node_get(step, "record");
	const char *words = step_words(c, step);
	char lead[32];
	struct text line = { 0 };

	if (!words)
		return false;
	snprintf(lead, sizeof(lead), "%2zu  %s", number,
		 is_changed(c, step) ? node_get_text(node_get(c->notice->phrases, "follow_up"), "change_mark") : "");
	say_line(c, lead, words, out);
	also_say(c, step, out);
	for (size_t k = 0; k < node_count(record); k++)
		text_addf(&line, "%s%s＿＿＿＿", k ? "　" : "", node_text(node_item(record, k)));
	if (line.len) {
		text_addf(out, "    %s：", label(c, "write"));
		text_addf(out, "%s\n", line.at);
	}
	text_clear(&line);
	return true;
}

/* The steps that are about one incident; the others are about the call. */
static bool is_of_incident(const struct call *c, const struct node *step)
{
	return node_has(texts(c, "each"), node_get_text(step, "id"));
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
	*number += step_lines(c, step, *number + 1, out);
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
		if (strcmp(c->kind, "follow_up") == 0)
			say_line(c, " *  ", label(c, "unchanged"), out);
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
		const char *own = node_get_text(node_get(texts(c, "instead"), c->kind), "subcontractor");

		say_line(c, " 1  ", own ? own : node_get_text(node_get(branches, "subcontractor"), "say"), out);
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
	if (c->input->incident->drill) {
		wrapped("    ", label(c, "drill_no_answer"), out);
		return;
	}
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

/* Which report an entry of the work was about: one that went out, or the one that is at hand. */
static void entry_mark(const struct call *c, struct json_object *entry, struct text *out)
{
	struct draft_issue issue = c->issue;
	struct json_object *reports = c->input->reports;

	for (size_t k = 0; k < json_count(reports); k++) {
		struct json_object *one = json_object_array_get_idx(reports, k);

		if (json_object_get_int64(json_member(one, "serial")) == json_object_get_int64(json_member(entry, "serial")))
			draft_issue_of_report(one, &issue);
	}
	phrase_issue_mark(c->notice, &issue, out);
}

static void entry_line(const struct call *c, const char *name, struct json_object *entry, struct text *out)
{
	const char *said = json_member_text(entry, "said_at"), *at = said ? said : json_member_text(entry, "at");
	const char *member = strcmp(name, "done_call") == 0 ? "person" : "to";
	struct text mark = { 0 }, whom = { 0 }, line = { 0 };
	char minute[32];

	entry_mark(c, entry, &mark);
	escape_terminal(slice_of(json_member_text(entry, member)), &whom);
	snprintf(minute, sizeof(minute), "%.10s %.5s", at, strlen(at) > 11 ? at + 11 : "");
	phrase_fill(label(c, name), &line, "head", mark.at, "at", minute, "whom", whom.len ? whom.at : label(c, "unsaid"),
		    (const char *)NULL);
	wrapped("  ・", line.at, out);
	text_clear(&mark);
	text_clear(&whom);
	text_clear(&line);
}

/* What is left to do of this version at this window; NULL: all of it. */
static const char *rest_of(const struct call *c)
{
	if (strcmp(c->input->incident->status, "open") != 0)
		return "rest_not_open";
	if (draft_sending(c->input->incident, c->window, c->issue.serial))
		return "rest_nothing";
	if (c->issue.kind != ISSUE_REPORT && !draft_was_told(c->input->incident, &c->issue, c->window))
		return "rest_untold";
	return draft_calls(c->input->incident, &c->issue, c->window, true) ? "rest_send" : NULL;
}

/* What this window was told already, and what is left: nobody reports the same twice. */
static void done_lines(struct call *c, struct text *out)
{
	static const struct { const char *list, *name; } rows[] = { { "calls", "done_call" }, { "sent", "done_sent" } };
	const char *rest = rest_of(c);
	struct text mark = { 0 }, line = { 0 };
	size_t before;

	if (c->n > 1)
		text_addf(out, "  %s\n", c->input->incident->id);
	before = out->len;
	for (size_t r = 0; r < 2; r++) {
		struct json_object *list = json_member(c->input->incident->work, rows[r].list);
		struct json_object *last[DONE_MAX] = { NULL };

		for (size_t k = 0; k < json_count(list); k++) {
			struct json_object *one = json_object_array_get_idx(list, k);

			if (strcmp(json_member_text(one, "window"), c->window) != 0 ||
			    !(r || json_object_get_boolean(json_member(one, "answered"))))
				continue;
			memmove(last, last + 1, sizeof(last) - sizeof(last[0]));
			last[DONE_MAX - 1] = one;
		}
		for (size_t k = 0; k < DONE_MAX; k++)
			if (last[k])
				entry_line(c, rows[r].name, last[k], out);
	}
	if (rest) {
		phrase_issue_mark(c->notice, &c->issue, &mark);
		phrase_fill(label(c, rest), &line, "head", mark.at, "id", c->input->incident->id, "window", c->window, "status",
			    phrase_label(c->notice, "statuses", c->input->incident->status), (const char *)NULL);
		wrapped("  ＞", line.at, out);
	}
	if (out->len == before)
		text_addf(out, "  %s\n", label(c, "done_nothing"));
	text_clear(&mark);
	text_clear(&line);
}

static void done(struct call *c, struct text *out)
{
	text_addf(out, "\n%s\n", label(c, "done"));
	for (size_t m = 0; m < c->n; m++) {
		call_turn(c, m);
		done_lines(c, out);
	}
	call_turn(c, 0);
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
	if (!c->input->incident->drill)		/* no number of the notice is called */
		hours_wrapped(c, out);
	done(c, out);
	text_clear(&name);
}

/* Windows that an incident has and that these sheets do not serve. */
static void other_windows(struct call *c, struct text *out)
{
	struct strlist list = { 0 };
	struct text names = { 0 }, line = { 0 };

	draft_addressees(c->input, &list);
	for (size_t k = 0; k < list.n; k++) {
		if (strlist_has(c->windows, list.at[k]))
			continue;
		text_add(&names, names.len ? "、" : "");
		window_name(c->input, list.at[k], &names);
		text_addf(&names, "（%s）", list.at[k]);
	}
	if (names.len) {
		phrase_fill(label(c, "other_windows"), &line, "id", c->input->incident->id, "windows", names.at, (const char *)NULL);
		wrapped("", line.at, out);
	}
	strlist_clear(&list);
	text_clear(&names);
	text_clear(&line);
}

static void record_lines(struct call *c, struct text *out)
{
	static const char *const labels[] = { "record", "record_no_answer", "record_sent" };

	for (size_t m = 0; m < c->n; m++)
		for (size_t k = 0; k < 3; k++) {
			phrase_fill(label(c, labels[k]), out, "id", c->inputs[m].incident->id, "window", c->window,
				    (const char *)NULL);
			text_add_char(out, '\n');
		}
	for (size_t m = 0; m < c->n; m++) {
		call_turn(c, m);
		other_windows(c, out);
	}
	call_turn(c, 0);
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
	say_line(c, "    ", c->n > 1 ? node_get_text(texts(c, "several"), "cannot_send") : node_get_text(cannot, "say"), out);
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

/* A window that is named must be one of each incident's, unless its contracts name none; the fallback is everybody's. */
static int window_check(const struct draft_input *inputs, size_t n, const char *window, struct err *err)
{
	int rc = 0;

	if (strcmp(window, WINDOW_FALLBACK) == 0 && !inputs[0].incident->drill)
		return 0;
	for (size_t m = 0; m < n && rc == 0; m++) {
		struct strlist list = { 0 };
		struct text names = { 0 };

		draft_addressees(&inputs[m], &list);
		for (size_t k = 0; k < list.n; k++)
			text_addf(&names, " %s", list.at[k]);
		if (!strlist_has(&list, window) && (window_is_named(&inputs[m]) || !notice_window(inputs[m].notice, window)))
			rc = err_set(err, ERR_USAGE, "'%.64s' is no window of incident '%s'; it has:%s", window,
				     inputs[m].incident->id, names.at);
		strlist_clear(&list);
		text_clear(&names);
	}
	return rc;
}

int draft_phone(const struct draft_input *inputs, size_t n, const char *window, struct text *out, struct err *err)
{
	struct strlist list = { 0 };
	struct call c = { .inputs = inputs, .n = n, .windows = &list, .notice = inputs->notice,
			  .script = node_get(inputs->notice->phrases, "phone_script") };
	int rc = inputs_check(inputs, n, err);

	if (rc == 0 && window)
		rc = window_check(inputs, n, window, err);
	else if (rc == 0)
		rc = windows_shared(inputs, n, &list, err);
	if (rc == 0 && window)
		strlist_add(&list, window);
	for (size_t k = 0; rc == 0 && k < list.n; k++) {
		c.window = list.at[k];
		call_turn(&c, 0);
		text_add(out, k ? "\f\n" : "");
		one_window(&c, out);
	}
	strlist_clear(&c.phrases.missing);
	strlist_clear(&c.changed);
	strlist_clear(&list);
	return rc;
}
