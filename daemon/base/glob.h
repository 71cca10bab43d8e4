#ifndef SOKUHO_BASE_GLOB_H
#define SOKUHO_BASE_GLOB_H

#include "base/need.h"

/*
 * Wildcards as in Sigma: `*` any bytes, `?` one byte; `\*`, `\?` and `\\` before a wildcard stand
 * for themselves, any other backslash is a backslash. Compiled once, matched in linear time
 * for the usual shapes (prefix, suffix, contains), never exponential.
 */
struct glob;

/* contains, starts and ends add an open end, as Sigma's modifiers do. */
enum glob_open { GLOB_WHOLE = 0, GLOB_OPEN_FRONT = 1, GLOB_OPEN_BACK = 2 };

struct glob *glob_new(struct slice pattern, unsigned open, bool cased);
void glob_free(struct glob *glob);
bool glob_matches(const struct glob *glob, struct slice text);
/* The byte that every matched text begins with (of a caseless letter the small one); -1 when it can be any. */
int glob_first(const struct glob *glob);
/* Which bytes stand in a text, and in every text that is matched: a bit for each, the same for both cases of a letter. */
uint32_t glob_bytes_of(struct slice text);
uint32_t glob_bytes(const struct glob *glob);
/* The one text that is matched, but for its case; empty where there are several. A loan. */
struct slice glob_text(const struct glob *glob);
/*
 * What a text needs to be matched: the runs of bytes between the wildcards. bounded: outside of the matched text no letter or
 * digit stands beside it. The caller's to free.
 */
struct need *glob_need(const struct glob *glob, bool bounded);
/* True when it matches the empty string. */
bool glob_matches_empty(const struct glob *glob);

#endif
