/*
 * The officer's requests through control_handle, without a daemon: what each does and what it refuses in words. Two
 * officers are two uids. The inventory and the settings are made for the test; the notice is the shipped profile.
 */
#include "check.h"

#include "base/clock.h"
#include "control/control.h"
#include "draft/draft.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char config_text[] =
	"company: {name: ○○(株), office: ○○事業所}\n"
	"contact: {department: ○○課, name: ○○, phone: \"03-○○○○-○○○○ (内線○○○○)\"}\n"
	"inventory: inventory.yaml\n"
	"networks: [10.0.0.0/8]\n"
	"notice: {exercise_phone: 内線9999}\n"
	"response: {acknowledged: 15m}\n"
	"storage: {directory: state, socket: s}\n";
static const char inventory_text[] =
	"contracts:\n"
	"  - {label: ○○式○○に関する契約, body: atla, office: 装備庁○○官, role: prime}\n"
	"  - {label: ○○の補用品, body: gsdf, office: 陸自○○補給処, role: prime}\n"
	"  - {label: 部品, body: msdf, role: sub, prime: {name: 元請, day: 03-0000-0001, night: 03-0000-0002}}\n"
	"  - {label: 次期装備品の試作設計及び製造並びに維持整備に係る役務の一部に関する請負契約の下請, role: sub,\n"
	"     prime: {name: 長い契約の元請, day: 03-0000-0003}}\n"
	"systems:\n"
	"  - {id: fs1, label: 設計部ファイルサーバ, hosts: [fs1], classes: [protected], contracts: [○○式○○に関する契約, ○○の補用品]}\n"
	"  - {id: ws1, label: 設計端末, hosts: [ws1], classes: [same_intranet]}\n"
	"  - {id: sub1, label: 受渡しサーバ, hosts: [sub1], classes: [other_defence], contracts: [部品]}\n"
	"  - {id: sub2, label: 部品表, hosts: [sub2], classes: [other_defence], contracts: [次期装備品の試作設計及び製造並びに維持整備に係る役務の一部に関する請負契約の下請]}\n"
	"  - {id: pc9, label: 端末9, hosts: [pc9]}\n";

#define CHIEF 1001L	/* two officers */
#define NIGHT 1002L

static char folder[32];
static struct control control;
static int64_t now;

static int64_t clock_of_test(void)
{
	return now += NS_PER_S;
}

static void file_make(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	struct problems problems = { 0 };
	struct content_options options = { 0 };
	char path[64];
	struct err err;

	(void)state;
	strcpy(folder, "/tmp/sokuho-officer-XXXXXX");
	assert_non_null(mkdtemp(folder));
	file_make("sokuhod.yaml", config_text);
	file_make("inventory.yaml", inventory_text);
	snprintf(path, sizeof(path), "%s/sokuhod.yaml", folder);
	options.config_path = path;
	control = (struct control){ .now = clock_of_test };
	assert_true(time_parse_argument("2026-06-15T10:40:00+09:00", OFFSET_JST, &now, &err) == 0);
	control.content = content_load(&options, &problems);
	if (!control.content)
		fail_msg("%s", problems.n ? problems.at[0].text : "no content");
	problems_clear(&problems);
	return store_open(control.content->config->storage.directory, &control.store, &err);
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	store_close(control.store);
	content_free(control.content);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static struct json_object *member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value;
}

static const char *word(struct json_object *o, const char *name)
{
	return member(o, name) ? json_object_get_string(member(o, name)) : "";
}

/* members: JSON without its braces. */
static struct json_object *ask(long uid, const char *command, const char *members)
{
	struct json_object *request, *answer;
	char text[2048];

	snprintf(text, sizeof(text), "{\"command\":\"%s\"%s%s}", command, members[0] ? "," : "", members);
	request = json_tokener_parse(text);
	if (!request)
		fail_msg("the test's own request is no JSON: %s", text);
	answer = control_handle(&control, uid, request);
	json_object_put(request);
	return answer;
}

static void does(long uid, const char *command, const char *members)
{
	struct json_object *answer = ask(uid, command, members);

	if (!json_object_get_boolean(member(answer, "ok")))
		fail_msg("%s %s: %s", command, members, word(answer, "error"));
	json_object_put(answer);
}

static void refuses(long uid, const char *command, const char *members, const char *words)
{
	struct json_object *answer = ask(uid, command, members);

	if (json_object_get_boolean(member(answer, "ok")) || !strstr(word(answer, "error"), words))
		fail_msg("%s %s: '%s' does not say '%s'", command, members, word(answer, "error"), words);
	json_object_put(answer);
}

/* A new incident by hand; *id holds its id. */
static void make(const char *members, char id[32])
{
	struct json_object *answer = ask(CHIEF, "incident.new", members);

	if (!json_object_get_boolean(member(answer, "ok")))
		fail_msg("incident.new %s: %s", members, word(answer, "error"));
	snprintf(id, 32, "%s", word(member(answer, "incident"), "id"));
	json_object_put(answer);
}

/* The head of the id is enough: every one is `"id":"X"` and more members. */
static const char *with(const char *id, const char *members)
{
	static char text[1024];

	snprintf(text, sizeof(text), "\"id\":\"%s\"%s%s", id, members[0] ? "," : "", members);
	return text;
}

static char *incident_word(const char *id, const char *name)
{
	struct json_object *answer = ask(CHIEF, "incident.show", with(id, ""));
	char *value = strdup(word(member(answer, "incident"), name));

	json_object_put(answer);
	return value;
}

static void assert_word(const char *id, const char *name, const char *want)
{
	char *have = incident_word(id, name);

	if (strcmp(have, want) != 0)
		fail_msg("%s of the incident is '%s', not '%s'", name, have, want);
	free(have);
}

