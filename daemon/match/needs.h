#ifndef SOKUHO_MATCH_NEEDS_H
#define SOKUHO_MATCH_NEEDS_H

#include "base/need.h"
#include "match/ruleset.h"

/*
 * What each rule of a set needs in the raw line: the needs of its condition, looked at through the decode data, in
 * all spellings that formats have. They hold for lines without an escape that may spell any byte. Lives beside the
 * rule set; immutable.
 */
struct needs;
struct needs_source {
	/*
	 * Can decode data give the field (NULL: any field) a value that `fits` takes (NULL: takes none of its constants), other
	 * than by copying it from the line? False: no. True: *need is what such a line must hold (NULL: anything); the caller's
	 * to free.
	 */
	bool (*constant)(void *context, const char *field,
			 bool (*fits)(const void *test, struct slice value), const void *test,
			 struct need **need);
	/*
	 * What a line must hold so that its record can have the field at all, or (logged) have it with a value that stands in
	 * the line; NULL: anything. The caller's to free.
	 */
	struct need *(*name)(void *context, const char *field, bool logged);
	/* Can any line give a record of this logsource? *need: what such a line must hold (NULL: anything). */
	bool (*logsource)(void *context, const struct logsource *wanted, struct need **need);
	/* What a text must hold to be known by decode data; NULL: anything. The caller's to free. */
	struct need *(*text)(void *context);
	void *context;
	/* All constants, in one piece; may be empty where there are none. */
	struct slice constants;
};
struct needs *needs_new(const struct ruleset *ruleset, const struct needs_source *source);
void needs_free(struct needs *needs);
/*
 * False when a pattern that every match needs does not match in this line, which holds no escape that may spell any byte.
 * escaped: it holds other escapes. Much cheaper than decoding. NULL needs: true.
 */
bool needs_allow(const struct needs *needs, unsigned rule, struct slice raw, bool escaped);
/* The same, and every literal is asked for: the same answer with any prefilter and with none. */
bool needs_are_met(const struct needs *needs, unsigned rule, struct slice raw, bool escaped);

/* For the prefilter: entries 0 ... n-1 are rules, n is the text that decode data
 * may know, as it stands. */
size_t needs_count(const struct needs *needs);
/* Equal needs, and equal parts of needs, are one and the same. */
const struct need *needs_entry(const struct needs *needs, size_t i);
/* False for what is never tried on lines: correlations, and rules of logsources that no line can have. */
bool needs_is_wanted(const struct needs *needs, size_t i);
/* Is a rule dear to try: does it look into every value of a record? */
bool needs_is_dear(const struct needs *needs, size_t i);

#endif
