/* The officer's work on one incident: receipt, notes, handover, measures, calls, sending, corrections. */
#include "control/request.h"

#include "base/clock.h"
#include "base/mem.h"
#include "draft/draft.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4000
#define NAME_MAX_BYTES 200
#define ITEM_MAX 20000
#define ENTRIES_MAX 500

static void entry_text(struct json_object *entry, const char *name, const char *text)
{
	json_object_object_add(entry, name, json_text_or_null(text));
}

int incident_ack(struct request *r, struct incident *i)
{
	struct json_object *acks = work_get(i, "acks"), *first;

	if (i->acknowledged && acks) {
		first = json_object_array_get_idx(acks, 0);
		return err_set(r->err, ERR_STALE, "'%s' was acknowledged by %s at %s", i->id,
			       json_member_text(first, "by"), json_member_text(first, "at"));
	}
	work_add(i, "acks", work_stamp(r));
	i->acknowledged = true;
	return 0;
}

int incident_note(struct request *r, struct incident *i)
{
	const char *text = request_need(r, "text", TEXT_MAX, "the note");

	if (!text)
		return r->err->kind;
	if (i->notes.n >= ENTRIES_MAX)
		return err_set(r->err, ERR_LIMIT, "'%s' has %d notes; no more are taken", i->id, ENTRIES_MAX);
	strlist_add(&i->notes, text);
	return 0;
}

int incident_handover(struct request *r, struct incident *i)
{
	const char *to = request_need(r, "to", NAME_MAX_BYTES, "who takes over");
	struct json_object *entry, *items, *reports;
	struct draft_input input;
	struct text page = { 0 };

	if (!to || work_has_room(r, i, "handovers") < 0)
		return r->err->kind;
	entry = work_stamp(r);
	entry_text(entry, "to", to);
	entry_text(entry, "text", request_text(r, "text"));
	work_add(i, "handovers", entry);
	request_draft(r, i, &input, &items, &reports);
	draft_handover(&input, &page);
	json_object_object_add(r->out, "text", json_text(text_slice(&page)));
	text_clear(&page);
	json_object_put(items);
	json_object_put(reports);
	return 0;
}

/* `isolate --how H`: what a person says of the cut-off decides where ⑥ takes it; the words are the profile's. */
static int measure_isolate(struct request *r, struct json_object *entry)
{
	const struct node *states =
		node_get(r->control->content->notice->phrases, "isolation_states");
	const char *how = request_text(r, "how");

	if (!how || !node_get(states, how)) {
		struct text names = { 0 };

		for (size_t k = 0; states && k < states->n; k++)
			text_addf(&names, " %s", states->keys[k]->text.at);
		err_set(r->err, ERR_USAGE, "--how is one of:%s", names.at ? names.at : "");
		text_clear(&names);
		return r->err->kind;
	}
	entry_text(entry, "how", how);
	return 0;
}

/* `notify --agency A`: a box of the form, by its id without the common head. */
static int measure_notify(struct request *r, struct json_object *entry)
{
	const char *agency = request_text(r, "agency"), *text = request_text(r, "text");
	char id[64];

	snprintf(id, sizeof(id), "notified-%.48s", agency ? agency : "");
	if (!draft_box_quote(r->control->content->notice, id))
		return err_set(r->err, ERR_USAGE, "--agency is one of: npa jcsip other");
	if (strcmp(id, "notified-other") == 0 && (!text || !text[0]))
		return err_set(r->err, ERR_USAGE, "which agency? --text NAME");
	entry_text(entry, "agency", id);
	return 0;
}

static int measure_other(struct request *r, struct json_object *entry)
{
	(void)entry;
	return request_need(r, "text", TEXT_MAX, "what was done") ? 0 : r->err->kind;
}

