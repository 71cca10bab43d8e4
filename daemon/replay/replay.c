/*
 * Several files are merged by the times of their records: each input holds its next record, whose head is read,
 * and the earliest goes first (ties: the order of the paths). Inside one file the order of lines is kept.
 */
#include "replay/replay.h"

#include "base/dir.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/mem.h"
#include "draft/draft.h"
#include "model/json.h"
#include "replay/reader.h"
#include "replay/summary.h"

#include <errno.h>
#include <fnmatch.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRESS_EVERY (2 * NS_PER_S)

struct input {
	char *path;
	struct reader *reader;
	struct stream *stream;
	struct arena *arena;
	struct record record;		/* the next one, head read */
	const char *source;
	bool live;
};

struct replay {
	struct content *content;
	const struct replay_options *options;
	struct pipeline *pipeline;
	struct input *inputs;
	size_t n, cap;
	struct text *out;
	void (*flush)(struct text *out);
	int64_t as_of;
	uint64_t total;
	int64_t started, shown;
	uint64_t bytes_closed;
	bool skipped;
};

static const struct source_conf *source_of(const struct content *content, const char *path)
{
	for (size_t i = 0; i < content->config->n_sources; i++)
		for (size_t k = 0; k < content->config->sources[i].path.n; k++)
			if (fnmatch(content->config->sources[i].path.at[k], path, 0) == 0)
				return &content->config->sources[i];
	return NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(path, "-") == 0 ? "stdin" : slash ? slash + 1 : path;
}

static void skip(struct replay *r, const char *sentence)
{
	log_warn("replay", "%s; skipped", sentence);
	r->skipped = true;
}

static int input_open(struct replay *r, const char *path, struct err *err)
{
	const struct replay_options *o = r->options;
	const struct source_conf *source = source_of(r->content, path);
	const char *zone_text = o->timezone ? o->timezone : source ? source->timezone : NULL;
	const char *format = o->format ? o->format : source ? source->format : NULL;
	const struct zone *zone = zone_find(zone_text ? zone_text : "Asia/Tokyo", err);
	struct logsource logsource = { 0 };
	struct input *input;
	struct reader *reader;
	int64_t as_of;

	if (!zone)
		return err->kind;
	if (reader_open(path, (size_t)r->content->config->limits.line_max, &reader, err) < 0) {
		skip(r, err->text);
		return 0;
	}
	if (source)
		logsource = (struct logsource){ source->logsource_category,
						source->logsource_product,
						source->logsource_service };
	as_of = o->as_of != TIME_NONE ? o->as_of : reader_mtime(reader);
	if (r->as_of == TIME_NONE || as_of > r->as_of)
		r->as_of = as_of;
	r->inputs = mem_grow(r->inputs, &r->cap, r->n + 1, sizeof(*r->inputs));
	input = &r->inputs[r->n++];
	*input = (struct input){ .path = mem_strdup(path), .reader = reader, .arena = arena_new(),
				 .stream = stream_new(format, zone, as_of, logsource), .live = true,
				 .source = o->source ? o->source : source ? source->name : NULL };
	r->total += reader_size(reader);
	return 0;
}

static int inputs_open(struct replay *r, struct err *err)
{
	struct strlist files = { 0 };
	struct stat st;
	int rc = 0;

	for (size_t i = 0; i < r->options->paths.n; i++) {
		const char *path = r->options->paths.at[i];

		if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			if (dir_files(path, "", &files, err) < 0)
				skip(r, err->text);
		} else {
			strlist_add(&files, path);
		}
	}
	for (size_t i = 0; rc == 0 && i < files.n; i++)
		rc = input_open(r, files.at[i], err);
	strlist_clear(&files);
	if (rc == 0 && !r->n)
		return err_set(err, ERR_MISSING, "there is no input: nothing of what was named can be read");
	return rc;
}

static void input_close(struct replay *r, struct input *input)
{
	r->bytes_closed += reader_bytes(input->reader);
	reader_close(input->reader);
	input->reader = NULL;
	input->live = false;
}

/* The next record of an input, with its head. */
static void input_next(struct replay *r, struct input *input)
{
	struct reader_line line;
	struct err err;
	int rc = reader_next(input->reader, &line, &err);

	if (rc < 0)
		skip(r, err.text);
	if (rc <= 0) {
		input_close(r, input);
		return;
	}
	arena_reset(input->arena);
	input->record = (struct record){
		.arena = input->arena, .raw = line.bytes, .file = input->path, .line = line.line,
		.offset = line.offset, .stream = (uint64_t)(input - r->inputs) + 1,
		.source = input->source ? input->source : base_name(input->path),
		.marks = line.cut ? RECORD_CUT : 0,
	};
	pipeline_head(r->pipeline, input->stream, &input->record);
}

static struct input *earliest(struct replay *r)
{
	struct input *best = NULL;

	for (size_t i = 0; i < r->n; i++)
		if (r->inputs[i].live && (!best || r->inputs[i].record.time < best->record.time))
			best = &r->inputs[i];
	return best;
}

