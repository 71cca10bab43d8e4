/* What is looked for in a block is rare, and nothing that a rule needs is passed over. */
#include "check.h"

#include "base/mem.h"
#include "match/engine.h"
#include "match/prefilter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Rules without decode data: nothing comes but from the line. */
static bool no_constant(void *context, const char *field, bool (*fits)(const void *test, struct slice value),
			const void *test, struct need **need)
{
	(void)context;
	(void)field;
	(void)fits;
	(void)test;
	(void)need;
	return false;
}

static bool any_logsource(void *context, const struct logsource *wanted, struct need **need)
{
	(void)context;
	(void)wanted;
	*need = NULL;
	return true;
}

static struct need *any_name(void *context, const char *field, bool logged)
{
	(void)context;
	(void)field;
	(void)logged;
	return NULL;
}

static struct need *no_text(void *context)
{
	(void)context;
	return NULL;
}

static const struct needs_source from_lines = { no_constant, any_name, any_logsource, no_text, NULL, { "", 0 } };

/* Rules with these detections, in a folder of their own. */
static struct ruleset *rules_of_all(const char *const *detections, size_t n)
{
	char folder[] = "/tmp/sokuho-prefilter.XXXXXX", path[64];
	struct strlist folders = { 0 };
	struct problems problems = { 0 };
	struct ruleset *rules;
	FILE *file;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/r.yaml", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "---\ntitle: t\nid: 7c1f0c52-6f6e-4d0e-9d0a-5c6b7f8e9a%02zx\nlogsource: {category: x}\n%s\n", i, detections[i]);
	fclose(file);
	strlist_add(&folders, folder);
	rules = ruleset_load(&(struct ruleset_options){ .directories = &folders }, &problems);
	unlink(path);
	rmdir(folder);
	strlist_clear(&folders);
	problems_clear(&problems);
	assert_non_null(rules);
	return rules;
}

static struct ruleset *rules_of(const char *detection)
{
	return rules_of_all(&detection, 1);
}

static struct text sample_of(const char *line, size_t times)
{
	struct text text = { 0 };

	for (size_t i = 0; i < times; i++)
		text_addf(&text, "%s\n", line);
	return text;
}

struct seen {
	size_t n, at;
};

static void on_candidate(void *context, unsigned reason, size_t at)
{
	struct seen *seen = context;

	(void)reason;
	seen->n++;
	seen->at = at;
}

static void test_a_rare_literal_is_chosen_before_a_common_one(void **state)
{
	static const struct { const char *detection, *looked_for, *way; } cases[] = {
		{ "detection: {a: {m|contains|all: [common words, rare]}, condition: a}", "'rare'i", "literal" },
		{ "detection: {a: {m|contains: [common words]}, b: {n: rare}, condition: a and b}", "'rare'i", "literal" },
		{ "detection: {a: {m|contains: rare}, b: {n: scarce}, condition: a or b}", "'rare'i or 'scarce'i", "literal" },
		{ "detection: {a: {m|re: 'common words.*rar[ey]'}, condition: a}", "'rare' or 'rary'", "literal" },
		{ "detection: {a: {m|re: '[0-9a-f]{32}'}, condition: a}", "", "run" },
		{ "detection: {a: {m|re: '[a-z]\\d[a-z]\\d'}, condition: a}", "", "pattern" },
		{ "detection: {a: {m: x}, condition: not a}", "", "line" },
	};
	struct text sample = sample_of("common words in every line of it", 3000);

	(void)state;
	for (size_t i = 0; engine_is_trusted() && i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ruleset *rules = rules_of(cases[i].detection);
		struct needs *needs = needs_new(rules, &from_lines);
		struct prefilter *prefilter = prefilter_new(needs, text_slice(&sample), PREFILTER_FULL);
		struct prefilter_choice choice;
		struct text literals = { 0 };

		prefilter_choice(prefilter, 0, &choice, &literals);
		assert_string_equal(literals.at ? literals.at : "", cases[i].looked_for);
		assert_string_equal(choice.way, cases[i].way);
		text_clear(&literals);
		prefilter_free(prefilter);
		needs_free(needs);
		ruleset_free(rules);
	}
	text_clear(&sample);
}

