/*
 * Constants are followed back to the words and patterns that set them, a few steps deep; what lies deeper needs
 * anything, which is always true. A class of words.yaml sees what the names and the classes before it have given, and
 * no product, for where a product takes a record there are no classes.
 */
#include "decode/through.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/regex_need.h"
#include "decode/decoder_data.h"
#include "decode/encoded_words.h"
#include "decode/format.h"
#include "decode/product_data.h"
#include "decode/shapes.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 4
#define NAME_LONG 4			/* bytes of a program's name */
#define TELLING_MIN 4			/* bytes of a literal that says something by itself */
#define NAME_LITERALS_MAX 40		/* a field that comes in more ways than these is nearly everywhere */

/* Words that a JSON reader knows in any case, and numbers for those beyond its range. */
static const char *const any_case[] = { "true", "false", "NaN", "Infinity", "-Infinity" };
static const char *const saturated[] = { "9223372036854775807", "-9223372036854775808", "18446744073709551615" };

/* Who may have given a field where it is asked for. */
struct scope {
	int steps;
	size_t classes;			/* so many of words.yaml, and no product; ALL: everybody */
};
#define ALL SIZE_MAX

static struct scope deeper(struct scope scope)
{
	return (struct scope){ scope.steps - 1, scope.classes };
}

/* One question on its way: what was found so far, joined by "or". */
struct question {
	const struct decoder *decoder;
	const char *field;		/* NULL: any */
	const struct origin *origin;	/* of the field */
	bool (*fits)(const void *test, struct slice value);	/* NULL: takes no constant */
	const void *test;
	struct scope scope;
	bool found;
	struct need *need;
};

static struct need *words_need(const struct decoder *d, const char *field, const struct wordset *words, bool whole,
			       struct scope scope);

/* Answers to questions about the data alone are asked for again and again, by any thread. */
struct memory {
	pthread_mutex_t lock;
	struct map *answers;		/* to struct answer */
};
struct answer {
	struct need *need;		/* NULL: anything */
};

static void answer_free(void *answer)
{
	need_free(((struct answer *)answer)->need);
	free(answer);
}

static void memory_free(struct memory *memory)
{
	if (!memory)
		return;
	pthread_mutex_destroy(&memory->lock);
	map_free(memory->answers, answer_free);
	free(memory);
}

static struct memory *memory_new(void)
{
	struct memory *memory = mem_zalloc(sizeof(*memory));

	pthread_mutex_init(&memory->lock, NULL);
	memory->answers = map_new();
	return memory;
}

/* False: it was never put there. The need is the caller's to free. */
static bool memory_find(struct memory *memory, struct slice key, struct need **need)
{
	const struct answer *answer;

	pthread_mutex_lock(&memory->lock);
	answer = map_get(memory->answers, key);
	*need = answer ? need_share(answer->need) : NULL;
	pthread_mutex_unlock(&memory->lock);
	return answer != NULL;
}

static void memory_put(struct memory *memory, struct slice key, const struct need *need)
{
	struct answer *answer = mem_zalloc(sizeof(*answer)), *before;

	answer->need = need_share(need);
	pthread_mutex_lock(&memory->lock);
	before = map_put(memory->answers, key, answer);
	pthread_mutex_unlock(&memory->lock);
	if (before)
		answer_free(before);
}

static void answer_add(struct question *q, struct need *need)
{
	q->need = q->found ? need_or(q->need, need) : need;
	q->found = true;
}

static struct need *regex_text_need(const char *text)
{
	struct regex_need found;
	struct need *need;

	if (!text)
		return NULL;
	regex_need_init(slice_of(text), 0, &found);
	need = need_and(need_share(found.need), need_pattern(found.weakened, 0, found.run_min, found.run_class));
	regex_need_clear(&found);
	return need;
}

/* How decode data gives a field. Its values are whole values of the line, unless a pattern's group cuts them out. */
enum { ORIGIN_COPIED = 1, ORIGIN_CUT = 2, ORIGIN_FORMAT = 4, ORIGIN_CONSTANT = 8 };

/* And which products have a constant for it, in their order. */
struct origin {
	unsigned how;
	const struct product **setters;
	size_t n_setters, cap_setters;
};

