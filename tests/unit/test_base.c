/* The ground that every room stands on: strings, maps, wildcards, time, escaping, patterns. */
#include "check.h"

#include "base/clock.h"
#include "base/dir.h"
#include "base/ecs.h"
#include "base/escape.h"
#include "base/glob.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/problem.h"
#include "base/regex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_wildcards_match_as_sigma_says(void **state)
{
	static const struct { const char *pattern; unsigned open; bool cased; const char *text; bool want; } cases[] = {
		{ "abc", GLOB_WHOLE, false, "ABC", true },
		{ "abc", GLOB_WHOLE, true, "ABC", false },
		{ "abc", GLOB_WHOLE, false, "abcd", false },
		{ "a*c", GLOB_WHOLE, false, "abbbc", true },
		{ "a*c", GLOB_WHOLE, false, "abbbcd", false },
		{ "a?c", GLOB_WHOLE, false, "abc", true },
		{ "a?c", GLOB_WHOLE, false, "ac", false },
		{ "*.exe", GLOB_WHOLE, false, "x.EXE", true },
		{ "\\*x", GLOB_WHOLE, false, "*x", true },
		{ "\\*x", GLOB_WHOLE, false, "ax", false },
		{ "C:\\Windows", GLOB_WHOLE, false, "c:\\windows", true },
		{ "C:\\\\Windows", GLOB_WHOLE, false, "c:\\windows", true },
		{ "bc", GLOB_OPEN_FRONT | GLOB_OPEN_BACK, false, "abcd", true },
		{ "b*d", GLOB_OPEN_FRONT | GLOB_OPEN_BACK, false, "abxxde", true },
		{ "ab", GLOB_OPEN_BACK, false, "abcd", true },
		{ "cd", GLOB_OPEN_FRONT, false, "abcd", true },
		{ "a*b*c", GLOB_WHOLE, false, "aXbYbZc", true },
		{ "*a?", GLOB_WHOLE, false, "aaab", true },
		{ "*a?", GLOB_WHOLE, false, "baa", true },
		{ "*", GLOB_WHOLE, false, "", true },
		{ "**", GLOB_WHOLE, false, "anything", true },
		{ "?*", GLOB_WHOLE, false, "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct glob *glob = glob_new(slice_of(cases[i].pattern), cases[i].open, cases[i].cased);

		if (glob_matches(glob, slice_of(cases[i].text)) != cases[i].want)
			fail_msg("'%s' on '%s'", cases[i].pattern, cases[i].text);
		glob_free(glob);
	}
}

/* What a word list asks before it compares: of random words and texts, none that fits is left out by it. */
static void test_a_text_that_is_matched_holds_the_bytes_of_the_pattern(void **state)
{
	static const char pattern_of[] = "aAbZ@`{0*?", text_of[] = "aAbBzZ@`{[0p";
	unsigned seed = 4609, matched = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char pattern[8] = "", text[12] = "";
		struct glob *glob;

		for (size_t k = 0; k < 2 + (seed >> 24) % 4; k++, seed = seed * 1103515245u + 12345u)
			pattern[k] = pattern_of[(seed >> 16) % (sizeof(pattern_of) - 1)];
		for (size_t k = 0; k < 2 + (seed >> 24) % 8; k++, seed = seed * 1103515245u + 12345u)
			text[k] = text_of[(seed >> 16) % (sizeof(text_of) - 1)];
		glob = glob_new(slice_of(pattern), GLOB_WHOLE, false);
		if (glob_matches(glob, slice_of(text))) {
			matched++;
			if (glob_bytes(glob) & ~glob_bytes_of(slice_of(text)))
				fail_msg("'%s' on '%s'", pattern, text);
		}
		glob_free(glob);
	}
	assert_true(matched > 100);
}

