#ifndef SOKUHO_INPUT_WATCH_H
#define SOKUHO_INPUT_WATCH_H

#include "base/str.h"

#include <event2/event.h>

/*
 * inotify on directories. changed is called with the path of the file that changed, or with an empty path when
 * anything may have changed (a queue overflow, a directory that moved).
 */
struct watch;
struct watch *watch_new(struct event_base *base, void (*changed)(void *context, struct slice path),
			void *context);
void watch_free(struct watch *watch);
/* Adds a directory; adding it again is nothing. False when it cannot be watched (the poll sees to it). */
bool watch_directory(struct watch *watch, const char *directory);

#endif