static void test_a_candidate_is_reported_in_its_line(void **state)
{
	static const char *const detections[] = {
		"detection: {a: {m|contains: needle}, condition: a}",
		"detection: {a: {m|re: '[nN][e3][e3]dle[.!]'}, condition: a}",
		"detection: {a: {m|re: '[0-9a-f]{32}'}, condition: a}",
		"detection: {a: {m|re: '^[a-z]\\d[a-z]\\d$'}, condition: a}",
	};
	static const char line[] = "needle! 0123456789abcdef0123456789abcdef a1b2";

	(void)state;
	for (size_t i = 0; engine_is_trusted() && i < sizeof(detections) / sizeof(detections[0]); i++) {
		struct text block = sample_of("nothing", 500);
		struct ruleset *rules = rules_of(detections[i]);
		struct needs *needs = needs_new(rules, &from_lines);
		struct prefilter *prefilter = prefilter_new(needs, SLICE("nothing\n"), PREFILTER_FULL);
		struct prefilter_scratch *scratch = prefilter_scratch_new(prefilter);
		struct seen seen = { 0 };
		size_t from = block.len;

		text_addf(&block, "%s\n", line);
		prefilter_scan(prefilter, scratch, text_slice(&block), on_candidate, &seen);
		assert_true(seen.n > 0 && seen.at >= from && seen.at < from + strlen(line));
		prefilter_scratch_free(scratch);
		prefilter_free(prefilter);
		needs_free(needs);
		ruleset_free(rules);
		text_clear(&block);
	}
}

/* Around and beside it stand bytes of the class too, but never enough of them. */
static void test_runs_are_found_wherever_they_stand(void **state)
{
	static const struct { const char *detection; size_t min, more; } cases[] = {
		{ "detection: {a: {m|re: '[0-9a-f]{16}'}, condition: a}", 16, 0 },
		{ "detection: {a: {m|re: '[0-9a-f]{31}'}, condition: a}", 31, 0 },
		{ "detection: {a: {m|re: '[0-9a-f]{32}'}, condition: a}", 32, 0 },
		{ "detection: {a: {m|re: ['[0-9a-f]{33}', '[0-9a-f]{80}']}, condition: a}", 33, 80 },
	};
	static const char *const grounds[] = { "x", "aaaaaaaaaaaax", "x0\n" };
	char block[400];

	(void)state;
	for (size_t i = 0; engine_is_trusted() && i < 3 * sizeof(cases) / sizeof(cases[0]); i++) {
		const char *ground = grounds[i % 3];
		size_t min = cases[i / 3].min, more = cases[i / 3].more;
		struct ruleset *rules = rules_of(cases[i / 3].detection);
		struct needs *needs = needs_new(rules, &from_lines);
		struct prefilter *prefilter = prefilter_new(needs, SLICE("nothing\n"), PREFILTER_FULL);
		struct prefilter_scratch *scratch = prefilter_scratch_new(prefilter);

		for (size_t len = min - 1; len <= 81; len++)
			for (size_t at = 1; at + len < sizeof(block); at++) {
				struct seen seen = { 0 };

				for (size_t k = 0; k < sizeof(block); k++)
					block[k] = ground[k % strlen(ground)];
				memset(block + at, 'f', len);
				block[at - 1] = block[at + len] = '-';
				prefilter_scan(prefilter, scratch, (struct slice){ block, at + len + at % 2 }, on_candidate, &seen);
				assert_int_equal(seen.n, (len >= min) + (more && len >= more));
				assert_true(!seen.n || (seen.at >= at && seen.at < at + len));
			}
		prefilter_scratch_free(scratch);
		prefilter_free(prefilter);
		needs_free(needs);
		ruleset_free(rules);
	}
}

static void collect(void *context, unsigned reason, size_t at)
{
	struct seen *seen = context;

	seen->n++;
	seen->at = reason;
	(void)at;
}

