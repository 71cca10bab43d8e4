/*
 * The judge against the decision table itself (every cell, vector and row without clause), and
 * against findings whose judgement design section 2 gives.
 */
#include "judge/judge.h"

#include "base/mem.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char inventory_text[] =
	"departments:\n"
	"  - {name: 防衛設計部, defence: yes}\n"
	"  - {name: 総務部, defence: no}\n"
	"contracts:\n"
	"  - {label: 戦車, body: gsdf, role: prime}\n"
	"systems:\n"
	"  - {id: cad, label: 設計端末1, hosts: [pc001], addresses: [10.0.1.1], classes: "
	"protected,\n"
	"     contracts: [戦車]}\n"
	"  - {id: intra, hosts: [pc002], addresses: [10.0.1.2], classes: same_intranet}\n"
	"  - {id: other, hosts: [pc003], addresses: [10.0.1.3], classes: other_defence}\n"
	"  - {id: sec, hosts: [pc004], classes: secret}\n"
	"  - {id: www, hosts: [www1], addresses: [10.0.1.5], classes: company_web}\n"
	"  - {id: office, hosts: [pc006], addresses: [10.0.1.6], classes: none}\n"
	"  - {id: new, hosts: [pc007], addresses: [10.0.1.7]}\n"
	"  - {id: both, hosts: [pc008], classes: [protected, same_intranet]}\n"
	"  - {id: owned, hosts: [pc009], owner: tanaka}\n"
	"  - {id: room, hosts: [pc010], department: 防衛設計部, classes: none}\n"
	"  - {id: webnone, hosts: [www3], classes: [company_web, none]}\n"
	"people:\n"
	"  - {id: tanaka, users: [tanaka], mail: [tanaka@example.co.jp], defence: yes}\n"
	"  - {id: suzuki, users: ['CORP\\suzuki'], mail: [suzuki@example.co.jp], defence: no}\n"
	"  - {id: sato, users: [sato], department: 防衛設計部}\n"
	"  - {id: kato, users: [kato], department: 総務部}\n"
	"sites:\n"
	"  - {label: corp, domains: [www.example.co.jp], hosts: [www2], document_roots: "
	"[/srv/www]}\n";

struct world {
	struct config config;
	struct network networks[2];
	struct inventory *inventory, *empty;
	struct notice *notice;
	struct judge *judge, *stranger; /* stranger: knows no inventory and no networks */
};

static struct world world;
static const struct config no_config;

static int world_make(void **state)
{
	char folder[] = "/tmp/sokuho-judge-XXXXXX", path[64];
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
	network_parse("10.0.0.0/8", &world.networks[0]);
	network_parse("2001:db8::/32", &world.networks[1]);
	world.config = (struct config){ .networks = world.networks, .n_networks = 2 };
	world.inventory = inventory_load(path, &problems);
	world.empty = inventory_load(NULL, &problems);
	world.notice = notice_load(data, "r2-4608", &problems);
	unlink(path);
	rmdir(folder);
	if (problems.n)
		return -1;
	world.judge = judge_new(&world.config, world.inventory, world.notice, &problems);
	world.stranger = judge_new(&no_config, world.empty, world.notice, &problems);
	return problems.n || !world.judge || !world.stranger ? -1 : 0;
}

static int world_end(void **state)
{
	(void)state;
	judge_free(world.judge);
	judge_free(world.stranger);
	notice_free(world.notice);
	inventory_free(world.inventory);
	inventory_free(world.empty);
	return 0;
}

/* ------------------------------------------------------------------ the table */

static struct json_object *ask(const struct judge_question *question)
{
	struct err err;
	struct json_object *answer = judge_answer(world.judge, question, &err);

	if (!answer)
		fail_msg("%s", err.text);
	return answer;
}

static bool list_is(struct json_object *have, const struct node *want)
{
	if (json_object_array_length(have) != node_count(want))
		return false;
	for (size_t i = 0; i < node_count(want); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(have, i)),
			   node_text(node_item(want, i))) != 0)
			return false;
	return true;
}

/* Every output that the row writes down, as written. */
static void assert_row(struct json_object *answer, const struct node *row)
{
	static const char *const words[] = { "applies", "box_mode", "timing" };
	static const char *const lists[] = { "bases", "box", "code", "why" };
	const struct node *mark = node_get(row, "mark");

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(json_object_get_string(json_object_object_get(answer, words[i])),
			   node_get_text(row, words[i])) != 0)
			fail_msg("line %d: %s differs: %s", row->line, words[i],
				 json_object_to_json_string(answer));
	for (size_t i = 0; i < COUNT(lists); i++)
		if (node_get(row, lists[i]) &&
		    !list_is(json_object_object_get(answer, lists[i]), node_get(row, lists[i])))
			fail_msg("line %d: %s differs: %s", row->line, lists[i],
				 json_object_to_json_string(answer));
	for (size_t i = 0; mark && i < mark->n; i++)
		if (strcmp(json_object_get_string(json_object_object_get(
				   json_object_object_get(answer, "mark"), mark->keys[i]->text.at)),
			   mark->items[i]->text.at) != 0)
			fail_msg("line %d: mark of %s differs", row->line, mark->keys[i]->text.at);
	json_object_put(answer);
}

static struct judge_question question_of(const struct node *row)
{
	struct judge_question q = { .clause = node_get_text(row, "clause") };
	const char *information = node_get_text(row, "information");
	const char *fact = node_get_text(row, "fact"), *asset = node_get_text(row, "asset");

	if (strcmp(asset, "any") != 0)
		assert_true(class_parse(asset, &q.classes));
	assert_true(certainty_parse(node_get_text(row, "certainty"), &q.certainty));
	if (information && strcmp(information, "any") != 0)
		q.information = information;
	if (strcmp(fact, "any") != 0)
		strlist_add(&q.facts, fact);
	return q;
}

static void test_every_cell_comes_out_as_written(void **state)
{
	const struct node *cells = node_get(world.notice->table, "cells");
	char name[96];

	(void)state;
	assert_int_equal(node_count(cells), 270);
	for (size_t i = 0; i < cells->n; i++) {
		struct judge_question q = question_of(cells->items[i]);
		struct json_object *answer;

		assert_row(ask(&q), cells->items[i]);
		strlist_clear(&q.facts);
		answer = ask(&q);
		snprintf(name, sizeof(name), "%s/%s/%s", q.clause, class_word(q.classes),
			 certainty_word(q.certainty));
		assert_string_equal(json_object_get_string(json_object_object_get(answer, "row")),
				    name);
		assert_row(answer, cells->items[i]);
	}
}

