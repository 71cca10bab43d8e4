/* Files that grow, rotate, shrink and go away: every line once, in order, and a sentence for what was lost. */
#include "check.h"

#include "base/clock.h"
#include "base/mem.h"
#include "decode/decode.h"
#include "input/input.h"
#include "input/tail.h"
#include "input/watch.h"

#include <fcntl.h>
#include <glob.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct {
	char folder[32];
	struct event_base *base;
	struct input *input;
	struct source_conf source;
	struct config config;
	struct text lines;		/* "bytes|", with "!" after a cut one */
	struct text places;		/* "stream@offset " */
	struct strlist troubles;
	uint64_t streams;
	int turns;
	const struct source_conf *last_source;
	uint64_t last_number;		/* of a line */
	struct strlist keys, positions;	/* as saved */
} world;

static void on_line(void *context, const struct input_line *line)
{
	(void)context;
	text_add_slice(&world.lines, line->bytes);
	text_add(&world.lines, line->cut ? "!|" : "|");
	text_addf(&world.places, "%llu@%llu ", (unsigned long long)line->stream,
		  (unsigned long long)line->offset);
	world.last_source = line->source;
	world.last_number = line->line;
}

static void on_turn_end(void *context)
{
	(void)context;
	world.turns++;
}

static void on_trouble(void *context, const struct source_conf *source, enum input_trouble kind,
		       const char *text)
{
	(void)context;
	(void)kind;
	assert_non_null(source->name);
	strlist_add(&world.troubles, text);
}

static uint64_t on_new_stream(void *context)
{
	(void)context;
	return ++world.streams;
}

static void on_save(void *context, const char *key, const char *json)
{
	(void)context;
	strlist_add(&world.keys, key);
	strlist_add(&world.positions, json);
}

/* The path of a name in the folder; good until the fourth call after it. */
static const char *at(const char *name)
{
	static char paths[4][80];
	static unsigned n;
	char *path = paths[n++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", world.folder, name);
	return path;
}

static void append(const char *name, const char *bytes)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
	close(fd);
}

static void start(void)
{
	static const struct input_callbacks callbacks = { on_line, on_turn_end, on_trouble, on_new_stream, NULL, decode_frame };
	struct err err;

	assert_int_equal(input_new(world.base, &world.config, &callbacks, &world.input, &err), 0);
	for (size_t i = 0; i < world.keys.n; i++)
		if (input_restore(world.input, world.keys.at[i], world.positions.at[i], &err) < 0)
			fail_msg("%s", err.text);
	strlist_clear(&world.keys);
	strlist_clear(&world.positions);
	assert_int_equal(input_start(world.input, &err), 0);
}

/* The daemon ends: what it saved is there at the next start(). */
static void stop(void)
{
	input_save(world.input, on_save, NULL);
	input_free(world.input);
	world.input = NULL;
	text_reset(&world.lines);
	text_reset(&world.places);
}

static void turn(long ms)
{
	struct timeval wait = { 0, ms * 1000 };

	event_base_loopexit(world.base, &wait);
	event_base_loop(world.base, EVLOOP_NO_EXIT_ON_EMPTY);
}

/* Waits for these lines, and a moment longer, so that one too many is seen. */
static void expect(const char *want)
{
	for (int i = 0; i < 200 && world.lines.len < strlen(want); i++)
		turn(10);
	turn(20);
	assert_string_equal(world.lines.at ? world.lines.at : "", want);
}

static int setup(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	strcpy(world.folder, "/tmp/sokuho-input-XXXXXX");
	world.base = event_base_new();
	if (!mkdtemp(world.folder))
		return -1;
	world.source = (struct source_conf){ .name = (char *)"s", .kind = (char *)"file",
					     .start = (char *)"beginning" };
	strlist_add(&world.source.path, at("log"));
	strlist_add(&world.source.rotated, at("log.[0-9]"));
	world.config = (struct config){ .sources = &world.source, .n_sources = 1, .limits.line_max = 256,
				       .limits.open_files = 100, .limits.look_every = NS_PER_S };
	return 0;
}

