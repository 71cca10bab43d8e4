/*
 * Looking up the decision table. Each class of the asset and each fact finds its row by the rules
 * at the head of the table (cell, else override, else cell; rows without clause by the facts'
 * own words); then the rows are joined as `combining` says. What a row says is never changed
 * here, with one exception: while the class is unknown no box is offered.
 */
#include "judge/table.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANY	  "any"
#define ANALOGOUS "analogous" /* a situation like an example: chosen by a person */
/* Class unknown: the bases of this one are proposed (`combining`). */
#define ASSET_WHEN_UNKNOWN CLASS_SAME_INTRANET
/* Suspicion falls away where another fact establishes an accident or ticks a box. */
#define BASIS_SUSPICION "s12-1-u"
#define BASIS_ACCIDENT	"s12-1-a"

const char *const output_words[OUTPUT_COUNT] = { "bases", "box", "timing", "code" };

struct table {
	const struct notice *notice;
	const struct node *cells, *overrides, *without_clause, *default_certainty;
	struct map *by_name; /* "1-ke/protected/suspected" -> cell */
};

/* A row that answers, and the fact that led to it (NULL: none was named). */
struct part {
	const struct node *row;
	const char *fact;
	bool no_box;
};

struct look {
	const struct table *table;
	const struct judge_question *question;
	const char *asset;
	bool unknown;
	struct part *parts;
	size_t n, cap;
};

