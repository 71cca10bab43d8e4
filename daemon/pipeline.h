#ifndef SOKUHO_PIPELINE_H
#define SOKUHO_PIPELINE_H

#include "base/problem.h"
#include "correlate/correlation.h"
#include "correlate/gather.h"
#include "decode/decode.h"
#include "judge/judge.h"
#include "match/ruleset.h"
#include "settings/config.h"
#include "settings/inventory.h"
#include "settings/notice.h"
#include "settle.h"

/*
 * The only place where rooms meet: record -> hits -> findings -> judgement -> incident. Daemon, replay, explain
 * and rules test feed this one pipeline; time comes in with the record.
 */

/* Everything that a start loads, all or nothing. Immutable afterwards (counters aside). */
struct content {
	struct config *config;
	struct inventory *inventory;
	struct notice *notice;
	struct decoder *decoder;
	struct ruleset *rules;
	struct judge *judge;
};

struct content_options {
	const char *config_path;	/* NULL: SOKUHO_CONF where present, else built-in defaults */
	const struct strlist *rules;	/* not empty: in place of detection and site rules */
	const char *inventory_path;	/* NULL: as the configuration says */
};

/* NULL after errors, which are in problems. */
struct content *content_load(const struct content_options *options, struct problems *problems);
void content_free(struct content *content);
/* What the daemon needs beside content without faults: something to read. */
void content_check_start(const struct content *content, struct problems *problems);
/* Logsources that configured sources and decode data can give. *list is the caller's to free(). */
size_t content_logsources(const struct content *content, struct logsource **list);

struct pipeline_stats {
	uint64_t lines, undated, cut;	/* cut: longer than line_max */
	uint64_t formats[32];		/* by struct peek's format; [0]: not recognised */
	uint64_t sample_decoded, sample_failed;
	uint64_t findings, levels[4];
};

struct pipeline_sink {
	/*
	 * Every judged finding. incident: NULL at record level; merged: the later incident that became part of it,
	 * or NULL. told: 1 << enum alert_reason, 0 when nobody needs to be told. A loan each. One that waits for a line that
	 * may settle its verdict (finding->waits) comes a second time (finding->settled).
	 */
	void (*finding)(void *context, const struct finding *finding, struct incident *incident,
			struct incident *merged, unsigned told);
	/* Was this finding stored before (read again after a crash)? Then nothing of it happens twice. May be NULL. */
	bool (*known)(void *context, const struct finding *finding);
	/* For explain: every hit, before findings are made. May be NULL. */
	void (*hit)(void *context, const struct hit *hit);
	void *context;
};

struct pipeline;
/* content is a loan. */
struct pipeline *pipeline_new(struct content *content, const struct pipeline_sink *sink);
void pipeline_free(struct pipeline *pipeline);
void pipeline_set_any_logsource(struct pipeline *pipeline, bool on);
/* New content after a reload: correlation state is kept for rules that are still there. */
void pipeline_set_content(struct pipeline *pipeline, struct content *content);

/*
 * One line at a time, for explain and rule tests: the head (time, format, host; counts the line; in the order of the
 * stream), then everything else. Lines by the block go through batch.h, to the same result.
 */
void pipeline_head(struct pipeline *pipeline, struct stream *stream, struct record *record);
void pipeline_record(struct pipeline *pipeline, struct stream *stream, struct record *record);

/*
 * The pieces that both are made of. Head but for the time, and fields; then identity, which rules that ask for it and all that
 * comes after them want. They need no pipeline, any thread may.
 */
void pipeline_decode(const struct content *content, const struct stream *stream, const struct peek *peek,
		     struct record *record);
void pipeline_identify(const struct content *content, struct record *record);
/* Counts a record of so many lines; format as in struct peek. */
void pipeline_count(struct pipeline *pipeline, unsigned format, uint32_t lines, bool undated, bool cut);
/* Every 1024th line of a stream is decoded for the statistics. number is from 1. */
bool pipeline_wants_sample(uint64_t number);
void pipeline_sample(struct pipeline *pipeline, const struct stream *stream, const struct peek *peek,
		     const struct record_columns *columns, struct slice line);
/* What the hits of one record make: findings, judged and gathered. In the order of event times where it matters. */
void pipeline_hits(struct pipeline *pipeline, const struct record *record, struct hit *hits, size_t n);

/* All sources have come to this time. */
void pipeline_advance(struct pipeline *pipeline, int64_t watermark);
/* Findings that wait for a line that may settle their verdict have waited long enough by the clock. */
void pipeline_wait_over(struct pipeline *pipeline, int64_t clock);
struct settle *pipeline_settle(struct pipeline *pipeline);

const struct pipeline_stats *pipeline_stats(const struct pipeline *pipeline);
struct correlation_stats pipeline_correlation_stats(const struct pipeline *pipeline);
struct gather *pipeline_gather(struct pipeline *pipeline);
struct correlations *pipeline_correlations(struct pipeline *pipeline);

#endif
