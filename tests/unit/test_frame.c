/* Which lines are one record, and when that can be known. */
#include "check.h"

#include "decode/decode.h"

#include <string.h>

#define SYSCALL "type=SYSCALL msg=audit(1.1:7): pid=1\n"
#define PATH "type=PATH msg=audit(1.1:7): name=\"/a\"\n"
#define TITLE "type=PROCTITLE msg=audit(1.1:7): proctitle=6C73\n"
#define OTHER "type=SYSCALL msg=audit(1.1:8): pid=2\n"
#define A "--a1b2c3d4-A--\n[time] x\n"
#define Z "--a1b2c3d4-Z--\n"
#define EVENT "<Event xmlns='x'>\n"
#define END "</Event>\n"
#define LOG "Jun  1 10:00:00 sv1 app[5]: one line\n"
#define ACCESS "[01/Jun/2026:10:00:00 +0900] \"GET / HTTP/1.1\" 200 5\n"
#define AIDE "Start timestamp: 2026-06-01 03:53:07 +0900 (AIDE 0.18)\n"

/* lines: of the record; open: whether more must be waited for. */
static const struct {
	const char *text;
	uint32_t lines;
	bool open;
} cases[] = {
	{ "Jun  1 10:00:00 sv1 app[5]: one line\nand one more\n", 0, false },
	{ "", 0, false },
	/* auditd */
	{ SYSCALL PATH TITLE PATH, 3, false },
	{ SYSCALL PATH OTHER, 2, false },
	{ SYSCALL OTHER, 1, false },
	{ SYSCALL PATH, 2, true },
	{ SYSCALL "type=PATH msg=aud", 1, true },
	{ "node=a " SYSCALL "node=a " PATH "node=a " TITLE, 3, false },
	{ TITLE SYSCALL, 0, false },
	{ "type=USER_LOGIN msg=audit(1.1:7): pid=1 msg='op=login res=failed'\n" PATH, 0, false },
	{ "type=SYSCALL msg=none\n" PATH, 0, false },
	/* ModSecurity */
	{ A "--a1b2c3d4-H--\nMessage: x\n\n" Z A, 6, false },
	{ A "--a1b2c3d4-H--\nMessage: x\n", 4, true },
	{ A "--ffffffff-A--\nx\n" Z, 5, false },	/* a request may hold what looks like another entry, */
	{ A "--ffffffff-Z--\n" LOG Z, 5, false },
	{ A "--ffffffff-A--\nx\n", 2, true },	/* but without its end an entry ends there */
	{ A "x\n" A, 3, false },
	{ "---AbCdEfGh---A--\nx\n---AbCdEfGh---Z--\nx\n", 3, false },
	{ Z A, 0, false },
	{ "--\n--a-A--\n", 0, false },
	/* XML */
	{ EVENT "  <a>1</a>\n" END EVENT, 3, false },
	{ "  " EVENT "  <a>1</a>\n  " END "x", 3, false },
	{ EVENT "  <a>1</a>\n", 2, true },
	{ EVENT "  <a>1</a>\n" EVENT "x\n" END, 2, false },
	/* what others can write into a log does not take the lines behind it */
	{ EVENT "  <a>1</a>\n" LOG END, 2, false },
	{ EVENT "192.0.2.1 - - " ACCESS END, 1, false },
	{ EVENT "2026-06-01 10:00:00,123 WARN a.b - x\n" END, 1, false },
	{ EVENT "{\"a\":1}\n" END, 1, false },
	{ EVENT "[2026-06-01 10:00:00] local.ERROR: x\n" END, 1, false },
	{ "<Event> - 192.0.2.1 " ACCESS "<a>\n" END, 0, false },
	{ "<Event>\n<TimeCreated>\n2026-06-01T10:00:00Z\n</TimeCreated>\n" END "x", 5, false },
	{ "                     <Event>\nx\n", 0, false },
	{ "<Event><a>1</a>" END "x\n", 0, false },
	{ "<Event/>\nx\n", 0, false },
	{ "<Events>\n" EVENT, 0, false },
	{ "<EPOEvent>\n</EPOEvents>\n</EPOEvent>\n", 3, false },
	/* AIDE */
	{ AIDE "\nAdded entries:\n---\n\nf++++++++++++: /a\n  Size : 1 | 2\nEnd timestamp: x\nf+++\n", 8, false },
	{ AIDE "changed: /a\nJun  1 10:00:00 sv1 app: x\n", 2, false },
	{ AIDE "changed: /a\n", 2, true },
	{ AIDE "changed: /a\n" AIDE, 2, false },
	{ "AIDE 0.15 found differences\nStart timestamp: x\nremoved: /a\nx: /y\n", 3, false },
	{ "AIDE is a tool\n---\n", 0, false },
	{ "Start timestamp: 2026\n---\n", 0, false },
	/* JSON for people */
	{ "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\n", 5, false },
	{ "{\n  \"a\": 1\n", 2, true },
	{ "{\n  \"a\": 1\nJun  1 10:00:00 x\n", 2, false },
	{ "{\"a\": 1}\n}\n", 0, false },
};

