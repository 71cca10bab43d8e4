/*
 * Literal first, block-wise. For each rule the cheapest part of its need is chosen (choice.c): literals that are rare in a sample,
 * else a run of one class of bytes, else its pattern; what is left is tried on every line. All literals go into one database, all
 * patterns into another, and both scan whole blocks.
 */
#include "match/prefilter_state.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define VAIN_ASKED 256			/* lines */
#define VAIN_EVERY 16

void prefilter_free(struct prefilter *p)
{
	if (!p)
		return;
	engine_free(p->literal_engine);
	engine_free(p->pattern_engine);
	engine_free(p->text_engine);
	pthread_mutex_destroy(&p->text_lock);
	for (size_t i = 0; i < p->n_literals; i++) {
		free(p->literals[i].bytes);
		free(p->literals[i].reasons.at);
	}
	for (size_t i = 0; i < p->n_runs; i++) {
		free(p->runs[i].reasons);
		free(p->runs[i].mins);
	}
	for (size_t i = 0; i < p->n_patterns; i++)
		free(p->patterns[i].reasons.at);
	for (size_t i = 0; i < p->n_looked; i++)
		free(p->looked[i].at);
	free(p->looked);
	free(p->literals);
	free(p->runs);
	free(p->patterns);
	free(p->always.at);
	free(p->on_escape.at);
	free(p->group_of);
	reasons_free(p);
	free(p->reasons);
	free(p->groups);
	for (size_t i = 0; i < p->n_checks; i++)
		need_check_free(p->checks[i]);
	free(p->checks);
	free(p);
}

struct prefilter_scratch *prefilter_scratch_new(const struct prefilter *p)
{
	struct prefilter_scratch *scratch = mem_zalloc(sizeof(*scratch));

	engine_scratch_add(p->literal_engine, &scratch->engine);
	engine_scratch_add(p->pattern_engine, &scratch->engine);
	scratch->answers = mem_zalloc((p->n_checks + 1) * sizeof(*scratch->answers));
	return scratch;
}

void prefilter_scratch_free(struct prefilter_scratch *scratch)
{
	if (!scratch)
		return;
	engine_scratch_free(scratch->engine);
	free(scratch->answers);
	free(scratch);
}

struct scan {
	const struct prefilter *prefilter;
	struct slice block;
	void (*on_candidate)(void *context, unsigned reason, size_t at);
	void *context;
};

static void candidates_report(struct scan *s, const struct reason_list *reasons, size_t end)
{
	for (size_t i = 0; i < reasons->n; i++)
		s->on_candidate(s->context, reasons->at[i], end - 1);
}

static void on_literal(void *context, unsigned id, size_t end)
{
	struct scan *s = context;
	const struct looked *looked = &s->prefilter->looked[id];

	for (size_t i = 0; i < looked->n; i++) {
		const struct literal *literal = &s->prefilter->literals[looked->at[i].literal];
		size_t to = end + looked->at[i].behind, at = to - literal->len;

		if (i == 0 ? literal_stands(literal, s->block, to) :
			     to >= literal->len && literal_may_be_at(literal, s->block, at) && literal_is_at(literal, s->block, at))
			candidates_report(s, &literal->reasons, to);
	}
}

/* A match that ends with a newline belongs to no line: every match inside a line ends inside it, and is found too. */
static void on_pattern(void *context, unsigned id, size_t end)
{
	struct scan *s = context;

	if (s->block.at[end - 1] != '\n')
		candidates_report(s, &s->prefilter->patterns[id].reasons, end);
}

/*
 * The next place, from `at` on, where a run of `min` bytes may end or have ended; what is passed over has none, for a byte that
 * is not of the class stands in it. Of a long run four bytes are looked at at once, of a short one the last of four: where one
 * decides alone, a processor guesses wrong too often.
 */
static size_t run_next(const struct run *run, const unsigned char *b, size_t len, size_t at)
{
	const unsigned char *is = run->is;
	size_t min = run->min;

	if (min >= RUN_LONG) {
		while (at < len && !(is[b[at]] & is[b[at - 4]] & is[b[at - 8]] & is[b[at - 12]]))
			at += min - 12;
		return at;
	}
	while (at + 3 * min < len && !(is[b[at]] | is[b[at + min]] | is[b[at + 2 * min]] | is[b[at + 3 * min]]))
		at += 4 * min;
	while (at < len && !is[b[at]])
		at += min;
	return at;
}

static void run_scan(const struct run *run, struct slice block, struct scan *s)
{
	const unsigned char *b = (const unsigned char *)block.at;
	size_t i = run->min - 1;

	while ((i = run_next(run, b, block.len, i)) < block.len) {
		size_t start = i, end = i + 1;

		while (start && run->is[b[start - 1]])
			start--;
		if (end - start < run->min) {
			i = start + run->min - 1;
			continue;
		}
		while (end < block.len && run->is[b[end]])
			end++;
		for (size_t k = 0; k < run->n_reasons; k++)
			if (run->mins[k] <= end - start)
				s->on_candidate(s->context, run->reasons[k], i);
		i = end + run->min;
	}
}

void prefilter_scan(const struct prefilter *p, struct prefilter_scratch *scratch, struct slice block,
		    void (*on_candidate)(void *context, unsigned reason, size_t at), void *context)
{
	struct scan scan = { p, block, on_candidate, context };

	engine_scan(p->literal_engine, scratch->engine, block, on_literal, &scan);
	engine_scan(p->pattern_engine, scratch->engine, block, on_pattern, &scan);
	for (size_t i = 0; i < p->n_runs; i++)
		run_scan(&p->runs[i], block, &scan);
}

void prefilter_ask(struct prefilter_scratch *scratch, struct slice line)
{
	need_text_init(&scratch->asked, line);
	scratch->line++;
}

