/* All that a finding holds stands in its arena; the copy from a record happens here and nowhere else. */
#include "model/finding.h"

#include "base/ecs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "model/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_USUAL 32

static const size_t texts[] = {
	offsetof(struct finding, rule), offsetof(struct finding, rule_id), offsetof(struct finding, rule_title),
	offsetof(struct finding, fact), offsetof(struct finding, severity), offsetof(struct finding, exception),
	offsetof(struct finding, asset_id), offsetof(struct finding, person_id), offsetof(struct finding, box_mode),
	offsetof(struct finding, timing),
}, lists[] = {
	offsetof(struct finding, rules), offsetof(struct finding, clauses), offsetof(struct finding, incident_by),
	offsetof(struct finding, assets), offsetof(struct finding, labels), offsetof(struct finding, contracts),
	offsetof(struct finding, bases), offsetof(struct finding, boxes), offsetof(struct finding, bases_now),
	offsetof(struct finding, reasons),
};

static struct strlist *list_at(const struct finding *f, size_t i)
{
	return (struct strlist *)((char *)f + lists[i]);
}

/* Names of ECS live as long as the program. */
static struct named_value value_keep(struct finding *f, int rank, struct slice name, struct slice value, bool number)
{
	size_t n;
	char *first = rank >= 0 ? (char *)ecs_names(&n)[rank] : arena_strndup(f->arena, name.at, name.len);

	return (struct named_value){ first, arena_strndup(f->arena, value.at, value.len), value.len, number, (short)rank };
}

struct named_value named_value_new(struct slice name, struct slice value, bool number)
{
	char *room = mem_realloc(NULL, name.len + value.len + 2), *first = slice_place(name, &room);

	return (struct named_value){ first, slice_place(value.len ? value : SLICE(""), &room), value.len, number,
				     (short)ecs_rank(name) };
}

struct named_value named_value_copy(const struct named_value *v)
{
	return named_value_new(slice_of(v->name), (struct slice){ v->value, v->len }, v->number);
}

void named_values_free(struct named_value *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(values[i].name);
	free(values);
}

struct finding *finding_new(void)
{
	struct arena *arena = arena_new();
	struct finding *finding = arena_alloc(arena, sizeof(*finding));

	finding->arena = arena;
	finding->cap = LEVEL_REPORT;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		list_at(finding, i)->arena = arena;
	return finding;
}

void finding_free(struct finding *f)
{
	if (f)
		arena_free(f->arena);
}

char *finding_keep(struct finding *f, const char *text)
{
	return text ? arena_strndup(f->arena, text, strlen(text)) : NULL;
}

void evidence_clear(struct evidence *e)
{
	free(e->raw);
	*e = (struct evidence){ 0 };
}

static char *words_place(const char *text, char **room)
{
	return slice_place((struct slice){ text, text ? strlen(text) : 0 }, room);
}

static size_t text_room(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

size_t evidence_room(const struct evidence *e)
{
	return e->raw_len + 1 + text_room(e->file) + text_room(e->source) + text_room(e->format) + text_room(e->bytes);
}

void evidence_place(struct evidence *to, const struct evidence *from, char **room)
{
	*to = *from;
	to->raw = slice_place((struct slice){ from->raw ? from->raw : "", from->raw_len }, room);
	to->file = words_place(from->file, room);
	to->source = words_place(from->source, room);
	to->format = words_place(from->format, room);
	to->bytes = words_place(from->bytes, room);
}

void evidence_copy(struct evidence *to, const struct evidence *from)
{
	char *room = mem_realloc(NULL, evidence_room(from));

	evidence_place(to, from, &room);
}

struct finding *finding_copy(const struct finding *f)
{
	struct finding *copy = finding_new(), empty = *copy;

	*copy = *f;
	copy->arena = empty.arena;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char **text = (char **)((char *)copy + texts[i]);

		*text = finding_keep(copy, *text);
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		*list_at(copy, i) = *list_at(&empty, i);
		strlist_copy(list_at(copy, i), list_at(f, i));
	}
	copy->fields = arena_alloc(copy->arena, f->n_fields * sizeof(*copy->fields));
	copy->cap_fields = f->n_fields;
	for (size_t i = 0; i < f->n_fields; i++)
		copy->fields[i] = value_keep(copy, f->fields[i].rank, slice_of(f->fields[i].name),
					     (struct slice){ f->fields[i].value, f->fields[i].len }, f->fields[i].number);
	copy->evidence = NULL;
	copy->n_evidence = copy->cap_evidence = 0;
	for (size_t i = 0; i < f->n_evidence; i++)
		finding_keep_evidence(copy, &f->evidence[i]);
	return copy;
}