static void test_a_map_keeps_the_order_of_insertion(void **state)
{
	struct map *map = map_new();
	size_t cursor = 0, n = 0;
	struct slice key;
	void *value;
	char name[16];

	(void)state;
	for (uintptr_t i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "k%zu", (size_t)i);
		assert_null(map_put(map, slice_of(name), (void *)(i + 1)));
	}
	assert_ptr_equal(map_remove(map, slice_of("k5")), (void *)6);
	assert_null(map_get(map, slice_of("k5")));
	assert_ptr_equal(map_put(map, slice_of("k7"), (void *)99), (void *)8);
	while (map_next(map, &cursor, &key, &value)) {
		size_t want = n < 5 ? n : n + 1;

		snprintf(name, sizeof(name), "k%zu", want);
		assert_true(slice_is(key, name));
		n++;
	}
	assert_int_equal(n, 999);
	assert_int_equal(map_count(map), 999);
	map_free(map, NULL);
}

static void test_times_are_read_and_written_back(void **state)
{
	static const struct { const char *text, *want; } cases[] = {
		{ "2026-06-01T10:00:00+09:00", "2026-06-01T10:00:00+09:00" },
		{ "2026-06-01T10:00:00.5-03:00", "2026-06-01T10:00:00.500-03:00" },	/* the same second elsewhere */
		{ "2026-06-01T10:00:01Z", "2026-06-01T10:00:01+00:00" },
		{ "2026-06-01T10:00Z", "2026-06-01T10:00:00+00:00" },
		{ "2026-06-01 10:00:00.25Z", "2026-06-01T10:00:00.250+00:00" },
		{ "2026-06-01T10:00:00,123456789+0930", "2026-06-01T10:00:00.123456789+09:30" },
		{ "2026-06-01T10:00:00,0011AABB,5", "2026-06-01T10:00:00+00:00" },	/* the next cell of a CSV */
		{ "2026-06-01T10:00:00,5z", "2026-06-01T10:00:00.500+00:00" },
		{ "2024-02-29T23:59:60-03:30", "2024-03-01T00:00:00-03:30" },
		{ "1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00" },
	};
	static const char *const bad[] = { "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
					   "2026-06-01T24:00:00Z", "yesterday", "", "2026" };
	int64_t time;
	int offset;
	bool has;
	size_t used;
	char out[48];

	(void)state;
	assert_false(time_parse_iso((struct slice){ (const char[64]){ 0 }, 64 }, &time, &offset, &has, &used));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(time_parse_iso(slice_of(cases[i].text), &time, &offset, &has, &used));
		time_format_rfc3339(time, offset, out);
		assert_string_equal(out, cases[i].want);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(time_parse_iso(slice_of(bad[i]), &time, &offset, &has, &used));
}

static void test_zones_know_their_offsets(void **state)
{
	const struct zone *tokyo = zone_find("Asia/Tokyo", NULL), *fixed = zone_find("-03:30", NULL);
	struct err err;
	int64_t t = INT64_C(1780000000) * NS_PER_S;

	(void)state;
	assert_int_equal(zone_offset_at(tokyo, t), 540);
	assert_int_equal(zone_offset_at(fixed, t), -210);
	assert_null(zone_find("Mars/Olympus", &err));
	assert_non_null(strstr(err.text, "Mars/Olympus"));
	assert_null(zone_find("../../etc/passwd", &err));
}

static void test_durations(void **state)
{
	int64_t d;

	(void)state;
	assert_true(duration_parse(SLICE("90s"), &d) && d == 90 * NS_PER_S);
	assert_true(duration_parse(SLICE("24h"), &d) && d == 86400 * NS_PER_S);
	assert_false(duration_parse(SLICE("24"), &d));
	assert_false(duration_parse(SLICE("h"), &d));
	assert_false(duration_parse(SLICE("99999999999999y"), &d));
}

static void test_hostile_bytes_cannot_leave_as_they_are(void **state)
{
	struct text out = { 0 };

	(void)state;
	escape_terminal(SLICE("a\x1b[31m\xff\xe2\x80\xaei"), &out);
	assert_string_equal(out.at, "a\\x1b[31m\\xff\\u{202e}i");
	text_reset(&out);
	escape_html(SLICE("<b>\"&'\x01"), &out);
	assert_string_equal(out.at, "&lt;b&gt;&quot;&amp;&#39;\xef\xbf\xbd");
	text_reset(&out);
	escape_mail_header(SLICE("a\r\nBcc: x@example.com"), &out);
	assert_null(strchr(out.at, '\r'));
	assert_null(strchr(out.at, '\n'));
	text_reset(&out);
	escape_mail_header(SLICE("速報候補"), &out);
	assert_string_equal(out.at, "=?UTF-8?B?6YCf5aCx5YCZ6KOc?=");
	text_reset(&out);
	escape_defang(SLICE("http://evil.example/a.b"), &out);
	assert_string_equal(out.at, "hxxp://evil[.]example/a.b");
	text_clear(&out);
}

