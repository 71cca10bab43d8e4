#ifndef SOKUHO_MODEL_RECORD_H
#define SOKUHO_MODEL_RECORD_H

#include "base/str.h"

/*
 * A decoded line. Everything it points to lives in its arena or in longer-lived memory (source,
 * file, format names), and is gone when the arena is reset: what outlives it makes copies.
 */
#define RECORD_FIELDS_MAX 2000
#define RECORD_LOGSOURCES_MAX 8

enum value_type { VALUE_STRING, VALUE_NUMBER, VALUE_BOOL, VALUE_NULL };

struct field {
	struct slice name;
	struct slice value;		/* numbers as decimal text; null is empty */
	enum value_type type;
	bool normal;			/* ours (ECS), not as logged */
	uint64_t hash;			/* hash_bytes_nocase(name) */
};

/* A Sigma logsource triple; NULL members are not said. */
struct logsource {
	const char *category, *product, *service;
};

enum record_mark {
	RECORD_CUT = 1 << 0,		/* the line was longer than line_max */
	RECORD_DUPLICATE_KEY = 1 << 1,
	RECORD_TOO_MANY_FIELDS = 1 << 2,
	RECORD_TOO_DEEP = 1 << 3,
	RECORD_SATURATED = 1 << 4,	/* an integer beyond 64 bits */
	RECORD_BROKEN = 1 << 5,		/* the format's parser gave up inside */
};

struct arena;

/* How a source, or a line of the file, says its lines are cut into cells. */
struct record_columns {
	const struct strlist *names;	/* a loan */
	char delimiter;
	bool header;			/* a line of the file said it */
	bool utc;			/* times without a zone are UTC */
	struct slice text;		/* the names: what a line does not hold itself, but is asked for */
};

/* A bit for each name's hash: most names that are asked for are not there. */
struct record_names {
	uint64_t bits[4];
};

struct record {
	struct arena *arena;
	struct slice raw;		/* the line without its end, as UTF-8 */
	struct slice original;		/* its bytes as in the file, where they were others; or empty */

	const char *source;		/* the source's name */
	const char *file;		/* for people; never part of an identity */
	uint64_t stream;		/* given at first sight of a file */
	unsigned generation;
	uint64_t line;			/* from 1 */
	uint64_t offset;		/* of its first byte in the (decompressed) stream */

	/* head */
	int64_t time;			/* TIME_NONE until known */
	int utc_offset;			/* minutes, as logged or as the source's zone says */
	bool undated;			/* took the time of the line before */
	bool zone_assumed;
	const struct record_columns *columns;	/* of the source, or the last header before it; NULL: none */
	const char *format;		/* innermost; NULL: not recognised */
	unsigned char format_number;	/* 1 + its place among the formats; 0: not recognised */
	struct slice host, program, pid, message;
	struct slice structured;	/* [id name="value"] of an RFC 5424 header; often empty */
	struct slice msgid;		/* what stands before it; only where that is not empty */

	/* fields */
	struct field *fields;
	size_t n_fields, cap_fields;
	struct record_names names;
	size_t n_decoded;		/* the first fields: from the line and its decode data */
	struct logsource logsources[RECORD_LOGSOURCES_MAX];
	size_t n_logsources;
	const char *products[4];	/* decode data that took it */
	size_t n_products;
	unsigned marks;			/* enum record_mark */
};

/* Name and value are loans that must live as long as the arena. */
void record_add(struct record *record, struct slice name, struct slice value,
		enum value_type type, bool normal);
/* The same with copies of both into the arena. */
void record_add_copy(struct record *record, struct slice name, struct slice value,
		     enum value_type type, bool normal);
/* Sets a normalised field, in place of normalised values of that name. */
void record_set(struct record *record, const char *name, struct slice value);
void record_unset(struct record *record, const char *name);
/* First value of a name, normalised before logged; NULL when absent. Names compare caselessly. */
const struct field *record_find(const struct record *record, const char *name);
/* False: no field has a name of this hash. */
static inline bool record_may_have(const struct record *record, uint64_t hash)
{
	return record->names.bits[hash >> 6 & 3] >> (hash & 63) & 1;
}
static inline void record_names_add(struct record_names *names, uint64_t hash)
{
	names->bits[hash >> 6 & 3] |= UINT64_C(1) << (hash & 63);
}
/* False: one of the names is no field's, as nearly always: one jump, for which of the words says so nobody can guess. */
static inline bool record_may_have_all(const struct record *record, const struct record_names *names)
{
	uint64_t missing = 0;

	for (size_t i = 0; i < sizeof(names->bits) / sizeof(names->bits[0]); i++)
		missing |= names->bits[i] & ~record->names.bits[i];
	return !missing;
}
/* Value or empty slice. */
struct slice record_value(const struct record *record, const char *name);
bool record_has_value(const struct record *record, const char *name, const char *value);
/* Walk all values of a name: start with *cursor = 0. */
const struct field *record_next(const struct record *record, uint64_t hash, struct slice name,
				size_t *cursor);
/* asset.id person.id network.direction host.first_seen: what they hold is from the inventory, not from the line. */
bool record_field_is_derived(struct slice name);
void record_add_logsource(struct record *record, struct logsource logsource);

#endif
