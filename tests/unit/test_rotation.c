/*
 * Every way in which a log file is rotated, with us watching and with us away: each line once, and what was destroyed
 * is said. The place is a folder; reading goes through input.h alone.
 */
#include "check.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "input/input.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct place {
	char dir[64];
	struct event_base *base;
	struct input *input;
	struct config config;
	struct source_conf source;
	struct map *positions;		/* the store: key to JSON */
	struct map *lines;		/* each line to how often it came */
	struct text order;		/* as they came */
	struct text gaps;
	uint64_t next_stream;
} p;

static void on_line(void *context, const struct input_line *line)
{
	(void)context;
	map_put(p.lines, line->bytes, (void *)((uintptr_t)map_get(p.lines, line->bytes) + 1));
	text_addf(&p.order, "%.*s;", (int)line->bytes.len, line->bytes.at);
}

static void put_position(void *context, const char *key, const char *json)
{
	(void)context;
	free(json ? map_put(p.positions, slice_of(key), mem_strdup(json)) : map_remove(p.positions, slice_of(key)));
}

static void on_turn_end(void *context)
{
	(void)context;
	if (input_must_save(p.input))
		input_save(p.input, put_position, NULL);
}

static void on_trouble(void *context, const struct source_conf *source, enum input_trouble kind,
		       const char *sentence)
{
	(void)context;
	(void)source;
	if (kind == INPUT_GAP)
		text_addf(&p.gaps, "%s\n", sentence);
}

static uint64_t on_new_stream(void *context)
{
	(void)context;
	return p.next_stream++;
}

static void start(void)
{
	static const struct input_callbacks callbacks = { on_line, on_turn_end, on_trouble, on_new_stream, NULL, NULL };
	size_t cursor = 0;
	struct slice key;
	struct err err;
	void *json;

	p.base = event_base_new();
	assert_int_equal(input_new(p.base, &p.config, &callbacks, &p.input, &err), 0);
	while (map_next(p.positions, &cursor, &key, &json)) {
		char *name = slice_dup(key);

		assert_int_equal(input_restore(p.input, name, json, &err), 0);
		free(name);
	}
	assert_int_equal(input_start(p.input, &err), 0);
}

/* As by SIGTERM, or as by SIGKILL. */
static void stop(bool killed)
{
	if (!killed)
		input_save(p.input, put_position, NULL);
	input_free(p.input);
	event_base_free(p.base);
	p.input = NULL;
}

static void set_up(const char *first, ...)
{
	va_list more;

	memset(&p, 0, sizeof(p));
	strcpy(p.dir, "/tmp/sokuho-rotation-XXXXXX");
	assert_non_null(mkdtemp(p.dir));
	p.positions = map_new();
	p.lines = map_new();
	p.next_stream = 1;
	p.config.sources = &p.source;
	p.config.n_sources = 1;
	p.config.limits.line_max = 4096;
	p.config.limits.open_files = 100;
	p.config.limits.look_every = NS_PER_S;
	p.source.name = (char *)"s";
	p.source.start = (char *)"beginning";
	va_start(more, first);
	for (const char *pattern = first; pattern; pattern = va_arg(more, const char *)) {
		char path[160];

		snprintf(path, sizeof(path), "%s/%s", p.dir, pattern);
		strlist_add(&p.source.path, path);
	}
	va_end(more);
}

static void tear_down(void)
{
	char command[128];

	if (p.input)
		stop(false);
	snprintf(command, sizeof(command), "rm -rf '%s'", p.dir);
	assert_int_equal(system(command), 0);
	strlist_clear(&p.source.path);
	strlist_clear(&p.source.rotated);
	map_free(p.positions, free);
	map_free(p.lines, NULL);
	text_clear(&p.order);
	text_clear(&p.gaps);
}

