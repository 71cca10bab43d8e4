/*
 * From conditions to literals. Two steps: what must stand in the decoded values (and/or/not, lists, modifiers,
 * patterns, constants of the decode data), then how each of these literals may be spelled in a raw line. A
 * literal is cut so that each piece has at most one byte that some format escapes; the piece then has one spelling
 * for each way to write that byte, and formats that mix them hide nothing.
 */
#include "match/needs.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/regex_need.h"
#include "match/condition_tree.h"
#include "match/rule.h"
#include "match/search_items.h"

#include <stdlib.h>
#include <string.h>

#define OWN_GATE_MAX 2000		/* without its anchors a pattern can be slow on a long line */

struct needs {
	size_t n;
	struct need **entries;		/* n + 1 */
	bool *wanted, *dear;
	/*
	 * A pattern that every match needs, without its assertions. Where nothing is escaped every decoded value is a
	 * piece of the line, so a line in which it does not match cannot match at all.
	 */
	struct gate {
		const struct regex *regex;	/* NULL: there is none */
		struct regex *own;		/* the same, where it was made here because the rule has none that is */
		struct need_check *unless;	/* or this stands in the line; NULL: nothing else */
	} *gates;
};

/* Bytes that some format writes otherwise, and how. The byte itself is always one of the ways. */
static const char *const spellings[256] = {
	['"'] = "\\\"", ['\\'] = "\\\\", ['/'] = "\\/", ['='] = "\\=",   ['|'] = "\\|",
	['\n'] = "\\n", ['\r'] = "\\r",  ['\t'] = "\\t", ['\b'] = "\\b", ['\f'] = "\\f",
};

static const char *other_spelling(char c)
{
	return spellings[(unsigned char)c];
}

static size_t special_after(struct slice s, size_t from)
{
	while (from < s.len && !other_spelling(s.at[from]))
		from++;
	return from;
}

/* Needs that were spelled, by what they were made from; and all that came of it, by what they are: equal ones are one. */
struct spelling {
	struct map *made, *all;
};

/* What a need is; its parts are known by their places. */
static void need_signature(const struct need *need, struct text *out)
{
	const unsigned numbers[] = { need->kind, need->nocase, need->bounds, need->regex_flags, (unsigned)need->run_min };

	text_add_bytes(out, (const char *)numbers, sizeof(numbers));
	text_add_bytes(out, (const char *)need->run_class, sizeof(need->run_class));
	text_add_bytes(out, need->bytes ? need->bytes : "", need->len);
	text_add_bytes(out, need->n ? (const char *)need->parts : "", need->n * sizeof(*need->parts));
}

/* Takes need; the one that is equal to it and was there before, or this one. */
static struct need *the_one(struct spelling *spelling, struct need *need)
{
	struct text key = { 0 };
	struct need *before;

	if (!need)
		return NULL;
	need_signature(need, &key);
	before = map_get(spelling->all, text_slice(&key));
	if (!before) {
		map_put(spelling->all, text_slice(&key), need_share(need));
		before = need;
	} else if (before != need) {
		need_share(before);
		need_free(need);
	}
	text_clear(&key);
	return before;
}

/* One piece with its special byte at `at` (piece.len: none). A spelling that holds another one adds nothing. */
static struct need *piece_need(struct spelling *spelling, struct slice piece, size_t at, bool nocase, unsigned bounds)
{
	struct need *need = the_one(spelling, need_bounded(piece, nocase, bounds));
	const char *other = at < piece.len ? other_spelling(piece.at[at]) : NULL;
	struct text text = { 0 };

	if (!other || (at == 0 && other[1] == piece.at[0]))
		return need;
	text_add_slice(&text, slice_cut(piece, 0, at));
	text_add(&text, other);
	text_add_slice(&text, slice_cut(piece, at + 1, piece.len));
	need = need_or(need, the_one(spelling, need_bounded(text_slice(&text), nocase, bounds)));
	text_clear(&text);
	return the_one(spelling, need);
}

static struct need *literal_spelled(struct spelling *spelling, const struct need *literal)
{
	struct slice s = { literal->bytes, literal->len };
	size_t from = 0, at = special_after(s, 0);
	struct need *need = NULL;

