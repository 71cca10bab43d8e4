#ifndef SOKUHO_LIVE_H
#define SOKUHO_LIVE_H

#include "chooser.h"
#include "input/input.h"

/*
 * Lines as they arrive, gathered until the turn ends, so that the daemon looks at them by the block like replay: one
 * scan for what one read brought. A batch holds lines of one stream.
 */
struct live {
	struct batch *batch;
	struct chooser *chooser;
	const struct prefilter *scratch_of;
	struct prefilter_scratch *scratch;
	struct text file;
	int64_t now;			/* when the batch was looked at */
};

/* content is a loan. */
void live_init(struct live *live, const struct content *content);
void live_clear(struct live *live);
/* Does the line go on with the batch? If not, the batch must be looked at and reset first. */
bool live_takes(const struct live *live, const struct input_line *line);
void live_add(struct live *live, struct stream *stream, const struct input_line *line);
void live_look(struct live *live);
void live_reset(struct live *live);

#endif
