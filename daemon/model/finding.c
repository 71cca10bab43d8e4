/* Findings own all they hold; the copy from a record happens here and nowhere else. */
#include "model/finding.h"

#include "base/hash.h"
#include "base/mem.h"
#include "model/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct finding *finding_new(void)
{
	struct finding *finding = mem_zalloc(sizeof(*finding));

	finding->cap = LEVEL_REPORT;
	return finding;
}

void evidence_clear(struct evidence *e)
{
	free(e->file);
	free(e->source);
	free(e->format);
	free(e->raw);
	free(e->bytes);
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
	for (size_t i = 0; i < f->n_fields; i++) {
		free(f->fields[i].name);
		free(f->fields[i].value);
	}
	free(f->fields);
	for (size_t i = 0; i < f->n_evidence; i++)
		evidence_clear(&f->evidence[i]);
	free(f->evidence);
	free(f);
}

void evidence_copy(struct evidence *to, const struct evidence *from)
{
	*to = *from;
	to->file = mem_strdup(from->file);
	to->source = mem_strdup(from->source);
	to->format = mem_strdup(from->format);
	to->raw = mem_strndup(from->raw, from->raw_len);
	to->bytes = mem_strdup(from->bytes);
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
	for (size_t i = 0; i < f->n_fields; i++) {
		copy->fields[i] = f->fields[i];
		copy->fields[i].name = mem_strdup(f->fields[i].name);
		copy->fields[i].value = mem_strndup(f->fields[i].value, f->fields[i].len);
	}
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
	size_t at = f->n_fields;

	while (at > 0) {
		int d = value_compare(&f->fields[at - 1], name, value);

		if (d == 0)
			return;
		if (d < 0)
			break;
		at--;
	}
	f->fields = mem_grow(f->fields, &f->cap_fields, f->n_fields + 1, sizeof(*f->fields));
	memmove(&f->fields[at + 1], &f->fields[at], (f->n_fields - at) * sizeof(*f->fields));
	f->fields[at] = (struct named_value){ slice_dup(name), slice_dup(value), value.len, number };
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
