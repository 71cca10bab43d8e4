/* Packed files: known by content, every member found, damage said after what is good. */
#include "check.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct packed {
	char bytes[1 << 20];
	size_t len;
};

struct member {
	const char *name, *bytes;
	size_t len;
};

/* An archive in memory: a format, or raw when `filter` alone is wanted. */
static void pack(struct packed *to, int format, int filter, const struct member *members, size_t n)
{
	struct archive *a = archive_write_new();

	assert_int_equal(archive_write_set_format(a, format), ARCHIVE_OK);
	if (filter)
		assert_int_equal(archive_write_add_filter(a, filter), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_in_last_block(a, 1), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, to->bytes, sizeof(to->bytes), &to->len), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++) {
		struct archive_entry *entry = archive_entry_new();

		archive_entry_set_pathname(entry, members[i].name);
		archive_entry_set_filetype(entry, members[i].bytes ? AE_IFREG : AE_IFDIR);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_mtime(entry, 1000 + (time_t)i, 0);
		archive_entry_set_size(entry, (la_int64_t)members[i].len);
		assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
		if (members[i].len)
			assert_int_equal(archive_write_data(a, members[i].bytes, members[i].len),
					 (la_ssize_t)members[i].len);
		archive_entry_free(entry);
	}
	archive_write_close(a);
	archive_write_free(a);
}

static int file_of(const char *bytes, size_t len)
{
	char path[] = "/tmp/sokuho-unpack-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	return fd;
}

/* Everything as `name=bytes;` in order; damage as `name=bytes!`. */
static char *listing(int fd)
{
	struct unpack *unpack;
	struct unpack_member member;
	struct text out = { 0 };
	struct err err;
	char bytes[7];
	long n;
	int rc;

	assert_int_equal(unpack_open(fd, "x", &unpack, &err), 0);
	while ((rc = unpack_next(unpack, &member, &err)) != 0) {
		if (rc < 0) {
			text_add(&out, "?!");
			continue;
		}
		text_addf(&out, "%s=", member.name ? member.name : "");
		while ((n = unpack_read(unpack, bytes, sizeof(bytes), &err)) > 0)
			text_add_bytes(&out, bytes, (size_t)n);
		text_add(&out, n < 0 ? "!" : ";");
	}
	unpack_free(unpack);
	close(fd);
	return text_take(&out);
}

static void check_listing(int fd, const char *want)
{
	char *got = listing(fd);

	assert_string_equal(got, want);
	free(got);
}

static void test_every_filter_is_known_by_content(void **state)
{
	static const int filters[] = { ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD,
				       ARCHIVE_FILTER_BZIP2 };
	static const struct member line = { "x", "one\ntwo\n", 8 };
	struct packed *p = mem_zalloc(sizeof(*p));

	(void)state;
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		pack(p, ARCHIVE_FORMAT_RAW, filters[i], &line, 1);
		assert_true(unpack_is_packed((struct slice){ p->bytes, p->len }));
		check_listing(file_of(p->bytes, p->len), "=one\ntwo\n;");
	}
	free(p);
}

static void test_what_is_not_packed_is_read_as_it_is(void **state)
{
	static const char *const texts[] = {
		"", "a", "PK but a log line\n", "BZh is no bzip2\n", "\x1f\x8b not gzip\n", "line\nPK\x05\x06\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char want[64];

		snprintf(want, sizeof(want), "=%s;", texts[i]);
		check_listing(file_of(texts[i], strlen(texts[i])), want);
	}
}

