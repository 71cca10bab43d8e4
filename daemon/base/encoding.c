/*
 * A line is UTF-8 as long as it can be. Else its bytes are counted as CP932 and as EUC-JP: hardly any text is valid as
 * both and means something as both, for what is kana in one is half-width kana or nothing in the other. Where it stays
 * undecided, the line before decides. ISO-2022-JP shows itself by its escapes; it becomes EUC-JP by setting the high
 * bits, so one table of iconv serves both, with the characters that Japanese vendors added.
 */
#include "base/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define HIGH_BITS UINT64_C(0x8080808080808080)
#define ONES UINT64_C(0x0101010101010101)

const char *const encoding_names[] = { "auto", "UTF-8", "CP932", "EUC-JP", "ISO-2022-JP", "UTF-16LE",
				       "UTF-16BE", "Shift_JIS", NULL };
static const char *const iconv_names[N_ENCODINGS] = {
	[ENCODING_CP932] = "CP932", [ENCODING_EUC_JP] = "EUC-JP-MS",
	[ENCODING_UTF16LE] = "UTF-16LE", [ENCODING_UTF16BE] = "UTF-16BE",
};

struct transcoder {
	iconv_t handles[N_ENCODINGS];
};

bool encoding_parse(const char *name, enum encoding *out)
{
	for (int i = 0; encoding_names[i]; i++)
		if (slice_is_nocase(slice_of(name), encoding_names[i])) {
			*out = i < N_ENCODINGS ? (enum encoding)i : ENCODING_CP932;
			return true;
		}
	return false;
}

const char *encoding_name(enum encoding encoding)
{
	return encoding_names[encoding];
}

/* Plain ASCII without escapes, to begin with; where something else begins. Eight words a turn. */
static size_t ascii_run(const char *at, size_t len)
{
	size_t i = 0;

	for (; i + 64 <= len; i += 64) {
		uint64_t word, odd = 0;

		for (size_t k = 0; k < 64; k += 8) {
			memcpy(&word, at + i + k, 8);
			odd |= word | ((word ^ ONES * 0x1b) - ONES);	/* an escape borrows into its high bit */
		}
		if (odd & HIGH_BITS)
			break;
	}
	while (i < len && (unsigned char)at[i] < 0x80 && at[i] != 0x1b)
		i++;
	return i;
}