	do {
		size_t next = special_after(s, at + 1);
		unsigned bounds = (from ? 0 : literal->bounds & NEED_BOUND_LEFT) |
				  (next < s.len ? 0 : literal->bounds & NEED_BOUND_RIGHT);

		need = need_and(need, piece_need(spelling, slice_cut(s, from, next), at - from, literal->nocase, bounds));
		from = at + 1;
		at = next;
	} while (at < s.len);
	return need;
}

static struct need *need_spelled(struct spelling *spelling, const struct need *need);

static struct need *need_spelled_anew(struct spelling *spelling, const struct need *need)
{
	struct need *out = NULL;

	if (need->kind == NEED_PATTERN)
		return need_share(need);
	if (need->kind == NEED_LITERAL)
		return special_after((struct slice){ need->bytes, need->len }, 0) == need->len ? need_share(need) :
												  literal_spelled(spelling, need);
	for (size_t i = 0; i < need->n; i++) {
		struct need *part = need_spelled(spelling, need->parts[i]);

		out = i == 0 ? part : need->kind == NEED_ALL ? need_and(out, part) : need_or(out, part);
	}
	return out;
}

/* From what decoded values must hold to what the raw line must hold. Rules share parts: each is spelled once. */
static struct need *need_spelled(struct spelling *spelling, const struct need *need)
{
	struct slice key = { (const char *)&need, sizeof(need) };
	struct need *out;

	if (!need)
		return NULL;
	out = need_share(map_get(spelling->made, key));
	if (out)
		return out;
	out = the_one(spelling, need_spelled_anew(spelling, need));
	map_put(spelling->made, key, need_share(out));
	return out;
}

/* A whole number also equals the same with other zeros in front. */
static struct need *text_need(const struct search_item *item, const struct search_value *value)
{
	struct slice digits = text_slice(&value->text);

	if (!value->number)
		return glob_need(value->glob, false);
	while (digits.len > 1 && digits.at[0] == '0')
		digits = slice_cut(digits, 1, digits.len);
	return need_literal(digits, !item->cased);
}

static struct need *pattern_need(const struct search_item *item, const struct search_value *value)
{
	struct regex_need found;
	struct need *need;

	regex_need_init(text_slice(&value->text), item->regex_flags, &found);
	need = need_pattern(found.weakened, item->regex_flags, found.run_min, found.run_class);
	if (need && found.weakened && slice_is(text_slice(&value->text), found.weakened))
		need->regex = value->regex;
	need = need_and(need_share(found.need), need);
	regex_need_clear(&found);
	return need;
}

struct fitting {
	const struct search_value *value;
	const struct need_check *check;
};

static bool value_fits(const void *test, struct slice text)
{
	const struct fitting *f = test;
	struct need_text asked;

	if (f->value->glob)
		return glob_matches(f->value->glob, text);
	need_text_init(&asked, text);
	return need_stands(f->check, &asked) && regex_search(f->value->regex, text, NULL) != 0;
}

/* Fields whose values come from the inventory, not from the line; and values that are computed. */
static bool lookup_is_opaque(const struct lookup *lookup)
{
	for (size_t i = 0; i < lookup->n; i++)
		if (lookup->paths[i].part == PART_DECIMAL ||
		    record_field_is_derived(slice_of(lookup->paths[i].name)))
			return true;
	return false;
}

/* A field that holds what an item asks for is there, under one of its names; logged: with a value that stands in the line. */
static struct need *names_need(const struct needs_source *source, const struct search_item *item, bool logged)
{
	struct need *need = NULL;

	for (size_t i = 0; item->field && i < item->lookup.n; i++) {
		struct need *one = source->name(source->context, item->lookup.paths[i].name, logged);

		need = i == 0 ? one : need_or(need, one);
	}
	return need;
}

/* Values of which one suffices: what the line holds then, and what makes decode data give one of them. */
struct values {
	struct need *logged, *given;
	bool may_be_given;
};

static void constants_add(const struct needs_source *source, const struct search_item *item, const struct fitting *fitting,
			  struct values *out)
{
	bool (*fits)(const void *test, struct slice value) = value_fits;
	size_t n = item->field ? item->lookup.n : 1;
	struct need_text all;

