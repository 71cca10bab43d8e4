/* Operations of decode data, each small enough to say what it does to a literal. */
#include "decode/operation.h"

#include "base/ecs.h"
#include "base/map.h"
#include "base/mem.h"
#include "decode/decode.h"
#include "decode/format.h"
#include "model/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MANY 5			/* it pays to know which bytes a value has */

static void wordset_add(struct wordset *words, struct glob *glob)
{
	int first = glob_first(glob);

	words->at[words->n++] = (struct word){ glob, glob_bytes(glob) };
	if (first < 0)
		memset(words->first, true, sizeof(words->first));
	else
		words->first[first] = words->first[toupper(first)] = true;
}

void wordset_load(const struct node *node, struct wordset *out)
{
	size_t n = node_count(node);

	if (n == 0 && node && node->kind == NODE_SCALAR)
		out->or_empty = true;	/* null */
	out->at = mem_zalloc((n + 1) * sizeof(*out->at));
	for (size_t i = 0; i < n; i++) {
		const struct node *item = node_item(node, i);

		if (item->kind != NODE_SCALAR)
			continue;
		if (item->text.len == 0)
			out->or_empty = true;
		else
			wordset_add(out, glob_new(item->text, GLOB_WHOLE, false));
	}
}

void wordset_clear(struct wordset *words)
{
	for (size_t i = 0; i < words->n; i++)
		glob_free(words->at[i].glob);
	free(words->at);
	*words = (struct wordset){ 0 };
}

bool wordset_has(const struct wordset *words, struct slice value)
{
	uint32_t bytes;

	if (!value.len && words->or_empty)
		return true;
	if (value.len && !words->first[(unsigned char)value.at[0]])
		return false;
	bytes = words->n < WORDS_MANY ? ~UINT32_C(0) : glob_bytes_of(value);
	for (size_t i = 0; i < words->n; i++)
		if (!(words->at[i].bytes & ~bytes) && glob_matches(words->at[i].glob, value))
			return true;
	return false;
}

/* Each of the words must be some format's; a wildcard may fit several. */
static void formats_check(const struct yaml *yaml, const struct node *words, struct problems *problems)
{
	struct strlist list = { 0 };

	node_strings(words, &list);
	for (size_t i = 0; i < list.n; i++)
		if (!strpbrk(list.at[i], "*?") && !decode_format_number(list.at[i]))
			node_error(problems, yaml, words, "no format is called '%s'", list.at[i]);
	strlist_clear(&list);
}

void condition_key_init(const struct yaml *yaml, struct condition_key *key, const char *name, const struct node *words,
			struct problems *problems)
{
	static const char *const kinds[] = { "program", "format", "product", "message" };

	key->kind = KEY_FIELD;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(name, kinds[i]) == 0)
			key->kind = (enum key_kind)i;
	key->name = mem_strdup(name);
	key->hash = hash_bytes_nocase(slice_of(name));
	wordset_load(words, &key->words);
	for (unsigned i = 0; i < FORMATS && key->kind == KEY_FORMAT; i++)
		if (wordset_has(&key->words, slice_of(decode_formats()[i])))
			key->formats |= 1u << (i + 1);
	if (key->kind == KEY_FORMAT)
		formats_check(yaml, words, problems);
	if (key->formats >> decode_format_number("text") & 1)
		key->formats |= 1;
}

static void programs_keep(uint64_t programs[4], const struct wordset *words)
{
	for (unsigned byte = 0; byte < 256; byte++)
		if (!words->first[byte] && (byte || !words->or_empty))
			programs[byte >> 6] &= ~(UINT64_C(1) << (byte & 63));
}

void condition_ready(struct condition *c)
{
	c->formats = ~0u;
	memset(c->programs, 0xff, sizeof(c->programs));
	for (size_t i = 0; i < c->n; i++) {
		const struct condition_key *key = &c->keys[i];

		if (key->kind == KEY_FIELD && !key->words.or_empty)
			record_names_add(&c->names, key->hash);
		else if (key->kind == KEY_PROGRAM)
			programs_keep(c->programs, &key->words);
		else if (key->kind == KEY_FORMAT)
			c->formats &= key->formats;
		c->asks = c->asks || key->kind != KEY_FORMAT;
	}
}