/* What holds of nearly all lines that it is asked of is asked of few of them: it spares nothing. */
static bool is_in_vain(const struct answer *answer, uint64_t line)
{
	return answer->asked >= VAIN_ASKED && answer->held > answer->asked / 8 * 7 && line % VAIN_EVERY;
}

static bool check_holds(const struct prefilter *p, struct prefilter_scratch *scratch, unsigned check)
{
	struct answer *answer = &scratch->answers[check];

	if (answer->line == scratch->line)
		return answer->holds;
	answer->line = scratch->line;
	answer->holds = is_in_vain(answer, scratch->line);
	if (answer->holds)
		return true;
	answer->holds = need_stands(p->checks[check], &scratch->asked);
	answer->asked++;
	answer->held += answer->holds;
	return answer->holds;
}

static bool asked_stand(const struct prefilter *p, struct prefilter_scratch *scratch, const struct asked *asked)
{
	for (size_t i = 0; i < asked->n; i++)
		if (!check_holds(p, scratch, asked->at[i].check))
			return false;
	return true;
}

bool prefilter_asks_little(const struct prefilter *p, unsigned reason)
{
	return p->reasons[reason].asks_little;
}

void prefilter_rules(const struct prefilter *p, struct prefilter_scratch *scratch, unsigned reason, enum prefilter_asking asking,
		     bool (*on_rule)(void *context, unsigned rule), void *context)
{
	const struct reason *r = &p->reasons[reason];
	const struct group *group = &p->groups[r->group];

	for (size_t i = 0; i < group->n; i++) {
		const struct member *member = &group->members[i];

		if (asking == PREFILTER_TAKE || (asking == PREFILTER_ASK_DEAR && !member->dear) ||
		    (asked_stand(p, scratch, &r->asked) && asked_stand(p, scratch, &member->asked)))
			if (on_rule(context, member->rule) && asking == PREFILTER_ASK)
				asking = PREFILTER_ASK_DEAR;
	}
}

/* Literals of which one stands in every text that decode data knows; false where some text needs none. */
static bool text_literals(const struct need *need, struct engine_literal **list, size_t *n, size_t *cap)
{
	const struct need *best = NULL;

	if (!need || need->kind == NEED_PATTERN)
		return false;
	if (need->kind == NEED_LITERAL) {
		*list = mem_grow(*list, cap, *n + 1, sizeof(**list));
		(*list)[(*n)++] = (struct engine_literal){ need->bytes, need->len, need->nocase };
		return true;
	}
	if (need->kind == NEED_ANY) {
		for (size_t i = 0; i < need->n; i++)
			if (!text_literals(need->parts[i], list, n, cap))
				return false;
		return true;
	}
	for (size_t i = 0; i < need->n; i++)
		if (need->parts[i]->kind == NEED_LITERAL && (!best || need->parts[i]->len > best->len))
			best = need->parts[i];
	for (size_t i = 0; !best && i < need->n; i++)
		if (need->parts[i]->kind == NEED_ANY)
			best = need->parts[i];
	return text_literals(best, list, n, cap);
}

static void texts_take(struct prefilter *p)
{
	struct engine_literal *list = NULL;
	size_t n = 0, cap = 0;

	if (text_literals(needs_entry(p->needs, needs_count(p->needs)), &list, &n, &cap) && n)
		p->text_engine = engine_literals(list, n);
	p->text_always = !p->text_engine;
	free(list);
}

static void texts_begin(struct prefilter *p, struct prefilter_scratch *scratch)
{
	pthread_mutex_lock(&p->text_lock);
	if (!p->text_made)
		texts_take(p);
	p->text_made = true;
	pthread_mutex_unlock(&p->text_lock);
	engine_scratch_add(p->text_engine, &scratch->engine);
	scratch->texts = true;
}

static void on_text(void *context, unsigned id, size_t end)
{
	(void)id;
	(void)end;
	*(bool *)context = true;
}

bool prefilter_knows_text(const struct prefilter *p, struct prefilter_scratch *scratch, struct slice line)
{
	bool found;

	if (!scratch->texts)
		texts_begin((struct prefilter *)p, scratch);
	found = p->text_always;
	if (!found)
		engine_scan(p->text_engine, scratch->engine, line, on_text, &found);
	return found;
}

const unsigned *prefilter_always(const struct prefilter *p, size_t *n)
{
	*n = p->always.n;
	return p->always.at;
}

const unsigned *prefilter_on_escape(const struct prefilter *p, size_t *n)
{
	*n = p->on_escape.n;
	return p->on_escape.at;
}

void prefilter_choice(const struct prefilter *p, unsigned rule, struct prefilter_choice *out,
		      struct text *literals)
{
	unsigned group = p->group_of[rule] - 1;
	const struct choice none = { "none", NULL, 0, 0 }, *choice = p->group_of[rule] ? &p->groups[group].choice : &none;
	bool first = true;

	*out = (struct prefilter_choice){ choice->way, choice->why, choice->per_mb, choice->search_us };
	for (size_t i = 0; i < p->n_literals; i++)
		for (size_t k = 0; k < p->literals[i].reasons.n; k++) {
			struct need need = { .kind = NEED_LITERAL, .bytes = p->literals[i].bytes,
					     .len = p->literals[i].len, .nocase = p->literals[i].nocase, .bounds = p->literals[i].bounds };

			if (p->reasons[p->literals[i].reasons.at[k]].group != group)
				continue;
			text_add(literals, first ? "" : " or ");
			need_print(&need, literals);
			first = false;
		}
}

const char *prefilter_library(bool *trusted)
{
	*trusted = engine_is_trusted();
	return engine_name();
}
