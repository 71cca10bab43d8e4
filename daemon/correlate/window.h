#ifndef SOKUHO_CORRELATE_WINDOW_H
#define SOKUHO_CORRELATE_WINDOW_H

#include "correlate/group.h"

/* Inside of a group, for this room only: its hits in order, and whether a window of them fulfils the condition. */
#define WINDOWS_MAX 64

struct member {
	int64_t time;
	uint64_t stream, offset;
	size_t place;			/* of its rule in the correlation */
	char *value;			/* what is counted as distinct, lower case; NULL: the hit itself */
	uint64_t hash;			/* of value */
	double number;			/* what is added up or ordered */
	int64_t window;			/* begin of the window that it falls into, windows following one another */
	size_t rank;			/* there, from 0 */
	struct past_hit *hit;		/* evidence and fields; NULL beyond a window's first lines */
};

struct group {			/* small: most have a single hit */
	struct group_place place;
	const struct rule_info *correlation;
	int64_t last;
	struct member *members;
	size_t n, cap;
	double total;			/* of all numbers, to within rounding */
	int64_t *windows;		/* begin of those that fired, newest last; room for WINDOWS_MAX, or NULL: none did */
	size_t n_windows;
	uint64_t dropped;		/* hits beyond MEMBERS_MAX */
	/* values seen in the window that is being looked at: open addressing, valid where the stamp is this one */
	struct seen { const struct member *member; size_t hits; uint32_t stamp; } *seen;
	size_t n_seen;
	uint32_t stamp;
	size_t of_place[];		/* how many of each rule */
};

int64_t group_span(const struct group *group);
bool member_same_value(const struct member *a, const struct member *b);
/*
 * "At least": the window that is fulfilled with hit `at` in it and ends first. Its members are [*from, *to), and
 * *begin is the latest of them from which it is fulfilled.
 */
bool window_find(struct group *group, size_t at, size_t *begin, size_t *from, size_t *to, double *value);
/* A whole window that is over: *value is what the condition was about, *of the hit that stands for it. */
bool window_is_met(struct group *group, size_t from, size_t to, double *value, size_t *of);

#endif
