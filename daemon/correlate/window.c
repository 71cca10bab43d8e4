/*
 * What a condition is about is added up hit by hit. "At least" is looked for backwards from the hit that came, so that
 * a window begins as late as it can; whole windows are judged at once.
 */
#include "correlate/window.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

int64_t group_span(const struct group *g)
{
	return g->correlation->correlation.timespan;
}

bool member_same_value(const struct member *a, const struct member *b)
{
	return a->hash == b->hash && strcmp(a->value, b->value) == 0;
}

/* What a condition is about, hit by hit. */
struct sum {
	size_t hits, distinct, in_order;
	double total;
};

static void seen_reset(struct group *g)
{
	if (g->n_seen < 2 * g->n + 2) {
		free(g->seen);
		g->n_seen = 16;
		while (g->n_seen < 2 * g->n + 2)
			g->n_seen *= 2;
		g->seen = mem_zalloc(g->n_seen * sizeof(*g->seen));
		g->stamp = 0;
	}
	if (++g->stamp == 0) {
		memset(g->seen, 0, g->n_seen * sizeof(*g->seen));
		g->stamp = 1;
	}
}

static bool seen_add(struct group *g, const struct member *m)
{
	size_t i = m->hash & (g->n_seen - 1);

	while (g->seen[i].stamp == g->stamp) {
		if (member_same_value(g->seen[i].member, m))
			return false;
		i = (i + 1) & (g->n_seen - 1);
	}
	g->seen[i] = (struct seen){ m, g->stamp };
	return true;
}

static void sum_add(struct group *g, struct sum *sum, const struct member *m)
{
	sum->hits++;
	if (m->value && seen_add(g, m))
		sum->distinct++;
	if (m->place == sum->in_order)
		sum->in_order++;
	sum->total += m->number;
}

static bool limit_holds(const struct correlation_limit *limit, double value)
{
	switch (limit->compare) {
	case COMPARE_GTE: return value >= limit->value;
	case COMPARE_GT: return value > limit->value;
	case COMPARE_LTE: return value <= limit->value;
	case COMPARE_LT: return value < limit->value;
	case COMPARE_EQ: return value >= limit->value && value <= limit->value;
	case COMPARE_NEQ: return value < limit->value || value > limit->value;
	}
	return false;
}

static bool limits_hold(const struct group *g, double value)
{
	const struct correlation_spec *spec = &g->correlation->correlation;

	for (size_t i = 0; i < spec->n_limits; i++)
		if (!limit_holds(&spec->limits[i], value))
			return false;
	return spec->n_limits || value >= (double)spec->n_rules;	/* temporal: every rule */
}

static double sum_value(const struct group *g, const struct sum *sum)
{
	switch (g->correlation->correlation.type) {
	case CORRELATION_VALUE_COUNT:
	case CORRELATION_TEMPORAL: return (double)sum->distinct;
	case CORRELATION_TEMPORAL_ORDERED: return (double)sum->in_order;
	case CORRELATION_VALUE_SUM: return sum->total;
	case CORRELATION_VALUE_AVG: return sum->total / (double)sum->hits;
	default: return (double)sum->hits;
	}
}

static int compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The smallest number that at least so many percent of all are not above (nearest rank). */
static double percentile_of(const struct group *g, size_t from, size_t to)
{
	double *sorted = mem_zalloc((to - from) * sizeof(*sorted)), value;
	double rank = g->correlation->correlation.percentile / 100 * (double)(to - from);
	size_t at = (size_t)rank + ((double)(size_t)rank < rank);

	for (size_t i = from; i < to; i++)
		sorted[i - from] = g->members[i].number;
	qsort(sorted, to - from, sizeof(*sorted), compare_numbers);
	value = sorted[at ? at - 1 : 0];
	free(sorted);
	return value;
}

static int compare_values(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a, *y = *(const struct member *const *)b;
	int order = strcmp(x->value, y->value);

	return order ? order : x < y ? -1 : x > y;
}

/*
 * Is there a value whose share of the hits, in percent, is as the condition says? Of several the one that came first;
 * *of is its last hit.
 */
