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

/* Costs are microseconds per MB, measured once on one machine; only their order matters. */
#define COST_CANDIDATE 0.5
#define COST_CANDIDATE_KB 2.0		/* and for each 1000 bytes of a line */
#define COST_RUN 40.0
#define COST_PATTERN 1000.0		/* to compile it takes the library the time of a few MB, and all of them are a second pass over the text */
#define COST_LINE 12000.0

struct list {
	unsigned *at;
	size_t n, cap;
};

/*
 * Why a line may be a rule's: one part of its need that is looked for. What stands beside that part in the need is asked of
 * the line before it is decoded.
 */
struct reason {
	unsigned rule;
	struct beside {
		const struct need *need;
		const struct need_check *check;	/* the same; made when all is chosen */
		double cost;
	} *beside;
	size_t n_beside;
};

struct literal {
	char *bytes;
	size_t len;
	bool nocase;
	unsigned bounds;
	double per_mb;
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

struct choice {
	const char *way, *why;
	double per_mb, search_us;
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
	struct reason *reasons;		/* in the order of the rules */
	size_t n_reasons, cap_reasons;
	struct map *checks;		/* struct need * to struct need_check: what stands beside */
	struct choice *choices;		/* by rule */
	/* rules that need the very same: by rule the first of them, which stands for all, and the next */
	unsigned *first_twin, *next_twin;
};

struct prefilter_scratch {
	struct engine_scratch *engine;
	bool texts;			/* it serves the engine of texts too */
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
	double cost, asking, share;	/* < 0: not yet */
};

static struct known *book_known(struct book *book, const struct need *need)
{
	struct slice key = { (const char *)&need, sizeof(need) };
	struct known *known = map_get(book->known, key);

