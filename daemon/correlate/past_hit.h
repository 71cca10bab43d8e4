#ifndef SOKUHO_CORRELATE_PAST_HIT_H
#define SOKUHO_CORRELATE_PAST_HIT_H

#include "model/finding.h"

struct lookup;

/*
 * What a group keeps of a hit: where it stands, what it says and the fields that a finding of the group may need. One block
 * of memory, for most hits go again without any window having come of them.
 */
struct past_hit {
	struct evidence evidence;
	enum verdict verdict;
	size_t n_fields;
	struct named_value fields[];	/* in the record's order; of a value's bytes there are `len`, and no NUL behind them */
};
#define PAST_HIT_FIELDS_MAX 200		/* what is beyond is not kept */

/* names (found by paths, one each, or NULL: as they are) are kept beside the normalised fields. Freed by free(). */
struct past_hit *past_hit_of_record(const struct record *record, const struct strlist *names, const struct lookup *paths);
/* From a finding and back, as checkpoints hold it. */
struct past_hit *past_hit_of_finding(const struct finding *finding);
struct finding *past_hit_finding(const struct past_hit *hit);

#endif
