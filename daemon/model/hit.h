#ifndef SOKUHO_MODEL_HIT_H
#define SOKUHO_MODEL_HIT_H

#include "model/record.h"
#include "model/rule.h"

/* A rule and the record that it matched. Lives as long as the record. */
#define HIT_CAPTURES_MAX 32

struct hit {
	const struct rule_info *rule;
	const struct record *record;
	struct { const char *name; struct slice value; } captures[HIT_CAPTURES_MAX];
	size_t n_captures;
	const struct exception *exception;	/* of the site: known and approved, until it expires */
	bool limit;			/* a pattern hit its limit: not a match, but not silent either */
};

#endif
