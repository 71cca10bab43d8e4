/* Counting correlations: what fires, once, whatever the order of arrival. */
#include "check.h"

#include "base/clock.h"
#include "base/mem.h"
#include "correlate/correlation.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE (60 * NS_PER_S)

static struct rule_info base_a = { .index = 0, .id = (char *)"a", .name = (char *)"a", .referred = true };
static struct rule_info base_b = { .index = 1, .id = (char *)"b", .name = (char *)"b", .referred = true };
static const struct rule_info *members[2] = { &base_a, &base_b };
static struct rule_info counted;
static const struct rule_info *const rules[] = { &base_a, &base_b, &counted };

static struct { size_t n; int64_t last; size_t evidence, hosts; char group[32]; } fired;

static void on_fired(void *context, const struct rule_info *rule, struct finding *finding,
		     const struct record *record)
{
	const struct named_value *ip = finding_field(finding, "source.ip");

	(void)context;
	assert_ptr_equal(rule, &counted);
	fired.n++;
	fired.last = record->time;
	fired.evidence = finding->n_evidence;
	fired.hosts = finding->host_count;
	snprintf(fired.group, sizeof(fired.group), "%s", ip ? ip->value : "");
	assert_int_equal(finding->evidence[0].offset, record->offset);
	finding_free(finding);
}

static struct correlations *prepare(enum correlation_type type, uint64_t count, const char *field)
{
	static char *by[] = { (char *)"source.ip" }, *fields[1];
	static const struct correlation_bounds bounds = { 10 * MINUTE, 100, 100000 };

	memset(&fired, 0, sizeof(fired));
	counted = (struct rule_info){ .index = 2, .id = (char *)"c", .name = (char *)"c" };
	counted.correlation = (struct correlation_spec){
		.type = type, .rules = members, .n_rules = type == CORRELATION_TEMPORAL ? 2 : 1,
		.group_by = { .at = by, .n = 1, .cap = 1 }, .timespan = 5 * MINUTE, .limits = { { COMPARE_GTE, (double)count } },
		.n_limits = count != 0, .percentile = -1,
	};
	if (field) {
		fields[0] = (char *)field;
		counted.correlation.fields = (struct strlist){ .at = fields, .n = 1, .cap = 1 };
	}
	return correlations_new(rules, 3, &bounds, on_fired, NULL);
}

static void feed(struct correlations *c, const struct rule_info *rule, int64_t time, const char *ip,
		 const char *asset)
{
	static uint64_t offset;
	struct record r = { .arena = arena_new(), .raw = SLICE("line"), .source = "s", .file = "f",
			    .stream = 1, .offset = ++offset, .time = time, .format = "syslog" };

	if (ip)
		record_add(&r, SLICE("source.ip"), slice_of(ip), VALUE_STRING, true);
	if (asset)
		record_add(&r, SLICE("asset.id"), slice_of(asset), VALUE_STRING, true);
	correlations_feed(c, rule, &r);
	arena_free(r.arena);
}

static void test_counts_fire_once_for_each_group_and_window(void **state)
{
	struct correlations *c = prepare(CORRELATION_EVENT_COUNT, 3, NULL);

	(void)state;
	for (int i = 0; i < 10; i++)
		feed(c, &base_a, i * 10 * NS_PER_S, "192.0.2.1", NULL);
	assert_int_equal(fired.n, 1);
	assert_int_equal(fired.last, 20 * NS_PER_S);
	assert_int_equal(fired.evidence, 3);
	feed(c, &base_a, 1 * MINUTE, "192.0.2.2", NULL);
	feed(c, &base_a, 2 * MINUTE, "192.0.2.2", NULL);
	assert_int_equal(fired.n, 1);		/* another group has two only */
	feed(c, &base_a, 3 * MINUTE, NULL, NULL);
	feed(c, &base_a, 3 * MINUTE, "192.0.2.2", NULL);
	assert_int_equal(fired.n, 2);
	assert_string_equal(fired.group, "192.0.2.2");
	for (int i = 0; i < 3; i++)		/* beyond the window it may fire again */
		feed(c, &base_a, 6 * MINUTE + i, "192.0.2.1", NULL);
	assert_int_equal(fired.n, 3);
	correlations_free(c);
}

