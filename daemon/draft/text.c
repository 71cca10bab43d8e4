/* The sheet as the notice's text form: one line a number, further letters on their own lines, no boxes. */
#include "draft/draft.h"

#include <json-c/json.h>

static const char *word(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value ? json_object_get_string(value) : "";
}

static bool flag(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(o, name, &value) && json_object_get_boolean(value);
}

int draft_sheet_text(struct json_object *sheet, bool annotate, struct text *out)
{
	struct json_object *items = NULL;
	const char *head = word(sheet, "head");

	text_addf(out, "%s%s%s%s\n", word(sheet, "drill"), head, head[0] ? " " : "", word(sheet, "text_title"));
	if (annotate)
		text_addf(out, "%s %s\n", word(sheet, "addressee_label"), word(sheet, "addressee"));
	json_object_object_get_ex(sheet, "items", &items);
	for (size_t k = 0; items && k < json_object_array_length(items); k++) {
		struct json_object *item = json_object_array_get_idx(items, k);

		text_addf(out, "%s %s%s\n", word(item, "mark"),
			  flag(item, "changed") ? word(sheet, "change_mark") : "", word(item, "text"));
		if (annotate)
			text_addf(out, "    ← %s\n", word(item, "source"));
	}
	return 0;
}

static int walk(const struct draft_input *input, bool annotate, struct text *out, struct err *err)
{
	struct json_object *sheet = draft_sheet(input, err);

	if (!sheet)
		return err->kind;
	draft_sheet_text(sheet, annotate, out);
	json_object_put(sheet);
	return draft_outside(input, out, err);
}

int draft_text(const struct draft_input *input, struct text *out, struct err *err)
{
	return walk(input, false, out, err);
}

int draft_annotated(const struct draft_input *input, struct text *out, struct err *err)
{
	return walk(input, true, out, err);
}
