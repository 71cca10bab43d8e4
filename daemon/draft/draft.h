#ifndef SOKUHO_DRAFT_DRAFT_H
#define SOKUHO_DRAFT_DRAFT_H

#include "draft/calendar.h"
#include "model/incident.h"
#include "settings/config.h"
#include "settings/inventory.h"
#include "settings/notice.h"

#include <json-c/json_object.h>

/*
 * The draft of the immediate report: the notice's text form ①-⑦ in Japanese. While no person
 * has decided, the suspected wording, nothing ticked, and the candidate line outside the form.
 */
struct draft_input {
	const struct incident *incident;
	const struct config *config;
	const struct inventory *inventory;
	const struct notice *notice;
	/* What officers set, item -> text (store_draft_items); may be NULL. */
	struct json_object *items;
	int64_t now;			/* for 次回連絡 and the window */
};

/* The text form. Appends UTF-8 with LF; log bytes are escaped. 0, or an error when the profile
 * lacks a phrase (the sentence names it). */
int draft_text(const struct draft_input *input, struct text *out, struct err *err);
/*
 * The same with, for each item, where it came from: 設定 (file), 台帳 (line), 記録 (file:line), 判断 (who),
 * 文例 (key), or 未記入.
 */
int draft_annotated(const struct draft_input *input, struct text *out, struct err *err);
/* The short heading of an incident (its title): fact and asset label, nothing that is masked. */
void draft_title(const struct notice *notice, const struct incident *incident, struct text *out);

/*
 * Windows to call for this incident's contracts at a time: ATLA first, night and holiday numbers
 * by the office calendar, the fallback always below; a subcontractor's prime contact first.
 * Both numbers of a window are always shown. Text for a terminal.
 */
int draft_windows(const struct draft_input *input, struct text *out, struct err *err);
/* sokuhoctl window --body B --at T. body NULL: all bodies. */
int window_text(const struct notice *notice, const struct config *config, const char *body,
		int64_t at, struct text *out, struct err *err);
struct json_object *window_json(const struct notice *notice, const struct config *config,
				const char *body, int64_t at, struct err *err);

#endif
