/*
 * Word lists for products that nobody described: telling field names, verdict words, terms of malware,
 * attack, flood and disclosure. And the further logsources of logsource.yaml.
 */
#include "decode/product.h"

#include "base/map.h"
#include "base/mem.h"
#include "decode/product_data.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN_MAX 128

/* The next letter or digit that counts, in lower case; 0: none is left. */
static char plain_next(struct slice name, size_t *at)
{
	while (*at < name.len) {
		char c = name.at[(*at)++];

		if (c >= 'A' && c <= 'Z')
			return (char)(c | 0x20);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80)
			return c;
	}
	return 0;
}

/* Letters and digits of a name, in lower case. Empty: too long, or none. */
static struct slice plain_name(struct slice name, char out[PLAIN_MAX])
{
	size_t n = 0, at = 0;
	char c;

	while ((c = plain_next(name, &at))) {
		if (n == PLAIN_MAX)
			return SLICE("");
		out[n++] = c;
	}
	return (struct slice){ out, n };
}

bool known_name_is(const struct known_name *known, const char *field)
{
	struct slice other = slice_of(field);
	size_t i = 0, k = 0;
	char c;

	while ((c = plain_next(known->name, &i)) == plain_next(other, &k))
		if (!c)
			return true;
	return false;
}

bool known_name_word(const struct known_name *known, size_t *at, struct slice *word)
{
	enum { TELLING_MIN = 3 };
	struct slice name = known->name;

	while (*at < name.len) {
		size_t end = slice_find_byte(name, '-', *at);

		*word = slice_cut(name, *at, end);
		*at = end + 1;
		if (word->len >= TELLING_MIN || word->len == name.len)
			return true;
	}
	return false;
}

static bool words_stand(const struct known_name *known, struct slice name)
{
	struct slice word;
	size_t at = 0;

	while (known_name_word(known, &at, &word))
		if (slice_find_nocase(name, word, 0) == name.len)
			return false;
	return true;
}

/* Fields that take every name's value, not only the best one's. */
static void all_load(struct words *w, const struct yaml *yaml, const struct node *list, struct problems *problems)
{
	w->all = mem_zalloc((w->n_to + 1) * sizeof(*w->all));
	for (size_t i = 0; i < node_count(list); i++) {
		const char *name = node_text(node_item(list, i));
		bool found = false;

		for (size_t k = 0; name && k < w->n_to; k++)
			if (strcmp(w->to[k], name) == 0)
				found = w->all[k] = true;
		if (!found)
			node_error(problems, yaml, node_item(list, i), "a field of `names` is wanted here");
	}
}

static void names_load(struct words *w, const struct yaml *yaml, const struct node *names,
		       struct problems *problems)
{
	char buffer[PLAIN_MAX];

	w->known = map_new();
	if (!names || names->kind != NODE_MAP)
		return;
	w->to = mem_zalloc((names->n + 1) * sizeof(*w->to));
	for (; w->n_to < names->n; w->n_to++) {
		w->to[w->n_to] = mem_strdup(names->keys[w->n_to]->text.at);
		for (size_t i = 0; i < node_count(names->items[w->n_to]); i++) {
			const struct node *item = node_item(names->items[w->n_to], i);
			struct slice plain = plain_name(slice_of(node_text(item)), buffer);
			struct known_name *known;

			if (!plain.len) {
				node_error(problems, yaml, item, "a name is wanted here");
				continue;
			}
			known = mem_zalloc(sizeof(*known));
			known->to = w->n_to;
			known->rank = i;
			known->name = slice_of(node_text(item));
			known->next = map_put(w->known, plain, known);
		}
	}
}

static void class_load(struct class_words *c, const struct yaml *yaml, const struct node *entry,
		       struct problems *problems)
{
	static const char *const keys[] = { "in", "words", "if", "set" };
	const struct node *condition = node_get(entry, "if");

	node_check_keys(yaml, entry, "classes", keys, 4, problems);
	node_strings(node_get(entry, "in"), &c->in);
	c->hashes = mem_zalloc((c->in.n + 1) * sizeof(*c->hashes));
	for (size_t i = 0; i < c->in.n; i++)
		c->hashes[i] = hash_bytes_nocase(slice_of(c->in.at[i]));
	wordset_load(node_get(entry, "words"), &c->words);
	condition_ready(&c->condition);		/* none: anything */
	if (condition)
		condition_load(yaml, condition, &c->condition, problems);
	settings_load(yaml, node_get(entry, "set"), &c->set, problems);
}

