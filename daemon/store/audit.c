/*
 * The audit chain. An entry's hash is SHA-256 over the hash before it and every column of its own, so a change, a gap or
 * another order anywhere breaks all that follows. Entries are numbered without gaps; the number and hash of the newest
 * are kept a second time, so that a cut at the end shows too.
 */
#include "store/database.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_STATE "audit"		/* name in table state: "NUMBER HASH" */
#define FAULTS_MAX 100

/* Columns of the statements that list entries. */
enum { C_ID, C_TIME, C_UID, C_ACTOR, C_ACTION, C_INCIDENT, C_DETAIL, C_HASH };

struct head {
	int64_t id;
	char hash[65];
};

static void entry_hash(const char *before, int64_t id, const struct audit_entry *e, char out[65])
{
	char number[32], time[32], uid[32];
	struct slice parts[8];

	snprintf(number, sizeof(number), "%lld", (long long)id);
	snprintf(time, sizeof(time), "%lld", (long long)e->time);
	snprintf(uid, sizeof(uid), "%ld", e->uid);
	parts[0] = slice_of(before);
	parts[1] = slice_of(number);
	parts[2] = slice_of(time);
	parts[3] = slice_of(uid);
	parts[4] = slice_of(e->actor);
	parts[5] = slice_of(e->action);
	parts[6] = slice_of(e->incident);
	parts[7] = slice_of(e->detail);
	hash_sha256_hex(parts, 8, 32, out);
}

static void head_of(struct store *s, struct head *head)
{
	sqlite3_stmt *statement = store_bound(s, LAST_ACTION, "");

	*head = (struct head){ 0 };
	if (sqlite3_step(statement) == SQLITE_ROW) {
		head->id = sqlite3_column_int64(statement, 0);
		snprintf(head->hash, sizeof(head->hash), "%s", store_column(statement, 1));
	}
	sqlite3_reset(statement);
}

static int head_keep(struct store *s, int64_t id, const char *hash, struct err *err)
{
	char text[96];

	snprintf(text, sizeof(text), "%lld %s", (long long)id, hash);
	return store_put_state(s, HEAD_STATE, text, err);
}

static int audit_append(struct store *s, const struct audit_entry *e, struct err *err)
{
	struct head head;
	char hash[65];

	head_of(s, &head);
	entry_hash(head.hash, head.id + 1, e, hash);
	if (store_run(s, store_bound(s, PUT_ACTION, "iiittttt", head.id + 1, e->time, (int64_t)e->uid,
				     e->actor, e->action, e->incident, e->detail, hash), NULL, err) < 0)
		return err->kind;
	return head_keep(s, head.id + 1, hash, err);
}

int store_audit(struct store *s, const struct audit_entry *entry, struct err *err)
{
	int rc = store_begin(s, err);

	if (rc < 0)
		return rc;
	rc = audit_append(s, entry, err);
	if (rc == 0)
		rc = store_commit(s, err);
	if (rc < 0)
		store_rollback(s);
	return rc;
}

/* A loan from the statement, until it is stepped again. */
static struct audit_entry entry_of(sqlite3_stmt *statement)
{
	return (struct audit_entry){
		.time = sqlite3_column_int64(statement, C_TIME),
		.uid = (long)sqlite3_column_int64(statement, C_UID),
		.actor = (const char *)sqlite3_column_text(statement, C_ACTOR),
		.action = store_column(statement, C_ACTION),
		.incident = (const char *)sqlite3_column_text(statement, C_INCIDENT),
		.detail = (const char *)sqlite3_column_text(statement, C_DETAIL),
	};
}

int audit_begin(struct store *s, struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, UNSEALED_ACTIONS, "");
	struct head head = { 0 };
	struct { int64_t id; char hash[65]; } *seals = NULL;
	size_t n = 0, cap = 0;
	int rc;

	while (sqlite3_step(statement) == SQLITE_ROW) {
		struct audit_entry entry = entry_of(statement);

		seals = mem_grow(seals, &cap, n + 1, sizeof(*seals));
		seals[n].id = sqlite3_column_int64(statement, C_ID);
		entry_hash(head.hash, seals[n].id, &entry, seals[n].hash);
		memcpy(head.hash, seals[n++].hash, sizeof(head.hash));
	}
	sqlite3_reset(statement);
	rc = n ? store_begin(s, err) : 0;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = store_run(s, store_bound(s, SEAL_ACTION, "it", seals[i].id, seals[i].hash), NULL, err);
	if (rc == 0 && n)
		rc = head_keep(s, seals[n - 1].id, seals[n - 1].hash, err);
	if (rc == 0 && n)
		rc = store_commit(s, err);
	else if (n)
		store_rollback(s);
	free(seals);
	return rc;
}

static struct json_object *entry_json(sqlite3_stmt *statement)
{
	struct json_object *o = json_object_new_object();
	struct audit_entry e = entry_of(statement);

