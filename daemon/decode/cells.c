/* Cells between delimiters, for the formats that have columns. */
#include "decode/cells.h"

#include <string.h>

#define STAMP_CELLS 40		/* that are looked at for a time */
#define STAMP_MAX 48

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

struct slice cell_take(struct cells *c)
{
	size_t start = c->at, end;

	if (c->quotes && start < c->text.len && c->text.at[start] == '"') {
		end = quote_end(c->text, c->delimiter, start++);
		c->at = end + 2;
		if (end < c->text.len)
			return slice_cut(c->text, start, end);
		c->broken = true;
		c->quotes = false;	/* none ends behind it either */
	}
	end = slice_find_byte(c->text, c->delimiter, start);
	c->at = end + 1;
	return slice_trim(slice_cut(c->text, start, end));
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

bool cells_find_stamp(struct cells cells, struct stamp *out)
{
	struct slice before = SLICE("");

	for (int i = 0; i < STAMP_CELLS && cells_left(&cells); i++) {
		struct slice cell = cell_take(&cells);

		if (stamp_of_two(before, cell, out) || (cell.len <= STAMP_MAX && stamp_parse(cell, out) && out->used == cell.len))
			return true;
		before = cell;
	}
	return false;
}
