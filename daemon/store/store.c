/*
 * One SQLite database in WAL mode with synchronous=FULL, and a lock file that makes us its only writer. Every statement
 * has a name and is prepared once. Documents are kept as JSON: what an incident is stands in model/json.c alone.
 */
#include "store/store.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/json.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUSY_MS 1000		/* the loop waits meanwhile; the caller tries again */
#define LOCK_TRIES 40		/* times 50 ms */
#define HOUR (3600 * NS_PER_S)

enum statement {
	PUT_FINDING, HAS_FINDING, PUT_RECORD, HAS_RECORD, PUT_INCIDENT, GET_INCIDENT, LIKE_INCIDENT,
	LIST_INCIDENTS, LIST_FINDINGS, PUT_OUTBOX, DUE_OUTBOX, TELL_OUTBOX, DROP_OUTBOX, RETRY_OUTBOX,
	WAITING_OUTBOX, PUT_POSITION, DROP_POSITION, LIST_POSITIONS, PUT_STATE, GET_STATE, PUT_ACTION, LIST_ACTIONS,
	PUT_ITEM, LIST_ITEMS, COUNT_INCIDENTS, COUNT_FINDINGS,
	PRUNE_RECORDS, PRUNE_FINDINGS, PRUNE_INCIDENTS, SIZE, N_STATEMENTS
};

static const char *const sql[N_STATEMENTS] = {
	[PUT_FINDING] = "INSERT OR IGNORE INTO finding (key, incident, time, document) VALUES (?,?,?,?)",
	[HAS_FINDING] = "SELECT 1 FROM finding WHERE key = ?",
	[PUT_RECORD] = "INSERT INTO record_count (rule, asset, hour, n, first, last, last_key)"
		       " VALUES (?1,?2,?3,1,?4,?4,?5) ON CONFLICT (rule, asset, hour) DO UPDATE"
		       " SET n = n + 1, last = ?4, last_key = ?5 WHERE last_key <> ?5",
	[HAS_RECORD] = "SELECT 1 FROM record_count WHERE rule = ? AND asset = ? AND hour = ? AND last_key = ?",
	[PUT_INCIDENT] = "INSERT INTO incident (id, first, last, level, status, revision, document)"
			 " VALUES (?1,?2,?3,?4,?5,?6,?7) ON CONFLICT (id) DO UPDATE SET first = ?2,"
			 " last = ?3, level = ?4, status = ?5, revision = ?6, document = ?7",
	[GET_INCIDENT] = "SELECT document FROM incident WHERE id = ?",
	[LIKE_INCIDENT] = "SELECT document FROM incident WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2",
	[LIST_INCIDENTS] = "SELECT document FROM incident WHERE (?1 IS NULL AND status <> 'merged')"
			   " OR status = ?1 ORDER BY first DESC, id",
	[LIST_FINDINGS] = "SELECT document FROM finding WHERE incident = ? ORDER BY time, key",
	[PUT_OUTBOX] = "INSERT INTO outbox (incident, revision, target, payload, due) VALUES (?,?,?,?,?)",
	[DUE_OUTBOX] = "SELECT id, incident, revision, target, payload, tries, due FROM outbox"
		       " WHERE due <= ? ORDER BY id LIMIT ?",
	[TELL_OUTBOX] = "INSERT OR REPLACE INTO told (id, incident, revision, target, time, outcome)"
			" SELECT id, incident, revision, target, ?2, ?3 FROM outbox WHERE id = ?1",
	[DROP_OUTBOX] = "DELETE FROM outbox WHERE id = ?",
	[RETRY_OUTBOX] = "UPDATE outbox SET tries = tries + 1, due = ?2, error = ?3 WHERE id = ?1",
	[WAITING_OUTBOX] = "SELECT count(*), min(due) FROM outbox",
	[PUT_POSITION] = "INSERT INTO position (key, json) VALUES (?1,?2) ON CONFLICT (key) DO UPDATE SET json = ?2",
	[DROP_POSITION] = "DELETE FROM position WHERE key = ?",
	[LIST_POSITIONS] = "SELECT key, json FROM position ORDER BY key",
	[PUT_STATE] = "INSERT INTO state (name, json) VALUES (?1,?2) ON CONFLICT (name) DO UPDATE SET json = ?2",
	[GET_STATE] = "SELECT json FROM state WHERE name = ?",
	[PUT_ACTION] = "INSERT INTO action (time, uid, action, incident, detail) VALUES (?,?,?,?,?)",
	[LIST_ACTIONS] = "SELECT time, uid, action, detail FROM action WHERE incident = ? ORDER BY id",
	[PUT_ITEM] = "INSERT INTO draft_item (incident, item, text, uid, time) VALUES (?,?,?,?,?)",
	[LIST_ITEMS] = "SELECT item, text FROM draft_item WHERE incident = ? ORDER BY id",
	[COUNT_INCIDENTS] = "SELECT level, status, count(*) FROM incident GROUP BY level, status",
	[PRUNE_RECORDS] = "DELETE FROM record_count WHERE hour < ?",
	[PRUNE_FINDINGS] = "DELETE FROM finding WHERE incident IN (SELECT id FROM incident WHERE"
			   " level = 1 AND status IN ('closed', 'dismissed') AND last < ?)",
	[PRUNE_INCIDENTS] = "DELETE FROM incident WHERE level = 1 AND"
			    " status IN ('closed', 'dismissed') AND last < ?",
	[SIZE] = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
	[COUNT_FINDINGS] = "SELECT (SELECT count(*) FROM finding), (SELECT coalesce(sum(n), 0) FROM record_count)",
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[N_STATEMENTS];
	char *path;
	int lock;
	int depth;			/* of store_begin() calls that are open */
};

