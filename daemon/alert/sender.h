#ifndef SOKUHO_ALERT_SENDER_H
#define SOKUHO_ALERT_SENDER_H

#include "alert/alert.h"

/* What the ways of telling share: the loop, and their own state (NULL until first used). */
struct mail_sender;
struct exec_sender;

struct alert {
	struct event_base *base;
	struct mail_sender *mail;
	struct exec_sender *exec;
};

extern const struct alert_kind journal_kind, mail_kind, exec_kind;
/* End what is under way, calling done for each. */
void mail_sender_free(struct mail_sender *mail);
void exec_sender_free(struct exec_sender *exec);

#endif
