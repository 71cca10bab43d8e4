#ifndef SOKUHO_INPUT_POSITION_H
#define SOKUHO_INPUT_POSITION_H

#include "base/err.h"
#include "base/str.h"

#include <json-c/json_object.h>
#include <sys/stat.h>

/*
 * How far a stream was read, and how its file is known again: by the bytes at its head and those before the offset, as
 * they were when they were read. Device and inode change at reboot and are used again: hints only.
 */
#define HEAD_MAX 1024
#define BEFORE_MAX 256

/*
 * At every MARK_EVERY bytes a hash of the BEFORE_MAX bytes before that place, of the last MARKS places. By them an archive is
 * known that ends before the offset: a writer that was not told yet may add so much to a file after its packer has read it.
 */
#define MARK_EVERY 2048
#define MARKS 32
#define UNPACKED_MAX ((MARKS - 1) * MARK_EVERY)

/* The bytes themselves. head_len is always the offset, up to HEAD_MAX; before_len likewise. */
struct print {
	size_t head_len, before_len;
	char head[HEAD_MAX], before[BEFORE_MAX];
	uint64_t marks[MARKS];
};

struct identity {
	size_t head_len, before_len;
	char head[33], before[33];
	uint64_t marks[MARKS];		/* by the place's number, modulo MARKS; 0: none */
	uint64_t dev, ino;
	int64_t born;			/* birth of the inode, where the file system knows: it may be used again; or 0 */
};

struct position {
	uint64_t stream, offset, lines;
	uint64_t seen;			/* size of the file when last looked at */
	int64_t when;			/* since when it waits for its file, or is done */
	bool done;			/* read to its end and closed: kept to know the file under another name */
	bool truncated;			/* the file was cut short: what is left of it can only be in a copy */
	bool said;			/* its gap was told, or there is none */
	bool skipping;			/* inside the rest of a line that was too long */
	struct identity id;
	char *source, *path;
};

void position_clear(struct position *position);
struct json_object *position_to_json(const struct position *position);
int position_from_json(const char *json, struct position *out, struct err *err);

/* `from` holds before_len bytes of the print and then `used` new ones, which end at the new offset. */
void print_advance(struct print *print, uint64_t old_offset, const char *from, size_t used);
/* Reads the print of an open file at an offset; false when the file is shorter. */
bool print_read(int fd, uint64_t offset, struct print *out);
/* Of an archive that ended at `end`, which is before the offset of what was read: do both have the same bytes there? */
bool print_ends_in(const struct print *print, const struct identity *read, uint64_t offset, uint64_t end);
/* Sets the hashes only. */
void identity_of(const struct print *print, struct identity *out);

/*
 * What a file that is looked at may be to a position. PREFIX: a copy that ends before the offset. VERIFY: packed, and its
 * head is the right one; the bytes before the offset show when it is read. SHORT: the same, but it ends before the offset.
 */
enum match { MATCH_OTHER, MATCH_SAME, MATCH_PREFIX, MATCH_VERIFY, MATCH_SHORT };

/* A file that is looked at. */
struct sight {
	int fd;
	struct stat st;
	int64_t born;
	bool packed;
	char head[HEAD_MAX];
	size_t head_len;		/* what stands at its head, unpacked */
	uint64_t size;			/* unpacked; SIZE_UNKNOWN */
};
#define SIZE_UNKNOWN UINT64_MAX

/* Fills head, packed and size of an open file. False when it is packed and cannot be unpacked (yet). */
bool sight_read(struct sight *sight, const char *path);
void identity_of_head(const struct sight *sight, struct identity *out);
enum match sight_matches(const struct sight *sight, const struct position *position);
bool sight_in_place(const struct sight *sight, const struct position *position);

#endif