struct words *words_load(const struct yaml *yaml, const struct node *root,
			 struct problems *problems)
{
	static const char *const keys[] = { "names", "all", "verdict", "classes", "description" };
	const struct node *classes = node_get(root, "classes");
	struct words *w = mem_zalloc(sizeof(*w));

	node_check_keys(yaml, root, "words.yaml", keys, 5, problems);
	names_load(w, yaml, node_get(root, "names"), problems);
	all_load(w, yaml, node_get(root, "all"), problems);
	verdict_load(yaml, node_get(root, "verdict"), &w->verdict, problems);
	w->classes = mem_zalloc((node_count(classes) + 1) * sizeof(*w->classes));
	for (; w->n_classes < node_count(classes); w->n_classes++)
		class_load(&w->classes[w->n_classes], yaml, node_item(classes, w->n_classes), problems);
	return w;
}

static void known_free(void *value)
{
	for (struct known_name *known = value, *next; known; known = next) {
		next = known->next;
		free(known);
	}
}

void words_free(struct words *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n_to; i++)
		free(w->to[i]);
	for (size_t i = 0; i < w->n_classes; i++) {
		strlist_clear(&w->classes[i].in);
		free(w->classes[i].hashes);
		wordset_clear(&w->classes[i].words);
		condition_clear(&w->classes[i].condition);
		settings_clear(&w->classes[i].set);
	}
	verdict_clear(&w->verdict);
	map_free(w->known, known_free);
	free(w->to);
	free(w->all);
	free(w->classes);
	free(w);
}

/* The logged field that serves an ECS name best so far. */
struct served {
	struct slice name;
	size_t rank;
};

/* A field `malware` or `user` that says yes or no names nothing. */
static bool is_flag(struct slice value)
{
	static const char *const flags[] = { "0", "1", "true", "false", "yes", "no", "y", "n" };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (slice_is_nocase(value, flags[i]))
			return true;
	return false;
}

static bool is_entity(const char *to)
{
	static const char *const entities[] = { "host.name", "user.name", "source.ip", "destination.ip", "file.path", "file.name", "url.full",
						"email.from.address", "email.to.address", "rule.name" };

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (strcmp(entities[i], to) == 0)
			return true;
	return false;
}

/* 192.0.2.1, 192.0.2.1:443, [2001:db8::1]:443, 192.0.2.1/51234 (name) and the like. */
static bool begins_as_address(struct slice value)
{
	size_t dots = 0, colons = 0, i = value.len && value.at[0] == '[';

	for (; i < value.len && (isdigit((unsigned char)value.at[i]) || value.at[i] == '.'); i++)
		dots += value.at[i] == '.';
	if (dots == 3)
		return i == value.len || !(isalnum((unsigned char)value.at[i]) || strchr("-_", value.at[i]));
	for (; i < value.len && (isxdigit((unsigned char)value.at[i]) || value.at[i] == ':'); i++)
		colons += value.at[i] == ':';
	return colons > 1;
}

static bool is_number(struct slice value)
{
	uint64_t number;

	return slice_to_u64(value, &number);
}

/* What is logged as an address may be a name, and a name an address; what says yes or no names nothing; receivers may be accounts. */
static bool value_is_of(const char *to, struct slice value)
{
	struct slice field = slice_of(to);

	if (slice_ends(field, SLICE(".ip")))
		return begins_as_address(value);
	if (slice_ends(field, SLICE(".domain")))
		return !begins_as_address(value) && slice_find_byte(value, ' ', 0) == value.len;
	if (slice_starts(field, SLICE("email.")) && slice_ends(field, SLICE(".address")))
		return slice_find_byte(value, '@', 0) < value.len;
	if (slice_is(field, "rule.name") && is_number(value))
		return false;
	return !slice_ends(field, SLICE(".name")) || !is_flag(value);
}

static void name_serve(const struct words *w, struct record *record, struct field field, struct slice name,
		       size_t handicap, bool entities, struct served *served)
{
	char buffer[PLAIN_MAX];
	const struct known_name *known = map_get(w->known, plain_name(name, buffer));

	for (; known; known = known->next) {
		struct served *s = &served[known->to];

		if (!words_stand(known, name) || !value_is_of(w->to[known->to], slice_trim(field.value)))
			continue;
		if (entities && !is_entity(w->to[known->to]))
			continue;
		if (w->all[known->to])
			record_add(record, slice_of(w->to[known->to]), slice_trim(field.value), field.type, true);
		else if (!s->name.len || known->rank + handicap < s->rank)
			*s = (struct served){ field.name, known->rank + handicap };
	}
}

