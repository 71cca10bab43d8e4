/*
 * One SQLite database in WAL mode with synchronous=FULL, and a lock file that makes us its only writer. Every statement
 * has a name and is prepared once. Documents are kept as JSON: what an incident is stands in model/json.c alone.
 */
#include "store/database.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/json.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
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

static const char *const sql[N_STATEMENTS] = {
	[PUT_FINDING] = "INSERT OR IGNORE INTO finding (key, incident, time, document) VALUES (?,?,?,?)",
	[HAS_FINDING] = "SELECT 1 FROM finding WHERE key = ?",
	[PUT_RECORD] = "INSERT INTO record_count (rule, asset, hour, n, first, last, last_key)"
		       " VALUES (?1,?2,?3,1,?4,?4,?5) ON CONFLICT (rule, asset, hour) DO UPDATE"
		       " SET n = n + 1, last = ?4, last_key = ?5",
	[PUT_KEY] = "INSERT OR IGNORE INTO record_key (key) VALUES (?)",
	[HAS_KEY] = "SELECT 1 FROM record_key WHERE key = ?",
	[DROP_KEYS] = "DELETE FROM record_key",
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
	[OUTBOX_ROW] = "SELECT incident, target FROM outbox WHERE id = ?",
	[RETRY_OUTBOX] = "UPDATE outbox SET tries = tries + 1, due = ?2, error = ?3 WHERE id = ?1",
	[WAITING_OUTBOX] = "SELECT count(*), min(due) FROM outbox",
	[PUT_POSITION] = "INSERT INTO position (key, json) VALUES (?1,?2) ON CONFLICT (key) DO UPDATE SET json = ?2",
	[DROP_POSITION] = "DELETE FROM position WHERE key = ?",
	[LIST_POSITIONS] = "SELECT key, json FROM position ORDER BY key",
	[PUT_STATE] = "INSERT INTO state (name, json) VALUES (?1,?2) ON CONFLICT (name) DO UPDATE SET json = ?2",
	[GET_STATE] = "SELECT json FROM state WHERE name = ?",
	[PUT_ACTION] = "INSERT INTO action (id, time, uid, actor, action, incident, detail, hash)"
		       " VALUES (?,?,?,?,?,?,?,?)",
	[LIST_ACTIONS] = "SELECT id, time, uid, actor, action, incident, detail, hash FROM action"
			 " WHERE incident = ?1 AND action NOT IN ('observe', 'settle') ORDER BY id",
	[EACH_ACTION] = "SELECT id, time, uid, actor, action, incident, detail, hash FROM action"
			" WHERE ?1 IS NULL OR incident = ?1 ORDER BY id",
	[LAST_ACTION] = "SELECT id, hash FROM action ORDER BY id DESC LIMIT 1",
	[UNSEALED_ACTIONS] = "SELECT id, time, uid, actor, action, incident, detail, hash FROM action"
			     " WHERE NOT EXISTS (SELECT 1 FROM action WHERE hash IS NOT NULL) ORDER BY id",
	[SEAL_ACTION] = "UPDATE action SET hash = ?2 WHERE id = ?1",
	[FINDING_DOCUMENT] = "SELECT document FROM finding WHERE key = ?",
	[REPORT_DOCUMENT] = "SELECT document FROM report WHERE id = ?",
	[MOVE_FINDINGS] = "UPDATE finding SET incident = ?2 WHERE incident = ?1 AND"
			  " (?3 IS NULL OR EXISTS (SELECT 1 FROM json_each(document, '$.assets') WHERE value = ?3))",
	[PUT_REPORT] = "INSERT INTO report (incident, time, uid, document) VALUES (?,?,?,?)",
	[LIST_REPORTS] = "SELECT document FROM report WHERE incident = ? ORDER BY id",
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

int store_fail(struct store *s, struct err *err)
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
	/* the number is for people: a full disk, which may be free again soon, keeps nobody from starting */
	snprintf(owner, sizeof(owner), "%ld\n", (long)getpid());
	if (pwrite(fd, owner, strlen(owner), 0) < 0 || ftruncate(fd, (off_t)strlen(owner)) < 0)
		log_warn("store", "'%s' cannot be written: %s", path, strerror(errno));
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
	return audit_begin(s, err);
}