static void show_progress(struct replay *r)
{
	int64_t now = clock_now();
	uint64_t bytes = r->bytes_closed;
	double seconds, rate;

	if (!r->options->progress || now - r->shown < PROGRESS_EVERY)
		return;
	r->shown = now;
	for (size_t i = 0; i < r->n; i++)
		if (r->inputs[i].live)
			bytes += reader_bytes(r->inputs[i].reader);
	seconds = (double)(now - r->started) / 1e9;
	rate = seconds > 0 ? (double)bytes / seconds : 0;
	fprintf(stderr, "\r%.1f of %.1f MB, %.1f MB/s, %.0f s left   ", (double)bytes / 1e6,
		(double)r->total / 1e6, rate / 1e6,
		rate > 0 && r->total > bytes ? (double)(r->total - bytes) / rate : 0.0);
}

static void on_finding(void *context, const struct finding *finding, struct incident *incident,
		       struct incident *merged, unsigned told)
{
	struct replay *r = context;
	struct json_object *object;

	(void)merged;
	(void)told;
	if (incident && r->options->drill)
		incident->drill = true;
	summary_count(finding);
	if (!r->options->json || finding->level < r->options->min_level)
		return;
	object = finding_to_json(finding);
	text_addf(r->out, "%s\n", json_line(object));
	json_object_put(object);
	r->flush(r->out);
}

static void replay_lines(struct replay *r)
{
	const struct replay_options *o = r->options;
	struct input *input;
	uint64_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		input_next(r, &r->inputs[i]);
	while ((input = earliest(r))) {
		int64_t time = input->record.time;

		if ((o->since == TIME_NONE || time >= o->since) &&
		    (o->until == TIME_NONE || time < o->until))
			pipeline_record(r->pipeline, input->stream, &input->record);
		input_next(r, input);
		if ((++n & 1023) == 0)
			show_progress(r);
	}
	pipeline_advance(r->pipeline, INT64_MAX);
	if (r->shown)
		fprintf(stderr, "\n");
}

static int draft_write(struct replay *r, const struct incident *incident, struct err *err)
{
	struct draft_input input = { incident, r->content->config, r->content->inventory,
				     r->content->notice, NULL, r->as_of };
	struct text draft = { 0 }, path = { 0 };
	FILE *file;
	int rc = draft_annotated(&input, &draft, err);

	text_addf(&path, "%s/%s.txt", r->options->drafts, incident->id);
	file = rc == 0 ? fopen(path.at, "we") : NULL;
	if (rc == 0 && !file)
		rc = err_set(err, ERR_IO, "'%s' cannot be written: %s", path.at, strerror(errno));
	if (file) {
		fwrite(draft.at, 1, draft.len, file);
		if (fclose(file) != 0 && rc == 0)
			rc = err_set(err, ERR_IO, "'%s' cannot be written: %s", path.at,
				     strerror(errno));
	}
	text_clear(&draft);
	text_clear(&path);
	return rc;
}

static int replay_report(struct replay *r, struct replay_result *result, struct err *err)
{
	struct incident **list;
	size_t n = gather_list(pipeline_gather(r->pipeline), &list);
	struct summary s = { .content = r->content, .pipeline = r->pipeline, .as_of = r->as_of,
			     .bytes = r->bytes_closed,
			     .seconds = (double)(clock_now() - r->started) / 1e9,
			     .min_level = r->options->min_level, .inputs = r->n };
	int rc = 0;

	if (r->options->drafts && mkdir(r->options->drafts, 0750) < 0 && errno != EEXIST)
		rc = err_set(err, ERR_IO, "'%s' cannot be made: %s", r->options->drafts,
			     strerror(errno));
	for (size_t i = 0; rc == 0 && r->options->drafts && i < n; i++)
		rc = draft_write(r, list[i], err);
	if (r->options->json)
		summary_json(&s, list, n, r->out);
	else
		summary_text(&s, list, n, r->out);
	r->flush(r->out);
	free(list);
	result->skipped = r->skipped;
	result->inputs = r->n;
	return rc;
}

int replay_run(struct content *content, const struct replay_options *options, struct text *out,
	       void (*flush)(struct text *out), struct replay_result *result, struct err *err)
{
	struct replay r = { .content = content, .options = options, .out = out, .flush = flush,
			    .as_of = options->as_of, .started = clock_now() };
	struct pipeline_sink sink = { .finding = on_finding, .context = &r };
	int rc;

	summary_reset();
	judge_set_all_implicated(content->judge, options->all_implicated);
	r.pipeline = pipeline_new(content, &sink);
	pipeline_set_any_logsource(r.pipeline, options->any_logsource);
	rc = inputs_open(&r, err);
	if (rc == 0) {
		replay_lines(&r);
		rc = replay_report(&r, result, err);
	}
	for (size_t i = 0; i < r.n; i++) {
		reader_close(r.inputs[i].reader);
		stream_free(r.inputs[i].stream);
		arena_free(r.inputs[i].arena);
		free(r.inputs[i].path);
	}
	free(r.inputs);
	pipeline_free(r.pipeline);
	return rc;
}
