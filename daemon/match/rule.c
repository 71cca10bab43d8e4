/*
 * A rule from its YAML document. What Sigma says stands beside what is ours (`notice`, `incident`, `tests`,
 * `name`); every fault is reported with its place, and reading goes on to find the next.
 */
#include "match/rule.h"

#include "base/clock.h"
#include "base/mem.h"
#include "match/condition.h"
#include "match/exception.h"
#include "match/search.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_SPECIFICITY 10

struct rule {
	struct rule_info info;
	struct logsource logsource;
	char **names;
	struct search **searches;
	size_t n_searches;
	bool asks_identity;		/* one of them, or of the filters' */
	struct condition_tree **conditions;	/* one holds */
	size_t n_conditions;
	const struct rule **filters;	/* of the site: each must hold, else the hit is an exception */
	size_t n_filters, cap_filters;
	struct strlist targets;		/* filter, tuning: rules that it names */
	struct exception exception;	/* filter */
	struct tuning *tuning;		/* tuning */
	const struct node *root;
	const struct yaml *yaml;
};

static const char *const rule_keys[] = {
	"title", "id", "name", "related", "taxonomy", "status", "license", "author", "references",
	"date", "modified", "logsource", "detection", "fields", "falsepositives", "level", "tags",
	"scope", "description", "correlation", "notice", "incident", "tests", "filter", "generate",
	"action", "regression_tests_path", "simulation", "reason", "approver", "second_approver",
	"expires", "tuning", "silent",
};

/* Custom attributes are allowed by Sigma; one that is nearly a known word is a slip. */
static void attributes_check(const struct yaml *yaml, const struct node *root,
			     struct problems *problems)
{
	size_t n = sizeof(rule_keys) / sizeof(rule_keys[0]);

	for (size_t i = 0; i < root->n; i++) {
		const char *key = root->keys[i]->text.at;
		bool known = false;
		int near;

		for (size_t k = 0; k < n && !known; k++)
			known = strcmp(rule_keys[k], key) == 0;
		near = known ? -1 : strlist_nearest(rule_keys, n, key);
		if (near >= 0 && strlen(key) > 3)
			node_warning(problems, yaml, root->keys[i],
				     "attribute '%s' is read by nobody; did you mean '%s'?", key,
				     rule_keys[near]);
	}
}

/* A word of Sigma's that decides something here: a slip in it would say something else in silence. */
static void word_check(const struct yaml *yaml, const struct node *node, const char *const *words, size_t n,
		       struct problems *problems)
{
	const char *text = node_text(node);
	char hint[BOTH_MAX];

	for (size_t i = 0; text && i < n; i++)
		if (strcmp(text, words[i]) == 0)
			return;
	if (text)
		node_warning(problems, yaml, node, "'%s' is no word of Sigma here%s", text,
			     problem_hint(words, n, text, hint));
}

static void words_check(const struct yaml *yaml, const struct node *root, struct problems *problems)
{
	static const char *const levels[] = { "informational", "low", "medium", "high", "critical" };
	static const char *const states[] = { "stable", "test", "experimental", "deprecated", "unsupported" };

	word_check(yaml, node_get(root, "level"), levels, 5, problems);
	word_check(yaml, node_get(root, "status"), states, 5, problems);
}

static bool uuid_is_good(const char *text)
{
	size_t i = 0;

	for (; text && text[i]; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]))
			return false;
	}
	return i == 36;
}

static void notice_check_clauses(struct rule *rule, const struct node *clauses,
				 const struct notice *notice, struct problems *problems)
{
	for (size_t i = 0; i < node_count(clauses); i++) {
		const char *id = node_text(node_item(clauses, i));

		if (notice && (!id || !notice_clause(notice, id)))
			notice_unknown_at(notice, "clause", id ? id : "", rule->yaml, node_item(clauses, i), problems);
	}
}

static void meaning_load(struct rule *rule, const struct node *map, const struct notice *notice,
			 struct problems *problems)
{
	static const char *const keys[] = { "clauses", "fact", "shows", "level" };
	struct meaning *m = &rule->info.meaning;
	const char *shows = node_get_text(map, "shows"), *level = node_get_text(map, "level");
	const char *fact = node_get_text(map, "fact");