int store_exists(const char *directory, struct err *err)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/sokuhod.db", directory);
	if (access(path, F_OK) == 0)
		return 0;
	if (errno == EACCES)
		return err_set(err, ERR_PERM, "the state in '%s' cannot be read: %s", directory, strerror(errno));
	return err_set(err, ERR_MISSING, "no state in '%s': sokuhod has not run with it yet", directory);
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

/* A full disk makes SQLite roll back by itself; what came then would be stored piece by piece, without its positions. */
static int transaction_check(struct store *s, struct err *err)
{
	if (s->depth > 0 && sqlite3_get_autocommit(s->db))
		return err_set(err, ERR_IO, "the database took back what was not yet committed");
	return 0;
}

int store_commit(struct store *s, struct err *err)
{
	int rc = transaction_check(s, err);

	if (rc < 0)
		return rc;
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

sqlite3_stmt *store_bound(struct store *s, enum statement which, const char *kinds, ...)
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

int store_run(struct store *s, sqlite3_stmt *statement, int *changes, struct err *err)
{
	int rc = transaction_check(s, err);

	if (rc < 0)
		return rc;
	rc = sqlite3_step(statement);
	if (changes)
		*changes = sqlite3_changes(s->db);
	sqlite3_reset(statement);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : store_fail(s, err);
}

int store_read_end(struct store *s, sqlite3_stmt *statement, int rc, int step, struct err *err)
{
	if (rc == 0 && step != SQLITE_DONE && step != SQLITE_ROW)
		rc = store_fail(s, err);
	sqlite3_reset(statement);
	return rc;
}

const char *store_column(sqlite3_stmt *statement, int i)
{
	const char *text = (const char *)sqlite3_column_text(statement, i);

	return text ? text : "";
}

/*
 * What was seen and how it was judged, and the sum of the stored finding. document: as it is stored; NULL: a later line settled
 * its verdict, and it stays as it was stored.
 */
static int observation_put(struct store *s, const struct finding *f, const char *key,
			   const char *incident_id, const char *document, int64_t now, struct err *err)
{
	struct slice part = slice_of(document);
	struct json_object *detail = json_object_new_object();
	struct audit_entry entry = { now, AUDIT_PROGRAM, NULL, document ? "observe" : "settle", incident_id, NULL };
	char sum[65];
	int rc;

	hash_sha256_hex(&part, 1, 32, sum);
	json_object_object_add(detail, "finding", json_object_new_string(key));
	json_object_object_add(detail, "rule", json_text_or_null(f->rule));
	json_object_object_add(detail, "level", json_object_new_string(level_word(f->level)));
	json_object_object_add(detail, "clauses", json_strings(&f->clauses));
	json_object_object_add(detail, "bases", json_strings(&f->bases));
	json_object_object_add(detail, "implicated",
			       json_object_new_string(implicated_word(f->implicated)));
	if (document)
		json_object_object_add(detail, "sha256", json_object_new_string(sum));
	else
		json_object_object_add(detail, "verdict", json_object_new_string(verdict_word(f->verdict)));
	entry.detail = json_line(detail);
	rc = store_audit(s, &entry, err);
	json_object_put(detail);
	return rc;
}

int store_put_finding(struct store *s, const struct finding *finding, const char *incident_id,
		      int64_t now, bool *is_new, struct err *err)
{
	struct json_object *document = finding_to_json(finding);
	const char *line = json_line(document);
	char key[33];
	int changes, rc;

	finding_key(finding, key);
	rc = store_begin(s, err);
	if (rc == 0) {
		rc = store_run(s, store_bound(s, PUT_FINDING, "ttit", key, incident_id, finding->time, line),
			       &changes, err);
		*is_new = rc == 0 && changes > 0;
		if (*is_new || (rc == 0 && finding->settled))
			rc = observation_put(s, finding, key, incident_id, *is_new ? line : NULL, now, err);
		if (rc == 0)
			rc = store_commit(s, err);
		if (rc < 0)
			store_rollback(s);
	}
	json_object_put(document);
	return rc;
}

int store_move_findings(struct store *s, const char *from, const char *to, const char *asset,
			struct err *err)
{
	return store_run(s, store_bound(s, MOVE_FINDINGS, "ttt", from, to, asset), NULL, err);
}

static int64_t hour_of(const struct finding *f)
{
	return f->time / HOUR;
}

int store_count_record(struct store *s, const struct finding *f, bool *is_new, struct err *err)
{
	struct json_object *document;
	char key[33];
	int changes, rc;

	*is_new = false;
	finding_key(f, key);
	rc = store_run(s, store_bound(s, PUT_KEY, "t", key), &changes, err);
	if (rc < 0 || changes == 0)
		return rc;
	document = finding_to_json(f);
	rc = store_run(s, store_bound(s, PUT_RECORD, "ttitt", f->rule_id, f->asset_id ? f->asset_id : "", hour_of(f),
			  json_line(document), key),
		 NULL, err);
	*is_new = rc == 0;
	json_object_put(document);
	return rc;
}

int store_forget_keys(struct store *s, struct err *err)
{
	return store_run(s, store_bound(s, DROP_KEYS, ""), NULL, err);
}

bool store_has_finding(struct store *s, const struct finding *f)
{
	sqlite3_stmt *statement;
	char key[33];
	bool has;

	finding_key(f, key);
	statement = store_bound(s, f->level == LEVEL_RECORD ? HAS_KEY : HAS_FINDING, "t", key);
	has = sqlite3_step(statement) == SQLITE_ROW;
	sqlite3_reset(statement);
	return has;
}

int store_put_incident(struct store *s, const struct incident *i, struct err *err)
{
	struct json_object *document = incident_to_json(i);
	int rc = store_run(s, store_bound(s, PUT_INCIDENT, "tiiitit", i->id, i->first, i->last, (int64_t)i->level,
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

/* The document of the first row, or NULL, and how the reading ended. */
static char *document_read(struct store *s, enum statement which, const char *id, int *rc, struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, which, "t", id);
	char *document = NULL;
	int step = sqlite3_step(statement);

	if (step == SQLITE_ROW) {
		document = mem_strdup(store_column(statement, 0));
		step = sqlite3_step(statement);
	}
	*rc = step == SQLITE_ROW ? err_set(err, ERR_USAGE, "several incidents begin with '%.40s'; give more "
							   "of the id", id) : 0;
	*rc = store_read_end(s, statement, *rc, step, err);
	return document;
}

int store_get_incident(struct store *s, const char *id, struct incident **out, struct err *err)
{
	int rc;
	char *document = document_read(s, GET_INCIDENT, id, &rc, err);

	if (rc == 0 && !document && id[0])
		document = document_read(s, LIKE_INCIDENT, id, &rc, err);
	if (rc == 0)
		rc = document ? incident_read(document, out, err) :
				err_set(err, ERR_MISSING, "there is no incident '%.40s'; `sokuhoctl incident list` "
							  "shows them", id);
	free(document);
	return rc;
}

int store_each_incident(struct store *s, const char *status,
			int (*each)(struct incident *incident, void *context), void *context,
			struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, LIST_INCIDENTS, "t", status);
	int rc = 0, step = SQLITE_DONE;

	while (rc == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct incident *incident;

		rc = incident_read(store_column(statement, 0), &incident, err);
		if (rc == 0) {
			rc = each(incident, context);
			incident_free(incident);
		}
	}
	return store_read_end(s, statement, rc, step, err);
}

struct json_object *store_findings(struct store *s, const char *incident_id, struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, LIST_FINDINGS, "t", incident_id);
	struct json_object *list = json_object_new_array();
	int step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW)
		json_object_array_add(list, json_tokener_parse(store_column(statement, 0)));
	store_read_end(s, statement, 0, step, err);
	return list;
}

