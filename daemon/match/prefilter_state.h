#ifndef SOKUHO_MATCH_PREFILTER_STATE_H
#define SOKUHO_MATCH_PREFILTER_STATE_H

#include "match/book.h"
#include "match/engine.h"

#include <pthread.h>

/* What a prefilter holds: place.c enters it, choice.c makes it, prefilter.c uses it. */

/* Needs that stand beside one that is looked for: they are asked of the line before it is decoded. */
struct asked {
	struct beside {
		const struct need *need;
		unsigned check;			/* the same in checks; made when all is chosen */
		double cost;
	} *at;
	size_t n;
};

struct choice {
	const char *way, *why;
	double per_mb, search_us;
};

/* Rules for which the same part of their needs is looked for, and what else each of them needs. */
struct group {
	struct choice choice;
	bool asks_much;
	struct member {
		unsigned rule;
		bool dear;
		struct asked asked;
	} *members;
	size_t n, cap;
};

/* Why a line may be a rule's of the group: something that is looked for stands in it. */
struct reason {
	unsigned group;
	bool asks_little;
	struct asked asked;
};

/* Reasons that need a run of the same class. */
#define RUN_LONG 32			/* bytes */
struct run {
	unsigned char class[32], is[256];
	size_t min;
	unsigned *reasons;
	size_t *mins;
	size_t n_reasons, cap_reasons, cap_mins;
};

struct pattern {
	const char *text;		/* of the need */
	unsigned flags;
	struct reason_list reasons;
};

struct prefilter {
	const struct needs *needs;
	struct literal *literals;
	size_t n_literals, cap_literals;
	/* what the engine looks for: a literal, and those that hold it, by where they end */
	struct looked {
		struct covered {
			unsigned literal, behind;
		} *at;
		size_t n, cap;
	} *looked;
	size_t n_looked;
	struct run *runs;
	size_t n_runs, cap_runs;
	struct pattern *patterns;
	size_t n_patterns, cap_patterns;
	struct engine *literal_engine, *pattern_engine;
	/* literals of texts that decode data may know; made when the first such line comes, by whichever thread */
	pthread_mutex_t text_lock;
	bool text_made, text_always;
	struct engine *text_engine;
	struct reason_list always, on_escape;	/* reasons */
	struct reason *reasons;
	size_t n_reasons, cap_reasons;
	struct group *groups;
	size_t n_groups, cap_groups;
	unsigned *group_of;		/* by rule, + 1; 0: nothing is looked for */
	struct need_check **checks;	/* of what stands beside; reasons share them */
	size_t n_checks, cap_checks;
};

struct prefilter_scratch {
	struct engine_scratch *engine;
	bool texts;			/* it serves the engine of texts too */
	struct need_text asked;		/* the line that is asked of */
	uint64_t line;			/* its number */
	struct answer {			/* by check */
		uint64_t line;		/* for which it was given */
		unsigned asked, held;	/* so often */
		bool holds;
	} *answers;
};

/* What it costs a rule to look for a part of its need. */
typedef double (*part_cost)(struct book *book, const struct need *need, enum prefilter_mode mode);
/* To look for what another rule looks for anyway costs little more. */
double shared_cost(struct book *book, const struct need *need, enum prefilter_mode mode);
/* Enters what is looked for so that the rule is tried. */
void rule_place(struct prefilter *prefilter, struct book *book, unsigned rule, enum prefilter_mode mode, part_cost cost_of);
/* Which literals are looked for, and which are known by those. */
void literals_cover(struct prefilter *prefilter);
/* Forgets what rule_place() entered, but for literals, runs and patterns. */
void reasons_free(struct prefilter *prefilter);

#endif
