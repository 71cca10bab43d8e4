/* Old files, line by line: nothing is lost between two lines, nothing is larger than the limit. */
#include "check.h"

#include "replay/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];

static void write_file(const char *bytes, size_t len)
{
	int fd;

	strcpy(path, "/tmp/sokuho-reader-XXXXXX");
	fd = mkstemp(path);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

static void test_lines_have_number_and_offset(void **state)
{
	static const struct { const char *text; uint64_t offset; bool cut; } want[] = {
		{ "one", 0, false }, { "", 4, false }, { "three\tx", 5, false },
		{ "0123456789", 14, true }, { "after", 27, false }, { "last", 33, false },
	};
	struct reader *reader;
	struct reader_line line;
	struct err err;

	(void)state;
	write_file("one\n\nthree\tx\r\n0123456789AB\nafter\nlast", 37);
	assert_int_equal(reader_open(path, 10, &reader, &err), 0);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(reader_next(reader, &line, &err), 1);
		assert_true(slice_is(line.bytes, want[i].text));
		assert_int_equal(line.offset, want[i].offset);
		assert_int_equal(line.line, i + 1);
		assert_int_equal(line.cut, want[i].cut);
	}
	assert_int_equal(reader_next(reader, &line, &err), 0);
	assert_int_equal(reader_bytes(reader), 37);
	reader_close(reader);
	unlink(path);
}

static void test_a_line_of_ten_megabytes_is_cut_and_passed(void **state)
{
	size_t len = 10 << 20;
	char *big = malloc(len + 6);
	struct reader *reader;
	struct reader_line line;
	struct err err;

	(void)state;
	memset(big, 'x', len);
	memcpy(big + len, "\nnext\n", 6);
	write_file(big, len + 6);
	free(big);
	assert_int_equal(reader_open(path, 1 << 20, &reader, &err), 0);
	assert_int_equal(reader_next(reader, &line, &err), 1);
	assert_true(line.cut);
	assert_int_equal(line.bytes.len, 1 << 20);
	assert_int_equal(reader_next(reader, &line, &err), 1);
	assert_true(slice_is(line.bytes, "next"));
	assert_int_equal(line.offset, len + 1);
	assert_int_equal(reader_next(reader, &line, &err), 0);
	reader_close(reader);
	unlink(path);
}

static void test_what_is_no_file_is_refused_in_words(void **state)
{
	struct reader *reader;
	struct err err;

	(void)state;
	assert_int_equal(reader_open("/no/such/file", 100, &reader, &err), ERR_MISSING);
	assert_int_equal(reader_open("/tmp", 100, &reader, &err), ERR_USAGE);
	assert_non_null(strstr(err.text, "directory"));
	strcpy(path, "/tmp/sokuho-fifo-XXXXXX");
	assert_non_null(mkdtemp(path));
	strcat(path, "/f");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(reader_open(path, 100, &reader, &err), ERR_USAGE);
	assert_non_null(strstr(err.text, "FIFO"));
	unlink(path);
	path[strlen(path) - 2] = '\0';
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_have_number_and_offset),
		cmocka_unit_test(test_a_line_of_ten_megabytes_is_cut_and_passed),
		cmocka_unit_test(test_what_is_no_file_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
