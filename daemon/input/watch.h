#ifndef SOKUHO_INPUT_WATCH_H
#define SOKUHO_INPUT_WATCH_H

#include "base/str.h"

#include <event2/event.h>

/*
 * inotify on directories. changed is called with the path of the file that changed, or with an empty path when
 * anything may have changed (a queue overflow, a directory that moved). names: more than its content changed.
 */
struct watch;
struct watch *watch_new(struct event_base *base, void (*changed)(void *context, struct slice path, bool names),
			void *context);
void watch_free(struct watch *watch);
/* Adds a directory; adding it again is nothing. False when no notification can be relied on there. */
bool watch_directory(struct watch *watch, const char *directory);

#endif