/* Length of the valid UTF-8 character at p, 0 when there is none. */
static size_t utf8_char(const unsigned char *p, size_t len)
{
	static const struct { unsigned char first, last, low, high; size_t len; } rows[] = {
		{ 0x00, 0x7f, 0, 0, 1 },	{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		if (p[0] < rows[r].first || p[0] > rows[r].last)
			continue;
		if (rows[r].len > len || (rows[r].len > 1 && (p[1] < rows[r].low || p[1] > rows[r].high)))
			return 0;
		for (size_t i = 2; i < rows[r].len; i++)
			if ((p[i] & 0xc0) != 0x80)
				return 0;
		return rows[r].len;
	}
	return 0;
}

static size_t utf8_run(const char *at, size_t len)
{
	size_t i = 0, step;

	while (i < len && (step = utf8_char((const unsigned char *)at + i, len - i)) > 0)
		i += step;
	return i;
}

static bool is_cp932_lead(unsigned char c)
{
	return (c >= 0x81 && c <= 0x9f) || (c >= 0xe0 && c <= 0xfc);
}

/* How well bytes fit: bad ones, and those that are seldom what somebody meant. */
struct fit {
	size_t bad, odd, kana, pairs;
};

static struct fit cp932_fit(const unsigned char *p, size_t len)
{
	struct fit fit = { 0 };

	for (size_t i = 0; i < len; i++) {
		if (p[i] < 0x80)
			continue;
		if (p[i] >= 0xa1 && p[i] <= 0xdf) {
			fit.odd++;	/* half-width kana */
		} else if (!is_cp932_lead(p[i]) || i + 1 == len || p[i + 1] < 0x40 || p[i + 1] == 0x7f ||
			   p[i + 1] > 0xfc) {
			fit.bad++;
		} else {
			/* rarely used kanji, and the rows that only vendors filled */
			fit.odd += p[i] >= 0xe0 || (p[i] >= 0x85 && p[i] <= 0x87);
			i++;
		}
	}
	return fit;
}

static struct fit euc_fit(const unsigned char *p, size_t len)
{
	struct fit fit = { 0 };

	for (size_t i = 0; i < len; i++) {
		if (p[i] < 0x80)
			continue;
		if (i + 1 == len || p[i + 1] < 0xa1 || p[i + 1] == 0xff ||
		    (p[i] != 0x8e && p[i] != 0x8f && (p[i] < 0xa1 || p[i] == 0xff))) {
			fit.bad++;
			continue;
		}
		fit.pairs++;
		fit.kana += p[i] == 0xa4 || p[i] == 0xa5;
		fit.odd += (p[i] >= 0xa9 && p[i] <= 0xaf) || p[i] >= 0xf5;
		i += p[i] == 0x8f && i + 2 < len ? 2 : 1;
	}
	return fit;
}

static bool has_jis_escape(struct slice line)
{
	for (size_t i = slice_find_byte(line, 0x1b, 0); i + 2 < line.len; i = slice_find_byte(line, 0x1b, i + 1))
		if ((line.at[i + 1] == '$' && (line.at[i + 2] == 'B' || line.at[i + 2] == '@')) ||
		    (line.at[i + 1] == '(' && (line.at[i + 2] == 'I' || line.at[i + 2] == 'J')))
			return true;
	return false;
}

enum encoding encoding_guess(struct slice line, enum encoding before)
{
	size_t valid = utf8_run(line.at, line.len);
	const unsigned char *p = (const unsigned char *)line.at;
	struct fit cp932, euc;

	if (valid == line.len)
		return has_jis_escape(line) ? ENCODING_ISO_2022_JP : ENCODING_UTF8;
	cp932 = cp932_fit(p, line.len);
	euc = euc_fit(p, line.len);
	if (cp932.bad && euc.bad)
		return ENCODING_UTF8;
	if (cp932.bad || euc.bad)
		return cp932.bad ? ENCODING_EUC_JP : ENCODING_CP932;
	/* half of it kana: in CP932 it would be a half-width comma or dot at every second place */
	if (cp932.odd > 1 && euc.kana * 2 >= euc.pairs)
		return ENCODING_EUC_JP;
	if (before == ENCODING_CP932 || before == ENCODING_EUC_JP)
		return before;
	return euc.odd < cp932.odd ? ENCODING_EUC_JP : ENCODING_CP932;
}

enum encoding encoding_framing(enum encoding known, struct slice head)
{
	size_t zeros[2] = { 0, 0 }, n = head.len < 64 ? head.len / 2 * 2 : 64;

	if (known == ENCODING_UTF16LE || known == ENCODING_UTF16BE)
		return known;
	if (known != ENCODING_AUTO || head.len < 2)
		return ENCODING_UTF8;
	if (memcmp(head.at, "\xff\xfe", 2) == 0)
		return ENCODING_UTF16LE;
	if (memcmp(head.at, "\xfe\xff", 2) == 0)
		return ENCODING_UTF16BE;
	for (size_t i = 0; i < n; i++)
		zeros[i % 2] += head.at[i] == 0;
	/* ASCII is half zeros in UTF-16; a hole is all zeros */
	if (zeros[1] * 4 >= n && zeros[0] * 8 < n && zeros[1])
		return ENCODING_UTF16LE;
	if (zeros[0] * 4 >= n && zeros[1] * 8 < n && zeros[0])
		return ENCODING_UTF16BE;
	return ENCODING_UTF8;
}

static bool is_wide(enum encoding framing)
{
	return framing == ENCODING_UTF16LE || framing == ENCODING_UTF16BE;
}

static bool is_unit(enum encoding framing, const char *at, char c)
{
	size_t high = framing == ENCODING_UTF16LE;

	return at[!high] == c && at[high] == 0;
}

size_t encoding_whole_lines(enum encoding framing, const char *bytes, size_t len)
{
	const char *end;

	if (!is_wide(framing)) {
		end = len ? memrchr(bytes, '\n', len) : NULL;
		return end ? (size_t)(end - bytes) + 1 : 0;
	}
	for (len = len / 2 * 2; len; len -= 2)
		if (is_unit(framing, bytes + len - 2, '\n'))
			return len;
	return 0;
}

struct slice encoding_without_cr(enum encoding framing, struct slice line)
{
	if (!is_wide(framing))
		return slice_cut(line, 0, line.len - (line.len && line.at[line.len - 1] == '\r'));
	return slice_cut(line, 0, line.len - (line.len > 1 && line.len % 2 == 0 &&
					      is_unit(framing, line.at + line.len - 2, '\r') ? 2 : 0));
}

size_t encoding_line_end(enum encoding framing, const char *bytes, size_t len, size_t *end_len)
{
	size_t high = framing == ENCODING_UTF16LE;
	const char *at = bytes;

	*end_len = is_wide(framing) ? 2 : 1;
	while ((at = memchr(at, '\n', len - (size_t)(at - bytes)))) {
		size_t i = (size_t)(at - bytes), unit = i / 2 * 2;

		if (*end_len == 1)
			return i;
		if (unit + 1 < len && i == unit + !high && bytes[unit + high] == 0)
			return unit;
		at++;
	}
	return SIZE_MAX;
}

struct transcoder *transcoder_new(void)
{
	struct transcoder *t = mem_zalloc(sizeof(*t));

	for (int i = 0; i < N_ENCODINGS; i++)
		t->handles[i] = iconv_names[i] ? iconv_open("UTF-8", iconv_names[i]) : (iconv_t)-1;
	return t;
}

void transcoder_free(struct transcoder *t)
{
	if (!t)
		return;
	for (int i = 0; i < N_ENCODINGS; i++)
		if (t->handles[i] != (iconv_t)-1)
			iconv_close(t->handles[i]);
	free(t);
}

static void put(char **to, const char *bytes, size_t len)
{
	memcpy(*to, bytes, len);
	*to += len;
}

/* What is valid stays, each other byte becomes U+FFFD. */
static struct slice utf8_repair(struct slice line, struct arena *arena, uint64_t *repairs)
{
	char *out = arena_alloc(arena, line.len * 3 + 1), *to = out;
	size_t i = 0;

	while (i < line.len) {
		size_t run = utf8_run(line.at + i, line.len - i);

		put(&to, line.at + i, run);
		i += run;
		if (i < line.len) {
			put(&to, REPLACEMENT, 3);
			(*repairs)++;
			i++;
		}
	}
	return (struct slice){ out, (size_t)(to - out) };
}

static struct slice iconv_decode(iconv_t handle, struct slice line, size_t unit, struct arena *arena,
				 uint64_t *repairs)
{
	size_t room = line.len * 3 + 8;		/* no character of these grows more; U+FFFD for a byte is 3 */
	char *out = arena_alloc(arena, room), *to = out, *from = (char *)(uintptr_t)line.at;
	size_t left = line.len;

	if (handle == (iconv_t)-1)
		return utf8_repair(line, arena, repairs);
	iconv(handle, NULL, NULL, NULL, NULL);
	while (left) {
		if (iconv(handle, &from, &left, &to, &room) != (size_t)-1 || (errno != EILSEQ && errno != EINVAL))
			break;
		if (room < 3 || !left)
			break;
		put(&to, REPLACEMENT, 3);
		room -= 3;
		(*repairs)++;
		from += left < unit ? left : unit;
		left -= left < unit ? left : unit;
	}
	return (struct slice){ out, (size_t)(to - out) };
}

/* ISO-2022-JP to EUC-JP: two-byte characters get their high bits, half-width kana its prefix. */
static struct slice jis_to_euc(struct slice line, struct arena *arena)
{
	enum { ASCII, KANJI, KANA } mode = ASCII;
	char *out = arena_alloc(arena, line.len * 2 + 1), *to = out;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i];

		if (c == 0x1b && i + 2 < line.len && (line.at[i + 1] == '$' || line.at[i + 1] == '(')) {
			mode = line.at[i + 1] == '$' ? KANJI : line.at[i + 2] == 'I' ? KANA : ASCII;
			i += 2;
		} else if (mode == ASCII || c < 0x21) {
			*to++ = c;
		} else if (mode == KANA) {
			*to++ = (char)0x8e;
			*to++ = (char)(c | 0x80);
		} else {
			*to++ = (char)(c | 0x80);
		}
	}
	return (struct slice){ out, (size_t)(to - out) };
}

