#ifndef SOKUHO_BASE_REGEX_NEED_H
#define SOKUHO_BASE_REGEX_NEED_H

#include "base/need.h"
#include "base/regex.h"

/*
 * What a text must hold before a PCRE2 pattern can match in it. Sound by construction: whatever is not
 * understood ends a literal or gives up. flags are those of regex_new(); whether the pattern works on
 * characters (UTF) is decided exactly as regex_new() does.
 */
struct regex_need {
	struct need *need;		/* NULL: nothing is known */
	/* A run of at least run_min bytes of one class must stand in every match; 0: none known. Never '\n'. */
	size_t run_min;
	unsigned char run_class[32];	/* bit set of bytes */
	/*
	 * The pattern without its assertions (^ $ \b lookaround ...), so that every match of the pattern inside any
	 * substring of a text is a match of this one in the text; NULL where that cannot be written, and for UTF
	 * patterns. In the syntax of PCRE2, owned.
	 */
	char *weakened;
};

void regex_need_init(struct slice pattern, unsigned flags, struct regex_need *out);
void regex_need_clear(struct regex_need *need);

#endif
