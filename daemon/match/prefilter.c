/*
 * Literal first, block-wise. For each rule the cheapest part of its need is chosen: literals that are rare in a
 * sample, else a run of one class of bytes, else its pattern; what is left is tried on every line. All literals go
 * into one database, all patterns into another, and both scan whole blocks.
 */
#include "match/prefilter.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/regex.h"
#include "match/engine.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_GOOD 4			/* shorter literals only where they are rare */
#define SHORT_PER_MB 100
#define SHORT_WORSE 3			/* the scan itself is slower where a short literal is everywhere */
#define COMMON_PER_MB 200		/* worth a word to the author of the rule */
#define RUN_GOOD 16			/* bytes of a run that are worth a probe */
#define CONSIDERED_MAX 24		/* parts of one `all` that are counted in the sample */
/* What costs less than to look for more: so many comparisons in a MB, of so many literals where one of such a length is found. */
#define COVER_PER_MB 400
#define COVER_MAX    24
#define COVER_LENGTH 3
#define UNKNOWN_PER_MB 8000.0		/* without a sample: spread over the length of the literal */
#define UNKNOWN_LINES_PER_MB 5000.0
#define EXCERPTS 16			/* of the sample */
#define COUNTED_BYTES 65536		/* of each, in which literals are counted */
#define SEARCHED_BYTES 16384		/* of each, in which patterns are searched for */
#define ASKED_LITERALS 400		/* are asked of a line in the time in which it is decoded */
#define ASKED_LITTLE   8

/* Costs are microseconds per MB, measured once on one machine; only their order matters. */
#define COST_CANDIDATE 0.5
#define COST_CANDIDATE_KB 2.0		/* and for each 1000 bytes of a line */
#define COST_RUN 40.0
#define COST_PATTERN 1000.0		/* to compile it takes the library the time of a few MB, and all of them are a second pass over the text */
#define COST_LINE 12000.0
#define COST_SHARED 0.1			/* of the cost of what is looked for in any case */

struct list {
	unsigned *at;
	size_t n, cap;
};

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

struct literal {
	char *bytes;
	size_t len;
	bool nocase;
	unsigned bounds;
	double per_mb;
	bool sure;			/* the choice before looked for it */
	struct list reasons;
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
	struct list reasons;
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
	struct list always, on_escape;	/* reasons */
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
	struct need_text asked;		/* the line that is asked of, and what was answered: by check, 2n and 2n + 1 for the n-th line */
	uint64_t line, *answers;
};

/* Literals by their bytes and patterns by their text, while choosing. */
struct book {
	struct map *index;		/* key to index + 1 */
	struct literal *at;
	size_t n, cap;
	struct map *patterns;		/* text to double, lines in a MB, of those that were looked for once */
	struct map *known;		/* struct need * to struct known: rules share much of what they need */
	double lines_per_mb;
	double candidate;		/* cost of one, by the length of lines */
};

struct known {
	double cost, asked, share;	/* < 0: not yet */
	bool collected;
	size_t wanted;			/* by so many rules in the choice before */
	unsigned group;			/* + 1; 0: not looked for yet */
};

static struct known *book_known(struct book *book, const struct need *need)
{
	struct slice key = { (const char *)&need, sizeof(need) };
	struct known *known = map_get(book->known, key);

	if (!known) {
		known = mem_dup(&(struct known){ .cost = -1, .asked = -1, .share = -1 }, sizeof(*known));
		map_put(book->known, key, known);
	}
	return known;
}