int store_put_outbox(struct store *s, const char *incident_id, unsigned revision,
		     const char *target, const char *payload, int64_t due, struct err *err)
{
	return store_run(s, store_bound(s, PUT_OUTBOX, "titti", incident_id, (int64_t)revision, target, payload, due),
		   NULL, err);
}

int store_due_outbox(struct store *s, int64_t now, size_t max, struct outbox_row **rows, size_t *n,
		     struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, DUE_OUTBOX, "ii", now, (int64_t)max);
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
			.target = mem_strdup(store_column(statement, 3)),
			.payload = mem_strdup(store_column(statement, 4)),
			.tries = (unsigned)sqlite3_column_int(statement, 5),
			.due = sqlite3_column_int64(statement, 6),
		};
		snprintf(row->incident_id, sizeof(row->incident_id), "%s", store_column(statement, 1));
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

/* Whom an alert reached is part of the record of its incident. */
static int alert_audit(struct store *s, int64_t id, int64_t now, const char *outcome, struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, OUTBOX_ROW, "i", id);
	struct json_object *detail = json_object_new_object();
	struct audit_entry entry = { now, AUDIT_PROGRAM, NULL, "alert", NULL, NULL };
	char incident[32] = "";
	bool found = sqlite3_step(statement) == SQLITE_ROW;
	int rc = 0;

	if (found) {
		snprintf(incident, sizeof(incident), "%s", store_column(statement, 0));
		json_object_object_add(detail, "target",
				       json_object_new_string(store_column(statement, 1)));
	}
	sqlite3_reset(statement);
	json_object_object_add(detail, "outcome", json_object_new_string(outcome));
	entry.incident = incident;
	entry.detail = json_line(detail);
	if (found)
		rc = store_audit(s, &entry, err);
	json_object_put(detail);
	return rc;
}

