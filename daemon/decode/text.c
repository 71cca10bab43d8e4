/*
 * Plain text with a time in front, such as clamd's own log (`Mon Jun  1 10:00:00 2026 -> ...`) or the error
 * logs of web servers (`[Mon Jun 01 10:00:00.1 2026] [error] ...`).
 */
#include "decode/format.h"

#include <ctype.h>

static bool text_head(struct record *r, struct slice text, struct head *head)
{
	size_t at;

	if (!head->has_stamp) {
		if (!stamp_parse(text, &head->stamp))
			return false;
		if (isdigit((unsigned char)text.at[0]) && head->stamp.used < 14)
			return false;	/* a bare number is not a date here */
		head->has_stamp = true;
		/* names in front of the time belong to the message, and so does the first of several quoted cells */
		at = text.at[0] == '"' || slice_find_byte(slice_cut(text, 0, head->stamp.used), '=', 0) < head->stamp.used ?
			     0 : head->stamp.used;
		while (at < text.len && (text.at[at] == ' ' || text.at[at] == ','))
			at++;
		if (slice_starts(slice_cut(text, at, text.len), SLICE("-> ")))
			at += 3;
		r->message = slice_cut(text, at, text.len);
		return true;
	}
	return false;
}

static void text_fields(struct record *r)
{
	(void)r;			/* patterns of the decode data read the message */
}

const struct format text_format = { "text", false, NULL, NULL, 0, NULL, NULL, text_head, text_fields };
