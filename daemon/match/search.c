/*
 * Search identifiers. Every value is compiled once to the cheapest thing that decides it; modifiers are rows of
 * one table. Matching is caseless unless `cased` (Sigma 2.1, modifiers appendix).
 */
#include "match/search.h"

#include "base/ecs.h"
#include "base/glob.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/regex.h"
#include "settings/config.h"

#include <stdlib.h>
#include <string.h>

enum operation { OP_GLOB, OP_REGEX, OP_CIDR, OP_EXISTS, OP_LT, OP_LTE, OP_GT, OP_GTE };

struct modifiers {
	enum operation op;
	unsigned open;			/* GLOB_OPEN_... */
	unsigned regex_flags;
	bool all, cased;
};

static const struct modifier {
	const char *name;
	enum operation op;
	unsigned open, flags;
	bool all, cased, only_after_re;
} modifier_rows[] = {
	{ "contains", OP_GLOB, GLOB_OPEN_FRONT | GLOB_OPEN_BACK, 0, false, false, false },
	{ "startswith", OP_GLOB, GLOB_OPEN_BACK, 0, false, false, false },
	{ "endswith", OP_GLOB, GLOB_OPEN_FRONT, 0, false, false, false },
	{ "all", OP_GLOB, 0, 0, true, false, false },
	{ "cased", OP_GLOB, 0, 0, false, true, false },
	{ "re", OP_REGEX, 0, 0, false, false, false },
	{ "i", OP_REGEX, 0, REGEX_CASELESS, false, false, true },
	{ "m", OP_REGEX, 0, REGEX_MULTILINE, false, false, true },
	{ "s", OP_REGEX, 0, REGEX_DOTALL, false, false, true },
	{ "cidr", OP_CIDR, 0, 0, false, false, false },
	{ "exists", OP_EXISTS, 0, 0, false, false, false },
	{ "lt", OP_LT, 0, 0, false, false, false },
	{ "lte", OP_LTE, 0, 0, false, false, false },
	{ "gt", OP_GT, 0, 0, false, false, false },
	{ "gte", OP_GTE, 0, 0, false, false, false },
};
#define N_MODIFIERS (sizeof(modifier_rows) / sizeof(modifier_rows[0]))

struct value {
	bool null, empty;
	struct glob *glob;
	struct regex *regex;
	struct network network;
	double number;
	bool exists;
};

struct item {
	char *field;			/* NULL: keyword */
	uint64_t hash;
	struct modifiers how;
	struct value *values;
	size_t n;
};

struct search {
	struct alternative {
		struct item *items;
		size_t n;
	} *alternatives;
	size_t n;
};

static bool modifier_apply(struct modifiers *how, const struct modifier *row, bool *explicit_op)
{
	if (row->only_after_re && how->op != OP_REGEX)
		return false;
	how->open |= row->open;
	how->regex_flags |= row->flags;
	how->all = how->all || row->all;
	how->cased = how->cased || row->cased;
	if (row->op != OP_GLOB) {
		how->op = row->op;
		*explicit_op = true;
	}
	return true;
}

static void modifiers_parse(const struct yaml *yaml, const struct node *key, struct slice rest,
			    struct modifiers *how, struct problems *problems)
{
	bool explicit_op = false;

	while (rest.len) {
		size_t end = slice_find_byte(rest, '|', 0), i;
		struct slice word = slice_cut(rest, 0, end);

		rest = slice_cut(rest, end + 1, rest.len);
		for (i = 0; i < N_MODIFIERS && !slice_is(word, modifier_rows[i].name); i++)
			;
		if (i == N_MODIFIERS) {
			const char *names[N_MODIFIERS];
			char *bad = slice_dup(word);
			int near;

			for (size_t k = 0; k < N_MODIFIERS; k++)
				names[k] = modifier_rows[k].name;
			near = strlist_nearest(names, N_MODIFIERS, bad);
			node_error(problems, yaml, key, "unknown modifier '%s'%s%s%s", bad,
				   near >= 0 ? "; did you mean '" : "", near >= 0 ? names[near] : "",
				   near >= 0 ? "'?" : "");
			free(bad);
			return;
		}
		if (!modifier_apply(how, &modifier_rows[i], &explicit_op))
			node_error(problems, yaml, key, "modifier '%s' stands only after 're'",
				   modifier_rows[i].name);
	}
}