static void test_large_counts_keep_the_first_lines_and_the_last(void **state)
{
	struct correlations *c = prepare(CORRELATION_EVENT_COUNT, 20000, NULL);

	(void)state;
	for (int i = 0; i < 19999; i++)
		feed(c, &base_a, i, "192.0.2.1", NULL);
	assert_int_equal(fired.n, 0);
	feed(c, &base_a, 19999, "192.0.2.1", NULL);	/* on_fired sees its line first */
	assert_int_equal(fired.n, 1);
	assert_int_equal(fired.last, 19999);
	assert_int_equal(fired.evidence, FINDING_EVIDENCE_MAX);
	correlations_free(c);
}

/* A file that is read late: its hits go before thousands that are there already. */
static void test_a_sequence_is_found_among_many_late_hits(void **state)
{
	struct correlations *c = prepare(CORRELATION_TEMPORAL, 0, NULL);

	(void)state;
	counted.correlation.type = CORRELATION_TEMPORAL_ORDERED;
	for (int i = 0; i < 10000; i++)
		feed(c, &base_a, 4 * MINUTE + i, "192.0.2.1", NULL);
	for (int i = 0; i < 10000; i++)
		feed(c, &base_b, 1 * MINUTE + i, "192.0.2.1", NULL);
	assert_int_equal(fired.n, 0);		/* the second before the first */
	feed(c, &base_a, 1 * MINUTE + 9998, "192.0.2.1", NULL);
	assert_int_equal(fired.n, 1);
	assert_int_equal(fired.last, 1 * MINUTE + 9998);
	correlations_free(c);
}

static void test_the_largest_count_is_reached_behind_older_hits(void **state)
{
	struct correlations *c = prepare(CORRELATION_EVENT_COUNT, CORRELATION_COUNT_MAX - 1, NULL);

	(void)state;
	for (int i = 0; i < CORRELATION_COUNT_MAX / 2; i++)
		feed(c, &base_a, i, "192.0.2.1", NULL);
	for (int i = 0; i < CORRELATION_COUNT_MAX - 1; i++)
		feed(c, &base_a, 6 * MINUTE + i, "192.0.2.1", NULL);
	assert_int_equal(fired.n, 1);
	assert_int_equal(fired.last, 6 * MINUTE + CORRELATION_COUNT_MAX - 2);
	correlations_free(c);
}

/* Numbers that go take nothing of the others with them. */
static void test_a_sum_survives_a_far_greater_one(void **state)
{
	struct correlations *c = prepare(CORRELATION_VALUE_SUM, 3, "asset.id");

	(void)state;
	feed(c, &base_a, 0, "192.0.2.1", "1");
	feed(c, &base_a, 0, "192.0.2.1", "1");
	feed(c, &base_a, 6 * MINUTE, "192.0.2.1", "1e300");
	assert_int_equal(fired.n, 1);
	feed(c, &base_a, 4 * MINUTE, "192.0.2.1", "1");
	assert_int_equal(fired.n, 2);
	correlations_free(c);
}

static void test_the_timespan_is_a_bound(void **state)
{
	struct correlations *c = prepare(CORRELATION_EVENT_COUNT, 3, NULL);

	(void)state;
	feed(c, &base_a, 0, "192.0.2.1", NULL);
	feed(c, &base_a, 3 * MINUTE, "192.0.2.1", NULL);
	feed(c, &base_a, 5 * MINUTE + 1, "192.0.2.1", NULL);
	assert_int_equal(fired.n, 0);
	feed(c, &base_a, 8 * MINUTE, "192.0.2.1", NULL);	/* 3:00, 5:00, 8:00 */
	assert_int_equal(fired.n, 1);
	correlations_free(c);
}

static void test_distinct_values_count_and_hosts_are_told(void **state)
{
	struct correlations *c = prepare(CORRELATION_VALUE_COUNT, 3, "asset.id");

	(void)state;
	for (int i = 0; i < 50; i++)
		feed(c, &base_a, i, "192.0.2.1", "pc1");
	feed(c, &base_a, 60, "192.0.2.1", "PC2");
	feed(c, &base_a, 61, "192.0.2.1", "pc2");
	assert_int_equal(fired.n, 0);
	feed(c, &base_a, 62, "192.0.2.1", "pc3");
	assert_int_equal(fired.n, 1);
	assert_int_equal(fired.hosts, 3);
	correlations_free(c);
}

