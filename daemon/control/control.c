/*
 * Requests, one row each. An action reads the incident, checks the revision its author saw, changes a copy and writes it
 * together with its entry in the audit chain; only then the live incident becomes the copy.
 */
#include "control/request.h"

#include "base/clock.h"
#include "base/mem.h"
#include "draft/draft.h"
#include "model/json.h"

#include <json-c/json.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASON_MAX 4000
#define TEXT_BYTES_MAX 20000
#define ENTRIES_MAX 500

const char *request_text(struct request *r, const char *name)
{
	return json_member_text(r->in, name);
}

bool request_flag(struct request *r, const char *name)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(r->in, name, &value) && json_object_get_boolean(value);
}

void request_words(struct request *r, const char *name, size_t max, struct strlist *out)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(r->in, name, &value);
	if (json_object_is_type(value, json_type_string))
		strlist_add_once(out, json_object_get_string(value));
	for (size_t i = 0; json_object_is_type(value, json_type_array) &&
			   i < json_object_array_length(value) && out->n < max; i++) {
		struct json_object *word = json_object_array_get_idx(value, i);

		if (json_object_is_type(word, json_type_string))
			strlist_add_once(out, json_object_get_string(word));
	}
}

const char *request_need(struct request *r, const char *name, size_t max, const char *why)
{
	const char *text = request_text(r, name);

	if (text && text[0] && strlen(text) <= max)
		return text;
	if (text && text[0])
		err_set(r->err, ERR_USAGE, "--%s is too long (at most %zu bytes): ", name, max);
	else
		err_set(r->err, ERR_USAGE, "--%s is missing: ", name);
	err_add(r->err, why);
	return NULL;
}

int request_incident(struct request *r, const char *member, struct incident **out, bool *owned)
{
	const char *id = request_text(r, member);

	if (!id)
		return err_set(r->err, ERR_USAGE, "which incident? give its id");
	return request_incident_by_id(r, id, out, owned);
}

int request_incident_by_id(struct request *r, const char *id, struct incident **out, bool *owned)
{
	struct incident *stored, *live;

	if (store_get_incident(r->control->store, id, &stored, r->err) < 0)
		return r->err->kind;
	live = r->control->gather ? gather_find(r->control->gather, stored->id) : NULL;
	*owned = live == NULL;
	*out = live ? live : stored;
	if (live)
		incident_free(stored);
	return 0;
}

int request_revision(struct request *r, const struct incident *i)
{
	struct json_object *value = NULL, *list, *last;
	long long seen;
	size_t n;

	if (!json_object_object_get_ex(r->in, "revision", &value) ||
	    json_object_get_int64(value) == (int64_t)i->revision)
		return 0;
	seen = (long long)json_object_get_int64(value);
	list = store_actions(r->control->store, i->id, r->err);
	n = json_object_array_length(list);
	last = n ? json_object_array_get_idx(list, n - 1) : NULL;
	/* what the others did since: the second of two officers must not have to guess */
	if (last)
		err_set(r->err, ERR_STALE,
			"'%s' has changed: you saw revision %lld, it is %u now; last: %.40s by %.40s at %.25s; look again and "
			"repeat", i->id, seen, i->revision, json_member_text(last, "action"),
			json_member_text(last, "actor") ? json_member_text(last, "actor") : "sokuhod",
			json_member_text(last, "time"));
	else
		err_set(r->err, ERR_STALE,
			"'%s' has changed: you saw revision %lld, it is %u now; look again and repeat", i->id, seen,
			i->revision);
	json_object_put(list);
	return ERR_STALE;
}

struct incident *incident_dup(const struct incident *i, struct err *err)
{
	struct json_object *document = incident_to_json(i);
	struct incident *copy = NULL;

	incident_from_json(document, &copy, err);
	json_object_put(document);
	return copy;
}

int request_audit(struct request *r, const char *action, const char *incident_id,
		  struct json_object *detail)
{
	struct audit_entry entry = { r->control->now(), r->uid,	     r->actor,
				     action,		incident_id, json_line(detail) };

	return store_audit(r->control->store, &entry, r->err);
}

void request_adopt(struct incident *live, struct incident *copy)
{
	struct incident old = *live;

	*live = *copy;
	*copy = old;
}

void request_title(struct request *r, struct incident *i)
{
	struct text title = { 0 };

	draft_title(r->control->content->notice, i, &title);
	free(i->title);
	i->title = text_take(&title);
}

int64_t json_number(struct json_object *object, const char *name)
{
	return json_object_get_int64(json_member(object, name));
}

struct json_object *work_stamp(struct request *r)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "by", json_text(slice_of(r->actor)));
	json_object_object_add(o, "uid", json_object_new_int64(r->uid));
	json_object_object_add(o, "at", json_time(r->control->now() / NS_PER_S * NS_PER_S, OFFSET_JST));
	return o;
}

