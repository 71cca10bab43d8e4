#ifndef SOKUHO_ALERT_ALERT_H
#define SOKUHO_ALERT_ALERT_H

#include "base/err.h"
#include "settings/config.h"

#include <event2/event.h>

/*
 * Telling people. What must be told lies in the outbox; here it is sent, at once and without
 * waiting: each way of telling begins and reports its end by itself. An alert carries id,
 * level, clause, asset label, revision and reason, and nothing else of the log.
 */
struct alert_message {
	char *incident_id;		/* NULL: a folded or past-records summary, or a test */
	unsigned revision;
	char *level;			/* review urgent report */
	char *clause;			/* 第3項(1)ケ */
	char *asset_label;
	char *reason;			/* opened level clause asset folded past test */
	char *subject;			/* Japanese, one line */
	char *body;			/* Japanese, for mail and journal */
	char *document;			/* sokuhod.incident/1 as JSON text for exec, or a summary object */
};
/* From and to the JSON text that the outbox holds. */
char *alert_message_to_json(const struct alert_message *message);
int alert_message_from_json(const char *json, struct alert_message **out, struct err *err);
void alert_message_free(struct alert_message *message);

struct alert;
/* The end of one sending; called exactly once, from the loop or from within start. */
typedef void (*alert_done)(void *context, bool sent, const char *error);

/* One way of telling people. Add a way: write one file, add one row in alert.c. */
struct alert_kind {
	const char *name;		/* as written in sokuhod.yaml */
	/* Begin sending and return at once; the message is copied. */
	int (*start)(struct alert *alert, const struct target_conf *target,
		     const struct alert_message *message, alert_done done, void *context,
		     struct err *err);
};

/* Senders on one event loop. alert_free() ends what is under way within two seconds (done is called with an error). */
struct alert *alert_new(struct event_base *base, struct err *err);
void alert_free(struct alert *alert);
/* Looks the kind up and starts it. */
int alert_send(struct alert *alert, const struct target_conf *target,
	       const struct alert_message *message, alert_done done, void *context,
	       struct err *err);
bool alert_kind_exists(const char *name);

#endif
