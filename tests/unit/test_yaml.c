/* YAML with places: what people write wrong is said with line and column. */
#include "check.h"

#include "settings/yaml.h"

#include <string.h>

static void test_faults_have_line_and_column(void **state)
{
	static const struct { const char *text; int line, col; const char *word; } cases[] = {
		{ "a: 1\nb: 2\na: 3\n", 3, 1, "stands twice" },
		{ "a: [1, 2\nb: 3\n", 2, 0, "not valid YAML" },
		{ "a: *x\n", 1, 4, "aliases" },
		{ "? [1]\n: 2\n", 1, 3, "key must be a word" },
		{ "\tx: 1\n", 1, 0, "not valid YAML" },
		{ "a: 1\nb: \x8c\x9f\n", 2, 4, "save the file as UTF-8" },
		{ "a: 1\r\nb: x\ay\r\n", 2, 5, "control characters" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = { 0 };

		assert_null(yaml_parse("t.yaml", slice_of(cases[i].text), &problems));
		assert_true(problems.n >= 1);
		assert_int_equal(problems.at[0].line, cases[i].line);
		if (cases[i].col)
			assert_int_equal(problems.at[0].col, cases[i].col);
		assert_non_null(strstr(problems.at[0].text, cases[i].word));
		problems_clear(&problems);
	}
}

static void test_depth_is_bounded(void **state)
{
	char text[400];
	struct problems problems = { 0 };

	(void)state;
	memset(text, '[', 200);
	memset(text + 200, ']', 199);
	text[399] = '\0';
	assert_null(yaml_parse("deep", slice_of(text), &problems));
	assert_non_null(strstr(problems.at[0].text, "deeply"));
	problems_clear(&problems);
}

static void test_values_are_found_and_typed(void **state)
{
	struct problems problems = { 0 };
	struct yaml *yaml = yaml_parse("t", SLICE("a: {b: yes, c: '', d: ~, e: [1, 'null']}\n---\nx: 1\n"),
				       &problems);
	const struct node *a;
	bool flag;

	(void)state;
	assert_non_null(yaml);
	assert_int_equal(yaml->n, 2);
	a = node_get(yaml->documents[0], "a");
	assert_string_equal(node_get_text(a, "b"), "yes");
	assert_false(node_bool(node_get(a, "b"), &flag));
	assert_string_equal(node_get_text(a, "c"), "");
	assert_null(node_get_text(a, "d"));
	assert_true(node_has(node_get(a, "e"), "null"));
	assert_int_equal(node_count(node_get(a, "e")), 2);
	assert_int_equal(node_get(a, "e")->line, 1);
	yaml_free(yaml);
	problems_clear(&problems);
}

static void test_a_byte_order_mark_is_skipped(void **state)
{
	struct problems problems = { 0 };
	struct yaml *yaml = yaml_parse("t", SLICE("\xef\xbb\xbf" "a: 1\nb: 2\n"), &problems);

	(void)state;
	assert_non_null(yaml);
	assert_string_equal(node_get_text(yaml->documents[0], "a"), "1");
	yaml_free(yaml);
}

static void test_an_unknown_key_names_its_neighbour(void **state)
{
	static const char *const keys[] = { "clauses", "fact", "shows" };
	struct problems problems = { 0 };
	struct yaml *yaml = yaml_parse("t", SLICE("clause: 1\n"), &problems);

	(void)state;
	node_check_keys(yaml, yaml->documents[0], "notice", keys, 3, &problems);
	assert_int_equal(problems.errors, 1);
	assert_non_null(strstr(problems.at[0].text, "did you mean 'clauses'?"));
	yaml_free(yaml);
	problems_clear(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults_have_line_and_column),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_values_are_found_and_typed),
		cmocka_unit_test(test_a_byte_order_mark_is_skipped),
		cmocka_unit_test(test_an_unknown_key_names_its_neighbour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