static int value_compare(const struct named_value *v, int rank, struct slice name, struct slice value)
{
	int d = v->rank >= 0 && rank >= 0 ? v->rank - rank : slice_compare(slice_of(v->name), name);

	return d ? d : slice_compare((struct slice){ v->value, v->len }, value);
}

void finding_add_field(struct finding *f, struct slice name, struct slice value, bool number)
{
	finding_add_ranked(f, ecs_rank(name), name, value, number);
}

void finding_add_ranked(struct finding *f, int rank, struct slice name, struct slice value, bool number)
{
	size_t at = 0, end = f->n_fields;

	while (at < end) {
		size_t middle = (at + end) / 2;
		int d = value_compare(&f->fields[middle], rank, name, value);

		if (d == 0)
			return;
		if (d < 0)
			at = middle + 1;
		else
			end = middle;
	}
	f->fields = arena_grow(f->arena, f->fields, &f->cap_fields, f->n_fields ? f->n_fields + 1 : FIELDS_USUAL, sizeof(*f->fields));
	memmove(&f->fields[at + 1], &f->fields[at], (f->n_fields - at) * sizeof(*f->fields));
	f->fields[at] = value_keep(f, rank, name, value, number);
	f->n_fields++;
}

const struct named_value *finding_values(const struct finding *f, const char *name, size_t *n)
{
	size_t low = 0, high = f->n_fields;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(f->fields[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (*n = 0; low + *n < f->n_fields && strcmp(f->fields[low + *n].name, name) == 0;)
		++*n;
	return *n ? &f->fields[low] : NULL;
}

void finding_set_field(struct finding *f, const char *name, const char *value)
{
	struct named_value *v = (struct named_value *)finding_field(f, name);

	if (v)
		*v = value_keep(f, v->rank, slice_of(name), slice_of(value), false);
}

const struct named_value *finding_field(const struct finding *f, const char *name)
{
	size_t n;

	return finding_values(f, name, &n);
}

static char *hex_of(struct slice bytes)
{
	struct text hex = { 0 };

	for (size_t i = 0; i < bytes.len && i < EVIDENCE_RAW_MAX; i++)
		text_addf(&hex, "%02x", (unsigned char)bytes.at[i]);
	return text_take(&hex);
}

void evidence_of(const struct record *r, struct evidence *out)
{
	*out = (struct evidence){
		.file = (char *)r->file, .source = (char *)r->source, .stream = r->stream, .line = r->line, .offset = r->offset,
		.generation = r->generation, .time = r->time, .utc_offset = r->utc_offset, .zone_assumed = r->zone_assumed,
		.format = (char *)r->format, .raw = (char *)r->raw.at,
		.raw_len = r->raw.len < EVIDENCE_RAW_MAX ? r->raw.len : EVIDENCE_RAW_MAX,
	};
	if (r->original.len && !slice_equal(r->original, r->raw))
		out->bytes = hex_of(r->original);
}

void finding_keep_evidence(struct finding *f, const struct evidence *e)
{
	char *room;

	if (f->n_evidence >= FINDING_EVIDENCE_MAX)
		return;
	f->evidence = arena_grow(f->arena, f->evidence, &f->cap_evidence, f->n_evidence + 1, sizeof(*f->evidence));
	room = arena_alloc(f->arena, evidence_room(e));
	evidence_place(&f->evidence[f->n_evidence++], e, &room);
}

void finding_add_evidence(struct finding *f, const struct record *r)
{
	struct evidence e;

	evidence_of(r, &e);
	finding_keep_evidence(f, &e);
	free(e.bytes);
}

void finding_key(const struct finding *f, char out[33])
{
	char place[96];
	struct slice parts[3];

	snprintf(place, sizeof(place), "%llu %u %llu",
		 (unsigned long long)(f->n_evidence ? f->evidence[0].stream : 0),
		 f->n_evidence ? f->evidence[0].generation : 0,
		 (unsigned long long)(f->n_evidence ? f->evidence[0].offset : 0));
	parts[0] = slice_of(place);
	parts[1] = slice_of(f->rule_id);
	parts[2] = slice_of(f->fact);
	hash_sha256_hex(parts, 3, 16, out);
}
