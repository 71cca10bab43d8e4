#ifndef SOKUHO_TESTS_FUZZ_LINE_H
#define SOKUHO_TESTS_FUZZ_LINE_H

#include "base/mem.h"
#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of the record that begins a text: a line, or several; without the end. */
static inline size_t fuzz_record(const char *format, struct slice text)
{
	uint32_t more;
	bool open;
	size_t joined = decode_frame(format, text, true, &more, &open);

	return more ? joined - (text.at[joined - 1] == '\n') : slice_find_byte(text, '\n', 0);
}

/* The head of a line that was peeked at is that of the line by itself. */
static inline void fuzz_peek(const struct decoder *decoder, const struct stream *stream, const struct record *whole)
{
	struct record r = { .arena = whole->arena, .raw = whole->raw, .columns = whole->columns };
	struct peek peek;

	decode_peek(stream, r.columns, r.raw, &peek);
	if (peek.flags & PEEK_MAYBE_TEXT && decode_knows_text(decoder, r.raw))
		peek.format = (uint8_t)decode_format_number("text");
	decode_head_peeked(&peek, &r);
	if (r.format != whole->format || !slice_equal(r.host, whole->host) || !slice_equal(r.message, whole->message) ||
	    !slice_equal(r.program, whole->program))
		abort();
}

/* The input as lines of one format, through head and fields with the shipped decode data. */
static inline void fuzz_lines(const char *format, const uint8_t *data, size_t size)
{
	static char *names[] = { "date", "time", "src_ip", "virus_name", "action", "file" };
	static const struct strlist columns = { .at = names, .n = 6, .cap = 6 };
	static struct decoder *decoder;
	struct stream *stream;
	const char *folder = getenv("SOKUHO_DATA_DIR");

	if (!decoder) {
		struct problems problems = { 0 };

		decoder = decoder_load(folder ? folder : "rules", &problems);
		if (!decoder)
			abort();
	}
	stream = stream_new(format, zone_find("Asia/Tokyo", NULL), INT64_C(1790000000) * NS_PER_S,
			    (struct logsource){ 0 });
	if (format && strcmp(format, "delimited") == 0)
		stream_set_columns(stream, &columns, ',');
	for (size_t at = 0; at <= size;) {
		size_t len = fuzz_record(format, (struct slice){ (const char *)data + at, size - at });
		char *copy = mem_strndup((const char *)data + at, len);
		struct record r = { .arena = arena_new(), .source = "fuzz" };
		struct text out = { 0 };

		r.raw = (struct slice){ copy, len };
		decode_head(decoder, stream, &r);
		fuzz_peek(decoder, stream, &r);
		decode_fields(decoder, stream, &r);
		decode_explain(&r, &out);
		text_clear(&out);
		arena_free(r.arena);
		free(copy);
		at += len + 1;
	}
	stream_free(stream);
}

#endif
