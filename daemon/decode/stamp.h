#ifndef SOKUHO_DECODE_STAMP_H
#define SOKUHO_DECODE_STAMP_H

#include "base/clock.h"

/* A time as a line writes it, before zone and year are known. */
struct stamp {
	int64_t time;			/* UTC if has_offset, else the wall time as if UTC; for yearless ones as packed */
	int offset;			/* minutes */
	bool has_offset;
	bool yearless;
	size_t used;			/* bytes read */
};

/*
 * A time at the head of text: RFC 3339 and relatives, `Jun  1 10:00:00`, `Jun  1 2026 10:00:00`,
 * `Mon Jun  1 10:00:00.123456 2026`, `01/Jun/2026:10:00:00 +0900`, `06/01/26-10:00:00.1` (Snort, with or
 * without the year), `06/18/2026 6:00:00 PM` (the month first unless it can be none), `18.06.2026 10:00:00`,
 * `2026:06:18-10:00:00`, `20260618 100000`, seconds or milliseconds since 1970 (9 to 13 digits); brackets and quotes around are
 * read over.
 */
bool stamp_parse(struct slice text, struct stamp *out);

/* A stamp in few bytes, so that every line of a block can keep its own until the years are known. */
enum { STAMP_THERE = 1 << 0, STAMP_OFFSET = 1 << 1, STAMP_YEARLESS = 1 << 2 };
struct stamp_packed {
	int64_t time;			/* yearless: the wall time as if of the year 2000, which has a 29 February */
	int16_t offset;
	uint8_t flags;
};
/* A yearless date that no year has gives no stamp. */
struct stamp_packed stamp_pack(const struct stamp *stamp);

/* What a stream remembers of its own times. */
struct stream_time {
	const struct zone *zone;	/* of the source */
	int64_t as_of;			/* latest possible time of a yearless line */
	int64_t last;			/* TIME_NONE before the first */
	int last_offset;
	int year;			/* of the last yearless line, 0 before the first */
	int64_t day, day_local;		/* the last yearless day, as packed, and as a wall time; 0: none */
};

/*
 * A stamp becomes a time: offset in the line, else the source's zone. A yearless one gets the latest year that is
 * not after as_of; a step back of more than 180 days begins a new year.
 */
bool stamp_resolve(struct stream_time *state, const struct stamp_packed *stamp, int64_t *time,
		   int *offset);

#endif
