/* Incidents: memory, and two that become one; how findings make them grow is correlate/gather.c. */
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
	named_values_free(i->fields, i->n_fields);
	for (size_t n = 0; n < i->n_evidence; n++)
		evidence_clear(&i->evidence[n]);
	free(i->evidence);
	free(i);
}

void incident_take_fields(struct incident *i, const struct finding *f)
{
	named_values_free(i->fields, i->n_fields);
	i->fields = mem_zalloc(f->n_fields * sizeof(*i->fields));
	i->n_fields = f->n_fields;
	for (size_t k = 0; k < f->n_fields; k++)
		i->fields[k] = named_value_copy(&f->fields[k]);
}

void incident_add_assets(struct incident *i, const struct strlist *assets, const struct strlist *labels)
{
	for (size_t k = 0; k < assets->n && i->assets.n < INCIDENT_LIST_MAX; k++)
		if (strlist_add_once(&i->assets, assets->at[k]))
			strlist_add(&i->labels, k < labels->n ? labels->at[k] : assets->at[k]);
}

void bases_join(struct strlist *to, const struct strlist *from)
{
	struct strlist all = { 0 };

	for (int pass = 0; pass < 2; pass++)
		for (int which = 0; which < 2; which++) {
			const struct strlist *list = which ? from : to;

			for (size_t i = 0; i < list->n; i++)
				if ((strncmp(list->at[i], "s12-1-i-", 8) == 0) == (pass == 0))
					strlist_add_once(&all, list->at[i]);
		}
	strlist_clear(to);
	*to = all;
}

void incident_reach(struct incident *i, int64_t first, int first_offset, int64_t last, int last_offset)
{
	if (first < i->first) {
		i->first = first;
		i->first_offset = first_offset;
	}
	if (last > i->last) {
		i->last = last;
		i->last_offset = last_offset;
	}
}

void incident_absorb(struct incident *into, const struct incident *from)
{
	into->n_findings += from->n_findings;
	into->evidence_total += from->evidence_total;
	if (from->level > into->level)
		into->level = from->level;
	incident_reach(into, from->first, from->first_offset, from->last, from->last_offset);
	into->shows_event = into->shows_event || from->shows_event;
	into->zone_assumed = into->zone_assumed || from->zone_assumed;
	strlist_join(&into->clauses, &from->clauses, INCIDENT_CLAUSES_MAX);
	incident_add_assets(into, &from->assets, &from->labels);
	strlist_join(&into->contracts, &from->contracts, INCIDENT_LIST_MAX);
	strlist_join(&into->rules, &from->rules, INCIDENT_LIST_MAX);
	strlist_join(&into->formats, &from->formats, INCIDENT_LIST_MAX);
	if (into->decided)
		return;
	bases_join(&into->bases, &from->bases);
	bases_join(&into->bases_now, &from->bases_now);
	strlist_join(&into->boxes, &from->boxes, INCIDENT_LIST_MAX);
	into->classes |= from->classes;
}
