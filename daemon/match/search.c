/*
 * Search identifiers. Every value is compiled once to the cheapest thing that decides it; modifiers are rows of
 * one table, applied in the order in which the rule names them. Matching is caseless unless `cased` (Sigma 2.1,
 * modifiers appendix). search_holds() takes no memory.
 */
#include "match/search.h"

#include "base/clock.h"
#include "base/ecs.h"
#include "base/mem.h"
#include "match/search_items.h"
#include "match/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a modifier is, for saying which may stand before which. */
enum kind {
	K_ALL = 1 << 0,
	K_CASED = 1 << 1,
	K_NEQ = 1 << 2,
	K_OPEN = 1 << 3,
	K_WINDASH = 1 << 4,
	K_ENCODED = 1 << 5,
	K_EXPAND = 1 << 6,
	K_REGEX = 1 << 7,
	K_REGEX_FLAG = 1 << 8,
	K_CIDR = 1 << 9,
	K_EXISTS = 1 << 10,
	K_COMPARE = 1 << 11,
	K_TIME = 1 << 12,
	K_FIELD = 1 << 13,
};
#define K_TEXT (K_CASED | K_OPEN | K_WINDASH | K_ENCODED | K_EXPAND)
#define K_ANY (K_ALL | K_NEQ)

static const struct modifier {
	const char *name;
	enum kind kind;
	unsigned after;			/* kinds that may stand before it */
	enum search_operation operation;
	unsigned open, flags;
	enum time_part time;
	value_transform transform;
} modifier_rows[] = {
	{ .name = "contains", K_OPEN, K_ANY | K_FIELD | (K_TEXT & ~K_OPEN), .open = GLOB_OPEN_FRONT | GLOB_OPEN_BACK },
	{ .name = "startswith", K_OPEN, K_ANY | K_FIELD | (K_TEXT & ~K_OPEN), .open = GLOB_OPEN_BACK },
	{ .name = "endswith", K_OPEN, K_ANY | K_FIELD | (K_TEXT & ~K_OPEN), .open = GLOB_OPEN_FRONT },
	{ .name = "all", K_ALL, ~(unsigned)(K_ALL | K_EXISTS) },
	{ .name = "cased", K_CASED, K_ANY | K_TEXT | K_FIELD },
	{ .name = "neq", K_NEQ, ~(unsigned)(K_NEQ | K_EXISTS) },
	{ .name = "windash", K_WINDASH, K_ANY | K_CASED | K_OPEN | K_EXPAND, .transform = value_windash },
	{ .name = "base64", K_ENCODED, K_ANY | (K_TEXT & ~K_OPEN), .transform = value_base64 },
	{ .name = "base64offset", K_ENCODED, K_ANY | (K_TEXT & ~K_OPEN), .transform = value_base64offset },
	{ .name = "utf16", K_ENCODED, K_ANY | K_TEXT, .transform = value_utf16 },
	{ .name = "utf16le", K_ENCODED, K_ANY | K_TEXT, .transform = value_utf16le },
	{ .name = "utf16be", K_ENCODED, K_ANY | K_TEXT, .transform = value_utf16be },
	{ .name = "wide", K_ENCODED, K_ANY | K_TEXT, .transform = value_utf16le },
	{ .name = "expand", K_EXPAND, K_ANY | K_CASED | K_OPEN },
	{ .name = "re", K_REGEX, K_ANY | K_EXPAND, .operation = SEARCH_REGEX },
	{ .name = "i", K_REGEX_FLAG, K_ANY | K_REGEX | K_REGEX_FLAG, .flags = REGEX_CASELESS },
	{ .name = "m", K_REGEX_FLAG, K_ANY | K_REGEX | K_REGEX_FLAG, .flags = REGEX_MULTILINE },
	{ .name = "s", K_REGEX_FLAG, K_ANY | K_REGEX | K_REGEX_FLAG, .flags = REGEX_DOTALL },
	{ .name = "cidr", K_CIDR, K_ANY | K_EXPAND, .operation = SEARCH_CIDR },
	{ .name = "exists", K_EXISTS, 0, .operation = SEARCH_EXISTS },
	{ .name = "lt", K_COMPARE, K_ANY | K_TIME, .operation = SEARCH_LT },
	{ .name = "lte", K_COMPARE, K_ANY | K_TIME, .operation = SEARCH_LTE },
	{ .name = "gt", K_COMPARE, K_ANY | K_TIME, .operation = SEARCH_GT },
	{ .name = "gte", K_COMPARE, K_ANY | K_TIME, .operation = SEARCH_GTE },
	{ .name = "fieldref", K_FIELD, K_ANY | K_CASED | K_OPEN, .operation = SEARCH_FIELD },
	{ .name = "minute", K_TIME, K_ANY, .time = TIME_MINUTE },
	{ .name = "hour", K_TIME, K_ANY, .time = TIME_HOUR },
	{ .name = "day", K_TIME, K_ANY, .time = TIME_DAY },
	{ .name = "week", K_TIME, K_ANY, .time = TIME_WEEK },
	{ .name = "month", K_TIME, K_ANY, .time = TIME_MONTH },
	{ .name = "year", K_TIME, K_ANY, .time = TIME_YEAR },
};
#define N_MODIFIERS (sizeof(modifier_rows) / sizeof(modifier_rows[0]))
#define CHAIN_MAX 8

