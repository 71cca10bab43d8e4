/*
 * One product's data, applied in a fixed order: map, patterns, constants, cases, verdict. Later steps replace
 * what earlier ones set, so the most particular word wins.
 */
#include "decode/product.h"

#include "base/clock.h"
#include "base/ecs.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/regex.h"
#include "decode/product_data.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct regex *pattern_compile(const struct yaml *yaml, const struct node *node,
				     struct problems *problems)
{
	const char *text = node_text(node);
	struct regex *regex = NULL;
	char both[BOTH_MAX];
	struct err err;

	if (!text) {
		node_error(problems, yaml, node, "a pattern is wanted here");
		return NULL;
	}
	if (regex_new(slice_of(text), 0, &regex, &err) < 0) {
		node_error(problems, yaml, node, "%s", problem_err(&err, both));
		return NULL;
	}
	if (regex_matches_empty(regex))
		node_error(problems, yaml, node, "the pattern matches the empty string");
	return regex;
}

/* `fields` is spread over the condition beside program and format. */
static void known_load(struct product *p, const struct node *entry, struct problems *problems)
{
	static const char *const keys[] = { "program", "format", "line", "fields" };
	struct known_by *known = &p->known[p->n_known++];
	const struct node *fields = node_get(entry, "fields"), *line = node_get(entry, "line");
	size_t n = 0;

	node_check_keys(p->yaml, entry, "when", keys, 4, problems);
	known->condition.keys =
		mem_zalloc((2 + (fields ? fields->n : 0)) * sizeof(*known->condition.keys));
	for (size_t i = 0; i < 2; i++) {
		const struct node *words = node_get(entry, keys[i]);

		if (!words)
			continue;
		condition_key_init(p->yaml, &known->condition.keys[n++], keys[i], words, problems);
	}
	for (size_t i = 0; fields && fields->kind == NODE_MAP && i < fields->n; i++)
		condition_key_init(p->yaml, &known->condition.keys[n++], fields->keys[i]->text.at, fields->items[i],
				   problems);
	known->condition.n = n;
	condition_ready(&known->condition);
	if (line) {
		known->line = pattern_compile(p->yaml, line, problems);
		known->line_text = mem_strdup(node_text(line));
	}
	if (!n && !line)
		node_error(problems, p->yaml, entry, "an entry of `when` needs a condition");
}

static void patterns_load(struct product *p, const struct node *list, struct problems *problems)
{
	static const char *const keys[] = { "on", "match", "set" };

	p->patterns = mem_zalloc((node_count(list) + 1) * sizeof(*p->patterns));
	for (size_t i = 0; i < node_count(list); i++) {
		const struct node *entry = node_item(list, i);
		struct pattern *pattern = &p->patterns[p->n_patterns++];
		const char *on = node_get_text(entry, "on");

		node_check_keys(p->yaml, entry, "patterns", keys, 3, problems);
		pattern->on = mem_strdup(on ? on : "message");
		pattern->regex = pattern_compile(p->yaml, node_get(entry, "match"), problems);
		pattern->text = mem_strdup(node_get_text(entry, "match"));
		settings_load(p->yaml, node_get(entry, "set"), &pattern->set, problems);
	}
}

/* The lines that settle are cases that say so. */
static void settles_load(struct product *p, const struct node *settles, struct problems *problems)
{
	static const char *const keys[] = { "if", "with", "by", "within" };
	const struct node *by = node_get(settles, "by");
	const char *within = node_get_text(settles, "within");

	condition_ready(&p->settles_if);	/* none: anything */
	if (!settles)
		return;
	if (node_get(settles, "if"))
		condition_load(p->yaml, node_get(settles, "if"), &p->settles_if, problems);
	node_check_keys(p->yaml, settles, "settles", keys, COUNT(keys), problems);
	node_strings(node_get(settles, "with"), &p->settles_with);
	if (!p->settles_with.n || !node_count(by) || !within || !duration_parse(slice_of(within), &p->settles_within))
		node_error(problems, p->yaml, settles,
			   "`settles` needs `with` (fields that both lines share), `by` (conditions of the line that settles) and "
			   "`within` (as 60s)");
	for (size_t i = 0; i < node_count(by); i++) {
		struct one_case *one = &p->cases[p->n_cases++];

		condition_load(p->yaml, node_item(by, i), &one->condition, problems);
		one->set.at = mem_zalloc(sizeof(*one->set.at));
		one->set.n = 1;
		one->set.at[0].name = mem_strdup(SETTLES);
		strlist_add(&one->set.at[0].values, p->name);
	}
}

