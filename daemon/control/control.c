/* Requests, one row each. An action names the revision that its author saw; a stale one is refused in words. */
#include "control/control.h"

#include "base/clock.h"
#include "base/mem.h"
#include "draft/draft.h"
#include "model/json.h"

#include <json-c/json.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
	struct control *control;
	long uid;
	struct json_object *in, *out;
	struct err *err;
};

static const char *get(struct request *r, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(r->in, name, &value);
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static bool get_bool(struct request *r, const char *name)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(r->in, name, &value) && json_object_get_boolean(value);
}

static void actor_name(long uid, char out[64])
{
	struct passwd *pw = getpwuid((uid_t)uid);

	if (pw)
		snprintf(out, 64, "%s", pw->pw_name);
	else
		snprintf(out, 64, "uid %ld", uid);
}

/* The incident of a request: the live one where a daemon runs, else from the store (then *owned). */
static int request_incident(struct request *r, struct incident **out, bool *owned)
{
	const char *id = get(r, "id");
	struct incident *stored, *live;

	if (!id)
		return err_set(r->err, ERR_USAGE, "which incident? give its id");
	if (store_get_incident(r->control->store, id, &stored, r->err) < 0)
		return r->err->kind;
	live = r->control->gather ? gather_find(r->control->gather, stored->id) : NULL;
	*owned = live == NULL;
	*out = live ? live : stored;
	if (live)
		incident_free(stored);
	return 0;
}

static int check_revision(struct request *r, const struct incident *i)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(r->in, "revision", &value))
		return 0;
	if ((unsigned)json_object_get_int64(value) == i->revision)
		return 0;
	return err_set(r->err, ERR_STALE,
		       "'%s' has changed: you saw revision %lld, it is %u now; look again and repeat", i->id,
		       (long long)json_object_get_int64(value), i->revision);
}

static int each_listed(struct incident *incident, void *context)
{
	json_object_array_add(context, incident_to_json(incident));
	return 0;
}

static int incident_list(struct request *r)
{
	struct json_object *list = json_object_new_array();

	json_object_object_add(r->out, "incidents", list);
	return store_each_incident(r->control->store, get(r, "status"), each_listed, list, r->err);
}

static int incident_show(struct request *r)
{
	struct incident *i;
	bool owned;

	if (request_incident(r, &i, &owned) < 0)
		return r->err->kind;
	json_object_object_add(r->out, "incident", incident_to_json(i));
	json_object_object_add(r->out, "findings", store_findings(r->control->store, i->id, r->err));
	json_object_object_add(r->out, "actions", store_actions(r->control->store, i->id, r->err));
	if (owned)
		incident_free(i);
	return 0;
}

static int apply_clause(struct request *r, struct incident *i)
{
	const char *clause = get(r, "clause");
	struct strlist clauses = { 0 };

	if (!clause)
		return 0;
	if (strcmp(clause, "analogous") != 0 && !notice_clause(r->control->content->notice, clause))
		return err_set(r->err, ERR_USAGE, "unknown clause '%s'", clause);
	strlist_add(&clauses, clause);
	for (size_t k = 0; k < i->clauses.n && clauses.n < 3; k++)
		strlist_add_once(&clauses, i->clauses.at[k]);
	strlist_clear(&i->clauses);
	i->clauses = clauses;
	return 0;
}

