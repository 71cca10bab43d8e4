/* One question to the decision table, checked in words and answered as JSON (design section 5). */
#include "judge/state.h"

#include <stdlib.h>
#include <string.h>

#define ANALOGOUS "analogous"

/* ids of a list of the profile, for the nearest valid name. */
static int unknown_name(const struct node *list, const char *what, const char *name,
			struct err *err)
{
	const char *ids[64];
	size_t n = 0;
	int near;

	for (size_t i = 0; i < node_count(list) && n < 64; i++)
		if (node_get_text(node_item(list, i), "id"))
			ids[n++] = node_get_text(node_item(list, i), "id");
	near = strlist_nearest(ids, n, name);
	return err_set(err, ERR_USAGE, "unknown %s '%s'%s%s%s", what, name,
		       near >= 0 ? "; did you mean '" : "", near >= 0 ? ids[near] : "",
		       near >= 0 ? "'?" : "");
}

static int question_check(const struct judge *judge, const struct judge_question *q,
			  struct err *err)
{
	const struct node *profile = judge->notice->profile;

	if (q->clause && strcmp(q->clause, ANALOGOUS) != 0 &&
	    !notice_clause(judge->notice, q->clause))
		return unknown_name(node_get(profile, "clauses"), "clause", q->clause, err);
	for (size_t i = 0; i < q->facts.n; i++)
		if (!notice_has_fact(judge->notice, q->facts.at[i]))
			return unknown_name(node_get(profile, "facts"), "fact", q->facts.at[i],
					    err);
	if (q->classes >> CLASS_COUNT)
		return err_set(err, ERR_USAGE, "unknown class in the question");
	if (q->information && strcmp(q->information, "protected") != 0 &&
	    strcmp(q->information, "secret") != 0)
		return err_set(err, ERR_USAGE,
			       "unknown information '%s'; protected or secret is wanted",
			       q->information);
	return 0;
}

static struct json_object *strings(const struct strlist *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < list->n; i++)
		json_object_array_add(array, json_object_new_string(list->at[i]));
	return array;
}

/* null, one name, or several joined in the order of looking up. */
static struct json_object *rows_name(const struct strlist *rows)
{
	struct text name = { 0 };
	struct json_object *object = NULL;

	for (size_t i = 0; i < rows->n; i++)
		text_addf(&name, "%s%s", i ? " + " : "", rows->at[i]);
	if (rows->n)
		object = json_object_new_string(name.at);
	text_clear(&name);
	return object;
}

struct json_object *judge_answer(const struct judge *judge, const struct judge_question *question,
				 struct err *err)
{
	struct json_object *object, *mark;
	struct answer answer;

	if (question_check(judge, question, err) < 0)
		return NULL;
	table_answer(judge->table, question, &answer);
	object = json_object_new_object();
	mark = json_object_new_object();
	for (size_t i = 0; i < OUTPUT_COUNT; i++)
		json_object_object_add(
			mark, output_words[i],
			json_object_new_string(answer.stated[i] ? "stated" : "reading"));
	json_object_object_add(object, "applies", json_object_new_string(answer.applies));
	json_object_object_add(object, "bases", strings(&answer.bases));
	json_object_object_add(object, "box", strings(&answer.boxes));
	json_object_object_add(object, "box_mode", json_object_new_string(answer.box_mode));
	json_object_object_add(object, "timing", json_object_new_string(answer.timing));
	json_object_object_add(object, "code", strings(&answer.codes));
	json_object_object_add(object, "mark", mark);
	json_object_object_add(object, "why", strings(&answer.why));
	json_object_object_add(object, "row", rows_name(&answer.rows));
	answer_clear(&answer);
	return object;
}
