/*
 * Hyperscan in block mode. Debian 12's Vectorscan, which has the same interface, loses matches of short patterns at
 * some offsets on some processors, so whatever library is found must first find them all in a self-test.
 */
#include "match/engine.h"

#include "base/mem.h"
#include "base/regex.h"

#include <hs/hs.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct engine {
	hs_database_t *database;
	unsigned n;			/* literals or patterns that were asked for; what has a higher id is a filler */
};

struct engine_scratch {
	hs_scratch_t *scratch;
};

static struct engine *engine_of(hs_database_t *database, size_t n)
{
	struct engine *engine = mem_zalloc(sizeof(*engine));

	engine->database = database;
	engine->n = (unsigned)n;
	return engine;
}

/*
 * What a set of some two dozen literals or more is filled up with: literals that hardly any log holds; when one is found nobody
 * is told. They are long: beside the scan of blocks the library makes a machine for blocks below 70 bytes, which is most of the
 * work and memory of compiling, unless the prefixes of its literals are more than 8000; literals of more than 70 bytes have no
 * part in it. They are few, for up to a thousand literals the library's table is half as large. And as many of them end
 * differently as make 128 ends: for up to a hundred or so the library takes another way (Teddy) than for more (FDR), by few bytes
 * of each, which on logs is two to three times as slow; more ends than that cost time again.
 */
#define FILL_FROM 24
#define FILLERS 130
#define FILLER_BYTES 64
#define ENDS 128

static void filler_make(size_t i, size_t end, char *out)
{
	memset(out, '\x06', FILLER_BYTES);
	out[0] = (char)(0x0e + i % 12);
	out[1] = (char)(0x0e + i / 12);
	memcpy(out + FILLER_BYTES - 8, "\x01\x02\x03\x04\x05\x06", 6);
	out[FILLER_BYTES - 2] = (char)(0x0e + end % 12);
	out[FILLER_BYTES - 1] = (char)(0x0e + end / 12);
}

struct engine *engine_literals(const struct engine_literal *literals, size_t n)
{
	size_t all = n < FILL_FROM ? n : n + FILLERS, ends = n < ENDS ? ENDS - n : 1;
	const char **bytes = mem_zalloc(all * sizeof(*bytes));
	unsigned *flags = mem_zalloc(all * sizeof(*flags)), *ids = mem_zalloc(all * sizeof(*ids));
	size_t *lengths = mem_zalloc(all * sizeof(*lengths));
	char fillers[FILLERS][FILLER_BYTES];
	hs_database_t *database = NULL;
	hs_compile_error_t *error = NULL;

	for (size_t i = 0; i < all; i++) {
		if (i >= n)
			filler_make(i - n, (i - n) % ends, fillers[i - n]);
		bytes[i] = i < n ? literals[i].bytes : fillers[i - n];
		lengths[i] = i < n ? literals[i].len : FILLER_BYTES;
		flags[i] = i < n && literals[i].nocase ? HS_FLAG_CASELESS : 0;
		ids[i] = (unsigned)i;
	}
	if (hs_compile_lit_multi(bytes, flags, ids, lengths, (unsigned)all, HS_MODE_BLOCK, NULL, &database,
				 &error) != HS_SUCCESS) {
		hs_free_compile_error(error);
		database = NULL;
	}
	free(bytes);
	free(flags);
	free(ids);
	free(lengths);
	return database ? engine_of(database, n) : NULL;
}

static unsigned pattern_flags(unsigned regex_flags)
{
	return HS_FLAG_PREFILTER | HS_FLAG_MULTILINE | (regex_flags & REGEX_CASELESS ? HS_FLAG_CASELESS : 0) |
	       (regex_flags & REGEX_DOTALL ? HS_FLAG_DOTALL : 0);
}

static bool pattern_can_be_taken(const char *pattern, unsigned flags)
{
	hs_expr_info_t *info = NULL;
	hs_compile_error_t *error = NULL;
	bool can = false;

	if (hs_expression_info(pattern, flags, &info, &error) == HS_SUCCESS)
		can = info->min_width > 0;
	hs_free_compile_error(error);
	free(info);
	return can;
}

/* The library names only the first bad one: leave it out and try again. */
static hs_database_t *patterns_compile(const char **at, unsigned *flags, unsigned *ids, size_t n, bool *taken)
{
	hs_database_t *database = NULL;
	hs_compile_error_t *error = NULL;

	while (n && hs_compile_multi(at, flags, ids, (unsigned)n, HS_MODE_BLOCK, NULL, &database, &error) !=
			    HS_SUCCESS) {
		size_t bad = error->expression >= 0 ? (size_t)error->expression : n - 1;

		hs_free_compile_error(error);
		database = NULL;
		taken[ids[bad]] = false;
		n--;
		memmove(at + bad, at + bad + 1, (n - bad) * sizeof(*at));
		memmove(flags + bad, flags + bad + 1, (n - bad) * sizeof(*flags));
		memmove(ids + bad, ids + bad + 1, (n - bad) * sizeof(*ids));
	}
	return n ? database : NULL;
}

