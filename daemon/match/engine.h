#ifndef SOKUHO_MATCH_ENGINE_H
#define SOKUHO_MATCH_ENGINE_H

#include "base/str.h"

/*
 * A library that finds many literals, or many patterns, in one pass over a block: engine_hyperscan.c, or engine_none.c
 * where there is none. It only ever says where to look, so it must report every place; whether the library found can be
 * trusted with that is tested once per process.
 */
struct engine;
struct engine_scratch;

struct engine_literal {
	const char *bytes;
	size_t len;
	bool nocase;
};

/* One sentence: name, version, and whether it is used. */
const char *engine_name(void);
/* False when there is none, or when it lost matches in the self-test. */
bool engine_is_trusted(void);

/* NULL when it cannot be done; ids are indexes. n of at least 1. */
struct engine *engine_literals(const struct engine_literal *literals, size_t n);
/*
 * Patterns in PCRE2's syntax with enum regex_flag, taken as prefilters of lines: more may be found, never less.
 * taken[i] is set to whether the library could take it. NULL when it took none.
 */
struct engine *engine_patterns(const char *const *patterns, const unsigned *flags, size_t n, bool *taken);
void engine_free(struct engine *engine);

/* One scratch serves any number of engines: made for the first, grown by the others. */
void engine_scratch_add(const struct engine *engine, struct engine_scratch **scratch);
void engine_scratch_free(struct engine_scratch *scratch);
/* found: id, and the place behind the last byte of a match. Not in order; doubles. */
void engine_scan(const struct engine *engine, struct engine_scratch *scratch, struct slice block,
		 void (*found)(void *context, unsigned id, size_t end), void *context);

#endif
