#ifndef SOKUHO_DECODE_DECODE_H
#define SOKUHO_DECODE_DECODE_H

#include "base/clock.h"
#include "base/problem.h"
#include "decode/stamp.h"
#include "model/record.h"

/*
 * Bytes to records, in three steps (design section 3): frame (the caller cuts lines), head (format,
 * time, host, program; for every record, in order) and fields (everything). Formats are C, products
 * are data below DATA/decode.
 */
struct decoder;

/* Loads DATA/decode/\*.yaml. NULL after errors, which are in problems. */
struct decoder *decoder_load(const char *data_directory, struct problems *problems);
void decoder_free(struct decoder *decoder);

/* What one stream carries from line to line. */
struct stream;
/*
 * format: "auto" or a format's name (NULL: auto). zone: of the source. as_of: the latest possible time
 * of a yearless line. logsource: configured for the source; members may be NULL.
 */
struct stream *stream_new(const char *format, const struct zone *zone, int64_t as_of,
			  struct logsource logsource);
/* For the format `delimited`. names is a loan. */
void stream_set_columns(struct stream *stream, const struct strlist *names, char delimiter);
/* What cuts the lines that come now into cells; NULL: nothing. It stays as long as the stream. */
const struct record_columns *stream_columns(const struct stream *stream);
/*
 * In the order of the stream: a line that names the columns of those behind it (format tsv). Returns them, or NULL for other
 * lines. first: the first line of the file. Only where it tells of its file others are heard, for anybody may write such a line
 * into a log; where the format is configured it may name the columns without a sign.
 */
const struct record_columns *stream_read_header(struct stream *stream, struct slice line, bool first);
/* May a line behind the first still name columns? */
bool stream_hears(const struct stream *stream);
void stream_free(struct stream *stream);
void stream_set_as_of(struct stream *stream, int64_t as_of);

/*
 * Records of several lines: those of auditd with one serial, an audit entry of ModSecurity, a report of AIDE, an XML event or
 * JSON text written over several lines. text begins at a line; how many bytes of it are one record, with the end of its last
 * line; 0 when its first line is not of that kind (or not finished). *more: its lines besides the first. *open: what follows
 * behind the text may still belong to it. final: nothing follows, and a last line counts without its end. only: the format of the source, or NULL.
 */
size_t decode_frame(const char *only, struct slice text, bool final, uint32_t *more, bool *open);

/*
 * What the head of a line says, found without regard to the lines before it, so that the lines of a block
 * can be looked at in any order and by any thread.
 */
enum {
	PEEK_ESCAPED = 1 << 0,		/* its format escapes, and an escape is there */
	PEEK_OPAQUE = 1 << 1,		/* an escape that may spell any byte: see decode_unescape() */
	PEEK_MAYBE_TEXT = 1 << 2,	/* not recognised, but decode data may know the text */
	PEEK_NAMES = 1 << 3,		/* names of columns: neither dated nor undated */
	PEEK_CELLS = 1 << 4,		/* cells: the names of its fields stand elsewhere, in stream_columns() */
	PEEK_SYSLOG = 1 << 5,		/* a header of syslog stands in front */
};
struct peek {
	struct stamp_packed stamp;
	uint8_t format;			/* 0: not recognised; else 1 + place in decode_formats() */
	uint8_t flags;
};
void decode_peek(const struct stream *stream, const struct record_columns *columns, struct slice raw, struct peek *out);
/*
 * With PEEK_ESCAPED: the line with all escapes undone; out has room for DECODE_UNESCAPED_MAX bytes, the length is returned (0 where the
 * format cannot say; with PEEK_OPAQUE it can). Every decoded value is a piece of the line (with its other escapes) or of
 * this. format as in the peek.
 */
#define DECODE_UNESCAPED_MAX(len) (3 * (len) + 3)
size_t decode_unescape(unsigned format, struct slice raw, char *out);
/* With PEEK_MAYBE_TEXT: does decode data know it? Then its format is `text`. */
bool decode_knows_text(const struct decoder *decoder, struct slice raw);
/* The time of the next line of the stream: in order, once for each line. Undated takes that of the line before. */
struct moment {
	int64_t time;
	int utc_offset;
	bool undated, zone_assumed;
};
void decode_date(struct stream *stream, const struct stamp_packed *stamp, struct moment *out);

/*
 * peek and date in one, for one line. raw, arena, source, file, place are set; fills time, host, program, message and format (NULL: not
 * recognised; the line still gives fields). An undated line takes the time of the line before.
 */
void decode_head(const struct decoder *decoder, struct stream *stream, struct record *record);
/* Of a line that was peeked at the same, but for the time and the columns, which stay as they are. */
void decode_head_peeked(const struct peek *peek, struct record *record);
/* Everything else. Returns the products that took it in record->products. */
void decode_fields(const struct decoder *decoder, const struct stream *stream,
		   struct record *record);

/*
 * logsource.yaml has triples that no rule of a set wants. Say which are wanted before lines are read; the others are not looked
 * for, but by decode_all_logsources().
 */
void decoder_want(struct decoder *decoder, const struct logsource *wanted);
void decode_all_logsources(const struct decoder *decoder, struct record *record);

/* Names of all formats, in order; NULL at the end. */
const char *const *decode_formats(void);
bool decode_format_exists(const char *name);
/* 1 + its place in decode_formats(); 0 for NULL. */
unsigned decode_format_number(const char *name);
/*
 * By what a record and the line that settles its verdict know each other (`settles` of decode data): product, host and shared
 * fields. False: its verdict stands. *settles: it is such a line.
 */
bool decode_settle_key(const struct decoder *decoder, const struct record *record, struct text *key, int64_t *within,
		       bool *settles);
/* As the steps of explain: one sentence a line. */
void decode_explain(const struct record *record, struct text *out);

/* Runs every sample of the decode data, or of one product; faults go to problems, *run counts samples. */
void decoder_test(const struct decoder *decoder, const char *product, struct problems *problems, size_t *run);
size_t decoder_products(const struct decoder *decoder);
/* All logsource triples that decode data can give; for `rules coverage`. */
const struct logsource *decoder_logsources(const struct decoder *decoder, size_t *n);

#endif
