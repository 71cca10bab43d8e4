#ifndef SOKUHO_MODEL_INCIDENT_H
#define SOKUHO_MODEL_INCIDENT_H

#include "model/finding.h"

struct json_object;

/*
 * Findings that belong together, and the judgement on them. While nobody has decided, `decided`
 * is false and everything is a proposal of the machine.
 */
struct incident {
	char id[32];			/* fixed when it opens: from key, time and bytes of the line */
	char *key;
	unsigned revision;		/* counts every change; actions name the one they saw */
	int64_t first, last;
	int first_offset, last_offset;	/* minutes */
	int64_t within;
	size_t n_findings;
	struct strlist clauses;		/* best first, at most three */
	char *fact;
	enum level level;
	enum verdict verdict;
	enum implicated implicated;
	enum certainty certainty;	/* of the machine until decided */
	bool shows_event;		/* at least one finding shows the thing itself */
	unsigned classes;
	size_t host_count;
	struct strlist assets, labels, contracts;
	struct strlist bases, boxes, bases_now;
	char *box_mode;
	char *timing;
	char *title;			/* Japanese, without names that could tell what is protected */
	struct strlist rules;
	struct strlist reasons;
	char *rule_title;		/* of the finding that counts most */
	struct named_value *fields;	/* of the finding that counts most */
	size_t n_fields;
	struct evidence *evidence;	/* first INCIDENT_EVIDENCE_MAX, oldest first */
	size_t n_evidence, cap_evidence;
	size_t evidence_total;
	struct strlist formats;		/* kinds of records used, for 根拠とした記録の種類 */
	bool zone_assumed;
	bool late;			/* 過去分: older than alert_max_age when it was found */

	/* what a person did */
	bool drill;
	bool decided;			/* incident decide: certainty etc. are a person's */
	char *decided_by;
	char *decided_at;		/* RFC 3339 */
	char *exception_reason;
	bool approved;
	bool acknowledged;
	char *status;			/* open closed dismissed merged */
	char *merged_into;		/* id or NULL */
	struct strlist notes;
	int64_t detected;		/* when the program found it, not when it happened */
	int detected_offset;
	struct strlist facts;		/* further facts that a named person established */
	char *information;		/* protected, secret or NULL: what a person said was concerned */
	struct strlist links;		/* ids of incidents that this one follows */
	/*
	 * The officer's work: calls, measures, approvals, what was issued. JSON, because only control writes it and
	 * only draft and the faces read it; NULL before anything was done.
	 */
	struct json_object *work;
};
#define INCIDENT_EVIDENCE_MAX 20
#define INCIDENT_CLAUSES_MAX 3
#define INCIDENT_LIST_MAX 50		/* of assets, contracts, rules, boxes */

/* Why an alert goes out; see design section 7. */
enum alert_reason { ALERT_NONE = 0, ALERT_OPENED, ALERT_LEVEL, ALERT_CLAUSE, ALERT_ASSET };
const char *alert_reason_word(enum alert_reason reason);

/*
 * What people call the first asset, as it may leave the host; NULL when the inventory has no label for it (its
 * host name is no label).
 */
const char *incident_label(const struct incident *incident);
struct incident *incident_new(void);
void incident_free(struct incident *incident);
/* Copies of its fields, in place of those that were. */
void incident_take_fields(struct incident *incident, const struct finding *finding);
/* Assets that are new to it, each with what people call it: labels go in step with the assets. */
void incident_add_assets(struct incident *incident, const struct strlist *assets, const struct strlist *labels);
/* The incident spans these times too; offsets are minutes. */
void incident_reach(struct incident *incident, int64_t first, int first_offset, int64_t last, int last_offset);
/*
 * What is known of `from` is known of `into`: time, level, clauses, what is concerned; the judgement too while nobody
 * has decided. Evidence lines, the officer's work and the states stay as they are.
 */
void incident_absorb(struct incident *into, const struct incident *from);
/* Bases of 12(1)イ stand first, as the decision table lists them. */
void bases_join(struct strlist *to, const struct strlist *from);
#endif
