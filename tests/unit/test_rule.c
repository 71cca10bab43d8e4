/* The rule language: what matches, and what is said of what is wrong. */
#include "check.h"

#include "base/mem.h"
#include "match/rule.h"

#include <string.h>

static const char head[] = "title: t\nid: 7c1f0c52-6f6e-4d0e-9d0a-5c6b7f8e9a01\nlogsource: {category: x}\n";

static struct rule *load(const char *detection, struct problems *problems, struct yaml **yaml)
{
	struct text text = { 0 };
	struct rule *rule = NULL;

	text_addf(&text, "%s%s", head, detection);
	*yaml = yaml_parse("r.yaml", text_slice(&text), problems);
	if (*yaml)
		rule = rule_load(*yaml, (*yaml)->documents[0], NULL, problems);
	text_clear(&text);
	return rule;
}

static void test_detections_match_as_the_specification_says(void **state)
{
	static const struct { const char *detection; bool want; } cases[] = {
		{ "detection: {a: {user: root}, condition: a}", true },
		{ "detection: {a: {user: ROOT}, condition: a}", true },
		{ "detection: {a: {user|cased: ROOT}, condition: a}", false },
		{ "detection: {a: {user: ro*}, condition: a}", true },
		{ "detection: {a: {user: r??t, port: 22}, condition: a}", true },
		{ "detection: {a: {user: root, port: 23}, condition: a}", false },
		{ "detection: {a: [{user: nobody}, {port: 22}], condition: a}", true },
		{ "detection: {a: {user: [x, root]}, condition: a}", true },
		{ "detection: {a: {path|contains|all: [etc, shadow]}, condition: a}", true },
		{ "detection: {a: {path|contains|all: [etc, nothing]}, condition: a}", false },
		{ "detection: {a: {path|startswith: /etc}, condition: a}", true },
		{ "detection: {a: {path|endswith: DOW}, condition: a}", true },
		{ "detection: {a: {path|re: '^/etc/(?P<file_name>\\w+)$'}, condition: a}", true },
		{ "detection: {a: {path|re: '^/ETC'}, condition: a}", false },
		{ "detection: {a: {path|re|i: '^/ETC'}, condition: a}", true },
		{ "detection: {a: {ip|cidr: 10.0.0.0/8}, condition: a}", true },
		{ "detection: {a: {ip|cidr: [192.0.2.0/24, '2001:db8::/32']}, condition: a}", false },
		{ "detection: {a: {port|gte: 22, port|lt: 23}, condition: a}", true },
		{ "detection: {a: {port|gt: 22}, condition: a}", false },
		{ "detection: {a: {none|exists: false, user|exists: true}, condition: a}", true },
		{ "detection: {a: {none: null}, condition: a}", true },
		{ "detection: {a: {user: null}, condition: a}", false },
		{ "detection: {a: {empty: ''}, condition: a}", true },
		{ "detection: {a: {user: ''}, condition: a}", false },
		{ "detection: {a: [raw words], condition: a}", true },
		{ "detection: {a: ['no such'], condition: a}", false },
		{ "detection: {a: {user: x}, b: {port: 22}, condition: not a and b}", true },
		{ "detection: {a: {user: x}, b: {port: 22}, condition: a or b}", true },
		{ "detection: {a: {user: x}, b: {port: 22}, condition: not (a or b)}", false },
		{ "detection: {s1: {user: x}, s2: {port: 22}, condition: 1 of s*}", true },
		{ "detection: {s1: {user: x}, s2: {port: 22}, condition: all of s*}", false },
		{ "detection: {s1: {user: root}, s2: {port: 22}, condition: all of them}", true },
		{ "detection: {s1: {user: x}, _h: {port: 22}, condition: 1 of them}", false },
		{ "detection: {a: {tags: two}, condition: a}", true },
		{ "detection: {a: {USER: root}, condition: a}", true },
	};
	static const struct { const char *name, *value; enum value_type type; } fields[] = {
		{ "user", "root", VALUE_STRING }, { "port", "22", VALUE_NUMBER },
		{ "path", "/etc/shadow", VALUE_STRING }, { "ip", "10.1.2.3", VALUE_STRING },
		{ "empty", "", VALUE_STRING }, { "tags", "one", VALUE_STRING },
		{ "tags", "two", VALUE_STRING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = { 0 };
		struct record r = { .arena = arena_new(), .raw = SLICE("some raw words here") };
		struct yaml *yaml;
		struct rule *rule = load(cases[i].detection, &problems, &yaml);
		struct hit hit;

		if (!rule || problems.errors)
			fail_msg("%s: %s", cases[i].detection, problems.n ? problems.at[0].text : "?");
		for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++)
			record_add(&r, slice_of(fields[k].name), slice_of(fields[k].value),
				   fields[k].type, false);
		if (rule_matches(rule, &r, &hit) != cases[i].want)
			fail_msg("%s", cases[i].detection);
		rule_free(rule);
		yaml_free(yaml);
		problems_clear(&problems);
		arena_free(r.arena);
	}
}

