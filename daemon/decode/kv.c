/*
 * key=value and key="value", as firewalls and security devices write them; also key:"value" within brackets; and
 * `Label: value, Label: value` (or ; or |). The message begins with a pair, so that a text with pairs inside stays a text. A value
 * without quotes runs to the next ` key=`, one behind a label to the sign before the next label. Values are bytes of
 * the line: nothing is unescaped.
 */
#include "decode/format.h"

#include <string.h>

#define KEY_MAX 64
#define PAIRS_MIN 3		/* that make a line of this format */
#define LABELS_MIN 4

/* Which bytes keys are made of, and which stand between pairs. Names may be Japanese. */
enum { IN_KEY = 1, SEPARATOR = 2 };
#define KEY_BYTES(a, z) [a ... z] = IN_KEY
static const unsigned char kinds[256] = {
	KEY_BYTES('0', '9'), KEY_BYTES('A', 'Z'), KEY_BYTES('a', 'z'), KEY_BYTES(0x80, 0xff),
	['_'] = IN_KEY, ['-'] = IN_KEY, ['.'] = IN_KEY,
	[' '] = SEPARATOR, ['\t'] = SEPARATOR, [','] = SEPARATOR, [';'] = SEPARATOR, ['|'] = SEPARATOR, ['['] = SEPARATOR,
	[']'] = SEPARATOR,
};

static bool is_key_char(char c)
{
	return kinds[(unsigned char)c] & IN_KEY;
}

static bool is_separator(char c)
{
	return kinds[(unsigned char)c] & SEPARATOR;
}

static size_t skip_separators(struct slice text, size_t at)
{
	while (at < text.len && is_separator(text.at[at]))
		at++;
	return at;
}

/* The end of a key at `at`, which is where its sign stands; `at` when there is none. */
static size_t key_end(struct slice text, size_t at)
{
	size_t end = at;

	while (end < text.len && end - at < KEY_MAX && is_key_char(text.at[end]))
		end++;
	if (end == at || end >= text.len)
		return at;
	if (text.at[end] == '=' || (text.at[end] == ':' && end + 1 < text.len && text.at[end + 1] == '"'))
		return end;
	return at;
}

/* Where the next ` key=` begins behind `at`; text.len when there is none. */
static size_t next_key(struct slice text, size_t at)
{
	for (size_t sign = slice_find_byte(text, '=', at); sign < text.len;
	     sign = slice_find_byte(text, '=', sign + 1)) {
		size_t start = sign;

		while (start > at && sign - start < KEY_MAX && is_key_char(text.at[start - 1]))
			start--;
		if (start < sign && start > at && is_separator(text.at[start - 1]))
			return start;
	}
	return text.len;
}

/* A quote that ends a value stands before a separator or the end: `"C:\"` ends, `"a\" b"` does not. */
static size_t quoted_end(struct slice text, size_t at)
{
	char quote = text.at[at];

	for (size_t end = slice_find_byte(text, quote, at + 1); end < text.len;
	     end = slice_find_byte(text, quote, end + 1)) {
		bool last = end + 1 >= text.len;

		if (last || (is_separator(text.at[end + 1]) &&
			     (text.at[end - 1] != '\\' || key_end(text, skip_separators(text, end + 1)) !=
							  skip_separators(text, end + 1))))
			return end;
	}
	return text.len;
}

/* The pair at or after *at; false at the end. */
static bool take_pair(struct slice text, size_t *at, struct slice *key, struct slice *value)
{
	size_t start = skip_separators(text, *at), sign = key_end(text, start), end;

	while (sign == start) {		/* words between pairs */
		start = next_key(text, start);
		if (start >= text.len)
			return false;
		sign = key_end(text, start);
		if (sign == start)
			start++;
	}
	*key = slice_cut(text, start, sign);
	if (sign + 1 < text.len && (text.at[sign + 1] == '"' || text.at[sign + 1] == '\'')) {
		end = quoted_end(text, sign + 1);
		*value = slice_cut(text, sign + 2, end);
		*at = end < text.len ? end + 1 : end;
		return true;
	}
	end = next_key(text, sign + 1);
	*at = end;
	while (end > sign + 1 && is_separator(text.at[end - 1]))
		end--;
	*value = slice_cut(text, sign + 1, end);
	return true;
}

