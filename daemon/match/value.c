/*
 * Each modifier reads the notation byte by byte and writes notation again, so they can follow one another in
 * the order in which the rule names them (Sigma 2.1, modifiers appendix).
 */
#include "match/value.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum notation notation_next(struct slice text, size_t *at, unsigned char *byte)
{
	char c;

	if (*at >= text.len)
		return NOTATION_END;
	c = text.at[(*at)++];
	if (c == '*' || c == '?')
		return c == '*' ? NOTATION_MANY : NOTATION_ONE;
	if (c == '\\' && *at < text.len && memchr("*?\\", text.at[*at], 3))
		c = text.at[(*at)++];
	*byte = (unsigned char)c;
	return NOTATION_BYTE;
}

void notation_add_bytes(struct text *text, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.at[i] == '*' || bytes.at[i] == '?' || bytes.at[i] == '\\')
			text_add_char(text, '\\');
		text_add_char(text, bytes.at[i]);
	}
}

void drafts_add(struct drafts *drafts, struct slice notation)
{
	drafts->at = mem_grow(drafts->at, &drafts->cap, drafts->n + 1, sizeof(*drafts->at));
	drafts->at[drafts->n] = (struct text){ 0 };
	text_add_slice(&drafts->at[drafts->n++], notation);
}

void drafts_clear(struct drafts *drafts)
{
	for (size_t i = 0; i < drafts->n; i++)
		text_clear(&drafts->at[i]);
	free(drafts->at);
	*drafts = (struct drafts){ 0 };
}

static bool is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_' || c >= 0x80;
}

/* Does a flag begin at this byte of the notation: a dash or slash before a word and not inside one? */
static bool is_flag(struct slice in, size_t at)
{
	return (in.at[at] == '-' || in.at[at] == '/') && at + 1 < in.len &&
	       is_word((unsigned char)in.at[at + 1]) &&
	       (at == 0 || !is_word((unsigned char)in.at[at - 1]));
}

bool value_windash(struct slice in, struct drafts *out, const char **fault)
{
	static const char *const dashes[] = { "-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95" };
	size_t flags = 0, many = 1;

	for (size_t i = 0; i < in.len; i++)
		flags += is_flag(in, i);
	for (size_t i = 0; i < flags && many <= WINDASH_MAX; i++)
		many *= 5;
	if (many > WINDASH_MAX) {
		*fault = "has too many flags for `windash` (at most four)";
		return false;
	}
	for (size_t k = 0; k < many; k++) {
		struct text text = { 0 };
		size_t choice = k;

		for (size_t i = 0; i < in.len; i++)
			if (is_flag(in, i)) {
				text_add(&text, dashes[choice % 5]);
				choice /= 5;
			} else {
				text_add_char(&text, in.at[i]);
			}
		drafts_add(out, text_slice(&text));
		text_clear(&text);
	}
	return true;
}

static bool plain_bytes(struct slice in, struct text *plain, const char **fault)
{
	unsigned char byte = 0;
	enum notation kind;
	size_t at = 0;

	while ((kind = notation_next(in, &at, &byte)) == NOTATION_BYTE)
		text_add_char(plain, (char)byte);
	if (kind == NOTATION_END)
		return true;
	*fault = "holds a wildcard, which base64 cannot encode; write \\* or \\? for the character";
	text_clear(plain);
	return false;
}

static void base64_add(struct text *out, struct slice b)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < b.len; i += 3) {
		unsigned v = (unsigned)(unsigned char)b.at[i] << 16;

		v |= i + 1 < b.len ? (unsigned)(unsigned char)b.at[i + 1] << 8 : 0;
		v |= i + 2 < b.len ? (unsigned)(unsigned char)b.at[i + 2] : 0;
		text_add_char(out, digits[v >> 18]);
		text_add_char(out, digits[v >> 12 & 63]);
		text_add_char(out, i + 1 < b.len ? digits[v >> 6 & 63] : '=');
		text_add_char(out, i + 2 < b.len ? digits[v & 63] : '=');
	}
}

