#ifndef SOKUHO_BASE_PROBLEM_H
#define SOKUHO_BASE_PROBLEM_H

#include "base/err.h"
#include "base/str.h"

/*
 * What is wrong with the content that people wrote: collected, all of it in one run, and printed
 * by the face as `file:line:col: error: sentence`.
 */
enum problem_kind { PROBLEM_ERROR, PROBLEM_WARNING };

struct problem {
	enum problem_kind kind;
	char *file;
	int line, col;		/* from 1; 0 is unknown */
	char *text;
	char *japanese;		/* the same; NULL where japanese.c has no row */
};

struct problems {
	struct problem *at;
	size_t n, cap;
	size_t errors;
	bool denied;		/* a file is there and may not be read */
};

void problem_add(struct problems *problems, enum problem_kind kind, const char *file, int line,
		 int col, const char *format, ...) __attribute__((format(printf, 6, 7)));
/*
 * An argument of problem_add() that is words of ours: it is told in the language of the sentence. japanese: NULL for its row in
 * japanese.c. Each is cut at 480 bytes.
 */
#define BOTH_MAX 1024
const char *problem_both(const char *english, const char *japanese, char out[BOTH_MAX]);
/* The same for an error's sentence, and for the end of a complaint: strlist_hint(). */
const char *problem_err(const struct err *err, char out[BOTH_MAX]);
const char *problem_hint(const char *const *list, size_t n, const char *word, char out[BOTH_MAX]);
/* Warnings that say the same, of those after the first `from`, become one that counts them. */
void problems_fold(struct problems *problems, size_t from);
void problems_clear(struct problems *problems);
/* One line each, terminal-safe. */
void problems_print(const struct problems *problems, bool japanese, struct text *out);

#endif
