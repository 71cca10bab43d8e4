/* Rows in order, the first that fits counts; the file goes from the particular to the general. */
#include "match/foreign.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct row {
	struct strlist tags;		/* one suffices; empty: any */
	char *category, *product, *service;
	struct strlist clauses;
	char *fact;
	enum shows shows;
};

struct foreign {
	struct row *rows;
	size_t n;
};

static void row_load(const struct yaml *yaml, const struct node *node, struct row *out,
		     const struct notice *notice, struct problems *problems)
{
	static const char *const keys[] = { "tags", "logsource", "clauses", "fact", "shows" };
	static const char *const triple[] = { "category", "product", "service" };
	const struct node *logsource = node_get(node, "logsource");
	const char *fact = node_get_text(node, "fact"), *shows = node_get_text(node, "shows");

	node_check_keys(yaml, node, "rows", keys, 5, problems);
	node_check_keys(yaml, logsource, "logsource", triple, 3, problems);
	node_strings(node_get(node, "tags"), &out->tags);
	out->category = mem_strdup(node_get_text(logsource, "category"));
	out->product = mem_strdup(node_get_text(logsource, "product"));
	out->service = mem_strdup(node_get_text(logsource, "service"));
	node_strings(node_get(node, "clauses"), &out->clauses);
	if (!out->clauses.n || !shows || !shows_parse(shows, &out->shows))
		node_error(problems, yaml, node,
			   "a row needs `clauses` and `shows` (event, attempt or hint)");
	for (size_t i = 0; notice && i < out->clauses.n; i++)
		if (!notice_clause(notice, out->clauses.at[i]))
			notice_unknown_at(notice, "clause", out->clauses.at[i], yaml, node, problems);
	if (fact && notice && !notice_has_fact(notice, fact))
		notice_unknown_at(notice, "fact", fact, yaml, node, problems);
	if (!fact && notice && out->clauses.n)
		fact = notice_clause_fact(notice, out->clauses.at[0]);
	out->fact = mem_strdup(fact ? fact : "infection");
}

struct foreign *foreign_load(const char *path, const struct notice *notice,
			     struct problems *problems)
{
	size_t errors = problems->errors;
	struct yaml *yaml = yaml_load(path, problems);
	const struct node *list;
	struct foreign *f;

	if (!yaml)
		return NULL;
	f = mem_zalloc(sizeof(*f));
	list = yaml->n ? node_get(yaml->documents[0], "rows") : NULL;
	if (!node_count(list))
		problem_add(problems, PROBLEM_ERROR, path, 1, 1, "`rows` is missing");
	f->rows = mem_zalloc((node_count(list) + 1) * sizeof(*f->rows));
	for (size_t i = 0; i < node_count(list); i++)
		row_load(yaml, node_item(list, i), &f->rows[f->n++], notice, problems);
	yaml_free(yaml);
	if (problems->errors == errors)
		return f;
	foreign_free(f);
	return NULL;
}

void foreign_free(struct foreign *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		strlist_clear(&f->rows[i].tags);
		strlist_clear(&f->rows[i].clauses);
		free(f->rows[i].category);
		free(f->rows[i].product);
		free(f->rows[i].service);
		free(f->rows[i].fact);
	}
	free(f->rows);
	free(f);
}

static bool word_fits(const char *want, const char *have)
{
	return !want || (have && strcmp(want, have) == 0);
}

/* attack.t1059 is also for attack.t1059.001. */
static bool tag_fits(const char *want, const char *have)
{
	size_t len = strlen(want);

	return strncmp(want, have, len) == 0 && (have[len] == '\0' || have[len] == '.');
}

static bool row_fits(const struct row *row, const struct node *tags,
		     const struct logsource *logsource)
{
	if (!word_fits(row->category, logsource->category) ||
	    !word_fits(row->product, logsource->product) ||
	    !word_fits(row->service, logsource->service))
		return false;
	for (size_t i = 0; i < row->tags.n; i++)
		for (size_t k = 0; k < node_count(tags); k++) {
			const char *tag = node_text(node_item(tags, k));

			if (tag && tag_fits(row->tags.at[i], tag))
				return true;
		}
	return row->tags.n == 0;
}

void foreign_apply(const struct foreign *f, const struct node *tags,
		   const struct logsource *logsource, const char *severity, struct meaning *meaning)
{
	size_t i = 0;

	while (f && i < f->n && !row_fits(&f->rows[i], tags, logsource))
		i++;
	meaning->cap = LEVEL_RECORD;
	if (!f || i == f->n)
		return;
	meaning->borrowed = true;
	meaning->shows = f->rows[i].shows;
	meaning->fact = mem_strdup(f->rows[i].fact);
	strlist_copy(&meaning->clauses, &f->rows[i].clauses);
	if (strcmp(severity, "informational") != 0 && strcmp(severity, "low") != 0)
		meaning->cap = LEVEL_REPORT;
}
