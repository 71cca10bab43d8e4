#ifndef SOKUHO_MATCH_RULE_H
#define SOKUHO_MATCH_RULE_H

#include "match/foreign.h"
#include "match/search.h"
#include "model/hit.h"
#include "settings/notice.h"

/* What rules are read against; zero-initialised is nothing of it. */
struct rule_context {
	const struct notice *notice;	/* NULL: clauses and facts are not checked */
	const struct foreign *foreign;	/* NULL: rules without `notice` mean nothing */
	struct search_context search;	/* its logsource is the rule's own */
	int64_t now;			/* for saying what has expired; 0: nobody asks */
	const char *const *formats;	/* what lines of tests may name, NULL behind the last; NULL: not checked */
};

/* One Sigma document: a detection rule or a correlation (Sigma 2.1), with our custom attributes. */
struct rule;

/* NULL when the document is so wrong that nothing can be made of it; faults go to problems in any case. */
struct rule *rule_load(const struct yaml *yaml, const struct node *root,
		       const struct rule_context *context, struct problems *problems);
void rule_free(struct rule *rule);
struct rule_info *rule_info(struct rule *rule);
const struct node *rule_tests(const struct rule *rule, const struct yaml **yaml);
const struct node *rule_node(const struct rule *rule);
const struct logsource *rule_logsource(const struct rule *rule);
bool rule_is_correlation(const struct rule *rule);
/* The compiled parts, for this room: conditions (one must hold; NULL behind the last) and search identifiers. */
struct condition_tree;
struct search;
const struct condition_tree *rule_condition(const struct rule *rule, size_t i);
const struct search *rule_search(const struct rule *rule, size_t i);
/* Must judge_identify() come before it is tried? */
bool rule_asks_identity(const struct rule *rule);
/* A filter or tuning: the rules that it names; NULL for a rule. */
const struct strlist *rule_targets(const struct rule *rule);
/*
 * A filter or tuning of the site takes its place at a rule that it names; faults (a correlation under a filter, no
 * signature, another logsource) go to problems. `site` must outlive the rule.
 */
void rule_take_site(struct rule *rule, const struct rule *site, struct problems *problems);
/* Does one logsource of the record fit? */
bool logsource_is_wanted(const struct logsource *wanted, const struct record *record);
bool rule_wants(const struct rule *rule, const struct record *record);
/* True when it matches; hit->limit may be set either way. */
bool rule_matches(const struct rule *rule, const struct record *record, struct hit *hit);
/* For explain: which search identifiers hold. One line each. */
void rule_explain(const struct rule *rule, const struct record *record, struct text *out);

#endif
