/*
 * The database: what is committed is there, after a close, after a crash and in a copy; what is not is not. SQLite is
 * asked directly for two things that no header shows: rows of the counts, and the version of the schema.
 */
#include "check.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/json.h"
#include "store/store.h"

#include <glob.h>
#include <json-c/json.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HOUR (3600 * NS_PER_S)
#define OK(call)                                                                                                       \
	do {                                                                                                           \
		if ((call) != 0)                                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                           \
	} while (0)

static char folder[32], copy[40];
static struct store *store;
static struct err err;

static void folder_empty(const char *path)
{
	char pattern[64];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/*", path);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
		globfree(&found);
	}
	rmdir(path);
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/sokuho-store-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(copy, sizeof(copy), "%s.copy", folder);
	return store_open(folder, &store, &err);
}

static int teardown(void **state)
{
	(void)state;
	store_close(store);
	store = NULL;
	folder_empty(folder);
	folder_empty(copy);
	return 0;
}

static void reopen(void)
{
	store_close(store);
	store = NULL;
	OK(store_open(folder, &store, &err));
}

static void file_copy(const char *name)
{
	char path[64], bytes[4096];
	FILE *from, *to;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	from = fopen(path, "re");
	if (!from)
		return;
	snprintf(path, sizeof(path), "%s/%s", copy, name);
	to = fopen(path, "we");
	assert_non_null(to);
	while ((n = fread(bytes, 1, sizeof(bytes), from)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, to), n);
	fclose(from);
	assert_int_equal(fclose(to), 0);
}

/* What a crash would leave at this moment. */
static struct store *copy_open(void)
{
	struct store *out = NULL;

	folder_empty(copy);
	assert_int_equal(mkdir(copy, 0700), 0);
	file_copy("sokuhod.db");
	file_copy("sokuhod.db-wal");
	OK(store_open(copy, &out, &err));
	return out;
}

/* The first column of all rows, a blank between them. */
static char *ask(const char *question)
{
	struct text answer = { 0 }, path = { 0 };
	sqlite3_stmt *statement;
	sqlite3 *db;

	text_addf(&path, "%s/sokuhod.db", folder);
	assert_int_equal(sqlite3_open(path.at, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, question, -1, &statement, NULL), SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW)
		text_addf(&answer, "%s%s", answer.len ? " " : "", (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	text_clear(&path);
	return text_take(&answer);
}

static void change(const char *statements)
{
	struct text path = { 0 };
	sqlite3 *db;

	text_addf(&path, "%s/sokuhod.db", folder);
	assert_int_equal(sqlite3_open(path.at, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, statements, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	text_clear(&path);
}

static int64_t summary(const char *name)
{
	struct json_object *all = store_summary(store, &err);
	int64_t n = json_object_get_int64(json_object_object_get(all, name));

	json_object_put(all);
	return n;
}

/* ------------------------------------------------------------------ what is put in */

static struct finding *finding_make(const char *rule, const char *asset, int64_t time, uint64_t offset,
				    enum level level)
{
	struct finding *f = finding_new();

	f->time = time;
	f->fact = finding_keep(f, "infection");
	f->rule = finding_keep(f, rule);
	f->rule_id = finding_keep(f, rule);
	f->rule_title = finding_keep(f, "題");
	f->asset_id = finding_keep(f, asset);
	f->level = level;
	strlist_add(&f->clauses, "4");
	finding_keep_evidence(f, &(struct evidence){ .file = (char *)"/a", .source = (char *)"s", .stream = 1,
					    .offset = offset, .time = time, .format = (char *)"text",
					    .raw = (char *)"a\"\\\n\033[2J\xff", .raw_len = 9 });
	return f;
}

static void act(int64_t time, long uid, const char *action, const char *incident, const char *detail)
{
	struct audit_entry entry = { time, uid, "sato", action, incident, detail };

	OK(store_audit(store, &entry, &err));
}

static bool put(const char *incident, struct finding *f)
{
	bool is_new;

	OK(store_put_finding(store, f, incident, 77 * NS_PER_S, &is_new, &err));
	finding_free(f);
	return is_new;
}

static bool count(struct finding *f)
{
	bool is_new;

	OK(store_count_record(store, f, &is_new, &err));
	finding_free(f);
	return is_new;
}

static struct incident *incident_make(const char *id, int64_t first, enum level level, const char *status)
{
	struct incident *i = incident_new();

	snprintf(i->id, sizeof(i->id), "%s", id);
	i->key = mem_strdup("infection pc1");
	i->fact = mem_strdup("infection");
	i->first = first;
	i->last = first + NS_PER_S;
	i->level = level;
	free(i->status);
	i->status = mem_strdup(status);
	return i;
}

static void put_incident(const char *id, int64_t first, enum level level, const char *status)
{
	struct incident *i = incident_make(id, first, level, status);

	OK(store_put_incident(store, i, &err));
	incident_free(i);
}

static bool holds(struct store *in, const char *id)
{
	struct incident *i = NULL;
	int rc = store_get_incident(in, id, &i, &err);

	assert_true(rc == 0 || rc == ERR_MISSING);
	incident_free(i);
	return rc == 0;
}

static int64_t length(struct json_object *list)
{
	int64_t n = (int64_t)json_object_array_length(list);

	json_object_put(list);
	return n;
}

/* ------------------------------------------------------------------ the directory */

static void test_a_second_opener_is_refused_in_words_until_the_first_closes(void **state)
{
	struct store *second = NULL;
	char owner[32];

	(void)state;
	snprintf(owner, sizeof(owner), "(pid %ld)", (long)getpid());
	assert_int_equal(store_open(folder, &second, &err), ERR_BUSY);
	assert_null(second);
	assert_non_null(strstr(err.text, owner));
	assert_non_null(strstr(err.text, folder));
	store_close(store);
	store = NULL;
	OK(store_open(folder, &second, &err));
	store = second;
	store_close(NULL);
}

static void test_the_lock_of_a_killed_owner_is_free(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	store_close(store);
	store = NULL;
	pid = fork();
	if (pid == 0) {
		if (store_open(folder, &store, &err) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	OK(store_open(folder, &store, &err));
}

static void test_others_may_not_read_the_state(void **state)
{
	char *path = NULL;
	struct stat st;

	(void)state;
	put_incident("I20260601-x", 1, LEVEL_REPORT, "open");
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = { "sokuhod.db", "sokuhod.db-wal", "lock" };
		struct text text = { 0 };

		text_addf(&text, "%s/%s", folder, names[i]);
		path = text_take(&text);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0027, 0);
		free(path);
	}
}

static void test_a_state_that_cannot_be_used_gives_a_sentence(void **state)
{
	struct store *out = NULL;
	char path[64];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/lock/below", folder);
	assert_true(store_open(path, &out, &err) < 0);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(mkdir(copy, 0700), 0);
	snprintf(path, sizeof(path), "%s/sokuhod.db", copy);
	file = fopen(path, "we");
	assert_non_null(file);
	for (int i = 0; i < 400; i++)
		fputs("this is no database\n", file);
	fclose(file);
	assert_int_equal(store_open(copy, &out, &err), ERR_IO);
	assert_non_null(strstr(err.text, path));
	assert_null(out);
}

static void test_a_database_of_a_newer_program_is_left_alone(void **state)
{
	struct store *out = NULL;
	char *before, *after;

	(void)state;
	put_incident("I20260601-x", 1, LEVEL_REPORT, "open");
	store_close(store);
	store = NULL;
	free(ask("PRAGMA user_version = 4711"));
	before = ask("SELECT document FROM incident");
	assert_int_equal(store_open(folder, &out, &err), ERR_CONFIG);
	assert_null(out);
	assert_non_null(strstr(err.text, "newer"));
	assert_non_null(strstr(err.text, "4711"));
	after = ask("SELECT document FROM incident");
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* A database as schema 3 left it: its state is what it was. */
static void test_the_state_of_an_older_program_is_taken_over(void **state)
{
	static const char *const steps[] = {
		"CREATE TABLE old (name TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID",
		"INSERT INTO old SELECT name, json FROM state", "DROP TABLE state", "ALTER TABLE old RENAME TO state",
		"PRAGMA user_version = 3",
	};
	char *json = NULL, *version;

	(void)state;
	OK(store_put_state(store, "a", "{\"x\":1}", &err));
	OK(store_put_state(store, "b", "[]", &err));
	store_close(store);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		free(ask(steps[i]));
	OK(store_open(folder, &store, &err));
	version = ask("PRAGMA user_version");
	assert_string_equal(version, "4");
	free(version);
	OK(store_put_state(store, "b", "[2]", &err));
	OK(store_get_state(store, "a", &json, &err));
	assert_string_equal(json, "{\"x\":1}");
	free(json);
	OK(store_get_state(store, "b", &json, &err));
	assert_string_equal(json, "[2]");
	free(json);
}

/* ------------------------------------------------------------------ transactions */

static void test_only_the_outermost_commit_commits(void **state)
{
	struct store *crashed;

	(void)state;
	OK(store_begin(store, &err));
	put_incident("I1", 1, LEVEL_REPORT, "open");
	OK(store_begin(store, &err));
	put_incident("I2", 2, LEVEL_REPORT, "open");
	OK(store_commit(store, &err));
	crashed = copy_open();
	assert_false(holds(crashed, "I1") || holds(crashed, "I2"));
	store_close(crashed);
	OK(store_commit(store, &err));
	crashed = copy_open();
	assert_true(holds(crashed, "I1") && holds(crashed, "I2"));
	store_close(crashed);
}

/* A disk that is full shows itself when the commit writes. */
static void test_a_commit_that_fails_leaves_nothing_open(void **state)
{
	const struct rlimit full = { 1, RLIM_INFINITY }, room = { RLIM_INFINITY, RLIM_INFINITY };
	struct audit_entry entry = { 0, AUDIT_PROGRAM, NULL, "test", NULL, NULL };
	struct finding *f = finding_make("r", "pc1", 5, 77, LEVEL_REPORT);
	bool is_new;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	for (int i = 0; i < 2; i++) {
		int rc;

		assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
		rc = i ? store_audit(store, &entry, &err) : store_put_finding(store, f, "I1", 0, &is_new, &err);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &room), 0);
		assert_true(rc < 0);
		OK(store_audit(store, &entry, &err));
	}
	finding_free(f);
}

static void test_a_rollback_undoes_all_and_an_inner_one_leaves_the_outer(void **state)
{
	(void)state;
	OK(store_begin(store, &err));
	put_incident("I1", 1, LEVEL_REPORT, "open");
	store_rollback(store);
	assert_false(holds(store, "I1"));
	store_rollback(store);			/* nothing is open: nothing happens */
	OK(store_begin(store, &err));
	put_incident("I2", 1, LEVEL_REPORT, "open");
	OK(store_begin(store, &err));
	store_rollback(store);
	OK(store_commit(store, &err));
	assert_true(holds(store, "I2"));
}

static void test_a_copy_between_commits_holds_what_was_committed(void **state)
{
	struct store *crashed;
	char *json;

	(void)state;
	OK(store_begin(store, &err));
	put_incident("I1", 1, LEVEL_REPORT, "open");
	put("I1", finding_make("r", "pc1", 1, 1, LEVEL_REPORT));
	OK(store_put_state(store, "correlation", "{\"at\":1}", &err));
	OK(store_commit(store, &err));
	OK(store_begin(store, &err));
	OK(store_put_state(store, "correlation", "{\"at\":2}", &err));
	put("I1", finding_make("r", "pc1", 2, 2, LEVEL_REPORT));
	crashed = copy_open();
	OK(store_get_state(crashed, "correlation", &json, &err));
	assert_string_equal(json, "{\"at\":1}");
	assert_int_equal(length(store_findings(crashed, "I1", &err)), 1);
	OK(store_put_state(crashed, "correlation", "{}", &err));
	free(json);
	store_close(crashed);
	OK(store_commit(store, &err));
	assert_int_equal(length(store_findings(store, "I1", &err)), 2);
}

/* ------------------------------------------------------------------ findings */

static void test_a_finding_put_twice_is_there_once(void **state)
{
	struct finding *f = finding_make("r", "pc1", 5, 77, LEVEL_REPORT);
	struct json_object *list;

	(void)state;
	assert_false(store_has_finding(store, f));
	assert_true(put("I1", finding_make("r", "pc1", 5, 77, LEVEL_REPORT)));
	assert_true(store_has_finding(store, f));
	assert_false(put("I1", finding_make("r", "pc1", 5, 77, LEVEL_REPORT)));
	assert_true(put("I1", finding_make("r", "pc1", 4, 78, LEVEL_REPORT)));
	assert_true(put("I1", finding_make("r2", "pc1", 6, 77, LEVEL_REPORT)));
	assert_true(put("I2", finding_make("r", "pc1", 5, 79, LEVEL_REPORT)));
	reopen();
	assert_false(put("I1", finding_make("r", "pc1", 5, 77, LEVEL_REPORT)));
	list = store_findings(store, "I1", &err);
	assert_int_equal(json_object_array_length(list), 3);
	for (size_t i = 0; i < 3; i++) {	/* oldest first */
		static const char *const times[] = { ".000000004+", ".000000005+", ".000000006+" };
		struct json_object *one = json_object_array_get_idx(list, i);

		assert_non_null(strstr(json_object_get_string(json_object_object_get(one, "time")), times[i]));
	}
	json_object_put(list);
	assert_int_equal(length(store_findings(store, "I9", &err)), 0);
	finding_free(f);
}

static void test_record_level_is_counted_by_rule_asset_and_hour(void **state)
{
	static const struct { const char *rule, *asset; int64_t time; } cases[] = {
		{ "a", "pc1", 0 }, { "a", "pc1", HOUR - 1 }, { "a", "pc1", HOUR }, { "a", "pc2", 0 }, { "b", "pc1", 0 },
	};
	struct finding *f = finding_make("a", "pc1", HOUR, 2, LEVEL_RECORD);
	char *rows;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_true(count(finding_make(cases[i].rule, cases[i].asset, cases[i].time, i, LEVEL_RECORD)));
	rows = ask("SELECT rule || asset || hour || 'x' || n FROM record_count ORDER BY rule, asset, hour");
	assert_string_equal(rows, "apc10x2 apc11x1 apc20x1 bpc10x1");
	free(rows);
	rows = ask("SELECT first ->> '$.offset' || '-' || (last ->> '$.offset')"
		   " FROM record_count WHERE n = 2");
	assert_string_equal(rows, "0-1");
	free(rows);
	assert_true(store_has_finding(store, f));
	assert_false(count(finding_make("a", "pc1", HOUR, 2, LEVEL_RECORD)));
	assert_int_equal(summary("record_findings"), 5);
	assert_int_equal(summary("findings"), 0);
	finding_free(f);
}

static void test_what_a_crash_has_read_again_is_counted_once(void **state)
{
	struct finding *f = finding_make("a", "pc1", 0, 1, LEVEL_RECORD);

	(void)state;
	for (int again = 0; again < 2; again++) {
		assert_int_equal(count(finding_make("a", "pc1", 0, 1, LEVEL_RECORD)), !again);
		assert_int_equal(count(finding_make("a", "pc1", 0, 2, LEVEL_RECORD)), !again);
		assert_true(store_has_finding(store, f));
		reopen();
	}
	assert_int_equal(summary("record_findings"), 2);
	OK(store_forget_keys(store, &err));	/* a checkpoint */
	assert_false(store_has_finding(store, f));
	assert_int_equal(summary("record_findings"), 2);
	finding_free(f);
}

/* ------------------------------------------------------------------ incidents */

static void incident_fill(struct incident *i)
{
	struct strlist *lists[] = { &i->clauses, &i->assets, &i->labels, &i->contracts, &i->bases, &i->boxes,
				    &i->bases_now, &i->rules, &i->reasons, &i->formats, &i->notes };
	char **texts[] = { &i->box_mode, &i->timing, &i->title, &i->rule_title, &i->decided_by, &i->decided_at,
			   &i->exception_reason };

	for (size_t n = 0; n < COUNT(lists); n++) {
		strlist_add(lists[n], "一つ目\"\\");
		strlist_add(lists[n], "\033[2J");
	}
	for (size_t n = 0; n < COUNT(texts); n++)
		*texts[n] = mem_strdup("言葉");
	i->revision = 7;
	i->last = i->first + 25 * HOUR + 1;
	i->first_offset = i->last_offset = OFFSET_JST;
	i->within = 24 * HOUR;
	i->n_findings = i->host_count = i->evidence_total = 1000;
	i->verdict = VERDICT_NOT_STOPPED;
	i->implicated = IMPLICATED_YES;
	i->certainty = CERTAINTY_CONFIRMED;
	i->classes = CLASS_PROTECTED | CLASS_COMPANY_WEB;
	i->shows_event = i->zone_assumed = i->late = i->drill = i->decided = i->approved = i->acknowledged = true;
	i->n_fields = 2;
	i->fields = mem_zalloc(2 * sizeof(*i->fields));
	i->fields[0] = named_value_new(SLICE("destination.port"), SLICE("443"), true);
	i->fields[1] = named_value_new(SLICE("file.name"), SLICE("a\nb"), false);
	i->n_evidence = i->cap_evidence = 1;
	i->evidence = mem_zalloc(sizeof(*i->evidence));
	evidence_copy(&i->evidence[0], &(struct evidence){ .file = (char *)"/a b", .source = (char *)"s", .stream = 9,
					    .line = 8, .offset = UINT64_C(1) << 40, .generation = 2, .time = i->first,
					    .utc_offset = OFFSET_JST, .zone_assumed = true, .raw_len = 10,
					    .format = (char *)"syslog", .raw = (char *)"\033[2J \"\\\n\xff." });
}

static void test_an_incident_comes_back_as_it_was(void **state)
{
	struct incident *in = incident_make("I20260601-abc", 1780275600 * NS_PER_S, LEVEL_REPORT, "open"), *out;
	struct json_object *before, *after;

	(void)state;
	incident_fill(in);
	OK(store_put_incident(store, in, &err));
	reopen();
	OK(store_get_incident(store, "I20260601-abc", &out, &err));
	before = incident_to_json(in);
	after = incident_to_json(out);
	assert_string_equal(json_line(before), json_line(after));
	assert_string_equal(out->boxes.at[0], "一つ目\"\\");
	assert_int_equal(out->revision, 7);
	assert_int_equal(out->first, in->first);
	assert_int_equal(out->last, in->last);
	assert_int_equal(out->classes, in->classes);
	assert_true(out->decided && out->drill && out->approved && out->acknowledged && out->late);
	assert_int_equal(out->evidence[0].offset, UINT64_C(1) << 40);
	assert_int_equal(out->n_fields, 2);
	in->revision = 8;
	OK(store_put_incident(store, in, &err));
	incident_free(out);
	OK(store_get_incident(store, "I20260601-abc", &out, &err));
	assert_int_equal(out->revision, 8);
	json_object_put(before);
	json_object_put(after);
	incident_free(in);
	incident_free(out);
}

static void test_an_incident_is_found_by_the_unique_head_of_its_id(void **state)
{
	static const struct { const char *id; int want; const char *found; } cases[] = {
		{ "I20260601-abc", 0, "I20260601-abc" }, { "I20260601-abd", 0, "I20260601-abd" },
		{ "I20260602", 0, "I20260602-abc" },	 { "I20260601-abc1", 0, "I20260601-abc1" },
		{ "I20260601", ERR_USAGE, NULL },	 { "I20260603", ERR_MISSING, NULL },
		{ "", ERR_MISSING, NULL },		 { "%", ERR_MISSING, NULL },
		{ "I2026060_-abd", ERR_MISSING, NULL },	 { "' OR 1=1 --", ERR_MISSING, NULL },
	};

	(void)state;
	put_incident("I20260601-abc", 1, LEVEL_REVIEW, "open");
	put_incident("I20260601-abc1", 1, LEVEL_REVIEW, "open");	/* a whole id is no head of another */
	put_incident("I20260601-abd", 1, LEVEL_REVIEW, "open");
	put_incident("I20260602-abc", 1, LEVEL_REVIEW, "open");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct incident *out = NULL;
		int rc = store_get_incident(store, cases[i].id, &out, &err);

		if (rc != cases[i].want || (rc == 0 && strcmp(out->id, cases[i].found) != 0))
			fail_msg("'%s': %d %s", cases[i].id, rc, rc ? err.text : out->id);
		incident_free(out);
	}
}

struct seen {
	struct text ids;
	int stop_after;
};

static int each_incident(struct incident *incident, void *context)
{
	struct seen *seen = context;

	text_addf(&seen->ids, "%s ", incident->id);
	return --seen->stop_after == 0 ? 5 : 0;
}

static void test_incidents_are_listed_newest_first(void **state)
{
	static const struct { const char *status; int stop_after; const char *want; int rc; } cases[] = {
		{ NULL, 0, "I3 I2 I1 ", 0 }, { "open", 0, "I3 I1 ", 0 },  { "closed", 0, "I2 ", 0 },
		{ "merged", 0, "I4 ", 0 },   { NULL, 1, "I3 ", 5 },	  { "no such", 0, "", 0 },
	};

	(void)state;
	put_incident("I1", 1, LEVEL_REPORT, "open");
	put_incident("I3", 3, LEVEL_REPORT, "open");
	put_incident("I2", 2, LEVEL_REPORT, "closed");
	put_incident("I4", 4, LEVEL_REPORT, "merged");	/* it is shown as the one that it became part of */
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct seen seen = { .stop_after = cases[i].stop_after };

		text_add(&seen.ids, "");
		assert_int_equal(store_each_incident(store, cases[i].status, each_incident, &seen, &err), cases[i].rc);
		assert_string_equal(seen.ids.at, cases[i].want);
		text_clear(&seen.ids);
	}
}

static int each_position_kept(const char *key, const char *json, void *context)
{
	(void)key;
	(void)json;
	(void)context;
	return 0;
}

/* Tables are there, and their rows are not what SQLite wrote. */
static void rows_damage(void)
{
	struct text path = { 0 };
	struct stat st;
	FILE *file;

	text_addf(&path, "%s/sokuhod.db", folder);
	assert_int_equal(stat(path.at, &st), 0);
	file = fopen(path.at, "r+e");
	assert_non_null(file);
	for (long at = st.st_size / 2 / 4096 * 4096; at < st.st_size; at++) {
		fseek(file, at, SEEK_SET);
		fputc(0xa5, file);
	}
	assert_int_equal(fclose(file), 0);
	text_clear(&path);
}

static void test_what_cannot_be_read_is_not_called_absent(void **state)
{
	struct seen seen = { 0 };
	struct incident *i = NULL;
	struct text big = { 0 };
	char name[32];
	char *json;

	(void)state;
	for (int n = 0; n < 300; n++)
		text_add(&big, "0123456789");
	OK(store_begin(store, &err));
	for (int n = 0; n < 100; n++) {		/* every table has its rows all over the file */
		snprintf(name, sizeof(name), "I%04d", n);
		put_incident(name, n, LEVEL_REPORT, "open");
		put("I0001", finding_make("r", "pc1", n, (uint64_t)n, LEVEL_REPORT));
		OK(store_put_position(store, name, big.at, &err));
		OK(store_put_state(store, name, big.at, &err));
	}
	OK(store_commit(store, &err));
	store_close(store);
	rows_damage();
	store = NULL;
	OK(store_open(folder, &store, &err));
	assert_int_equal(store_each_incident(store, NULL, each_incident, &seen, &err), ERR_IO);
	assert_int_equal(store_each_position(store, each_position_kept, NULL, &err), ERR_IO);
	err.kind = 0;
	length(store_findings(store, "I0001", &err));
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(store_get_incident(store, "I0099", &i, &err), ERR_IO);
	assert_int_equal(store_get_state(store, "I0099", &json, &err), ERR_IO);
	assert_non_null(strstr(err.text, "malformed"));
	text_clear(&seen.ids);
	text_clear(&big);
}

/* ------------------------------------------------------------------ the outbox */

/* The due rows as "payload/tries ". */
static char *due(int64_t now, size_t max)
{
	struct text text = { 0 };
	struct outbox_row *rows = NULL;
	size_t n;

	OK(store_due_outbox(store, now, max, &rows, &n, &err));
	for (size_t i = 0; i < n; i++)
		text_addf(&text, "%s/%u ", rows[i].payload, rows[i].tries);
	outbox_rows_free(rows, n);
	return text_take(&text);
}

static void assert_due(int64_t now, size_t max, const char *want)
{
	char *have = due(now, max);

	assert_string_equal(have, want);
	free(have);
}

static void test_the_outbox_keeps_an_alert_until_it_is_told(void **state)
{
	struct outbox_row *rows;
	int64_t oldest;
	size_t n;

	(void)state;
	OK(store_outbox_waiting(store, &n, &oldest, &err));
	assert_int_equal(n, 0);
	assert_int_equal(oldest, TIME_NONE);
	OK(store_put_outbox(store, "I1", 3, "mail", "\"b\"", 20, &err));
	OK(store_put_outbox(store, "I1", 3, "exec", "\"a\"", 10, &err));
	OK(store_put_outbox(store, "I2", 1, "mail", "\"c\"", 30, &err));
	assert_due(9, 10, "");
	assert_due(10, 10, "\"a\"/0 ");
	assert_due(30, 10, "\"b\"/0 \"a\"/0 \"c\"/0 ");
	assert_due(30, 2, "\"b\"/0 \"a\"/0 ");
	reopen();
	OK(store_due_outbox(store, 20, 10, &rows, &n, &err));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].incident_id, "I1");
	assert_int_equal(rows[0].revision, 3);
	assert_string_equal(rows[0].target, "mail");
	assert_int_equal(rows[0].due, 20);
	OK(store_outbox_retry(store, rows[0].id, 40, "the server is away", &err));
	OK(store_outbox_done(store, rows[1].id, 25, "sent", &err));
	OK(store_outbox_done(store, rows[1].id, 26, "sent", &err));	/* told twice is told once */
	outbox_rows_free(rows, n);
	assert_due(39, 10, "\"c\"/0 ");
	assert_due(40, 10, "\"b\"/1 \"c\"/0 ");
	OK(store_outbox_waiting(store, &n, &oldest, &err));
	assert_int_equal(n, 2);
	assert_int_equal(oldest, 30);
	assert_int_equal(summary("outbox"), 2);
}