int store_outbox_done(struct store *s, int64_t id, int64_t now, const char *outcome,
		      struct err *err)
{
	if (alert_audit(s, id, now, outcome, err) < 0)
		return err->kind;
	if (store_run(s, store_bound(s, TELL_OUTBOX, "iit", id, now, outcome), NULL, err) < 0)
		return err->kind;
	return store_run(s, store_bound(s, DROP_OUTBOX, "i", id), NULL, err);
}

int store_outbox_retry(struct store *s, int64_t id, int64_t due, const char *error,
		       struct err *err)
{
	return store_run(s, store_bound(s, RETRY_OUTBOX, "iit", id, due, error), NULL, err);
}

int store_outbox_waiting(struct store *s, size_t *n, int64_t *oldest, struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, WAITING_OUTBOX, "");

	if (sqlite3_step(statement) != SQLITE_ROW)
		return store_fail(s, err);
	*n = (size_t)sqlite3_column_int64(statement, 0);
	*oldest = *n ? sqlite3_column_int64(statement, 1) : TIME_NONE;
	sqlite3_reset(statement);
	return 0;
}

int store_put_position(struct store *s, const char *key, const char *json, struct err *err)
{
	return store_run(s, store_bound(s, PUT_POSITION, "tt", key, json), NULL, err);
}

int store_remove_position(struct store *s, const char *key, struct err *err)
{
	return store_run(s, store_bound(s, DROP_POSITION, "t", key), NULL, err);
}

int store_each_position(struct store *s,
			int (*each)(const char *key, const char *json, void *context),
			void *context, struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, LIST_POSITIONS, "");
	int rc = 0, step = SQLITE_DONE;

	while (rc == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW)
		rc = each(store_column(statement, 0), store_column(statement, 1), context);
	return store_read_end(s, statement, rc, step, err);
}

