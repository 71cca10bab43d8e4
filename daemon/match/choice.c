/*
 * Makes a prefilter: chooses for each rule what to look for, by a sample, and hands all literals to one database of the library and
 * all patterns to another.
 */
#include "match/prefilter_state.h"

#include "base/mem.h"
#include "base/regex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COMMON_PER_MB 200		/* worth a word to the author of the rule */
#define SEARCHED_BYTES 16384		/* of each excerpt, in which patterns are searched for */
#define ASKED_LITTLE   8		/* literals */

/* Of the book only literals that some rule looks for; the bytes become ours. */
static void literals_take(struct prefilter *p, struct book *book)
{
	struct engine_literal *list;

	for (size_t i = 0; i < book->n; i++) {
		if (!book->at[i].reasons.n)
			continue;
		p->literals = mem_grow(p->literals, &p->cap_literals, p->n_literals + 1, sizeof(*p->literals));
		p->literals[p->n_literals] = book->at[i];
		p->literals[p->n_literals++].bytes = mem_strndup(book->at[i].bytes, book->at[i].len);
	}
	if (!p->n_literals)
		return;
	literals_cover(p);
	list = mem_zalloc(p->n_looked * sizeof(*list));
	for (size_t i = 0; i < p->n_looked; i++) {
		const struct literal *literal = &p->literals[p->looked[i].at[0].literal];

		list[i] = (struct engine_literal){ literal->bytes, literal->len, literal->nocase };
	}
	p->literal_engine = engine_literals(list, p->n_looked);
	free(list);
	for (size_t i = 0; !p->literal_engine && i < p->n_literals; i++)
		reason_list_join(&p->always, &p->literals[i].reasons);
}

/* A pattern that the library does not take is tried on every line. */
static void patterns_take(struct prefilter *p)
{
	const char **texts = mem_zalloc((p->n_patterns + 1) * sizeof(*texts));
	unsigned *flags = mem_zalloc((p->n_patterns + 1) * sizeof(*flags));
	bool *taken = mem_zalloc((p->n_patterns + 1) * sizeof(*taken));

	for (size_t i = 0; i < p->n_patterns; i++) {
		texts[i] = p->patterns[i].text;
		flags[i] = p->patterns[i].flags;
	}
	if (p->n_patterns)
		p->pattern_engine = engine_patterns(texts, flags, p->n_patterns, taken);
	for (size_t i = 0; i < p->n_patterns; i++) {
		const struct reason_list *reasons = &p->patterns[i].reasons;

		if (taken[i] && p->pattern_engine)
			continue;
		reason_list_join(&p->always, reasons);
		for (size_t k = 0; k < reasons->n; k++)
			p->groups[p->reasons[reasons->at[k]].group].choice =
				(struct choice){ "line", "the library does not take its pattern", 0, 0 };
	}
	free(texts);
	free(flags);
	free(taken);
}

static bool repeats_by_count(const char *pattern)
{
	const char *brace = strchr(pattern, '{');

	while (brace && !isdigit((unsigned char)brace[1]))
		brace = strchr(brace + 1, '{');
	return brace != NULL;
}

static void choice_search(struct choice *choice, const char *way, double cost, const char *why)
{
	if (strcmp(choice->way, "line") == 0)
		return;
	choice->way = way;
	choice->search_us += cost;
	choice->why = why;
}

static void choices_name(struct prefilter *p)
{
	for (size_t i = 0; i < p->n_groups; i++)
		if (!p->groups[i].choice.why && p->groups[i].choice.per_mb > COMMON_PER_MB)
			p->groups[i].choice.why = "its literals are common";
	for (size_t i = 0; i < p->n_runs; i++)
		for (size_t k = 0; k < p->runs[i].n_reasons; k++)
			choice_search(&p->groups[p->reasons[p->runs[i].reasons[k]].group].choice, "run", COST_RUN, "no rare literal, a long run of a class");
	for (size_t i = 0; i < p->n_patterns; i++)
		for (size_t k = 0; k < p->patterns[i].reasons.n; k++)
			choice_search(&p->groups[p->reasons[p->patterns[i].reasons.at[k]].group].choice, "pattern", COST_PATTERN,
				      repeats_by_count(p->patterns[i].text) ? "no rare literal, and a bounded repeat" :
									      "no rare literal");
}

static size_t lines_with(const struct regex *regex, struct slice text)
{
	size_t n = 0, end;

	for (size_t at = 0; at < text.len; at = end + 1) {
		end = slice_find_byte(text, '\n', at);
		n += regex_search(regex, slice_cut(text, at, end), NULL) != 0;
	}
	return n;
}

/* Lines in a MB. To make a database of the pattern would cost far more. */
static double pattern_count(const struct pattern *pattern, struct slice sample)
{
	size_t counted = EXCERPTS * book_excerpt(sample, 0, SEARCHED_BYTES).len, n = 0;
	struct regex *regex;
	struct err err;

	if (!counted || regex_new(slice_of(pattern->text), pattern->flags, &regex, &err) < 0)
		return 0;
	for (size_t i = 0; i < EXCERPTS; i++)
		n += lines_with(regex, book_excerpt(sample, i, SEARCHED_BYTES));
	regex_free(regex);
	return (double)n * 1e6 / (double)counted;
}

