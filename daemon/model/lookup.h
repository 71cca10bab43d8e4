#ifndef SOKUHO_MODEL_LOOKUP_H
#define SOKUHO_MODEL_LOOKUP_H

#include "model/record.h"

/*
 * A field as a rule names it: first as logged, then what the alias data says for the rule's logsource. The first
 * path that the record has is taken, with all its values. Made at load time; looking up never builds a name.
 */
enum part {
	PART_WHOLE,
	PART_DECIMAL,			/* 0x1c read as 28 */
	PART_HASH,			/* the digest `word` of SHA1=...,MD5=... */
	PART_DOMAIN,			/* DOMAIN of DOMAIN\user */
	PART_USER,			/* user of DOMAIN\user, all of it where there is no domain */
};

struct lookup_path {
	char *name;
	uint64_t hash;			/* hash_bytes_nocase(name) */
	enum part part;
	char *word;
};

struct lookup {
	struct lookup_path *paths;
	size_t n, cap;
};

/* word may be NULL. The same path is kept once. */
void lookup_add(struct lookup *lookup, const char *name, enum part part, const char *word);
void lookup_clear(struct lookup *lookup);

/* Zero-initialised is at the beginning. */
struct lookup_walk {
	size_t path, cursor;
	bool found;
	struct field field;
	char scratch[24];
};
/* All values, one by one; NULL at the end. Valid until the next call. */
const struct field *lookup_next(const struct lookup *lookup, const struct record *record,
				struct lookup_walk *walk);

#endif
