/* Rows of settings, walked: one function for each thing that is done with all of them. */
#include "settings/setting.h"

#include "base/clock.h"
#include "base/mem.h"
#include "settings/config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 64

static const struct {
	const char *name;
	const char *form;	/* how to write it, for complaints */
} kinds[] = {
	[SETTING_TEXT] = { "text", "one line of text" },
	[SETTING_NAME] = { "name", "letters, digits, '.', '_' and '-'" },
	[SETTING_PATH] = { "path", "a path" },
	[SETTING_WORD] = { "word", "a word" },
	[SETTING_ZONE] = { "zone", "a time zone such as Asia/Tokyo or +09:00" },
	[SETTING_START] = { "start", "end, beginning or a duration such as 24h" },
	[SETTING_SILENCE] = { "silence", "learn, off or a duration such as 15m" },
	[SETTING_HOUR] = { "hour", "HH:MM in quotes, such as \"08:30\"" },
	[SETTING_DATE] = { "date", "a date such as 2026-06-15" },
	[SETTING_TEXTS] = { "list", "a list of texts that are not empty and hold no control character" },
	[SETTING_PATHS] = { "paths", "a list of paths" },
	[SETTING_COUNT] = { "count", "a whole number" },
	[SETTING_SIZE] = { "size", "bytes as a whole number, or with KiB or MiB" },
	[SETTING_DURATION] = { "duration", "a duration such as 90s, 15m, 24h, 7d, 1M or 1y" },
	[SETTING_BOOL] = { "bool", "true or false" },
	[SETTING_NETWORKS] = { "networks", "a list such as 192.0.2.0/24 or 2001:db8::/32" },
	[SETTING_SECTION] = { "section", "a map of keys" },
	[SETTING_SECTIONS] = { "sections", "a list of maps" },
};

static void *value_at(const struct setting *row, void *base)
{
	return (char *)base + row->offset;
}

static size_t *count_at(const struct setting *row, void *base)
{
	return (size_t *)(void *)((char *)base + row->count);
}

static bool is_text(const struct setting *row)
{
	return row->kind <= SETTING_DATE;
}

static bool is_list(const struct setting *row)
{
	return row->kind == SETTING_TEXTS || row->kind == SETTING_PATHS;
}

static bool hour_is_good(const char *text)
{
	int hour, minute, used = 0;

	return strlen(text) == 5 && sscanf(text, "%2d:%2d%n", &hour, &minute, &used) == 2 &&
	       used == 5 && hour >= 0 && hour <= 24 && minute >= 0 && minute <= 59 &&
	       (hour < 24 || minute == 0);
}

static bool date_is_good(const char *text)
{
	int64_t time;

	return strlen(text) == 10 && time_parse_argument(text, 0, &time, NULL) == 0;
}

static bool name_is_good(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	return text[0] && text[0] != '.' && text[0] != '-' &&
	       text[strspn(text, letters)] == '\0';
}

