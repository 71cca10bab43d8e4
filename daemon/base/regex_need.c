/*
 * A recursive descent over a PCRE2 pattern. Each part knows the exact strings that it stands for, where these are few,
 * and what a text needs for it. Strings of neighbours are joined; where joining ends, what was joined becomes a need.
 * Of alternatives some may be strings and the others needs: then one of the strings stands there, or the others' need holds.
 * Anything that is not surely understood ends a literal or fails the whole pattern, which then needs anything.
 */
#include "base/regex_need.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define STRINGS_GOOD 16
#define STRINGS_MAX 200			/* where short strings get longer by it */
#define LENGTH_SHORT 4
#define ALTERNATIVES_MAX 40		/* strings */
#define DEPTH_MAX 40
#define RANGES_MAX 64
#define OPTIONAL_MAX 3			/* strings of an optional part that are worth joining */
#define CLASS_MAX 5			/* bytes of a class that are worth a string each */

struct string {
	const char *at;			/* of the pattern, or in the parser's arena; never changed */
	size_t len;
	bool nocase;			/* in a part of it at least */
};

struct strings {
	size_t n;			/* 0: not known */
	const struct string *s;
};

struct run {
	size_t min;
	unsigned char class[32];
};

struct part {
	struct strings exact;
	struct need *other;		/* or this holds; NULL: nothing else */
	struct need *need;
	bool is_class;			/* run.class is the class that this item is */
	struct run run;
};

struct parser {
	struct slice p;
	struct arena *arena;
	size_t at;
	bool utf, caseless, fail;
	int depth;
	struct { size_t from, to; } assertions[RANGES_MAX];
	size_t n_assertions;
	bool atomic, no_weakened, refers, looks;
};

static struct part parse_alternatives(struct parser *p);

static bool more(const struct parser *p)
{
	return p->at < p->p.len && !p->fail;
}

static char peek(const struct parser *p, size_t ahead)
{
	return p->at + ahead < p->p.len ? p->p.at[p->at + ahead] : '\0';
}

static const struct strings strings_empty = { 1, &(const struct string){ "", 0, false } };

static struct strings strings_one(struct parser *p, const char *at, size_t len)
{
	struct string *one = arena_alloc(p->arena, sizeof(*one));

	*one = (struct string){ at, len, p->caseless };
	return (struct strings){ 1, one };
}

static struct strings strings_join(struct parser *p, const struct strings *a, const struct strings *b)
{
	struct string *both = arena_alloc(p->arena, (a->n + b->n) * sizeof(*both));

	for (size_t i = 0; i < a->n + b->n; i++)
		both[i] = i < a->n ? a->s[i] : b->s[i - a->n];
	return (struct strings){ a->n + b->n, both };
}

static struct part part_empty(void)
{
	return (struct part){ .exact = strings_empty };
}

static bool is_worth_crossing(const struct strings *a, const struct strings *b)
{
	size_t shortest = NEED_LITERAL_MAX;

	for (size_t i = 0; i < a->n; i++)
		shortest = a->s[i].len < shortest ? a->s[i].len : shortest;
	return a->n * b->n <= (shortest && shortest < LENGTH_SHORT ? STRINGS_MAX : STRINGS_GOOD);
}

/* False, and nothing changed, when the product is too large. */
static bool strings_cross(struct parser *p, struct strings *a, const struct strings *b)
{
	struct string *out;
	size_t n = 0;
	char *at;

	if (b->n == 1 && !b->s[0].len)
		return true;
	if (!is_worth_crossing(a, b))
		return false;
	out = arena_alloc(p->arena, a->n * b->n * sizeof(*out));
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++) {
			size_t len = a->s[i].len + b->s[k].len;

			if (len > NEED_LITERAL_MAX)
				return false;
			at = arena_alloc(p->arena, len + 1);
			memcpy(at, a->s[i].at, a->s[i].len);
			memcpy(at + a->s[i].len, b->s[k].at, b->s[k].len);
			out[n++] = (struct string){ at, len, a->s[i].nocase || b->s[k].nocase };
		}
	*a = (struct strings){ n, out };
	return true;
}