struct json_object *work_get(const struct incident *i, const char *name)
{
	return json_member(i->work, name);
}

int work_has_room(struct request *r, const struct incident *i, const char *list)
{
	if (json_count(work_get(i, list)) >= ENTRIES_MAX)
		return err_set(r->err, ERR_LIMIT, "'%s' has %d entries of %s; no more are taken", i->id,
			       ENTRIES_MAX, list);
	return 0;
}

void work_set(struct incident *i, const char *name, struct json_object *value)
{
	if (!i->work)
		i->work = json_object_new_object();
	json_object_object_add(i->work, name, value);
}

const char *work_address(const struct incident *i, const char *window)
{
	struct json_object *calls = work_get(i, "calls");

	for (size_t k = json_count(calls); k-- > 0;) {
		struct json_object *call = json_object_array_get_idx(calls, k);

		if (strcmp(json_member_text(call, "window"), window) == 0 && json_member_text(call, "to"))
			return json_member_text(call, "to");
	}
	return NULL;
}

void work_add(struct incident *i, const char *name, struct json_object *entry)
{
	struct json_object *list = work_get(i, name);

	if (!list) {
		list = json_object_new_array();
		work_set(i, name, list);
	}
	json_object_array_add(list, entry);
}

void request_draft(struct request *r, const struct incident *i, struct draft_input *input,
		   struct json_object **items, struct json_object **reports)
{
	*items = store_draft_items(r->control->store, i->id, r->err);
	*reports = store_reports(r->control->store, i->id);
	*input = (struct draft_input){ .incident = i,
				       .config = r->control->content->config,
				       .inventory = r->control->content->inventory,
				       .notice = r->control->content->notice,
				       .items = *items,
				       .reports = *reports,
				       .now = r->control->now() };
}

static const struct action actions[] = {
	{ "incident.decide", incident_decide, NEEDS_OPEN | CHANGES_REPORT },
	{ "incident.approve", incident_approve, NEEDS_OPEN },
	{ "incident.ack", incident_ack, NEEDS_OPEN },
	{ "incident.handover", incident_handover, NEEDS_OPEN },
	{ "incident.note", incident_note, 0 },
	{ "incident.measure", incident_measure, NEEDS_OPEN | CHANGES_REPORT },
	{ "incident.phone", incident_phone, NEEDS_OPEN },
	{ "incident.sent", incident_sent, NEEDS_OPEN },
	{ "incident.correct", incident_correct, NEEDS_OPEN | NEEDS_REASON },
	{ "incident.close", incident_close, NEEDS_OPEN | NEEDS_REASON },
	{ "incident.dismiss", incident_dismiss, NEEDS_OPEN | NEEDS_REASON },
	{ "incident.reopen", incident_reopen, NEEDS_REASON },
	{ "draft.set", draft_set, NEEDS_OPEN | CHANGES_REPORT },
};

/* What was approved is not what goes out any more; what was issued gets a follower. */
static void report_changed(struct incident *i)
{
	work_set(i, "changed", json_object_new_boolean(true));
	i->approved = false;
}

/* All that an action writes, by itself or here, is one transaction. */
static int action_apply(struct request *r, const struct action *action, struct incident *i)
{
	struct store *store = r->control->store;

	if (store_begin(store, r->err) < 0)
		return r->err->kind;
	if (action->apply(r, i) == 0) {
		i->revision++;
		if (action->traits & CHANGES_REPORT)
			report_changed(i);
		request_title(r, i);
		if (store_put_incident(store, i, r->err) == 0 &&
		    request_audit(r, action->command, i->id, r->in) == 0 && store_commit(store, r->err) == 0)
			return 0;
	}
	store_rollback(store);
	return r->err->kind;
}

static int action_check(struct request *r, const struct action *action, const struct incident *i)
{
	if (request_revision(r, i) < 0)
		return r->err->kind;
	if (action->traits & NEEDS_OPEN && strcmp(i->status, "merged") == 0)
		return err_set(r->err, ERR_USAGE, "'%s' is part of '%s' now; act on that one", i->id,
			       i->merged_into ? i->merged_into : "?");
	if (action->traits & NEEDS_OPEN && strcmp(i->status, "open") != 0)
		return err_set(r->err, ERR_USAGE,
			       "'%s' is %s; `sokuhoctl incident reopen %s --reason TEXT` first", i->id,
			       i->status, i->id);
	if (action->traits & NEEDS_REASON && !request_need(r, "reason", REASON_MAX, "say why, in words"))
		return r->err->kind;
	return 0;
}