/* ------------------------------------------------------------------ positions, state, people */

static int each_position(const char *key, const char *json, void *context)
{
	struct seen *seen = context;

	text_addf(&seen->ids, "%s=%s ", key, json);
	return --seen->stop_after == 0 ? -1 : 0;
}

static void test_positions_and_state_hold_the_newest(void **state)
{
	struct seen seen = { 0 }, first = { .stop_after = 1 };
	char *json;

	(void)state;
	OK(store_get_state(store, "correlation", &json, &err));
	assert_null(json);
	OK(store_put_position(store, "1", "{\"offset\":1}", &err));
	OK(store_put_position(store, "source あ", "{}", &err));
	OK(store_put_position(store, "1", "{\"offset\":2}", &err));
	OK(store_put_state(store, "correlation", "old", &err));
	OK(store_put_state(store, "correlation", "new", &err));
	reopen();
	OK(store_each_position(store, each_position, &seen, &err));
	assert_string_equal(seen.ids.at, "1={\"offset\":2} source あ={} ");
	assert_int_equal(store_each_position(store, each_position, &first, &err), -1);
	assert_string_equal(first.ids.at, "1={\"offset\":2} ");
	OK(store_get_state(store, "correlation", &json, &err));
	assert_string_equal(json, "new");
	free(json);
	text_clear(&seen.ids);
	text_clear(&first.ids);
}

