/* Rules share needs, and needs share literals: what was found out about one is kept for all. */
#include "match/book.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_GOOD 4			/* shorter literals only where they are rare */
#define SHORT_PER_MB 100
#define SHORT_WORSE 3			/* the scan itself is slower where a short literal is everywhere */
#define CONSIDERED_MAX 24		/* parts of one `all` that are counted in the sample */
#define UNKNOWN_PER_MB 8000.0		/* without a sample: spread over the length of the literal */
#define UNKNOWN_LINES_PER_MB 5000.0
#define COUNTED_BYTES 65536		/* of each excerpt */
#define COST_FIND 0.03			/* of a literal whose bounds do not hold */
#define COST_CANDIDATE 0.5
#define COST_CANDIDATE_KB 2.0		/* and for each 1000 bytes of a line */

struct known *book_known(struct book *book, const struct need *need)
{
	struct slice key = { (const char *)&need, sizeof(need) };
	struct known *known = map_get(book->known, key);

	if (!known) {
		known = mem_dup(&(struct known){ .cost = -1, .asked = -1, .share = -1 }, sizeof(*known));
		map_put(book->known, key, known);
	}
	return known;
}

size_t book_find(struct book *book, const struct need *need, bool add)
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

void considered_take(const struct need *all, struct considered *out)
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

void book_collect(struct book *book, const struct need *need)
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
	considered_take(need, &all);
	for (size_t i = 0; i < all.n; i++)
		book_collect(book, all.parts[i]);
}

void book_measure(struct book *book, struct slice sample)
{
	size_t lines = 1;

	for (size_t i = 0; (i = slice_find_byte(sample, '\n', i)) < sample.len; i++)
		lines++;
	book->candidate = COST_CANDIDATE + COST_CANDIDATE_KB * (double)sample.len / (double)lines / 1000;
	book->lines_per_mb = sample.len ? (double)lines * 1e6 / (double)sample.len : UNKNOWN_LINES_PER_MB;
}

bool literal_stands(const struct literal *literal, struct slice block, size_t end)
{
	return !literal->bounds || need_bounds_hold(literal->bounds, block, end - literal->len, end);
}

unsigned grams_slot(uint32_t gram, size_t len)
{
	return (gram * 2654435761u ^ (uint32_t)len * 0x9e3779b1u) >> 16;
}

uint32_t gram_next(uint32_t gram, char c)
{
	return gram << 8 | (unsigned char)tolower((unsigned char)c);
}

void grams_enter(struct grams *g, const struct literal *literal, unsigned id)
{
	size_t len = literal->len < GRAM ? literal->len : GRAM;
	uint32_t gram = 0;
	unsigned slot;

	for (size_t i = 0; i < len; i++)
		gram = gram_next(gram, literal->bytes[i]);
	slot = grams_slot(gram, len);
	g->lengths[len] = true;
	g->links[id] = (struct link){ g->first[slot], (unsigned char)literal->len, (unsigned char)literal->bytes[literal->len - 1] };
	g->first[slot] = id + 1;
	g->is[slot / 64] |= UINT64_C(1) << slot % 64;
}

static bool bytes_are_at(const struct literal *literal, struct slice sample, size_t at)
{
	struct slice found = { sample.at + at, literal->len }, bytes = { literal->bytes, literal->len };

	return literal->nocase ? slice_equal_nocase(found, bytes) : slice_equal(found, bytes);
}

bool literal_is_at(const struct literal *literal, struct slice sample, size_t at)
{
	return bytes_are_at(literal, sample, at) && literal_stands(literal, sample, at + literal->len);
}

static void gram_count(const struct grams *g, struct book *book, struct slice sample, size_t at, unsigned slot)
{
	const struct link *link;

	for (unsigned id = g->is[slot / 64] >> slot % 64 & 1 ? g->first[slot] : 0; id; id = link->next) {
		struct literal *literal = &book->at[id - 1];

		link = &g->links[id - 1];
		if (sample.len - at < link->len || (((unsigned char)sample.at[at + link->len - 1] ^ link->last) & ~0x20) ||
		    !bytes_are_at(literal, sample, at))
			continue;
		literal->finds_per_mb += g->per_find;
		literal->per_mb += literal_stands(literal, sample, at + literal->len) ? g->per_find : 0;
	}
}