static bool word_is(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* For names only: what is not there is shown as a question mark. */
static const char *row_word(const struct node *row, const char *key)
{
	const char *word = node_get_text(row, key);

	return word ? word : "?";
}

static bool row_allows(const struct node *row, const char *key, const char *word)
{
	const struct node *list = node_get(row, key);

	return node_has(list, ANY) || (word && node_has(list, word));
}

static void cell_name(char out[96], const char *clause, const char *asset, const char *certainty)
{
	snprintf(out, 96, "%s/%s/%s", clause, asset, certainty);
}

static const struct node *cell_find(const struct table *table, const char *clause,
				    const char *asset, enum certainty certainty)
{
	char name[96];

	cell_name(name, clause, asset, certainty_word(certainty));
	return map_get(table->by_name, slice_of(name));
}

static const struct node *override_find(const struct table *table, const char *clause,
					const char *fact, const char *asset,
					enum certainty certainty)
{
	for (size_t i = 0; i < node_count(table->overrides); i++) {
		const struct node *row = node_item(table->overrides, i);

		if (row_allows(row, "clauses", clause) && row_allows(row, "facts", fact) &&
		    row_allows(row, "assets", asset) &&
		    row_allows(row, "certainties", certainty_word(certainty)))
			return row;
	}
	return NULL;
}

/* Any clause would say the same where the asset and the fact decide: the first that applies. */
static const struct node *cell_like(const struct table *table, const char *fact, const char *asset,
				    enum certainty certainty)
{
	const struct node *nearest = NULL;

	for (size_t i = 0; i < node_count(table->cells); i++) {
		const struct node *cell = node_item(table->cells, i);

		if (!node_has(node_get(cell, "asset"), asset) ||
		    !node_has(node_get(cell, "certainty"), certainty_word(certainty)) ||
		    !node_has(node_get(cell, "applies"), "yes"))
			continue;
		if (!fact || node_has(node_get(cell, "fact"), fact))
			return cell;
		if (!nearest)
			nearest = cell;
	}
	return nearest;
}

/* A situation like the examples is treated the same way; no fact named, nothing is established. */
static const struct node *analogous_find(const struct table *table, const char *fact,
					 const char *asset, enum certainty certainty)
{
	const struct node *row;

	if (!fact && certainty == CERTAINTY_CONFIRMED)
		certainty = CERTAINTY_SUSPECTED;
	row = fact ? override_find(table, ANALOGOUS, fact, asset, certainty) : NULL;
	return row ? row : cell_like(table, fact, asset, certainty);
}

static const struct node *clause_find(const struct table *table, const char *clause,
				      const char *fact, const char *asset, enum certainty certainty)
{
	const struct node *cell, *row;

	if (word_is(clause, ANALOGOUS))
		return analogous_find(table, fact, asset, certainty);
	cell = cell_find(table, clause, asset, certainty);
	if (!cell || !fact || node_has(node_get(cell, "applies"), "no") ||
	    node_has(node_get(cell, "fact"), fact))
		return cell;
	row = override_find(table, clause, fact, asset, certainty);
	return row ? row : cell;
}

static const struct node *without_clause_find(const struct table *table, const char *fact,
					      const char *asset, const char *information,
					      enum certainty certainty)
{
	for (size_t i = 0; i < node_count(table->without_clause); i++) {
		const struct node *row = node_item(table->without_clause, i);

		if (row_allows(row, "fact", fact) && row_allows(row, "asset", asset) &&
		    row_allows(row, "information", information) &&
		    row_allows(row, "certainty", certainty_word(certainty)))
			return row;
	}
	return NULL;
}

static void part_add(struct look *l, const struct node *row, const char *fact)
{
	if (!row)
		return;
	l->parts = mem_grow(l->parts, &l->cap, l->n + 1, sizeof(*l->parts));
	l->parts[l->n++] = (struct part){ row, fact,
					  l->unknown && !node_has(node_get(row, "asset"), ANY) };
}

/* Servers for protected information or secrets: what is on them is just that. */
static const char *information_of(const struct look *l)
{
	const char *asset = l->asset;

	if (l->question->information || l->question->clause)
		return l->question->information;
	return word_is(asset, class_word(CLASS_PROTECTED)) ||
			       word_is(asset, class_word(CLASS_SECRET))
		       ? asset
		       : NULL;
}

/*
 * A leak, loss or destruction goes by the information and not by the machine, where somebody
 * said what the information is. Otherwise the information adds to what the clause says.
 */
static void fact_look_up(struct look *l, const char *named, enum certainty certainty)
{
	const struct table *table = l->table;
	const char *clause = l->question->clause, *information = information_of(l);
	const char *fact = named || !clause ? named : notice_clause_fact(table->notice, clause);
	const struct node *row = NULL;

	if (information || !clause)
		row = without_clause_find(table, fact, l->asset, information, certainty);
	/* What is established is at least a suspicion. */
	if (!row && !clause && certainty == CERTAINTY_CONFIRMED)
		row = without_clause_find(table, fact, l->asset, information, CERTAINTY_SUSPECTED);
	if (clause &&
	    !(row && table_fact_is_personal(table, fact) && !node_has(node_get(row, "fact"), ANY)))
		part_add(l, clause_find(table, clause, named, l->asset, certainty), fact);
	part_add(l, row, fact);
}

static void class_look_up(struct look *l)
{
	const struct judge_question *q = l->question;
	const struct {
		bool said;
		const char *fact;
	} established[] = {
		{ q->leak, "leak" },
		{ q->loss, "loss" },
		{ q->destruction, "destruction" },
	};
	bool alone = !q->clause && !q->facts.n;

	for (size_t i = 0; i < q->facts.n; i++)
		fact_look_up(l, q->facts.at[i], q->certainty);
	if (!q->facts.n && (q->clause || !(q->leak || q->loss || q->destruction)))
		fact_look_up(l, NULL, q->certainty);
	for (size_t i = 0; i < sizeof(established) / sizeof(established[0]); i++)
		if (established[i].said)
			fact_look_up(l, established[i].fact,
				     alone ? q->certainty : CERTAINTY_CONFIRMED);
}

static bool part_applies(const struct part *part, const char *word)
{
	return node_has(node_get(part->row, "applies"), word);
}

static bool part_mode_is(const struct part *part, const char *mode)
{
	return !part->no_box && node_has(node_get(part->row, "box_mode"), mode);
}

static bool is_same_fact(const char *a, const char *b)
{
	return a == b || word_is(a, b);
}

static bool suspicion_falls_away(const struct look *l, const struct part *part)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct part *other = &l->parts[i];

		if (!is_same_fact(other->fact, part->fact) &&
		    (node_has(node_get(other->row, "bases"), BASIS_ACCIDENT) ||
		     part_mode_is(other, "all")))
			return true;
	}
	return false;
}

