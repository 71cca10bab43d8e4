/* Hostile bytes are text: one escaping for each exit, and what UTF-8 they share. */
#include "base/escape.h"

#include <string.h>

size_t utf8_char(struct slice in, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c;
	uint32_t u;
	size_t n;

	if (!in.len)
		return 0;
	c = (unsigned char)in.at[0];
	if (c < 0x80)
		n = 1, u = c;
	else if (c >= 0xc2 && c < 0xe0)
		n = 2, u = c & 0x1f;
	else if (c >= 0xe0 && c < 0xf0)
		n = 3, u = c & 0x0f;
	else if (c >= 0xf0 && c < 0xf5)
		n = 4, u = c & 0x07;
	else
		return 0;
	if (in.len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)in.at[i] & 0xc0) != 0x80)
			return 0;
		u = u << 6 | ((unsigned char)in.at[i] & 0x3f);
	}
	if (u < least[n] || (u >= 0xd800 && u < 0xe000) || u > 0x10ffff)
		return 0;
	if (code)
		*code = u;
	return n;
}

bool utf8_valid(struct slice in)
{
	size_t at = 0, n;

	for (uint64_t word; at < in.len; at += n) {
		n = sizeof(word);		/* of ASCII */
		if (at + n <= in.len && !(memcpy(&word, in.at + at, n), word & UINT64_C(0x8080808080808080)))
			continue;
		n = utf8_char((struct slice){ in.at + at, in.len - at }, NULL);
		if (!n)
			return false;
	}
	return true;
}

/* Ranges of East_Asian_Width W and F (Unicode Standard Annex 11) that log text meets. */
static bool code_is_wide(uint32_t u)
{
	static const uint32_t wide[][2] = {
		{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 },
		{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 },
		{ 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
	};

	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (u >= wide[i][0] && u <= wide[i][1])
			return true;
	return false;
}

/* Controls, and marks that turn the direction of what follows. */
static bool code_is_unsafe(uint32_t u)
{
	return u < 0x20 || (u >= 0x7f && u < 0xa0) || (u >= 0x200b && u <= 0x200f) ||
	       (u >= 0x2028 && u <= 0x202e) || (u >= 0x2060 && u <= 0x206f) || u == 0xfeff;
}

static size_t code_width(uint32_t u)
{
	if (code_is_unsafe(u) || (u >= 0x300 && u < 0x370) || (u >= 0xfe00 && u <= 0xfe0f))
		return 0;
	return code_is_wide(u) ? 2 : 1;
}

struct slice utf8_cut(struct slice in, size_t columns)
{
	size_t at = 0, width = 0;

	while (at < in.len) {
		uint32_t u = 0xfffd;
		size_t n = utf8_char(slice_cut(in, at, in.len), &u);

		width += code_width(u);
		if (width > columns)
			break;
		at += n ? n : 1;
	}
	return slice_cut(in, 0, at);
}

size_t utf8_width(struct slice in)
{
	size_t width = 0;

	while (in.len) {
		uint32_t u = 0xfffd;
		size_t n = utf8_char(in, &u);

		width += code_width(u);
		in = slice_cut(in, n ? n : 1, in.len);
	}
	return width;
}

void escape_terminal(struct slice in, struct text *out)
{
	while (in.len) {
		uint32_t u;
		size_t n = utf8_char(in, &u);

		if (!n)
			text_addf(out, "\\x%02x", (unsigned char)in.at[0]);
		else if (u == '\t' || u == '\n')
			text_add_char(out, u == '\t' ? ' ' : ' ');
		else if (code_is_unsafe(u))
			text_addf(out, u < 0x100 ? "\\x%02x" : "\\u{%x}", (unsigned)u);
		else
			text_add_bytes(out, in.at, n);
		in = slice_cut(in, n ? n : 1, in.len);
	}
}

void escape_utf8(struct slice in, struct text *out)
{
	while (in.len) {
		uint32_t u;
		size_t n = utf8_char(in, &u);

		if (!n || ((u < 0x20 && u != '\t' && u != '\n') || u == 0x7f))
			text_add(out, "\xef\xbf\xbd");
		else
			text_add_bytes(out, in.at, n);
		in = slice_cut(in, n ? n : 1, in.len);
	}
}

void escape_html(struct slice in, struct text *out)
{
	struct text clean = { 0 };

	escape_utf8(in, &clean);
	for (size_t i = 0; i < clean.len; i++) {
		switch (clean.at[i]) {
		case '&': text_add(out, "&amp;"); break;
		case '<': text_add(out, "&lt;"); break;
		case '>': text_add(out, "&gt;"); break;
		case '"': text_add(out, "&quot;"); break;
		case '\'': text_add(out, "&#39;"); break;
		default: text_add_char(out, clean.at[i]);
		}
	}
	text_clear(&clean);
}

void escape_defang(struct slice in, struct text *out)
{
	static const struct { const char *from, *to; } schemes[] = {
		{ "https://", "hxxps://" }, { "http://", "hxxp://" }, { "ftp://", "fxp://" },
	};
	size_t end;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (slice_starts_nocase(in, slice_of(schemes[i].from))) {
			text_add(out, schemes[i].to);
			in = slice_cut(in, strlen(schemes[i].from), in.len);
			break;
		}
	end = slice_find_byte(in, '/', 0);
	for (size_t i = 0; i < in.len; i++) {
		if (i < end && in.at[i] == '.')
			text_add(out, "[.]");
		else
			text_add_char(out, in.at[i]);
	}
}

static void encoded_word(struct slice part, struct text *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	text_add(out, "=?UTF-8?B?");
	for (size_t i = 0; i < part.len; i += 3) {
		unsigned char b[3] = { 0 };
		size_t n = part.len - i < 3 ? part.len - i : 3;

		memcpy(b, part.at + i, n);
		text_add_char(out, digits[b[0] >> 2]);
		text_add_char(out, digits[(b[0] & 3) << 4 | b[1] >> 4]);
		text_add_char(out, n > 1 ? digits[(b[1] & 15) << 2 | b[2] >> 6] : '=');
		text_add_char(out, n > 2 ? digits[b[2] & 63] : '=');
	}
	text_add(out, "?=");
}

void escape_mail_header(struct slice in, struct text *out)
{
	struct text clean = { 0 };
	struct slice rest;
	bool ascii = true, first = true;

	escape_utf8(in, &clean);
	for (size_t i = 0; i < clean.len; i++) {
		if (clean.at[i] == '\n' || clean.at[i] == '\t')
			clean.at[i] = ' ';
		ascii = ascii && (unsigned char)clean.at[i] < 0x80;
	}
	rest = text_slice(&clean);
	if (ascii && rest.len < 60 && slice_find(rest, SLICE("=?"), 0) == rest.len) {
		text_add_slice(out, rest);
		rest.len = 0;
	}
	while (rest.len) {		/* RFC 2047: at most 75 bytes a word, never half a character */
		size_t take = 0, n;

		while (take < rest.len && (n = utf8_char(slice_cut(rest, take, rest.len), NULL)) &&
		       take + n <= 45)
			take += n;
		if (!first)
			text_add(out, "\r\n ");
		encoded_word(slice_cut(rest, 0, take), out);
		rest = slice_cut(rest, take, rest.len);
		first = false;
	}
	text_clear(&clean);
}
