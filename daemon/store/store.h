#ifndef SOKUHO_STORE_STORE_H
#define SOKUHO_STORE_STORE_H

#include "base/err.h"
#include "model/incident.h"

#include <json-c/json_object.h>

/*
 * The database of one state directory (SQLite, WAL, synchronous=FULL): incidents, findings,
 * outbox, positions, counters. SQL lives only in this room. One writer: the state lock
 * (flock on DIRECTORY/lock) is held from open to close.
 *
 * Between store_begin() and store_commit() everything is one transaction. Findings are idempotent
 * by their hit key: putting one twice changes nothing and says so. begin and commit nest: the outermost pair
 * is the transaction; a rollback inside lets the outer one go on without error, so an inner part writes its last
 * statement only when all before it went well.
 */
struct store;

/* ERR_BUSY when another process holds the lock ("another sokuhod (pid N) uses DIRECTORY"). */
int store_open(const char *directory, struct store **out, struct err *err);
void store_close(struct store *store);
/* Is there a database in the directory? Makes nothing; ERR_MISSING when there is none. */
int store_exists(const char *directory, struct err *err);

int store_begin(struct store *store, struct err *err);
int store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);

/* *is_new is false when this hit (finding_key) was stored before. Record level is only counted. */
int store_put_finding(struct store *store, const struct finding *finding, const char *incident_id,
		      int64_t now, bool *is_new, struct err *err);
/* Is a finding with this hit key stored, or counted at record level? */
bool store_has_finding(struct store *store, const struct finding *finding);
/*
 * Record-level findings: one row per rule, asset and hour with first and last evidence. Hit keys are kept until
 * store_forget_keys(), which belongs to each checkpoint: what is before it is never read again.
 */
int store_count_record(struct store *store, const struct finding *finding, bool *is_new,
		       struct err *err);
int store_forget_keys(struct store *store, struct err *err);
/* Insert or replace; the whole incident is kept as its document (incident_to_json). */
int store_put_incident(struct store *store, const struct incident *incident, struct err *err);
/* ERR_MISSING when there is none; id may be a unique head of one. The caller frees. */
int store_get_incident(struct store *store, const char *id, struct incident **out,
		       struct err *err);
/* Calls each for every incident, newest first (by first); status NULL: all. Stops on non-zero. */
int store_each_incident(struct store *store, const char *status,
			int (*each)(struct incident *incident, void *context), void *context,
			struct err *err);
/*
 * Findings of an incident as JSON (finding_to_json), oldest first; an array the caller puts. It is never NULL; what
 * could not be read to its end is short, and err says so (ERR_IO). The same for actions and draft items.
 */
struct json_object *store_findings(struct store *store, const char *incident_id, struct err *err);

/* Outbox: an alert that must still be told. payload is JSON text. */
struct outbox_row {
	int64_t id;
	char incident_id[32];
	unsigned revision;
	char *target;			/* name of the target */
	char *payload;
	unsigned tries;
	int64_t due;			/* not before this time */
};
int store_put_outbox(struct store *store, const char *incident_id, unsigned revision,
		     const char *target, const char *payload, int64_t due, struct err *err);
/* Rows due at or before now, oldest first, at most max; the caller frees with outbox_rows_free. */
int store_due_outbox(struct store *store, int64_t now, size_t max, struct outbox_row **rows,
		     size_t *n, struct err *err);
void outbox_rows_free(struct outbox_row *rows, size_t n);
/* Told: the row goes to the history with its outcome. */
int store_outbox_done(struct store *store, int64_t id, int64_t now, const char *outcome,
		      struct err *err);
/* Failed: tried again at due. */
int store_outbox_retry(struct store *store, int64_t id, int64_t due, const char *error,
		       struct err *err);
/* Rows waiting, and the time of the oldest (TIME_NONE when none). */
int store_outbox_waiting(struct store *store, size_t *n, int64_t *oldest, struct err *err);

/*
 * Positions of sources: one JSON text for each stream (key), written together with
 * store_begin/commit around them. What the text says is input's affair.
 */
int store_put_position(struct store *store, const char *key, const char *json, struct err *err);
int store_remove_position(struct store *store, const char *key, struct err *err);
int store_each_position(struct store *store,
			int (*each)(const char *key, const char *json, void *context),
			void *context, struct err *err);
/* Named values for checkpoints of other rooms (correlation state). *json is NULL when absent; free(). */
int store_put_state(struct store *store, const char *name, const char *json, struct err *err);
int store_get_state(struct store *store, const char *name, char **json, struct err *err);

/*
 * The audit chain, append-only: every observation, judgement, change, view of a draft, call and sending. Each entry's
 * hash is over its contents and the hash before it, so that what was changed, removed or put elsewhere is found.
 */
#define AUDIT_PROGRAM (-1)		/* uid of what the program itself did */
struct audit_entry {
	int64_t time;
	long uid;			/* of the peer */
	const char *actor;		/* its name; NULL for the program */
	const char *action;
	const char *incident;		/* id or NULL */
	const char *detail;		/* JSON */
};
int store_audit(struct store *store, const struct audit_entry *entry, struct err *err);
/* What people did to an incident, oldest first; an array the caller puts. */
struct json_object *store_actions(struct store *store, const char *incident_id, struct err *err);
/* All entries (of one incident, where it is not NULL) with their hashes. */
struct json_object *store_audit_list(struct store *store, const char *incident_id);
/*
 * Checks the whole chain, and each stored finding and issued report against its entry. *n: entries; head: the hash of
 * the last one, to be kept elsewhere. Faults are sentences.
 */
int store_audit_verify(struct store *store, size_t *n, char head[65], struct strlist *faults,
		       struct err *err);

/* Findings of an asset (NULL: all) go to another incident. */
int store_move_findings(struct store *store, const char *from, const char *to, const char *asset,
			struct err *err);

/* Issued reports, never changed: the sheet as it was. `by` says who, when and as what it stands in the chain. */
int store_put_report(struct store *store, const char *incident_id, struct json_object *document,
		     const struct audit_entry *by, struct err *err);
struct json_object *store_reports(struct store *store, const char *incident_id);

/* Draft items that officers changed: item (①..⑦ as company contact ...), text, who, when. */
int store_put_draft_item(struct store *store, const char *incident_id, const char *item,
			 const char *text, long uid, int64_t time, struct err *err);
/* Object item -> text of the newest settings. */
struct json_object *store_draft_items(struct store *store, const char *incident_id,
				      struct err *err);

/*
 * Removes what may go: counts of record level that ended before `record`, closed or dismissed incidents of review
 * level with their findings that ended before `review`. Report incidents and actions always stay.
 */
int store_prune(struct store *store, int64_t record, int64_t review, struct err *err);
/* Size of the database in bytes. */
uint64_t store_size(struct store *store);

/* Counts for `status`: incidents by level and status, findings, outbox. */
struct json_object *store_summary(struct store *store, struct err *err);

#endif