	need_text_init(&all, source->constants);
	if (!item->field && !need_stands(fitting->check, &all))
		fits = NULL;
	for (size_t i = 0; i < n; i++) {
		struct need *constant = NULL;

		if (!source->constant(source->context, item->field ? item->lookup.paths[i].name : NULL, fits,
				      fitting, &constant))
			continue;
		out->given = out->may_be_given ? need_or(out->given, constant) : constant;
		out->may_be_given = true;
	}
}

static void value_add(const struct needs_source *source, const struct search_item *item, const struct search_value *value,
		      bool first, struct values *out)
{
	struct need *need = NULL;
	struct need_check *check;

	if (!value->null && !value->empty && item->operation == SEARCH_TEXT)
		need = text_need(item, value);
	else if (!value->null && !value->empty)
		need = pattern_need(item, value);
	check = need_check_new(need);
	if (need)
		constants_add(source, item, &(struct fitting){ value, check }, out);
	need_check_free(check);
	out->logged = first ? need : need_or(out->logged, need);
}

/* names: of fields whose value is logged. */
static struct need *values_end(struct values *values, const struct need *names)
{
	struct need *need = values->logged ? need_and(values->logged, need_share(names)) : NULL;

	if (values->may_be_given)
		need = need_or(need, values->given);
	*values = (struct values){ 0 };
	return need;
}

/* Can it hold of a record without the field, or with an empty one? */
static bool needs_nothing(const struct search_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (item->values[i].null || item->values[i].empty ||
		    (item->operation == SEARCH_EXISTS && !item->values[i].exists))
			return true;
	return false;
}

/* Values of one group: one suffices. Groups: one suffices, or all must hold. */
static struct need *values_need(const struct needs_source *source, const struct search_item *item)
{
	struct need *all = NULL, *names;
	struct values group = { 0 };

	if ((item->operation != SEARCH_TEXT && item->operation != SEARCH_REGEX) || item->time != TIME_WHOLE ||
	    (item->field && lookup_is_opaque(&item->lookup)))
		return NULL;
	names = names_need(source, item, true);
	for (size_t i = 0; i < item->n; i++) {
		bool first = i == 0 || (item->all && item->values[i].group != item->values[i - 1].group);

		if (first && i)
			all = need_and(all, values_end(&group, names));
		value_add(source, item, &item->values[i], first, &group);
	}
	all = need_and(all, values_end(&group, names));
	need_free(names);
	return all;
}

static struct need *item_need(const struct needs_source *source, const struct search_item *item)
{
	if (item->negated || item->never || needs_nothing(item))
		return NULL;
	return need_and(values_need(source, item), names_need(source, item, false));
}

static struct need *search_need(const struct needs_source *source, const struct search *search)
{
	struct need *any = NULL;

	for (size_t a = 0; a < search->n; a++) {
		struct need *all = NULL;

		for (size_t i = 0; i < search->alternatives[a].n; i++)
			all = need_and(all, item_need(source, &search->alternatives[a].items[i]));
		any = a == 0 ? all : need_or(any, all);
	}
	return any;
}

static struct need *tree_need(const struct needs_source *source, const struct rule *rule, const struct condition_tree *tree)
{
	switch (tree->kind) {
	case TREE_NAME: return search_need(source, rule_search(rule, tree->name));
	case TREE_NOT: return NULL;
	case TREE_AND:
		return need_and(tree_need(source, rule, tree->left), tree_need(source, rule, tree->right));
	case TREE_OR:
		return need_or(tree_need(source, rule, tree->left), tree_need(source, rule, tree->right));
	}
	return NULL;
}

static struct need *rule_need(const struct needs_source *source, const struct rule *rule)
{
	const struct condition_tree *tree;
	struct need *need = NULL;

	for (size_t i = 0; (tree = rule_condition(rule, i)); i++) {
		struct need *one = tree_need(source, rule, tree);

		need = i == 0 ? one : need_or(need, one);
	}
	return need;
}

static const struct need *pattern_of(const struct need *need)
{
	const struct need *pattern = need && need->kind == NEED_PATTERN ? need : NULL;

	for (size_t i = 0; need && need->kind == NEED_ALL && i < need->n && !pattern; i++)
		pattern = need->parts[i]->kind == NEED_PATTERN ? need->parts[i] : NULL;
	return pattern && pattern->bytes ? pattern : NULL;
}

