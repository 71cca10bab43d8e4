/* A list of complaints with their places. */
#include "base/problem.h"

#include "base/escape.h"
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