	m->cap = LEVEL_REPORT;
	if (!map)
		return;
	if (map->kind != NODE_MAP) {
		node_error(problems, rule->yaml, map, "`notice` is a map of clauses, fact, shows");
		return;
	}
	node_check_keys(rule->yaml, map, "notice", keys, 4, problems);
	m->has_notice = true;
	node_strings(node_get(map, "clauses"), &m->clauses);
	if (!m->clauses.n)
		node_error(problems, rule->yaml, map, "`notice` names no clause");
	notice_check_clauses(rule, node_get(map, "clauses"), notice, problems);
	if (shows && !shows_parse(shows, &m->shows))
		node_error(problems, rule->yaml, node_get(map, "shows"),
			   "'%s' is none of event, attempt, hint", shows);
	if (level && !level_parse(level, &m->cap))
		node_error(problems, rule->yaml, node_get(map, "level"),
			   "'%s' is none of report, urgent, review, record", level);
	if (fact && notice && !notice_has_fact(notice, fact))
		notice_unknown_at(notice, "fact", fact, rule->yaml, node_get(map, "fact"), problems);
	if (!fact && notice && m->clauses.n)
		fact = notice_clause_fact(notice, m->clauses.at[0]);
	m->fact = mem_strdup(fact ? fact : "infection");
}

static void incident_load(struct rule *rule, const struct node *map, struct problems *problems)
{
	static const char *const keys[] = { "by", "within" };
	struct meaning *m = &rule->info.meaning;
	const char *within = node_get_text(map, "within");

	if (!map)
		return;
	node_check_keys(rule->yaml, map, "incident", keys, 2, problems);
	node_strings(node_get(map, "by"), &m->incident_by);
	if (within && !duration_parse(slice_of(within), &m->within))
		node_error(problems, rule->yaml, node_get(map, "within"),
			   "'%s' is no duration; write 90s, 15m, 24h or 7d", within);
}

static void format_check(const struct rule *rule, const struct node *node, const char *const *formats,
			 struct problems *problems)
{
	const char *name = node_text(node);
	char hint[BOTH_MAX];
	size_t n = 0;

	for (; node && formats && formats[n]; n++)
		if (name && strcmp(formats[n], name) == 0)
			return;
	if (n)
		node_error(problems, rule->yaml, node, "unknown format '%s'%s", name ? name : "",
			   problem_hint(formats, n, name ? name : "", hint));
}

static void tests_check(struct rule *rule, const struct node *tests, const char *status,
			const char *const *formats, struct problems *problems)
{
	static const char *const keys[] = { "lines", "inventory", "expect", "name" };
	static const char *const line_keys[] = { "at", "source", "format", "line" };
	static const char *const expect_keys[] = { "match", "level", "fields", "verdict",
						   "implicated" };

	if (rule->info.meaning.has_notice && status && strcmp(status, "stable") == 0 &&
	    !node_count(tests))
		node_error(problems, rule->yaml, rule->root,
			   "a stable rule with `notice` needs `tests`");
	for (size_t i = 0; i < node_count(tests); i++) {
		const struct node *test = node_item(tests, i), *lines = node_get(test, "lines");
		const struct node *match = node_get(node_get(test, "expect"), "match");
		bool unused;

		node_check_keys(rule->yaml, test, "tests", keys, 4, problems);
		node_check_keys(rule->yaml, node_get(test, "expect"), "expect", expect_keys, 5,
				problems);
		if (match && !node_bool(match, &unused))
			node_error(problems, rule->yaml, match, "`match` is true or false");
		if (!node_count(lines))
			node_error(problems, rule->yaml, test, "a test needs `lines`");
		for (size_t k = 0; k < node_count(lines); k++) {
			node_check_keys(rule->yaml, node_item(lines, k), "lines", line_keys, 4,
					problems);
			format_check(rule, node_get(node_item(lines, k), "format"), formats, problems);
		}
	}
}

