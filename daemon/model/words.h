#ifndef SOKUHO_MODEL_WORDS_H
#define SOKUHO_MODEL_WORDS_H

#include "base/str.h"

#include <stdbool.h>

/* The closed lists of words of design section 1, as enums and as they are written. */
enum shows { SHOWS_EVENT, SHOWS_ATTEMPT, SHOWS_HINT };
enum verdict { VERDICT_UNKNOWN, VERDICT_STOPPED, VERDICT_NOT_STOPPED };
enum certainty { CERTAINTY_SUSPECTED, CERTAINTY_CONFIRMED, CERTAINTY_POINTED_OUT };
enum implicated { IMPLICATED_UNKNOWN, IMPLICATED_YES, IMPLICATED_NO };
/* Ascending, so that levels compare. */
enum level { LEVEL_RECORD, LEVEL_REVIEW, LEVEL_URGENT, LEVEL_REPORT };
/* Asset classes of the inventory; bits, because several may hold for one asset. */
enum asset_class {
	CLASS_PROTECTED = 1 << 0,
	CLASS_SAME_INTRANET = 1 << 1,
	CLASS_OTHER_DEFENCE = 1 << 2,
	CLASS_SECRET = 1 << 3,
	CLASS_COMPANY_WEB = 1 << 4,
	CLASS_NONE = 1 << 5,		/* "not ours to report", in words */
};
#define CLASS_COUNT 6
#define CLASS_ANY_DEFENCE                                                                      \
	(CLASS_PROTECTED | CLASS_SAME_INTRANET | CLASS_OTHER_DEFENCE | CLASS_SECRET)

const char *shows_word(enum shows shows);
const char *verdict_word(enum verdict verdict);
const char *certainty_word(enum certainty certainty);
const char *implicated_word(enum implicated implicated);
const char *level_word(enum level level);
/* A single class bit. */
const char *class_word(unsigned class_bit);

/* Each returns false and leaves *out alone when the word is not of the list. */
bool shows_parse(const char *word, enum shows *out);
bool verdict_parse(const char *word, enum verdict *out);
enum verdict verdict_of(struct slice word);	/* VERDICT_UNKNOWN where it is none */
bool certainty_parse(const char *word, enum certainty *out);
bool implicated_parse(const char *word, enum implicated *out);
bool level_parse(const char *word, enum level *out);
bool class_parse(const char *word, unsigned *out);

#endif
