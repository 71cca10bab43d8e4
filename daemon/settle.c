/* A short list in the order in which they came. */
#include "settle.h"

#include "base/mem.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 10000

struct settle {
	struct settle_entry *at;
	size_t n, cap;
};

struct settle *settle_new(void)
{
	return mem_zalloc(sizeof(struct settle));
}

void settle_entry_clear(struct settle_entry *e)
{
	free(e->key);
	finding_free(e->finding);
	*e = (struct settle_entry){ 0 };
}

void settle_free(struct settle *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		settle_entry_clear(&s->at[i]);
	free(s->at);
	free(s);
}

static void entry_add(struct settle *s, const struct settle_entry *e)
{
	s->at = mem_grow(s->at, &s->cap, s->n + 1, sizeof(*s->at));
	s->at[s->n++] = *e;
}

void settle_add(struct settle *s, struct slice key, int64_t within, int64_t since, unsigned told, struct finding *finding)
{
	struct settle_entry e = { slice_dup(key), finding->time + within, within, since, told, finding };

	entry_add(s, &e);
}

bool settle_is_empty(const struct settle *s)
{
	return !s->n;
}

static void entry_take(struct settle *s, size_t i, struct settle_entry *out)
{
	*out = s->at[i];
	memmove(&s->at[i], &s->at[i + 1], (--s->n - i) * sizeof(*s->at));
}

bool settle_take(struct settle *s, struct slice key, struct settle_entry *out)
{
	for (size_t i = 0; i < s->n; i++)
		if (slice_is(key, s->at[i].key)) {
			entry_take(s, i, out);
			return true;
		}
	return false;
}

bool settle_take_over(struct settle *s, int64_t time, int64_t clock, struct settle_entry *out)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct settle_entry *e = &s->at[i];

		if (s->n > ENTRIES_MAX || e->until < time || (clock > e->since && clock - e->since > e->within)) {
			entry_take(s, i, out);
			return true;
		}
	}
	return false;
}

struct json_object *settle_to_json(const struct settle *s)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < s->n; i++) {
		const struct settle_entry *e = &s->at[i];
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "key", json_text(slice_of(e->key)));
		json_object_object_add(o, "until", json_object_new_int64(e->until));
		json_object_object_add(o, "within", json_object_new_int64(e->within));
		json_object_object_add(o, "told", json_object_new_int64(e->told));
		json_object_object_add(o, "finding", finding_state_to_json(e->finding));
		json_object_array_add(list, o);
	}
	return list;
}

int settle_from_json(struct settle *s, struct json_object *list, int64_t clock, struct err *err)
{
	if (!json_object_is_type(list, json_type_array))
		return err_set(err, ERR_CONFIG, "the saved state of findings that wait is no list");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *key = json_member_text(o, "key");
		struct settle_entry e = {
			.key = mem_strdup(key ? key : ""), .until = json_object_get_int64(json_member(o, "until")),
			.within = json_object_get_int64(json_member(o, "within")), .since = clock,
			.told = (unsigned)json_object_get_int64(json_member(o, "told")),
			.finding = finding_state_from_json(json_member(o, "finding")),
		};

		entry_add(s, &e);
	}
	return 0;
}