static const struct origin *origin_find(const struct decoder *d, const char *field)
{
	static const struct origin none;
	const struct origin *origin;
	struct text key = { 0 };

	text_add_lower(&key, slice_of(field));
	origin = map_get(d->origins, text_slice(&key));
	text_clear(&key);
	return origin ? origin : &none;
}

static unsigned origin_of(const struct decoder *d, const char *field)
{
	return origin_find(d, field)->how;
}

static void origin_free(void *data)
{
	struct origin *origin = data;

	free(origin->setters);
	free(origin);
}

static struct origin *origin_note(struct decoder *d, const char *field, unsigned how)
{
	struct text key = { 0 };
	struct origin *origin;

	text_add_lower(&key, slice_of(field));
	origin = map_get(d->origins, text_slice(&key));
	if (!origin) {
		origin = mem_zalloc(sizeof(*origin));
		map_put(d->origins, text_slice(&key), origin);
	}
	origin->how |= how;
	text_clear(&key);
	return origin;
}

static const struct origin *setter_note(struct decoder *d, const char *field, const struct product *product)
{
	struct origin *origin = origin_note(d, field, ORIGIN_CONSTANT);

	if (!product || (origin->n_setters && origin->setters[origin->n_setters - 1] == product))
		return origin;
	origin->setters = mem_grow(origin->setters, &origin->cap_setters, origin->n_setters + 1, sizeof(*origin->setters));
	origin->setters[origin->n_setters++] = product;
	return origin;
}

static void constant_note(struct decoder *d, const char *value)
{
	text_add(&d->constants, value);
	text_add_char(&d->constants, '\n');
}

static void verdict_note(struct decoder *d, const struct verdict_words *v)
{
	constant_note(d, "stopped");
	constant_note(d, "not_stopped");
	if (v->otherwise)
		constant_note(d, v->otherwise);
}

/* product: NULL for the classes of words.yaml. */
static void origins_note_set(struct decoder *d, const struct setting_list *list, const struct product *product)
{
	for (size_t i = 0; i < list->n; i++) {
		list->at[i].field = setter_note(d, list->at[i].name, product);
		for (size_t v = 0; v < list->at[i].values.n; v++)
			constant_note(d, list->at[i].values.at[v]);
	}
}

static void origins_of_pattern(struct decoder *d, const struct pattern *pattern, const struct product *product)
{
	unsigned group;

	origins_note_set(d, &pattern->set, product);
	for (size_t i = 0; pattern->regex && i < regex_names(pattern->regex); i++)
		origin_note(d, regex_field(pattern->regex, i, &group), ORIGIN_CUT);
}

static void origins_of_product(struct decoder *d, const struct product *p)
{
	origins_note_set(d, &p->set, p);
	for (size_t i = 0; i < p->n_map; i++)
		for (size_t k = 0; k < p->map[i].to.n; k++)
			origin_note(d, p->map[i].to.at[k], ORIGIN_COPIED);
	for (size_t i = 0; i < p->n_patterns; i++)
		origins_of_pattern(d, &p->patterns[i], p);
	for (size_t i = 0; i < p->n_cases; i++)
		origins_note_set(d, &p->cases[i].set, p);
	if (p->verdict.from.n) {
		setter_note(d, "verdict", p);
		verdict_note(d, &p->verdict);
	}
}

static void origins_of_format(struct decoder *d, const char *const *gives)
{
	for (; gives && *gives; gives++)
		origin_note(d, *gives, ORIGIN_FORMAT);
}

static void origins_find(struct decoder *d)
{
	d->origins = map_new();
	for (unsigned i = 1; i <= FORMATS; i++)
		origins_of_format(d, format_numbered(i)->gives);
	origins_of_format(d, shapes_give());
	for (size_t i = 0; i < d->n_products; i++)
		origins_of_product(d, d->products[i]);
	origin_note(d, "verdict", ORIGIN_CONSTANT | ORIGIN_FORMAT);	/* every product and every unknown one has it */
	for (size_t i = 0; d->words && i < d->words->n_to; i++)
		origin_note(d, d->words->to[i], ORIGIN_COPIED);
	for (size_t i = 0; d->words && i < d->words->n_classes; i++)
		origins_note_set(d, &d->words->classes[i].set, NULL);
	if (d->words)
		verdict_note(d, &d->words->verdict);
	for (size_t i = 0; i < sizeof(any_case) / sizeof(any_case[0]); i++)
		constant_note(d, any_case[i]);
	for (size_t i = 0; i < sizeof(saturated) / sizeof(saturated[0]); i++)
		constant_note(d, saturated[i]);
}

