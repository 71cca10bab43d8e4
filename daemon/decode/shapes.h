#ifndef SOKUHO_DECODE_SHAPES_H
#define SOKUHO_DECODE_SHAPES_H

#include "model/record.h"

/*
 * Adds what the cells of a list without names are by their shape, of at least five between tabs, commas or bars: normalised fields, and
 * cell.word and cell.sentence (what stands last comes first). False: it is no such list, or nobody and nothing is named in it.
 */
bool shapes_read(struct record *record, struct slice text);
/*
 * Of a text of which something is known: the terminal, the file on a drive and the two ends that stand in it, where the record has none.
 */
void shapes_fill(struct record *record, struct slice text);
/* The fields that it may add; NULL at the end. Their values are pieces of the line. */
const char *const *shapes_give(void);

#endif