static void test_actions_are_only_added(void **state)
{
	struct json_object *list, *last;

	(void)state;
	act(20 * NS_PER_S, 1000, "ack", "I1", "{\"revision\":1}");
	act(20 * NS_PER_S, 1000, "ack", "I1", "{\"revision\":1}");
	act(10 * NS_PER_S, 0, "note", "I1", "{\"text\":\"'; DROP TABLE action; --\"}");
	act(0, 1, "reload", NULL, "{}");
	reopen();
	list = store_actions(store, "I1", &err);
	assert_int_equal(json_object_array_length(list), 3);
	last = json_object_array_get_idx(list, 2);		/* in the order of doing, whatever the clock said */
	assert_string_equal(json_object_get_string(json_object_object_get(last, "action")), "note");
	assert_string_equal(json_object_get_string(json_object_object_get(last, "time")), "1970-01-01T09:00:10+09:00");
	assert_int_equal(json_object_get_int(json_object_object_get(last, "uid")), 0);
	last = json_object_object_get(json_object_object_get(last, "detail"), "text");
	assert_string_equal(json_object_get_string(last), "'; DROP TABLE action; --");
	json_object_put(list);
}

/* ------------------------------------------------------------------ the audit chain */

static size_t faults_of(const char *must_say)
{
	struct strlist faults = { 0 };
	bool said = !must_say;
	char head[65];
	size_t n;

	OK(store_audit_verify(store, &n, head, &faults, &err));
	for (size_t i = 0; i < faults.n; i++)
		said = said || strstr(faults.at[i], must_say);
	if (!said)
		fail_msg("no fault says '%s'; the first is '%s'", must_say, faults.n ? faults.at[0] : "");
	n = faults.n;
	strlist_clear(&faults);
	return n;
}

