/*
 * Model to JSON and back. The incident document holds everything an incident is, so the
 * store keeps it as it stands and the draft needs nothing else.
 */
#include "model/json.h"

#include "base/clock.h"
#include "base/ecs.h"
#include "base/escape.h"
#include "base/mem.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

const char *json_line(struct json_object *object)
{
	return json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE);
}

struct json_object *json_text(struct slice bytes)
{
	struct text clean = { 0 };
	struct json_object *object;

	if (utf8_valid(bytes))
		return json_object_new_string_len(bytes.at, (int)bytes.len);
	escape_utf8(bytes, &clean);
	object = json_object_new_string_len(clean.at, (int)clean.len);
	text_clear(&clean);
	return object;
}

struct json_object *json_text_or_null(const char *text)
{
	return text ? json_text(slice_of(text)) : NULL;
}

struct json_object *json_strings(const struct strlist *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < list->n; i++)
		json_object_array_add(array, json_text(slice_of(list->at[i])));
	return array;
}

struct json_object *json_member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value;
}

const char *json_member_text(struct json_object *o, const char *name)
{
	struct json_object *value = json_member(o, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

size_t json_count(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

struct json_object *json_time(int64_t time, int utc_offset)
{
	char text[48];

	if (time == TIME_NONE)
		return NULL;
	time_format_rfc3339(time, utc_offset, text);
	return json_object_new_string(text);
}

/* The name decides the type, not how one log wrote it; names beside ECS are our own counts, or text. */
static struct json_object *value_to_json(const struct named_value *v)
{
	bool number = v->rank >= 0 ? ecs_is_number(v->rank) : v->number;
	uint64_t n;

	if (number && slice_to_u64((struct slice){ v->value, v->len }, &n) && n <= INT64_MAX)
		return json_object_new_int64((int64_t)n);
	return json_text((struct slice){ v->value, v->len });
}

/* Names differ, so none is searched for; those of ECS are constants. */
static void field_add(struct json_object *object, const struct named_value *v, struct json_object *value)
{
	size_t n;

	if (v->rank >= 0)
		json_object_object_add_ex(object, ecs_names(&n)[v->rank], value,
					  JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY);
	else
		json_object_object_add_ex(object, v->name, value, JSON_C_OBJECT_ADD_KEY_IS_NEW);
}

struct json_object *json_fields(const struct named_value *fields, size_t n)
{
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; i < n;) {
		struct json_object *array;
		size_t end = i + 1;

		while (end < n && strcmp(fields[end].name, fields[i].name) == 0)
			end++;
		if (end == i + 1) {
			field_add(object, &fields[i], value_to_json(&fields[i]));
			i = end;
			continue;
		}
		array = json_object_new_array();
		field_add(object, &fields[i], array);
		for (; i < end; i++)
			json_object_array_add(array, value_to_json(&fields[i]));
	}
	return object;
}

/* Keys of ours are constants: no copy. What stood there goes. */
static void add(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add_ex(o, key, value, JSON_C_OBJECT_ADD_CONSTANT_KEY);
}

/* In an object that has been used for another what is the same, as most is, stays where it is. */
static void set_text(struct json_object *o, const char *key, const char *text)
{
	const char *old = json_member_text(o, key);

	if (!old || !text || strcmp(old, text) != 0)
		add(o, key, json_text_or_null(text));	/* json_object_set_string() of 0.16 may lose what was longer */
}

static bool strings_are(struct json_object *array, const struct strlist *list)
{
	bool same = array && json_object_array_length(array) == list->n;

	for (size_t i = 0; same && i < list->n; i++)
		same = strcmp(json_object_get_string(json_object_array_get_idx(array, i)), list->at[i]) == 0;
	return same;
}

static void set_strings(struct json_object *o, const char *key, const struct strlist *list)
{
	if (!strings_are(json_member(o, key), list))
		add(o, key, json_strings(list));
}

static struct json_object *place_to_json(const struct evidence *e)
{
	struct json_object *object = json_object_new_object();

	add(object, "file", json_text_or_null(e->file));
	add(object, "line", json_object_new_int64((int64_t)e->line));
	return object;
}

void finding_set_json(struct json_object *o, const struct finding *f)
{
	static const struct evidence nowhere = { .time = TIME_NONE };
	const struct evidence *e = f->n_evidence ? &f->evidence[0] : &nowhere;
	struct json_object *places = json_object_new_array();

	set_text(o, "kind", "finding");
	add(o, "time", json_time(f->time, f->utc_offset));
	set_text(o, "file", e->file);
	add(o, "line", json_object_new_int64((int64_t)e->line));
	add(o, "offset", json_object_new_int64((int64_t)e->offset));
	set_text(o, "source", e->source);
	set_text(o, "rule", f->rule);
	set_text(o, "rule_id", f->rule_id);
	set_strings(o, "rules", &f->rules);
	set_strings(o, "clauses", &f->clauses);
	set_text(o, "fact", f->fact);
	set_text(o, "shows", shows_word(f->shows));
	set_text(o, "certainty", certainty_word(f->certainty));
	set_text(o, "verdict", verdict_word(f->verdict));
	set_text(o, "level", level_word(f->level));
	set_text(o, "implicated", implicated_word(f->implicated));
	set_strings(o, "assets", &f->assets);
	set_strings(o, "bases", &f->bases);
	set_strings(o, "boxes", &f->boxes);
	set_text(o, "timing", f->timing);
	set_text(o, "exception", f->exception);
	set_strings(o, "reasons", &f->reasons);
	add(o, "fields", json_fields(f->fields, f->n_fields));
	for (size_t i = 0; i < f->n_evidence; i++)
		json_object_array_add(places, place_to_json(&f->evidence[i]));
	add(o, "evidence", places);
}

struct json_object *finding_to_json(const struct finding *f)
{
	struct json_object *o = json_object_new_object();

	finding_set_json(o, f);
	return o;
}

struct json_object *incident_line_to_json(const struct incident *i)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "kind", json_object_new_string("incident"));
	json_object_object_add(o, "id", json_object_new_string(i->id));
	json_object_object_add(o, "first", json_time(i->first, i->first_offset));
	json_object_object_add(o, "last", json_time(i->last, i->last_offset));
	json_object_object_add(o, "findings", json_object_new_int64((int64_t)i->n_findings));
	json_object_object_add(o, "clauses", json_strings(&i->clauses));
	json_object_object_add(o, "fact", json_text_or_null(i->fact));
	json_object_object_add(o, "level", json_object_new_string(level_word(i->level)));
	json_object_object_add(o, "assets", json_strings(&i->assets));
	json_object_object_add(o, "bases", json_strings(&i->bases));
	json_object_object_add(o, "boxes", json_strings(&i->boxes));
	json_object_object_add(o, "title", json_text_or_null(i->title));
	return o;
}