void kv_pairs(struct record *r, struct slice text)
{
	struct slice key, value;

	for (size_t at = 0; take_pair(text, &at, &key, &value);)
		record_add(r, key, value, VALUE_STRING, false);
}

static bool begins_with_pairs(struct slice text)
{
	struct slice key, value;
	size_t at = skip_separators(text, 0), n = 0;

	if (key_end(text, at) == at)
		return false;		/* most lines */
	while (n < PAIRS_MIN && take_pair(text, &at, &key, &value))
		n++;
	return n == PAIRS_MIN;
}

bool kv_pairs_behind_words(struct record *r, struct slice text)
{
	struct slice pairs = slice_cut(text, next_key(text, 0), text.len);

	if (!begins_with_pairs(pairs))
		return false;
	kv_pairs(r, pairs);
	return true;
}

static bool is_label_char(char c)
{
	return is_key_char(c) || c == ' ' || c == '(' || c == ')' || c == '/';
}

/* Where the colon of a label at `at` stands; `at` when there is none. Times, drives and addresses of pages are none. */
static size_t label_end(struct slice text, size_t at)
{
	enum { LABEL_MIN = 2 };
	size_t end = at;

	if (at < text.len && !(text.at[at] >= '0' && text.at[at] <= '9'))
		end = slice_find_byte(slice_cut(text, 0, at + KEY_MAX), ':', at);
	if (end < at + LABEL_MIN || end + 1 >= text.len || text.at[end] != ':' || text.at[end + 1] == '/' ||
	    text.at[end + 1] == ':')
		return at;
	for (size_t i = at; i < end; i++)
		if (!is_label_char(text.at[i]))
			return at;
	return end;
}

/* The next sign that may part labelled values. */
static size_t label_parting(struct slice text, size_t at)
{
	while (at < text.len && text.at[at] != ',' && text.at[at] != ';' && text.at[at] != '|')
		at++;
	return at;
}

/* The labelled value at *at, which is moved to the next one; false when none stands there. */
static bool take_labelled(struct slice text, size_t *at, struct slice *label, struct slice *value)
{
	size_t sign = label_end(text, *at), end, next;

	if (sign == *at)
		return false;
	*label = slice_cut(text, *at, sign);
	for (end = label_parting(text, sign); end < text.len; end = label_parting(text, end + 1)) {
		next = end + 1;
		while (next < text.len && text.at[next] == ' ')
			next++;
		if (label_end(text, next) != next)
			break;
	}
	*value = slice_trim(slice_cut(text, sign + 1, end));
	*at = end < text.len ? next : end;
	return true;
}

static bool begins_with_labels(struct slice text)
{
	struct slice label, value;
	size_t at = 0, n = 0;

	while (n < LABELS_MIN && take_labelled(text, &at, &label, &value))
		n++;
	return n == LABELS_MIN;
}

static struct slice behind_priority(struct slice text)
{
	size_t end = text.len && text.at[0] == '<' ? slice_find_byte(slice_cut(text, 0, 5), '>', 0) : 5;

	return end < 5 && end + 1 < text.len ? slice_cut(text, end + 1, text.len) : text;
}

static void find_stamp(struct slice text, struct head *head)
{
	static const char *const keys[] = { "time", "timestamp", "date", "devtime", "eventtime", "rt", "start" };
	struct slice key, value;
	size_t at = 0;

	head->has_stamp = stamp_parse(text, &head->stamp);	/* date=... time=... in front */
	for (int pair = 0; !head->has_stamp && pair < 40 && take_pair(text, &at, &key, &value); pair++)
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !head->has_stamp; i++)
			if (slice_is_nocase(key, keys[i]))
				head->has_stamp = stamp_parse(value, &head->stamp);
}

static bool kv_head(struct record *r, struct slice text, struct head *head)
{
	struct slice pairs = behind_priority(text);

	if (!begins_with_pairs(pairs) && !begins_with_labels(pairs))
		return false;
	r->message = pairs;
	if (!head->has_stamp)
		find_stamp(pairs, head);
	return true;
}

static void kv_fields(struct record *r)
{
	struct slice label, value;
	size_t at = 0;

	if (begins_with_pairs(r->message))
		kv_pairs(r, r->message);
	else
		while (take_labelled(r->message, &at, &label, &value))
			record_add(r, label, value, VALUE_STRING, false);
}

const struct format kv_format = { "kv", true, NULL, NULL, 0, NULL, NULL, kv_head, kv_fields };
