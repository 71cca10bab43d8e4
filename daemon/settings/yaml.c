/* libyaml's events made into a tree in one arena, with places and limits. */
#include "settings/yaml.h"

#include "base/map.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

#define YAML_BYTES_MAX (32u << 20)
#define YAML_DEPTH_MAX 64
#define YAML_NODES_MAX 1000000u

struct building {
	struct yaml *yaml;
	yaml_parser_t parser;
	struct problems *problems;
	struct slice bytes;
	size_t nodes;
};

static struct node *node_new(struct building *b, enum node_kind kind, const yaml_mark_t *mark)
{
	struct node *node = arena_alloc(b->yaml->arena, sizeof(*node));

	node->kind = kind;
	node->line = (int)mark->line + 1;
	node->col = (int)mark->column + 1;
	b->nodes++;
	return node;
}

static struct node *building_fail(struct building *b, const yaml_mark_t *mark, const char *text)
{
	problem_add(b->problems, PROBLEM_ERROR, b->yaml->file, (int)mark->line + 1,
		    (int)mark->column + 1, "%s", text);
	return NULL;
}

static bool bytes_fail(struct building *b)
{
	size_t offset = b->parser.problem_offset;
	int line = 1, col = 1;

	for (size_t i = 0; i < offset && i < b->bytes.len; i++, col++)
		if (b->bytes.at[i] == '\n') {
			line++;
			col = 0;
		}
	problem_add(b->problems, PROBLEM_ERROR, b->yaml->file, line, col,
		    "not valid YAML: %s; save the file as UTF-8, without control characters",
		    b->parser.problem);
	return false;
}

static bool next_event(struct building *b, yaml_event_t *event)
{
	if (yaml_parser_parse(&b->parser, event))
		return true;
	if (b->parser.error == YAML_READER_ERROR)	/* has an offset and no mark */
		return bytes_fail(b);
	problem_add(b->problems, PROBLEM_ERROR, b->yaml->file, (int)b->parser.problem_mark.line + 1,
		    (int)b->parser.problem_mark.column + 1, "not valid YAML: %s%s%s",
		    b->parser.problem ? b->parser.problem : "unreadable",
		    b->parser.context ? ", " : "", b->parser.context ? b->parser.context : "");
	return false;
}

static struct node *build_node(struct building *b, yaml_event_t *event, int depth);

static void items_keep(struct building *b, struct node *node, struct node **items, size_t n,
		       struct node ***where)
{
	*where = arena_alloc(b->yaml->arena, (n + 1) * sizeof(*items));
	if (n)
		memcpy(*where, items, n * sizeof(*items));
	node->n = n;
}

static struct node *build_list(struct building *b, const yaml_mark_t *mark, int depth)
{
	struct node *node = node_new(b, NODE_LIST, mark), **items = NULL;
	size_t n = 0, cap = 0;
	yaml_event_t event;

	while (next_event(b, &event)) {
		struct node *item;

		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			items_keep(b, node, items, n, &node->items);
			free(items);
			return node;
		}
		item = build_node(b, &event, depth + 1);
		if (!item)
			break;
		items = mem_grow(items, &cap, n + 1, sizeof(*items));
		items[n++] = item;
	}
	free(items);
	return NULL;
}

static bool key_is_good(struct building *b, struct map *seen, const struct node *key)
{
	const struct node *before;

	if (key->kind != NODE_SCALAR) {
		problem_add(b->problems, PROBLEM_ERROR, b->yaml->file, key->line, key->col,
			    "a key must be a word");
		return false;
	}
	before = map_put(seen, key->text, (void *)key);
	if (before)
		problem_add(b->problems, PROBLEM_ERROR, b->yaml->file, key->line, key->col,
			    "key '%s' stands twice (first in line %d); keep one of them",
			    key->text.at, before->line);
	return !before;
}

static struct node *build_map(struct building *b, const yaml_mark_t *mark, int depth)
{
	struct node *node = node_new(b, NODE_MAP, mark), **keys = NULL, **items = NULL;
	size_t n = 0, cap_keys = 0, cap_items = 0;
	struct map *seen = map_new();
	bool good = false;
	yaml_event_t event;

