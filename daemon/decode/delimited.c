/*
 * Lines of cells between delimiters, as ledgers and exports are written; the source names the columns. A cell may stand
 * in double quotes, and then hold delimiters. Cells are bytes of the line: nothing is unescaped, "" inside quotes stays.
 * A quote that does not end (or ends in a later line: cells of several lines are not read) is no quote, and its line is
 * broken. The time is the first cell that is one, or two cells with a date and a time. A line that repeats the names is a
 * header.
 */
#include "decode/format.h"

#include <string.h>

#define STAMP_CELLS 40		/* that are looked at for a time */
#define STAMP_MAX 48

struct cells {
	struct slice text;
	char delimiter;
	size_t at;		/* of the next; beyond text.len after the last */
	bool broken;		/* a quote did not end */
};

static bool cells_left(const struct cells *c)
{
	return c->at <= c->text.len;
}

/* Where the quote at `at` ends; text.len: nowhere. */
static size_t quote_end(struct slice text, char delimiter, size_t at)
{
	size_t end;

	for (end = at + 1; (end = slice_find_byte(text, '"', end)) + 1 < text.len; end++)
		if (text.at[end + 1] == delimiter)
			break;
		else
			end += text.at[end + 1] == '"';
	return end < text.len ? end : text.len;
}

/* The next cell, without its quotes. */
static struct slice cell_take(struct cells *c)
{
	size_t start = c->at, end;

	if (start < c->text.len && c->text.at[start] == '"') {
		end = quote_end(c->text, c->delimiter, start++);
		c->at = end + 2;
		if (end < c->text.len)
			return slice_cut(c->text, start, end);
		c->broken = true;
	}
	end = slice_find_byte(c->text, c->delimiter, start);
	c->at = end + 1;
	return slice_trim(slice_cut(c->text, start, end));
}

/* Do the first cells repeat the names of the columns? */
static bool is_header(const struct record_columns *columns, struct slice text)
{
	struct cells cells = { text, columns->delimiter, 0, false };

	for (size_t i = 0; i < columns->names->n && i < 2; i++)
		if (!cells_left(&cells) || !slice_is_nocase(cell_take(&cells), columns->names->at[i]))
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
	struct cells cells = { text, delimiter, 0, false };
	struct slice before = SLICE("");

	for (int i = 0; i < STAMP_CELLS && cells_left(&cells); i++) {
		struct slice cell = cell_take(&cells);

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
	head->names = is_header(r->columns, text);
	r->message = text;
	return true;
}

static void delimited_fields(struct record *r)
{
	const struct record_columns *columns = r->columns;
	struct cells cells = { r->message, columns->delimiter, 0, false };

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
