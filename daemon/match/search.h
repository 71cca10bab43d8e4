#ifndef SOKUHO_MATCH_SEARCH_H
#define SOKUHO_MATCH_SEARCH_H

#include "match/aliases.h"
#include "model/hit.h"
#include "settings/config.h"
#include "settings/yaml.h"

/*
 * One search identifier of a Sigma detection: a map (all items hold), a list of maps (one holds), or a list of
 * keywords (one stands in the raw line or in a decoded value). search_items.h shows the inside to this room.
 */
struct search;

/* What values and fields are read against; zero-initialised is nothing of it. */
struct search_context {
	const struct aliases *aliases;
	const struct logsource *logsource;	/* of the rule */
	const struct list_conf *lists;		/* for `expand` */
	size_t n_lists;
};

struct search *search_load(const struct yaml *yaml, const struct node *name,
			   const struct node *body, const struct search_context *context,
			   struct problems *problems);
void search_free(struct search *search);
/* Does it ask for a field whose value is not from the line but from the inventory? Keywords ask for every field. */
bool search_asks_identity(const struct search *search);
/* Fills captures of the patterns that matched into hit; sets hit->limit. */
bool search_holds(const struct search *search, const struct record *record, struct hit *hit);

#endif
