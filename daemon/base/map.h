#ifndef SOKUHO_BASE_MAP_H
#define SOKUHO_BASE_MAP_H

#include "base/str.h"

/*
 * Bytes to pointers. Keys are copied, values are the caller's. Walking goes in the order
 * of insertion, so that output never depends on hashing.
 */
struct map;

struct map *map_new(void);
/* free_value may be NULL. */
void map_free(struct map *map, void (*free_value)(void *));
/* For a key that is not there yet. Returns the map's own copy of it, which lasts as long as the entry. */
struct slice map_add(struct map *map, struct slice key, void *value);
/* Returns the value that stood there before (NULL if none). */
void *map_put(struct map *map, struct slice key, void *value);
void *map_get(const struct map *map, struct slice key);
/* Returns the value that was removed. */
void *map_remove(struct map *map, struct slice key);
size_t map_count(const struct map *map);
/* Start with *cursor = 0; false at the end. key may be NULL. Removing while walking is allowed. */
bool map_next(const struct map *map, size_t *cursor, struct slice *key, void **value);

/* 64 bits, not for untrusted identity, only for tables; of the second only that texts that differ in case alone have the same. */
uint64_t hash_bytes(struct slice bytes);
uint64_t hash_bytes_nocase(struct slice bytes);

#endif
