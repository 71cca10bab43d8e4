/* Fields of a record: one flat list, found by the caseless hash of the name. */
#include "model/record.h"

#include "base/map.h"
#include "base/mem.h"

#include <string.h>

void record_add(struct record *record, struct slice name, struct slice value,
		enum value_type type, bool normal)
{
	uint64_t hash;

	if (record->n_fields >= RECORD_FIELDS_MAX) {
		record->marks |= RECORD_TOO_MANY_FIELDS;
		return;
	}
	if (record->n_fields == record->cap_fields) {
		size_t cap = record->cap_fields ? record->cap_fields * 2 : 32;
		struct field *more = arena_alloc(record->arena, cap * sizeof(*more));

		if (record->n_fields)
			memcpy(more, record->fields, record->n_fields * sizeof(*more));
		record->fields = more;
		record->cap_fields = cap;
	}
	hash = hash_bytes_nocase(name);
	record->fields[record->n_fields++] = (struct field){ name, value, type, normal, hash };
	record_names_add(&record->names, hash);
}

void record_add_copy(struct record *record, struct slice name, struct slice value,
		     enum value_type type, bool normal)
{
	struct slice n = { arena_strndup(record->arena, name.at, name.len), name.len };
	struct slice v = { arena_strndup(record->arena, value.at, value.len), value.len };

	record_add(record, n, v, type, normal);
}

void record_unset(struct record *record, const char *name)
{
	struct slice want = slice_of(name);
	uint64_t hash = hash_bytes_nocase(want);
	size_t kept = 0, decoded = record->n_decoded;

	if (!record_may_have(record, hash))
		return;

	for (size_t i = 0; i < record->n_fields; i++) {
		const struct field *field = &record->fields[i];

		if (field->normal && field->hash == hash && slice_equal_nocase(field->name, want)) {
			record->n_decoded -= i < decoded;
			continue;
		}
		record->fields[kept++] = *field;
	}
	record->n_fields = kept;
}

void record_set(struct record *record, const char *name, struct slice value)
{
	record_unset(record, name);
	record_add_copy(record, slice_of(name), value, VALUE_STRING, true);
}

const struct field *record_next(const struct record *record, uint64_t hash, struct slice name,
				size_t *cursor)
{
	while (*cursor < record->n_fields) {
		const struct field *field = &record->fields[(*cursor)++];

		if (field->hash == hash && slice_equal_nocase(field->name, name))
			return field;
	}
	return NULL;
}

const struct field *record_find(const struct record *record, const char *name)
{
	struct slice want = slice_of(name);
	uint64_t hash = hash_bytes_nocase(want);
	const struct field *field, *first = NULL;
	size_t cursor = 0;

	if (!record_may_have(record, hash))
		return NULL;
	while ((field = record_next(record, hash, want, &cursor))) {
		if (field->normal)
			return field;
		if (!first)
			first = field;
	}
	return first;
}

struct slice record_value(const struct record *record, const char *name)
{
	const struct field *field = record_find(record, name);

	return field ? field->value : SLICE("");
}

bool record_has_value(const struct record *record, const char *name, const char *value)
{
	struct slice want = slice_of(name);
	uint64_t hash = hash_bytes_nocase(want);
	const struct field *field;
	size_t cursor = 0;

	while ((field = record_next(record, hash, want, &cursor)))
		if (slice_is_nocase(field->value, value))
			return true;
	return false;
}

bool record_field_is_derived(struct slice name)
{
	static const char *const names[] = { "asset.id", "person.id", "network.direction", "host.first_seen" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is_nocase(name, names[i]))
			return true;
	return false;
}

static bool word_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

void record_add_logsource(struct record *record, struct logsource l)
{
	for (size_t i = 0; i < record->n_logsources; i++)
		if (word_equal(record->logsources[i].category, l.category) &&
		    word_equal(record->logsources[i].product, l.product) &&
		    word_equal(record->logsources[i].service, l.service))
			return;
	if (record->n_logsources < RECORD_LOGSOURCES_MAX)
		record->logsources[record->n_logsources++] = l;
}