/*
 * The incident document, field by field: one table serves both directions.
 */
enum member_kind { M_JSON, M_TEXT, M_LIST, M_BOOL, M_UINT, M_SIZE, M_CLASSES, M_TIME };

struct member {
	const char *name;
	enum member_kind kind;
	size_t at;
	size_t offset_at;	/* M_TIME: the member with the offset in minutes */
};

#define AT(member) offsetof(struct incident, member)
static const struct member members[] = {
	{ "key", M_TEXT, AT(key), 0 },
	{ "revision", M_UINT, AT(revision), 0 },
	{ "first", M_TIME, AT(first), AT(first_offset) },
	{ "last", M_TIME, AT(last), AT(last_offset) },
	{ "findings", M_SIZE, AT(n_findings), 0 },
	{ "clauses", M_LIST, AT(clauses), 0 },
	{ "fact", M_TEXT, AT(fact), 0 },
	{ "assets", M_LIST, AT(assets), 0 },
	{ "labels", M_LIST, AT(labels), 0 },
	{ "classes", M_CLASSES, AT(classes), 0 },
	{ "contracts", M_LIST, AT(contracts), 0 },
	{ "host_count", M_SIZE, AT(host_count), 0 },
	{ "bases", M_LIST, AT(bases), 0 },
	{ "boxes", M_LIST, AT(boxes), 0 },
	{ "bases_now", M_LIST, AT(bases_now), 0 },
	{ "box_mode", M_TEXT, AT(box_mode), 0 },
	{ "timing", M_TEXT, AT(timing), 0 },
	{ "title", M_TEXT, AT(title), 0 },
	{ "rule_title", M_TEXT, AT(rule_title), 0 },
	{ "rules", M_LIST, AT(rules), 0 },
	{ "reasons", M_LIST, AT(reasons), 0 },
	{ "formats", M_LIST, AT(formats), 0 },
	{ "evidence_total", M_SIZE, AT(evidence_total), 0 },
	{ "shows_event", M_BOOL, AT(shows_event), 0 },
	{ "zone_assumed", M_BOOL, AT(zone_assumed), 0 },
	{ "late", M_BOOL, AT(late), 0 },
	{ "drill", M_BOOL, AT(drill), 0 },
	{ "decided", M_BOOL, AT(decided), 0 },
	{ "decided_by", M_TEXT, AT(decided_by), 0 },
	{ "decided_at", M_TEXT, AT(decided_at), 0 },
	{ "exception_reason", M_TEXT, AT(exception_reason), 0 },
	{ "approved", M_BOOL, AT(approved), 0 },
	{ "acknowledged", M_BOOL, AT(acknowledged), 0 },
	{ "status", M_TEXT, AT(status), 0 },
	{ "merged_into", M_TEXT, AT(merged_into), 0 },
	{ "notes", M_LIST, AT(notes), 0 },
	{ "detected", M_TIME, AT(detected), AT(detected_offset) },
	{ "facts", M_LIST, AT(facts), 0 },
	{ "information", M_TEXT, AT(information), 0 },
	{ "links", M_LIST, AT(links), 0 },
	{ "work", M_JSON, AT(work), 0 },
};
#define N_MEMBERS (sizeof(members) / sizeof(members[0]))