static void test_temporal_wants_every_rule_in_any_order(void **state)
{
	struct correlations *c = prepare(CORRELATION_TEMPORAL, 0, NULL);

	(void)state;
	feed(c, &base_b, 1, "192.0.2.1", NULL);
	feed(c, &base_b, 2, "192.0.2.1", NULL);
	assert_int_equal(fired.n, 0);
	feed(c, &base_a, 3, "192.0.2.1", NULL);
	assert_int_equal(fired.n, 1);
	correlations_free(c);
}

static void test_arrival_within_lateness_does_not_matter(void **state)
{
	static const int seconds[] = { 0, 30, 60, 1200, 1230, 1260 };
	int order[6];

	(void)state;
	for (unsigned seed = 1; seed <= 200; seed++) {
		struct correlations *c = prepare(CORRELATION_EVENT_COUNT, 3, NULL);

		srand(seed);
		for (int half = 0; half < 2; half++) {	/* shuffled within ten minutes */
			for (int i = 0; i < 3; i++)
				order[i] = half * 3 + i;
			for (int i = 2; i > 0; i--) {
				int k = rand() % (i + 1), keep = order[i];

				order[i] = order[k];
				order[k] = keep;
			}
			for (int i = 0; i < 3; i++)
				feed(c, &base_a, seconds[order[i]] * NS_PER_S, "192.0.2.1", NULL);
		}
		assert_int_equal(fired.n, 2);
		assert_int_equal(fired.evidence, 3);
		correlations_free(c);
	}
}

static void test_what_is_late_is_counted_and_left_alone(void **state)
{
	struct correlations *c = prepare(CORRELATION_EVENT_COUNT, 2, NULL);
	struct correlation_stats stats;

	(void)state;
	feed(c, &base_a, 60 * MINUTE, "192.0.2.1", NULL);
	feed(c, &base_a, 49 * MINUTE, "192.0.2.9", NULL);
	feed(c, &base_a, 49 * MINUTE, "192.0.2.9", NULL);
	correlations_stats(c, &stats);
	assert_int_equal(stats.late, 2);
	assert_int_equal(fired.n, 0);
	correlations_free(c);
}

static void test_groups_are_bounded_and_the_loss_is_counted(void **state)
{
	struct correlations *c = prepare(CORRELATION_EVENT_COUNT, 5, NULL);
	struct correlation_stats stats;
	char ip[32];

	(void)state;
	for (int i = 0; i < 250; i++) {
		snprintf(ip, sizeof(ip), "10.0.%d.%d", i / 100, i % 100);
		feed(c, &base_a, i, ip, NULL);
	}
	correlations_stats(c, &stats);
	assert_true(stats.groups <= 100 && stats.groups > 90);
	assert_int_equal(stats.groups + stats.dropped, 250);
	correlations_advance(c, INT64_MAX);
	correlations_stats(c, &stats);
	assert_int_equal(stats.groups, 0);
	correlations_free(c);
}

static void test_open_groups_survive_as_json(void **state)
{
	struct correlations *c = prepare(CORRELATION_EVENT_COUNT, 3, NULL);
	struct json_object *saved, *read;
	struct err err;

	(void)state;
	feed(c, &base_a, 1, "192.0.2.1", NULL);
	feed(c, &base_a, 2, "192.0.2.1", NULL);
	saved = correlations_to_json(c);
	read = json_tokener_parse(json_object_to_json_string(saved));
	json_object_put(saved);
	correlations_free(c);
	c = prepare(CORRELATION_EVENT_COUNT, 3, NULL);
	assert_int_equal(correlations_from_json(c, read, &err), 0);
	json_object_put(read);
	feed(c, &base_a, 3, "192.0.2.1", NULL);
	assert_int_equal(fired.n, 1);
	assert_int_equal(fired.evidence, 3);
	correlations_free(c);
}

/*
 * Against a reference that is as simple as possible: random hits of two rules, two groups, few values, times that are
 * often equal. The reference sorts all hits and walks them once.
 */
#define HITS 60
#define LATENESS 40

struct one {
	int64_t time;
	uint64_t offset;
	size_t place;
	int group, number;
};

static struct one *stream;
static size_t n_stream;
static struct { int64_t time; uint64_t offset; int group; size_t evidence; } got[HITS * 4], want[HITS * 4];
static size_t n_got, n_want;

