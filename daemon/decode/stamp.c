/* Times as logs write them. One reader for each shape, tried in order. */
#include "decode/stamp.h"

#include <ctype.h>
#include <string.h>

#define DAY_NS (86400 * NS_PER_S)
#define NEW_YEAR_STEP (180 * DAY_NS)
#define DAY_NEAR (30 * DAY_NS)

struct reader {
	struct slice text;
	size_t at;
	struct civil *civil;		/* what is read, where it is no time yet */
};

static inline bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static inline int two_digits(const char *at)
{
	return (at[0] - '0') * 10 + at[1] - '0';
}

/* One of at most two bytes. */
static bool take_char(struct reader *r, const char *set)
{
	char c = r->at < r->text.len ? r->text.at[r->at] : '\0';

	if (!c || (c != set[0] && (!set[0] || c != set[1])))
		return false;
	r->at++;
	return true;
}

static void take_blanks(struct reader *r)
{
	while (take_char(r, " "))
		;
}

/* Between min and max digits. */
static bool take_number(struct reader *r, size_t min, size_t max, int *out)
{
	size_t n = 0;
	int value = 0;

	while (n < max && r->at + n < r->text.len &&
	       is_digit(r->text.at[r->at + n])) {
		value = value * 10 + r->text.at[r->at + n] - '0';
		n++;
	}
	if (n < min)
		return false;
	r->at += n;
	*out = value;
	return true;
}

#define WORD3(a, b, c) ((unsigned)(a) << 16 | (unsigned)(b) << 8 | (unsigned)(c))

/* The next three letters in lower case, as one number to compare; 0 when there are not so many. */
static unsigned peek_word3(const struct reader *r)
{
	const unsigned char *at = (const unsigned char *)r->text.at + r->at;

	return r->at + 3 <= r->text.len ? WORD3(at[0] | 0x20, at[1] | 0x20, at[2] | 0x20) : 0;
}

static bool take_month(struct reader *r, int *month)
{
	static const unsigned words[] = {
		WORD3('j', 'a', 'n'), WORD3('f', 'e', 'b'), WORD3('m', 'a', 'r'), WORD3('a', 'p', 'r'),
		WORD3('m', 'a', 'y'), WORD3('j', 'u', 'n'), WORD3('j', 'u', 'l'), WORD3('a', 'u', 'g'),
		WORD3('s', 'e', 'p'), WORD3('o', 'c', 't'), WORD3('n', 'o', 'v'), WORD3('d', 'e', 'c'),
	};
	unsigned word = peek_word3(r);

	for (int m = 0; m < 12; m++)
		if (word == words[m]) {
			r->at += 3;
			*month = m + 1;
			return true;
		}
	return false;
}

static bool take_weekday(struct reader *r)
{
	static const unsigned words[] = {
		WORD3('s', 'u', 'n'), WORD3('m', 'o', 'n'), WORD3('t', 'u', 'e'), WORD3('w', 'e', 'd'),
		WORD3('t', 'h', 'u'), WORD3('f', 'r', 'i'), WORD3('s', 'a', 't'),
	};
	unsigned word = peek_word3(r);

	for (int d = 0; d < 7; d++)
		if (word == words[d]) {
			r->at += 3;
			take_char(r, ",");
			return take_char(r, " ");
		}
	return false;
}

static bool take_clock(struct reader *r, struct civil *c)
{
	const char *at = r->text.at + r->at;

	if (r->at + 8 > r->text.len || !is_digit(at[0]) || !is_digit(at[1]) || at[2] != ':' ||
	    !is_digit(at[3]) || !is_digit(at[4]) || at[5] != ':' || !is_digit(at[6]) || !is_digit(at[7]))
		return false;
	c->hour = two_digits(at);
	c->minute = two_digits(at + 3);
	c->second = two_digits(at + 6);
	r->at += 8;
	c->ns = time_take_fraction(r->text, &r->at);
	return true;
}

