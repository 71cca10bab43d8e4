/*
 * One group for each correlation and each set of group-by values. A group holds its hits in the order of their
 * event times, however they arrived. Conditions that more hits cannot undo fire at once; a window then swallows
 * what falls into it and fires once. All others are decided when the watermark has passed the window. In the
 * order of time the result is what the sorted sequence gives. Shuffled within `lateness`, what is decided at the
 * watermark is the same; what fires at once fires for the same bursts, by another of their hits where windows
 * overlap.
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
#define DROP_SHARE 16			/* at a bound one group in so many goes, so that looking for them is rare */

/* One correlation that counts a rule, and as the how many-th of its rules. */
struct use {
	const struct rule_info *correlation;
	size_t place;
};

struct uses {
	struct use *at;
	size_t n, cap;
	int depth;			/* of a correlation: 1 counts rules only, 2 counts such correlations ... */
	int64_t delay;			/* how long after its time a hit of what it counts may come */
	struct group *oldest, *newest;	/* its groups: by their last hits, or where windows are waited for as they were opened */
};

struct correlations {
	const struct rule_info *const *rules;
	size_t n_rules;
	struct uses *uses;		/* by rule index */
	int depth;			/* the greatest */
	uint64_t opened;		/* groups */
	int64_t lateness, watermark, evicted;
	size_t groups_max, hits_max, hits;
	correlation_fired fired;
	void *context;
	struct map *groups;		/* rule index and values, to struct group */
	struct correlation_stats stats;
};

/* A correlation that waits for its window hands on its hit by so much later. */
static void uses_measure(struct correlations *c, const struct rule_info *rule)
{
	const struct correlation_spec *spec = &rule->correlation;
	struct uses *own = &c->uses[rule->index];

	if (spec->type == CORRELATION_NONE || own->depth)
		return;
	own->depth = 1;
	for (size_t i = 0; i < spec->n_rules; i++) {
		const struct rule_info *counted = spec->rules[i];
		const struct uses *other = &c->uses[counted->index];
		int64_t delay;

		uses_measure(c, counted);
		delay = other->delay + (counted->correlation.deferred ? counted->correlation.timespan : 0);
		own->delay = delay > own->delay ? delay : own->delay;
		own->depth = other->depth >= own->depth ? other->depth + 1 : own->depth;
	}
	c->depth = own->depth > c->depth ? own->depth : c->depth;
}

static void uses_collect(struct correlations *c)
{
	c->uses = mem_zalloc((c->n_rules + 1) * sizeof(*c->uses));
	for (size_t i = 0; i < c->n_rules; i++) {
		const struct correlation_spec *spec = &c->rules[i]->correlation;

		for (size_t k = 0; spec->type != CORRELATION_NONE && k < spec->n_rules; k++) {
			struct uses *uses = &c->uses[spec->rules[k]->index];

			uses->at = mem_grow(uses->at, &uses->cap, uses->n + 1, sizeof(*uses->at));
			uses->at[uses->n++] = (struct use){ c->rules[i], k };
		}
	}
	for (size_t i = 0; i < c->n_rules; i++)
		uses_measure(c, c->rules[i]);
}

struct correlations *correlations_new(const struct rule_info *const *rules, size_t n,
				      const struct correlation_bounds *bounds,
				      correlation_fired fired, void *context)
{
	struct correlations *c = mem_zalloc(sizeof(*c));

	c->rules = rules;
	c->n_rules = n;
	c->lateness = bounds->lateness;
	c->groups_max = bounds->groups_max ? bounds->groups_max : 1;
	c->hits_max = bounds->hits_max ? bounds->hits_max : 1;
	c->fired = fired;
	c->context = context;
	c->groups = map_new();
	c->watermark = TIME_NONE;
	uses_collect(c);
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
	for (size_t i = 0; i < c->n_rules; i++)
		free(c->uses[i].at);
	free(c->uses);
	free(c);
}

/* As the rule means it: for our own names the normalised value. */
struct slice correlation_value(const struct record *record, const char *name,
			       const struct lookup *paths, struct lookup_walk *walk)
{
	const struct field *field;

	if (!paths || paths->n < 2)
		return record_value(record, paths && paths->n ? paths->paths[0].name : name);
	field = lookup_next(paths, record, walk);
	return field ? field->value : SLICE("");
}

/* Of the group-by names, in the records of the rule that is counted; NULL: under their own names. */
static const struct lookup *group_paths(const struct use *use)
{
	const struct correlation_spec *spec = &use->correlation->correlation;

	return spec->group_paths ? &spec->group_paths[use->place * spec->group_by.n] : NULL;
}

/* False when a group-by field is absent: such a record takes no part. Values compare caselessly. */
static bool group_key(const struct use *use, const struct record *record, struct text *key)
{
	const struct strlist *names = &use->correlation->correlation.group_by;
	const struct lookup *paths = group_paths(use);

	text_add_u64(key, use->correlation->index);
	for (size_t i = 0; i < names->n; i++) {
		struct lookup_walk walk = { 0 };
		struct slice value = correlation_value(record, names->at[i], paths ? &paths[i] : NULL, &walk);

		if (!value.len)
			return false;
		text_add_char(key, ' ');
		text_add_u64(key, value.len);
		text_add_char(key, ':');
		text_add_lower(key, value);
	}
	return true;
}