/* In the folder, by the tools that do it in real life. */
static void sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void sh(const char *format, ...)
{
	struct text command = { 0 };
	char rest[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(rest, sizeof(rest), format, args);
	va_end(args);
	text_addf(&command, "set -e; cd '%s'; %s", p.dir, rest);
	assert_int_equal(system(command.at), 0);
	text_clear(&command);
}

/* Lines `from` to `to` at the end of a file, in one write. */
static void add(const char *name, int from, int to)
{
	struct text path = { 0 }, lines = { 0 };
	FILE *f;

	text_addf(&path, "%s/%s", p.dir, name);
	for (int i = from; i <= to; i++)
		text_addf(&lines, "line %d of some length, as lines are\n", i);
	f = fopen(path.at, "a");
	assert_non_null(f);
	assert_int_equal(fwrite(lines.at, 1, lines.len, f), lines.len);
	fclose(f);
	text_clear(&path);
	text_clear(&lines);
}

static size_t count(int i)
{
	char line[64];

	snprintf(line, sizeof(line), "line %d of some length, as lines are", i);
	return (size_t)map_get(p.lines, slice_of(line));
}

static bool all_there(int from, int to)
{
	for (int i = from; i <= to; i++)
		if (!count(i))
			return false;
	return true;
}

static void run(double seconds)
{
	struct timeval time = { (time_t)seconds, (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6) };

	event_base_loopexit(p.base, &time);
	event_base_dispatch(p.base);
}

/* Until the lines are there, at most some seconds; then a moment longer, for what must not come. */
static void want(int from, int to)
{
	for (int i = 0; i < 120 && !all_there(from, to); i++)
		run(0.05);
	run(0.2);
	for (int i = from; i <= to; i++)
		if (count(i) != 1)
			fail_msg("line %d came %zu times", i, count(i));
}

static bool gap_said(const char *words)
{
	return p.gaps.len && strstr(p.gaps.at, words);
}

static void test_renamed_while_we_watch(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 40);
	start();
	want(1, 40);
	add("m", 41, 50);
	sh("mv m m.1");
	add("m.1", 51, 60);	/* the writer was not told yet */
	add("m", 61, 70);
	want(1, 70);
	assert_int_equal(p.gaps.len, 0);
	tear_down();
}

static void test_renamed_inside_the_glob(void **state)
{
	(void)state;
	set_up("m*", NULL);
	start();
	add("m", 1, 40);
	want(1, 40);
	sh("mv m m.1");
	add("m", 41, 80);
	want(1, 80);
	sh("gzip m.1");
	run(4.5);
	want(1, 80);
	tear_down();
}

static void test_several_rotations_between_two_looks(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 40);
	start();
	want(1, 40);
	add("m", 41, 45);
	sh("mv m m.2");
	add("m.1", 46, 90);	/* began and was rotated without having been seen at its path */
	add("m", 91, 120);
	want(1, 120);
	tear_down();
}

static void test_several_rotations_while_we_are_away_one_packed(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 40);
	start();
	want(1, 40);
	stop(false);
	add("m", 41, 80);
	sh("mv m m.3; gzip m.3");
	add("m.2", 81, 120);
	sh("xz m.2");
	add("m.1", 121, 160);
	add("m", 161, 200);
	sh("touch -d '-50 seconds' m.3.gz; touch -d '-40 seconds' m.2.xz; touch -d '-30 seconds' m.1");
	p.next_stream = 50;
	/* what was written after the first start counts as new */
	put_position(NULL, "source s", "{\"since\":1}");
	start();
	want(1, 200);
	assert_int_equal(p.gaps.len, 0);
	/* older ones first */
	assert_true(strstr(p.order.at, "line 80 ") < strstr(p.order.at, "line 81 "));
	assert_true(strstr(p.order.at, "line 120 ") < strstr(p.order.at, "line 121 "));
	assert_true(strstr(p.order.at, "line 160 ") < strstr(p.order.at, "line 161 "));
	stop(false);
	start();
	run(2.5);
	want(1, 200);
	tear_down();
}

static void test_delayed_compression_doubles_nothing(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 40);
	start();
	want(1, 40);
	sh("mv m m.1");
	add("m", 41, 60);
	want(1, 60);
	stop(false);
	sh("mv m.1 m.2; gzip m.2; mv m m.1");
	add("m", 61, 80);
	start();
	run(3);
	want(1, 80);
	assert_int_equal(p.gaps.len, 0);
	tear_down();
}

static void test_what_is_written_after_the_packer_has_read_doubles_nothing(void **state)
{
	const char *const packers[] = { "gzip", "xz" };

	(void)state;
	set_up("m", NULL);
	for (int i = 0; i < 2; i++) {
		int first = 1 + i * 1000;

		add("m", first, first + 59);
		if (!i)
			start();
		want(first, first + 59);
		sh("mv m m.1; %s -c m.1 > packed", packers[i]);
		add("m.1", first + 60, first + 69);	/* the writer was not told yet */
		want(first, first + 69);
		sh("rm m.1; mv packed m.1.packed");
		run(4);
		want(first, first + 69);
		assert_int_equal(p.gaps.len, 0);
		/* nor under another name, nor after a restart */
		sh("mv m.1.packed m.%d.packed", i + 2);
		stop(false);
		start();
		run(5);
		want(first, first + 69);
		assert_int_equal(p.gaps.len, 0);
	}
	tear_down();
}

