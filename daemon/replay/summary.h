#ifndef SOKUHO_REPLAY_SUMMARY_H
#define SOKUHO_REPLAY_SUMMARY_H

#include "pipeline.h"

/* The end of a replay: incidents and counts, as JSON lines (design section 5) or for people. */
struct summary {
	struct content *content;
	struct pipeline *pipeline;
	int64_t as_of;
	uint64_t bytes;
	double seconds;
	enum level min_level;
	size_t inputs;
	const char *prefilter;		/* what was used, for people */
};

void summary_reset(void);
void summary_count(const struct finding *finding);	/* findings by best clause */
void summary_json(const struct summary *s, struct incident *const *list, size_t n,
		  struct text *out);
void summary_text(const struct summary *s, struct incident *const *list, size_t n,
		  struct text *out);

#endif
