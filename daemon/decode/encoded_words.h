#ifndef SOKUHO_DECODE_ENCODED_WORDS_H
#define SOKUHO_DECODE_ENCODED_WORDS_H

#include "base/mem.h"
#include "base/str.h"

#define ENCODED_WORD "=?"		/* begins one */
#define SUBJECT "email.subject"		/* the field in which they are undone */

/*
 * RFC 2047: a header as it stands in a mail, as UTF-8 in arena. Words whose charset is not one of encoding.h stay as they are;
 * of one that was cut what is there is read.
 */
struct slice encoded_words_undo(struct slice header, struct arena *arena);

#endif