/* The modifiers of one key, in order. */
struct chain {
	const struct modifier *at[CHAIN_MAX];
	size_t n;
};

struct reader {
	const struct yaml *yaml;
	const struct search_context *context;
	struct problems *problems;
};

static const struct modifier *modifier_find(const struct reader *r, const struct node *key,
					    struct slice word)
{
	const char *names[N_MODIFIERS];
	char *bad, hint[BOTH_MAX];

	for (size_t i = 0; i < N_MODIFIERS; i++) {
		if (slice_is(word, modifier_rows[i].name))
			return &modifier_rows[i];
		names[i] = modifier_rows[i].name;
	}
	bad = slice_dup(word);
	node_error(r->problems, r->yaml, key, "unknown modifier '%s'%s", bad,
		   problem_hint(names, N_MODIFIERS, bad, hint));
	free(bad);
	return NULL;
}

static bool modifier_may_follow(const struct reader *r, const struct node *key,
				const struct chain *chain, const struct modifier *row)
{
	bool regex_before = false;

	for (size_t i = 0; i < chain->n; i++) {
		regex_before = regex_before || chain->at[i]->kind == K_REGEX;
		if (row->after & chain->at[i]->kind)
			continue;
		node_error(r->problems, r->yaml, key, "modifier '%s' cannot follow '%s'", row->name,
			   chain->at[i]->name);
		return false;
	}
	if (row->kind == K_REGEX_FLAG && !regex_before) {
		node_error(r->problems, r->yaml, key, "modifier '%s' stands only after 're'", row->name);
		return false;
	}
	return true;
}

static void chain_parse(const struct reader *r, const struct node *key, struct slice rest,
			struct chain *chain)
{
	while (rest.len) {
		size_t end = slice_find_byte(rest, '|', 0);
		const struct modifier *row = modifier_find(r, key, slice_cut(rest, 0, end));

		rest = slice_cut(rest, end + 1, rest.len);
		if (!row || !modifier_may_follow(r, key, chain, row))
			return;
		if (chain->n == CHAIN_MAX) {
			node_error(r->problems, r->yaml, key, "more than %d modifiers", CHAIN_MAX);
			return;
		}
		chain->at[chain->n++] = row;
	}
}

static void item_take_chain(struct search_item *item, const struct chain *chain)
{
	for (size_t i = 0; i < chain->n; i++) {
		const struct modifier *row = chain->at[i];

		item->open |= row->open;
		item->regex_flags |= row->flags;
		item->all = item->all || row->kind == K_ALL;
		item->cased = item->cased || row->kind == K_CASED;
		item->negated = item->negated || row->kind == K_NEQ;
		if (row->operation != SEARCH_TEXT)
			item->operation = row->operation;
		if (row->time != TIME_WHOLE)
			item->time = row->time;
	}
}