static void list_join(struct strlist *out, const struct node *list)
{
	for (size_t i = 0; i < node_count(list); i++)
		strlist_add_once(out, node_text(node_item(list, i)));
}

static void row_name(const struct node *row, char out[160])
{
	const char *id = node_get_text(row, "id"), *clause = node_get_text(row, "clause");

	if (id)
		snprintf(out, 160, "%s", id);
	else if (clause)
		cell_name(out, clause, row_word(row, "asset"), row_word(row, "certainty"));
	else
		snprintf(out, 160, "facts_without_clause/%s/%s/%s/%s", row_word(row, "fact"),
			 row_word(row, "asset"), row_word(row, "information"),
			 row_word(row, "certainty"));
}

static void part_join(const struct look *l, const struct part *part, struct answer *out)
{
	const struct node *bases = node_get(part->row, "bases");
	const struct node *mark = node_get(part->row, "mark");
	char name[160];

	for (size_t i = 0; i < node_count(bases); i++) {
		const char *basis = node_text(node_item(bases, i));

		if (!word_is(basis, BASIS_SUSPICION) || !suspicion_falls_away(l, part))
			strlist_add_once(&out->bases, basis);
	}
	for (size_t i = 0; i < OUTPUT_COUNT; i++)
		if (!node_has(node_get(mark, output_words[i]), "stated") ||
		    (part->no_box && i != OUTPUT_TIMING))
			out->stated[i] = false;
	if (!word_is(node_get_text(part->row, "timing"), "none"))
		out->timing = node_get_text(part->row, "timing");
	list_join(&out->why, node_get(part->row, "why"));
	row_name(part->row, name);
	strlist_add_once(&out->rows, name);
}

/* Boxes that hold come first; candidates that add nothing to them leave the mode alone. */
static void boxes_join(const struct look *l, struct answer *out)
{
	static const char *const modes[] = { "all", "any_of" };

	for (size_t m = 0; m < 2; m++)
		for (size_t i = 0; i < l->n; i++) {
			size_t before = out->boxes.n;

			if (!part_mode_is(&l->parts[i], modes[m]))
				continue;
			list_join(&out->boxes, node_get(l->parts[i].row, "box"));
			list_join(&out->codes, node_get(l->parts[i].row, "code"));
			if (out->boxes.n > before)
				out->box_mode = modes[m];
		}
}

static void parts_join(const struct look *l, struct answer *out)
{
	static const char *const order[] = { "yes", "ask", "no" };
	size_t best = 2;

	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < best; k++)
			if (part_applies(&l->parts[i], order[k]))
				best = k;
	out->applies = order[best];
	for (size_t i = 0; i < OUTPUT_COUNT; i++)
		out->stated[i] = l->n > 0;
	for (size_t i = 0; i < l->n; i++)
		if (best == 2 || !part_applies(&l->parts[i], "no"))
			part_join(l, &l->parts[i], out);
	boxes_join(l, out);
}

void table_answer(const struct table *table, const struct judge_question *q, struct answer *out)
{
	struct look l = { .table = table, .question = q };
	unsigned classes = q->classes;

	*out = (struct answer){ .applies = "no", .box_mode = "none", .timing = "none" };
	l.unknown = !classes;
	if (l.unknown)
		classes = ASSET_WHEN_UNKNOWN;
	for (unsigned bit = 1; bit < 1u << CLASS_COUNT; bit <<= 1)
		if (classes & bit) {
			l.asset = class_word(bit);
			class_look_up(&l);
		}
	parts_join(&l, out);
	free(l.parts);
}

void answer_clear(struct answer *answer)
{
	strlist_clear(&answer->bases);
	strlist_clear(&answer->boxes);
	strlist_clear(&answer->codes);
	strlist_clear(&answer->why);
	strlist_clear(&answer->rows);
}

