/* Errors as values: a kind for the program, a sentence for the person in both languages. */
#include "base/err.h"

#include "base/japanese.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
	const char *other = japanese(format);
	va_list args;

	if (!err)
		return kind;
	err->kind = kind;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	err->japanese[0] = '\0';
	if (!other)
		return kind;
	va_start(args, format);
	vsnprintf(err->japanese, sizeof(err->japanese), other, args);
	va_end(args);
	return kind;
}

static void add(char *text, size_t size, const char *more)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s", more);
}

static void add_both(struct err *err, const char *english, const char *other)
{
	if (!err)
		return;
	add(err->text, sizeof(err->text), english);
	if (err->japanese[0])
		add(err->japanese, sizeof(err->japanese), other);
}

void err_add(struct err *err, const char *sentence)
{
	const char *other = japanese(sentence);

	add_both(err, sentence, other ? other : sentence);
}

void err_hint(struct err *err, const char *const *list, size_t n, const char *word)
{
	char english[HINT_MAX], other[HINT_MAX];

	strlist_hint(list, n, word, english, other);
	add_both(err, english, other);
}

int err_prefix(struct err *err, const char *format, ...)
{
	char old[sizeof(err->text)];
	va_list args;
	size_t used;

	if (!err)
		return ERR_IO;
	memcpy(old, err->text, sizeof(old));
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, "%s", old);
	err->japanese[0] = '\0';
	return err->kind;
}