/* A finding, an alert and three actions: five entries. */
static void chain_make(void)
{
	struct outbox_row *rows;
	size_t n;

	put_incident("I1", 1, LEVEL_REPORT, "open");
	put("I1", finding_make("r", "pc1", 1, 1, LEVEL_REPORT));
	OK(store_put_outbox(store, "I1", 1, "mail", "{}", 0, &err));
	OK(store_due_outbox(store, 1, 10, &rows, &n, &err));
	assert_int_equal(n, 1);
	OK(store_outbox_done(store, rows[0].id, 5, "told", &err));
	outbox_rows_free(rows, n);
	act(10, 1000, "incident.ack", "I1", "{}");
	act(11, 1001, "incident.note", "I1", "{\"text\":\"あ\"}");
	act(12, 1000, "incident.close", "I1", "{}");
}

static void test_the_chain_finds_every_way_of_touching_it(void **state)
{
	static const struct { const char *sql, *says; } rows[] = {
		{ "UPDATE action SET detail = '{\"text\":\"い\"}' WHERE id = 4", "entry 4" },
		{ "UPDATE action SET uid = 1000 WHERE id = 4", "entry 4" },
		{ "UPDATE action SET actor = 'suzuki' WHERE id = 4", "entry 4" },
		{ "UPDATE action SET time = time + 1 WHERE id = 4", "entry 4" },
		{ "UPDATE action SET incident = 'I2' WHERE id = 4", "entry 4" },
		{ "UPDATE action SET hash = NULL WHERE id = 4", "entry 4" },
		{ "DELETE FROM action WHERE id = 3", "entries 3 to 3 are missing" },
		{ "DELETE FROM action WHERE id = 1", "entries 1 to 1 are missing" },
		{ "DELETE FROM action WHERE id = 5", "removed at the end" },
		{ "UPDATE action SET id = -3 WHERE id = 3; UPDATE action SET id = 3 WHERE id = 4;"
		  "UPDATE action SET id = 4 WHERE id = -3", "entry 3" },
		{ "UPDATE finding SET document = replace(document, 'infection', 'spread')", "what entry 1 stored was changed" },
		{ "DELETE FROM finding", "what entry 1 stored is gone" },
	};

	chain_make();
	assert_int_equal(faults_of(NULL), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		teardown(state);
		setup(state);
		chain_make();
		assert_int_equal(faults_of(NULL), 0);
		change(rows[i].sql);
		assert_true(faults_of(rows[i].says) > 0);
	}
}

