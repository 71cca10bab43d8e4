/*
 * Looking at lines by the block. Every line pays for its head and for the block scan of the prefilter; only a
 * candidate, a line in which a rule's literals stand, is decoded, and only its candidate rules are tried.
 */
#include "batch.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS_MAX 16

/* Places come in order, or nearly: so a candidate finds its own place here, and the doubles are seen. */
static void candidate_add(struct batch *b, size_t line, unsigned reason)
{
	uint64_t candidate = (uint64_t)line << 32 | reason;
	size_t at = b->n_candidates, first = at > STEPS_MAX ? at - STEPS_MAX : 0;

	while (at > first && b->candidates[at - 1] > candidate)
		at--;
	if (at && b->candidates[at - 1] == candidate)
		return;
	if (at && b->candidates[at - 1] > candidate)
		at = b->n_candidates;		/* too far: sorted_once() brings it there */
	b->candidates = mem_grow(b->candidates, &b->cap_candidates, b->n_candidates + 1,
				 sizeof(*b->candidates));
	memmove(b->candidates + at + 1, b->candidates + at, (b->n_candidates - at) * sizeof(*b->candidates));
	b->candidates[at] = candidate;
	b->n_candidates++;
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

/* From `from` on what is in order; where that ends. */
static size_t run_end(const uint64_t *at, size_t n, size_t from)
{
	while (from < n && (from + 1 == n || at[from] <= at[from + 1]))
		from++;
	return from < n ? from + 1 : n;
}

/* Sorted, each once; returns how many these are. Runs that are in order already are merged two by two: there are few. */
static size_t sorted_once(uint64_t *at, size_t n)
{
	uint64_t *spare = run_end(at, n, 0) < n ? mem_zalloc(n * sizeof(*spare)) : NULL;
	size_t kept = 0;

	while (run_end(at, n, 0) < n) {
		for (size_t from = 0, to; from < n; from = to) {
			size_t middle = run_end(at, n, from), a = from, b = middle;

			to = run_end(at, n, middle);
			for (size_t i = from; i < to; i++)
				spare[i] = a < middle && (b == to || at[a] <= at[b]) ? at[a++] : at[b++];
		}
		memcpy(at, spare, n * sizeof(*at));
	}
	free(spare);
	for (size_t i = 0; i < n; i++)
		if (!kept || at[kept - 1] != at[i])
			at[kept++] = at[i];
	return kept;
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
		struct slice raw = batch_line(b, line), text;
		struct arena_mark mark;
		char *room;

		if (!(b->peeks[line].flags & PEEK_OPAQUE) && !(b->peeks[line].flags & PEEK_ESCAPED && n_patterns))
			continue;
		mark = arena_mark(b->arena);
		room = arena_alloc(b->arena, DECODE_UNESCAPED_MAX(raw.len));
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
		const struct record_columns *columns = batch_columns(b, line);

		if (columns && columns != before) {
			b->n_named = 0;
			prefilter_scan(s->prefilter, scratch, columns->text, on_name, b);
			b->n_named = sorted_once(b->named, b->n_named);
		}
		before = columns;
		for (size_t i = 0; b->peeks[line].flags & PEEK_CELLS && i < b->n_named; i++)
			candidate_add(b, line, (unsigned)b->named[i]);
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
		struct slice text = batch_line(b, line);

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
	struct slice raw = batch_line(b, line);
	const struct record_columns *columns;
	char *both;

	if (!(b->peeks[line].flags & PEEK_CELLS))
		return raw;
	columns = batch_columns(b, line);
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
	both = arena_alloc(b->arena, asked.len + 1 + DECODE_UNESCAPED_MAX(raw.len));
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
static void line_look(const struct scanner *s, struct batch *b, size_t line, const unsigned *rules, size_t n)
{
	struct arena_mark mark = arena_mark(b->arena);
	struct kept kept = { .line = line };
	double start = s->costs ? now_ns() : 0, decode_ns = 0;
	bool identified = false;

	if (!rules)
		n = ruleset_count(s->content->rules);
	kept.record = (struct record){
		.arena = b->arena, .raw = batch_line(b, line), .source = b->source, .file = b->file,
		.stream = b->stream_number, .generation = b->generation,
		.original = batch_original(b, line), .offset = b->lines[line].offset,
		.marks = b->lines[line].cut ? RECORD_CUT : 0, .columns = batch_columns(b, line),
	};
	pipeline_decode(s->content, b->stream, &b->peeks[line], &kept.record);
	if (s->costs)
		decode_ns = (now_ns() - start) / (double)n;
	for (size_t i = 0; i < n; i++) {
		unsigned rule = rules ? rules[i] : (unsigned)i;

		if (!identified && rule_asks_identity(ruleset_rule(s->content->rules, rule))) {
			pipeline_identify(s->content, &kept.record);
			identified = true;
		}
		if (s->costs)
			try_rule_measured(s, b, &kept, rule, decode_ns);
		else
			try_rule(s, b, &kept, rule);
	}
	if (!kept.n_hits) {
		arena_rewind(b->arena, mark);
		return;
	}
	if (!identified)
		pipeline_identify(s->content, &kept.record);
	b->kept = mem_grow(b->kept, &b->cap_kept, b->n_kept + 1, sizeof(*b->kept));
	b->kept[b->n_kept++] = kept;
}

static void look_at_all(const struct scanner *s, struct batch *b)
{
	for (size_t line = 0; line < b->n_lines; line++)
		line_look(s, b, line, NULL, 0);
}

static void rule_insert(struct batch *b, unsigned rule)
{
	size_t at = b->n_rules;

	while (at && b->rules[at - 1] > rule)
		at--;
	if (at && b->rules[at - 1] == rule)
		return;
	b->rules = mem_grow(b->rules, &b->cap_rules, b->n_rules + 1, sizeof(*b->rules));
	memmove(b->rules + at + 1, b->rules + at, (b->n_rules - at) * sizeof(*b->rules));
	b->rules[at] = rule;
	b->n_rules++;
}

/* A line with candidates: is it to be decoded? */
struct asked_line {
	const struct scanner *scanner;
	struct batch *batch;
	struct slice text;
	bool escaped, worth;
};

/* A pattern that the rule needs is asked for only where no other rule wants the line. */
static bool on_rule(void *context, unsigned rule)
{
	struct asked_line *line = context;

	line->worth = line->worth || needs_allow(line->scanner->needs, rule, line->text, line->escaped);
	if (line->worth)
		rule_insert(line->batch, rule);
	return line->worth;
}

/* Finds the rules that may match in a line, each once and in order. Those of which little is asked come first: others may be spared it. */
static void rules_find(const struct scanner *s, struct prefilter_scratch *scratch, struct batch *b, size_t line, const uint64_t *candidates,
		       size_t n)
{
	uint8_t flags = b->peeks[line].flags;
	struct asked_line asked = { s, b, asked_text(b, line), flags & PEEK_ESCAPED, flags & PEEK_OPAQUE };

	b->n_rules = 0;
	prefilter_ask(scratch, asked.text);
	for (int little = 1; little >= 0; little--)
		for (size_t i = 0; i < n; i++) {
			unsigned reason = (unsigned)candidates[i];
			enum prefilter_asking asking = flags & PEEK_OPAQUE ? PREFILTER_TAKE : asked.worth ? PREFILTER_ASK_DEAR : PREFILTER_ASK;

			if (prefilter_asks_little(s->prefilter, reason) == little)
				prefilter_rules(s->prefilter, scratch, reason, asking, on_rule, &asked);
		}
}

static void look_at_candidates(const struct scanner *s, struct prefilter_scratch *scratch, struct batch *b)
{
	for (size_t at = 0, n; at < b->n_candidates; at += n) {
		const uint64_t *candidates = b->candidates + at;
		size_t line = *candidates >> 32;
		struct arena_mark mark = arena_mark(b->arena);

		for (n = 1; at + n < b->n_candidates && candidates[n] >> 32 == line;)
			n++;
		rules_find(s, scratch, b, line, candidates, n);
		arena_rewind(b->arena, mark);
		if (b->n_rules)
			line_look(s, b, line, b->rules, b->n_rules);
	}
}

void scanner_look(const struct scanner *s, struct prefilter_scratch *scratch, struct batch *b)
{
	struct place place = { b, 0 };

	b->peeks = mem_grow(b->peeks, &b->cap_peeks, b->n_lines + 1, sizeof(*b->peeks));
	for (size_t i = 0; i < b->n_lines; i++)
		decode_peek(b->stream, batch_columns(b, i), batch_line(b, i), &b->peeks[i]);
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
	b->n_candidates = sorted_once(b->candidates, b->n_candidates);	/* by line, then by reason */
	look_at_candidates(s, scratch, b);
}
