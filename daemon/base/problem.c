/* A list of complaints with their places. */
#include "base/problem.h"

#include "base/escape.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define PROBLEMS_MAX 1000

void problem_add(struct problems *problems, enum problem_kind kind, const char *file, int line,
		 int col, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (kind == PROBLEM_ERROR)
		problems->errors++;
	if (problems->n >= PROBLEMS_MAX)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	problems->at = mem_grow(problems->at, &problems->cap, problems->n + 1,
				sizeof(*problems->at));
	problems->at[problems->n++] = (struct problem){
		kind, mem_strdup(file ? file : ""), line, col, mem_strdup(text)
	};
}

void problems_fold(struct problems *problems, size_t from)
{
	struct map *first = map_new();		/* text to the problem that stays, from 1 */
	size_t *more = mem_zalloc((problems->n + 1) * sizeof(*more)), kept = from;

	for (size_t i = from; i < problems->n; i++) {
		struct problem p = problems->at[i];
		size_t at = (size_t)(uintptr_t)map_get(first, slice_of(p.text));

		if (at && p.kind == PROBLEM_WARNING) {
			more[at - 1]++;
			free(p.file);
			free(p.text);
			continue;
		}
		if (p.kind == PROBLEM_WARNING)
			map_put(first, slice_of(p.text), (void *)(uintptr_t)(kept + 1));
		problems->at[kept++] = p;
	}
	problems->n = kept;
	for (size_t i = from; i < kept; i++) {
		struct text text = { 0 };

		if (!more[i])
			continue;
		text_addf(&text, "%s (and %zu more like this)", problems->at[i].text, more[i]);
		free(problems->at[i].text);
		problems->at[i].text = text_take(&text);
	}
	map_free(first, NULL);
	free(more);
}

void problems_clear(struct problems *problems)
{
	for (size_t i = 0; i < problems->n; i++) {
		free(problems->at[i].file);
		free(problems->at[i].text);
	}
	free(problems->at);
	*problems = (struct problems){ 0 };
}

void problems_print(const struct problems *problems, struct text *out)
{
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->at[i];

		escape_terminal(slice_of(p->file), out);
		if (p->line)
			text_addf(out, ":%d:%d", p->line, p->col);
		text_add(out, p->kind == PROBLEM_ERROR ? ": error: " : ": warning: ");
		escape_terminal(slice_of(p->text), out);
		text_add_char(out, '\n');
	}
	if (problems->n >= PROBLEMS_MAX)
		text_addf(out, "(only the first %d problems are shown)\n", PROBLEMS_MAX);
}
