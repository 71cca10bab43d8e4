/* Rules in the order of their files; references of correlations are resolved at the end. */
#include "match/ruleset.h"

#include "base/dir.h"
#include "base/map.h"
#include "base/mem.h"
#include "match/aliases.h"
#include "match/foreign.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 4			/* correlations of correlations */

struct ruleset {
	struct yaml **files;
	size_t n_files, cap_files;
	struct rule **rules;
	const struct rule_info **infos;
	size_t n, cap;
	struct map *by_name;		/* names and ids */
	struct rule **sites;		/* filters and tunings */
	size_t n_sites, cap_sites;
	struct aliases *aliases;
	struct foreign *foreign;
};

static void ruleset_add(struct ruleset *set, struct rule *rule, const struct yaml *yaml,
			const struct node *root, struct problems *problems)
{
	struct rule_info *info = rule_info(rule);
	const char *keys[] = { info->id, info->name };

	for (size_t i = 0; i < 2; i++) {
		struct rule *other = map_get(set->by_name, slice_of(keys[i]));

		if (other && other != rule)
			node_error(problems, yaml, root, "%s '%s' is already that of %s:%d",
				   i ? "name" : "id", keys[i], rule_info(other)->file,
				   rule_info(other)->line);
		else if (keys[i][0])
			map_put(set->by_name, slice_of(keys[i]), rule);
	}
	set->rules = mem_grow(set->rules, &set->cap, set->n + 1, sizeof(struct rule *));
	info->index = (unsigned)set->n;
	set->rules[set->n++] = rule;
}

static void ruleset_load_file(struct ruleset *set, const char *path,
			      const struct rule_context *context, struct problems *problems)
{
	struct yaml *yaml = yaml_load(path, problems);

	if (!yaml)
		return;
	set->files = mem_grow(set->files, &set->cap_files, set->n_files + 1, sizeof(struct yaml *));
	set->files[set->n_files++] = yaml;
	for (size_t i = 0; i < yaml->n; i++) {
		struct rule *rule = rule_load(yaml, yaml->documents[i], context, problems);

		if (rule && rule_targets(rule)) {
			set->sites = mem_grow(set->sites, &set->cap_sites, set->n_sites + 1,
					      sizeof(struct rule *));
			set->sites[set->n_sites++] = rule;
		} else if (rule) {
			ruleset_add(set, rule, yaml, yaml->documents[i], problems);
		}
	}
}

static void names_of(const struct ruleset *set, const char **names)
{
	for (size_t i = 0; i < set->n; i++)
		names[i] = set->infos[i]->name;
}

/* Where a list of names has this one. */
static const struct node *name_node(const struct node *list, const char *name)
{
	for (size_t i = 0; i < node_count(list); i++) {
		const char *text = node_text(node_item(list, i));

		if (text && strcmp(text, name) == 0)
			return node_item(list, i);
	}
	return list;
}

static const struct node *correlation_node(const struct rule *rule, const char *key)
{
	return node_get(node_get(rule_node(rule), "correlation"), key);
}

static void correlation_resolve(struct ruleset *set, struct rule *rule, struct problems *problems)
{
	struct correlation_spec *spec = &rule_info(rule)->correlation;
	const char **names = mem_zalloc((set->n + 1) * sizeof(*names));
	const struct yaml *yaml;

	rule_tests(rule, &yaml);
	names_of(set, names);
	spec->rules = mem_zalloc((spec->rule_refs.n + 1) * sizeof(*spec->rules));
	for (size_t i = 0; i < spec->rule_refs.n; i++) {
		struct rule *other = map_get(set->by_name, slice_of(spec->rule_refs.at[i]));
		char hint[BOTH_MAX];

		if (!other) {
			node_error(problems, yaml, name_node(correlation_node(rule, "rules"), spec->rule_refs.at[i]),
				   "the correlation refers to '%s', which is not there%s", spec->rule_refs.at[i],
				   problem_hint(names, set->n, spec->rule_refs.at[i], hint));
			continue;
		}
		rule_info(other)->referred = true;
		if (!rule_info(other)->meaning.has_notice && !spec->generate)
			rule_info(other)->silent = true;
		spec->rules[spec->n_rules++] = rule_info(other);
	}
	free(names);
}