/* Of an `any` the one part that has a pattern, where all others are literals, which *unless then is. */
static const struct need *pattern_beside(const struct need *any, struct need **unless)
{
	const struct need *pattern = NULL, *one;
	bool literals = true;

	for (size_t i = 0; i < any->n; i++) {
		if (any->parts[i]->kind == NEED_LITERAL) {
			*unless = *unless ? need_or(*unless, need_share(any->parts[i])) : need_share(any->parts[i]);
			continue;
		}
		one = pattern_of(any->parts[i]);
		literals = literals && one && !pattern;
		pattern = one;
	}
	return literals ? pattern : NULL;
}

static struct gate gate_of(const struct need *need)
{
	struct need *unless = NULL;
	const struct need *pattern = need && need->kind == NEED_ANY ? pattern_beside(need, &unless) : pattern_of(need);
	struct gate gate = { .regex = pattern ? pattern->regex : NULL };
	struct err err;

	if (pattern && !gate.regex && regex_new(slice_of(pattern->bytes), pattern->regex_flags, &gate.own, &err) == 0)
		gate.regex = gate.own;
	if (gate.regex)
		gate.unless = need_check_new(unless);
	need_free(unless);
	return gate;
}

struct needs *needs_new(const struct ruleset *ruleset, const struct needs_source *source)
{
	struct needs *needs = mem_zalloc(sizeof(*needs));
	struct spelling spelling = { map_new(), map_new() };
	struct need **whole, *need;

	needs->n = ruleset_count(ruleset);
	whole = mem_zalloc((needs->n + 1) * sizeof(*whole));	/* kept so long: their places are keys */
	needs->entries = mem_zalloc((needs->n + 1) * sizeof(*needs->entries));
	needs->wanted = mem_zalloc((needs->n + 1) * sizeof(*needs->wanted));
	needs->dear = mem_zalloc((needs->n + 1) * sizeof(*needs->dear));
	needs->gates = mem_zalloc((needs->n + 1) * sizeof(*needs->gates));
	for (size_t i = 0; i < needs->n; i++) {
		const struct rule *rule = ruleset_rule(ruleset, i);

		need = NULL;
		needs->dear[i] = rule_asks_identity(rule);
		needs->wanted[i] = !rule_is_correlation(rule) &&
				   source->logsource(source->context, rule_logsource(rule), &need);
		if (needs->wanted[i])
			need = need_and(need, rule_need(source, rule));
		needs->entries[i] = need_spelled(&spelling, need);
		whole[i] = need;
		needs->gates[i] = gate_of(needs->entries[i]);
	}
	needs->entries[needs->n] = source->text(source->context);
	needs->wanted[needs->n] = true;
	map_free(spelling.made, need_release);
	map_free(spelling.all, need_release);
	for (size_t i = 0; i < needs->n; i++)
		need_free(whole[i]);
	free(whole);
	return needs;
}

void needs_free(struct needs *needs)
{
	if (!needs)
		return;
	for (size_t i = 0; i <= needs->n; i++) {
		need_free(needs->entries[i]);
		regex_free(needs->gates[i].own);
		need_check_free(needs->gates[i].unless);
	}
	free(needs->entries);
	free(needs->wanted);
	free(needs->dear);
	free(needs->gates);
	free(needs);
}

bool needs_allow(const struct needs *needs, unsigned rule, struct slice raw, bool escaped)
{
	const struct gate *gate = needs ? &needs->gates[rule] : NULL;
	struct need_text text;

	if (!needs || escaped || !gate->regex || (gate->own && raw.len > OWN_GATE_MAX))
		return true;
	need_text_init(&text, raw);
	return (gate->unless && need_stands(gate->unless, &text)) || regex_search(gate->regex, raw, NULL) != 0;
}

bool needs_are_met(const struct needs *needs, unsigned rule, struct slice raw, bool escaped)
{
	return !needs || (need_holds(needs->entries[rule], raw) && needs_allow(needs, rule, raw, escaped));
}

size_t needs_count(const struct needs *needs)
{
	return needs->n;
}

const struct need *needs_entry(const struct needs *needs, size_t i)
{
	return needs->entries[i];
}

bool needs_is_wanted(const struct needs *needs, size_t i)
{
	return needs->wanted[i];
}

bool needs_is_dear(const struct needs *needs, size_t i)
{
	return needs->dear[i];
}
