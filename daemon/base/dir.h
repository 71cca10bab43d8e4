#ifndef SOKUHO_BASE_DIR_H
#define SOKUHO_BASE_DIR_H

#include "base/err.h"
#include "base/str.h"

/* All regular files below a directory (or the file itself) whose name ends so, sorted by path. */
int dir_files(const char *path, const char *ending, struct strlist *out, struct err *err);

#endif
