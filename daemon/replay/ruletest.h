#ifndef SOKUHO_REPLAY_RULETEST_H
#define SOKUHO_REPLAY_RULETEST_H

#include "pipeline.h"

/*
 * Runs the `tests` of the rules through the whole pipeline, each with its own inventory. name NULL: all rules.
 * Faults go to problems with the place of the test; *run counts tests.
 */
void ruletest_run(struct content *content, const char *name, struct problems *problems,
		  size_t *run);

#endif
