/* Commands on content: check, rules, inventory, judge, window. No daemon is needed. */
#include "ctl/ctl.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/map.h"
#include "draft/draft.h"
#include "model/json.h"
#include "replay/ruletest.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_JSON = 256, OPT_RULES, OPT_INVENTORY, OPT_CLAUSE, OPT_CLASS, OPT_CERTAINTY, OPT_FACT,
       OPT_INFORMATION, OPT_LEAK, OPT_LOSS, OPT_DESTRUCTION, OPT_BODY, OPT_AT };

/* -c and --json, anything else by `other` (NULL: nothing else). False after a usage error. */
static bool options_read(int argc, char **argv, const struct option *longs,
			 bool (*other)(int opt, const char *value, void *context), void *context)
{
	int opt;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		if (opt == 'c')
			ctl_config_path = optarg;
		else if (opt == OPT_JSON)
			ctl_json = true;
		else if (opt == '?' || !other || !other(opt, optarg, context))
			return false;
	}
	return true;
}

static const struct option plain_options[] = { { "json", no_argument, NULL, OPT_JSON }, { 0 } };

int ctl_check(int argc, char **argv)
{
	struct content_options options = { 0 };
	struct content *content;
	struct logsource *sources;
	size_t n, reachable = 0;

	if (!options_read(argc, argv, plain_options, NULL, NULL) || optind != argc) {
		ctl_usage("check", "");
		return EXIT_USAGE;
	}
	options.config_path = ctl_config_path;
	content = ctl_load(&options);
	if (!content)
		return EXIT_USAGE;
	n = content_logsources(content, &sources);
	for (size_t i = 0; i < ruleset_count(content->rules); i++)
		reachable += ruleset_is_reachable(content->rules, i, sources, n);
	printf("configuration: %s\nsources: %zu, targets: %zu\ninventory: %zu systems, %zu people, "
	       "%zu sites, %zu contracts\nrules: %zu loaded, %zu reachable; decode data: %zu products\n",
	       content->config->file ? content->config->file : "built-in defaults",
	       content->config->n_sources, content->config->n_targets, content->inventory->n_systems,
	       content->inventory->n_people, content->inventory->n_sites,
	       content->inventory->n_contracts, ruleset_count(content->rules), reachable,
	       decoder_products(content->decoder));
	if (!draft_windows_confirmed(content->config, clock_now()))
		printf("warning: 緊急窓口の番号は令和2年3月のもので、1年以内に確認されていない / the windows' numbers are of "
		       "March 2020 and nobody confirmed them within a year: call, then set "
		       "notice.windows_verified_on\n");
	free(sources);
	content_free(content);
	return EXIT_DONE;
}

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
	static const struct option longs[] = { { "json", no_argument, NULL, OPT_JSON },
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

	if (options_read(argc, argv, longs, rules_option, &directories) && optind < argc) {
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

static void system_print(const struct system_entry *s)
{
	struct text out = { 0 };

	escape_terminal(slice_of(s->id), &out);
	text_add_char(&out, ' ');
	for (unsigned bit = 1; bit < 1u << CLASS_COUNT; bit <<= 1)
		if (s->classes & bit)
			text_addf(&out, " %s", class_word(bit));
	if (!s->classes)
		text_add(&out, " unknown");
	text_add(&out, "  ");
	escape_terminal(slice_of(s->label), &out);
	text_addf(&out, "  (line %d)\n", s->line);
	ctl_flush(&out);
	text_clear(&out);
}

static int inventory_lookup(const struct content *content, const char *key)
{
	struct slice k = slice_of(key);
	const struct system_entry *s = inventory_host(content->inventory, k);
	const struct person *p = inventory_user(content->inventory, k);
	const struct site *site = inventory_site_domain(content->inventory, k);

	if (!s)
		s = inventory_address(content->inventory, k);
	if (!p)
		p = inventory_mail(content->inventory, k);
	if (s)
		system_print(s);
	if (p)
		printf("person %s, department %s, defence %s (line %d)\n", p->id,
		       p->department ? p->department : "-", implicated_word(p->defence), p->line);
	if (site)
		printf("site %s (line %d)\n", site->label, site->line);
	if (!s && !p && !site)
		printf("'%s' is not in the inventory: unknown (which never becomes no)\n", key);
	return EXIT_DONE;
}

int ctl_inventory(int argc, char **argv)
{
	struct content_options options = { 0 };
	struct content *content;
	int code = EXIT_DONE;

	if (!options_read(argc, argv, plain_options, NULL, NULL) || optind >= argc ||
	    (strcmp(argv[optind], "list") != 0 &&
	     !(strcmp(argv[optind], "lookup") == 0 && optind + 1 < argc))) {
		ctl_usage("inventory", "list | lookup KEY");
		return EXIT_USAGE;
	}
	options.config_path = ctl_config_path;
	content = ctl_load(&options);
	if (!content)
		return EXIT_USAGE;
	if (strcmp(argv[optind], "lookup") == 0)
		code = inventory_lookup(content, argv[optind + 1]);
	else
		for (size_t i = 0; i < content->inventory->n_systems; i++)
			system_print(&content->inventory->systems[i]);
	content_free(content);
	return code;
}

static bool judge_option(int opt, const char *value, void *context)
{
	struct judge_question *q = context;
	unsigned bit;

	switch (opt) {
	case OPT_CLAUSE: q->clause = value; return true;
	case OPT_CLASS:
		if (strcmp(value, "unknown") == 0)
			return true;
		if (!class_parse(value, &bit)) {
			ctl_fail(0, "unknown class '%s'; one of protected same_intranet other_defence "
				    "secret company_web none unknown", value);
			return false;
		}
		q->classes |= bit;
		return true;
	case OPT_CERTAINTY:
		if (certainty_parse(value, &q->certainty))
			return true;
		ctl_fail(0, "unknown certainty '%s'; one of confirmed suspected pointed_out", value);
		return false;
	case OPT_FACT: strlist_add(&q->facts, value); return true;
	case OPT_INFORMATION: q->information = value; return true;
	case OPT_LEAK: q->leak = true; return true;
	case OPT_LOSS: q->loss = true; return true;
	case OPT_DESTRUCTION: q->destruction = true; return true;
	default: return false;
	}
}

static void answer_print(const struct content *content, struct json_object *answer)
{
	struct json_object *list = NULL;

	if (ctl_json) {
		printf("%s\n", json_line(answer));
		return;
	}
	json_object_object_get_ex(answer, "bases", &list);
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		printf("%s\n", notice_basis_label(content->notice, json_object_get_string(
								 json_object_array_get_idx(list, i))));
	json_object_object_foreach(answer, key, value)
		printf("%s: %s\n", key, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
}

int ctl_judge(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, OPT_JSON },
		{ "clause", required_argument, NULL, OPT_CLAUSE },
		{ "class", required_argument, NULL, OPT_CLASS },
		{ "certainty", required_argument, NULL, OPT_CERTAINTY },
		{ "fact", required_argument, NULL, OPT_FACT },
		{ "information", required_argument, NULL, OPT_INFORMATION },
		{ "leak", no_argument, NULL, OPT_LEAK },
		{ "loss", no_argument, NULL, OPT_LOSS },
		{ "destruction", no_argument, NULL, OPT_DESTRUCTION },
		{ 0 },
	};
	struct judge_question question = { 0 };
	struct content_options options = { 0 };
	struct json_object *answer;
	struct content *content;
	int code = EXIT_DONE;
	struct err err;

	if (!options_read(argc, argv, longs, judge_option, &question) || optind != argc) {
		ctl_usage("judge", "[--clause C] --class K... --certainty X [--fact F]... "
				   "[--information protected|secret] [--leak] [--loss] [--destruction]");
		strlist_clear(&question.facts);
		return EXIT_USAGE;
	}
	options.config_path = ctl_config_path;
	content = ctl_load(&options);
	answer = content ? judge_answer(content->judge, &question, &err) : NULL;
	if (answer)
		answer_print(content, answer);
	else
		code = content ? ctl_fail(EXIT_USAGE, "%s", err.text) : EXIT_USAGE;
	json_object_put(answer);
	strlist_clear(&question.facts);
	content_free(content);
	return code;
}

struct window_options {
	const char *body;
	int64_t at;
};

static bool window_option(int opt, const char *value, void *context)
{
	struct window_options *w = context;
	struct err err;

	if (opt == OPT_BODY) {
		w->body = value;
		return true;
	}
	if (opt == OPT_AT && time_parse_argument(value, OFFSET_JST, &w->at, &err) == 0)
		return true;
	if (opt == OPT_AT)
		ctl_fail(0, "%s", err.text);
	return false;
}

int ctl_window(int argc, char **argv)
{
	static const struct option longs[] = { { "json", no_argument, NULL, OPT_JSON },
					       { "body", required_argument, NULL, OPT_BODY },
					       { "at", required_argument, NULL, OPT_AT },
					       { 0 } };
	struct window_options w = { NULL, clock_now() };
	struct content_options options = { 0 };
	struct json_object *object;
	struct text out = { 0 };
	struct content *content;
	struct err err;
	int code = EXIT_DONE;

	if (!options_read(argc, argv, longs, window_option, &w) || optind != argc) {
		ctl_usage("window", "[--body B] [--at T]");
		return EXIT_USAGE;
	}
	options.config_path = ctl_config_path;
	content = ctl_load(&options);
	if (!content)
		return EXIT_USAGE;
	if (ctl_json) {
		object = window_json(content->notice, content->config, w.body, w.at, &err);
		if (object)
			printf("%s\n", json_line(object));
		else
			code = ctl_fail(EXIT_USAGE, "%s", err.text);
		json_object_put(object);
	} else if (window_text(content->notice, content->config, w.body, w.at, &out, &err) < 0) {
		code = ctl_fail(EXIT_USAGE, "%s", err.text);
	}
	ctl_flush(&out);
	text_clear(&out);
	content_free(content);
	return code;
}