struct slice decoder_constants(const struct decoder *d)
{
	return text_slice(&d->constants);
}

static bool is_word(struct slice part)
{
	bool letter = false;

	for (size_t i = 0; i < part.len; i++) {
		letter = letter || isalpha((unsigned char)part.at[i]);
		if (!isalnum((unsigned char)part.at[i]) && part.at[i] != '_' && part.at[i] != '-')
			return false;
	}
	return letter;
}

/* A field that is logged by its own name: each part of the path stands in the line, but for places in lists and the like. */
static struct need *own_need(const char *field)
{
	struct slice name = slice_of(field);
	struct need *need = NULL;

	for (size_t at = 0, end; at < name.len; at = end + 1) {
		struct slice part = slice_cut(name, at, end = slice_find_byte(name, '.', at));

		if (is_word(part))
			need = need_and(need, need_bounded(part, true, NEED_BOUND_BOTH));
	}
	return need;
}

static bool sets_field(const struct setting_list *list, const char *field)
{
	for (size_t i = 0; i < list->n; i++)
		if (slice_is_nocase(slice_of(list->at[i].name), field))
			return true;
	return false;
}

static bool cuts_field(const struct pattern *pattern, const char *field)
{
	unsigned group;

	for (size_t i = 0; pattern->regex && i < regex_names(pattern->regex); i++)
		if (slice_is_nocase(slice_of(regex_field(pattern->regex, i, &group)), field))
			return true;
	return false;
}

/* A name is known whole: no letter or digit stands before its first word, or behind its last. */
static struct need *known_name_need(const struct known_name *known)
{
	struct need *need = NULL;
	struct slice word;
	size_t at = 0;

	while (known_name_word(known, &at, &word)) {
		unsigned bounds = (word.at == known->name.at ? NEED_BOUND_LEFT : 0) |
				  (word.at + word.len == known->name.at + known->name.len ? NEED_BOUND_RIGHT : 0);

		need = need_and(need, need_bounded(word, true, bounds));
	}
	return need;
}

/* need, or, where a format gives the field under this name by its place alone, what each of its lines holds. Takes need. */
static struct need *or_placed(struct need *need, const struct known_name *known)
{
	for (unsigned i = 1; need && i <= FORMATS; i++) {
		const struct format *format = format_numbered(i);

		for (size_t k = 0; format->structured && format->gives && format->gives[k]; k++)
			if (known_name_is(known, format->gives[k]))
				need = need_or(need, need_literal(slice_of(format->holds), false));
	}
	return need;
}

static bool classes_set(const struct words *w, size_t classes, const char *field)
{
	for (size_t i = 0; i < classes; i++)
		if (sets_field(&w->classes[i].set, field))
			return true;
	return false;
}

/* need, or the words of one of the names by which words.yaml gives the field. Takes need. */
static struct need *or_named(struct need *need, const struct words *w, const char *field)
{
	size_t cursor = 0;
	void *value;

	while (map_next(w->known, &cursor, NULL, &value))
		for (const struct known_name *known = value; known; known = known->next)
			if (strcmp(w->to[known->to], field) == 0)
				need = or_placed(need_or(need, known_name_need(known)), known);
	return need;
}

static struct need *condition_need(const struct decoder *d, const struct condition *c, struct scope scope);

/* So many bytes of one literal stand in every line in which the need holds. */
static size_t least_literal(const struct need *need)
{
	size_t least = need ? need->len * (need->kind == NEED_LITERAL) : 0;

	for (size_t i = 0; need && i < need->n; i++) {
		size_t one = least_literal(need->parts[i]);

		least = i == 0 || (need->kind == NEED_ANY ? one < least : one > least) ? one : least;
	}
	return least;
}

/* need, or what gives a field of the product, or else what makes a line the product's: both would be much. Takes both. */
static struct need *or_either(struct need *need, struct need *given, const struct need *when)
{
	return need_or(need, given ? given : need_share(when));
}

