#ifndef SOKUHO_CORRELATE_GROUP_H
#define SOKUHO_CORRELATE_GROUP_H

#include "correlate/correlation.h"

/* The hits of one correlation with the same group-by values. */
struct group;

struct group *group_new(const struct rule_info *correlation);
void group_free(struct group *group);
/*
 * Inserts a hit at its event time; the finding when a window fired with it (the caller's), else NULL. What is older
 * than `oldest` by more than the timespan is forgotten.
 */
struct finding *group_add(struct group *group, const struct rule_info *rule,
			  const struct record *record, int64_t oldest);
/* Can nothing before this time complete any more? */
bool group_is_over(const struct group *group, int64_t watermark);
int64_t group_last(const struct group *group);
struct json_object *group_to_json(const struct group *group);
void group_from_json(struct group *group, struct json_object *object,
		     const struct rule_info *const *rules, size_t n_rules);

#endif
