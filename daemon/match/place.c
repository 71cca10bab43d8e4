/* Of each rule's need the part that is looked for, and what is asked of a line beside it. */
#include "match/prefilter_state.h"

#include "base/mem.h"

#include <string.h>

#define COST_SHARED 0.1			/* of the cost of what is looked for in any case */

static unsigned reason_add(struct prefilter *p, unsigned group)
{
	p->reasons = mem_grow(p->reasons, &p->cap_reasons, p->n_reasons + 1, sizeof(*p->reasons));
	p->reasons[p->n_reasons] = (struct reason){ .group = group };
	return (unsigned)p->n_reasons++;
}

/* What spares the most for the least is asked for first. */
static void asked_add(struct asked *asked, const struct need *need, double cost)
{
	size_t at = asked->n++;

	for (; at && asked->at[at - 1].cost > cost; at--)
		asked->at[at] = asked->at[at - 1];
	asked->at[at] = (struct beside){ need, 0, cost };
}

/* Of an `all` the parts beside the one that is looked for; and what stood beside the whole. */
static struct asked asked_beside(struct book *book, const struct need *all, const struct need *part, const struct asked *outer)
{
	struct asked asked = { mem_zalloc((outer->n + all->n + 1) * sizeof(*asked.at)), 0 };
	double cost;

	for (size_t i = 0; i < outer->n; i++)
		asked_add(&asked, outer->at[i].need, outer->at[i].cost);
	for (size_t i = 0; i < all->n; i++)
		if (all->parts[i] != part && (cost = book_asking(book, all->parts[i])) < ASKED_LITERALS)
			asked_add(&asked, all->parts[i], cost);
	return asked;
}

/* The same group for a part of `all`. */
static unsigned reason_within(struct prefilter *p, struct book *book, unsigned outer, const struct need *all,
			      const struct need *part)
{
	unsigned reason = reason_add(p, p->reasons[outer].group);

	p->reasons[reason].asked = asked_beside(book, all, part, &p->reasons[outer].asked);
	return reason;
}

static void literal_place(struct book *book, const struct need *need, unsigned reason)
{
	reason_list_add(&book->at[book_find(book, need, true)].reasons, reason);
}

static void run_place(struct prefilter *p, const struct need *need, unsigned reason)
{
	struct run *run;
	size_t i = 0;

	while (i < p->n_runs && memcmp(p->runs[i].class, need->run_class, 32) != 0)
		i++;
	if (i == p->n_runs) {
		p->runs = mem_grow(p->runs, &p->cap_runs, p->n_runs + 1, sizeof(*p->runs));
		run = &p->runs[p->n_runs++];
		*run = (struct run){ .min = need->run_min };
		memcpy(run->class, need->run_class, 32);
		for (size_t k = 0; k < 256; k++)
			run->is[k] = k != '\n' && run->class[k >> 3] >> (k & 7) & 1;
	}
	run = &p->runs[i];
	run->min = need->run_min < run->min ? need->run_min : run->min;
	run->reasons = mem_grow(run->reasons, &run->cap_reasons, run->n_reasons + 1, sizeof(*run->reasons));
	run->mins = mem_grow(run->mins, &run->cap_mins, run->n_reasons + 1, sizeof(*run->mins));
	run->reasons[run->n_reasons] = reason;
	run->mins[run->n_reasons++] = need->run_min;
}

static void pattern_place(struct prefilter *p, const struct need *need, unsigned reason)
{
	size_t i = 0;

	reason_list_add(&p->on_escape, reason);
	if (need->run_min >= RUN_GOOD) {
		run_place(p, need, reason);
		return;
	}
	while (i < p->n_patterns &&
	       (p->patterns[i].flags != need->regex_flags || strcmp(p->patterns[i].text, need->bytes) != 0))
		i++;
	if (i == p->n_patterns) {
		p->patterns = mem_grow(p->patterns, &p->cap_patterns, p->n_patterns + 1, sizeof(*p->patterns));
		p->patterns[p->n_patterns++] = (struct pattern){ .text = need->bytes, .flags = need->regex_flags };
	}
	reason_list_add(&p->patterns[i].reasons, reason);
}

