#ifndef SOKUHO_MODEL_RULE_H
#define SOKUHO_MODEL_RULE_H

#include "base/str.h"
#include "model/lookup.h"
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
	CORRELATION_TEMPORAL_ORDERED,
	CORRELATION_VALUE_SUM,
	CORRELATION_VALUE_AVG,
	CORRELATION_VALUE_PERCENTILE,
	CORRELATION_VALUE_MEDIAN,
};
enum compare { COMPARE_GTE, COMPARE_GT, COMPARE_LTE, COMPARE_LT, COMPARE_EQ, COMPARE_NEQ };

struct rule_info;

struct correlation_limit {
	enum compare compare;
	double value;
};
#define CORRELATION_LIMITS_MAX 3
#define CORRELATION_COUNT_MAX 100000	/* hits of one group that can be told apart */

struct correlation_spec {
	enum correlation_type type;
	struct strlist rule_refs;	/* as written: names or ids */
	const struct rule_info **rules;	/* resolved, same order */
	size_t n_rules;
	struct strlist group_by;
	int64_t timespan;		/* ns */
	struct correlation_limit limits[CORRELATION_LIMITS_MAX];	/* all must hold */
	size_t n_limits;
	bool deferred;			/* more hits could undo it: decided when the window is over */
	struct strlist fields;		/* what is counted, added up, ordered */
	double percentile;		/* value_percentile: of numbers; below 0: shares of values */
	/*
	 * Where the records of rules[k] keep group_by.at[i] and fields.at[i]: at k * n + i. Through `aliases`, else
	 * through the alias data of the rule's logsource. NULL: under their own names.
	 */
	struct lookup *group_paths, *field_paths;
	bool generate;
};

/* What a site decided about named rules, and who answers for it. */
struct exception {
	char *id;
	char *reason, *approver, *second_approver;	/* NULL: not said */
	int64_t expires;		/* records from then on are not touched; TIME_NONE: never */
};

/* Changes to a named rule. */
struct tuning {
	struct exception by;
	bool disabled;
	bool has_level, has_incident;
	enum level level;		/* cap */
	struct strlist incident_by;
	int64_t within;
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
	const struct tuning *tuning;	/* a loan, or NULL */
	uint64_t matched;		/* hits so far */
};

#endif