bool value_base64(struct slice in, struct drafts *out, const char **fault)
{
	struct text plain = { 0 }, coded = { 0 };

	if (!plain_bytes(in, &plain, fault))
		return false;
	base64_add(&coded, text_slice(&plain));
	drafts_add(out, text_slice(&coded));
	text_clear(&plain);
	text_clear(&coded);
	return true;
}

/* At each of the three offsets, without the digits that the neighbouring bytes have a part in. */
bool value_base64offset(struct slice in, struct drafts *out, const char **fault)
{
	static const size_t skip[] = { 0, 2, 3 }, cut[] = { 0, 3, 2 };
	struct text plain = { 0 };

	if (!plain_bytes(in, &plain, fault))
		return false;
	for (size_t offset = 0; offset < 3; offset++) {
		struct text shifted = { 0 }, coded = { 0 };

		text_add_bytes(&shifted, "  ", offset);
		text_add_slice(&shifted, text_slice(&plain));
		base64_add(&coded, text_slice(&shifted));
		drafts_add(out, slice_cut(text_slice(&coded), skip[offset],
					  coded.len - cut[shifted.len % 3]));
		text_clear(&shifted);
		text_clear(&coded);
	}
	text_clear(&plain);
	return true;
}

/* The next character of UTF-8; a byte that is none stands for itself. */
static unsigned character(struct slice text, size_t *at)
{
	unsigned char c = (unsigned char)text.at[(*at)++];
	unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	unsigned value = more ? c & (0x3fu >> more) : c;

	if (*at + more > text.len)
		return c;
	for (unsigned i = 0; i < more; i++) {
		if (((unsigned char)text.at[*at + i] & 0xc0) != 0x80)
			return c;
		value = value << 6 | ((unsigned char)text.at[*at + i] & 0x3f);
	}
	*at += more;
	return value;
}

static void unit_add(struct text *out, unsigned unit, bool big)
{
	char low = (char)(unit & 0xff), high = (char)(unit >> 8);
	char pair[2] = { big ? high : low, big ? low : high };

	notation_add_bytes(out, (struct slice){ pair, 2 });
}

static void utf16_add(struct text *out, struct slice plain, bool big)
{
	for (size_t at = 0; at < plain.len;) {
		unsigned c = character(plain, &at);

		if (c >= 0x10000) {
			unit_add(out, 0xd800 + ((c - 0x10000) >> 10), big);
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		unit_add(out, c, big);
	}
}

/* Wildcards stay; `?` is then one code unit of two bytes. */
static bool utf16(struct slice in, const char *mark, bool big, struct drafts *out)
{
	struct text text = { 0 }, plain = { 0 };
	unsigned char byte = 0;
	enum notation kind;
	size_t at = 0;

	text_add(&text, mark);
	do {
		kind = notation_next(in, &at, &byte);
		if (kind == NOTATION_BYTE) {
			text_add_char(&plain, (char)byte);
			continue;
		}
		utf16_add(&text, text_slice(&plain), big);
		text_reset(&plain);
		text_add(&text, kind == NOTATION_MANY ? "*" : kind == NOTATION_ONE ? "??" : "");
	} while (kind != NOTATION_END);
	drafts_add(out, text_slice(&text));
	text_clear(&text);
	text_clear(&plain);
	return true;
}

bool value_utf16le(struct slice in, struct drafts *out, const char **fault)
{
	(void)fault;
	return utf16(in, "", false, out);
}

bool value_utf16be(struct slice in, struct drafts *out, const char **fault)
{
	(void)fault;
	return utf16(in, "", true, out);
}

bool value_utf16(struct slice in, struct drafts *out, const char **fault)
{
	(void)fault;
	return utf16(in, "\xff\xfe", false, out);
}
