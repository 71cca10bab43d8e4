/* A small tree; both joins keep it flat, so that an `all` holds no `all` and an `any` no `any`. */
#include "base/need.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SEARCHES_ALONE 16		/* cost about as much as to look up the pairs of a line */

static struct need *node_new(enum need_kind kind)
{
	struct need *need = mem_zalloc(sizeof(*need));

	need->kind = kind;
	return need;
}

struct need *need_literal(struct slice bytes, bool nocase)
{
	return need_bounded(bytes, nocase, 0);
}

/* The commonest bytes of logs, roughly in order; a byte that is not among them is rare. */
static size_t rarity(unsigned char c)
{
	static const char common[] = "e0 1ta.oi2ns35r:4-/6c\"d879lhpm,=uf_gbwv[]()yk";
	const char *at = c ? strchr(common, tolower(c)) : NULL;

	return at ? (size_t)(at - common) : sizeof(common);
}

static size_t rarest(const char *bytes, size_t len)
{
	size_t best = 0;

	for (size_t i = 1; i < len; i++)
		if (rarity((unsigned char)bytes[i]) > rarity((unsigned char)bytes[best]))
			best = i;
	return best;
}

/* A pair of bytes as a number below NEED_PAIRS; it is the same for both cases of a letter. */
static unsigned pair_at(const char *at)
{
	return (((unsigned char)at[0] | 0x20u) << 5 ^ ((unsigned char)at[1] | 0x20u)) % NEED_PAIRS;
}

/* Pairs all over the literal; one of a single byte has none, and is not asked for them. */
static void pairs_of(struct need *literal)
{
	size_t last = literal->len > 1 ? literal->len - 2 : 0;

	for (size_t i = 0; i < 4 && literal->len > 1; i++)
		literal->pairs[i] = (unsigned short)pair_at(literal->bytes + last * i / 3);
}

struct need *need_bounded(struct slice bytes, bool nocase, unsigned bounds)
{
	struct need *need;

	if (!bytes.len)
		return NULL;
	need = node_new(NEED_LITERAL);
	need->len = bytes.len < NEED_LITERAL_MAX ? bytes.len : NEED_LITERAL_MAX;
	need->bytes = mem_strndup(bytes.at, need->len);
	need->nocase = nocase;
	need->rare = rarest(need->bytes, need->len);
	pairs_of(need);
	need->bounds = need->len < bytes.len ? bounds & ~(unsigned)NEED_BOUND_RIGHT : bounds;
	return need;
}

struct need *need_pattern(const char *weakened, unsigned flags, size_t run_min, const unsigned char *run_class)
{
	struct need *need;

	if (!weakened && !run_min)
		return NULL;
	need = node_new(NEED_PATTERN);
	need->bytes = mem_strdup(weakened);
	need->len = weakened ? strlen(weakened) : 0;
	need->regex_flags = flags;
	need->run_min = run_min;
	if (run_min)
		memcpy(need->run_class, run_class, sizeof(need->run_class));
	return need;
}

void need_free(struct need *need)
{
	if (!need || atomic_fetch_sub(&need->sharers, 1))
		return;
	for (size_t i = 0; i < need->n; i++)
		need_free(need->parts[i]);
	free(need->parts);
	free(need->bytes);
	free(need);
}

void need_release(void *need)
{
	need_free(need);
}

struct need *need_share(const struct need *need)
{
	struct need *shared = (struct need *)need;

	if (shared)
		atomic_fetch_add(&shared->sharers, 1);
	return shared;
}

