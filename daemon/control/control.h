#ifndef SOKUHO_CONTROL_CONTROL_H
#define SOKUHO_CONTROL_CONTROL_H

#include "pipeline.h"
#include "store/store.h"

#include <json-c/json_object.h>

struct event_base;

/*
 * What officers do, as requests: one JSON object a line over the daemon's UNIX socket. When the state
 * lock is free sokuhoctl opens the store and runs the same code itself: there is one writer. The actor is the peer's
 * uid. A request is {"command": "incident.list", ...}; the answer {"ok": true, ...} or {"ok": false, "error":
 * sentence, "kind": "usage|missing|stale|..."}.
 */
struct control {
	struct content *content;
	struct store *store;
	struct gather *gather;		/* the live incidents; NULL when no daemon runs */
	int64_t (*now)(void);
	/* Only in the daemon; NULL elsewhere. Each returns 0 or an error. */
	int (*reload)(void *context, struct err *err);
	int (*alert_test)(void *context, struct err *err);
	/* An incident that a person entered goes the way of every alert. told: 1 << enum alert_reason. */
	int (*tell)(void *context, const struct incident *incident, unsigned told, struct err *err);
	/* What is in memory is not what is stored: it is thrown away and read again. */
	void (*lost)(void *context, const struct err *err);
	struct json_object *(*status)(void *context);
	void *context;
};

/* Never NULL; the caller puts it. */
struct json_object *control_handle(struct control *control, long uid, struct json_object *request);
/* Parses a line, handles it; for the socket and for fuzzing. */
struct json_object *control_handle_line(struct control *control, long uid, struct slice line);

/* The daemon's end. */
struct control_server;
int control_server_new(struct event_base *base, const char *path, struct control *control,
		       struct control_server **out, struct err *err);
void control_server_free(struct control_server *server);

/* sokuhoctl's end: ERR_MISSING when nobody listens. */
int control_call(const char *path, struct json_object *request, struct json_object **answer,
		 struct err *err);

#endif
