#ifndef SOKUHO_BASE_NEED_H
#define SOKUHO_BASE_NEED_H

#include "base/str.h"

#include <stdatomic.h>

/*
 * What bytes a text must hold before something can be true of it: a formula of literals and patterns joined by
 * "and" and "or". Needs are necessary, never sufficient: a text that does not meet one is excluded for sure, one that meets
 * it is looked at exactly. "Anything" (no literal known) is the weakest need and NULL everywhere.
 */
struct regex;

enum need_kind { NEED_LITERAL, NEED_PATTERN, NEED_ALL, NEED_ANY };

#define NEED_LITERAL_MAX 48		/* bytes of a literal; longer ones are cut to their first bytes */
#define NEED_PARTS_MAX 64		/* children of an `all`; what is beyond is not asked for */
#define NEED_ANY_MAX 4096		/* children of an `any`; one with more is anything */

struct need {
	enum need_kind kind;
	char *bytes;			/* literal: may hold any byte, NUL too */
	size_t len;			/* at least 1 */
	bool nocase;			/* literal: ASCII letters compare caselessly */
	unsigned bounds;		/* literal: no letter or digit stands before, behind it */
	/* pattern: a match of `bytes` (PCRE2) stands in the text, and a run of run_min bytes of run_class (0: unknown) */
	unsigned regex_flags;
	const struct regex *regex;	/* a loan: the pattern compiled, where somebody has it already */
	size_t run_min;
	unsigned char run_class[32];
	struct need **parts;		/* all, any */
	size_t n, cap;
	uint64_t *seen;			/* of many parts: a bit for each that is there, perhaps of several */
	atomic_uint sharers;		/* besides its first owner; what is shared is not changed */
};

/* NULL for an empty literal. The bytes are copied. */
struct need *need_literal(struct slice bytes, bool nocase);
/*
 * The same with bounds: an ASCII letter or digit beside it excludes it, on the sides that are named. One that a backslash
 * stands before is no letter but an escape.
 */
enum need_bounds { NEED_BOUND_LEFT = 1, NEED_BOUND_RIGHT = 2, NEED_BOUND_BOTH = 3 };
struct need *need_bounded(struct slice bytes, bool nocase, unsigned bounds);
/* Do the bounds hold of the bytes of text that stand from start to end? */
bool need_bounds_hold(unsigned bounds, struct slice text, size_t start, size_t end);
/* weakened, flags, run as in struct regex_need; NULL for a NULL pattern without a run. */
struct need *need_pattern(const char *weakened, unsigned flags, size_t run_min, const unsigned char *run_class);
/* Both hold. Takes both; NULL (anything) disappears. */
struct need *need_and(struct need *a_take, struct need *b_take);
/* One of them holds. Takes both; with NULL on either side the result is NULL. */
struct need *need_or(struct need *a_take, struct need *b_take);
/* The same once more, to be freed as often; nothing is copied. From any thread. */
struct need *need_share(const struct need *need);
void need_free(struct need *need);
void need_release(void *need);		/* the same, of a map */
/* Does the text meet it? NULL: always. Patterns are taken to stand there. */
bool need_holds(const struct need *need, struct slice text);
/*
 * The same made for being asked often, in one piece of memory, that the need may be freed after. NULL for NULL.
 * Which pairs of bytes stand in a text is looked up when more than a few literals are asked of it; nearly all literals that do
 * not stand there are known by that.
 */
struct need_check;
struct need_check *need_check_new(const struct need *need);
/* Of an `all` the part of the least rank is asked first: what share of texts holds it, perhaps. */
typedef double (*need_rank)(void *context, const struct need *need);
struct need_check *need_check_ranked(const struct need *need, need_rank rank, void *context);
void need_check_free(struct need_check *check);
#define NEED_PAIRS 1024
struct need_text {
	struct slice text;
	size_t searches;		/* for single literals, so far */
	bool looked;
	unsigned char pairs[NEED_PAIRS + 1];	/* the last: what always stands */
};
void need_text_init(struct need_text *out, struct slice text);
bool need_stands(const struct need_check *check, struct need_text *text);
/* How many literals it holds; NULL: none. */
size_t need_literals(const struct need *need);
/* Readable form for people: 'a' and ('b' or 'c'); hostile bytes escaped. NULL prints "-". */
void need_print(const struct need *need, struct text *out);

#endif