static char *draft_of(const char *id, const char *members)
{
	struct json_object *answer = ask(CHIEF, "draft.show", with(id, members));
	char *text = strdup(word(answer, "text"));

	if (!json_object_get_boolean(member(answer, "ok")))
		fail_msg("draft.show: %s", word(answer, "error"));
	json_object_put(answer);
	return text;
}

static void assert_draft(const char *id, const char *members, const char *has, const char *lacks)
{
	char *text = draft_of(id, members);

	if ((has && !strstr(text, has)) || (lacks && strstr(text, lacks)))
		fail_msg("the draft %s '%s':\n%s", has && !strstr(text, has) ? "lacks" : "has",
			 has && !strstr(text, has) ? has : lacks, text);
	free(text);
}

#define INFECTION "\"clause\":\"4\",\"host\":\"fs1\",\"text\":\"検知\",\"signature\":\"Win.Test\""

/* ------------------------------------------------------------------ decisions */

static void test_what_a_person_decides_is_what_the_table_says(void **state)
{
	static const struct { const char *members, *bases, *boxes; } rows[] = {
		{ "\"certainty\":\"confirmed\"", "[ \"s12-1-i-a\" ]", "[ \"ア\" ]" },
		{ "\"fact\":[\"infection\",\"unauthorised_access\"],\"certainty\":\"confirmed\"", "[ \"s12-1-i-a\" ]",
		  "[ \"ア\", \"イ\" ]" },
		{ "\"certainty\":\"suspected\"", "[ \"s12-1-u\" ]", "[ ]" },
		{ "\"certainty\":\"confirmed\",\"leak\":true", "[ \"s12-1-i-a\", \"s12-1-a\" ]", "[ \"ア\" ]" },
		{ "\"class\":\"same_intranet\",\"certainty\":\"confirmed\"", "[ \"s12-1-i-i\" ]", "[ \"ウ\" ]" },
		{ "\"class\":\"secret\",\"certainty\":\"confirmed\",\"destruction\":true", "[ \"g9-1-a\" ]", "[ ]" },
		{ "\"clause\":\"none\",\"fact\":\"loss\",\"information\":\"protected\",\"certainty\":\"confirmed\"",
		  "[ \"s12-1-a\" ]", "[ ]" },
		/* any_of: no box ticked, the suspicion alone holds; one ticked, it falls away */
		{ "\"clause\":\"1-ki\",\"fact\":\"defacement\",\"class\":\"protected\"", "[ \"s12-1-u\" ]", "[ ]" },
		{ "\"clause\":\"1-ki\",\"fact\":\"defacement\",\"class\":\"protected\",\"box\":[\"イ\"]",
		  "[ \"s12-1-i-a\" ]", "[ \"イ\" ]" },
	};
	char id[32];

	(void)state;
	make(INFECTION, id);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		does(CHIEF, "incident.decide", with(id, rows[i].members));
		assert_word(id, "bases", rows[i].bases);
		assert_word(id, "boxes", rows[i].boxes);
		if (i == 3)	/* the class stays as a person set it */
			does(CHIEF, "incident.decide", with(id, "\"class\":\"protected\",\"fact\":\"infection\""));
	}
	refuses(CHIEF, "incident.decide", with(id, "\"clause\":\"9-z\""), "unknown clause");
	refuses(CHIEF, "incident.decide", with(id, "\"fact\":\"x\""), "unknown fact");
	refuses(CHIEF, "incident.decide", with(id, "\"box\":\"ア\",\"certainty\":\"suspected\""), "no candidate");
}

static void test_the_exception_is_a_persons_and_refused_where_the_table_says_so(void **state)
{
	char id[32];

	(void)state;
	make("\"clause\":\"1-a\",\"host\":\"ws1\",\"text\":\"添付\"", id);
	refuses(CHIEF, "incident.decide", with(id, "\"exception\":true"), "needs --reason");
	refuses(CHIEF, "incident.decide", with(id, "\"exception\":true,\"reason\":\"x\",\"certainty\":\"confirmed\""),
		"refused");
	does(CHIEF, "incident.decide", with(id, "\"exception\":true,\"reason\":\"全台を検査\",\"certainty\":\"suspected\""));
	assert_word(id, "exception_reason", "全台を検査");
	assert_draft(id, "", "理由は全台を検査。", NULL);
	assert_word(id, "status", "open");	/* it takes the case out of item 3; a person still dismisses */
	does(CHIEF, "incident.decide", with(id, "\"certainty\":\"suspected\""));
	assert_word(id, "exception_reason", "");
	refuses(CHIEF, "incident.decide",
		with(id, "\"clause\":\"3-a\",\"exception\":true,\"reason\":\"x\",\"certainty\":\"suspected\""),
		"no exception for clause 3-a");
	make("\"clause\":\"1-a\",\"host\":\"pc9\",\"text\":\"添付\"", id);	/* class not known: not "no effect" */
	refuses(CHIEF, "incident.decide", with(id, "\"exception\":true,\"reason\":\"x\",\"certainty\":\"confirmed\""),
		"class of the system is not known");
}

static void test_the_answer_to_is_it_ours_makes_a_report(void **state)
{
	char id[32];

	(void)state;
	make("\"clause\":\"4\",\"host\":\"pc9\",\"text\":\"検知\"", id);
	assert_word(id, "level", "urgent");
	assert_draft(id, "", "資産区分は未確認。", "☑");
	does(CHIEF, "incident.decide", with(id, "\"class\":\"other_defence\",\"certainty\":\"suspected\""));
	assert_word(id, "level", "report");
	does(CHIEF, "incident.decide", with(id, "\"class\":\"none\",\"certainty\":\"suspected\""));
	assert_word(id, "level", "report");	/* nothing lowers it but a dismissal */
}