/* One of the strings must stand there; an empty one among them says nothing. */
static struct need *strings_need(const struct strings *s)
{
	struct need *need = NULL;

	for (size_t i = 0; i < s->n; i++) {
		struct need *one = need_literal((struct slice){ s->s[i].at, s->s[i].len }, s->s[i].nocase);

		need = i == 0 ? one : need_or(need, one);
	}
	return need;
}

/* What else may hold in the place of strings; takes both. */
static struct need *others_join(struct parser *p, struct need *a, struct need *b)
{
	struct need *both = a && b ? need_or(a, b) : a ? a : b;

	p->fail = p->fail || (!both && a);	/* too many: anything, which is no other need */
	return both;
}

/* What the strings or the other need say; takes the other. */
static struct need *exact_need(struct part *part)
{
	struct need *need = part->exact.n ? strings_need(&part->exact) : NULL;

	if (part->other)
		need = need_or(need, part->other);
	part->other = NULL;
	return need;
}

static void part_clear(struct part *part)
{
	need_free(part->need);
	need_free(part->other);
	part->need = part->other = NULL;
}

static void class_add(unsigned char *class, unsigned c)
{
	class[c >> 3] |= (unsigned char)(1 << (c & 7));
}

/* \d \w \s \h and their complements; false: no class. */
static bool class_escape(char c, unsigned char *class)
{
	unsigned char is[32] = { 0 };
	char lower = (char)(c | 0x20);

	for (unsigned i = 0; i < 256; i++) {
		bool digit = i >= '0' && i <= '9';
		bool word = digit || i == '_' || (i < 128 && (i | 0x20) >= 'a' && (i | 0x20) <= 'z');
		bool space = i == ' ' || (i >= 9 && i <= 13);
		bool blank = i == ' ' || i == 9 || i == 0xa0;

		if (lower == 'd' ? digit : lower == 'w' ? word : lower == 's' ? space : blank)
			class_add(is, i);
	}
	if (!strchr("dwsh", lower))
		return false;
	for (size_t i = 0; i < 32; i++)
		class[i] |= c == lower ? is[i] : (unsigned char)~is[i];
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \xHH behind the x; false for any other form. */
static bool take_hex(struct parser *p, unsigned char *out)
{
	int high = hex_value(peek(p, 0)), low = hex_value(peek(p, 1));

	if (high < 0 || low < 0 || (p->utf && high >= 8))
		return false;
	*out = (unsigned char)(high << 4 | low);
	p->at += 2;
	return true;
}

/* Escapes of one certain byte, behind the backslash. */
static bool take_byte_escape(struct parser *p, unsigned char *out)
{
	static const char names[] = "tnrfea", bytes[] = "\t\n\r\f\033\a";
	char c = peek(p, 0);
	const char *at = c ? strchr(names, c) : NULL;

	p->at++;
	if (at) {
		*out = (unsigned char)bytes[at - names];
		return true;
	}
	if (c == 'x')
		return take_hex(p, out);
	*out = (unsigned char)c;
	return c && (unsigned char)c < 0x80 && !((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'));
}

/* One member of a class: a byte or an escape of a class. False: not understood, the class is unknown. */
static bool class_member(struct parser *p, unsigned char *byte, bool *is_set, unsigned char *class)
{
	*is_set = false;
	if (peek(p, 0) != '\\') {
		*byte = (unsigned char)peek(p, 0);
		p->at++;
		return *byte < 0x80;
	}
	p->at++;
	if (class_escape(peek(p, 0), class)) {
		p->at++;
		*is_set = true;
		return true;
	}
	if (peek(p, 0) == 'b') {
		p->at++;
		*byte = '\b';
		return true;
	}
	if (peek(p, 0) == 'Q' || peek(p, 0) == 'E' || peek(p, 0) == 'c' || peek(p, 0) == 'N')
		p->fail = true;
	return take_byte_escape(p, byte);
}

static void class_skip_posix(struct parser *p)
{
	char kind = peek(p, 1);

	for (p->at += 2; peek(p, 0) == '^' || (peek(p, 0) >= 'a' && peek(p, 0) <= 'z'); p->at++)
		;
	if (peek(p, 0) != kind || peek(p, 1) != ']')
		p->fail = true;		/* a plain `[`, or [:<:], which is an assertion */
	p->at += 2;
}

/* At `[`. Small classes become strings, others a class of bytes, where they are understood. */
static struct part parse_class(struct parser *p)
{
	struct part part = { .is_class = true };
	struct string *singles = arena_alloc(p->arena, CLASS_MAX * sizeof(*singles));
	bool negated, known = true, plain = true;
	size_t members = 0;

	p->at++;
	negated = peek(p, 0) == '^';
	p->at += negated;
	for (bool first = true; more(p) && (peek(p, 0) != ']' || first); first = false) {
		unsigned char low, high;
		bool set = false, set_high = false;

		if (peek(p, 0) == '[' && peek(p, 1) && strchr(":.=", peek(p, 1))) {
			class_skip_posix(p);
			known = plain = false;
			continue;
		}
		if (!class_member(p, &low, &set, part.run.class)) {
			known = plain = false;
			continue;
		}
		high = low;
		if (!set && peek(p, 0) == '-' && peek(p, 1) != ']' && peek(p, 1)) {
			p->at++;
			plain = false;
			if (!class_member(p, &high, &set_high, part.run.class) || set_high || high < low) {
				known = false;
				continue;
			}
		}
		plain = plain && !set;
		for (unsigned c = low; !set && c <= high; c++)
			class_add(part.run.class, c);
		if (plain && members++ < CLASS_MAX)
			singles[members - 1] = (struct string){ arena_strndup(p->arena, &(char){ (char)low }, 1), 1, p->caseless };
	}
	if (!more(p))
		p->fail = true;
	p->at++;
	plain = plain && !negated && !(p->utf && p->caseless);
	if (plain && members <= CLASS_MAX)
		part.exact = (struct strings){ members, singles };
	for (size_t i = 0; negated && i < 32; i++)
		part.run.class[i] = (unsigned char)~part.run.class[i];
	part.is_class = known && !p->utf;
	return part;
}

static void assertion_note(struct parser *p, size_t from)
{
	char next = peek(p, 0);

	if (p->n_assertions == RANGES_MAX || (next && strchr("*+?{", next))) {
		p->no_weakened = true;
		return;
	}
	p->assertions[p->n_assertions].from = from;
	p->assertions[p->n_assertions++].to = p->at;
}

static void skip_to(struct parser *p, char end)
{
	while (more(p) && peek(p, 0) != end)
		p->at++;
	if (!more(p))
		p->fail = true;
	p->at++;
}

/* \k{n} \g{n} \p{n}: a part of unknown bytes. */
static struct part parse_named(struct parser *p, bool needs_brace)
{
	char open = peek(p, 0);

	if (open == '<' || open == '{' || open == '\'') {
		p->at++;
		skip_to(p, open == '<' ? '>' : open == '{' ? '}' : '\'');
	} else if (needs_brace) {
		p->fail = true;
	} else {
		p->at++;
	}
	return (struct part){ 0 };
}

/* At `\`. */
static struct part parse_escape(struct parser *p)
{
	struct part part = { 0 };
	size_t from = p->at++;
	char c = peek(p, 0);
	unsigned char byte;

	if (!c) {
		p->fail = true;
	} else if (strchr("bBAzZ", c)) {
		p->at++;
		assertion_note(p, from);
		return part_empty();
	} else if (c == 'K' || c == 'G') {
		p->at++;
		p->no_weakened = true;
		return part_empty();
	} else if (strchr("dDwWsShH", c)) {
		p->at++;
		part.is_class = class_escape(c, part.run.class) && !p->utf;
	} else if (strchr("vVRXN", c)) {
		p->at++;
		p->fail = c == 'N' && peek(p, 0) == '{';
	} else if (strchr("pPkg", c)) {
		p->at++;
		p->refers = p->refers || c == 'k' || c == 'g';
		return parse_named(p, c == 'k' || c == 'g');
	} else if (c >= '1' && c <= '9') {
		p->refers = true;
		while (peek(p, 0) >= '0' && peek(p, 0) <= '9')
			p->at++;
	} else if (take_byte_escape(p, &byte)) {
		if (p->utf && p->caseless && ((byte | 0x20) == 'k' || (byte | 0x20) == 's'))
			return part;
		part.exact = strings_one(p, arena_strndup(p->arena, (const char *)&byte, 1), 1);
	} else if (c == 'x' && peek(p, 0) == '{') {
		skip_to(p, '}');
	} else {
		p->fail = true;
	}
	return part;
}

/* (?i) (?-i:...): flags up to `)` or `:`. True when it was a setting without a group. */
static bool take_flags(struct parser *p)
{
	bool on = true;

	while (more(p) && peek(p, 0) != ')' && peek(p, 0) != ':') {
		char c = peek(p, 0);

		if (!strchr("ims-^", c))
			p->fail = true;
		if (c == 'i' || c == '^')
			p->caseless = on && c == 'i';
		on = on && c != '-';
		p->at++;
	}
	p->at++;
	return p->at <= p->p.len && p->p.at[p->at - 1] == ')';
}

enum group_kind { GROUP_PLAIN, GROUP_AHEAD, GROUP_NEGATIVE, GROUP_NOTHING };

/* Behind `(?`. */
static enum group_kind group_head(struct parser *p)
{
	char c = peek(p, 0), d = peek(p, 1);

	if (c == ':' || c == '|' || c == '>') {
		p->atomic = p->atomic || c == '>';
		p->at++;
	} else if (c == '=' || c == '!') {
		p->at++;
		return c == '=' ? GROUP_AHEAD : GROUP_NEGATIVE;
	} else if (c == '<' && (d == '=' || d == '!')) {
		p->at += 2;
		return d == '=' ? GROUP_AHEAD : GROUP_NEGATIVE;
	} else if (c == '<' || c == '\'' || (c == 'P' && d == '<')) {
		p->at += c == 'P' ? 2 : 1;
		skip_to(p, c == '\'' ? '\'' : '>');
	} else if (c == '#') {
		skip_to(p, ')');
		if (peek(p, 0) && strchr("*+?{", peek(p, 0)))
			p->fail = true;		/* it repeats what stands before the comment */
		return GROUP_NOTHING;
	} else if ((c && strchr("ims-", c)) || (c == '^')) {
		if (take_flags(p))
			return GROUP_NOTHING;
	} else {
		p->fail = true;		/* conditions, recursion, callouts */
	}
	return GROUP_PLAIN;
}

/* At `(`. */
static struct part parse_group(struct parser *p)
{
	enum group_kind kind = GROUP_PLAIN;
	bool caseless = p->caseless;	/* a flag that is set inside counts to the end of the group */
	size_t from = p->at++;
	struct part part;

	if (peek(p, 0) == '*' || ++p->depth > DEPTH_MAX)
		p->fail = true;
	if (!p->fail && peek(p, 0) == '?') {
		p->at++;
		kind = group_head(p);
	}
	if (p->fail || kind == GROUP_NOTHING) {
		p->depth--;
		return part_empty();
	}
	part = parse_alternatives(p);
	p->caseless = caseless;
	if (peek(p, 0) != ')')
		p->fail = true;
	p->at++;
	p->depth--;
	if (kind == GROUP_PLAIN)
		return part;
	p->looks = true;
	assertion_note(p, from);
	if (kind == GROUP_AHEAD)
		part.need = need_and(part.need, exact_need(&part));
	else
		part_clear(&part);
	part.exact = strings_empty;
	part.run.min = 0;
	part.is_class = false;
	return part;
}

/* One character as it stands; in UTF mode all its bytes. */
static struct part parse_literal(struct parser *p)
{
	struct part part = { 0 };
	unsigned char c = (unsigned char)peek(p, 0);
	size_t len = 1;

	if (c >= 0x80)
		while (len < 4 && ((unsigned char)peek(p, len) & 0xc0) == 0x80)
			len++;
	/* U+3000 to U+9FFF (kana, kanji) know no case; other letters beyond ASCII may */
	if (!p->utf || !p->caseless || (c < 0x80 && (c | 0x20) != 'k' && (c | 0x20) != 's') ||
	    (c >= 0xe3 && c <= 0xe9 && len == 3))
		part.exact = strings_one(p, p->p.at + p->at, len);
	p->at += len;
	return part;
}

static struct part parse_item(struct parser *p)
{
	char c = peek(p, 0);
	size_t from = p->at;

	switch (c) {
	case '(': return parse_group(p);
	case '[': return parse_class(p);
	case '\\': return parse_escape(p);
	case '.': p->at++; return (struct part){ 0 };
	case '^':
	case '$':
		p->at++;
		assertion_note(p, from);
		return part_empty();
	case '*':
	case '+':
	case '?': p->fail = true; return part_empty();
	default: return parse_literal(p);
	}
}

/*
 * {n} {n,} {n,m}; a brace that is none of these is a literal, but for {,m}, which newer versions read as {0,m}, and blanks inside,
 * which they pass over.
 */
static bool take_braces(struct parser *p, size_t *min, size_t *max)
{
	size_t at = p->at + 1, low = 0, high = 0;
	const char *s = p->p.at;

	if (at < p->p.len && strchr(", \t", s[at]))
		p->fail = true;
	if (at >= p->p.len || s[at] < '0' || s[at] > '9')
		return false;
	for (; at < p->p.len && s[at] >= '0' && s[at] <= '9' && low < 100000; at++)
		low = low * 10 + (size_t)(s[at] - '0');
	high = low;
	if (at < p->p.len && s[at] == ',') {
		high = SIZE_MAX;
		if (s[++at] != '}')
			for (high = 0; at < p->p.len && s[at] >= '0' && s[at] <= '9' && high < 100000; at++)
				high = high * 10 + (size_t)(s[at] - '0');
	}
	if (at >= p->p.len || s[at] != '}') {
		p->fail = p->fail || (at < p->p.len && strchr(" \t", s[at]));
		return false;
	}
	p->at = at + 1;
	*min = low;
	*max = high;
	return true;
}

static void take_quantifier(struct parser *p, size_t *min, size_t *max)
{
	char c = peek(p, 0);

	*min = *max = 1;
	if (c == '*' || c == '+' || c == '?') {
		*min = c == '+';
		*max = c == '?' ? 1 : SIZE_MAX;
		p->at++;
	} else if (c != '{' || !take_braces(p, min, max)) {
		return;
	}
	if (peek(p, 0) == '+')
		p->atomic = true;
	if (peek(p, 0) == '?' || peek(p, 0) == '+')
		p->at++;
}

static void run_join(struct part *whole, const struct part *item, size_t min)
{
	struct run run = item->run;

	if (!min)
		return;
	if (item->is_class)
		run.min = min > 1 ? min : 0;
	if (run.min > whole->run.min)
		whole->run = run;
}

/* What is joined so far becomes a need. */
static void part_settle(struct part *part)
{
	struct need *need = exact_need(part);

	part->need = need_and(part->need, need);
}

/* Appends an item to what is being joined; what cannot be joined becomes a need. */
static void item_join(struct parser *p, struct part *whole, struct part *item, size_t min, size_t max, bool *exact)
{
	bool repeats = max != 1 && item->exact.n && !(item->exact.n == 1 && !item->exact.s[0].len);
	struct strings e, before = whole->exact;

	run_join(whole, item, min);
	if (item->other && (!min || repeats)) {
		part_settle(item);
		item->exact.n = 0;
	}
	e = item->exact;
	if (min)
		whole->need = need_and(whole->need, need_share(item->need));
	else if (max == 1 && e.n && e.n <= OPTIONAL_MAX)
		e = strings_join(p, &e, &strings_empty);
	else
		e.n = 0;
	if (e.n && strings_cross(p, &whole->exact, &e)) {
		if (item->other)
			whole->other = others_join(p, whole->other, need_and(strings_need(&before),
									     need_share(item->other)));
		if (repeats && min) {		/* X+: ..X and X.. */
			part_settle(whole);
			whole->exact = item->exact;
			*exact = false;
		}
		return;
	}
	part_settle(whole);
	whole->exact = e.n && min ? e : strings_empty;
	whole->other = e.n && min ? need_share(item->other) : NULL;
	*exact = false;
}

static struct part parse_sequence(struct parser *p)
{
	struct part whole = part_empty();
	bool exact = true;

	while (more(p) && peek(p, 0) != '|' && peek(p, 0) != ')') {
		struct part item = parse_item(p);
		size_t min = 1, max = 1;

		if (!p->fail)
			take_quantifier(p, &min, &max);
		if (!p->fail)
			item_join(p, &whole, &item, min, max, &exact);
		part_clear(&item);
	}
	if (exact)
		return whole;
	part_settle(&whole);
	whole.exact.n = 0;
	return whole;
}

/* What a part needs that no other is joined to; takes its needs. */
static struct need *part_need(struct part *part)
{
	part_settle(part);
	return part->need;
}

/* One more branch, taken: its strings are joined to those of the others; where it has none, what it needs is the other need. */
static bool branch_join(struct parser *p, struct part *all, struct part *branch)
{
	struct need *need;

	if (branch->exact.n && all->exact.n + branch->exact.n <= ALTERNATIVES_MAX) {
		all->exact = strings_join(p, &all->exact, &branch->exact);
		all->other = others_join(p, all->other, branch->other);
		need_free(branch->need);
		return true;
	}
	need = part_need(branch);
	if (need)
		all->other = others_join(p, all->other, need);
	return need != NULL;
}

static struct part parse_alternatives(struct parser *p)
{
	struct part first = parse_sequence(p), branch, all = { 0 };
	bool known;

	if (p->fail || peek(p, 0) != '|')
		return first;
	known = branch_join(p, &all, &first);
	while (more(p) && peek(p, 0) == '|') {
		p->at++;
		branch = parse_sequence(p);
		known = branch_join(p, &all, &branch) && known;
	}
	if (!known) {			/* one of them may be anything */
		part_clear(&all);
		all.exact.n = 0;
	} else if (!all.exact.n) {
		all.need = all.other;
		all.other = NULL;
	}
	return all;
}

/* In a part of it at least. */
static bool may_be_caseless(struct slice pattern, unsigned flags)
{
	for (size_t i = 0; i + 2 < pattern.len; i++)
		if (pattern.at[i] == '(' && pattern.at[i + 1] == '?')
			for (size_t k = i + 2; k < pattern.len && pattern.at[k] && strchr("imsxnJU-^", pattern.at[k]); k++)
				if (pattern.at[k] == 'i')
					return true;
	return flags & REGEX_CASELESS;
}

static void cut_out(struct text *text, size_t from, size_t to)
{
	memmove(text->at + from, text->at + to, text->len - to + 1);
	text->len -= to - from;
}

/* A match need not begin with what may be anything, nor go on for as long as it can: it is found sooner. */
static void front_trim(struct text *pattern)
{
	static const char *const any[] = { "(?:)", ".*?", ".*", ".+?", ".+" };
	size_t start = strncmp(pattern->at, "(?i)", 4) == 0 ? 4 : 0, at = start;

	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]);) {
		size_t len = strlen(any[i]);
		char next = strncmp(pattern->at + at, any[i], len) == 0 ? pattern->at[at + len] : '*';

		if (next && strchr("*+?{", next)) {
			i++;
		} else {
			at += len;
			i = 0;
		}
	}
	cut_out(pattern, start, at);
}

