#ifndef SOKUHO_DECODE_OPERATION_H
#define SOKUHO_DECODE_OPERATION_H

#include "base/glob.h"
#include "model/record.h"
#include "settings/yaml.h"

/* The pieces that decode data is made of: word lists, conditions, constants, names. */

/* Words with wildcards, compared caselessly; '' stands for empty or absent. */
struct wordset {
	struct word {
		struct glob *glob;
		uint32_t bytes;		/* glob_bytes() */
	} *at;
	size_t n;
	bool or_empty;
	bool first[256];		/* by a value's first byte: may a word fit at all? */
};
void wordset_load(const struct node *node, struct wordset *out);
void wordset_clear(struct wordset *words);
bool wordset_has(const struct wordset *words, struct slice value);

/* A map of key: words; all must hold. Keys: program, format, product, or a field. */
enum key_kind { KEY_PROGRAM, KEY_FORMAT, KEY_PRODUCT, KEY_MESSAGE, KEY_FIELD };
struct condition_key {
	enum key_kind kind;
	char *name;
	uint64_t hash;			/* of the name */
	struct wordset words;
	unsigned formats;		/* KEY_FORMAT: bits by their numbers; a record of none passes for a text */
};
void condition_key_init(const struct yaml *yaml, struct condition_key *key, const char *name, const struct node *words,
			struct problems *problems);
struct condition {
	struct condition_key *keys;
	size_t n;
	/* what excludes it at a glance */
	struct record_names names;	/* of the fields that must be there */
	uint64_t programs[4];		/* by the first byte of the program, 0 for none: may its words fit? */
	unsigned formats;
	bool asks;			/* for more than a format */
};
/* After the last of its keys. */
void condition_ready(struct condition *condition);
bool condition_load(const struct yaml *yaml, const struct node *map, struct condition *out,
		    struct problems *problems);
void condition_clear(struct condition *condition);
bool condition_keys_hold(const struct condition *condition, const struct record *record);
/* The first key that does not hold, and what stands there instead; NULL: all hold. */
const struct condition_key *condition_missed(const struct condition *condition, const struct record *record, struct slice *have);
static inline bool condition_holds(const struct condition *c, const struct record *r)
{
	unsigned char program;

	if (!record_may_have_all(r, &c->names) || !(c->formats >> r->format_number & 1))
		return false;
	program = r->program.len ? (unsigned char)r->program.at[0] : 0;
	return c->programs[program >> 6] >> (program & 63) & 1 && (!c->asks || condition_keys_hold(c, r));
}

/* Constants: name to one or more values. Setting replaces what was normalised before. */
struct setting_list {
	struct set_one {
		char *name;
		const struct origin *field;	/* of through.c: the same for the same name */
		struct strlist values;
	} *at;
	size_t n;
};
/* Warns of a field's name that is one of ECS but for a slip: other names are allowed, but no rule of ours asks for them. */
void field_name_check(const struct yaml *yaml, const struct node *node, const char *name, struct problems *problems);
bool settings_load(const struct yaml *yaml, const struct node *map, struct setting_list *out,
		   struct problems *problems);
void settings_clear(struct setting_list *settings);
void settings_apply(const struct setting_list *settings, struct record *record);

/* False for how logs say that there is nothing: empty, hyphens, N/A, null. */
bool value_says_something(struct slice value);
/* Fills ECS `to` with all values of logged `from` that say something, unless `to` has a normalised value already. */
void map_field(struct record *record, const char *from, const char *to);

/* Three families of verdict words. */
struct verdict_words {
	struct strlist from;
	struct wordset stopped, not_stopped;
	char *otherwise;
};
bool verdict_load(const struct yaml *yaml, const struct node *map, struct verdict_words *out,
		  struct problems *problems);
void verdict_clear(struct verdict_words *words);
/* True when a field was there; sets `verdict`. */
bool verdict_apply(const struct verdict_words *words, struct record *record);

bool logsource_load(const struct yaml *yaml, const struct node *map, struct logsource *out,
		    struct problems *problems);
void logsource_clear(struct logsource *logsource);

#endif