static void detection_load(struct rule *rule, const struct node *map,
			   const struct rule_context *context, struct problems *problems)
{
	const struct node *condition = node_get(map, "condition");
	struct search_context search = context->search;

	if (!map || map->kind != NODE_MAP || node_is_null(condition)) {
		node_error(problems, rule->yaml, map ? map : rule->root,
			   "a rule needs `detection` with a `condition`");
		return;
	}
	search.logsource = &rule->logsource;
	rule->names = mem_zalloc(map->n * sizeof(*rule->names));
	rule->searches = mem_zalloc(map->n * sizeof(*rule->searches));
	for (size_t i = 0; i < map->n; i++) {
		const char *name = map->keys[i]->text.at;

		if (strcmp(name, "condition") == 0 || strcmp(name, "timeframe") == 0 ||
		    (rule->targets.n && strcmp(name, "rules") == 0))
			continue;
		rule->names[rule->n_searches] = mem_strdup(name);
		rule->searches[rule->n_searches] =
			search_load(rule->yaml, map->keys[i], map->items[i], &search, problems);
		rule->asks_identity = rule->asks_identity || search_asks_identity(rule->searches[rule->n_searches]);
		rule->n_searches++;
	}
	rule->conditions = mem_zalloc((node_count(condition) + 1) * sizeof(*rule->conditions));
	for (size_t i = 0; i < node_count(condition); i++) {
		const struct node *one = node_item(condition, i);

		if (one->kind == NODE_SCALAR)
			rule->conditions[rule->n_conditions] =
				condition_parse(rule->yaml, one, (const char *const *)rule->names,
						rule->n_searches, problems);
		if (rule->conditions[rule->n_conditions])
			rule->n_conditions++;
	}
}

static const char *const compare_words[] = { "gte", "gt", "lte", "lt", "eq", "neq" };
#define N_COMPARES (sizeof(compare_words) / sizeof(compare_words[0]))

/* `type`, whether `field` is needed, and whether more hits can undo what fewer fulfilled. */
static const struct correlation_kind {
	const char *name;
	enum correlation_type type;
	bool condition, field, deferred;
} correlation_kinds[] = {
	{ "event_count", CORRELATION_EVENT_COUNT, true, false, false },
	{ "value_count", CORRELATION_VALUE_COUNT, true, true, false },
	{ "temporal", CORRELATION_TEMPORAL, false, false, false },
	{ "temporal_ordered", CORRELATION_TEMPORAL_ORDERED, false, false, false },
	{ "value_sum", CORRELATION_VALUE_SUM, true, true, false },
	{ "value_avg", CORRELATION_VALUE_AVG, true, true, true },
	{ "value_percentile", CORRELATION_VALUE_PERCENTILE, true, true, true },
	{ "value_median", CORRELATION_VALUE_MEDIAN, true, true, true },
};
#define N_KINDS (sizeof(correlation_kinds) / sizeof(correlation_kinds[0]))

static const struct correlation_kind *kind_find(struct rule *rule, const struct node *map,
						struct problems *problems)
{
	const struct node *node = node_get(map, "type");
	const char *type = node_text(node), *names[N_KINDS];
	char hint[BOTH_MAX];

	for (size_t i = 0; i < N_KINDS; i++) {
		if (type && strcmp(type, correlation_kinds[i].name) == 0)
			return &correlation_kinds[i];
		names[i] = correlation_kinds[i].name;
	}
	node_error(problems, rule->yaml, node ? node : map,
		   "correlation type '%s' is none of event_count, value_count, temporal, temporal_ordered, "
		   "value_sum, value_avg, value_percentile, value_median%s",
		   type ? type : "", problem_hint(names, N_KINDS, type ? type : "", hint));
	return NULL;
}

static bool count_parse(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return *text >= '0' && *text <= '9' && *end == '\0' && *out < 1e18;
}

static void limit_read(struct rule *rule, const struct node *node, enum compare compare,
		       struct problems *problems)
{
	struct correlation_spec *spec = &rule->info.correlation;
	struct correlation_limit *limit = &spec->limits[spec->n_limits];