/* The same of cases that give the field. What says little by itself is asked for beside what makes a line the product's. Takes need. */
static struct need *or_cases(struct need *need, const struct decoder *d, const struct product *p, const char *field)
{
	struct need *given = NULL;
	bool any = false;

	for (size_t i = 0; i < p->n_cases; i++) {
		struct need *one;

		if (!sets_field(&p->cases[i].set, field))
			continue;
		one = condition_need(d, &p->cases[i].condition, (struct scope){ STEPS_MAX, ALL });
		given = any ? need_or(given, one) : one;
		any = true;
	}
	if (any && given && least_literal(given) <= TELLING_MIN)
		given = need_and(given, need_share(p->when_need));
	return any ? or_either(need, given, p->when_need) : need;
}

/* need, or what a line needs so that the product gives the field; takes need. */
static struct need *or_given(struct need *need, const struct decoder *d, const struct product *p, const char *field)
{
	const struct need *when = p->when_need;

	if (sets_field(&p->set, field))
		need = need_or(need, need_share(when));
	for (size_t i = 0; need && i < p->n_map; i++)
		if (strlist_has(&p->map[i].to, field))
			need = or_either(need, decoder_name(d, p->map[i].from, false), when);
	for (size_t i = 0; need && i < p->n_patterns; i++)
		if (sets_field(&p->patterns[i].set, field) || cuts_field(&p->patterns[i], field))
			need = or_either(need, need_share(p->patterns[i].need), when);
	return need ? or_cases(need, d, p, field) : NULL;
}

/* Of a field that decode data can give; see decoder_name(). What the formats give, and what is computed, needs nothing. */
static struct need *given_need(const struct decoder *d, const char *field)
{
	struct need *need;

	if (origin_of(d, field) & ORIGIN_FORMAT)
		return NULL;
	if (d->words && classes_set(d->words, d->words->n_classes, field))
		return NULL;
	need = own_need(field);
	if (d->words)
		need = or_named(need, d->words, field);
	for (size_t i = 0; need && i < d->n_products; i++) {
		need = or_given(need, d, d->products[i], field);
		if (need_literals(need) > NAME_LITERALS_MAX) {
			need_free(need);
			return NULL;
		}
	}
	return need;
}

/* Twice, because one may come from another that stands behind it. */
static void names_find(struct decoder *d)
{
	struct slice field;
	void *value;

	d->names = map_new();
	for (int round = 0; round < 2; round++)
		for (size_t cursor = 0; map_next(d->origins, &cursor, &field, &value);)
			need_free(map_put(d->names, field, given_need(d, field.at)));
}

/* What a line must hold so that its record can have the field: the field's own name, or what makes decode data give it. */
struct need *decoder_name(const struct decoder *d, const char *field, bool logged)
{
	unsigned origin = origin_of(d, field);
	struct text key = { 0 };
	struct need *need = NULL;

	if (record_field_is_derived(slice_of(field)))
		return NULL;
	if (!(logged ? origin & ~(unsigned)ORIGIN_CONSTANT : origin))
		return own_need(field);
	text_add_lower(&key, slice_of(field));
	need = need_share(map_get(d->names, text_slice(&key)));
	text_clear(&key);
	return need;
}

static struct need *key_need(const struct decoder *d, const struct condition_key *key, struct scope scope)
{
	bool cut = key->kind == KEY_MESSAGE || origin_of(d, key->name) & ORIGIN_CUT;
	struct need *need = words_need(d, key->name, &key->words, !cut, scope);

	return key->kind == KEY_FIELD && !key->words.or_empty ? need_and(need, decoder_name(d, key->name, false)) : need;
}

/* What the lines of these formats hold; bits by their numbers. A line of none passes for a text, which holds nothing. */
static struct need *formats_need(unsigned formats)
{
	struct need *need = NULL;
	bool first = true;

	for (unsigned i = 1; i <= FORMATS; i++) {
		const char *holds = format_numbered(i)->holds;
		struct need *one;

		if (!(formats >> i & 1))
			continue;
		one = holds ? need_literal(slice_of(holds), false) : NULL;
		need = first ? one : need_or(need, one);
		first = false;
	}
	return need;
}

