/* A literal that holds another one is looked for where that one is found: the library has fewer to look for. */
#include "match/prefilter_state.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* What costs less than to look for more: so many comparisons in a MB, of so many literals where one of such a length is found. */
#define COVER_PER_MB 400
#define COVER_MAX    24
#define COVER_LENGTH 3

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
			for (unsigned id = g->lengths[len] ? g->first[grams_slot(gram, len)] : 0; id; id = g->links[id - 1].next) {
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
void literals_cover(struct prefilter *p)
{
	struct grams *g = mem_zalloc(sizeof(*g));

	g->links = mem_zalloc((p->n_literals + 1) * sizeof(*g->links));
	p->looked = mem_zalloc((p->n_literals + 1) * sizeof(*p->looked));
	qsort(p->literals, p->n_literals, sizeof(*p->literals), shorter_first);
	for (size_t i = 0; i < p->n_literals; i++) {
		size_t behind = 0;
		const struct looked *cover = cover_of(p, g, &p->literals[i], &behind);

		if (!cover)
			grams_enter(g, &p->literals[i], (unsigned)p->n_looked);
		looked_add(cover ? (struct looked *)cover : &p->looked[p->n_looked++], i, behind);
	}
	free(g->links);
	free(g);
}
