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
	static char *by[] = { (char *)"source.ip" };

	memset(&fired, 0, sizeof(fired));
	counted = (struct rule_info){ .index = 2, .id = (char *)"c", .name = (char *)"c" };
	counted.correlation = (struct correlation_spec){
		.type = type, .rules = members, .n_rules = type == CORRELATION_TEMPORAL ? 2 : 1,
		.group_by = { by, 1, 1 }, .timespan = 5 * MINUTE, .count = count, .compare = COMPARE_GTE,
		.field = (char *)field,
	};
	return correlations_new(rules, 3, 10 * MINUTE, 100, on_fired, NULL);
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
	assert_int_equal(stats.groups, 100);
	assert_int_equal(stats.dropped, 150);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_fire_once_for_each_group_and_window),
		cmocka_unit_test(test_the_timespan_is_a_bound),
		cmocka_unit_test(test_distinct_values_count_and_hosts_are_told),
		cmocka_unit_test(test_temporal_wants_every_rule_in_any_order),
		cmocka_unit_test(test_arrival_within_lateness_does_not_matter),
		cmocka_unit_test(test_what_is_late_is_counted_and_left_alone),
		cmocka_unit_test(test_groups_are_bounded_and_the_loss_is_counted),
		cmocka_unit_test(test_open_groups_survive_as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
