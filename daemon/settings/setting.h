#ifndef SOKUHO_SETTINGS_SETTING_H
#define SOKUHO_SETTINGS_SETTING_H

#include "settings/yaml.h"

/*
 * A setting is one row: its key, its type, where its value goes, its range, its default as one
 * would write it, and a line on what it means. Reading, defaults, freeing and
 * --print-settings all walk the same rows.
 */
enum setting_kind {
	SETTING_TEXT,		/* char *: one line of at most max bytes */
	SETTING_NAME,		/* char *: letters, digits, '.', '_', '-' */
	SETTING_PATH,		/* char *: resolved against the directory of the file */
	SETTING_WORD,		/* char *: one of words */
	SETTING_ZONE,		/* char *: a time zone */
	SETTING_START,		/* char *: end, beginning or a duration */
	SETTING_SILENCE,	/* char *: learn, off or a duration */
	SETTING_HOUR,		/* char *: HH:MM */
	SETTING_DATE,		/* char *: YYYY-MM-DD */
	SETTING_TEXTS,		/* struct strlist */
	SETTING_PATHS,		/* struct strlist, each as SETTING_PATH */
	SETTING_COUNT,		/* long */
	SETTING_SIZE,		/* long, bytes; KiB and MiB are read */
	SETTING_DURATION,	/* int64_t, ns; min and max in seconds */
	SETTING_BOOL,		/* bool */
	SETTING_NETWORKS,	/* struct network *, and their number at count */
	SETTING_SECTION,	/* a map of rows, whose values lie from offset on */
	SETTING_SECTIONS,	/* a list of such maps: elements of size bytes, number at count */
};

struct setting {
	const char *name;
	enum setting_kind kind;
	size_t offset;
	int64_t min, max;
	const char *standard;	/* the default; NULL: none */
	const char *meaning;
	const char *const *words;
	const struct setting *rows;
	size_t count, size;
};

struct setting_file {
	const struct yaml *yaml;
	const char *directory;	/* what relative paths begin at */
	struct problems *problems;
};

/* Rows end with a name of NULL; base is the zeroed struct that they describe. */
void setting_rows_default(const struct setting *rows, void *base);
/* Reads the keys of map over the defaults. `where` is the section's name for messages. */
void setting_rows_read(const struct setting_file *file, const char *where,
		   const struct setting *rows, const struct node *map, void *base);
/* Frees what the values own. */
void setting_rows_clear(const struct setting *rows, void *base);
/* "section.name  type  default  meaning", one per line. */
void setting_rows_print(const struct setting *rows, const char *prefix, struct text *out);

#endif
