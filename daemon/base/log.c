/* Log lines of our own: level, room, sentence. Control bytes are escaped here, once. */
#include "base/log.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_PER_MINUTE 20

static enum log_level log_level = LOG_LEVEL_INFO;

static struct {
	const char *room;
	int64_t minute;
	unsigned count, dropped;
} limits[32];

void log_set_level(enum log_level level)
{
	log_level = level;
}

/* Warnings and errors repeat when a disk is full; the reader needs the first ones. */
static bool log_allowed(const char *room)
{
	int64_t minute = clock_now() / (60 * NS_PER_S);

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (limits[i].room && strcmp(limits[i].room, room) != 0)
			continue;
		if (!limits[i].room || limits[i].minute != minute) {
			if (limits[i].dropped)
				fprintf(stderr, "%s: %u more messages in the minute before\n",
					room, limits[i].dropped);
			limits[i].room = room;
			limits[i].minute = minute;
			limits[i].count = limits[i].dropped = 0;
		}
		if (limits[i].count++ < LOG_PER_MINUTE)
			return true;
		limits[i].dropped++;
		return false;
	}
	return true;
}

void log_write(enum log_level level, const char *room, const char *format, ...)
{
	static const int priority[] = { 3, 4, 6, 7 };
	static const char *const names[] = { "error", "warning", "info", "debug" };
	char line[2048];
	struct text safe = { 0 };
	va_list args;

	if (level > log_level || (level <= LOG_LEVEL_WARN && !log_allowed(room)))
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	escape_terminal(slice_of(line), &safe);
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>%s: %s\n", priority[level], room, safe.at ? safe.at : "");
	else
		fprintf(stderr, "%s: %s: %s\n", names[level], room, safe.at ? safe.at : "");
	text_clear(&safe);
}