/* ------------------------------------------------------------------ the state machine */

static void test_two_officers_never_lose_an_action(void **state)
{
	char id[32];

	(void)state;
	make(INFECTION, id);
	does(CHIEF, "incident.ack", with(id, "\"revision\":1"));
	refuses(NIGHT, "incident.note", with(id, "\"revision\":1,\"text\":\"x\""), "you saw revision 1, it is 2 now");
	refuses(NIGHT, "incident.note", with(id, "\"revision\":1,\"text\":\"x\""), "last: incident.ack by uid 1001");
	does(NIGHT, "incident.note", with(id, "\"revision\":2,\"text\":\"x\""));
	refuses(NIGHT, "incident.ack", with(id, ""), "acknowledged by uid 1001");
}

static void test_it_is_phoned_before_it_is_sent(void **state)
{
	char id[32];

	(void)state;
	make(INFECTION, id);
	refuses(CHIEF, "incident.sent", with(id, ""), "phone before you send");
	refuses(CHIEF, "incident.phone", with(id, "\"window\":\"atla\""), "who answered?");
	refuses(CHIEF, "incident.phone", with(id, "\"window\":\"nobody\",\"no-answer\":true"), "atla gsdf");
	does(CHIEF, "incident.phone", with(id, "\"window\":\"atla\",\"no-answer\":true"));
	refuses(CHIEF, "incident.sent", with(id, "\"window\":\"atla\""), "phone before you send");
	refuses(CHIEF, "incident.sent", with(id, "\"window\":\"atla\",\"force\":true"), "phone before you send");
	does(CHIEF, "incident.phone", with(id, "\"window\":\"atla\",\"person\":\"係員\",\"to\":\"03-0000-0000\""));
	refuses(CHIEF, "incident.sent", with(id, "\"window\":\"gsdf\""), "no answered call to 'gsdf'");
	does(CHIEF, "incident.sent", with(id, "\"window\":\"atla\""));
	refuses(CHIEF, "incident.sent", with(id, "\"window\":\"atla\""), "went to 'atla'");
	does(CHIEF, "incident.sent", with(id, "\"window\":\"gsdf\",\"force\":true,\"reason\":\"電話が通じない\""));
	assert_draft(id, "", "第1報として", "第2報");
}

/* Every window is owed every report, and tries are counted anew for each. */
static void test_a_second_report_goes_to_every_window_again(void **state)
{
	static const struct { const char *command, *members, *next; } steps[] = {
		{ "incident.ack", "", "phone" },
		{ "incident.decide", "\"certainty\":\"confirmed\"", "phone" },
		{ "incident.phone", "\"no-answer\":true", "phone" },
		{ "incident.phone", "\"person\":\"当直\"", "sent" },
		{ "incident.sent", "\"window\":\"atla\"", "phone" },
		{ "incident.phone", "\"person\":\"係員\"", "sent" },
		{ "incident.sent", "\"window\":\"gsdf\"", "close" },
		{ "incident.measure", "\"kind\":\"isolate\",\"how\":\"physical\"", "phone" },
		{ "incident.phone", "\"person\":\"当直\"", "sent" },
		{ "incident.sent", "\"window\":\"atla\"", "phone" },
		{ "incident.phone", "\"person\":\"係員\"", "sent" },
		{ "incident.sent", "", "close" },
	};
	struct json_object *answer;
	char id[32];

	(void)state;
	now += 12 * 3600 * NS_PER_S;	/* by night the exchange is told of the tries */
	make("\"clause\":\"4\",\"host\":\"fs1\",\"text\":\"検知\",\"certainty\":\"suspected\"", id);
	for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
		answer = ask(CHIEF, steps[k].command, with(id, steps[k].members));
		if (strcmp(word(answer, "next"), steps[k].next) != 0)
			fail_msg("step %zu: next is '%s', not '%s': %s", k, word(answer, "next"), steps[k].next,
				 word(answer, "error"));
		json_object_put(answer);
		if (k == 2)
			assert_draft(id, "\"form\":\"phone\"", "緊急の番号に1回お掛けしました", NULL);
		if (k == 7)
			assert_draft(id, "\"form\":\"phone\"", "緊急の番号に0回お掛けしました", NULL);
	}
}

static void test_what_went_out_is_not_rewritten(void **state)
{
	char id[32], *first, *after;

	(void)state;
	make(INFECTION, id);
	refuses(CHIEF, "incident.correct", with(id, "\"reason\":\"x\",\"withdraw\":true"), "nothing has been issued");
	does(CHIEF, "incident.sent", with(id, "\"window\":\"atla\",\"force\":true,\"reason\":\"x\""));
	first = draft_of(id, "");
	does(CHIEF, "incident.note", with(id, "\"text\":\"控え\""));
	after = draft_of(id, "");
	*strstr(first, "様式の外") = *strstr(after, "様式の外") = '\0';
	assert_string_equal(first, after);
	free(first);
	free(after);
	does(CHIEF, "incident.measure", with(id, "\"kind\":\"isolate\",\"how\":\"physical\""));
	assert_draft(id, "", "⑥ 【変更】ア サーバ等をネットワークから物理的に切断", "① 【変更】");
	does(CHIEF, "incident.sent", with(id, "\"window\":\"atla\",\"force\":true,\"reason\":\"x\""));
	does(CHIEF, "incident.correct",
	     with(id, "\"item\":\"phone\",\"text\":\"03-1111-1111\",\"reason\":\"番号の誤り\""));
	assert_draft(id, "", "訂正報 ", NULL);
	assert_draft(id, "", "第2報のうち③ 電話番号を次のとおり訂正する。", NULL);
	assert_draft(id, "", "（訂正前）03-○○○○-○○○○ (内線○○○○)\n（訂正後）03-1111-1111\n（理由）番号の誤り", NULL);
	assert_draft(id, "\"form\":\"phone\"", "訂正です。第2報のうち③ 電話番号を訂正いたします。", NULL);
	refuses(CHIEF, "incident.correct", with(id, "\"reason\":\"x\",\"withdraw\":true"), "a correction waits");
	refuses(CHIEF, "incident.close", with(id, "\"reason\":\"x\""), "a correction waits");
	does(CHIEF, "incident.sent", with(id, "\"window\":\"atla\",\"force\":true,\"reason\":\"x\""));
	does(CHIEF, "incident.correct", with(id, "\"reason\":\"検体を解析し、正規の更新と確かめた\",\"withdraw\":true"));
	assert_draft(id, "", "第2報を取り下げる。", NULL);
	assert_draft(id, "", "（判断した者）uid 1001", NULL);
}