static void test_faults_are_said_with_their_place(void **state)
{
	static const struct { const char *text; int line; const char *word; } cases[] = {
		{ "detection:\n  a: {u|contain: x}\n  condition: a\n", 5, "did you mean 'contains'" },
		{ "detection:\n  a: {u: x}\n  condition: b\n", 6, "'b', which is not defined" },
		{ "detection:\n  a: {u: x}\n  condition: a and (a\n", 6, "closing bracket" },
		{ "detection:\n  a: {u|re: '('}\n  condition: a\n", 5, "does not compile" },
		{ "detection:\n  a: {u|re: 'x*'}\n  condition: a\n", 5, "empty string" },
		{ "detection:\n  a: {u|cidr: 10.0.0.0/64}\n  condition: a\n", 5, "no network" },
		{ "detection:\n  a: {u|i: x}\n  condition: a\n", 5, "only after 're'" },
		{ "detection:\n  a: {u|gt: many}\n  condition: a\n", 5, "no number" },
		{ "detection:\n  a: {u|contains: ''}\n  condition: a\n", 5, "match everything" },
		{ "detection:\n  a: {u: x}\n  condition: 1 of z*\n", 6, "fits 'z*'" },
		{ "detection: {a: {u: x}, condition: a}\nnotice: {clause: [4]}\n", 5, "did you mean 'clauses'" },
		{ "detection: {a: {u: x}, condition: a}\nincident: {within: soon}\n", 5, "no duration" },
		{ "detection: {a: {u: x}, condition: a}\nstatus: stable\nnotice: {clauses: ['4'], fact: infection}\n", 1, "needs `tests`" },
		{ "detection: {a: {u: x}}\n", 4, "condition" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = { 0 };
		struct yaml *yaml;
		struct rule *rule = load(cases[i].text, &problems, &yaml);
		bool found = false;

		for (size_t k = 0; k < problems.n; k++)
			found = found || (problems.at[k].line == cases[i].line && problems.at[k].col > 0 &&
					  strstr(problems.at[k].text, cases[i].word));
		if (!found)
			fail_msg("%s: line %d %s", cases[i].text, problems.n ? problems.at[0].line : 0,
				 problems.n ? problems.at[0].text : "no fault at all");
		rule_free(rule);
		yaml_free(yaml);
		problems_clear(&problems);
	}
}

static void test_named_groups_become_fields(void **state)
{
	struct problems problems = { 0 };
	struct record r = { .arena = arena_new(), .raw = SLICE("x") };
	struct yaml *yaml;
	struct rule *rule = load("detection: {a: {p|re: '^/m/(?P<file_name>.+)$'}, condition: a}",
				 &problems, &yaml);
	struct hit hit;

	(void)state;
	record_add(&r, SLICE("p"), SLICE("/m/evil.exe"), VALUE_STRING, false);
	assert_true(rule_matches(rule, &r, &hit));
	assert_int_equal(hit.n_captures, 1);
	assert_string_equal(hit.captures[0].name, "file.name");
	assert_true(slice_is(hit.captures[0].value, "evil.exe"));
	rule_free(rule);
	yaml_free(yaml);
	problems_clear(&problems);
	arena_free(r.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_detections_match_as_the_specification_says),
		cmocka_unit_test(test_faults_are_said_with_their_place),
		cmocka_unit_test(test_named_groups_become_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
