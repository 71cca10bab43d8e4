/* The sheet as the notice's text form: one line a number, further letters on their own lines, no boxes. */
#include "draft/draft.h"

#include "model/json.h"

#include <json-c/json.h>

static const char *word(struct json_object *o, const char *name)
{
	const char *text = json_member_text(o, name);

	return text ? text : "";
}

void draft_sheet_text(struct json_object *sheet, bool annotate, struct text *out)
{
	struct json_object *items = json_member(sheet, "items");
	const char *head = word(sheet, "head");

	text_addf(out, "%s%s%s%s\n", word(sheet, "drill"), head, head[0] ? " " : "", word(sheet, "text_title"));
	if (annotate)
		text_addf(out, "%s %s\n", word(sheet, "addressee_label"), word(sheet, "addressee"));
	for (size_t k = 0; k < json_count(items); k++) {
		struct json_object *item = json_object_array_get_idx(items, k);

		text_addf(out, "%s %s%s\n", word(item, "mark"),
			  json_object_get_boolean(json_member(item, "changed")) ? word(sheet, "change_mark") : "", word(item, "text"));
		if (annotate)
			text_addf(out, "    ← %s\n", word(item, "source"));
	}
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
