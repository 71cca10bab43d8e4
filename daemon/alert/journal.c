/*
 * The journal, with the alert's parts as fields of their own; one line on standard error where no journal is.
 */
#include "alert/sender.h"
#include "base/log.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

/* `journalctl MESSAGE_ID=...` shows all our alerts. */
#define ALERT_MESSAGE_ID "6e3d5f0f7c3f4d2b8f7e46080a15c0de"
#define FIELDS_MAX 12

/* sd_journal_sendv() says nothing when nobody listens. */
static bool access_journal(void)
{
	return access("/run/systemd/journal/socket", W_OK) == 0;
}

static const char *priority_of(const char *level)
{
	if (level && strcmp(level, "report") == 0)
		return "2";
	return level && strcmp(level, "urgent") == 0 ? "3" : "4";
}

static int journal_start(struct alert *alert, const struct target_conf *target,
			 const struct alert_message *m, alert_done done, void *context,
			 struct err *err)
{
	const struct { const char *name, *value; } rows[] = {
		{ "MESSAGE", m->subject },	    { "MESSAGE_ID", ALERT_MESSAGE_ID },
		{ "PRIORITY", priority_of(m->level) }, { "SYSLOG_IDENTIFIER", "sokuhod" },
		{ "SOKUHO_INCIDENT", m->incident_id }, { "SOKUHO_LEVEL", m->level },
		{ "SOKUHO_CLAUSE", m->clause },	    { "SOKUHO_ASSET", m->asset_label },
		{ "SOKUHO_REASON", m->reason },
	};
	struct text fields[FIELDS_MAX] = { { 0 } };
	struct iovec parts[FIELDS_MAX];
	int n = 0, rc;

	(void)alert;
	(void)target;
	(void)err;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value && rows[i].value[0])
			text_addf(&fields[n++], "%s=%s", rows[i].name, rows[i].value);
	if (m->incident_id)
		text_addf(&fields[n++], "SOKUHO_REVISION=%u", m->revision);
	for (int i = 0; i < n; i++)
		parts[i] = (struct iovec){ fields[i].at, fields[i].len };
	rc = access_journal() ? sd_journal_sendv(parts, n) : -1;
	for (int i = 0; i < n; i++)
		text_clear(&fields[i]);
	if (rc < 0)
		log_info("alert", "%s %s %s", m->level, m->incident_id ? m->incident_id : "-", m->subject);
	done(context, true, NULL);
	return 0;
}

const struct alert_kind journal_kind = { "journal", journal_start };