static void test_an_end_needs_its_reason_and_a_report_two_persons(void **state)
{
	char id[32];

	(void)state;
	make(INFECTION, id);
	refuses(CHIEF, "incident.close", with(id, ""), "--reason");
	refuses(CHIEF, "incident.close", with(id, "\"reason\":\"x\""), "no report of");
	does(CHIEF, "incident.dismiss", with(id, "\"reason\":\"誤検知と確かめた\""));
	assert_word(id, "status", "open");
	refuses(CHIEF, "incident.dismiss", with(id, "\"reason\":\"x\""), "a second named person must agree");
	does(NIGHT, "incident.dismiss", with(id, "\"reason\":\"同意\""));
	assert_word(id, "status", "dismissed");
	refuses(CHIEF, "incident.ack", with(id, ""), "is dismissed");
	refuses(CHIEF, "incident.reopen", with(id, ""), "--reason");
	does(CHIEF, "incident.reopen", with(id, "\"reason\":\"新しい記録\""));
	assert_word(id, "status", "open");
	refuses(CHIEF, "incident.reopen", with(id, "\"reason\":\"x\""), "is open");
}

static void test_a_missing_approval_is_shown_and_blocks_nothing(void **state)
{
	char id[32];

	(void)state;
	make(INFECTION, id);
	assert_draft(id, "", "社内承認：未（直ちに報告のため先行）", NULL);
	does(NIGHT, "incident.approve", with(id, ""));
	assert_draft(id, "", "社内承認：uid 1002", "社内承認：未");
	does(CHIEF, "incident.decide", with(id, "\"certainty\":\"confirmed\""));
	assert_draft(id, "", "社内承認：未", NULL);	/* what was approved is not what goes out now */
	does(CHIEF, "incident.sent", with(id, "\"window\":\"atla\",\"force\":true,\"reason\":\"x\""));
}

static void test_incidents_join_and_part(void **state)
{
	char a[32], b[32], drill[32], members[128];
	struct incident *guessed;
	struct err err;

	(void)state;
	make(INFECTION, a);
	make("\"clause\":\"4\",\"host\":\"ws1\",\"text\":\"検知\"", b);
	assert_int_equal(store_get_incident(control.store, b, &guessed, &err), 0);
	guessed->zone_assumed = true;
	assert_int_equal(time_parse_argument("2026-06-15T01:00:00Z", 0, &guessed->first, &err), 0);
	guessed->first_offset = 0;
	assert_int_equal(store_put_incident(control.store, guessed, &err), 0);
	incident_free(guessed);
	make(INFECTION ",\"drill\":true", drill);
	snprintf(members, sizeof(members), "\"into\":\"%s\"", a);
	refuses(CHIEF, "incident.merge", with(drill, members), "drill");
	refuses(CHIEF, "incident.merge", with(a, members), "itself");
	does(CHIEF, "incident.merge", with(b, members));
	assert_word(b, "status", "merged");
	assert_word(a, "assets", "[ \"fs1\", \"ws1\" ]");
	assert_word(a, "findings", "2");
	assert_word(a, "first", "2026-06-15T01:00:00+00:00");	/* as its log had it */
	assert_draft(a, "", "時刻帯を推定した記録を含む", NULL);
	refuses(CHIEF, "incident.ack", with(b, ""), "is part of");
	refuses(CHIEF, "incident.split", with(a, "\"asset\":\"x\""), "one of its two or more assets");
	does(CHIEF, "incident.split", with(a, "\"asset\":\"ws1\""));
	assert_word(a, "assets", "[ \"fs1\" ]");
	assert_word(a, "findings", "1");
	assert_word(a, "classes", "[ \"protected\" ]");
}

static void test_the_clocks_are_shown_with_the_companys_own_targets(void **state)
{
	static const char *const later[] = { "alerted", "phoned", "sent" };
	struct json_object *answer;
	char id[32];

	(void)state;
	make(INFECTION ",\"at\":\"2026-06-15T09:00:00+09:00\"", id);
	does(CHIEF, "incident.ack", with(id, ""));
	does(CHIEF, "incident.phone", with(id, "\"no-answer\":true"));
	answer = ask(CHIEF, "incident.show", with(id, ""));
	assert_string_equal(word(member(answer, "clocks"), "first_seen"), "2026-06-15T09:00:00+09:00");
	assert_memory_equal(word(member(answer, "clocks"), "detected"), "2026-06-15T10:40:", 17);
	assert_memory_equal(word(member(answer, "clocks"), "acknowledged"), "2026-06-15T10:40:", 17);
	assert_memory_equal(word(member(answer, "targets"), "acknowledged"), "2026-06-15T10:55:", 17);
	assert_null(member(member(answer, "targets"), "sent"));	/* no hour count is invented */
	for (size_t k = 0; k < 3; k++)	/* nobody answered: nothing was phoned */
		assert_null(member(member(answer, "clocks"), later[k]));
	json_object_put(answer);
}