/* All keys must hold. A product is no word of the line. */
static struct need *condition_need(const struct decoder *d, const struct condition *c, struct scope scope)
{
	struct need *need = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (c->keys[i].kind == KEY_FORMAT)
			need = need_and(need, formats_need(c->keys[i].formats));
		else if (c->keys[i].kind != KEY_PRODUCT)
			need = need_and(need, key_need(d, &c->keys[i], scope));
	return need;
}

static bool sets_what_fits(const struct question *q, const struct setting_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (q->origin && list->at[i].field != q->origin)
			continue;
		for (size_t v = 0; v < list->at[i].values.n; v++)
			if (q->fits(q->test, slice_of(list->at[i].values.at[v])))
				return true;
	}
	return false;
}

static void verdict_ask(struct question *q, const struct verdict_words *v, const struct need *when)
{
	const struct { const char *word; const struct wordset *words; } rows[] = {
		{ "stopped", &v->stopped }, { "not_stopped", &v->not_stopped }, { v->otherwise, NULL },
	};

	if (!v->from.n || (q->field && !slice_is_nocase(SLICE("verdict"), q->field)))
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct need *need = NULL;

		if (!rows[i].word || !q->fits(q->test, slice_of(rows[i].word)))
			continue;
		for (size_t k = 0; rows[i].words && k < v->from.n; k++) {
			bool whole = !(origin_of(q->decoder, v->from.at[k]) & ORIGIN_CUT);
			struct need *one = words_need(q->decoder, v->from.at[k], rows[i].words, whole, deeper(q->scope));

			need = k == 0 ? one : need_or(need, one);
		}
		answer_add(q, need_and(need_share(when), need));
	}
}

static void product_ask(struct question *q, const struct product *p)
{
	const struct need *when = p->when_need;

	if (sets_what_fits(q, &p->set))
		answer_add(q, need_share(when));
	for (size_t i = 0; i < p->n_patterns; i++)
		if (sets_what_fits(q, &p->patterns[i].set))
			answer_add(q, need_and(need_share(when), need_share(p->patterns[i].need)));
	for (size_t i = 0; i < p->n_cases; i++)
		if (sets_what_fits(q, &p->cases[i].set))
			answer_add(q, need_and(need_share(when),
					       condition_need(q->decoder, &p->cases[i].condition, deeper(q->scope))));
	verdict_ask(q, &p->verdict, when);
}

static bool shapes_may_give(const char *field)
{
	for (const char *const *given = shapes_give(); *given; given++)
		if (strcmp(*given, field) == 0)
			return true;
	return false;
}

/*
 * What a line must hold so that a name of words.yaml gives the field; anything where it has none, where one of the classes may set it,
 * and where a cell of a list may be it without any name.
 */
static struct need *named_need(const struct decoder *d, const char *field, size_t classes)
{
	const struct words *w = d->words;
	struct text key = { 0 };
	struct need *need = NULL;
	size_t to;

	for (to = 0; to < w->n_to && strcmp(w->to[to], field) != 0;)
		to++;
	if (to == w->n_to || classes_set(w, classes, field) || shapes_may_give(field))
		return NULL;
	text_addf(&key, "named %s", field);
	if (!d->memory || !memory_find(d->memory, text_slice(&key), &need)) {
		need = or_named(own_need(field), w, field);
		if (d->memory)
			memory_put(d->memory, text_slice(&key), need);
	}
	text_clear(&key);
	return need;
}

/* Words, and names where these are few or the words say little: one of many stands in nearly every line. Takes both. */
static struct need *and_named(struct need *words, struct need *names)
{
	if (least_literal(words) < TELLING_MIN || need_literals(names) <= NAME_LITERALS_MAX)
		return need_and(words, names);
	need_free(names);
	return words;
}

/* A class that asks for what was asked here: it changes records that have it already, and gives it to no other. */
static bool asks_the_same(const struct question *q, const struct class_words *c)
{
	for (size_t i = 0; i < c->in.n; i++)
		if (!q->field || !slice_is_nocase(slice_of(c->in.at[i]), q->field))
			return false;
	for (size_t i = 0; i < c->words.n; i++)
		if (!glob_text(c->words.at[i].glob).len || !q->fits(q->test, glob_text(c->words.at[i].glob)))
			return false;
	return c->in.n && c->words.n && !c->words.or_empty;
}

