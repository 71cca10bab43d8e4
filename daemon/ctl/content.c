/* Commands on content: check, inventory, window. No daemon is needed. */
#include "ctl/ctl.h"

#include "base/clock.h"
#include "base/escape.h"
#include "draft/draft.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_BODY = CTL_JSON + 1, OPT_AT };

int ctl_check(int argc, char **argv)
{
	struct content_options options = { 0 };
	struct content *content;
	struct logsource *sources;
	size_t n, reachable = 0;

	if (!ctl_options(argc, argv, ctl_plain_options, NULL, NULL) || optind != argc) {
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

	if (!ctl_options(argc, argv, ctl_plain_options, NULL, NULL) || optind >= argc ||
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

	if (!ctl_options(argc, argv, longs, window_option, &w) || optind != argc) {
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
