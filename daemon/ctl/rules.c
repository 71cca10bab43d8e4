/* Commands on rules: list, show, test, lint, coverage. No daemon is needed. */
#include "ctl/ctl.h"

#include "base/escape.h"
#include "model/json.h"
#include "replay/ruletest.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_RULES = CTL_JSON + 1, OPT_COST, OPT_ANY_LOGSOURCE };

static void rule_print(struct content *content, struct rule *rule, struct text *out)
{
	struct rule_info *info = rule_info(rule);

	text_addf(out, "%-34s ", info->name);
	for (size_t i = 0; i < info->meaning.clauses.n; i++) {
		text_add(out, i ? "、" : "");
		notice_clause_label(content->notice, info->meaning.clauses.at[i], out);
	}
	text_addf(out, "  %s  ", info->meaning.has_notice ? shows_word(info->meaning.shows) : "(building block)");
	escape_terminal(slice_of(info->title), out);
	text_add_char(out, '\n');
}

static struct json_object *rule_json(struct rule *rule)
{
	struct json_object *o = json_object_new_object();
	const struct rule_info *info = rule_info(rule);
	const struct meaning *m = &info->meaning;

	json_object_object_add(o, "name", json_text_or_null(info->name));
	json_object_object_add(o, "id", json_text_or_null(info->id));
	json_object_object_add(o, "title", json_text_or_null(info->title));
	json_object_object_add(o, "file", json_text_or_null(info->file));
	json_object_object_add(o, "line", json_object_new_int(info->line));
	json_object_object_add(o, "severity", json_text_or_null(info->level));
	json_object_object_add(o, "clauses", json_strings(&m->clauses));
	json_object_object_add(o, "fact", json_text_or_null(m->fact));
	json_object_object_add(o, "shows", m->has_notice ? json_object_new_string(shows_word(m->shows)) : NULL);
	return o;
}

static int rules_list(struct content *content, const char *name)
{
	struct text out = { 0 };

	(void)name;
	for (size_t i = 0; i < ruleset_count(content->rules); i++)
		if (ctl_json)
			ctl_print_json(rule_json(ruleset_rule(content->rules, i)));
		else
			rule_print(content, ruleset_rule(content->rules, i), &out);
	ctl_flush(&out);
	text_clear(&out);
	return EXIT_DONE;
}

static int rules_show(struct content *content, const char *name)
{
	struct rule *rule = ruleset_find(content->rules, name);
	struct text out = { 0 };
	struct rule_info *info;

	if (!rule)
		return ctl_fail(EXIT_USAGE, "no rule is called '%s'; `sokuhoctl rules list` names them",
				name);
	if (ctl_json) {
		ctl_print_json(rule_json(rule));
		return EXIT_DONE;
	}
	info = rule_info(rule);
	rule_print(content, rule, &out);
	text_addf(&out, "id: %s\nfile: %s:%d\nfact: %s\nseverity: %s\n", info->id, info->file,
		  info->line, info->meaning.fact ? info->meaning.fact : "-", info->level);
	ctl_flush(&out);
	text_clear(&out);
	return EXIT_DONE;
}

static int rules_test(struct content *content, const char *name)
{
	struct problems problems = { 0 };
	const struct rule *rule = name ? ruleset_find(content->rules, name) : NULL;
	size_t samples = 0, tests = 0, failed;

	decoder_test(content->decoder, name, &problems, &samples);
	if (name && !samples && !rule)
		return ctl_fail(EXIT_USAGE, "no rule is called '%s', and no product with samples; `sokuhoctl rules list` names "
				"the rules", name);
	if (!name || rule)
		ruletest_run(content, name, &problems, &tests);
	failed = problems.errors;
	if (ctl_json) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "tests", json_object_new_int64((int64_t)tests));
		json_object_object_add(o, "samples", json_object_new_int64((int64_t)samples));
		json_object_object_add(o, "faults", ctl_problems_json(&problems));
		ctl_print_json(o);
	} else {
		ctl_print_problems(&problems);
		printf(localised("%zu rule tests, %zu decode samples, %zu faults\n"), tests, samples, failed);
	}
	problems_clear(&problems);
	return failed ? EXIT_WRONG : EXIT_DONE;
}

/* A rule that nothing can feed, as a member of list or as a line. */
static void blind_tell(struct rule *rule, struct json_object *list)
{
	const struct logsource *l = rule_logsource(rule);
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "rule", json_text_or_null(rule_info(rule)->name));
	json_object_object_add(o, "category", json_text_or_null(l->category));
	json_object_object_add(o, "product", json_text_or_null(l->product));
	json_object_object_add(o, "service", json_text_or_null(l->service));
	json_object_array_add(list, o);
	if (!ctl_json)
		printf(localised("%s: no source or decode data gives %s/%s/%s\n"), rule_info(rule)->name,
		       l->category ? l->category : "*", l->product ? l->product : "*",
		       l->service ? l->service : "*");
}

/* Counts a rule that can be fed under each of its clauses and its logsource: {clause: {logsource: n}}. */
static void clauses_count(struct rule *rule, struct json_object *clauses)
{
	const struct meaning *meaning = &rule_info(rule)->meaning;
	const struct logsource *l = rule_logsource(rule);
	char name[200];

	snprintf(name, sizeof(name), "%s/%s/%s", l->category ? l->category : "*", l->product ? l->product : "*",
		 l->service ? l->service : "*");
	if (rule_is_correlation(rule))
		snprintf(name, sizeof(name), "correlation");
	for (size_t i = 0; meaning->has_notice && i < meaning->clauses.n; i++) {
		const char *clause = meaning->clauses.at[i];
		struct json_object *row = json_member(clauses, clause);

		if (!row)
			json_object_object_add(clauses, clause, row = json_object_new_object());
		json_object_object_add(row, name, json_object_new_int64(json_object_get_int64(json_member(row, name)) + 1));
	}
}

