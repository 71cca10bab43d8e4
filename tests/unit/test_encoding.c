/* Bytes to UTF-8: the encodings of Japanese logs, alone and mixed; a bad byte costs one character, never the line. */
#include "check.h"

#include "base/encoding.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct transcoder *transcoder;
static struct arena *arena;

/* What Japanese products write. */
static const char *const texts[] = {
	"ウイルスを検出しました: C:\\Users\\山田\\見積書.exe", "不正アクセスの疑い 隔離に失敗しました", "ﾊﾟﾀｰﾝ更新ｴﾗｰ: 検疫",
	"①受信 ㈱試験 Ⅲ型", "定義ファイルの更新", "ファイル「機密一覧～最終版.docx」を削除しました", "表計算ソフト", "の",
};

static struct slice encode(const char *text, const char *encoding, char *to, size_t room)
{
	iconv_t handle = iconv_open(encoding, "UTF-8");
	char *from = (char *)(uintptr_t)text, *at = to;
	size_t left = strlen(text), before = room;

	assert_true(handle != (iconv_t)-1);
	assert_int_not_equal(iconv(handle, &from, &left, &at, &room), (size_t)-1);
	iconv(handle, NULL, NULL, &at, &room);
	iconv_close(handle);
	return (struct slice){ to, before - room };
}

static struct slice decode(enum encoding encoding, enum encoding framing, struct slice line, uint64_t *repairs)
{
	struct decoding d = { encoding, ENCODING_AUTO, framing };

	return encoding_decode(transcoder, &d, line, arena, repairs);
}

static void test_named_encodings_become_utf8(void **state)
{
	static const struct { enum encoding encoding, framing; const char *iconv; } cases[] = {
		{ ENCODING_CP932, ENCODING_UTF8, "CP932" }, { ENCODING_EUC_JP, ENCODING_UTF8, "EUC-JP-MS" },
		{ ENCODING_UTF16LE, ENCODING_UTF16LE, "UTF-16LE" }, { ENCODING_UTF16BE, ENCODING_UTF16BE, "UTF-16BE" },
		{ ENCODING_UTF8, ENCODING_UTF8, "UTF-8" },
	};
	char bytes[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
			uint64_t repairs = 0;
			struct slice raw = encode(texts[k], cases[i].iconv, bytes, sizeof(bytes));
			struct slice got = decode(cases[i].encoding, cases[i].framing, raw, &repairs);

			if (!slice_is(got, texts[k]) || repairs)
				fail_msg("%s: '%s' became '%.*s', %d repairs", cases[i].iconv, texts[k], (int)got.len,
					 got.at, (int)repairs);
		}
}

static void test_auto_finds_the_encoding_of_each_line(void **state)
{
	static const char *const encodings[] = { "UTF-8", "CP932", "EUC-JP-MS", "ISO-2022-JP" };
	char bytes[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
			uint64_t repairs = 0;
			struct slice raw, got;

			if (i == 3 && (k == 2 || k == 3 || k == 5))
				continue;	/* not in plain ISO-2022-JP; see below */
			raw = encode(texts[k], encodings[i], bytes, sizeof(bytes));
			got = decode(ENCODING_AUTO, ENCODING_UTF8, raw, &repairs);
			if (!slice_is(got, texts[k]) || repairs)
				fail_msg("%s: '%s' became '%.*s'", encodings[i], texts[k], (int)got.len, got.at);
		}
}

static void test_iso_2022_jp_as_vendors_write_it(void **state)
{
	static const struct { const char *raw, *want; } cases[] = {
		{ "a \x1b$B-!\x1b(B b", "a ① b" },	/* NEC row 13 */
		{ "\x1b(I@=\x1b(B", "ﾀｽ" },		/* half-width kana */
		{ "\x1b$B%&%$%k%9\x1b(J!", "ウイルス!" },
		{ "\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m" },	/* a terminal's colours are none */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t repairs = 0;
		struct slice got = decode(ENCODING_AUTO, ENCODING_UTF8, slice_of(cases[i].raw), &repairs);

		if (!slice_is(got, cases[i].want) || repairs)
			fail_msg("%zu became '%.*s'", i, (int)got.len, got.at);
	}
}

static void test_the_line_before_decides_where_a_line_does_not(void **state)
{
	/* half-width kana in pairs is as good EUC-JP */
	static const char kana[] = "\xb1\xd7\xb0\xd1";
	struct decoding d = { ENCODING_AUTO, ENCODING_AUTO, ENCODING_UTF8 };
	uint64_t repairs = 0;

	(void)state;
	encoding_decode(transcoder, &d, SLICE("\x83\x45\x83\x43\x83\x8b\x83\x58"), arena, &repairs);
	assert_int_equal(d.before, ENCODING_CP932);
	assert_true(slice_is(encoding_decode(transcoder, &d, SLICE(kana), arena, &repairs), "ｱﾗｰﾑ"));
	assert_int_equal(repairs, 0);
}

