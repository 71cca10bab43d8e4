#ifndef SOKUHO_INPUT_INPUT_H
#define SOKUHO_INPUT_INPUT_H

#include "base/err.h"
#include "settings/config.h"

#include <event2/event.h>

/*
 * Files that grow, followed with inotify on libevent; where no notification comes, they are looked at every
 * limits.look_every. A file is a stream; what it holds after a truncation is another one. Rotated files (renamed,
 * copied, packed, several at once, also while we were down) are read to their end. What was destroyed unread is a gap.
 */
struct input_line {
	const struct source_conf *source;
	const char *file;
	uint64_t stream;
	uint64_t line, offset;
	uint32_t more;			/* lines besides the first, where several are one record */
	struct slice bytes;		/* UTF-8, without its end */
	struct slice original;		/* the same as in the file; at most line_max */
	uint64_t repairs;		/* bytes that could not be read: each is U+FFFD now */
	bool cut;
	int64_t mtime;			/* of the file, for yearless times */
};

enum input_trouble {
	INPUT_GAP,			/* something was destroyed before it could be read */
	INPUT_UNREADABLE,
	INPUT_NEWS,			/* no trouble (any more) */
};

struct input_callbacks {
	void (*line)(void *context, const struct input_line *line);
	/* After a batch of lines was handed over (end of a turn): a place to commit. */
	void (*turn_end)(void *context);
	/* Something was lost or cannot be read: one sentence. */
	void (*trouble)(void *context, const struct source_conf *source, enum input_trouble kind,
			const char *text);
	/* A stream at first sight: a number that no other stream has had (from the store). */
	uint64_t (*new_stream)(void *context);
	void *context;
	/* As decode_frame(); NULL: every line is a record. Of files alone: what pipes and sockets bring is judged at once. */
	size_t (*frame)(const char *format, struct slice text, bool final, uint32_t *more, bool *open);
};

/* Are they lines of files, which can be read again? */
bool source_is_file(const struct source_conf *source);

struct input;
/* config is a loan. */
int input_new(struct event_base *base, const struct config *config,
	      const struct input_callbacks *callbacks, struct input **out, struct err *err);
void input_free(struct input *input);
/* Positions as saved (one JSON text per stream key); to be given before input_start(). */
int input_restore(struct input *input, const char *key, const char *json, struct err *err);
/* Calls save for every stream whose position changed since the last call; json NULL: the key can go. */
void input_save(struct input *input,
		void (*save)(void *context, const char *key, const char *json), void *context);
/* A stream was begun: save before anything of it is committed, or it would be begun again after a crash. */
bool input_must_save(const struct input *input);
/* Begins to read and to watch. First start goes by each source's `start`. */
int input_start(struct input *input, struct err *err);
/* After a reload: take over the new config (old one may go away afterwards). */
int input_reload(struct input *input, const struct config *config, struct err *err);
/* The last lines of what cannot be read again; to be called before the end, and then looked at and committed. */
void input_finish(struct input *input);
/* Is something left to be read that is there already? */
bool input_is_behind(const struct input *input);
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