static void test_a_stranger_that_begins_alike_is_no_archive_of_it(void **state)
{
	const char *const packers[] = { "gzip", "xz" };

	(void)state;
	set_up("m", NULL);
	sh("head -c 1500 /dev/zero | tr '\\0' 'h' > head; echo >> head");
	for (int i = 0; i < 2; i++) {
		int first = 1 + i * 1000;

		sh("cp head m");
		add("m", first, first + 99);
		start();
		want(first, first + 99);
		sh("mv m m.%d", i + 1);
		run(0.5);
		stop(false);
		sh("rm m.%d; cp head stranger", i + 1);
		add("stranger", first + 500, first + 560);
		sh("%s stranger; mv stranger.?z m.9.packed; touch m.9.packed", packers[i]);
		start();
		for (int k = 0; k < 12 && !all_there(first + 500, first + 560); k++)
			run(1);
		want(first + 500, first + 560);
		want(first, first + 99);
		stop(false);
	}
	tear_down();
}

static void test_an_archive_without_the_line_that_was_begun_is_a_gap(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 60);
	sh("cp m short; printf 'line 61 of' >> m");
	start();
	want(1, 60);
	stop(false);
	sh("head -c 1500 short | gzip -c > m.1.gz; rm m");
	start();
	for (int i = 0; i < 35 && !p.gaps.len; i++)
		run(1);
	assert_true(gap_said("up to byte 2211"));
	tear_down();
}

static void test_a_file_that_never_rests_holds_nobody_up_for_long(void **state)
{
	int i;

	(void)state;
	set_up("m", NULL);
	start();
	for (i = 0; i < 400 && !count(1); i++) {
		sh("echo %d > new; mv new m.0lock", i);
		if (i == 10)
			add("m", 1, 40);
		run(0.1);
		if (i < 100)		/* 10 s; more on a slow machine */
			assert_int_equal(count(1), 0);
	}
	assert_int_equal(count(1), 1);
	want(1, 40);
	tear_down();
}

static void test_copytruncate_while_we_watch(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 40);
	start();
	want(1, 40);
	/* nobody runs the loop: what follows is between two looks */
	add("m", 41, 60);
	sh("cp m m.1; : > m");
	add("m", 61, 70);
	want(1, 70);
	assert_true(gap_said("copy"));
	run(3);
	want(1, 70);
	tear_down();
}

static void test_copytruncate_that_grows_past_the_offset_is_noticed(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 40);
	start();
	want(1, 40);
	sh("cp m m.1; : > m");
	add("m", 101, 180);	/* longer than before */
	want(101, 180);
	run(2.5);
	want(1, 40);
	assert_true(gap_said("truncated"));
	tear_down();
}

static void test_copytruncate_while_we_are_away(void **state)
{
	(void)state;
	set_up("m*", NULL);
	add("m", 1, 40);
	start();
	want(1, 40);
	stop(true);
	add("m", 41, 60);
	sh("cp m m.1; : > m; gzip m.1");
	add("m", 61, 70);
	start();
	want(1, 70);
	assert_true(gap_said("copy"));
	tear_down();
}

static void test_a_copy_that_is_seen_before_the_truncation_is_not_read_twice(void **state)
{
	(void)state;
	set_up("m*", NULL);
	add("m", 1, 40);
	start();
	want(1, 40);
	sh("cp m m.1");
	run(3);
	want(1, 40);
	sh(": > m");
	add("m", 41, 50);
	run(3);
	want(1, 50);
	tear_down();
}

static void test_a_copy_shorter_than_what_was_read_is_not_read_again(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 60);
	start();
	sh("cp m m.1");
	add("m", 61, 80);
	want(1, 80);
	sh(": > m");
	add("m", 81, 85);
	want(1, 85);
	run(3);
	want(1, 85);
	tear_down();
}