static int store_fail(struct store *s, struct err *err)
{
	return err_set(err, ERR_IO, "'%s': %s", s->path, sqlite3_errmsg(s->db));
}

static int lock_take(const char *directory, int *lock, struct err *err)
{
	const struct timespec pause = { 0, 50000000 };
	char path[4096], owner[32] = "";
	int fd, rc;

	if (mkdir(directory, 0750) < 0 && errno != EEXIST)
		return err_set(err, errno == EACCES ? ERR_PERM : ERR_IO,
			       "the state directory '%s' cannot be made: %s", directory, strerror(errno));
	snprintf(path, sizeof(path), "%s/lock", directory);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_set(err, errno == EACCES ? ERR_PERM : ERR_IO, "'%s' cannot be opened: %s", path,
			       strerror(errno));
	/* sokuhoctl holds it for a moment only; a daemon for as long as it runs */
	for (int i = 0; (rc = flock(fd, LOCK_EX | LOCK_NB)) < 0 && i < LOCK_TRIES; i++)
		nanosleep(&pause, NULL);
	if (rc < 0) {
		if (read(fd, owner, sizeof(owner) - 1) < 0)
			owner[0] = '\0';
		owner[strspn(owner, "0123456789")] = '\0';
		close(fd);
		return err_set(err, ERR_BUSY,
			       "another sokuhod (pid %s) uses the state in '%s'; stop it first, or "
			       "give this one another storage.directory", owner, directory);
	}
	snprintf(owner, sizeof(owner), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, owner, strlen(owner), 0) < 0) {
		close(fd);
		return err_set(err, ERR_IO, "'%s' cannot be written: %s", path, strerror(errno));
	}
	*lock = fd;
	return 0;
}

