/* Filling a batch: lines, records of several, encodings, columns; and dating them in the order of the stream. */
#include "batch.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct batch *batch_new(void)
{
	struct batch *batch = mem_zalloc(sizeof(*batch));

	batch->arena = arena_new();
	return batch;
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	arena_free(b->arena);
	text_clear(&b->originals);
	free(b->oddities);
	free(b->joined);
	free(b->headers);
	free(b->named);
	free(b->bytes);
	free(b->lines);
	free(b->peeks);
	free(b->kept);
	free(b->candidates);
	free(b->rules);
	free(b);
}

void batch_reset(struct batch *b)
{
	arena_reset(b->arena);
	text_reset(&b->originals);
	b->len = b->n_lines = b->n_kept = b->n_candidates = b->n_oddities = b->n_joined = b->n_headers = 0;
	b->tries = b->n_more = 0;
}

static void line_add(struct batch *b, size_t at, size_t len, uint64_t offset, bool cut)
{
	b->lines = mem_grow(b->lines, &b->cap_lines, b->n_lines + 1, sizeof(*b->lines));
	b->lines[b->n_lines++] =
		(struct batch_line){ (uint32_t)at, (uint32_t)len & 0x7fffffffu, cut, offset };
}

static void oddity_add(struct batch *b, size_t line, struct slice original, uint64_t repairs)
{
	b->oddities = mem_grow(b->oddities, &b->cap_oddities, b->n_oddities + 1, sizeof(*b->oddities));
	b->oddities[b->n_oddities++] = (struct oddity){ line, b->originals.len, original.len, repairs };
	text_add_slice(&b->originals, original);
}

static void joined_add(struct batch *b, size_t line, uint32_t more)
{
	b->joined = mem_grow(b->joined, &b->cap_joined, b->n_joined + 1, sizeof(*b->joined));
	b->joined[b->n_joined++] = (struct joined){ line, more };
	b->n_more += more;
}

/* The line may be a piece of what stands there already: without its byte order mark it is written back to its own place. */
static void bytes_add(struct batch *b, struct slice line)
{
	b->bytes = mem_grow(b->bytes, &b->cap, b->len + line.len + 1, 1);
	memmove(b->bytes + b->len, line.at, line.len);
	b->bytes[b->len + line.len] = '\n';
	b->len += line.len + 1;
}

const struct record_columns *batch_columns(const struct batch *b, size_t line)
{
	size_t low = 0, high = b->n_headers;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (b->headers[middle].line <= line)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? b->headers[low - 1].columns : b->columns;
}

static void line_read_header(struct batch *b, size_t line)
{
	struct slice text = batch_line(b, line);
	const struct record_columns *columns;

	if (b->lines[line].offset && (!text.len || text.at[0] != '#'))
		return;
	columns = stream_read_header(b->stream, text, b->lines[line].offset == 0);
	if (!columns || columns == batch_columns(b, line))
		return;
	b->headers = mem_grow(b->headers, &b->cap_headers, b->n_headers + 1, sizeof(*b->headers));
	b->headers[b->n_headers++] = (struct header_line){ line, columns };
}

void batch_add_line(struct batch *b, struct slice line, struct slice original, uint64_t repairs, uint64_t offset,
		    bool cut, uint32_t more)
{
	size_t at = b->len;

	if (more || slice_find_byte(line, '\n', 0) < line.len)
		joined_add(b, b->n_lines, more);
	if (repairs || !slice_equal(line, original))
		oddity_add(b, b->n_lines, original, repairs);
	bytes_add(b, line);
	if (!b->n_lines)
		b->columns = stream_columns(b->stream);
	line_add(b, at, line.len, offset, cut);
	line_read_header(b, b->n_lines - 1);
}

