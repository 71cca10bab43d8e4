#ifndef SOKUHO_DECODE_THROUGH_H
#define SOKUHO_DECODE_THROUGH_H

#include "base/need.h"
#include "decode/decode.h"

/*
 * Looking through the decode data: which bytes of a line can make it say something that does not stand in the line.
 * Every operation of decode data is one of two kinds: it copies bytes of the line (map, named groups, header: a literal
 * passes), or it sets a constant (set, cases, verdict, word lists): then what makes it do so passes in its stead.
 * An operation that does neither would have to be added here as "anything".
 */

/*
 * Can the field (NULL: any field) get a constant that `fits` takes (NULL: takes none)? True: *need is what a line must hold for that
 * (NULL: anything), the caller's to free.
 */
bool decoder_constant(const struct decoder *decoder, const char *field,
		      bool (*fits)(const void *test, struct slice value), const void *test, struct need **need);
/* Can a record get a logsource that fits the wanted one? *need likewise. */
bool decoder_logsource(const struct decoder *decoder, const struct logsource *wanted, struct need **need);
/* All values that decoder_constant() asks about, in one piece. */
struct slice decoder_constants(const struct decoder *decoder);
/*
 * What a line must hold so that its record can have the field at all, or (logged) with a value that is no constant of decode
 * data; NULL: anything. The caller's to free.
 */
struct need *decoder_name(const struct decoder *decoder, const char *field, bool logged);
/* What a text without a head needs so that decode data may know it. The caller's to free. */
struct need *decoder_text(const struct decoder *decoder);

/* For the loader: works out what each product needs to be known, once. */
void decoder_look_through(struct decoder *decoder);
void decoder_look_through_free(struct decoder *decoder);
/* And for its end: what was remembered of it. */
void decoder_forget(struct decoder *decoder);

#endif
