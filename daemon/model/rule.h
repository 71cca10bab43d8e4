#ifndef SOKUHO_MODEL_RULE_H
#define SOKUHO_MODEL_RULE_H

#include "base/str.h"
#include "model/words.h"

/*
 * What a rule is, apart from how it matches: names, its meaning under the notice, and for a
 * correlation what it counts. Owned by the rule set; loans elsewhere.
 */
struct meaning {
	bool has_notice;		/* false: a building block, or foreign */
	bool borrowed;			/* clauses and fact are sigma-map.yaml's */
	struct strlist clauses;		/* best first */
	char *fact;
	enum shows shows;
	enum level cap;			/* notice.level; LEVEL_REPORT when there is none */
	struct strlist incident_by;
	int64_t within;			/* ns; 0: default */
};

enum correlation_type {
	CORRELATION_NONE,
	CORRELATION_EVENT_COUNT,
	CORRELATION_VALUE_COUNT,
	CORRELATION_TEMPORAL,
};
enum compare { COMPARE_GTE, COMPARE_GT, COMPARE_LTE, COMPARE_LT, COMPARE_EQ };

struct rule_info;

/* `aliases`: for one group-by name, which field each referred rule calls it. */
struct correlation_alias {
	char *name;
	const struct rule_info *rule;
	char *field;
};

struct correlation_spec {
	enum correlation_type type;
	struct strlist rule_refs;	/* as written: names or ids */
	const struct rule_info **rules;	/* resolved, same order */
	size_t n_rules;
	struct strlist group_by;
	int64_t timespan;		/* ns */
	enum compare compare;		/* temporal: every rule, no compare */
	uint64_t count;
	char *field;			/* value_count */
	bool generate;
	struct correlation_alias *aliases;
	size_t n_aliases;
};

struct rule_info {
	unsigned index;			/* in the rule set */
	char *id, *name, *title, *level;	/* level: Sigma's */
	char *file;
	int line;
	unsigned specificity;		/* larger is more specific: correlation, product, generic */
	struct meaning meaning;
	struct correlation_spec correlation;
	bool referred;			/* some correlation refers to it */
	bool silent;			/* a building block: no findings of its own */
	uint64_t matched;		/* hits so far */
};

#endif
