/*
 * LEEF: `LEEF:1.0|vendor|product|version|event id|` and pairs with a tab between them; 2.0 may name its own delimiter
 * in one more header field, as the character or as x and its number. Values are bytes of the line.
 */
#include "decode/format.h"

#include <ctype.h>
#include <string.h>

#define HEADER_MAX 512		/* bytes before LEEF: */
#define HEADER_FIELDS 5

static size_t leef_start(struct slice text)
{
	struct slice front = slice_cut(text, 0, HEADER_MAX + 5);
	size_t at;

	if (slice_find_byte(front, '|', 0) == front.len)	/* most lines */
		return text.len;
	at = slice_find(front, SLICE("LEEF:"), 0);
	if (at >= front.len)
		return text.len;
	front = slice_cut(text, at + 5, at + 11);
	front = slice_cut(front, front.len && front.at[0] == ' ', front.len);
	return slice_starts(front, SLICE("1.0|")) || slice_starts(front, SLICE("2.0|")) ? at : text.len;
}

/* `^`, `x09`, `0x09`, `\t`; empty is a tab. -1: this is no delimiter; a letter or digit is none. */
static int delimiter_of(struct slice word)
{
	uint64_t value = 0;
	size_t at = slice_starts(word, SLICE("0x")) ? 2 : slice_starts(word, SLICE("x")) ? 1 : 0;

	if (!word.len || slice_is(word, "\\t"))
		return '\t';
	if (word.len == 1)
		return isalnum((unsigned char)word.at[0]) ? -1 : (unsigned char)word.at[0];
	if (!at || word.len - at > 4)
		return -1;
	for (; at < word.len; at++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = memchr(digits, word.at[at] | 0x20, 16);

		if (!digit)
			return -1;
		value = value << 4 | (uint64_t)(digit - digits);
	}
	return value && value < 256 && !isalnum((int)value) ? (int)value : -1;
}

static const char *const names[HEADER_FIELDS + 1] = { "leef.version", "leef.vendor", "leef.product", "leef.device_version",
						      "leef.event_id" };

static struct slice take_header(struct record *r, struct slice text, int *delimiter)
{
	size_t at = slice_find_byte(text, ':', 0) + 1, end;
	bool second = false;

	*delimiter = '\t';
	for (size_t i = 0; i < HEADER_FIELDS; i++) {
		struct slice word;

		end = slice_find_byte(text, '|', at);
		word = slice_trim(slice_cut(text, at, end));
		second = second || (i == 0 && slice_is(word, "2.0"));
		if (end >= text.len && i + 1 < HEADER_FIELDS)
			r->marks |= RECORD_BROKEN;
		record_add(r, slice_of(names[i]), word, VALUE_STRING, false);
		at = end < text.len ? end + 1 : text.len;
	}
	end = slice_find_byte(text, '|', at);
	if (second && end < text.len && end - at <= 6) {
		int own = delimiter_of(slice_cut(text, at, end));

		if (own >= 0) {
			*delimiter = own;
			at = end + 1;
		}
	}
	return slice_cut(text, at, text.len);
}

static void add_pair(struct record *r, struct slice pair)
{
	size_t sign = slice_find_byte(pair, '=', 0);

	if (sign && sign < pair.len)
		record_add(r, slice_trim(slice_cut(pair, 0, sign)), slice_trim(slice_cut(pair, sign + 1, pair.len)),
			   VALUE_STRING, false);
}

static void leef_fields(struct record *r)
{
	int delimiter;
	struct slice text = take_header(r, r->message, &delimiter);
	size_t at = 0, end;

	/* Some senders and relays turn tabs into blanks. */
	if (slice_find_byte(text, (char)delimiter, 0) == text.len) {
		kv_pairs(r, text);
		return;
	}
	for (; at < text.len; at = end + 1) {
		end = slice_find_byte(text, (char)delimiter, at);
		add_pair(r, slice_cut(text, at, end));
	}
}

static bool leef_head(struct record *r, struct slice text, struct head *head)
{
	size_t at = leef_start(text), value;

	if (at >= text.len)
		return false;
	r->message = slice_cut(text, at, text.len);
	value = slice_find(text, SLICE("devTime="), at);
	if (!head->has_stamp && value < text.len)
		head->has_stamp = stamp_parse(slice_cut(text, value + 8, text.len), &head->stamp);
	return true;
}

const struct format leef_format = { "leef", true, "LEEF:", names, 0, NULL, NULL, leef_head, leef_fields };
