/* What a site decides about rules: read here, applied where hits are made. */
#include "match/exception.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A date holds to its end, in Japan. */
static bool expires_parse(const char *text, int64_t *out)
{
	struct err err;

	if (time_parse_argument(text, OFFSET_JST, out, &err) < 0)
		return false;
	if (strlen(text) == strlen("2026-12-31"))
		*out += 86400 * NS_PER_S;
	return true;
}

void exception_load(const struct yaml *yaml, const struct node *root, struct exception *out,
		    struct problems *problems)
{
	const char *id = node_get_text(root, "id"), *title = node_get_text(root, "title");
	const char *expires = node_get_text(root, "expires");

	out->id = mem_strdup(id ? id : title);
	out->reason = mem_strdup(node_get_text(root, "reason"));
	out->approver = mem_strdup(node_get_text(root, "approver"));
	out->second_approver = mem_strdup(node_get_text(root, "second_approver"));
	out->expires = TIME_NONE;
	if (expires && !expires_parse(expires, &out->expires))
		node_error(problems, yaml, node_get(root, "expires"),
			   "'%s' is no date; write 2026-12-31", expires);
	if (out->approver && out->second_approver && strcmp(out->approver, out->second_approver) == 0)
		node_error(problems, yaml, node_get(root, "second_approver"),
			   "the second approver must be another person than the first");
}

void exception_clear(struct exception *e)
{
	free(e->id);
	free(e->reason);
	free(e->approver);
	free(e->second_approver);
	*e = (struct exception){ 0 };
}

bool exception_is_signed(const struct yaml *yaml, const struct node *root,
			 const struct exception *e, struct problems *problems)
{
	const struct { const char *key; bool said; } wanted[] = {
		{ "reason", e->reason != NULL }, { "approver", e->approver != NULL },
		{ "expires", e->expires != TIME_NONE },
	};
	bool all = true;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (wanted[i].said)
			continue;
		node_error(problems, yaml, root, "`%s` is missing: it names a rule that speaks for the notice",
			   wanted[i].key);
		all = false;
	}
	return all;
}

void tuning_load(const struct yaml *yaml, const struct node *root, struct tuning *out,
		 struct problems *problems)
{
	static const char *const keys[] = { "rules", "enabled", "notice", "incident" };
	static const char *const notice_keys[] = { "level" }, *const incident_keys[] = { "by", "within" };
	const struct node *map = node_get(root, "tuning"), *incident = node_get(map, "incident");
	const char *level = node_get_text(node_get(map, "notice"), "level");
	const char *within = node_get_text(incident, "within");
	bool enabled = true;

	exception_load(yaml, root, &out->by, problems);
	node_check_keys(yaml, map, "tuning", keys, 4, problems);
	node_check_keys(yaml, node_get(map, "notice"), "notice", notice_keys, 1, problems);
	node_check_keys(yaml, incident, "incident", incident_keys, 2, problems);
	if (node_get(map, "enabled") && !node_bool(node_get(map, "enabled"), &enabled))
		node_error(problems, yaml, node_get(map, "enabled"), "`enabled` is true or false");
	out->disabled = !enabled;
	out->has_level = level != NULL;
	if (level && !level_parse(level, &out->level))
		node_error(problems, yaml, node_get(map, "notice"),
			   "'%s' is none of report, urgent, review, record", level);
	out->has_incident = incident != NULL;
	node_strings(node_get(incident, "by"), &out->incident_by);
	if (within && !duration_parse(slice_of(within), &out->within))
		node_error(problems, yaml, node_get(incident, "within"),
			   "'%s' is no duration; write 90s, 15m, 24h or 7d", within);
}

void tuning_clear(struct tuning *t)
{
	exception_clear(&t->by);
	strlist_clear(&t->incident_by);
}