static const struct list_conf *list_find(const struct search_context *context, struct slice name)
{
	for (size_t i = 0; i < context->n_lists; i++)
		if (slice_is(name, context->lists[i].name))
			return &context->lists[i];
	return NULL;
}

/* The first `%name%` at or after from, whose percent signs are not escaped. */
static bool placeholder_find(struct slice in, size_t from, size_t *begin, size_t *end)
{
	for (size_t i = from; i < in.len; i++) {
		if (in.at[i] == '\\' && i + 1 < in.len)
			i++;
		else if (in.at[i] == '%') {
			*begin = i;
			*end = slice_find_byte(in, '%', i + 1);
			return *end < in.len && *end > i + 1;
		}
	}
	return false;
}

/* Each entry of the list in place of the placeholder, the rest as it is; the next one is found in what comes out. */
static void expand_one(const struct reader *r, const struct node *node, struct search_item *item,
		       struct slice in, size_t from, struct drafts *out)
{
	const struct list_conf *list;
	size_t begin, end;
	struct slice name;

	if (!placeholder_find(in, from, &begin, &end)) {
		drafts_add(out, in);
		return;
	}
	name = slice_cut(in, begin + 1, end);
	list = list_find(r->context, name);
	if (!list) {
		item->never = true;
		node_warning(r->problems, r->yaml, node,
			     "no list '%.*s' among the `lists` of sokuhod.yaml: this can never match",
			     (int)name.len, name.at);
		return;
	}
	for (size_t i = 0; i < list->values.n && out->n <= DRAFTS_MAX; i++) {
		struct text text = { 0 };

		text_add_slice(&text, slice_cut(in, 0, begin));
		text_add(&text, list->values.at[i]);
		from = text.len;
		text_add_slice(&text, slice_cut(in, end + 1, in.len));
		expand_one(r, node, item, text_slice(&text), from, out);
		text_clear(&text);
	}
}

/* `\%` is a percent sign where placeholders are read. */
static void percent_unescape(struct drafts *drafts)
{
	for (size_t i = 0; i < drafts->n; i++) {
		struct text *text = &drafts->at[i];
		size_t kept = 0;

		for (size_t k = 0; k < text->len; k++) {
			if (text->at[k] == '\\' && k + 1 < text->len && text->at[k + 1] == '%')
				k++;
			text->at[kept++] = text->at[k];
		}
		text->len = kept;
		text->at[kept] = '\0';
	}
}

static void transform(const struct reader *r, const struct node *node, struct search_item *item,
		      const struct modifier *row, struct drafts *drafts)
{
	struct drafts out = { 0 };
	const char *fault = NULL;
	char both[BOTH_MAX];

	for (size_t i = 0; i < drafts->n && !fault; i++) {
		struct slice in = text_slice(&drafts->at[i]);

		if (row->kind == K_EXPAND)
			expand_one(r, node, item, in, 0, &out);
		else
			row->transform(in, &out, &fault);
		if (out.n > DRAFTS_MAX)
			fault = "becomes too many values (at most 100000)";
	}
	if (fault)
		node_error(r->problems, r->yaml, node, "the value %s", problem_both(fault, NULL, both));
	if (row->kind == K_EXPAND)
		percent_unescape(&out);
	drafts_clear(drafts);
	*drafts = out;
}

/* Plain decimal only: what strtod() takes besides (hex, nan, blanks) is no number in a log. */
static bool number_parse(struct slice text, double *out)
{
	char copy[64], *end;

	if (!text.len || text.len >= sizeof(copy) || !memchr("+-.0123456789", text.at[0], 13) ||
	    (text.len > 1 && (text.at[1] == 'x' || text.at[1] == 'X')))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	*out = strtod(copy, &end);
	return *end == '\0' && end > copy && isfinite(*out);
}

