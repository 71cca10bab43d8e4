/* The schema moves forward by numbered steps; PRAGMA user_version says how far a database has come. */
#include "store/schema.h"

#include <stdio.h>

static const char *const steps[] = {
	/* 1 */
	"CREATE TABLE incident ("
	" id TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, level INTEGER NOT NULL,"
	" status TEXT NOT NULL, revision INTEGER NOT NULL, document TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX incident_first ON incident (first);"
	"CREATE TABLE finding ("
	" key TEXT PRIMARY KEY, incident TEXT NOT NULL, time INTEGER NOT NULL, document TEXT NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE INDEX finding_incident ON finding (incident, time);"
	"CREATE TABLE record_count ("
	" rule TEXT NOT NULL, asset TEXT NOT NULL, hour INTEGER NOT NULL, n INTEGER NOT NULL,"
	" first TEXT NOT NULL, last TEXT NOT NULL, last_key TEXT NOT NULL,"
	" PRIMARY KEY (rule, asset, hour)) WITHOUT ROWID;"
	"CREATE TABLE outbox ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, incident TEXT NOT NULL, revision INTEGER NOT NULL,"
	" target TEXT NOT NULL, payload TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,"
	" due INTEGER NOT NULL, error TEXT);"
	"CREATE INDEX outbox_due ON outbox (due, id);"
	"CREATE TABLE told ("
	" id INTEGER PRIMARY KEY, incident TEXT NOT NULL, revision INTEGER NOT NULL,"
	" target TEXT NOT NULL, time INTEGER NOT NULL, outcome TEXT NOT NULL);"
	"CREATE TABLE position (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE state (name TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE action ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, uid INTEGER NOT NULL,"
	" action TEXT NOT NULL, incident TEXT, detail TEXT);"
	"CREATE INDEX action_incident ON action (incident, id);"
	"CREATE TABLE draft_item ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, incident TEXT NOT NULL, item TEXT NOT NULL,"
	" text TEXT NOT NULL, uid INTEGER NOT NULL, time INTEGER NOT NULL);"
	"CREATE INDEX draft_item_incident ON draft_item (incident, id);",
	/* 2: the audit chain, and issued reports */
	"ALTER TABLE action ADD COLUMN actor TEXT;"
	"ALTER TABLE action ADD COLUMN hash TEXT;"
	"CREATE TABLE report ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, incident TEXT NOT NULL, time INTEGER NOT NULL,"
	" uid INTEGER NOT NULL, document TEXT NOT NULL);"
	"CREATE INDEX report_incident ON report (incident, id);",
	/* 3: hits of record level since the last checkpoint */
	"CREATE TABLE record_key (key TEXT PRIMARY KEY) WITHOUT ROWID;",
	/* 4: names apart from what may be many megabytes: to find one, the whole of another was read */
	"CREATE TABLE state_by_row (name TEXT PRIMARY KEY, json TEXT NOT NULL);"
	"INSERT INTO state_by_row SELECT name, json FROM state;"
	"DROP TABLE state;"
	"ALTER TABLE state_by_row RENAME TO state;",
};
#define N_STEPS ((int)(sizeof(steps) / sizeof(steps[0])))

static int schema_version(sqlite3 *db)
{
	sqlite3_stmt *statement;
	int version = -1;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return version;
}

int schema_bring_up(sqlite3 *db, const char *path, struct err *err)
{
	int version = schema_version(db);
	char pragma[64];

	if (version < 0)
		return err_set(err, ERR_IO, "'%s' cannot be read: %s", path, sqlite3_errmsg(db));
	if (version > N_STEPS)
		return err_set(err, ERR_CONFIG,
			       "'%s' was written by a newer sokuhod (schema %d, this one knows %d); "
			       "install that version again", path, version, N_STEPS);
	for (; version < N_STEPS; version++) {
		snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", version + 1);
		if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
		    sqlite3_exec(db, steps[version], NULL, NULL, NULL) != SQLITE_OK ||
		    sqlite3_exec(db, pragma, NULL, NULL, NULL) != SQLITE_OK ||
		    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
			err_set(err, ERR_IO, "'%s' cannot be set up: %s", path, sqlite3_errmsg(db));
			sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
			return err->kind;
		}
	}
	return 0;
}