static int teardown(void **state)
{
	glob_t found;

	(void)state;
	input_free(world.input);
	event_base_free(world.base);
	text_clear(&world.lines);
	text_clear(&world.places);
	strlist_clear(&world.troubles);
	strlist_clear(&world.keys);
	strlist_clear(&world.positions);
	strlist_clear(&world.source.path);
	strlist_clear(&world.source.rotated);
	if (glob(at("*"), 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			remove(found.gl_pathv[i]);
		globfree(&found);
	}
	rmdir(world.folder);
	return 0;
}

static void glob_all(void)
{
	strlist_clear(&world.source.path);
	strlist_clear(&world.source.rotated);
	strlist_add(&world.source.path, at("*"));
}

/* ------------------------------------------------------------------ lines */

static void test_appended_lines_arrive_once_and_in_order(void **state)
{
	(void)state;
	append("log", "1\n2\n");
	start();
	expect("1|2|");
	append("log", "3\n");
	expect("1|2|3|");
	append("log", "4\r\n\n");
	append("log", "日本語\xff\033[2J\n");
	expect("1|2|3|4||日本語\xef\xbf\xbd\033[2J|");
	assert_string_equal(world.places.at, "1@0 1@2 1@4 1@6 1@9 1@10 ");
	assert_true(world.turns >= 2);
	assert_int_equal(world.troubles.n, 0);
}

static void test_a_line_is_kept_until_it_is_whole(void **state)
{
	(void)state;
	append("log", "1\nbegun");
	start();
	expect("1|");
	append("log", " and ");
	expect("1|");
	append("log", "ended\n3");
	expect("1|begun and ended|");
	assert_string_equal(world.places.at, "1@0 1@2 ");
}

/* The position stays at its first line until it is whole, so that a restart loses nothing of it. */
static void test_a_record_of_several_lines_is_kept_until_it_is_whole(void **state)
{
	(void)state;
	append("log", "one\n");
	start();
	expect("one|");
	append("log", "{\n \"a\":");
	turn(100);
	append("log", " 1,\n");
	expect("one|");
	stop();
	start();
	append("log", " \"b\": 2\n}\nlast\n");
	expect("{\n \"a\": 1,\n \"b\": 2\n}|last|");
	assert_string_equal(world.places.at, "1@4 1@25 ");
	assert_int_equal(world.last_number, 6);
}

static void test_a_record_of_which_no_more_comes_is_given_as_it_is(void **state)
{
	(void)state;
	start();
	append("log", "{\n \"a\": 1\n \"b");
	for (int i = 0; i < 60 && !world.lines.len; i++)
		turn(100);
	expect("{\n \"a\": 1|");
	append("log", "\"\n");
	expect("{\n \"a\": 1| \"b\"|");
	assert_int_equal(world.last_number, 3);
}

/* Nor may the lines behind it keep it open, and wait with it. */
static void test_a_record_that_grows_and_grows_is_given_too(void **state)
{
	int n = 0;

	(void)state;
	start();
	append("log", "{\n");
	for (; n < 50 && !world.lines.len; n++) {
		append("log", "  1,\n");
		turn(100);
	}
	assert_true(n < 50);
	assert_memory_equal(world.lines.at, "{\n  1,\n  1,", 11);
}

static void test_an_unfinished_record_of_a_renamed_file_is_given_too(void **state)
{
	(void)state;
	start();
	append("log", "{\n \"a\": 1\n");
	turn(100);
	assert_int_equal(rename(at("log"), at("log.1")), 0);
	append("log", "new\n");
	for (int i = 0; i < 60 && world.lines.len < 15; i++)
		turn(100);
	expect("new|{\n \"a\": 1|");
}

static void test_a_line_that_is_too_long_is_cut_and_marked(void **state)
{
	char most[257], longer[1001], want[1024];

	(void)state;
	memset(most, 'm', 256);
	most[256] = '\0';
	memset(longer, 'l', 1000);
	longer[1000] = '\0';
	append("log", most);
	append("log", "\n");
	append("log", longer);
	append("log", "\nnext\n");
	append("log", longer);		/* marked before its end is there, and its end is no line */
	start();
	snprintf(want, sizeof(want), "%s|%.256s!|next|%.256s!|", most, longer, longer);
	expect(want);
	append("log", longer);
	append("log", "\nlast\n");
	snprintf(want, sizeof(want), "%s|%.256s!|next|%.256s!|last|", most, longer, longer);
	expect(want);
}

/* Two bytes a unit: the limit falls within one of them, or between two. */
static void test_a_line_of_utf16_that_is_too_long_is_cut_and_passed(void **state)
{
	char bytes[2 + 2 * 303] = "\xff\xfe";

	(void)state;
	for (size_t i = 1; i <= 300; i++)
		bytes[2 * i] = 'x';
	bytes[2 * 301] = bytes[2 * 303] = '\n';
	bytes[2 * 302] = 'y';
	for (world.config.limits.line_max = 256; world.config.limits.line_max < 258; world.config.limits.line_max++) {
		int fd = open(at("log"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
		close(fd);
		start();
		for (int i = 0; i < 100 && !strstr(world.lines.at ? world.lines.at : "", "y|"); i++)
			turn(10);
		assert_non_null(strstr(world.lines.at ? world.lines.at : "", "x!|y|"));
		stop();
		strlist_clear(&world.keys);
		strlist_clear(&world.positions);
	}
}

static void test_a_file_is_begun_where_its_source_says(void **state)
{
	static const struct { const char *start; int64_t age_hours; const char *want; } cases[] = {
		{ "beginning", 48, "1|2|halfdone|" }, { "end", 0, "halfdone|" }, { "end", 48, "halfdone|" },
		{ "24h", 0, "1|2|halfdone|" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		time_t then = (time_t)(clock_now() / NS_PER_S - cases[i].age_hours * 3600);
		struct timespec times[2] = { { then, 0 }, { then, 0 } };

		world.source.start = (char *)cases[i].start;
		append("log", "1\n2\nhalf");
		assert_int_equal(utimensat(AT_FDCWD, at("log"), times, 0), 0);
		start();
		turn(30);
		append("log", "done\n");
		expect(cases[i].want);
		stop();
		unlink(at("log"));
		strlist_clear(&world.keys);
		strlist_clear(&world.positions);
	}
}

/* The end of a line is two bytes there, and so is every place in the file. */
static void test_the_end_of_a_file_of_utf16_is_between_two_characters(void **state)
{
	static const char *const marks[] = { "\xff\xfe", "\xfe\xff" };

	(void)state;
	world.source.start = (char *)"end";
	for (size_t high = 0; high < 2; high++) {
		static const char text[] = "old\nhalfdone\n";
		char bytes[2 + 2 * (sizeof(text) - 1)] = { 0 };
		int fd = open(at("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		memcpy(bytes, marks[high], 2);
		for (size_t i = 0; i < sizeof(text) - 1; i++)
			bytes[2 + 2 * i + high] = text[i];
		assert_int_equal(write(fd, bytes, 17), 17);	/* up to the middle of a character */
		start();
		turn(30);
		assert_int_equal(write(fd, bytes + 17, sizeof(bytes) - 17), sizeof(bytes) - 17);
		close(fd);
		expect("halfdone|");
		stop();
		unlink(at("log"));
		strlist_clear(&world.keys);
		strlist_clear(&world.positions);
	}
}

static void test_old_files_are_left_out_where_only_a_day_is_wanted(void **state)
{
	time_t then = (time_t)(clock_now() / NS_PER_S - 48 * 3600);
	struct timespec times[2] = { { then, 0 }, { then, 0 } };

	(void)state;
	world.source.start = (char *)"24h";
	append("log", "1\n2\n");
	assert_int_equal(utimensat(AT_FDCWD, at("log"), times, 0), 0);
	start();
	turn(30);
	append("log", "3\n");
	expect("3|");
}

static void test_what_appears_later_is_read_from_its_beginning(void **state)
{
	(void)state;
	glob_all();
	world.source.start = (char *)"end";
	append("a", "old\n");
	start();
	turn(30);
	append("b", "1\n2\n");
	expect("1|2|");
	append("a", "3\n");
	expect("1|2|3|");
	assert_string_equal(world.places.at, "2@0 2@2 1@4 ");
}

/* ------------------------------------------------------------------ rotation */

static void test_a_renamed_file_is_read_to_its_end_first(void **state)
{
	int fd;

	(void)state;
	append("log", "1\n");
	start();
	expect("1|");
	fd = open(at("log"), O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(rename(at("log"), at("log.1")), 0);
	append("log", "4\n");
	assert_int_equal(write(fd, "2\n3\n", 4), 4);	/* the writer did not know yet */
	expect("1|2|3|4|");
	assert_string_equal(world.places.at, "1@0 1@2 1@4 2@0 ");
	assert_int_equal(write(fd, "late\n", 5), 5);
	close(fd);
	expect("1|2|3|4|late|");
	append("log", "5\n");
	expect("1|2|3|4|late|5|");
	assert_int_equal(world.troubles.n, 0);
}

/* More than is read in one turn: the new file waits for the last byte of the old one. */
static void test_a_long_rest_of_a_renamed_file_comes_before_the_new_one(void **state)
{
	struct text rest = { 0 };

	(void)state;
	append("log", "1\n");
	start();
	expect("1|");
	input_pause(world.input, true);
	for (int i = 0; i < 30000; i++)
		text_addf(&rest, "line %05d of the rest\n", i);
	append("log", rest.at);
	assert_int_equal(rename(at("log"), at("log.1")), 0);
	append("log", "new\n");
	input_pause(world.input, false);
	text_reset(&world.lines);
	text_add(&rest, "new\n");
	for (char *c = rest.at; *c; c++)
		*c = *c == '\n' ? '|' : *c;
	for (int i = 0; i < 200 && world.lines.len < rest.len; i++)
		turn(10);
	assert_true(strcmp(world.lines.at, rest.at) == 0);
	text_clear(&rest);
}

static void test_a_truncated_file_is_a_new_stream_and_a_gap(void **state)
{
	(void)state;
	append("log", "one\ntwo\n");
	start();
	expect("one|two|");
	assert_int_equal(truncate(at("log"), 0), 0);
	append("log", "3\n");
	expect("one|two|3|");
	assert_string_equal(world.places.at, "1@0 1@4 2@0 ");
	assert_int_equal(world.troubles.n, 1);
	assert_non_null(strstr(world.troubles.at[0], at("log")));
	assert_non_null(strstr(world.troubles.at[0], "truncated"));
	append("log", "4\n");
	expect("one|two|3|4|");
	assert_int_equal(world.troubles.n, 1);
}

/* ------------------------------------------------------------------ over a restart */

static void test_a_restart_goes_on_exactly(void **state)
{
	(void)state;
	append("log", "1\n2\nbeg");
	start();
	expect("1|2|");
	stop();
	append("log", "un\n4\n");
	start();
	expect("begun|4|");
	assert_string_equal(world.places.at, "1@4 1@10 ");
	assert_int_equal(world.streams, 1);
	stop();
	start();
	expect("");
	assert_int_equal(world.troubles.n, 0);
}

static void test_only_what_changed_is_saved(void **state)
{
	(void)state;
	append("log", "1\n");
	start();
	expect("1|");
	input_save(world.input, on_save, NULL);
	assert_true(strlist_has(&world.keys, "1"));
	strlist_clear(&world.keys);
	input_save(world.input, on_save, NULL);
	assert_int_equal(world.keys.n, 0);
	append("log", "2\n");
	expect("1|2|");
	input_save(world.input, on_save, NULL);
	assert_int_equal(world.keys.n, 1);
	assert_string_equal(world.keys.at[0], "1");
}

static void test_a_file_rotated_meanwhile_is_read_to_its_end_first(void **state)
{
	(void)state;
	append("log", "1\n");
	start();
	expect("1|");
	stop();
	append("log", "2\n3\n");
	assert_int_equal(rename(at("log"), at("log.1")), 0);
	append("log", "4\n");
	start();
	expect("2|3|4|");
	assert_string_equal(world.places.at, "1@2 1@4 2@0 ");
	assert_int_equal(world.troubles.n, 0);
}

static void test_a_file_first_seen_after_a_restart_is_read_from_its_beginning(void **state)
{
	(void)state;
	world.source.start = (char *)"end";
	glob_all();
	append("a", "old\n");
	start();
	turn(30);
	stop();
	append("b", "1\n");
	start();
	expect("1|");
}

static void test_what_was_destroyed_meanwhile_is_said(void **state)
{
	int fd;

	(void)state;
	append("log", "one\ntwo\n");
	start();
	expect("one|two|");
	stop();
	fd = open(at("log"), O_WRONLY | O_TRUNC | O_CLOEXEC);
	close(fd);
	append("log", "longer than it was before\n");
	start();
	expect("longer than it was before|");
	assert_string_equal(world.places.at, "2@0 ");
	assert_int_equal(world.troubles.n, 1);
	stop();
	strlist_clear(&world.troubles);
	unlink(at("log"));
	start();
	for (int i = 0; i < 200 && world.troubles.n < 2; i++)
		turn(100);
	/* the copy of what was truncated, and the file itself */
	assert_int_equal(world.troubles.n, 2);
	assert_non_null(strstr(world.troubles.at[1], at("log")));
	stop();
	start();
	turn(30);
	assert_int_equal(world.troubles.n, 2);	/* said once */
}

static void test_a_position_that_makes_no_sense_is_refused(void **state)
{
	static const char *const cases[] = {
		"", "[]", "{}", "{\"stream\":0}", "{\"stream\":1,\"head_len\":1025}",
		"{\"stream\":1,\"head_len\":-1}", "{\"stream\":1,\"offset\":",
	};
	struct err err;

	(void)state;
	start();
	for (size_t i = 0; i < COUNT(cases); i++) {
		err.text[0] = '\0';
		if (input_restore(world.input, "77", cases[i], &err) != ERR_CONFIG)
			fail_msg("%s was taken", cases[i]);
		assert_non_null(strstr(err.text, "'77'"));
	}
}

/* ------------------------------------------------------------------ what is no file */

static void test_what_is_no_file_gets_one_sentence_and_holds_nobody_up(void **state)
{
	(void)state;
	glob_all();
	append("a", "1\n");
	assert_int_equal(mkfifo(at("fifo"), 0600), 0);
	assert_int_equal(mkdir(at("folder"), 0700), 0);
	assert_int_equal(symlink(at("nowhere"), at("link")), 0);
	start();
	expect("1|");
	assert_int_equal(world.troubles.n, 3);		/* in the order of their names */
	assert_non_null(strstr(world.troubles.at[0], at("fifo")));
	assert_non_null(strstr(world.troubles.at[1], at("folder")));
	assert_non_null(strstr(world.troubles.at[2], at("link")));
	append("b", "2\n");				/* all names are looked at anew */
	expect("1|2|");
	assert_int_equal(world.troubles.n, 3);
	assert_int_equal(rmdir(at("folder")), 0);
	append("folder", "3\n");
	expect("1|2|3|");
}

static void test_a_folder_that_is_not_there_gets_one_sentence(void **state)
{
	(void)state;
	strlist_clear(&world.source.path);
	strlist_add(&world.source.path, at("later/log"));
	start();
	turn(30);
	assert_int_equal(world.troubles.n, 1);
	assert_non_null(strstr(world.troubles.at[0], at("later")));
}

/* ------------------------------------------------------------------ while it runs */

static void test_nothing_is_read_while_paused(void **state)
{
	(void)state;
	append("log", "1\n");
	start();
	expect("1|");
	input_pause(world.input, true);
	append("log", "2\n");
	turn(100);
	expect("1|");
	input_pause(world.input, false);
	expect("1|2|");
}

static void test_a_reload_takes_the_new_sources_and_leaves_the_old(void **state)
{
	struct source_conf sources[2] = { { .name = (char *)"s", .kind = (char *)"file", .start = (char *)"beginning" },
					  { .name = (char *)"new", .start = (char *)"beginning" } };
	struct config both = { .sources = sources, .n_sources = 2, .limits.line_max = 1024 };
	struct config only_new = { .sources = &sources[1], .n_sources = 1, .limits.line_max = 1024 };
	struct err err;
	char longer[600];

	(void)state;
	memset(longer, 'l', sizeof(longer));
	strcpy(longer + 500, "\n");
	strlist_add(&sources[0].path, at("log"));
	strlist_add(&sources[1].path, at("other"));
	append("log", "1\n");
	append("other", "2\n");
	start();
	expect("1|");
	assert_int_equal(input_reload(world.input, &both, &err), 0);
	world.config = (struct config){ 0 };		/* the old one goes */
	expect("1|2|");
	assert_ptr_equal(world.last_source, &sources[1]);
	append("log", "3\n");
	expect("1|2|3|");
	assert_ptr_equal(world.last_source, &sources[0]);
	text_reset(&world.lines);
	append("log", longer);				/* under the new limit */
	longer[500] = '|';
	longer[501] = '\0';
	expect(longer);
	assert_int_equal(input_reload(world.input, &only_new, &err), 0);
	text_reset(&world.lines);
	turn(30);
	append("log", "nobody reads this\n");
	append("other", "5\n");
	expect("5|");
	input_free(world.input);
	world.input = NULL;
	strlist_clear(&sources[0].path);
	strlist_clear(&sources[1].path);
}

static void one_status(void *context, const struct input_status *status)
{
	struct input_status *out = context;

	assert_null(out->source);	/* one file */
	*out = *status;
}

static void test_the_status_tells_how_far_a_file_was_read(void **state)
{
	struct input_status status = { 0 };

	(void)state;
	append("log", "1\n2\nrest");
	start();
	expect("1|2|");
	input_each_status(world.input, one_status, &status);
	assert_string_equal(status.source, "s");
	assert_string_equal(status.file, at("log"));
	assert_int_equal(status.offset, 4);
	assert_int_equal(status.size, 8);
	assert_int_equal(status.lines, 2);
	assert_string_equal(status.state, "waiting");
	assert_true(status.last_line > 0);
}

/* ------------------------------------------------------------------ identity, watching */

static void test_a_stream_is_known_by_its_bytes(void **state)
{
	static const struct { const char *bytes; bool same_place, truncated; enum match want; } cases[] = {
		{ "head\nline\n", true, false, MATCH_SAME },	 { "head\nline\nmore\n", true, false, MATCH_SAME },
		{ "head\nline\nmore\n", false, false, MATCH_SAME }, { "head\n", false, false, MATCH_OTHER },
		{ "", true, false, MATCH_OTHER },		 { "HEAD\nline\n", true, false, MATCH_OTHER },
		{ "head\nLINE\n", false, false, MATCH_OTHER },	 { "HEAD\n", false, true, MATCH_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct position saved = { .stream = 1, .offset = 10, .truncated = cases[i].truncated };
		struct print print;
		struct sight s = { 0 };
		struct err err;
		int fd;

		append("log", "head\nline\n");
		fd = tail_open(at("log"), &s.st, &err);
		assert_true(fd >= 0);
		assert_true(print_read(fd, saved.offset, &print));
		identity_of(&print, &saved.id);
		saved.id.dev = s.st.st_dev;
		saved.id.ino = s.st.st_ino;
		close(fd);
		assert_int_equal(truncate(at("log"), 0), 0);
		append("log", cases[i].bytes);
		s.fd = tail_open(at("log"), &s.st, &err);
		s.st.st_ino += !cases[i].same_place;
		assert_true(sight_read(&s, at("log")));
		if (sight_matches(&s, &saved) != cases[i].want)
			fail_msg("'%s' %s", cases[i].bytes, cases[i].same_place ? "in its place" : "elsewhere");
		close(s.fd);
		unlink(at("log"));
	}
}

static void test_a_position_comes_back_from_its_text(void **state)
{
	struct position in = { .stream = 9, .offset = UINT64_C(1) << 40, .lines = 5, .said = true, .done = true,
			       .skipping = true, .source = (char *)"s \"あ", .path = (char *)"/a b",
			       .id = { .head_len = HEAD_MAX, .before_len = BEFORE_MAX, .head = "ab", .before = "cd",
				       .dev = 1, .ino = 2 } }, out;
	struct json_object *o = position_to_json(&in), *again;
	struct err err;

	(void)state;
	assert_int_equal(position_from_json(json_object_to_json_string(o), &out, &err), 0);
	again = position_to_json(&out);
	assert_string_equal(json_object_to_json_string(again), json_object_to_json_string(o));
	assert_true(out.done && out.skipping);
	assert_int_equal(out.offset, in.offset);
	assert_string_equal(out.source, in.source);
	json_object_put(o);
	json_object_put(again);
	position_clear(&out);
}

static void on_changed(void *context, struct slice path, bool names)
{
	(void)names;
	struct text *seen = context;

	text_add_slice(seen, path);
	text_add(seen, " ");
}

static void test_a_watched_directory_names_the_file_that_changed(void **state)
{
	struct text seen = { 0 };
	struct watch *watch = watch_new(world.base, on_changed, &seen);

	(void)state;
	assert_true(watch_directory(watch, world.folder));
	assert_true(watch_directory(watch, world.folder));
	assert_false(watch_directory(watch, at("nowhere")));
	append("log", "1\n");
	for (int i = 0; i < 100 && !seen.len; i++)
		turn(10);
	assert_non_null(seen.at);
	assert_non_null(strstr(seen.at, at("log")));
	watch_free(watch);
	text_clear(&seen);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_appended_lines_arrive_once_and_in_order),
		TEST(test_a_line_is_kept_until_it_is_whole),
		TEST(test_a_record_of_several_lines_is_kept_until_it_is_whole),
		TEST(test_a_record_of_which_no_more_comes_is_given_as_it_is),
		TEST(test_a_record_that_grows_and_grows_is_given_too),
		TEST(test_an_unfinished_record_of_a_renamed_file_is_given_too),
		TEST(test_a_line_that_is_too_long_is_cut_and_marked),
		TEST(test_a_line_of_utf16_that_is_too_long_is_cut_and_passed),
		TEST(test_a_file_is_begun_where_its_source_says),
		TEST(test_the_end_of_a_file_of_utf16_is_between_two_characters),
		TEST(test_old_files_are_left_out_where_only_a_day_is_wanted),
		TEST(test_what_appears_later_is_read_from_its_beginning),
		TEST(test_a_renamed_file_is_read_to_its_end_first),
		TEST(test_a_long_rest_of_a_renamed_file_comes_before_the_new_one),
		TEST(test_a_truncated_file_is_a_new_stream_and_a_gap),
		TEST(test_a_restart_goes_on_exactly),
		TEST(test_only_what_changed_is_saved),
		TEST(test_a_file_rotated_meanwhile_is_read_to_its_end_first),
		TEST(test_a_file_first_seen_after_a_restart_is_read_from_its_beginning),
		TEST(test_what_was_destroyed_meanwhile_is_said),
		TEST(test_a_position_that_makes_no_sense_is_refused),
		TEST(test_what_is_no_file_gets_one_sentence_and_holds_nobody_up),
		TEST(test_a_folder_that_is_not_there_gets_one_sentence),
		TEST(test_nothing_is_read_while_paused),
		TEST(test_a_reload_takes_the_new_sources_and_leaves_the_old),
		TEST(test_the_status_tells_how_far_a_file_was_read),
		TEST(test_a_stream_is_known_by_its_bytes),
		TEST(test_a_position_comes_back_from_its_text),
		TEST(test_a_watched_directory_names_the_file_that_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
