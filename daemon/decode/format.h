#ifndef SOKUHO_DECODE_FORMAT_H
#define SOKUHO_DECODE_FORMAT_H

#include "decode/stamp.h"
#include "model/record.h"

/* What a head found besides what it writes into the record. */
struct head {
	struct stamp stamp;
	bool has_stamp;
};

/*
 * One format. Add a format: write one file, add one row in format.c.
 * head: does text look like it? Cheap; sets record->message/host/program and head->stamp.
 * fields: decode record->message completely; called only when head said yes.
 */
struct format {
	const char *name;
	bool (*head)(struct record *record, struct slice text, struct head *head);
	void (*fields)(struct record *record);
};

extern const struct format syslog_format, json_format, cef_format, access_format, text_format;

const struct format *format_find(const char *name);
/* The inner formats in the order in which they are tried. */
const struct format *const *format_inner(size_t *n);

/* Flatten a JSON text into fields below prefix (empty: none); sets marks. False: no JSON. */
bool json_flatten(struct record *record, struct slice text, struct slice prefix);
/* Value of a member of the outermost object, unescaped only of \/; false when absent. */
bool json_peek(struct slice object, const char *key, struct slice *value);

#endif