static void regex_load(const struct reader *r, const struct node *node,
		       const struct search_item *item, struct search_value *value)
{
	char both[BOTH_MAX];
	struct err err;

	if (regex_new(text_slice(&value->text), item->regex_flags, &value->regex, &err) < 0)
		node_error(r->problems, r->yaml, node, "%s", problem_err(&err, both));
	else if (regex_matches_empty(value->regex))
		node_error(r->problems, r->yaml, node,
			   "the pattern matches the empty string, so it would match everything");
}

static void limit_load(const struct reader *r, const struct node *node,
		       const struct search_item *item, struct search_value *value)
{
	if (item->time != TIME_WHOLE && item->operation == SEARCH_TEXT)
		value->number = true;
	if (!number_parse(text_slice(&value->text), &value->limit))
		node_error(r->problems, r->yaml, node, "'%s' is no number", node->text.at);
}

static void text_load(const struct reader *r, const struct node *node,
		      const struct search_item *item, struct search_value *value)
{
	uint64_t whole;

	if (!node->text.len && item->open)
		node_warning(r->problems, r->yaml, node, "an empty value here would match everything");
	value->empty = !node->text.len && !item->open;
	value->number = !item->open && !node->quoted && slice_to_u64(node->text, &whole) &&
			(node->text.at[0] != '0' || node->text.len == 1);
	if (!value->empty)
		value->glob = glob_new(text_slice(&value->text), item->open, item->cased);
}

static void value_load(const struct reader *r, const struct node *node,
		       const struct search_item *item, struct search_value *value)
{
	switch (item->operation) {
	case SEARCH_EXISTS:
		if (!node_bool(node, &value->exists))
			node_error(r->problems, r->yaml, node, "'exists' takes true or false");
		return;
	case SEARCH_REGEX: regex_load(r, node, item, value); return;
	case SEARCH_CIDR:
		if (!network_parse(value->text.at ? value->text.at : "", &value->network))
			node_error(r->problems, r->yaml, node,
				   "'%s' is no network; write 192.0.2.0/24 or 2001:db8::/32",
				   node->text.at);
		return;
	case SEARCH_LT:
	case SEARCH_LTE:
	case SEARCH_GT:
	case SEARCH_GTE: limit_load(r, node, item, value); return;
	case SEARCH_FIELD:
		aliases_resolve(r->context->aliases, r->context->logsource, node->text.at,
				&value->other);
		return;
	case SEARCH_TEXT: break;
	}
	if (item->time != TIME_WHOLE)
		limit_load(r, node, item, value);
	else
		text_load(r, node, item, value);
}

static struct search_value *value_add(struct search_item *item, size_t group)
{
	item->values = mem_grow(item->values, &item->cap, item->n + 1, sizeof(*item->values));
	item->values[item->n] = (struct search_value){ .group = group };
	return &item->values[item->n++];
}

static void values_add(const struct reader *r, const struct node *node, const struct chain *chain,
		       struct search_item *item, size_t group)
{
	struct drafts drafts = { 0 };

	if (node->kind != NODE_SCALAR) {
		node_error(r->problems, r->yaml, node,
			   node->kind == NODE_MAP ? "a value is wanted here, not a map" : "a value is wanted here, not a list");
		return;
	}
	if (node_is_null(node) && !node->quoted) {
		if (item->operation != SEARCH_TEXT || item->open || item->time != TIME_WHOLE)
			node_error(r->problems, r->yaml, node, "null goes with no such modifier");
		value_add(item, group)->null = true;
		return;
	}
	drafts_add(&drafts, node->text);
	for (size_t i = 0; i < chain->n; i++)
		if (chain->at[i]->transform || chain->at[i]->kind == K_EXPAND)
			transform(r, node, item, chain->at[i], &drafts);
	for (size_t i = 0; i < drafts.n; i++) {
		struct search_value *value = value_add(item, group);

		value->text = drafts.at[i];
		drafts.at[i] = (struct text){ 0 };
		value_load(r, node, item, value);
	}
	drafts_clear(&drafts);
}

