/*
 * The rhythm is learned as the longest pause of each of the last eight days, so that nights and weekends are in it: three
 * times the longest of them is silence. The first day is for learning only. Pauses in which we did not read count for
 * nothing.
 */
#include "pulse.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY (86400 * NS_PER_S)
#define DAYS 8
#define LEARNED_TIMES 3
#define LEARNED_LEAST (600 * NS_PER_S)
#define WINDOW 200		/* lines over which recognition is judged */
#define CLOCK_OFF (600 * NS_PER_S)
#define CLOCK_RUN 10		/* lines in a row */

struct beat {
	uint64_t lines, unrecognised, undated, cut, repairs, future;
	int64_t last_event, last_line, since;	/* since: when it was first looked at */
	int64_t pauses[DAYS], day;		/* the longest of each day; the day of pauses[0] */
	bool silent, undecoded, clock_off;
	unsigned window, recognised;		/* of the lines since the last judgement */
	int usual;				/* percent that is recognised; -1: not known yet */
	uint64_t stream;
	int64_t stream_max;
	unsigned off, on;			/* lines in a row whose clock is off, or good */
};

struct pulse {
	struct map *beats;
	pulse_warn warn;
	void *context;
};

/* What is saved, one row each. */
static const struct { const char *name; size_t at; } kept[] = {
	{ "last_event", offsetof(struct beat, last_event) }, { "last_line", offsetof(struct beat, last_line) },
	{ "since", offsetof(struct beat, since) },	     { "day", offsetof(struct beat, day) },
};
static const struct { const char *name; size_t at; } states[] = {
	{ "silent", offsetof(struct beat, silent) }, { "undecoded", offsetof(struct beat, undecoded) },
	{ "clock_off", offsetof(struct beat, clock_off) },
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct pulse *pulse_new(pulse_warn warn, void *context)
{
	struct pulse *p = mem_zalloc(sizeof(*p));

	p->beats = map_new();
	p->warn = warn;
	p->context = context;
	return p;
}

void pulse_free(struct pulse *p)
{
	if (!p)
		return;
	map_free(p->beats, free);
	free(p);
}

static struct beat *beat_of(struct pulse *p, const char *source, int64_t now)
{
	struct beat *b = map_get(p->beats, slice_of(source));

	if (!b) {
		b = mem_zalloc(sizeof(*b));
		b->usual = -1;
		b->since = b->last_line = now;
		b->last_event = TIME_NONE;
		b->day = now / DAY;
		map_put(p->beats, slice_of(source), b);
	}
	return b;
}

struct json_object *pulse_save(const struct pulse *p)
{
	struct json_object *all = json_object_new_object();
	size_t cursor = 0;
	struct slice name;
	void *value;

	while (map_next(p->beats, &cursor, &name, &value)) {
		struct json_object *o = json_object_new_object(), *pauses = json_object_new_array();
		char *key = slice_dup(name);
		const struct beat *b = value;

		for (size_t i = 0; i < COUNT(kept); i++)
			json_object_object_add(o, kept[i].name,
					       json_object_new_int64(*(const int64_t *)((const char *)b + kept[i].at)));
		for (size_t i = 0; i < COUNT(states); i++)
			json_object_object_add(o, states[i].name,
					       json_object_new_boolean(*(const bool *)((const char *)b + states[i].at)));
		for (size_t i = 0; i < DAYS; i++)
			json_object_array_add(pauses, json_object_new_int64(b->pauses[i]));
		json_object_object_add(o, "pauses", pauses);
		json_object_object_add(o, "usual", json_object_new_int(b->usual));
		json_object_object_add(all, key, o);
		free(key);
	}
	return all;
}

static int64_t number_of(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return json_object_get_int64(value);
}

void pulse_restore(struct pulse *p, struct json_object *saved, int64_t now)
{
	json_object_object_foreach(saved, source, o)
	{
		struct beat *b = beat_of(p, source, now);
		struct json_object *pauses = NULL;

		for (size_t i = 0; i < COUNT(kept); i++)
			*(int64_t *)((char *)b + kept[i].at) = number_of(o, kept[i].name);
		for (size_t i = 0; i < COUNT(states); i++)
			*(bool *)((char *)b + states[i].at) = number_of(o, states[i].name) != 0;
		json_object_object_get_ex(o, "pauses", &pauses);
		for (size_t i = 0; pauses && i < DAYS && i < json_object_array_length(pauses); i++)
			b->pauses[i] = json_object_get_int64(json_object_array_get_idx(pauses, i));
		b->usual = (int)number_of(o, "usual");
		if (!b->silent)
			b->last_line = now;	/* nobody listened meanwhile */
	}
}

static void tell(struct pulse *p, enum warning warning, const char *source, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void tell(struct pulse *p, enum warning warning, const char *source, const char *format, ...)
{
	char sentence[300];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	p->warn(p->context, warning, source, sentence);
}

static void days_turn(struct beat *b, int64_t now)
{
	for (int64_t today = now / DAY; b->day < today; b->day++) {
		if (today - b->day > DAYS)
			b->day = today - DAYS;
		memmove(b->pauses + 1, b->pauses, (DAYS - 1) * sizeof(b->pauses[0]));
		b->pauses[0] = 0;
	}
}

static void rhythm_line(struct pulse *p, struct beat *b, const char *source, int64_t now)
{
	int64_t pause = now - b->last_line;

	days_turn(b, now);
	if (b->silent) {
		b->silent = false;
		tell(p, WARNING_HEARD, source, "lines come again, after %lld s", (long long)(pause / NS_PER_S));
	} else if (pause > b->pauses[0]) {
		b->pauses[0] = pause;
	}
	b->last_line = now;
}

/* Judged over a window of lines, against what was usual before. */
static void recognition_line(struct pulse *p, struct beat *b, const char *source, bool recognised)
{
	int percent;

	b->recognised += recognised;
	if (++b->window < WINDOW)
		return;
	percent = (int)(b->recognised * 100 / b->window);
	b->window = b->recognised = 0;
	if (!b->undecoded && b->usual >= 50 && percent * 5 < b->usual) {
		b->undecoded = true;
		tell(p, WARNING_UNDECODED, source, "%d of the last %d lines were recognised, usually %d in a hundred",
		     percent * WINDOW / 100, WINDOW, b->usual);
	} else if (b->undecoded && percent * 5 >= b->usual * 4) {
		b->undecoded = false;
		tell(p, WARNING_DECODED, source, "lines are recognised again");
	} else if (!b->undecoded) {
		b->usual = b->usual < 0 ? percent : (b->usual * 7 + percent) / 8;
	}
}

/* A clock is off when its lines come from the future, or go back within one stream, several in a row. */
static void clock_line(struct pulse *p, struct beat *b, const char *source, const struct record *r, int64_t now)
{
	bool off = r->time - now > CLOCK_OFF;

	b->future += off;
	if (r->stream != b->stream) {
		b->stream = r->stream;
		b->stream_max = r->time;
		b->off = b->on = 0;
	}
	off = off || b->stream_max - r->time > CLOCK_OFF;
	if (r->time > b->stream_max && r->time - now <= CLOCK_OFF)
		b->stream_max = r->time;
	b->off = off ? b->off + 1 : 0;
	b->on = off ? 0 : b->on + 1;
	if (!b->clock_off && b->off >= CLOCK_RUN) {
		b->clock_off = true;
		tell(p, WARNING_CLOCK, source, "%d lines in a row are %lld s %s", CLOCK_RUN,
		     (long long)((r->time > now ? r->time - now : b->stream_max - r->time) / NS_PER_S),
		     r->time > now ? "in the future" : "earlier than lines before them");
		b->stream_max = r->time > now ? b->stream_max : r->time;	/* where the clock stands now */
	} else if (b->clock_off && b->on >= CLOCK_RUN) {
		b->clock_off = false;
		tell(p, WARNING_CLOCK_GOOD, source, "times make sense again");
	}
}

void pulse_line(struct pulse *p, const char *source, const struct record *r, uint32_t lines, uint64_t repairs, int64_t now)
{
	struct beat *b = beat_of(p, source, now);

	b->lines += lines;
	b->unrecognised += r->format ? 0 : lines;
	b->undated += r->undated;
	b->cut += (r->marks & RECORD_CUT) != 0;
	b->repairs += repairs;
	if (!r->undated && r->time != TIME_NONE && r->time > b->last_event && r->time - now <= CLOCK_OFF)
		b->last_event = r->time;
	rhythm_line(p, b, source, now);
	recognition_line(p, b, source, r->format != NULL);
	if (!r->undated && r->time != TIME_NONE)
		clock_line(p, b, source, r, now);
}

/* How long a pause is silence; 0: it is not known, or nobody wants to. */
static int64_t silent_after(const struct beat *b, const struct source_conf *source, int64_t now)
{
	int64_t longest = 0, set;

	if (source->silent_after && duration_parse(slice_of(source->silent_after), &set))
		return set;
	if ((source->silent_after && strcmp(source->silent_after, "off") == 0) || now - b->since < DAY || !b->last_event)
		return 0;
	for (size_t i = 0; i < DAYS; i++)
		longest = b->pauses[i] > longest ? b->pauses[i] : longest;
	if (!longest)
		return 0;
	longest *= LEARNED_TIMES;
	return longest > LEARNED_LEAST ? longest : LEARNED_LEAST;
}

void pulse_look(struct pulse *p, const struct config *config, int64_t now)
{
	for (size_t i = 0; i < config->n_sources; i++) {
		const struct source_conf *source = &config->sources[i];
		struct beat *b = beat_of(p, source->name, now);
		int64_t after = silent_after(b, source, now);

		if (b->last_line > now)
			b->last_line = now;	/* our own clock was set back */
		if (b->silent || !after || now - b->last_line < after)
			continue;
		b->silent = true;
		tell(p, WARNING_SILENT, source->name, "no line for %lld s",
		     (long long)((now - b->last_line) / NS_PER_S));
	}
}

void pulse_status(const struct pulse *p, const struct source_conf *source, struct json_object *out)
{
	static const struct beat none = { .last_event = TIME_NONE, .usual = -1 };
	const struct beat *found = map_get(p->beats, slice_of(source->name)), *b = found ? found : &none;
	int64_t after = found ? silent_after(b, source, b->last_line) : 0;
	const struct { const char *name; uint64_t n; } counts[] = {
		{ "lines", b->lines },	   { "recognised", b->lines - b->unrecognised }, { "unrecognised", b->unrecognised },
		{ "undated", b->undated }, { "cut", b->cut }, { "repairs", b->repairs },
		{ "future", b->future },
	};

	for (size_t i = 0; i < COUNT(counts); i++)
		json_object_object_add(out, counts[i].name, json_object_new_int64((int64_t)counts[i].n));
	json_object_object_add(out, "last_event", json_time(b->last_event, OFFSET_JST));
	json_object_object_add(out, "last_line", json_time(b->lines ? b->last_line : TIME_NONE, OFFSET_JST));
	json_object_object_add(out, "silent_after", json_object_new_int64(after / NS_PER_S));
	json_object_object_add(out, "silent_since", json_time(b->silent ? b->last_line : TIME_NONE, OFFSET_JST));
	for (size_t i = 0; i < COUNT(states); i++)
		json_object_object_add(out, states[i].name, json_object_new_boolean(*(const bool *)((const char *)b + states[i].at)));
}