/* Filters and tunings take their places; a rule that is gone is an error (design section 4). */
static void sites_resolve(struct ruleset *set, struct problems *problems)
{
	const char **names = mem_zalloc((set->n + 1) * sizeof(*names));
	const struct yaml *yaml;

	names_of(set, names);
	for (size_t i = 0; i < set->n_sites; i++) {
		const struct strlist *targets = rule_targets(set->sites[i]);
		const struct node *root = rule_node(set->sites[i]), *filter = node_get(root, "filter");
		const struct node *list = node_get(filter ? filter : node_get(root, "tuning"), "rules");

		rule_tests(set->sites[i], &yaml);
		for (size_t k = 0; k < targets->n; k++) {
			struct rule *rule = map_get(set->by_name, slice_of(targets->at[k]));
			char hint[BOTH_MAX];

			if (rule)
				rule_take_site(rule, set->sites[i], problems);
			else
				node_error(problems, yaml, name_node(list, targets->at[k]),
					   "it names rule '%s', which is not there%s", targets->at[k],
					   problem_hint(names, set->n, targets->at[k], hint));
		}
	}
	free(names);
}

/* The logsource of a rule's records; of a correlation, that of the first rule that it counts in the end. */
static const struct logsource *source_of(struct ruleset *set, const struct rule_info *info)
{
	for (int depth = 0; depth < DEPTH_MAX && info->correlation.n_rules; depth++)
		info = info->correlation.rules[0];
	return rule_logsource(set->rules[info->index]);
}

/* `aliases: {name: {rule: field}}`: what the k-th rule calls this name. */
static const char *alias_of(const struct rule *rule, const char *name, const struct rule_info *of)
{
	const struct node *map = correlation_node(rule, "aliases");
	const struct node *by_rule = node_get(map, name);
	const char *field = node_get_text(by_rule, of->name);

	return field ? field : node_get_text(by_rule, of->id);
}

static struct lookup *paths_resolve(struct ruleset *set, struct rule *rule,
				    const struct strlist *names)
{
	const struct correlation_spec *spec = &rule_info(rule)->correlation;
	struct lookup *paths = mem_zalloc((spec->n_rules * names->n + 1) * sizeof(*paths));

	for (size_t k = 0; k < spec->n_rules; k++)
		for (size_t i = 0; i < names->n; i++) {
			const char *alias = alias_of(rule, names->at[i], spec->rules[k]);

			aliases_resolve(set->aliases, source_of(set, spec->rules[k]),
					alias ? alias : names->at[i], &paths[k * names->n + i]);
		}
	return paths;
}

/* An alias that names no rule of the correlation is a slip. */
static void aliases_check(struct ruleset *set, struct rule *rule, struct problems *problems)
{
	const struct correlation_spec *spec = &rule_info(rule)->correlation;
	const struct node *map = correlation_node(rule, "aliases");
	const struct yaml *yaml;

	rule_tests(rule, &yaml);
	for (size_t i = 0; map && map->kind == NODE_MAP && i < map->n; i++)
		for (size_t k = 0; map->items[i]->kind == NODE_MAP && k < map->items[i]->n; k++) {
			const struct node *key = map->items[i]->keys[k];
			struct rule *other = map_get(set->by_name, key->text);
			bool counted = false;

			for (size_t r = 0; other && r < spec->n_rules; r++)
				counted = counted || spec->rules[r] == rule_info(other);
			if (!counted)
				node_error(problems, yaml, key, "the alias names '%s', which is none of its rules",
					   key->text.at);
		}
}

/* Does the correlation come back to itself? */
static bool is_circular(const struct rule_info *from, const struct rule_info *at, int depth)
{
	for (size_t i = 0; i < at->correlation.n_rules; i++)
		if (at->correlation.rules[i] == from || depth == DEPTH_MAX ||
		    is_circular(from, at->correlation.rules[i], depth + 1))
			return true;
	return false;
}

/* The name by which the correlation comes back to itself; NULL: it does not. */
static const char *circle_name(const struct ruleset *set, const struct rule_info *info)
{
	for (size_t i = 0; i < info->correlation.rule_refs.n; i++) {
		struct rule *other = map_get(set->by_name, slice_of(info->correlation.rule_refs.at[i]));

		if (other && (rule_info(other) == info || is_circular(info, rule_info(other), 1)))
			return info->correlation.rule_refs.at[i];
	}
	return NULL;
}

static void correlations_resolve(struct ruleset *set, struct problems *problems)
{
	for (size_t i = 0; i < set->n; i++)
		if (rule_is_correlation(set->rules[i]))
			correlation_resolve(set, set->rules[i], problems);
	for (size_t i = 0; i < set->n; i++) {
		struct rule *rule = set->rules[i];
		struct correlation_spec *spec = &rule_info(rule)->correlation;
		const struct yaml *yaml;
		const char *name;

		if (!rule_is_correlation(rule))
			continue;
		rule_tests(rule, &yaml);
		name = circle_name(set, rule_info(rule));
		if (name) {
			node_error(problems, yaml, name_node(correlation_node(rule, "rules"), name),
				   "the correlation counts itself, or is nested over %d deep", DEPTH_MAX);
			continue;
		}
		aliases_check(set, rule, problems);
		spec->group_paths = paths_resolve(set, rule, &spec->group_by);
		spec->field_paths = paths_resolve(set, rule, &spec->fields);
	}
}