/* One that holds another is found where that one is: in its own case, with its own end, and at the edges of the block. */
static void test_literals_that_hold_others_are_found(void **state)
{
	static const struct { const char *block; size_t found, last; } cases[] = {
		{ "ABCDEF", 0, 0 }, { "abcdef", 1, 5 }, { "xABCDEFGHx", 1, 8 }, { "xabcdefghx", 2, 8 }, { "abcdefg", 1, 5 },
		{ "-wxyz", 1, 4 }, { "wxyz-", 1, 3 }, { "--WXYZ--wxyz--", 4, 13 }, { "-wxyz--", 2, 6 }, { "--wxyz", 1, 5 },
	};
	struct ruleset *rules = rules_of("detection: {a: {m|contains|cased: abcdef}, b: {m|contains: abcdefgh}, "
					 "c: {m|contains: [wxyz, '-wxyz--']}, condition: 1 of *}");
	struct needs *needs = needs_new(rules, &from_lines);
	struct text sample = sample_of("nothing of the kind, so that one may be looked for in place of another", 1000);
	struct prefilter *prefilter = prefilter_new(needs, text_slice(&sample), PREFILTER_FULL);
	struct prefilter_scratch *scratch = prefilter ? prefilter_scratch_new(prefilter) : NULL;

	(void)state;
	text_clear(&sample);
	for (size_t i = 0; prefilter && i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen seen = { 0 };

		prefilter_scan(prefilter, scratch, slice_of(cases[i].block), on_candidate, &seen);
		assert_int_equal(seen.n, cases[i].found);
		assert_int_equal(seen.at, cases[i].last);
	}
	prefilter_scratch_free(scratch);
	prefilter_free(prefilter);
	needs_free(needs);
	ruleset_free(rules);
}

static bool on_rule(void *context, unsigned rule)
{
	*(unsigned *)context |= 1u << rule;
	return false;
}

/* A bit for each rule that may match. */
static unsigned rules_asked(const struct prefilter *prefilter, struct prefilter_scratch *scratch, unsigned reason, struct slice line,
			    enum prefilter_asking asking)
{
	unsigned rules = 0;

	prefilter_ask(scratch, line);
	prefilter_rules(prefilter, scratch, reason, asking, on_rule, &rules);
	return rules;
}

/* What stands beside the literal that is looked for is asked of the line. */
static void test_what_stands_beside_is_asked(void **state)
{
	static const struct { const char *line; size_t found; bool allowed; } cases[] = {
		{ "needle b\n", 1, true }, { "needle alone\n", 1, false }, { "a and b\n", 0, false }, { "scarce\n", 1, true },
	};
	struct ruleset *rules = rules_of("detection: {a: {m|contains: needle, n: b}, c: {m|contains: scarce}, "
					 "condition: a or c}");
	struct needs *needs = needs_new(rules, &from_lines);
	struct prefilter *prefilter = prefilter_new(needs, SLICE("b b\n.\n.\n.\n.\n.\n.\n"), PREFILTER_FULL);
	struct prefilter_scratch *scratch = prefilter ? prefilter_scratch_new(prefilter) : NULL;

	(void)state;
	for (size_t i = 0; prefilter && i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice line = { (char *)cases[i].line, strlen(cases[i].line) };
		struct seen seen = { 0 };

		prefilter_scan(prefilter, scratch, line, collect, &seen);
		assert_int_equal(seen.n, cases[i].found);
		if (seen.n) {
			assert_int_equal(rules_asked(prefilter, scratch, (unsigned)seen.at, line, PREFILTER_ASK), cases[i].allowed);
			assert_int_equal(rules_asked(prefilter, scratch, (unsigned)seen.at, line, PREFILTER_ASK_DEAR), 1);
		}
	}
	prefilter_scratch_free(scratch);
	prefilter_free(prefilter);
	needs_free(needs);
	ruleset_free(rules);
}

