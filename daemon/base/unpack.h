#ifndef SOKUHO_BASE_UNPACK_H
#define SOKUHO_BASE_UNPACK_H

#include "base/err.h"
#include "base/str.h"

/*
 * Bytes of a file as they were before it was packed: gz, xz, zst and bz2, zip and tar, and each inside another
 * (a tar of gz files). Known by content, never by name; what is not packed is read as it is. The memory it takes does
 * not depend on the file.
 */
struct unpack;

/* Do these first bytes (512 are enough) begin a packed file? */
bool unpack_is_packed(struct slice head);

/* fd is a loan and is read from its beginning (a pipe: from where it stands); path is for sentences only. */
int unpack_open(int fd, const char *path, struct unpack **out, struct err *err);
void unpack_free(struct unpack *unpack);

struct unpack_member {
	const char *name;		/* `member`, `inner.tar!member`; NULL where the file is no archive */
	int64_t mtime;			/* TIME_NONE where the archive does not say */
};
/* 1: the next member; its name is valid until the next call. 0: no more. Negative: go on for the one after it. */
int unpack_next(struct unpack *unpack, struct unpack_member *member, struct err *err);
/* Bytes of the member, 0 at its end; negative when it is damaged. What stands well before the damage is given first. */
long unpack_read(struct unpack *unpack, void *to, size_t size, struct err *err);

#endif
