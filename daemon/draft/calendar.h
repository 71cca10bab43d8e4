#ifndef SOKUHO_DRAFT_CALENDAR_H
#define SOKUHO_DRAFT_CALENDAR_H

#include "settings/config.h"
#include "settings/notice.h"

/* A day off of the offices (行政機関の休日に関する法律)? *why is a loan from the calendar data, or a short id. */
bool calendar_is_day_off(const struct notice *notice, int year, int month, int day,
			 const char **why);
/* Inside office hours at this time (JST)? *why is set when a day off is the reason. */
bool calendar_is_open(const struct notice *notice, const struct config *config, int64_t at,
		      const char **why);

#endif
