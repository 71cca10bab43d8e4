/*
 * One group for each correlation and each set of group-by values. A group holds its hits in the order of their event
 * times, however they arrived, and the windows that fired. A window is [first hit, first hit + timespan]; it fires
 * with the fewest hits that fulfil the condition, swallows every hit that falls into it, and fires once. In order of
 * time the result is what the sorted sequence gives; shuffled within `lateness` it is the same windows unless
 * two overlap.
 */
#include "correlate/correlation.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "correlate/group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 4

struct correlations {
	const struct rule_info *const *rules;
	size_t n_rules;
	int64_t lateness, newest, evicted;
	size_t groups_max;
	correlation_fired fired;
	void *context;
	struct map *groups;		/* rule index and values, to struct group */
	struct correlation_stats stats;
};

struct correlations *correlations_new(const struct rule_info *const *rules, size_t n,
				      int64_t lateness, size_t groups_max,
				      correlation_fired fired, void *context)
{
	struct correlations *c = mem_zalloc(sizeof(*c));

	c->rules = rules;
	c->n_rules = n;
	c->lateness = lateness;
	c->groups_max = groups_max ? groups_max : 1;
	c->fired = fired;
	c->context = context;
	c->groups = map_new();
	c->newest = TIME_NONE;
	return c;
}

static void free_group(void *group)
{
	group_free(group);
}

void correlations_free(struct correlations *c)
{
	if (!c)
		return;
	map_free(c->groups, free_group);
	free(c);
}

/* Which field of this rule's records stands for a group-by name. */
static const char *alias_field(const struct correlation_spec *spec, const char *name,
			       const struct rule_info *rule)
{
	for (size_t i = 0; i < spec->n_aliases; i++)
		if (spec->aliases[i].rule == rule && strcmp(spec->aliases[i].name, name) == 0)
			return spec->aliases[i].field;
	return name;
}

/* False when a group-by field is absent: such a record takes no part. Values compare caselessly. */
static bool group_key(const struct rule_info *correlation, const struct rule_info *rule,
		      const struct record *record, struct text *key)
{
	const struct correlation_spec *spec = &correlation->correlation;

	text_addf(key, "%u", correlation->index);
	for (size_t i = 0; i < spec->group_by.n; i++) {
		const char *field = alias_field(spec, spec->group_by.at[i], rule);
		struct slice value = record_value(record, field);

		if (!value.len)
			return false;
		text_addf(key, " %zu:", value.len);
		for (size_t k = 0; k < value.len; k++)
			text_add_char(key, (char)(value.at[k] >= 'A' && value.at[k] <= 'Z' ?
							  value.at[k] + 32 : value.at[k]));
	}
	return true;
}

/* At the limit the group that was longest without a hit goes, and is counted. */
static void drop_oldest(struct correlations *c)
{
	struct slice key, oldest = { NULL, 0 };
	int64_t last = INT64_MAX;
	size_t cursor = 0;
	void *value;

	while (map_next(c->groups, &cursor, &key, &value))
		if (group_last(value) < last) {
			last = group_last(value);
			oldest = key;
		}
	if (oldest.at) {
		group_free(map_remove(c->groups, oldest));
		c->stats.dropped++;
	}
}

static struct group *group_of(struct correlations *c, const struct rule_info *correlation,
			      struct slice key)
{
	struct group *group = map_get(c->groups, key);

	if (group)
		return group;
	if (map_count(c->groups) >= c->groups_max)
		drop_oldest(c);
	group = group_new(correlation);
	map_put(c->groups, key, group);
	return group;
}

static void feed(struct correlations *c, const struct rule_info *rule, const struct record *record,
		 int depth);

static void feed_one(struct correlations *c, const struct rule_info *correlation,
		     const struct rule_info *rule, const struct record *record, int depth)
{
	struct text key = { 0 };
	struct finding *finding = NULL;

	if (group_key(correlation, rule, record, &key))
		finding = group_add(group_of(c, correlation, text_slice(&key)), rule, record,
				    c->newest - c->lateness);
	text_clear(&key);
	if (!finding)
		return;
	((struct rule_info *)correlation)->matched++;
	c->fired(c->context, correlation, finding, record);
	feed(c, correlation, record, depth + 1);
}