static struct slice without_mark(struct slice text)
{
	return text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0 ? slice_cut(text, 3, text.len) : text;
}

size_t encoding_plain_run(const struct decoding *d, struct slice bytes)
{
	return is_wide(d->framing) ? 0 : ascii_run(bytes.at, bytes.len);
}

struct slice encoding_decode(struct transcoder *t, struct decoding *d, struct slice line, struct arena *arena,
			     uint64_t *repairs)
{
	enum encoding encoding = d->encoding;

	if (is_wide(d->framing))
		return without_mark(iconv_decode(t->handles[d->framing], line, 2, arena, repairs));
	if (ascii_run(line.at, line.len) == line.len)
		return line;
	if (encoding == ENCODING_AUTO) {
		encoding = encoding_guess(line, d->before);
		if (encoding == ENCODING_CP932 || encoding == ENCODING_EUC_JP)
			d->before = encoding;
	}
	if (encoding == ENCODING_ISO_2022_JP)
		return iconv_decode(t->handles[ENCODING_EUC_JP], jis_to_euc(line, arena), 1, arena, repairs);
	if (encoding == ENCODING_CP932 || encoding == ENCODING_EUC_JP)
		return iconv_decode(t->handles[encoding], line, 1, arena, repairs);
	if (utf8_run(line.at, line.len) == line.len)
		return without_mark(line);
	return without_mark(utf8_repair(line, arena, repairs));
}
