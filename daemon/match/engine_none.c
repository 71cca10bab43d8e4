/* No library: nothing is trusted, so nothing is ever made and every rule is tried on every line. */
#include "match/engine.h"

const char *engine_name(void)
{
	return "no prefilter library (built without Hyperscan)";
}

bool engine_is_trusted(void)
{
	return false;
}

struct engine *engine_literals(const struct engine_literal *literals, size_t n)
{
	(void)literals;
	(void)n;
	return NULL;
}

struct engine *engine_patterns(const char *const *patterns, const unsigned *flags, size_t n, bool *taken)
{
	(void)patterns;
	(void)flags;
	for (size_t i = 0; i < n; i++)
		taken[i] = false;
	return NULL;
}

void engine_free(struct engine *engine)
{
	(void)engine;
}

void engine_scratch_add(const struct engine *engine, struct engine_scratch **scratch)
{
	(void)engine;
	(void)scratch;
}

void engine_scratch_free(struct engine_scratch *scratch)
{
	(void)scratch;
}

void engine_scan(const struct engine *engine, struct engine_scratch *scratch, struct slice block,
		 void (*found)(void *context, unsigned id, size_t end), void *context)
{
	(void)engine;
	(void)scratch;
	(void)block;
	(void)found;
	(void)context;
}
