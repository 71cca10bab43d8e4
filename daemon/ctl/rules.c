/* Commands on rules: list, show, test, lint, coverage. No daemon is needed. */
#include "ctl/ctl.h"

#include "base/escape.h"
#include "replay/ruletest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_RULES = CTL_JSON + 1 };

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

static int rules_list(struct content *content, const char *name)
{
	struct text out = { 0 };

	(void)name;
	for (size_t i = 0; i < ruleset_count(content->rules); i++)
		rule_print(content, ruleset_rule(content->rules, i), &out);
	ctl_flush(&out);
	text_clear(&out);
	return EXIT_DONE;
}

static int rules_show(struct content *content, const char *name)
{
	struct rule *rule = name ? ruleset_find(content->rules, name) : NULL;
	struct text out = { 0 };
	struct rule_info *info;

	if (!rule)
		return ctl_fail(EXIT_USAGE, "no rule is called '%s'; `sokuhoctl rules list` names them",
				name ? name : "");
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
	size_t samples = 0, tests = 0, failed;

	if (name && !ruleset_find(content->rules, name))
		return ctl_fail(EXIT_USAGE, "no rule is called '%s'", name);
	if (!name)
		decoder_test(content->decoder, &problems, &samples);
	ruletest_run(content, name, &problems, &tests);
	ctl_print_problems(&problems);
	failed = problems.errors;
	problems_clear(&problems);
	printf("%zu rule tests, %zu decode samples, %zu faults\n", tests, samples, failed);
	return failed ? EXIT_WRONG : EXIT_DONE;
}

static int rules_coverage(struct content *content, const char *name)
{
	struct logsource *sources;
	size_t n = content_logsources(content, &sources), blind = 0;

	(void)name;
	for (size_t i = 0; i < ruleset_count(content->rules); i++) {
		struct rule *rule = ruleset_rule(content->rules, i);
		const struct logsource *l = rule_logsource(rule);

		if (ruleset_is_reachable(content->rules, i, sources, n))
			continue;
		blind++;
		printf("%s: no source or decode data gives %s/%s/%s\n", rule_info(rule)->name,
		       l->category ? l->category : "*", l->product ? l->product : "*",
		       l->service ? l->service : "*");
	}
	printf("%zu of %zu rules reachable\n", ruleset_count(content->rules) - blind,
	       ruleset_count(content->rules));
	free(sources);
	return EXIT_DONE;
}

/* Loading has said everything there is to say. */
static int rules_lint(struct content *content, const char *name)
{
	(void)content;
	(void)name;
	return EXIT_DONE;
}

static bool rules_option(int opt, const char *value, void *context)
{
	if (opt != OPT_RULES)
		return false;
	strlist_add(context, value);
	return true;
}

int ctl_rules(int argc, char **argv)
{
	static const struct option longs[] = { { "json", no_argument, NULL, CTL_JSON },
					       { "rules", required_argument, NULL, OPT_RULES },
					       { 0 } };
	static const struct {
		const char *name;
		int (*run)(struct content *content, const char *name);
	} verbs[] = { { "list", rules_list }, { "show", rules_show }, { "test", rules_test },
		      { "lint", rules_lint }, { "coverage", rules_coverage } };
	struct strlist directories = { 0 };
	struct content_options options = { .rules = &directories };
	struct content *content;
	int code = EXIT_USAGE;

	if (ctl_options(argc, argv, longs, rules_option, &directories) && optind < argc) {
		for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
			if (strcmp(verbs[i].name, argv[optind]) != 0)
				continue;
			options.config_path = ctl_config_path;
			content = ctl_load(&options);
			/* faults of content: lint has found them, anything else cannot go on */
			code = content ? verbs[i].run(content, argv[optind + 1]) :
			       strcmp(argv[optind], "lint") == 0 ? EXIT_WRONG : EXIT_USAGE;
			content_free(content);
			strlist_clear(&directories);
			return code;
		}
	}
	strlist_clear(&directories);
	ctl_usage("rules", "list | show NAME | test [NAME] | lint | coverage  [--rules DIR]");
	return code;
}
