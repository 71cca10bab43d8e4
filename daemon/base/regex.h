#ifndef SOKUHO_BASE_REGEX_H
#define SOKUHO_BASE_REGEX_H

#include "base/err.h"
#include "base/str.h"

/*
 * PCRE2 with JIT and limits. Patterns work on bytes; one that holds non-ASCII characters or
 * \p, \x{} works on UTF-8 and passes over what is none. match_limit is 200,000 for all, so that
 * the answer never depends on how a pattern came to be tried.
 */
#define REGEX_MATCH_LIMIT 200000u
#define REGEX_GROUPS_MAX 32

enum regex_flag { REGEX_CASELESS = 1, REGEX_MULTILINE = 2, REGEX_DOTALL = 4 };

struct regex;

/* On failure the sentence names the place inside the pattern. */
int regex_new(struct slice pattern, unsigned flags, struct regex **out, struct err *err);
void regex_free(struct regex *regex);

/* Does a pattern work on characters? See above. */
bool regex_pattern_is_utf(struct slice pattern);

struct regex_match {
	size_t start[REGEX_GROUPS_MAX], end[REGEX_GROUPS_MAX];	/* of the pattern's groups; start > end: did not take part */
	size_t n;
};
/* 1 match, 0 none, ERR_LIMIT when a limit was hit. match may be NULL. */
int regex_search(const struct regex *regex, struct slice subject, struct regex_match *match);
/* Gives back what this thread used for matching; for threads that end. */
void regex_thread_end(void);
bool regex_matches_empty(const struct regex *regex);
/* Named groups: name and number of the i-th. */
size_t regex_names(const struct regex *regex);
const char *regex_name(const struct regex *regex, size_t i, unsigned *group);
/* The field that it fills: ecs_from_group() of the name. */
const char *regex_field(const struct regex *regex, size_t i, unsigned *group);

#endif