static bool is_escaped(const struct text *pattern, size_t at)
{
	size_t n = 0;

	while (n < at && pattern->at[at - n - 1] == '\\')
		n++;
	return n % 2;
}

static void back_trim(struct text *pattern)
{
	size_t end = pattern->len, at;

	while (end >= 4 && strcmp(pattern->at + end - 4, "(?:)") == 0 && !is_escaped(pattern, end - 4)) {
		cut_out(pattern, end - 4, end);
		end = pattern->len;
	}
	while (end && pattern->at[end - 1] == ')' && !is_escaped(pattern, end - 1))
		end--;
	at = end && pattern->at[end - 1] == '?' ? end - 1 : end;
	if (at > 1 && pattern->at[at - 1] == '*' && pattern->at[at - 2] == '.' && !is_escaped(pattern, at - 2)) {
		cut_out(pattern, at - 2, end);
		return;
	}
	if (end < 3 || pattern->at[end - 1] != '}' || pattern->at[end - 2] != ',')
		return;
	for (at = end - 2; at && isdigit((unsigned char)pattern->at[at - 1]);)
		at--;
	if (at && at < end - 2 && pattern->at[at - 1] == '{' && !is_escaped(pattern, at - 1))
		cut_out(pattern, end - 2, end - 1);	/* {4,} is {4} at the end */
}

