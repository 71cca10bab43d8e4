/*
 * Word lists for products that nobody described: telling field names, verdict words, terms of malware,
 * attack, flood and disclosure. And the further logsources of logsource.yaml.
 */
#include "decode/product.h"

#include "base/mem.h"
#include "decode/product_data.h"

#include <stdlib.h>
#include <string.h>

struct words *words_load(const struct yaml *yaml, const struct node *root,
			 struct problems *problems)
{
	static const char *const keys[] = { "names", "verdict", "classes", "description" };
	const struct node *names = node_get(root, "names"), *classes = node_get(root, "classes");
	struct words *w = mem_zalloc(sizeof(*w));

	node_check_keys(yaml, root, "words.yaml", keys, 4, problems);
	if (names && names->kind == NODE_MAP) {
		w->names = mem_zalloc((names->n + 1) * sizeof(*w->names));
		for (; w->n_names < names->n; w->n_names++) {
			w->names[w->n_names].to = mem_strdup(names->keys[w->n_names]->text.at);
			node_strings(names->items[w->n_names], &w->names[w->n_names].from);
		}
	}
	verdict_load(yaml, node_get(root, "verdict"), &w->verdict, problems);
	w->classes = mem_zalloc((node_count(classes) + 1) * sizeof(*w->classes));
	for (; w->n_classes < node_count(classes); w->n_classes++) {
		const struct node *entry = node_item(classes, w->n_classes);
		struct class_words *c = &w->classes[w->n_classes];

		node_strings(node_get(entry, "in"), &c->in);
		wordset_load(node_get(entry, "words"), &c->words);
		settings_load(yaml, node_get(entry, "set"), &c->set, problems);
	}
	return w;
}

void words_free(struct words *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n_names; i++) {
		free(w->names[i].to);
		strlist_clear(&w->names[i].from);
	}
	for (size_t i = 0; i < w->n_classes; i++) {
		strlist_clear(&w->classes[i].in);
		wordset_clear(&w->classes[i].words);
		settings_clear(&w->classes[i].set);
	}
	verdict_clear(&w->verdict);
	free(w->names);
	free(w->classes);
	free(w);
}

void words_apply(const struct words *w, struct record *record)
{
	for (size_t i = 0; i < w->n_names; i++)
		for (size_t k = 0; k < w->names[i].from.n; k++)
			map_field(record, w->names[i].from.at[k], w->names[i].to);
	for (size_t i = 0; i < w->n_classes; i++) {
		const struct class_words *c = &w->classes[i];

		for (size_t k = 0; k < c->in.n; k++) {
			struct slice value = strcmp(c->in.at[k], "message") == 0 ?
						     record->message : record_value(record, c->in.at[k]);

			if (value.len && wordset_has(&c->words, value)) {
				settings_apply(&c->set, record);
				break;
			}
		}
	}
	if (w->verdict.from.n && !record_find(record, "verdict"))
		verdict_apply(&w->verdict, record);
}

struct sources *sources_load(const struct yaml *yaml, const struct node *root,
			     struct problems *problems)
{
	static const char *const keys[] = { "if", "logsource" };
	const struct node *list = node_get(root, "logsources");
	struct sources *s = mem_zalloc(sizeof(*s));

	s->rows = mem_zalloc((node_count(list) + 1) * sizeof(*s->rows));
	s->logsources = mem_zalloc((node_count(list) + 1) * sizeof(*s->logsources));
	for (size_t i = 0; i < node_count(list); i++) {
		const struct node *entry = node_item(list, i);

		node_check_keys(yaml, entry, "logsource.yaml", keys, 2, problems);
		condition_load(yaml, node_get(entry, "if"), &s->rows[i].condition, problems);
		logsource_load(yaml, node_get(entry, "logsource"), &s->logsources[i], problems);
		s->rows[i].at = i;
		s->n_rows = s->n_logsources = i + 1;
	}
	return s;
}

void sources_free(struct sources *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_rows; i++)
		condition_clear(&s->rows[i].condition);
	for (size_t i = 0; i < s->n_logsources; i++)
		logsource_clear(&s->logsources[i]);
	free(s->rows);
	free(s->logsources);
	free(s);
}

void sources_apply(const struct sources *s, struct record *record)
{
	for (size_t i = 0; i < s->n_rows; i++)
		if (condition_holds(&s->rows[i].condition, record))
			record_add_logsource(record, s->logsources[s->rows[i].at]);
}

const struct logsource *sources_all(const struct sources *s, size_t *n)
{
	*n = s->n_logsources;
	return s->logsources;
}
