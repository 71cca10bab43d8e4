/* A list of complaints with their places. */
#include "base/problem.h"

#include "base/escape.h"
#include "base/japanese.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define PROBLEMS_MAX 1000

/* Around an argument in both languages. A sentence that holds such bytes by chance only shows less of itself. */
enum { BEGIN = 1, MIDDLE, END };

const char *problem_both(const char *english, const char *other, char out[BOTH_MAX])
{
	if (!other)
		other = japanese(english);
	snprintf(out, BOTH_MAX, "%c%.480s%c%.480s%c", BEGIN, english, MIDDLE, other ? other : english, END);
	return out;
}

const char *problem_err(const struct err *err, char out[BOTH_MAX])
{
	return problem_both(err->text, err->japanese[0] ? err->japanese : err->text, out);
}

const char *problem_hint(const char *const *list, size_t n, const char *word, char out[BOTH_MAX])
{
	char english[HINT_MAX], other[HINT_MAX];

	strlist_hint(list, n, word, english, other);
	return problem_both(english, other, out);
}

/* Of arguments in both languages one. */
static char *in_one_language(const char *text, bool is_japanese)
{
	struct text out = { 0 };
	char part = 0;

	text_add(&out, "");
	for (; *text; text++) {
		if (*text >= BEGIN && *text <= END)
			part = *text;
		else if (part != (is_japanese ? BEGIN : MIDDLE))
			text_add_char(&out, *text);
	}
	return text_take(&out);
}

static char *sentence(const char *format, va_list args, bool is_japanese)
{
	char text[2048];

	vsnprintf(text, sizeof(text), format, args);
	return in_one_language(text, is_japanese);
}

void problem_add(struct problems *problems, enum problem_kind kind, const char *file, int line,
		 int col, const char *format, ...)
{
	const char *other = japanese(format);
	struct problem *p;
	va_list args;

	if (kind == PROBLEM_ERROR)
		problems->errors++;
	if (problems->n >= PROBLEMS_MAX)
		return;
	problems->at = mem_grow(problems->at, &problems->cap, problems->n + 1,
				sizeof(*problems->at));
	p = &problems->at[problems->n++];
	*p = (struct problem){ .kind = kind, .file = mem_strdup(file ? file : ""), .line = line, .col = col };
	va_start(args, format);
	p->text = sentence(format, args, false);
	va_end(args);
	if (!other)
		return;
	va_start(args, format);
	p->japanese = sentence(other, args, true);
	va_end(args);
}

static void problem_clear(struct problem *p)
{
	free(p->file);
	free(p->text);
	free(p->japanese);
}

static void add_more(char **sentence, const char *format, size_t more)
{
	struct text text = { 0 };

	if (!*sentence)
		return;
	text_addf(&text, format, *sentence, more);
	free(*sentence);
	*sentence = text_take(&text);
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
			problem_clear(&p);
			continue;
		}
		if (p.kind == PROBLEM_WARNING)
			map_put(first, slice_of(p.text), (void *)(uintptr_t)(kept + 1));
		problems->at[kept++] = p;
	}
	problems->n = kept;
	for (size_t i = from; i < kept; i++) {
		if (!more[i])
			continue;
		add_more(&problems->at[i].text, "%s (and %zu more like this)", more[i]);
		add_more(&problems->at[i].japanese, "%s（ほかに同じもの %zu 件）", more[i]);
	}
	map_free(first, NULL);
	free(more);
}

void problems_clear(struct problems *problems)
{
	for (size_t i = 0; i < problems->n; i++)
		problem_clear(&problems->at[i]);
	free(problems->at);
	*problems = (struct problems){ 0 };
}

void problems_print(const struct problems *problems, bool is_japanese, struct text *out)
{
	static const char *const marks[2][2] = { { ": error: ", ": エラー: " }, { ": warning: ", ": 警告: " } };

	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->at[i];

		escape_terminal(slice_of(p->file), out);
		if (p->line)
			text_addf(out, ":%d:%d", p->line, p->col);
		text_add(out, marks[p->kind == PROBLEM_WARNING][is_japanese]);
		escape_terminal(slice_of(is_japanese && p->japanese ? p->japanese : p->text), out);
		text_add_char(out, '\n');
	}
	if (problems->n >= PROBLEMS_MAX)
		text_addf(out, is_japanese ? "（%d 件まで示した）\n" : "(only the first %d problems are shown)\n", PROBLEMS_MAX);
}
