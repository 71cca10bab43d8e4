/* Slices (borrowed bytes), texts (growing, owned) and lists of strings. */
#include "base/str.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_USUAL 64

static unsigned char lower(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? u + 32 : u;
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
	return a.len == b.len && slice_starts_nocase(a, b);
}

bool slice_is_nocase(struct slice a, const char *text)
{
	return slice_equal_nocase(a, slice_of(text));
}

/* The ASCII letters among eight bytes in lower case. */
static uint64_t lower_word(uint64_t word)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t low = word & 0x7f * each, from_a = low + (0x80 - 'A') * each, after_z = low + (0x7f - 'Z') * each;

	return word | (~word & 0x80 * each & (from_a ^ after_z)) >> 2;
}

/* Most texts that are compared are equal byte by byte. */
bool slice_starts_nocase(struct slice a, struct slice prefix)
{
	size_t i = 0;

	if (a.len < prefix.len)
		return false;
	for (uint64_t x, y; i + sizeof(x) <= prefix.len; i += sizeof(x)) {
		memcpy(&x, a.at + i, sizeof(x));
		memcpy(&y, prefix.at + i, sizeof(y));
		if (x != y && lower_word(x) != lower_word(y))
			return false;
	}
	for (; i < prefix.len; i++)
		if (a.at[i] != prefix.at[i] && lower(a.at[i]) != lower(prefix.at[i]))
			return false;
	return true;
}

bool slice_ends(struct slice a, struct slice suffix)
{
	return a.len >= suffix.len && slice_equal(slice_cut(a, a.len - suffix.len, a.len), suffix);
}

size_t slice_find(struct slice hay, struct slice needle, size_t from)
{
	const char *at;

	if (from > hay.len || needle.len > hay.len - from)
		return hay.len;
	if (!needle.len)
		return from;
	at = memmem(hay.at + from, hay.len - from, needle.at, needle.len);
	return at ? (size_t)(at - hay.at) : hay.len;
}

/* The next place of a byte at or after from, as a pointer; the end when there is none. */
static const char *next_byte(const char *from, const char *end, int byte)
{
	const char *at = from < end ? memchr(from, byte, (size_t)(end - from)) : NULL;

	return at ? at : end;
}

/* Both spellings of the first letter are looked for by memchr(); the nearer one is compared. */
size_t slice_find_nocase(struct slice hay, struct slice needle, size_t from)
{
	const char *end, *low, *high;
	int first, other;

	if (from > hay.len || needle.len > hay.len - from)
		return hay.len;
	if (!needle.len)
		return from;
	end = hay.at + hay.len - needle.len + 1;
	first = (unsigned char)needle.at[0];
	other = isalpha(first) && first < 0x80 ? first ^ 0x20 : first;
	low = next_byte(hay.at + from, end, first);
	high = other == first ? end : next_byte(hay.at + from, end, other);
	while (low < end || high < end) {
		const char *at = low < high ? low : high;

		if (slice_equal_nocase((struct slice){ at, needle.len }, needle))
			return (size_t)(at - hay.at);
		if (at == low)
			low = next_byte(low + 1, end, first);
		else
			high = next_byte(high + 1, end, other);
	}
	return hay.len;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice a)
{
	while (a.len && is_blank(a.at[0]))
		a.at++, a.len--;
	while (a.len && is_blank(a.at[a.len - 1]))
		a.len--;
	return a;
}

bool slice_line(struct slice text, size_t *at, struct slice *line)
{
	size_t end = slice_find_byte(text, '\n', *at);

	if (*at >= text.len)
		return false;
	*line = slice_cut(text, *at, end);
	if (line->len && line->at[line->len - 1] == '\r')
		line->len--;
	*at = end + 1;
	return true;
}

int slice_compare(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.at, b.at, n) : 0;

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

