#ifndef SOKUHO_DECODE_DECODE_H
#define SOKUHO_DECODE_DECODE_H

#include "base/clock.h"
#include "base/problem.h"
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
void stream_free(struct stream *stream);
void stream_set_as_of(struct stream *stream, int64_t as_of);

/*
 * raw, arena, source, file, place are set; fills time, host, program, message and format (NULL: not
 * recognised; the line still gives fields). An undated line takes the time of the line before.
 */
void decode_head(const struct decoder *decoder, struct stream *stream, struct record *record);
/* Everything else. Returns the products that took it in record->products. */
void decode_fields(const struct decoder *decoder, const struct stream *stream,
		   struct record *record);

/* Names of all formats, in order; NULL at the end. */
const char *const *decode_formats(void);
bool decode_format_exists(const char *name);
/* As the steps of explain: one sentence a line. */
void decode_explain(const struct record *record, struct text *out);

/* Runs every sample of the decode data; faults go to problems, *run counts samples. */
void decoder_test(const struct decoder *decoder, struct problems *problems, size_t *run);
size_t decoder_products(const struct decoder *decoder);
/* All logsource triples that decode data can give; for `rules coverage`. */
const struct logsource *decoder_logsources(const struct decoder *decoder, size_t *n);

#endif