static void test_bad_bytes_are_replaced_and_counted(void **state)
{
	static const struct { enum encoding encoding; struct slice raw; const char *want; uint64_t repairs; } cases[] = {
		{ ENCODING_UTF8, SLICE("a\xff" "b\xc3" "c"), "a\xef\xbf\xbd" "b\xef\xbf\xbd" "c", 2 },
		{ ENCODING_UTF8, SLICE("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3 },
		{ ENCODING_UTF8, SLICE("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd", 2 },
		{ ENCODING_CP932, SLICE("a\x83"), "a\xef\xbf\xbd", 1 },
		{ ENCODING_EUC_JP, SLICE("\xa4\xa2\xff" "x"), "あ\xef\xbf\xbdx", 1 },
		{ ENCODING_AUTO, SLICE("\xff\xff" "auto"), "\xef\xbf\xbd\xef\xbf\xbd" "auto", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t repairs = 0;
		struct slice got = decode(cases[i].encoding, ENCODING_UTF8, cases[i].raw, &repairs);

		if (!slice_is(got, cases[i].want) || repairs != cases[i].repairs)
			fail_msg("%zu became '%.*s', %d repairs", i, (int)got.len, got.at, (int)repairs);
	}
}

static void test_what_is_utf8_is_not_copied(void **state)
{
	static const char *const lines[] = { "plain", "日本語", "" };
	uint64_t repairs = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_ptr_equal(decode(ENCODING_AUTO, ENCODING_UTF8, slice_of(lines[i]), &repairs).at, lines[i]);
	assert_true(slice_is(decode(ENCODING_AUTO, ENCODING_UTF8, SLICE("\xef\xbb\xbf" "x"), &repairs), "x"));
	assert_int_equal(repairs, 0);
}

static void test_what_is_plain_ends_at_the_first_other_byte(void **state)
{
	static const unsigned char others[] = { 0x1b, 0x80, 0xe3, 0xff };
	struct decoding narrow = { .framing = ENCODING_UTF8 }, wide = { .framing = ENCODING_UTF16LE };
	char bytes[300];

	(void)state;
	for (size_t len = 0; len < sizeof(bytes); len += 7)
		for (size_t at = 0; at < len; at++) {
			for (size_t i = 0; i < len; i++)
				bytes[i] = (char)("\n\x1a\x1c\x7f" "az\0"[i % 7]);
			assert_int_equal(encoding_plain_run(&narrow, (struct slice){ bytes, len }), len);
			bytes[at] = (char)others[at % sizeof(others)];
			assert_int_equal(encoding_plain_run(&narrow, (struct slice){ bytes, len }), at);
			assert_int_equal(encoding_plain_run(&wide, (struct slice){ bytes, len }), 0);
		}
}

static void test_lines_of_utf16_end_at_whole_units(void **state)
{
	/* U+0A41 and U+410A hold the byte of a newline, but are none */
	static const char le[] = "\x41\x0a\x0a\x41\x0d\x00\x0a\x00z", be[] = "\x0a\x41\x41\x0a\x00\x0a";
	size_t len;

	(void)state;
	assert_int_equal(encoding_line_end(ENCODING_UTF16LE, le, 8, &len), 6);
	assert_int_equal(len, 2);
	assert_int_equal(encoding_line_end(ENCODING_UTF16BE, be, 6, &len), 4);
	assert_int_equal(encoding_line_end(ENCODING_UTF16LE, le, 7, &len), SIZE_MAX);
	assert_int_equal(encoding_line_end(ENCODING_UTF8, "ab\ncd\n", 6, &len), 2);
	assert_int_equal(len, 1);
}

static void test_framing_is_seen_at_the_head(void **state)
{
	static const struct { enum encoding known; struct slice head; enum encoding want; } cases[] = {
		{ ENCODING_AUTO, SLICE("\xff\xfe" "a\0"), ENCODING_UTF16LE },
		{ ENCODING_AUTO, SLICE("\xfe\xff\0a"), ENCODING_UTF16BE },
		{ ENCODING_AUTO, SLICE("2\0000\0002\0006\0"), ENCODING_UTF16LE },
		{ ENCODING_AUTO, SLICE("\0002\0000\0002\0006"), ENCODING_UTF16BE },
		{ ENCODING_AUTO, SLICE("plain text"), ENCODING_UTF8 },
		{ ENCODING_AUTO, SLICE("\0\0\0\0\0\0\0\0\0\0\0\0"), ENCODING_UTF8 },
		{ ENCODING_CP932, SLICE("\xff\xfe" "a\0"), ENCODING_UTF8 },
		{ ENCODING_UTF16BE, SLICE("x"), ENCODING_UTF16BE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(encoding_framing(cases[i].known, cases[i].head), cases[i].want);
}

static void test_names_of_encodings(void **state)
{
	enum encoding encoding;

	(void)state;
	assert_true(encoding_parse("shift_jis", &encoding));
	assert_int_equal(encoding, ENCODING_CP932);
	assert_true(encoding_parse("UTF-16LE", &encoding));
	assert_string_equal(encoding_name(encoding), "UTF-16LE");
	assert_false(encoding_parse("latin9", &encoding));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named_encodings_become_utf8),
		cmocka_unit_test(test_auto_finds_the_encoding_of_each_line),
		cmocka_unit_test(test_iso_2022_jp_as_vendors_write_it),
		cmocka_unit_test(test_the_line_before_decides_where_a_line_does_not),
		cmocka_unit_test(test_bad_bytes_are_replaced_and_counted),
		cmocka_unit_test(test_what_is_utf8_is_not_copied),
		cmocka_unit_test(test_what_is_plain_ends_at_the_first_other_byte),
		cmocka_unit_test(test_lines_of_utf16_end_at_whole_units),
		cmocka_unit_test(test_framing_is_seen_at_the_head),
		cmocka_unit_test(test_names_of_encodings),
	};
	int rc;

	transcoder = transcoder_new();
	arena = arena_new();
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	transcoder_free(transcoder);
	return rc;
}
