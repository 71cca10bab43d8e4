#ifndef SOKUHO_DECODE_CELLS_H
#define SOKUHO_DECODE_CELLS_H

#include "decode/stamp.h"
#include "model/record.h"

/* The cells of a line between delimiters. */
struct cells {
	struct slice text;
	char delimiter;
	bool quotes;		/* a cell may stand in double quotes, and then hold delimiters */
	size_t at;		/* of the next; beyond text.len after the last. Begins at 0 */
	bool broken;		/* a quote did not end, and was taken for none */
};

/* Of a line with these columns, at its beginning. Files that name theirs themselves, with tabs, know no quotes (Zeek). */
static inline struct cells cells_of(const struct record_columns *columns, struct slice text)
{
	return (struct cells){ .text = text, .delimiter = columns->delimiter,
			       .quotes = !columns->header || columns->delimiter != '\t' };
}
static inline bool cells_left(const struct cells *cells)
{
	return cells->at <= cells->text.len;
}
/* The next cell, without its quotes; "" inside stays. */
struct slice cell_take(struct cells *cells);
/* The first cell that is a time, or two with a date and a time. cells is a copy, at its beginning. */
bool cells_find_stamp(struct cells cells, struct stamp *out);

#endif
