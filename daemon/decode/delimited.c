/*
 * Lines of cells between delimiters, as ledgers and exports are written; the source names the columns. A cell may stand
 * in double quotes, and then hold delimiters. Cells are bytes of the line: nothing is unescaped, "" inside quotes stays.
 * The time is the first cell that is one, or two cells with a date and a time. A line that repeats the names is a header.
 */
#include "decode/format.h"

#include <string.h>

#define STAMP_CELLS 40		/* that are looked at for a time */
#define STAMP_MAX 48

/* The cell at *at, without its quotes; *at moves behind its delimiter, beyond text.len after the last. */
static struct slice take_cell(struct slice text, char delimiter, size_t *at)
{
	size_t start = *at, end;

	if (start < text.len && text.at[start] == '"') {
		for (end = start + 1; (end = slice_find_byte(text, '"', end)) + 1 < text.len; end++)
			if (text.at[end + 1] == delimiter)
				break;
			else
				end += text.at[end + 1] == '"';
		*at = end + 2;
		return slice_cut(text, start + 1, end);
	}
	end = slice_find_byte(text, delimiter, start);
	*at = end + 1;
	return slice_trim(slice_cut(text, start, end));
}

/* Do the first cells repeat the names of the columns? */
static bool is_header(const struct record_columns *columns, struct slice text)
{
	size_t at = 0;

	for (size_t i = 0; i < columns->names->n && i < 2; i++)
		if (at > text.len || !slice_is_nocase(take_cell(text, columns->delimiter, &at), columns->names->at[i]))
			return false;
	return true;
}

/* A date and a time in two cells: as one text. */
static bool stamp_of_two(struct slice date, struct slice time, struct stamp *out)
{
	char both[STAMP_MAX + 1];

	if (!date.len || !time.len || date.len + time.len + 1 > STAMP_MAX)
		return false;
	memcpy(both, date.at, date.len);
	both[date.len] = ' ';
	memcpy(both + date.len + 1, time.at, time.len);
	return stamp_parse((struct slice){ both, date.len + 1 + time.len }, out) && out->used > date.len;
}

static bool find_stamp(struct slice text, char delimiter, struct stamp *out)
{
	struct slice before = SLICE("");
	size_t at = 0;

	for (int i = 0; i < STAMP_CELLS && at <= text.len; i++) {
		struct slice cell = take_cell(text, delimiter, &at);

		if (stamp_of_two(before, cell, out) || (cell.len <= STAMP_MAX && stamp_parse(cell, out) && out->used == cell.len))
			return true;
		before = cell;
	}
	return false;
}

static bool delimited_head(struct record *r, struct slice text, struct head *head)
{
	if (!r->columns || slice_find_byte(text, r->columns->delimiter, 0) == text.len)
		return false;
	if (!head->has_stamp)
		head->has_stamp = find_stamp(text, r->columns->delimiter, &head->stamp);
	r->message = text;
	return true;
}

static void delimited_fields(struct record *r)
{
	const struct record_columns *columns = r->columns;
	size_t at = 0;

	if (is_header(columns, r->message))
		return;
	for (size_t i = 0; i < columns->names->n && at <= r->message.len; i++) {
		struct slice cell = take_cell(r->message, columns->delimiter, &at);

		if (cell.len)
			record_add(r, slice_of(columns->names->at[i]), cell, VALUE_STRING, false);
	}
}

const struct format delimited_format = { "delimited", true, NULL, NULL, 0, NULL, NULL, delimited_head, delimited_fields };