static bool line_is_good(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static bool word_is_good(const struct setting *row, const char *text)
{
	for (size_t i = 0; row->words[i]; i++)
		if (strcmp(row->words[i], text) == 0)
			return true;
	return false;
}

/* Is the text one that a row of char * may hold? */
static bool text_is_good(const struct setting *row, const char *text)
{
	int64_t duration;

	if (!text[0] || !line_is_good(text) || (row->max && strlen(text) > (size_t)row->max))
		return false;
	switch (row->kind) {
	case SETTING_NAME: return name_is_good(text);
	case SETTING_WORD: return word_is_good(row, text);
	case SETTING_ZONE: return zone_find(text, NULL) != NULL;
	case SETTING_HOUR: return hour_is_good(text);
	case SETTING_DATE: return date_is_good(text);
	case SETTING_START:
		return strcmp(text, "end") == 0 || strcmp(text, "beginning") == 0 ||
		       duration_parse(slice_of(text), &duration);
	case SETTING_SILENCE:
		return strcmp(text, "learn") == 0 || strcmp(text, "off") == 0 ||
		       (duration_parse(slice_of(text), &duration) && duration > 0);
	default: return true;
	}
}

static bool size_parse(struct slice text, int64_t *out)
{
	static const struct { struct slice unit; int64_t bytes; } units[] = {
		{ { "KiB", 3 }, 1024 }, { { "MiB", 3 }, 1048576 },
	};
	int64_t factor = 1;
	uint64_t n;

	for (size_t i = 0; i < 2 && factor == 1; i++)
		if (slice_ends(text, units[i].unit)) {
			factor = units[i].bytes;
			text = slice_trim(slice_cut(text, 0, text.len - units[i].unit.len));
		}
	if (!slice_to_u64(text, &n) || n > INT64_MAX / 2 / (uint64_t)factor)
		return false;
	*out = (int64_t)n * factor;
	return true;
}

/* A number in the row's unit: count, bytes or nanoseconds. */
static bool number_parse(const struct setting *row, const char *text, int64_t *out)
{
	if (row->kind == SETTING_DURATION)
		return duration_parse(slice_of(text), out);
	if (row->kind == SETTING_SIZE)
		return size_parse(slice_of(text), out);
	return size_parse(slice_of(text), out) && !strchr(text, 'B');
}

static void number_set(const struct setting *row, void *base, int64_t value)
{
	if (row->kind == SETTING_DURATION)
		*(int64_t *)value_at(row, base) = value;
	else
		*(long *)value_at(row, base) = (long)value;
}

static void text_set(const struct setting *row, void *base, char *take)
{
	char **at = value_at(row, base);

	free(*at);
	*at = take;
}

void setting_rows_default(const struct setting *rows, void *base)
{
	for (const struct setting *row = rows; row->name; row++) {
		int64_t number = 0;

		if (row->kind == SETTING_SECTION) {
			setting_rows_default(row->rows, value_at(row, base));
		} else if (!row->standard) {
			continue;
		} else if (is_text(row)) {
			text_set(row, base, mem_strdup(row->standard));
		} else if (row->kind == SETTING_BOOL) {
			*(bool *)value_at(row, base) = row->standard[0] == 't';
		} else {
			bool good = number_parse(row, row->standard, &number);

			assert(good);
			if (good)
				number_set(row, base, number);
		}
	}
}

static char *path_resolve(const char *directory, const char *path)
{
	struct text whole = { 0 };

	if (path[0] == '/' || !directory || strcmp(path, "-") == 0)	/* - is standard input */
		return mem_strdup(path);
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	text_addf(&whole, "%s/%s", directory, path);
	return text_take(&whole);
}

static void complain(const struct setting_file *file, const char *where, const struct setting *row,
		     const struct node *node)
{
	const char *text = node_text(node);
	char form[BOTH_MAX];

	if (text)
		node_error(file->problems, file->yaml, node,
			   "%s%s%s: '%.200s' is not right; write %s", where,
			   where[0] ? "." : "", row->name, text, problem_both(kinds[row->kind].form, NULL, form));
	else
		node_error(file->problems, file->yaml, node, "%s%s%s: write %s", where,
			   where[0] ? "." : "", row->name, problem_both(kinds[row->kind].form, NULL, form));
}

static void complain_word(const struct setting_file *file, const char *where,
			  const struct setting *row, const struct node *node)
{
	struct text list = { 0 };
	char hint[BOTH_MAX];
	size_t n = 0;

	for (; row->words[n]; n++)
		text_addf(&list, "%s%s", n ? ", " : "", row->words[n]);
	node_error(file->problems, file->yaml, node, "%s.%s: unknown word '%.100s'%s (one of: %s)", where, row->name,
		   node_text(node), problem_hint(row->words, n, node_text(node), hint), list.at);
	text_clear(&list);
}

static void read_text(const struct setting_file *file, const char *where,
		      const struct setting *row, const struct node *node, void *base)
{
	const char *text = node_text(node);
	char both[BOTH_MAX];
	struct err err;

	if (text && text_is_good(row, text))
		text_set(row, base, row->kind == SETTING_PATH ?
				    path_resolve(file->directory, text) : mem_strdup(text));
	else if (text && row->max && strlen(text) > (size_t)row->max)
		node_error(file->problems, file->yaml, node, "%s.%s: longer than %" PRId64 " bytes",
			   where, row->name, row->max);
	else if (text && row->kind == SETTING_WORD)
		complain_word(file, where, row, node);
	else if (text && row->kind == SETTING_ZONE && !zone_find(text, &err))
		node_error(file->problems, file->yaml, node, "%s.%s: %s", where, row->name,
			   problem_err(&err, both));
	else
		complain(file, where, row, node);
}

static void read_number(const struct setting_file *file, const char *where,
			const struct setting *row, const struct node *node, void *base)
{
	int64_t unit = row->kind == SETTING_DURATION ? NS_PER_S : 1, value;
	const char *text = node_text(node), *mark = row->kind == SETTING_DURATION ? "s" : "";

	if (!text || !number_parse(row, text, &value))
		complain(file, where, row, node);
	else if (value < row->min * unit || value > row->max * unit)
		node_error(file->problems, file->yaml, node,
			   "%s.%s: '%s' is outside %" PRId64 "%s..%" PRId64 "%s", where, row->name,
			   text, row->min, mark, row->max, mark);
	else
		number_set(row, base, value);
}

static void read_list(const struct setting_file *file, const char *where,
		      const struct setting *row, const struct node *node, void *base)
{
	struct strlist *list = value_at(row, base);

	if (node->kind == NODE_MAP) {
		complain(file, where, row, node);
		return;
	}
	for (size_t i = 0; i < node_count(node); i++) {
		const struct node *item = node_item(node, i);
		const char *text = node_text(item);
		char *path;

		if (!text || !text[0] || strlen(text) != item->text.len || !line_is_good(text)) {
			complain(file, where, row, item);
			continue;
		}
		path = row->kind == SETTING_PATHS ? path_resolve(file->directory, text) : NULL;
		strlist_add(list, path ? path : text);
		free(path);
	}
}

static void read_networks(const struct setting_file *file, const char *where,
			  const struct setting *row, const struct node *node, void *base)
{
	struct network **list = value_at(row, base);
	size_t n = 0;

	if (node->kind == NODE_MAP) {
		complain(file, where, row, node);
		return;
	}
	*list = mem_zalloc((node_count(node) + 1) * sizeof(**list));
	for (size_t i = 0; i < node_count(node); i++) {
		const char *text = node_text(node_item(node, i));

		if (text && network_parse(text, &(*list)[n]))
			n++;
		else
			complain(file, where, row, node_item(node, i));
	}
	*count_at(row, base) = n;
}

/* An element stands for every item, also for a wrong one, so that both have the same index. */
static void read_sections(const struct setting_file *file, const struct setting *row,
			  const struct node *node, void *base)
{
	char **list = value_at(row, base);

	if (node->kind != NODE_LIST) {
		complain(file, "", row, node);
		return;
	}
	*list = mem_zalloc((node->n + 1) * row->size);
	*count_at(row, base) = node->n;
	for (size_t i = 0; i < node->n; i++) {
		setting_rows_default(row->rows, *list + i * row->size);
		if (node->items[i]->kind == NODE_MAP)
			setting_rows_read(file, row->name, row->rows, node->items[i],
				      *list + i * row->size);
		else
			complain(file, "", row, node->items[i]);
	}
}

static void read_section(const struct setting_file *file, const char *where,
			 const struct setting *row, const struct node *node, void *base)
{
	struct text name = { 0 };

	if (node->kind != NODE_MAP) {
		complain(file, where, row, node);
		return;
	}
	text_addf(&name, "%s%s%s", where, where[0] ? "." : "", row->name);
	setting_rows_read(file, name.at, row->rows, node, value_at(row, base));
	text_clear(&name);
}

static void read_row(const struct setting_file *file, const char *where, const struct setting *row,
		     const struct node *node, void *base)
{
	switch (row->kind) {
	case SETTING_COUNT:
	case SETTING_SIZE:
	case SETTING_DURATION: read_number(file, where, row, node, base); break;
	case SETTING_TEXTS:
	case SETTING_PATHS: read_list(file, where, row, node, base); break;
	case SETTING_NETWORKS: read_networks(file, where, row, node, base); break;
	case SETTING_SECTION: read_section(file, where, row, node, base); break;
	case SETTING_SECTIONS: read_sections(file, row, node, base); break;
	case SETTING_BOOL:
		if (!node_bool(node, value_at(row, base)))
			complain(file, where, row, node);
		break;
	default: read_text(file, where, row, node, base);
	}
}

void setting_rows_read(const struct setting_file *file, const char *where,
		   const struct setting *rows, const struct node *map, void *base)
{
	const char *names[KEYS_MAX];
	size_t n = 0;

	for (; rows[n].name; n++) {
		assert(n < KEYS_MAX);
		names[n] = rows[n].name;
	}
	node_check_keys(file->yaml, map, where[0] ? where : "the settings", names, n,
			file->problems);
	for (const struct setting *row = rows; row->name; row++) {
		const struct node *node = node_get(map, row->name);

		if (!node_is_null(node))
			read_row(file, where, row, node, base);
	}
}

void setting_rows_clear(const struct setting *rows, void *base)
{
	for (const struct setting *row = rows; row->name; row++) {
		if (row->kind == SETTING_SECTION)
			setting_rows_clear(row->rows, value_at(row, base));
		else if (is_text(row))
			text_set(row, base, NULL);
		else if (is_list(row))
			strlist_clear(value_at(row, base));
		else if (row->kind == SETTING_NETWORKS || row->kind == SETTING_SECTIONS) {
			char **list = value_at(row, base);

			for (size_t i = 0; row->rows && i < *count_at(row, base); i++)
				setting_rows_clear(row->rows, *list + i * row->size);
			free(*list);
			*list = NULL;
			*count_at(row, base) = 0;
		}
	}
}

void setting_rows_print(const struct setting *rows, const char *prefix, struct text *out)
{
	for (const struct setting *row = rows; row->name; row++) {
		struct text name = { 0 };

		text_addf(&name, "%s%s", prefix, row->name);
		if (row->rows) {
			text_add(&name, row->kind == SETTING_SECTIONS ? "[]." : ".");
			setting_rows_print(row->rows, name.at, out);
		} else {
			text_addf(out, "%-32s  %-9s  %-24s  %s\n", name.at, kinds[row->kind].name,
				  row->standard ? row->standard : "-", row->meaning);
		}
		text_clear(&name);
	}
}