static void test_every_override_vector_comes_out_as_written(void **state)
{
	const struct node *rows = node_get(world.notice->table, "fact_override_vectors");

	(void)state;
	assert_int_equal(node_count(rows), 46);
	for (size_t i = 0; i < rows->n; i++) {
		struct judge_question q = question_of(rows->items[i]);

		assert_row(ask(&q), rows->items[i]);
		strlist_clear(&q.facts);
	}
}

static void test_every_row_without_clause_comes_out_as_written(void **state)
{
	static const struct {
		const char *fact;
		size_t flag;
	} flags[] = {
		{ "leak", offsetof(struct judge_question, leak) },
		{ "loss", offsetof(struct judge_question, loss) },
		{ "destruction", offsetof(struct judge_question, destruction) },
	};
	const struct node *rows = node_get(world.notice->table, "facts_without_clause");

	(void)state;
	assert_int_equal(node_count(rows), 19);
	for (size_t i = 0; i < rows->n; i++) {
		struct judge_question q = question_of(rows->items[i]);
		const char *fact = node_get_text(rows->items[i], "fact");
		bool any = strcmp(node_get_text(rows->items[i], "asset"), "any") == 0;

		assert_row(ask(&q), rows->items[i]);
		for (unsigned bit = 1; any && bit < 1u << CLASS_COUNT; bit <<= 1) {
			q.classes = bit;
			assert_row(ask(&q), rows->items[i]);
		}
		strlist_clear(&q.facts);
		for (size_t k = 0; k < COUNT(flags); k++)
			if (strcmp(flags[k].fact, fact) == 0) {
				q.classes = 0;
				*(bool *)((char *)&q + flags[k].flag) = true;
				assert_row(ask(&q), rows->items[i]);
			}
	}
}

/* Lists are words joined by blanks; +leak among the facts means --leak. */
static const struct {
	const char *clause;
	unsigned classes;
	enum certainty certainty;
	const char *facts, *information;
	const char *applies, *bases, *box, *mode, *row;
} combined[] = {
	/* several classes: union */
	{ "1-a", CLASS_PROTECTED | CLASS_SAME_INTRANET, CERTAINTY_CONFIRMED, "", NULL, "yes",
	  "s12-1-i-a s12-1-i-i", "ア ウ", "all",
	  "1-a/protected/confirmed + 1-a/same_intranet/confirmed" },
	{ "1-a", CLASS_PROTECTED | CLASS_SECRET, CERTAINTY_SUSPECTED, "", NULL, "yes",
	  "s12-1-u g9-1-a", "", "none", NULL },
	/* a class outside the clause takes nothing away */
	{ "1-a", CLASS_COMPANY_WEB | CLASS_OTHER_DEFENCE, CERTAINTY_CONFIRMED, "", NULL, "yes",
	  "s12-1-u", "", "none", "1-a/other_defence/confirmed" },
	{ "1-a", CLASS_PROTECTED | CLASS_NONE, CERTAINTY_SUSPECTED, "", NULL, "yes", "s12-1-u", "",
	  "none", NULL },
	/* several facts: boxes of both, and the suspicion falls away */
	{ "1-shi", CLASS_PROTECTED, CERTAINTY_CONFIRMED, "infection unauthorised_access", NULL,
	  "yes", "s12-1-i-a", "ア イ", "all", "O03 + 1-shi/protected/confirmed" },
	{ "1-ke", CLASS_PROTECTED, CERTAINTY_CONFIRMED, "communication infection", NULL, "yes",
	  "s12-1-i-a", "ア", "all", NULL },
	{ "1-ki", CLASS_PROTECTED, CERTAINTY_CONFIRMED, "defacement infection", NULL, "yes",
	  "s12-1-i-a", "ア イ", "any_of", NULL },
	{ "4", CLASS_PROTECTED, CERTAINTY_CONFIRMED, "spread infection", NULL, "yes", "s12-1-i-a",
	  "ア", "all", NULL },
	/* class unknown: bases of same_intranet, no box */
	{ "1-a", 0, CERTAINTY_CONFIRMED, "", NULL, "yes", "s12-1-i-i", "", "none",
	  "1-a/same_intranet/confirmed" },
	{ "1-ki", 0, CERTAINTY_CONFIRMED, "", NULL, "yes", "s12-1-i-i s12-1-u", "", "none", NULL },
	{ NULL, 0, CERTAINTY_CONFIRMED, "infection", NULL, "yes", "s12-1-i-i", "", "none", NULL },
	/* none is not ours to report */
	{ "1-a", CLASS_NONE, CERTAINTY_CONFIRMED, "", NULL, "no", "", "", "none", NULL },
	/* a leak goes by the information, and is added where it is established */
	{ "2-u", CLASS_SAME_INTRANET, CERTAINTY_CONFIRMED, "", "protected", "yes", "s12-1-a", "",
	  "none", "facts_without_clause/leak/any/protected/confirmed" },
	{ "2-u", CLASS_PROTECTED, CERTAINTY_CONFIRMED, "", "secret", "yes", "g9-1-a", "", "none",
	  NULL },
	{ "1-shi", CLASS_PROTECTED, CERTAINTY_SUSPECTED, "+leak", NULL, "yes", "s12-1-a", "",
	  "none", "1-shi/protected/suspected + O14" },
	{ "1-shi", CLASS_PROTECTED, CERTAINTY_CONFIRMED, "+leak", NULL, "yes", "s12-1-i-a s12-1-a",
	  "イ", "all", NULL },
	{ "3-a", CLASS_COMPANY_WEB, CERTAINTY_CONFIRMED, "loss", "protected", "yes", "s12-1-a", "",
	  "none", NULL },
	{ "1-shi", CLASS_OTHER_DEFENCE, CERTAINTY_SUSPECTED, "", "secret", "yes", "s12-1-u g9-1-a",
	  "", "none", NULL },
	/* analogous: as the examples, by asset and fact */
	{ "analogous", CLASS_PROTECTED, CERTAINTY_CONFIRMED, "infection", NULL, "yes", "s12-1-i-a",
	  "ア", "all", "O03" },
	{ "analogous", CLASS_PROTECTED, CERTAINTY_CONFIRMED, "", NULL, "yes", "s12-1-u", "", "none",
	  NULL },
	{ "analogous", CLASS_COMPANY_WEB, CERTAINTY_CONFIRMED, "infection", NULL, "yes", "s12-1-u",
	  "", "none", NULL },
	{ "analogous", CLASS_SECRET, CERTAINTY_POINTED_OUT, "communication", NULL, "yes",
	  "g9-1-i g9-1-a", "", "none", NULL },
	{ "analogous", CLASS_OTHER_DEFENCE, CERTAINTY_CONFIRMED, "leak", NULL, "ask", "s12-1-u", "",
	  "none", "O15" },
	/* no clause: machines for protected information or secrets hold just that */
	{ NULL, CLASS_PROTECTED, CERTAINTY_SUSPECTED, "infection", NULL, "yes", "s12-1-u", "",
	  "none", NULL },
	{ NULL, CLASS_SECRET, CERTAINTY_CONFIRMED, "infection", NULL, "yes", "g9-1-a", "", "none",
	  NULL },
	{ NULL, CLASS_OTHER_DEFENCE, CERTAINTY_CONFIRMED, "infection", NULL, "no", "", "", "none",
	  NULL },
};