bool condition_load(const struct yaml *yaml, const struct node *map, struct condition *out,
		    struct problems *problems)
{
	if (!map || map->kind != NODE_MAP || map->n == 0) {
		node_error(problems, yaml, map, "a map of field: words is wanted here");
		return false;
	}
	out->keys = mem_zalloc(map->n * sizeof(*out->keys));
	for (size_t i = 0; i < map->n; i++)
		condition_key_init(yaml, &out->keys[i], map->keys[i]->text.at, map->items[i], problems);
	out->n = map->n;
	condition_ready(out);
	return true;
}

void condition_clear(struct condition *condition)
{
	for (size_t i = 0; i < condition->n; i++) {
		free(condition->keys[i].name);
		wordset_clear(&condition->keys[i].words);
	}
	free(condition->keys);
	*condition = (struct condition){ 0 };
}

static bool product_holds(const struct condition_key *key, const struct record *r)
{
	for (size_t i = 0; i < r->n_products; i++)
		if (wordset_has(&key->words, slice_of(r->products[i])))
			return true;
	return false;
}

static bool field_holds(const struct condition_key *key, const struct record *r)
{
	struct slice name;
	const struct field *field;
	bool seen = false;
	size_t cursor = 0;

	if (!record_may_have(r, key->hash))
		return key->words.or_empty;
	name = slice_of(key->name);
	while ((field = record_next(r, key->hash, name, &cursor))) {
		seen = seen || field->value.len;
		if (key->kind == KEY_MESSAGE && field->value.at == r->message.at)
			continue;		/* asked already */
		if (wordset_has(&key->words, field->value))
			return true;
	}
	return !seen && key->words.or_empty;
}

static bool key_holds(const struct condition_key *key, const struct record *r)
{
	switch (key->kind) {
	case KEY_PROGRAM: return wordset_has(&key->words, r->program);
	case KEY_FORMAT: return key->formats >> r->format_number & 1;
	case KEY_PRODUCT: return product_holds(key, r);
	case KEY_MESSAGE: return wordset_has(&key->words, r->message) || field_holds(key, r);
	case KEY_FIELD: return field_holds(key, r);
	}
	return false;
}

bool condition_keys_hold(const struct condition *condition, const struct record *record)
{
	for (size_t i = 0; i < condition->n; i++)
		if (!key_holds(&condition->keys[i], record))
			return false;
	return true;
}

const struct condition_key *condition_missed(const struct condition *condition, const struct record *r, struct slice *have)
{
	for (size_t i = 0; i < condition->n; i++) {
		const struct condition_key *key = &condition->keys[i];

		if (key_holds(key, r))
			continue;
		switch (key->kind) {
		case KEY_PROGRAM: *have = r->program; break;
		case KEY_FORMAT: *have = slice_of(r->format); break;
		case KEY_PRODUCT: *have = slice_of(r->n_products ? r->products[0] : NULL); break;
		case KEY_MESSAGE: *have = r->message; break;
		case KEY_FIELD: *have = record_value(r, key->name); break;
		}
		return key;
	}
	return NULL;
}

static void category_check(const struct yaml *yaml, const struct node *node, const char *value, struct problems *problems)
{
	char hint[BOTH_MAX];
	size_t n;
	const char *const *known = ecs_categories(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(known[i], value) == 0)
			return;
	node_error(problems, yaml, node, "'%s' is no event.category of ECS%s", value, problem_hint(known, n, value, hint));
}

/* Words of which there is a closed list. */
static void setting_check(const struct yaml *yaml, const struct node *node, const struct set_one *one, struct problems *problems)
{
	enum verdict known;

	for (size_t i = 0; i < one->values.n; i++) {
		const char *value = one->values.at[i];

		if (strcmp(one->name, "verdict") == 0 && !verdict_parse(value, &known))
			node_error(problems, yaml, node, "'%s' is no verdict; one of stopped, not_stopped, unknown", value);
		if (strcmp(one->name, "event.category") == 0 && *value)
			category_check(yaml, node, value, problems);
	}
}