int incident_measure(struct request *r, struct incident *i)
{
	static const struct {
		const char *kind;
		int (*fill)(struct request *r, struct json_object *entry);
	} kinds[] = {
		{ "isolate", measure_isolate },
		{ "notify", measure_notify },
		{ "other", measure_other },
	};
	const char *kind = request_text(r, "kind"), *text = request_text(r, "text");
	struct json_object *entry;

	if (work_has_room(r, i, "measures") < 0)
		return r->err->kind;
	if (text && strlen(text) > TEXT_MAX)
		return err_set(r->err, ERR_USAGE, "--text is too long (at most %d bytes)", TEXT_MAX);
	for (size_t k = 0; kind && k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (strcmp(kinds[k].kind, kind) != 0)
			continue;
		entry = work_stamp(r);
		entry_text(entry, "kind", kind);
		entry_text(entry, "text", text);
		if (kinds[k].fill(r, entry) < 0) {
			json_object_put(entry);
			return r->err->kind;
		}
		work_add(i, "measures", entry);
		return 0;
	}
	return err_set(r->err, ERR_USAGE, "measure ID isolate --how H | notify --agency A | other --text TEXT");
}

/* The first that this version has not gone to; when all had it, the first. */
static const char *first_waiting(const struct incident *i, const struct strlist *list, int64_t serial)
{
	for (size_t k = 0; k < list->n; k++)
		if (!draft_sending(i, list->at[k], serial))
			return list->at[k];
	return list->n ? list->at[0] : "";
}

static int window_unknown(struct request *r, const char *asked, const struct strlist *list)
{
	struct text names = { 0 };

	for (size_t k = 0; k < list->n; k++)
		text_addf(&names, " %s", list->at[k]);
	err_set(r->err, ERR_USAGE, "unknown window '%.64s'; for this incident:%s", asked, names.at);
	text_clear(&names);
	return r->err->kind;
}

/*
 * An entry for a call or a sending: of which version, and the window named, or the first that waits of those that the
 * contracts give; every one that exists may be called. NULL with err set when the window is unknown.
 */
static struct json_object *entry_to_window(struct request *r, const struct incident *i, struct draft_issue *issue)
{
	const char *asked = request_text(r, "window");
	struct json_object *items, *reports, *entry = NULL;
	struct strlist list = { 0 };
	struct draft_input input;

	request_draft(r, i, &input, &items, &reports);
	draft_issue_of(&input, issue);
	draft_addressees(&input, &list);
	if (!asked || strlist_has(&list, asked) ||
	    (!i->drill && (notice_window(input.notice, asked) || strcmp(asked, "fallback") == 0))) {
		entry = work_stamp(r);
		json_object_object_add(entry, "serial", json_object_new_int64(issue->serial));
		entry_text(entry, "window", asked ? asked : first_waiting(i, &list, issue->serial));
	} else {
		window_unknown(r, asked, &list);
	}
	strlist_clear(&list);
	json_object_put(items);
	json_object_put(reports);
	return entry;
}

/* A time that a person gives, such as --at; now when none. */
static int entry_time(struct request *r, struct json_object *entry)
{
	const char *text = request_text(r, "at");
	int64_t at;

	if (!text)
		return 0;
	if (time_parse_argument(text, OFFSET_JST, &at, r->err) < 0)
		return r->err->kind;
	json_object_object_add(entry, "said_at", json_time(at, OFFSET_JST));
	return 0;
}

static const char *const said[] = { "number", "person", "to", "next", "text" };

static int call_check(struct request *r, bool answered)
{
	if (answered && !request_need(r, "person", NAME_MAX_BYTES, "who answered? (nobody: --no-answer)"))
		return r->err->kind;
	for (size_t k = 0; k < sizeof(said) / sizeof(said[0]); k++)
		if (request_text(r, said[k]) && strlen(request_text(r, said[k])) > TEXT_MAX)
			return err_set(r->err, ERR_USAGE, "--%s is too long", said[k]);
	return 0;
}

