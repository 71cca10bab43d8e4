/* A small tree; both joins keep it flat, so that an `all` holds no `all` and an `any` no `any`. */
#include "base/need.h"

#include "base/map.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_FROM 16			/* parts */
#define SEEN_BITS 4096
#define SEARCHES_ALONE 8		/* cost about as much as to look up the pairs of a line */

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

struct need *need_bounded(struct slice bytes, bool nocase, unsigned bounds)
{
	struct need *need;

	if (!bytes.len)
		return NULL;
	need = node_new(NEED_LITERAL);
	need->len = bytes.len < NEED_LITERAL_MAX ? bytes.len : NEED_LITERAL_MAX;
	need->bytes = mem_strndup(bytes.at, need->len);
	need->nocase = nocase;
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
	free(need->seen);
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

/* Equal leaves have the same; others are known by their place. */
static unsigned bit_of(const struct need *part)
{
	uint64_t hash = part->kind == NEED_LITERAL ? hash_bytes((struct slice){ part->bytes, part->len }) : (uintptr_t)part >> 4;

	return (unsigned)(hash ^ hash >> 17) % SEEN_BITS;
}

/* False: it is not among the parts. Notes it. */
static bool may_be_seen(struct need *node, const struct need *part)
{
	unsigned bit = bit_of(part);
	bool seen;

	if (node->n < SEEN_FROM)
		return true;
	if (!node->seen) {
		node->seen = mem_zalloc(SEEN_BITS / 8);
		for (size_t i = 0; i < node->n; i++)
			node->seen[bit_of(node->parts[i]) / 64] |= UINT64_C(1) << bit_of(node->parts[i]) % 64;
	}
	seen = node->seen[bit / 64] >> bit % 64 & 1;
	node->seen[bit / 64] |= UINT64_C(1) << bit % 64;
	return seen;
}

/* Takes part; one that is there already is not added again. */
static void part_add(struct need *node, struct need *part)
{
	size_t at = node->n;

	for (size_t i = may_be_seen(node, part) ? 0 : node->n; i < node->n; i++)
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

/* The commonest bytes of logs, roughly in order; a byte that is not among them is rare. */
static size_t rarity(unsigned char c)
{
	static const char common[] = "e0 1ta.oi2ns35r:4-/6c\"d879lhpm,=uf_gbwv[]()yk";
	const char *at = c ? strchr(common, tolower(c)) : NULL;

	return at ? (size_t)(at - common) : sizeof(common);
}

/* The rarest byte but that at `but`; `but` itself where there is no other. */
static size_t rarest(const char *bytes, size_t len, size_t but)
{
	size_t best = but;

	for (size_t i = 0; i < len; i++)
		if (i != but && (best == but || rarity((unsigned char)bytes[i]) > rarity((unsigned char)bytes[best])))
			best = i;
	return best;
}

/* A literal, or what always holds (len 0); where to go on when it holds and when it does not. Its pairs are ALWAYS where it has none. */
struct step {
	uint32_t yes, no;
	uint32_t bytes;			/* where they begin */
	unsigned short pairs[4];	/* of its bytes */
	uint8_t len, bounds;
	bool nocase;
	struct rare {			/* a byte that is rare in logs, its place, and the bit that case changes */
		uint8_t at, byte, fold;
	} rare[2];
};
#define ALWAYS	NEED_PAIRS
#define HOLDS	UINT32_MAX
#define HOLDS_NOT (UINT32_MAX - 1)

struct need_check {
	size_t searches;		/* a literal is one, or two where case does not count */
	uint32_t n;
	const char *bytes;
	struct step steps[];
};

/* A pair of bytes as a number below NEED_PAIRS; it is the same for both cases of a letter. */
static unsigned pair_of(unsigned char a, unsigned char b)
{
	return ((a | 0x20u) << 5 ^ (b | 0x20u)) % NEED_PAIRS;
}

/* Pairs all over the literal; one of a single byte has none. */
static void pairs_of(struct step *s, const char *bytes)
{
	size_t last = s->len > 1 ? s->len - 2u : 0;

	for (size_t i = 0; i < 4; i++) {
		const char *at = bytes + last * i / 3;

		s->pairs[i] = s->len > 1 ? (unsigned short)pair_of((unsigned char)at[0], (unsigned char)at[1]) : ALWAYS;
	}
}

static struct rare rare_make(const struct need *literal, size_t at)
{
	unsigned char byte = at < literal->len ? (unsigned char)literal->bytes[at] : 0, fold = literal->nocase && isalpha(byte) ? 0x20 : 0;

	return (struct rare){ (uint8_t)at, byte | fold, fold };
}

static uint32_t steps_of(const struct need *need)
{
	uint32_t n = need->kind == NEED_LITERAL || need->kind == NEED_PATTERN;

	for (size_t i = 0; i < need->n; i++)
		n += steps_of(need->parts[i]);
	return n;
}

/* A check while it is made. */
struct making {
	struct need_check *check;
	struct text bytes;
	need_rank rank;
	void *context;
};

/* Without a sample: how likely is it to stand in a line? Each byte more makes it half as likely. */
static double likely(void *context, const struct need *need)
{
	double any = 0, all = 1, one;

	if (need->kind == NEED_LITERAL)
		return 1.0 / (double)(UINT64_C(1) << (need->len < 60 ? need->len : 60));
	for (size_t i = 0; i < need->n; i++) {
		one = likely(context, need->parts[i]);
		any += one;
		all = one < all ? one : all;
	}
	return need->kind == NEED_ANY ? any : all;
}

/* The parts of an `all` in the order in which they are asked. */
static void parts_order(const struct making *m, const struct need *need, const struct need **out)
{
	double ranks[NEED_PARTS_MAX];

	for (size_t i = 0; i < need->n; i++) {
		double rank = m->rank(m->context, need->parts[i]);
		size_t at = i;

		for (; at && ranks[at - 1] > rank; at--) {
			ranks[at] = ranks[at - 1];
			out[at] = out[at - 1];
		}
		ranks[at] = rank;
		out[at] = need->parts[i];
	}
}

static void step_add(struct making *m, const struct need *need, uint32_t yes, uint32_t no)
{
	const struct need *order[NEED_PARTS_MAX], *const *parts = (const struct need *const *)need->parts;
	struct need_check *c = m->check;
	struct step *s = &c->steps[c->n];

	if (need->kind == NEED_LITERAL || need->kind == NEED_PATTERN) {
		c->n++;
		*s = (struct step){ .yes = yes, .no = no, .pairs = { ALWAYS, ALWAYS, ALWAYS, ALWAYS } };
		if (need->kind == NEED_PATTERN)
			return;
		s->bytes = (uint32_t)m->bytes.len;
		s->len = (uint8_t)need->len;
		s->bounds = (uint8_t)need->bounds;
		s->nocase = need->nocase;
		pairs_of(s, need->bytes);
		s->rare[0] = rare_make(need, rarest(need->bytes, need->len, need->len));
		s->rare[1] = rare_make(need, rarest(need->bytes, need->len, s->rare[0].at));
		c->searches += 1u + need->nocase;
		text_add_bytes(&m->bytes, need->bytes, need->len);
		return;
	}
	if (need->kind == NEED_ALL && need->n <= NEED_PARTS_MAX) {
		parts_order(m, need, order);
		parts = order;
	}
	for (size_t i = 0; i < need->n; i++) {
		uint32_t next = c->n + steps_of(parts[i]);
		bool last = i + 1 == need->n;

		step_add(m, parts[i], need->kind == NEED_ANY || last ? yes : next, need->kind == NEED_ALL || last ? no : next);
	}
}

struct need_check *need_check_ranked(const struct need *need, need_rank rank, void *context)
{
	struct making m = { .rank = rank, .context = context };
	size_t room;

	if (!need)
		return NULL;
	room = sizeof(*m.check) + steps_of(need) * sizeof(m.check->steps[0]);
	m.check = mem_zalloc(room);
	step_add(&m, need, HOLDS, HOLDS_NOT);
	m.check = mem_realloc(m.check, room + m.bytes.len);
	m.check->bytes = (const char *)m.check + room;
	if (m.bytes.len)
		memcpy((char *)m.check + room, m.bytes.at, m.bytes.len);
	text_clear(&m.bytes);
	return m.check;
}

struct need_check *need_check_new(const struct need *need)
{
	return need_check_ranked(need, likely, NULL);
}

void need_check_free(struct need_check *check)
{
	free(check);
}

static bool stands_at(const struct step *s, const char *bytes, struct slice text, size_t start)
{
	struct slice found = { text.at + start, s->len }, literal = { bytes, s->len };

	return (s->nocase ? slice_equal_nocase(found, literal) : slice_equal(found, literal)) &&
	       need_bounds_hold(s->bounds, text, start, start + s->len);
}

/* Sixteen bytes that are handled as one. */
typedef unsigned char block __attribute__((vector_size(16)));

/* Which bytes are the rare one: all bits of theirs are set. */
static inline block rare_bytes(const struct rare *rare, const char *at)
{
	block b;

	memcpy(&b, at + rare->at, sizeof(b));
	return (block)((b | rare->fold) == rare->byte);
}

static inline bool is_any(block b)
{
	uint64_t halves[2];

	memcpy(halves, &b, sizeof(halves));
	return halves[0] | halves[1];
}

/* Where both rare bytes stand it may begin; few places are left. */
static bool literal_stands(const struct step *s, const char *bytes, struct slice text)
{
	const struct rare first = s->rare[0], second = s->rare[1];
	size_t starts = text.len < s->len ? 0 : text.len - s->len + 1, at = 0;

	for (; at + sizeof(block) <= starts; at += sizeof(block)) {
		block both = rare_bytes(&first, text.at + at) & rare_bytes(&second, text.at + at);

		for (size_t i = 0; is_any(both) && i < sizeof(both); i++)
			if (both[i] && stands_at(s, bytes, text, at + i))
				return true;
	}
	for (; at < starts; at++)
		if (((unsigned char)text.at[at + first.at] | first.fold) == first.byte && stands_at(s, bytes, text, at))
			return true;
	return false;
}

void need_text_init(struct need_text *out, struct slice text)
{
	out->text = text;
	out->searches = 0;
	out->looked = false;
	out->pairs[ALWAYS] = 1;
}

static void pairs_look(struct need_text *t)
{
	const unsigned char *at = (const unsigned char *)t->text.at;

	memset(t->pairs, 0, NEED_PAIRS);
	for (size_t i = 0; i + 1 < t->text.len; i++)
		t->pairs[pair_of(at[i], at[i + 1])] = 1;
	t->looked = true;
}

/* The first step, from `at` on, whose pairs stand all in the text. What leaves out nearly all is asked of nearly all: the loop is tight. */
static uint32_t step_next(const struct need_check *c, const unsigned char *pairs, uint32_t at)
{
	while (at < c->n) {
		const struct step *s = &c->steps[at];

		if (pairs[s->pairs[0]] & pairs[s->pairs[1]] & pairs[s->pairs[2]] & pairs[s->pairs[3]])
			break;
		at = s->no;
	}
	return at;
}

bool need_stands(const struct need_check *c, struct need_text *t)
{
	uint32_t at = 0;

	if (!c)
		return true;
	if (!t->looked && (t->searches += c->searches) > SEARCHES_ALONE)
		pairs_look(t);
	while (at < c->n) {
		const struct step *s;

		if (t->looked && (at = step_next(c, t->pairs, at)) >= c->n)
			break;
		s = &c->steps[at];
		at = !s->len || literal_stands(s, c->bytes + s->bytes, t->text) ? s->yes : s->no;
	}
	return at == HOLDS;
}

bool need_holds(const struct need *need, struct slice text)
{
	struct need_check *check = need_check_new(need);
	struct need_text t;
	bool holds;

	need_text_init(&t, text);
	holds = need_stands(check, &t);
	need_check_free(check);
	return holds;
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
