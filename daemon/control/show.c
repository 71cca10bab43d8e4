/* What changes nothing: lists, one incident with its clocks, drafts, the audit chain. Views of a draft are recorded. */
#include "control/request.h"

#include "base/clock.h"
#include "base/mem.h"
#include "draft/draft.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define REASON_MAX 4000
#define PHONE_INCIDENTS_MAX 8		/* that one call is about */

static int each_listed(struct incident *incident, void *context)
{
	json_object_array_add(context, incident_to_json(incident));
	return 0;
}

static bool status_is_known(const char *word)
{
	static const char *const words[] = { "open", "closed", "dismissed", "merged" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

int incident_list(struct request *r)
{
	struct json_object *list = json_object_new_array();
	const char *status = request_text(r, "status");

	json_object_object_add(r->out, "incidents", list);
	if (status && !status_is_known(status))
		return err_set(r->err, ERR_USAGE, "unknown status '%.40s'; one of open closed dismissed merged", status);
	return store_each_incident(r->control->store, status, each_listed, list, r->err);
}

/* The clocks of an incident: the time of the first action of each kind, null while it has not happened. */
static const struct { const char *name, *action; } clocks[] = {
	{ "alerted", "alert" },		{ "acknowledged", "incident.ack" },
	{ "phoned", "incident.phone" },
	{ "sent", "incident.sent" },
};

static bool is_answered(struct json_object *action)
{
	struct json_object *detail = NULL, *no = NULL;

	json_object_object_get_ex(action, "detail", &detail);
	return !json_object_object_get_ex(detail, "no-answer", &no) || !json_object_get_boolean(no);
}

static struct json_object *clocks_json(const struct incident *i, struct json_object *actions)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "first_seen", json_time(i->first, i->first_offset));
	json_object_object_add(o, "detected", json_time(i->detected, i->detected_offset));
	json_object_object_add(o, "decided", json_text_or_null(i->decided_at));
	for (size_t c = 0; c < sizeof(clocks) / sizeof(clocks[0]); c++) {
		json_object_object_add(o, clocks[c].name, NULL);
		for (size_t k = 0; k < json_object_array_length(actions); k++) {
			struct json_object *a = json_object_array_get_idx(actions, k);

			if (strcmp(json_member_text(a, "action"), clocks[c].action) != 0 || !is_answered(a))
				continue;
			json_object_object_add(o, clocks[c].name, json_text(slice_of(json_member_text(a, "time"))));
			break;
		}
	}
	return o;
}

/* The company's own targets as times, null where it has none. */
static struct json_object *targets_json(struct request *r, const struct incident *i)
{
	const struct response_conf *conf = &r->control->content->config->response;
	const struct { const char *name; int64_t within; } rows[] = {
		{ "acknowledged", conf->acknowledged }, { "decided", conf->decided },
		{ "phoned", conf->phoned },		{ "sent", conf->sent },
	};
	struct json_object *o = json_object_new_object();

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
		json_object_object_add(o, rows[k].name,
				       rows[k].within && i->detected != TIME_NONE ?
					       json_time(i->detected + rows[k].within, OFFSET_JST) : NULL);
	return o;
}

/*
 * The first window of the contracts that this version has not gone to; false: it has gone to all. Whom nobody told needs no
 * correction.
 */
static bool window_waiting(const struct incident *i, const struct draft_input *input, const struct draft_issue *issue,
			   struct text *out)
{
	struct strlist list = { 0 };

	draft_addressees(input, &list);
	for (size_t k = 0; k < list.n && !out->len; k++)
		if (!draft_sending(i, list.at[k], issue->serial) &&
		    (issue->kind == ISSUE_REPORT || draft_was_told(i, issue, list.at[k])))
			text_add(out, list.at[k]);
	strlist_clear(&list);
	return out->len > 0;
}

/*
 * One word for what comes next; the face has the sentence. A report that somebody waits for (phoned and not sent, a second one,
 * a correction, the next window) comes before all that is ours alone.
 */
static const char *next_word(const struct incident *i, const struct draft_issue *issue, const char *window)
{
	bool called = window && draft_calls(i, issue, window, true);
	bool begun = issue->issued || issue->kind != ISSUE_REPORT || issue->n > 1 || draft_calls(i, issue, NULL, true);

	if (strcmp(i->status, "open") != 0)
		return "none";
	if (window && begun)
		return called ? "sent" : "phone";
	if (json_member(i->work, "dismissal"))
		return "second_person";
	if (!i->acknowledged)
		return "ack";
	if (i->level == LEVEL_URGENT || (i->level < LEVEL_URGENT && !i->decided))
		return "decide";
	return window ? "phone" : "close";
}