	while (next_event(b, &event)) {
		struct node *key, *item;

		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			good = true;
			break;
		}
		key = build_node(b, &event, depth + 1);
		if (!key || !next_event(b, &event))
			break;
		item = build_node(b, &event, depth + 1);
		if (!item)
			break;
		if (!key_is_good(b, seen, key))
			continue;
		keys = mem_grow(keys, &cap_keys, n + 1, sizeof(*keys));
		items = mem_grow(items, &cap_items, n + 1, sizeof(*items));
		keys[n] = key;
		items[n++] = item;
	}
	if (good) {
		items_keep(b, node, keys, n, &node->keys);
		items_keep(b, node, items, n, &node->items);
	}
	free(keys);
	free(items);
	map_free(seen, NULL);
	return good ? node : NULL;
}

static struct node *build_scalar(struct building *b, const yaml_event_t *event)
{
	struct node *node = node_new(b, NODE_SCALAR, &event->start_mark);
	const char *at = (const char *)event->data.scalar.value;

	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->text.len = event->data.scalar.length;
	node->text.at = arena_strndup(b->yaml->arena, at, node->text.len);
	return node;
}

/* Consumes the event. NULL after a fault, which has been reported. */
static struct node *build_node(struct building *b, yaml_event_t *event, int depth)
{
	yaml_mark_t mark = event->start_mark;
	yaml_event_type_t type = event->type;
	struct node *node = NULL;

	if (type == YAML_SCALAR_EVENT)
		node = build_scalar(b, event);
	yaml_event_delete(event);
	if (depth > YAML_DEPTH_MAX)
		return building_fail(b, &mark, "nested too deeply (more than 64 levels)");
	if (b->nodes > YAML_NODES_MAX)
		return building_fail(b, &mark, "more than a million values in one file");
	switch (type) {
	case YAML_SCALAR_EVENT: return node;
	case YAML_SEQUENCE_START_EVENT: return build_list(b, &mark, depth);
	case YAML_MAPPING_START_EVENT: return build_map(b, &mark, depth);
	case YAML_ALIAS_EVENT:
		return building_fail(b, &mark, "aliases (*name) are not read here; write it out");
	default: return building_fail(b, &mark, "unexpected YAML here");
	}
}

static bool build_documents(struct building *b)
{
	struct yaml *yaml = b->yaml;
	size_t cap = 0;
	yaml_event_t event;

	while (next_event(b, &event)) {
		yaml_event_type_t type = event.type;

		if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT ||
		    type == YAML_DOCUMENT_END_EVENT || type == YAML_STREAM_END_EVENT) {
			yaml_event_delete(&event);
			if (type == YAML_STREAM_END_EVENT)
				return true;
			continue;
		}
		yaml->documents = mem_grow(yaml->documents, &cap, yaml->n + 1,
					   sizeof(*yaml->documents));
		yaml->documents[yaml->n] = build_node(b, &event, 0);
		if (!yaml->documents[yaml->n])
			return false;
		yaml->n++;
	}
	return false;
}

struct yaml *yaml_parse(const char *name, struct slice bytes, struct problems *problems)
{
	size_t bom = slice_starts(bytes, SLICE("\xef\xbb\xbf")) ? 3 : 0;
	struct building b = { .problems = problems, .bytes = slice_cut(bytes, bom, bytes.len) };
	size_t errors = problems->errors;
	bool good;

	b.yaml = mem_zalloc(sizeof(*b.yaml));
	b.yaml->file = mem_strdup(name);
	b.yaml->arena = arena_new();
	if (!yaml_parser_initialize(&b.parser))
		abort();
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)b.bytes.at, b.bytes.len);
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	good = build_documents(&b);
	yaml_parser_delete(&b.parser);
	if (!good || problems->errors != errors) {
		yaml_free(b.yaml);
		return NULL;
	}
	return b.yaml;
}

