#ifndef SOKUHO_DECODE_PRODUCT_H
#define SOKUHO_DECODE_PRODUCT_H

#include "model/record.h"
#include "settings/yaml.h"

/*
 * What a product's records mean, as data (rules/README.md describes the files). Operations are a closed list:
 * known by (program, format, line, fields), constants, map of names, patterns with named groups,
 * cases, verdict words, logsources.
 */
struct product;

struct product *product_load(const struct yaml *yaml, const struct node *root,
			     struct problems *problems);
void product_free(struct product *product);
const char *product_name(const struct product *product);
/* Why the record is not the product's: for each entry of `when` a fault that stands at the sample. */
void product_refuses(const struct product *product, const struct record *record, const struct node *sample,
		     struct problems *problems);
/*
 * What a record whose verdict a later line may settle has in common with that line (`settles`), behind the product's name;
 * false: nothing. The line that settles has the field SETTLES.
 */
#define SETTLES "event.settles"
bool product_settle_key(const struct product *product, const struct record *record, struct text *key, int64_t *within);
void product_apply(const struct product *product, struct record *record);
/* Does it leave entities to the names of words.yaml and to the shapes of words? */
bool product_fills(const struct product *product);
const struct logsource *product_logsources(const struct product *product, size_t *n);
const struct node *product_samples(const struct product *product, const struct yaml **yaml);

/* words.yaml: the same fields for products that nobody described. */
struct words;
struct words *words_load(const struct yaml *yaml, const struct node *root,
			 struct problems *problems);
void words_free(struct words *words);
void words_apply(const struct words *words, struct record *record);
/* The entities alone, where the record has none. */
void words_fill(const struct words *words, struct record *record);

/* logsource.yaml: further triples. */
struct sources;
struct sources *sources_load(const struct yaml *yaml, const struct node *root,
			     struct problems *problems);
void sources_free(struct sources *sources);
/* Before anything is wanted. */
void sources_add_product(struct sources *sources, const char *product);
void sources_want(struct sources *sources, const struct logsource *wanted);
/* Only rows that give what was wanted. */
void sources_apply(const struct sources *sources, struct record *record);
void sources_apply_all(const struct sources *sources, struct record *record);
bool logsource_fits(const struct logsource *want, const struct logsource *have);
const struct logsource *sources_all(const struct sources *sources, size_t *n);

#endif