bool slice_to_u64(struct slice a, uint64_t *out)
{
	uint64_t n = 0;

	if (!a.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (a.at[i] < '0' || a.at[i] > '9' || n > (UINT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (uint64_t)(a.at[i] - '0');
	}
	*out = n;
	return true;
}

char *slice_place(struct slice a, char **room)
{
	char *at = *room;

	if (!a.at)
		return NULL;
	memcpy(at, a.at, a.len);
	at[a.len] = '\0';
	*room += a.len + 1;
	return at;
}

char *slice_dup(struct slice a)
{
	return mem_strndup(a.at, a.len);
}

void text_clear(struct text *text)
{
	free(text->at);
	*text = (struct text){ 0 };
}

void text_reset(struct text *text)
{
	text->len = 0;
	if (text->at)
		text->at[0] = '\0';
}

void text_add_bytes(struct text *text, const char *at, size_t len)
{
	size_t need = text->len + len + 1;

	if (need > text->cap)
		text->at = mem_grow(text->at, &text->cap, need > TEXT_USUAL ? need : TEXT_USUAL, 1);
	if (len)
		memcpy(text->at + text->len, at, len);
	text->len += len;
	text->at[text->len] = '\0';
}

void text_add(struct text *text, const char *more)
{
	text_add_bytes(text, more, strlen(more));
}

void text_add_slice(struct text *text, struct slice more)
{
	text_add_bytes(text, more.at, more.len);
}

void text_add_char(struct text *text, char c)
{
	text_add_bytes(text, &c, 1);
}

void text_add_lower(struct text *text, struct slice more)
{
	char *at;

	text_add_slice(text, more);
	at = text->at + text->len - more.len;
	for (size_t i = 0; i < more.len; i++)
		at[i] = (char)lower(at[i]);
}

void text_add_u64(struct text *text, uint64_t number)
{
	char digits[20];
	size_t n = sizeof(digits);

	do
		digits[--n] = (char)('0' + number % 10);
	while (number /= 10);
	text_add_bytes(text, digits + n, sizeof(digits) - n);
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return;
	text->at = mem_grow(text->at, &text->cap, text->len + (size_t)len + 1, 1);
	va_start(args, format);
	vsnprintf(text->at + text->len, (size_t)len + 1, format, args);
	va_end(args);
	text->len += (size_t)len;
}

char *text_take(struct text *text)
{
	char *at = text->at ? text->at : mem_strndup("", 0);

	*text = (struct text){ 0 };
	return at;
}

struct slice text_slice(const struct text *text)
{
	return (struct slice){ text->at ? text->at : "", text->len };
}

void strlist_clear(struct strlist *list)
{
	for (size_t i = 0; i < list->n && !list->arena; i++)
		free(list->at[i]);
	if (!list->arena)
		free(list->at);
	*list = (struct strlist){ .arena = list->arena };
}

void strlist_add_slice(struct strlist *list, struct slice text)
{
	if (!list->arena) {
		list->at = mem_grow(list->at, &list->cap, list->n + 1, sizeof(*list->at));
		list->at[list->n++] = slice_dup(text);
		return;
	}
	list->at = arena_grow(list->arena, list->at, &list->cap, list->n + 1, sizeof(*list->at));
	list->at[list->n++] = arena_strndup(list->arena, text.at, text.len);
}

void strlist_add(struct strlist *list, const char *text)
{
	strlist_add_slice(list, slice_of(text));
}

bool strlist_has(const struct strlist *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->at[i], text) == 0)
			return true;
	return false;
}

bool strlist_add_once(struct strlist *list, const char *text)
{
	if (strlist_has(list, text))
		return false;
	strlist_add(list, text);
	return true;
}

void strlist_join(struct strlist *to, const struct strlist *from, size_t max)
{
	for (size_t i = 0; i < from->n && to->n < max; i++)
		strlist_add_once(to, from->at[i]);
}

void strlist_copy(struct strlist *to, const struct strlist *from)
{
	for (size_t i = 0; i < from->n; i++)
		strlist_add(to, from->at[i]);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strlist_sort(struct strlist *list)
{
	if (list->n)
		qsort(list->at, list->n, sizeof(*list->at), compare_strings);
}

/* Levenshtein distance, words longer than 63 bytes are cut. */
size_t edit_distance(const char *a, const char *b)
{
	size_t row[64], n = strnlen(b, 63), m = strnlen(a, 63);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; i <= m; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t cost = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < cost)
				cost = row[j] + 1;
			if (row[j - 1] + 1 < cost)
				cost = row[j - 1] + 1;
			row[j] = cost;
		}
	}
	return row[n];
}

int strlist_nearest(const char *const *list, size_t n, const char *word)
{
	size_t best = strlen(word) / 2 + 1;
	int found = -1;

	for (size_t i = 0; i < n; i++) {
		size_t distance = edit_distance(list[i], word);

		if (distance < best) {
			best = distance;
			found = (int)i;
		}
	}
	return found;
}

void strlist_hint(const char *const *list, size_t n, const char *word, char english[HINT_MAX], char japanese[HINT_MAX])
{
	int near = strlist_nearest(list, n, word);

	english[0] = japanese[0] = '\0';
	if (near < 0)
		return;
	snprintf(english, HINT_MAX, "; did you mean '%.150s'?", list[near]);
	snprintf(japanese, HINT_MAX, "。'%.150s' のことか", list[near]);
}
