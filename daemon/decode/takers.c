/* Which products take a record. */
#include "decode/takers.h"

#include "base/mem.h"
#include "base/regex.h"

#include <stdlib.h>

static void bit_set(uint64_t *rows, const struct takers *takers, size_t row, size_t taker)
{
	rows[row * takers->n_words + taker / 64] |= UINT64_C(1) << taker % 64;
}

static size_t name_row(const struct record_names *names)
{
	for (size_t word = 0; word < TAKERS_NAMES / 64; word++)
		if (names->bits[word])
			return word * 64 + (size_t)__builtin_ctzll(names->bits[word]);
	return TAKERS_NAMES;
}

static void taker_add(struct takers *takers, const struct product *product, const struct known_by *known)
{
	const struct condition *c = &known->condition;
	size_t i = takers->n++;

	takers->at[i] = (struct taker){ product, c->asks ? c : NULL, known->line, known->line_check };
	bit_set(takers->by_name, takers, name_row(&c->names), i);
	for (size_t byte = 0; byte < 256; byte++)
		if (c->programs[byte >> 6] >> (byte & 63) & 1)
			bit_set(takers->by_program, takers, byte, i);
}

/* Of 64 takers. */
static uint64_t candidates(const struct takers *takers, const struct record *r, size_t word)
{
	size_t program = r->program.len ? (unsigned char)r->program.at[0] : 0;
	uint64_t found = takers->by_name[TAKERS_NAMES * takers->n_words + word];

	for (size_t k = 0; k < TAKERS_NAMES / 64; k++)
		for (uint64_t bits = r->names.bits[k]; bits; bits &= bits - 1)
			found |= takers->by_name[(k * 64 + (size_t)__builtin_ctzll(bits)) * takers->n_words + word];
	return found & takers->by_program[program * takers->n_words + word];
}

void takers_init(struct takers *takers, struct product *const *products, size_t n, unsigned format)
{
	size_t most = 0;

	for (size_t i = 0; i < n; i++)
		most += products[i]->n_known;
	takers->n = 0;
	takers->n_words = (most + 63) / 64;
	takers->at = mem_zalloc(most * sizeof(*takers->at));
	takers->by_program = mem_zalloc(256 * takers->n_words * sizeof(uint64_t));
	takers->by_name = mem_zalloc((TAKERS_NAMES + 1) * takers->n_words * sizeof(uint64_t));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < products[i]->n_known; k++)
			if (products[i]->known[k].condition.formats >> format & 1)
				taker_add(takers, products[i], &products[i]->known[k]);
}

void takers_clear(struct takers *takers)
{
	free(takers->at);
	free(takers->by_program);
	free(takers->by_name);
	*takers = (struct takers){ 0 };
}

void takers_begin(struct takers_walk *walk, const struct record *record)
{
	walk->next = 0;
	need_text_init(&walk->message, record->message);
}

static bool takes(const struct taker *t, const struct record *r, struct need_text *message)
{
	if (t->condition && !condition_holds(t->condition, r))
		return false;
	return !t->line || (need_stands(t->check, message) && regex_search(t->line, message->text, NULL) == 1);
}

const struct product *takers_next(const struct takers *takers, const struct record *r, struct takers_walk *walk)
{
	for (size_t word; (word = walk->next / 64) < takers->n_words; walk->next = (word + 1) * 64)
		for (uint64_t left = candidates(takers, r, word) >> walk->next % 64 << walk->next % 64; left; left &= left - 1) {
			size_t i = word * 64 + (size_t)__builtin_ctzll(left);
			const struct product *product = takers->at[i].product;

			if (!takes(&takers->at[i], r, &walk->message))
				continue;
			while (i < takers->n && takers->at[i].product == product)
				i++;
			walk->next = i;
			return product;
		}
	return NULL;
}

bool takers_know_text(const struct takers *takers, struct slice text)
{
	struct record bare = { .message = text };
	struct takers_walk walk;

	takers_begin(&walk, &bare);
	for (size_t i = 0; i < takers->n; i++)
		if (takers->at[i].line && takes(&takers->at[i], &bare, &walk.message))
			return true;
	return false;
}