struct engine *engine_patterns(const char *const *patterns, const unsigned *regex_flags, size_t n, bool *taken)
{
	const char **at = mem_zalloc((n + 1) * sizeof(*at));
	unsigned *flags = mem_zalloc((n + 1) * sizeof(*flags)), *ids = mem_zalloc((n + 1) * sizeof(*ids));
	hs_database_t *database;
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		taken[i] = pattern_can_be_taken(patterns[i], pattern_flags(regex_flags[i]));
		if (!taken[i])
			continue;
		at[k] = patterns[i];
		flags[k] = pattern_flags(regex_flags[i]);
		ids[k++] = (unsigned)i;
	}
	database = patterns_compile(at, flags, ids, k, taken);
	free(at);
	free(flags);
	free(ids);
	return database ? engine_of(database, n) : NULL;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	hs_free_database(engine->database);
	free(engine);
}

void engine_scratch_add(const struct engine *engine, struct engine_scratch **scratch)
{
	if (!engine)
		return;
	if (!*scratch)
		*scratch = mem_zalloc(sizeof(**scratch));
	if (hs_alloc_scratch(engine->database, &(*scratch)->scratch) != HS_SUCCESS)
		abort();		/* out of memory, like mem_zalloc() */
}

void engine_scratch_free(struct engine_scratch *scratch)
{
	if (!scratch)
		return;
	hs_free_scratch(scratch->scratch);
	free(scratch);
}

struct scan {
	unsigned n;
	void (*found)(void *context, unsigned id, size_t end);
	void *context;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
	struct scan *scan = context;

	(void)from;
	(void)flags;
	if (id < scan->n)
		scan->found(scan->context, id, (size_t)to);
	return 0;
}

void engine_scan(const struct engine *engine, struct engine_scratch *scratch, struct slice block,
		 void (*found)(void *context, unsigned id, size_t end), void *context)
{
	struct scan scan = { engine ? engine->n : 0, found, context };

	if (engine && block.len &&
	    hs_scan(engine->database, block.at, (unsigned)block.len, 0, scratch->scratch, on_match, &scan) !=
		    HS_SUCCESS)
		abort();		/* only our own mistake can do this */
}

/* The self-test: short literals and patterns at every offset of short lines, each line a block and all in one. */
#define TEST_FRONT 72
#define TEST_BACK 10

struct probe {
	size_t seen[TEST_FRONT * TEST_BACK];	/* bits of ids by line */
	const size_t *starts;
	size_t line, n;
};

static void on_probe(void *context, unsigned id, size_t end)
{
	struct probe *p = context;
	size_t line = p->line;

	if (p->starts) {		/* one block of all lines; ends come in order, nearly always */
		line = p->starts[p->line] < end ? p->line : 0;
		while (line + 1 < p->n && p->starts[line + 1] < end)
			line++;
		p->line = line;
	}
	p->seen[line] |= (size_t)1 << id;
}

static bool probe_all(const struct engine *engine, const char *word, unsigned ids)
{
	struct engine_scratch *scratch = NULL;
	struct probe *probe = mem_zalloc(2 * sizeof(*probe));
	size_t *starts = mem_zalloc(TEST_FRONT * TEST_BACK * sizeof(*starts));
	struct text all = { 0 };
	bool good = engine != NULL;
	size_t n = 0;

	engine_scratch_add(engine, &scratch);
	for (size_t front = 0; front < TEST_FRONT; front++)
		for (size_t back = 0; back < TEST_BACK; back++) {
			starts[n] = all.len;
			for (size_t i = 0; i < front; i++)
				text_add_char(&all, 'y');
			text_add(&all, word);
			for (size_t i = 0; i < back; i++)
				text_add_char(&all, 'y');
			probe[0].line = n++;
			engine_scan(engine, scratch, slice_cut(text_slice(&all), starts[n - 1], all.len),
				    on_probe, &probe[0]);
			text_add_char(&all, '\n');
		}
	probe[1].starts = starts;
	probe[1].n = n;
	engine_scan(engine, scratch, text_slice(&all), on_probe, &probe[1]);
	for (size_t i = 0; i < n && good; i++)
		good = probe[0].seen[i] == ids && probe[1].seen[i] == ids;
	engine_scratch_free(scratch);
	text_clear(&all);
	free(starts);
	free(probe);
	return good;
}

static bool self_test(void)
{
	static const struct { const char *pattern, *word; } patterns[] = {
		{ "[bc]d", "cd" }, { "abd|cd", "cd" }, { "[bc]d[ey]", "cde" }, { "[bc]de", "cde" },
		{ "[b-e]xyz", "exyz" }, { "(a)?(b|c)d", "cd" }, { "abdefg|cdefg", "cdefg" },
	};
	static const struct engine_literal pair[] = { { "cd", 2, false }, { "CD", 2, true }, { "bd", 2, false } };
	struct engine *engine = engine_literals(pair, 3);
	bool good = probe_all(engine, "cd", 3);
	bool taken;

	engine_free(engine);
	for (size_t i = 0; good && i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		unsigned flags = 0;

		engine = engine_patterns(&patterns[i].pattern, &flags, 1, &taken);
		good = probe_all(engine, patterns[i].word, 1);
		engine_free(engine);
	}
	return good;
}

static pthread_once_t tested = PTHREAD_ONCE_INIT;
static bool trusted;
static char name[160];

static void test_once(void)
{
	trusted = hs_valid_platform() == HS_SUCCESS && self_test();
	snprintf(name, sizeof(name), "Hyperscan %.60s%s", hs_version(),
		 trusted ? "" : " lost matches in its self-test and is not used: slower, with the same result");
}

bool engine_is_trusted(void)
{
	pthread_once(&tested, test_once);
	return trusted;
}

const char *engine_name(void)
{
	pthread_once(&tested, test_once);
	return name;
}