static void cases_load(struct product *p, const struct node *list, size_t more, struct problems *problems)
{
	static const char *const keys[] = { "if", "set" };

	p->cases = mem_zalloc((node_count(list) + more + 1) * sizeof(*p->cases));
	for (size_t i = 0; i < node_count(list); i++) {
		const struct node *entry = node_item(list, i);
		struct one_case *one = &p->cases[p->n_cases++];

		node_check_keys(p->yaml, entry, "cases", keys, 2, problems);
		condition_load(p->yaml, node_get(entry, "if"), &one->condition, problems);
		settings_load(p->yaml, node_get(entry, "set"), &one->set, problems);
	}
}

static void map_load(struct product *p, const struct node *map, struct problems *problems)
{
	size_t n = map && map->kind == NODE_MAP ? map->n : 0;

	if (map && map->kind != NODE_MAP)
		node_error(problems, p->yaml, map, "a map of field: name is wanted here");

	p->map = mem_zalloc((n + 1) * sizeof(*p->map));
	for (size_t i = 0; i < n; i++) {
		p->map[i].from = mem_strdup(map->keys[i]->text.at);
		p->map[i].hash = hash_bytes_nocase(slice_of(p->map[i].from));
		node_strings(map->items[i], &p->map[i].to);
		for (size_t k = 0; k < p->map[i].to.n; k++)
			field_name_check(p->yaml, map->items[i], p->map[i].to.at[k], problems);
	}
	p->n_map = n;
}

static void samples_check(const struct yaml *yaml, const struct node *list, struct problems *problems)
{
	static const char *const keys[] = { "line", "format", "header", "fields", "not" };

	for (size_t i = 0; i < node_count(list); i++) {
		const struct node *sample = node_item(list, i), *fields = node_get(sample, "fields");

		node_check_keys(yaml, sample, "samples", keys, COUNT(keys), problems);
		if (!node_get_text(sample, "line"))
			node_error(problems, yaml, sample, "a sample needs a `line`");
		if (fields && fields->kind != NODE_MAP)
			node_error(problems, yaml, fields, "a map of field: value is wanted here");
	}
}

struct product *product_load(const struct yaml *yaml, const struct node *root,
			     struct problems *problems)
{
	static const char *const keys[] = { "product", "title", "vendor", "when", "set", "map",
					    "patterns", "cases", "verdict", "logsource", "samples",
					    "description", "references", "settles", "fill" };
	const struct node *when = node_get(root, "when"), *logsource = node_get(root, "logsource");
	const char *fill = node_get_text(root, "fill");
	const char *name = node_get_text(root, "product");
	struct product *p = mem_zalloc(sizeof(*p));

	node_check_keys(yaml, root, "decode data", keys, sizeof(keys) / sizeof(keys[0]), problems);
	if (!name || !node_count(when))
		node_error(problems, yaml, root, "decode data needs `product` and `when`");
	if (name && (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name)))
		node_error(problems, yaml, node_get(root, "product"), "`product` must be of a-z, 0-9 and -");
	p->name = mem_strdup(name ? name : "?");
	p->yaml = yaml;
	if (fill && strcmp(fill, "true") != 0)
		node_error(problems, yaml, node_get(root, "fill"), "`fill` is true or not there");
	p->fill = fill != NULL;
	p->samples = node_get(root, "samples");
	samples_check(yaml, p->samples, problems);
	p->known = mem_zalloc((node_count(when) + 1) * sizeof(*p->known));
	for (size_t i = 0; i < node_count(when); i++)
		known_load(p, node_item(when, i), problems);
	settings_load(yaml, node_get(root, "set"), &p->set, problems);
	map_load(p, node_get(root, "map"), problems);
	patterns_load(p, node_get(root, "patterns"), problems);
	cases_load(p, node_get(root, "cases"), node_count(node_get(node_get(root, "settles"), "by")), problems);
	settles_load(p, node_get(root, "settles"), problems);
	verdict_load(yaml, node_get(root, "verdict"), &p->verdict, problems);
	p->logsources = mem_zalloc((node_count(logsource) + 1) * sizeof(*p->logsources));
	for (size_t i = 0; i < node_count(logsource); i++)
		logsource_load(yaml, node_item(logsource, i), &p->logsources[p->n_logsources++],
			       problems);
	return p;
}

void product_free(struct product *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_known; i++) {
		condition_clear(&p->known[i].condition);
		regex_free(p->known[i].line);
		free(p->known[i].line_text);
		need_free(p->known[i].line_need);
		need_check_free(p->known[i].line_check);
	}
	for (size_t i = 0; i < p->n_map; i++) {
		free(p->map[i].from);
		strlist_clear(&p->map[i].to);
	}
	for (size_t i = 0; i < p->n_patterns; i++) {
		free(p->patterns[i].on);
		regex_free(p->patterns[i].regex);
		free(p->patterns[i].text);
		need_free(p->patterns[i].need);
		settings_clear(&p->patterns[i].set);
	}
	for (size_t i = 0; i < p->n_cases; i++) {
		condition_clear(&p->cases[i].condition);
		settings_clear(&p->cases[i].set);
	}
	for (size_t i = 0; i < p->n_logsources; i++)
		logsource_clear(&p->logsources[i]);
	settings_clear(&p->set);
	verdict_clear(&p->verdict);
	strlist_clear(&p->settles_with);
	condition_clear(&p->settles_if);
	free(p->known);
	free(p->map);
	free(p->patterns);
	free(p->cases);
	need_free(p->when_need);
	free(p->logsources);
	free(p->name);
	free(p);
}