	if (spec->n_limits == CORRELATION_LIMITS_MAX) {
		node_error(problems, rule->yaml, node, "a condition has at most %d limits",
			   CORRELATION_LIMITS_MAX);
		return;
	}
	if (!node_text(node) || !count_parse(node_text(node), &limit->value))
		node_error(problems, rule->yaml, node, "'%s' is no count",
			   node_text(node) ? node_text(node) : "");
	limit->compare = compare;
	spec->n_limits++;
	spec->deferred = spec->deferred || (compare != COMPARE_GTE && compare != COMPARE_GT);
}

static void correlation_condition(struct rule *rule, const struct correlation_kind *kind,
				  const struct node *condition, struct problems *problems)
{
	static const char *const keys[] = { "gte", "gt", "lte", "lt", "eq", "neq", "field", "percentile" };
	struct correlation_spec *spec = &rule->info.correlation;
	const char *percentile = node_get_text(condition, "percentile");

	spec->percentile = kind->type == CORRELATION_VALUE_MEDIAN ? 50 : -1;
	if (condition && condition->kind != NODE_MAP) {
		node_error(problems, rule->yaml, condition, "`condition` is a map such as {gte: 3}");
		return;
	}
	node_check_keys(rule->yaml, condition, "condition", keys, 8, problems);
	for (size_t i = 0; i < N_COMPARES; i++)
		if (node_get(condition, compare_words[i]))
			limit_read(rule, node_get(condition, compare_words[i]), (enum compare)i, problems);
	node_strings(node_get(condition, "field"), &spec->fields);
	if (kind->condition && !spec->n_limits)
		node_error(problems, rule->yaml, condition ? condition : rule->root,
			   "a count such as `gte: 3` is missing in `condition`");
	if (kind->field != (spec->fields.n != 0))
		node_error(problems, rule->yaml, condition ? condition : rule->root,
			   kind->field ? "%s needs `field` in its condition" :
					 "%s takes no `field`", kind->name);
	for (size_t i = 0; i < spec->n_limits; i++)
		if (kind->type <= CORRELATION_TEMPORAL_ORDERED && spec->limits[i].value >= CORRELATION_COUNT_MAX)
			node_error(problems, rule->yaml, condition, "%s counts to less than %d", kind->name,
				   CORRELATION_COUNT_MAX);
	if (percentile && (kind->type != CORRELATION_VALUE_PERCENTILE ||
			   !count_parse(percentile, &spec->percentile) || spec->percentile > 100))
		node_error(problems, rule->yaml, node_get(condition, "percentile"),
			   "`percentile` is 0 to 100, for value_percentile");
	if (kind->type != CORRELATION_VALUE_COUNT && spec->fields.n > 1)
		node_error(problems, rule->yaml, node_get(condition, "field"), "%s takes one field",
			   kind->name);
}

static void correlation_load(struct rule *rule, const struct node *map, struct problems *problems)
{
	static const char *const keys[] = { "type", "rules", "group-by", "timespan", "condition",
					    "aliases", "generate" };
	struct correlation_spec *spec = &rule->info.correlation;
	const char *span = node_get_text(map, "timespan");
	const struct correlation_kind *kind = kind_find(rule, map, problems);

	node_check_keys(rule->yaml, map, "correlation", keys, 7, problems);
	node_strings(node_get(map, "rules"), &spec->rule_refs);
	node_strings(node_get(map, "group-by"), &spec->group_by);
	node_bool(node_get(map, "generate"), &spec->generate);
	if (node_get(rule->root, "generate"))
		node_bool(node_get(rule->root, "generate"), &spec->generate);
	if (!spec->rule_refs.n)
		node_error(problems, rule->yaml, map, "a correlation names the `rules` that it counts");
	if (node_get(map, "group-by") && node_get(map, "group-by")->kind == NODE_MAP)
		node_error(problems, rule->yaml, node_get(map, "group-by"), "`group-by` is a list of fields");
	if (!span || !duration_parse(slice_of(span), &spec->timespan) || !spec->timespan)
		node_error(problems, rule->yaml, span ? node_get(map, "timespan") : map, "`timespan` '%s' is no duration; write 5m or 1h",
			   span ? span : "");
	spec->type = kind ? kind->type : CORRELATION_EVENT_COUNT;
	if (kind) {
		spec->deferred = kind->deferred;
		correlation_condition(rule, kind, node_get(map, "condition"), problems);
	}
	rule->info.specificity += 20;
}