static void test_classes_facts_and_information_are_combined(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(combined); i++) {
		struct judge_question q = { .clause = combined[i].clause,
					    .classes = combined[i].classes,
					    .certainty = combined[i].certainty,
					    .information = combined[i].information };
		char facts[64], *save = NULL;
		struct json_object *answer;
		struct text bases = { 0 }, box = { 0 };
		const char *row;

		snprintf(facts, sizeof(facts), "%s", combined[i].facts);
		for (char *f = strtok_r(facts, " ", &save); f; f = strtok_r(NULL, " ", &save))
			if (strcmp(f, "+leak") == 0)
				q.leak = true;
			else
				strlist_add(&q.facts, f);
		answer = ask(&q);
		for (size_t k = 0; k < 2; k++) {
			struct json_object *list = json_object_object_get(answer,
									  k ? "box" : "bases");

			text_add(k ? &box : &bases, "");
			for (size_t j = 0; j < json_object_array_length(list); j++)
				text_addf(
					k ? &box : &bases, "%s%s", j ? " " : "",
					json_object_get_string(json_object_array_get_idx(list, j)));
		}
		row = json_object_get_string(json_object_object_get(answer, "row"));
		if (strcmp(bases.at, combined[i].bases) != 0 ||
		    strcmp(box.at, combined[i].box) != 0 ||
		    strcmp(json_object_get_string(json_object_object_get(answer, "applies")),
			   combined[i].applies) != 0 ||
		    strcmp(json_object_get_string(json_object_object_get(answer, "box_mode")),
			   combined[i].mode) != 0 ||
		    (combined[i].row && (!row || strcmp(row, combined[i].row) != 0)))
			fail_msg("case %zu: %s", i, json_object_to_json_string(answer));
		json_object_put(answer);
		text_clear(&bases);
		text_clear(&box);
		strlist_clear(&q.facts);
	}
}

static void test_without_a_class_no_output_but_timing_is_stated(void **state)
{
	struct judge_question q = { .clause = "1-a", .certainty = CERTAINTY_CONFIRMED };
	struct json_object *answer = ask(&q), *mark = json_object_object_get(answer, "mark");

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		static const char *const outputs[] = { "bases", "box", "code", "timing" };
		const char *have = json_object_get_string(json_object_object_get(mark, outputs[i]));

		assert_string_equal(have, i == 3 ? "stated" : "reading");
	}
	json_object_put(answer);
}

static void test_unknown_words_are_refused_with_the_nearest_name(void **state)
{
	struct judge_question q = { .clause = "1-kee", .classes = CLASS_PROTECTED };
	struct err err;

	(void)state;
	assert_null(judge_answer(world.judge, &q, &err));
	assert_non_null(strstr(err.text, "unknown clause '1-kee'; did you mean '1-ke'?"));
	q.clause = "1-ke";
	strlist_add(&q.facts, "infektion");
	assert_null(judge_answer(world.judge, &q, &err));
	assert_non_null(strstr(err.text, "did you mean 'infection'?"));
	strlist_clear(&q.facts);
	q.information = "public";
	assert_null(judge_answer(world.judge, &q, &err));
	q.information = NULL;
	q.classes = 1u << CLASS_COUNT;
	assert_null(judge_answer(world.judge, &q, &err));
}