struct companions {
	struct request *request;
	const struct incident *incident;
	const char *window;
	struct json_object *list;
};

/* Another report that nobody has called about and that the same call can tell. */
static int each_companion(struct incident *other, void *context)
{
	struct companions *c = context;
	struct json_object *items, *reports;
	struct strlist windows = { 0 };
	struct draft_input input;

	if (json_object_array_length(c->list) + 1 >= PHONE_INCIDENTS_MAX)
		return 1;		/* no more */
	if (strcmp(other->id, c->incident->id) == 0 || other->drill != c->incident->drill || other->level != LEVEL_REPORT ||
	    json_member(other->work, "calls") || json_member(other->work, "dismissal"))
		return 0;
	request_draft(c->request, other, &input, &items, &reports);
	draft_addressees(&input, &windows);
	if (strlist_has(&windows, c->window) && !json_count(reports))
		json_object_array_add(c->list, json_object_new_string(other->id));
	strlist_clear(&windows);
	json_object_put(items);
	json_object_put(reports);
	return 0;
}

static void next_describe(struct request *r, const struct incident *i, const struct draft_input *input)
{
	struct companions with = { r, i, NULL, json_object_new_array() };
	struct draft_issue issue;
	struct text window = { 0 };
	const char *word;

	draft_issue_of(input, &issue);
	with.window = window_waiting(i, input, &issue, &window) ? window.at : NULL;
	word = next_word(i, &issue, with.window);
	if (strcmp(word, "phone") == 0 && issue.kind == ISSUE_REPORT && issue.n == 1)
		store_each_incident(r->control->store, "open", each_companion, &with, r->err);
	json_object_object_add(r->out, "next", json_object_new_string(word));
	json_object_object_add(r->out, "next_window", json_text_or_null(with.window));
	json_object_object_add(r->out, "next_to", json_text_or_null(with.window ? work_address(i, with.window) : NULL));
	json_object_object_add(r->out, "next_with", with.list);
	text_clear(&window);
}

void answer_describe(struct request *r, const struct incident *i)
{
	struct json_object *actions = store_actions(r->control->store, i->id, r->err), *clock, *items, *reports;
	struct draft_input input;

	request_draft(r, i, &input, &items, &reports);
	clock = clocks_json(i, actions);
	json_object_object_add(r->out, "incident", incident_to_json(i));
	json_object_object_add(r->out, "clocks", clock);
	json_object_object_add(r->out, "targets", targets_json(r, i));
	next_describe(r, i, &input);
	json_object_object_add(r->out, "reports", json_object_new_int64((int64_t)json_object_array_length(reports)));
	json_object_put(actions);
	json_object_put(items);
	json_object_put(reports);
}

int incident_show(struct request *r)
{
	struct incident *i;
	bool owned;

	if (request_incident(r, "id", &i, &owned) < 0)
		return r->err->kind;
	answer_describe(r, i);
	json_object_object_add(r->out, "findings", store_findings(r->control->store, i->id, r->err));
	json_object_object_add(r->out, "actions", store_actions(r->control->store, i->id, r->err));
	if (owned)
		incident_free(i);
	return 0;
}

/* A sheet for one call about this incident and those named by `with`. */
static int phone_form(struct request *r, const struct draft_input *input, struct text *out)
{
	struct draft_input inputs[PHONE_INCIDENTS_MAX] = { *input };
	struct json_object *items[PHONE_INCIDENTS_MAX], *reports[PHONE_INCIDENTS_MAX];
	struct incident *others[PHONE_INCIDENTS_MAX];
	bool owned[PHONE_INCIDENTS_MAX];
	struct strlist with = { 0 };
	size_t n = 1;
	int rc = 0;

	request_words(r, "with", PHONE_INCIDENTS_MAX, &with);
	if (with.n >= PHONE_INCIDENTS_MAX)
		rc = err_set(r->err, ERR_USAGE, "one call is about %d incidents at most", PHONE_INCIDENTS_MAX);
	for (size_t k = 0; k < with.n && rc == 0; k++) {
		if (strcmp(with.at[k], input->incident->id) == 0)
			continue;
		rc = request_incident_by_id(r, with.at[k], &others[n], &owned[n]);
		if (rc < 0)
			break;
		request_draft(r, others[n], &inputs[n], &items[n], &reports[n]);
		n++;
	}
	if (rc == 0)
		rc = draft_phone(inputs, n, request_text(r, "window"), out, r->err);
	while (--n) {
		if (rc == 0)
			rc = request_audit(r, "draft.show", others[n]->id, r->in);
		json_object_put(items[n]);
		json_object_put(reports[n]);
		if (owned[n])
			incident_free(others[n]);
	}
	strlist_clear(&with);
	return rc;
}