static bool leaf_is_equal(const struct need *a, const struct need *b)
{
	return a->kind == NEED_LITERAL && b->kind == NEED_LITERAL && a->nocase == b->nocase &&
	       a->bounds == b->bounds && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Takes part; one that is there already is not added again. */
static void part_add(struct need *node, struct need *part)
{
	size_t at = node->n;

	for (size_t i = 0; i < node->n; i++)
		if (node->parts[i] == part || leaf_is_equal(node->parts[i], part)) {
			need_free(part);
			return;
		}
	node->parts = mem_grow(node->parts, &node->cap, node->n + 1, sizeof(*node->parts));
	/* of an `all` literals are asked first, for they cost little */
	while (node->kind == NEED_ALL && part->kind == NEED_LITERAL && at > 0 && node->parts[at - 1]->kind != NEED_LITERAL)
		at--;
	memmove(node->parts + at + 1, node->parts + at, (node->n - at) * sizeof(*node->parts));
	node->parts[at] = part;
	node->n++;
}

/* Takes the joined node's parts, or the node as one. */
static void parts_take(struct need *node, struct need *part)
{
	if (part->kind != node->kind) {
		part_add(node, part);
		return;
	}
	for (size_t i = 0; i < part->n; i++)
		part_add(node, need_share(part->parts[i]));
	need_free(part);
}

/* Takes both into one node of the kind. */
static struct need *join(enum need_kind kind, struct need *a, struct need *b)
{
	struct need *node = a->kind == kind && !atomic_load(&a->sharers) ? a : node_new(kind), *only;

	if (node != a)
		parts_take(node, a);
	parts_take(node, b);
	if (node->n > 1)
		return node;
	only = need_share(node->parts[0]);
	need_free(node);
	return only;
}

struct need *need_and(struct need *a, struct need *b)
{
	if (!a || !b)
		return a ? a : b;
	a = join(NEED_ALL, a, b);
	while (a->kind == NEED_ALL && a->n > NEED_PARTS_MAX)
		need_free(a->parts[--a->n]);	/* less is needed: weaker, still true */
	return a;
}

struct need *need_or(struct need *a, struct need *b)
{
	if (!a || !b) {
		need_free(a);
		need_free(b);
		return NULL;
	}
	a = join(NEED_ANY, a, b);
	if (a->kind == NEED_ANY && a->n > NEED_ANY_MAX) {
		need_free(a);
		return NULL;
	}
	return a;
}

size_t need_literals(const struct need *need)
{
	size_t n = need && need->kind == NEED_LITERAL;

	for (size_t i = 0; need && i < need->n; i++)
		n += need_literals(need->parts[i]);
	return n;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool need_bounds_hold(unsigned bounds, struct slice text, size_t start, size_t end)
{
	if (bounds & NEED_BOUND_LEFT && start && is_letter_or_digit(text.at[start - 1]) &&
	    (start < 2 || text.at[start - 2] != '\\'))
		return false;
	return !(bounds & NEED_BOUND_RIGHT) || end >= text.len || !is_letter_or_digit(text.at[end]);
}

/* One jump leaves out nearly all of the others. */
static inline bool stands_here(const struct need *need, const char *at)
{
	struct slice found = { at, need->len }, literal = { need->bytes, need->len };

	if (!need->nocase)
		return slice_equal(found, literal);
	return !((at[0] ^ need->bytes[0]) & ~0x20) && slice_equal_nocase(found, literal);
}

/* Does it stand around one of the places of its rare byte? */
static bool literal_stands_at(const struct need *need, struct slice text, char rare)
{
	const char *end = text.at + text.len - (need->len - need->rare - 1), *at = text.at + need->rare;

	for (; at < end && (at = memchr(at, rare, (size_t)(end - at))); at++) {
		size_t start = (size_t)(at - text.at) - need->rare;

		if (stands_here(need, text.at + start) && need_bounds_hold(need->bounds, text, start, start + need->len))
			return true;
	}
	return false;
}

static bool literal_stands(const struct need *need, struct slice text)
{
	unsigned char rare = (unsigned char)need->bytes[need->rare];

	if (text.len < need->len)
		return false;
	if (!need->nocase || !isalpha(rare))
		return literal_stands_at(need, text, (char)rare);
	return literal_stands_at(need, text, (char)tolower(rare)) || literal_stands_at(need, text, (char)toupper(rare));
}

void need_text_init(struct need_text *out, struct slice text)
{
	out->text = text;
	out->searches = 0;
	out->looked = false;
}

static void pairs_look(struct need_text *t)
{
	memset(t->pairs, 0, sizeof(t->pairs));
	for (size_t i = 0; i + 1 < t->text.len; i++)
		t->pairs[pair_at(t->text.at + i)] = 1;
	t->looked = true;
}

/* False: it is a literal, and one of its pairs is not in the text. */
static inline bool may_stand(const struct need *need, const struct need_text *t)
{
	return !t->looked || need->kind != NEED_LITERAL || need->len == 1 ||
	       (t->pairs[need->pairs[0]] & t->pairs[need->pairs[1]] & t->pairs[need->pairs[2]] & t->pairs[need->pairs[3]]);
}

static bool node_stands(const struct need *need, const struct need_text *t)
{
	switch (need->kind) {
	case NEED_PATTERN: return true;
	case NEED_LITERAL: return may_stand(need, t) && literal_stands(need, t->text);
	case NEED_ALL:
		for (size_t i = 0; i < need->n; i++)
			if (!may_stand(need->parts[i], t) || !node_stands(need->parts[i], t))
				return false;
		return true;
	case NEED_ANY:
		for (size_t i = 0; i < need->n; i++)
			if (may_stand(need->parts[i], t) && node_stands(need->parts[i], t))
				return true;
		return false;
	}
	return true;
}

/* One for each literal, two where case does not count; many are not counted to the end. */
static size_t searches_of(const struct need *need)
{
	size_t n = need->kind == NEED_LITERAL ? 1u + need->nocase : 0;

	for (size_t i = 0; i < need->n && n <= SEARCHES_ALONE; i++)
		n += searches_of(need->parts[i]);
	return n;
}

bool need_stands(const struct need *need, struct need_text *t)
{
	if (need && !t->looked && (t->searches += searches_of(need)) > SEARCHES_ALONE)
		pairs_look(t);
	return !need || node_stands(need, t);
}

bool need_holds(const struct need *need, struct slice text)
{
	struct need_text t;

	need_text_init(&t, text);
	return need_stands(need, &t);
}

static void literal_print(const struct need *need, struct text *out)
{
	text_add(out, need->bounds & NEED_BOUND_LEFT ? "|'" : "'");
	for (size_t i = 0; i < need->len; i++) {
		unsigned char c = (unsigned char)need->bytes[i];

		if (c >= 0x20 && c < 0x7f && c != '\'' && c != '\\')
			text_add_char(out, (char)c);
		else
			text_addf(out, "\\x%02x", c);
	}
	text_add(out, need->bounds & NEED_BOUND_RIGHT ? "'|" : "'");
	text_add(out, need->nocase ? "i" : "");
}

void need_print(const struct need *need, struct text *out)
{
	if (!need) {
		text_add(out, "-");
		return;
	}
	if (need->kind == NEED_LITERAL) {
		literal_print(need, out);
		return;
	}
	if (need->kind == NEED_PATTERN) {
		text_addf(out, "/%s/", need->bytes ? need->bytes : "");
		return;
	}
	for (size_t i = 0; i < need->n; i++) {
		bool nested = need->parts[i]->kind == NEED_ALL || need->parts[i]->kind == NEED_ANY;

		text_add(out, !i ? "" : need->kind == NEED_ALL ? " and " : " or ");
		text_add(out, nested ? "(" : "");
		need_print(need->parts[i], out);
		text_add(out, nested ? ")" : "");
	}
}
