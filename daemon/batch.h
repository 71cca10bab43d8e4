#ifndef SOKUHO_BATCH_H
#define SOKUHO_BATCH_H

#include "base/encoding.h"
#include "match/prefilter.h"
#include "pipeline.h"

/*
 * A batch is a piece of one stream: whole lines, in order; what decode_frame() joins is one "line". Looking at it (heads, prefilter, fields, rules)
 * needs nothing of the lines before, so any thread may do it; what the lines mean together is told by the
 * pipeline, in order. What a batch keeps are the records that some rule matched.
 */
struct batch_line {
	uint32_t at;			/* in bytes */
	uint32_t len : 31, cut : 1;	/* without the line's end; cut: it was longer than line_max */
	uint64_t offset;		/* of its first byte in the (decompressed) stream */
};

/* A line that stood in other bytes in the file: these are kept for the evidence. */
struct oddity {
	size_t line, at, len;		/* in `originals` */
	uint64_t repairs;		/* bytes that could not be read: each is U+FFFD now */
};

/* A record of several lines (journal entries may hold line ends too: more is 0). */
struct joined {
	size_t line;
	uint32_t more;			/* lines besides the first */
};

/* From this line on other columns hold. */
struct header_line {
	size_t line;
	const struct record_columns *columns;
};

/* A record with hits. */
struct kept {
	size_t line;			/* index of its line in the batch */
	struct record record;		/* without time and line number until batch_date() */
	struct hit *hits;
	size_t n_hits;
	int64_t reached;		/* latest time of the stream up to here */
};

struct batch {
	/* set by who fills it */
	struct stream *stream;
	const char *source, *file;	/* loans */
	uint64_t stream_number, first_line;
	unsigned generation;
	uint64_t offset;		/* of bytes[0] */
	char *bytes;			/* owned */
	size_t len, cap;
	struct batch_line *lines;
	size_t n_lines, cap_lines;
	struct text originals;
	struct oddity *oddities;	/* in the order of lines */
	size_t n_oddities, cap_oddities;
	struct joined *joined;		/* in the order of lines */
	size_t n_joined, cap_joined;
	uint64_t n_more;		/* of all joined */
	const struct record_columns *columns;	/* at its first line; NULL: none */
	struct header_line *headers;	/* in the order of lines */
	size_t n_headers, cap_headers;
	/* set by scanner_look() */
	uint64_t tries;			/* of a rule on a line */
	struct peek *peeks;
	size_t cap_peeks;
	struct kept *kept;
	size_t n_kept, cap_kept;
	/* set by batch_date() */
	int64_t reached;
	struct arena *arena;
	uint64_t *candidates;		/* line << 32 | reason */
	size_t n_candidates, cap_candidates;
	unsigned *rules;		/* of the line that is looked at */
	size_t n_rules, cap_rules;
	uint64_t *named;		/* reasons that names of columns give, each once */
	size_t n_named, cap_named;
};

struct batch *batch_new(void);
void batch_free(struct batch *batch);
/* Empty again; memory is kept. */
void batch_reset(struct batch *batch);
/* Appends one line (a newline is added). original: its bytes as in the file. For callers that get lines one by one. */
void batch_add_line(struct batch *batch, struct slice line, struct slice original, uint64_t repairs, uint64_t offset,
		    bool cut, uint32_t more);
/*
 * Cuts bytes into records at newlines, as encoding_framing() says how they end. cut_last: the last line has no end here, it is
 * longer than line_max. final: nothing follows. Returns how many bytes at the end are a record that is not finished: they are
 * taken off, and must come again with what follows.
 */
size_t batch_split(struct batch *batch, const char *format, enum encoding framing, size_t line_max, bool cut_last, bool final);

/* All lines to UTF-8, each as encoding_decode() does it; then, in the order of the stream, what lines say of columns. */
void batch_decode(struct batch *batch, struct transcoder *transcoder, struct decoding *decoding);
/* As it is looked at, a loan; and what cuts it into cells, NULL: nothing. */
static inline struct slice batch_line(const struct batch *batch, size_t line)
{
	return (struct slice){ batch->bytes + batch->lines[line].at, batch->lines[line].len };
}
const struct record_columns *batch_columns(const struct batch *batch, size_t line);
/* The line's bytes as in the file where they were others, else empty; and how many were replaced. */
struct slice batch_original(const struct batch *batch, size_t line);
uint64_t batch_repairs(const struct batch *batch, size_t line);

/* What trying one rule came to: decoding the line counts, shared by the rules that are tried on it. */
struct try_cost {
	uint64_t tries, hits;
	double ns;
};

/*
 * How lines are looked at: decoder, rules, prefilter. Immutable and shared by threads; a loan of the content's
 * parts. NULL prefilter: every rule is tried on every line, with the same result.
 */
struct scanner {
	const struct content *content;
	const struct needs *needs;	/* of the rules; may be NULL */
	const struct prefilter *prefilter;
	bool any_logsource;
	struct try_cost *costs;		/* by rule; NULL: nobody asks. Of one thread */
};
/* look.c: fills peeks and kept. scratch belongs to the calling thread; NULL without a prefilter. */
void scanner_look(const struct scanner *scanner, struct prefilter_scratch *scratch, struct batch *batch);
/*
 * In the order of the stream: times, line numbers and counts of all lines, and the time of each kept record.
 * reached: latest time of the stream before this batch (TIME_NONE at its start). each may be NULL; lines: how many the record is.
 */
typedef void (*batch_each)(void *context, size_t line, uint32_t lines, const struct peek *peek, const struct moment *moment);
void batch_date(struct batch *batch, struct pipeline *pipeline, int64_t reached, batch_each each, void *context);

#endif