/* The part of an `all` that is looked for; NULL: each costs as much as to try every line. */
static const struct need *best_part(struct book *book, const struct need *all, enum prefilter_mode mode, part_cost cost_of)
{
	const struct need *best = NULL;
	struct considered considered;
	double cost = COST_LINE;

	considered_take(all, &considered);
	for (size_t i = 0; i < considered.n; i++) {
		double one = cost_of(book, considered.parts[i], mode);

		if (one < cost) {
			cost = one;
			best = considered.parts[i];
		}
	}
	return best;
}

/* Enters what is to be looked for, part by part. */
static void need_place(struct prefilter *p, struct book *book, const struct need *need, enum prefilter_mode mode,
		       unsigned reason)
{
	const struct need *best;

	switch (need->kind) {
	case NEED_LITERAL: literal_place(book, need, reason); return;
	case NEED_PATTERN: pattern_place(p, need, reason); return;
	case NEED_ANY:
		for (size_t i = 0; i < need->n; i++)
			need_place(p, book, need->parts[i], mode, reason);
		return;
	case NEED_ALL:
		best = best_part(book, need, mode, book_cost);
		need_place(p, book, best, mode, reason_within(p, book, reason, need, best));
	}
}

double shared_cost(struct book *book, const struct need *need, enum prefilter_mode mode)
{
	double cost = book_cost(book, need, mode);

	return cost < COST_LINE && book_known(book, need)->wanted > 1 ? cost * COST_SHARED : cost;
}

static const struct need *rule_part(struct book *book, const struct need *need, enum prefilter_mode mode, part_cost cost_of)
{
	if (need && need->kind == NEED_ALL)
		return best_part(book, need, mode, cost_of);
	return book_cost(book, need, mode) < COST_LINE ? need : NULL;
}

static unsigned group_add(struct prefilter *p, struct choice choice)
{
	p->groups = mem_grow(p->groups, &p->cap_groups, p->n_groups + 1, sizeof(*p->groups));
	p->groups[p->n_groups] = (struct group){ .choice = choice };
	return (unsigned)p->n_groups++;
}

/* The group of a part; what is looked for is entered with its first rule. */
static unsigned group_of(struct prefilter *p, struct book *book, const struct need *part, enum prefilter_mode mode)
{
	struct known *known = book_known(book, part);
	unsigned group;

	if (known->group)
		return known->group - 1;
	group = group_add(p, (struct choice){ "literal", NULL, book_cost(book, part, mode) / book->candidate, 0 });
	known->group = group + 1;
	need_place(p, book, part, mode, reason_add(p, group));
	return group;
}

static unsigned group_of_every_line(struct prefilter *p, const char *why)
{
	unsigned group = group_add(p, (struct choice){ "line", why, 0, 0 });

	reason_list_add(&p->always, reason_add(p, group));
	return group;
}

void rule_place(struct prefilter *p, struct book *book, unsigned rule, enum prefilter_mode mode, part_cost cost_of)
{
	const struct need *need = needs_entry(p->needs, rule), *part = rule_part(book, need, mode, cost_of);
	unsigned at = part ? group_of(p, book, part, mode) :
			     group_of_every_line(p, need ? "what it needs is too common or no literal" : "no literal is known");
	struct group *group = &p->groups[at];

	group->members = mem_grow(group->members, &group->cap, group->n + 1, sizeof(*group->members));
	group->members[group->n] = (struct member){ .rule = rule, .dear = needs_is_dear(p->needs, rule) };
	if (part && part != need)
		group->members[group->n].asked = asked_beside(book, need, part, &(struct asked){ 0 });
	group->n++;
	p->group_of[rule] = at + 1;
}