static void test_cuts_count_columns_as_shown(void **state)
{
	(void)state;
	assert_int_equal(utf8_width(SLICE("速報a")), 5);
	assert_int_equal(utf8_cut(SLICE("速報a"), 3).len, 3);
	assert_int_equal(utf8_cut(SLICE("速報a"), 4).len, 6);
	assert_false(utf8_valid(SLICE("\xc0\x80")));
	assert_false(utf8_valid(SLICE("\xed\xa0\x80")));
}

static void test_patterns_have_limits_and_places(void **state)
{
	struct regex *regex = NULL;
	struct regex_match match;
	char long_text[4096];
	struct err err;
	unsigned group;

	(void)state;
	assert_int_equal(regex_new(SLICE("(unclosed"), 0, &regex, &err), ERR_CONFIG);
	assert_non_null(strstr(err.text, "character"));
	assert_int_equal(regex_new(SLICE("^(?P<file_path>.+): (\\S+) FOUND$"), 0, &regex, &err), 0);
	assert_int_equal(regex_search(regex, SLICE("/a: b: X FOUND"), &match), 1);
	assert_string_equal(regex_name(regex, 0, &group), "file_path");
	assert_int_equal(match.end[group], 5);
	regex_free(regex);
	assert_int_equal(regex_new(SLICE("^(a+)+$"), 0, &regex, &err), 0);
	memset(long_text, 'a', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = 'b';
	assert_int_equal(regex_search(regex, (struct slice){ long_text, sizeof(long_text) }, NULL),
			 ERR_LIMIT);
	regex_free(regex);
	assert_string_equal(ecs_from_group("file_path"), "file.path");
	assert_string_equal(ecs_from_group("user_agent_original"), "user_agent.original");
	assert_string_equal(ecs_from_group("my_own"), "my_own");
}

static void test_texts_grow_by_numbers_and_lower_case(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_add_lower(&text, SLICE(""));
	text_add_lower(&text, SLICE("Az@[9\xc3\x84"));
	text_add_u64(&text, 0);
	text_add_u64(&text, UINT64_MAX);
	assert_string_equal(text.at, "az@[9\xc3\x84" "018446744073709551615");
	text_clear(&text);
}

/* Eight bytes at a time, or one by one: of all pairs of bytes only the cases of an ASCII letter are the same. */
static void test_case_is_that_of_ascii_letters_alone(void **state)
{
	(void)state;
	for (size_t len = 1; len <= 17; len += 8)
		for (size_t at = 0; at < len; at += 4)
			for (unsigned pair = 0; pair < 0x10000; pair++) {
				unsigned char a[17], b[17], x = (unsigned char)(pair >> 8), y = (unsigned char)pair;
				bool same = x == y || ((x ^ y) == 0x20 && (x | 0x20) >= 'a' && (x | 0x20) <= 'z');

				memset(a, 'q', sizeof(a));
				memset(b, 'Q', sizeof(b));
				a[at] = x;
				b[at] = y;
				if (slice_equal_nocase((struct slice){ (char *)a, len }, (struct slice){ (char *)b, len }) != same)
					fail_msg("%02x and %02x at %zu of %zu", x, y, at, len);
			}
}

static void test_the_hash_does_not_let_parts_run_together(void **state)
{
	struct slice a[] = { SLICE("ab"), SLICE("c") }, b[] = { SLICE("a"), SLICE("bc") };
	char x[65], y[65];

	(void)state;
	hash_sha256_hex(a, 2, 32, x);
	hash_sha256_hex(b, 2, 32, y);
	assert_string_not_equal(x, y);
	assert_int_equal(strlen(x), 64);
}

static void test_a_near_word_is_found(void **state)
{
	static const char *const words[] = { "contains", "startswith", "endswith" };
	char english[HINT_MAX], other[HINT_MAX];

	(void)state;
	assert_int_equal(strlist_nearest(words, 3, "contain"), 0);
	assert_int_equal(strlist_nearest(words, 3, "endswidth"), 2);
	assert_int_equal(strlist_nearest(words, 3, "zzzzzzzzzzzzz"), -1);
	strlist_hint(words, 3, "contain", english, other);
	assert_string_equal(english, "; did you mean 'contains'?");
	assert_string_equal(other, "。'contains' のことか");
	strlist_hint(words, 3, "zzzzzzzzzzzzz", english, other);
	assert_string_equal(english, "");
	assert_string_equal(other, "");
}

static void test_an_error_is_said_in_both_languages(void **state)
{
	static const char *const words[] = { "infection", "communication" };
	char wide[1100];
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, ERR_USAGE, "unknown fact '%.40s'", "infektion"), ERR_USAGE);
	err_hint(&err, words, 2, "infektion");
	assert_string_equal(err.text, "unknown fact 'infektion'; did you mean 'infection'?");
	assert_string_equal(err.japanese, "不明な事実 'infektion'。'infection' のことか");
	err_hint(&err, words, 2, "zzzzzzzzzzzzzzzzzzz");
	assert_string_equal(err.japanese, "不明な事実 'infektion'。'infection' のことか");
	err_set(&err, ERR_USAGE, "--%s is missing: ", "to");
	err_add(&err, "who takes over");
	assert_string_equal(err.text, "--to is missing: who takes over");
	assert_string_equal(err.japanese, "--to がない：引き継ぐ人");
	err_prefix(&err, "position '%s': ", "k");
	assert_string_equal(err.japanese, "");		/* half of it would say less than the English */
	err_set(&err, ERR_IO, "nobody translated %d", 1);
	err_add(&err, "who takes over");
	assert_string_equal(err.text, "nobody translated 1who takes over");
	assert_string_equal(err.japanese, "");
	memset(wide, 'x', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	err_set(&err, ERR_IO, "'%s' is a directory", wide);
	err_add(&err, wide);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(strlen(err.japanese), sizeof(err.japanese) - 1);
	assert_int_equal(err_set(NULL, ERR_IO, "'%s' is a directory", "x"), ERR_IO);
	err_add(NULL, "x");
	err_hint(NULL, words, 2, "infektion");
}

