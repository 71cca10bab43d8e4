/* Loading everything that a start needs, with every fault of all of it in one run. */
#include "pipeline.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void rules_default(const struct content *content, struct strlist *directories)
{
	static const char *const folders[] = { "detect", "correlate" };
	struct text path = { 0 };

	for (size_t i = 0; i < 2; i++) {
		text_reset(&path);
		text_addf(&path, "%s/%s", content->config->data_directory, folders[i]);
		strlist_add(directories, path.at);
	}
	text_clear(&path);
	for (size_t i = 0; i < content->config->rules.n; i++)
		strlist_add(directories, content->config->rules.at[i]);
}

static void freemail_load(struct content *content, struct problems *problems)
{
	struct text path = { 0 };

	text_addf(&path, "%s/freemail.yaml", content->config->data_directory);
	if (content->inventory)
		inventory_load_freemail(content->inventory, path.at, problems);
	text_clear(&path);
}

static void source_check_format(const struct source_conf *source, const char *path, struct problems *problems)
{
	const char *const *formats = decode_formats();
	char hint[BOTH_MAX];
	size_t n = 0;

	if (!source->format || decode_format_exists(source->format))
		return;
	while (formats[n])
		n++;
	problem_add(problems, PROBLEM_ERROR, path, 0, 0, "source '%s': unknown format '%s'%s", source->name, source->format,
		    problem_hint(formats, n, source->format, hint));
}

struct content *content_load(const struct content_options *options, struct problems *problems)
{
	struct content *c = mem_zalloc(sizeof(*c));
	size_t errors = problems->errors;
	struct strlist directories = { 0 };
	const char *path = config_find_path(options->config_path);

	c->config = path ? config_load(path, problems) : config_default();
	if (!c->config) {
		content_free(c);
		return NULL;
	}
	if (options->inventory_path) {
		free(c->config->inventory);
		c->config->inventory = mem_strdup(options->inventory_path);
	}
	c->inventory = inventory_load(c->config->inventory, problems);
	freemail_load(c, problems);
	c->notice = notice_load(c->config->data_directory, c->config->profile, problems);
	if (c->notice)
		notice_load_site(c->notice, c->config->windows, c->config->holidays, problems);
	c->decoder = decoder_load(c->config->data_directory, problems);
	if (options->rules && options->rules->n)
		strlist_copy(&directories, options->rules);
	else
		rules_default(c, &directories);
	c->rules = ruleset_load(&(struct ruleset_options){ &directories, options->rules && options->rules->n,
							   c->config->data_directory,
							   c->notice, c->config->lists,
							   c->config->n_lists, clock_now(),
							   decode_formats() },
				problems);
	strlist_clear(&directories);
	for (size_t i = 0; c->decoder && c->rules && i < ruleset_count(c->rules); i++)
		decoder_want(c->decoder, rule_logsource(ruleset_rule(c->rules, i)));
	if (c->inventory && c->notice)
		c->judge = judge_new(c->config, c->inventory, c->notice, problems);
	for (size_t i = 0; i < c->config->n_sources; i++)
		source_check_format(&c->config->sources[i], path, problems);
	if (problems->errors == errors)
		return c;
	content_free(c);
	return NULL;
}

void content_check_start(const struct content *c, struct problems *problems)
{
	if (!c->config->n_sources)
		problem_add(problems, PROBLEM_ERROR, c->config->file ? c->config->file : "built-in defaults", 0, 0,
			    "no sources are configured, so the daemon would not start; name them under 'sources:'");
}

void content_free(struct content *c)
{
	if (!c)
		return;
	judge_free(c->judge);
	ruleset_free(c->rules);
	decoder_free(c->decoder);
	notice_free(c->notice);
	inventory_free(c->inventory);
	config_free(c->config);
	free(c);
}

size_t content_logsources(const struct content *c, struct logsource **list)
{
	size_t n, total;
	const struct logsource *known = decoder_logsources(c->decoder, &n);

	total = n + c->config->n_sources;
	*list = mem_zalloc((total + 1) * sizeof(**list));
	for (size_t i = 0; i < n; i++)
		(*list)[i] = known[i];
	for (size_t i = 0; i < c->config->n_sources; i++)
		(*list)[n + i] = (struct logsource){ c->config->sources[i].logsource_category,
						     c->config->sources[i].logsource_product,
						     c->config->sources[i].logsource_service };
	return total;
}
