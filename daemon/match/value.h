#ifndef SOKUHO_MATCH_VALUE_H
#define SOKUHO_MATCH_VALUE_H

#include "base/str.h"

/*
 * Values in Sigma notation and the modifiers that change their bytes. In the notation `*` and `?` are wild, `\*`
 * `\?` and `\\` stand for the second byte, any other backslash for itself.
 */
enum notation { NOTATION_END, NOTATION_BYTE, NOTATION_ONE, NOTATION_MANY };

/* Walk: start with *at = 0; *byte is set for NOTATION_BYTE. */
enum notation notation_next(struct slice text, size_t *at, unsigned char *byte);
void notation_add_bytes(struct text *text, struct slice bytes);

/* One written value on its way through the modifiers; one may become several. */
struct drafts {
	struct text *at;
	size_t n, cap;
};
#define DRAFTS_MAX 100000		/* values that one written value may become */
#define WINDASH_MAX 625			/* four flags */

void drafts_add(struct drafts *drafts, struct slice notation);
void drafts_clear(struct drafts *drafts);

/*
 * Each takes one value and adds what it becomes; false with *fault (a constant sentence) when it cannot be done.
 */
typedef bool (*value_transform)(struct slice in, struct drafts *out, const char **fault);
bool value_windash(struct slice in, struct drafts *out, const char **fault);
bool value_base64(struct slice in, struct drafts *out, const char **fault);
bool value_base64offset(struct slice in, struct drafts *out, const char **fault);
bool value_utf16le(struct slice in, struct drafts *out, const char **fault);
bool value_utf16be(struct slice in, struct drafts *out, const char **fault);
bool value_utf16(struct slice in, struct drafts *out, const char **fault);

#endif
