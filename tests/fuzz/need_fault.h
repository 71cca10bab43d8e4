#ifndef SOKUHO_TESTS_NEED_FAULT_H
#define SOKUHO_TESTS_NEED_FAULT_H

#include "base/regex_need.h"

#include <string.h>

/* What is promised of a pattern's needs, asked of one text; shared by the fuzz target and the property test. */
static inline bool run_stands_in(const struct regex_need *found, struct slice text)
{
	size_t run = 0;

	for (size_t i = 0; i < text.len && run < found->run_min; i++) {
		unsigned char c = (unsigned char)text.at[i];

		run = found->run_class[c >> 3] >> (c & 7) & 1 ? run + 1 : 0;
	}
	return run >= found->run_min;
}

static inline bool weakened_matches(const char *weakened, unsigned flags, struct slice text)
{
	struct regex *regex;
	struct err err;
	bool matches;

	if (regex_new(slice_of(weakened), flags, &regex, &err) < 0)
		return false;
	matches = regex_search(regex, text, NULL) != 0;		/* a limit says nothing */
	regex_free(regex);
	return matches;
}

/* NULL when all holds. regex is the pattern compiled; longer is a text that holds the subject as one piece. */
static inline const char *need_fault(const struct regex *regex, unsigned flags, const struct regex_need *found,
				     struct slice subject, struct slice longer)
{
	if (regex_search(regex, subject, NULL) != 1)
		return NULL;
	if (!need_holds(found->need, subject))
		return "what it needs is not there";
	if (found->run_min && !memchr(subject.at, '\n', subject.len) && !run_stands_in(found, subject))
		return "its run is not there";
	if (found->weakened && !weakened_matches(found->weakened, flags, longer))
		return "weakened, it does not match";
	return NULL;
}

#endif
