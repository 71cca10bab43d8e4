#ifndef SOKUHO_CORRELATE_GROUP_H
#define SOKUHO_CORRELATE_GROUP_H

#include "correlate/correlation.h"
#include "correlate/past_hit.h"

/* The hits of one correlation with the same group-by values. */
struct group;

/* Where it stands among the others of its correlation: for who keeps it. */
struct group_place {
	struct group *older, *newer;
	uint64_t number;		/* in the order in which they were opened */
	struct slice key;
};

struct group *group_new(const struct rule_info *correlation);
struct group_place *group_place(struct group *group);
void group_free(struct group *group);
/*
 * Inserts a hit of the correlation's rules[place] at its event time; the finding when a window fired with it (the
 * caller's), else NULL. The group-by names (found by paths, one each, or NULL: as they are) are kept of the record beside its
 * normalised fields. What is older than `oldest` by more than the timespan is forgotten.
 */
struct finding *group_add(struct group *group, size_t place, const struct record *record,
			  const struct lookup *paths, int64_t oldest);
/*
 * The next window that is over at this watermark and fulfils its condition, or NULL; call until it is NULL. *last is
 * the hit that stands for it. Both are the caller's.
 */
struct finding *group_close(struct group *group, int64_t watermark, struct past_hit **last);
/* Can nothing before this time complete any more? */
bool group_is_over(const struct group *group, int64_t watermark);
int64_t group_last(const struct group *group);
size_t group_size(const struct group *group);	/* hits */
const struct rule_info *group_correlation(const struct group *group);
/* Hits that were dropped at the group's bound since the last call. */
uint64_t group_take_dropped(struct group *group);
struct json_object *group_to_json(const struct group *group);
void group_from_json(struct group *group, struct json_object *object);

#define VALUE_MAX 1024			/* bytes of a value that are kept, or compared */
/* The value of a group-by name or field in a record; paths may be NULL: under its own name. */
struct slice correlation_value(const struct record *record, const char *name,
			       const struct lookup *paths, struct lookup_walk *walk);

#endif
