#ifndef SOKUHO_MATCH_CONDITION_TREE_H
#define SOKUHO_MATCH_CONDITION_TREE_H

#include <stddef.h>

/* Inside of a condition, for this room only. `x of` is written out as a chain of and or or. */
enum tree_kind { TREE_NAME, TREE_NOT, TREE_AND, TREE_OR };

struct condition_tree {
	enum tree_kind kind;
	size_t name;			/* TREE_NAME: index of the search identifier */
	struct condition_tree *left;	/* TREE_NOT has only this one */
	struct condition_tree *right;
};

#endif