static void on_any(void *context, const struct rule_info *rule, struct finding *finding,
		   const struct record *record)
{
	(void)context;
	(void)rule;
	got[n_got].time = record->time;
	got[n_got].offset = record->offset;
	got[n_got].group = (int)(record_value(record, "source.ip").at[0] - '0');
	got[n_got++].evidence = finding->n_evidence;
	finding_free(finding);
}

static int by_time(const void *a, const void *b)
{
	const struct one *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static double reference_value(struct one *const *list, size_t n)
{
	const struct correlation_spec *spec = &counted.correlation;
	size_t distinct = 0, order = 0;
	double sum = 0;

	if (spec->percentile >= 0) {		/* nearest rank, by counting */
		for (int v = 0;; v++) {
			size_t below = 0;

			for (size_t i = 0; i < n; i++)
				below += list[i]->number <= v;
			if (below && 100.0 * (double)below >= spec->percentile * (double)n)
				return v;
		}
	}
	for (size_t i = 0; i < n; i++) {
		bool seen = false;

		for (size_t k = 0; k < i; k++)
			seen = seen || (spec->type == CORRELATION_TEMPORAL ? list[k]->place == list[i]->place :
									    list[k]->number == list[i]->number);
		distinct += !seen;
		order += list[i]->place == order;
		sum += list[i]->number;
	}
	switch (spec->type) {
	case CORRELATION_EVENT_COUNT: return (double)n;
	case CORRELATION_VALUE_SUM: return sum;
	case CORRELATION_VALUE_AVG: return sum / (double)n;
	case CORRELATION_TEMPORAL_ORDERED: return (double)order;
	default: return (double)distinct;
	}
}

static bool reference_holds(double v);

/* Shares of values: the one that came first, of those that fulfil the condition; its last hit stands for it. */
static const struct one *reference_share(struct one *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct one *last = NULL;
		size_t hits = 0;

		for (size_t k = 0; k < n; k++)
			if (list[k]->number == list[i]->number) {
				last = list[k];
				hits++;
			}
		if (reference_holds(100.0 * (double)hits / (double)n))
			return last;
	}
	return NULL;
}

static bool reference_holds(double v)
{
	const struct correlation_spec *spec = &counted.correlation;

	for (size_t i = 0; i < spec->n_limits; i++) {
		double limit = spec->limits[i].value;
		bool holds[] = { v >= limit, v > limit, v <= limit, v < limit,
				 v >= limit && v <= limit, v < limit || v > limit };

		if (!holds[spec->limits[i].compare])
			return false;
	}
	return spec->n_limits || v >= 2;
}

static void reference_fire(const struct one *completing, size_t hits)
{
	want[n_want].time = completing->time;
	want[n_want].offset = completing->offset;
	want[n_want].group = completing->group;
	want[n_want++].evidence = hits;
}

static void reference_close(struct one *const *open, size_t k)
{
	const struct one *of = open[k - 1];

	if (counted.correlation.type == CORRELATION_VALUE_PERCENTILE && counted.correlation.percentile < 0)
		of = reference_share(open, k);
	else if (!reference_holds(reference_value(open, k)))
		of = NULL;
	if (of)
		reference_fire(of, k);
}

static void reference_group(struct one *sorted, size_t n, int group)
{
	const struct correlation_spec *spec = &counted.correlation;
	struct one *open[HITS];
	int64_t end = INT64_MIN;
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (sorted[i].group != group || sorted[i].time <= end)
			continue;
		if (spec->deferred && k && sorted[i].time - open[0]->time > spec->timespan) {
			reference_close(open, k);
			k = 0;
		}
		open[k++] = &sorted[i];
		for (size_t from = k; !spec->deferred && from-- > 0;) {
			if (sorted[i].time - open[from]->time > spec->timespan ||
			    !reference_holds(reference_value(open + from, k - from)))
				continue;
			reference_fire(&sorted[i], k - from);
			end = open[from]->time + spec->timespan;
			from = k = 0;
		}
	}
	if (spec->deferred && k)
		reference_close(open, k);
}

/* A restart: the state goes to a checkpoint and back. */
static struct correlations *restart(struct correlations *c, const struct correlation_bounds *bounds)
{
	struct json_object *saved = correlations_to_json(c), *read;
	struct err err;

