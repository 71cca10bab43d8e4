/* Time as one integer, dates as pure arithmetic, zones from the system's zone database. */
#include "base/clock.h"

#include "base/map.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t clock_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Counting years from March puts the leap day last; 719468 days lie before 1970. */
int64_t civil_to_days(int year, int month, int day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int civil_weekday(int year, int month, int day)
{
	int64_t w = (civil_to_days(year, month, day) + 4) % 7;

	return (int)(w < 0 ? w + 7 : w);
}

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Lines of a log are of the same few days: the last day is remembered, by each thread. */
static int64_t days_of(const struct civil *c)
{
	static _Thread_local int last;
	static _Thread_local int64_t days;
	int key = c->year * 512 + c->month * 32 + c->day;

	if (key != last) {
		days = civil_to_days(c->year, c->month, c->day);
		last = key;
	}
	return days;
}

bool civil_to_time(const struct civil *c, int offset, int64_t *out)
{
	if (c->year < 1700 || c->year > 2250 || c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > month_days(c->year, c->month) || c->hour < 0 || c->hour > 23 || c->minute < 0 ||
	    c->minute > 59 || c->second < 0 || c->second > 60)
		return false;
	*out = (days_of(c) * 86400 + c->hour * 3600 + c->minute * 60 +
		c->second - (int64_t)offset * 60) * NS_PER_S + c->ns;
	return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void time_to_civil(int64_t time, int offset, struct civil *out)
{
	int64_t s = floor_div(time, NS_PER_S) + (int64_t)offset * 60;
	int64_t days = floor_div(s, 86400), rest = s - days * 86400;
	int64_t z = days + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	out->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	out->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	out->year = (int)(yoe + era * 400 + (out->month <= 2));
	out->hour = (int)(rest / 3600);
	out->minute = (int)(rest / 60 % 60);
	out->second = (int)(rest % 60);
	out->ns = (int)(time - floor_div(time, NS_PER_S) * NS_PER_S);
}

static inline bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static bool read_digits(struct slice text, size_t *at, int digits, int *out)
{
	int n = 0;

	if (*at + (size_t)digits > text.len)
		return false;
	for (int i = 0; i < digits; i++) {
		char c = text.at[*at + (size_t)i];

		if (c < '0' || c > '9')
			return false;
		n = n * 10 + c - '0';
	}
	*at += (size_t)digits;
	*out = n;
	return true;
}

static bool read_char(struct slice text, size_t *at, const char *set)
{
	char c = *at < text.len ? text.at[*at] : '\0';

	while (*set && *set != c)
		set++;
	if (!c || !*set)
		return false;
	(*at)++;
	return true;
}

static bool is_cell(struct slice text, size_t comma)
{
	size_t end = comma + 1;

	while (end < text.len && is_digit(text.at[end]))
		end++;
	return end < text.len && isalpha((unsigned char)text.at[end]) && !strchr("Zz", text.at[end]);
}

int time_take_fraction(struct slice text, size_t *at)
{
	int unit = 100000000, ns = 0;
	size_t i = *at;

	if (i + 1 >= text.len || (text.at[i] != '.' && text.at[i] != ',') || !is_digit(text.at[i + 1]) ||
	    (text.at[i] == ',' && is_cell(text, i)))
		return 0;
	for (i++; i < text.len && is_digit(text.at[i]); i++, unit /= 10)
		ns += (text.at[i] - '0') * unit;
	*at = i;
	return ns;
}

static bool read_offset(struct slice text, size_t *at, int *offset)
{
	size_t i = *at;
	int hours, minutes = 0, sign;

	if (read_char(text, &i, "Zz")) {
		*offset = 0;
		*at = i;
		return true;
	}
	if (i >= text.len || (text.at[i] != '+' && text.at[i] != '-'))
		return false;
	sign = text.at[i++] == '-' ? -1 : 1;
	if (!read_digits(text, &i, 2, &hours))
		return false;
	*at = i;
	if (read_char(text, &i, ":") ? read_digits(text, &i, 2, &minutes) :
				       read_digits(text, &i, 2, &minutes))
		*at = i;
	if (hours > 15 || minutes > 59)
		return false;
	*offset = sign * (hours * 60 + minutes);
	return true;
}

/* The wall time as if UTC, to the second: its seconds may be left out. */
static bool read_wall(struct slice text, size_t *at, int64_t *wall)
{
	struct civil c = { 0 };
	char sep;

	if (!read_digits(text, at, 4, &c.year) || *at >= text.len)
		return false;
	sep = text.at[*at];
	if ((sep != '-' && sep != '/') || !read_char(text, at, "-/") ||
	    !read_digits(text, at, 2, &c.month) || !read_char(text, at, "-/") ||
	    !read_digits(text, at, 2, &c.day) || !read_char(text, at, "T t") ||
	    !read_digits(text, at, 2, &c.hour) || !read_char(text, at, ":") ||
	    !read_digits(text, at, 2, &c.minute))
		return false;
	if (read_char(text, at, ":") && !read_digits(text, at, 2, &c.second))
		return false;
	return civil_to_time(&c, 0, wall);
}

#define WALL_BYTES 19			/* with seconds */

/* Many lines are of the second of the line before: it is remembered, by each thread. */
static bool read_wall_again(struct slice text, size_t *at, int64_t *wall)
{
	static _Thread_local char last[WALL_BYTES];
	static _Thread_local int64_t of_last = TIME_NONE;

	if (of_last != TIME_NONE && text.len >= WALL_BYTES && memcmp(text.at, last, WALL_BYTES) == 0) {
		*at = WALL_BYTES;
		*wall = of_last;
		return true;
	}
	if (!read_wall(text, at, wall))
		return false;
	if (*at == WALL_BYTES) {
		memcpy(last, text.at, WALL_BYTES);
		of_last = *wall;
	}
	return true;
}

bool time_parse_iso(struct slice text, int64_t *time, int *offset, bool *has_offset, size_t *used)
{
	size_t at = 0;
	int64_t wall;
	int ns;

	if (!read_wall_again(text, &at, &wall))
		return false;
	ns = time_take_fraction(text, &at);
	*offset = 0;
	*has_offset = read_offset(text, &at, offset);
	*used = at;
	*time = wall - (int64_t)*offset * 60 * NS_PER_S + ns;
	return true;
}

int time_parse_argument(const char *text, int default_offset, int64_t *out, struct err *err)
{
	struct slice all = slice_of(text);
	char padded[64];
	bool has_offset;
	size_t used;
	int offset;

	if (all.len == 10) {
		snprintf(padded, sizeof(padded), "%sT00:00:00", text);
		all = slice_of(padded);
	}
	if (!time_parse_iso(all, out, &offset, &has_offset, &used) || used != all.len)
		return err_set(err, ERR_USAGE,
			       "'%s' is not a time; write it as 2026-06-01T09:30:00+09:00", text);
	if (!has_offset)
		*out -= (int64_t)default_offset * 60 * NS_PER_S;
	return 0;
}

/* So many digits of n, with zeros in front; returns the place behind them. */
static char *digits_put(char *at, int n, size_t width)
{
	for (size_t i = width; i-- > 0; n /= 10)
		at[i] = (char)('0' + n % 10);
	return at + width;
}

static char *fraction_put(char *at, int ns)
{
	if (!ns)
		return at;
	*at++ = '.';
	if (ns % 1000000 == 0)
		return digits_put(at, ns / 1000000, 3);
	return ns % 1000 == 0 ? digits_put(at, ns / 1000, 6) : digits_put(at, ns, 9);
}

void time_format_rfc3339(int64_t time, int offset, char out[48])
{
	struct civil c;

	time_to_civil(time, offset, &c);
	out = digits_put(out, c.year, 4);
	*out++ = '-';
	out = digits_put(out, c.month, 2);
	*out++ = '-';
	out = digits_put(out, c.day, 2);
	*out++ = 'T';
	out = digits_put(out, c.hour, 2);
	*out++ = ':';
	out = digits_put(out, c.minute, 2);
	*out++ = ':';
	out = fraction_put(digits_put(out, c.second, 2), c.ns);
	*out++ = offset < 0 ? '-' : '+';
	out = digits_put(out, abs(offset) / 60 % 24, 2);
	*out++ = ':';
	*digits_put(out, abs(offset) % 60, 2) = '\0';
}

bool duration_parse(struct slice text, int64_t *out)
{
	static const struct { char unit; int64_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 },
		{ 'M', 2592000 }, { 'y', 31536000 },
	};
	uint64_t n;

	if (text.len < 2 || !slice_to_u64(slice_cut(text, 0, text.len - 1), &n) || n > 1000000000)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (text.at[text.len - 1] == units[i].unit) {
			if (n && units[i].seconds > INT64_MAX / NS_PER_S / (int64_t)n)
				return false;
			*out = (int64_t)n * units[i].seconds * NS_PER_S;
			return true;
		}
	return false;
}