static void words_ask(struct question *q, const struct words *w)
{
	for (size_t i = 0; i < w->n_classes && i < q->scope.classes; i++) {
		const struct class_words *c = &w->classes[i];
		struct scope before = { q->scope.steps - 1, i };
		struct need *need = NULL;

		if (!sets_what_fits(q, &c->set) || asks_the_same(q, c))
			continue;
		for (size_t k = 0; k < c->in.n; k++) {
			struct need *one = words_need(q->decoder, c->in.at[k], &c->words, true, before);

			one = and_named(one, named_need(q->decoder, c->in.at[k], i));
			need = k == 0 ? one : need_or(need, one);
		}
		answer_add(q, need_and(need, condition_need(q->decoder, &c->condition, before)));
	}
	verdict_ask(q, &w->verdict, NULL);
}

/* What is read otherwise than it stands in the line, by a JSON reader or in a mail's header: and what such a line holds instead. */
static void respelled_ask(struct question *q)
{
	static const unsigned char digits[32] = { ['0' >> 3] = 0xff, ['8' >> 3] = 0x03 };

	for (size_t i = 0; q->fits && i < sizeof(any_case) / sizeof(any_case[0]); i++)
		if (q->fits(q->test, slice_of(any_case[i])))
			answer_add(q, need_literal(slice_of(any_case[i]), true));
	if (!q->field || slice_is_nocase(slice_of(q->field), SUBJECT))
		answer_add(q, need_literal(SLICE(ENCODED_WORD), false));
	for (size_t i = 0; q->fits && i < sizeof(saturated) / sizeof(saturated[0]); i++)
		if (q->fits(q->test, slice_of(saturated[i])))
			answer_add(q, need_pattern("[0-9]{19}", 0, 19, digits));
}

static bool ask(struct question *q)
{
	const struct decoder *d = q->decoder;
	const struct origin *origin = q->origin = q->field ? origin_find(d, q->field) : NULL;
	const struct product *const *products = origin ? origin->setters : (const struct product *const *)d->products;
	size_t n = origin ? origin->n_setters : d->n_products;

	if (q->scope.steps <= 0) {
		q->need = NULL;
		return q->found = true;
	}
	for (size_t i = 0; q->fits && q->scope.classes == ALL && i < n; i++)
		product_ask(q, products[i]);
	if (q->fits && d->words && (!origin || origin->how & ORIGIN_CONSTANT))
		words_ask(q, d->words);
	respelled_ask(q);
	return q->found;
}

static bool wordset_fits(const void *test, struct slice value)
{
	return wordset_has(test, value);
}

/*
 * A program's name stands behind a blank or a collector's tab, and a tag's end or another blank behind it: see syslog.c. Of a long
 * name it is enough to know that it ends; a short one begins many words.
 */
static struct need *program_need(const struct glob *glob)
{
	struct slice name = glob_text(glob);
	const char *end = name.len < NAME_LONG ? "[: " : "";
	struct need *need = NULL;

	if (!name.len)
		return glob_need(glob, true);
	do {
		struct text tag = { 0 };
		struct need *one;

		text_addf(&tag, "%.*s%.1s", (int)name.len, name.at, end);
		one = need_bounded(text_slice(&tag), true, NEED_BOUND_LEFT | (*end ? 0u : (unsigned)NEED_BOUND_RIGHT));
		need = need ? need_or(need, one) : one;
		text_clear(&tag);
	} while (*end && *++end);
	return need;
}

static struct need *words_need_anew(const struct decoder *d, const char *field, const struct wordset *words, bool whole,
			       struct scope scope)
{
	struct question q = { .decoder = d, .field = field, .fits = wordset_fits, .test = words, .scope = scope };
	bool program = strcmp(field, "program") == 0;
	struct need *need = NULL;

	if (words->or_empty || !words->n || record_field_is_derived(slice_of(field)))
		return NULL;
	for (size_t i = 0; i < words->n; i++) {
		struct need *one = program ? program_need(words->at[i].glob) : glob_need(words->at[i].glob, whole);

		need = i == 0 ? one : need_or(need, one);
	}
	if (!need || program || !ask(&q))
		return need;
	return need_or(need, q.need);
}

