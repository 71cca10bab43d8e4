#ifndef SOKUHO_JUDGE_STATE_H
#define SOKUHO_JUDGE_STATE_H

#include "judge/judge.h"
#include "judge/table.h"

/* What the files of this room share. */
struct implicated_rule;

struct judge {
	const struct config *config;
	const struct inventory *inventory;
	const struct notice *notice;
	struct table *table;
	struct implicated_rule *rules;
	size_t n_rules;
	bool all_implicated;
};

/* Whom a clause speaks of, by the scope in the profile. */
enum subject { SUBJECT_PERSON, SUBJECT_SYSTEM, SUBJECT_WEBSITE };

#endif
