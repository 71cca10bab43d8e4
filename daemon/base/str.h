#ifndef SOKUHO_BASE_STR_H
#define SOKUHO_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes; may hold any byte, NUL included. */
struct slice {
	const char *at;
	size_t len;
};

#define SLICE(text) ((struct slice){ (text), sizeof(text) - 1 })

/* The smallest ones stand here, so that they cost nothing where every line of a log passes. */

/* NULL gives an empty slice. */
static inline struct slice slice_of(const char *text)
{
	return (struct slice){ text ? text : "", text ? strlen(text) : 0 };
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool slice_is(struct slice a, const char *text)
{
	return slice_equal(a, slice_of(text));
}

/* From `from` up to `to`, both kept inside. */
static inline struct slice slice_cut(struct slice a, size_t from, size_t to)
{
	if (to > a.len)
		to = a.len;
	if (from > to)
		from = to;
	return (struct slice){ a.at + from, to - from };
}

static inline bool slice_starts(struct slice a, struct slice prefix)
{
	return a.len >= prefix.len && (prefix.len == 0 || memcmp(a.at, prefix.at, prefix.len) == 0);
}

/* First place at or after from; a.len when there is none. */
static inline size_t slice_find_byte(struct slice a, char byte, size_t from)
{
	const char *at = from < a.len ? memchr(a.at + from, byte, a.len - from) : NULL;

	return at ? (size_t)(at - a.at) : a.len;
}
/* Does an odd number of backslashes stand before it, counted down to start? */
static inline bool slice_is_escaped(struct slice a, size_t start, size_t at)
{
	size_t n = 0;

	while (at - n > start && a.at[at - n - 1] == '\\')
		n++;
	return n % 2;
}

/* ASCII letters only; other bytes compare as they are. */
bool slice_equal_nocase(struct slice a, struct slice b);
bool slice_is_nocase(struct slice a, const char *text);
bool slice_starts_nocase(struct slice a, struct slice prefix);
bool slice_ends(struct slice a, struct slice suffix);
/* First place of needle in hay at or after from; hay.len when there is none. */
size_t slice_find(struct slice hay, struct slice needle, size_t from);
size_t slice_find_nocase(struct slice hay, struct slice needle, size_t from);
struct slice slice_trim(struct slice a);
/* The line at *at, without LF or CR LF, and *at moves behind it; false at the end of the text. */
bool slice_line(struct slice text, size_t *at, struct slice *line);
int slice_compare(struct slice a, struct slice b);
/* Decimal digits only, at least one; false on overflow. */
bool slice_to_u64(struct slice a, uint64_t *out);
char *slice_dup(struct slice a);
/* A copy with a NUL behind it at *room, which moves on. A slice of NULL gives NULL and takes no room. */
char *slice_place(struct slice a, char **room);

/* Text that grows. Zero-initialised is empty and ready; at is NUL-terminated once written. */
struct text {
	char *at;
	size_t len, cap;
};

void text_clear(struct text *text);
void text_reset(struct text *text);	/* empty, memory kept */
void text_add(struct text *text, const char *more);
void text_add_bytes(struct text *text, const char *at, size_t len);
void text_add_slice(struct text *text, struct slice more);
void text_add_char(struct text *text, char c);
void text_add_lower(struct text *text, struct slice more);	/* ASCII letters in lower case */
void text_add_u64(struct text *text, uint64_t number);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Hand the memory to the caller (free() it); the text is empty again. Never NULL. */
char *text_take(struct text *text);
struct slice text_slice(const struct text *text);

/*
 * A list of owned strings. Zero-initialised is empty. With an arena it and its strings are pieces of that: nothing is freed
 * before the arena is, and it stays the list's when that is cleared or copied to.
 */
struct arena;
struct strlist {
	char **at;
	size_t n, cap;
	struct arena *arena;		/* NULL: none */
};

void strlist_clear(struct strlist *list);
void strlist_add(struct strlist *list, const char *text);
void strlist_add_slice(struct strlist *list, struct slice text);
/* Adds it unless it is there; true if added. */
bool strlist_add_once(struct strlist *list, const char *text);
/* Each of `from` that is not yet there, while there are fewer than max. */
void strlist_join(struct strlist *to, const struct strlist *from, size_t max);
bool strlist_has(const struct strlist *list, const char *text);
/* to: empty, zero-initialised or cleared. */
void strlist_copy(struct strlist *to, const struct strlist *from);
void strlist_sort(struct strlist *list);
/* How many bytes must be put in, left out or changed. */
size_t edit_distance(const char *a, const char *b);
/* Index of the entry nearest to word by edit distance, -1 when none is near. */
int strlist_nearest(const char *const *list, size_t n, const char *word);
/* For the end of a complaint: "; did you mean 'X'?" with the nearest entry, in both languages; "" when none is near. */
#define HINT_MAX 200
void strlist_hint(const char *const *list, size_t n, const char *word, char english[HINT_MAX], char japanese[HINT_MAX]);

#endif
