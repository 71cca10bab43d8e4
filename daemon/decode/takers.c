/* Which products take a record. */
#include "decode/takers.h"

#include "base/mem.h"
#include "base/regex.h"

#include <stdlib.h>

void takers_init(struct takers *takers, struct product *const *products, size_t n, unsigned format)
{
	size_t cap = 0;

	*takers = (struct takers){ 0 };
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < products[i]->n_known; k++) {
			const struct known_by *known = &products[i]->known[k];

			if (!(known->condition.formats >> format & 1))
				continue;
			takers->at = mem_grow(takers->at, &cap, takers->n + 1, sizeof(*takers->at));
			takers->at[takers->n++] = (struct taker){ products[i], known };
		}
}

void takers_clear(struct takers *takers)
{
	free(takers->at);
	*takers = (struct takers){ 0 };
}

void takers_begin(struct takers_walk *walk, const struct record *record)
{
	walk->next = 0;
	need_text_init(&walk->message, record->message);
}

static bool line_matches(const struct known_by *known, struct need_text *message)
{
	return !known->line ||
	       (need_stands(known->line_need, message) && regex_search(known->line, message->text, NULL) == 1);
}

const struct product *takers_next(const struct takers *takers, const struct record *r, struct takers_walk *walk)
{
	while (walk->next < takers->n) {
		const struct taker *t = &takers->at[walk->next++];

		if (!condition_holds(&t->known->condition, r) || !line_matches(t->known, &walk->message))
			continue;
		while (walk->next < takers->n && takers->at[walk->next].product == t->product)
			walk->next++;
		return t->product;
	}
	return NULL;
}

bool takers_know_text(const struct takers *takers, struct slice text)
{
	struct record bare = { .message = text };
	struct takers_walk walk;

	takers_begin(&walk, &bare);
	for (size_t i = 0; i < takers->n; i++) {
		const struct known_by *known = takers->at[i].known;

		if (known->line && condition_holds(&known->condition, &bare) && line_matches(known, &walk.message))
			return true;
	}
	return false;
}
