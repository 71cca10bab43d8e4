#ifndef SOKUHO_COLUMNS_H
#define SOKUHO_COLUMNS_H

#include "decode/decode.h"
#include "input/input.h"

/*
 * For a line from the middle of a file, packed or not: what the lines before it, in the first 16 MiB, say of its columns, as
 * if they had been read for the first time.
 */
void columns_learn(struct stream *stream, const struct input_line *line);

#endif
