#ifndef SOKUHO_DECODE_TAKERS_H
#define SOKUHO_DECODE_TAKERS_H

#include "decode/product_data.h"

/* The ways in which records of one format are known as a product's, in the order of the files. */
struct takers {
	struct taker {
		const struct product *product;
		const struct condition *condition;	/* NULL: what the rows say is all */
		const struct regex *line;
		const struct need_check *check;		/* what a text needs to match it */
	} *at;
	size_t n;
	/*
	 * Which may take a record, a bit each: by the first byte of its program, and by the names of its fields, of which one
	 * that must be there stands for all (the last row: none must be there).
	 */
	size_t n_words;
	uint64_t *by_program, *by_name;
};
#define TAKERS_NAMES 256

/* format: by its number. The products, looked through, are a loan. */
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