static void test_inode_used_again(void **state)
{
	(void)state;
	set_up("*.log", NULL);
	add("a.log", 1, 30);
	start();
	want(1, 30);
	stop(false);
	/* most file systems give the number of the removed file to the next one */
	sh("gzip -c a.log > a.log.1.gz; rm a.log");
	add("b.log", 31, 90);
	start();
	want(1, 90);
	tear_down();
}

static void test_shorter_than_the_fingerprint(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 1);
	start();
	want(1, 1);
	stop(false);
	sh("mv m m.1");
	add("m.1", 2, 2);
	add("m", 3, 3);
	start();
	want(1, 3);
	stop(true);
	add("m", 4, 60);
	start();
	want(1, 60);
	tear_down();
}

static void test_two_files_with_one_head_are_two(void **state)
{
	(void)state;
	set_up("*.log", NULL);
	sh("printf '#a header that all files have\\n' > a.log; cp a.log b.log");
	start();
	run(0.3);
	add("a.log", 1, 10);
	add("b.log", 11, 20);
	want(1, 20);
	stop(false);
	add("a.log", 21, 30);
	sh("printf '#a header that all files have\\n' > c.log");
	add("c.log", 31, 40);
	start();
	want(1, 40);
	tear_down();
}

static void test_no_final_newline(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 30);
	sh("printf 'line 31 of some length' >> m");
	start();
	want(1, 30);
	assert_null(strstr(p.order.at, "line 31"));
	sh("printf ', as lines are\\n' >> m; printf 'line 32 of some length, as lines are' >> m; mv m m.1");
	want(1, 31);
	for (int i = 0; i < 14 && !count(32); i++)
		run(1);
	assert_int_equal(count(32), 1);
	tear_down();
}

static void test_a_hole_of_nul_bytes_hides_no_line(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 300);
	start();
	want(1, 300);
	/* a writer without O_APPEND goes on where it was */
	sh(": > m; truncate -s 20000 m");
	add("m", 301, 310);
	want(301, 310);
	tear_down();
}

static void test_removed_while_open_is_read_to_its_end(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 40);
	start();
	want(1, 40);
	add("m", 41, 60);
	sh("rm m");
	want(1, 60);
	assert_int_equal(p.gaps.len, 0);
	tear_down();
}

static void test_a_link_that_turns_to_another_file(void **state)
{
	(void)state;
	set_up("current", NULL);
	sh("mkdir d");
	add("d/one", 1, 10);
	sh("ln -s d/one current");
	start();
	want(1, 10);
	add("d/one", 11, 20);
	want(1, 20);
	add("d/two", 21, 30);
	sh("ln -sfn d/two current");
	want(1, 30);
	tear_down();
}

static void test_without_notification_it_is_looked_for(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 10);
	sh("mkdir other; ln m other/m");
	start();
	want(1, 10);
	add("other/m", 11, 20);	/* inotify says nothing of this */
	want(1, 20);
	tear_down();
}

static void test_more_files_than_may_be_open(void **state)
{
	(void)state;
	set_up("*.log", NULL);
	p.config.limits.open_files = 16;
	start();
	for (int i = 1; i <= 200; i++) {
		char name[32];

		snprintf(name, sizeof(name), "f%d.log", i);
		add(name, i, i);
	}
	want(1, 200);
	for (int i = 1; i <= 200; i += 7) {
		char name[32];

		snprintf(name, sizeof(name), "f%d.log", i);
		add(name, i + 1000, i + 1000);
	}
	sh("mv f8.log f8.log.1");
	add("f8.log", 2000, 2000);
	run(3);
	want(2000, 2000);
	for (int i = 1; i <= 200; i += 7)
		assert_int_equal(count(i + 1000), 1);
	tear_down();
}

static void test_a_file_that_vanished_while_we_were_away_is_a_gap(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m", 1, 40);
	start();
	want(1, 40);
	stop(false);
	sh("rm m");
	add("m", 41, 80);
	start();
	want(41, 80);
	for (int i = 0; i < 35 && !p.gaps.len; i++)
		run(1);
	assert_true(gap_said("nowhere to be found") || gap_said("truncated or rewritten"));
	tear_down();
}

static void test_old_rotated_files_are_left_to_replay(void **state)
{
	(void)state;
	set_up("m", NULL);
	add("m.1", 1, 10);
	add("m", 11, 20);
	sh("touch -d '-1 hour' m.1");
	start();
	want(11, 20);
	run(3);
	assert_int_equal(count(1), 0);
	tear_down();
}