static void test_a_fault_is_said_in_both_languages(void **state)
{
	static const char *const words[] = { "infection", "communication" };
	struct problems problems = { 0 };
	struct text english = { 0 }, other = { 0 };
	char hint[BOTH_MAX], form[BOTH_MAX];
	struct err err;

	(void)state;
	problem_add(&problems, PROBLEM_ERROR, "a", 1, 2, "it names rule '%s', which is not there%s", "x", problem_hint(words, 2, "infektion", hint));
	problem_add(&problems, PROBLEM_WARNING, "a", 3, 4, "%s%s%s: write %s", "b", ".", "c", problem_both("a path", NULL, form));
	problem_add(&problems, PROBLEM_WARNING, "a", 0, 0, "nobody translated %s", problem_both("a path", NULL, form));
	err_set(&err, ERR_CONFIG, "'%s' is a directory", "d");
	problem_add(&problems, PROBLEM_ERROR, "e", 0, 0, "'%s' is empty", problem_err(&err, form));
	problem_add(&problems, PROBLEM_ERROR, "f", 0, 0, "'%s' is empty", "g\x01h\x03i\x02j");	/* shows less, and nothing else */
	problems_print(&problems, false, &english);
	problems_print(&problems, true, &other);
	assert_string_equal(english.at, "a:1:2: error: it names rule 'x', which is not there; did you mean 'infection'?\n"
					"a:3:4: warning: b.c: write a path\n"
					"a: warning: nobody translated a path\n"
					"e: error: ''d' is a directory' is empty\n"
					"f: error: 'ghi\n");
	assert_string_equal(other.at, "a:1:2: エラー: 指している規則 'x' がない。'infection' のことか\n"
				      "a:3:4: 警告: b.c：書けるのは、パス\n"
				      "a: 警告: nobody translated a path\n"
				      "e: エラー: ''d' はディレクトリである' が空\n"
				      "f: エラー: 'gij' が空\n");
	text_clear(&english);
	text_clear(&other);
	problems_clear(&problems);
}