static void test_entries_from_before_the_chain_are_sealed_once(void **state)
{
	(void)state;
	chain_make();
	change("UPDATE action SET hash = NULL; DELETE FROM state WHERE name = 'audit'");
	reopen();
	assert_int_equal(faults_of(NULL), 0);
	act(13, 1, "incident.note", "I1", "{}");
	change("UPDATE action SET hash = NULL WHERE id = 2");	/* a blank is no old entry once there is a chain */
	reopen();
	assert_true(faults_of("entry 2") > 0);
}

static void test_issued_reports_come_back_as_they_went_out(void **state)
{
	struct json_object *report = json_tokener_parse("{\"n\":1,\"sheet\":{\"items\":[]}}"), *list;
	const struct audit_entry by = { 5, 1000, "sato", "report.issue", NULL, NULL };

	(void)state;
	OK(store_put_report(store, "I1", report, &by, &err));
	reopen();
	list = store_reports(store, "I1");
	assert_int_equal(json_object_array_length(list), 1);
	assert_true(json_object_equal(json_object_array_get_idx(list, 0), report));
	json_object_put(list);
	json_object_put(report);
	assert_int_equal(length(store_reports(store, "I2")), 0);
	assert_int_equal(faults_of(NULL), 0);
	change("UPDATE report SET document = replace(document, '1', '2')");
	assert_int_equal(faults_of("what entry 1 stored was changed"), 1);
	change("DELETE FROM report");
	assert_int_equal(faults_of("what entry 1 stored is gone"), 1);
}

