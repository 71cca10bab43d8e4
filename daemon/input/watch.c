/* A thin layer over inotify: watch numbers to directories, events to paths. */
#include "input/watch.h"

#include "base/map.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#define KINDS                                                                                  \
	(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE |       \
	 IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

#define TOGETHER_US 10000	/* changes that come within so long wake us once */

struct watch {
	int fd;
	struct event *event, *again;
	struct map *by_number;		/* number as text, to the directory */
	struct map *by_directory;
	void (*changed)(void *context, struct slice path, bool names);
	void *context;
};

static void number_key(int number, char out[16])
{
	snprintf(out, 16, "%d", number);
}

static void one_event(struct watch *w, const struct inotify_event *e)
{
	struct text path = { 0 };
	const char *directory;
	char key[16];

	number_key(e->wd, key);
	directory = map_get(w->by_number, slice_of(key));
	if (e->mask & IN_IGNORED && directory) {
		map_remove(w->by_directory, slice_of(directory));
		free(map_remove(w->by_number, slice_of(key)));
		directory = NULL;
	}
	if (e->mask & IN_Q_OVERFLOW || !directory || !e->len) {
		w->changed(w->context, SLICE(""), true);
		return;
	}
	text_addf(&path, "%s/%s", directory, e->name);
	w->changed(w->context, text_slice(&path), (e->mask & ~(uint32_t)(IN_MODIFY | IN_CLOSE_WRITE)) != 0);
	text_clear(&path);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	_Alignas(struct inotify_event) char buffer[65536];
	static const struct timeval together = { 0, TOGETHER_US };
	struct watch *w = context;
	ssize_t n;

	(void)what;
	/* the first change is seen at once, those that follow together */
	evtimer_add(w->again, &together);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		for (char *at = buffer; at < buffer + n;) {
			const struct inotify_event *e = (const struct inotify_event *)at;

			one_event(w, e);
			at += sizeof(*e) + e->len;
		}
}

static void on_again(evutil_socket_t fd, short what, void *context)
{
	struct watch *w = context;

	(void)fd;
	(void)what;
	event_add(w->event, NULL);
}

struct watch *watch_new(struct event_base *base, void (*changed)(void *context, struct slice path, bool names),
			void *context)
{
	struct watch *w = mem_zalloc(sizeof(*w));

	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->by_number = map_new();
	w->by_directory = map_new();
	w->changed = changed;
	w->context = context;
	if (w->fd >= 0) {
		w->event = event_new(base, w->fd, EV_READ, on_readable, w);
		w->again = evtimer_new(base, on_again, w);
		event_add(w->event, NULL);
	}
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	if (w->event) {
		event_free(w->event);
		event_free(w->again);
	}
	if (w->fd >= 0)
		close(w->fd);
	map_free(w->by_number, free);
	map_free(w->by_directory, NULL);
	free(w);
}

/* Other hosts write there without a word to this one. */
static bool directory_is_remote(const char *directory)
{
	static const unsigned remote[] = { 0x6969 /* nfs */, 0x517b /* smb */, 0xff534d42 /* cifs */,
					   0xfe534d42 /* smb2 */, 0x65735546 /* fuse */, 0x01021997 /* 9p */,
					   0x5346414f /* afs */, 0x00c36400 /* ceph */ };
	struct statfs fs;

	if (statfs(directory, &fs) < 0)
		return true;
	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		if ((unsigned)fs.f_type == remote[i])
			return true;
	return false;
}

bool watch_directory(struct watch *w, const char *directory)
{
	char key[16];
	int number;

	if (map_get(w->by_directory, slice_of(directory)))
		return true;
	number = w->fd >= 0 ? inotify_add_watch(w->fd, directory, KINDS | IN_ONLYDIR) : -1;
	if (number < 0)
		return false;
	number_key(number, key);
	free(map_put(w->by_number, slice_of(key), mem_strdup(directory)));
	if (directory_is_remote(directory))
		return false;
	map_put(w->by_directory, slice_of(directory), w);
	return true;
}