/* The texts that the face asked for; the sheet goes along, for HTML and PDF. */
static int draft_forms(struct request *r, const struct draft_input *input)
{
	const char *form = request_text(r, "form");
	struct json_object *sheet = NULL;
	struct text text = { 0 };
	int rc = 0;

	if (form && strncmp(form, "phone", 5) == 0) {
		rc = phone_form(r, input, &text);
	} else if (json_member(r->in, "with")) {
		rc = err_set(r->err, ERR_USAGE, "--with is for the sheet of a call (--form phone, phone-pdf); each report is one incident's");
	} else {
		sheet = draft_sheet(input, r->err);
		if (sheet)
			draft_sheet_text(sheet, request_flag(r, "annotate"), &text);
		rc = sheet ? draft_outside(input, &text, r->err) : r->err->kind;
	}
	if (rc == 0)
		json_object_object_add(r->out, "text", json_text(text_slice(&text)));
	json_object_object_add(r->out, "form", json_text_or_null(form));
	if (sheet)
		json_object_object_add(r->out, "sheet", sheet);
	text_clear(&text);
	return rc;
}

int draft_show(struct request *r)
{
	struct json_object *items, *reports;
	struct draft_input input;
	struct incident *i;
	bool owned;
	int rc;

	if (request_incident(r, "id", &i, &owned) < 0)
		return r->err->kind;
	request_draft(r, i, &input, &items, &reports);
	rc = draft_forms(r, &input);
	json_object_object_add(r->out, "revision", json_object_new_int64(i->revision));
	if (rc == 0)
		rc = request_audit(r, "draft.show", i->id, r->in);
	json_object_put(items);
	json_object_put(reports);
	if (owned)
		incident_free(i);
	return rc;
}

/* Names leave the house only with a reason and a second person who agreed. */
int incident_export(struct request *r)
{
	struct json_object *items, *reports;
	struct draft_input input;
	struct incident *i;
	bool owned;
	int rc;

	if (request_flag(r, "with-evidence") &&
	    (!request_need(r, "reason", REASON_MAX, "why evidence with its names leaves the house") ||
	     !request_need(r, "approver", 200, "who approved it")))
		return r->err->kind;
	if (request_incident(r, "id", &i, &owned) < 0)
		return r->err->kind;
	request_draft(r, i, &input, &items, &reports);
	rc = draft_forms(r, &input);
	if (rc == 0)
		rc = request_audit(r, "incident.export", i->id, r->in);
	if (rc == 0) {
		answer_describe(r, i);
		json_object_object_add(r->out, "with_evidence",
				       json_object_new_boolean(request_flag(r, "with-evidence")));
		json_object_object_add(r->out, "issued", json_object_get(reports));
		json_object_object_add(r->out, "findings", store_findings(r->control->store, i->id, r->err));
		json_object_object_add(r->out, "audit", store_audit_list(r->control->store, i->id));
	}
	json_object_put(items);
	json_object_put(reports);
	if (owned)
		incident_free(i);
	return rc;
}

int audit_verify(struct request *r)
{
	struct strlist faults = { 0 };
	char head[65];
	size_t n;
	int rc = store_audit_verify(r->control->store, &n, head, &faults, r->err);

	if (rc == 0) {
		json_object_object_add(r->out, "entries", json_object_new_int64((int64_t)n));
		json_object_object_add(r->out, "head", json_object_new_string(head));
		json_object_object_add(r->out, "faults", json_strings(&faults));
	}
	strlist_clear(&faults);
	return rc;
}

int audit_export(struct request *r)
{
	const char *id = request_text(r, "id");
	struct incident *i = NULL;

	if (id && store_get_incident(r->control->store, id, &i, r->err) < 0)
		return r->err->kind;
	json_object_object_add(r->out, "audit", store_audit_list(r->control->store, i ? i->id : NULL));
	incident_free(i);
	return 0;
}