/* What a line must hold so that the field has one of the words. whole: its values are whole values of the line. */
static struct need *words_need(const struct decoder *d, const char *field, const struct wordset *words, bool whole, struct scope scope)
{
	struct text key = { 0 };
	struct need *need;

	if (!d->memory || (!d->looked_through && scope.classes == ALL))
		return words_need_anew(d, field, words, whole, scope);
	text_addf(&key, "%p %s %d %d %zx", (const void *)words, field, whole, scope.steps, scope.classes);
	if (!memory_find(d->memory, text_slice(&key), &need)) {
		need = words_need_anew(d, field, words, whole, scope);
		memory_put(d->memory, text_slice(&key), need);
	}
	text_clear(&key);
	return need;
}

static struct need *known_need(const struct decoder *d, const struct known_by *known)
{
	return need_and(condition_need(d, &known->condition, (struct scope){ 2, ALL }), need_share(known->line_need));
}

/* In the order of the files: a later product may be known by what an earlier one has set. */
void decoder_look_through(struct decoder *d)
{
	origins_find(d);
	d->memory = memory_new();		/* of what no product gives */
	for (size_t i = 0; i < d->n_products; i++) {
		struct product *p = d->products[i];

		for (size_t k = 0; k < p->n_patterns; k++)
			p->patterns[k].need = regex_text_need(p->patterns[k].text);
		for (size_t k = 0; k < p->n_known; k++) {
			p->known[k].line_need = regex_text_need(p->known[k].line_text);
			p->known[k].line_check = need_check_new(p->known[k].line_need);
		}
	}
	for (size_t i = 0; i < d->n_products; i++) {
		struct product *p = d->products[i];
		struct need *need = NULL;

		for (size_t k = 0; k < p->n_known; k++) {
			struct need *one = known_need(d, &p->known[k]);

			need = k == 0 ? one : need_or(need, one);
		}
		p->when_need = need;
	}
	names_find(d);
	memory_free(d->memory);			/* all can be known better now */
	d->memory = memory_new();
	d->looked_through = true;
}

void decoder_look_through_free(struct decoder *d)
{
	text_clear(&d->constants);
	map_free(d->origins, origin_free);
	map_free(d->names, need_release);
	d->origins = d->names = NULL;
}

void decoder_forget(struct decoder *d)
{
	memory_free(d->memory);
	d->memory = NULL;
}

bool decoder_constant(const struct decoder *d, const char *field,
		      bool (*fits)(const void *test, struct slice value), const void *test, struct need **need)
{
	struct question q = { .decoder = d, .field = field, .fits = fits, .test = test, .scope = { STEPS_MAX, ALL } };
	bool found = ask(&q);

	*need = q.need;
	return found;
}

bool decoder_logsource(const struct decoder *d, const struct logsource *wanted, struct need **need)
{
	struct question q = { .decoder = d };

	for (size_t i = 0; i < d->n_products; i++)
		for (size_t k = 0; k < d->products[i]->n_logsources; k++)
			if (logsource_fits(wanted, &d->products[i]->logsources[k])) {
				answer_add(&q, need_share(d->products[i]->when_need));
				break;
			}
	for (size_t i = 0; d->sources && i < d->sources->n; i++)
		if (logsource_fits(wanted, &d->sources->logsources[i]))
			answer_add(&q, condition_need(d, &d->sources->conditions[i], (struct scope){ STEPS_MAX, ALL }));
	*need = q.need;
	return q.found;
}

/* A bare text has no program and no fields: only entries that ask for none can know it. */
static bool knows_bare_text(const struct known_by *known)
{
	const struct record bare = { 0 };

	return known->line_text && condition_holds(&known->condition, &bare);
}

struct need *decoder_text(const struct decoder *d)
{
	struct question q = { .decoder = d };

	for (size_t i = 0; i < d->n_products; i++)
		for (size_t k = 0; k < d->products[i]->n_known; k++)
			if (knows_bare_text(&d->products[i]->known[k]))
				answer_add(&q, need_share(d->products[i]->known[k].line_need));
	return q.need;
}
