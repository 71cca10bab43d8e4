#ifndef SOKUHO_DECODE_FORMAT_H
#define SOKUHO_DECODE_FORMAT_H

#include "decode/stamp.h"
#include "model/record.h"

/* What a head found besides what it writes into the record. */
struct head {
	struct stamp stamp;
	bool has_stamp;
	bool names;			/* the line holds names of columns: it is no record of anything */
	bool peek;			/* only time and format are asked for: host may stay empty */
};

/*
 * One format. Add a format: write one file, add one row in format.c.
 * head: does text look like it? Cheap; sets record->message/host/program and head->stamp.
 * fields: decode record->message completely; called only when head said yes.
 */
struct format {
	const char *name;
	bool structured;		/* its fields have names: word lists apply */
	const char *holds;		/* what every line of it holds; NULL: nothing in particular */
	const char *const *gives;	/* the fields whose names do not stand in its lines; NULL at the end */
	/*
	 * How a value may be spelled otherwise in the line. escape: the byte that begins an escape (0: none); a byte that is
	 * escaped by a backslash must be in `spellings` of match/needs.c. Where an escape may stand for any byte
	 * (escape_is_opaque; line.at[at] is the escape), unescape writes the whole line with its escapes undone, at most
	 * DECODE_UNESCAPED_MAX bytes: every decoded value must be a piece of the line or of this.
	 */
	char escape;
	bool (*escape_is_opaque)(struct slice line, size_t at);
	size_t (*unescape)(struct slice text, char *out);
	bool (*head)(struct record *record, struct slice text, struct head *head);
	void (*fields)(struct record *record);
};

/* Forgets a header. One by one: to copy what has just been written in halves stops the processor, and every line comes here. */
static inline void head_forget(struct record *r)
{
	r->host = SLICE("");
	r->program = SLICE("");
	r->pid = SLICE("");
	r->structured = SLICE("");
}

extern const struct format syslog_format, json_format, cef_format, leef_format, access_format, audit_format, modsec_format,
	aide_format, kv_format, xml_format, tsv_format, delimited_format, text_format;

#define FORMATS 13

/* Names of columns as lines of a stream gave them. What was given stays until the end of the stream. */
#define HEADERS_MAX 64
#define HEADER_BYTES_MAX 65536
struct header {
	struct strlist names;
	struct text text;
	struct record_columns columns;
};
struct headers {
	struct header *at[HEADERS_MAX];
	size_t n;
	const struct record_columns *now;
	bool tells;			/* the file begins with a line that tells of it: others of the kind are heard */
	bool local;			/* the file says that its times are local */
};
/* Is it a line that tells of its file? */
bool headers_know(struct slice line);
/* Does this line name the columns of those that follow? Then it returns them, else NULL. first: it may do so without a sign. */
const struct record_columns *headers_take(struct headers *headers, struct slice line, bool first);
void headers_clear(struct headers *headers);

/* A format with records of several lines: frame.c lists it by the first byte of such a record. */
enum frame_step {
	FRAME_NO,
	FRAME_DOUBT,			/* only if a later line is the last of it */
	FRAME_MORE,
	FRAME_LAST,
};
struct framing {
	const struct format *format;
	bool (*begins)(struct slice first);
	/* Does this line belong to the record that `first` began, and does it end it? */
	enum frame_step (*goes_on)(struct slice first, struct slice line);
};
/* Does the line begin as a whole record of its own, with a time, as an access log or as JSON? No open record takes it then for certain. */
bool line_is_anothers(struct slice line);
extern const struct framing audit_framing, modsec_framing, aide_framing, xml_framing, json_framing;

const struct format *format_find(const char *name);
/* The inner formats that the text behind a header may be of, by its first byte, in the order in which they are tried. */
const struct format *const *format_inner(struct slice text, size_t *n);

/* As decode_format_number(). */
unsigned format_number(const struct format *format);
const struct format *format_numbered(unsigned number);	/* from 1 */

/* Pairs anywhere in a text into fields; with quotes or without. */
void kv_pairs(struct record *record, struct slice text);
/* The same of a text in which words come first, and then at least three pairs; false, and none, where that is not so. */
bool kv_pairs_behind_words(struct record *record, struct slice text);

/* 0 to 15; -1: no hexadecimal digit. */
static inline int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* %41 to A, once; + stays. At most in.len bytes; out may be the same memory. */
size_t percent_undo(struct slice in, char *out);

/* A character as UTF-8, at most four bytes; returns how many. */
size_t utf8_put(long code, char *out);

/* Flatten a JSON text into fields below prefix (empty: none); sets marks. False: no JSON. */
bool json_flatten(struct record *record, struct slice text, struct slice prefix);
#endif
