/* Runs of words with one charset are put together before they are read: many senders part a character between two. */
#include "decode/encoded_words.h"

#include "base/encoding.h"
#include "decode/format.h"

#include <ctype.h>
#include <string.h>

#define CHARSET_MAX 32

struct word {
	struct slice charset, text;
	bool base64;
	size_t end;			/* behind it */
};

/* `=?charset?B?text?=` at `at`, or what is left of it where the line was cut. */
static bool word_read(struct slice in, size_t at, struct word *w)
{
	size_t charset = at + 2, method = slice_find_byte(in, '?', charset), text = method + 3, end;
	char letter;

	if (!slice_starts(slice_cut(in, at, in.len), SLICE("=?")) || text > in.len || method - charset > CHARSET_MAX ||
	    in.at[method + 2] != '?')
		return false;
	letter = in.at[method + 1] | 0x20;
	if (letter != 'b' && letter != 'q')
		return false;
	w->base64 = letter == 'b';
	end = text;
	while (end < in.len && in.at[end] != '?' && in.at[end] != ' ')
		end++;
	w->charset = slice_cut(in, charset, method);
	w->charset = slice_cut(w->charset, 0, slice_find_byte(w->charset, '*', 0));	/* `*en`: a language, RFC 2231 */
	w->text = slice_cut(in, text, end);
	w->end = slice_starts(slice_cut(in, end, in.len), SLICE("?=")) ? end + 2 : end;
	return true;
}

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static void base64_undo(struct slice in, struct text *out)
{
	unsigned bits = 0, n = 0;

	for (size_t i = 0; i < in.len && sextet(in.at[i]) >= 0; i++) {
		bits = bits << 6 | (unsigned)sextet(in.at[i]);
		n += 6;
		if (n < 8)
			continue;
		n -= 8;
		text_add_char(out, (char)(bits >> n));
	}
}

static void quoted_undo(struct slice in, struct text *out)
{
	for (size_t i = 0; i < in.len; i++) {
		int high = i + 2 < in.len && in.at[i] == '=' ? hex_value(in.at[i + 1]) : -1;
		int low = high >= 0 ? hex_value(in.at[i + 2]) : -1;

		if (low >= 0)
			i += 2;
		text_add_char(out, low >= 0 ? (char)(high << 4 | low) : in.at[i] == '_' ? ' ' : in.at[i]);
	}
}

static bool charset_of(struct slice name, enum encoding *out)
{
	static const struct { const char *name; enum encoding encoding; } more[] = {
		{ "us-ascii", ENCODING_UTF8 }, { "windows-31j", ENCODING_CP932 }, { "iso-2022-jp-ms", ENCODING_ISO_2022_JP },
		{ "cp50220", ENCODING_ISO_2022_JP }, { "cp50221", ENCODING_ISO_2022_JP },
	};
	char text[CHARSET_MAX + 1];

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (slice_is_nocase(name, more[i].name)) {
			*out = more[i].encoding;
			return true;
		}
	memcpy(text, name.at, name.len);
	text[name.len] = '\0';
	return encoding_parse(text, out) && *out != ENCODING_AUTO && *out != ENCODING_UTF16LE && *out != ENCODING_UTF16BE;
}

/* One run of words as UTF-8; *at moves behind it. False: a charset that is not known here, and it stays as it is. */
static bool run_undo(struct slice in, size_t *at, struct transcoder *transcoder, struct arena *arena, struct text *out)
{
	struct decoding decoding = { .framing = ENCODING_UTF8 };
	struct text bytes = { 0 };
	struct word first, w;
	uint64_t repairs = 0;
	size_t next = *at;

	if (!word_read(in, next, &first) || !charset_of(first.charset, &decoding.encoding))
		return false;
	while (word_read(in, next, &w) && slice_equal_nocase(w.charset, first.charset)) {
		(w.base64 ? base64_undo : quoted_undo)(w.text, &bytes);
		*at = next = w.end;
		/* between two words blanks say nothing, and neither do the marks that stand for a fold in a log */
		while (next < in.len && (isspace((unsigned char)in.at[next]) || in.at[next] == '?'))
			next++;
	}
	text_add_slice(out, encoding_decode(transcoder, &decoding, text_slice(&bytes), arena, &repairs));
	text_clear(&bytes);
	return true;
}

struct slice encoded_words_undo(struct slice in, struct arena *arena)
{
	struct transcoder *transcoder = transcoder_new();
	struct text out = { 0 };
	struct slice kept;
	size_t at = 0;

	while (at < in.len)
		if (!run_undo(in, &at, transcoder, arena, &out))
			text_add_char(&out, in.at[at++]);
	kept = (struct slice){ arena_strndup(arena, out.len ? out.at : "", out.len), out.len };
	text_clear(&out);
	transcoder_free(transcoder);
	return kept;
}