/* ------------------------------------------------------------------ by hand */

static void test_every_clause_and_none_can_be_entered(void **state)
{
	const struct node *clauses = node_get(control.content->notice->profile, "clauses");
	char members[256], id[32];

	(void)state;
	for (size_t k = 0; k < node_count(clauses); k++) {
		snprintf(members, sizeof(members), "\"clause\":\"%s\",\"host\":\"fs1\",\"text\":\"検知\",\"informant\":\"取引先\"",
			 node_get_text(node_item(clauses, k), "id"));
		make(members, id);
		assert_word(id, "certainty", "pointed_out");
		assert_draft(id, "", "取引先", "☑");
		assert_draft(id, "\"form\":\"phone\"", "取引先から", NULL);
		does(CHIEF, "incident.close", with(id, "\"reason\":\"x\",\"force\":true"));
	}
	make("\"clause\":\"analogous\",\"fact\":\"communication\",\"host\":\"fs1\",\"text\":\"監視カメラの異常\",\"nearest\":\"3(1)ケ\"", id);
	assert_draft(id, "", "監視カメラの異常", "{");
	assert_draft(id, "", "準じた事態", NULL);
	make("\"fact\":\"loss\",\"host\":\"fs1\",\"text\":\"媒体の紛失\",\"information\":\"protected\",\"certainty\":\"confirmed\"", id);
	assert_word(id, "clauses", "[ ]");
	assert_draft(id, "", "保護すべき情報の紛失を確認した。", "悪意のあるコード");
	refuses(CHIEF, "incident.new", "\"text\":\"x\"", "--fact");
	refuses(CHIEF, "incident.new", "\"text\":\"x\",\"fact\":\"infektion\"", "'infektion'; did you mean 'infection'");
	refuses(CHIEF, "incident.new", "\"clause\":\"4\",\"host\":\"fs1\"", "what happened");
}

static void test_a_subcontractor_calls_its_prime_and_a_prime_relays(void **state)
{
	char id[32];

	(void)state;
	make("\"clause\":\"4\",\"host\":\"sub1\",\"text\":\"検知\"", id);
	assert_draft(id, "\"form\":\"phone\"", "03-0000-0001", "080-8420-0628");
	assert_draft(id, "\"form\":\"phone\"", "からの発注に係るシステムについて", NULL);
	assert_draft(id, "\"annotate\":true", "(宛先) 元請 宛", NULL);
	make("\"clause\":\"4\",\"host\":\"sub2\",\"text\":\"検知\"", id);	/* however long the contract's label */
	assert_draft(id, "\"form\":\"phone\"", "03-0000-0003", NULL);
	does(CHIEF, "incident.phone", with(id, "\"person\":\"元請の当直\""));
	does(CHIEF, "incident.sent", with(id, ""));
	assert_draft(id, "", "長い契約の元請", NULL);
	make(INFECTION ",\"from-subcontractor\":\"株式会社下請\"", id);
	assert_draft(id, "", "⑤ 下請負者（株式会社下請）からの報告による。", NULL);
	assert_draft(id, "\"form\":\"phone\"", "下請負者（株式会社下請）からの報告によるものです。", NULL);
}

static void test_a_drill_stays_a_drill(void **state)
{
	char id[32];

	(void)state;
	make(INFECTION ",\"drill\":true", id);
	assert_int_equal(id[0], 'D');
	assert_draft(id, "", "【訓練】情報セキュリティ基準に基づく速報", "080-8420-0628");
	assert_draft(id, "", "⑤ 【訓練】これは訓練であり、実際の事象ではない。", "03-3268-3111");
	assert_draft(id, "\"form\":\"phone\"", "「訓練、訓練。」", "03-3268-3111");
	assert_draft(id, "\"form\":\"phone\"", "内線9999", "防衛装備庁 装備政策部");
	refuses(CHIEF, "incident.phone", with(id, "\"window\":\"atla\",\"person\":\"x\""), "unknown window");
	does(CHIEF, "incident.phone", with(id, "\"person\":\"相手役\""));
	does(CHIEF, "incident.sent", with(id, ""));
	does(CHIEF, "incident.close", with(id, "\"reason\":\"訓練終了\""));
}

static void test_the_same_again_joins_and_loses_nothing(void **state)
{
	char first[32], second[32];

	(void)state;
	make(INFECTION, first);
	does(CHIEF, "incident.note", with(first, "\"text\":\"控え\""));
	make(INFECTION, second);
	assert_string_equal(first, second);
	assert_word(first, "findings", "2");
	assert_word(first, "notes", "[ \"控え\" ]");
	does(CHIEF, "incident.close", with(first, "\"reason\":\"x\",\"force\":true"));
	make(INFECTION, second);
	assert_string_not_equal(first, second);
	refuses(CHIEF, "incident.new", INFECTION ",\"class\":\"x\"", "unknown class");
	make(INFECTION ",\"drill\":true,\"at\":\"2026-06-15T11:00:00+09:00\"", first);
	refuses(CHIEF, "incident.new", INFECTION ",\"drill\":true,\"at\":\"2026-06-15T11:00:00+09:00\"", "there already");
}

