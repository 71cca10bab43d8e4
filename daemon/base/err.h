#ifndef SOKUHO_BASE_ERR_H
#define SOKUHO_BASE_ERR_H

#include <stddef.h>

/*
 * A function that can fail returns 0 or a negative enum err_kind; the sentence
 * for the reader travels in struct err.
 */
enum err_kind {
	ERR_CONFIG = -1,	/* content that a person wrote is wrong */
	ERR_IO = -2,		/* the system refused: file, socket, database */
	ERR_PERM = -3,		/* not allowed */
	ERR_BUSY = -4,		/* somebody else holds it */
	ERR_LIMIT = -5,		/* larger than a setting allows */
	ERR_USAGE = -6,		/* wrong words on a command line or in a request */
	ERR_MISSING = -7,	/* what was named does not exist */
	ERR_STALE = -8,		/* the caller saw an older revision */
};

struct err {
	enum err_kind kind;
	char text[1024];
	char japanese[1024];	/* the same; empty where japanese.c has no row */
};

/* Put a sentence into err (which may be NULL) and return kind. */
int err_set(struct err *err, enum err_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Put a further sentence behind the one that is there. */
void err_add(struct err *err, const char *sentence);
/* The same: "; did you mean 'X'?" with the nearest entry, nothing when none is near. */
void err_hint(struct err *err, const char *const *list, size_t n, const char *word);

/* Put words in front of the sentence that is there; returns its kind. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