struct slice book_excerpt(struct slice sample, size_t i, size_t bytes)
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
				gram_count(g, book, text, end - len, grams_slot(gram & last[len], len));
	}
}

void book_count(struct book *book, struct slice sample)
{
	struct grams *g = mem_zalloc(sizeof(*g));
	size_t counted = EXCERPTS * book_excerpt(sample, 0, COUNTED_BYTES).len;

	g->links = mem_zalloc((book->n + 1) * sizeof(*g->links));
	for (size_t i = 0; i < book->n; i++) {
		grams_enter(g, &book->at[i], (unsigned)i);
		if (!counted)
			book->at[i].per_mb = UNKNOWN_PER_MB / (double)(book->at[i].len * book->at[i].len);
	}
	g->per_find = counted ? 1e6 / (double)counted : 0;
	for (size_t i = 0; i < EXCERPTS; i++)
		excerpt_count(g, book, book_excerpt(sample, i, COUNTED_BYTES));
	free(g->links);
	free(g);
}

static double literal_cost(struct book *book, const struct need *need)
{
	const struct literal *literal = &book->at[book_find(book, need, true)];
	double per_mb = literal->per_mb;

	if (need->len < LENGTH_GOOD && per_mb > SHORT_PER_MB && !literal->sure)
		per_mb *= SHORT_WORSE;
	return per_mb * book->candidate + (literal->finds_per_mb - literal->per_mb) * COST_FIND + 1.0 / (double)need->len;
}

/* Until it is counted a pattern is taken to be found nowhere. */
static double pattern_cost(struct book *book, const struct need *need)
{
	const double *lines_per_mb = need->bytes ? map_get(book->patterns, slice_of(need->bytes)) : NULL;
	double search = need->run_min >= RUN_GOOD ? COST_RUN : need->bytes ? COST_PATTERN : COST_LINE;

	return search + (lines_per_mb ? *lines_per_mb * book->candidate : 0);
}

static double need_cost_anew(struct book *book, const struct need *need, enum prefilter_mode mode);

double book_cost(struct book *book, const struct need *need, enum prefilter_mode mode)
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
			cost += book_cost(book, need->parts[i], mode);
		return cost;
	case NEED_ALL:
		considered_take(need, &all);
		cost = COST_LINE;
		for (size_t i = 0; i < all.n; i++) {
			double one = book_cost(book, all.parts[i], mode);

			cost = one < cost ? one : cost;
		}
		return cost;
	}
	return COST_LINE;
}

static double literal_share(struct book *book, const struct need *need)
{
	size_t at = book_find(book, need, false);
	double share = at == (size_t)-1 ? 0 : book->at[at].per_mb / book->lines_per_mb;

	return share < 1 ? share : 1;
}

double book_share(struct book *book, const struct need *need)
{
	double without = 1, share = 1, one;
	struct known *known;

	if (need->kind == NEED_LITERAL)
		return literal_share(book, need);
	known = book_known(book, need);
	if (known->share >= 0)
		return known->share;
	for (size_t i = 0; i < need->n; i++) {
		one = book_share(book, need->parts[i]);
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
		share = need->kind == NEED_ALL ? book_share(book, need->parts[i]) : 1;
		reached *= share;
	}
	return known->asked = n;
}

double book_asking(struct book *book, const struct need *need)
{
	double share = book_share(book, need);

	return need->kind == NEED_PATTERN || share >= 1 ? ASKED_LITERALS : asked_literals(book, need) / (1 - share);
}

void reason_list_add(struct reason_list *list, unsigned reason)
{
	if (list->n && list->at[list->n - 1] == reason)
		return;
	list->at = mem_grow(list->at, &list->cap, list->n + 1, sizeof(*list->at));
	list->at[list->n++] = reason;
}

void reason_list_join(struct reason_list *list, const struct reason_list *more)
{
	for (size_t i = 0; i < more->n; i++)
		reason_list_add(list, more->at[i]);
}
