#ifndef SOKUHO_MATCH_SEARCH_H
#define SOKUHO_MATCH_SEARCH_H

#include "model/hit.h"
#include "settings/yaml.h"

/*
 * One search identifier of a Sigma detection: a map (all items hold), a list of maps (one holds), or a list of
 * keywords (one stands in the raw line or in a decoded value).
 */
struct search;

struct search *search_load(const struct yaml *yaml, const struct node *name,
			   const struct node *body, struct problems *problems);
void search_free(struct search *search);
/* Fills captures of the patterns that matched into hit; sets hit->limit. */
bool search_holds(const struct search *search, const struct record *record, struct hit *hit);

#endif