/* One byte too many, too few or wrong, or two in the wrong order. */
static bool is_slip(const char *word, const char *name)
{
	int letters[256] = { 0 };
	size_t distance = edit_distance(word, name);
	bool same = strlen(word) == strlen(name);

	for (size_t i = 0; same && word[i]; i++) {
		letters[(unsigned char)word[i]]++;
		letters[(unsigned char)name[i]]--;
	}
	for (size_t i = 0; same && i < 256; i++)
		same = !letters[i];
	return distance == 1 || (distance == 2 && same);
}

void field_name_check(const struct yaml *yaml, const struct node *node, const char *name, struct problems *problems)
{
	char hint[BOTH_MAX];
	size_t n;
	const char *const *names = ecs_names(&n);
	int near = ecs_rank(slice_of(name)) < 0 ? strlist_nearest(names, n, name) : -1;

	if (near >= 0 && is_slip(name, names[near]))
		node_warning(problems, yaml, node, "no rule of ours asks for '%s'%s", name, problem_hint(names, n, name, hint));
}

bool settings_load(const struct yaml *yaml, const struct node *map, struct setting_list *out,
		   struct problems *problems)
{
	if (!map)
		return true;
	if (map->kind != NODE_MAP) {
		node_error(problems, yaml, map, "a map of field: value is wanted here");
		return false;
	}
	out->at = mem_zalloc((map->n + 1) * sizeof(*out->at));
	for (size_t i = 0; i < map->n; i++) {
		out->at[i].name = mem_strdup(map->keys[i]->text.at);
		node_strings(map->items[i], &out->at[i].values);
		field_name_check(yaml, map->keys[i], out->at[i].name, problems);
		setting_check(yaml, map->items[i], &out->at[i], problems);
	}
	out->n = map->n;
	return true;
}

void settings_clear(struct setting_list *settings)
{
	for (size_t i = 0; i < settings->n; i++) {
		free(settings->at[i].name);
		strlist_clear(&settings->at[i].values);
	}
	free(settings->at);
	*settings = (struct setting_list){ 0 };
}

void settings_apply(const struct setting_list *settings, struct record *record)
{
	for (size_t i = 0; i < settings->n; i++) {
		const struct set_one *one = &settings->at[i];

		record_unset(record, one->name);
		for (size_t v = 0; v < one->values.n; v++)
			record_add(record, slice_of(one->name), slice_of(one->values.at[v]),
				   VALUE_STRING, true);
	}
}

/* Of `203.0.113.9:443:X1`, `203.0.113.9/443`, `203.0.113.9(eth0)` and `[2001:db8::1]:443` the address; all of what looks otherwise. */
static struct slice address_alone(struct slice value)
{
	size_t end = 0, dots = 0;

	if (value.len && value.at[0] == '[')
		return slice_cut(value, 0, slice_find_byte(value, ']', 0) + 1);
	for (; end < value.len && (isdigit((unsigned char)value.at[end]) || value.at[end] == '.'); end++)
		dots += value.at[end] == '.';
	return dots == 3 && end < value.len && strchr(":/(", value.at[end]) ? slice_cut(value, 0, end) : value;
}

/* Of DOMAIN\HOST the host. */
static struct slice host_alone(struct slice value)
{
	size_t domain = slice_find_byte(value, '\\', 0);

	return domain && domain + 1 < value.len ? slice_cut(value, domain + 1, value.len) : value;
}

/* Of a mail: without the signs around it. */
static struct slice mailbox_alone(struct slice value)
{
	bool closed = value.len > 2 && value.at[0] == '<' && value.at[value.len - 1] == '>';

	return closed ? slice_cut(value, 1, value.len - 1) : value;
}

