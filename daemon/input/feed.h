#ifndef SOKUHO_INPUT_FEED_H
#define SOKUHO_INPUT_FEED_H

#include "input/state.h"

#include <systemd/sd-journal.h>

/*
 * Sources that are no files: the journal, which is read again from a cursor, and pipes and datagram sockets, whose bytes
 * come once. While input is paused nothing is taken from them, and who writes to them waits.
 */
struct feed {
	struct input *in;
	const struct source_conf *source;
	const struct feed_kind *kind;
	char *name;			/* of the source */
	int fd;
	struct event *event;
	uint64_t stream, offset, lines;
	int64_t last_line;
	struct decoding decoding;
	struct text carry;		/* pipe: an unfinished line */
	bool skipping;			/* pipe: inside the rest of a line that was too long */
	sd_journal *journal;
	char *cursor;			/* journal: of the last entry that was given */
	bool changed;
};

/* One kind. Add a kind: write two functions, add one row in feed.c and the word in settings/config.c. */
struct feed_kind {
	const char *name;
	/* Sets fd (or journal); saved: what was saved of it, or NULL. */
	int (*open)(struct feed *feed, const char *saved, struct err *err);
	/* Hands over what is there, a turn's worth; false when more is left. */
	bool (*read)(struct feed *feed, struct tail_reading *reading);
};
extern const struct feed_kind journal_feed;

/* Opens those that are configured and not open; a trouble is said and tried again later. */
void feeds_open(struct input *in);
/* After a reload: sources that are gone are closed, the others go on. */
void feeds_reload(struct input *in);
/* Before the end: what waits in pipes and sockets, and the beginning of a line, which counts as one. */
void feeds_finish(struct input *in);
void feeds_close(struct input *in);
void feeds_pause(struct input *in, bool paused);
/* For journals whose files give no notification. */
void feeds_poll(struct input *in);
void feeds_save(struct input *in, void (*save)(void *context, const char *key, const char *json), void *context);

/* For the kinds: one line with its place. */
void feed_give(struct feed *feed, struct tail_reading *reading, const char *place, struct slice bytes, bool cut,
	       int64_t time);

#endif
