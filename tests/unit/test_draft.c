/*
 * The draft and the windows, against sentences put together by hand from the notice's phrases: what is sent, what is
 * left out, and what stays below the form.
 */
#include "check.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "draft/draft.h"
#include "draft/phrase.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char inventory_text[] =
	"departments: [{name: 防衛設計部, defence: yes}]\n"
	"contracts:\n"
	"  - {label: 甲の契約, body: gsdf, office: 補給処, role: prime}\n"
	"  - {label: 乙の契約, body: atla, office: 調達官, role: prime}\n"
	"  - {label: 丙の契約, body: gsdf, role: sub, prime: {name: 元請の会社, day: 昼の番号, night: 夜の番号}}\n"
	"systems:\n"
	"  - {id: cad, label: 設計端末1, hosts: [pc001], department: 防衛設計部, classes: protected}\n";

static struct {
	struct inventory *inventory;
	struct notice *notice;
	struct config config, empty;
	int64_t day, night, holiday;
} world;

static int setup(void **state)
{
	char folder[] = "/tmp/sokuho-draft-XXXXXX", path[64];
	const char *data = getenv("SOKUHO_DATA_DIR");
	struct problems problems = { 0 };
	FILE *file;

	(void)state;
	if (!data || !mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/inventory.yaml", folder);
	file = fopen(path, "w");
	if (!file || fputs(inventory_text, file) < 0 || fclose(file))
		return -1;
	world.inventory = inventory_load(path, &problems);
	world.notice = notice_load(data, "r2-4608", &problems);
	unlink(path);
	rmdir(folder);
	world.config = (struct config){
		.file = (char *)"/etc/sokuhod/sokuhod.yaml",
		.company = { (char *)"○○(株)", (char *)"○○事業所" },
		.contact = { (char *)"○○課", (char *)"○○", (char *)"03-○○○○-○○○○" },
	};
	/* Monday; the same day at night; 22 September 2026 lies between two holidays */
	if (time_parse_argument("2026-06-15T10:00:00+09:00", OFFSET_JST, &world.day, NULL) < 0 ||
	    time_parse_argument("2026-06-15T20:00:00+09:00", OFFSET_JST, &world.night, NULL) < 0 ||
	    time_parse_argument("2026-09-22T12:00:00+09:00", OFFSET_JST, &world.holiday, NULL) < 0)
		return -1;
	return world.inventory && world.notice && !problems.n ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	inventory_free(world.inventory);
	notice_free(world.notice);
	return 0;
}

/* ------------------------------------------------------------------ the incident */

static void add_fields(struct incident *i, const char *const pairs[][2], size_t n)
{
	i->fields = mem_realloc(i->fields, (i->n_fields + n) * sizeof(*i->fields));
	for (size_t k = 0; k < n; k++)
		i->fields[i->n_fields++] = named_value_new(slice_of(pairs[k][0]), slice_of(pairs[k][1]), false);
}

/* What the machine proposes for an opened attachment on a protected host, two records, nobody asked yet. */
static struct incident *incident_make(unsigned classes)
{
	static const char *const fields[][2] = {
		{ "file.name", "見積.exe" },	     { "host.name", "pc001" },
		{ "observer.product", "Defender" }, { "rule.name", "Trojan:Win32/X" }, { "user.name", "tanaka" },
	};
	struct incident *i = incident_new();

	strcpy(i->id, "I20260615-x");
	assert_int_equal(time_parse_argument("2026-06-15T01:02:03Z", 0, &i->first, NULL), 0);
	i->last = i->first;
	i->level = LEVEL_REPORT;
	i->certainty = CERTAINTY_CONFIRMED;		/* the machine's: a candidate */
	i->classes = classes;
	i->fact = mem_strdup("infection");
	i->box_mode = mem_strdup("all");
	strlist_add(&i->clauses, "1-a");
	strlist_add(&i->assets, "cad");
	strlist_add(&i->labels, "設計端末1");
	strlist_add(&i->bases, "s12-1-i-a");
	strlist_add(&i->boxes, "ア");
	strlist_add(&i->bases_now, "s12-1-u");
	strlist_add(&i->contracts, "甲の契約");
	strlist_add(&i->contracts, "乙の契約");
	strlist_add(&i->formats, "syslog");
	i->evidence_total = 2;
	i->n_evidence = i->cap_evidence = 1;
	i->evidence = mem_zalloc(sizeof(*i->evidence));
	evidence_copy(&i->evidence[0], &(struct evidence){ .file = (char *)"/var/log/mail.log", .line = 12,
					    .raw = (char *)"line", .raw_len = 4 });
	add_fields(i, fields, COUNT(fields));
	return i;
}

static void decide(struct incident *i)
{
	i->decided = true;
	i->decided_by = mem_strdup("1000");
	i->certainty = CERTAINTY_CONFIRMED;
}

static struct draft_input input_of(const struct incident *i)
{
	return (struct draft_input){ .incident = i, .config = &world.config, .inventory = world.inventory,
				     .notice = world.notice, .now = world.day };
}

static char *made(int (*make)(const struct draft_input *, struct text *, struct err *), const struct draft_input *input)
{
	struct text text = { 0 };
	struct err err;

	if (make(input, &text, &err) < 0)
		fail_msg("%s", err.text);
	return text_take(&text);
}

static char *draft_of(const struct incident *i)
{
	struct draft_input input = input_of(i);

	return made(draft_text, &input);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

static void assert_has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

static void assert_order(const char *text, const char *const *parts)
{
	const char *at = text;

	for (; *parts; parts++) {
		const char *found = strstr(at, *parts);

		if (!found)
			fail_msg("'%s' is missing, or not in this place:\n%s", *parts, text);
		at = found + strlen(*parts);
	}
}

/* ------------------------------------------------------------------ the form */

static void test_an_undecided_draft_suspects_and_ticks_nothing(void **state)
{
	struct incident *i = incident_make(CLASS_PROTECTED);
	char *text = draft_of(i);
	static const char *const form[] = {
		"情報セキュリティ基準に基づく速報\n",
		"① ○○(株) ○○事業所\n",
		"② ○○課 ○○\n",
		"③ 03-○○○○-○○○○\n",
		"④ 情報セキュリティ基準第12(1)ウ 事故の疑い又は事故につながるおそれ\n",
		"⑤ 情報セキュリティ基準第12(1)ウ（事故の疑い又は事故につながるおそれ）として報告する。"
		"現時点で④の各項に当たることは認められていない。"
		"（発生の時刻は確認中）防衛設計部の社員（(名称省略)）が不審なメールの添付ファイル「(名称省略)」を開いた記録がある。"
		"検知は2026年6月15日 10時02分。(名称省略)（設計端末1）に感染の疑いがある。"
		"検知名はTrojan:Win32/X（Defender）。感染の成否は確認中。"
		"当該サーバ等における保護すべき情報の保存はあり（資産台帳による）。"
		"根拠とした記録は2件（syslog）。時刻は日本標準時。感染の有無、感染範囲及び情報流出の有無は確認中。"
		"次回連絡の予定時刻は確認中。\n",
		"⑥ 確認中\n",
		"⑦ ア 乙の契約 (調達官)\nイ 甲の契約 (補給処)\n",
		"様式の外（送らない）\n",
		"【候補・未判断】認められれば 第12(1)イ(ア)・④ア\n",
		NULL
	};

	(void)state;
	assert_order(text, form);
	assert_ptr_equal(strstr(text, form[0]), text);
	assert_has_not(text, "6-2-1");
	assert_has_not(text, "認めた");
	assert_has_not(text, "を確認した");
	free(text);
	incident_free(i);
}

static void test_a_decision_brings_the_confirmed_words_and_the_box(void **state)
{
	struct incident *i = incident_make(CLASS_PROTECTED);
	static const char *const form[] = {
		"情報セキュリティ特約条項第6条第2項の速報\n", "④ 6-2-1 ア 悪意のあるコードへの感染\n",
		"⑤ （発生の時刻は確認中）防衛設計部の社員（(名称省略)）が不審なメールの添付ファイル「(名称省略)」を開いた記録がある。"
		"検知は2026年6月15日 10時02分。これにより(名称省略)（設計端末1）が悪意のあるコードに感染したことを確認した。",
		"検知名はTrojan:Win32/X（Defender）。", "時刻は日本標準時。感染範囲及び情報流出の有無は確認中。", NULL
	};
	char *text;

	(void)state;
	decide(i);
	text = draft_of(i);
	assert_order(text, form);
	assert_has_not(text, "疑い");
	assert_has_not(text, "候補・未判断");
	free(text);
	incident_free(i);
}

static void test_a_decision_that_only_suspects_ticks_nothing(void **state)
{
	struct incident *i = incident_make(CLASS_PROTECTED);
	char *text;

	(void)state;
	decide(i);
	i->certainty = CERTAINTY_SUSPECTED;
	strlist_clear(&i->bases);
	strlist_add(&i->bases, "s12-1-u");
	strlist_clear(&i->boxes);
	text = draft_of(i);
	assert_has(text, "④ 情報セキュリティ基準第12(1)ウ 事故の疑い又は事故につながるおそれ\n");
	assert_has(text, "に感染の疑いがある。");
	assert_has_not(text, "6-2-1");
	assert_has_not(text, "候補・未判断");
	free(text);
	incident_free(i);
}

static void test_the_candidate_line_names_basis_and_boxes(void **state)
{
	static const struct { const char *box_mode, *boxes[3], *want; } cases[] = {
		{ "all", { "ア" }, "【候補・未判断】認められれば 第12(1)イ(ア)・④ア\n" },
		{ "all", { "ア", "イ" }, "【候補・未判断】認められれば 第12(1)イ(ア)・④ア、イ\n" },
		{ "any_of", { "ア", "イ" }, "【候補・未判断】認められれば 第12(1)イ(ア)・④ア、イのうち認められたもの\n" },
		{ "none", { NULL }, "【候補・未判断】認められれば 第12(1)イ(ア)\n" },
	};

	(void)state;
	for (size_t k = 0; k < COUNT(cases); k++) {
		struct incident *i = incident_make(CLASS_PROTECTED);
		char *text;

		free(i->box_mode);
		i->box_mode = mem_strdup(cases[k].box_mode);
		strlist_clear(&i->boxes);
		for (size_t b = 0; cases[k].boxes[b]; b++)
			strlist_add(&i->boxes, cases[k].boxes[b]);
		text = draft_of(i);
		assert_has(text, cases[k].want);
		assert_true(strstr(text, cases[k].want) > strstr(text, "様式の外（送らない）"));
		free(text);
		incident_free(i);
	}
}

static void test_names_are_left_out_where_they_may_tell_what_is_protected(void **state)
{
	static const struct { unsigned classes; bool masked; const char *has; } cases[] = {
		{ CLASS_PROTECTED, true, "保護すべき情報の保存はあり（資産台帳による）。" },
		{ CLASS_SECRET, true, "保護すべき情報の保存は未確認。" },
		{ 0, true, "資産区分は未確認。" },
		{ CLASS_OTHER_DEFENCE | CLASS_PROTECTED, true, "保存はあり（資産台帳による）。" },
		{ CLASS_OTHER_DEFENCE, false, "当該システムに保護すべき情報が保存されていないことの確認は終わっていない。" },
		{ CLASS_SAME_INTRANET, false, "保護すべき情報の保存は未確認。" },
	};
	static const char *const names[] = { "見積.exe", "tanaka", "pc001" };

	(void)state;
	for (size_t k = 0; k < COUNT(cases); k++) {
		struct incident *i = incident_make(cases[k].classes);
		char *text = draft_of(i);

		assert_has(text, cases[k].has);
		for (size_t n = 0; n < COUNT(names); n++)
			(cases[k].masked ? assert_has_not : assert_has)(text, names[n]);
		(cases[k].masked ? assert_has : assert_has_not)(text, "(名称省略)");
		free(text);
		incident_free(i);
	}
}

static void test_bytes_of_logs_stay_in_their_sentence(void **state)
{
	static const struct { const char *bytes, *want; } cases[] = {
		{ "\033[2J", "\\x1b[2J" },	  { "a\r\n⑥ ア 偽", "a\\x0d ⑥ ア 偽" },
		{ "\xff\xfe", "\\xff\\xfe" },	  { "\u202egnp.exe", "\\u{202e}gnp.exe" },
		{ "{signature}", "「{signature}」" }, { "%s%n", "「%s%n」" }, { "a\x7f\x01", "a\\x7f\\x01" },
	};

	(void)state;
	for (size_t k = 0; k < COUNT(cases); k++) {
		struct incident *i = incident_make(CLASS_OTHER_DEFENCE);
		struct named_value field = named_value_new(slice_of(i->fields[0].name), slice_of(cases[k].bytes), false);
		char *text;

		free(i->fields[0].name);
		i->fields[0] = field;
		text = draft_of(i);
		assert_has(text, cases[k].want);
		assert_has_not(text, "\n⑥ ア 偽");
		for (const char *c = text; *c; c++)
			assert_true((unsigned char)*c >= 0x20 || *c == '\n');
		assert_has_not(text, "\u202e");
		assert_true(utf8_valid(slice_of(text)));
		free(text);
		incident_free(i);
	}
}

static void test_a_sentence_without_any_evidence_is_named_as_unknown(void **state)
{
	struct incident *i = incident_make(CLASS_PROTECTED);
		char *text;

	(void)state;
	for (size_t k = 0; k < i->n_fields; k++)
		if (strcmp(i->fields[k].name, "rule.name") == 0 || strcmp(i->fields[k].name, "observer.product") == 0)
			i->fields[k].len = 0;
	text = draft_of(i);
	assert_has_not(text, "検知名は確認中");
	assert_has(text, "検知名又は規則名、検知した製品又は器材、次回連絡の予定時刻は確認中。\n");
	free(text);
	incident_free(i);
}

static void test_the_time_of_the_event_is_told_where_it_is_known(void **state)
{
	static const char *const start[][2] = { { "event.start", "2026-06-14T23:59:00Z" } };
	struct incident *i = incident_make(CLASS_PROTECTED);
	char *text;

	(void)state;
	add_fields(i, start, 1);
	text = draft_of(i);
	assert_has(text, "2026年6月15日 08時59分頃、防衛設計部の社員");
	assert_has_not(text, "発生の時刻は確認中");
	free(text);
	incident_free(i);
}

static void test_a_drill_says_so_first(void **state)
{
	struct incident *i = incident_make(CLASS_PROTECTED);
	char *text;

	(void)state;
	i->drill = true;
	text = draft_of(i);
	assert_ptr_equal(strstr(text, "【訓練】"), text);
	free(text);
	incident_free(i);
}

/* ------------------------------------------------------------------ where it came from */

static void test_each_item_names_its_source_or_that_it_is_empty(void **state)
{
	struct incident *i = incident_make(CLASS_PROTECTED);
	struct draft_input input = input_of(i);
	static const char *const filled[] = {
		"① ", "    ← 設定 sokuhod.yaml\n", "② ", "    ← 設定 sokuhod.yaml\n", "③ ", "    ← 設定 sokuhod.yaml\n",
		"④ ", "    ← 通知 decision-table\n", "⑤ ", "    ← 文例 1-a/suspected、記録 mail.log:12\n", "⑥ ",
		"    ← 未記入\n", "⑦ ", "    ← 台帳 inventory.yaml:4、台帳 inventory.yaml:3\n", NULL
	};
	static const char *const empty[] = {
		"① 未記入\n    ← 未記入\n", "② 未記入\n    ← 未記入\n", "③ 未記入\n    ← 未記入\n",
		"⑦ 確認中\n    ← 未記入\n", NULL
	};
	char *text = made(draft_annotated, &input);

	(void)state;
	assert_order(text, filled);
	free(text);
	input.config = &world.empty;
	strlist_clear(&i->contracts);
	text = made(draft_annotated, &input);
	assert_order(text, empty);
	free(text);
	input.config = &world.config;
	decide(i);
	text = made(draft_annotated, &input);
	assert_has(text, "④ 6-2-1 ア 悪意のあるコードへの感染\n    ← 判断 1000\n");
	assert_has(text, "文例 1-a/confirmed");
	free(text);
	incident_free(i);
}

static void test_what_an_officer_set_takes_the_place_of_the_draft(void **state)
{
	struct incident *i = incident_make(CLASS_PROTECTED);
	struct draft_input input = input_of(i);
	char *text;

	(void)state;
	input.items = json_object_new_object();
	json_object_object_add(input.items, "measures", json_object_new_string("ア 切断\nイ 通報\033"));
	json_object_object_add(input.items, "contact", json_object_new_string("別の担当"));
	text = made(draft_annotated, &input);
	assert_has(text, "② 別の担当\n    ← 担当者が変更\n");
	assert_has(text, "⑥ ア 切断\nイ 通報");
	assert_has_not(text, "\033");
	assert_has(text, "③ 03-○○○○-○○○○\n");
	free(text);
	json_object_put(input.items);
	incident_free(i);
}

static void test_the_title_names_the_label_and_never_the_host(void **state)
{
	static const struct { bool label, decided; enum certainty certainty; const char *want; } cases[] = {
		{ true, false, CERTAINTY_CONFIRMED, "設計端末1：悪意のあるコードへの感染（疑い）" },
		{ true, true, CERTAINTY_CONFIRMED, "設計端末1：悪意のあるコードへの感染" },
		{ true, false, CERTAINTY_POINTED_OUT, "設計端末1：悪意のあるコードへの感染（指摘）" },
		{ false, false, CERTAINTY_SUSPECTED, "資産未特定：悪意のあるコードへの感染（疑い）" },
	};

	(void)state;
	for (size_t k = 0; k < COUNT(cases); k++) {
		struct incident *i = incident_make(0);
		struct text title = { 0 };

		strlist_clear(&i->assets);
		strlist_clear(&i->labels);
		strlist_add(&i->assets, "pc001");		/* without a label its name stands for it */
		strlist_add(&i->labels, cases[k].label ? "設計端末1" : "pc001");
		i->decided = cases[k].decided;
		i->certainty = cases[k].certainty;
		draft_title(world.notice, i, &title);
		assert_string_equal(title.at, cases[k].want);
		text_clear(&title);
		incident_free(i);
	}
}

/* ------------------------------------------------------------------ whom to call */

#define ATLA "防衛装備庁 装備政策部 装備保全管理官\n"
#define FALLBACK "上記の緊急窓口に連絡がつかない場合："
#define DAY_NUMBER "03-3268-3111 内線21040、21043"
#define NIGHT_NUMBER "080-8420-0628"
#define FALLBACK_NUMBER "03-3268-3111 内線35258、35242"

static char *windows_at(const char *body, int64_t time)
{
	struct text text = { 0 };
	struct err err;

	if (window_text(world.notice, &world.config, body, time, &text, &err) < 0)
		fail_msg("%s", err.text);
	return text_take(&text);
}

static void test_the_number_that_fits_the_hour_comes_first_and_the_other_below(void **state)
{
	static const char *const open[] = { "いまは勤務時間", ATLA, DAY_NUMBER, NIGHT_NUMBER, FALLBACK, FALLBACK_NUMBER,
					    NIGHT_NUMBER, NULL };
	static const char *const closed[] = { "いまは夜間・休日等", ATLA, NIGHT_NUMBER, DAY_NUMBER, FALLBACK,
					      NIGHT_NUMBER, FALLBACK_NUMBER, NULL };
	const struct { int64_t time; const char *const *want; } cases[] = {
		{ world.day, open }, { world.night, closed }, { world.holiday, closed },
	};

	(void)state;
	for (size_t k = 0; k < COUNT(cases); k++) {
		char *text = windows_at("atla", cases[k].time);

		assert_order(text, cases[k].want);
		free(text);
	}
}

static void test_a_body_without_night_number_shows_its_own_and_the_fallback(void **state)
{
	static const char *const want[] = { "陸上自衛隊 陸上幕僚監部 装備計画部装備計画課 補給管理班\n",
					    "03-3268-3111 内線40752～40754（時間帯の記載なし）\n", FALLBACK, NIGHT_NUMBER,
					    FALLBACK_NUMBER, NULL };
	char *text = windows_at("gsdf", world.night);

	(void)state;
	assert_order(text, want);
	assert_has_not(text, ATLA);
	free(text);
}

static void test_without_a_body_all_windows_are_listed(void **state)
{
	const struct node *list = node_get(world.notice->profile, "windows");
	char *text = windows_at(NULL, world.day);

	(void)state;
	assert_int_equal(node_count(list), 19);		/* rows of the notice's table */
	for (size_t i = 0; i < node_count(list); i++) {
		const struct node *phones = node_get(node_item(list, i), "phones");

		assert_has(text, node_get_text(node_item(list, i), "desk_quote"));
		for (size_t k = 0; k < node_count(phones); k++)
			assert_has(text, node_get_text(node_item(phones, k), "number"));
	}
	assert_has(text, FALLBACK);
	free(text);
}

static void test_an_unknown_body_is_refused_with_the_nearest_name(void **state)
{
	struct text text = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(window_text(world.notice, &world.config, "gsfd", world.day, &text, &err), ERR_USAGE);
	assert_has(err.text, "'gsfd'");
	assert_has(err.text, "'gsdf'");
	assert_null(window_json(world.notice, &world.config, "no such body", world.day, &err));
	assert_has(err.text, "no such body");
	text_clear(&text);
}

static const char *first_number(struct json_object *entry)
{
	struct json_object *phones = json_object_object_get(entry, "phones");

	return json_object_get_string(json_object_object_get(json_object_array_get_idx(phones, 0), "number"));
}

static void test_windows_as_json_say_the_same(void **state)
{
	const struct { int64_t time; bool open; const char *first; } cases[] = {
		{ world.day, true, "03-3268-3111" }, { world.night, false, NIGHT_NUMBER },
		{ world.holiday, false, NIGHT_NUMBER },
	};
	struct err err;

	(void)state;
	for (size_t k = 0; k < COUNT(cases); k++) {
		struct json_object *all = window_json(world.notice, &world.config, "atla", cases[k].time, &err);
		struct json_object *list = json_object_object_get(all, "windows");
		struct json_object *atla = json_object_array_get_idx(list, 0);

		assert_int_equal(json_object_get_boolean(json_object_object_get(all, "open")), cases[k].open);
		assert_int_equal(json_object_array_length(list), 1);
		assert_int_equal(json_object_array_length(json_object_object_get(atla, "phones")), 2);
		assert_string_equal(first_number(atla), cases[k].first);
		assert_string_equal(first_number(json_object_object_get(all, "fallback")), cases[k].first);
		json_object_put(all);
	}
}

static void test_the_windows_are_those_of_the_contracts(void **state)
{
	static const struct {
		const char *contracts[3], *order[6], *not_this;
	} cases[] = {
		{ { "甲の契約", "乙の契約" }, { ATLA, "陸上自衛隊 ", FALLBACK }, "元請の会社" },
		{ { "甲の契約" }, { "陸上自衛隊 ", FALLBACK }, ATLA },
		{ { "甲の契約", "丙の契約" }, { "陸上自衛隊 ", "元請の会社", "昼の番号", "夜の番号", FALLBACK }, ATLA },
		{ { "丙の契約" }, { "元請の会社", "昼の番号", "夜の番号" }, "03-3268-3111" },
		{ { NULL }, { "影響のある契約が分からない", ATLA, FALLBACK }, "元請の会社" },
		{ { "誰も知らない契約" }, { "影響のある契約が分からない", ATLA, FALLBACK }, "元請の会社" },
	};

	(void)state;
	for (size_t k = 0; k < COUNT(cases); k++) {
		struct incident *i = incident_make(CLASS_PROTECTED);
		struct draft_input input = input_of(i);
		char *text;

		strlist_clear(&i->contracts);
		for (size_t c = 0; cases[k].contracts[c]; c++)
			strlist_add(&i->contracts, cases[k].contracts[c]);
		text = made(draft_windows, &input);
		assert_order(text, cases[k].order);
		assert_has_not(text, cases[k].not_this);
		free(text);
		incident_free(i);
	}
}

static void test_a_prime_is_called_by_the_hour_too(void **state)
{
	static const char *const order[] = { "元請の会社", "夜の番号", "昼の番号", NULL };
	struct incident *i = incident_make(CLASS_PROTECTED);
	struct draft_input input = input_of(i);
	char *text;

	(void)state;
	strlist_clear(&i->contracts);
	strlist_add(&i->contracts, "丙の契約");
	input.now = world.night;
	text = made(draft_windows, &input);
	assert_order(text, order);
	free(text);
	incident_free(i);
}

static void test_a_basis_without_window_in_the_notice_asks_on_the_phone(void **state)
{
	static const struct { const char *basis; bool asks; } cases[] = {
		{ "s12-1-a", true },	{ "s12-1-u", true }, { "s12-1-e", true },
		{ "s12-1-i-a", false }, { "s12-1-i-i", false }, { "g9-1-a", false }, { "g9-1-i", false },
	};

	(void)state;
	for (size_t k = 0; k < COUNT(cases); k++) {
		struct incident *i = incident_make(CLASS_PROTECTED);
		struct draft_input input = input_of(i);
		char *text;

		strlist_clear(&i->bases_now);
		strlist_add(&i->bases_now, cases[k].basis);
		text = made(draft_windows, &input);
		(cases[k].asks ? assert_has : assert_has_not)(text, "この窓口でよいかを電話で確かめる");
		free(text);
		incident_free(i);
	}
}

static void test_numbers_nobody_checked_are_called_unverified(void **state)
{
	char *text = windows_at("atla", world.day);

	(void)state;
	assert_has(text, "自社では未確認");
	free(text);
	world.config.windows_verified_on = (char *)"2026-04-01";
	text = windows_at("atla", world.day);
	assert_has(text, "2026-04-01");
	assert_has_not(text, "自社では未確認");
	free(text);
	world.config.windows_verified_on = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_undecided_draft_suspects_and_ticks_nothing),
		cmocka_unit_test(test_a_decision_brings_the_confirmed_words_and_the_box),
		cmocka_unit_test(test_a_decision_that_only_suspects_ticks_nothing),
		cmocka_unit_test(test_the_candidate_line_names_basis_and_boxes),
		cmocka_unit_test(test_names_are_left_out_where_they_may_tell_what_is_protected),
		cmocka_unit_test(test_bytes_of_logs_stay_in_their_sentence),
		cmocka_unit_test(test_a_sentence_without_any_evidence_is_named_as_unknown),
		cmocka_unit_test(test_the_time_of_the_event_is_told_where_it_is_known),
		cmocka_unit_test(test_a_drill_says_so_first),
		cmocka_unit_test(test_each_item_names_its_source_or_that_it_is_empty),
		cmocka_unit_test(test_what_an_officer_set_takes_the_place_of_the_draft),
		cmocka_unit_test(test_the_title_names_the_label_and_never_the_host),
		cmocka_unit_test(test_the_number_that_fits_the_hour_comes_first_and_the_other_below),
		cmocka_unit_test(test_a_body_without_night_number_shows_its_own_and_the_fallback),
		cmocka_unit_test(test_without_a_body_all_windows_are_listed),
		cmocka_unit_test(test_an_unknown_body_is_refused_with_the_nearest_name),
		cmocka_unit_test(test_windows_as_json_say_the_same),
		cmocka_unit_test(test_the_windows_are_those_of_the_contracts),
		cmocka_unit_test(test_a_prime_is_called_by_the_hour_too),
		cmocka_unit_test(test_a_basis_without_window_in_the_notice_asks_on_the_phone),
		cmocka_unit_test(test_numbers_nobody_checked_are_called_unverified),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