/* A copy of the profile's folder whose table has one text replaced. */
static struct notice *notice_with(const char *folder, const char *from, const char *to)
{
	static const char *const files[] = { "profile.yaml", "phrases.ja.yaml",
					     "office-calendar.yaml", "form-text.ja.yaml" };
	char path[512], target[PATH_MAX + 64], here[PATH_MAX], block[4096];
	struct problems problems = { 0 };
	struct text table = { 0 };
	struct notice *notice;
	size_t at, n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/notice/p", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_non_null(realpath(world.notice->directory, here));
	for (size_t i = 0; i < COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/notice/p/%s", folder, files[i]);
		snprintf(target, sizeof(target), "%s/%s", here, files[i]);
		assert_int_equal(symlink(target, path), 0);
	}
	snprintf(path, sizeof(path), "%s/decision-table.yaml", world.notice->directory);
	file = fopen(path, "r");
	assert_non_null(file);
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		text_add_bytes(&table, block, n);
	fclose(file);
	at = slice_find(text_slice(&table), slice_of(from), 0);
	assert_true(at < table.len);
	snprintf(path, sizeof(path), "%s/notice/p/decision-table.yaml", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%.*s%s%s", (int)at, table.at, to, table.at + at + strlen(from));
	fclose(file);
	text_clear(&table);
	notice = notice_load(folder, "p", &problems);
	assert_int_equal(problems.n, 0);
	return notice;
}

static void folder_empty(const char *folder)
{
	static const char *const files[] = { "p/profile.yaml", "p/phrases.ja.yaml",
					     "p/office-calendar.yaml", "p/decision-table.yaml",
					     "p/form-text.ja.yaml", "p" };
	char path[512];

	for (size_t i = 0; i < COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/notice/%s", folder, files[i]);
		assert_int_equal(remove(path), 0);
	}
}

static void test_faults_of_the_table_are_named(void **state)
{
	static const struct {
		const char *from, *to, *words;
	} cases[] = {
		{ "asset: secret, certainty: suspected", "asset: secret, certainty: x",
		  "no cell for 1-a/secret/suspected" },
		{ "\"1-ke\": suspected", "\"1-ke\": perhaps",
		  "clause '1-ke' has no default_certainty" },
		{ "any_own_entity: unknown", "any_own_entitty: unknown",
		  "unknown key 'any_own_entitty'" },
		{ "implicated: unknown, level: review", "implicated: unknown, level: loud",
		  "'loud' is no level" },
		{ "implicated: \"no\"", "implicated: perhaps", "yes, no or unknown" },
		{ "box_mode: any_of", "box_mode: some", "'box_mode' of a row" },
	};
	char folder[] = "/tmp/sokuho-table-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/notice", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct notice *notice = notice_with(folder, cases[i].from, cases[i].to);
		struct problems problems = { 0 };
		struct text text = { 0 };

		assert_null(judge_new(&world.config, world.inventory, notice, &problems));
		problems_print(&problems, false, &text);
		if (!text.at || !strstr(text.at, cases[i].words))
			fail_msg("case %zu: %s", i, text.at ? text.at : "no problem");
		text_clear(&text);
		problems_clear(&problems);
		notice_free(notice);
		folder_empty(folder);
	}
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* ------------------------------------------------------------------ findings */

static void list_add_words(struct strlist *list, const char *words)
{
	char copy[256], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		strlist_add(list, w);
}

/* fields: name=value, joined by `;`. */
static struct finding *finding_of(const char *clauses, const char *fact, enum shows shows,
				  enum verdict verdict, const char *fields)
{
	struct finding *f = finding_new();
	char copy[512], *save = NULL;

	list_add_words(&f->clauses, clauses);
	f->fact = finding_keep(f, fact);
	f->shows = shows;
	f->verdict = verdict;
	snprintf(copy, sizeof(copy), "%s", fields);
	for (char *w = strtok_r(copy, ";", &save); w; w = strtok_r(NULL, ";", &save)) {
		struct slice pair = slice_of(w);
		size_t eq = slice_find_byte(pair, '=', 0);

		finding_add_field(f, slice_cut(pair, 0, eq), slice_cut(pair, eq + 1, pair.len),
				  false);
	}
	return f;
}

static void list_text(const struct strlist *list, char out[256])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < list->n && used < 255; i++)
		used += (size_t)snprintf(out + used, 256 - used, "%s%s", i ? " " : "", list->at[i]);
}

static bool reasons_have(const struct finding *f, const char *words)
{
	for (size_t i = 0; i < f->reasons.n; i++)
		if (strstr(f->reasons.at[i], words))
			return true;
	return false;
}

static void finding_fail(size_t i, const struct finding *f)
{
	char reasons[4096] = "", clauses[256], bases[256];
	size_t used = 0;

	for (size_t k = 0; k < f->reasons.n && used < sizeof(reasons) - 1; k++)
		used += (size_t)snprintf(reasons + used, sizeof(reasons) - used, "\n  %s",
					 f->reasons.at[k]);
	list_text(&f->clauses, clauses);
	list_text(&f->bases, bases);
	fail_msg("case %zu: %s %s [%s] [%s]%s", i, implicated_word(f->implicated),
		 level_word(f->level), clauses, bases, reasons);
}

#define EVENT	SHOWS_EVENT
#define PASSED	VERDICT_NOT_STOPPED
#define STOPPED VERDICT_STOPPED
#define UNSAID	VERDICT_UNKNOWN
#define YES	IMPLICATED_YES
#define NO	IMPLICATED_NO
#define ASK	IMPLICATED_UNKNOWN