static int action_run(struct request *r, const struct action *action)
{
	struct incident *i, *copy = NULL;
	bool owned;
	int rc;

	if (request_incident(r, "id", &i, &owned) < 0)
		return r->err->kind;
	rc = action_check(r, action, i);
	if (rc == 0) {
		copy = incident_dup(i, r->err);
		rc = copy ? action_apply(r, action, copy) : r->err->kind;
	}
	if (rc == 0) {
		answer_describe(r, copy);
		if (!owned)
			request_adopt(i, copy);
	}
	incident_free(copy);
	if (owned)
		incident_free(i);
	return rc;
}

static int daemon_status(struct request *r)
{
	json_object_object_add(r->out, "summary", store_summary(r->control->store, r->err));
	if (r->control->status)
		json_object_object_add(r->out, "daemon", r->control->status(r->control->context));
	else
		json_object_object_add(r->out, "daemon", NULL);
	return 0;
}

static int daemon_reload(struct request *r)
{
	if (!r->control->reload)
		return err_set(r->err, ERR_MISSING, "no daemon runs on this state");
	return r->control->reload(r->control->context, r->err);
}

static int daemon_alert_test(struct request *r)
{
	if (!r->control->alert_test)
		return err_set(r->err, ERR_MISSING, "no daemon runs on this state");
	return r->control->alert_test(r->control->context, r->err);
}

static const struct query queries[] = {
	{ "incident.list", incident_list },	{ "incident.show", incident_show },
	{ "incident.new", incident_new_by_hand }, { "incident.merge", incident_merge },
	{ "incident.split", incident_split },	{ "incident.export", incident_export },
	{ "draft.show", draft_show },		{ "audit.verify", audit_verify },
	{ "audit.export", audit_export },	{ "status", daemon_status },
	{ "reload", daemon_reload },		{ "alert.test", daemon_alert_test },
};

static int request_run(struct request *r, const char *command)
{
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		if (strcmp(queries[i].command, command) == 0)
			return queries[i].run(r);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].command, command) == 0)
			return action_run(r, &actions[i]);
	return err_set(r->err, ERR_USAGE, "unknown command '%.64s'", command);
}

static const char *kind_word(enum err_kind kind)
{
	static const char *const words[] = { "ok", "config", "io", "permission", "busy",
					     "limit", "usage", "missing", "stale" };

	return words[-kind];
}

static void actor_name(long uid, char out[64])
{
	struct passwd *pw = getpwuid((uid_t)uid);

	if (pw)
		snprintf(out, 64, "%s", pw->pw_name);
	else
		snprintf(out, 64, "uid %ld", uid);
}

/* Whatever a text is for, it has a limit; a document of an incident stays small. */
static int request_check(struct request *r)
{
	json_object_object_foreach(r->in, name, value)
	{
		if (json_object_is_type(value, json_type_string) && json_object_get_string_len(value) > TEXT_BYTES_MAX)
			return err_set(r->err, ERR_USAGE, "'%.40s' is longer than %d bytes", name, TEXT_BYTES_MAX);
	}
	return 0;
}

static struct json_object *refusal(const struct err *err)
{
	struct json_object *out = json_object_new_object();

	json_object_object_add(out, "ok", json_object_new_boolean(false));
	json_object_object_add(out, "error", json_text(slice_of(err->text)));
	if (err->japanese[0])
		json_object_object_add(out, "error_ja", json_text(slice_of(err->japanese)));
	json_object_object_add(out, "kind", json_object_new_string(kind_word(err->kind)));
	return out;
}

struct json_object *control_handle(struct control *control, long uid, struct json_object *in)
{
	struct err err = { 0 };
	struct request r = { .control = control, .uid = uid, .in = in, .err = &err };
	struct json_object *command = NULL;
	int rc;

	r.out = json_object_new_object();
	actor_name(uid, r.actor);
	json_object_object_add(r.out, "ok", json_object_new_boolean(true));
	json_object_object_get_ex(in, "command", &command);
	rc = request_check(&r);
	if (rc == 0)
		rc = json_object_is_type(command, json_type_string) ?
			     request_run(&r, json_object_get_string(command)) :
			     err_set(&err, ERR_USAGE, "a request needs a command, which is a text");
	if (rc == 0 && err.kind != ERR_IO)	/* else a part of the answer could not be read */
		return r.out;
	json_object_put(r.out);
	return refusal(&err);
}

struct json_object *control_handle_line(struct control *control, long uid, struct slice line)
{
	struct json_tokener *tokener = json_tokener_new_ex(16);
	struct json_object *in = line.len < INT32_MAX ?
		json_tokener_parse_ex(tokener, line.at, (int)line.len) : NULL, *out;
	bool is_object = json_object_is_type(in, json_type_object) &&
			 !slice_trim(slice_cut(line, json_tokener_get_parse_end(tokener), line.len)).len;
	struct err err;

	json_tokener_free(tokener);
	if (!is_object)
		err_set(&err, ERR_USAGE, "a request is one JSON object on one line; this is none");
	out = is_object ? control_handle(control, uid, in) : refusal(&err);
	json_object_put(in);
	return out;
}
