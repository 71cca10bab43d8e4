#ifndef SOKUHO_REPLAY_CREW_H
#define SOKUHO_REPLAY_CREW_H

#include "batch.h"

/* Threads that look at batches. They share nothing but the scanner, which does not change. */
struct crew;

/* threads 0: crew_wait() does the work itself. */
struct crew *crew_new(size_t threads);
void crew_free(struct crew *crew);
/* The scanner must live until the batch was waited for. */
void crew_submit(struct crew *crew, struct batch *batch, const struct scanner *scanner);
/* Until the batch was looked at. */
void crew_wait(struct crew *crew, struct batch *batch);

#endif