static void group_leave(struct correlations *c, struct group *group)
{
	struct uses *own = &c->uses[group_correlation(group)->index];
	struct group_place *place = group_place(group);

	*(place->older ? &group_place(place->older)->newer : &own->oldest) = place->newer;
	*(place->newer ? &group_place(place->newer)->older : &own->newest) = place->older;
}

static void group_enter(struct correlations *c, struct group *group)
{
	struct uses *own = &c->uses[group_correlation(group)->index];
	struct group_place *place = group_place(group);

	place->older = own->newest;
	place->newer = NULL;
	*(own->newest ? &group_place(own->newest)->newer : &own->oldest) = group;
	own->newest = group;
}

static void group_drop(struct correlations *c, struct group *group)
{
	group_leave(c, group);
	map_remove(c->groups, group_place(group)->key);
	c->hits -= group_size(group);
	group_free(group);
}

struct aged {
	int64_t last;
	struct group *group;
};

static int compare_aged(const void *a, const void *b)
{
	const struct aged *x = a, *y = b;

	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	return group_place(x->group)->number < group_place(y->group)->number ? -1 : 1;	/* ties: the older group */
}

/* At a bound the groups go that were longest without a hit, and are counted. */
static void drop_oldest(struct correlations *c)
{
	size_t n = map_count(c->groups), cursor = 0, i = 0;
	struct aged *list = mem_zalloc((n + 1) * sizeof(*list));
	void *group;

	while (map_next(c->groups, &cursor, NULL, &group))
		list[i++] = (struct aged){ group_last(group), group };
	qsort(list, n, sizeof(*list), compare_aged);
	for (i = 0; i < n && i < n / DROP_SHARE + 1; i++) {
		group_drop(c, list[i].group);
		c->stats.dropped++;
	}
	free(list);
}

static struct group *group_of(struct correlations *c, const struct rule_info *correlation,
			      struct slice key)
{
	struct group *group = map_get(c->groups, key);

	if (group && (correlation->correlation.deferred || !group_place(group)->newer))
		return group;
	if (group) {
		group_leave(c, group);
	} else {
		if (map_count(c->groups) >= c->groups_max || c->hits >= c->hits_max)
			drop_oldest(c);
		group = group_new(correlation);
		group_place(group)->number = c->opened++;
		group_place(group)->key = map_add(c->groups, key, group);
	}
	group_enter(c, group);
	return group;
}

/* How far everything has come that a correlation counts. */
static int64_t watermark_of(const struct correlations *c, const struct rule_info *correlation,
			    int64_t watermark)
{
	int64_t delay = c->uses[correlation->index].delay;

	return watermark == INT64_MAX || watermark < INT64_MIN + delay ? watermark : watermark - delay;
}

static void feed(struct correlations *c, const struct rule_info *rule, const struct record *record,
		 int depth);

static void fire(struct correlations *c, const struct rule_info *correlation, struct finding *finding,
		 const struct record *record, int depth)
{
	((struct rule_info *)correlation)->matched++;
	c->fired(c->context, correlation, finding, record);
	feed(c, correlation, record, depth + 1);
}

static void feed_one(struct correlations *c, const struct use *use, const struct record *record,
		     int depth)
{
	struct finding *finding = NULL;
	struct text key = { 0 };

	if (group_key(use, record, &key)) {
		struct group *group = group_of(c, use->correlation, text_slice(&key));
		size_t before = group_size(group);

		finding = group_add(group, use->place, record, group_paths(use),
				    watermark_of(c, use->correlation, c->watermark));
		c->hits += group_size(group) - before;
		c->stats.dropped_hits += group_take_dropped(group);
	}
	text_clear(&key);
	if (finding)
		fire(c, use->correlation, finding, record, depth);
}

static void feed(struct correlations *c, const struct rule_info *rule, const struct record *record,
		 int depth)
{
	const struct uses *uses = &c->uses[rule->index];

	for (size_t i = 0; depth <= DEPTH_MAX && i < uses->n; i++)
		feed_one(c, &uses->at[i], record, depth);
}

void correlations_feed(struct correlations *c, const struct rule_info *rule,
		       const struct record *record)
{
	if (record->time == TIME_NONE)
		return;
	if (record->time < c->watermark) {
		c->stats.late++;	/* judged alone */
		return;
	}
	if (record->time - c->lateness > c->watermark)
		c->watermark = record->time - c->lateness;
	feed(c, rule, record, 0);
}