static const struct {
	const char *clauses, *fact;
	enum shows shows;
	enum verdict verdict;
	const char *fields;
	enum implicated implicated;
	enum level level;
	const char *reason;
} judged[] = {
	/* R1: machine and fact alone, whatever the clause asks */
	{ "1-a", "infection", EVENT, PASSED, "host.name=pc001;user.name=suzuki", YES, LEVEL_REPORT,
	  "implicated yes: R1 host 'pc001' is protected (inventory.yaml:7)" },
	{ "1-u", "infection", EVENT, UNSAID, "host.name=PC002.example.jp", YES, LEVEL_REPORT,
	  "verdict unknown counts as not stopped" },
	{ "4", "infection", EVENT, STOPPED, "host.name=pc004", YES, LEVEL_REVIEW, "stopped" },
	/* R2: the subject */
	{ "1-a", "infection", EVENT, PASSED, "user.name=CORP\\tanaka", YES, LEVEL_REPORT,
	  "R2 user" },
	{ "1-a", "infection", EVENT, PASSED, "host.name=pc003;user.name=suzuki", YES, LEVEL_REPORT,
	  "R2 host 'pc003' is other_defence" },
	{ "1-a", "infection", EVENT, PASSED, "host.name=pc009", YES, LEVEL_REPORT,
	  "has the owner 'tanaka'" },
	{ "1-a", "infection", EVENT, PASSED, "host.name=pc010", YES, LEVEL_REPORT,
	  "belongs to '防衛設計部'" },
	{ "2-u", "leak", EVENT, PASSED,
	  "email.from.address=Tanaka <tanaka@EXAMPLE.co.jp>;email.to.address=x@example.com", YES,
	  LEVEL_REPORT, "R2 mailbox" },
	{ "1-i", "infection", EVENT, PASSED, "user.name=sato", YES, LEVEL_REPORT, "R2" },
	{ "1-ke", "communication", EVENT, PASSED, "source.ip=10.0.1.3;destination.ip=8.8.8.8", YES,
	  LEVEL_REPORT, "R2 address '10.0.1.3'" },
	{ "1-ko", "communication", EVENT, PASSED, "source.ip=8.8.8.8;destination.ip=10.0.1.3", YES,
	  LEVEL_REPORT, "level report: not stopped" },
	{ "1-ku", "defacement", EVENT, PASSED, "host.name=www2", YES, LEVEL_REPORT, "site 'corp'" },
	{ "1-ku", "defacement", EVENT, PASSED, "host.name=www1", YES, LEVEL_REPORT, "R2" },
	{ "1-ki", "defacement", EVENT, UNSAID, "url.full=https://www.example.co.jp:443/a?b", YES,
	  LEVEL_REPORT, "R2 domain" },
	{ "1-ku", "defacement", EVENT, UNSAID, "file.path=/srv/www/index.html", YES, LEVEL_REPORT,
	  "R2 path" },
	{ "1-ku", "defacement", EVENT, UNSAID, "host.name=www3", YES, LEVEL_REPORT, "R2" },
	/* R3: not in the inventory, or without a class */
	{ "1-ke", "communication", EVENT, PASSED, "host.name=pc099", ASK, LEVEL_URGENT,
	  "R3 host 'pc099' is not in the inventory" },
	{ "1-ke", "communication", EVENT, PASSED, "host.name=pc007", ASK, LEVEL_URGENT,
	  "has no class" },
	{ "1-ke", "communication", EVENT, PASSED, "source.ip=10.9.9.9", ASK, LEVEL_URGENT,
	  "R3 address" },
	{ "1-a", "infection", EVENT, PASSED, "host.name=pc006;user.name=nobody", ASK, LEVEL_URGENT,
	  "R3 user 'nobody' is not in the ledger" },
	{ "1-a", "infection", EVENT, PASSED, "host.name=pc006;user.email=new@sales.example.co.jp",
	  ASK, LEVEL_URGENT, "R3 mailbox" },
	{ "1-ko", "communication", EVENT, PASSED, "source.ip=10.0.1.6;destination.ip=10.9.9.9", ASK,
	  LEVEL_URGENT, "R3" },
	/* R4: none, in words, for each of ours */
	{ "1-ke", "communication", EVENT, PASSED, "host.name=pc006;destination.ip=8.8.8.8", NO,
	  LEVEL_RECORD, "R4 host 'pc006' is none" },
	{ "1-a", "infection", EVENT, PASSED, "user.name=corp\\suzuki;host.name=pc006", NO,
	  LEVEL_RECORD, "not ours to report" },
	{ "1-a", "infection", EVENT, PASSED, "user.name=kato", NO, LEVEL_RECORD, "R4 user" },
	{ "1-a", "infection", EVENT, PASSED, "user.name=kato;email.from.address=x@evil.com", NO,
	  LEVEL_RECORD, "R4" },
	{ "1-ke", "communication", EVENT, PASSED, "host.name=pc006;user.name=nobody", NO,
	  LEVEL_RECORD, "R4" },
	{ "1-ke", "communication", EVENT, PASSED, "host.name=pc006;host.ip=10.200.0.1", NO,
	  LEVEL_RECORD, "R4" },
	/* a defence person on such a machine is not a no */
	{ "1-ke", "communication", EVENT, PASSED, "host.name=pc006;user.name=tanaka", ASK,
	  LEVEL_URGENT, "no rule of the table fits; user 'tanaka' is defence" },
	/* R5 and R6: the web server */
	{ "1-shi", "unauthorised_access", EVENT, UNSAID, "host.name=www1", ASK, LEVEL_URGENT,
	  "level urgent: at least this on a web server of ours (R5)" },
	{ "1-shi", "unauthorised_access", EVENT, STOPPED, "host.name=www1", ASK, LEVEL_REVIEW,
	  "R6" },
	{ "1-ke", "communication", EVENT, PASSED, "host.name=www1", ASK, LEVEL_REVIEW,
	  "level review: at most this outside the clause's words (R6)" },
	{ "4", "infection", EVENT, PASSED, "host.name=www2", ASK, LEVEL_URGENT, "R5" },
	{ "4", "infection", EVENT, PASSED, "host.name=www3", NO, LEVEL_URGENT, "R5" },
	{ "4", "infection", SHOWS_HINT, PASSED, "host.name=www2", ASK, LEVEL_REVIEW, "R6" },
	/* R7: nothing of ours recognised */
	{ "1-ke", "communication", EVENT, PASSED, "source.ip=8.8.8.8;destination.ip=9.9.9.9", ASK,
	  LEVEL_URGENT, "implicated unknown: R7 nothing of ours was recognised" },
	{ "1-a", "infection", EVENT, PASSED, "user.email=x@example.com", ASK, LEVEL_URGENT, "R7" },
	/* names of others that only look like ours */
	{ "1-ke", "communication", EVENT, STOPPED, "destination.domain=pc001.example.com", ASK,
	  LEVEL_REVIEW, "R7" },
	{ "1-ku", "defacement", EVENT, UNSAID, "host.name=pc006;file.path=/srv/www/a", NO,
	  LEVEL_RECORD, "R4" },
	/* detection is enough where our own host is the origin */
	{ "1-ke", "communication", EVENT, STOPPED, "source.ip=10.0.1.3;destination.ip=8.8.8.8", YES,
	  LEVEL_REPORT, "origin" },
	{ "1-ke", "communication", EVENT, STOPPED, "source.ip=8.8.8.8;destination.ip=10.0.1.3", YES,
	  LEVEL_REPORT, "origin" },
	{ "1-ko", "communication", EVENT, STOPPED, "source.ip=10.0.1.3;destination.ip=10.0.1.2",
	  YES, LEVEL_REPORT, "origin" },
	{ "1-ko", "communication", EVENT, STOPPED, "source.ip=8.8.8.8;destination.ip=10.0.1.3", YES,
	  LEVEL_REVIEW, "stopped" },
	{ "1-ke", "communication", EVENT, STOPPED, "source.ip=10.9.9.9", ASK, LEVEL_URGENT,
	  "origin" },
	{ "4 1-ke", "infection", EVENT, STOPPED, "host.name=pc001", YES, LEVEL_REVIEW, "stopped" },
	/* spread, even where each was stopped */
	{ "4", "spread", EVENT, STOPPED, "host.name=pc003;host.name=pc099", YES, LEVEL_REPORT,
	  "spreads" },
	/* attempts and hints */
	{ "1-shi", "unauthorised_access", SHOWS_ATTEMPT, UNSAID, "host.name=pc001", YES,
	  LEVEL_REVIEW, "only an attempt" },
	{ "1-shi", "unauthorised_access", SHOWS_HINT, PASSED, "host.name=pc099", ASK, LEVEL_REVIEW,
	  "only a hint" },
	{ "1-shi", "unauthorised_access", SHOWS_ATTEMPT, PASSED, "host.name=pc006", NO,
	  LEVEL_RECORD, "not ours" },
	/* loopback and the like name no machine */
	{ "1-ke", "communication", EVENT, PASSED, "host.name=pc006;source.ip=127.0.0.1", NO,
	  LEVEL_RECORD, "R4" },
};