enum certainty table_default_certainty(const struct table *table, const char *clause)
{
	enum certainty certainty = CERTAINTY_SUSPECTED;
	const char *word = node_get_text(table->default_certainty, clause);

	if (word)
		certainty_parse(word, &certainty);
	return certainty;
}

bool table_fact_is_personal(const struct table *table, const char *fact)
{
	const struct node *facts = node_get(table->notice->profile, "facts");

	for (size_t i = 0; fact && i < node_count(facts); i++)
		if (word_is(node_get_text(node_item(facts, i), "id"), fact))
			return word_is(node_get_text(node_item(facts, i), "confirmed_by"),
				       "person");
	return false;
}

/* The words that a row may use are keys of maps in the table's own head. */
static void rows_check(const struct notice *notice, const char *section, struct problems *problems)
{
	static const struct {
		const char *key, *words;
	} closed[] = {
		{ "applies", "applies_values" },
		{ "box_mode", "box_mode_values" },
		{ "timing", "timing_values" },
	};
	const struct node *rows = node_get(notice->table, section);

	for (size_t i = 0; i < node_count(rows); i++)
		for (size_t k = 0; k < sizeof(closed) / sizeof(closed[0]); k++) {
			const struct node *row = node_item(rows, i);
			const char *word = node_get_text(row, closed[k].key);

			if (!word || !node_get(node_get(notice->table, closed[k].words), word))
				node_error(problems, notice->table_file, row,
					   "'%s' of a row of %s is '%s', which is not in %s",
					   closed[k].key, section, word ? word : "missing",
					   closed[k].words);
		}
	if (!node_count(rows))
		node_error(problems, notice->table_file, notice->table, "'%s' is missing", section);
}

/* Every clause of the profile has a cell for every class and certainty, and a default. */
static void cells_check(const struct table *t, struct problems *problems)
{
	const struct notice *notice = t->notice;
	const struct node *clauses = node_get(notice->profile, "clauses");
	const struct node *classes = node_get(notice->table, "asset_classes");
	enum certainty certainty;

	for (size_t i = 0; i < node_count(clauses); i++) {
		const char *clause = node_get_text(node_item(clauses, i), "id");
		const char *word = clause ? node_get_text(t->default_certainty, clause) : NULL;

		if (!word || !certainty_parse(word, &certainty)) {
			node_error(problems, notice->table_file, t->default_certainty,
				   "clause '%s' has no default_certainty", clause ? clause : "");
			continue;
		}
		for (size_t k = 0; classes && k < classes->n; k++)
			for (certainty = 0; certainty <= CERTAINTY_POINTED_OUT; certainty++)
				if (!cell_find(t, clause, classes->keys[k]->text.at, certainty))
					node_error(problems, notice->table_file, t->cells,
						   "no cell for %s/%s/%s", clause,
						   classes->keys[k]->text.at,
						   certainty_word(certainty));
	}
}

struct table *table_new(const struct notice *notice, struct problems *problems)
{
	static const char *const sections[] = { "cells", "fact_overrides", "facts_without_clause" };
	struct table *t = mem_zalloc(sizeof(*t));
	size_t errors = problems->errors;
	char name[160];

	t->notice = notice;
	t->cells = node_get(notice->table, "cells");
	t->overrides = node_get(notice->table, "fact_overrides");
	t->without_clause = node_get(notice->table, "facts_without_clause");
	t->default_certainty = node_get(notice->table, "default_certainty");
	t->by_name = map_new();
	for (size_t i = 0; i < node_count(t->cells); i++) {
		row_name(node_item(t->cells, i), name);
		map_put(t->by_name, slice_of(name), (void *)node_item(t->cells, i));
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		rows_check(notice, sections[i], problems);
	cells_check(t, problems);
	if (problems->errors == errors)
		return t;
	table_free(t);
	return NULL;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	map_free(table->by_name, NULL);
	free(table);
}
