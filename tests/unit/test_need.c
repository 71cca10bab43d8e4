/* Random patterns over random texts: whatever PCRE2 matches meets what the pattern is said to need. */
#include "check.h"

#include "../fuzz/need_fault.h"
#include "match/engine.h"

#include <stdio.h>
#include <stdlib.h>

#define PATTERNS 30000
#define SUBJECTS 12
#define ENGINE_EVERY 10		/* compiling for the engine takes long */

/* And a text that each matches. */
static const struct { const char *pattern, *text; } atoms[] = {
	{ "a", "a" }, { "b", "b" }, { "k", "k" }, { "s", "s" }, { "K", "K" }, { "0", "0" }, { "1", "1" },
	{ " ", " " }, { "-", "-" }, { "ab", "ab" }, { "sk", "sk" }, { "\\.", "." }, { ".", "b" }, { ".*", "ab" },
	{ ".+?", "s" }, { "\\d", "1" }, { "\\w", "k" }, { "\\s", " " }, { "\\h", " " }, { "\\S", "-" },
	{ "\\W", "-" }, { "\\D", "a" }, { "\\H", "s" }, { "\\v", "\n" }, { "\\R", "\n" }, { "\\N", "b" },
	{ "[ab]", "b" }, { "[^a]", "k" }, { "[a-c0-9]", "c" }, { "[]a]", "]" }, { "[^]a]", "s" },
	{ "[a\\]b]", "]" }, { "[-a]", "-" }, { "[k]", "k" }, { "[\\w-]", "-" }, { "[\\x61k]", "k" },
	{ "[[:alpha:]]", "s" }, { "[[:^space:]x]", "1" }, { "[[:digit:]a]", "0" }, { "[\\d\\s]", " " },
	{ "[\\b]", "\b" }, { "\\x61", "a" }, { "\\x{e9}", "\xc3\xa9" }, { "\\x{61}", "a" },
	{ "\xc3\xa9", "\xc3\xa9" }, { "[\xc3\xa9k]", "k" }, { "\\Q.a\\E", ".a" }, { "\\b", "" }, { "\\B", "" },
	{ "^", "" }, { "$", "" }, { "\\A", "" }, { "\\z", "" }, { "\\Z", "" }, { "(?i)", "" }, { "(?-i)", "" },
	{ "(?s)", "" }, { "(?m)", "" }, { "\\1", "" }, { "\\g1", "" }, { "\\k<n>", "" }, { "\\n", "\n" },
	{ "\\t", "\t" }, { "\\0", "" }, { "\\141", "a" }, { "\\o{141}", "a" }, { "\\K", "" }, { "\\G", "" },
	{ "{", "{" }, { "}", "}" }, { ",", "," }, { "]", "]" }, { "#", "#" }, { "(?#c)", "" }, { "\\p{L}", "s" },
	{ "\\X", "a" }, { "\\e", "\033" }, { "\\/", "/" }, { "\\-", "-" }, { "\"", "\"" }, { "\\N{U+61}", "" },
	{ "[[:<:]]", "" }, { "[0-9a-f]{16}", "0123456789abcdef" }, { "\\w{18,}", "aaaaaaaaaakkkkkkkkkkss" },
	{ "[^ ]{17}", "0123456789abcdef0k" },
};
static const char *const opens[] = {
	"(", "(", "(?:", "(?:", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?-i:", "(?|", "(?<n>", "(?P<n>", "(?'n'", "(?s:",
	"(?^:", "(*atomic:", "(?(1)",
};
static const char *const quantifiers[] = {
	"", "", "", "", "", "*", "+", "?", "{2}", "{0,1}", "{1,}", "{2,3}", "*?", "??", "++", "?+", "{,2}", "{0}", "{1}?", "{3", "*+",
};
static const char *const pieces[] = {
	"a", "b", "k", "s", "A", "K", "S", "0", "1", "ab", "sk", ".", " ", "-", "\t", "\n", "\"", "]", "{", "\xa0", "\xc3\xa9",
	"\xe2\x84\xaa", "\xc5\xbf", "\xff", "aaaaaaaaaaaaaaaaaaaa", "0123456789abcdef01",
};
#define PICK(table) table[(size_t)rand() % (sizeof(table) / sizeof(table[0]))]

static void sequence_add(struct text *out, struct text *sample, int depth);

/* A group of some branches; the text is that of one of them. */
static void group_add(struct text *out, struct text *sample, int depth)
{
	struct text one = { 0 };

	text_add(out, PICK(opens));
	sequence_add(out, &one, depth + 1);
	while (rand() % 3 == 0) {
		text_add_char(out, '|');
		if (rand() % 2)
			text_reset(&one);
		sequence_add(out, &one, depth + 1);
	}
	text_add_char(out, ')');
	text_add_slice(sample, text_slice(&one));
	text_clear(&one);
}

static void sequence_add(struct text *out, struct text *sample, int depth)
{
	int n = 1 + rand() % 5;

	for (int i = 0; i < n; i++) {
		size_t from = sample->len, atom = (size_t)rand() % (rand() % 3 ? 10 : sizeof(atoms) / sizeof(atoms[0]));

		if (depth < 3 && rand() % 5 == 0) {
			group_add(out, sample, depth);
		} else {
			text_add(out, atoms[atom].pattern);
			text_add(sample, atoms[atom].text);
		}
		text_add(out, PICK(quantifiers));
		if (rand() % 8 == 0)
			sample->len = from;
		for (size_t end = sample->len; from < end && rand() % 8 == 0;)
			text_add_char(sample, sample->at[from++]);
	}
	if (!depth && rand() % 8 == 0) {
		text_add_char(out, '|');
		sequence_add(out, sample, 1);
	}
}

/* The text of the pattern, with other letters that are the same to some, between others; or any text. */
static void subject_make(struct text *out, struct slice sample)
{
	int n = rand() % 2 ? rand() % 2 : rand() % 14;

	text_reset(out);
	text_add(out, "");
	for (size_t i = 0; n < 2 && i < sample.len; i++) {
		char c = sample.at[i];

		if ((c == 'k' || c == 's') && rand() % 6 == 0)
			text_add(out, rand() % 3 ? c == 'k' ? "\xe2\x84\xaa" : "\xc5\xbf" : c == 'k' ? "K" : "S");
		else if (rand() % 30)
			text_add_char(out, c);
	}
	for (int i = 0; i < n; i++)
		text_add(out, rand() % 3 ? pieces[rand() % 11] : PICK(pieces));
}

struct one {
	struct text pattern, sample, subject, longer;
	struct regex *regex;
	unsigned flags;
	struct regex_need found;
	size_t matched, engines;
};

static bool one_compile(struct one *o)
{
	struct err err;

	text_reset(&o->pattern);
	text_reset(&o->sample);
	sequence_add(&o->pattern, &o->sample, 0);
	o->flags = (unsigned)rand() % 3 ? 0 : (unsigned)rand() & 7;
	return regex_new(text_slice(&o->pattern), o->flags, &o->regex, &err) == 0;
}

static void one_check(struct one *o, unsigned seed)
{
	const char *fault;

	subject_make(&o->subject, text_slice(&o->sample));
	text_reset(&o->longer);
	text_add(&o->longer, rand() % 2 ? PICK(pieces) : "");
	text_add_slice(&o->longer, text_slice(&o->subject));
	for (int i = rand() % 4; i > 0; i--)
		text_add(&o->longer, rand() % 2 ? PICK(pieces) : pieces[rand() % 11]);
	fault = need_fault(o->regex, o->flags, &o->found, text_slice(&o->subject), text_slice(&o->longer));
	if (fault)
		fail_msg("SOKUHO_SEED=%u: /%s/ flags %u on '%s': %s", seed, o->pattern.at, o->flags, o->subject.at, fault);
	o->matched += regex_search(o->regex, text_slice(&o->subject), NULL) == 1;
}

static void on_found(void *context, unsigned id, size_t end)
{
	struct text *block = context;

	(void)id;
	if (end > 2 && block->at[end - 1] != '\n')
		block->cap = 0;		/* marks it as found */
}

/* The weakened pattern, as the engine takes it, finds every line that PCRE2 finds. */
static void engine_check(struct one *o, unsigned seed)
{
	const char *weakened = o->found.weakened;
	struct engine_scratch *scratch = NULL;
	struct engine *engine;
	bool taken = false;

	engine = engine_patterns(&weakened, &o->flags, 1, &taken);
	if (!engine)
		return;
	engine_scratch_add(engine, &scratch);
	for (int i = 0; i < SUBJECTS; i++) {
		struct text block = { 0 };
		size_t cap;

		subject_make(&o->subject, text_slice(&o->sample));
		if (memchr(o->subject.at, '\n', o->subject.len) || regex_search(o->regex, text_slice(&o->subject), NULL) != 1)
			continue;
		text_addf(&block, "\n\n%s\n", o->subject.at);
		cap = block.cap;
		engine_scan(engine, scratch, text_slice(&block), on_found, &block);
		if (block.cap)
			fail_msg("SOKUHO_SEED=%u: the engine loses /%s/ flags %u in '%s'", seed, o->pattern.at, o->flags,
				 o->subject.at);
		o->engines++;
		block.cap = cap;
		text_clear(&block);
	}
	engine_scratch_free(scratch);
	engine_free(engine);
}

static void test_random_patterns_need_what_they_match(void **state)
{
	const char *given = getenv("SOKUHO_SEED");
	unsigned first = given ? (unsigned)atoi(given) : 1, rounds = given ? 1 : PATTERNS;
	struct one o = { 0 };

	(void)state;
	print_message("seeds %u to %u (SOKUHO_SEED=N runs one)\n", first, first + rounds - 1);
	for (unsigned seed = first; seed < first + rounds; seed++) {
		srand(seed);
		if (!one_compile(&o))
			continue;
		regex_need_init(text_slice(&o.pattern), o.flags, &o.found);
		for (int i = 0; i < SUBJECTS; i++)
			one_check(&o, seed);
		if (o.found.weakened && seed % ENGINE_EVERY == 0 && engine_is_trusted())
			engine_check(&o, seed);
		regex_need_clear(&o.found);
		regex_free(o.regex);
	}
	print_message("%zu matches, %zu of them asked of the engine\n", o.matched, o.engines);
	assert_true(given || (o.matched > PATTERNS && (o.engines > 100 || !engine_is_trusted())));
	text_clear(&o.pattern);
	text_clear(&o.sample);
	text_clear(&o.subject);
	text_clear(&o.longer);
}

static void test_parts_join_as_and_and_or_do(void **state)
{
	struct need *a = need_literal(SLICE("alpha"), false), *b = need_literal(SLICE("BETA"), true);
	struct need *both = need_and(need_share(a), need_share(b)), *one = need_or(need_share(a), need_share(b));
	struct text out = { 0 };

	(void)state;
	assert_true(need_holds(both, SLICE("alpha beta")));
	assert_false(need_holds(both, SLICE("Alpha beta")));
	assert_false(need_holds(both, SLICE("alpha")));
	assert_true(need_holds(one, SLICE("beta")));
	assert_false(need_holds(one, SLICE("ALPHA")));
	assert_true(need_holds(NULL, SLICE("")));
	need_print(one, &out);
	assert_string_equal(out.at, "'alpha' or 'BETA'i");
	assert_null(need_or(one, NULL));	/* anything or this: anything */
	need_free(need_and(both, NULL));	/* anything and this: this */
	need_free(a);
	need_free(b);
	text_clear(&out);
}

/* A word of its own, not a piece of a longer one; a letter that ends an escape is no letter. */
static void test_bounds(void **state)
{
	struct need *both = need_bounded(SLICE("su"), true, NEED_BOUND_BOTH), *left = need_bounded(SLICE("su"), false, NEED_BOUND_LEFT);
	struct text out = { 0 };

	(void)state;
	assert_true(need_holds(both, SLICE("su")));
	assert_true(need_holds(both, SLICE("issue SU[3]: x")));
	assert_true(need_holds(both, SLICE("a\\nsu:")));
	assert_true(need_holds(both, SLICE("\xe3\x80\x80su\xe3")));
	assert_false(need_holds(both, SLICE("issue, result, sum, 5su")));
	assert_true(need_holds(left, SLICE("sum")));
	assert_false(need_holds(left, SLICE("osu")));
	need_print(both, &out);
	text_add_char(&out, ' ');
	need_print(left, &out);
	assert_string_equal(out.at, "|'su'|i |'su'");
	need_free(both);
	need_free(left);
	text_clear(&out);
}

static struct need *any_need(int depth)
{
	static const char *const words[] = { "a", "k", "ab", "kk", "bab", "aKb", "abkab", "\351", "k\351b", "ab k-b" };
	bool all = rand() % 2;
	struct need *need;

	if (!depth || rand() % 3 == 0)
		return need_bounded(slice_of(words[(size_t)rand() % (sizeof(words) / sizeof(words[0]))]), rand() % 2,
				    rand() % 4 ? 0 : (unsigned)rand() % 4);
	need = any_need(depth - 1);
	for (int i = rand() % 4; i; i--)
		need = all ? need_and(need, any_need(depth - 1)) : need_or(need, any_need(depth - 1));
	return need;
}

/* As need.h says it, and nothing more. */
static bool holds_plainly(const struct need *need, struct slice text)
{
	bool wanted = need->kind == NEED_ANY;

	for (size_t at = 0; need->kind == NEED_LITERAL && at + need->len <= text.len; at++) {
		struct slice part = slice_cut(text, at, at + need->len), literal = { need->bytes, need->len };

		if ((need->nocase ? slice_equal_nocase(part, literal) : slice_equal(part, literal)) &&
		    need_bounds_hold(need->bounds, text, at, at + need->len))
			return true;
	}
	for (size_t i = 0; i < need->n; i++)
		if (holds_plainly(need->parts[i], text) == wanted)
			return wanted;
	return need->n && !wanted;
}

/* The longer its first literal, the rarer it is. */
static double rank_by_length(void *context, const struct need *need)
{
	*(size_t *)context += 1;
	return -(double)need->len;
}

/* Many of one text, so that its pairs are looked up. */
static void test_a_check_says_what_its_need_says(void **state)
{
	size_t held = 0, asked = 0, ranked = 0;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char bytes[70];
		struct slice text = { bytes, (size_t)rand() % (round % 2 ? 24 : sizeof(bytes)) };
		struct need_text t;

		for (size_t i = 0; i < text.len; i++)
			bytes[i] = "abkABK -\xe9xyz."[rand() % 13];
		need_text_init(&t, text);
		for (int i = 0; i < 20; i++) {
			struct need *need = any_need(3);
			struct need_check *check = i % 2 ? need_check_new(need) : need_check_ranked(need, rank_by_length, &ranked);
			bool want = holds_plainly(need, text);

			assert_int_equal(need_stands(check, &t), want);
			held += want;
			asked++;
			need_check_free(check);
			need_free(need);
		}
		assert_true(t.looked);
	}
	assert_true(held > asked / 20 && held < asked - asked / 20 && ranked > asked / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_patterns_need_what_they_match),
		cmocka_unit_test(test_parts_join_as_and_and_or_do),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_a_check_says_what_its_need_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
