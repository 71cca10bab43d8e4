#ifndef SOKUHO_DECODE_DECODER_DATA_H
#define SOKUHO_DECODE_DECODER_DATA_H

#include "decode/decode.h"
#include "decode/product.h"

/* The insides of the decoder, for decode.c and through.c. */
struct decoder {
	struct yaml **files;
	size_t n_files, cap_files;
	struct product **products;
	size_t n_products, cap_products;
	struct words *words;
	struct sources *sources;
	struct map *origins;		/* fields that decode data sets, and how; of through.c */
	struct logsource *all;
	size_t n_all;
};

#endif