static void value_load_regex(const struct yaml *yaml, const struct node *node,
			     const struct modifiers *how, struct value *value,
			     struct problems *problems)
{
	struct err err;

	if (regex_new(node->text, how->regex_flags, &value->regex, &err) < 0)
		node_error(problems, yaml, node, "%s", err.text);
	else if (regex_matches_empty(value->regex))
		node_error(problems, yaml, node,
			   "the pattern matches the empty string, so it would match everything");
}

static bool number_parse(struct slice text, double *out)
{
	char copy[64], *end;

	if (!text.len || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	*out = strtod(copy, &end);
	return *end == '\0';
}

static void value_load(const struct yaml *yaml, const struct node *node,
		       const struct modifiers *how, struct value *value, struct problems *problems)
{
	if (node->kind != NODE_SCALAR) {
		node_error(problems, yaml, node, "a value is wanted here, not a %s",
			   node->kind == NODE_MAP ? "map" : "list");
		return;
	}
	switch (how->op) {
	case OP_EXISTS:
		if (!node_bool(node, &value->exists))
			node_error(problems, yaml, node, "'exists' takes true or false");
		return;
	case OP_REGEX: value_load_regex(yaml, node, how, value, problems); return;
	case OP_CIDR:
		if (!network_parse(node->text.at, &value->network))
			node_error(problems, yaml, node,
				   "'%s' is no network; write 192.0.2.0/24 or 2001:db8::/32",
				   node->text.at);
		return;
	case OP_LT:
	case OP_LTE:
	case OP_GT:
	case OP_GTE:
		if (!number_parse(node->text, &value->number))
			node_error(problems, yaml, node, "'%s' is no number", node->text.at);
		return;
	case OP_GLOB: break;
	}
	value->null = node_is_null(node) && !node->quoted;
	value->empty = !value->null && node->text.len == 0;
	if (how->open && !node->text.len)
		node_error(problems, yaml, node, "an empty value here would match everything");
	if (!value->null && !value->empty)
		value->glob = glob_new(node->text, how->open, how->cased);
}

static void item_load(const struct yaml *yaml, const struct node *key, const struct node *body,
		      struct item *item, struct problems *problems)
{
	size_t n = body->kind == NODE_LIST ? body->n : 1;

	if (key) {
		size_t bar = slice_find_byte(key->text, '|', 0);

		if (bar)
			item->field = slice_dup(slice_cut(key->text, 0, bar));
		modifiers_parse(yaml, key, slice_cut(key->text, bar + 1, key->text.len), &item->how,
				problems);
		if (item->field)
			item->hash = hash_bytes_nocase(slice_of(item->field));
	}
	if (!item->field && item->how.op == OP_GLOB)
		item->how.open |= GLOB_OPEN_FRONT | GLOB_OPEN_BACK;
	if (n == 0)
		node_error(problems, yaml, body, "an empty list can never match");
	item->values = mem_zalloc((n + 1) * sizeof(*item->values));
	for (size_t i = 0; i < n; i++)
		value_load(yaml, body->kind == NODE_LIST ? body->items[i] : body, &item->how,
			   &item->values[item->n++], problems);
}

static void alternative_load(const struct yaml *yaml, const struct node *map,
			     struct alternative *out, struct problems *problems)
{
	out->items = mem_zalloc((map->n + 1) * sizeof(*out->items));
	for (size_t i = 0; i < map->n; i++)
		item_load(yaml, map->keys[i], map->items[i], &out->items[out->n++], problems);
}

struct search *search_load(const struct yaml *yaml, const struct node *name,
			   const struct node *body, struct problems *problems)
{
	struct search *s = mem_zalloc(sizeof(*s));
	size_t n = body->kind == NODE_LIST ? body->n : 1;
	bool maps = body->kind == NODE_MAP || (n && body->kind == NODE_LIST &&
					       body->items[0]->kind == NODE_MAP);

	if (!n || (body->kind == NODE_MAP && !body->n))
		node_error(problems, yaml, name, "'%s' is empty", name->text.at);
	s->alternatives = mem_zalloc((n + 1) * sizeof(*s->alternatives));
	if (!maps) {
		s->alternatives[0].items = mem_zalloc(sizeof(struct item));
		s->alternatives[0].n = s->n = 1;
		item_load(yaml, NULL, body, &s->alternatives[0].items[0], problems);
		return s;
	}
	for (size_t i = 0; i < n; i++) {
		const struct node *map = body->kind == NODE_LIST ? body->items[i] : body;

		if (map->kind == NODE_MAP)
			alternative_load(yaml, map, &s->alternatives[s->n++], problems);
		else
			node_error(problems, yaml, map, "maps and words are mixed in '%s'",
				   name->text.at);
	}
	return s;
}

void search_free(struct search *s)
{
	if (!s)
		return;
	for (size_t a = 0; a < s->n; a++) {
		for (size_t i = 0; i < s->alternatives[a].n; i++) {
			struct item *item = &s->alternatives[a].items[i];

			for (size_t v = 0; v < item->n; v++) {
				glob_free(item->values[v].glob);
				regex_free(item->values[v].regex);
			}
			free(item->values);
			free(item->field);
		}
		free(s->alternatives[a].items);
	}
	free(s->alternatives);
	free(s);
}

static void captures_add(const struct regex *regex, struct slice subject,
			 const struct regex_match *match, struct hit *hit)
{
	for (size_t i = 0; i < regex_names(regex) && hit->n_captures < HIT_CAPTURES_MAX; i++) {
		unsigned group;
		const char *name = regex_name(regex, i, &group);

		if (match->start[group] >= match->end[group])
			continue;
		hit->captures[hit->n_captures].name = ecs_from_group(name);
		hit->captures[hit->n_captures++].value =
			slice_cut(subject, match->start[group], match->end[group]);
	}
}

static bool value_takes(const struct item *item, const struct value *value, struct slice text,
			struct hit *hit)
{
	unsigned char address[16];
	struct regex_match match;
	double number;
	int rc;

	switch (item->how.op) {
	case OP_GLOB:
		if (value->null || value->empty)
			return text.len == 0;
		return glob_matches(value->glob, text);
	case OP_REGEX:
		rc = regex_search(value->regex, text, &match);
		if (rc == 1)
			captures_add(value->regex, text, &match, hit);
		hit->limit = hit->limit || rc < 0;
		return rc == 1;
	case OP_CIDR:
		return address_parse(text, address) && network_has(&value->network, address);
	case OP_LT: return number_parse(text, &number) && number < value->number;
	case OP_LTE: return number_parse(text, &number) && number <= value->number;
	case OP_GT: return number_parse(text, &number) && number > value->number;
	case OP_GTE: return number_parse(text, &number) && number >= value->number;
	case OP_EXISTS: return false;
	}
	return false;
}

/* Does any value of the field (or, for keywords, the line or any value) fit? */
static bool field_takes(const struct item *item, const struct value *value,
			const struct record *r, struct hit *hit)
{
	struct slice name = slice_of(item->field);
	const struct field *field;
	size_t cursor = 0;
	bool seen = false;

	if (!item->field) {
		if (value_takes(item, value, r->raw, hit))
			return true;
		for (size_t i = 0; i < r->n_fields; i++)
			if (value_takes(item, value, r->fields[i].value, hit))
				return true;
		return false;
	}
	while ((field = record_next(r, item->hash, name, &cursor))) {
		if (value->null) {
			if (field->type == VALUE_NULL)
				return true;
			seen = true;
			continue;
		}
		seen = true;
		if (item->how.op == OP_EXISTS)
			return value->exists;
		if (value->empty && field->type == VALUE_NULL)
			continue;
		if (value_takes(item, value, field->value, hit))
			return true;
	}
	if (item->how.op == OP_EXISTS)
		return !value->exists;
	return value->null && !seen;
}

static bool item_holds(const struct item *item, const struct record *r, struct hit *hit)
{
	for (size_t i = 0; i < item->n; i++) {
		bool takes = field_takes(item, &item->values[i], r, hit);

		if (takes != item->how.all)
			return takes;
	}
	return item->how.all;
}

bool search_holds(const struct search *s, const struct record *r, struct hit *hit)
{
	for (size_t a = 0; a < s->n; a++) {
		const struct alternative *alternative = &s->alternatives[a];
		size_t i = 0;

		while (i < alternative->n && item_holds(&alternative->items[i], r, hit))
			i++;
		if (i == alternative->n && i)
			return true;
	}
	return false;
}
