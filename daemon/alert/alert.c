/* The table of ways, and the message as the outbox keeps it. */
#include "alert/alert.h"

#include "alert/sender.h"
#include "base/mem.h"

#include <json-c/json.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct alert_kind *const kinds[] = { &journal_kind, &mail_kind, &exec_kind };

struct alert *alert_new(struct event_base *base, struct err *err)
{
	struct alert *alert = mem_zalloc(sizeof(*alert));

	(void)err;
	alert->base = base;
	return alert;
}

void alert_free(struct alert *alert)
{
	if (!alert)
		return;
	mail_sender_free(alert->mail);
	exec_sender_free(alert->exec);
	free(alert);
}

static const struct alert_kind *kind_find(const char *name)
{
	for (size_t i = 0; name && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

bool alert_kind_exists(const char *name)
{
	return kind_find(name) != NULL;
}

int alert_send(struct alert *alert, const struct target_conf *target,
	       const struct alert_message *message, alert_done done, void *context,
	       struct err *err)
{
	const struct alert_kind *kind = kind_find(target->kind);

	if (!kind)
		return err_set(err, ERR_CONFIG, "target '%s': nobody knows how to tell by '%s'",
			       target->name, target->kind);
	return kind->start(alert, target, message, done, context, err);
}

static const struct { const char *name; size_t at; } members[] = {
	{ "incident_id", offsetof(struct alert_message, incident_id) },
	{ "level", offsetof(struct alert_message, level) },
	{ "clause", offsetof(struct alert_message, clause) },
	{ "asset_label", offsetof(struct alert_message, asset_label) },
	{ "reason", offsetof(struct alert_message, reason) },
	{ "subject", offsetof(struct alert_message, subject) },
	{ "body", offsetof(struct alert_message, body) },
	{ "document", offsetof(struct alert_message, document) },
};
#define N_MEMBERS (sizeof(members) / sizeof(members[0]))

char *alert_message_to_json(const struct alert_message *m)
{
	struct json_object *o = json_object_new_object();
	char *text;

	json_object_object_add(o, "revision", json_object_new_int64(m->revision));
	for (size_t i = 0; i < N_MEMBERS; i++) {
		const char *value = *(char *const *)((const char *)m + members[i].at);

		json_object_object_add(o, members[i].name, value ? json_object_new_string(value) : NULL);
	}
	text = mem_strdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	return text;
}

int alert_message_from_json(const char *json, struct alert_message **out, struct err *err)
{
	struct json_object *o = json_tokener_parse(json), *value = NULL;
	struct alert_message *m;

	if (!json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		return err_set(err, ERR_CONFIG, "a stored alert cannot be read");
	}
	m = mem_zalloc(sizeof(*m));
	if (json_object_object_get_ex(o, "revision", &value))
		m->revision = (unsigned)json_object_get_int64(value);
	for (size_t i = 0; i < N_MEMBERS; i++)
		if (json_object_object_get_ex(o, members[i].name, &value) && value)
			*(char **)((char *)m + members[i].at) = mem_strdup(json_object_get_string(value));
	json_object_put(o);
	*out = m;
	return 0;
}

void alert_message_free(struct alert_message *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < N_MEMBERS; i++)
		free(*(char **)((char *)m + members[i].at));
	free(m);
}
