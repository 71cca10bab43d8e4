/*
 * Open addressing over an array of entries in order of insertion: slots hold indexes
 * into it, removed entries stay as holes until the next growth.
 */
#include "base/map.h"

#include "base/mem.h"

#include <stdlib.h>

struct entry {
	char *key;
	size_t len;
	uint64_t hash;
	void *value;
};

struct map {
	struct entry *entries;
	size_t n, cap, live;
	uint32_t *slots;		/* 0 free, else index + 1 */
	size_t n_slots;
};

uint64_t hash_bytes(struct slice bytes)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < bytes.len; i++)
		h = (h ^ (unsigned char)bytes.at[i]) * 1099511628211u;
	return h;
}

/* fold: bits that do not count. */
static inline uint64_t hash_words(struct slice bytes, uint64_t fold)
{
	uint64_t h = 1469598103934665603u ^ bytes.len, word;

	for (size_t i = 0; i < bytes.len; i += sizeof(word)) {
		size_t left = bytes.len - i;

		word = 0;
		if (left >= sizeof(word))
			memcpy(&word, bytes.at + i, sizeof(word));
		else if (i)
			memcpy(&word, bytes.at + bytes.len - sizeof(word), sizeof(word));	/* the last ones once more */
		else
			for (size_t k = 0; k < left; k++)
				word |= (uint64_t)(unsigned char)bytes.at[k] << 8 * k;
		h = (h ^ (word | fold)) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	return h;
}

/* Letters lose their case, and some other bytes become equal, which a table survives. */
uint64_t hash_bytes_nocase(struct slice bytes)
{
	return hash_words(bytes, UINT64_C(0x2020202020202020));
}

struct map *map_new(void)
{
	return mem_zalloc(sizeof(struct map));
}

void map_free(struct map *map, void (*free_value)(void *))
{
	if (!map)
		return;
	for (size_t i = 0; i < map->n; i++) {
		if (map->entries[i].key && free_value)
			free_value(map->entries[i].value);
		free(map->entries[i].key);
	}
	free(map->entries);
	free(map->slots);
	free(map);
}

static struct entry *map_entry(const struct map *map, struct slice key, uint64_t hash)
{
	if (!map->n_slots)
		return NULL;
	for (size_t i = hash & (map->n_slots - 1); map->slots[i]; i = (i + 1) & (map->n_slots - 1)) {
		struct entry *entry = &map->entries[map->slots[i] - 1];

		if (entry->key && entry->hash == hash &&
		    slice_equal((struct slice){ entry->key, entry->len }, key))
			return entry;
	}
	return NULL;
}

static void map_rebuild(struct map *map)
{
	size_t kept = 0;

	for (size_t i = 0; i < map->n; i++)
		if (map->entries[i].key)
			map->entries[kept++] = map->entries[i];
	map->n = kept;
	free(map->slots);
	map->n_slots = 16;
	while (map->n_slots < (map->live + 1) * 3)
		map->n_slots *= 2;
	map->slots = mem_zalloc(map->n_slots * sizeof(*map->slots));
	for (size_t i = 0; i < map->n; i++) {
		size_t at = map->entries[i].hash & (map->n_slots - 1);

		while (map->slots[at])
			at = (at + 1) & (map->n_slots - 1);
		map->slots[at] = (uint32_t)i + 1;
	}
}

struct slice map_add(struct map *map, struct slice key, void *value)
{
	uint64_t hash = hash_words(key, 0);
	char *kept = mem_strndup(key.at, key.len);
	size_t at;

	if ((map->n + 1) * 2 > map->n_slots)
		map_rebuild(map);
	map->entries = mem_grow(map->entries, &map->cap, map->n + 1, sizeof(*map->entries));
	map->entries[map->n] = (struct entry){ kept, key.len, hash, value };
	at = hash & (map->n_slots - 1);
	while (map->slots[at])
		at = (at + 1) & (map->n_slots - 1);
	map->slots[at] = (uint32_t)++map->n;
	map->live++;
	return (struct slice){ kept, key.len };
}

void *map_put(struct map *map, struct slice key, void *value)
{
	struct entry *entry = map_entry(map, key, hash_words(key, 0));
	void *old;

	if (!entry) {
		map_add(map, key, value);
		return NULL;
	}
	old = entry->value;
	entry->value = value;
	return old;
}

void *map_get(const struct map *map, struct slice key)
{
	struct entry *entry = map ? map_entry(map, key, hash_words(key, 0)) : NULL;

	return entry ? entry->value : NULL;
}

void *map_remove(struct map *map, struct slice key)
{
	struct entry *entry = map_entry(map, key, hash_words(key, 0));

	if (!entry)
		return NULL;
	free(entry->key);
	entry->key = NULL;
	map->live--;
	return entry->value;
}

size_t map_count(const struct map *map)
{
	return map->live;
}

bool map_next(const struct map *map, size_t *cursor, struct slice *key, void **value)
{
	while (*cursor < map->n) {
		struct entry *entry = &map->entries[(*cursor)++];

		if (!entry->key)
			continue;
		if (key)
			*key = (struct slice){ entry->key, entry->len };
		if (value)
			*value = entry->value;
		return true;
	}
	return false;
}