static void test_warnings_that_say_the_same_are_folded(void **state)
{
	struct problems problems = { 0 };

	(void)state;
	problem_add(&problems, PROBLEM_WARNING, "0", 1, 1, "same");
	problem_add(&problems, PROBLEM_WARNING, "a", 1, 1, "same");
	problem_add(&problems, PROBLEM_ERROR, "a", 2, 1, "same");
	problem_add(&problems, PROBLEM_WARNING, "b", 3, 1, "same");
	problem_add(&problems, PROBLEM_WARNING, "c", 4, 1, "other");
	problem_add(&problems, PROBLEM_ERROR, "d", 5, 1, "same");
	problem_add(&problems, PROBLEM_WARNING, "e", 6, 1, "same");
	problems_fold(&problems, 1);
	assert_int_equal(problems.n, 5);
	assert_string_equal(problems.at[0].text, "same");
	assert_string_equal(problems.at[1].text, "same (and 2 more like this)");
	assert_string_equal(problems.at[1].file, "a");
	assert_int_equal(problems.at[2].kind, PROBLEM_ERROR);
	assert_string_equal(problems.at[3].text, "other");
	assert_int_equal(problems.at[4].line, 5);
	assert_int_equal(problems.errors, 2);
	problems_clear(&problems);
}

static void test_a_name_of_ecs_has_its_place(void **state)
{
	size_t n;
	const char *const *names = ecs_names(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(ecs_rank(slice_of(names[i])), i);
		assert_true(!i || strcmp(names[i - 1], names[i]) < 0);
	}
	assert_int_equal(ecs_rank(SLICE("Host.name")), -1);
	assert_int_equal(ecs_rank(SLICE("host.nam")), -1);
	assert_int_equal(ecs_rank(SLICE("")), -1);
	assert_true(ecs_is_number(ecs_rank(SLICE("source.port"))));
	assert_false(ecs_is_number(ecs_rank(SLICE("source.ip"))));
	assert_false(ecs_is_number(-1));
}

static void test_a_list_may_stand_in_an_arena(void **state)
{
	struct arena *arena = arena_new();
	struct strlist list = { .arena = arena }, plain = { 0 };
	char word[32];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(word, sizeof(word), "word %d", i);
		strlist_add(&list, word);
	}
	strlist_copy(&plain, &list);
	assert_int_equal(plain.n, 1000);
	assert_string_equal(plain.at[999], "word 999");
	strlist_clear(&list);
	assert_int_equal(list.n, 0);
	assert_ptr_equal(list.arena, arena);
	strlist_copy(&list, &plain);
	assert_string_equal(list.at[500], "word 500");
	arena_free(arena);
	assert_string_equal(plain.at[0], "word 0");
	strlist_clear(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wildcards_match_as_sigma_says),
		cmocka_unit_test(test_a_text_that_is_matched_holds_the_bytes_of_the_pattern),
		cmocka_unit_test(test_a_map_keeps_the_order_of_insertion),
		cmocka_unit_test(test_times_are_read_and_written_back),
		cmocka_unit_test(test_zones_know_their_offsets),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_hostile_bytes_cannot_leave_as_they_are),
		cmocka_unit_test(test_cuts_count_columns_as_shown),
		cmocka_unit_test(test_patterns_have_limits_and_places),
		cmocka_unit_test(test_texts_grow_by_numbers_and_lower_case),
		cmocka_unit_test(test_case_is_that_of_ascii_letters_alone),
		cmocka_unit_test(test_the_hash_does_not_let_parts_run_together),
		cmocka_unit_test(test_a_near_word_is_found),
		cmocka_unit_test(test_an_error_is_said_in_both_languages),
		cmocka_unit_test(test_a_fault_is_said_in_both_languages),
		cmocka_unit_test(test_warnings_that_say_the_same_are_folded),
		cmocka_unit_test(test_a_name_of_ecs_has_its_place),
		cmocka_unit_test(test_a_list_may_stand_in_an_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