static bool share_holds(const struct group *g, size_t from, size_t to, double *share, size_t *of)
{
	const struct member **sorted = mem_zalloc((to - from) * sizeof(*sorted)), *first = NULL;
	size_t n = to - from, end;

	for (size_t i = 0; i < n; i++)
		sorted[i] = &g->members[from + i];
	qsort(sorted, n, sizeof(*sorted), compare_values);
	for (size_t i = 0; i < n; i = end) {
		double percent;

		for (end = i + 1; end < n && member_same_value(sorted[i], sorted[end]);)
			end++;
		percent = 100.0 * (double)(end - i) / (double)n;
		if ((first && sorted[i] > first) || !limits_hold(g, percent))
			continue;
		first = sorted[i];
		*share = percent;
		*of = (size_t)(sorted[end - 1] - g->members);
	}
	free(sorted);
	return first != NULL;
}

bool window_is_met(struct group *g, size_t from, size_t to, double *value, size_t *of)
{
	const struct correlation_spec *spec = &g->correlation->correlation;
	struct sum sum = { 0 };

	*of = to - 1;
	if (spec->type == CORRELATION_VALUE_PERCENTILE && spec->percentile < 0)
		return share_holds(g, from, to, value, of);
	if (spec->percentile >= 0) {
		*value = percentile_of(g, from, to);
		return limits_hold(g, *value);
	}
	seen_reset(g);
	for (size_t i = from; i < to; i++)
		sum_add(g, &sum, &g->members[i]);
	*value = sum_value(g, &sum);
	return limits_hold(g, *value);
}

/* The least whole number that the limits allow: of hits, or of rules that must follow one another. */
static size_t least_wanted(const struct correlation_spec *spec)
{
	size_t want = spec->n_limits ? 1 : spec->n_rules;

	for (size_t i = 0; i < spec->n_limits; i++) {
		size_t least = (size_t)spec->limits[i].value;

		if (spec->limits[i].compare == COMPARE_GT || (double)least < spec->limits[i].value)
			least++;
		want = least > want ? least : want;
	}
	return want;
}

/*
 * "At least", for windows that end with hit `end` and hold hit `at`: walked backwards, so that *begin is the latest hit
 * from which the condition holds; *from is the first of all that lie within the timespan.
 */
static bool window_ending_at(struct group *g, size_t end, size_t at, size_t *begin, size_t *from,
			     double *value)
{
	const struct correlation_spec *spec = &g->correlation->correlation;
	bool ordered = spec->type == CORRELATION_TEMPORAL_ORDERED, holds = false;
	size_t missing = least_wanted(spec);
	struct sum sum = { 0 };

	if (spec->type == CORRELATION_EVENT_COUNT) {	/* needs no walk */
		*from = *begin = end + 1 - missing;
		*value = (double)missing;
		return end + 1 >= missing && *begin <= at &&
		       g->members[end].time - g->members[*begin].time <= group_span(g);
	}
	seen_reset(g);
	for (size_t i = end + 1; i-- > 0;) {
		const struct member *m = &g->members[i];

		if (g->members[end].time - m->time > group_span(g))
			break;
		*from = i;
		if (holds)
			continue;
		sum_add(g, &sum, m);
		if (missing && m->place == missing - 1)
			missing--;
		if (i > at || (ordered ? missing != 0 : !limits_hold(g, sum_value(g, &sum))))
			continue;
		holds = true;
		*begin = i;
		*value = sum_value(g, &sum);
	}
	return holds;
}

/* In any order: is there a hit of every rule that must follow one another? One walk spares one for each later hit. */
static bool all_places(const struct group *g)
{
	size_t want = least_wanted(&g->correlation->correlation);

	for (size_t place = 0, i; place < want; place++) {
		for (i = 0; i < g->n && g->members[i].place != place; i++)
			;
		if (i == g->n)
			return false;
	}
	return true;
}

bool window_find(struct group *g, size_t at, size_t *begin, size_t *from, size_t *to,
			double *value)
{
	const struct correlation_spec *spec = &g->correlation->correlation;

	/* what all hits together do not reach no window does */
	if (spec->type == CORRELATION_VALUE_SUM ? !limits_hold(g, g->total * 1.000001 + 1e-6) :
						  g->n < least_wanted(spec))
		return false;
	if (spec->type == CORRELATION_TEMPORAL_ORDERED && !all_places(g))
		return false;
	for (size_t end = at; end < g->n; end++) {
		if (g->members[end].time - g->members[at].time > group_span(g))
			return false;
		if (window_ending_at(g, end, at, begin, from, value)) {
			*to = end + 1;
			return true;
		}
	}
	return false;
}