/* Rules that need the same, however they say it, are looked for once. */
static void test_rules_that_need_the_same_share_their_reasons(void **state)
{
	static const char *const detections[] = {
		"detection: {a: {m|contains: [needle, pin]}, condition: a}", "detection: {a: {m|contains: other}, condition: a}",
		"detection: {b: {n|contains: [needle, pin]}, c: {m: x}, condition: b and not c}",
	};
	struct ruleset *rules = rules_of_all(detections, 3);
	struct needs *needs = needs_new(rules, &from_lines);
	struct prefilter *prefilter = prefilter_new(needs, SLICE("a\n"), PREFILTER_FULL);
	struct prefilter_scratch *scratch = prefilter ? prefilter_scratch_new(prefilter) : NULL;
	struct prefilter_choice choice;
	struct text literals = { 0 };
	struct seen seen = { 0 };

	(void)state;
	assert_ptr_equal(needs_entry(needs, 0), needs_entry(needs, 2));
	assert_ptr_not_equal(needs_entry(needs, 0), needs_entry(needs, 1));
	if (prefilter) {
		prefilter_scan(prefilter, scratch, SLICE("a needle\n"), collect, &seen);
		assert_int_equal(seen.n, 1);
		assert_int_equal(rules_asked(prefilter, scratch, (unsigned)seen.at, SLICE("a needle"), PREFILTER_ASK), 1 << 0 | 1 << 2);
		prefilter_choice(prefilter, 2, &choice, &literals);
		assert_string_equal(literals.at, "'pin'i or 'needle'i");
	}
	text_clear(&literals);
	prefilter_scratch_free(scratch);
	prefilter_free(prefilter);
	needs_free(needs);
	ruleset_free(rules);
}

/* Of rules that share a part of their needs each one's own part is asked for; of one that looks into every value in any case. */
static void test_rules_that_share_a_part_are_looked_for_together(void **state)
{
	static const char *const detections[] = {
		"detection: {a: {m|contains: needle}, b: {n|contains: common}, condition: a and b}",
		"detection: {a: {m|contains: needle}, c: {n|contains: frequent}, condition: a and c}",
		"detection: {a: {m|contains: needle}, k: ['usual'], condition: a and k}",
	};
	struct ruleset *rules = rules_of_all(detections, 3);
	struct needs *needs = needs_new(rules, &from_lines);
	struct prefilter *prefilter = prefilter_new(needs, SLICE("common frequent usual\n.\n.\n"), PREFILTER_FULL);
	struct prefilter_scratch *scratch = prefilter ? prefilter_scratch_new(prefilter) : NULL;
	struct slice line = SLICE("a needle, frequent\n");
	struct seen seen = { 0 };

	(void)state;
	if (prefilter) {
		prefilter_scan(prefilter, scratch, line, collect, &seen);
		assert_int_equal(seen.n, 1);
		assert_int_equal(rules_asked(prefilter, scratch, (unsigned)seen.at, line, PREFILTER_ASK), 1 << 1);
		assert_int_equal(rules_asked(prefilter, scratch, (unsigned)seen.at, line, PREFILTER_ASK_DEAR), 1 << 0 | 1 << 1);
		assert_int_equal(rules_asked(prefilter, scratch, (unsigned)seen.at, line, PREFILTER_TAKE), 7);
	}
	prefilter_scratch_free(scratch);
	prefilter_free(prefilter);
	needs_free(needs);
	ruleset_free(rules);
}

/* A pattern that the sample shows to be everywhere gives way to a literal that is dearer than a rare pattern. */
static void test_a_common_pattern_gives_way(void **state)
{
	struct text sample = sample_of("word 9", 400);
	struct ruleset *rules;
	struct needs *needs;
	struct prefilter *prefilter;
	struct prefilter_choice choice;
	struct text literals = { 0 };

	(void)state;
	text_addf(&sample, "%s\n", "word gone");
	for (size_t i = 0; i < 2000; i++)
		text_addf(&sample, "%s%s\n", "word 9 and more words to make a line of it, ", i % 8 ? "other" : "scarce");
	rules = rules_of("detection: {a: {m|re: '[0-9]', n|contains: scarce}, condition: a}");
	needs = needs_new(rules, &from_lines);
	prefilter = prefilter_new(needs, text_slice(&sample), PREFILTER_FULL);
	if (prefilter) {
		prefilter_choice(prefilter, 0, &choice, &literals);
		assert_string_equal(choice.way, "literal");
		assert_string_equal(literals.at, "'scarce'i");
	}
	text_clear(&literals);
	prefilter_free(prefilter);
	needs_free(needs);
	ruleset_free(rules);
	text_clear(&sample);
}

