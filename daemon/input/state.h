#ifndef SOKUHO_INPUT_STATE_H
#define SOKUHO_INPUT_STATE_H

#include "base/clock.h"
#include "base/map.h"
#include "input/input.h"
#include "input/tail.h"
#include "input/watch.h"

/* What input.c (the turns) and scan.c (which files there are) work on together. */

/* What was found out about a file that is not followed. It holds until the file changes. */
enum known_as {
	KNOWN_OPEN,			/* not known yet */
	KNOWN_OLD,			/* rotated before we began, or read to its end under another name */
	KNOWN_COPY,			/* of a file that is followed */
};

#define NOT_MAX 8
struct known {
	struct timespec mtime, ctime;
	off_t size;
	enum known_as as;
	int64_t first;			/* when it was first seen like this (monotonic) */
	uint64_t not_streams[NOT_MAX];	/* it looked like these, but is not; after so many it is none */
	unsigned n_not;
	unsigned scan;			/* the last scan that saw it */
};

/* Newer files wait for this name, whatever file it is of: a state file is another one at each writing. */
struct hold {
	int64_t since;			/* monotonic */
	unsigned scan;			/* the last one that held */
	bool told;			/* that nobody waits any more */
};

struct input {
	struct event_base *base;
	const struct config *config;
	struct input_callbacks callbacks;
	struct watch *watch;
	struct event *turn, *poll;
	struct tail **tails, **queue;
	size_t n_tails, cap_tails, n_queue, cap_queue, n_open;
	struct position *waiting;	/* whose file is not known (any more), and those that are done */
	int64_t *waiting_since;		/* monotonic; 0: a gap was said, or nothing is missing */
	bool *waiting_changed;
	size_t n_waiting, cap_waiting, cap_since, cap_changed;
	struct strlist held;		/* rotated files that cannot be judged yet: the newer ones wait */
	struct strlist forgotten;	/* keys of positions that can go */
	struct map *sources;		/* name to when it was first started (int64_t *) */
	struct map *troubles;		/* path to the sentence that was said of it */
	struct map *by_path, *by_inode;	/* to tails */
	struct map *known;		/* inode to struct known */
	struct map *holds;		/* path to struct hold */
	struct map *feeds;		/* source to struct feed */
	struct map *saved_feeds;	/* source to what was saved of it (JSON) */
	struct transcoder *transcoder;
	struct arena *arena;
	char *buffer;
	size_t buffer_size;
	unsigned scan;
	int64_t last_scan;		/* monotonic */
	bool paused, started, scan_wanted, scan_soon, sources_changed, save_now;
};

/* input.c */
void input_trouble(struct input *in, const struct source_conf *source, const char *path,
		   enum input_trouble kind, const char *sentence);
void input_trouble_over(struct input *in, const char *path);
void input_queue(struct input *in, struct tail *tail);
void input_register(struct input *in, struct tail *tail);
void input_remove(struct input *in, struct tail *tail);
/* The tail is given up, its position waits for its file to be found. */
void input_lose(struct input *in, struct tail *tail);
/* Another content begins at the tail's place: a new stream. */
void input_restart(struct input *in, struct tail *tail);
void waiting_add(struct input *in, const struct position *position);
void waiting_remove(struct input *in, size_t i);
void inode_key(const struct source_conf *source, uint64_t dev, uint64_t ino, char out[96]);

struct tail_reading input_reading(struct input *in);

/* scan.c: looks at names, finds files again, notices what was rotated, truncated or removed. */
void scan_files(struct input *in);
/* The bytes of a tail are not those that were read: its position waits for a copy, a new stream begins. */
void tail_truncated(struct input *in, struct tail *tail);

#endif
