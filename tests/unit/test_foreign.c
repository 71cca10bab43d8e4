/* What rules mean that have no notice of their own. */
#include "check.h"

#include "match/foreign.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char data[] =
	"rows:\n"
	"  - {logsource: {category: antivirus}, clauses: ['4'], fact: infection, shows: event}\n"
	"  - {tags: [attack.t1091], clauses: [3-a], fact: infection, shows: hint}\n"
	"  - {tags: [attack.t1059, attack.execution], logsource: {product: windows}, clauses: [1-shi], fact: unauthorised_access, shows: hint}\n";

static struct foreign *load(const char *text, struct problems *problems)
{
	char path[] = "/tmp/sokuho-foreign-XXXXXX";
	struct foreign *foreign;

	check_file(path, text);
	foreign = foreign_load(path, NULL, problems);
	unlink(path);
	return foreign;
}

static void test_the_first_row_that_fits_gives_the_meaning(void **state)
{
	static const struct {
		const char *tags;
		struct logsource logsource;
		const char *severity, *clause;
		enum level cap;
		enum shows shows;
	} cases[] = {
		{ "[attack.t1091]", { "antivirus", NULL, NULL }, "high", "4", LEVEL_REPORT, SHOWS_EVENT },
		{ "[cve.1, attack.t1091]", { NULL, "windows", NULL }, "medium", "3-a", LEVEL_REPORT, SHOWS_HINT },
		{ "[attack.t1059.001]", { NULL, "windows", NULL }, "critical", "1-shi", LEVEL_REPORT, SHOWS_HINT },
		{ "[attack.t10591]", { NULL, "windows", NULL }, "high", NULL, LEVEL_RECORD, SHOWS_EVENT },
		{ "[attack.t1059]", { NULL, "linux", NULL }, "high", NULL, LEVEL_RECORD, SHOWS_EVENT },
		{ "[attack.t1091]", { NULL, NULL, NULL }, "low", "3-a", LEVEL_RECORD, SHOWS_HINT },
		{ "[attack.t1091]", { NULL, NULL, NULL }, "informational", "3-a", LEVEL_RECORD, SHOWS_HINT },
		{ "[]", { NULL, NULL, NULL }, "high", NULL, LEVEL_RECORD, SHOWS_EVENT },
	};
	struct problems problems = { 0 };
	struct foreign *foreign = load(data, &problems);

	(void)state;
	assert_non_null(foreign);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct yaml *yaml = yaml_parse("t", slice_of(cases[i].tags), &problems);
		struct meaning m = { .cap = LEVEL_REPORT };

		foreign_apply(foreign, yaml->documents[0], &cases[i].logsource, cases[i].severity, &m);
		assert_int_equal(m.cap, cases[i].cap);
		assert_int_equal(m.borrowed, cases[i].clause != NULL);
		assert_int_equal(m.shows, cases[i].shows);
		if (cases[i].clause)
			assert_string_equal(m.clauses.at[0], cases[i].clause);
		strlist_clear(&m.clauses);
		free(m.fact);
		yaml_free(yaml);
	}
	foreign_free(foreign);
	problems_clear(&problems);
}

static void test_a_row_says_what_it_shows(void **state)
{
	struct problems problems = { 0 };

	(void)state;
	assert_null(load("rows:\n  - {clauses: ['4'], fact: infection}\n", &problems));
	assert_int_equal(problems.at[0].line, 2);
	assert_non_null(strstr(problems.at[0].text, "`shows`"));
	problems_clear(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_row_that_fits_gives_the_meaning),
		cmocka_unit_test(test_a_row_says_what_it_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
