#ifndef SOKUHO_DECODE_DECODER_DATA_H
#define SOKUHO_DECODE_DECODER_DATA_H

#include "decode/decode.h"
#include "decode/format.h"
#include "decode/takers.h"

/* The insides of the decoder, for decode.c and through.c. */
struct decoder {
	struct yaml **files;
	size_t n_files, cap_files;
	struct product **products;
	size_t n_products, cap_products;
	struct product **settling;	/* those of them with `settles` */
	size_t n_settling;
	struct takers takers[FORMATS + 1];	/* by the number of the format */
	struct words *words;
	struct sources *sources;
	/* of through.c: fields that decode data and formats give, and how; what a line must hold for each (struct need) */
	struct map *origins, *names;
	struct text constants;		/* of through.c: all values of constants, each behind it a newline */
	struct memory *memory;		/* of through.c: answers that were found before; NULL: none are kept */
	bool looked_through;		/* before that only answers of words.yaml alone are kept */
	struct logsource *all;
	size_t n_all;
};

#endif
