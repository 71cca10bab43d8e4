#ifndef SOKUHO_JUDGE_JUDGE_H
#define SOKUHO_JUDGE_JUDGE_H

#include "model/finding.h"
#include "model/record.h"
#include "settings/inventory.h"
#include "settings/notice.h"

#include <json-c/json_object.h>

/*
 * Whose it is, and what the notice says of it: design section 2, with the inventory and the
 * decision table as data. Pure: the same record and inventory give the same answer.
 */
struct judge;

/* The three are loans that must outlive the judge. Faults of the data go to problems. */
struct judge *judge_new(const struct config *config, const struct inventory *inventory,
			const struct notice *notice, struct problems *problems);
void judge_free(struct judge *judge);
/* replay --all-implicated: every host, person and site is ours, class protected. */
void judge_set_all_implicated(struct judge *judge, bool on);

/*
 * Before rules are tried: adds the normalised fields asset.id, person.id and
 * network.direction (inbound outbound internal external) to the record. Design section 3.
 */
void judge_identify(const struct judge *judge, struct record *record);

/*
 * Fills the judge part of a finding: certainty, implicated, classes, assets, labels, contracts,
 * level, bases (candidates), bases_now, boxes, box_mode, timing, own_origin and reasons; may add
 * candidates to clauses (rule R5), at most three in all. The finding's fields decide, nothing else.
 */
/* After judge_finding(): its level and alert wait for a line that may settle the verdict. */
void judge_wait(struct finding *finding);
void judge_finding(const struct judge *judge, struct finding *finding);

/* One question to the decision table: `sokuhoctl judge`. */
struct judge_question {
	const char *clause;		/* NULL: none */
	unsigned classes;		/* bits; 0: unknown */
	enum certainty certainty;
	struct strlist facts;		/* empty: the clause's own */
	const char *information;	/* protected, secret or NULL */
	bool leak, loss, destruction;
};
/*
 * The answer as JSON: applies bases box box_mode timing code mark why row (design section 5);
 * NULL with err for a clause, class or fact that is not in the table.
 */
struct json_object *judge_answer(const struct judge *judge, const struct judge_question *question,
				 struct err *err);

#endif