static int apply_words(struct request *r, struct incident *i)
{
	const char *class_name = get(r, "class"), *fact = get(r, "fact");
	const char *certainty = get(r, "certainty");
	enum certainty decided = CERTAINTY_CONFIRMED;
	unsigned bit;

	if (class_name && !class_parse(class_name, &bit))
		return err_set(r->err, ERR_USAGE, "unknown class '%s'; one of protected same_intranet "
			       "other_defence secret company_web none", class_name);
	if (fact && !notice_has_fact(r->control->content->notice, fact))
		return err_set(r->err, ERR_USAGE, "unknown fact '%s'", fact);
	if (certainty && !certainty_parse(certainty, &decided))
		return err_set(r->err, ERR_USAGE, "unknown certainty '%s'; one of confirmed suspected "
			       "pointed_out", certainty);
	if (class_name)
		i->classes = bit;
	if (fact) {
		free(i->fact);
		i->fact = mem_strdup(fact);
	}
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

/* What the decision table says of what the person decided. */
static int decide_by_table(struct request *r, struct incident *i)
{
	struct judge_question q = { .clause = i->clauses.n ? i->clauses.at[0] : NULL,
				    .classes = i->classes, .certainty = i->certainty,
				    .information = get(r, "information"), .leak = get_bool(r, "leak"),
				    .loss = get_bool(r, "loss"),
				    .destruction = get_bool(r, "destruction") };
	struct json_object *answer, *value = NULL;
	const char *text;

	strlist_add(&q.facts, i->fact);
	answer = judge_answer(r->control->content->judge, &q, r->err);
	strlist_clear(&q.facts);
	if (!answer)
		return r->err->kind;
	replace_list(answer, "bases", &i->bases);
	strlist_clear(&i->bases_now);
	strlist_copy(&i->bases_now, &i->bases);
	replace_list(answer, "box", &i->boxes);
	if (json_object_object_get_ex(answer, "box_mode", &value) &&
	    (text = json_object_get_string(value))) {
		free(i->box_mode);
		i->box_mode = mem_strdup(text);
	}
	json_object_object_add(r->out, "answer", answer);
	return 0;
}

/* (ただし…) of some clauses: data says of which, and when it is refused. */
static int apply_exception(struct request *r, struct incident *i)
{
	const struct node *rule = node_get(r->control->content->notice->table, "exception_rule");
	const char *reason = get(r, "reason");

	if (!get_bool(r, "exception"))
		return 0;
	if (!reason || !reason[0])
		return err_set(r->err, ERR_USAGE, "the exception needs --reason in words");
	if (!i->clauses.n || !node_has(node_get(rule, "clauses"), i->clauses.at[0]))
		return err_set(r->err, ERR_USAGE, "the notice has no exception for clause %s",
			       i->clauses.n ? i->clauses.at[0] : "(none)");
	if (i->classes & CLASS_ANY_DEFENCE && i->certainty == CERTAINTY_CONFIRMED)
		return err_set(r->err, ERR_USAGE,
			       "the exception is refused: the infection is established on a "
			       "defence-department system (exception_rule of the decision table)");
	free(i->exception_reason);
	i->exception_reason = mem_strdup(reason);
	return 0;
}

static int incident_decide(struct request *r, struct incident *i)
{
	char name[64], at[48];

	if (apply_clause(r, i) < 0 || apply_words(r, i) < 0 || apply_exception(r, i) < 0 ||
	    decide_by_table(r, i) < 0)
		return r->err->kind;
	actor_name(r->uid, name);
	time_format_rfc3339(r->control->now() / NS_PER_S * NS_PER_S, OFFSET_JST, at);
	i->decided = true;
	free(i->decided_by);
	free(i->decided_at);
	i->decided_by = mem_strdup(name);
	i->decided_at = mem_strdup(at);
	return 0;
}

static int incident_approve(struct request *r, struct incident *i)
{
	(void)r;
	i->approved = true;
	return 0;
}

static int incident_ack(struct request *r, struct incident *i)
{
	(void)r;
	i->acknowledged = true;
	return 0;
}

static int incident_note(struct request *r, struct incident *i)
{
	const char *text = get(r, "text");

	if (!text || !text[0] || strlen(text) > 4000)
		return err_set(r->err, ERR_USAGE, "a note has 1 to 4000 bytes");
	strlist_add(&i->notes, text);
	return 0;
}

static int incident_status(struct request *r, struct incident *i, const char *status)
{
	const char *reason = get(r, "reason");

	if (!reason || !reason[0])
		return err_set(r->err, ERR_USAGE, "say why: --reason TEXT");
	free(i->status);
	i->status = mem_strdup(status);
	return 0;
}

static int incident_close(struct request *r, struct incident *i)
{
	return incident_status(r, i, "closed");
}

static int incident_dismiss(struct request *r, struct incident *i)
{
	return incident_status(r, i, "dismissed");
}

static int incident_reopen(struct request *r, struct incident *i)
{
	return incident_status(r, i, "open");
}

/* Actions change one incident: read, check the revision, change, write with the action's record at once. */
static const struct action {
	const char *command;
	int (*apply)(struct request *r, struct incident *incident);
} actions[] = {
	{ "incident.decide", incident_decide }, { "incident.approve", incident_approve },
	{ "incident.ack", incident_ack },	{ "incident.note", incident_note },
	{ "incident.close", incident_close },	{ "incident.dismiss", incident_dismiss },
	{ "incident.reopen", incident_reopen },
};

/* A copy by way of the document: a refused action leaves the incident as it was. */
static struct incident *incident_dup(const struct incident *i, struct err *err)
{
	struct json_object *document = incident_to_json(i);
	struct incident *copy = NULL;

	incident_from_json(document, &copy, err);
	json_object_put(document);
	return copy;
}

static int action_store(struct request *r, const struct action *action, struct incident *i)
{
	struct store *store = r->control->store;

	if (store_begin(store, r->err) < 0)
		return r->err->kind;
	if (store_put_incident(store, i, r->err) < 0 ||
	    store_put_action(store, r->control->now(), r->uid, action->command, i->id,
			     json_line(r->in), r->err) < 0 ||
	    store_commit(store, r->err) < 0) {
		store_rollback(store);
		return r->err->kind;
	}
	return 0;
}

static int action_run(struct request *r, const struct action *action)
{
	struct incident *i, *copy = NULL;
	struct text title = { 0 };
	bool owned;
	int rc;

	if (request_incident(r, &i, &owned) < 0)
		return r->err->kind;
	rc = check_revision(r, i);
	if (rc == 0) {
		copy = incident_dup(i, r->err);
		rc = copy ? action->apply(r, copy) : r->err->kind;
	}
	if (rc == 0) {
		copy->revision++;
		free(copy->title);
		draft_title(r->control->content->notice, copy, &title);
		copy->title = text_take(&title);
		rc = action_store(r, action, copy);
	}
	if (rc == 0) {
		json_object_object_add(r->out, "incident", incident_to_json(copy));
		if (!owned) {		/* the live one becomes the copy, in place */
			struct incident old = *i;

			*i = *copy;
			*copy = old;
		}
	}
	incident_free(copy);
	if (owned)
		incident_free(i);
	return rc;
}

static int draft_show(struct request *r)
{
	struct json_object *items;
	struct draft_input input = { .config = r->control->content->config,
				     .inventory = r->control->content->inventory,
				     .notice = r->control->content->notice,
				     .now = r->control->now() };
	struct text text = { 0 };
	struct incident *i;
	bool owned;
	int rc;

	if (request_incident(r, &i, &owned) < 0)
		return r->err->kind;
	items = store_draft_items(r->control->store, i->id, r->err);
	input.incident = i;
	input.items = items;
	rc = get_bool(r, "annotate") ? draft_annotated(&input, &text, r->err) :
				       draft_text(&input, &text, r->err);
	if (rc == 0)
		json_object_object_add(r->out, "text", json_text(text_slice(&text)));
	json_object_object_add(r->out, "revision", json_object_new_int64(i->revision));
	text_clear(&text);
	json_object_put(items);
	if (owned)
		incident_free(i);
	return rc;
}

static int draft_set(struct request *r)
{
	static const char *const items[] = { "addressee", "company", "contact", "phone",
					     "kind", "detail", "measures", "contracts" };
	const char *item = get(r, "item"), *text = get(r, "text");
	struct store *store = r->control->store;
	struct incident *i;
	bool owned, known = false;
	int rc;

	for (size_t k = 0; item && k < sizeof(items) / sizeof(items[0]); k++)
		known = known || strcmp(items[k], item) == 0;
	if (!known || !text || strlen(text) > 20000)
		return err_set(r->err, ERR_USAGE, "set ITEM TEXT; items: addressee company contact "
			       "phone kind detail measures contracts");
	if (request_incident(r, &i, &owned) < 0)
		return r->err->kind;
	rc = check_revision(r, i);
	if (rc == 0)
		rc = store_begin(store, r->err);
	if (rc == 0) {
		i->revision++;
		rc = store_put_draft_item(store, i->id, item, text, r->uid, r->control->now(), r->err);
		if (rc == 0)
			rc = store_put_incident(store, i, r->err);
		if (rc == 0)
			rc = store_put_action(store, r->control->now(), r->uid, "draft.set", i->id,
					      json_line(r->in), r->err);
		if (rc == 0)
			rc = store_commit(store, r->err);
		else
			store_rollback(store);
	}
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

static const struct query {
	const char *command;
	int (*run)(struct request *r);
} queries[] = {
	{ "incident.list", incident_list }, { "incident.show", incident_show },
	{ "draft.show", draft_show },	    { "draft.set", draft_set },
	{ "status", daemon_status },	    { "reload", daemon_reload },
	{ "alert.test", daemon_alert_test },
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

struct json_object *control_handle(struct control *control, long uid, struct json_object *in)
{
	struct err err = { 0 };
	struct request r = { control, uid, in, json_object_new_object(), &err };
	const char *command = get(&r, "command");
	int rc;

	json_object_object_add(r.out, "ok", json_object_new_boolean(true));
	rc = command ? request_run(&r, command) :
		       err_set(&err, ERR_USAGE, "a request needs a command");
	if (rc == 0)
		return r.out;
	json_object_put(r.out);
	r.out = json_object_new_object();
	json_object_object_add(r.out, "ok", json_object_new_boolean(false));
	json_object_object_add(r.out, "error", json_text(slice_of(err.text)));
	json_object_object_add(r.out, "kind", json_object_new_string(kind_word(rc)));
	return r.out;
}

struct json_object *control_handle_line(struct control *control, long uid, struct slice line)
{
	struct json_tokener *tokener = json_tokener_new_ex(16);
	struct json_object *in = line.len < INT32_MAX ?
		json_tokener_parse_ex(tokener, line.at, (int)line.len) : NULL, *out;

	json_tokener_free(tokener);
	if (!json_object_is_type(in, json_type_object)) {
		json_object_put(in);
		in = json_object_new_object();
	}
	out = control_handle(control, uid, in);
	json_object_put(in);
	return out;
}
