/* Old files, line by line: nothing is lost between two lines, nothing is larger than the limit. */
#include "check.h"

#include "base/mem.h"
#include "batch.h"
#include "replay/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];
static struct stream *stream;

static void write_file(const char *bytes, size_t len)
{
	int fd;

	strcpy(path, "/tmp/sokuho-reader-XXXXXX");
	fd = mkstemp(path);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

/* Reads the whole file in blocks of about `want` bytes into one text: `offset bytes[ CUT]|` for each line. */
static char *lines_of(size_t want, size_t line_max)
{
	struct transcoder *transcoder = transcoder_new();
	struct decoding decoding = { ENCODING_AUTO, ENCODING_AUTO, ENCODING_UTF8 };
	struct reader_block block = { 0 };
	struct text out = { 0 };
	struct reader *reader;
	struct err err;

	assert_int_equal(reader_open(path, ENCODING_AUTO, line_max, &reader, &err), 0);
	while (reader_next(reader, want, &block, &err) == 1) {
		struct batch *batch = batch_new();
		size_t left;

		batch->stream = stream;
		batch->bytes = mem_dup(block.bytes, block.len);
		batch->len = block.len;
		batch->offset = block.offset;
		left = batch_split(batch, NULL, block.framing, line_max, block.cut_last, reader_is_at_end(reader));
		if (left)
			reader_give_back(reader, block.bytes + block.len - left, left);
		decoding.framing = block.framing;
		batch_decode(batch, transcoder, &decoding);
		for (size_t i = 0; i < batch->n_lines; i++)
			text_addf(&out, "%d %.*s%s|", (int)batch->lines[i].offset, (int)batch->lines[i].len,
				  batch->bytes + batch->lines[i].at, batch->lines[i].cut ? " CUT" : "");
		batch_free(batch);
	}
	free(block.bytes);
	reader_close(reader);
	transcoder_free(transcoder);
	return text_take(&out);
}

static void test_lines_do_not_depend_on_the_size_of_blocks(void **state)
{
	static const char *const want = "0 one|4 |5 three\tx|14 0123456789 CUT|27 after|33 last|";

	(void)state;
	write_file("one\n\nthree\tx\r\n0123456789AB\nafter\nlast", 37);
	for (size_t block = 1; block < 60; block++) {
		char *have = lines_of(block, 10);

		assert_string_equal(have, want);
		free(have);
	}
	unlink(path);
}

static void test_records_of_several_lines_do_not_depend_on_the_size_of_blocks(void **state)
{
	static const char bytes[] = "x\n{\n \"a\":\n 1\n}\r\n{\n \"b\":2\ny\n{\n \"0123456789\n \"\"\n}\nz\n{\n 1";
	static const char *const want = "0 x|2 {\n \"a\":\n 1\n}|16 {\n \"b\":2|25 y|27 {\n \"0123456789|42  \"\"|46 }|48 z|50 {\n 1|";

	(void)state;
	write_file(bytes, sizeof(bytes) - 1);
	for (size_t block = 1; block < 60; block++) {
		char *have = lines_of(block, 16);

		assert_string_equal(have, want);
		free(have);
	}
	unlink(path);
}

/* A mark, then each byte as a unit, but ? as U+0A00, which holds a newline's byte. high: where its upper byte stands. */
static void write_wide(const char *bytes, size_t n, size_t high)
{
	char *wide = calloc(n + 1, 2);

	memcpy(wide, high ? "\xff\xfe" : "\xfe\xff", 2);
	for (size_t i = 0; i < n; i++)
		wide[2 * (i + 1) + (bytes[i] == '?' ? high : !high)] = bytes[i] == '?' ? '\n' : bytes[i];
	write_file(wide, 2 * (n + 1));
	free(wide);
}

static void test_lines_of_utf16_are_lines(void **state)
{
	static const char *const want = "0 one|10 |12 three\tx|30 0123456789 CUT|58 a\xe0\xa8\x80z|66 last|";

	(void)state;
	for (size_t high = 0; high < 2; high++) {
		write_wide("one\n\nthree\tx\r\n0123456789ABC\na?z\nlast", 36, high);
		for (size_t block = 1; block < 80; block++) {
			char *have = lines_of(block, 20);

			assert_string_equal(have, want);
			free(have);
		}
	}
	unlink(path);
}

static void test_what_follows_a_cut_is_dropped_to_the_last_byte(void **state)
{
	(void)state;
	write_file("\xff\xfe" "a\0b\0c\0d\0e\0f\0g\0h\0i", 19);	/* UTF-16, and the last character is half */
	for (size_t block = 1; block < 30; block++) {
		char *have = lines_of(block, 8);

		assert_string_equal(have, "0 abc CUT|");
		free(have);
	}
	unlink(path);
}

static void test_a_line_of_ten_megabytes_is_cut_and_passed(void **state)
{
	size_t len = 10 << 20;
	char *big = malloc(len + 6);
	struct reader_block block = { 0 };
	struct reader *reader;
	struct err err;

	(void)state;
	memset(big, 'x', len);
	memcpy(big + len, "\nnext\n", 6);
	write_file(big, len + 6);
	free(big);
	assert_int_equal(reader_open(path, ENCODING_AUTO, 1 << 20, &reader, &err), 0);
	assert_int_equal(reader_next(reader, 1000, &block, &err), 1);
	assert_true(block.cut_last);
	assert_int_equal(block.len, 1 << 20);
	assert_true(block.cap < 4 << 20);	/* the rest was never kept */
	assert_int_equal(reader_next(reader, 1000, &block, &err), 1);
	assert_true(slice_is((struct slice){ block.bytes, block.len }, "next\n"));
	assert_int_equal(block.offset, len + 1);
	assert_int_equal(reader_next(reader, 1000, &block, &err), 0);
	free(block.bytes);
	reader_close(reader);
	unlink(path);
}

/* A line that is not UTF-8 becomes it; its bytes, those of lines around it and all offsets stay. */
static void test_lines_of_other_encodings_become_utf8(void **state)
{
	static const char bytes[] = "plain\n\x8b\xa4\x97\x4c\x83\x74\x83\x48\n\xe5\x85\xb1\n\xff!\nend\n";
	static const struct { const char *line, *original; uint64_t offset, repairs; } want[] = {
		{ "plain", "", 0, 0 },
		{ "\xe5\x85\xb1\xe6\x9c\x89\xe3\x83\x95\xe3\x82\xa9", "\x8b\xa4\x97\x4c\x83\x74\x83\x48", 6, 0 },
		{ "\xe5\x85\xb1", "", 15, 0 },
		{ "\xef\xbf\xbd!", "\xff!", 19, 1 },
		{ "end", "", 22, 0 },
	};
	struct transcoder *transcoder = transcoder_new();
	struct decoding decoding = { ENCODING_AUTO, ENCODING_AUTO, ENCODING_UTF8 };
	struct batch *batch = batch_new();

	(void)state;
	batch->stream = stream;
	batch->bytes = mem_dup(bytes, sizeof(bytes) - 1);
	batch->len = batch->cap = sizeof(bytes) - 1;
	batch_split(batch, NULL, ENCODING_UTF8, 1000, false, true);
	batch_decode(batch, transcoder, &decoding);
	assert_int_equal(batch->n_lines, 5);
	for (size_t i = 0; i < 5; i++) {
		struct slice line = { batch->bytes + batch->lines[i].at, batch->lines[i].len };

		assert_true(slice_is(line, want[i].line));
		assert_int_equal(batch->lines[i].offset, want[i].offset);
		assert_true(slice_is(batch_original(batch, i), want[i].original));
		assert_int_equal(batch_repairs(batch, i), want[i].repairs);
	}
	batch_free(batch);
	transcoder_free(transcoder);
}

static void test_what_is_no_file_is_refused_in_words(void **state)
{
	struct reader *reader;
	struct err err;

	(void)state;
	assert_int_equal(reader_open("/no/such/file", ENCODING_AUTO, 100, &reader, &err), ERR_MISSING);
	assert_int_equal(reader_open("/tmp", ENCODING_AUTO, 100, &reader, &err), ERR_USAGE);
	assert_non_null(strstr(err.text, "directory"));
	strcpy(path, "/tmp/sokuho-fifo-XXXXXX");
	assert_non_null(mkdtemp(path));
	strcat(path, "/f");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(reader_open(path, ENCODING_AUTO, 100, &reader, &err), ERR_USAGE);
	assert_non_null(strstr(err.text, "FIFO"));
	unlink(path);
	path[strlen(path) - 2] = '\0';
	rmdir(path);
}

static int setup(void **state)
{
	(void)state;
	stream = stream_new(NULL, zone_find("Asia/Tokyo", NULL), 0, (struct logsource){ 0 });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stream_free(stream);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_do_not_depend_on_the_size_of_blocks),
		cmocka_unit_test(test_records_of_several_lines_do_not_depend_on_the_size_of_blocks),
		cmocka_unit_test(test_lines_of_utf16_are_lines),
		cmocka_unit_test(test_what_follows_a_cut_is_dropped_to_the_last_byte),
		cmocka_unit_test(test_a_line_of_ten_megabytes_is_cut_and_passed),
		cmocka_unit_test(test_lines_of_other_encodings_become_utf8),
		cmocka_unit_test(test_what_is_no_file_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
