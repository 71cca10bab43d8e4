#ifndef SOKUHO_DECODE_TAKERS_H
#define SOKUHO_DECODE_TAKERS_H

#include "decode/product_data.h"

/* The ways in which records of one format are known as a product's, in the order of the files. */
struct takers {
	struct taker {
		const struct product *product;
		const struct known_by *known;
	} *at;
	size_t n;
};

/* format: by its number. The products are a loan. */
void takers_init(struct takers *takers, struct product *const *products, size_t n, unsigned format);
void takers_clear(struct takers *takers);
struct takers_walk {
	size_t next;
	struct need_text message;
};
void takers_begin(struct takers_walk *walk, const struct record *record);
/* The next product that takes the record, each once; NULL: no more. Fields as logged must be there. */
const struct product *takers_next(const struct takers *takers, const struct record *record, struct takers_walk *walk);
/* Does the pattern `line` of one of them know this text although it has no head? They are those of no format. */
bool takers_know_text(const struct takers *takers, struct slice text);

#endif
