#ifndef SOKUHO_STORE_SCHEMA_H
#define SOKUHO_STORE_SCHEMA_H

#include "base/err.h"

#include <sqlite3.h>

/* Creates the tables or brings them up to this program's version; a newer database is refused. */
int schema_bring_up(sqlite3 *db, const char *path, struct err *err);

#endif
