#ifndef SOKUHO_WARNING_H
#define SOKUHO_WARNING_H

#include "alert/alert.h"
#include "base/clock.h"
#include "store/store.h"

#include <json-c/json_object.h>

/*
 * What must be told about the reading itself, not about an incident: records were lost, a source is silent. It goes the
 * way of alerts, through the outbox. The words that leave the host name the source and nothing of the log; the
 * sentence with paths and figures is for programs of the site (exec), the log and `sokuhoctl status`.
 */
enum warning {
	WARNING_GAP,			/* records were destroyed before they could be read */
	WARNING_SILENT, WARNING_HEARD,	/* a source is silent; it is there again */
	WARNING_UNDECODED, WARNING_DECODED,	/* what a source writes is not recognised any more */
	WARNING_CLOCK, WARNING_CLOCK_GOOD,	/* its clock jumped */
	WARNING_STALLED,		/* the database could not be written for a while */
	N_WARNINGS
};
const char *warning_word(enum warning warning);

/* The text of one row of the outbox; the caller puts it. */
struct json_object *warning_to_json(enum warning warning, const char *source, const char *sentence,
				    int64_t time);
bool warning_is(struct json_object *row);
/* One message for all of these rows, which the caller still owns. */
void warning_message(struct json_object **rows, size_t n, struct alert_message *message);

#endif
