/* A recursive descent over the words of the condition; depth is bounded. */
#include "match/condition.h"

#include "base/glob.h"
#include "base/mem.h"
#include "match/condition_tree.h"

#include <stdlib.h>
#include <string.h>

#define CONDITION_DEPTH 64

struct parser {
	const struct yaml *yaml;
	const struct node *node;
	const char *const *names;
	size_t n_names;
	struct slice rest, word;
	struct problems *problems;
	int depth;
	bool failed;
};

static void next_word(struct parser *p)
{
	size_t end = 0;

	p->rest = slice_trim(p->rest);
	if (p->rest.len && strchr("()", p->rest.at[0]))
		end = 1;
	else
		while (end < p->rest.len && !strchr(" \t\r\n()", p->rest.at[end]))
			end++;
	p->word = slice_cut(p->rest, 0, end);
	p->rest = slice_cut(p->rest, end, p->rest.len);
}

static struct condition_tree *parser_fail(struct parser *p, const char *format, const char *word)
{
	if (!p->failed)
		node_error(p->problems, p->yaml, p->node, format, word);
	p->failed = true;
	return NULL;
}

static struct condition_tree *tree_new(enum tree_kind kind, struct condition_tree *left,
				       struct condition_tree *right)
{
	struct condition_tree *tree;

	if (!left || (kind != TREE_NOT && !right)) {
		condition_tree_free(left);
		condition_tree_free(right);
		return NULL;
	}
	tree = mem_zalloc(sizeof(*tree));
	tree->kind = kind;
	tree->left = left;
	tree->right = right;
	return tree;
}

static struct condition_tree *name_new(size_t i)
{
	struct condition_tree *tree = mem_zalloc(sizeof(*tree));

	tree->kind = TREE_NAME;
	tree->name = i;
	return tree;
}

static struct condition_tree *parse_or(struct parser *p);

/* `1 of x*`, `all of them`: the names that fit, joined. */
static struct condition_tree *parse_of(struct parser *p, bool all)
{
	struct condition_tree *tree = NULL;
	struct glob *glob;
	bool them;

	next_word(p);
	if (!slice_is(p->word, "of"))
		return parser_fail(p, "'of' is wanted after '%s'", all ? "all" : "1");
	next_word(p);
	them = slice_is(p->word, "them");
	glob = glob_new(p->word, GLOB_WHOLE, true);
	for (size_t i = 0; i < p->n_names; i++) {
		if (them ? p->names[i][0] == '_' : !glob_matches(glob, slice_of(p->names[i])))
			continue;
		tree = tree ? tree_new(all ? TREE_AND : TREE_OR, tree, name_new(i)) : name_new(i);
	}
	glob_free(glob);
	if (!tree) {
		char *word = slice_dup(p->word);

		parser_fail(p, "no search identifier fits '%s'", word);
		free(word);
	}
	next_word(p);
	return tree;
}

static struct condition_tree *parse_name(struct parser *p)
{
	char *word = slice_dup(p->word);
	char hint[BOTH_MAX];

	for (size_t i = 0; i < p->n_names; i++)
		if (strcmp(p->names[i], word) == 0) {
			free(word);
			next_word(p);
			return name_new(i);
		}
	if (word[0] >= '0' && word[0] <= '9' && slice_starts(slice_trim(p->rest), SLICE("of ")))
		parser_fail(p, "'%s of' is no condition of Sigma: only `1 of` and `all of` are", word);
	else if (!p->failed)
		node_error(p->problems, p->yaml, p->node, "the condition names '%s', which is not defined%s", word,
			   problem_hint(p->names, p->n_names, word, hint));
	p->failed = true;
	free(word);
	return NULL;
}

static struct condition_tree *parse_not(struct parser *p)
{
	struct condition_tree *tree;

	if (p->depth++ > CONDITION_DEPTH)
		return parser_fail(p, "%s", "the condition is nested too deeply");
	if (!p->word.len) {
		tree = parser_fail(p, "%s", "the condition ends too early");
	} else if (slice_is_nocase(p->word, "not")) {
		next_word(p);
		tree = tree_new(TREE_NOT, parse_not(p), NULL);
	} else if (slice_is(p->word, "(")) {
		next_word(p);
		tree = parse_or(p);
		if (tree && !slice_is(p->word, ")")) {
			condition_tree_free(tree);
			tree = parser_fail(p, "%s", "a closing bracket is missing in the condition");
		}
		next_word(p);
	} else if (slice_is(p->word, "1") || slice_is_nocase(p->word, "any")) {
		tree = parse_of(p, false);
	} else if (slice_is_nocase(p->word, "all")) {
		tree = parse_of(p, true);
	} else {
		tree = parse_name(p);
	}
	p->depth--;
	return tree;
}

static struct condition_tree *parse_and(struct parser *p)
{
	struct condition_tree *tree = parse_not(p);

	while (tree && slice_is_nocase(p->word, "and")) {
		next_word(p);
		tree = tree_new(TREE_AND, tree, parse_not(p));
	}
	return tree;
}

static struct condition_tree *parse_or(struct parser *p)
{
	struct condition_tree *tree = parse_and(p);

	while (tree && slice_is_nocase(p->word, "or")) {
		next_word(p);
		tree = tree_new(TREE_OR, tree, parse_and(p));
	}
	return tree;
}

struct condition_tree *condition_parse(const struct yaml *yaml, const struct node *text,
				       const char *const *names, size_t n,
				       struct problems *problems)
{
	struct parser p = { yaml, text, names, n, text->text, { "", 0 }, problems, 0, false };
	struct condition_tree *tree;

	next_word(&p);
	tree = parse_or(&p);
	if (tree && p.word.len) {
		char *word = slice_dup(p.word);

		parser_fail(&p, "'%s' is not expected here in the condition", word);
		free(word);
	}
	if (!p.failed)
		return tree;
	condition_tree_free(tree);
	return NULL;
}

void condition_tree_free(struct condition_tree *tree)
{
	if (!tree)
		return;
	condition_tree_free(tree->left);
	condition_tree_free(tree->right);
	free(tree);
}

bool condition_tree_holds(const struct condition_tree *tree,
			  bool (*holds)(void *context, size_t i), void *context)
{
	switch (tree->kind) {
	case TREE_NAME: return holds(context, tree->name);
	case TREE_NOT: return !condition_tree_holds(tree->left, holds, context);
	case TREE_AND:
		return condition_tree_holds(tree->left, holds, context) &&
		       condition_tree_holds(tree->right, holds, context);
	case TREE_OR:
		return condition_tree_holds(tree->left, holds, context) ||
		       condition_tree_holds(tree->right, holds, context);
	}
	return false;
}

bool condition_tree_uses(const struct condition_tree *tree, size_t i)
{
	if (!tree)
		return false;
	if (tree->kind == TREE_NAME)
		return tree->name == i;
	return condition_tree_uses(tree->left, i) || condition_tree_uses(tree->right, i);
}
