#ifndef SOKUHO_REPLAY_REPLAY_H
#define SOKUHO_REPLAY_REPLAY_H

#include "batch.h"

/*
 * Dry run on history: the same pipeline, nothing stored and nothing sent. Design section 5. The output is the
 * same for every number of jobs and every prefilter.
 */
struct replay_options {
	struct strlist paths;		/* files, directories, "-" */
	const char *source, *format, *encoding, *timezone;	/* NULL: as configured, else defaults */
	int64_t as_of;			/* TIME_NONE: each file's mtime */
	int64_t since, until;		/* TIME_NONE: open */
	enum level min_level;
	bool json, all_implicated, any_logsource, drill, progress;
	const char *drafts;		/* folder for drafts, or NULL */
	size_t jobs;			/* threads that look at lines; 0: as many as processors */
	enum prefilter_mode prefilter;
};

struct replay_result {
	bool skipped;			/* some input could not be read */
	size_t inputs;			/* that were read */
};

/*
 * Replays all paths merged by time and writes to out (a JSON line each, or text for people). What cannot be read is
 * said on standard error and skipped. ERR_MISSING when there was no input at all.
 */
int replay_run(struct content *content, const struct replay_options *options, struct text *out,
	       void (*flush)(struct text *out), struct replay_result *result, struct err *err);

#endif