static char *file_read(const char *path, size_t *len, struct problems *problems)
{
	struct text content = { 0 };
	char block[65536];
	struct stat st;
	size_t n;
	FILE *file;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		problem_add(problems, PROBLEM_ERROR, path, 0, 0,
			    S_ISDIR(st.st_mode) ? "is a directory, a YAML file is wanted here" :
						  "is not a regular file, a YAML file is wanted here");
		return NULL;
	}
	file = fopen(path, "re");
	if (!file) {
		problems->denied = problems->denied || errno == EACCES;
		problem_add(problems, PROBLEM_ERROR, path, 0, 0, "cannot be opened: %s",
			    strerror(errno));
		return NULL;
	}
	while ((n = fread(block, 1, sizeof(block), file)) > 0 && content.len <= YAML_BYTES_MAX)
		text_add_bytes(&content, block, n);
	if (content.len > YAML_BYTES_MAX || ferror(file)) {
		problem_add(problems, PROBLEM_ERROR, path, 0, 0,
			    ferror(file) ? "cannot be read" : "is larger than 32 MiB");
		text_clear(&content);
		fclose(file);
		return NULL;
	}
	fclose(file);
	*len = content.len;
	return text_take(&content);
}

struct yaml *yaml_load(const char *path, struct problems *problems)
{
	size_t len = 0;
	char *bytes = file_read(path, &len, problems);
	struct yaml *yaml;

	if (!bytes)
		return NULL;
	yaml = yaml_parse(path, (struct slice){ bytes, len }, problems);
	free(bytes);
	return yaml;
}

void yaml_free(struct yaml *yaml)
{
	if (!yaml)
		return;
	arena_free(yaml->arena);
	free(yaml->documents);
	free(yaml->file);
	free(yaml);
}

const struct node *node_get(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (strcmp(map->keys[i]->text.at, key) == 0)
			return map->items[i];
	return NULL;
}

bool node_is_null(const struct node *node)
{
	return !node || (node->kind == NODE_SCALAR && !node->quoted &&
			 (slice_is(node->text, "~") || slice_is(node->text, "null") ||
			  node->text.len == 0));
}

const char *node_text(const struct node *node)
{
	return node_is_null(node) || node->kind != NODE_SCALAR ? NULL : node->text.at;
}

const char *node_get_text(const struct node *map, const char *key)
{
	return node_text(node_get(map, key));
}

bool node_bool(const struct node *node, bool *out)
{
	const char *text = node_text(node);

	if (!text || node->quoted || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
		return false;
	*out = text[0] == 't';
	return true;
}

size_t node_count(const struct node *node)
{
	if (node_is_null(node))
		return 0;
	return node->kind == NODE_LIST ? node->n : 1;
}

const struct node *node_item(const struct node *node, size_t i)
{
	return node->kind == NODE_LIST ? node->items[i] : node;
}

bool node_has(const struct node *node, const char *word)
{
	for (size_t i = 0; i < node_count(node); i++) {
		const char *text = node_text(node_item(node, i));

		if (text && strcmp(text, word) == 0)
			return true;
	}
	return false;
}

void node_strings(const struct node *node, struct strlist *out)
{
	for (size_t i = 0; i < node_count(node); i++) {
		const char *text = node_text(node_item(node, i));

		if (text)
			strlist_add(out, text);
	}
}

void node_check_keys(const struct yaml *yaml, const struct node *map, const char *where,
		     const char *const *names, size_t n, struct problems *problems)
{
	if (!map || map->kind != NODE_MAP)
		return;
	for (size_t i = 0; i < map->n; i++) {
		const char *key = map->keys[i]->text.at;
		bool known = false;
		char hint[BOTH_MAX], place[BOTH_MAX];

		for (size_t k = 0; k < n && !known; k++)
			known = strcmp(names[k], key) == 0;
		if (!known)
			node_error(problems, yaml, map->keys[i], "unknown key '%s' in %s%s", key, problem_both(where, NULL, place),
				   problem_hint(names, n, key, hint));
	}
}
