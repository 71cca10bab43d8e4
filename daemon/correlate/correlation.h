#ifndef SOKUHO_CORRELATE_CORRELATION_H
#define SOKUHO_CORRELATE_CORRELATION_H

#include "base/err.h"
#include "model/finding.h"
#include "model/record.h"
#include "model/rule.h"

#include <json-c/json_object.h>

/*
 * Correlations as a function of the *set* of records: a hit is inserted at its event time, ties by
 * (stream, offset). "At least" fires as soon as the set allows it; what further hits could undo (less than, equal,
 * averages, percentiles) when the watermark has passed its window. What comes later than the watermark takes no part.
 * Bounded; what is dropped is counted.
 */
struct correlations;

struct correlation_bounds {
	int64_t lateness;		/* ns: how far behind the newest hit the watermark is */
	size_t groups_max;		/* open groups */
	size_t hits_max;		/* hits that they hold in all */
};

struct correlation_stats {
	uint64_t late;			/* hits older than lateness behind the watermark */
	uint64_t dropped;		/* groups dropped at a bound */
	uint64_t dropped_hits;		/* hits dropped within groups that stayed */
	size_t groups;
};

/*
 * A correlation that completed. `record` is the record that completed it (or what was kept of it, when the watermark
 * decided); the finding is the callback's to free.
 */
typedef void (*correlation_fired)(void *context, const struct rule_info *rule,
				  struct finding *finding_take, const struct record *record);

/*
 * rules: the whole set, loans; those with correlation.type != NONE are handled here. A
 * correlation may refer to another correlation (its firing counts as a hit at the completing time).
 */
struct correlations *correlations_new(const struct rule_info *const *rules, size_t n,
				      const struct correlation_bounds *bounds,
				      correlation_fired fired, void *context);
void correlations_free(struct correlations *correlations);
/*
 * One hit of a rule. Calls fired (from within) for each correlation that completes, once per group
 * and window: after it fired, the group is silent until a hit lies beyond timespan from the
 * window's first one. The finding has evidence (completing line first, then the others oldest first), fields (the
 * group-by values, the count, and the union of the members' kept fields) and host_count for value_count over
 * asset.id; the caller fills in the rule's meaning.
 */
void correlations_feed(struct correlations *correlations, const struct rule_info *rule,
		       const struct record *record);
/*
 * Nothing older than this comes any more, or it is late: decides what was waited for, drops what can no longer
 * complete.
 */
void correlations_advance(struct correlations *correlations, int64_t watermark);
void correlations_stats(const struct correlations *correlations, struct correlation_stats *out);
/* For checkpoints: the open groups as JSON and back (unknown rules are left out). */
struct json_object *correlations_to_json(const struct correlations *correlations);
int correlations_from_json(struct correlations *correlations, struct json_object *state,
			   struct err *err);

#endif