static void logsource_read(const struct yaml *yaml, const struct node *map,
			   struct logsource *out, struct problems *problems)
{
	static const char *const keys[] = { "category", "product", "service", "definition" };

	if (map->kind != NODE_MAP) {
		node_error(problems, yaml, map, "`logsource` is a map of category, product, service");
		return;
	}
	node_check_keys(yaml, map, "logsource", keys, 4, problems);
	out->category = mem_strdup(node_get_text(map, "category"));
	out->product = mem_strdup(node_get_text(map, "product"));
	out->service = mem_strdup(node_get_text(map, "service"));
}

static void expiry_check(const struct rule *rule, const struct exception *e, int64_t now,
			 struct problems *problems)
{
	if (now && e->expires != TIME_NONE && e->expires <= now)
		node_warning(problems, rule->yaml, node_get(rule->root, "expires"),
			     "'%s' has expired and applies to nothing newer", e->id);
}

/* A Sigma filter, or a tuning: it changes rules and is none. */
static void site_load(struct rule *rule, const struct rule_context *context,
		      struct problems *problems)
{
	const struct node *filter = node_get(rule->root, "filter");
	const struct node *map = filter ? filter : node_get(rule->root, "tuning");

	node_strings(node_get(map, "rules"), &rule->targets);
	if (!rule->targets.n) {
		node_error(problems, rule->yaml, map, "the rules that it is for are missing (`rules`)");
		strlist_add(&rule->targets, "?");
	}
	if (!filter) {
		rule->tuning = mem_zalloc(sizeof(*rule->tuning));
		tuning_load(rule->yaml, rule->root, rule->tuning, problems);
		expiry_check(rule, &rule->tuning->by, context->now, problems);
		return;
	}
	if (node_get(rule->root, "logsource"))
		logsource_read(rule->yaml, node_get(rule->root, "logsource"), &rule->logsource, problems);
	exception_load(rule->yaml, rule->root, &rule->exception, problems);
	expiry_check(rule, &rule->exception, context->now, problems);
	detection_load(rule, filter, context, problems);
}

struct rule *rule_load(const struct yaml *yaml, const struct node *root,
		       const struct rule_context *context, struct problems *problems)
{
	const char *id = node_get_text(root, "id"), *name = node_get_text(root, "name");
	const char *title = node_get_text(root, "title"), *level = node_get_text(root, "level");
	const struct node *correlation = node_get(root, "correlation");
	struct rule *rule;

	if (root->kind != NODE_MAP || !title) {
		node_error(problems, yaml, root, "this is no Sigma rule: `title` is missing");
		return NULL;
	}
	rule = mem_zalloc(sizeof(*rule));
	rule->yaml = yaml;
	rule->root = root;
	rule->info.file = mem_strdup(yaml->file);
	rule->info.line = root->line;
	rule->info.title = mem_strdup(title);
	rule->info.id = mem_strdup(id ? id : name ? name : title);
	rule->info.name = mem_strdup(name ? name : id ? id : title);
	rule->info.level = mem_strdup(level ? level : "medium");
	rule->info.specificity = node_get(root, "notice") ? DEFAULT_SPECIFICITY : 0;
	node_bool(node_get(root, "silent"), &rule->info.silent);
	if (rule->info.silent && node_get(root, "notice"))
		node_error(problems, yaml, node_get(root, "silent"), "a silent rule has no `notice`: nothing comes of it");
	if (node_get(root, "filter") || node_get(root, "tuning")) {
		attributes_check(yaml, root, problems);
		site_load(rule, context, problems);
		return rule;
	}
	if (id ? !uuid_is_good(id) : node_get(root, "notice") != NULL)
		node_error(problems, yaml, node_get(root, "id") ? node_get(root, "id") : root,
			   "`id` must be a UUID");
	attributes_check(yaml, root, problems);
	words_check(yaml, root, problems);
	meaning_load(rule, node_get(root, "notice"), context->notice, problems);
	incident_load(rule, node_get(root, "incident"), problems);
	tests_check(rule, node_get(root, "tests"), node_get_text(root, "status"), context->formats,
		    problems);
	if (correlation) {
		correlation_load(rule, correlation, problems);
		if (!rule->info.meaning.has_notice)
			foreign_apply(context->foreign, node_get(root, "tags"), &rule->logsource,
				      rule->info.level, &rule->info.meaning);
		return rule;
	}
	if (node_get(root, "logsource"))
		logsource_read(yaml, node_get(root, "logsource"), &rule->logsource, problems);
	else
		node_error(problems, yaml, root, "`logsource` is missing");
	if (rule->logsource.product)
		rule->info.specificity += 5;
	if (rule->logsource.service)
		rule->info.specificity += 2;
	if (!rule->info.meaning.has_notice)
		foreign_apply(context->foreign, node_get(root, "tags"), &rule->logsource,
			      rule->info.level, &rule->info.meaning);
	detection_load(rule, node_get(root, "detection"), context, problems);
	return rule;
}