int incident_phone(struct request *r, struct incident *i)
{
	bool answered = !request_flag(r, "no-answer");
	struct json_object *entry;
	struct draft_issue issue;
	size_t tries;

	if (work_has_room(r, i, "calls") < 0 || !(entry = entry_to_window(r, i, &issue)))
		return r->err->kind;
	if (call_check(r, answered) < 0 || entry_time(r, entry) < 0) {
		json_object_put(entry);
		return r->err->kind;
	}
	json_object_object_add(entry, "answered", json_object_new_boolean(answered));
	for (size_t k = 0; k < sizeof(said) / sizeof(said[0]); k++)
		entry_text(entry, said[k], request_text(r, said[k]));
	work_add(i, "calls", entry);
	if (answered && request_text(r, "next"))
		work_set(i, "next", json_text(slice_of(request_text(r, "next"))));
	tries = draft_calls(i, &issue, json_member_text(entry, "window"), false);
	if (!answered)
		json_object_object_add(r->out, "tries", json_object_new_int64((int64_t)tries));
	return 0;
}

/* Phone first, then send (the form's note): otherwise only by force, with a reason. */
static int sending_check(struct request *r, const struct incident *i, const char *window,
			 const struct draft_issue *issue)
{
	struct json_object *before = draft_sending(i, window, issue->serial);
	const char *reason = request_text(r, "reason");

	if (before)
		return err_set(r->err, ERR_USAGE,
			       "this report went to '%s' at %s already; decide, measure or draft set "
			       "opens the next one", window, json_member_text(before, "at"));
	if (draft_calls(i, issue, window, true) || (request_flag(r, "force") && reason && reason[0]))
		return 0;
	return err_set(r->err, ERR_USAGE,
		       "phone before you send: no answered call to '%s' is recorded for this report "
		       "(`sokuhoctl incident phone %s --window %s --person NAME`); without a call only "
		       "--force --reason TEXT", window, i->id, window);
}

/* A version is issued by its first sending and never changes after that. */
static int report_issue(struct request *r, struct incident *i, const struct draft_issue *issue)
{
	struct json_object *items, *reports, *report, *sheet;
	struct draft_input input;
	struct audit_entry by;
	int rc;

	request_draft(r, i, &input, &items, &reports);
	sheet = draft_sheet(&input, r->err);
	json_object_put(items);
	json_object_put(reports);
	if (!sheet)
		return r->err->kind;
	report = work_stamp(r);
	json_object_object_add(report, "serial", json_object_new_int64(issue->serial));
	json_object_object_add(report, "kind", json_object_new_string(draft_issue_word(issue->kind)));
	json_object_object_add(report, "n", json_object_new_int64(issue->n));
	json_object_object_add(report, "findings", json_object_new_int64((int64_t)i->n_findings));
	json_object_object_add(report, "revision", json_object_new_int64(i->revision));
	json_object_object_add(report, "sheet", sheet);
	if (work_get(i, "pending"))	/* the next window is told of it too */
		json_object_object_add(report, "correction", json_object_get(work_get(i, "pending")));
	by = (struct audit_entry){ r->control->now(), r->uid, r->actor, "report.issue", NULL, NULL };
	rc = store_put_report(r->control->store, i->id, report, &by, r->err);
	json_object_put(report);
	work_set(i, "changed", json_object_new_boolean(false));
	work_set(i, "pending", NULL);
	return rc;
}

int incident_sent(struct request *r, struct incident *i)
{
	struct draft_issue issue;
	struct json_object *entry;

	if (work_has_room(r, i, "sent") < 0 || !(entry = entry_to_window(r, i, &issue)))
		return r->err->kind;
	if (sending_check(r, i, json_member_text(entry, "window"), &issue) < 0) {
		json_object_put(entry);
		return r->err->kind;
	}
	entry_text(entry, "to", request_text(r, "to") ? request_text(r, "to") :
							work_address(i, json_member_text(entry, "window")));
	json_object_object_add(entry, "forced", json_object_new_boolean(request_flag(r, "force")));
	entry_text(entry, "reason", request_text(r, "reason"));
	work_add(i, "sent", entry);
	return issue.issued ? 0 : report_issue(r, i, &issue);
}