static const struct oddity *oddity_of(const struct batch *b, size_t line)
{
	size_t low = 0, high = b->n_oddities;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (b->oddities[middle].line < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low < b->n_oddities && b->oddities[low].line == line ? &b->oddities[low] : NULL;
}

struct slice batch_original(const struct batch *b, size_t line)
{
	const struct oddity *o = oddity_of(b, line);

	return o ? (struct slice){ b->originals.at + o->at, o->len } : SLICE("");
}

uint64_t batch_repairs(const struct batch *b, size_t line)
{
	const struct oddity *o = oddity_of(b, line);

	return o ? o->repairs : 0;
}

/* How many bytes from there on are one record of several lines, without its last end; 0: none, or not all of it is here. */
static size_t joined_at(struct batch *b, const char *format, size_t at, size_t line_max, bool final, bool *open)
{
	size_t left = b->len - at, max = left < line_max ? left : line_max, len;
	uint32_t more;

	len = decode_frame(format, (struct slice){ b->bytes + at, max }, final && max == left, &more, open);
	*open = *open && max == left;
	if (!more || *open)
		return 0;
	joined_add(b, b->n_lines, more);
	return len - (b->bytes[at + len - 1] == '\n');
}

size_t batch_split(struct batch *b, const char *format, enum encoding framing, size_t line_max, bool cut_last, bool final)
{
	bool joins = framing == ENCODING_UTF8 && !cut_last, open = false;

	for (size_t at = 0, next; at < b->len; at = next) {
		size_t joined = joins ? joined_at(b, format, at, line_max, final, &open) : 0, left = b->len - at;
		size_t end_len, end, len;
		bool cut;
		struct slice line;

		if (open) {
			b->len = at;
			return left;
		}
		end = encoding_line_end(framing, b->bytes + at + joined, left - joined, &end_len);
		len = end == SIZE_MAX ? left : joined + end;
		cut = len > line_max || (end == SIZE_MAX && cut_last);
		line = (struct slice){ b->bytes + at, len < line_max ? len : line_max / end_len * end_len };
		next = end == SIZE_MAX ? b->len : at + len + end_len;
		line_add(b, at, encoding_without_cr(framing, line).len, b->offset + at, cut);
	}
	return 0;
}

/* What is plain is looked over in one go. From the first line on that is not UTF-8 the bytes are written anew. */
void batch_decode(struct batch *b, struct transcoder *transcoder, struct decoding *decoding)
{
	struct text rest = { 0 };
	size_t plain = 0;		/* up to here */

	for (size_t i = 0; i < b->n_lines; i++) {
		struct batch_line *l = &b->lines[i];
		struct slice raw = rest.at ? (struct slice){ rest.at + l->at, l->len } : batch_line(b, i), line;
		uint64_t repairs = 0;

		if (!rest.at && l->at + l->len > plain)
			plain = l->at + encoding_plain_run(decoding, (struct slice){ raw.at, b->len - l->at });
		if (l->at + l->len <= plain)
			continue;
		line = encoding_decode(transcoder, decoding, raw, b->arena, &repairs);
		if (!rest.at && line.at == raw.at && line.len == raw.len)
			continue;
		if (!rest.at) {
			text_add_bytes(&rest, b->bytes, b->len);
			b->len = l->at;
			raw.at = rest.at + l->at;
		}
		if (repairs || !slice_equal(line, raw))
			oddity_add(b, i, raw, repairs);
		l->at = (uint32_t)b->len;
		l->len = (uint32_t)line.len & 0x7fffffffu;
		bytes_add(b, line);
	}
	text_clear(&rest);
	b->columns = stream_columns(b->stream);
	for (size_t i = 0; i < b->n_lines && (i == 0 || stream_hears(b->stream)); i++)
		line_read_header(b, i);
}

void batch_date(struct batch *b, struct pipeline *pipeline, int64_t reached, batch_each each, void *context)
{
	size_t next = 0, joined = 0;
	uint64_t number = b->first_line;

	for (size_t line = 0; line < b->n_lines; line++) {
		bool several = joined < b->n_joined && b->joined[joined].line == line;
		uint32_t lines = several ? b->joined[joined++].more + 1 : 1;
		struct moment moment;

		decode_date(b->stream, &b->peeks[line].stamp, &moment);
		if (b->peeks[line].flags & PEEK_NAMES)
			moment.undated = false;
		else if (reached == TIME_NONE || moment.time > reached)
			reached = moment.time;
		pipeline_count(pipeline, b->peeks[line].format, lines, moment.undated, b->lines[line].cut);
		if (each)
			each(context, line, lines, &b->peeks[line], &moment);
		if (pipeline_wants_sample(number))
			pipeline_sample(pipeline, b->stream, &b->peeks[line], batch_columns(b, line), batch_line(b, line));
		if (next < b->n_kept && b->kept[next].line == line) {
			b->kept[next].record.line = number;
			b->kept[next].record.time = moment.time;
			b->kept[next].record.utc_offset = moment.utc_offset;
			b->kept[next].record.undated = moment.undated;
			b->kept[next].record.zone_assumed = moment.zone_assumed;
			b->kept[next++].reached = reached;
		}
		number += lines;
	}
	b->reached = reached;
}
