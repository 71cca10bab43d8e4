/* Findings own all they hold; the copy from a record happens here and nowhere else. */
#include "model/finding.h"

#include "base/hash.h"
#include "base/mem.h"
#include "model/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct named_value named_value_new(struct slice name, struct slice value, bool number)
{
	char *room = mem_realloc(NULL, name.len + value.len + 2), *first = slice_place(name, &room);

	return (struct named_value){ first, slice_place(value.len ? value : SLICE(""), &room), value.len, number };
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
	struct finding *finding = mem_zalloc(sizeof(*finding));

	finding->cap = LEVEL_REPORT;
	return finding;
}

void evidence_clear(struct evidence *e)
{
	free(e->raw);
	*e = (struct evidence){ 0 };
}

void finding_free(struct finding *f)
{
	if (!f)
		return;
	free(f->rule);
	free(f->rule_id);
	free(f->rule_title);
	free(f->fact);
	free(f->severity);
	free(f->exception);
	free(f->asset_id);
	free(f->person_id);
	free(f->box_mode);
	free(f->timing);
	strlist_clear(&f->rules);
	strlist_clear(&f->clauses);
	strlist_clear(&f->incident_by);
	strlist_clear(&f->assets);
	strlist_clear(&f->labels);
	strlist_clear(&f->contracts);
	strlist_clear(&f->bases);
	strlist_clear(&f->boxes);
	strlist_clear(&f->bases_now);
	strlist_clear(&f->reasons);
	named_values_free(f->fields, f->n_fields);
	for (size_t i = 0; i < f->n_evidence; i++)
		evidence_clear(&f->evidence[i]);
	free(f->evidence);
	free(f);
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
	struct finding *copy = mem_dup(f, sizeof(*f));

	copy->rule = mem_strdup(f->rule);
	copy->rule_id = mem_strdup(f->rule_id);
	copy->rule_title = mem_strdup(f->rule_title);
	copy->fact = mem_strdup(f->fact);
	copy->severity = mem_strdup(f->severity);
	copy->exception = mem_strdup(f->exception);
	copy->asset_id = mem_strdup(f->asset_id);
	copy->person_id = mem_strdup(f->person_id);
	copy->box_mode = mem_strdup(f->box_mode);
	copy->timing = mem_strdup(f->timing);
	strlist_copy(&copy->rules, &f->rules);
	strlist_copy(&copy->clauses, &f->clauses);
	strlist_copy(&copy->incident_by, &f->incident_by);
	strlist_copy(&copy->assets, &f->assets);
	strlist_copy(&copy->labels, &f->labels);
	strlist_copy(&copy->contracts, &f->contracts);
	strlist_copy(&copy->bases, &f->bases);
	strlist_copy(&copy->boxes, &f->boxes);
	strlist_copy(&copy->bases_now, &f->bases_now);
	strlist_copy(&copy->reasons, &f->reasons);
	copy->fields = mem_zalloc(f->n_fields * sizeof(*copy->fields));
	copy->cap_fields = f->n_fields;
	for (size_t i = 0; i < f->n_fields; i++)
		copy->fields[i] = named_value_copy(&f->fields[i]);
	copy->evidence = mem_zalloc(f->n_evidence * sizeof(*copy->evidence));
	copy->cap_evidence = f->n_evidence;
	for (size_t i = 0; i < f->n_evidence; i++)
		evidence_copy(&copy->evidence[i], &f->evidence[i]);
	return copy;
}

static int value_compare(const struct named_value *v, struct slice name, struct slice value)
{
	int d = slice_compare(slice_of(v->name), name);

	return d ? d : slice_compare((struct slice){ v->value, v->len }, value);
}

void finding_add_field(struct finding *f, struct slice name, struct slice value, bool number)
{
	size_t at = 0, end = f->n_fields;

	while (at < end) {
		size_t middle = (at + end) / 2;
		int d = value_compare(&f->fields[middle], name, value);

		if (d == 0)
			return;
		if (d < 0)
			at = middle + 1;
		else
			end = middle;
	}
	f->fields = mem_grow(f->fields, &f->cap_fields, f->n_fields + 1, sizeof(*f->fields));
	memmove(&f->fields[at + 1], &f->fields[at], (f->n_fields - at) * sizeof(*f->fields));
	f->fields[at] = named_value_new(name, value, number);
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
	char *old = v ? v->name : NULL;

	if (v)
		*v = named_value_new(slice_of(name), slice_of(value), false);
	free(old);
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

void finding_add_evidence(struct finding *f, const struct record *r)
{
	struct evidence e;

	if (f->n_evidence >= FINDING_EVIDENCE_MAX)
		return;
	f->evidence = mem_grow(f->evidence, &f->cap_evidence, f->n_evidence + 1,
			       sizeof(*f->evidence));
	evidence_of(r, &e);
	evidence_copy(&f->evidence[f->n_evidence++], &e);
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
