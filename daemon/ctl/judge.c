/* judge: one question to the decision table, answered in the words of the notice or as JSON. */
#include "ctl/ctl.h"

#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

enum { OPT_CLAUSE = CTL_JSON + 1, OPT_CLASS, OPT_CERTAINTY, OPT_FACT, OPT_INFORMATION, OPT_LEAK, OPT_LOSS,
       OPT_DESTRUCTION };

struct arguments {
	struct judge_question question;
	bool has_class, has_certainty;
};

static bool judge_option(int opt, const char *value, void *context)
{
	struct arguments *a = context;
	struct judge_question *q = &a->question;
	unsigned bit;

	switch (opt) {
	case OPT_CLAUSE: q->clause = value; return true;
	case OPT_CLASS:
		a->has_class = true;
		if (strcmp(value, "unknown") == 0)
			return true;
		if (!class_parse(value, &bit)) {
			ctl_fail(0, "unknown class '%s'; one of protected same_intranet other_defence "
				    "secret company_web none unknown", value);
			return false;
		}
		q->classes |= bit;
		return true;
	case OPT_CERTAINTY:
		a->has_certainty = true;
		if (certainty_parse(value, &q->certainty))
			return true;
		ctl_fail(0, "unknown certainty '%s'; one of confirmed suspected pointed_out", value);
		return false;
	case OPT_FACT: strlist_add(&q->facts, value); return true;
	case OPT_INFORMATION: q->information = value; return true;
	case OPT_LEAK: q->leak = true; return true;
	case OPT_LOSS: q->loss = true; return true;
	case OPT_DESTRUCTION: q->destruction = true; return true;
	default: return false;
	}
}

struct wording {
	const char *word, *ja, *en;
};

static const struct wording applies[] = {
	{ "yes", "当たる", "it is a case" },
	{ "ask", "情報の区分を人が確かめる", "a person must say whether the information is protected, secret or neither" },
	{ "no", "この文言には当たらない（「準じた事態」の選択は残る）", "not by these words; `analogous` stays open" },
	{ 0 },
};
static const struct wording certainties[] = {
	{ "confirmed", "認められた", "established" },
	{ "suspected", "疑い又はおそれ", "suspicion or risk" },
	{ "pointed_out", "内部又は外部からの指摘", "pointed out from inside or outside" },
	{ 0 },
};
static const struct wording timings[] = {
	{ "immediate", "直ちに", "at once" },
	{ "none", "報告の時期の定めはない", "no report under these words" },
	{ 0 },
};
static const struct wording box_modes[] = {
	{ "all", "認められればチェックする", "to be ticked" },
	{ "any_of", "候補。認められたものを人が選ぶ", "candidates: a person ticks what is established" },
	{ "none", "どれにもチェックしない", "none is ticked" },
	{ 0 },
};
static const struct wording marks[] = {
	{ "stated", "通知の文言", "stated" }, { "reading", "読み", "our reading" }, { 0 },
};
static const struct wording row_words[] = {
	{ "facts_without_clause", "条項によらない定め", "rows without a clause" },
	{ "any", "問わない", "any" },
	{ 0 },
};

static const struct wording *wording_find(const struct wording *list, const char *word)
{
	while (list->word && strcmp(list->word, word) != 0)
		list++;
	return list->word ? list : NULL;
}

static void wording_add(const struct wording *list, const char *word, struct text *out)
{
	const struct wording *w = wording_find(list, word);

	if (w)
		text_addf(out, "%s / %s", w->ja, w->en);
	else
		text_add(out, word);
}

static const char *class_label(const struct notice *notice, const char *word)
{
	return node_get_text(node_get(node_get(notice->table, "asset_classes"), word), "ja");
}

/* One part of a row's name: clause, class, certainty or fact. */
static void part_add(const struct notice *notice, const char *word, struct text *out)
{
	const struct wording *w = wording_find(certainties, word);

	if (!w)
		w = wording_find(row_words, word);
	if (w)
		text_add(out, w->ja);
	else if (notice_clause(notice, word))
		notice_clause_label(notice, word, out);
	else if (class_label(notice, word))
		text_add(out, class_label(notice, word));
	else if (notice_has_fact(notice, word))
		text_add(out, notice_fact_label(notice, word));
	else
		text_addf(out, "事実による特則 / override by the fact %s", word);
}

/* "1-ke/protected/suspected + O03" in words. */
static void row_add(const struct notice *notice, const char *name, struct text *out)
{
	char word[96];

	while (*name) {
		size_t n = strcspn(name, "/ ");

		snprintf(word, sizeof(word), "%.*s", (int)n, name);
		part_add(notice, word, out);
		name += n;
		if (*name == '/')
			text_add(out, "・");
		else if (*name)
			text_add(out, " ＋ ");
		name += strspn(name, "/ +");
	}
}

