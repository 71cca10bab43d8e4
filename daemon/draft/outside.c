/* What stands outside the form and is never sent, and the page from one officer to the next. */
#include "draft/window.h"

#include "base/clock.h"
#include "base/escape.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static const char *label(const struct draft_input *input, const char *name)
{
	return phrase_label(input->notice, "labels", name);
}

static const char *hand(const struct draft_input *input, const char *name)
{
	return phrase_label(input->notice, "handover", name);
}

/* The candidate of a machine: 【候補・未判断】認められれば ... */
static void candidate_line(const struct draft_input *input, struct text *out)
{
	const struct incident *i = input->incident;
	const struct node *lines = node_get(input->notice->phrases, "candidate_lines");
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
		    notice_basis_short(input->notice, i->bases.at[0]), "boxes", boxes.at,
		    (const char *)NULL);
	text_add_char(out, '\n');
	text_clear(&boxes);
}

static void exception_line(const struct draft_input *input, struct text *out)
{
	struct text reason = { 0 };

	if (!input->incident->exception_reason)
		return;
	escape_terminal(slice_of(input->incident->exception_reason), &reason);
	phrase_fill(label(input, "exception"), out, "reason", reason.at, "who", input->incident->decided_by, "at",
		    input->incident->decided_at, (const char *)NULL);
	text_add_char(out, '\n');
	text_clear(&reason);
}

static void approval_line(const struct draft_input *input, struct text *out)
{
	struct json_object *list = json_member(input->incident->work, "approvals");
	struct json_object *last = json_count(list) ? json_object_array_get_idx(list, json_count(list) - 1) : NULL;

	if (input->incident->approved && last)
		phrase_fill(label(input, "approval_given"), out, "who", json_member_text(last, "by"), "at", json_member_text(last, "at"),
			    (const char *)NULL);
	else
		text_add(out, label(input, "approval_missing"));
	text_add_char(out, '\n');
}

/* Has this version gone out, and where to? */
static void issue_line(const struct draft_input *input, struct text *out)
{
	struct json_object *sent = json_member(input->incident->work, "sent");
	struct draft_issue issue;
	struct text mark = { 0 };

	draft_issue_of(input, &issue);
	phrase_issue_mark(input->notice, &issue, &mark);
	if (!issue.issued) {
		phrase_fill(label(input, "not_issued"), out, "head", mark.at, (const char *)NULL);
		text_add_char(out, '\n');
	}
	for (size_t k = 0; issue.issued && k < json_count(sent); k++) {
		struct json_object *one = json_object_array_get_idx(sent, k);
		struct text name = { 0 };

		if (json_object_get_int64(json_member(one, "serial")) != issue.serial)
			continue;
		window_name(input, json_member_text(one, "window"), &name);
		phrase_fill(label(input, "issued"), out, "head", mark.at, "at", json_member_text(one, "at"), "window", name.at,
			    (const char *)NULL);
		text_add_char(out, '\n');
		text_clear(&name);
	}
	text_clear(&mark);
}

/* Records go on after a report went out; whether they are worth another one is for a person to say. */
static void records_line(const struct draft_input *input, struct text *out)
{
	size_t n = json_count(input->reports);
	struct json_object *last = n ? json_object_array_get_idx(input->reports, n - 1) : NULL;
	int64_t more = (int64_t)input->incident->n_findings - json_object_get_int64(json_member(last, "findings"));
	char number[24];

	if (!last || more <= 0)
		return;
	snprintf(number, sizeof(number), "%lld", (long long)more);
	phrase_fill(label(input, "more_records"), out, "n", number, (const char *)NULL);
	text_add_char(out, '\n');
}

static void suggestions(const struct draft_input *input, struct text *out)
{
	const struct incident *i = input->incident;
	const struct node *clause = i->clauses.n ? node_get(node_get(input->notice->phrases, "clauses"),
							    i->clauses.at[0]) : NULL;
	const struct node *list = node_get(clause, "measures");

	text_addf(out, "%s\n", label(input, "suggestions"));
	for (size_t k = 0; k < node_count(list); k++)
		text_addf(out, "  ・%s\n", node_text(node_item(list, k)));
}

int draft_outside(const struct draft_input *input, struct text *out, struct err *err)
{
	text_addf(out, "\n――――――――――\n%s\n", label(input, "outside"));
	issue_line(input, out);
	records_line(input, out);
	candidate_line(input, out);
	if (!input->incident->classes)
		text_addf(out, "%s\n", label(input, "class_unknown"));
	text_addf(out, "%s\n", label(input, "measures_outside"));
	suggestions(input, out);
	exception_line(input, out);
	approval_line(input, out);
	phrase_fill(label(input, "phone_first"), out, "id", input->incident->id, (const char *)NULL);
	text_add_char(out, '\n');
	return draft_windows(input, out, err);
}

