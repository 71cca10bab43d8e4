#ifndef SOKUHO_MATCH_PREFILTER_H
#define SOKUHO_MATCH_PREFILTER_H

#include "match/needs.h"

/*
 * Which rules can match in which lines of a block, found by the bytes that their matches need. It may say too much,
 * never too little: the answer is the same with and without it. Immutable; shared by threads.
 */
enum prefilter_mode {
	PREFILTER_NONE,			/* every rule on every line */
	PREFILTER_LITERAL,		/* literals only; other rules on every line */
	PREFILTER_FULL,			/* and class runs, and a small database of patterns */
};
struct prefilter;
/*
 * Chooses for each rule what to look for, by how rare it is in the sample, and compiles it. NULL where no library
 * is there that can be trusted, or with PREFILTER_NONE. needs is a loan.
 */
struct prefilter *prefilter_new(const struct needs *needs, struct slice sample, enum prefilter_mode mode);
void prefilter_free(struct prefilter *prefilter);

/* Memory of one thread. */
struct prefilter_scratch;
struct prefilter_scratch *prefilter_scratch_new(const struct prefilter *prefilter);
void prefilter_scratch_free(struct prefilter_scratch *scratch);
/*
 * block: whole lines. on_candidate: there is a reason for a rule to match in the line that holds the byte at `at`; any order,
 * doubles. Those of prefilter_always() are not reported.
 */
void prefilter_scan(const struct prefilter *prefilter, struct prefilter_scratch *scratch, struct slice block,
		    void (*on_candidate)(void *context, unsigned reason, size_t at), void *context);
/* The line that prefilter_rules() asks from now on: a loan. It holds no escape that may spell any byte. */
void prefilter_ask(struct prefilter_scratch *scratch, struct slice line);
enum prefilter_asking {
	PREFILTER_ASK,			/* only rules for which all that they need stands in the line: cheaper than to decode it */
	PREFILTER_ASK_DEAR,		/* the line is decoded in any case: only rules that are dear to try are asked for */
	PREFILTER_TAKE,			/* all */
};
/*
 * Hands on the rules that may match in a line for this reason, not in order. What rules share is looked for once in the line.
 * on_rule returns true when the line is to be decoded in any case from then on.
 */
void prefilter_rules(const struct prefilter *prefilter, struct prefilter_scratch *scratch, unsigned reason, enum prefilter_asking asking,
		     bool (*on_rule)(void *context, unsigned rule), void *context);
bool prefilter_asks_little(const struct prefilter *prefilter, unsigned reason);
/* May decode data know this line, which has no head of its own? */
bool prefilter_knows_text(const struct prefilter *prefilter, struct prefilter_scratch *scratch, struct slice line);
/* Reasons that must be tried on every line. */
const unsigned *prefilter_always(const struct prefilter *prefilter, size_t *n);
/* Reasons of patterns and runs: where a line holds escapes of its format, these must be looked for with the escapes undone. */
const unsigned *prefilter_on_escape(const struct prefilter *prefilter, size_t *n);

/* How each rule is looked for, for `rules lint --cost`: literal, run, pattern, line; and its literals. */
struct prefilter_choice {
	const char *way;
	const char *why;		/* what stood in the way of a rare literal; NULL: nothing */
	double per_mb;			/* candidates in a MB of the sample */
	double search_us;		/* about how long looking for it takes in a MB, beside the other rules */
};
void prefilter_choice(const struct prefilter *prefilter, unsigned rule, struct prefilter_choice *out,
		      struct text *literals);
/* The library's name and version, and whether its self-test passed; one sentence. */
const char *prefilter_library(bool *trusted);

#endif