static const struct node *box_find(const struct notice *notice, const char *mark)
{
	const struct node *fields = node_get(node_get(notice->profile, "form"), "fields");

	for (size_t i = 0; i < node_count(fields); i++) {
		const struct node *boxes = node_get(node_item(fields, i), "boxes");

		if (!node_has(node_get(node_item(fields, i), "id"), "kind"))
			continue;
		for (size_t k = 0; k < node_count(boxes); k++)
			if (node_has(node_get(node_item(boxes, k), "mark"), mark))
				return node_item(boxes, k);
	}
	return NULL;
}

static struct json_object *list_of(struct json_object *answer, const char *name, size_t *n)
{
	struct json_object *list = json_object_object_get(answer, name);

	*n = list ? json_object_array_length(list) : 0;
	return list;
}

static const char *text_at(struct json_object *list, size_t i)
{
	return json_object_get_string(json_object_array_get_idx(list, i));
}

static void reasons_add(const struct notice *notice, struct json_object *answer, struct text *out)
{
	size_t n;
	struct json_object *why = list_of(answer, "why", &n);

	for (size_t i = 0; i < n; i++) {
		const struct node *reason = node_get(node_get(notice->table, "reasons"), text_at(why, i));
		const char *mark = node_get_text(reason, "mark"), *words = node_get_text(reason, "text");

		text_add(out, i ? "  ［" : "理由 / because:\n  ［");
		wording_add(marks, mark ? mark : "reading", out);
		text_addf(out, "］ %s\n", words ? words : text_at(why, i));
	}
}

static void answer_text(const struct notice *notice, struct json_object *answer, struct text *out)
{
	const char *row = ctl_text(answer, "row");
	struct json_object *list;
	size_t n;

	text_add(out, "該当 / applies: ");
	wording_add(applies, ctl_text(answer, "applies"), out);
	list = list_of(answer, "bases", &n);
	text_add(out, n ? "\n" : "\n根拠 / basis: なし / none\n");
	for (size_t i = 0; i < n; i++)
		text_addf(out, "根拠 / basis: %s\n", notice_basis_label(notice, text_at(list, i)));
	text_add(out, "様式④ / box ④: ");
	wording_add(box_modes, ctl_text(answer, "box_mode"), out);
	list = list_of(answer, "box", &n);
	for (size_t i = 0; i < n; i++) {
		const char *quote = node_get_text(box_find(notice, text_at(list, i)), "quote");

		text_addf(out, "\n  %s %s", text_at(list, i), quote ? quote : "");
	}
	text_add(out, "\n時期 / timing: ");
	wording_add(timings, ctl_text(answer, "timing"), out);
	list = list_of(answer, "code", &n);
	for (size_t i = 0; i < n; i++)
		text_addf(out, "%s%s", i ? "、" : "\n定型文の記号 / code: ", text_at(list, i));
	text_add(out, "\n表の行 / row: ");
	if (row)
		row_add(notice, row, out);
	else
		text_add(out, "なし / none");
	text_add_char(out, '\n');
	reasons_add(notice, answer, out);
}

static void answer_print(const struct content *content, struct json_object *answer)
{
	struct text out = { 0 };

	if (ctl_json)
		text_addf(&out, "%s\n", json_line(answer));
	else
		answer_text(content->notice, answer, &out);
	ctl_flush(&out);
	text_clear(&out);
}

int ctl_judge(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, CTL_JSON },
		{ "clause", required_argument, NULL, OPT_CLAUSE },
		{ "class", required_argument, NULL, OPT_CLASS },
		{ "certainty", required_argument, NULL, OPT_CERTAINTY },
		{ "fact", required_argument, NULL, OPT_FACT },
		{ "information", required_argument, NULL, OPT_INFORMATION },
		{ "leak", no_argument, NULL, OPT_LEAK },
		{ "loss", no_argument, NULL, OPT_LOSS },
		{ "destruction", no_argument, NULL, OPT_DESTRUCTION },
		{ 0 },
	};
	struct arguments a = { 0 };
	struct content_options options = { 0 };
	struct json_object *answer;
	struct content *content;
	int code = EXIT_DONE;
	struct err err;

	if (!ctl_options(argc, argv, longs, judge_option, &a) || optind != argc ||
	    !a.has_class || !a.has_certainty) {
		strlist_clear(&a.question.facts);
		return ctl_usage("judge");
	}
	options.config_path = ctl_config_path;
	content = ctl_load(&options);
	answer = content ? judge_answer(content->judge, &a.question, &err) : NULL;
	if (answer)
		answer_print(content, answer);
	else
		code = content ? ctl_fail_err(EXIT_USAGE, &err) : EXIT_USAGE;
	json_object_put(answer);
	strlist_clear(&a.question.facts);
	content_free(content);
	return code;
}
