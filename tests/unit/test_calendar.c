/* Days off of the offices: every vector of the calendar data, and the hours. */
#include "check.h"

#include "base/clock.h"
#include "draft/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct yaml *file;
static struct notice notice;

static int setup(void **state)
{
	struct problems problems = { 0 };
	char path[1024];

	(void)state;
	snprintf(path, sizeof(path), "%s/notice/r2-4608/office-calendar.yaml", getenv("SOKUHO_DATA_DIR"));
	file = yaml_load(path, &problems);
	notice.calendar = file ? file->documents[0] : NULL;
	return file ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	yaml_free(file);
	return 0;
}

static void test_every_vector_of_the_data_holds(void **state)
{
	const struct node *vectors = node_get(file->documents[0], "test_vectors");

	(void)state;
	assert_true(node_count(vectors) > 20);
	for (size_t i = 0; i < node_count(vectors); i++) {
		const char *date = node_get_text(node_item(vectors, i), "date");
		bool want = false;
		int y, m, d;

		node_bool(node_get(node_item(vectors, i), "day_off"), &want);
		assert_int_equal(sscanf(date, "%d-%d-%d", &y, &m, &d), 3);
		if (calendar_is_day_off(&notice, y, m, d, NULL) != want)
			fail_msg("%s: %s", date, want ? "is a day off" : "is a working day");
	}
}

/* As the Cabinet Office writes it, in CP932: 2026/11/24,勤労感謝の日 (moved by an invented law). */
static void test_the_sites_table_prevails_for_its_years(void **state)
{
	static const char csv[] = "\x8d\x91\x96\xaf,x\r\n2026/11/24,\x8b\xce\x98\x4a\x8a\xb4\x8e\xd3\x82\xcc\x93\xfa\r\n";
	char path[] = "/tmp/sokuho-holidays-XXXXXX";
	struct notice site = notice;
	struct problems problems = { 0 };
	const char *why = NULL;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, csv, sizeof(csv) - 1), sizeof(csv) - 1);
	close(fd);
	notice_load_site(&site, NULL, path, &problems);
	unlink(path);
	assert_int_equal(problems.n, 0);
	assert_true(calendar_is_day_off(&site, 2026, 11, 24, &why));
	assert_string_equal(why, "勤労感謝の日");
	assert_false(calendar_is_day_off(&site, 2026, 11, 23, &why));
	assert_true(calendar_is_day_off(&site, 2026, 11, 22, &why));	/* a Sunday is none of its business */
	assert_true(calendar_is_day_off(&site, 2027, 11, 23, &why));	/* a year it does not know is computed */
	notice_free_site(&site);
	notice_load_site(&site, NULL, "/nowhere", &problems);
	assert_int_equal(problems.errors, 1);
	problems_clear(&problems);
}

static void test_office_hours_are_those_of_japan(void **state)
{
	static const struct { const char *time; bool want; } cases[] = {
		{ "2026-06-15T09:29:59+09:00", false }, { "2026-06-15T09:30:00+09:00", true },
		{ "2026-06-15T16:59:59+09:00", true },	{ "2026-06-15T17:00:00+09:00", false },
		{ "2026-06-15T01:00:00+00:00", true },	{ "2026-06-14T12:00:00+09:00", false },
		{ "2026-12-31T12:00:00+09:00", false },
	};
	struct config *config = config_default();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = NULL;
		int64_t t;

		assert_int_equal(time_parse_argument(cases[i].time, OFFSET_JST, &t, NULL), 0);
		if (calendar_is_open(&notice, config, t, &why) != cases[i].want)
			fail_msg("%s", cases[i].time);
	}
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_vector_of_the_data_holds),
		cmocka_unit_test(test_the_sites_table_prevails_for_its_years),
		cmocka_unit_test(test_office_hours_are_those_of_japan),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