static void item_load(const struct reader *r, const struct node *key, const struct node *body,
		      struct search_item *item)
{
	size_t n = body->kind == NODE_LIST ? body->n : 1;
	struct chain chain = { .n = 0 };

	if (key) {
		size_t bar = slice_find_byte(key->text, '|', 0);

		if (bar) {
			item->field = slice_dup(slice_cut(key->text, 0, bar));
			aliases_resolve(r->context->aliases, r->context->logsource, item->field,
					&item->lookup);
		}
		if (bar + 1 == key->text.len)
			modifier_find(r, key, SLICE(""));	/* says that there is none of this name */
		chain_parse(r, key, slice_cut(key->text, bar + 1, key->text.len), &chain);
	}
	item_take_chain(item, &chain);
	if (!item->field && item->operation == SEARCH_TEXT && item->time == TIME_WHOLE)
		item->open |= GLOB_OPEN_FRONT | GLOB_OPEN_BACK;
	else if (!item->field && item->operation != SEARCH_REGEX)
		node_error(r->problems, r->yaml, key, "this modifier needs a field's name before it");
	if (item->all && n == 1)
		node_warning(r->problems, r->yaml, key ? key : body, "'all' with a single value says nothing");
	if (n == 0)
		node_error(r->problems, r->yaml, body, "an empty list can never match");
	for (size_t i = 0; i < n; i++)
		values_add(r, body->kind == NODE_LIST ? body->items[i] : body, &chain, item, i);
}

static void alternative_load(const struct reader *r, const struct node *map,
			     struct search_alternative *out)
{
	out->items = mem_zalloc((map->n + 1) * sizeof(*out->items));
	for (size_t i = 0; i < map->n; i++)
		item_load(r, map->keys[i], map->items[i], &out->items[out->n++]);
}

struct search *search_load(const struct yaml *yaml, const struct node *name,
			   const struct node *body, const struct search_context *context,
			   struct problems *problems)
{
	const struct reader r = { yaml, context, problems };
	struct search *s = mem_zalloc(sizeof(*s));
	size_t n = body->kind == NODE_LIST ? body->n : 1;
	bool maps = body->kind == NODE_MAP || (n && body->kind == NODE_LIST &&
					       body->items[0]->kind == NODE_MAP);

	if (!n || (body->kind == NODE_MAP && !body->n))
		node_error(problems, yaml, name, "'%s' is empty", name->text.at);
	s->alternatives = mem_zalloc((n + 1) * sizeof(*s->alternatives));
	if (!maps) {
		s->alternatives[0].items = mem_zalloc(sizeof(struct search_item));
		s->alternatives[0].n = s->n = 1;
		item_load(&r, NULL, body, &s->alternatives[0].items[0]);
		return s;
	}
	for (size_t i = 0; i < n; i++) {
		const struct node *map = body->kind == NODE_LIST ? body->items[i] : body;

		if (map->kind == NODE_MAP)
			alternative_load(&r, map, &s->alternatives[s->n++]);
		else
			node_error(problems, yaml, map, "maps and words are mixed in '%s'",
				   name->text.at);
	}
	return s;
}

static void item_clear(struct search_item *item)
{
	for (size_t v = 0; v < item->n; v++) {
		text_clear(&item->values[v].text);
		glob_free(item->values[v].glob);
		regex_free(item->values[v].regex);
		lookup_clear(&item->values[v].other);
	}
	free(item->values);
	free(item->field);
	lookup_clear(&item->lookup);
}

void search_free(struct search *s)
{
	if (!s)
		return;
	for (size_t a = 0; a < s->n; a++) {
		for (size_t i = 0; i < s->alternatives[a].n; i++)
			item_clear(&s->alternatives[a].items[i]);
		free(s->alternatives[a].items);
	}
	free(s->alternatives);
	free(s);
}