static void test_utf16_and_mixed_encodings_are_lines(void **state)
{
	(void)state;
	set_up("*.log", NULL);
	/* U+0A0A, whose bytes are two newlines; the second half of a character comes later */
	sh("printf '\\377\\376a\\000\\n\\n\\r\\000\\n\\000b\\000' > wide.log");
	sh("printf '\\203E\\203C\\n\\245\\246\\245\\244\\n\\343\\202\\246\\377\\n' > mixed.log");
	start();
	for (int i = 0; i < 60 && map_count(p.lines) < 3; i++)
		run(0.05);
	sh("printf 'c' >> wide.log");
	run(0.2);
	sh("printf '\\000\\n\\000' >> wide.log");
	for (int i = 0; i < 60 && map_count(p.lines) < 4; i++)
		run(0.05);
	assert_int_equal((size_t)map_get(p.lines, SLICE("a\xe0\xa8\x8a")), 1);
	assert_int_equal((size_t)map_get(p.lines, SLICE("bc")), 1);
	assert_int_equal((size_t)map_get(p.lines, SLICE("ウイ")), 2);
	assert_int_equal((size_t)map_get(p.lines, SLICE("ウ\xef\xbf\xbd")), 1);
	tear_down();
}

static void test_unreadable_files_are_read_when_they_can_be(void **state)
{
	(void)state;
	if (geteuid() == 0)
		assert_int_equal(setuid(65534), 0);	/* this test is a process of its own */
	set_up("m", NULL);
	start();
	run(0.2);
	add("m", 1, 10);
	sh("chmod 0 m");
	run(0.5);
	sh("mv m m.1");
	add("m", 11, 20);
	want(11, 20);
	sh("chmod 644 m.1");
	run(4);
	want(1, 20);
	tear_down();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renamed_while_we_watch),
		cmocka_unit_test(test_renamed_inside_the_glob),
		cmocka_unit_test(test_several_rotations_between_two_looks),
		cmocka_unit_test(test_several_rotations_while_we_are_away_one_packed),
		cmocka_unit_test(test_delayed_compression_doubles_nothing),
		cmocka_unit_test(test_what_is_written_after_the_packer_has_read_doubles_nothing),
		cmocka_unit_test(test_a_stranger_that_begins_alike_is_no_archive_of_it),
		cmocka_unit_test(test_an_archive_without_the_line_that_was_begun_is_a_gap),
		cmocka_unit_test(test_a_file_that_never_rests_holds_nobody_up_for_long),
		cmocka_unit_test(test_copytruncate_while_we_watch),
		cmocka_unit_test(test_copytruncate_that_grows_past_the_offset_is_noticed),
		cmocka_unit_test(test_copytruncate_while_we_are_away),
		cmocka_unit_test(test_a_copy_that_is_seen_before_the_truncation_is_not_read_twice),
		cmocka_unit_test(test_a_copy_shorter_than_what_was_read_is_not_read_again),
		cmocka_unit_test(test_inode_used_again),
		cmocka_unit_test(test_shorter_than_the_fingerprint),
		cmocka_unit_test(test_two_files_with_one_head_are_two),
		cmocka_unit_test(test_no_final_newline),
		cmocka_unit_test(test_a_hole_of_nul_bytes_hides_no_line),
		cmocka_unit_test(test_removed_while_open_is_read_to_its_end),
		cmocka_unit_test(test_a_link_that_turns_to_another_file),
		cmocka_unit_test(test_without_notification_it_is_looked_for),
		cmocka_unit_test(test_more_files_than_may_be_open),
		cmocka_unit_test(test_a_file_that_vanished_while_we_were_away_is_a_gap),
		cmocka_unit_test(test_old_rotated_files_are_left_to_replay),
		cmocka_unit_test(test_utf16_and_mixed_encodings_are_lines),
		cmocka_unit_test(test_unreadable_files_are_read_when_they_can_be),
	};

	int failed = 0, status;

	/* they mostly wait: all at once, each in a process of its own */
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (fork() == 0) {
			const struct CMUnitTest one[] = { tests[i] };

			_exit(cmocka_run_group_tests_name(one[0].name, one, NULL, NULL) != 0);
		}
	while (wait(&status) > 0)
		failed += status != 0;
	return failed != 0;
}