/* What the rules are read against, from beside the shipped rules. */
static void context_load(struct ruleset *set, const struct ruleset_options *options,
			 struct rule_context *context, struct problems *problems)
{
	struct text path = { 0 };

	if (options->data_directory) {
		text_addf(&path, "%s/sigma-fields.yaml", options->data_directory);
		set->aliases = aliases_load(path.at, problems);
		text_reset(&path);
		text_addf(&path, "%s/sigma-map.yaml", options->data_directory);
		set->foreign = foreign_load(path.at, options->notice, problems);
		text_clear(&path);
	}
	*context = (struct rule_context){ options->notice, set->foreign,
					  { set->aliases, NULL, options->lists, options->n_lists },
					  options->now, options->formats };
}

/* The files of all directories, in order. A file that is named and is no YAML file is a slip. */
static void paths_find(const struct ruleset_options *options, struct strlist *paths, struct problems *problems)
{
	for (size_t i = 0; i < options->directories->n; i++) {
		const char *path = options->directories->at[i];
		size_t before = paths->n;
		struct stat st;
		char both[BOTH_MAX];
		struct err err;

		if (dir_files(path, ".yaml", paths, &err) < 0 || dir_files(path, ".yml", paths, &err) < 0)
			problem_add(problems, PROBLEM_ERROR, path, 0, 0, "%s", problem_err(&err, both));
		else if (paths->n == before && (options->must_hold || (stat(path, &st) == 0 && S_ISREG(st.st_mode))))
			problem_add(problems, PROBLEM_ERROR, path, 0, 0, "no rules here: no file is named *.yaml or *.yml");
	}
}

struct ruleset *ruleset_load(const struct ruleset_options *options, struct problems *problems)
{
	struct rule_context context;
	struct ruleset *set = mem_zalloc(sizeof(*set));
	size_t errors = problems->errors, before = problems->n;
	struct strlist paths = { 0 };

	set->by_name = map_new();
	context_load(set, options, &context, problems);
	paths_find(options, &paths, problems);
	for (size_t i = 0; i < paths.n; i++)
		ruleset_load_file(set, paths.at[i], &context, problems);
	strlist_clear(&paths);
	set->infos = mem_zalloc((set->n + 1) * sizeof(*set->infos));
	for (size_t i = 0; i < set->n; i++)
		set->infos[i] = rule_info(set->rules[i]);
	correlations_resolve(set, problems);
	sites_resolve(set, problems);
	problems_fold(problems, before);
	if (problems->errors == errors)
		return set;
	ruleset_free(set);
	return NULL;
}

void ruleset_free(struct ruleset *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->n; i++)
		rule_free(set->rules[i]);
	for (size_t i = 0; i < set->n_sites; i++)
		rule_free(set->sites[i]);
	free(set->sites);
	for (size_t i = 0; i < set->n_files; i++)
		yaml_free(set->files[i]);
	map_free(set->by_name, NULL);
	aliases_free(set->aliases);
	foreign_free(set->foreign);
	free(set->rules);
	free(set->infos);
	free(set->files);
	free(set);
}

size_t ruleset_count(const struct ruleset *set)
{
	return set->n;
}

struct rule *ruleset_rule(const struct ruleset *set, size_t i)
{
	return set->rules[i];
}

struct rule *ruleset_find(const struct ruleset *set, const char *name)
{
	return map_get(set->by_name, slice_of(name));
}

const struct rule_info *const *ruleset_infos(const struct ruleset *set)
{
	return set->infos;
}

bool ruleset_try(const struct ruleset *set, unsigned i, const struct record *record, bool any_logsource,
		 struct hit *hit)
{
	const struct rule *rule = set->rules[i];

	if (rule_is_correlation(rule) || !(any_logsource || rule_wants(rule, record)))
		return false;
	if (!rule_matches(rule, record, hit))
		return hit->limit;
	hit->limit = false;
	return true;
}

bool ruleset_is_reachable(const struct ruleset *set, size_t i, const struct logsource *logsources,
			  size_t n)
{
	struct rule *rule = set->rules[i];
	struct record pretended = { 0 };
	const struct correlation_spec *spec = &rule_info(rule)->correlation;

	if (rule_is_correlation(rule)) {
		for (size_t k = 0; k < spec->n_rules; k++)
			if (ruleset_is_reachable(set, spec->rules[k]->index, logsources, n))
				return true;
		return false;
	}
	for (size_t k = 0; k < n; k++) {
		pretended.n_logsources = 0;
		record_add_logsource(&pretended, logsources[k]);
		if (rule_wants(rule, &pretended))
			return true;
	}
	return rule_wants(rule, &pretended);
}
