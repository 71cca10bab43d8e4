/* The rule language: what matches, and what is said of what is wrong. */
#include "check.h"

#include "base/mem.h"
#include "match/rule.h"

#include <string.h>

static const char head[] = "title: t\nid: 7c1f0c52-6f6e-4d0e-9d0a-5c6b7f8e9a01\nlogsource: {category: x}\n";

static char *admin_values[] = { "adm_*", "root" };
static const struct list_conf admins = { "admins", { .at = admin_values, .n = 2, .cap = 2 } };

static struct rule *load(const char *detection, struct problems *problems, struct yaml **yaml)
{
	struct text text = { 0 };
	struct rule *rule = NULL;

	text_addf(&text, "%s%s", head, detection);
	*yaml = yaml_parse("r.yaml", text_slice(&text), problems);
	if (*yaml)
		rule = rule_load(*yaml, (*yaml)->documents[0],
				 &(struct rule_context){ .search = { .lists = &admins, .n_lists = 1 },
							 .formats = (const char *const[]){ "cef", "syslog", NULL } },
				 problems);
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
		{ "detection: {a: {b64|base64: cmd}, condition: a}", true },
		{ "detection: {a: {b64|cased|base64: CMD}, condition: a}", false },
		{ "detection: {a: {shift0|base64offset|contains: 'IEX (New'}, condition: a}", true },
		{ "detection: {a: {shift1|base64offset|contains: 'IEX (New'}, condition: a}", true },
		{ "detection: {a: {shift2|base64offset|contains: 'IEX (New'}, condition: a}", true },
		{ "detection: {a: {shift2|base64offset|contains: 'IEX (Old'}, condition: a}", false },
		{ "detection: {a: {wideb64|wide|base64offset|contains: spin.aspx}, condition: a}", true },
		{ "detection: {a: {wideb64|utf16|base64offset|contains: spin.aspx}, condition: a}", false },
		{ "detection: {a: {le|utf16le: cmd}, condition: a}", true },
		{ "detection: {a: {le|wide|contains: m}, condition: a}", true },
		{ "detection: {a: {be|utf16be: cmd}, condition: a}", true },
		{ "detection: {a: {bom|utf16: cmd}, condition: a}", true },
		{ "detection: {a: {le|utf16: cmd}, condition: a}", false },
		{ "detection: {a: {cli|windash|contains: ' -enc '}, condition: a}", true },
		{ "detection: {a: {cli|contains: ' -enc '}, condition: a}", false },
		{ "detection: {a: {cli|windash|contains|all: [' -enc ', ' -w hidden']}, condition: a}", true },
		{ "detection: {a: {cli|windash|contains|all: [' -enc ', ' -x']}, condition: a}", false },
		{ "detection: {a: {cli|windash|contains: 'a-enc'}, condition: a}", false },
		{ "detection: {a: {user|fieldref: owner}, condition: a}", true },
		{ "detection: {a: {user|cased|fieldref: owner}, condition: a}", false },
		{ "detection: {a: {user|fieldref: path}, condition: a}", false },
		{ "detection: {a: {user|fieldref|neq: path}, condition: a}", true },
		{ "detection: {a: {mail|fieldref|startswith: user}, condition: a}", true },
		{ "detection: {a: {user|neq: root}, condition: a}", false },
		{ "detection: {a: {user|neq: [nobody, daemon]}, condition: a}", true },
		{ "detection: {a: {ip|cidr|neq: 10.0.0.0/8}, condition: a}", false },
		{ "detection: {a: {when|hour: 23}, condition: a}", true },
		{ "detection: {a: {when|hour|gte: 22, when|minute|lt: 6}, condition: a}", true },
		{ "detection: {a: {when|day: 29, when|month: 2, when|year: 2024, when|week: 9}, condition: a}", true },
		{ "detection: {a: {when|week: 10}, condition: a}", false },
		{ "detection: {a: {user|hour: 3}, condition: a}", false },
		{ "detection: {a: {float: 7}, condition: a}", true },
		{ "detection: {a: {float: 70}, condition: a}", false },
		{ "detection: {a: {zeros: 22}, condition: a}", true },
		{ "detection: {a: {port: '022'}, condition: a}", false },
		{ "detection: {a: {star: 'a\\*b'}, condition: a}", true },
		{ "detection: {a: {path: 'a\\*b'}, condition: a}", false },
		{ "detection: {a: {slash: 'c:\\x'}, condition: a}", true },
		{ "detection: {a: {slash: 'c:\\\\*'}, condition: a}", true },
		{ "detection: {a: {null: null, user: [x, root]}, condition: a}", true },
		{ "detection: {a: {nothing: null}, b: {nothing: ''}, condition: a and not b}", true },
		{ "detection: {a: {nothing|exists: true}, condition: a}", true },
		{ "detection: {a: {'|all': [raw, words]}, condition: a}", true },
		{ "detection: {a: {'|all': [raw, no-such]}, condition: a}", false },
		{ "detection: {a: {'|re': 'r.w w'}, condition: a}", true },
		{ "detection: {a: {'|cased': [RAW]}, condition: a}", false },
		{ "detection: {a: {user|expand: '%admins%'}, condition: a}", true },
		{ "detection: {a: {mail|expand: '%admins%@*'}, condition: a}", true },
		{ "detection: {a: {user|expand: '%nobody%'}, condition: a}", false },
		{ "detection: {a: {user|expand: '%nobody%'}, condition: not a}", true },
		{ "detection: {a: {percent|expand: '5\\%'}, condition: a}", true },
		{ "detection: {a: {user: x}, b: {port: 22}, condition: [a, b]}", true },
		{ "detection: {a: {user: x}, b: {port: 22}, c: {ip: 1}, condition: b or a and c}", true },
		{ "detection: {a: {user: x}, b: {port: 22}, condition: not a or (not (b))}", true },
	};
	static const struct { const char *name; struct slice value; enum value_type type; } fields[] = {
		{ "user", { "root", sizeof("root") - 1 }, VALUE_STRING }, { "port", { "22", sizeof("22") - 1 }, VALUE_NUMBER },
		{ "path", { "/etc/shadow", sizeof("/etc/shadow") - 1 }, VALUE_STRING }, { "ip", { "10.1.2.3", sizeof("10.1.2.3") - 1 }, VALUE_STRING },
		{ "empty", { "", sizeof("") - 1 }, VALUE_STRING }, { "tags", { "one", sizeof("one") - 1 }, VALUE_STRING },
		{ "tags", { "two", sizeof("two") - 1 }, VALUE_STRING },
		{ "b64", { "Y21k", sizeof("Y21k") - 1 }, VALUE_STRING }, { "shift0", { "IElFWCAoTmV3IHRhaWw=", sizeof("IElFWCAoTmV3IHRhaWw=") - 1 }, VALUE_STRING },
		{ "shift1", { "eCBJRVggKE5ldyB0YWls", sizeof("eCBJRVggKE5ldyB0YWls") - 1 }, VALUE_STRING },
		{ "shift2", { "eHggSUVYIChOZXcgdGFpbA==", sizeof("eHggSUVYIChOZXcgdGFpbA==") - 1 }, VALUE_STRING },
		{ "wideb64", { "ZQBjAGgAbwAgAHMAcABpAG4ALgBhAHMAcAB4AA==", sizeof("ZQBjAGgAbwAgAHMAcABpAG4ALgBhAHMAcAB4AA==") - 1 }, VALUE_STRING },
		{ "le", { "c\0m\0d\0", sizeof("c\0m\0d\0") - 1 }, VALUE_STRING }, { "be", { "\0c\0m\0d", sizeof("\0c\0m\0d") - 1 }, VALUE_STRING },
		{ "bom", { "\xff\xfe\x63\0m\0d\0", sizeof("\xff\xfe\x63\0m\0d\0") - 1 }, VALUE_STRING },
		{ "cli", { "ps.exe /enc QQ== \xe2\x80\x93w hidden", sizeof("ps.exe /enc QQ== \xe2\x80\x93w hidden") - 1 }, VALUE_STRING },
		{ "owner", { "ROOT", sizeof("ROOT") - 1 }, VALUE_STRING }, { "mail", { "root@example.jp", sizeof("root@example.jp") - 1 }, VALUE_STRING },
		{ "when", { "2024-02-29 23:05:06+09:00", sizeof("2024-02-29 23:05:06+09:00") - 1 }, VALUE_STRING }, { "float", { "7.00", sizeof("7.00") - 1 }, VALUE_NUMBER },
		{ "star", { "a*b", sizeof("a*b") - 1 }, VALUE_STRING }, { "slash", { "c:\\x", sizeof("c:\\x") - 1 }, VALUE_STRING },
		{ "nothing", { "", 0 }, VALUE_NULL }, { "zeros", { "0022", 4 }, VALUE_STRING }, { "percent", { "5%", sizeof("5%") - 1 }, VALUE_STRING },
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
			record_add(&r, slice_of(fields[k].name), fields[k].value,
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
		{ "detection:\n  a: {u|base64: 'x*'}\n  condition: a\n", 5, "wildcard" },
		{ "detection:\n  a: {u|contains|re: x}\n  condition: a\n", 5, "'re' cannot follow 'contains'" },
		{ "detection:\n  a: {u|exists|all: true}\n  condition: a\n", 5, "'all' cannot follow 'exists'" },
		{ "detection:\n  a: {u|contains|base64: x}\n  condition: a\n", 5, "cannot follow" },
		{ "detection:\n  a: {u|windash: '-a -b -c -d -e'}\n  condition: a\n", 5, "too many flags" },
		{ "detection:\n  a: {u|hour: noon}\n  condition: a\n", 5, "no number" },
		{ "detection:\n  a: {'|cidr': 10.0.0.0/8}\n  condition: a\n", 5, "needs a field" },
		{ "detection:\n  a: {u|expand: '%adminz%'}\n  condition: a\n", 5, "no list 'adminz'" },
		{ "detection:\n  a: {u|wide|lt: 5}\n  condition: a\n", 5, "cannot follow" },
		{ "detection:\n  a: {u: x}\n  condition: 1 of z*\n", 6, "fits 'z*'" },
		{ "detection:\n  a: {u: x}\n  condition: 2 of a*\n", 6, "only `1 of` and `all of`" },
		{ "correlation: {type: event_counts, rules: [x], timespan: 5m, condition: {gte: 1}}\n", 4, "did you mean 'event_count'" },
		{ "correlation: {type: value_sum, rules: [x], timespan: 5m, condition: {gte: 1}}\n", 4, "needs `field`" },
		{ "correlation: {type: event_count, rules: [x], timespan: soon, condition: {gte: 1}}\n", 4, "no duration" },
		{ "correlation: {type: event_count, rules: [x], timespan: 5m, condition: {gte: -1}}\n", 4, "no count" },
		{ "correlation: {type: event_count, rules: [x], timespan: 5m, condition: {gte: 100000}}\n", 4, "less than 100000" },
		{ "correlation: {type: event_count, rules: [x], timespan: 5m, condition: {gtee: 1}}\n", 4, "did you mean 'gte'" },
		{ "correlation: {type: temporal, rules: [x], timespan: 5m, condition: a and b}\n", 4, "is a map" },
		{ "correlation: {type: value_percentile, rules: [x], timespan: 5m, condition: {field: f, gte: 1, percentile: 101}}\n", 4, "0 to 100" },
		{ "detection: {a: {u: x}, condition: a}\nnotice: {clause: [4]}\n", 5, "did you mean 'clauses'" },
		{ "detection: {a: {u: x}, condition: a}\nincident: {within: soon}\n", 5, "no duration" },
		{ "detection: {a: {u: x}, condition: a}\nstatus: stable\nnotice: {clauses: ['4'], fact: infection}\n", 1, "needs `tests`" },
		{ "detection: {a: {u: x}}\n", 4, "condition" },
		{ "detection: {a: {u: x}, condition: ''}\n", 4, "the condition ends" },
		{ "detection: {a: {u: x}, condition: }\n", 4, "needs `detection` with a `condition`" },
		{ "detection:\n  a: {'u|': x}\n  condition: a\n", 5, "unknown modifier ''" },
		{ "correlation: {type: event_count, rules: [x], timespan: 0s, condition: {gte: 1}}\n", 4, "no duration" },
		{ "correlation: {type: event_count, rules: [x], group-by: {a: b}, timespan: 5m, condition: {gte: 1}}\n", 4, "is a list of fields" },
		{ "detection: {a: {u: x}, condition: a}\ntests: [{lines: [{line: x}], expect: {match: no}}]\n", 5, "`match` is true or false" },
		{ "detection: {a: {u: x}, condition: a}\ntests: [{lines: [{line: x}], expect: {clauses: ['4']}}]\n", 5, "unknown key 'clauses'" },
		{ "detection: {a: {u: x}, condition: a}\ntests: [{lines: [{line: x, format: cef}, {line: x, format: sylog}]}]\n", 5,
		  "unknown format 'sylog'; did you mean 'syslog'?" },
		{ "detection: {a: {u: x}, condition: a}\ntests: [{lines: [{line: x, format: [cef]}]}]\n", 5, "unknown format" },
		{ "detection: {a: {u: x}, condition: a}\nlevel: hihg\n", 5, "did you mean 'high'" },
		{ "detection: {a: {u: x}, condition: a}\nstatus: stabel\n", 5, "did you mean 'stable'" },
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