static void test_of_draft_items_the_newest_setting_counts(void **state)
{
	struct json_object *items;

	(void)state;
	OK(store_put_draft_item(store, "I1", "measures", "古い", 1000, 30, &err));
	OK(store_put_draft_item(store, "I1", "phone", "内線1", 1000, 31, &err));
	OK(store_put_draft_item(store, "I1", "measures", "ア 切断\nイ 通報", 1001, 20, &err));
	OK(store_put_draft_item(store, "I2", "measures", "他の件", 1000, 32, &err));
	reopen();
	items = store_draft_items(store, "I1", &err);
	assert_int_equal(json_object_object_length(items), 2);
	assert_string_equal(json_object_get_string(json_object_object_get(items, "measures")), "ア 切断\nイ 通報");
	assert_string_equal(json_object_get_string(json_object_object_get(items, "phone")), "内線1");
	json_object_put(items);
}

static void test_pruning_takes_finished_reviews_and_old_counts_alone(void **state)
{
	static const struct { const char *id; int64_t first; enum level level; const char *status; bool stays; } rows[] = {
		{ "I01", 1, LEVEL_REVIEW, "closed", false },	{ "I02", 1, LEVEL_REVIEW, "dismissed", false },
		{ "I03", 1, LEVEL_REVIEW, "open", true },	{ "I04", 1, LEVEL_REPORT, "closed", true },
		{ "I05", 1, LEVEL_REPORT, "dismissed", true },	{ "I06", 1, LEVEL_URGENT, "closed", true },
		{ "I07", 100 * HOUR, LEVEL_REVIEW, "closed", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		put_incident(rows[i].id, rows[i].first, rows[i].level, rows[i].status);
		put(rows[i].id, finding_make(rows[i].id, "pc1", rows[i].first, i, rows[i].level));
		act(1, 0, "note", rows[i].id, "{}");
	}
	count(finding_make("old", "pc1", 49 * HOUR, 20, LEVEL_RECORD));
	count(finding_make("new", "pc1", 50 * HOUR, 21, LEVEL_RECORD));
	OK(store_prune(store, 50 * HOUR, 50 * HOUR, &err));
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (holds(store, rows[i].id) != rows[i].stays)
			fail_msg("%s %s", rows[i].id, rows[i].stays ? "is gone" : "is still there");
		assert_int_equal(length(store_findings(store, rows[i].id, &err)), rows[i].stays);
		assert_int_equal(length(store_actions(store, rows[i].id, &err)), 1);
	}
	assert_int_equal(summary("record_findings"), 1);
	assert_true(store_size(store) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_second_opener_is_refused_in_words_until_the_first_closes),
		TEST(test_the_lock_of_a_killed_owner_is_free),
		TEST(test_others_may_not_read_the_state),
		TEST(test_a_state_that_cannot_be_used_gives_a_sentence),
		TEST(test_the_state_of_an_older_program_is_taken_over),
		TEST(test_a_database_of_a_newer_program_is_left_alone),
		TEST(test_only_the_outermost_commit_commits),
		TEST(test_a_commit_that_fails_leaves_nothing_open),
		TEST(test_a_rollback_undoes_all_and_an_inner_one_leaves_the_outer),
		TEST(test_a_copy_between_commits_holds_what_was_committed),
		TEST(test_a_finding_put_twice_is_there_once),
		TEST(test_record_level_is_counted_by_rule_asset_and_hour),
		TEST(test_what_a_crash_has_read_again_is_counted_once),
		TEST(test_an_incident_comes_back_as_it_was),
		TEST(test_an_incident_is_found_by_the_unique_head_of_its_id),
		TEST(test_incidents_are_listed_newest_first),
		TEST(test_what_cannot_be_read_is_not_called_absent),
		TEST(test_the_outbox_keeps_an_alert_until_it_is_told),
		TEST(test_positions_and_state_hold_the_newest),
		TEST(test_actions_are_only_added),
		TEST(test_the_chain_finds_every_way_of_touching_it),
		TEST(test_entries_from_before_the_chain_are_sealed_once),
		TEST(test_issued_reports_come_back_as_they_went_out),
		TEST(test_of_draft_items_the_newest_setting_counts),
		TEST(test_pruning_takes_finished_reviews_and_old_counts_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