static struct json_object *classes_to_json(unsigned classes)
{
	struct json_object *array = json_object_new_array();

	for (unsigned bit = 1; bit < 1u << CLASS_COUNT; bit <<= 1)
		if (classes & bit)
			json_object_array_add(array, json_object_new_string(class_word(bit)));
	return array;
}

static struct json_object *json_copy(struct json_object *from)
{
	struct json_object *copy = NULL;

	if (from)
		json_object_deep_copy(from, &copy, NULL);
	return copy;
}

static struct json_object *member_to_json(const struct incident *i, const struct member *m)
{
	const void *at = (const char *)i + m->at;

	switch (m->kind) {
	case M_JSON: return json_copy(*(struct json_object *const *)at);
	case M_TEXT: return json_text_or_null(*(char *const *)at);
	case M_LIST: return json_strings(at);
	case M_BOOL: return json_object_new_boolean(*(const bool *)at);
	case M_UINT: return json_object_new_int64(*(const unsigned *)at);
	case M_SIZE: return json_object_new_int64((int64_t) * (const size_t *)at);
	case M_CLASSES: return classes_to_json(*(const unsigned *)at);
	case M_TIME:
		return json_time(*(const int64_t *)at,
				 *(const int *)((const char *)i + m->offset_at));
	}
	return NULL;
}

static struct json_object *evidence_to_json(const struct evidence *e)
{
	struct json_object *o = place_to_json(e);

	json_object_object_add(o, "offset", json_object_new_int64((int64_t)e->offset));
	json_object_object_add(o, "stream", json_object_new_int64((int64_t)e->stream));
	json_object_object_add(o, "generation", json_object_new_int64(e->generation));
	json_object_object_add(o, "source", json_text_or_null(e->source));
	json_object_object_add(o, "format", json_text_or_null(e->format));
	json_object_object_add(o, "time", json_time(e->time, e->utc_offset));
	json_object_object_add(o, "zone_assumed", json_object_new_boolean(e->zone_assumed));
	json_object_object_add(o, "raw", json_text((struct slice){ e->raw, e->raw_len }));
	json_object_object_add(o, "bytes", json_text_or_null(e->bytes));
	return o;
}

struct json_object *incident_to_json(const struct incident *i)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	json_object_object_add(o, "schema", json_object_new_string("sokuhod.incident/1"));
	json_object_object_add(o, "id", json_object_new_string(i->id));
	json_object_object_add(o, "level", json_object_new_string(level_word(i->level)));
	json_object_object_add(o, "verdict", json_object_new_string(verdict_word(i->verdict)));
	json_object_object_add(o, "implicated",
			       json_object_new_string(implicated_word(i->implicated)));
	json_object_object_add(o, "certainty",
			       json_object_new_string(certainty_word(i->certainty)));
	for (size_t m = 0; m < N_MEMBERS; m++)
		json_object_object_add(o, members[m].name, member_to_json(i, &members[m]));
	json_object_object_add(o, "within_seconds", json_object_new_int64(i->within / NS_PER_S));
	json_object_object_add(o, "fields", json_fields(i->fields, i->n_fields));
	for (size_t n = 0; n < i->n_evidence; n++)
		json_object_array_add(list, evidence_to_json(&i->evidence[n]));
	json_object_object_add(o, "evidence", list);
	return o;
}