static void lookups_free(struct lookup *lookups, size_t n)
{
	for (size_t i = 0; lookups && i < n; i++)
		lookup_clear(&lookups[i]);
	free(lookups);
}

static void info_clear(struct rule_info *info)
{
	struct correlation_spec *spec = &info->correlation;

	free(info->id);
	free(info->name);
	free(info->title);
	free(info->level);
	free(info->file);
	free(info->meaning.fact);
	strlist_clear(&info->meaning.clauses);
	strlist_clear(&info->meaning.incident_by);
	strlist_clear(&spec->rule_refs);
	lookups_free(spec->group_paths, spec->n_rules * spec->group_by.n);
	lookups_free(spec->field_paths, spec->n_rules * spec->fields.n);
	strlist_clear(&spec->group_by);
	strlist_clear(&spec->fields);
	free(spec->rules);
}

void rule_free(struct rule *rule)
{
	if (!rule)
		return;
	info_clear(&rule->info);
	free((char *)rule->logsource.category);
	free((char *)rule->logsource.product);
	free((char *)rule->logsource.service);
	for (size_t i = 0; i < rule->n_searches; i++) {
		free(rule->names[i]);
		search_free(rule->searches[i]);
	}
	for (size_t i = 0; i < rule->n_conditions; i++)
		condition_tree_free(rule->conditions[i]);
	strlist_clear(&rule->targets);
	exception_clear(&rule->exception);
	if (rule->tuning)
		tuning_clear(rule->tuning);
	free(rule->tuning);
	free(rule->filters);
	free(rule->names);
	free(rule->searches);
	free(rule->conditions);
	free(rule);
}

struct rule_info *rule_info(struct rule *rule)
{
	return &rule->info;
}

const struct node *rule_tests(const struct rule *rule, const struct yaml **yaml)
{
	*yaml = rule->yaml;
	return node_get(rule->root, "tests");
}

const struct node *rule_node(const struct rule *rule)
{
	return rule->root;
}

const struct logsource *rule_logsource(const struct rule *rule)
{
	return &rule->logsource;
}

bool rule_is_correlation(const struct rule *rule)
{
	return rule->info.correlation.type != CORRELATION_NONE;
}

const struct condition_tree *rule_condition(const struct rule *rule, size_t i)
{
	return i < rule->n_conditions ? rule->conditions[i] : NULL;
}

const struct search *rule_search(const struct rule *rule, size_t i)
{
	return rule->searches[i];
}

bool rule_asks_identity(const struct rule *rule)
{
	return rule->asks_identity;
}

static bool word_fits(const char *want, const char *have)
{
	return !want || (have && strcmp(want, have) == 0);
}

bool rule_wants(const struct rule *rule, const struct record *record)
{
	return logsource_is_wanted(&rule->logsource, record);
}