static int store_prepare(struct store *s, struct err *err)
{
	static const char *const pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

	sqlite3_busy_timeout(s->db, BUSY_MS);
	if (sqlite3_exec(s->db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(s, err);
	if (schema_bring_up(s->db, s->path, err) < 0)
		return err->kind;
	for (int i = 0; i < N_STATEMENTS; i++)
		if (sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &s->statements[i], NULL) != SQLITE_OK)
			return store_fail(s, err);
	return 0;
}

int store_open(const char *directory, struct store **out, struct err *err)
{
	struct store *s = mem_zalloc(sizeof(*s));
	struct text path = { 0 };
	mode_t old;

	s->lock = -1;
	text_addf(&path, "%s/sokuhod.db", directory);
	s->path = text_take(&path);
	if (lock_take(directory, &s->lock, err) < 0) {
		store_close(s);
		return err->kind;
	}
	old = umask(0027);
	if (sqlite3_open(s->path, &s->db) != SQLITE_OK || store_prepare(s, err) < 0) {
		if (!s->db || sqlite3_errcode(s->db) != SQLITE_OK)
			store_fail(s, err);
		umask(old);
		store_close(s);
		return err->kind;
	}
	umask(old);
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (int i = 0; i < N_STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	if (s->lock >= 0)
		close(s->lock);
	free(s->path);
	free(s);
}

int store_begin(struct store *s, struct err *err)
{
	if (s->depth == 0 && sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(s, err);
	s->depth++;
	return 0;
}

int store_commit(struct store *s, struct err *err)
{
	if (s->depth == 1 && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(s, err);
	s->depth--;
	return 0;
}

void store_rollback(struct store *s)
{
	if (s->depth > 0 && --s->depth == 0)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

/* Values by their kind: t text (NULL allowed), i integer. Leaves the statement ready to step. */
static sqlite3_stmt *bound(struct store *s, enum statement which, const char *kinds, ...)
{
	sqlite3_stmt *statement = s->statements[which];
	va_list args;

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	va_start(args, kinds);
	for (int i = 0; kinds[i]; i++) {
		if (kinds[i] == 't')
			sqlite3_bind_text(statement, i + 1, va_arg(args, const char *), -1,
					  SQLITE_TRANSIENT);
		else
			sqlite3_bind_int64(statement, i + 1, va_arg(args, int64_t));
	}
	va_end(args);
	return statement;
}

/* For statements that change something; *changes may be NULL. */
static int run(struct store *s, sqlite3_stmt *statement, int *changes, struct err *err)
{
	int rc = sqlite3_step(statement);

	if (changes)
		*changes = sqlite3_changes(s->db);
	sqlite3_reset(statement);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : store_fail(s, err);
}

static const char *column(sqlite3_stmt *statement, int i)
{
	const char *text = (const char *)sqlite3_column_text(statement, i);

	return text ? text : "";
}

int store_put_finding(struct store *s, const struct finding *finding, const char *incident_id,
		      bool *is_new, struct err *err)
{
	struct json_object *document = finding_to_json(finding);
	char key[33];
	int changes, rc;

	finding_key(finding, key);
	rc = run(s, bound(s, PUT_FINDING, "ttit", key, incident_id, finding->time, json_line(document)),
		 &changes, err);
	*is_new = rc == 0 && changes > 0;
	json_object_put(document);
	return rc;
}

static int64_t hour_of(const struct finding *f)
{
	return f->time / HOUR;
}

int store_count_record(struct store *s, const struct finding *f, bool *is_new, struct err *err)
{
	struct json_object *document = finding_to_json(f);
	char key[33];
	int changes, rc;

	finding_key(f, key);
	rc = run(s, bound(s, PUT_RECORD, "ttitt", f->rule_id, f->asset_id ? f->asset_id : "", hour_of(f),
			  json_line(document), key),
		 &changes, err);
	*is_new = rc == 0 && changes > 0;
	json_object_put(document);
	return rc;
}

bool store_has_finding(struct store *s, const struct finding *f)
{
	sqlite3_stmt *statement;
	char key[33];
	bool has;

	finding_key(f, key);
	statement = f->level == LEVEL_RECORD ?
			    bound(s, HAS_RECORD, "ttit", f->rule_id, f->asset_id ? f->asset_id : "",
				  hour_of(f), key) :
			    bound(s, HAS_FINDING, "t", key);
	has = sqlite3_step(statement) == SQLITE_ROW;
	sqlite3_reset(statement);
	return has;
}

int store_put_incident(struct store *s, const struct incident *i, struct err *err)
{
	struct json_object *document = incident_to_json(i);
	int rc = run(s, bound(s, PUT_INCIDENT, "tiiitit", i->id, i->first, i->last, (int64_t)i->level,
			      i->status, (int64_t)i->revision, json_line(document)), NULL, err);

	json_object_put(document);
	return rc;
}

static int incident_read(const char *document, struct incident **out, struct err *err)
{
	struct json_object *object = json_tokener_parse(document);
	int rc = object ? incident_from_json(object, out, err) :
			  err_set(err, ERR_IO, "a stored incident cannot be read");

	json_object_put(object);
	return rc;
}

int store_get_incident(struct store *s, const char *id, struct incident **out, struct err *err)
{
	sqlite3_stmt *statement = bound(s, GET_INCIDENT, "t", id);
	char *document = NULL;
	int rc;

	if (sqlite3_step(statement) == SQLITE_ROW) {
		document = mem_strdup(column(statement, 0));
		sqlite3_reset(statement);
	} else if (id[0]) {
		sqlite3_reset(statement);
		statement = bound(s, LIKE_INCIDENT, "t", id);
		if (sqlite3_step(statement) == SQLITE_ROW)
			document = mem_strdup(column(statement, 0));
		if (document && sqlite3_step(statement) == SQLITE_ROW) {
			sqlite3_reset(statement);
			free(document);
			return err_set(err, ERR_USAGE, "several incidents begin with '%.40s'; give more of the id", id);
		}
		sqlite3_reset(statement);
	}
	if (!document)
		return err_set(err, ERR_MISSING, "there is no incident '%.40s'; `sokuhoctl incident list` shows them", id);
	rc = incident_read(document, out, err);
	free(document);
	return rc;
}

int store_each_incident(struct store *s, const char *status,
			int (*each)(struct incident *incident, void *context), void *context,
			struct err *err)
{
	sqlite3_stmt *statement = bound(s, LIST_INCIDENTS, "t", status);
	int rc = 0, step;

	while (rc == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct incident *incident;

		rc = incident_read(column(statement, 0), &incident, err);
		if (rc == 0) {
			rc = each(incident, context);
			incident_free(incident);
		}
	}
	sqlite3_reset(statement);
	return rc;
}

struct json_object *store_findings(struct store *s, const char *incident_id, struct err *err)
{
	sqlite3_stmt *statement = bound(s, LIST_FINDINGS, "t", incident_id);
	struct json_object *list = json_object_new_array();

	(void)err;
	while (sqlite3_step(statement) == SQLITE_ROW)
		json_object_array_add(list, json_tokener_parse(column(statement, 0)));
	sqlite3_reset(statement);
	return list;
}

int store_put_outbox(struct store *s, const char *incident_id, unsigned revision,
		     const char *target, const char *payload, int64_t due, struct err *err)
{
	return run(s, bound(s, PUT_OUTBOX, "titti", incident_id, (int64_t)revision, target, payload, due),
		   NULL, err);
}

int store_due_outbox(struct store *s, int64_t now, size_t max, struct outbox_row **rows, size_t *n,
		     struct err *err)
{
	sqlite3_stmt *statement = bound(s, DUE_OUTBOX, "ii", now, (int64_t)max);
	struct outbox_row *list = NULL;
	size_t cap = 0;
	int step;

	*n = 0;
	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct outbox_row *row;

		list = mem_grow(list, &cap, *n + 1, sizeof(*list));
		row = &list[(*n)++];
		*row = (struct outbox_row){
			.id = sqlite3_column_int64(statement, 0),
			.revision = (unsigned)sqlite3_column_int(statement, 2),
			.target = mem_strdup(column(statement, 3)),
			.payload = mem_strdup(column(statement, 4)),
			.tries = (unsigned)sqlite3_column_int(statement, 5),
			.due = sqlite3_column_int64(statement, 6),
		};
		snprintf(row->incident_id, sizeof(row->incident_id), "%s", column(statement, 1));
	}
	sqlite3_reset(statement);
	*rows = list;
	return step == SQLITE_DONE ? 0 : store_fail(s, err);
}

void outbox_rows_free(struct outbox_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(rows[i].target);
		free(rows[i].payload);
	}
	free(rows);
}

int store_outbox_done(struct store *s, int64_t id, int64_t now, const char *outcome,
		      struct err *err)
{
	if (run(s, bound(s, TELL_OUTBOX, "iit", id, now, outcome), NULL, err) < 0)
		return err->kind;
	return run(s, bound(s, DROP_OUTBOX, "i", id), NULL, err);
}

int store_outbox_retry(struct store *s, int64_t id, int64_t due, const char *error,
		       struct err *err)
{
	return run(s, bound(s, RETRY_OUTBOX, "iit", id, due, error), NULL, err);
}

int store_outbox_waiting(struct store *s, size_t *n, int64_t *oldest, struct err *err)
{
	sqlite3_stmt *statement = bound(s, WAITING_OUTBOX, "");

	if (sqlite3_step(statement) != SQLITE_ROW)
		return store_fail(s, err);
	*n = (size_t)sqlite3_column_int64(statement, 0);
	*oldest = *n ? sqlite3_column_int64(statement, 1) : TIME_NONE;
	sqlite3_reset(statement);
	return 0;
}

int store_put_position(struct store *s, const char *key, const char *json, struct err *err)
{
	return run(s, bound(s, PUT_POSITION, "tt", key, json), NULL, err);
}

int store_remove_position(struct store *s, const char *key, struct err *err)
{
	return run(s, bound(s, DROP_POSITION, "t", key), NULL, err);
}

int store_each_position(struct store *s,
			int (*each)(const char *key, const char *json, void *context),
			void *context, struct err *err)
{
	sqlite3_stmt *statement = bound(s, LIST_POSITIONS, "");
	int rc = 0;

	(void)err;
	while (rc == 0 && sqlite3_step(statement) == SQLITE_ROW)
		rc = each(column(statement, 0), column(statement, 1), context);
	sqlite3_reset(statement);
	return rc;
}

int store_put_state(struct store *s, const char *name, const char *json, struct err *err)
{
	return run(s, bound(s, PUT_STATE, "tt", name, json), NULL, err);
}

char *store_get_state(struct store *s, const char *name)
{
	sqlite3_stmt *statement = bound(s, GET_STATE, "t", name);
	char *json = NULL;

	if (sqlite3_step(statement) == SQLITE_ROW)
		json = mem_strdup(column(statement, 0));
	sqlite3_reset(statement);
	return json;
}

int store_put_action(struct store *s, int64_t time, long uid, const char *action,
		     const char *incident_id, const char *detail, struct err *err)
{
	return run(s, bound(s, PUT_ACTION, "iittt", time, (int64_t)uid, action, incident_id, detail),
		   NULL, err);
}

struct json_object *store_actions(struct store *s, const char *incident_id, struct err *err)
{
	sqlite3_stmt *statement = bound(s, LIST_ACTIONS, "t", incident_id);
	struct json_object *list = json_object_new_array();

	(void)err;
	while (sqlite3_step(statement) == SQLITE_ROW) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "time", json_time(sqlite3_column_int64(statement, 0), OFFSET_JST));
		json_object_object_add(o, "uid", json_object_new_int64(sqlite3_column_int64(statement, 1)));
		json_object_object_add(o, "action", json_object_new_string(column(statement, 2)));
		json_object_object_add(o, "detail", json_tokener_parse(column(statement, 3)));
		json_object_array_add(list, o);
	}
	sqlite3_reset(statement);
	return list;
}

int store_put_draft_item(struct store *s, const char *incident_id, const char *item,
			 const char *text, long uid, int64_t time, struct err *err)
{
	return run(s, bound(s, PUT_ITEM, "tttii", incident_id, item, text, (int64_t)uid, time), NULL, err);
}

struct json_object *store_draft_items(struct store *s, const char *incident_id, struct err *err)
{
	sqlite3_stmt *statement = bound(s, LIST_ITEMS, "t", incident_id);
	struct json_object *items = json_object_new_object();

	(void)err;
	while (sqlite3_step(statement) == SQLITE_ROW)
		json_object_object_add(items, column(statement, 0),
				       json_object_new_string(column(statement, 1)));
	sqlite3_reset(statement);
	return items;
}

int store_prune(struct store *s, int64_t record, int64_t review, struct err *err)
{
	if (run(s, bound(s, PRUNE_RECORDS, "i", record / HOUR), NULL, err) < 0 ||
	    run(s, bound(s, PRUNE_FINDINGS, "i", review), NULL, err) < 0)
		return err->kind;
	return run(s, bound(s, PRUNE_INCIDENTS, "i", review), NULL, err);
}

uint64_t store_size(struct store *s)
{
	sqlite3_stmt *statement = bound(s, SIZE, "");
	uint64_t size = 0;

	if (sqlite3_step(statement) == SQLITE_ROW)
		size = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return size;
}

struct json_object *store_summary(struct store *s, struct err *err)
{
	struct json_object *o = json_object_new_object(), *levels = json_object_new_object();
	sqlite3_stmt *statement = bound(s, COUNT_INCIDENTS, "");
	int64_t oldest;
	size_t waiting;
	char name[64];

	while (sqlite3_step(statement) == SQLITE_ROW) {
		int level = sqlite3_column_int(statement, 0);

		snprintf(name, sizeof(name), "%s %s",
			 level_word(level >= 0 && level <= LEVEL_REPORT ? (enum level)level : LEVEL_RECORD),
			 column(statement, 1));
		json_object_object_add(levels, name, json_object_new_int64(sqlite3_column_int64(statement, 2)));
	}
	sqlite3_reset(statement);
	json_object_object_add(o, "incidents", levels);
	statement = bound(s, COUNT_FINDINGS, "");
	if (sqlite3_step(statement) == SQLITE_ROW) {
		json_object_object_add(o, "findings",
				       json_object_new_int64(sqlite3_column_int64(statement, 0)));
		json_object_object_add(o, "record_findings",
				       json_object_new_int64(sqlite3_column_int64(statement, 1)));
	}
	sqlite3_reset(statement);
	if (store_outbox_waiting(s, &waiting, &oldest, err) == 0) {
		json_object_object_add(o, "outbox", json_object_new_int64((int64_t)waiting));
		json_object_object_add(o, "outbox_oldest", json_time(oldest, OFFSET_JST));
	}
	return o;
}