static char *weakened_make(const struct parser *p)
{
	struct text out = { 0 };
	size_t at = 0;

	/*
	 * What is atomic may take more of a longer text and then fail; a reference may mean a group of a lookaround
	 * that is dropped.
	 */
	if (p->no_weakened || p->utf || p->atomic || (p->refers && p->looks))
		return NULL;
	/* an assertion inside a lookaround is noted before it; the outer one, noted later, swallows it */
	for (size_t i = 0; i < p->n_assertions; i++) {
		size_t best = i;

		for (size_t k = 0; k < p->n_assertions; k++)
			if (p->assertions[k].from <= p->assertions[i].from &&
			    p->assertions[k].to >= p->assertions[i].to)
				best = p->assertions[k].to - p->assertions[k].from >
					       p->assertions[best].to - p->assertions[best].from ? k : best;
		if (p->assertions[best].from < at)
			continue;
		text_add_slice(&out, slice_cut(p->p, at, p->assertions[best].from));
		text_add(&out, "(?:)");
		at = p->assertions[best].to;
	}
	text_add_slice(&out, slice_cut(p->p, at, p->p.len));
	if (out.len) {
		front_trim(&out);
		back_trim(&out);
	}
	if (out.len)
		return text_take(&out);
	text_clear(&out);
	return NULL;
}

void regex_need_init(struct slice pattern, unsigned flags, struct regex_need *out)
{
	struct parser p = { .p = pattern, .utf = regex_pattern_is_utf(pattern),
			    .caseless = flags & REGEX_CASELESS };
	struct part all;
	bool failed;

	*out = (struct regex_need){ 0 };
	p.arena = arena_new();
	all = parse_alternatives(&p);
	out->need = part_need(&all);
	failed = p.fail || p.at != pattern.len || memchr(pattern.at, '\0', pattern.len);
	arena_free(p.arena);
	if (failed) {
		regex_need_clear(out);
		return;
	}
	out->weakened = weakened_make(&p);
	if (may_be_caseless(pattern, flags) || p.utf || !all.run.min)
		return;
	out->run_min = all.run.min;
	memcpy(out->run_class, all.run.class, sizeof(out->run_class));
	out->run_class['\n' >> 3] &= (unsigned char)~(1 << ('\n' & 7));
}

void regex_need_clear(struct regex_need *need)
{
	need_free(need->need);
	free(need->weakened);
	*need = (struct regex_need){ 0 };
}