static void test_forty_assets_and_an_empty_profile_do_no_harm(void **state)
{
	static const char *const wants[] = { "① 未記入", "② 未記入", "③ 未記入", "⑦ 確認中" };
	const struct config empty = { 0 };
	struct incident *i = incident_new();
	struct draft_input input = { .incident = i, .config = &empty, .inventory = control.content->inventory,
				     .notice = control.content->notice, .now = now };
	struct text text = { 0 }, phone = { 0 };
	struct err err;
	char name[16];

	(void)state;
	strcpy(i->id, "I1");
	i->fact = strdup("infection");
	strlist_add(&i->clauses, "4");
	for (int k = 0; k < 40; k++) {
		snprintf(name, sizeof(name), "host%d", k);
		strlist_add(&i->assets, name);
		strlist_add(&i->labels, name);
	}
	assert_int_equal(draft_annotated(&input, &text, &err), 0);
	for (size_t k = 0; k < 4; k++)
		assert_non_null(strstr(text.at, wants[k]));
	assert_int_equal(draft_phone(&input, 1, NULL, &phone, &err), 0);
	assert_non_null(strstr(phone.at, "「確認中の確認中です。折返しは確認中です。」"));
	assert_null(strstr(phone.at, "{"));
	text_clear(&text);
	text_clear(&phone);
	incident_free(i);
}

/* ------------------------------------------------------------------ measures and names */

static void test_only_the_physical_cut_is_box_a(void **state)
{
	static const struct { const char *how, *has, *lacks; } rows[] = {
		{ "edr", "⑥ ウ EDRによる論理隔離", "物理的に切断\n" },
		{ "switch", "スイッチでの遮断", "⑥ ア" },
		{ "preparing", "⑥ ウ", "切断の準備中" },
		{ "physical", "⑥ ア サーバ等をネットワークから物理的に切断", NULL },
	};
	char id[32], members[128];

	(void)state;
	make(INFECTION, id);
	assert_draft(id, "", "⑥ 確認中", NULL);
	for (size_t k = 0; k < 4; k++) {
		snprintf(members, sizeof(members), "\"kind\":\"isolate\",\"how\":\"%s\"", rows[k].how);
		does(CHIEF, "incident.measure", with(id, members));
		assert_draft(id, "", rows[k].has, rows[k].lacks);
	}
	refuses(CHIEF, "incident.measure", with(id, "\"kind\":\"isolate\",\"how\":\"x\""), "physical");
	refuses(CHIEF, "incident.measure", with(id, "\"kind\":\"notify\",\"agency\":\"other\""), "which agency");
	refuses(CHIEF, "incident.measure", with(id, "\"kind\":\"notify\",\"agency\":\"fbi\""), "npa");
	does(CHIEF, "incident.measure", with(id, "\"kind\":\"notify\",\"agency\":\"jcsip\""));
	assert_draft(id, "", "イ 独立行政法人 情報処理推進機構 J-CSIPに通報", NULL);
}

static void test_a_name_comes_out_only_when_it_is_released(void **state)
{
	char id[32];

	(void)state;
	make("\"clause\":\"1-a\",\"host\":\"fs1\",\"user\":\"u1001\",\"file\":\"/設計/図面.doc\",\"subject\":\"見積\",\"sender\":\"a@example.com\","
	     "\"url\":\"http://a.example/q?k=v\",\"text\":\"添付\"", id);
	assert_draft(id, "", "(名称省略)", "図面");
	assert_draft(id, "", "(名称省略)", "u1001");
	refuses(CHIEF, "draft.set", with(id, "\"release\":\"file\""), "--reason");
	refuses(CHIEF, "draft.set", with(id, "\"release\":\"signature\",\"reason\":\"x\""), "masked");
	does(CHIEF, "draft.set", with(id, "\"release\":\"file\",\"reason\":\"題名は公開情報\""));
	assert_draft(id, "", "図面", "u1001");
	assert_draft(id, "\"form\":\"phone\"", NULL, "図面");	/* names are written, not said */
}

static void test_nothing_stored_is_said_only_with_person_and_method(void **state)
{
	char id[32];

	(void)state;
	make("\"clause\":\"4\",\"host\":\"ws1\",\"text\":\"検知\"", id);
	assert_draft(id, "", "保存は未確認。", NULL);
	refuses(CHIEF, "incident.decide", with(id, "\"nothing-stored\":\"全件検索\""), "--confirmer");
	does(CHIEF, "incident.decide", with(id, "\"certainty\":\"suspected\",\"nothing-stored\":\"全件検索\",\"confirmer\":\"室長\""));
	assert_draft(id, "", "保存はなし（室長が全件検索により確認）。", NULL);
	make(INFECTION, id);
	refuses(CHIEF, "incident.decide", with(id, "\"nothing-stored\":\"x\",\"confirmer\":\"y\""), "stored there");
}

/* ------------------------------------------------------------------ whom, when */

static void test_every_window_has_its_sheet_by_day_night_and_holiday(void **state)
{
	static const struct { const char *at, *state; bool open; } hours[] = {
		{ "2026-06-15T10:40:00+09:00", "いまは勤務時間", true },
		{ "2026-06-15T02:00:00+09:00", "いまは夜間・休日等（時間外）", false },
		{ "2026-11-23T11:00:00+09:00", "いまは夜間・休日等（勤労感謝の日）", false },
	};
	const struct node *windows = node_get(control.content->notice->profile, "windows");
	struct incident incident = { .id = "I1", .fact = (char *)"infection", .status = (char *)"open" };
	struct draft_input input = { .incident = &incident, .config = control.content->config,
				     .inventory = control.content->inventory, .notice = control.content->notice };
	struct err err;

	(void)state;
	assert_int_equal(node_count(windows), 19);
	for (size_t h = 0; h < 3; h++)
		for (size_t k = 0; k < node_count(windows); k++) {
			const struct node *window = node_item(windows, k), *phones = node_get(window, "phones");
			bool first_is_night = !hours[h].open && node_count(phones) > 1;
			const char *first = node_get_text(node_item(phones, first_is_night ? 1 : 0), "number");
			struct text text = { 0 };
			char *call, *then, *number;

			assert_int_equal(time_parse_argument(hours[h].at, OFFSET_JST, &input.now, &err), 0);
			assert_int_equal(draft_phone(&input, 1, node_get_text(window, "id"), &text, &err), 0);
			assert_non_null(strstr(text.at, hours[h].state));
			assert_non_null(strstr(text.at, node_get_text(window, "desk_quote")));
			call = strstr(text.at, "掛ける番号");
			then = strstr(text.at, "つながらないとき");
			assert_non_null(call);
			number = strstr(call, "    ");
			if (strncmp(number + 4, first, strlen(first)) != 0)
				fail_msg("%s at %s begins with '%.20s'", node_get_text(window, "id"), hours[h].at, number + 4);
			assert_non_null(strstr(then, hours[h].open ? "03-3268-3111 内線35258、35242" : "080-8420-0628"));
			/* ATLA by night: the same number below, so every five minutes and by way of the exchange */
			assert_int_equal(strstr(then, "5分ごとに掛け直し") != NULL, k == 0 && !hours[h].open);
			text_clear(&text);
		}
}

