/* `incident new` on a terminal: asks in Japanese for what the options did not say; the answers come from the profile. */
#include "ctl/ctl.h"

#include "base/escape.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has(struct json_object *request, const char *name)
{
	return json_object_object_get_ex(request, name, NULL);
}

/* One line; false at the end of the input. */
static bool answer_read(const char *question, char *out, size_t size)
{
	fprintf(stderr, "%s\n> ", question);
	if (!fgets(out, (int)size, stdin))
		return false;
	out[strcspn(out, "\n")] = '\0';
	return true;
}

static void clauses_print(const struct notice *notice)
{
	const struct node *list = node_get(notice->profile, "clauses");

	for (size_t k = 0; k < node_count(list); k++)
		fprintf(stderr, "  %-5s %s\n", node_get_text(node_item(list, k), "id"),
			node_get_text(node_item(list, k), "quote"));
	fprintf(stderr, "  analogous %s\n  none  例示を選ばず、事実だけを記録する\n",
		node_get_text(notice->phrases, "form_text_analogous"));
}

static void facts_print(const struct notice *notice)
{
	const struct node *list = node_get(notice->profile, "facts");

	for (size_t k = 0; k < node_count(list); k++)
		fprintf(stderr, "  %-20s %s\n", node_get_text(node_item(list, k), "id"),
			node_get_text(node_item(list, k), "ja"));
}

static void classes_print(const struct notice *notice)
{
	const struct node *classes = node_get(notice->table, "asset_classes");

	for (size_t k = 0; classes && k < classes->n; k++)
		fprintf(stderr, "  %-14s %s\n", classes->keys[k]->text.at, node_get_text(classes->items[k], "ja"));
}

static const struct question {
	const char *member, *text;
	void (*choices)(const struct notice *notice);
	bool must;
} questions[] = {
	{ "clause", "どの例示に当たるか（記号）", clauses_print, true },
	{ "fact", "何が起きたか（空行は例示のとおり）", facts_print, false },
	{ "host", "どの機器か（ホスト名又は資産番号。空行は不明）", NULL, false },
	{ "class", "資産区分（空行は台帳のとおり又は未確認）", classes_print, false },
	{ "informant", "外部からの連絡なら、連絡元の組織名（空行は社内で確認）", NULL, false },
	{ "at", "検知又は判明の日時（2026-06-15T10:40 の形。空行は今）", NULL, false },
	{ "text", "何があったか（短い文）", NULL, true },
};

static int question_ask(const struct question *q, const struct notice *notice, struct json_object *request)
{
	char line[4000];

	if (has(request, q->member))
		return 0;
	if (q->choices)
		q->choices(notice);
	do {
		if (!answer_read(q->text, line, sizeof(line)))
			return ctl_fail(-1, "the input ended before all was answered; nothing was recorded");
	} while (q->must && !line[0]);
	if (line[0])
		json_object_object_add(request, q->member, json_text(slice_of(line)));
	return 0;
}

int ctl_ask_new(struct json_object *request)
{
	struct content_options options = { .config_path = ctl_config_path };
	struct content *content;
	int rc = 0;

	if ((has(request, "clause") || has(request, "fact")) && has(request, "text"))
		return 0;
	if (!isatty(STDIN_FILENO))
		return ctl_fail(-1, "incident new needs --clause C or --fact F, and --text TEXT (questions are asked "
				"on a terminal only)");
	content = ctl_load(&options);
	if (!content)
		return -1;
	for (size_t k = 0; rc == 0 && k < sizeof(questions) / sizeof(questions[0]); k++)
		rc = question_ask(&questions[k], content->notice, request);
	content_free(content);
	return rc;
}
