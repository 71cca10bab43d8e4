/*
 * The rules are data: each is a conjunction of conditions on the fact, the clause's subject and the
 * entities of ours. The first that holds and has an answer gives it; rules with `level_at_least`
 * are additions that take nothing away.
 */
#include "judge/implicated.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the conditions look at. */
struct scene {
	const char *fact, *subject;
	const struct entities *entities;
	const struct entity *because; /* the entity that made a condition hold */
};

static const char *const subject_words[] = {
	[SUBJECT_PERSON] = "person", [SUBJECT_SYSTEM] = "system", [SUBJECT_WEBSITE] = "website"
};
static const char *const standing_words[] = { [STANDING_YES] = "yes",
					      [STANDING_UNKNOWN] = "unknown",
					      [STANDING_NONE] = "none",
					      [STANDING_OTHER] = "other" };

static bool facts_hold(struct scene *scene, const struct node *wanted)
{
	return scene->fact && node_has(wanted, scene->fact);
}

static bool subject_holds(struct scene *scene, const struct node *wanted)
{
	return node_has(wanted, scene->subject);
}

static bool any_class_holds(struct scene *scene, const struct node *wanted)
{
	for (size_t i = 0; i < scene->entities->n; i++)
		for (unsigned bit = 1; bit < 1u << CLASS_COUNT; bit <<= 1)
			if (scene->entities->at[i].classes & bit &&
			    node_has(wanted, class_word(bit))) {
				scene->because = &scene->entities->at[i];
				return true;
			}
	return false;
}

static bool any_entity_holds(struct scene *scene, const struct node *wanted)
{
	for (size_t i = 0; i < scene->entities->n; i++)
		if (node_has(wanted, standing_words[scene->entities->at[i].standing])) {
			scene->because = &scene->entities->at[i];
			return true;
		}
	return false;
}

static bool every_entity_holds(struct scene *scene, const struct node *wanted)
{
	for (size_t i = 0; i < scene->entities->n; i++)
		if (!node_has(wanted, standing_words[scene->entities->at[i].standing]))
			return false;
	scene->because = scene->entities->n ? &scene->entities->at[0] : NULL;
	return true;
}

static bool own_entities_hold(struct scene *scene, const struct node *wanted)
{
	return node_has(wanted, scene->entities->n ? "at_least_one" : "none_found");
}

static const struct condition {
	const char *key;
	bool (*holds)(struct scene *scene, const struct node *wanted);
} conditions[] = {
	{ "facts", facts_hold },
	{ "clause_subject", subject_holds },
	{ "any_asset_class", any_class_holds },
	{ "any_own_entity", any_entity_holds },
	{ "every_own_entity_class", every_entity_holds },
	{ "own_entities", own_entities_hold },
};

struct implicated_rule {
	const char *id;
	const struct node *node, *wanted[COUNT(conditions)];	/* NULL: that condition is not set */
	bool has_answer, is_floor;
	enum implicated implicated;
	enum level cap, floor;
};

static bool rule_holds(const struct implicated_rule *rule, struct scene *scene)
{
	scene->because = NULL;
	for (size_t i = 0; i < COUNT(conditions); i++)
		if (rule->wanted[i] && !conditions[i].holds(scene, rule->wanted[i]))
			return false;
	return true;
}

static void rule_load(const struct judge *judge, const struct node *node,
		      struct implicated_rule *rule, struct problems *problems)
{
	const struct yaml *yaml = judge->notice->table_file;
	const char *answer = node_get_text(node, "implicated"), *cap = node_get_text(node, "level");
	const char *floor = node_get_text(node, "level_at_least");
	const struct node *wanted = node_get(node, "if");
	const char *known[COUNT(conditions)];

	*rule = (struct implicated_rule){ .id = node_get_text(node, "id"),
					  .node = node,
					  .has_answer = answer != NULL,
					  .is_floor = floor != NULL,
					  .cap = LEVEL_REPORT };
	for (size_t i = 0; i < COUNT(conditions); i++) {
		known[i] = conditions[i].key;
		rule->wanted[i] = node_get(wanted, known[i]);
	}
	node_check_keys(yaml, wanted, "if of an implicated rule", known, COUNT(known),
			problems);
	if (!rule->id || !wanted || wanted->kind != NODE_MAP)
		node_error(problems, yaml, node, "an implicated rule needs 'id' and 'if'");
	if (answer && !implicated_parse(answer, &rule->implicated))
		node_error(problems, yaml, node, "'implicated' is yes, no or unknown");
	if ((cap && !level_parse(cap, &rule->cap)) || (floor && !level_parse(floor, &rule->floor)))
		node_error(problems, yaml, node, "'%s' is no level", cap ? cap : floor);
}

void implicated_load(struct judge *judge, struct problems *problems)
{
	const struct node *rules = node_get(node_get(judge->notice->table, "implicated_rules"),
					    "rules");

	judge->n_rules = node_count(rules);
	judge->rules = mem_zalloc((judge->n_rules + 1) * sizeof(*judge->rules));
	for (size_t i = 0; i < judge->n_rules; i++)
		rule_load(judge, node_item(rules, i), &judge->rules[i], problems);
	if (!judge->n_rules)
		node_error(problems, judge->notice->table_file, judge->notice->table,
			   "'implicated_rules' has no rules");
}

void implicated_free(struct judge *judge)
{
	free(judge->rules);
}

void implicated_find(const struct judge *judge, const char *fact, enum subject subject,
		     const struct entities *entities, struct implication *out)
{
	struct scene scene = { fact, subject_words[subject], entities, NULL };
	bool answered = false;

	*out = (struct implication){ .implicated = IMPLICATED_UNKNOWN,
				     .cap = LEVEL_REPORT,
				     .rule = "no rule of the table fits;" };
	for (size_t i = 0; i < judge->n_rules; i++) {
		const struct implicated_rule *rule = &judge->rules[i];

		if (!rule_holds(rule, &scene))
			continue;
		if (rule->is_floor && !out->floor_rule) {
			out->floor_rule = rule->node;
			out->floor = rule->floor;
		}
		if (!rule->has_answer || answered)
			continue;
		answered = true;
		out->implicated = rule->implicated;
		out->cap = rule->cap;
		out->because = scene.because;
		out->rule = rule->id;
	}
	/* A defence person on a machine that is none, say: never a no. */
	for (size_t i = 0; i < entities->n && !answered && !out->because; i++)
		if (entities->at[i].standing == STANDING_OTHER)
			out->because = &entities->at[i];
}
