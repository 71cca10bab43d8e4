/* One question to the decision table, checked in words and answered as JSON (design section 5). */
#include "judge/state.h"

#include "model/json.h"

#include <stdlib.h>
#include <string.h>

#define ANALOGOUS "analogous"

static int question_check(const struct judge *judge, const struct judge_question *q,
			  struct err *err)
{
	if (q->clause && strcmp(q->clause, ANALOGOUS) != 0 &&
	    !notice_clause(judge->notice, q->clause))
		return notice_unknown(judge->notice, "clause", q->clause, err);
	for (size_t i = 0; i < q->facts.n; i++)
		if (!notice_has_fact(judge->notice, q->facts.at[i]))
			return notice_unknown(judge->notice, "fact", q->facts.at[i], err);
	if (q->classes >> CLASS_COUNT)
		return err_set(err, ERR_USAGE, "unknown class in the question");
	if (q->information && strcmp(q->information, "protected") != 0 &&
	    strcmp(q->information, "secret") != 0)
		return err_set(err, ERR_USAGE,
			       "unknown information '%s'; protected or secret is wanted",
			       q->information);
	return 0;
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
	json_object_object_add(object, "bases", json_strings(&answer.bases));
	json_object_object_add(object, "box", json_strings(&answer.boxes));
	json_object_object_add(object, "box_mode", json_object_new_string(answer.box_mode));
	json_object_object_add(object, "timing", json_object_new_string(answer.timing));
	json_object_object_add(object, "code", json_strings(&answer.codes));
	json_object_object_add(object, "mark", mark);
	json_object_object_add(object, "why", json_strings(&answer.why));
	json_object_object_add(object, "row", rows_name(&answer.rows));
	answer_clear(&answer);
	return object;
}