static int64_t get_int(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return json_object_get_int64(value);
}

static void time_from_json(struct json_object *value, int64_t *time, int *utc_offset)
{
	const char *text = json_object_get_string(value);
	bool has_offset;
	size_t used;

	if (!text || !time_parse_iso(slice_of(text), time, utc_offset, &has_offset, &used))
		*time = TIME_NONE;
}

static void member_from_json(struct incident *i, const struct member *m, struct json_object *v)
{
	void *at = (char *)i + m->at;
	size_t n = json_object_is_type(v, json_type_array) ? json_object_array_length(v) : 0;
	unsigned bit;

	switch (m->kind) {
	case M_JSON:
		json_object_put(*(struct json_object **)at);
		*(struct json_object **)at = json_copy(v);
		break;
	case M_TEXT:
		free(*(char **)at);
		*(char **)at = mem_strdup(v ? json_object_get_string(v) : NULL);
		break;
	case M_BOOL: *(bool *)at = json_object_get_boolean(v); break;
	case M_UINT: *(unsigned *)at = (unsigned)json_object_get_int64(v); break;
	case M_SIZE: *(size_t *)at = (size_t)json_object_get_int64(v); break;
	case M_TIME: time_from_json(v, at, (int *)((char *)i + m->offset_at)); break;
	case M_LIST:
	case M_CLASSES:
		for (size_t k = 0; k < n; k++) {
			const char *word = json_object_get_string(json_object_array_get_idx(v, k));

			if (m->kind == M_LIST)
				strlist_add(at, word ? word : "");
			else if (class_parse(word, &bit))
				*(unsigned *)at |= bit;
		}
	}
}

static void fields_read(struct json_object *fields, struct finding *sorted)
{
	json_object_object_foreach(fields, name, value)
	{
		bool many = json_object_is_type(value, json_type_array);
		size_t n = many ? json_object_array_length(value) : 1;

		for (size_t k = 0; k < n; k++) {
			struct json_object *one = many ? json_object_array_get_idx(value, k) : value;
			const char *text = json_object_get_string(one);

			finding_add_field(sorted, slice_of(name), slice_of(text),
					  json_object_is_type(one, json_type_int));
		}
	}
}

static void fields_from_json(struct incident *i, struct json_object *fields)
{
	struct finding *sorted = finding_new();

	fields_read(fields, sorted);
	incident_take_fields(i, sorted);
	finding_free(sorted);
}

/* Its texts are loans. */
static struct evidence evidence_read(struct json_object *o)
{
	struct json_object *value = NULL;
	const char *raw = json_member_text(o, "raw");
	struct evidence e = {
		.file = (char *)json_member_text(o, "file"), .source = (char *)json_member_text(o, "source"),
		.format = (char *)json_member_text(o, "format"), .raw = (char *)raw, .raw_len = raw ? strlen(raw) : 0,
		.bytes = (char *)json_member_text(o, "bytes"),
		.line = (uint64_t)get_int(o, "line"), .offset = (uint64_t)get_int(o, "offset"),
		.stream = (uint64_t)get_int(o, "stream"),
		.generation = (unsigned)get_int(o, "generation"),
		.zone_assumed = get_int(o, "zone_assumed") != 0,
	};

	json_object_object_get_ex(o, "time", &value);
	time_from_json(value, &e.time, &e.utc_offset);
	return e;
}

static void evidence_from_json(struct incident *i, struct json_object *o)
{
	struct evidence e = evidence_read(o);

	i->evidence = mem_grow(i->evidence, &i->cap_evidence, i->n_evidence + 1,
			       sizeof(*i->evidence));
	evidence_copy(&i->evidence[i->n_evidence++], &e);
}

struct json_object *hit_to_json(const struct finding *f)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	json_object_object_add(o, "verdict", json_object_new_string(verdict_word(f->verdict)));
	json_object_object_add(o, "fields", json_fields(f->fields, f->n_fields));
	for (size_t i = 0; i < f->n_evidence; i++)
		json_object_array_add(list, evidence_to_json(&f->evidence[i]));
	json_object_object_add(o, "evidence", list);
	return o;
}

struct finding *hit_from_json(struct json_object *o)
{
	struct finding *f = finding_new();
	struct json_object *value = NULL;