/* What was before a change is not so any more. */
static bool is_of_before(struct slice name)
{
	static const char *const parts[] = { "previous", "old", "before", "prior", "previousAttributes", "oldValues" };
	size_t end;

	for (size_t at = 0; (end = slice_find_byte(name, '.', at)) < name.len; at = end + 1)
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			if (slice_is_nocase(slice_cut(name, at, end), parts[i]))
				return true;
	return false;
}

/* Where the last part of a path that ends at `end` begins; 0: it is the only one. */
static size_t last_part(struct slice name, size_t end)
{
	while (end && name.at[end - 1] != '.')
		end--;
	return end;
}

/*
 * A name counts whole, and where it is a path its last two parts count too, after all whole ones, and then its last part alone,
 * which must tell something by itself.
 */
static void names_apply(const struct words *w, struct record *record, bool entities)
{
	enum { PART_MIN = 5, LAST_TWO = 1000, LAST_ONE = 2000 };
	struct served *served = arena_alloc(record->arena, (w->n_to + 1) * sizeof(*served));
	size_t n = record->n_fields;

	memset(served, 0, (w->n_to + 1) * sizeof(*served));
	for (size_t i = 0; i < n; i++) {
		struct field field = record->fields[i];		/* a copy: the list may grow */
		size_t part = last_part(field.name, field.name.len), two = part ? last_part(field.name, part - 1) : 0;

		if (field.normal || !value_says_something(slice_trim(field.value)) || is_of_before(field.name))
			continue;
		name_serve(w, record, field, field.name, 0, entities, served);
		if (two)
			name_serve(w, record, field, slice_cut(field.name, two, field.name.len), LAST_TWO, entities, served);
		if (part && field.name.len - part >= PART_MIN)
			name_serve(w, record, field, slice_cut(field.name, part, field.name.len), LAST_ONE, entities, served);
	}
	for (size_t i = 0; i < w->n_to; i++)
		if (served[i].name.len)
			map_field(record, arena_strndup(record->arena, served[i].name.at, served[i].name.len), w->to[i]);
}

static bool class_holds(const struct class_words *c, const struct record *record)
{
	for (size_t k = 0; k < c->in.n; k++) {
		const struct field *field;
		size_t cursor = 0;

		if (!record_may_have(record, c->hashes[k]))
			continue;
		while ((field = record_next(record, c->hashes[k], slice_of(c->in.at[k]), &cursor)))
			if (field->value.len && wordset_has(&c->words, field->value))
				return condition_holds(&c->condition, record);
	}
	return false;
}

/* Is the value one of the words? Then it is the verdict. */
static bool verdict_take(const struct verdict_words *v, struct record *record, struct slice value)
{
	bool not_stopped = wordset_has(&v->not_stopped, value);

	if (!value.len || !(not_stopped || wordset_has(&v->stopped, value)))
		return false;
	record_set(record, "verdict", not_stopped ? SLICE("not_stopped") : SLICE("stopped"));
	return true;
}

/* Of several fields that may tell it, the first whose word is known decides; of several cells the last of the line, which come first. */
static void verdict_words(const struct verdict_words *v, struct record *record)
{
	for (size_t i = 0; i < v->from.n; i++) {
		struct slice name = slice_of(v->from.at[i]);
		uint64_t hash = hash_bytes_nocase(name);
		const struct field *field;
		size_t cursor = 0;

		if (!slice_starts(name, SLICE("cell.")) && verdict_take(v, record, slice_trim(record_value(record, v->from.at[i]))))
			return;
		while (slice_starts(name, SLICE("cell.")) && (field = record_next(record, hash, name, &cursor)))
			if (verdict_take(v, record, slice_trim(field->value)))
				return;
	}
	record_set(record, "verdict", slice_of(v->otherwise));
}

void words_fill(const struct words *w, struct record *record)
{
	names_apply(w, record, true);
}

void words_apply(const struct words *w, struct record *record)
{
	names_apply(w, record, false);
	for (size_t i = 0; i < w->n_classes; i++)
		if (class_holds(&w->classes[i], record))
			settings_apply(&w->classes[i].set, record);
	if (w->verdict.from.n && !record_find(record, "verdict"))
		verdict_words(&w->verdict, record);
}

