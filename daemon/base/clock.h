#ifndef SOKUHO_BASE_CLOCK_H
#define SOKUHO_BASE_CLOCK_H

#include "base/err.h"
#include "base/str.h"

/*
 * Time is nanoseconds since 1970-01-01T00:00:00Z in an int64_t (years 1678 to 2261). Offsets
 * are minutes east of UTC. No room asks the machine for the time: it comes with the record.
 */
#define NS_PER_S INT64_C(1000000000)
#define TIME_NONE INT64_MIN
#define OFFSET_JST 540

struct civil {
	int year, month, day, hour, minute, second, ns;	/* month and day from 1 */
};

/* For intervals: never jumps. */
int64_t clock_monotonic(void);
/* The wall clock. For the edges only: main, the faces, alert and input. */
int64_t clock_now(void);

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
int64_t civil_to_days(int year, int month, int day);
/* 0 Sunday ... 6 Saturday. */
int civil_weekday(int year, int month, int day);
/* False when a part is out of range (29 February of a common year, hour 24); second 60 is taken. */
bool civil_to_time(const struct civil *civil, int offset_minutes, int64_t *out);
void time_to_civil(int64_t time, int offset_minutes, struct civil *out);

/*
 * RFC 3339 and its relatives at the head of text: `2026-06-01T02:03:04.567+09:00`, blank for T,
 * `Z`, `+0900`, comma for the point. *used counts the bytes read. Without an offset in the
 * text *has_offset is false and *time is as if UTC.
 */
bool time_parse_iso(struct slice text, int64_t *time, int *offset, bool *has_offset, size_t *used);
/*
 * The fraction of a second behind a point or comma at *at, and past it; 0 where there is none. Behind a comma digits that a letter
 * follows (`10:00:00,0011AABB`) are the next cell.
 */
int time_take_fraction(struct slice text, size_t *at);
/* A whole argument such as --as-of: RFC 3339 with offset, or a date or time in default_offset. */
int time_parse_argument(const char *text, int default_offset, int64_t *out, struct err *err);
/* RFC 3339 with the offset; fraction only where it is not zero (3, 6 or 9 digits). */
void time_format_rfc3339(int64_t time, int offset_minutes, char out[48]);
/* `90s`, `15m`, `24h`, `7d`, `1w`, `1M` (30 days), `1y` (365 days) to nanoseconds. */
bool duration_parse(struct slice text, int64_t *out);

/*
 * A time zone: `Asia/Tokyo`, `UTC`, any name of the system's zone database, or `+09:00`.
 * NULL with err set when unknown. Zones are kept for the life of the process.
 */
struct zone;
const struct zone *zone_find(const char *name, struct err *err);
const char *zone_name(const struct zone *zone);
/* Offset in minutes that holds at a UTC time, or at a local (wall) time. */
int zone_offset_at(const struct zone *zone, int64_t utc);
int zone_offset_at_local(const struct zone *zone, int64_t local);

#endif
