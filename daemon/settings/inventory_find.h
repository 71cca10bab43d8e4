#ifndef SOKUHO_SETTINGS_INVENTORY_FIND_H
#define SOKUHO_SETTINGS_INVENTORY_FIND_H

#include "settings/inventory.h"

/* The tables behind the look-ups of inventory.h. Of use to inventory.c only. */

/* Built from the arrays, in place of what was there; call it whenever they have changed. */
void inventory_index_build(struct inventory *inventory);
void inventory_index_free(struct inventory_index *index);

#endif