static void take_offset(struct reader *r, struct stamp *s)
{
	struct reader ahead = *r;
	int hours, minutes, sign;
	char next;

	take_blanks(&ahead);
	next = ahead.at < ahead.text.len ? ahead.text.at[ahead.at] : '\0';
	if (next != '+' && next != '-' && next != 'G' && next != 'U')
		return;
	if (slice_starts(slice_cut(ahead.text, ahead.at, ahead.text.len), SLICE("GMT")) ||
	    slice_starts(slice_cut(ahead.text, ahead.at, ahead.text.len), SLICE("UTC"))) {
		ahead.at += 3;
		s->has_offset = true;
		*r = ahead;
	}
	if (ahead.at >= ahead.text.len || !strchr("+-", ahead.text.at[ahead.at]))
		return;
	sign = ahead.text.at[ahead.at++] == '-' ? -1 : 1;
	if (!take_number(&ahead, 2, 2, &hours))
		return;
	take_char(&ahead, ":");
	if (!take_number(&ahead, 2, 2, &minutes) || hours > 15 || minutes > 59)
		return;
	s->has_offset = true;
	s->offset = sign * (hours * 60 + minutes);
	*r = ahead;
}

/* `Jun  1 10:00:00`, `Jun  1 2026 10:00:00`, `Mon Jun  1 10:00:00 2026` */
static bool read_month_first(struct reader *r, struct stamp *s)
{
	struct civil *c = r->civil;
	struct reader ahead;

	take_weekday(r);
	if (!take_month(r, &c->month) || !take_char(r, " "))
		return false;
	take_blanks(r);
	if (!take_number(r, 1, 2, &c->day) || !take_char(r, " "))
		return false;
	take_blanks(r);
	s->yearless = true;
	ahead = *r;
	if (take_number(&ahead, 4, 4, &c->year) && take_char(&ahead, " ")) {
		*r = ahead;
		s->yearless = false;
	}
	if (!take_clock(r, c))
		return false;
	take_offset(r, s);
	ahead = *r;
	if (s->yearless && take_char(&ahead, " ") && take_number(&ahead, 4, 4, &c->year) &&
	    c->year > 1970 && c->year < 2200 &&
	    (ahead.at == ahead.text.len || strchr(" ]-:,", ahead.text.at[ahead.at]))) {
		*r = ahead;
		s->yearless = false;
	}
	return true;
}

/* `01/Jun/2026:10:00:00 +0900`, `19/Sep/2017 17:45:15` */
static bool read_access(struct reader *r, struct stamp *s)
{
	struct civil *c = r->civil;

	if (!take_number(r, 1, 2, &c->day) || !take_char(r, "/-") || !take_month(r, &c->month) ||
	    !take_char(r, "/-") || !take_number(r, 4, 4, &c->year) || !take_char(r, ": ") ||
	    !take_clock(r, c))
		return false;
	take_offset(r, s);
	return true;
}

/* `06/01-10:00:00.123`, `06/01/26-10:00:00.123` */
static bool read_snort(struct reader *r, struct stamp *s)
{
	struct civil *c = r->civil;

	if (!take_number(r, 2, 2, &c->month) || !take_char(r, "/") ||
	    !take_number(r, 2, 2, &c->day))
		return false;
	s->yearless = true;
	if (take_char(r, "/")) {
		if (take_number(r, 4, 4, &c->year))
			;
		else if (take_number(r, 2, 2, &c->year))
			c->year += 2000;
		else
			return false;
		s->yearless = false;
	}
	return take_char(r, "-") && take_clock(r, c);
}

/* `2026 Jun 01 10:00:00` */
static bool read_year_first(struct reader *r, struct stamp *s)
{
	struct civil *c = r->civil;

	(void)s;
	return take_number(r, 4, 4, &c->year) && take_char(r, " ") && take_month(r, &c->month) &&
	       take_char(r, " ") && take_number(r, 1, 2, &c->day) && take_char(r, " ") &&
	       take_clock(r, c);
}

/* `6:02:03 PM`, or with 24 hours */
static bool take_clock_of_halves(struct reader *r, struct civil *c)
{
	unsigned word;

	if (!take_number(r, 1, 2, &c->hour) || !take_char(r, ":") || !take_number(r, 2, 2, &c->minute) || !take_char(r, ":") ||
	    !take_number(r, 2, 2, &c->second))
		return false;
	c->ns = time_take_fraction(r->text, &r->at);
	word = peek_word3(r);
	if ((word != WORD3(' ', 'a', 'm') && word != WORD3(' ', 'p', 'm')) ||
	    (r->at + 3 < r->text.len && isalnum((unsigned char)r->text.at[r->at + 3])))
		return true;
	r->at += 3;
	c->hour = c->hour % 12 + (word == WORD3(' ', 'p', 'm') ? 12 : 0);
	return true;
}