static void test_archives_inside_archives_give_every_member(void **state)
{
	struct packed *gz = mem_zalloc(sizeof(*gz)), *tar = mem_zalloc(sizeof(*tar)),
		      *zip = mem_zalloc(sizeof(*zip));
	static const struct member line = { "x", "old\n", 4 };

	(void)state;
	pack(gz, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, &line, 1);
	{
		const struct member members[] = {
			{ "log", NULL, 0 }, { "log/messages", "new\n", 4 }, { "log/messages.1.gz", gz->bytes, gz->len },
			{ "log/empty", "", 0 },
		};

		pack(tar, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, members, 4);
		check_listing(file_of(tar->bytes, tar->len),
			      "log/messages=new\n;log/messages.1.gz=old\n;log/empty=;");
	}
	{
		const struct member members[] = { { "a.txt", "a\n", 2 }, { "b.tar", tar->bytes, tar->len } };

		pack(zip, ARCHIVE_FORMAT_ZIP, 0, members, 2);
		check_listing(file_of(zip->bytes, zip->len), "a.txt=a\n;b.tar!log/messages=new\n;"
							     "b.tar!log/messages.1.gz=old\n;b.tar!log/empty=;");
	}
	free(gz);
	free(tar);
	free(zip);
}

static void test_two_gzips_in_one_file_are_one_stream(void **state)
{
	struct packed *p = mem_zalloc(sizeof(*p));
	static const struct member line = { "x", "one\n", 4 };
	char twice[256];

	(void)state;
	pack(p, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, &line, 1);
	memcpy(twice, p->bytes, p->len);
	memcpy(twice + p->len, p->bytes, p->len);
	check_listing(file_of(twice, 2 * p->len), "=one\none\n;");
	free(p);
}

static void test_damage_is_said_after_what_is_good(void **state)
{
	struct packed *gz = mem_zalloc(sizeof(*gz)), *tar = mem_zalloc(sizeof(*tar));
	static char noise[400000];
	struct member line = { "x", noise, sizeof(noise) };
	unsigned r = 1;
	char *got;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++) {
		r = r * 1103515245 + 12345;
		noise[i] = (char)('a' + (r >> 16) % 26);
	}
	pack(gz, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, &line, 1);
	got = listing(file_of(gz->bytes, gz->len / 2));
	assert_true(strlen(got) > 100000 && strncmp(got + 1, noise, 100000) == 0);
	assert_int_equal(got[strlen(got) - 1], '!');
	free(got);
	{
		/* one damaged member does not hide the next one */
		const struct member members[] = { { "bad.gz", gz->bytes, gz->len / 2 }, { "good", "g\n", 2 } };

		pack(tar, ARCHIVE_FORMAT_TAR_USTAR, 0, members, 2);
		got = listing(file_of(tar->bytes, tar->len));
		assert_non_null(strstr(got, "!good=g\n;"));
		free(got);
	}
	free(gz);
	free(tar);
}

static void test_a_member_carries_its_time(void **state)
{
	struct packed *p = mem_zalloc(sizeof(*p));
	static const struct member members[] = { { "a", "1", 1 }, { "b", "2", 1 } };
	struct unpack *unpack;
	struct unpack_member member;
	struct err err;
	int fd;

	(void)state;
	pack(p, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, members, 2);
	fd = file_of(p->bytes, p->len);
	assert_int_equal(unpack_open(fd, "x", &unpack, &err), 0);
	for (int64_t i = 0; i < 2; i++) {
		assert_int_equal(unpack_next(unpack, &member, &err), 1);
		assert_int_equal(member.mtime, (1000 + i) * NS_PER_S);
	}
	unpack_free(unpack);
	close(fd);
	free(p);
}

static void test_a_pipe_is_read_too(void **state)
{
	struct packed *p = mem_zalloc(sizeof(*p));
	static const struct member line = { "x", "one\n", 4 };
	int ends[2];

	(void)state;
	pack(p, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, &line, 1);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], p->bytes, p->len), (ssize_t)p->len);
	close(ends[1]);
	check_listing(ends[0], "=one\n;");
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_filter_is_known_by_content),
		cmocka_unit_test(test_what_is_not_packed_is_read_as_it_is),
		cmocka_unit_test(test_archives_inside_archives_give_every_member),
		cmocka_unit_test(test_two_gzips_in_one_file_are_one_stream),
		cmocka_unit_test(test_damage_is_said_after_what_is_good),
		cmocka_unit_test(test_a_member_carries_its_time),
		cmocka_unit_test(test_a_pipe_is_read_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
