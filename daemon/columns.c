/* Columns of a file that is not read from its beginning: after a start, or a reload. */
#include "columns.h"

#include "base/encoding.h"
#include "base/unpack.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LEARN_BYTES (16u << 20)
#define CHUNK 65536			/* a line that is longer ends it */

/* The whole lines of a piece of the file. Returns how many bytes they are. */
static size_t lines_learn(struct stream *stream, struct transcoder *transcoder, struct decoding *decoding, struct slice text,
			  bool first)
{
	struct arena *arena = arena_new();
	size_t at = 0, end, end_len;

	for (; (end = encoding_line_end(decoding->framing, text.at + at, text.len - at, &end_len)) != SIZE_MAX; at += end + end_len) {
		struct slice line = encoding_without_cr(decoding->framing, slice_cut(text, at, at + end));
		uint64_t repairs = 0;

		if ((first && !at) || slice_find_byte(slice_cut(line, 0, 2), '#', 0) < 2)
			stream_read_header(stream, encoding_decode(transcoder, decoding, line, arena, &repairs), first && !at);
	}
	arena_free(arena);
	return at;
}

static void unpacked_learn(struct stream *stream, const struct input_line *line, struct unpack *unpack)
{
	struct transcoder *transcoder = transcoder_new();
	struct decoding decoding = { 0 };
	uint64_t at = 0, max = line->offset < LEARN_BYTES ? line->offset : LEARN_BYTES;
	char chunk[CHUNK];
	struct text text = { 0 };
	struct err err;
	size_t used;
	long n;

	if (line->source->encoding)
		encoding_parse(line->source->encoding, &decoding.encoding);
	for (; at < max && text.len < CHUNK && (!at || stream_columns(stream)); at += (uint64_t)n) {
		n = unpack_read(unpack, chunk, max - at < CHUNK ? (size_t)(max - at) : CHUNK, &err);
		if (n <= 0)
			break;
		text_add_bytes(&text, chunk, (size_t)n);
		if (!at)
			decoding.framing = encoding_framing(decoding.encoding, text_slice(&text));
		used = lines_learn(stream, transcoder, &decoding, text_slice(&text), !at);
		text.len -= used;
		memmove(text.at, text.at + used, text.len);
	}
	text_clear(&text);
	transcoder_free(transcoder);
}

void columns_learn(struct stream *stream, const struct input_line *line)
{
	int fd = open(line->file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct unpack_member member;
	struct unpack *unpack = NULL;
	struct err err;

	if (fd < 0)
		return;
	if (unpack_open(fd, line->file, &unpack, &err) == 0 && unpack_next(unpack, &member, &err) == 1)
		unpacked_learn(stream, line, unpack);
	unpack_free(unpack);
	close(fd);
}
