#ifndef SOKUHO_CONTROL_REQUEST_H
#define SOKUHO_CONTROL_REQUEST_H

#include "control/control.h"

/* What the files of this room share: one request under way, and the officer's work on an incident. */
struct request {
	struct control *control;
	long uid;
	char actor[64];			/* the name of the uid */
	struct json_object *in, *out;
	struct err *err;
};

/* Members of the request; NULL or false when absent or of another kind. */
const char *request_text(struct request *r, const char *name);
bool request_flag(struct request *r, const char *name);
/* The words of a member that is a list, or one text; at most max. */
void request_words(struct request *r, const char *name, size_t max, struct strlist *out);
/* A text of 1 to max bytes that must be there; NULL with err set in words. */
const char *request_need(struct request *r, const char *name, size_t max, const char *why);
/* The incident: the live one where a daemon runs, else from the store (then *owned). */
int request_incident(struct request *r, const char *member, struct incident **out, bool *owned);
int request_incident_by_id(struct request *r, const char *id, struct incident **out, bool *owned);
int request_revision(struct request *r, const struct incident *incident);
/* A copy by way of the document: a refused action leaves the incident as it was. */
struct incident *incident_dup(const struct incident *incident, struct err *err);
int request_audit(struct request *r, const char *action, const char *incident_id,
		  struct json_object *detail);
/* The live incident, where there is one, becomes the copy in place. */
void request_adopt(struct incident *live, struct incident *copy);
void request_title(struct request *r, struct incident *incident);

/* {"by", "uid", "at"}: who did it and when. */
struct json_object *work_stamp(struct request *r);
/* Members of incident->work. The list is made where it is missing; entry is taken. */
struct json_object *work_get(const struct incident *incident, const char *name);
void work_add(struct incident *incident, const char *list, struct json_object *entry);
/* Lists of the work are bounded; the notes of a long night fit. */
int work_has_room(struct request *r, const struct incident *incident, const char *list);
void work_set(struct incident *incident, const char *name, struct json_object *value);
/* Where the form goes, as the window said in the last call that asked; a loan, NULL while nobody said. */
const char *work_address(const struct incident *incident, const char *window);
int64_t json_number(struct json_object *object, const char *name);

/* Everything a draft rests on; the two objects are the caller's to put. */
struct draft_input;
void request_draft(struct request *r, const struct incident *incident, struct draft_input *input,
		   struct json_object **items, struct json_object **reports);

/* What an action asks for before it is tried, and what it does to the report. */
enum { NEEDS_OPEN = 1, NEEDS_REASON = 2, CHANGES_REPORT = 4 };
struct action {
	const char *command;
	int (*apply)(struct request *r, struct incident *incident);
	unsigned traits;
};
struct query {
	const char *command;
	int (*run)(struct request *r);
};

/* decide.c */
int incident_decide(struct request *r, struct incident *i);
int incident_approve(struct request *r, struct incident *i);
/* work.c */
int incident_ack(struct request *r, struct incident *i);
int incident_note(struct request *r, struct incident *i);
int incident_handover(struct request *r, struct incident *i);
int incident_measure(struct request *r, struct incident *i);
int incident_phone(struct request *r, struct incident *i);
int incident_sent(struct request *r, struct incident *i);
int incident_correct(struct request *r, struct incident *i);
int draft_set(struct request *r, struct incident *i);
/* life.c */
int incident_close(struct request *r, struct incident *i);
int incident_dismiss(struct request *r, struct incident *i);
int incident_reopen(struct request *r, struct incident *i);
int incident_new_by_hand(struct request *r);
int incident_merge(struct request *r);
int incident_split(struct request *r);
/* show.c */
int incident_list(struct request *r);
int incident_show(struct request *r);
int incident_export(struct request *r);
int draft_show(struct request *r);
int audit_verify(struct request *r);
int audit_export(struct request *r);
/* The clocks and the next step, for the face to print. */
void answer_describe(struct request *r, const struct incident *i);

#endif