const char *product_name(const struct product *p)
{
	return p->name;
}

void product_refuses(const struct product *p, const struct record *record, const struct node *sample,
		     struct problems *problems)
{
	for (size_t i = 0; i < p->n_known; i++) {
		struct slice have;
		const struct condition_key *missed = condition_missed(&p->known[i].condition, record, &have);

		if (missed && !have.len)
			node_error(problems, p->yaml, sample,
				   "'%s' does not take this line: entry %zu of its `when` wants '%s', and there is none here", p->name,
				   i + 1, missed->name);
		else if (missed)
			node_error(problems, p->yaml, sample,
				   "'%s' does not take this line: entry %zu of its `when` wants another '%s', which is '%.*s' here",
				   p->name, i + 1, missed->name, have.len < SHOWN_MAX ? (int)have.len : SHOWN_MAX, have.at);
		else
			node_error(problems, p->yaml, sample,
				   "'%s' does not take this line: the `line` of entry %zu of its `when` does not match '%.*s'",
				   p->name, i + 1, (int)slice_cut(record->message, 0, SHOWN_MAX).len, record->message.at);
	}
}

static void groups_apply(const struct regex *regex, struct slice subject,
			 const struct regex_match *match, struct record *record)
{
	for (size_t i = 0; i < regex_names(regex); i++) {
		unsigned group;
		const char *name = regex_field(regex, i, &group);

		if (match->start[group] < match->end[group])
			record_set(record, name,
				   slice_cut(subject, match->start[group], match->end[group]));
	}
}

/* Of the patterns on the same text the first that matches applies. */
static void patterns_apply(const struct product *p, struct record *record)
{
	bool *applied = arena_alloc(record->arena, p->n_patterns + 1);

	for (size_t i = 0; i < p->n_patterns; i++) {
		const struct pattern *pattern = &p->patterns[i];
		struct regex_match match;
		struct slice subject;
		bool done = false;

		for (size_t k = 0; k < i; k++)
			done = done || (applied[k] && strcmp(p->patterns[k].on, pattern->on) == 0);
		if (done)
			continue;
		subject = strcmp(pattern->on, "message") == 0 && !record_find(record, "message") ?
				  record->message : record_value(record, pattern->on);
		if (strcmp(pattern->on, "raw") == 0)
			subject = record->raw;
		if (!pattern->regex || regex_search(pattern->regex, subject, &match) != 1)
			continue;
		groups_apply(pattern->regex, subject, &match, record);
		settings_apply(&pattern->set, record);
		applied[i] = true;
	}
}

bool product_settle_key(const struct product *p, const struct record *record, struct text *key, int64_t *within)
{
	if (!condition_holds(&p->settles_if, record) && !record_find(record, SETTLES))
		return false;
	for (size_t i = 0; i < p->settles_with.n; i++) {
		struct slice value = record_value(record, p->settles_with.at[i]);

		if (!value.len)
			return false;
		text_addf(key, " %zu:", value.len);
		text_add_lower(key, value);
	}
	*within = p->settles_within;
	return p->settles_with.n > 0;
}

void product_apply(const struct product *p, struct record *record)
{
	for (size_t i = 0; i < p->n_map; i++)
		for (size_t k = 0; record_may_have(record, p->map[i].hash) && k < p->map[i].to.n; k++)
			map_field(record, p->map[i].from, p->map[i].to.at[k]);
	settings_apply(&p->set, record);
	patterns_apply(p, record);
	for (size_t i = 0; i < p->n_cases; i++)
		if (condition_holds(&p->cases[i].condition, record))
			settings_apply(&p->cases[i].set, record);
	if (p->verdict.from.n)
		verdict_apply(&p->verdict, record);
	for (size_t i = 0; i < p->n_logsources; i++)
		record_add_logsource(record, p->logsources[i]);
}

bool product_fills(const struct product *p)
{
	return p->fill;
}

const struct logsource *product_logsources(const struct product *p, size_t *n)
{
	*n = p->n_logsources;
	return p->logsources;
}

const struct node *product_samples(const struct product *p, const struct yaml **yaml)
{
	*yaml = p->yaml;
	return p->samples;
}