static void test_records_of_several_lines_begin_and_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice text = slice_of(cases[i].text), line;
		size_t at = 0, want = 0, have;
		uint32_t more;
		bool open;

		for (uint32_t n = 0; n < cases[i].lines && slice_line(text, &at, &line); n++)
			want = at;
		have = decode_frame(NULL, text, false, &more, &open);
		if (have != want || open != cases[i].open || more != (cases[i].lines ? cases[i].lines - 1 : 0))
			fail_msg("%zu bytes, %u lines more, %s: %s", have, more, open ? "open" : "whole", cases[i].text);
	}
}

/* At the end of everything nothing is waited for, and a last line needs no end. */
static void test_the_end_ends_every_record(void **state)
{
	const char *text = SYSCALL "type=PATH msg=audit(1.1:7): name=\"/b\"";
	uint32_t more;
	bool open;

	(void)state;
	assert_int_equal(decode_frame("auto", slice_of(text), true, &more, &open), strlen(text));
	assert_int_equal(more, 1);
	assert_false(open);
	assert_int_equal(decode_frame("auto", slice_of(text), false, &more, &open), strlen(SYSCALL));
	assert_true(open);
}

/* What is in doubt belongs to a record only where its end is found. */
static void test_doubts_end_a_record_that_has_no_end(void **state)
{
	struct text text = { 0 };
	uint32_t more;
	bool open;

	(void)state;
	assert_int_equal(decode_frame(NULL, slice_of(A "--ffffffff-A--\nx\n"), true, &more, &open), strlen(A));
	assert_int_equal(more, 1);
	assert_false(open);
	text_add(&text, A);
	for (int i = 0; i < 64; i++)
		text_add(&text, "--ffffffff-H--\n");
	text_add(&text, Z);
	assert_int_equal(decode_frame(NULL, text_slice(&text), false, &more, &open), text.len);
	text.len -= strlen(Z);
	text_add(&text, "--ffffffff-H--\n" Z);		/* too many to look further for each */
	assert_int_equal(decode_frame(NULL, text_slice(&text), false, &more, &open), strlen(A));
	assert_false(open);
	text_clear(&text);
}

static void test_a_format_that_is_named_is_the_only_one(void **state)
{
	uint32_t more;
	bool open;

	(void)state;
	assert_int_equal(decode_frame("json", slice_of(SYSCALL PATH TITLE), false, &more, &open), 0);
	assert_int_equal(decode_frame("audit", slice_of(SYSCALL PATH TITLE), false, &more, &open), strlen(SYSCALL PATH TITLE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_of_several_lines_begin_and_end),
		cmocka_unit_test(test_the_end_ends_every_record),
		cmocka_unit_test(test_doubts_end_a_record_that_has_no_end),
		cmocka_unit_test(test_a_format_that_is_named_is_the_only_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