	read = json_tokener_parse(json_object_to_json_string(saved));
	json_object_put(saved);
	correlations_free(c);
	c = correlations_new(rules, 3, bounds, on_any, NULL);
	assert_int_equal(correlations_from_json(c, read, &err), 0);
	json_object_put(read);
	return c;
}

/* Returns how many were late. */
static uint64_t engine_run(void)
{
	struct correlation_stats stats;
	static const char *const groups[] = { "0", "1" };
	static const struct correlation_bounds bounds = { LATENESS, 100, 100000 };
	struct correlations *c = correlations_new(rules, 3, &bounds, on_any, NULL);

	n_got = 0;
	for (size_t i = 0; i < n_stream; i++) {
		struct record r = { .arena = arena_new(), .raw = SLICE("line"), .source = "s", .file = "f",
				    .stream = 1, .offset = stream[i].offset, .time = stream[i].time };
		char number[16];

		if (i == n_stream / 2)
			c = restart(c, &bounds);
		snprintf(number, sizeof(number), "%d", stream[i].number);
		record_add(&r, SLICE("source.ip"), slice_of(groups[stream[i].group]), VALUE_STRING, true);
		record_add(&r, SLICE("network.bytes"), slice_of(number), VALUE_NUMBER, true);
		correlations_feed(c, members[stream[i].place], &r);
		arena_free(r.arena);
	}
	correlations_advance(c, INT64_MAX);
	correlations_stats(c, &stats);
	correlations_free(c);
	return stats.late;
}

/* Hits among the others that are behind the watermark by then. */
static size_t add_late(const struct one *from, struct one *to)
{
	int64_t newest = INT64_MIN;
	size_t n = 0;

	for (size_t i = 0; i < HITS; i++) {
		to[n++] = from[i];
		newest = from[i].time > newest ? from[i].time : newest;
		if (rand() % 8 == 0)
			to[n++] = (struct one){ newest - LATENESS - 1 - rand() % 50, HITS + i, (size_t)rand() % 2,
						rand() % 2, rand() % 6 };
	}
	return n;
}

static void random_spec(void)
{
	static char *by[] = { (char *)"source.ip" }, *fields[] = { (char *)"network.bytes" };
	static const enum correlation_type types[] = {
		CORRELATION_EVENT_COUNT, CORRELATION_VALUE_COUNT, CORRELATION_TEMPORAL,
		CORRELATION_TEMPORAL_ORDERED, CORRELATION_VALUE_SUM, CORRELATION_VALUE_AVG,
		CORRELATION_VALUE_PERCENTILE, CORRELATION_VALUE_MEDIAN,
	};
	enum correlation_type type = types[rand() % 8];
	enum compare compare = (enum compare)(rand() % 6);
	bool temporal = type == CORRELATION_TEMPORAL || type == CORRELATION_TEMPORAL_ORDERED;
	bool value = !temporal && type != CORRELATION_EVENT_COUNT;

	counted = (struct rule_info){ .index = 2, .id = (char *)"c", .name = (char *)"c" };
	counted.correlation = (struct correlation_spec){
		.type = type, .rules = members, .n_rules = 2, .group_by = { .at = by, .n = 1, .cap = 1 },
		.timespan = 1 + rand() % 20, .limits = { { compare, 1 + rand() % 5 } },
		.n_limits = !temporal, .percentile = -1,
	};
	if (value)
		counted.correlation.fields = (struct strlist){ .at = fields, .n = 1, .cap = 1 };
	if (type == CORRELATION_VALUE_PERCENTILE && rand() % 2)
		counted.correlation.percentile = rand() % 101;
	else if (type == CORRELATION_VALUE_PERCENTILE)
		counted.correlation.limits[0].value *= 12;	/* a share */
	if (type == CORRELATION_VALUE_MEDIAN)
		counted.correlation.percentile = 50;
	counted.correlation.deferred = type >= CORRELATION_VALUE_AVG ||
				       (!temporal && compare != COMPARE_GTE && compare != COMPARE_GT);
}

static void random_stream(struct one *out)
{
	int64_t time = 1000;

	for (size_t i = 0; i < HITS; i++) {
		time += rand() % 3 ? rand() % 4 : rand() % 30;
		out[i] = (struct one){ time, i, (size_t)rand() % 2, rand() % 2, rand() % 6 };
	}
}