	verdict_parse(json_member_text(o, "verdict"), &f->verdict);
	if (json_object_object_get_ex(o, "fields", &value))
		fields_read(value, f);
	if (json_object_object_get_ex(o, "evidence", &value))
		for (size_t n = 0; n < json_object_array_length(value); n++) {
			struct evidence e = evidence_read(json_object_array_get_idx(value, n));

			finding_keep_evidence(f, &e);
		}
	return f;
}

static const struct {
	const char *name;
	size_t at;
} state_texts[] = {
	{ "rule", offsetof(struct finding, rule) }, { "rule_id", offsetof(struct finding, rule_id) },
	{ "rule_title", offsetof(struct finding, rule_title) }, { "fact", offsetof(struct finding, fact) },
	{ "severity", offsetof(struct finding, severity) }, { "exception", offsetof(struct finding, exception) },
	{ "asset_id", offsetof(struct finding, asset_id) }, { "person_id", offsetof(struct finding, person_id) },
}, state_lists[] = {
	{ "rules", offsetof(struct finding, rules) }, { "clauses", offsetof(struct finding, clauses) },
	{ "incident_by", offsetof(struct finding, incident_by) }, { "reasons", offsetof(struct finding, reasons) },
};

struct json_object *finding_state_to_json(const struct finding *f)
{
	struct json_object *o = hit_to_json(f);

	json_object_object_add(o, "time", json_time(f->time, f->utc_offset));
	json_object_object_add(o, "shows", json_object_new_string(shows_word(f->shows)));
	json_object_object_add(o, "cap", json_object_new_string(level_word(f->cap)));
	json_object_object_add(o, "span", json_object_new_int64(f->within));
	json_object_object_add(o, "host_count", json_object_new_int64((int64_t)f->host_count));
	for (size_t i = 0; i < sizeof(state_texts) / sizeof(state_texts[0]); i++)
		json_object_object_add(o, state_texts[i].name, json_text_or_null(*(char *const *)((const char *)f + state_texts[i].at)));
	for (size_t i = 0; i < sizeof(state_lists) / sizeof(state_lists[0]); i++)
		json_object_object_add(o, state_lists[i].name, json_strings((const void *)((const char *)f + state_lists[i].at)));
	return o;
}

struct finding *finding_state_from_json(struct json_object *o)
{
	struct finding *f = hit_from_json(o);

	time_from_json(json_member(o, "time"), &f->time, &f->utc_offset);
	shows_parse(json_member_text(o, "shows"), &f->shows);
	level_parse(json_member_text(o, "cap"), &f->cap);
	f->within = get_int(o, "span");
	f->host_count = (size_t)get_int(o, "host_count");
	for (size_t i = 0; i < sizeof(state_texts) / sizeof(state_texts[0]); i++)
		*(char **)((char *)f + state_texts[i].at) = finding_keep(f, json_member_text(o, state_texts[i].name));
	for (size_t i = 0; i < sizeof(state_lists) / sizeof(state_lists[0]); i++) {
		struct json_object *list = json_member(o, state_lists[i].name);

		for (size_t k = 0; k < json_count(list); k++)
			strlist_add((void *)((char *)f + state_lists[i].at), json_object_get_string(json_object_array_get_idx(list, k)));
	}
	return f;
}

int incident_from_json(struct json_object *o, struct incident **out, struct err *err)
{
	const char *schema = json_member_text(o, "schema"), *id = json_member_text(o, "id");
	struct json_object *value = NULL;
	struct incident *i;

	if (!schema || strcmp(schema, "sokuhod.incident/1") != 0 || !id || strlen(id) >= 32)
		return err_set(err, ERR_CONFIG, "this is not a sokuhod.incident/1 document");
	i = incident_new();
	strcpy(i->id, id);
	level_parse(json_member_text(o, "level"), &i->level);
	verdict_parse(json_member_text(o, "verdict"), &i->verdict);
	implicated_parse(json_member_text(o, "implicated"), &i->implicated);
	certainty_parse(json_member_text(o, "certainty"), &i->certainty);
	for (size_t m = 0; m < N_MEMBERS; m++)
		if (json_object_object_get_ex(o, members[m].name, &value))
			member_from_json(i, &members[m], value);
	i->within = get_int(o, "within_seconds") * NS_PER_S;
	if (json_object_object_get_ex(o, "fields", &value))
		fields_from_json(i, value);
	if (json_object_object_get_ex(o, "evidence", &value))
		for (size_t n = 0; n < json_object_array_length(value); n++)
			evidence_from_json(i, json_object_array_get_idx(value, n));
	*out = i;
	return 0;
}
