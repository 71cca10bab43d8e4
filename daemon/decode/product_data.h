#ifndef SOKUHO_DECODE_PRODUCT_DATA_H
#define SOKUHO_DECODE_PRODUCT_DATA_H

#include "base/need.h"
#include "base/regex.h"
#include "decode/operation.h"
#include "decode/product.h"

#define SHOWN_MAX 200			/* bytes of a value, in a fault */

/* The insides of decode data, for the files that load and apply it, and for through.c, which looks through it. */
struct known_by {
	struct condition condition;	/* program, format, fields */
	struct regex *line;
	char *line_text;
	struct need *line_need;		/* what a text needs to match it; made by through.c */
	struct need_check *line_check;	/* the same */
};

struct pattern {
	char *on;
	struct regex *regex;
	char *text;
	struct need *need;		/* what a text needs to match it; made by through.c */
	struct setting_list set;
};

struct one_case {
	struct condition condition;
	struct setting_list set;
};

struct name_map {
	char *from;
	uint64_t hash;			/* of it */
	struct strlist to;
};

struct product {
	char *name;
	struct known_by *known;
	size_t n_known;
	struct setting_list set;
	struct name_map *map;
	size_t n_map;
	struct pattern *patterns;
	size_t n_patterns;
	struct one_case *cases;
	size_t n_cases;
	struct verdict_words verdict;
	struct strlist settles_with;	/* fields that a record shares with the one that settles its verdict; empty: none does */
	struct condition settles_if;	/* of those that wait for it */
	int64_t settles_within;
	bool fill;			/* names and shapes give what its patterns leave open */
	struct logsource *logsources;
	size_t n_logsources;
	const struct node *samples;
	const struct yaml *yaml;
	struct need *when_need;		/* what a line needs to be taken; made by through.c */
};

struct class_words {
	struct strlist in;
	uint64_t *hashes;		/* of `in` */
	struct wordset words;
	struct condition condition;	/* what must hold besides; may be empty */
	struct setting_list set;
};

/* One way to write a name: letters and digits only, so that src_ip, srcIp, "Src IP" and src-ip are one. */
struct known_name {
	size_t to, rank;
	struct slice name;		/* as the file has it: hyphens between its words */
	struct known_name *next;	/* the same for another field */
};

/* The words of a name that stand unparted in every spelling: of three letters or more, or the only one. Start with *at = 0. */
bool known_name_word(const struct known_name *known, size_t *at, struct slice *word);
/* Is it one way to write this field? */
bool known_name_is(const struct known_name *known, const char *field);

struct words {
	char **to;			/* ECS names */
	bool *all;			/* takes the values of all its names */
	size_t n_to;
	struct map *known;		/* plain name to struct known_name */
	struct verdict_words verdict;
	struct class_words *classes;
	size_t n_classes;
};

struct sources {
	struct condition *conditions;	/* a row each: a condition and what it gives */
	struct logsource *logsources;
	size_t n;
	bool *is_wanted;		/* does a row give what was wanted? */
	/* of the wanted rows: all; those for records that no product takes; those for records that one takes, by its name */
	struct source_rows {
		size_t *at;
		size_t n, cap;
	} of_any, of_none;
	struct map *of_product;
};

#endif
