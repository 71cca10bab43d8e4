#ifndef SOKUHO_MATCH_SEARCH_ITEMS_H
#define SOKUHO_MATCH_SEARCH_ITEMS_H

#include "base/glob.h"
#include "base/regex.h"
#include "model/lookup.h"
#include "settings/config.h"

/*
 * The compiled form of search identifiers, for this room only: search.c makes and evaluates it, others of the room read
 * it to learn which bytes a line must hold.
 *
 *   search       one of the alternatives holds
 *   alternative  all items hold
 *   item         one value holds (all of them with `all`), turned round by `neq`
 *   value        as written, after its modifiers; one written value may have become several of the same group, of
 *                which one suffices (also with `all`)
 */
enum search_operation {
	SEARCH_TEXT,			/* Sigma's wildcards, also plain text */
	SEARCH_REGEX,
	SEARCH_CIDR,
	SEARCH_EXISTS,
	SEARCH_LT,
	SEARCH_LTE,
	SEARCH_GT,
	SEARCH_GTE,
	SEARCH_FIELD,			/* fieldref: equal to another field of the record */
};

enum time_part { TIME_WHOLE, TIME_MINUTE, TIME_HOUR, TIME_DAY, TIME_WEEK, TIME_MONTH, TIME_YEAR };

struct search_value {
	size_t group;			/* index of the value as written */
	bool null;			/* absent or null */
	bool empty;			/* '' */
	bool number;			/* written as a whole number: 7 is also 7.0 and 007 */
	/* SEARCH_TEXT: Sigma notation after all transforms (walk it with notation_next()); SEARCH_REGEX: the pattern */
	struct text text;
	struct glob *glob;		/* SEARCH_TEXT, unless null or empty */
	struct regex *regex;		/* SEARCH_REGEX */
	struct network network;		/* SEARCH_CIDR */
	double limit;			/* SEARCH_LT ... SEARCH_GTE */
	bool exists;			/* SEARCH_EXISTS */
	struct lookup other;		/* SEARCH_FIELD */
};

struct search_item {
	char *field;			/* as written; NULL: a keyword, the raw line and every value */
	struct lookup lookup;		/* where the field may be found; path 0 is the field itself */
	enum search_operation operation;
	enum time_part time;		/* of the value that is compared; TIME_WHOLE: the value itself */
	unsigned open;			/* GLOB_OPEN_...: contains startswith endswith */
	unsigned regex_flags;		/* REGEX_... */
	bool cased;
	bool all;			/* every group must hold */
	bool negated;			/* neq */
	bool never;			/* an expand without its list: cannot hold, whatever the record */
	struct search_value *values;	/* sorted by group */
	size_t n, cap;
};

struct search_alternative {
	struct search_item *items;
	size_t n;
};

struct search {
	struct search_alternative *alternatives;
	size_t n;
};

#endif