/* The text of an item in the newest issued report. */
static const char *issued_text(struct json_object *reports, const char *item)
{
	size_t n = json_object_array_length(reports);
	struct json_object *sheet = NULL, *list = NULL;

	if (n)
		json_object_object_get_ex(json_object_array_get_idx(reports, n - 1), "sheet", &sheet);
	json_object_object_get_ex(sheet, "items", &list);
	for (size_t k = 0; list && k < json_object_array_length(list); k++) {
		struct json_object *one = json_object_array_get_idx(list, k);

		if (strcmp(json_member_text(one, "id"), item) == 0)
			return json_member_text(one, "text");
	}
	return NULL;
}

static int correction_fill(struct request *r, struct incident *i, struct json_object *reports,
			   struct json_object *entry)
{
	const char *item = request_text(r, "item"), *text, *old = item ? issued_text(reports, item) : NULL;

	if (!draft_item_is_known(r->control->content->notice, item) || !old)
		return err_set(r->err, ERR_USAGE, "correct ID --item ITEM --text TEXT --reason TEXT, or "
			       "--withdraw --reason TEXT; items: company contact phone kind detail "
			       "measures contracts");
	text = request_need(r, "text", ITEM_MAX, "the text that is right");
	if (!text)
		return r->err->kind;
	entry_text(entry, "kind", "correction");
	entry_text(entry, "item", item);
	entry_text(entry, "old", old);
	entry_text(entry, "new", text);
	return store_put_draft_item(r->control->store, i->id, item, text, r->uid, r->control->now(),
				    r->err);
}

/* What went out is not changed: a correction or withdrawal is a report of its own, by phone first. */
int incident_correct(struct request *r, struct incident *i)
{
	struct json_object *reports = store_reports(r->control->store, i->id), *entry = work_stamp(r);
	size_t n = json_object_array_length(reports);
	int rc = 0;

	if (!n)
		rc = err_set(r->err, ERR_USAGE, "nothing has been issued yet; change the draft itself "
			     "(draft set, decide, measure)");
	else if (work_get(i, "pending"))
		rc = err_set(r->err, ERR_USAGE, "a correction waits to be phoned and sent; send it first");
	else if (request_flag(r, "withdraw"))
		entry_text(entry, "kind", "withdrawal");
	else
		rc = correction_fill(r, i, reports, entry);
	if (rc == 0) {
		entry_text(entry, "reason", request_text(r, "reason"));
		json_object_object_add(entry, "of", json_object_new_int64(
			json_number(json_object_array_get_idx(reports, n - 1), "n")));
		work_set(i, "pending", json_object_get(entry));
		i->approved = false;
	}
	json_object_put(entry);
	json_object_put(reports);
	return rc;
}

/* A name that is masked is let out by a named person, one by one. */
static int draft_release(struct request *r, struct incident *i, const char *item)
{
	const struct node *masking = node_get(r->control->content->notice->phrases, "masking");
	struct json_object *entry;

	if (!item || !node_has(node_get(masking, "placeholders"), item))
		return err_set(r->err, ERR_USAGE, "--release NAME --reason TEXT; names that are masked: "
			       "file subject sender user host url page");
	if (!request_need(r, "reason", TEXT_MAX, "why this may leave the house") ||
	    work_has_room(r, i, "released") < 0)
		return r->err->kind;
	entry = work_stamp(r);
	entry_text(entry, "item", item);
	entry_text(entry, "reason", request_text(r, "reason"));
	work_add(i, "released", entry);
	return 0;
}

int draft_set(struct request *r, struct incident *i)
{
	const char *item = request_text(r, "item"), *text = request_text(r, "text");

	if (request_text(r, "release"))
		return draft_release(r, i, request_text(r, "release"));
	if (!draft_item_is_known(r->control->content->notice, item) || !text || strlen(text) > ITEM_MAX)
		return err_set(r->err, ERR_USAGE, "set ID ITEM TEXT; items: addressee company contact "
			       "phone kind detail measures contracts");
	return store_put_draft_item(r->control->store, i->id, item, text, r->uid, r->control->now(),
				    r->err);
}
