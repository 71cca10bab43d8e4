#ifndef SOKUHO_SETTLE_H
#define SOKUHO_SETTLE_H

#include "base/err.h"
#include "model/finding.h"

#include <json-c/json_object.h>

/*
 * Findings whose verdict a later line may settle (`settles` of decode data, design section 2 item 7). Each is kept as it was
 * before it was judged, until a line with its key comes or its time is over.
 */
struct settle;

struct settle_entry {
	char *key;
	int64_t until;			/* of event time */
	int64_t within, since;		/* ns; by the clock, from when it is over too where no line moves event time on */
	unsigned told;			/* what its incident would have told: held back until then */
	struct finding *finding;
};

struct settle *settle_new(void);
void settle_free(struct settle *settle);
/* Takes the finding. since: clock. */
void settle_add(struct settle *settle, struct slice key, int64_t within, int64_t since, unsigned told, struct finding *finding_take);
bool settle_is_empty(const struct settle *settle);
/*
 * Takes the oldest entry with that key, or the oldest one that is over: by event time, by the clock (INT64_MIN: not asked for),
 * or because there are too many. False: none. The entry is the caller's: settle_entry_clear().
 */
bool settle_take(struct settle *settle, struct slice key, struct settle_entry *out);
bool settle_take_over(struct settle *settle, int64_t time, int64_t clock, struct settle_entry *out);
void settle_entry_clear(struct settle_entry *entry);
struct json_object *settle_to_json(const struct settle *settle);
/* Their time begins anew by the clock. */
int settle_from_json(struct settle *settle, struct json_object *state, int64_t clock, struct err *err);

#endif
