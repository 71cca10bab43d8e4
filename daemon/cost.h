#ifndef SOKUHO_COST_H
#define SOKUHO_COST_H

#include "batch.h"

/* What each rule costs on a sample of a log: how it is looked for, why so, and how long it was tried. */
struct rule_cost {
	const struct rule_info *rule;
	struct prefilter_choice choice;
	struct text literals;		/* that are looked for */
	double tries_per_mb, hits_per_mb;
	double us_per_mb;		/* searching (about) and trying, measured */
};
struct costs {
	struct rule_cost *at;		/* the dearest first */
	size_t n;
	uint64_t bytes, lines;
};

/* sample: whole lines, a few MB. Correlations are left out: they look at no line. */
void costs_measure(const struct content *content, struct slice sample, bool any_logsource, struct costs *out);
void costs_clear(struct costs *costs);

#endif
