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

/* The slot of the hit's value; a fresh one counts no hit. */
static struct seen *seen_of(struct group *g, const struct member *m)
{
	size_t i = m->hash & (g->n_seen - 1);

	for (; g->seen[i].stamp == g->stamp; i = (i + 1) & (g->n_seen - 1))
		if (member_same_value(g->seen[i].member, m))
			return &g->seen[i];
	g->seen[i] = (struct seen){ m, 0, g->stamp };
	return &g->seen[i];
}

static void sum_add(struct group *g, struct sum *sum, const struct member *m)
{
	sum->hits++;
	if (m->value && seen_of(g, m)->hits++ == 0)
		sum->distinct++;
	if (m->place == sum->in_order)
		sum->in_order++;
	sum->total += m->number;
}

/* All but in_order, which cannot be taken back. */
static void sum_take(struct group *g, struct sum *sum, const struct member *m)
{
	sum->hits--;
	if (m->value && --seen_of(g, m)->hits == 0)
		sum->distinct--;
	sum->total -= m->number;
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

/* A total that was added up and taken away, with room for its rounding. */
static double at_most(double total)
{
	return total * 1.000001 + 1e-6;
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
		if (end + 1 < missing)
			return false;
		*from = *begin = end + 1 - missing < at ? end + 1 - missing : at;
		*value = (double)(end + 1 - *begin);
		return g->members[end].time - g->members[*begin].time <= group_span(g);
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

/* Is there a hit of every rule of a sequence, in any order? */
static bool all_places(const struct group *g)
{
	size_t want = least_wanted(&g->correlation->correlation);

	for (size_t i = 0; i < want; i++)
		if (i >= g->correlation->correlation.n_rules || !g->of_place[i])
			return false;
	return true;
}

/*
 * The first hit from *end on with which a window can end that holds hit `at`, by the widest window that ends with each:
 * every hit comes into it once and leaves it once. A total may be off by the rounding, to the side of yes.
 */
static bool widest_holds(struct group *g, size_t at, size_t *end)
{
	const struct correlation_spec *spec = &g->correlation->correlation;
	size_t from = at, first = *end;
	struct sum sum = { 0 };
	bool holds = false;
	size_t *begins;		/* by place: the latest begin, from 1, of a sequence up to it */

	if (spec->type == CORRELATION_EVENT_COUNT)	/* needs no walk */
		return first < g->n && g->members[first].time - g->members[at].time <= group_span(g);
	begins = mem_zalloc(spec->n_rules * sizeof(*begins));
	seen_reset(g);
	while (from > 0 && g->members[at].time - g->members[from - 1].time <= group_span(g))
		from--;
	for (size_t i = from; !holds && i < g->n; i++) {
		const struct member *m = &g->members[i];

		if (i > at && m->time - g->members[at].time > group_span(g))
			break;
		for (; m->time - g->members[from].time > group_span(g); from++)
			sum_take(g, &sum, &g->members[from]);
		sum_add(g, &sum, m);
		begins[m->place] = m->place ? begins[m->place - 1] : i + 1;
		holds = i >= first && (spec->type == CORRELATION_TEMPORAL_ORDERED ? begins[least_wanted(spec) - 1] > from :
				       limits_hold(g, spec->type == CORRELATION_VALUE_SUM ? at_most(sum.total) :
											    sum_value(g, &sum)));
		*end = i;
	}
	free(begins);
	return holds;
}

bool window_find(struct group *g, size_t at, size_t *begin, size_t *from, size_t *to,
			double *value)
{
	const struct correlation_spec *spec = &g->correlation->correlation;
	bool last = at + 1 == g->n;

	/* what all hits together do not reach no window does; nor does a sequence end with another rule than its last */
	if (spec->type == CORRELATION_VALUE_SUM ? !limits_hold(g, at_most(g->total)) : g->n < least_wanted(spec))
		return false;
	if (spec->type == CORRELATION_TEMPORAL_ORDERED &&
	    ((last && g->members[at].place + 1 != least_wanted(spec)) || !all_places(g)))
		return false;
	for (size_t end = at; widest_holds(g, at, &end); end++) {
		if (window_ending_at(g, end, at, begin, from, value)) {
			*to = end + 1;
			return true;
		}
	}
	return false;
}