static void test_every_literal_is_asked_for_where_a_limit_was_hit(void **state)
{
	struct ruleset *rules = rules_of("detection: {a: {m|contains: [a1, a2, a3, a4, a5, a6, a7, a8, a9, b1, b2, b3, b4]}, "
					 "b: {n|contains: needle}, condition: a and b}");
	struct needs *needs = needs_new(rules, &from_lines);

	(void)state;
	assert_true(needs_allow(needs, 0, SLICE("a1 alone"), false));	/* it has no pattern */
	assert_false(needs_are_met(needs, 0, SLICE("a1 alone"), false));
	assert_true(needs_are_met(needs, 0, SLICE("a1 needle"), false));
	needs_free(needs);
	ruleset_free(rules);
}

/* What the self-test of the engine asks of it, with other words. */
static void on_found(void *context, unsigned id, size_t end)
{
	size_t *ends = context;

	ends[id] = end;
}

static void test_short_literals_are_found_at_every_place(void **state)
{
	static const struct engine_literal literals[] = { { "kz", 2, false }, { "Q", 1, true }, { "\0x", 2, false } };
	struct engine *engine = engine_is_trusted() ? engine_literals(literals, 3) : NULL;
	struct engine_scratch *scratch = NULL;
	char block[200];

	(void)state;
	assert_true(strlen(engine_name()) > 10);
	if (!engine)
		return;
	engine_scratch_add(engine, &scratch);
	for (size_t len = 8; len < sizeof(block); len++)
		for (size_t at = 0; at + 5 <= len; at += 1 + len / 40) {
			size_t ends[3] = { 0 };

			memset(block, '.', sizeof(block));
			memcpy(block + at, "kzq\0x", 5);
			engine_scan(engine, scratch, (struct slice){ block, len }, on_found, ends);
			assert_int_equal(ends[0], at + 2);
			assert_int_equal(ends[1], at + 3);
			assert_int_equal(ends[2], at + 5);
		}
	engine_scratch_free(scratch);
	engine_free(engine);
}

static void on_known(void *context, unsigned id, size_t end)
{
	size_t *seen = context;

	(void)end;
	assert_true(id < 60);
	seen[id]++;
}

/* Sets of some size are filled up: what they are filled with may stand in a log, and is nobody's. */
static void test_a_set_of_any_size_finds_its_own(void **state)
{
	struct engine_literal literals[60];
	char bytes[60][8];
	struct text block = { 0 };

	(void)state;
	for (size_t i = 0; i < 60; i++) {
		snprintf(bytes[i], sizeof(bytes[i]), "lit-%02zu.", i);
		literals[i] = (struct engine_literal){ bytes[i], 7, i % 2 };
		text_add(&block, bytes[i]);
	}
	for (int a = 1; a < 32; a++) {
		for (int b = 1; b < 32; b++) {
			text_addf(&block, "%c%c", a, b);
			for (int k = 0; k < 38; k++)
				text_add(&block, "\x06");
			text_addf(&block, "\x01\x02\x03\x04\x05\x06%c%c\n", a, b);
		}
	}
	for (size_t n = 1; engine_is_trusted() && n <= 60; n++) {
		struct engine *engine = engine_literals(literals, n);
		struct engine_scratch *scratch = NULL;
		size_t seen[60] = { 0 };

		engine_scratch_add(engine, &scratch);
		engine_scan(engine, scratch, text_slice(&block), on_known, seen);
		for (size_t i = 0; i < 60; i++)
			assert_int_equal(seen[i], i < n);
		engine_scratch_free(scratch);
		engine_free(engine);
	}
	text_clear(&block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_rare_literal_is_chosen_before_a_common_one),
		cmocka_unit_test(test_a_candidate_is_reported_in_its_line),
		cmocka_unit_test(test_runs_are_found_wherever_they_stand),
		cmocka_unit_test(test_literals_that_hold_others_are_found),
		cmocka_unit_test(test_what_stands_beside_is_asked),
		cmocka_unit_test(test_rules_that_need_the_same_share_their_reasons),
		cmocka_unit_test(test_rules_that_share_a_part_are_looked_for_together),
		cmocka_unit_test(test_a_common_pattern_gives_way),
		cmocka_unit_test(test_every_literal_is_asked_for_where_a_limit_was_hit),
		cmocka_unit_test(test_short_literals_are_found_at_every_place),
		cmocka_unit_test(test_a_set_of_any_size_finds_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
