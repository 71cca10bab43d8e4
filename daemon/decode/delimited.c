/*
 * Lines of cells between delimiters, as ledgers and exports are written; the source names the columns. A cell may stand
 * in double quotes, and then hold delimiters. Cells are bytes of the line: nothing is unescaped, "" inside quotes stays.
 * A quote that does not end (or ends in a later line: cells of several lines are not read) is no quote, and its line is
 * broken. The time is the first cell that is one, or two cells with a date and a time. A line that repeats the names is a
 * header.
 */
#include "decode/cells.h"
#include "decode/format.h"

/* Do the first cells repeat the names of the columns? */
static bool is_header(const struct record_columns *columns, struct slice text)
{
	struct cells cells = cells_of(columns, text);

	for (size_t i = 0; i < columns->names->n && i < 2; i++)
		if (!cells_left(&cells) || !slice_is_nocase(cell_take(&cells), columns->names->at[i]))
			return false;
	return true;
}

static bool delimited_head(struct record *r, struct slice text, struct head *head)
{
	if (!r->columns || r->columns->header || slice_find_byte(text, r->columns->delimiter, 0) == text.len)
		return false;
	if (!head->has_stamp)
		head->has_stamp = cells_find_stamp(cells_of(r->columns, text), &head->stamp);
	head->names = is_header(r->columns, text);
	r->message = text;
	return true;
}

static void delimited_fields(struct record *r)
{
	const struct record_columns *columns = r->columns;
	struct cells cells = cells_of(columns, r->message);

	if (is_header(columns, r->message))
		return;
	for (size_t i = 0; i < columns->names->n && cells_left(&cells); i++) {
		struct slice cell = cell_take(&cells);

		if (cell.len)
			record_add(r, slice_of(columns->names->at[i]), cell, VALUE_STRING, false);
	}
	if (cells.broken)
		r->marks |= RECORD_BROKEN;
}

const struct format delimited_format = { "delimited", true, NULL, NULL, 0, NULL, NULL, delimited_head, delimited_fields };
