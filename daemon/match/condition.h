#ifndef SOKUHO_MATCH_CONDITION_H
#define SOKUHO_MATCH_CONDITION_H

#include "settings/yaml.h"

/*
 * A Sigma condition: and or not ( ), `1 of x*`, `all of x*`, `1 of them`, `all of them`. Names are resolved
 * to indexes of search identifiers when it is read.
 */
struct condition_tree;

/* names: the search identifiers, n of them. NULL after an error (with place). */
struct condition_tree *condition_parse(const struct yaml *yaml, const struct node *text,
				       const char *const *names, size_t n,
				       struct problems *problems);
void condition_tree_free(struct condition_tree *tree);
/* holds(context, i) answers for search identifier i. */
bool condition_tree_holds(const struct condition_tree *tree,
			  bool (*holds)(void *context, size_t i), void *context);
/* Is search identifier i named anywhere? */
bool condition_tree_uses(const struct condition_tree *tree, size_t i);

#endif
