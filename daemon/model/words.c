/* Words of the model, one table each. */
#include "model/words.h"

#include <stddef.h>
#include <string.h>

static const char *const shows_words[] = { "event", "attempt", "hint" };
static const char *const verdict_words[] = { "unknown", "stopped", "not_stopped" };
static const char *const certainty_words[] = { "suspected", "confirmed", "pointed_out" };
static const char *const implicated_words[] = { "unknown", "yes", "no" };
static const char *const level_words[] = { "record", "review", "urgent", "report" };
static const char *const class_words[] = { "protected", "same_intranet", "other_defence",
					   "secret", "company_web", "none" };

static int word_find(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; word && i < n; i++)
		if (strcmp(words[i], word) == 0)
			return (int)i;
	return -1;
}

#define WORDS(kind, type)                                                                       \
	const char *kind##_word(type value)                                                     \
	{                                                                                       \
		return kind##_words[value];                                                     \
	}                                                                                       \
	bool kind##_parse(const char *word, type *out)                                          \
	{                                                                                       \
		int i = word_find(kind##_words, sizeof(kind##_words) / sizeof(char *), word);   \
                                                                                                \
		if (i >= 0)                                                                     \
			*out = (type)i;                                                         \
		return i >= 0;                                                                  \
	}

WORDS(shows, enum shows)
WORDS(verdict, enum verdict)
WORDS(certainty, enum certainty)
WORDS(implicated, enum implicated)
WORDS(level, enum level)

enum verdict verdict_of(struct slice word)
{
	size_t i = sizeof(verdict_words) / sizeof(verdict_words[0]);

	while (--i && !slice_is(word, verdict_words[i]))
		;
	return (enum verdict)i;
}

const char *class_word(unsigned class_bit)
{
	for (size_t i = 0; i < CLASS_COUNT; i++)
		if (class_bit == 1u << i)
			return class_words[i];
	return "unknown";
}

bool class_parse(const char *word, unsigned *out)
{
	int i = word_find(class_words, CLASS_COUNT, word);

	if (i >= 0)
		*out = 1u << i;
	return i >= 0;
}
