/* Commands on content: check, inventory, window. No daemon is needed. */
#include "ctl/ctl.h"

#include "base/clock.h"
#include "base/escape.h"
#include "draft/draft.h"
#include "match/prefilter.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_BODY = CTL_JSON + 1, OPT_AT };

static size_t rules_reachable(const struct content *content)
{
	struct logsource *sources;
	size_t n = content_logsources(content, &sources), reachable = 0;

	for (size_t i = 0; i < ruleset_count(content->rules); i++)
		reachable += ruleset_is_reachable(content->rules, i, sources, n);
	free(sources);
	return reachable;
}

/* content is NULL after faults that left nothing to count. */
static void check_print(const struct content *content, const struct problems *problems)
{
	const struct config *c = content ? content->config : NULL;
	const struct { const char *name; size_t n; } counts[] = {
		{ "sources", c ? c->n_sources : 0 },
		{ "targets", c ? c->n_targets : 0 },
		{ "systems", c ? content->inventory->n_systems : 0 },
		{ "people", c ? content->inventory->n_people : 0 },
		{ "sites", c ? content->inventory->n_sites : 0 },
		{ "contracts", c ? content->inventory->n_contracts : 0 },
		{ "rules", c ? ruleset_count(content->rules) : 0 },
		{ "reachable", c ? rules_reachable(content) : 0 },
		{ "products", c ? decoder_products(content->decoder) : 0 },
	};
	struct json_object *o = json_object_new_object();
	bool trusted, confirmed = c && draft_windows_confirmed(c, clock_now());

	json_object_object_add(o, "ok", json_object_new_boolean(problems->errors == 0));
	json_object_object_add(o, "configuration", json_text_or_null(c ? c->file : NULL));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_object_add(o, counts[i].name, c ? json_object_new_int64((int64_t)counts[i].n) : NULL);
	json_object_object_add(o, "prefilter", json_object_new_string(prefilter_library(&trusted)));
	json_object_object_add(o, "windows_confirmed", c ? json_object_new_boolean(confirmed) : NULL);
	json_object_object_add(o, "faults", ctl_problems_json(problems));
	if (ctl_json)
		printf("%s\n", json_line(o));
	else if (c)
		printf(localised("configuration: %s\nsources: %zu, targets: %zu\ninventory: %zu systems, %zu people, "
				 "%zu sites, %zu contracts\nrules: %zu loaded, %zu reachable; decode data: %zu products\n"
				 "prefilter: %s\n"),
		       c->file ? c->file : localised("built-in defaults"), counts[0].n, counts[1].n, counts[2].n, counts[3].n,
		       counts[4].n, counts[5].n, counts[6].n, counts[7].n, counts[8].n, prefilter_library(&trusted));
	if (!ctl_json && c && !confirmed)
		printf("%s: %s\n", localised("warning"),
		       localised("the windows' numbers are of March 2020 and nobody confirmed them within a year: call, then set "
				 "notice.windows_verified_on"));
	json_object_put(o);
}

int ctl_check(int argc, char **argv)
{
	struct content_options options = { 0 };
	struct problems problems = { 0 };
	struct content *content;
	int code;

	if (!ctl_options(argc, argv, ctl_plain_options, NULL, NULL) || optind != argc)
		return ctl_usage("check");
	options.config_path = ctl_config_path;
	content = content_load(&options, &problems);
	if (content)
		content_check_start(content, &problems);
	ctl_print_problems(&problems);
	check_print(content, &problems);
	code = problems.errors ? EXIT_USAGE : EXIT_DONE;
	problems_clear(&problems);
	content_free(content);
	return code;
}

static struct json_object *system_json(const struct system_entry *s)
{
	struct json_object *o = json_object_new_object(), *classes = json_object_new_array();

	for (unsigned bit = 1; bit < 1u << CLASS_COUNT; bit <<= 1)
		if (s->classes & bit)
			json_object_array_add(classes, json_object_new_string(class_word(bit)));
	json_object_object_add(o, "id", json_text_or_null(s->id));
	json_object_object_add(o, "label", json_text_or_null(s->label));
	json_object_object_add(o, "classes", classes);
	json_object_object_add(o, "line", json_object_new_int(s->line));
	return o;
}

static void system_print(const struct system_entry *s)
{
	struct text out = { 0 };

	if (ctl_json) {
		ctl_print_json(system_json(s));
		return;
	}
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

static struct json_object *person_json(const struct person *p)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "id", json_text_or_null(p->id));
	json_object_object_add(o, "department", json_text_or_null(p->department));
	json_object_object_add(o, "defence", json_object_new_string(implicated_word(p->defence)));
	json_object_object_add(o, "line", json_object_new_int(p->line));
	return o;
}

static struct json_object *site_json(const struct site *site)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "label", json_text_or_null(site->label));
	json_object_object_add(o, "line", json_object_new_int(site->line));
	return o;
}

static void lookup_json(const char *key, const struct system_entry *s, const struct person *p,
			const struct site *site)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "key", json_text(slice_of(key)));
	json_object_object_add(o, "system", s ? system_json(s) : NULL);
	json_object_object_add(o, "person", p ? person_json(p) : NULL);
	json_object_object_add(o, "site", site ? site_json(site) : NULL);
	ctl_print_json(o);
}

static void lookup_print(const char *key, const struct system_entry *s, const struct person *p,
			 const struct site *site)
{
	if (s)
		system_print(s);
	if (p)
		printf(localised("person %s, department %s, defence %s (line %d)\n"), p->id,
		       p->department ? p->department : "-", implicated_word(p->defence), p->line);
	if (site)
		printf(localised("site %s (line %d)\n"), site->label, site->line);
	if (!s && !p && !site)
		printf(localised("'%s' is not in the inventory: unknown (which never becomes no)\n"), key);
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
	(ctl_json ? lookup_json : lookup_print)(key, s, p, site);
	return EXIT_DONE;
}

int ctl_inventory(int argc, char **argv)
{
	struct content_options options = { 0 };
	struct content *content;
	int code = EXIT_DONE;

	if (!ctl_options(argc, argv, ctl_plain_options, NULL, NULL) || optind >= argc ||
	    (strcmp(argv[optind], "list") != 0 &&
	     !(strcmp(argv[optind], "lookup") == 0 && optind + 1 < argc)))
		return ctl_usage("inventory");
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
		ctl_fail_err(0, &err);
	return false;
}

int ctl_window(int argc, char **argv)
{
	static const struct option longs[] = { { "json", no_argument, NULL, CTL_JSON },
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

	if (!ctl_options(argc, argv, longs, window_option, &w) || optind != argc)
		return ctl_usage("window");
	options.config_path = ctl_config_path;
	content = ctl_load(&options);
	if (!content)
		return EXIT_USAGE;
	if (ctl_json) {
		object = window_json(content->notice, content->config, w.body, w.at, &err);
		if (object)
			printf("%s\n", json_line(object));
		else
			code = ctl_fail_err(EXIT_USAGE, &err);
		json_object_put(object);
	} else if (window_text(content->notice, content->config, w.body, w.at, &out, &err) < 0) {
		code = ctl_fail_err(EXIT_USAGE, &err);
	}
	ctl_flush(&out);
	text_clear(&out);
	content_free(content);
	return code;
}
