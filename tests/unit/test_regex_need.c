/* A text that PCRE2 matches meets what was said to be needed; the weakened pattern matches it in any longer text. */
#include "check.h"

#include "base/regex_need.h"

#include <string.h>

struct sample { const char *pattern, *text, *longer; };

static bool matches(const char *pattern, const char *text)
{
	struct regex *regex;
	struct err err;
	bool found;

	assert_int_equal(regex_new((struct slice){ (char *)pattern, strlen(pattern) }, 0, &regex, &err), 0);
	found = regex_search(regex, (struct slice){ (char *)text, strlen(text) }, NULL) == 1;
	regex_free(regex);
	return found;
}

static void test_no_match_is_lost(void **state)
{
	static const struct sample samples[] = {
		{ "ab(?#c)?c", "ac", "xacx" },
		{ "a(?#)*b", "b", "xbx" },
		{ "ab\\E?c", "ac", "xacx" },
		{ "(?i)x[k]\\p{L}", "x\xe2\x84\xaa" "a", "x\xe2\x84\xaa" "a" },
		{ "(?i)x\\x6b\\p{L}", "x\xe2\x84\xaa" "a", "x\xe2\x84\xaa" "a" },
		{ "[[:<:]]foo[[:>:]]", "foo", "xfoox" },
		{ "[[:a]|foo[x:]b]c", ":", "x:x" },
		{ "(?=(a))\\w(b)\\1", "aba", "xabax" },
		{ "(?>xbq|x)b", "xb", "xbq" },
		{ "^foo$", "foo", "xfoox" },
		{ "a(?!b(?=c))\\w", "ad", "xadx" },
		{ "(?:a|b)?c", "c", "xcx" },
		{ "[0-9a-f]{4}z\\b", "00ffz", "x00ffzx" },
		{ ".*", "", "" },
		{ ".*?|x{2,}", "a", "a" },
		{ "a\\.*", "a.", "xa.x" },
		{ "a\\{4,}", "a{4,}", "xa{4,}x" },
		{ "a[{4,}]", "a,", "xa,x" },
		{ "(?:ab|c\\w)+d", "abczd", "xabczdx" },
		{ "(?:ab|c\\w)?d", "d", "xdx" },
		{ "(?:a|b(?:c|\\d)|)e", "b4e", "xb4ex" },
		{ "[ab][cd](?:e|\\w{2})f", "bdzzf", "xbdzzfx" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		const struct sample *s = &samples[i];
		struct regex_need need;

		assert_true(matches(s->pattern, s->text));
		regex_need_init((struct slice){ (char *)s->pattern, strlen(s->pattern) }, 0, &need);
		assert_true(need_holds(need.need, (struct slice){ (char *)s->text, strlen(s->text) }));
		if (need.weakened)
			assert_true(matches(need.weakened, s->longer));
		regex_need_clear(&need);
	}
}

static void test_what_is_plain_is_needed(void **state)
{
	struct regex_need need;

	(void)state;
	regex_need_init(SLICE("^foo[0-9]{6}(?:bar|baz)$"), 0, &need);
	assert_true(need_holds(need.need, SLICE("foo123456baz")));
	assert_false(need_holds(need.need, SLICE("foo123456ba")));
	assert_false(need_holds(need.need, SLICE("fo123456baz")));
	assert_int_equal(need.run_min, 6);
	assert_string_equal(need.weakened, "foo[0-9]{6}(?:bar|baz)");
	regex_need_clear(&need);
}

static bool is_missed(const char *pattern, const char *text)
{
	struct regex_need need;
	bool holds;

	regex_need_init((struct slice){ (char *)pattern, strlen(pattern) }, 0, &need);
	holds = need_holds(need.need, (struct slice){ (char *)text, strlen(text) });
	regex_need_clear(&need);
	return !holds;
}

/* Of alternatives that are partly strings the strings are joined to their neighbours, and the others keep what stands before. */
static void test_alternatives_need_their_neighbours(void **state)
{
	static const char *const words = "(?:W(?:32|64)|JS|Ransom\\w*)[._/]x";

	(void)state;
	assert_true(is_missed(words, "W32 JS x"));
	assert_false(is_missed(words, "JS_x"));
	assert_false(is_missed(words, "RansomABC/x"));
	assert_true(is_missed("foo(?:bot|scan|/\\d)", "/4"));
	assert_false(is_missed("ab{ 2 }y", "abby"));		/* as PCRE2 10.43 reads it */
	assert_false(is_missed("ab{2, 3}y", "abby"));
	assert_true(is_missed("ab{x}y", "aby"));
	assert_true(is_missed("foo(?:bot|scan|/\\d)", "foo bot"));
	assert_false(is_missed("foo(?:bot|scan|/\\d)", "foo/4"));
	assert_true(is_missed("\\[(?:error|trace\\d)\\] ", "error"));
	assert_true(is_missed("(?i:(?=.*x))(?:JS|(?i)zip|exe)/", "x js/"));
	assert_false(is_missed("(?i:(?=.*x))(?:JS|(?i)zip|exe)/", "X EXE/"));
	assert_false(is_missed("\\[(?:error|trace\\d)\\] ", "[trace4] "));
}

/* What may stand before a match, and how long the end of one goes on, need not be looked for. */
static void test_ends_are_cut(void **state)
{
	static const struct { const char *pattern, *weakened; } cases[] = {
		{ ".*foo", "foo" }, { "(?i)^.*?foo", "(?i)foo" }, { "^(?=.*x).+foo.*$", "foo" },
		{ "foo[a-z]{4,}", "foo[a-z]{4}" }, { "(?:foo|b{2,})", "(?:foo|b{2})" }, { "foo\\.*", "foo\\.*" },
		{ "foo\\{4,}", "foo\\{4,}" }, { "foo.*?bar", "foo.*?bar" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct regex_need need;

		regex_need_init((struct slice){ (char *)cases[i].pattern, strlen(cases[i].pattern) }, 0, &need);
		assert_string_equal(need.weakened, cases[i].weakened);
		regex_need_clear(&need);
	}
}

static void test_a_broken_character_is_no_more_than_four_bytes(void **state)
{
	char pattern[4000];
	struct regex_need need;

	(void)state;
	memset(pattern, 0x80, sizeof(pattern));
	regex_need_init((struct slice){ pattern, sizeof(pattern) }, 0, &need);
	regex_need_clear(&need);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_match_is_lost),
		cmocka_unit_test(test_what_is_plain_is_needed),
		cmocka_unit_test(test_alternatives_need_their_neighbours),
		cmocka_unit_test(test_ends_are_cut),
		cmocka_unit_test(test_a_broken_character_is_no_more_than_four_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