/* product: empty for none. */
static bool row_is_for(const struct condition *condition, struct slice product)
{
	for (size_t i = 0; i < condition->n; i++)
		if (condition->keys[i].kind == KEY_PRODUCT &&
		    (!product.len || !wordset_has(&condition->keys[i].words, product)))
			return false;
	return true;
}

/* In their order. */
static void rows_add(struct source_rows *rows, size_t row)
{
	size_t at = rows->n++;

	rows->at = mem_grow(rows->at, &rows->cap, rows->n, sizeof(*rows->at));
	for (; at && rows->at[at - 1] > row; at--)
		rows->at[at] = rows->at[at - 1];
	rows->at[at] = row;
}

struct sources *sources_load(const struct yaml *yaml, const struct node *root,
			     struct problems *problems)
{
	static const char *const keys[] = { "if", "logsource" };
	const struct node *list = node_get(root, "logsources");
	struct sources *s = mem_zalloc(sizeof(*s));

	s->conditions = mem_zalloc((node_count(list) + 1) * sizeof(*s->conditions));
	s->logsources = mem_zalloc((node_count(list) + 1) * sizeof(*s->logsources));
	s->is_wanted = mem_zalloc(node_count(list) + 1);
	s->of_product = map_new();
	for (; s->n < node_count(list); s->n++) {
		const struct node *entry = node_item(list, s->n);

		node_check_keys(yaml, entry, "logsource.yaml", keys, 2, problems);
		condition_load(yaml, node_get(entry, "if"), &s->conditions[s->n], problems);
		logsource_load(yaml, node_get(entry, "logsource"), &s->logsources[s->n], problems);
	}
	return s;
}

static void rows_free(void *rows)
{
	free(((struct source_rows *)rows)->at);
	free(rows);
}

void sources_free(struct sources *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		condition_clear(&s->conditions[i]);
		logsource_clear(&s->logsources[i]);
	}
	free(s->conditions);
	free(s->logsources);
	free(s->is_wanted);
	free(s->of_any.at);
	free(s->of_none.at);
	map_free(s->of_product, rows_free);
	free(s);
}

void sources_add_product(struct sources *s, const char *product)
{
	if (!map_get(s->of_product, slice_of(product)))
		map_put(s->of_product, slice_of(product), mem_zalloc(sizeof(struct source_rows)));
}

static const struct source_rows *rows_of(const struct sources *s, const struct record *record)
{
	const struct source_rows *rows = NULL;

	if (record->n_products < 2)
		rows = record->n_products ? map_get(s->of_product, slice_of(record->products[0])) : &s->of_none;
	return rows ? rows : &s->of_any;
}

static void row_apply(const struct sources *s, size_t row, struct record *record)
{
	if (condition_holds(&s->conditions[row], record))
		record_add_logsource(record, s->logsources[row]);
}

void sources_apply(const struct sources *s, struct record *record)
{
	const struct source_rows *rows = rows_of(s, record);

	for (size_t i = 0; i < rows->n; i++)
		row_apply(s, rows->at[i], record);
}

void sources_apply_all(const struct sources *s, struct record *record)
{
	for (size_t row = 0; row < s->n; row++)
		row_apply(s, row, record);
}

static bool word_fits(const char *want, const char *have)
{
	return !want || (have && strcmp(want, have) == 0);
}

bool logsource_fits(const struct logsource *want, const struct logsource *have)
{
	return word_fits(want->category, have->category) && word_fits(want->product, have->product) &&
	       word_fits(want->service, have->service);
}

static void row_want(struct sources *s, size_t row)
{
	size_t cursor = 0;
	struct slice product;
	void *rows;

	s->is_wanted[row] = true;
	rows_add(&s->of_any, row);
	if (row_is_for(&s->conditions[row], SLICE("")))
		rows_add(&s->of_none, row);
	while (map_next(s->of_product, &cursor, &product, &rows))
		if (row_is_for(&s->conditions[row], product))
			rows_add(rows, row);
}

void sources_want(struct sources *s, const struct logsource *wanted)
{
	if (!wanted->category && !wanted->product && !wanted->service)
		return;			/* any record */
	for (size_t i = 0; i < s->n; i++)
		if (!s->is_wanted[i] && logsource_fits(wanted, &s->logsources[i]))
			row_want(s, i);
}

const struct logsource *sources_all(const struct sources *s, size_t *n)
{
	*n = s->n;
	return s->logsources;
}
