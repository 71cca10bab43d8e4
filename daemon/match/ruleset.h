#ifndef SOKUHO_MATCH_RULESET_H
#define SOKUHO_MATCH_RULESET_H

#include "match/rule.h"

/* All rules that run together. Immutable but for the counters; loading is all or nothing. */
struct ruleset;

struct ruleset_options {
	const struct strlist *directories;	/* searched below for *.yaml and *.yml, in order */
	bool must_hold;			/* one without any is an error; else the site has none yet */
	const char *data_directory;	/* of sigma-fields.yaml and sigma-map.yaml; NULL: without them */
	const struct notice *notice;
	const struct list_conf *lists;	/* for `expand` */
	size_t n_lists;
	int64_t now;			/* for saying which exceptions have expired; 0: nobody asks */
	const char *const *formats;	/* what lines of tests may name, NULL behind the last; NULL: not checked */
};

/* NULL after errors, which are in problems. */
struct ruleset *ruleset_load(const struct ruleset_options *options, struct problems *problems);
void ruleset_free(struct ruleset *ruleset);
size_t ruleset_count(const struct ruleset *ruleset);
struct rule *ruleset_rule(const struct ruleset *ruleset, size_t i);
/* By name or id; NULL when there is none. */
struct rule *ruleset_find(const struct ruleset *ruleset, const char *name);
/* Infos of all rules, index = rule_info.index. */
const struct rule_info *const *ruleset_infos(const struct ruleset *ruleset);

/*
 * Tries one rule on a record whose logsource it wants (with any_logsource: on any). True when it matched, and when a
 * pattern hit its limit (hit->limit); correlations never do. Any thread may call it.
 */
bool ruleset_try(const struct ruleset *ruleset, unsigned rule, const struct record *record, bool any_logsource,
		 struct hit *hit);
/* Can a source with one of these logsources feed it? A correlation: can one of its rules be fed? */
bool ruleset_is_reachable(const struct ruleset *ruleset, size_t i,
			  const struct logsource *logsources, size_t n);

#endif