static void feed(struct correlations *c, const struct rule_info *rule, const struct record *record,
		 int depth)
{
	if (depth > DEPTH_MAX)
		return;
	for (size_t i = 0; i < c->n_rules; i++) {
		const struct correlation_spec *spec = &c->rules[i]->correlation;

		for (size_t k = 0; spec->type != CORRELATION_NONE && k < spec->n_rules; k++)
			if (spec->rules[k] == rule) {
				feed_one(c, c->rules[i], rule, record, depth);
				break;
			}
	}
}

void correlations_feed(struct correlations *c, const struct rule_info *rule,
		       const struct record *record)
{
	if (record->time == TIME_NONE)
		return;
	if (c->newest != TIME_NONE && record->time < c->newest - c->lateness) {
		c->stats.late++;	/* judged alone */
		return;
	}
	if (record->time > c->newest)
		c->newest = record->time;
	feed(c, rule, record, 0);
}

void correlations_advance(struct correlations *c, int64_t watermark)
{
	size_t cursor = 0;
	struct slice key;
	void *group;

	/* walking all groups costs; a minute of event time between two walks is enough */
	if (watermark == TIME_NONE || (watermark != INT64_MAX && c->evicted != 0 &&
				       watermark < c->evicted + 60 * NS_PER_S))
		return;
	c->evicted = watermark;
	while (map_next(c->groups, &cursor, &key, &group))
		if (group_is_over(group, watermark == INT64_MAX ? INT64_MAX : watermark - c->lateness)) {
			map_remove(c->groups, key);
			group_free(group);
		}
}

void correlations_stats(const struct correlations *c, struct correlation_stats *out)
{
	*out = c->stats;
	out->groups = map_count(c->groups);
}

struct json_object *correlations_to_json(const struct correlations *c)
{
	struct json_object *state = json_object_new_object(), *list = json_object_new_array();
	size_t cursor = 0;
	struct slice key;
	void *group;

	json_object_object_add(state, "newest", json_object_new_int64(c->newest));
	json_object_object_add(state, "late", json_object_new_int64((int64_t)c->stats.late));
	while (map_next(c->groups, &cursor, &key, &group)) {
		size_t space = slice_find_byte(key, ' ', 0);
		struct json_object *o = group_to_json(group);

		/* the index of the rule may be another one after a reload */
		json_object_object_add(o, "key", json_object_new_string_len(
							 key.at + space, (int)(key.len - space)));
		json_object_array_add(list, o);
	}
	json_object_object_add(state, "groups", list);
	return state;
}

static const struct rule_info *rule_by_id(const struct correlations *c, const char *id)
{
	for (size_t i = 0; id && i < c->n_rules; i++)
		if (strcmp(c->rules[i]->id, id) == 0)
			return c->rules[i];
	return NULL;
}

int correlations_from_json(struct correlations *c, struct json_object *state, struct err *err)
{
	struct json_object *list = NULL, *value = NULL;

	if (!json_object_object_get_ex(state, "groups", &list) ||
	    !json_object_is_type(list, json_type_array))
		return err_set(err, ERR_CONFIG, "the saved correlation state has no groups");
	if (json_object_object_get_ex(state, "newest", &value))
		c->newest = json_object_get_int64(value);
	if (json_object_object_get_ex(state, "late", &value))
		c->stats.late = (uint64_t)json_object_get_int64(value);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i), *id = NULL, *key = NULL;
		const struct rule_info *rule;
		struct text full = { 0 };

		json_object_object_get_ex(o, "rule", &id);
		json_object_object_get_ex(o, "key", &key);
		rule = rule_by_id(c, id ? json_object_get_string(id) : NULL);
		if (!rule || !key || rule->correlation.type == CORRELATION_NONE)
			continue;
		text_addf(&full, "%u%s", rule->index, json_object_get_string(key));
		group_from_json(group_of(c, rule, text_slice(&full)), o, c->rules, c->n_rules);
		text_clear(&full);
	}
	return 0;
}