bool logsource_is_wanted(const struct logsource *want, const struct record *record)
{
	if (!want->category && !want->product && !want->service)
		return true;
	for (size_t i = 0; i < record->n_logsources; i++) {
		const struct logsource *have = &record->logsources[i];

		if (word_fits(want->category, have->category) &&
		    word_fits(want->product, have->product) && word_fits(want->service, have->service))
			return true;
	}
	return false;
}

struct evaluation {
	const struct rule *rule;
	const struct record *record;
	struct hit *hit;
};

static bool evaluation_holds(void *context, size_t i)
{
	struct evaluation *e = context;

	return search_holds(e->rule->searches[i], e->record, e->hit);
}

static bool outlasts(const struct exception *a, const struct exception *b)
{
	return !b || (b->expires != TIME_NONE && (a->expires == TIME_NONE || a->expires > b->expires));
}

/*
 * Of the filters that do not hold, and the rule switched off: what is in force longest. Whether it still is when the
 * record was written is for who knows the record's time.
 */
static const struct exception *exception_of(const struct rule *rule, const struct record *record)
{
	const struct tuning *tuning = rule->info.tuning;
	const struct exception *longest = tuning && tuning->disabled ? &tuning->by : NULL;
	struct hit unused;

	for (size_t i = 0; i < rule->n_filters; i++)
		if (outlasts(&rule->filters[i]->exception, longest) &&
		    !rule_matches(rule->filters[i], record, &unused) && !unused.limit)
			longest = &rule->filters[i]->exception;
	return longest;
}

bool rule_matches(const struct rule *rule, const struct record *record, struct hit *hit)
{
	struct evaluation e = { rule, record, hit };

	hit->rule = &rule->info;
	hit->record = record;
	hit->n_captures = 0;
	hit->limit = false;
	hit->exception = NULL;
	for (size_t i = 0; i < rule->n_conditions; i++)
		if (condition_tree_holds(rule->conditions[i], evaluation_holds, &e)) {
			hit->exception = exception_of(rule, record);
			return true;
		}
	return false;
}

const struct strlist *rule_targets(const struct rule *rule)
{
	return rule->targets.n ? &rule->targets : NULL;
}

static bool logsource_fits(const struct logsource *want, const struct logsource *have)
{
	return word_fits(want->category, have->category) && word_fits(want->product, have->product) &&
	       word_fits(want->service, have->service);
}

void rule_take_site(struct rule *rule, const struct rule *site, struct problems *problems)
{
	const struct exception *by = site->tuning ? &site->tuning->by : &site->exception;

	if (rule->info.meaning.has_notice && !exception_is_signed(site->yaml, site->root, by, problems))
		return;
	if (site->tuning) {
		if (rule->info.tuning)
			node_error(problems, site->yaml, site->root, "rule '%s' is tuned by '%s' already",
				   rule->info.name, rule->info.tuning->by.id);
		rule->info.tuning = site->tuning;
		return;
	}
	if (rule_is_correlation(rule)) {
		node_error(problems, site->yaml, site->root,
			   "'%s' is a correlation; name the rules that it counts", rule->info.name);
		return;
	}
	if (!logsource_fits(&site->logsource, &rule->logsource)) {
		node_warning(problems, site->yaml, node_get(site->root, "logsource"),
			     "the logsource of this filter is not that of rule '%s' (%s/%s/%s), to which it is not applied", rule->info.name,
			     rule->logsource.category ? rule->logsource.category : "*",
			     rule->logsource.product ? rule->logsource.product : "*",
			     rule->logsource.service ? rule->logsource.service : "*");
		return;
	}
	rule->filters = mem_grow(rule->filters, &rule->cap_filters, rule->n_filters + 1,
				 sizeof(*rule->filters));
	rule->filters[rule->n_filters++] = site;
	rule->asks_identity = rule->asks_identity || site->asks_identity;
}

void rule_explain(const struct rule *rule, const struct record *record, struct text *out)
{
	struct hit hit = { 0 };

	for (size_t i = 0; i < rule->n_searches; i++)
		text_addf(out, "    %s %s\n",
			  search_holds(rule->searches[i], record, &hit) ? "+" : "-", rule->names[i]);
}