	if (!known) {
		known = mem_dup(&(struct known){ -1, -1, -1 }, sizeof(*known));
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

	if (!need || need->kind == NEED_PATTERN)
		return;
	if (need->kind == NEED_LITERAL) {
		book_find(book, need, true);
		return;
	}
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
	double per_mb = book->at[book_find(book, need, true)].per_mb;

	if (need->len < LENGTH_GOOD && per_mb > SHORT_PER_MB)
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

static unsigned reason_add(struct prefilter *p, unsigned rule)
{
	p->reasons = mem_grow(p->reasons, &p->cap_reasons, p->n_reasons + 1, sizeof(*p->reasons));
	p->reasons[p->n_reasons] = (struct reason){ .rule = rule };
	return (unsigned)p->n_reasons++;
}

static double literal_share(struct book *book, const struct need *need)
{
	size_t at = book_find(book, need, false);

	return at == (size_t)-1 ? 0 : book->at[at].per_mb / book->lines_per_mb;
}

/* About which share of lines holds it; patterns pass for held. */
static double share_of(struct book *book, const struct need *need)
{
	double share = need->kind == NEED_ANY ? 0 : 1, one;
	struct known *known;

	if (need->kind == NEED_LITERAL)
		return literal_share(book, need);
	known = book_known(book, need);
	if (known->share >= 0)
		return known->share;
	for (size_t i = 0; i < need->n; i++) {
		one = share_of(book, need->parts[i]);
		share = need->kind == NEED_ANY ? share + one : one < share ? one : share;
	}
	return known->share = share;
}

/* How many literals are asked for of a line that does not hold it: an `all` ends with the first part that is missing. */
static double asked_literals(struct book *book, const struct need *need)
{
	double n = need->kind == NEED_LITERAL, reached = 1, share;

	for (size_t i = 0; i < need->n; i++) {
		n += reached * asked_literals(book, need->parts[i]);
		share = need->kind == NEED_ALL ? share_of(book, need->parts[i]) : 1;
		reached *= share < 1 ? share : 1;
	}
	return n;
}

static double asking_cost_anew(struct book *book, const struct need *need)
{
	double share = share_of(book, need);

	return need->kind == NEED_PATTERN || share >= 1 ? ASKED_LITERALS : asked_literals(book, need) / (1 - share);
}

/* How many literals are asked for until one line is spared the decoding. */
static double asking_cost(struct book *book, const struct need *need)
{
	struct known *known;

	if (!need->n)
		return asking_cost_anew(book, need);
	known = book_known(book, need);
	if (known->asking < 0)
		known->asking = asking_cost_anew(book, need);
	return known->asking;
}

/* What spares the most for the least is asked for first. */
static void beside_add(struct reason *r, const struct need *need, double cost)
{
	size_t at = r->n_beside++;

	for (; at && r->beside[at - 1].cost > cost; at--)
		r->beside[at] = r->beside[at - 1];
	r->beside[at] = (struct beside){ need, NULL, cost };
}

/* The same rule for a part of `all`: the other parts stand beside it, and what stood beside the whole. */
static unsigned reason_within(struct prefilter *p, struct book *book, unsigned outer, const struct need *all,
			      const struct need *part)
{
	unsigned reason = reason_add(p, p->reasons[outer].rule);
	const struct reason *o = &p->reasons[outer];
	struct reason *r = &p->reasons[reason];
	double cost;

	r->beside = mem_zalloc((o->n_beside + all->n + 1) * sizeof(*r->beside));
	for (size_t i = 0; i < o->n_beside; i++)
		beside_add(r, o->beside[i].need, o->beside[i].cost);
	for (size_t i = 0; i < all->n; i++)
		if (all->parts[i] != part && (cost = asking_cost(book, all->parts[i])) < ASKED_LITERALS)
			beside_add(r, all->parts[i], cost);
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

/* Enters what is to be looked for, part by part. */
static void need_place(struct prefilter *p, struct book *book, const struct need *need, enum prefilter_mode mode,
		       unsigned reason)
{
	const struct need *best = NULL;
	struct considered all;
	double cost = COST_LINE;

	switch (need->kind) {
	case NEED_LITERAL: literal_place(book, need, reason); return;
	case NEED_PATTERN: pattern_place(p, need, reason); return;
	case NEED_ANY:
		for (size_t i = 0; i < need->n; i++)
			need_place(p, book, need->parts[i], mode, reason);
		return;
	case NEED_ALL:
		consider(need, &all);
		for (size_t i = 0; i < all.n; i++) {
			double one = need_cost(book, all.parts[i], mode);

			if (one < cost) {
				cost = one;
				best = all.parts[i];
			}
		}
		need_place(p, book, best, mode, reason_within(p, book, reason, need, best));
	}
}

static void rule_place(struct prefilter *p, struct book *book, unsigned rule, enum prefilter_mode mode)
{
	const struct need *need = needs_entry(p->needs, rule);
	double cost = need_cost(book, need, mode);

	p->choices[rule] = (struct choice){ "literal", NULL, cost / book->candidate, 0 };
	if (cost >= COST_LINE) {
		p->choices[rule] = (struct choice){ "line", need ? "what it needs is too common or no literal" :
								   "no literal is known", 0, 0 };
		list_add(&p->always, reason_add(p, rule));
	} else {
		need_place(p, book, need, mode, reason_add(p, rule));
	}
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
			p->choices[p->reasons[reasons->at[k]].rule] =
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
	if (choice->way && strcmp(choice->way, "line") == 0)
		return;
	choice->way = way;
	choice->search_us += cost;
	choice->why = why;
}

static void choices_name(struct prefilter *p)
{
	for (size_t i = 0; i < needs_count(p->needs); i++)
		if (!p->choices[i].why && p->choices[i].per_mb > COMMON_PER_MB)
			p->choices[i].why = "its literals are common";
	for (size_t i = 0; i < p->n_runs; i++)
		for (size_t k = 0; k < p->runs[i].n_reasons; k++)
			choice_search(&p->choices[p->reasons[p->runs[i].reasons[k]].rule], "run", COST_RUN, "no rare literal, a long run of a class");
	for (size_t i = 0; i < p->n_patterns; i++)
		for (size_t k = 0; k < p->patterns[i].reasons.n; k++)
			choice_search(&p->choices[p->reasons[p->patterns[i].reasons.at[k]].rule], "pattern", COST_PATTERN,
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

/* Looks for the patterns that were chosen; true: one of them is too common to be left to chance. */
static bool patterns_count(struct prefilter *p, struct book *book, struct slice sample)
{
	bool common = false;

	for (size_t i = 0; i < p->n_patterns; i++) {
		double lines_per_mb = pattern_count(&p->patterns[i], sample);

		free(map_put(book->patterns, slice_of(p->patterns[i].text), mem_dup(&lines_per_mb, sizeof(lines_per_mb))));
		common = common || lines_per_mb > COMMON_PER_MB;
	}
	return common;
}

static void reasons_free(struct prefilter *p)
{
	for (size_t i = 0; i < p->n_reasons; i++)
		free(p->reasons[i].beside);
	p->n_reasons = 0;
}

static void choices_forget(struct prefilter *p, struct book *book)
{
	for (size_t i = 0; i < book->n; i++) {
		free(book->at[i].reasons.at);
		book->at[i].reasons = (struct list){ 0 };
	}
	for (size_t i = 0; i < p->n_runs; i++) {
		free(p->runs[i].reasons);
		free(p->runs[i].mins);
	}
	for (size_t i = 0; i < p->n_patterns; i++)
		free(p->patterns[i].reasons.at);
	reasons_free(p);
	p->n_runs = p->n_patterns = p->always.n = p->on_escape.n = 0;
	map_free(book->known, free);
	book->known = map_new();
}

static void choices_make(struct prefilter *p, struct book *book, enum prefilter_mode mode)
{
	for (size_t i = 0; i < needs_count(p->needs); i++)
		if (needs_is_wanted(p->needs, i) && p->first_twin[i] == i)
			rule_place(p, book, (unsigned)i, mode);
}

/* Equal needs are one: see needs.h. */
static void twins_find(struct prefilter *p)
{
	size_t n = needs_count(p->needs);
	struct map *last = map_new();

	p->first_twin = mem_zalloc((n + 1) * sizeof(*p->first_twin));
	p->next_twin = mem_zalloc((n + 1) * sizeof(*p->next_twin));
	for (unsigned i = 0; i < n; i++) {
		const struct need *need = needs_entry(p->needs, i);
		struct slice key = { (const char *)&need, sizeof(need) };
		uintptr_t before = need && needs_is_wanted(p->needs, i) ? (uintptr_t)map_put(last, key, (void *)(uintptr_t)(i + 1)) : 0;

		p->first_twin[i] = before ? p->first_twin[before - 1] : i;
		p->next_twin[i] = NO_RULE;
		if (before)
			p->next_twin[before - 1] = i;
	}
	map_free(last, NULL);
}

static double rank_of(void *book, const struct need *need)
{
	return share_of(book, need);
}

/* Reasons share needs. What few lines of the sample hold is asked first. */
static void checks_make(struct prefilter *p, struct book *book)
{
	p->checks = map_new();
	for (size_t i = 0; i < p->n_reasons; i++)
		for (size_t k = 0; k < p->reasons[i].n_beside; k++) {
			struct beside *beside = &p->reasons[i].beside[k];
			struct slice key = { (const char *)&beside->need, sizeof(beside->need) };

			if (!map_get(p->checks, key))
				map_put(p->checks, key, need_check_ranked(beside->need, rank_of, book));
			beside->check = map_get(p->checks, key);
		}
}

static void check_release(void *check)
{
	need_check_free(check);
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
	p->choices = mem_zalloc((needs_count(needs) + 1) * sizeof(*p->choices));
	book.index = map_new();
	book.patterns = map_new();
	book.known = map_new();
	twins_find(p);
	book_measure(&book, sample);
	for (size_t i = 0; i < needs_count(needs); i++)
		if (needs_is_wanted(needs, i))
			book_collect(&book, needs_entry(needs, i));
	book_count(&book, sample);
	choices_make(p, &book, mode);
	if (patterns_count(p, &book, sample)) {		/* once: what it then chooses is seen at run time */
		choices_forget(p, &book);
		choices_make(p, &book, mode);
	}
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
	free(p->choices);
	free(p->first_twin);
	free(p->next_twin);
	reasons_free(p);
	free(p->reasons);
	map_free(p->checks, check_release);
	free(p);
}

struct prefilter_scratch *prefilter_scratch_new(const struct prefilter *p)
{
	struct prefilter_scratch *scratch = mem_zalloc(sizeof(*scratch));

	engine_scratch_add(p->literal_engine, &scratch->engine);
	engine_scratch_add(p->pattern_engine, &scratch->engine);
	return scratch;
}

void prefilter_scratch_free(struct prefilter_scratch *scratch)
{
	if (!scratch)
		return;
	engine_scratch_free(scratch->engine);
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

unsigned prefilter_rule(const struct prefilter *p, unsigned reason)
{
	return p->reasons[reason].rule;
}

unsigned prefilter_twin(const struct prefilter *p, unsigned rule)
{
	return p->next_twin[rule];
}

bool prefilter_asks(const struct prefilter *p, unsigned reason)
{
	return p->reasons[reason].n_beside > 0;
}

bool prefilter_allows(const struct prefilter *p, unsigned reason, struct need_text *raw)
{
	const struct reason *r = &p->reasons[reason];

	for (size_t i = 0; i < r->n_beside; i++)
		if (!need_stands(r->beside[i].check, raw))
			return false;
	return true;
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
	const struct choice *choice = &p->choices[p->first_twin[rule]];
	bool first = true;

	*out = (struct prefilter_choice){ choice->way ? choice->way : "none", choice->why, choice->per_mb,
					  choice->search_us };
	for (size_t i = 0; i < p->n_literals; i++)
		for (size_t k = 0; k < p->literals[i].reasons.n; k++) {
			struct need need = { .kind = NEED_LITERAL, .bytes = p->literals[i].bytes,
					     .len = p->literals[i].len, .nocase = p->literals[i].nocase, .bounds = p->literals[i].bounds };

			if (p->reasons[p->literals[i].reasons.at[k]].rule != p->first_twin[rule])
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
