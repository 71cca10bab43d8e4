/* Incidents: memory only; how they grow is correlate/gather.c. */
#include "model/incident.h"

#include "base/clock.h"
#include "base/mem.h"

#include <json-c/json_object.h>
#include <stdlib.h>
#include <string.h>

const char *alert_reason_word(enum alert_reason reason)
{
	static const char *const words[] = { "none", "opened", "level", "clause", "asset" };

	return words[reason];
}

const char *incident_label(const struct incident *i)
{
	if (!i->labels.n || (i->assets.n && strcmp(i->labels.at[0], i->assets.at[0]) == 0))
		return NULL;
	return i->labels.at[0];
}

struct incident *incident_new(void)
{
	struct incident *incident = mem_zalloc(sizeof(*incident));

	incident->status = mem_strdup("open");
	incident->detected = TIME_NONE;
	incident->detected_offset = OFFSET_JST;
	return incident;
}

void incident_free(struct incident *i)
{
	if (!i)
		return;
	free(i->key);
	free(i->fact);
	free(i->box_mode);
	free(i->timing);
	free(i->title);
	free(i->rule_title);
	free(i->decided_by);
	free(i->decided_at);
	free(i->exception_reason);
	free(i->status);
	free(i->merged_into);
	strlist_clear(&i->clauses);
	strlist_clear(&i->assets);
	strlist_clear(&i->labels);
	strlist_clear(&i->contracts);
	strlist_clear(&i->bases);
	strlist_clear(&i->boxes);
	strlist_clear(&i->bases_now);
	strlist_clear(&i->rules);
	strlist_clear(&i->reasons);
	strlist_clear(&i->formats);
	strlist_clear(&i->notes);
	strlist_clear(&i->facts);
	strlist_clear(&i->links);
	free(i->information);
	json_object_put(i->work);
	for (size_t n = 0; n < i->n_fields; n++) {
		free(i->fields[n].name);
		free(i->fields[n].value);
	}
	free(i->fields);
	for (size_t n = 0; n < i->n_evidence; n++)
		evidence_clear(&i->evidence[n]);
	free(i->evidence);
	free(i);
}