static void test_numbers_nobody_confirmed_are_said_to_be_so(void **state)
{
	static const struct { const char *date, *says; } rows[] = {
		{ NULL, "自社では未確認" },
		{ "2026-06-01", "自社での確認日 2026-06-01。" },
		{ "2025-01-01", "1年を過ぎた" },
	};
	struct err err;

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct text text = { 0 };

		free(control.content->config->windows_verified_on);
		control.content->config->windows_verified_on = rows[k].date ? strdup(rows[k].date) : NULL;
		assert_int_equal(window_text(control.content->notice, control.content->config, "海上自衛隊", now, &text, &err), 0);
		assert_non_null(strstr(text.at, "令和2年3月"));
		assert_non_null(strstr(text.at, rows[k].says));
		assert_non_null(strstr(text.at, "内線50746・50747"));
		assert_null(strstr(text.at, "内線60836"));
		text_clear(&text);
	}
}

static void test_a_site_knows_its_numbers_better(void **state)
{
	struct problems problems = { 0 };
	struct text text = { 0 };
	char path[64];
	struct err err;

	(void)state;
	file_make("windows.yaml", "windows: [{id: msdf, phones: [{number: '03-1234-0000', extensions: ['1'], when: unstated}]}]\n");
	snprintf(path, sizeof(path), "%s/windows.yaml", folder);
	notice_load_site(control.content->notice, path, NULL, &problems);
	assert_int_equal(problems.n, 0);
	assert_int_equal(window_text(control.content->notice, control.content->config, "msdf", now, &text, &err), 0);
	assert_non_null(strstr(text.at, "海上自衛隊 海上幕僚監部"));
	assert_non_null(strstr(text.at, "03-1234-0000 内線 1"));
	assert_null(strstr(text.at, "50746"));
	assert_non_null(strstr(text.at, "080-8420-0628"));	/* the others stay the notice's */
	text_clear(&text);
	notice_free_site(control.content->notice);
	control.content->notice->site_file = NULL;
	control.content->notice->site_windows = NULL;
	file_make("windows.yaml", "windows: [{id: navy, phones: []},\n"
				  "{id: msdf, phones: [{number: '1', when: night}]}]\n");
	notice_load_site(control.content->notice, path, NULL, &problems);
	assert_int_equal(problems.errors, 2);
	problems_clear(&problems);
}

/* ------------------------------------------------------------------ hostile texts */

static void test_what_logs_and_people_write_stays_text(void **state)
{
	char id[32], *text;
	struct json_object *answer, *request = json_object_new_object();
	struct text html = { 0 }, big = { 0 };

	(void)state;
	make("\"clause\":\"4\",\"host\":\"ws1\",\"text\":\"検知\",\"signature\":\"<script>\\u001b[2J\\u202eabc\\ud83d\\ude00{time}\"", id);
	text = draft_of(id, "");
	assert_null(strchr(text, 033));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "<script>"));
	free(text);
	answer = ask(CHIEF, "draft.show", with(id, ""));
	draft_sheet_html(member(answer, "sheet"), &html);
	assert_null(strstr(html.at, "<script>"));
	assert_non_null(strstr(html.at, "&lt;script&gt;"));
	json_object_put(answer);
	does(CHIEF, "incident.sent", with(id, "\"force\":true,\"reason\":\"x\""));
	does(CHIEF, "incident.correct", with(id, "\"item\":\"company\",\"text\":\"甲\\u001b[2J\\n\\u202e乙\",\"reason\":\"x\""));
	assert_draft(id, "", "（訂正後）甲\\x1b[2J\n", "\x1b");
	assert_draft(id, "", NULL, "\xe2\x80\xae");
	for (int k = 0; k < 4000; k++)
		text_add(&big, "長い文。");
	json_object_object_add(request, "command", json_object_new_string("draft.set"));
	json_object_object_add(request, "id", json_object_new_string(id));
	json_object_object_add(request, "item", json_object_new_string("detail"));
	json_object_object_add(request, "text", json_object_new_string(big.at));
	answer = control_handle(&control, CHIEF, request);
	assert_false(json_object_get_boolean(member(answer, "ok")));	/* a limit, not a cut */
	json_object_put(answer);
	json_object_put(request);
	text_clear(&html);
	text_clear(&big);
}

