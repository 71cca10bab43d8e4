/*
 * Days off of the offices, from the rules in the calendar data: weekends, public holidays (fixed day, n-th Monday,
 * equinox), substitutes and the day between two holidays, the turn of the year.
 */
#include "draft/calendar.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July",
				      "August", "September", "October", "November", "December" };

static bool rule_fixed(const char *rule, int month, int day)
{
	int m, d;

	return sscanf(rule, "%2d-%2d", &m, &d) == 2 && m == month && d == day;
}

/* `second Monday of January` */
static bool rule_monday(const char *rule, int year, int month, int day)
{
	static const char *const counts[] = { "first", "second", "third", "fourth" };
	char count[16], name[16];

	if (sscanf(rule, "%15s Monday of %15s", count, name) != 2 ||
	    strcmp(name, months[month - 1]) != 0 || civil_weekday(year, month, day) != 1)
		return false;
	for (int i = 0; i < 4; i++)
		if (strcmp(counts[i], count) == 0)
			return (day - 1) / 7 == i;
	return false;
}

/* The usual approximation for 1980-2099 (equinox: of the calendar data); the 官報 prevails. */
static bool rule_equinox(const char *rule, int year, int month, int day)
{
	int y = year - 1980;

	if (year < 1980 || year > 2099)
		return false;
	if (strstr(rule, "vernal"))
		return month == 3 && day == (int)(20.8431 + 0.242194 * y) - y / 4;
	if (strstr(rule, "autumnal"))
		return month == 9 && day == (int)(23.2488 + 0.242194 * y) - y / 4;
	return false;
}

static const char *public_holiday(const struct node *calendar, int year, int month, int day)
{
	const struct node *list = node_get(calendar, "public_holidays");

	for (size_t i = 0; i < node_count(list); i++) {
		const char *rule = node_get_text(node_item(list, i), "rule");

		if (rule && (rule_fixed(rule, month, day) || rule_monday(rule, year, month, day) ||
			     rule_equinox(rule, year, month, day)))
			return node_get_text(node_item(list, i), "name");
	}
	return NULL;
}

static const char *holiday_at(const struct node *calendar, int64_t days)
{
	struct civil c;

	time_to_civil(days * 86400 * NS_PER_S, 0, &c);
	return public_holiday(calendar, c.year, c.month, c.day);
}

static const char *derived_id(const struct node *calendar, const char *id)
{
	const struct node *list = node_get(calendar, "derived_holidays");

	for (size_t i = 0; i < node_count(list); i++) {
		const char *have = node_get_text(node_item(list, i), "id");

		if (have && strcmp(have, id) == 0)
			return have;
	}
	return NULL;
}

/* Is this the first day after a run of holidays that began on a Sunday? */
static bool is_substitute(const struct node *calendar, int64_t days)
{
	for (int64_t d = days - 1; holiday_at(calendar, d); d--)
		if (((d + 4) % 7 + 7) % 7 == 0)
			return true;
	return false;
}

static const char *computed_holiday(const struct node *calendar, int year, int month, int day)
{
	int64_t days = civil_to_days(year, month, day);
	const char *name = public_holiday(calendar, year, month, day);

	if (!name && is_substitute(calendar, days))
		name = derived_id(calendar, "substitute");
	if (!name && holiday_at(calendar, days - 1) && holiday_at(calendar, days + 1))
		name = derived_id(calendar, "sandwiched");
	return name;
}

bool calendar_is_day_off(const struct notice *notice, int year, int month, int day,
			 const char **why)
{
	int weekday = civil_weekday(year, month, day);
	bool known;
	const char *name = notice_holiday(notice, year, month, day, &known);

	if (!known)		/* computed, unless the site's table has the year: special laws move holidays */
		name = computed_holiday(notice->calendar, year, month, day);
	if (!name && (weekday == 0 || weekday == 6))
		name = "weekend";
	if (!name && ((month == 12 && day >= 29) || (month == 1 && day <= 3)))
		name = "year_end";
	if (why)
		*why = name;
	return name != NULL;
}

static int minutes_of(const char *text, int otherwise)
{
	int hours, minutes;

	return text && sscanf(text, "%2d:%2d", &hours, &minutes) == 2 ? hours * 60 + minutes : otherwise;
}

bool calendar_is_open(const struct notice *notice, const struct config *config, int64_t at,
		      const char **why)
{
	const struct node *hours = node_get(node_get(notice->calendar, "office_hours"), "default");
	const char *from = config && config->office_from ? config->office_from : node_get_text(hours, "from");
	const char *to = config && config->office_to ? config->office_to : node_get_text(hours, "to");
	struct civil c;
	int now;

	time_to_civil(at, OFFSET_JST, &c);
	if (calendar_is_day_off(notice, c.year, c.month, c.day, why))
		return false;
	now = c.hour * 60 + c.minute;
	return now >= minutes_of(from, 9 * 60 + 30) && now < minutes_of(to, 17 * 60);
}