int store_put_state(struct store *s, const char *name, const char *json, struct err *err)
{
	return store_run(s, store_bound(s, PUT_STATE, "tt", name, json), NULL, err);
}

int store_get_state(struct store *s, const char *name, char **json, struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, GET_STATE, "t", name);
	int step = sqlite3_step(statement);

	*json = step == SQLITE_ROW ? mem_strdup(store_column(statement, 0)) : NULL;
	return store_read_end(s, statement, 0, step, err);
}

int store_put_draft_item(struct store *s, const char *incident_id, const char *item,
			 const char *text, long uid, int64_t time, struct err *err)
{
	return store_run(s, store_bound(s, PUT_ITEM, "tttii", incident_id, item, text, (int64_t)uid, time), NULL, err);
}

struct json_object *store_draft_items(struct store *s, const char *incident_id, struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, LIST_ITEMS, "t", incident_id);
	struct json_object *items = json_object_new_object();
	int step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW)
		json_object_object_add(items, store_column(statement, 0),
				       json_object_new_string(store_column(statement, 1)));
	store_read_end(s, statement, 0, step, err);
	return items;
}

int store_put_report(struct store *s, const char *incident_id, struct json_object *document,
		     const struct audit_entry *by, struct err *err)
{
	struct slice part = slice_of(json_line(document));
	struct json_object *detail = json_object_new_object();
	struct audit_entry entry = *by;
	char sum[65];
	int rc = store_run(s, store_bound(s, PUT_REPORT, "tiit", incident_id, by->time, (int64_t)by->uid, part.at),
			   NULL, err);

	hash_sha256_hex(&part, 1, 32, sum);
	json_object_object_add(detail, "report", json_object_new_int64(sqlite3_last_insert_rowid(s->db)));
	json_object_object_add(detail, "sha256", json_object_new_string(sum));
	entry.incident = incident_id;
	entry.detail = json_line(detail);
	if (rc == 0)
		rc = store_audit(s, &entry, err);
	json_object_put(detail);
	return rc;
}

struct json_object *store_reports(struct store *s, const char *incident_id)
{
	sqlite3_stmt *statement = store_bound(s, LIST_REPORTS, "t", incident_id);
	struct json_object *list = json_object_new_array();

	while (sqlite3_step(statement) == SQLITE_ROW)
		json_object_array_add(list, json_tokener_parse(store_column(statement, 0)));
	sqlite3_reset(statement);
	return list;
}

int store_prune(struct store *s, int64_t record, int64_t review, struct err *err)
{
	if (store_run(s, store_bound(s, PRUNE_RECORDS, "i", record / HOUR), NULL, err) < 0 ||
	    store_run(s, store_bound(s, PRUNE_FINDINGS, "i", review), NULL, err) < 0)
		return err->kind;
	return store_run(s, store_bound(s, PRUNE_INCIDENTS, "i", review), NULL, err);
}

uint64_t store_size(struct store *s)
{
	sqlite3_stmt *statement = store_bound(s, SIZE, "");
	uint64_t size = 0;

	if (sqlite3_step(statement) == SQLITE_ROW)
		size = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return size;
}

struct json_object *store_summary(struct store *s, struct err *err)
{
	struct json_object *o = json_object_new_object(), *levels = json_object_new_object();
	sqlite3_stmt *statement = store_bound(s, COUNT_INCIDENTS, "");
	int64_t oldest;
	size_t waiting;
	char name[64];

	while (sqlite3_step(statement) == SQLITE_ROW) {
		int level = sqlite3_column_int(statement, 0);

		snprintf(name, sizeof(name), "%s %s",
			 level_word(level >= 0 && level <= LEVEL_REPORT ? (enum level)level : LEVEL_RECORD),
			 store_column(statement, 1));
		json_object_object_add(levels, name, json_object_new_int64(sqlite3_column_int64(statement, 2)));
	}
	sqlite3_reset(statement);
	json_object_object_add(o, "incidents", levels);
	statement = store_bound(s, COUNT_FINDINGS, "");
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
