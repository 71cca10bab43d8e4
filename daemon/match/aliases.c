/*
 * Entries in file order; those whose logsource fits the rule's are added up. `under` are the maps in which a product puts
 * all its fields, `map` are other names, each of which may stand under them too.
 */
#include "match/aliases.h"

#include "base/mem.h"
#include "settings/yaml.h"

#include <stdlib.h>
#include <string.h>

struct target {
	char *field, *word;
	enum part part;
};

struct alias {
	char *field;
	struct target *targets;
	size_t n;
};

struct entry {
	char *category, *product, *service;
	struct strlist under;
	struct alias *aliases;
	size_t n;
};

struct aliases {
	struct entry *entries;
	size_t n;
};

static bool part_parse(const char *word, enum part *out)
{
	static const char *const words[] = { "whole", "decimal", "hash", "domain", "user" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0) {
			*out = (enum part)i;
			return true;
		}
	return false;
}

/* `Image`, or {field: Hashes, part: hash, of: SHA1}. */
static void target_load(const struct yaml *yaml, const struct node *node, struct target *out,
			struct problems *problems)
{
	static const char *const keys[] = { "field", "part", "of" };
	const char *field = node->kind == NODE_MAP ? node_get_text(node, "field") : node_text(node);
	const char *part = node_get_text(node, "part");

	if (node->kind == NODE_MAP)
		node_check_keys(yaml, node, "map", keys, 3, problems);
	if (!field)
		node_error(problems, yaml, node, "a field's name is wanted here");
	if (part && !part_parse(part, &out->part))
		node_error(problems, yaml, node, "part '%s' is none of whole, decimal, hash, domain, user",
			   part);
	out->field = mem_strdup(field ? field : "?");
	out->word = mem_strdup(node_get_text(node, "of"));
	if (out->part == PART_HASH && !out->word)
		node_error(problems, yaml, node, "part 'hash' needs `of`, the name of the digest");
}

static void alias_load(const struct yaml *yaml, const struct node *key, const struct node *body,
		       struct alias *out, struct problems *problems)
{
	out->field = slice_dup(key->text);
	if (body->kind == NODE_MAP) {
		out->targets = mem_zalloc(sizeof(*out->targets));
		target_load(yaml, body, &out->targets[out->n++], problems);
		return;
	}
	out->targets = mem_zalloc((node_count(body) + 1) * sizeof(*out->targets));
	for (size_t i = 0; i < node_count(body); i++)
		target_load(yaml, node_item(body, i), &out->targets[out->n++], problems);
}

static void entry_load(const struct yaml *yaml, const struct node *node, struct entry *out,
		       struct problems *problems)
{
	static const char *const keys[] = { "logsource", "under", "map" };
	static const char *const triple[] = { "category", "product", "service" };
	const struct node *logsource = node_get(node, "logsource"), *map = node_get(node, "map");

	node_check_keys(yaml, node, "fields", keys, 3, problems);
	node_check_keys(yaml, logsource, "logsource", triple, 3, problems);
	out->category = mem_strdup(node_get_text(logsource, "category"));
	out->product = mem_strdup(node_get_text(logsource, "product"));
	out->service = mem_strdup(node_get_text(logsource, "service"));
	node_strings(node_get(node, "under"), &out->under);
	if (!map || map->kind != NODE_MAP)
		return;
	out->aliases = mem_zalloc((map->n + 1) * sizeof(*out->aliases));
	for (size_t i = 0; i < map->n; i++)
		alias_load(yaml, map->keys[i], map->items[i], &out->aliases[out->n++], problems);
}

struct aliases *aliases_load(const char *path, struct problems *problems)
{
	size_t errors = problems->errors;
	struct yaml *yaml = yaml_load(path, problems);
	const struct node *list;
	struct aliases *a;

	if (!yaml)
		return NULL;
	a = mem_zalloc(sizeof(*a));
	list = yaml->n ? node_get(yaml->documents[0], "fields") : NULL;
	if (!node_count(list))
		problem_add(problems, PROBLEM_ERROR, path, 1, 1, "`fields` is missing");
	a->entries = mem_zalloc((node_count(list) + 1) * sizeof(*a->entries));
	for (size_t i = 0; i < node_count(list); i++)
		entry_load(yaml, node_item(list, i), &a->entries[a->n++], problems);
	yaml_free(yaml);
	if (problems->errors == errors)
		return a;
	aliases_free(a);
	return NULL;
}

static void alias_clear(struct alias *alias)
{
	for (size_t i = 0; i < alias->n; i++) {
		free(alias->targets[i].field);
		free(alias->targets[i].word);
	}
	free(alias->targets);
	free(alias->field);
}

void aliases_free(struct aliases *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++) {
		struct entry *entry = &a->entries[i];

		for (size_t k = 0; k < entry->n; k++)
			alias_clear(&entry->aliases[k]);
		free(entry->aliases);
		free(entry->category);
		free(entry->product);
		free(entry->service);
		strlist_clear(&entry->under);
	}
	free(a->entries);
	free(a);
}

static bool word_fits(const char *want, const char *have)
{
	return !want || (have && strcmp(want, have) == 0);
}

static void path_add(const struct entry *entry, const char *field, enum part part,
		     const char *word, struct lookup *out)
{
	struct text name = { 0 };

	lookup_add(out, field, part, word);
	for (size_t i = 0; i < entry->under.n; i++) {
		text_reset(&name);
		text_addf(&name, "%s.%s", entry->under.at[i], field);
		lookup_add(out, name.at, part, word);
	}
	text_clear(&name);
}

void aliases_resolve(const struct aliases *a, const struct logsource *logsource, const char *field,
		     struct lookup *out)
{
	static const struct logsource nothing;

	lookup_add(out, field, PART_WHOLE, NULL);
	if (!logsource)
		logsource = &nothing;
	for (size_t i = 0; a && i < a->n; i++) {
		const struct entry *entry = &a->entries[i];

		if (!word_fits(entry->category, logsource->category) ||
		    !word_fits(entry->product, logsource->product) ||
		    !word_fits(entry->service, logsource->service))
			continue;
		if (entry->under.n)
			path_add(entry, field, PART_WHOLE, NULL, out);
		for (size_t k = 0; k < entry->n; k++) {
			const struct alias *alias = &entry->aliases[k];

			for (size_t t = 0; strcmp(alias->field, field) == 0 && t < alias->n; t++)
				path_add(entry, alias->targets[t].field, alias->targets[t].part,
					 alias->targets[t].word, out);
		}
	}
}
