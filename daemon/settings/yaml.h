#ifndef SOKUHO_SETTINGS_YAML_H
#define SOKUHO_SETTINGS_YAML_H

#include "base/err.h"
#include "base/problem.h"
#include "base/str.h"

/*
 * A YAML file as a tree that remembers where each value stood. Everything that people write
 * (settings, inventory, rules, decode data, notice profiles) is read through it. Duplicate keys,
 * anchors, depth over 64, more than a million nodes and files over 32 MiB are errors.
 */
enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	bool quoted;			/* a scalar in quotes or a block: never null, number or bool */
	int line, col;			/* from 1 */
	struct slice text;		/* scalars; NUL-terminated */
	struct node **items;		/* lists and maps: the values */
	struct node **keys;		/* maps: same index as items, scalars */
	size_t n;
};

/* libyaml exports a yaml_free() of its own and calls it: ours must not take its place. */
#define yaml_free yaml_file_free

/* All documents of one file. */
struct yaml {
	char *file;			/* as given, for messages */
	struct node **documents;
	size_t n;
	struct arena *arena;		/* owns all nodes */
};

/*
 * Reads all documents. Faults go to problems (as errors with their place); then NULL is
 * returned. An empty file gives a yaml with n = 0. The caller frees with yaml_free().
 */
struct yaml *yaml_load(const char *path, struct problems *problems);
struct yaml *yaml_parse(const char *name, struct slice bytes, struct problems *problems);
void yaml_free(struct yaml *yaml);

/* The value of a key, NULL when absent or node is no map. */
const struct node *node_get(const struct node *map, const char *key);
/* A scalar's text, NULL when node is NULL, no scalar, or null (`~`, `null`, empty and plain). */
const char *node_text(const struct node *node);
const char *node_get_text(const struct node *map, const char *key);	/* the two together */
bool node_is_null(const struct node *node);
/* true/false only. */
bool node_bool(const struct node *node, bool *out);
/* A list as it is, a scalar as a list of one; n = 0 for NULL or null. */
size_t node_count(const struct node *node);
const struct node *node_item(const struct node *node, size_t i);
/* Does this list (or scalar) hold the word? */
bool node_has(const struct node *node, const char *word);
/* Adds every scalar of a list (or the scalar) to out. */
void node_strings(const struct node *node, struct strlist *out);

/*
 * Complain about keys of a map that are not in names (n of them), with the nearest valid
 * name. `where` says which section it is.
 */
void node_check_keys(const struct yaml *yaml, const struct node *map, const char *where,
		     const char *const *names, size_t n, struct problems *problems);

#define node_error(problems, yaml, node, ...)                                                  \
	problem_add(problems, PROBLEM_ERROR, (yaml)->file, (node) ? (node)->line : 0,           \
		    (node) ? (node)->col : 0, __VA_ARGS__)
#define node_warning(problems, yaml, node, ...)                                                \
	problem_add(problems, PROBLEM_WARNING, (yaml)->file, (node) ? (node)->line : 0,         \
		    (node) ? (node)->col : 0, __VA_ARGS__)

#endif