static bool lookup_asks_identity(const struct lookup *lookup)
{
	for (size_t i = 0; i < lookup->n; i++)
		if (record_field_is_derived(slice_of(lookup->paths[i].name)))
			return true;
	return false;
}

static bool item_asks_identity(const struct search_item *item)
{
	for (size_t v = 0; v < item->n; v++)
		if (lookup_asks_identity(&item->values[v].other))
			return true;
	return !item->field || lookup_asks_identity(&item->lookup);
}

bool search_asks_identity(const struct search *s)
{
	for (size_t a = 0; a < s->n; a++)
		for (size_t i = 0; i < s->alternatives[a].n; i++)
			if (item_asks_identity(&s->alternatives[a].items[i]))
				return true;
	return false;
}

static void captures_add(const struct regex *regex, struct slice subject,
			 const struct regex_match *match, struct hit *hit)
{
	for (size_t i = 0; i < regex_names(regex) && hit->n_captures < HIT_CAPTURES_MAX; i++) {
		unsigned group;
		const char *name = regex_field(regex, i, &group);

		if (match->start[group] >= match->end[group])
			continue;
		hit->captures[hit->n_captures].name = name;
		hit->captures[hit->n_captures++].value =
			slice_cut(subject, match->start[group], match->end[group]);
	}
}

/* A whole number in a rule equals 7, 007 and 7.0 in a log; its digits stand in the line in any case. */
static bool number_equal(struct slice want, struct slice have)
{
	size_t zeros = 0;

	while (have.len > 1 && have.at[0] == '0')
		have = slice_cut(have, 1, have.len);
	if (!slice_starts(have, want))
		return false;
	have = slice_cut(have, want.len, have.len);
	while (zeros + 1 < have.len && have.at[zeros + 1] == '0')
		zeros++;
	return !have.len || (have.at[0] == '.' && have.len > 1 && zeros + 1 == have.len);
}

/* ISO 8601: the week that holds the year's first Thursday is the first. */
static int week_of(const struct civil *c)
{
	int64_t days = civil_to_days(c->year, c->month, c->day);
	int64_t thursday = days - (civil_weekday(c->year, c->month, c->day) + 6) % 7 + 3;
	struct civil t;

	time_to_civil(thursday * 86400 * NS_PER_S, 0, &t);
	return (int)((thursday - civil_to_days(t.year, 1, 1)) / 7) + 1;
}

/* As written in the log: neither zone nor format is converted (modifiers appendix). */
static bool time_part_of(enum time_part part, struct slice text, double *out)
{
	struct civil c;
	bool has_offset;
	int64_t time;
	size_t used;
	int offset = 0;

	if (!time_parse_iso(text, &time, &offset, &has_offset, &used))
		return false;
	time_to_civil(time, has_offset ? offset : 0, &c);
	switch (part) {
	case TIME_WHOLE: return false;
	case TIME_MINUTE: *out = c.minute; return true;
	case TIME_HOUR: *out = c.hour; return true;
	case TIME_DAY: *out = c.day; return true;
	case TIME_WEEK: *out = week_of(&c); return true;
	case TIME_MONTH: *out = c.month; return true;
	case TIME_YEAR: *out = c.year; return true;
	}
	return false;
}

static bool number_takes(const struct search_item *item, const struct search_value *value,
			 struct slice text)
{
	double number;

	if (item->time != TIME_WHOLE ? !time_part_of(item->time, text, &number) :
				       !number_parse(text, &number))
		return false;
	switch (item->operation) {
	case SEARCH_LT: return number < value->limit;
	case SEARCH_LTE: return number <= value->limit;
	case SEARCH_GT: return number > value->limit;
	case SEARCH_GTE: return number >= value->limit;
	default: return !(number < value->limit) && !(number > value->limit);
	}
}