static void test_the_handover_says_it_all_on_one_page(void **state)
{
	static const char *const has[] = { "引き継ぐ者 朝番（uid 1002から", "ネットワークから物理的に切断済み",
					   "警察庁サイバーインテリジェンス情報共有ネットワークに通報", "装備保全管理官 応答なし",
					   "装備保全管理官 当直 03-1 12:00", "次回の連絡\n  12:00", "・電話と送付", "・社内承認" };
	struct json_object *answer;
	size_t lines = 0;
	char id[32];

	(void)state;
	make(INFECTION, id);
	does(CHIEF, "incident.measure", with(id, "\"kind\":\"isolate\",\"how\":\"physical\""));
	does(CHIEF, "incident.measure", with(id, "\"kind\":\"notify\",\"agency\":\"npa\""));
	does(CHIEF, "incident.phone", with(id, "\"no-answer\":true"));
	does(CHIEF, "incident.phone", with(id, "\"person\":\"当直\",\"to\":\"03-1\",\"next\":\"12:00\""));
	answer = ask(NIGHT, "incident.handover", with(id, "\"to\":\"朝番\""));
	for (size_t k = 0; k < sizeof(has) / sizeof(has[0]); k++)
		if (!strstr(word(answer, "text"), has[k]))
			fail_msg("'%s' is missing: %s", has[k], word(answer, "text"));
	for (const char *c = word(answer, "text"); c[0]; c++)
		lines += c[0] == '\n';
	assert_true(lines < 50);
	json_object_put(answer);
}

static void test_every_view_and_action_is_in_the_chain(void **state)
{
	static const char *const want[] = { "observe", "incident.new", "incident.ack", "draft.show", "incident.handover" };
	struct json_object *answer, *list;
	char id[32];

	(void)state;
	make(INFECTION, id);
	does(CHIEF, "incident.ack", with(id, ""));
	free(draft_of(id, ""));
	refuses(NIGHT, "incident.handover", with(id, ""), "who takes over");
	answer = ask(NIGHT, "incident.handover", with(id, "\"to\":\"朝番\",\"text\":\"窓口は話し中\""));
	assert_non_null(strstr(word(answer, "text"), "引継ぎ"));
	assert_non_null(strstr(word(answer, "text"), "窓口は話し中"));
	assert_non_null(strstr(word(answer, "text"), "電話と送付"));
	json_object_put(answer);
	answer = ask(CHIEF, "audit.export", with(id, ""));
	list = member(answer, "audit");
	assert_int_equal(json_object_array_length(list), 5);
	for (size_t k = 0; k < 5; k++)
		assert_string_equal(word(json_object_array_get_idx(list, k), "action"), want[k]);
	assert_int_equal(json_object_get_int(member(json_object_array_get_idx(list, 4), "uid")), NIGHT);
	json_object_put(answer);
	answer = ask(CHIEF, "audit.verify", "");
	assert_int_equal(json_object_array_length(member(answer, "faults")), 0);
	assert_int_equal(json_object_get_int(member(answer, "entries")), 5);
	json_object_put(answer);
}

static int tell_fails(void *context, const struct incident *incident, unsigned told_bits, struct err *err)
{
	(void)context;
	(void)incident;
	(void)told_bits;
	return err_set(err, ERR_IO, "the disk is full");
}

static void on_lost(void *context, const struct err *err)
{
	assert_string_equal(err->text, "the disk is full");
	++*(int *)context;
}

/* The daemon must not go on with an incident in memory that is not in the store. */
static void test_what_could_not_be_stored_is_not_kept_in_memory(void **state)
{
	int lost = 0;
	char id[32];

	(void)state;
	control.gather = gather_new();
	control.tell = tell_fails;
	control.lost = on_lost;
	control.context = &lost;
	refuses(CHIEF, "incident.new", INFECTION, "the disk is full");
	assert_int_equal(lost, 1);
	refuses(CHIEF, "incident.new", INFECTION ",\"drill\":true", "the disk is full");
	assert_int_equal(lost, 1);		/* a drill is in nobody's memory */
	gather_free(control.gather);		/* as the daemon does, which reads the store again */
	control.gather = gather_new();
	control.tell = NULL;
	make(INFECTION, id);
	assert_word(id, "findings", "1");
	gather_free(control.gather);
	control.gather = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_a_person_decides_is_what_the_table_says),
		TEST(test_the_exception_is_a_persons_and_refused_where_the_table_says_so),
		TEST(test_the_answer_to_is_it_ours_makes_a_report),
		TEST(test_two_officers_never_lose_an_action),
		TEST(test_it_is_phoned_before_it_is_sent),
		TEST(test_a_second_report_goes_to_every_window_again),
		TEST(test_what_went_out_is_not_rewritten),
		TEST(test_an_end_needs_its_reason_and_a_report_two_persons),
		TEST(test_a_missing_approval_is_shown_and_blocks_nothing),
		TEST(test_incidents_join_and_part),
		TEST(test_the_clocks_are_shown_with_the_companys_own_targets),
		TEST(test_every_clause_and_none_can_be_entered),
		TEST(test_a_subcontractor_calls_its_prime_and_a_prime_relays),
		TEST(test_a_drill_stays_a_drill),
		TEST(test_the_same_again_joins_and_loses_nothing),
		TEST(test_forty_assets_and_an_empty_profile_do_no_harm),
		TEST(test_only_the_physical_cut_is_box_a),
		TEST(test_a_name_comes_out_only_when_it_is_released),
		TEST(test_nothing_stored_is_said_only_with_person_and_method),
		TEST(test_every_window_has_its_sheet_by_day_night_and_holiday),
		TEST(test_numbers_nobody_confirmed_are_said_to_be_so),
		TEST(test_a_site_knows_its_numbers_better),
		TEST(test_what_logs_and_people_write_stays_text),
		TEST(test_the_handover_says_it_all_on_one_page),
		TEST(test_every_view_and_action_is_in_the_chain),
		TEST(test_what_could_not_be_stored_is_not_kept_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