/* `06/18/2026:10:00:00 GMT`, `6/18/2026 6:00:00 PM`: the month first, unless it can be none */
static bool read_slashes(struct reader *r, struct stamp *s)
{
	struct civil *c = r->civil;
	int day;

	if (!take_number(r, 1, 2, &c->month) || !take_char(r, "/") || !take_number(r, 1, 2, &c->day) || !take_char(r, "/") ||
	    !take_number(r, 4, 4, &c->year) || !take_char(r, ": ") || !take_clock_of_halves(r, c))
		return false;
	if (c->month > 12) {
		day = c->month;
		c->month = c->day;
		c->day = day;
	}
	take_offset(r, s);
	return true;
}

/* `18.06.2026 10:00:00` */
static bool read_dots(struct reader *r, struct stamp *s)
{
	struct civil *c = r->civil;

	(void)s;
	return take_number(r, 1, 2, &c->day) && take_char(r, ".") && take_number(r, 1, 2, &c->month) && take_char(r, ".") &&
	       take_number(r, 4, 4, &c->year) && take_char(r, " ") && take_clock(r, c);
}

/* `2026:06:18-10:00:00` */
static bool read_colons(struct reader *r, struct stamp *s)
{
	struct civil *c = r->civil;

	(void)s;
	return take_number(r, 4, 4, &c->year) && take_char(r, ":") && take_number(r, 2, 2, &c->month) && take_char(r, ":") &&
	       take_number(r, 2, 2, &c->day) && take_char(r, "-") && take_clock(r, c);
}

/* `20260618 100000`, `20260618T100000` */
static bool read_compact(struct reader *r, struct stamp *s)
{
	struct civil *c = r->civil;

	if (!take_number(r, 4, 4, &c->year) || !take_number(r, 2, 2, &c->month) || !take_number(r, 2, 2, &c->day) ||
	    !take_char(r, " T") || !take_number(r, 2, 2, &c->hour) || !take_number(r, 2, 2, &c->minute) ||
	    !take_number(r, 2, 2, &c->second) || c->year < 1970 || c->year >= 2200)
		return false;
	c->ns = time_take_fraction(r->text, &r->at);
	s->has_offset = take_char(r, "Z");
	take_offset(r, s);
	return r->at == r->text.len || !isalnum((unsigned char)r->text.at[r->at]);
}

/* `date=2026-06-01 time=10:00:00`, with or without quotes, as firewalls write it */
static bool read_key_value(struct reader *r, struct stamp *s)
{
	struct slice head = slice_cut(r->text, r->at, r->at + 64);
	struct civil *c = r->civil;
	size_t date, time;

	(void)s;
	if (slice_find_byte(slice_cut(head, 0, 24 + 5), '=', 0) >= 24 + 5 || head.len < 24 ||
	    (date = slice_find(head, SLICE("date="), 0)) > 24 ||
	    (time = slice_find(head, SLICE("time="), date)) >= head.len)
		return false;
	r->at += date + 5;
	take_char(r, "\"");
	if (!take_number(r, 4, 4, &c->year) || !take_char(r, "-") || !take_number(r, 2, 2, &c->month) ||
	    !take_char(r, "-") || !take_number(r, 2, 2, &c->day))
		return false;
	r->at = (size_t)(head.at - r->text.at) + time + 5;
	take_char(r, "\"");
	return take_clock(r, c);
}

/* Seconds with a fraction, or milliseconds. */
static bool read_epoch(struct reader *r, struct stamp *s)
{
	size_t digits = 0;
	int64_t value = 0;
	int ns = 0;

	while (r->at + digits < r->text.len &&
	       is_digit(r->text.at[r->at + digits]) && digits < 14)
		value = value * 10 + r->text.at[r->at + digits++] - '0';
	if (digits != 9 && digits != 10 && digits != 13)
		return false;
	r->at += digits;
	if (digits < 13)
		ns = time_take_fraction(r->text, &r->at);
	if (r->at < r->text.len && (isalnum((unsigned char)r->text.at[r->at])))
		return false;
	s->time = digits == 13 ? value * 1000000 : value * NS_PER_S + ns;
	s->has_offset = true;
	return true;
}