static size_t book_find(struct book *book, const struct need *need, bool add)
{
	char key[NEED_LITERAL_MAX + 1];
	struct slice k = { key, need->len + 1 };
	uintptr_t found;

	key[0] = (char)((need->nocase ? 'A' : 'a') + (char)need->bounds);
	for (size_t i = 0; i < need->len; i++) {
		char c = need->bytes[i];

		key[i + 1] = need->nocase && c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	found = (uintptr_t)map_get(book->index, k);
	if (found || !add)
		return found - 1;
	book->at = mem_grow(book->at, &book->cap, book->n + 1, sizeof(*book->at));
	book->at[book->n] = (struct literal){ .bytes = need->bytes, .len = need->len, .nocase = need->nocase,
					      .bounds = need->bounds };
	map_put(book->index, k, (void *)(uintptr_t)(++book->n));
	return book->n - 1;
}

static int by_length(const void *a, const void *b)
{
	const struct need *x = *(struct need *const *)a, *y = *(struct need *const *)b;
	size_t m = x->kind == NEED_LITERAL ? x->len : 8, n = y->kind == NEED_LITERAL ? y->len : 8;

	return m < n ? 1 : m > n ? -1 : 0;
}

/* Of a long `all` only the longest parts are looked at: one suffices. */
struct considered {
	struct need *const *parts;
	size_t n;
	struct need *longest[NEED_PARTS_MAX];
};

static void consider(const struct need *all, struct considered *out)
{
	out->parts = all->parts;
	out->n = all->n;
	if (all->n <= CONSIDERED_MAX || all->n > NEED_PARTS_MAX)
		return;
	memcpy(out->longest, all->parts, all->n * sizeof(*out->longest));
	qsort(out->longest, all->n, sizeof(*out->longest), by_length);
	out->parts = out->longest;
	out->n = CONSIDERED_MAX;
}

static void book_collect(struct book *book, const struct need *need)
{
	struct considered all;
	struct known *known;

	if (!need || need->kind == NEED_PATTERN)
		return;
	if (need->kind == NEED_LITERAL) {
		book_find(book, need, true);
		return;
	}
	known = book_known(book, need);
	if (known->collected)
		return;
	known->collected = true;
	if (need->kind == NEED_ANY) {
		for (size_t i = 0; i < need->n; i++)
			book_collect(book, need->parts[i]);
		return;
	}
	consider(need, &all);
	for (size_t i = 0; i < all.n; i++)
		book_collect(book, all.parts[i]);
}

static void book_measure(struct book *book, struct slice sample)
{
	size_t lines = 1;

	for (size_t i = 0; (i = slice_find_byte(sample, '\n', i)) < sample.len; i++)
		lines++;
	book->candidate = COST_CANDIDATE + COST_CANDIDATE_KB * (double)sample.len / (double)lines / 1000;
	book->lines_per_mb = sample.len ? (double)lines * 1e6 / (double)sample.len : UNKNOWN_LINES_PER_MB;
}

static bool literal_stands(const struct literal *literal, struct slice block, size_t end)
{
	return !literal->bounds || need_bounds_hold(literal->bounds, block, end - literal->len, end);
}

/* Literals by their first bytes in lower case, at most four, in chains. */
#define GRAM 4
#define SLOTS 65536

struct grams {
	unsigned first[SLOTS], *next;	/* literal + 1; 0: none */
	uint64_t is[SLOTS / 64];	/* a bit each: is there any? Small enough to stay near the processor */
	bool lengths[GRAM + 1];
	double per_find;		/* what one find in the excerpts is in a MB */
};

static unsigned slot_of(uint32_t gram, size_t len)
{
	return (gram * 2654435761u ^ (uint32_t)len * 0x9e3779b1u) >> 16;
}

static uint32_t gram_next(uint32_t gram, char c)
{
	return gram << 8 | (unsigned char)tolower((unsigned char)c);
}

static void gram_enter(struct grams *g, const struct literal *literal, unsigned id)
{
	size_t len = literal->len < GRAM ? literal->len : GRAM;
	uint32_t gram = 0;
	unsigned slot;

	for (size_t i = 0; i < len; i++)
		gram = gram_next(gram, literal->bytes[i]);
	slot = slot_of(gram, len);
	g->lengths[len] = true;
	g->next[id] = g->first[slot];
	g->first[slot] = id + 1;
	g->is[slot / 64] |= UINT64_C(1) << slot % 64;
}

static bool literal_is_at(const struct literal *literal, struct slice sample, size_t at)
{
	struct slice found = slice_cut(sample, at, at + literal->len), bytes = { literal->bytes, literal->len };

	return (literal->nocase ? slice_equal_nocase(found, bytes) : slice_equal(found, bytes)) &&
	       literal_stands(literal, sample, at + literal->len);
}

static void gram_count(const struct grams *g, struct book *book, struct slice sample, size_t at, unsigned slot)
{
	for (unsigned id = g->is[slot / 64] >> slot % 64 & 1 ? g->first[slot] : 0; id; id = g->next[id - 1])
		if (literal_is_at(&book->at[id - 1], sample, at))
			book->at[id - 1].per_mb += g->per_find;
}

/* The sample is counted in excerpts from all over it, of at most so many bytes each. */
static struct slice excerpt(struct slice sample, size_t i, size_t bytes)
{
	size_t step = sample.len / EXCERPTS;

	return slice_cut(sample, i * step, i * step + (step < bytes ? step : bytes));
}

static void excerpt_count(const struct grams *g, struct book *book, struct slice text)
{
	static const uint32_t last[GRAM + 1] = { 0, 0xff, 0xffff, 0xffffff, 0xffffffff };
	uint32_t gram = 0;

	for (size_t end = 1; end <= text.len; end++) {
		gram = gram_next(gram, text.at[end - 1]);
		for (size_t len = 1; len <= GRAM && len <= end; len++)
			if (g->lengths[len])
				gram_count(g, book, text, end - len, slot_of(gram & last[len], len));
	}
}

/* How often each literal stands in a MB of the sample. Much quicker than to make a database for it. */
static void book_count(struct book *book, struct slice sample)
{
	struct grams *g = mem_zalloc(sizeof(*g));
	size_t counted = EXCERPTS * excerpt(sample, 0, COUNTED_BYTES).len;

	g->next = mem_zalloc((book->n + 1) * sizeof(*g->next));
	for (size_t i = 0; i < book->n; i++) {
		gram_enter(g, &book->at[i], (unsigned)i);
		if (!counted)
			book->at[i].per_mb = UNKNOWN_PER_MB / (double)(book->at[i].len * book->at[i].len);
	}
	g->per_find = counted ? 1e6 / (double)counted : 0;
	for (size_t i = 0; i < EXCERPTS; i++)
		excerpt_count(g, book, excerpt(sample, i, COUNTED_BYTES));
	free(g->next);
	free(g);
}

static double literal_cost(struct book *book, const struct need *need)
{
	const struct literal *literal = &book->at[book_find(book, need, true)];
	double per_mb = literal->per_mb;

	if (need->len < LENGTH_GOOD && per_mb > SHORT_PER_MB && !literal->sure)
		per_mb *= SHORT_WORSE;
	return per_mb * book->candidate + 1.0 / (double)need->len;
}

/* Until it is counted a pattern is taken to be found nowhere. */
static double pattern_cost(struct book *book, const struct need *need)
{
	const double *lines_per_mb = need->bytes ? map_get(book->patterns, slice_of(need->bytes)) : NULL;
	double search = need->run_min >= RUN_GOOD ? COST_RUN : need->bytes ? COST_PATTERN : COST_LINE;

	return search + (lines_per_mb ? *lines_per_mb * book->candidate : 0);
}

static double need_cost_anew(struct book *book, const struct need *need, enum prefilter_mode mode);

/* What it costs to look for a need; the parts that are looked for are chosen the same way again by need_place(). */
static double need_cost(struct book *book, const struct need *need, enum prefilter_mode mode)
{
	struct known *known;

	if (!need)
		return COST_LINE;
	if (!need->n)
		return need_cost_anew(book, need, mode);
	known = book_known(book, need);
	if (known->cost < 0)
		known->cost = need_cost_anew(book, need, mode);
	return known->cost;
}

static double need_cost_anew(struct book *book, const struct need *need, enum prefilter_mode mode)
{
	struct considered all;
	double cost = 0;

	switch (need->kind) {
	case NEED_LITERAL: return literal_cost(book, need);
	case NEED_PATTERN:
		return mode == PREFILTER_FULL ? pattern_cost(book, need) : COST_LINE;
	case NEED_ANY:
		for (size_t i = 0; i < need->n && cost < COST_LINE; i++)
			cost += need_cost(book, need->parts[i], mode);
		return cost;
	case NEED_ALL:
		consider(need, &all);
		cost = COST_LINE;
		for (size_t i = 0; i < all.n; i++) {
			double one = need_cost(book, all.parts[i], mode);

			cost = one < cost ? one : cost;
		}
		return cost;
	}
	return COST_LINE;
}

static void list_add(struct list *list, unsigned reason)
{
	if (list->n && list->at[list->n - 1] == reason)
		return;
	list->at = mem_grow(list->at, &list->cap, list->n + 1, sizeof(*list->at));
	list->at[list->n++] = reason;
}

static void list_join(struct list *list, const struct list *more)
{
	for (size_t i = 0; i < more->n; i++)
		list_add(list, more->at[i]);
}

static unsigned reason_add(struct prefilter *p, unsigned group)
{
	p->reasons = mem_grow(p->reasons, &p->cap_reasons, p->n_reasons + 1, sizeof(*p->reasons));
	p->reasons[p->n_reasons] = (struct reason){ .group = group };
	return (unsigned)p->n_reasons++;
}

static double literal_share(struct book *book, const struct need *need)
{
	size_t at = book_find(book, need, false);
	double share = at == (size_t)-1 ? 0 : book->at[at].per_mb / book->lines_per_mb;

	return share < 1 ? share : 1;
}

/* About which share of lines holds it, as if its parts had nothing to do with each other; patterns pass for held. */
static double share_of(struct book *book, const struct need *need)
{
	double without = 1, share = 1, one;
	struct known *known;

	if (need->kind == NEED_LITERAL)
		return literal_share(book, need);
	known = book_known(book, need);
	if (known->share >= 0)
		return known->share;
	for (size_t i = 0; i < need->n; i++) {
		one = share_of(book, need->parts[i]);
		share = one < share ? one : share;
		without *= 1 - one;
	}
	return known->share = need->kind == NEED_ANY ? 1 - without : share;
}

/* How many literals are asked for of a line that does not hold it: an `all` ends with the first part that is missing. */
static double asked_literals(struct book *book, const struct need *need)
{
	double n = 0, reached = 1, share;
	struct known *known;

	if (!need->n)
		return need->kind == NEED_LITERAL;
	known = book_known(book, need);
	if (known->asked >= 0)
		return known->asked;
	for (size_t i = 0; i < need->n; i++) {
		n += reached * asked_literals(book, need->parts[i]);
		share = need->kind == NEED_ALL ? share_of(book, need->parts[i]) : 1;
		reached *= share;
	}
	return known->asked = n;
}

/* How many literals are asked for until one line is spared the decoding. */
static double asking_cost(struct book *book, const struct need *need)
{
	double share = share_of(book, need);

	return need->kind == NEED_PATTERN || share >= 1 ? ASKED_LITERALS : asked_literals(book, need) / (1 - share);
}

/* What spares the most for the least is asked for first. */
static void asked_add(struct asked *asked, const struct need *need, double cost)
{
	size_t at = asked->n++;

	for (; at && asked->at[at - 1].cost > cost; at--)
		asked->at[at] = asked->at[at - 1];
	asked->at[at] = (struct beside){ need, 0, cost };
}

/* Of an `all` the parts beside the one that is looked for; and what stood beside the whole. */
static struct asked asked_beside(struct book *book, const struct need *all, const struct need *part, const struct asked *outer)
{
	struct asked asked = { mem_zalloc((outer->n + all->n + 1) * sizeof(*asked.at)), 0 };
	double cost;

	for (size_t i = 0; i < outer->n; i++)
		asked_add(&asked, outer->at[i].need, outer->at[i].cost);
	for (size_t i = 0; i < all->n; i++)
		if (all->parts[i] != part && (cost = asking_cost(book, all->parts[i])) < ASKED_LITERALS)
			asked_add(&asked, all->parts[i], cost);
	return asked;
}

/* The same group for a part of `all`. */
static unsigned reason_within(struct prefilter *p, struct book *book, unsigned outer, const struct need *all,
			      const struct need *part)
{
	unsigned reason = reason_add(p, p->reasons[outer].group);

	p->reasons[reason].asked = asked_beside(book, all, part, &p->reasons[outer].asked);
	return reason;
}

static void literal_place(struct book *book, const struct need *need, unsigned reason)
{
	list_add(&book->at[book_find(book, need, true)].reasons, reason);
}

static void run_place(struct prefilter *p, const struct need *need, unsigned reason)
{
	struct run *run;
	size_t i = 0;

	while (i < p->n_runs && memcmp(p->runs[i].class, need->run_class, 32) != 0)
		i++;
	if (i == p->n_runs) {
		p->runs = mem_grow(p->runs, &p->cap_runs, p->n_runs + 1, sizeof(*p->runs));
		run = &p->runs[p->n_runs++];
		*run = (struct run){ .min = need->run_min };
		memcpy(run->class, need->run_class, 32);
		for (size_t k = 0; k < 256; k++)
			run->is[k] = k != '\n' && run->class[k >> 3] >> (k & 7) & 1;
	}
	run = &p->runs[i];
	run->min = need->run_min < run->min ? need->run_min : run->min;
	run->reasons = mem_grow(run->reasons, &run->cap_reasons, run->n_reasons + 1, sizeof(*run->reasons));
	run->mins = mem_grow(run->mins, &run->cap_mins, run->n_reasons + 1, sizeof(*run->mins));
	run->reasons[run->n_reasons] = reason;
	run->mins[run->n_reasons++] = need->run_min;
}

static void pattern_place(struct prefilter *p, const struct need *need, unsigned reason)
{
	size_t i = 0;

	list_add(&p->on_escape, reason);
	if (need->run_min >= RUN_GOOD) {
		run_place(p, need, reason);
		return;
	}
	while (i < p->n_patterns &&
	       (p->patterns[i].flags != need->regex_flags || strcmp(p->patterns[i].text, need->bytes) != 0))
		i++;
	if (i == p->n_patterns) {
		p->patterns = mem_grow(p->patterns, &p->cap_patterns, p->n_patterns + 1, sizeof(*p->patterns));
		p->patterns[p->n_patterns++] = (struct pattern){ .text = need->bytes, .flags = need->regex_flags };
	}
	list_add(&p->patterns[i].reasons, reason);
}

/* What it costs a rule to look for a part of its need. */
typedef double (*part_cost)(struct book *book, const struct need *need, enum prefilter_mode mode);

/* The part of an `all` that is looked for; NULL: each costs as much as to try every line. */
static const struct need *best_part(struct book *book, const struct need *all, enum prefilter_mode mode, part_cost cost_of)
{
	const struct need *best = NULL;
	struct considered considered;
	double cost = COST_LINE;

	consider(all, &considered);
	for (size_t i = 0; i < considered.n; i++) {
		double one = cost_of(book, considered.parts[i], mode);

		if (one < cost) {
			cost = one;
			best = considered.parts[i];
		}
	}
	return best;
}

/* Enters what is to be looked for, part by part. */
static void need_place(struct prefilter *p, struct book *book, const struct need *need, enum prefilter_mode mode,
		       unsigned reason)
{
	const struct need *best;

	switch (need->kind) {
	case NEED_LITERAL: literal_place(book, need, reason); return;
	case NEED_PATTERN: pattern_place(p, need, reason); return;
	case NEED_ANY:
		for (size_t i = 0; i < need->n; i++)
			need_place(p, book, need->parts[i], mode, reason);
		return;
	case NEED_ALL:
		best = best_part(book, need, mode, need_cost);
		need_place(p, book, best, mode, reason_within(p, book, reason, need, best));
	}
}

/* To look for what another rule looks for anyway costs little more. */
static double shared_cost(struct book *book, const struct need *need, enum prefilter_mode mode)
{
	double cost = need_cost(book, need, mode);

	return cost < COST_LINE && book_known(book, need)->wanted > 1 ? cost * COST_SHARED : cost;
}

static const struct need *rule_part(struct book *book, const struct need *need, enum prefilter_mode mode, part_cost cost_of)
{
	if (need && need->kind == NEED_ALL)
		return best_part(book, need, mode, cost_of);
	return need_cost(book, need, mode) < COST_LINE ? need : NULL;
}

static unsigned group_add(struct prefilter *p, struct choice choice)
{
	p->groups = mem_grow(p->groups, &p->cap_groups, p->n_groups + 1, sizeof(*p->groups));
	p->groups[p->n_groups] = (struct group){ .choice = choice };
	return (unsigned)p->n_groups++;
}

/* The group of a part; what is looked for is entered with its first rule. */
static unsigned group_of(struct prefilter *p, struct book *book, const struct need *part, enum prefilter_mode mode)
{
	struct known *known = book_known(book, part);
	unsigned group;

	if (known->group)
		return known->group - 1;
	group = group_add(p, (struct choice){ "literal", NULL, need_cost(book, part, mode) / book->candidate, 0 });
	known->group = group + 1;
	need_place(p, book, part, mode, reason_add(p, group));
	return group;
}

static unsigned group_of_every_line(struct prefilter *p, const char *why)
{
	unsigned group = group_add(p, (struct choice){ "line", why, 0, 0 });

	list_add(&p->always, reason_add(p, group));
	return group;
}

static void rule_place(struct prefilter *p, struct book *book, unsigned rule, enum prefilter_mode mode, part_cost cost_of)
{
	const struct need *need = needs_entry(p->needs, rule), *part = rule_part(book, need, mode, cost_of);
	unsigned at = part ? group_of(p, book, part, mode) :
			     group_of_every_line(p, need ? "what it needs is too common or no literal" : "no literal is known");
	struct group *group = &p->groups[at];

	group->members = mem_grow(group->members, &group->cap, group->n + 1, sizeof(*group->members));
	group->members[group->n] = (struct member){ .rule = rule, .dear = needs_is_dear(p->needs, rule) };
	if (part && part != need)
		group->members[group->n].asked = asked_beside(book, need, part, &(struct asked){ 0 });
	group->n++;
	p->group_of[rule] = at + 1;
}

/* Literals of which one stands in every text that decode data knows; false where some text needs none. */
static bool text_literals(const struct need *need, struct engine_literal **list, size_t *n, size_t *cap)
{
	const struct need *best = NULL;

	if (!need || need->kind == NEED_PATTERN)
		return false;
	if (need->kind == NEED_LITERAL) {
		*list = mem_grow(*list, cap, *n + 1, sizeof(**list));
		(*list)[(*n)++] = (struct engine_literal){ need->bytes, need->len, need->nocase };
		return true;
	}
	if (need->kind == NEED_ANY) {
		for (size_t i = 0; i < need->n; i++)
			if (!text_literals(need->parts[i], list, n, cap))
				return false;
		return true;
	}
	for (size_t i = 0; i < need->n; i++)
		if (need->parts[i]->kind == NEED_LITERAL && (!best || need->parts[i]->len > best->len))
			best = need->parts[i];
	for (size_t i = 0; !best && i < need->n; i++)
		if (need->parts[i]->kind == NEED_ANY)
			best = need->parts[i];
	return text_literals(best, list, n, cap);
}

static void texts_take(struct prefilter *p)
{
	struct engine_literal *list = NULL;
	size_t n = 0, cap = 0;

	if (text_literals(needs_entry(p->needs, needs_count(p->needs)), &list, &n, &cap) && n)
		p->text_engine = engine_literals(list, n);
	p->text_always = !p->text_engine;
	free(list);
}

/* Stands the outer one nowhere without the inner one, which begins at `at` of its bytes? */
static bool literal_covers(const struct literal *inner, const struct literal *outer, size_t at)
{
	struct slice found = { outer->bytes + at, inner->len }, bytes = { inner->bytes, inner->len };

	if (at + inner->len > outer->len || (outer->nocase && !inner->nocase))
		return false;
	return inner->nocase ? slice_equal_nocase(found, bytes) : slice_equal(found, bytes);
}

/* One that is looked for and stands in this one, where at the least of its bytes go on behind it; or NULL. */
static const struct looked *cover_of(const struct prefilter *p, const struct grams *g, const struct literal *literal, size_t *behind)
{
	for (size_t at = 0; at + 1 < literal->len; at++) {
		uint32_t gram = 0;

		for (size_t len = 1; len <= GRAM && at + len <= literal->len; len++) {
			gram = gram_next(gram, literal->bytes[at + len - 1]);
			for (unsigned id = g->lengths[len] ? g->first[slot_of(gram, len)] : 0; id; id = g->next[id - 1]) {
				const struct looked *looked = &p->looked[id - 1];
				const struct literal *inner = &p->literals[looked->at[0].literal];

				if (inner->len < COVER_LENGTH || looked->n == COVER_MAX || !literal_covers(inner, literal, at) ||
				    inner->per_mb * (double)looked->n > COVER_PER_MB)
					continue;
				*behind = literal->len - at - inner->len;
				return looked;
			}
		}
	}
	return NULL;
}

static void looked_add(struct looked *looked, size_t literal, size_t behind)
{
	looked->at = mem_grow(looked->at, &looked->cap, looked->n + 1, sizeof(*looked->at));
	looked->at[looked->n++] = (struct covered){ (unsigned)literal, (unsigned)behind };
}

static int shorter_first(const void *a, const void *b)
{
	const struct literal *x = a, *y = b;

	return x->len != y->len ? (x->len < y->len ? -1 : 1) : y->nocase - x->nocase;
}

/* The fewer literals the library looks for, the faster it is: one that holds another is looked for where that is found. */
static void literals_cover(struct prefilter *p)
{
	struct grams *g = mem_zalloc(sizeof(*g));

	g->next = mem_zalloc((p->n_literals + 1) * sizeof(*g->next));
	p->looked = mem_zalloc((p->n_literals + 1) * sizeof(*p->looked));
	qsort(p->literals, p->n_literals, sizeof(*p->literals), shorter_first);
	for (size_t i = 0; i < p->n_literals; i++) {
		size_t behind = 0;
		const struct looked *cover = cover_of(p, g, &p->literals[i], &behind);

		if (!cover)
			gram_enter(g, &p->literals[i], (unsigned)p->n_looked);
		looked_add(cover ? (struct looked *)cover : &p->looked[p->n_looked++], i, behind);
	}
	free(g->next);
	free(g);
}

/* Of the book only literals that some rule looks for; the bytes become ours. */
static void literals_take(struct prefilter *p, struct book *book)
{
	struct engine_literal *list;

	for (size_t i = 0; i < book->n; i++) {
		if (!book->at[i].reasons.n)
			continue;
		p->literals = mem_grow(p->literals, &p->cap_literals, p->n_literals + 1, sizeof(*p->literals));
		p->literals[p->n_literals] = book->at[i];
		p->literals[p->n_literals++].bytes = mem_strndup(book->at[i].bytes, book->at[i].len);
	}
	if (!p->n_literals)
		return;
	literals_cover(p);
	list = mem_zalloc(p->n_looked * sizeof(*list));
	for (size_t i = 0; i < p->n_looked; i++) {
		const struct literal *literal = &p->literals[p->looked[i].at[0].literal];

		list[i] = (struct engine_literal){ literal->bytes, literal->len, literal->nocase };
	}
	p->literal_engine = engine_literals(list, p->n_looked);
	free(list);
	for (size_t i = 0; !p->literal_engine && i < p->n_literals; i++)
		list_join(&p->always, &p->literals[i].reasons);
}

/* A pattern that the library does not take is tried on every line. */
static void patterns_take(struct prefilter *p)
{
	const char **texts = mem_zalloc((p->n_patterns + 1) * sizeof(*texts));
	unsigned *flags = mem_zalloc((p->n_patterns + 1) * sizeof(*flags));
	bool *taken = mem_zalloc((p->n_patterns + 1) * sizeof(*taken));

	for (size_t i = 0; i < p->n_patterns; i++) {
		texts[i] = p->patterns[i].text;
		flags[i] = p->patterns[i].flags;
	}
	if (p->n_patterns)
		p->pattern_engine = engine_patterns(texts, flags, p->n_patterns, taken);
	for (size_t i = 0; i < p->n_patterns; i++) {
		const struct list *reasons = &p->patterns[i].reasons;

		if (taken[i] && p->pattern_engine)
			continue;
		list_join(&p->always, reasons);
		for (size_t k = 0; k < reasons->n; k++)
			p->groups[p->reasons[reasons->at[k]].group].choice =
				(struct choice){ "line", "the library does not take its pattern", 0, 0 };
	}
	free(texts);
	free(flags);
	free(taken);
}

static bool repeats_by_count(const char *pattern)
{
	const char *brace = strchr(pattern, '{');

	while (brace && !isdigit((unsigned char)brace[1]))
		brace = strchr(brace + 1, '{');
	return brace != NULL;
}

static void choice_search(struct choice *choice, const char *way, double cost, const char *why)
{
	if (strcmp(choice->way, "line") == 0)
		return;
	choice->way = way;
	choice->search_us += cost;
	choice->why = why;
}

static void choices_name(struct prefilter *p)
{
	for (size_t i = 0; i < p->n_groups; i++)
		if (!p->groups[i].choice.why && p->groups[i].choice.per_mb > COMMON_PER_MB)
			p->groups[i].choice.why = "its literals are common";
	for (size_t i = 0; i < p->n_runs; i++)
		for (size_t k = 0; k < p->runs[i].n_reasons; k++)
			choice_search(&p->groups[p->reasons[p->runs[i].reasons[k]].group].choice, "run", COST_RUN, "no rare literal, a long run of a class");
	for (size_t i = 0; i < p->n_patterns; i++)
		for (size_t k = 0; k < p->patterns[i].reasons.n; k++)
			choice_search(&p->groups[p->reasons[p->patterns[i].reasons.at[k]].group].choice, "pattern", COST_PATTERN,
				      repeats_by_count(p->patterns[i].text) ? "no rare literal, and a bounded repeat" :
									      "no rare literal");
}

static size_t lines_with(const struct regex *regex, struct slice text)
{
	size_t n = 0, end;

	for (size_t at = 0; at < text.len; at = end + 1) {
		end = slice_find_byte(text, '\n', at);
		n += regex_search(regex, slice_cut(text, at, end), NULL) != 0;
	}
	return n;
}

/* Lines in a MB. To make a database of the pattern would cost far more. */
static double pattern_count(const struct pattern *pattern, struct slice sample)
{
	size_t counted = EXCERPTS * excerpt(sample, 0, SEARCHED_BYTES).len, n = 0;
	struct regex *regex;
	struct err err;

	if (!counted || regex_new(slice_of(pattern->text), pattern->flags, &regex, &err) < 0)
		return 0;
	for (size_t i = 0; i < EXCERPTS; i++)
		n += lines_with(regex, excerpt(sample, i, SEARCHED_BYTES));
	regex_free(regex);
	return (double)n * 1e6 / (double)counted;
}

/* Looks for the patterns that were chosen. */
static void patterns_count(struct prefilter *p, struct book *book, struct slice sample)
{
	for (size_t i = 0; i < p->n_patterns; i++) {
		double lines_per_mb = pattern_count(&p->patterns[i], sample);

		free(map_put(book->patterns, slice_of(p->patterns[i].text), mem_dup(&lines_per_mb, sizeof(lines_per_mb))));
	}
}

static void reasons_free(struct prefilter *p)
{
	for (size_t i = 0; i < p->n_reasons; i++)
		free(p->reasons[i].asked.at);
	for (size_t i = 0; i < p->n_groups; i++) {
		for (size_t k = 0; k < p->groups[i].n; k++)
			free(p->groups[i].members[k].asked.at);
		free(p->groups[i].members);
	}
	p->n_reasons = p->n_groups = 0;
}

static void choices_make(struct prefilter *p, struct book *book, enum prefilter_mode mode, part_cost cost_of)
{
	for (size_t i = 0; i < needs_count(p->needs); i++)
		if (needs_is_wanted(p->needs, i))
			rule_place(p, book, (unsigned)i, mode, cost_of);
}

/* Ends a choice; the next one knows what it looked for, and for how many rules. */
static void choices_forget(struct prefilter *p, struct book *book)
{
	struct slice key;
	size_t cursor = 0;
	void *value;

	for (size_t i = 0; i < book->n; i++) {
		book->at[i].sure = book->at[i].reasons.n > 0;
		free(book->at[i].reasons.at);
		book->at[i].reasons = (struct list){ 0 };
	}
	while (map_next(book->known, &cursor, &key, &value)) {
		struct known *known = value;

		known->wanted = known->group ? p->groups[known->group - 1].n : 0;
		known->group = 0;
		known->cost = -1;
	}
	for (size_t i = 0; i < p->n_runs; i++) {
		free(p->runs[i].reasons);
		free(p->runs[i].mins);
	}
	for (size_t i = 0; i < p->n_patterns; i++)
		free(p->patterns[i].reasons.at);
	reasons_free(p);
	p->n_runs = p->n_patterns = p->always.n = p->on_escape.n = 0;
}

static double rank_of(void *book, const struct need *need)
{
	return share_of(book, need);
}

/* What few lines of the sample hold is asked first. */
static unsigned check_make(struct prefilter *p, struct book *book, const struct need *need)
{
	p->checks = mem_grow(p->checks, &p->cap_checks, p->n_checks + 1, sizeof(*p->checks));
	p->checks[p->n_checks] = need_check_ranked(need, rank_of, book);
	return (unsigned)p->n_checks++;
}

/* made: struct need * to its check + 1, for needs are shared. Is it little that is asked? */
static bool asked_make(struct prefilter *p, struct book *book, struct map *made, const struct asked *asked)
{
	double cost = 0;

	for (size_t i = 0; i < asked->n; i++) {
		const struct need *need = asked->at[i].need;
		struct slice key = { (const char *)&need, sizeof(need) };
		uintptr_t check = (uintptr_t)map_get(made, key);

		if (!check) {
			check = check_make(p, book, need) + 1;
			map_put(made, key, (void *)check);
		}
		asked->at[i].check = (unsigned)(check - 1);
		cost += asked->at[i].cost;
	}
	return cost <= ASKED_LITTLE;
}

static void checks_make(struct prefilter *p, struct book *book)
{
	struct map *made = map_new();

	for (size_t i = 0; i < p->n_groups; i++)
		for (size_t k = 0; k < p->groups[i].n; k++)
			if (!asked_make(p, book, made, &p->groups[i].members[k].asked))
				p->groups[i].asks_much = true;
	for (size_t i = 0; i < p->n_reasons; i++)
		p->reasons[i].asks_little = asked_make(p, book, made, &p->reasons[i].asked) && !p->groups[p->reasons[i].group].asks_much;
	map_free(made, NULL);
}

struct prefilter *prefilter_new(const struct needs *needs, struct slice sample, enum prefilter_mode mode)
{
	struct book book = { 0 };
	struct prefilter *p;

	if (mode == PREFILTER_NONE || !engine_is_trusted())
		return NULL;
	p = mem_zalloc(sizeof(*p));
	pthread_mutex_init(&p->text_lock, NULL);
	p->needs = needs;
	p->group_of = mem_zalloc((needs_count(needs) + 1) * sizeof(*p->group_of));
	book.index = map_new();
	book.patterns = map_new();
	book.known = map_new();
	book_measure(&book, sample);
	for (size_t i = 0; i < needs_count(needs); i++)
		if (needs_is_wanted(needs, i))
			book_collect(&book, needs_entry(needs, i));
	book_count(&book, sample);
	choices_make(p, &book, mode, need_cost);
	patterns_count(p, &book, sample);
	choices_forget(p, &book);
	choices_make(p, &book, mode, need_cost);	/* with the patterns counted, and what is short and sure for what it is */
	choices_forget(p, &book);
	choices_make(p, &book, mode, shared_cost);
	literals_take(p, &book);
	patterns_take(p);
	choices_name(p);
	checks_make(p, &book);
	map_free(book.index, NULL);
	map_free(book.patterns, free);
	map_free(book.known, free);
	free(book.at);
	return p;
}

void prefilter_free(struct prefilter *p)
{
	if (!p)
		return;
	engine_free(p->literal_engine);
	engine_free(p->pattern_engine);
	engine_free(p->text_engine);
	pthread_mutex_destroy(&p->text_lock);
	for (size_t i = 0; i < p->n_literals; i++) {
		free(p->literals[i].bytes);
		free(p->literals[i].reasons.at);
	}
	for (size_t i = 0; i < p->n_runs; i++) {
		free(p->runs[i].reasons);
		free(p->runs[i].mins);
	}
	for (size_t i = 0; i < p->n_patterns; i++)
		free(p->patterns[i].reasons.at);
	for (size_t i = 0; i < p->n_looked; i++)
		free(p->looked[i].at);
	free(p->looked);
	free(p->literals);
	free(p->runs);
	free(p->patterns);
	free(p->always.at);
	free(p->on_escape.at);
	free(p->group_of);
	reasons_free(p);
	free(p->reasons);
	free(p->groups);
	for (size_t i = 0; i < p->n_checks; i++)
		need_check_free(p->checks[i]);
	free(p->checks);
	free(p);
}

struct prefilter_scratch *prefilter_scratch_new(const struct prefilter *p)
{
	struct prefilter_scratch *scratch = mem_zalloc(sizeof(*scratch));

	engine_scratch_add(p->literal_engine, &scratch->engine);
	engine_scratch_add(p->pattern_engine, &scratch->engine);
	scratch->answers = mem_zalloc((p->n_checks + 1) * sizeof(*scratch->answers));
	return scratch;
}

void prefilter_scratch_free(struct prefilter_scratch *scratch)
{
	if (!scratch)
		return;
	engine_scratch_free(scratch->engine);
	free(scratch->answers);
	free(scratch);
}

struct scan {
	const struct prefilter *prefilter;
	struct slice block;
	void (*on_candidate)(void *context, unsigned reason, size_t at);
	void *context;
};

static void candidates_report(struct scan *s, const struct list *reasons, size_t end)
{
	for (size_t i = 0; i < reasons->n; i++)
		s->on_candidate(s->context, reasons->at[i], end - 1);
}

static void on_literal(void *context, unsigned id, size_t end)
{
	struct scan *s = context;
	const struct looked *looked = &s->prefilter->looked[id];

	for (size_t i = 0; i < looked->n; i++) {
		const struct literal *literal = &s->prefilter->literals[looked->at[i].literal];
		size_t to = end + looked->at[i].behind;

		if (i == 0 ? literal_stands(literal, s->block, to) :
			     to >= literal->len && literal_is_at(literal, s->block, to - literal->len))
			candidates_report(s, &literal->reasons, to);
	}
}

/* A match that ends with a newline belongs to no line: every match inside a line ends inside it, and is found too. */
static void on_pattern(void *context, unsigned id, size_t end)
{
	struct scan *s = context;

	if (s->block.at[end - 1] != '\n')
		candidates_report(s, &s->prefilter->patterns[id].reasons, end);
}

/*
 * The next place, from `at` on, where a run of `min` bytes may end or have ended; what is passed over has none, for a byte that
 * is not of the class stands in it. Of a long run four bytes are looked at at once, of a short one the last of four: where one
 * decides alone, a processor guesses wrong too often.
 */
static size_t run_next(const struct run *run, const unsigned char *b, size_t len, size_t at)
{
	const unsigned char *is = run->is;
	size_t min = run->min;

	if (min >= RUN_LONG) {
		while (at < len && !(is[b[at]] & is[b[at - 4]] & is[b[at - 8]] & is[b[at - 12]]))
			at += min - 12;
		return at;
	}
	while (at + 3 * min < len && !(is[b[at]] | is[b[at + min]] | is[b[at + 2 * min]] | is[b[at + 3 * min]]))
		at += 4 * min;
	while (at < len && !is[b[at]])
		at += min;
	return at;
}

static void run_scan(const struct run *run, struct slice block, struct scan *s)
{
	const unsigned char *b = (const unsigned char *)block.at;
	size_t i = run->min - 1;

	while ((i = run_next(run, b, block.len, i)) < block.len) {
		size_t start = i, end = i + 1;

		while (start && run->is[b[start - 1]])
			start--;
		if (end - start < run->min) {
			i = start + run->min - 1;
			continue;
		}
		while (end < block.len && run->is[b[end]])
			end++;
		for (size_t k = 0; k < run->n_reasons; k++)
			if (run->mins[k] <= end - start)
				s->on_candidate(s->context, run->reasons[k], i);
		i = end + run->min;
	}
}

void prefilter_scan(const struct prefilter *p, struct prefilter_scratch *scratch, struct slice block,
		    void (*on_candidate)(void *context, unsigned reason, size_t at), void *context)
{
	struct scan scan = { p, block, on_candidate, context };

	engine_scan(p->literal_engine, scratch->engine, block, on_literal, &scan);
	engine_scan(p->pattern_engine, scratch->engine, block, on_pattern, &scan);
	for (size_t i = 0; i < p->n_runs; i++)
		run_scan(&p->runs[i], block, &scan);
}

void prefilter_ask(struct prefilter_scratch *scratch, struct slice line)
{
	need_text_init(&scratch->asked, line);
	scratch->line++;
}

static bool check_holds(const struct prefilter *p, struct prefilter_scratch *scratch, unsigned check)
{
	uint64_t *answer = &scratch->answers[check];

	if (*answer / 2 != scratch->line)
		*answer = 2 * scratch->line + need_stands(p->checks[check], &scratch->asked);
	return *answer % 2;
}

static bool asked_stand(const struct prefilter *p, struct prefilter_scratch *scratch, const struct asked *asked)
{
	for (size_t i = 0; i < asked->n; i++)
		if (!check_holds(p, scratch, asked->at[i].check))
			return false;
	return true;
}

bool prefilter_asks_little(const struct prefilter *p, unsigned reason)
{
	return p->reasons[reason].asks_little;
}

void prefilter_rules(const struct prefilter *p, struct prefilter_scratch *scratch, unsigned reason, enum prefilter_asking asking,
		     void (*on_rule)(void *context, unsigned rule), void *context)
{
	const struct reason *r = &p->reasons[reason];
	const struct group *group = &p->groups[r->group];

	for (size_t i = 0; i < group->n; i++) {
		const struct member *member = &group->members[i];

		if (asking == PREFILTER_TAKE || (asking == PREFILTER_ASK_DEAR && !member->dear) ||
		    (asked_stand(p, scratch, &r->asked) && asked_stand(p, scratch, &member->asked)))
			on_rule(context, member->rule);
	}
}

static void texts_begin(struct prefilter *p, struct prefilter_scratch *scratch)
{
	pthread_mutex_lock(&p->text_lock);
	if (!p->text_made)
		texts_take(p);
	p->text_made = true;
	pthread_mutex_unlock(&p->text_lock);
	engine_scratch_add(p->text_engine, &scratch->engine);
	scratch->texts = true;
}

static void on_text(void *context, unsigned id, size_t end)
{
	(void)id;
	(void)end;
	*(bool *)context = true;
}

bool prefilter_knows_text(const struct prefilter *p, struct prefilter_scratch *scratch, struct slice line)
{
	bool found;

	if (!scratch->texts)
		texts_begin((struct prefilter *)p, scratch);
	found = p->text_always;
	if (!found)
		engine_scan(p->text_engine, scratch->engine, line, on_text, &found);
	return found;
}

const unsigned *prefilter_always(const struct prefilter *p, size_t *n)
{
	*n = p->always.n;
	return p->always.at;
}

const unsigned *prefilter_on_escape(const struct prefilter *p, size_t *n)
{
	*n = p->on_escape.n;
	return p->on_escape.at;
}

void prefilter_choice(const struct prefilter *p, unsigned rule, struct prefilter_choice *out,
		      struct text *literals)
{
	unsigned group = p->group_of[rule] - 1;
	const struct choice none = { "none", NULL, 0, 0 }, *choice = p->group_of[rule] ? &p->groups[group].choice : &none;
	bool first = true;

	*out = (struct prefilter_choice){ choice->way, choice->why, choice->per_mb, choice->search_us };
	for (size_t i = 0; i < p->n_literals; i++)
		for (size_t k = 0; k < p->literals[i].reasons.n; k++) {
			struct need need = { .kind = NEED_LITERAL, .bytes = p->literals[i].bytes,
					     .len = p->literals[i].len, .nocase = p->literals[i].nocase, .bounds = p->literals[i].bounds };

			if (p->reasons[p->literals[i].reasons.at[k]].group != group)
				continue;
			text_add(literals, first ? "" : " or ");
			need_print(&need, literals);
			first = false;
		}
}

const char *prefilter_library(bool *trusted)
{
	*trusted = engine_is_trusted();
	return engine_name();
}