/* A hit that was kept, as the record that it came from. */
static void record_again(const struct past_hit *hit, struct arena *arena, struct record *r)
{
	const struct evidence *e = &hit->evidence;

	*r = (struct record){ .arena = arena, .raw = { e->raw, e->raw_len }, .source = e->source, .file = e->file,
			      .stream = e->stream, .generation = e->generation, .line = e->line,
			      .offset = e->offset, .time = e->time, .utc_offset = e->utc_offset,
			      .zone_assumed = e->zone_assumed, .format = e->format };
	for (size_t i = 0; i < hit->n_fields; i++)
		record_add(r, slice_of(hit->fields[i].name),
			   (struct slice){ hit->fields[i].value, hit->fields[i].len },
			   hit->fields[i].number ? VALUE_NUMBER : VALUE_STRING, true);
}

/* The next window of a group that is over and was waited for. */
static struct finding *close_window(struct correlations *c, struct group *group, int64_t watermark,
				    struct past_hit **hit)
{
	size_t before = group_size(group);
	struct finding *finding = group_close(group, watermark, hit);

	c->hits -= before - group_size(group);
	return finding;
}

/* Firing may drop any group at the bound, this one too: it is looked up again each time. */
static void close_windows(struct correlations *c, struct slice key, int64_t watermark)
{
	struct past_hit *hit = NULL;
	struct finding *finding;
	struct group *group;

	while ((group = map_get(c->groups, key)) && (finding = close_window(c, group, watermark, &hit))) {
		const struct rule_info *correlation = group_correlation(group);
		struct record record;
		struct arena *arena = arena_new();

		record_again(hit, arena, &record);
		fire(c, correlation, finding, &record, 0);
		free(hit);
		arena_free(arena);
	}
}

static void group_advance(struct correlations *c, struct slice key, int64_t watermark)
{
	struct group *group = map_get(c->groups, key);

	if (!group)
		return;			/* dropped meanwhile */
	watermark = watermark_of(c, group_correlation(group), watermark);
	close_windows(c, key, watermark);
	group = map_get(c->groups, key);
	if (group && group_is_over(group, watermark) && !group_size(group))
		group_drop(c, group);
}

static int compare_opened(const void *a, const void *b)
{
	struct group *const *x = a, *const *y = b;

	return group_place(*x)->number < group_place(*y)->number ? -1 : 1;
}

/* Firing opens groups of deeper correlations, and may drop others at the bound: so keys first, then one by one. */
static void advance_waiting(struct correlations *c, struct group **waiting, size_t n, int64_t watermark)
{
	struct slice *keys = mem_zalloc(n * sizeof(*keys));

	if (n)
		qsort(waiting, n, sizeof(*waiting), compare_opened);
	for (size_t i = 0; i < n; i++) {
		struct slice key = group_place(waiting[i])->key;

		keys[i] = (struct slice){ slice_dup(key), key.len };
	}
	for (size_t i = 0; i < n; i++) {
		group_advance(c, keys[i], watermark);
		free((char *)keys[i].at);
	}
	free(keys);
}

/* Of a correlation that waits for no window, the group whose last hit came longest ago is over first, or nearly. */
static void advance_depth(struct correlations *c, int depth, int64_t watermark)
{
	struct group **waiting = NULL, *group;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < c->n_rules; i++) {
		struct uses *own = &c->uses[i];

		if (own->depth != depth)
			continue;
		if (c->rules[i]->correlation.deferred)
			for (group = own->oldest; group; group = group_place(group)->newer) {
				waiting = mem_grow(waiting, &cap, n + 1, sizeof(struct group *));
				waiting[n++] = group;
			}
		else
			while (own->oldest && group_is_over(own->oldest, watermark_of(c, c->rules[i], watermark)))
				group_drop(c, own->oldest);
	}
	advance_waiting(c, waiting, n, watermark);
	free(waiting);
}

void correlations_advance(struct correlations *c, int64_t watermark)
{
	/* to look at those that wait costs; a minute of event time between two looks is enough */
	if (watermark == TIME_NONE || (watermark != INT64_MAX && c->evicted != 0 &&
				       watermark < c->evicted + 60 * NS_PER_S))
		return;
	c->evicted = watermark;
	if (watermark > c->watermark && watermark != INT64_MAX)
		c->watermark = watermark;
	for (int depth = 1; depth <= c->depth; depth++)
		advance_depth(c, depth, watermark);
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

	json_object_object_add(state, "watermark", json_object_new_int64(c->watermark));
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
	if (json_object_object_get_ex(state, "watermark", &value))
		c->watermark = json_object_get_int64(value);
	if (json_object_object_get_ex(state, "late", &value))
		c->stats.late = (uint64_t)json_object_get_int64(value);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i), *id = NULL, *key = NULL;
		const struct rule_info *rule;
		struct text full = { 0 };
		struct group *group;

		json_object_object_get_ex(o, "rule", &id);
		json_object_object_get_ex(o, "key", &key);
		rule = rule_by_id(c, id ? json_object_get_string(id) : NULL);
		if (!rule || !key || rule->correlation.type == CORRELATION_NONE)
			continue;
		text_addf(&full, "%u%s", rule->index, json_object_get_string(key));
		group = group_of(c, rule, text_slice(&full));
		c->hits -= group_size(group);
		group_from_json(group, o);
		c->hits += group_size(group);
		text_clear(&full);
	}
	return 0;
}