static bool read_iso(struct reader *r, struct stamp *s)
{
	size_t used;

	if (!time_parse_iso(slice_cut(r->text, r->at, r->text.len), &s->time, &s->offset,
			    &s->has_offset, &used))
		return false;
	r->at += used;
	if (!s->has_offset) {			/* `2026-06-01 10:00:00 +0900` */
		take_offset(r, s);
		s->time -= (int64_t)s->offset * 60 * NS_PER_S;
	}
	return true;
}

/* Which readers a text that begins with so many digits and then this byte is worth. */
enum {
	ISO = 1 << 0, MONTH = 1 << 1, ACCESS = 1 << 2, SNORT = 1 << 3, YEAR = 1 << 4, EPOCH = 1 << 5, KEYS = 1 << 6,
	SLASHES = 1 << 7, DOTS = 1 << 8, COLONS = 1 << 9, COMPACT = 1 << 10,
};

static unsigned shapes_of(size_t digits, char next)
{
	switch (digits) {
	case 0: return MONTH | KEYS;
	case 1:
	case 2: return next == '/' ? ACCESS | SNORT | SLASHES : next == '-' ? ACCESS | SNORT : next == '.' ? DOTS : KEYS;
	case 4: return next == ' ' ? YEAR | KEYS : next == '-' || next == '/' ? ISO : next == ':' ? COLONS : KEYS;
	case 8: return COMPACT | KEYS;
	case 9:
	case 10:
	case 13: return EPOCH | KEYS;
	default: return KEYS;
	}
}

/*
 * Many lines have the very time of the line before. Two shapes are remembered by each thread, where the bytes behind
 * show that the time ends there whatever follows: `Jun  1 10:00:00 name`, `[01/Jun/2026:10:00:00 +0900]`.
 */
#define MONTH_BYTES 15
#define ACCESS_BYTES 28

struct remembered {
	char text[ACCESS_BYTES];
	struct stamp stamp;
};
static _Thread_local struct remembered last_month, last_access;

static struct remembered *remembered_of(struct slice text, size_t *len)
{
	unsigned char next;

	if (text.len > ACCESS_BYTES && text.at[0] == '[' && text.at[ACCESS_BYTES - 1] == ']') {
		*len = ACCESS_BYTES;
		return &last_access;
	}
	if (text.len < MONTH_BYTES + 2 || text.at[MONTH_BYTES] != ' ')
		return NULL;
	next = (unsigned char)text.at[MONTH_BYTES + 1] | 0x20;
	*len = MONTH_BYTES;
	return next >= 'a' && next <= 'z' && next != 'g' && next != 'u' ? &last_month : NULL;
}

#define PACKED_YEAR 2000

/* False: there is no such date. Of a yearless one another reader has nothing better to say. */
static bool civil_settle(struct civil *c, struct stamp *s)
{
	if (!s->yearless)
		return civil_to_time(c, s->offset, &s->time);
	c->year = PACKED_YEAR;
	if (!civil_to_time(c, 0, &s->time))
		s->time = TIME_NONE;
	return true;
}

static bool stamp_read(struct slice text, struct stamp *out)
{
	static const struct {
		unsigned shape;
		bool (*read)(struct reader *, struct stamp *);
		bool civil;
	} readers[] = {
		{ ISO, read_iso, false },    { MONTH, read_month_first, true }, { ACCESS, read_access, true },
		{ SNORT, read_snort, true }, { YEAR, read_year_first, true },	 { KEYS, read_key_value, true },
		{ EPOCH, read_epoch, false }, { SLASHES, read_slashes, true }, { DOTS, read_dots, true },
		{ COLONS, read_colons, true }, { COMPACT, read_compact, true },
	};
	bool bracket = text.len && (text.at[0] == '[' || text.at[0] == '"');
	size_t digits = 0;
	unsigned shapes;

	while (bracket + digits < text.len && digits < 14 && is_digit(text.at[bracket + digits]))
		digits++;
	shapes = shapes_of(digits, bracket + digits < text.len ? text.at[bracket + digits] : '\0');
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		struct civil civil = { 0 };
		struct reader r = { text, bracket, &civil };
		struct stamp s = { 0 };

		if (!(shapes & readers[i].shape) || !readers[i].read(&r, &s))
			continue;
		if (readers[i].civil && !civil_settle(&civil, &s))
			continue;
		if (bracket)
			take_char(&r, "]\"");
		s.used = r.at;
		*out = s;
		return true;
	}
	return false;
}

