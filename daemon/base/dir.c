/* Walking a folder of content in a fixed order. */
#include "base/dir.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 16

static int dir_walk(const char *path, const char *ending, int depth, struct strlist *out,
		    struct err *err)
{
	struct strlist names = { 0 };
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int rc = 0;

	if (stat(path, &st) < 0)
		return err_set(err, ERR_MISSING, "'%s' cannot be read: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode)) {
		if (S_ISREG(st.st_mode) && slice_ends(slice_of(path), slice_of(ending)))
			strlist_add(out, path);
		return 0;
	}
	if (depth == DEPTH_MAX)
		return err_set(err, ERR_IO, "'%s' is more than %d folders deep; does a link lead back?", path,
			       DEPTH_MAX - 1);
	dir = opendir(path);
	if (!dir)
		return err_set(err, ERR_IO, "'%s' cannot be read: %s", path, strerror(errno));
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			strlist_add(&names, entry->d_name);
	closedir(dir);
	strlist_sort(&names);
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		struct text full = { 0 };

		text_addf(&full, "%s/%s", path, names.at[i]);
		if (stat(full.at, &st) == 0)	/* a dangling link is nobody's fault here */
			rc = dir_walk(full.at, ending, depth + 1, out, err);
		text_clear(&full);
	}
	strlist_clear(&names);
	return rc;
}

int dir_files(const char *path, const char *ending, struct strlist *out, struct err *err)
{
	return dir_walk(path, ending, 0, out, err);
}
