/*
 * Looking at lines by the block. Every line pays for its head and for the block scan of the prefilter; only a
 * candidate, a line in which a rule's literals stand, is decoded, and only its candidate rules are tried.
 */
#include "batch.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

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
	free(b);
}

void batch_reset(struct batch *b)
{
	arena_reset(b->arena);
	text_reset(&b->originals);
	b->len = b->n_lines = b->n_kept = b->n_candidates = b->n_oddities = b->n_joined = b->n_headers = 0;
	b->tries = b->n_more = 0;
}

static struct slice line_bytes(const struct batch *b, size_t line)
{
	return (struct slice){ b->bytes + b->lines[line].at, b->lines[line].len };
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

static const struct record_columns *columns_of(const struct batch *b, size_t line)
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
	struct slice text = line_bytes(b, line);
	const struct record_columns *columns;

	if (b->lines[line].offset && (!text.len || text.at[0] != '#'))
		return;
	columns = stream_read_header(b->stream, text, b->lines[line].offset == 0);
	if (!columns || columns == columns_of(b, line))
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
		struct slice raw = rest.at ? (struct slice){ rest.at + l->at, l->len } : line_bytes(b, i), line;
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
	for (size_t i = 0; i < b->n_lines; i++)
		line_read_header(b, i);
}

static void candidate_add(struct batch *b, size_t line, unsigned reason)
{
	b->candidates = mem_grow(b->candidates, &b->cap_candidates, b->n_candidates + 1,
				 sizeof(*b->candidates));
	b->candidates[b->n_candidates++] = (uint64_t)line << 32 | reason;
}

/* Finds the line of a place in the block; places come in order, nearly always. */
struct place {
	struct batch *batch;
	size_t line;
};

