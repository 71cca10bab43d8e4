#ifndef SOKUHO_CORRELATE_GATHER_H
#define SOKUHO_CORRELATE_GATHER_H

#include "model/incident.h"

/*
 * Findings that belong together. The key of a finding is fact + asset.id, or the fields that its
 * rule names (incident.by); an incident is all findings with the same key within `within` of its
 * first..last span, whichever arrives first. Only review and above open one. Its id is fixed when it
 * opens: "I" + date in Japan + "-" + 10 hex digits over key, time and raw bytes of the opening line.
 * A finding that joins two incidents makes the later one part of the earlier (status merged).
 */
struct gather;

struct gather *gather_new(void);
void gather_free(struct gather *gather);
/* The key of a finding, with its fact's name in front; appends to out. */
void gather_key(const struct finding *finding, struct text *out);
/*
 * Adds a judged finding. *incident is a loan (NULL: record level and no incident that it belongs
 * to); *merged is the later incident that became part of it, or NULL. The result says what of the incident is
 * new: a combination of 1 << alert_reason, 0 when nothing that must be told.
 */
unsigned gather_add(struct gather *gather, const struct finding *finding,
		    struct incident **incident, struct incident **merged);
/* An incident from the store, at start; taken over. Decisions of people are kept as they are. */
void gather_take_incident(struct gather *gather, struct incident *incident);
/* By id; NULL when unknown. */
struct incident *gather_find(struct gather *gather, const char *id);
/* All incidents (not merged ones) ordered by (first, id). *list is the caller's to free(). */
size_t gather_list(const struct gather *gather, struct incident ***list);
/* Incidents that ended before `before` leave memory (they stay in the store). */
void gather_forget(struct gather *gather, int64_t before);

#endif
