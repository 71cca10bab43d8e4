#ifndef SOKUHO_STORE_DATABASE_H
#define SOKUHO_STORE_DATABASE_H

#include "store/store.h"

#include <sqlite3.h>

/* What the files of this room share: the database and its statements, each prepared once. */
enum statement {
	PUT_FINDING, HAS_FINDING, PUT_RECORD, PUT_KEY, HAS_KEY, DROP_KEYS, PUT_INCIDENT, GET_INCIDENT, LIKE_INCIDENT,
	LIST_INCIDENTS, LIST_FINDINGS, PUT_OUTBOX, DUE_OUTBOX, TELL_OUTBOX, DROP_OUTBOX, OUTBOX_ROW, RETRY_OUTBOX,
	WAITING_OUTBOX, PUT_POSITION, DROP_POSITION, LIST_POSITIONS, PUT_STATE, GET_STATE, PUT_ACTION, LIST_ACTIONS,
	PUT_ITEM, LIST_ITEMS, COUNT_INCIDENTS, COUNT_FINDINGS,
	PRUNE_RECORDS, PRUNE_FINDINGS, PRUNE_INCIDENTS, SIZE,
	LAST_ACTION, EACH_ACTION, SEAL_ACTION,
	UNSEALED_ACTIONS, FINDING_DOCUMENT, REPORT_DOCUMENT, MOVE_FINDINGS, PUT_REPORT, LIST_REPORTS, N_STATEMENTS
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[N_STATEMENTS];
	char *path;
	int lock;
	int depth;			/* of store_begin() calls that are open */
};

int store_fail(struct store *store, struct err *err);
/* Values by their kind: t text (NULL allowed), i int64_t. Leaves the statement ready to step. */
sqlite3_stmt *store_bound(struct store *store, enum statement which, const char *kinds, ...);
/* For statements that change something; *changes may be NULL. */
int store_run(struct store *store, sqlite3_stmt *statement, int *changes, struct err *err);
/* The end of a reading: rc when that is an error already, else whether the last step was the end and no fault. */
int store_read_end(struct store *store, sqlite3_stmt *statement, int rc, int step, struct err *err);
/* Never NULL. */
const char *store_column(sqlite3_stmt *statement, int i);
/* Entries from before there was a chain are sealed in their order, once. */
int audit_begin(struct store *store, struct err *err);

#endif