static size_t line_of(struct place *p, size_t at)
{
	const struct batch *b = p->batch;
	size_t low = 0, high = b->n_lines;

	for (size_t i = p->line; i < b->n_lines && i < p->line + 4 && b->lines[i].at <= at; i++)
		if (i + 1 == b->n_lines || at < b->lines[i + 1].at)
			return p->line = i;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (b->lines[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return p->line = low;
}

static void on_candidate(void *context, unsigned reason, size_t at)
{
	struct place *p = context;

	candidate_add(p->batch, line_of(p, at), reason);
}

static int compare_candidates(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Sorted by line and reason, each once. */
static void candidates_sort(struct batch *b)
{
	bool sorted = true;
	size_t kept = 0;

	for (size_t i = 1; i < b->n_candidates && sorted; i++)
		sorted = b->candidates[i - 1] <= b->candidates[i];
	if (!sorted)
		qsort(b->candidates, b->n_candidates, sizeof(*b->candidates), compare_candidates);
	for (size_t i = 0; i < b->n_candidates; i++)
		if (!kept || b->candidates[kept - 1] != b->candidates[i])
			b->candidates[kept++] = b->candidates[i];
	b->n_candidates = kept;
}

static void on_unescaped(void *context, unsigned reason, size_t at)
{
	struct place *p = context;

	(void)at;
	candidate_add(p->batch, p->line, reason);
}

/*
 * A line with escapes is looked at a second time with its escapes undone: for literals where an escape may spell any byte,
 * for patterns and runs in any case. A newline there is a byte like others, but the scan takes it for the end of a line.
 */
static void escaped_scan(const struct scanner *s, struct prefilter_scratch *scratch, struct batch *b)
{
	size_t n_patterns;
	const unsigned *patterns = prefilter_on_escape(s->prefilter, &n_patterns);

	for (size_t line = 0; line < b->n_lines; line++) {
		struct place place = { b, line };
		struct slice raw = line_bytes(b, line), text;
		struct arena_mark mark;
		char *room;

		if (!(b->peeks[line].flags & PEEK_OPAQUE) && !(b->peeks[line].flags & PEEK_ESCAPED && n_patterns))
			continue;
		mark = arena_mark(b->arena);
		room = arena_alloc(b->arena, raw.len + 1);
		text = (struct slice){ room, decode_unescape(b->peeks[line].format, raw, room) };
		prefilter_scan(s->prefilter, scratch, text, on_unescaped, &place);
		for (size_t i = 0; i < n_patterns && (!text.len || memchr(text.at, '\n', text.len)); i++)
			candidate_add(b, line, patterns[i]);
		arena_rewind(b->arena, mark);
	}
}

/* A pattern may match over a line end, which the scan takes for the end of the record. */
static void joined_scan(const struct scanner *s, struct batch *b)
{
	size_t n;
	const unsigned *patterns = prefilter_on_escape(s->prefilter, &n);

	for (size_t k = 0; k < b->n_joined; k++)
		for (size_t i = 0; i < n; i++)
			candidate_add(b, b->joined[k].line, patterns[i]);
}

static void on_name(void *context, unsigned reason, size_t at)
{
	struct batch *b = context;

	(void)at;
	b->named = mem_grow(b->named, &b->cap_named, b->n_named + 1, sizeof(*b->named));
	b->named[b->n_named++] = reason;
}

/* Lines whose columns are named elsewhere: what the names say is said of each. */
static void names_scan(const struct scanner *s, struct prefilter_scratch *scratch, struct batch *b)
{
	const struct record_columns *before = NULL;

	for (size_t line = 0; line < b->n_lines && (b->columns || b->n_headers); line++) {
		const struct record_columns *columns = columns_of(b, line);

		if (columns && columns != before) {
			b->n_named = 0;
			prefilter_scan(s->prefilter, scratch, columns->text, on_name, b);
		}
		before = columns;
		for (size_t i = 0; b->peeks[line].flags & PEEK_CELLS && i < b->n_named; i++)
			candidate_add(b, line, b->named[i]);
	}
}

/* Rules that nothing stands for, on every line. */
static void candidates_everywhere(const struct scanner *s, struct batch *b)
{
	size_t n;
	const unsigned *always = prefilter_always(s->prefilter, &n);

	for (size_t line = 0; line < b->n_lines && n; line++)
		for (size_t i = 0; i < n; i++)
			candidate_add(b, line, always[i]);
}

/* Lines whose form says nothing: decode data may know the text. */
static void texts_settle(const struct scanner *s, struct prefilter_scratch *scratch, struct batch *b)
{
	for (size_t line = 0; line < b->n_lines; line++) {
		struct slice text = line_bytes(b, line);

		if (b->peeks[line].flags & PEEK_MAYBE_TEXT &&
		    (!s->prefilter || prefilter_knows_text(s->prefilter, scratch, text)) &&
		    decode_knows_text(s->content->decoder, text))
			b->peeks[line].format = (uint8_t)decode_format_number("text");
	}
}

static void hits_keep(struct batch *b, struct kept *kept, const struct hit *hit)
{
	struct hit *more;

	if ((kept->n_hits & (kept->n_hits + 1)) == 0) {		/* 0 1 3 7 ...: room for twice as many */
		more = arena_alloc(b->arena, (2 * kept->n_hits + 1) * sizeof(*more));
		if (kept->n_hits)
			memcpy(more, kept->hits, kept->n_hits * sizeof(*more));
		kept->hits = more;
	}
	kept->hits[kept->n_hits] = *hit;
	kept->hits[kept->n_hits++].record = NULL;	/* set when it is handed on: kept moves until then */
}

/* What is asked whether a rule's needs stand in it: the line, and the names of its columns in front. */
static struct slice asked_text(struct batch *b, size_t line)
{
	struct slice raw = line_bytes(b, line);
	const struct record_columns *columns;
	char *both;

	if (!(b->peeks[line].flags & PEEK_CELLS))
		return raw;
	columns = columns_of(b, line);
	both = arena_alloc(b->arena, columns->text.len + 1 + raw.len);
	memcpy(both, columns->text.at, columns->text.len);
	both[columns->text.len] = '\n';
	memcpy(both + columns->text.len + 1, raw.at, raw.len);
	return (struct slice){ both, columns->text.len + 1 + raw.len };
}

/* That a limit was hit is told of lines that hold what the rule needs, as they stand or with their escapes undone. */
static bool limit_is_told(const struct scanner *s, struct batch *b, const struct kept *kept, unsigned rule)
{
	const struct peek *peek = &b->peeks[kept->line];
	struct slice asked = asked_text(b, kept->line), raw = kept->record.raw;
	char *both;

	if (!(peek->flags & PEEK_OPAQUE))
		return needs_are_met(s->needs, rule, asked, peek->flags & PEEK_ESCAPED);
	both = arena_alloc(b->arena, asked.len + 1 + raw.len);
	memcpy(both, asked.at, asked.len);
	both[asked.len] = '\n';
	return needs_are_met(s->needs, rule,
			     (struct slice){ both, asked.len + 1 + decode_unescape(peek->format, raw, both + asked.len + 1) },
			     true);
}

static void try_rule(const struct scanner *s, struct batch *b, struct kept *kept, unsigned rule)
{
	struct hit hit;

	b->tries++;
	if (ruleset_try(s->content->rules, rule, &kept->record, s->any_logsource, &hit) &&
	    (!hit.limit || limit_is_told(s, b, kept, rule)))
		hits_keep(b, kept, &hit);
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The same, measured. decode_ns: the rule's share of decoding the line. */
static void try_rule_measured(const struct scanner *s, struct batch *b, struct kept *kept, unsigned rule, double decode_ns)
{
	struct try_cost *cost = &s->costs[rule];
	size_t hits = kept->n_hits;
	double start = now_ns();

	try_rule(s, b, kept, rule);
	cost->ns += now_ns() - start + decode_ns;
	cost->tries++;
	cost->hits += kept->n_hits > hits;
}

/* Decodes one line and tries its candidate rules; rules NULL: all. */
static void line_look(const struct scanner *s, struct batch *b, size_t line, const uint64_t *rules,
		      size_t n)
{
	struct arena_mark mark = arena_mark(b->arena);
	struct kept kept = { .line = line };
	double start = s->costs ? now_ns() : 0, decode_ns = 0;

	if (!rules)
		n = ruleset_count(s->content->rules);
	kept.record = (struct record){
		.arena = b->arena, .raw = line_bytes(b, line), .source = b->source, .file = b->file,
		.stream = b->stream_number, .generation = b->generation,
		.original = batch_original(b, line), .offset = b->lines[line].offset,
		.marks = b->lines[line].cut ? RECORD_CUT : 0, .columns = columns_of(b, line),
	};
	pipeline_decode(s->content, b->stream, &kept.record);
	if (s->costs)
		decode_ns = (now_ns() - start) / (double)n;
	for (size_t i = 0; i < n; i++) {
		unsigned rule = rules ? (unsigned)rules[i] : (unsigned)i;

		if (s->costs)
			try_rule_measured(s, b, &kept, rule, decode_ns);
		else
			try_rule(s, b, &kept, rule);
	}
	if (!kept.n_hits) {
		arena_rewind(b->arena, mark);
		return;
	}
	b->kept = mem_grow(b->kept, &b->cap_kept, b->n_kept + 1, sizeof(*b->kept));
	b->kept[b->n_kept++] = kept;
}

static void look_at_all(const struct scanner *s, struct batch *b)
{
	for (size_t line = 0; line < b->n_lines; line++)
		line_look(s, b, line, NULL, 0);
}

/* Does a reason hold of the line's raw bytes? Those of which little is asked come first. */
static bool is_worth_decoding(const struct scanner *s, struct batch *b, size_t line, const uint64_t *candidates, size_t n)
{
	bool escaped = b->peeks[line].flags & PEEK_ESCAPED, worth = false;
	struct arena_mark mark = arena_mark(b->arena);
	struct need_text asked;

	if (b->peeks[line].flags & PEEK_OPAQUE)
		return n > 0;
	need_text_init(&asked, asked_text(b, line));
	for (int asking = 0; asking < 2; asking++)
		for (size_t i = 0; i < n && !worth; i++) {
			unsigned reason = (unsigned)candidates[i];

			worth = prefilter_asks(s->prefilter, reason) == asking && prefilter_allows(s->prefilter, reason, &asked) &&
				needs_allow(s->needs, prefilter_rule(s->prefilter, reason), asked.text, escaped);
		}
	arena_rewind(b->arena, mark);
	return worth;
}

/*
 * From the reasons of a line to its rules, each once; they stand in the same place. When a line is decoded, to try a rule is
 * cheaper than to ask whether it may match.
 */
static size_t rules_of(const struct scanner *s, uint64_t *candidates, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned rule = prefilter_rule(s->prefilter, (unsigned)candidates[i]);

		if (!kept || candidates[kept - 1] != rule)
			candidates[kept++] = rule;
	}
	return kept;
}

static void look_at_candidates(const struct scanner *s, struct batch *b)
{
	for (size_t at = 0, n; at < b->n_candidates; at += n) {
		uint64_t *candidates = b->candidates + at;
		size_t line = *candidates >> 32;

		for (n = 1; at + n < b->n_candidates && candidates[n] >> 32 == line;)
			n++;
		if (is_worth_decoding(s, b, line, candidates, n))
			line_look(s, b, line, candidates, rules_of(s, candidates, n));
	}
}

void scanner_look(const struct scanner *s, struct prefilter_scratch *scratch, struct batch *b)
{
	struct place place = { b, 0 };

	b->peeks = mem_grow(b->peeks, &b->cap_peeks, b->n_lines + 1, sizeof(*b->peeks));
	for (size_t i = 0; i < b->n_lines; i++)
		decode_peek(b->stream, columns_of(b, i), line_bytes(b, i), &b->peeks[i]);
	texts_settle(s, scratch, b);
	if (!s->prefilter) {
		look_at_all(s, b);
		return;
	}
	prefilter_scan(s->prefilter, scratch, (struct slice){ b->bytes, b->len }, on_candidate, &place);
	escaped_scan(s, scratch, b);
	joined_scan(s, b);
	names_scan(s, scratch, b);
	candidates_everywhere(s, b);
	candidates_sort(b);
	look_at_candidates(s, b);
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
			pipeline_sample(pipeline, b->stream, columns_of(b, line), line_bytes(b, line));
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