/* ------------------------------------------------------------ handover */

static void safe_line(const char *lead, const char *text, struct text *out)
{
	text_add(out, lead);
	escape_terminal(slice_of(text), out);
	text_add_char(out, '\n');
}

static void section(const struct draft_input *input, const char *name, struct text *out)
{
	text_addf(out, "\n■ %s\n", hand(input, name));
}

static void open_points(const struct draft_input *input, struct text *out)
{
	const struct incident *i = input->incident;
	struct draft_issue issue;
	size_t before;

	section(input, "open", out);
	before = out->len;
	draft_issue_of(input, &issue);
	if (!i->decided)
		text_addf(out, "  ・%s\n", hand(input, "undecided"));
	if (json_member(i->work, "pending"))
		text_addf(out, "  ・%s\n", hand(input, "pending"));
	else if (!issue.issued)
		text_addf(out, "  ・%s\n", hand(input, "unsent"));
	if (json_member(i->work, "dismissal"))
		text_addf(out, "  ・%s\n", hand(input, "second"));
	if (!i->approved && !issue.issued)
		text_addf(out, "  ・%s\n", hand(input, "unapproved"));
	if (out->len == before)
		text_addf(out, "  %s\n", hand(input, "none"));
}

static void call_words(const struct draft_input *input, struct json_object *call, struct text *out)
{
	static const char *const said[] = { "person", "to", "next", "text" };

	window_name(input, json_member_text(call, "window"), out);
	if (!json_object_get_boolean(json_member(call, "answered")))
		text_addf(out, " %s", hand(input, "no_answer"));
	for (size_t k = 0; k < sizeof(said) / sizeof(said[0]); k++)
		if (json_member_text(call, said[k])) {
			text_add_char(out, ' ');
			escape_terminal(slice_of(json_member_text(call, said[k])), out);
		}
}

static void measure_words(const struct draft_input *input, struct json_object *measure, struct text *out)
{
	phrase_measure(input->notice, measure, out);
}

/* Each entry of a list of the work: when, by whom, what. */
static void entries(const struct draft_input *input, const char *heading, const char *list_name,
		    void (*words)(const struct draft_input *, struct json_object *, struct text *),
		    struct text *out)
{
	struct json_object *list = json_member(input->incident->work, list_name);

	section(input, heading, out);
	for (size_t k = 0; k < json_count(list); k++) {
		struct json_object *one = json_object_array_get_idx(list, k);

		text_addf(out, "  %s %s ", json_member_text(one, "at"), json_member_text(one, "by"));
		words(input, one, out);
		text_add_char(out, '\n');
	}
	if (!json_count(list))
		text_addf(out, "  %s\n", hand(input, "none"));
}

static void clock_line(const struct draft_input *input, const char *name, int64_t time, int offset,
		       struct text *out)
{
	char at[48];

	if (time == TIME_NONE)
		return;
	time_format_rfc3339(time / NS_PER_S * NS_PER_S, offset, at);
	text_addf(out, "  %s %s\n", hand(input, name), at);
}

void draft_handover(const struct draft_input *input, struct text *out)
{
	const struct incident *i = input->incident;
	struct json_object *list = json_member(i->work, "handovers");
	struct json_object *last = json_count(list) ? json_object_array_get_idx(list, json_count(list) - 1) : NULL;

	text_addf(out, "%s%s\n", i->drill ? label(input, "drill") : "", hand(input, "heading"));
	phrase_fill(hand(input, "to"), out, "to", json_member_text(last, "to"), "by", json_member_text(last, "by"), "at", json_member_text(last, "at"),
		    (const char *)NULL);
	text_add_char(out, '\n');
	section(input, "incident", out);
	text_addf(out, "  %s  %s  %s\n", i->id, level_word(i->level), i->status);
	safe_line("  ", i->title ? i->title : "", out);
	section(input, "clocks", out);
	clock_line(input, "first_seen", i->first, i->first_offset, out);
	clock_line(input, "detected", i->detected, i->detected_offset, out);
	open_points(input, out);
	section(input, "next", out);
	safe_line("  ", json_member_text(i->work, "next") ? json_member_text(i->work, "next") : hand(input, "none"), out);
	entries(input, "told", "calls", call_words, out);
	entries(input, "measures", "measures", measure_words, out);
	section(input, "notes", out);
	for (size_t k = 0; k < i->notes.n; k++)
		safe_line("  ", i->notes.at[k], out);
	safe_line("  ", json_member_text(last, "text") ? json_member_text(last, "text") : "", out);
}
