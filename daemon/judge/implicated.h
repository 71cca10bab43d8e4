#ifndef SOKUHO_JUDGE_IMPLICATED_H
#define SOKUHO_JUDGE_IMPLICATED_H

#include "judge/entity.h"

/* implicated_rules of the decision table (R1, R2 ...): whose is it? */

/* Reads the rules into judge->rules; faults go to problems. */
void implicated_load(struct judge *judge, struct problems *problems);
void implicated_free(struct judge *judge);

struct implication {
	enum implicated implicated;
	enum level cap;		      /* of the rule that answered */
	const char *rule;	      /* its id */
	const struct entity *because; /* NULL: nothing of ours was found */
	/* A rule that adds a floor and candidates, whatever the answer: NULL or its node. */
	const struct node *floor_rule;
	enum level floor;
};

void implicated_find(const struct judge *judge, const char *fact, enum subject subject,
		     const struct entities *entities, struct implication *out);

#endif
