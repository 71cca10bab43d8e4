#ifndef SOKUHO_SERVICE_H
#define SOKUHO_SERVICE_H

#include "pipeline.h"

/*
 * The daemon at work: sources into the pipeline, findings into the store, the outbox to the officers. All on one
 * loop; the only waiting is the commit at the end of a turn.
 */
struct service;

struct event_base;
/* Opens the state (ERR_BUSY when another daemon has it), restores positions and incidents, begins to read. */
int service_new(struct event_base *base, const char *config_path, struct content *content_take,
		struct service **out, struct err *err);
/* Writes a last checkpoint. */
void service_free(struct service *service);
/* All or nothing: the running set stays when the new one is bad. */
int service_reload(struct service *service, struct err *err);
/* One line for systemd's STATUS=. */
void service_status_line(const struct service *service, struct text *out);

#endif
