/* Lines of a block become UTF-8 as each would alone, whatever stands around them. */
#include "check.h"

#include "base/mem.h"
#include "batch.h"

#include <stdlib.h>
#include <string.h>

#define BLOCKS 400
#define LINES 40

static const char *const pieces[] = {
	"plain words of a line ", "", "x", "\xe6\x97\xa5\xe6\x9c\xac", "\x93\xfa\x96\x7b", "\xc6\xfc\xcb\xdc", "\x1b$BF|K\\\x1b(B", "\xff",
	"\xef\xbb\xbf", "\r", "a much longer piece of plain bytes, so that a block has runs of many words without any other byte ",
};

/* Most of it plain. */
static void line_add(struct batch *b)
{
	size_t n = (size_t)rand() % 5;
	struct text line = { 0 };

	for (size_t i = 0; i < n; i++)
		text_add(&line, pieces[rand() % 6 ? 0 : (size_t)rand() % (sizeof(pieces) / sizeof(pieces[0]))]);
	text_add_char(&line, '\n');
	b->bytes = mem_grow(b->bytes, &b->cap, b->len + line.len, 1);
	memcpy(b->bytes + b->len, line.at, line.len);
	b->len += line.len;
	text_clear(&line);
}

static void test_lines_are_decoded_as_each_alone(void **state)
{
	struct transcoder *transcoder = transcoder_new();
	struct arena *arena = arena_new();
	struct stream *stream = stream_new(NULL, zone_find("Asia/Tokyo", NULL), 0, (struct logsource){ 0 });
	struct batch *b = batch_new();

	(void)state;
	b->stream = stream;
	for (size_t block = 0; block < BLOCKS; block++) {
		struct decoding together = { .framing = ENCODING_UTF8 }, alone = together;
		struct slice want[LINES];
		uint64_t repairs[LINES] = { 0 };

		batch_reset(b);
		arena_reset(arena);
		for (size_t i = 0; i < LINES; i++)
			line_add(b);
		batch_split(b, NULL, ENCODING_UTF8, 4096, false, true);
		assert_int_equal(b->n_lines, LINES);
		for (size_t i = 0; i < LINES; i++) {
			struct slice raw = { arena_strndup(arena, b->bytes + b->lines[i].at, b->lines[i].len), b->lines[i].len };

			want[i] = encoding_decode(transcoder, &alone, raw, arena, &repairs[i]);
		}
		batch_decode(b, transcoder, &together);
		for (size_t i = 0; i < LINES; i++) {
			assert_true(slice_equal(want[i], (struct slice){ b->bytes + b->lines[i].at, b->lines[i].len }));
			assert_int_equal(batch_repairs(b, i), repairs[i]);
		}
	}
	batch_free(b);
	stream_free(stream);
	arena_free(arena);
	transcoder_free(transcoder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_decoded_as_each_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
