/* One table of words; all that is due at once is one message. */
#include "warning.h"

#include "base/mem.h"
#include "base/str.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 50

static const struct { const char *word, *ja; } words[N_WARNINGS] = {
	[WARNING_GAP] = { "gap", "読む前に失われた記録があります" },
	[WARNING_SILENT] = { "silent", "記録が届いていません" },
	[WARNING_HEARD] = { "heard", "記録が再び届いています" },
	[WARNING_UNDECODED] = { "undecoded", "記録の形式を読み取れなくなりました" },
	[WARNING_DECODED] = { "decoded", "記録の形式を再び読み取れています" },
	[WARNING_CLOCK] = { "clock", "記録の時刻が大きくずれています" },
	[WARNING_CLOCK_GOOD] = { "clock_good", "記録の時刻のずれが収まりました" },
	[WARNING_STALLED] = { "stalled", "データベースに書けない間、読み取りを止めていました" },
};

const char *warning_word(enum warning warning)
{
	return words[warning].word;
}

static const char *text_of(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value ? json_object_get_string(value) : "";
}

static const char *word_ja(const char *word)
{
	for (size_t i = 0; i < N_WARNINGS; i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].ja;
	return word;
}

struct json_object *warning_to_json(enum warning warning, const char *source, const char *sentence, int64_t time)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "warning", json_object_new_string(words[warning].word));
	json_object_object_add(o, "source", json_text(slice_of(source)));
	json_object_object_add(o, "text", json_text(slice_of(sentence)));
	json_object_object_add(o, "time", json_time(time, OFFSET_JST));
	return o;
}

bool warning_is(struct json_object *row)
{
	return json_object_object_get_ex(row, "warning", NULL);
}

static void body_write(struct json_object **rows, size_t n, struct text *body)
{
	text_add(body, "sokuhod からのお知らせ（記録の読み取り）\n\n");
	for (size_t i = 0; i < n && i < LINES_MAX; i++)
		text_addf(body, "%s　%s　%s\n", text_of(rows[i], "time"), text_of(rows[i], "source"),
			  word_ja(text_of(rows[i], "warning")));
	if (n > LINES_MAX)
		text_addf(body, "ほか %zu件\n", n - LINES_MAX);
	text_add(body, "\n詳しく見る　sokuhoctl status\n");
}

void warning_message(struct json_object **rows, size_t n, struct alert_message *m)
{
	struct json_object *document = json_object_new_object(), *list = json_object_new_array();
	struct text subject = { 0 }, body = { 0 };

	text_addf(&subject, "【記録の読み取り】%s：%s", text_of(rows[0], "source"),
		  word_ja(text_of(rows[0], "warning")));
	if (n > 1)
		text_addf(&subject, "（ほか %zu件）", n - 1);
	body_write(rows, n, &body);
	json_object_object_add(document, "schema", json_object_new_string("sokuhod.warnings/1"));
	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, json_object_get(rows[i]));
	json_object_object_add(document, "warnings", list);
	m->level = mem_strdup("review");
	m->reason = mem_strdup(text_of(rows[0], "warning"));
	m->clause = mem_strdup("");
	m->asset_label = mem_strdup(text_of(rows[0], "source"));
	m->document = mem_strdup(json_line(document));
	m->subject = text_take(&subject);
	m->body = text_take(&body);
	json_object_put(document);
}