static struct slice value_as(struct slice to, struct slice value)
{
	if (slice_ends(to, SLICE(".ip")))
		return address_alone(value);
	if (slice_starts(to, SLICE("email.")))
		return mailbox_alone(value);
	return slice_is(to, "host.name") ? host_alone(value) : value;
}

bool value_says_something(struct slice value)
{
	static const char *const nothing[] = { "-", "--", "---", "N/A", "null", "(null)", "(empty)" };

	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		if (slice_is_nocase(value, nothing[i]))
			return false;
	return value.len > 0;
}

void map_field(struct record *record, const char *from, const char *to)
{
	struct slice name = slice_of(from);
	uint64_t hash = hash_bytes_nocase(name);
	const struct field *field, *have = record_find(record, to);
	size_t cursor = 0, end = record->n_fields;

	if (have && have->normal)
		return;
	while ((field = record_next(record, hash, name, &cursor)) && cursor <= end) {
		struct slice value = slice_trim(field->value);

		if (value_says_something(value))
			record_add(record, slice_of(to), value_as(slice_of(to), value), field->type, true);
	}
}

bool verdict_load(const struct yaml *yaml, const struct node *map, struct verdict_words *out,
		  struct problems *problems)
{
	static const char *const keys[] = { "from", "stopped", "not_stopped", "default" };
	const char *otherwise;
	enum verdict known;

	if (!map)
		return true;
	node_check_keys(yaml, map, "verdict", keys, 4, problems);
	for (size_t i = 0; i < 3; i++)
		if (node_get(map, keys[i]) && node_get(map, keys[i])->kind == NODE_MAP)
			node_error(problems, yaml, node_get(map, keys[i]), "a list of words is wanted here");
	if (!node_get(map, "from"))
		node_error(problems, yaml, map, "`verdict` needs `from`, the fields that tell it");
	node_strings(node_get(map, "from"), &out->from);
	wordset_load(node_get(map, "stopped"), &out->stopped);
	wordset_load(node_get(map, "not_stopped"), &out->not_stopped);
	otherwise = node_get_text(map, "default");
	out->otherwise = mem_strdup(otherwise ? otherwise : "unknown");
	if (!verdict_parse(out->otherwise, &known))
		node_error(problems, yaml, node_get(map, "default"), "`default` must be stopped, not_stopped or unknown");
	return true;
}

void verdict_clear(struct verdict_words *words)
{
	strlist_clear(&words->from);
	wordset_clear(&words->stopped);
	wordset_clear(&words->not_stopped);
	free(words->otherwise);
	*words = (struct verdict_words){ 0 };
}

bool verdict_apply(const struct verdict_words *words, struct record *record)
{
	bool told = false;

	for (size_t i = 0; i < words->from.n; i++) {
		struct slice value = slice_trim(record_value(record, words->from.at[i]));
		bool not_stopped = value.len && wordset_has(&words->not_stopped, value);

		told = told || value.len;
		if (!value.len || !(not_stopped || wordset_has(&words->stopped, value)))
			continue;
		record_set(record, "verdict", not_stopped ? SLICE("not_stopped") : SLICE("stopped"));
		return true;
	}
	if (told)
		record_set(record, "verdict", slice_of(words->otherwise));
	return told;
}

bool logsource_load(const struct yaml *yaml, const struct node *map, struct logsource *out,
		    struct problems *problems)
{
	static const char *const keys[] = { "category", "product", "service", "definition" };

	if (!map || map->kind != NODE_MAP) {
		node_error(problems, yaml, map, "a map of category, product, service is wanted here");
		return false;
	}
	node_check_keys(yaml, map, "logsource", keys, 4, problems);
	out->category = mem_strdup(node_get_text(map, "category"));
	out->product = mem_strdup(node_get_text(map, "product"));
	out->service = mem_strdup(node_get_text(map, "service"));
	return true;
}

void logsource_clear(struct logsource *logsource)
{
	free((char *)logsource->category);
	free((char *)logsource->product);
	free((char *)logsource->service);
	*logsource = (struct logsource){ 0 };
}
