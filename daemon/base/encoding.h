#ifndef SOKUHO_BASE_ENCODING_H
#define SOKUHO_BASE_ENCODING_H

#include "base/mem.h"
#include "base/str.h"

/*
 * Bytes of logs to UTF-8. What is UTF-8 already costs one pass and no copy. A byte that cannot be read becomes U+FFFD
 * and is counted; the caller keeps the bytes as they were for the evidence.
 */
enum encoding {
	ENCODING_AUTO,			/* decided for each line: mixed files happen */
	ENCODING_UTF8,
	ENCODING_CP932,			/* Shift_JIS with what Windows added */
	ENCODING_EUC_JP,
	ENCODING_ISO_2022_JP,
	ENCODING_UTF16LE,
	ENCODING_UTF16BE,
	N_ENCODINGS
};

/* Names as in the settings, any case; false when unknown. */
bool encoding_parse(const char *name, enum encoding *out);
const char *encoding_name(enum encoding encoding);
/* Names of all, in order; NULL at the end. */
extern const char *const encoding_names[];

/* Of one line that is not UTF-16. before: what the last line was that left no doubt (ENCODING_AUTO: none). */
enum encoding encoding_guess(struct slice line, enum encoding before);

/*
 * How lines end: ENCODING_UTF16LE or _BE for such bytes, else ENCODING_UTF8. head: the first bytes of the stream;
 * known: as configured.
 */
enum encoding encoding_framing(enum encoding known, struct slice head);
/* Where the end of the first line begins, and how long it is; SIZE_MAX when there is none. len counts whole units. */
size_t encoding_line_end(enum encoding framing, const char *bytes, size_t len, size_t *end_len);
/* How many bytes are whole lines, with their ends; 0 when no line ends there. */
size_t encoding_whole_lines(enum encoding framing, const char *bytes, size_t len);
/* A line without the CR at its end. */
struct slice encoding_without_cr(enum encoding framing, struct slice line);

/* Handles of iconv; one for each thread. */
struct transcoder;
struct transcoder *transcoder_new(void);
void transcoder_free(struct transcoder *transcoder);

struct decoding {
	enum encoding encoding;		/* configured, or ENCODING_AUTO */
	enum encoding before;		/* auto: carried from line to line of a stream */
	enum encoding framing;		/* of the stream */
};
/* So many bytes to begin with are ASCII: lines in them encoding_decode() gives back as they are. */
size_t encoding_plain_run(const struct decoding *decoding, struct slice bytes);
/* A line as UTF-8: `line` itself, or a copy in arena. repairs is added to. A byte order mark in front is dropped. */
struct slice encoding_decode(struct transcoder *transcoder, struct decoding *decoding, struct slice line,
			     struct arena *arena, uint64_t *repairs);

#endif