/* Looks for the patterns that were chosen. */
static void patterns_count(struct prefilter *p, struct book *book, struct slice sample)
{
	for (size_t i = 0; i < p->n_patterns; i++) {
		double lines_per_mb = pattern_count(&p->patterns[i], sample);

		free(map_put(book->patterns, slice_of(p->patterns[i].text), mem_dup(&lines_per_mb, sizeof(lines_per_mb))));
	}
}

void reasons_free(struct prefilter *p)
{
	for (size_t i = 0; i < p->n_reasons; i++)
		free(p->reasons[i].asked.at);
	for (size_t i = 0; i < p->n_groups; i++) {
		for (size_t k = 0; k < p->groups[i].n; k++)
			free(p->groups[i].members[k].asked.at);
		free(p->groups[i].members);
	}
	p->n_reasons = p->n_groups = 0;
}

static void choices_make(struct prefilter *p, struct book *book, enum prefilter_mode mode, part_cost cost_of)
{
	for (size_t i = 0; i < needs_count(p->needs); i++)
		if (needs_is_wanted(p->needs, i))
			rule_place(p, book, (unsigned)i, mode, cost_of);
}

/* Ends a choice; the next one knows what it looked for, and for how many rules. */
static void choices_forget(struct prefilter *p, struct book *book)
{
	struct slice key;
	size_t cursor = 0;
	void *value;

	for (size_t i = 0; i < book->n; i++) {
		book->at[i].sure = book->at[i].reasons.n > 0;
		free(book->at[i].reasons.at);
		book->at[i].reasons = (struct reason_list){ 0 };
	}
	while (map_next(book->known, &cursor, &key, &value)) {
		struct known *known = value;

		known->wanted = known->group ? p->groups[known->group - 1].n : 0;
		known->group = 0;
		known->cost = -1;
	}
	for (size_t i = 0; i < p->n_runs; i++) {
		free(p->runs[i].reasons);
		free(p->runs[i].mins);
	}
	for (size_t i = 0; i < p->n_patterns; i++)
		free(p->patterns[i].reasons.at);
	reasons_free(p);
	p->n_runs = p->n_patterns = p->always.n = p->on_escape.n = 0;
}

static double rank_of(void *book, const struct need *need)
{
	return book_share(book, need);
}

/* What few lines of the sample hold is asked first. */
static unsigned check_make(struct prefilter *p, struct book *book, const struct need *need)
{
	p->checks = mem_grow(p->checks, &p->cap_checks, p->n_checks + 1, sizeof(*p->checks));
	p->checks[p->n_checks] = need_check_ranked(need, rank_of, book);
	return (unsigned)p->n_checks++;
}

/* made: struct need * to its check + 1, for needs are shared. Is it little that is asked? */
static bool asked_make(struct prefilter *p, struct book *book, struct map *made, const struct asked *asked)
{
	double cost = 0;

	for (size_t i = 0; i < asked->n; i++) {
		const struct need *need = asked->at[i].need;
		struct slice key = { (const char *)&need, sizeof(need) };
		uintptr_t check = (uintptr_t)map_get(made, key);

		if (!check) {
			check = check_make(p, book, need) + 1;
			map_put(made, key, (void *)check);
		}
		asked->at[i].check = (unsigned)(check - 1);
		cost += asked->at[i].cost;
	}
	return cost <= ASKED_LITTLE;
}

static void checks_make(struct prefilter *p, struct book *book)
{
	struct map *made = map_new();

	for (size_t i = 0; i < p->n_groups; i++)
		for (size_t k = 0; k < p->groups[i].n; k++)
			if (!asked_make(p, book, made, &p->groups[i].members[k].asked))
				p->groups[i].asks_much = true;
	for (size_t i = 0; i < p->n_reasons; i++)
		p->reasons[i].asks_little = asked_make(p, book, made, &p->reasons[i].asked) && !p->groups[p->reasons[i].group].asks_much;
	map_free(made, NULL);
}

struct prefilter *prefilter_new(const struct needs *needs, struct slice sample, enum prefilter_mode mode)
{
	struct book book = { 0 };
	struct prefilter *p;

	if (mode == PREFILTER_NONE || !engine_is_trusted())
		return NULL;
	p = mem_zalloc(sizeof(*p));
	pthread_mutex_init(&p->text_lock, NULL);
	p->needs = needs;
	p->group_of = mem_zalloc((needs_count(needs) + 1) * sizeof(*p->group_of));
	book.index = map_new();
	book.patterns = map_new();
	book.known = map_new();
	book_measure(&book, sample);
	for (size_t i = 0; i < needs_count(needs); i++)
		if (needs_is_wanted(needs, i))
			book_collect(&book, needs_entry(needs, i));
	book_count(&book, sample);
	choices_make(p, &book, mode, book_cost);
	patterns_count(p, &book, sample);
	choices_forget(p, &book);
	choices_make(p, &book, mode, book_cost);	/* with the patterns counted, and what is short and sure for what it is */
	choices_forget(p, &book);
	choices_make(p, &book, mode, shared_cost);
	literals_take(p, &book);
	patterns_take(p);
	choices_name(p);
	checks_make(p, &book);
	map_free(book.index, NULL);
	map_free(book.patterns, free);
	map_free(book.known, free);
	free(book.at);
	return p;
}