bool stamp_parse(struct slice text, struct stamp *out)
{
	size_t len;
	struct remembered *last = remembered_of(text, &len);

	if (last && last->stamp.used == len && memcmp(last->text, text.at, len) == 0) {
		*out = last->stamp;
		return true;
	}
	if (!stamp_read(text, out))
		return false;
	if (last && out->used == len) {
		memcpy(last->text, text.at, len);
		last->stamp = *out;
	}
	return true;
}

struct stamp_packed stamp_pack(const struct stamp *s)
{
	struct stamp_packed packed = { s->time, (int16_t)s->offset, STAMP_THERE };

	if (s->has_offset)
		packed.flags |= STAMP_OFFSET;
	if (s->yearless)
		packed.flags |= STAMP_YEARLESS;
	if (s->time == TIME_NONE)
		packed.flags = 0;
	return packed;
}

/* The year that a yearless date has: see the header. */
static bool year_resolve(struct stream_time *state, const struct stamp_packed *s, int64_t *local)
{
	int zone = zone_offset_at(state->zone, state->as_of);
	int64_t limit = state->as_of + (int64_t)zone * 60 * NS_PER_S, last;
	struct civil c, now;
	bool have_last = state->year != 0;

	time_to_civil(s->time, 0, &c);
	time_to_civil(limit, 0, &now);
	if (have_last) {
		last = state->last + (int64_t)state->last_offset * 60 * NS_PER_S;
		c.year = state->year;
		if (civil_to_time(&c, 0, local) && *local < last - NEW_YEAR_STEP)
			c.year++;
		else if (civil_to_time(&c, 0, local) && *local > last + NEW_YEAR_STEP)
			c.year--;	/* a line of last year that came late */
		if (civil_to_time(&c, 0, local) && *local <= limit)
			return true;
	}
	for (c.year = now.year; c.year > now.year - 9; c.year--)	/* 29 February */
		if (civil_to_time(&c, 0, local) && *local <= limit)
			return true;
	return false;
}

/*
 * Most lines are of the same day as the one before: the day keeps its year, unless a line with a year of
 * its own has moved the stream's time since, or the latest possible time is near.
 */
static bool yearless_resolve(struct stream_time *state, const struct stamp_packed *s, int64_t *local)
{
	int64_t in_day = s->time - state->day;
	struct civil c;

	if (state->day && in_day >= 0 && in_day < DAY_NS && state->day_local + 2 * DAY_NS < state->as_of) {
		*local = state->day_local + in_day;
		return true;
	}
	if (!year_resolve(state, s, local))
		return false;
	time_to_civil(*local, 0, &c);
	state->year = c.year;
	state->day = s->time - s->time % DAY_NS;
	state->day_local = *local - (s->time - state->day);
	return true;
}

bool stamp_resolve(struct stream_time *state, const struct stamp_packed *s, int64_t *time, int *offset)
{
	int64_t local = s->time;
	bool yearless = s->flags & STAMP_YEARLESS;

	if (!(s->flags & STAMP_THERE) || (yearless && !yearless_resolve(state, s, &local)))
		return false;
	if (s->flags & STAMP_OFFSET) {
		*offset = s->offset;
		*time = yearless ? local - (int64_t)s->offset * 60 * NS_PER_S : s->time;
	} else {
		*offset = zone_offset_at_local(state->zone, local);
		*time = local - (int64_t)*offset * 60 * NS_PER_S;
	}
	state->last = *time;
	state->last_offset = *offset;
	if (!yearless && (*time - state->day_local > DAY_NEAR || state->day_local - *time > DAY_NEAR))
		state->day = 0;
	return true;
}
