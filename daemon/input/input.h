#ifndef SOKUHO_INPUT_INPUT_H
#define SOKUHO_INPUT_INPUT_H

#include "base/err.h"
#include "settings/config.h"

#include <event2/event.h>

/*
 * Files that grow, followed with inotify on libevent. A file is a stream, known again by the hash of its
 * head and of the 256 bytes before the saved offset; device and inode are hints. Rotated files
 * (by rename) are read to their end before the new one. Truncation and what was destroyed unread
 * are reported as gaps.
 */
struct input_line {
	const struct source_conf *source;
	const char *file;
	uint64_t stream;
	unsigned generation;		/* counts truncations and rewrites of the stream */
	uint64_t line, offset;
	struct slice bytes;		/* without its end; at most line_max */
	bool cut;
	int64_t mtime;			/* of the file, for yearless times */
};

struct input_callbacks {
	void (*line)(void *context, const struct input_line *line);
	/* After a batch of lines was handed over (end of a turn): a place to commit. */
	void (*turn_end)(void *context);
	/* Something was lost or cannot be read: one sentence. */
	void (*trouble)(void *context, const struct source_conf *source, const char *text);
	/* A stream at first sight: a number that no other stream has had (from the store). */
	uint64_t (*new_stream)(void *context);
	void *context;
};

struct input;
/* config is a loan; only sources of kind file are taken. */
int input_new(struct event_base *base, const struct config *config,
	      const struct input_callbacks *callbacks, struct input **out, struct err *err);
void input_free(struct input *input);
/* Positions as saved (one JSON text per stream key); to be given before input_start(). */
int input_restore(struct input *input, const char *key, const char *json, struct err *err);
/* Calls save for every stream whose position changed since the last call. */
void input_save(struct input *input,
		void (*save)(void *context, const char *key, const char *json), void *context);
/* Begins to read and to watch. First start goes by each source's `start`. */
int input_start(struct input *input, struct err *err);
/* After a reload: take over the new config (old one may go away afterwards). */
int input_reload(struct input *input, const struct config *config, struct err *err);
/* While paused nothing is read (the file is the queue). */
void input_pause(struct input *input, bool paused);

struct input_status {
	const char *source, *file;
	uint64_t offset, size, lines;
	int64_t last_line;		/* when the last line was read; TIME_NONE */
	const char *state;		/* reading waiting missing unreadable */
};
void input_each_status(struct input *input,
		       void (*each)(void *context, const struct input_status *status),
		       void *context);

#endif