static bool text_fits(const struct search_item *item, struct slice text, struct slice part)
{
	switch (item->open) {
	case GLOB_WHOLE: break;
	case GLOB_OPEN_BACK: text = slice_cut(text, 0, part.len); break;
	case GLOB_OPEN_FRONT:
		text = slice_cut(text, text.len > part.len ? text.len - part.len : 0, text.len);
		break;
	default:
		return part.len <= text.len &&
		       (!part.len || (item->cased ? slice_find(text, part, 0) :
						    slice_find_nocase(text, part, 0)) < text.len);
	}
	return item->cased ? slice_equal(text, part) : slice_equal_nocase(text, part);
}

static bool other_takes(const struct search_item *item, const struct search_value *value,
			const struct record *r, struct slice text)
{
	struct lookup_walk walk = { 0 };
	const struct field *other;

	while ((other = lookup_next(&value->other, r, &walk)))
		if (other->type != VALUE_NULL && text_fits(item, text, other->value))
			return true;
	return false;
}

static bool value_takes(const struct search_item *item, const struct search_value *value,
			const struct record *r, struct slice text, struct hit *hit)
{
	unsigned char address[16];
	struct regex_match match;
	int rc;

	switch (item->operation) {
	case SEARCH_TEXT:
		if (item->time != TIME_WHOLE)
			return number_takes(item, value, text);
		if (value->empty)
			return text.len == 0;
		return glob_matches(value->glob, text) ||
		       (value->number && number_equal(text_slice(&value->text), text));
	case SEARCH_REGEX:
		rc = regex_search(value->regex, text, &match);
		if (rc == 1)
			captures_add(value->regex, text, &match, hit);
		hit->limit = hit->limit || rc < 0;
		return rc == 1;
	case SEARCH_CIDR:
		return address_parse(text, address) && network_has(&value->network, address);
	case SEARCH_FIELD: return other_takes(item, value, r, text);
	case SEARCH_EXISTS: return false;
	case SEARCH_LT:
	case SEARCH_LTE:
	case SEARCH_GT:
	case SEARCH_GTE: return number_takes(item, value, text);
	}
	return false;
}

static bool keyword_takes(const struct search_item *item, const struct search_value *value,
			  const struct record *r, struct hit *hit)
{
	if (value->null)
		return false;
	if (value_takes(item, value, r, r->raw, hit))
		return true;
	for (size_t i = 0; i < r->n_decoded; i++)
		if (value_takes(item, value, r, r->fields[i].value, hit))
			return true;
	return false;
}

/* Does any value of the field (or, for keywords, the line or any value) fit? */
static bool field_takes(const struct search_item *item, const struct search_value *value,
			const struct record *r, struct hit *hit)
{
	struct lookup_walk walk = { 0 };
	const struct field *field;

	if (!item->field)
		return keyword_takes(item, value, r, hit);
	while ((field = lookup_next(&item->lookup, r, &walk))) {
		if (item->operation == SEARCH_EXISTS)
			return value->exists;
		if (field->type == VALUE_NULL ? value->null :
						!value->null && value_takes(item, value, r, field->value, hit))
			return true;
	}
	if (item->operation == SEARCH_EXISTS)
		return !value->exists;
	return value->null && !walk.found;
}

static bool values_hold(const struct search_item *item, const struct record *r, struct hit *hit)
{
	for (size_t i = 0; i < item->n;) {
		size_t group = item->values[i].group;
		bool takes = false;

		for (; i < item->n && item->values[i].group == group; i++)
			takes = takes || field_takes(item, &item->values[i], r, hit);
		if (takes != item->all)
			return takes;
	}
	return item->all;
}

static bool item_holds(const struct search_item *item, const struct record *r, struct hit *hit)
{
	return !item->never && values_hold(item, r, hit) != item->negated;
}

bool search_holds(const struct search *s, const struct record *r, struct hit *hit)
{
	for (size_t a = 0; a < s->n; a++) {
		const struct search_alternative *alternative = &s->alternatives[a];
		size_t i = 0;

		while (i < alternative->n && item_holds(&alternative->items[i], r, hit))
			i++;
		if (i == alternative->n && i)
			return true;
	}
	return false;
}