static void clauses_print(const struct content *content, struct json_object *clauses)
{
	struct text out = { 0 };

	json_object_object_foreach(clauses, clause, row) {
		text_addf(&out, "%-6s ", clause);
		notice_clause_label(content->notice, clause, &out);
		json_object_object_foreach(row, logsource, n)
			text_addf(&out, "  %s %lld", logsource, (long long)json_object_get_int64(n));
		text_add_char(&out, '\n');
	}
	ctl_flush(&out);
	text_clear(&out);
}

static int rules_coverage(struct content *content, const char *name)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array(),
			   *clauses = json_object_new_object();
	struct logsource *sources;
	size_t n = content_logsources(content, &sources), all = ruleset_count(content->rules), reachable = 0;

	(void)name;
	if (!ctl_json && !content->config->n_sources)
		printf("%s\n", localised("no source is configured: this is what would hold if every product of the decode data were read"));
	for (size_t i = 0; i < all; i++)
		if (ruleset_is_reachable(content->rules, i, sources, n)) {
			reachable++;
			clauses_count(ruleset_rule(content->rules, i), clauses);
		} else {
			blind_tell(ruleset_rule(content->rules, i), list);
		}
	json_object_object_add(o, "sources", json_object_new_int64((int64_t)content->config->n_sources));
	json_object_object_add(o, "rules", json_object_new_int64((int64_t)all));
	json_object_object_add(o, "reachable", json_object_new_int64((int64_t)reachable));
	json_object_object_add(o, "unreachable", list);
	json_object_object_add(o, "clauses", clauses);
	if (ctl_json) {
		printf("%s\n", json_line(o));
	} else {
		clauses_print(content, clauses);
		printf(localised("%zu of %zu rules reachable\n"), reachable, all);
	}
	json_object_put(o);
	free(sources);
	return EXIT_DONE;
}

/* Every fault that loading finds; warnings are no reason to fail. */
static int rules_lint(const struct content_options *options)
{
	struct problems problems = { 0 };
	struct content *content = content_load(options, &problems);
	int code = content ? EXIT_DONE : EXIT_WRONG;

	content_free(content);
	if (ctl_json) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "faults", ctl_problems_json(&problems));
		ctl_print_json(o);
	} else {
		ctl_print_problems(&problems);
	}
	problems_clear(&problems);
	return code;
}

struct rules_arguments {
	struct strlist directories;
	const char *cost;		/* of lint: a sample */
	bool any_logsource;
};

static bool rules_option(int opt, const char *value, void *context)
{
	struct rules_arguments *a = context;

	switch (opt) {
	case OPT_RULES: strlist_add(&a->directories, value); return true;
	case OPT_COST: a->cost = value; return true;
	case OPT_ANY_LOGSOURCE: a->any_logsource = true; return true;
	default: return false;
	}
}

static int rules_cost(const struct content_options *options, const struct rules_arguments *a)
{
	struct content *content = ctl_load(options);
	int code = content ? ctl_rule_costs(content, a->cost, a->any_logsource) : EXIT_WRONG;

	content_free(content);
	return code;
}

static const struct verb {
	const char *name;
	int (*run)(struct content *content, const char *name);	/* NULL: lint, which loads itself */
	int least, most;					/* names */
} verbs[] = {
	{ "list", rules_list, 0, 0 }, { "show", rules_show, 1, 1 }, { "test", rules_test, 0, 1 },
	{ "lint", NULL, 0, 0 },	      { "coverage", rules_coverage, 0, 0 },
};

static int verb_run(const struct verb *verb, const struct content_options *options, const struct rules_arguments *a,
		    const char *name)
{
	struct content *content;
	int code;

	if (!verb->run)
		return a->cost ? rules_cost(options, a) : rules_lint(options);
	content = ctl_load(options);
	code = content ? verb->run(content, name) : EXIT_USAGE;
	content_free(content);
	return code;
}

int ctl_rules(int argc, char **argv)
{
	static const struct option longs[] = { { "json", no_argument, NULL, CTL_JSON },
					       { "rules", required_argument, NULL, OPT_RULES },
					       { "cost", required_argument, NULL, OPT_COST },
					       { "any-logsource", no_argument, NULL, OPT_ANY_LOGSOURCE },
					       { 0 } };
	struct rules_arguments a = { 0 };
	struct content_options options = { .rules = &a.directories };
	const struct verb *verb = NULL;
	int code = EXIT_USAGE, names;

	if (ctl_options(argc, argv, longs, rules_option, &a) && optind < argc)
		for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
			if (strcmp(verbs[i].name, argv[optind]) == 0)
				verb = &verbs[i];
	options.config_path = ctl_config_path;
	names = argc - optind - 1;
	if (verb && names > verb->most && verb->run)
		ctl_fail(0, "%s %s: '%s' is one argument too many", "rules", verb->name, argv[optind + 1 + verb->most]);
	else if (verb && names > verb->most)
		ctl_fail(0, "rules lint: '%s' is one argument too many; all rules are read, with --rules those of a directory "
			    "or file", argv[optind + 1]);
	else if (verb && names >= verb->least && (!a.cost || !verb->run))
		code = verb_run(verb, &options, &a, argv[optind + 1]);
	else
		ctl_usage("rules");
	strlist_clear(&a.directories);
	return code;
}
