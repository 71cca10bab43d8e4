/* Paths in order; parts are cut out of the value, only a number is written anew, into the walk itself. */
#include "model/lookup.h"

#include "base/map.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lookup_add(struct lookup *lookup, const char *name, enum part part, const char *word)
{
	for (size_t i = 0; i < lookup->n; i++) {
		const struct lookup_path *path = &lookup->paths[i];

		if (path->part == part && slice_is_nocase(slice_of(path->name), name) &&
		    slice_is(slice_of(path->word), word ? word : ""))
			return;
	}
	lookup->paths = mem_grow(lookup->paths, &lookup->cap, lookup->n + 1, sizeof(*lookup->paths));
	lookup->paths[lookup->n++] = (struct lookup_path){
		mem_strdup(name), hash_bytes_nocase(slice_of(name)), part, mem_strdup(word),
	};
}

void lookup_clear(struct lookup *lookup)
{
	for (size_t i = 0; i < lookup->n; i++) {
		free(lookup->paths[i].name);
		free(lookup->paths[i].word);
	}
	free(lookup->paths);
	*lookup = (struct lookup){ 0 };
}

static bool take_decimal(struct lookup_walk *walk)
{
	struct slice v = walk->field.value;
	uint64_t number = 0;

	if (!slice_starts_nocase(v, SLICE("0x")) || v.len < 3 || v.len > 18)
		return false;
	for (size_t i = 2; i < v.len; i++) {
		const char *digits = "0123456789abcdef";
		char c = v.at[i] >= 'A' && v.at[i] <= 'F' ? (char)(v.at[i] + 32) : v.at[i];
		const char *at = c ? strchr(digits, c) : NULL;

		if (!at)
			return false;
		number = number << 4 | (uint64_t)(at - digits);
	}
	snprintf(walk->scratch, sizeof(walk->scratch), "%" PRIu64, number);
	walk->field.value = slice_of(walk->scratch);
	return true;
}

static bool take_hash(struct lookup_walk *walk, const char *word)
{
	struct slice rest = walk->field.value, name = slice_of(word);

	while (rest.len) {
		size_t end = slice_find_byte(rest, ',', 0);
		struct slice one = slice_trim(slice_cut(rest, 0, end));

		if (slice_starts_nocase(one, name) && one.len > name.len && one.at[name.len] == '=') {
			walk->field.value = slice_cut(one, name.len + 1, one.len);
			return true;
		}
		rest = slice_cut(rest, end + 1, rest.len);
	}
	return false;
}

static bool part_take(const struct lookup_path *path, struct lookup_walk *walk)
{
	struct slice v = walk->field.value;
	size_t slash;

	switch (path->part) {
	case PART_WHOLE: return true;
	case PART_DECIMAL: return take_decimal(walk);
	case PART_HASH: return take_hash(walk, path->word);
	case PART_DOMAIN:
	case PART_USER:
		slash = slice_find_byte(v, '\\', 0);
		if (path->part == PART_DOMAIN)
			walk->field.value = slice_cut(v, 0, slash);
		else if (slash < v.len)
			walk->field.value = slice_cut(v, slash + 1, v.len);
		return path->part == PART_USER || slash < v.len;
	}
	return false;
}

const struct field *lookup_next(const struct lookup *lookup, const struct record *record,
				struct lookup_walk *walk)
{
	while (walk->path < lookup->n) {
		const struct lookup_path *path = &lookup->paths[walk->path];
		const struct field *field;

		while ((field = record_next(record, path->hash, slice_of(path->name), &walk->cursor))) {
			walk->field = *field;
			if (!part_take(path, walk))
				continue;
			walk->found = true;
			return &walk->field;
		}
		if (walk->found)
			return NULL;
		walk->path++;
		walk->cursor = 0;
	}
	return NULL;
}