/* Each goes back by less than half the lateness: none is late, whatever came before it. */
static void shuffle(struct one *list)
{
	int64_t keys[HITS];

	for (size_t i = 0; i < HITS; i++)
		keys[i] = list[i].time + rand() % (LATENESS / 2);
	for (size_t i = 1; i < HITS; i++)
		for (size_t k = i; k > 0 && keys[k - 1] > keys[k]; k--) {
			struct one one = list[k];
			int64_t key = keys[k];

			list[k] = list[k - 1];
			keys[k] = keys[k - 1];
			list[k - 1] = one;
			keys[k - 1] = key;
		}
}

static bool is_in(int64_t time, int group, bool in_want)
{
	size_t n = in_want ? n_want : n_got;

	for (size_t i = 0; i < n; i++) {
		int64_t other = in_want ? want[i].time : got[i].time;

		if ((in_want ? want[i].group : got[i].group) == group && time - other <= 2 * counted.correlation.timespan &&
		    other - time <= 2 * counted.correlation.timespan)
			return true;
	}
	return false;
}

static void compare_exactly(unsigned seed)
{
	if (n_got != n_want)
		fail_msg("seed %u: type %d fired %zu times, the reference %zu times", seed,
			 counted.correlation.type, n_got, n_want);
	for (size_t i = 0; i < n_want; i++) {
		size_t k = 0;

		while (k < n_got && (got[k].offset != want[i].offset || got[k].time != want[i].time))
			k++;
		if (k == n_got)
			fail_msg("seed %u: type %d did not fire at %lld", seed, counted.correlation.type,
				 (long long)want[i].time);
	}
}

static void test_random_streams_agree_with_the_reference(void **state)
{
	const char *given = getenv("SOKUHO_SEED");
	unsigned first = given ? (unsigned)atoi(given) : 1, rounds = given ? 1 : 4000;
	struct one sorted[HITS], shuffled[HITS], late[HITS * 2];

	(void)state;
	print_message("seeds %u to %u (SOKUHO_SEED=N runs one)\n", first, first + rounds - 1);
	for (unsigned seed = first; seed < first + rounds; seed++) {
		srand(seed);
		random_spec();
		random_stream(sorted);
		qsort(sorted, HITS, sizeof(sorted[0]), by_time);
		n_want = 0;
		reference_group(sorted, HITS, 0);
		reference_group(sorted, HITS, 1);
		stream = sorted;
		n_stream = HITS;
		assert_int_equal(engine_run(), 0);
		compare_exactly(seed);
		memcpy(shuffled, sorted, sizeof(sorted));
		shuffle(shuffled);
		stream = late;
		n_stream = add_late(shuffled, late);
		assert_int_equal(engine_run(), n_stream - HITS);
		if (counted.correlation.deferred) {
			compare_exactly(seed);
			continue;
		}
		/* at once: the same bursts, perhaps by another of their hits */
		for (size_t i = 0; i < n_want; i++)
			if (!is_in(want[i].time, want[i].group, false))
				fail_msg("seed %u: shuffled, nothing fired near %lld", seed, (long long)want[i].time);
		for (size_t i = 0; i < n_got; i++)
			if (!is_in(got[i].time, got[i].group, true))
				fail_msg("seed %u: shuffled, fired near %lld alone", seed, (long long)got[i].time);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_fire_once_for_each_group_and_window),
		cmocka_unit_test(test_large_counts_keep_the_first_lines_and_the_last),
		cmocka_unit_test(test_a_sequence_is_found_among_many_late_hits),
		cmocka_unit_test(test_the_largest_count_is_reached_behind_older_hits),
		cmocka_unit_test(test_a_sum_survives_a_far_greater_one),
		cmocka_unit_test(test_the_timespan_is_a_bound),
		cmocka_unit_test(test_distinct_values_count_and_hosts_are_told),
		cmocka_unit_test(test_temporal_wants_every_rule_in_any_order),
		cmocka_unit_test(test_arrival_within_lateness_does_not_matter),
		cmocka_unit_test(test_what_is_late_is_counted_and_left_alone),
		cmocka_unit_test(test_groups_are_bounded_and_the_loss_is_counted),
		cmocka_unit_test(test_open_groups_survive_as_json),
		cmocka_unit_test(test_random_streams_agree_with_the_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
