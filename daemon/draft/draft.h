#ifndef SOKUHO_DRAFT_DRAFT_H
#define SOKUHO_DRAFT_DRAFT_H

#include "draft/calendar.h"
#include "model/incident.h"
#include "settings/config.h"
#include "settings/inventory.h"
#include "settings/notice.h"

#include <json-c/json_object.h>

/*
 * The draft of the immediate report. It is composed once, as a sheet (JSON: heading, addressee, items ①-⑦ with their
 * boxes, texts and sources, notes); text form, HTML and PDF are views of the sheet, and what is issued is the sheet as it
 * was. While no person has decided: the suspected wording, nothing ticked, and the candidate outside the form.
 */
struct draft_input {
	const struct incident *incident;
	const struct config *config;
	const struct inventory *inventory;
	const struct notice *notice;
	/* What officers set, item -> text (store_draft_items); may be NULL. */
	struct json_object *items;
	int64_t now;			/* for the window */
	struct json_object *reports;	/* issued ones, oldest first (store_reports); may be NULL */
};

/* Which report an incident is at. The next decide, measure or draft set after a sending opens 第N+1報. */
enum draft_kind { ISSUE_REPORT, ISSUE_CORRECTION, ISSUE_WITHDRAWAL };
struct draft_issue {
	enum draft_kind kind;
	int64_t serial;			/* of this version among all that went out, from 1 */
	int n;				/* 第n報; of a correction: the report that it corrects */
	bool issued;			/* it went out, and nothing changed since */
};
void draft_issue_of(const struct draft_input *input, struct draft_issue *issue);
/* The same of one that was issued. */
void draft_issue_of_report(struct json_object *report, struct draft_issue *out);
const char *draft_issue_word(enum draft_kind kind);
/* The sending of a version to a window, a loan; NULL while it has not gone there. */
struct json_object *draft_sending(const struct incident *incident, const char *window, int64_t serial);
/* Was this window told of an earlier version: by a call that was answered, or by the form? */
bool draft_was_told(const struct incident *incident, const struct draft_issue *issue, const char *window);
/* How many calls are recorded for this version, to a window (NULL: to any), that were answered or were not. */
size_t draft_calls(const struct incident *incident, const struct draft_issue *issue, const char *window,
		   bool answered);
/* May officers set this item (an id of a form field, or addressee)? */
bool draft_item_is_known(const struct notice *notice, const char *item);
/* The words of a box or of a box inside a box, by its id; NULL when unknown. */
const char *draft_box_quote(const struct notice *notice, const char *id);

/* NULL with err when the profile lacks a phrase. An issued version comes out as it went out. */
struct json_object *draft_sheet(const struct draft_input *input, struct err *err);
/* The text form, UTF-8 with LF; annotate: under each item where it came from. */
void draft_sheet_text(struct json_object *sheet, bool annotate, struct text *out);
/* The form as one self-contained page, A4 when printed. */
void draft_sheet_html(struct json_object *sheet, struct text *out);
/* What stands outside the form and is never sent: candidate, approval, windows, suggestions. */
int draft_outside(const struct draft_input *input, struct text *out, struct err *err);
/* draft_sheet, draft_sheet_text and draft_outside in one. */
int draft_text(const struct draft_input *input, struct text *out, struct err *err);
int draft_annotated(const struct draft_input *input, struct text *out, struct err *err);
/* The short heading of an incident (its title): fact and asset label, nothing that is masked. */
void draft_title(const struct notice *notice, const struct incident *incident, struct text *out);

/*
 * The sheet for the call: whom, what was told already, what to say in which order, what to write down. window NULL: all, one
 * after another. Of several incidents (n > 1) a sheet has those windows that the first has, and each of the others must be for
 * them too.
 */
int draft_phone(const struct draft_input *inputs, size_t n, const char *window, struct text *out, struct err *err);
/* One page from one officer to the next. */
void draft_handover(const struct draft_input *input, struct text *out);

/*
 * Whom this incident is reported to: window ids, the table's first row first, then `prime:LABEL` for each subcontract;
 * `exercise` alone for a drill.
 */
void draft_addressees(const struct draft_input *input, struct strlist *out);
/* Windows to call at a time: what fits the hour first, the fallback always below. Text for a terminal. */
int draft_windows(const struct draft_input *input, struct text *out, struct err *err);
/* The site confirmed the numbers within a year before this time. */
bool draft_windows_confirmed(const struct config *config, int64_t at);
/* sokuhoctl window --body B --at T. body (id or name) NULL: all bodies. */
int window_text(const struct notice *notice, const struct config *config, const char *body,
		int64_t at, struct text *out, struct err *err);
struct json_object *window_json(const struct notice *notice, const struct config *config,
				const char *body, int64_t at, struct err *err);

#endif
