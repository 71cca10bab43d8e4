#ifndef SOKUHO_OUTBOX_H
#define SOKUHO_OUTBOX_H

#include "alert/alert.h"
#include "pipeline.h"
#include "store/store.h"
#include "warning.h"

/*
 * What must be told lies in the store; this sends it. More than alerts.max_per_minute to one target fold into one
 * message; what is past (older than alert_max_age) always folds. A failed sending is tried again.
 */
struct outbox;

struct outbox *outbox_new(struct event_base *base, struct content *content, struct store *store,
			  struct err *err);
void outbox_free(struct outbox *outbox);
void outbox_set_content(struct outbox *outbox, struct content *content);
/* Inside a transaction: one row for each target whose level is reached. */
int outbox_put(struct outbox *outbox, const struct incident *incident, unsigned told, int64_t now,
	       struct err *err);
/* The same for what is to be told about the reading; every target gets it. */
int outbox_put_warning(struct outbox *outbox, enum warning warning, const char *source, const char *sentence,
		       int64_t now, struct err *err);
/* While old logs are being caught up with, their incidents wait, to be told in one summary. */
void outbox_hold_past(struct outbox *outbox, bool hold);
/* After a commit, and by itself every second: send what is due. */
void outbox_send_due(struct outbox *outbox);
int outbox_test(struct outbox *outbox, struct err *err);
uint64_t outbox_sent(const struct outbox *outbox);

#endif