	json_object_object_add(o, "number", json_object_new_int64(sqlite3_column_int64(statement, C_ID)));
	json_object_object_add(o, "time", json_time(e.time, OFFSET_JST));
	json_object_object_add(o, "uid", json_object_new_int64(e.uid));
	json_object_object_add(o, "actor", json_text_or_null(e.actor));
	json_object_object_add(o, "action", json_text_or_null(e.action));
	json_object_object_add(o, "incident", json_text_or_null(e.incident));
	json_object_object_add(o, "detail", e.detail ? json_tokener_parse(e.detail) : NULL);
	json_object_object_add(o, "hash", json_text_or_null(store_column(statement, C_HASH)));
	return o;
}

static struct json_object *entries(struct store *s, sqlite3_stmt *statement, struct err *err)
{
	struct json_object *list = json_object_new_array();
	int step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW)
		json_object_array_add(list, entry_json(statement));
	store_read_end(s, statement, 0, step, err);
	return list;
}

struct json_object *store_actions(struct store *s, const char *incident_id, struct err *err)
{
	return entries(s, store_bound(s, LIST_ACTIONS, "t", incident_id), err);
}

struct json_object *store_audit_list(struct store *s, const char *incident_id)
{
	return entries(s, store_bound(s, EACH_ACTION, "t", incident_id), NULL);
}

static void fault_add(struct strlist *faults, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void fault_add(struct strlist *faults, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (faults->n < FAULTS_MAX)
		strlist_add(faults, line);
}

/* A stored document is still the one of its entry. What may be pruned may be gone. */
static void document_check(int64_t id, sqlite3_stmt *statement, const char *sum,
			   bool may_be_gone, struct strlist *faults)
{
	struct slice part;
	char have[65];

	if (sqlite3_step(statement) == SQLITE_ROW) {
		part = slice_of(store_column(statement, 0));
		hash_sha256_hex(&part, 1, 32, have);
		if (strcmp(have, sum) != 0)
			fault_add(faults, "what entry %lld stored was changed afterwards", (long long)id);
	} else if (!may_be_gone) {
		fault_add(faults, "what entry %lld stored is gone", (long long)id);
	}
	sqlite3_reset(statement);
}

/* Findings by their key, issued reports by their number; only those of urgent or report level never go. */
static void stored_check(struct store *s, int64_t id, const char *detail, struct strlist *faults)
{
	struct json_object *o = json_tokener_parse(detail);
	const char *sum = json_member_text(o, "sha256"), *level = json_member_text(o, "level");
	const char *finding = json_member_text(o, "finding");
	enum level of = LEVEL_RECORD;

	level_parse(level ? level : "", &of);
	if (sum && finding)
		document_check(id, store_bound(s, FINDING_DOCUMENT, "t", finding), sum, of < LEVEL_URGENT, faults);
	else if (sum && json_member(o, "report"))
		document_check(id, store_bound(s, REPORT_DOCUMENT, "i",
						  json_object_get_int64(json_member(o, "report"))), sum, false, faults);
	json_object_put(o);
}

static int end_check(struct store *s, const struct head *last, struct strlist *faults, struct err *err)
{
	char *kept, want[96];

	if (store_get_state(s, HEAD_STATE, &kept, err) < 0)
		return err->kind;
	snprintf(want, sizeof(want), "%lld %s", (long long)last->id, last->hash);
	if (kept ? strcmp(kept, want) != 0 : last->id != 0)
		fault_add(faults, "the chain ends at entry %lld, which is not the one that was written last "
				  "(%.20s): entries were removed at the end", (long long)last->id,
			  kept ? kept : "none");
	free(kept);
	return 0;
}

int store_audit_verify(struct store *s, size_t *n, char out[65], struct strlist *faults,
		       struct err *err)
{
	sqlite3_stmt *statement = store_bound(s, EACH_ACTION, "t", NULL);
	struct head before = { 0 };
	char hash[65];
	int step;

	*n = 0;
	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct audit_entry entry = entry_of(statement);
		int64_t id = sqlite3_column_int64(statement, C_ID);
		const char *stored = store_column(statement, C_HASH);

		if (id != before.id + 1)
			fault_add(faults, "entries %lld to %lld are missing", (long long)before.id + 1,
				  (long long)id - 1);
		entry_hash(before.hash, id, &entry, hash);
		if (strcmp(hash, stored) != 0)
			fault_add(faults, "entry %lld does not follow from the one before it: it, or what stood "
					  "before it, was changed, removed or moved", (long long)id);
		if (entry.detail && (strcmp(entry.action, "observe") == 0 ||
				     strcmp(entry.action, "report.issue") == 0))
			stored_check(s, id, entry.detail, faults);
		before.id = id;
		snprintf(before.hash, sizeof(before.hash), "%s", stored);
		(*n)++;
	}
	sqlite3_reset(statement);
	if (step != SQLITE_DONE)
		return store_fail(s, err);
	memcpy(out, before.hash, 65);
	return end_check(s, &before, faults, err);
}