static void test_whose_it_is_and_how_loud_follow_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(judged); i++) {
		struct finding *f = finding_of(judged[i].clauses, judged[i].fact, judged[i].shows,
					       judged[i].verdict, judged[i].fields);

		judge_finding(world.judge, f);
		if (f->implicated != judged[i].implicated || f->level != judged[i].level ||
		    !reasons_have(f, judged[i].reason))
			finding_fail(i, f);
		finding_free(f);
	}
}

static void test_without_networks_an_address_nobody_knows_is_unknown(void **state)
{
	struct finding *f = finding_of("1-ke", "communication", EVENT, PASSED, "source.ip=8.8.8.8");

	(void)state;
	judge_finding(world.stranger, f);
	assert_int_equal(f->implicated, IMPLICATED_UNKNOWN);
	assert_true(
		reasons_have(f, "R3 address '8.8.8.8' is not in the inventory, and no networks"));
	finding_free(f);
	f = finding_of("1-ke", "communication", EVENT, PASSED, "source.ip=127.0.0.1");
	judge_finding(world.stranger, f);
	assert_true(reasons_have(f, "R7"));
	finding_free(f);
}

static void test_bases_and_boxes_are_candidates_of_the_cell(void **state)
{
	static const struct {
		const char *clauses, *fact;
		enum shows shows;
		const char *fields;
		enum certainty certainty;
		const char *bases, *boxes, *mode, *bases_now, *timing, *reason;
	} cases[] = {
		{ "1-a", "infection", EVENT, "host.name=pc001", CERTAINTY_CONFIRMED, "s12-1-i-a",
		  "ア", "all", "s12-1-u", "immediate",
		  "candidate cell 1-a/protected/confirmed: s12-1-i-a, box ア (stated)" },
		{ "3-a", "infection", EVENT, "host.name=pc008", CERTAINTY_CONFIRMED,
		  "s12-1-i-a s12-1-i-i", "ア ウ", "all", "s12-1-u", "immediate",
		  "meanwhile cell 3-a/protected/suspected + 3-a/same_intranet/suspected: s12-1-u" },
		{ "1-ki", "defacement", EVENT, "host.name=pc001", CERTAINTY_CONFIRMED,
		  "s12-1-i-a s12-1-u", "ア イ", "any_of", "s12-1-u", "immediate", "(any of)" },
		{ "1-ku", "defacement", EVENT, "host.name=www2", CERTAINTY_CONFIRMED, "s12-1-u", "",
		  "none", "s12-1-u", "immediate", "candidate cell 1-ku/company_web/confirmed" },
		{ "1-ke", "communication", EVENT, "host.name=pc001", CERTAINTY_SUSPECTED, "s12-1-u",
		  "", "none", "s12-1-u", "immediate",
		  "cell 1-ke/protected/suspected: s12-1-u (stated)" },
		{ "1-sa", "communication", EVENT, "host.name=pc004", CERTAINTY_POINTED_OUT,
		  "g9-1-i g9-1-a", "", "none", "g9-1-i g9-1-a", "immediate",
		  "1-sa/secret/pointed_out" },
		{ "1-sa", "communication", SHOWS_HINT, "host.name=pc001", CERTAINTY_POINTED_OUT,
		  "s12-1-e s12-1-u", "", "none", "s12-1-e s12-1-u", "immediate", "pointed_out" },
		{ "1-a", "infection", SHOWS_ATTEMPT, "host.name=pc001", CERTAINTY_SUSPECTED,
		  "s12-1-u", "", "none", "s12-1-u", "immediate",
		  "certainty suspected: no more than an attempt" },
		{ "1-a", "leak", EVENT, "host.name=pc001", CERTAINTY_SUSPECTED, "s12-1-u", "",
		  "none", "s12-1-u", "immediate", "only a person confirms this fact" },
		{ "1-a", "unauthorised_access", EVENT, "host.name=pc001", CERTAINTY_CONFIRMED,
		  "s12-1-i-a", "イ", "all", "s12-1-u", "immediate", "candidate override O05" },
		{ "1-a", "infection", EVENT, "host.name=pc099", CERTAINTY_CONFIRMED, "s12-1-i-i",
		  "", "none", "s12-1-u", "immediate", "class unknown: bases as for same_intranet" },
		{ "1-a", "infection", EVENT, "host.name=pc006", CERTAINTY_CONFIRMED, "", "", "none",
		  "", "none", "implicated no" },
		{ "1-a", "infection", EVENT, "host.name=www1", CERTAINTY_CONFIRMED, "", "", "none",
		  "", "none", "does not apply; analogous stays open" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct finding *f = finding_of(cases[i].clauses, cases[i].fact, cases[i].shows,
					       PASSED, cases[i].fields);
		char bases[256], boxes[256], now[256];

		judge_finding(world.judge, f);
		list_text(&f->bases, bases);
		list_text(&f->boxes, boxes);
		list_text(&f->bases_now, now);
		if (f->certainty != cases[i].certainty || strcmp(bases, cases[i].bases) != 0 ||
		    strcmp(boxes, cases[i].boxes) != 0 || strcmp(f->box_mode, cases[i].mode) != 0 ||
		    strcmp(now, cases[i].bases_now) != 0 ||
		    strcmp(f->timing, cases[i].timing) != 0 || !reasons_have(f, cases[i].reason))
			finding_fail(i, f);
		finding_free(f);
	}
}

static void test_assets_labels_and_contracts_are_those_of_ours(void **state)
{
	struct finding *f = finding_of(
		"4", "infection", EVENT, PASSED,
		"host.name=pc001;host.name=pc099;asset.id=pc099;"
		"source.ip=10.0.1.6;destination.ip=8.8.8.8;host.ip=10.0.1.3");
	char text[256];

	(void)state;
	judge_finding(world.judge, f);
	list_text(&f->assets, text);
	assert_string_equal(text, "cad pc099 other");
	list_text(&f->labels, text);
	assert_string_equal(text, "設計端末1 pc099 other");
	list_text(&f->contracts, text);
	assert_string_equal(text, "戦車");
	assert_int_equal(f->classes, CLASS_PROTECTED | CLASS_OTHER_DEFENCE);
	judge_finding(world.judge, f);
	assert_int_equal(f->assets.n, 3);
	finding_free(f);
}

static void test_a_web_server_adds_the_web_clauses_up_to_three(void **state)
{
	struct finding *f = finding_of("4 1-u", "infection", EVENT, PASSED, "host.name=www1");
	char text[256];

	(void)state;
	judge_finding(world.judge, f);
	list_text(&f->clauses, text);
	assert_string_equal(text, "4 1-u 1-ki");
	finding_free(f);
	f = finding_of("4", "infection", EVENT, STOPPED, "host.name=www1");
	judge_finding(world.judge, f);
	assert_int_equal(f->clauses.n, 1);
	finding_free(f);
}

static void test_caps_and_exceptions_lower_the_level(void **state)
{
	static const struct {
		const char *host;
		enum level cap;
		const char *exception;
		enum level want;
	} cases[] = {
		{ "pc001", LEVEL_REVIEW, NULL, LEVEL_REVIEW },
		{ "pc001", LEVEL_RECORD, NULL, LEVEL_RECORD },
		{ "www1", LEVEL_REVIEW, NULL, LEVEL_REVIEW },
		{ "pc001", LEVEL_REPORT, "ex-1", LEVEL_REVIEW },
		{ "pc004", LEVEL_REPORT, "ex-1", LEVEL_REVIEW },
		{ "pc003", LEVEL_REPORT, "ex-1", LEVEL_RECORD },
		{ "pc001", LEVEL_REPORT, NULL, LEVEL_REPORT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct finding *f;
		char fields[64];

		snprintf(fields, sizeof(fields), "host.name=%s", cases[i].host);
		f = finding_of("4", "infection", EVENT, PASSED, fields);
		f->cap = cases[i].cap;
		f->exception = finding_keep(f, cases[i].exception);
		judge_finding(world.judge, f);
		if (f->level != cases[i].want)
			finding_fail(i, f);
		finding_free(f);
	}
}

static void test_a_finding_without_clause_is_counted_only(void **state)
{
	struct finding *f = finding_of("", "infection", EVENT, PASSED, "host.name=pc001");

	(void)state;
	judge_finding(world.judge, f);
	assert_int_equal(f->level, LEVEL_RECORD);
	assert_int_equal(f->bases.n, 0);
	assert_string_equal(f->timing, "none");
	finding_free(f);
}

static void test_all_implicated_makes_everything_ours_and_protected(void **state)
{
	struct finding *f = finding_of("1-a", "infection", EVENT, PASSED, "asset.id=pc006");

	(void)state;
	judge_set_all_implicated(world.judge, true);
	judge_finding(world.judge, f);
	assert_int_equal(f->implicated, IMPLICATED_YES);
	assert_int_equal(f->classes, CLASS_PROTECTED);
	assert_int_equal(f->level, LEVEL_REPORT);
	assert_string_equal(f->boxes.at[0], "ア");
	assert_string_equal(f->assets.at[0], "office");
	finding_free(f);
	f = finding_of("1-ko", "communication", EVENT, STOPPED, "source.ip=8.8.8.8");
	judge_finding(world.judge, f);
	assert_int_equal(f->level, LEVEL_REVIEW);
	judge_set_all_implicated(world.judge, false);
	finding_free(f);
}

static void test_hostile_values_do_no_harm(void **state)
{
	static const char *const fields[] = { "host.name", "source.ip",	       "user.name",
					      "url.full",  "email.to.address", "file.path",
					      "asset.id" };
	static const struct slice values[] = {
		{ "", 0 },
		{ "\0", 1 },
		{ "://", 3 },
		{ "http://[", 8 },
		{ "<", 1 },
		{ "@", 1 },
		{ ";,;<>@,", 7 },
		{ "\\", 1 },
		{ "$", 1 },
		{ "\xff\xfe\0\x1b[2J", 8 },
		{ "http://@:@/", 11 },
		{ "%s%n", 4 },
	};
	char *big = mem_zalloc(1 << 20);
	struct finding *f = finding_of("1-a", "infection", EVENT, PASSED, "");

	(void)state;
	memset(big, 'a', 1 << 20);
	for (size_t i = 0; i < COUNT(fields); i++) {
		for (size_t k = 0; k < COUNT(values); k++)
			finding_add_field(f, slice_of(fields[i]), values[k], false);
		finding_add_field(f, slice_of(fields[i]), (struct slice){ big, 1 << 20 }, false);
	}
	judge_finding(world.judge, f);
	assert_int_equal(f->implicated, IMPLICATED_UNKNOWN);
	for (size_t i = 0; i < f->reasons.n; i++)
		assert_true(strlen(f->reasons.at[i]) < 1024);
	finding_free(f);
	free(big);
}

/* ------------------------------------------------------------------ identity */

static void test_every_record_learns_asset_person_and_direction(void **state)
{
	static const struct {
		const char *fields, *asset, *person, *direction;
	} cases[] = {
		/* the host: id of the inventory, else short and lower-case, else the address */
		{ "host.name=PC001.example.jp", "cad", "", "" },
		{ "host.name=PC099.Example.JP", "pc099", "", "" },
		{ "host.name=unlisted;host.ip=10.0.1.2", "intra", "", "" },
		{ "host.name=10.0.1.1", "cad", "", "" },
		{ "host.name=10.77.0.1", "10.77.0.1", "", "" },
		{ "host.ip=10.77.0.1", "10.77.0.1", "", "" },
		{ "source.ip=8.8.8.8;destination.ip=10.0.1.3", "other", "", "inbound" },
		{ "source.ip=8.8.8.8", "", "", "" },
		{ "host.name=-", "", "", "" },
		/* a network product: our end, never the observer */
		{ "observer.type=ids;source.ip=10.0.1.1;destination.ip=8.8.8.8", "cad", "",
		  "outbound" },
		{ "observer.type=ids;source.ip=8.8.8.8;destination.ip=10.0.1.1;host.name=fw1",
		  "cad", "", "inbound" },
		{ "observer.type=ids;source.ip=10.0.1.2;destination.ip=10.0.1.1", "intra", "",
		  "internal" },
		{ "observer.type=ids;source.ip=8.8.8.8;destination.ip=9.9.9.9", "8.8.8.8", "",
		  "external" },
		{ "observer.type=ids;source.ip=2001:DB8:0::5;destination.ip=2001:db9::1",
		  "2001:db8::5", "", "outbound" },
		{ "observer.type=waf;observer.hostname=FW1;host.name=fw1", "", "", "" },
		{ "observer.type=mail-gateway;host.name=pc001", "cad", "", "" },
		{ "source.ip=10.0.0.9;destination.ip=239.255.255.250", "10.0.0.9", "", "internal" },
		/* the person: ledger, else logon name without domain, else mail local part */
		{ "user.name=CORP\\Tanaka", "", "tanaka", "" },
		{ "user.name=CORP\\Yamada", "", "yamada", "" },
		{ "user.name=yamada@corp.local", "", "yamada", "" },
		{ "user.name=PC001$;user.email=suzuki@example.co.jp", "", "suzuki", "" },
		{ "email.to.address=Abe <Abe@example.co.jp>, x@example.com", "", "abe", "" },
		{ "email.from.address=a@example.com;email.to.address=tanaka@example.co.jp", "",
		  "tanaka", "" },
		{ "email.from.address=a@example.com", "", "", "" },
		{ "user.name=-", "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct record r = { .arena = arena_new() };
		struct finding *f = finding_of("", "x", EVENT, PASSED, cases[i].fields);

		for (size_t k = 0; k < f->n_fields; k++)
			record_add_copy(&r, slice_of(f->fields[k].name),
					slice_of(f->fields[k].value), VALUE_STRING, true);
		judge_identify(world.judge, &r);
		if (!slice_is(record_value(&r, "asset.id"), cases[i].asset) ||
		    !slice_is(record_value(&r, "person.id"), cases[i].person) ||
		    !slice_is(record_value(&r, "network.direction"), cases[i].direction))
			fail_msg("case %zu: '%.*s' '%.*s' '%.*s'", i,
				 (int)record_value(&r, "asset.id").len,
				 record_value(&r, "asset.id").at,
				 (int)record_value(&r, "person.id").len,
				 record_value(&r, "person.id").at,
				 (int)record_value(&r, "network.direction").len,
				 record_value(&r, "network.direction").at);
		finding_free(f);
		arena_free(r.arena);
	}
}

static void test_every_receiver_of_a_mail_is_a_person(void **state)
{
	struct record r = { .arena = arena_new() };

	(void)state;
	record_add(&r, SLICE("email.to.address"), SLICE("tanaka@example.co.jp; B@example.co.jp"),
		   VALUE_STRING, true);
	record_add(&r, SLICE("email.to.address"), SLICE("b@example.co.jp"), VALUE_STRING, true);
	judge_identify(world.judge, &r);
	judge_identify(world.judge, &r);
	assert_true(record_has_value(&r, "person.id", "tanaka"));
	assert_true(record_has_value(&r, "person.id", "b"));
	assert_int_equal(r.n_fields, 4);
	arena_free(r.arena);
}

/*
 * Not knowing is never quieter than urgent where knowing would be a report, and lowers nothing else: every clause with
 * every fact, a machine that is ours against one that the inventory does not class.
 */
static void test_not_knowing_is_never_quieter_than_urgent(void **state)
{
	const struct node *clauses = node_get(world.notice->profile, "clauses");
	const struct node *facts = node_get(world.notice->profile, "facts");
	size_t reports = 0;

	(void)state;
	for (size_t c = 0; c < node_count(clauses); c++)
		for (size_t f = 0; f < node_count(facts); f++)
			for (int shows = SHOWS_EVENT; shows <= SHOWS_HINT; shows++)
				for (int verdict = VERDICT_UNKNOWN; verdict <= VERDICT_NOT_STOPPED; verdict++) {
					const char *clause = node_get_text(node_item(clauses, c), "id");
					const char *fact = node_get_text(node_item(facts, f), "id");
					struct finding *yes = finding_of(clause, fact, (enum shows)shows,
									 (enum verdict)verdict, "host.name=pc001");
					struct finding *unknown = finding_of(clause, fact, (enum shows)shows,
									     (enum verdict)verdict, "host.name=pc007");

					judge_finding(world.judge, yes);
					judge_finding(world.judge, unknown);
					reports += yes->level == LEVEL_REPORT;
					if (unknown->level < (yes->level == LEVEL_REPORT ? LEVEL_URGENT : yes->level))
						fail_msg("%s %s: %s when known, %s when not", clause, fact,
							 level_word(yes->level), level_word(unknown->level));
					finding_free(yes);
					finding_free(unknown);
				}
	assert_true(reports > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell_comes_out_as_written),
		cmocka_unit_test(test_every_override_vector_comes_out_as_written),
		cmocka_unit_test(test_every_row_without_clause_comes_out_as_written),
		cmocka_unit_test(test_classes_facts_and_information_are_combined),
		cmocka_unit_test(test_without_a_class_no_output_but_timing_is_stated),
		cmocka_unit_test(test_unknown_words_are_refused_with_the_nearest_name),
		cmocka_unit_test(test_faults_of_the_table_are_named),
		cmocka_unit_test(test_whose_it_is_and_how_loud_follow_the_table),
		cmocka_unit_test(test_without_networks_an_address_nobody_knows_is_unknown),
		cmocka_unit_test(test_bases_and_boxes_are_candidates_of_the_cell),
		cmocka_unit_test(test_assets_labels_and_contracts_are_those_of_ours),
		cmocka_unit_test(test_a_web_server_adds_the_web_clauses_up_to_three),
		cmocka_unit_test(test_caps_and_exceptions_lower_the_level),
		cmocka_unit_test(test_a_finding_without_clause_is_counted_only),
		cmocka_unit_test(test_all_implicated_makes_everything_ours_and_protected),
		cmocka_unit_test(test_hostile_values_do_no_harm),
		cmocka_unit_test(test_every_record_learns_asset_person_and_direction),
		cmocka_unit_test(test_every_receiver_of_a_mail_is_a_person),
		cmocka_unit_test(test_not_knowing_is_never_quieter_than_urgent),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
