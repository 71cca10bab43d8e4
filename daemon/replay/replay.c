/*
 * Several files are merged by the times of their records: the earliest goes first (ties: the order of the paths);
 * inside one file the order of lines is kept. Each input is read in batches, which a crew of threads looks at; only
 * the records that a rule matched come here one by one. Since a line that is earlier than one before it in its file
 * goes out right after that one, the place of a record in the merge is the latest time of its file so far.
 */
#include "replay/replay.h"

#include "base/dir.h"
#include "base/escape.h"
#include "base/japanese.h"
#include "base/log.h"
#include "base/mem.h"
#include "chooser.h"
#include "draft/draft.h"
#include "model/json.h"
#include "replay/crew.h"
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
#define STRANGE_TOLD 10
#define BLOCK_MAX (256 * 1024)
#define BLOCK_MIN (16 * 1024)
#define BLOCKS_ALL (64 * 1024 * 1024)	/* bytes under way, over all inputs */
#define SAMPLE_BYTES (1024 * 1024)
#define AHEAD_MAX 64

struct input {
	char *path;
	struct reader *reader;
	struct stream *stream;
	const char *source, *format;	/* format: as configured; NULL: auto */
	uint64_t number, bytes, lines;
	uint64_t strange;		/* of the lines: of no format */
	struct decoding decoding;	/* of its bytes */
	int64_t reached;		/* latest time so far */
	struct batch *ahead[AHEAD_MAX];	/* submitted, oldest first */
	size_t n_ahead;
	struct batch *now;		/* looked at and dated */
	size_t next;			/* of now->kept */
	bool live, ended;		/* ended: the reader has no more */
};

struct replay {
	struct content *content;
	const struct replay_options *options;
	struct pipeline *pipeline;
	struct crew *crew;
	struct transcoder *transcoder;
	struct chooser *chooser;
	struct input *inputs;
	size_t n, cap;
	struct batch *spare[AHEAD_MAX];
	size_t n_spare;
	size_t block, depth;		/* bytes of a batch; batches ahead of each input */
	struct text *out;
	void (*flush)(struct text *out);
	struct json_object *finding;	/* each is written over the one before */
	int64_t as_of;
	uint64_t total;
	int64_t started, shown;
	uint64_t bytes_closed, taken_closed;
	bool skipped;
};

/* Both from here: ./a is a. */
static const char *from_here(const char *path)
{
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	return path;
}

static bool has_path(const struct source_conf *source, const char *path, const char *whole)
{
	for (size_t k = 0; k < source->path.n; k++)
		if (fnmatch(from_here(source->path.at[k]), from_here(path), 0) == 0 ||
		    (whole && fnmatch(source->path.at[k], whole, 0) == 0))
			return true;
	return false;
}

static const struct source_conf *source_named(const struct content *content, const char *name)
{
	for (size_t i = 0; name && i < content->config->n_sources; i++)
		if (content->config->sources[i].name && strcmp(content->config->sources[i].name, name) == 0)
			return &content->config->sources[i];
	return NULL;
}

/* The source that --source names, else the one whose files the path is of. */
static const struct source_conf *source_of(const struct content *content, const char *name, const char *path)
{
	const struct source_conf *all = content->config->sources, *found = source_named(content, name);
	size_t n = content->config->n_sources;
	char *whole = realpath(path, NULL);

	for (size_t i = 0; i < n && !found; i++)
		found = has_path(&all[i], path, whole) ? &all[i] : NULL;
	free(whole);
	return found;
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
	const struct source_conf *source = source_of(r->content, o->source, path);
	const char *zone_text = o->timezone ? o->timezone : source ? source->timezone : NULL;
	const char *format = o->format ? o->format : source ? source->format : NULL;
	const struct zone *zone = zone_find(zone_text ? zone_text : "Asia/Tokyo", err);
	struct logsource logsource = { 0 };
	struct input *input;
	struct reader *reader;
	enum encoding encoding = ENCODING_AUTO;
	int64_t as_of;

	if (!zone)
		return err->kind;
	if (format && strcmp(format, "delimited") == 0 && !(source && source->columns.n))
		return err_set(err, ERR_USAGE, "'%s': format delimited needs a source of the settings that names the columns (--source)",
			       path);
	encoding_parse(o->encoding ? o->encoding : source && source->encoding ? source->encoding : "auto", &encoding);
	if (reader_open(path, encoding, (size_t)r->content->config->limits.line_max, &reader, err) < 0) {
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
	*input = (struct input){ .path = mem_strdup(path), .reader = reader, .live = true,
				 .stream = stream_new(format, zone, as_of, logsource),
				 .source = o->source ? o->source : source ? source->name : NULL,
				 .format = format, .number = r->n, .lines = 0, .reached = TIME_NONE };
	if (source && source->columns.n)
		stream_set_columns(input->stream, &source->columns, source_delimiter(source));
	if (!input->source)
		input->source = base_name(input->path);
	input->decoding.encoding = encoding;
	r->total += reader_size(reader);
	return 0;
}

static int inputs_open(struct replay *r, struct err *err)
{
	struct strlist files = { 0 }, names = { 0 };
	struct stat st;
	int rc = 0;

	if (r->options->source && r->content->config->n_sources && !source_named(r->content, r->options->source))
		return err_set(err, ERR_USAGE, "the settings have no source '%s'", r->options->source);
	for (size_t i = 0; i < r->options->paths.n; i++) {
		const char *path = r->options->paths.at[i];

		if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			if (dir_files(path, "", &files, err) < 0)
				skip(r, err->text);
		} else {
			strlist_add(&files, path);
		}
	}
	for (size_t i = 0; i < files.n; i++)
		if (reader_names(files.at[i], &names, err) < 0)
			skip(r, err->text);
	for (size_t i = 0; rc == 0 && i < names.n; i++)
		rc = input_open(r, names.at[i], err);
	strlist_clear(&files);
	strlist_clear(&names);
	if (rc == 0 && !r->n)
		return err_set(err, ERR_MISSING, "there is no input: nothing of what was named can be read");
	return rc;
}

static void input_close(struct replay *r, struct input *input)
{
	input->bytes = reader_bytes(input->reader);
	r->bytes_closed += input->bytes;
	r->taken_closed += reader_size(input->reader);
	reader_close(input->reader);
	input->reader = NULL;
	input->live = false;
}

static void batch_give_back(struct replay *r, struct batch *batch)
{
	if (r->n_spare < AHEAD_MAX)
		r->spare[r->n_spare++] = batch;
	else
		batch_free(batch);
}

/* The next bytes of an input; false at the end. */
static bool batch_fill(struct replay *r, struct input *input, struct batch *b)
{
	struct reader_block block = { .bytes = b->bytes, .cap = b->cap };
	size_t line_max = (size_t)r->content->config->limits.line_max, left;
	struct err err;
	int rc = reader_next(input->reader, r->block, &block, &err);

	batch_reset(b);
	b->bytes = block.bytes;
	b->cap = block.cap;
	if (rc < 0)
		skip(r, err.text);
	if (rc <= 0)
		return false;
	b->len = block.len;
	b->offset = block.offset;
	input->decoding.framing = block.framing;
	left = batch_split(b, input->format, block.framing, line_max, block.cut_last, reader_is_at_end(input->reader));
	if (left)
		reader_give_back(input->reader, b->bytes + b->len, left);
	return true;
}

/* The next records of an input as a batch, not yet looked at; NULL at the end. */
static struct batch *batch_read(struct replay *r, struct input *input)
{
	struct batch *b = r->n_spare ? r->spare[--r->n_spare] : batch_new();

	b->stream = input->stream;
	b->stream_number = input->number;
	b->source = input->source;
	b->file = input->path;
	do {
		if (!batch_fill(r, input, b)) {
			batch_give_back(r, b);
			input->ended = true;
			return NULL;
		}
	} while (!b->n_lines);			/* a record that is longer than a block */
	batch_decode(b, r->transcoder, &input->decoding);
	return b;
}

/* Keeps the crew busy with what comes next of this input. */
static void input_read_ahead(struct replay *r, struct input *input)
{
	while (!input->ended && input->n_ahead < r->depth) {
		struct batch *b = batch_read(r, input);

		if (!b)
			break;
		input->ahead[input->n_ahead++] = b;
		crew_submit(r->crew, b, chooser_scanner(r->chooser));
	}
}

/* On to the next batch that is looked at; the input is closed after its last. */
static void input_advance(struct replay *r, struct input *input)
{
	const struct pipeline_stats *stats = pipeline_stats(r->pipeline);

	if (input->now)
		batch_give_back(r, input->now);
	input->now = NULL;
	input_read_ahead(r, input);
	if (!input->n_ahead) {
		input_close(r, input);
		return;
	}
	input->now = input->ahead[0];
	memmove(input->ahead, input->ahead + 1, --input->n_ahead * sizeof(*input->ahead));
	input_read_ahead(r, input);
	crew_wait(r->crew, input->now);
	chooser_watch(r->chooser, input->now);
	input->now->first_line = input->lines + 1;
	input->strange -= stats->formats[0];
	batch_date(input->now, r->pipeline, input->reached, NULL, NULL);
	input->strange += stats->formats[0];
	input->lines += input->now->n_lines + input->now->n_more;
	input->reached = input->now->reached;
	input->next = 0;
}

/* Where the input stands in the merge: its next kept record, else the end of its batch. */
static int64_t input_place(const struct input *input)
{
	const struct batch *b = input->now;

	return input->next < b->n_kept ? b->kept[input->next].reached : b->reached;
}

static struct input *earliest(struct replay *r)
{
	struct input *best = NULL;

	for (size_t i = 0; i < r->n; i++)
		if (r->inputs[i].live && (!best || input_place(&r->inputs[i]) < input_place(best)))
			best = &r->inputs[i];
	return best;
}

static void show_progress(struct replay *r)
{
	int64_t now = clock_now();
	uint64_t bytes = r->taken_closed;
	double seconds, rate;

	if (!r->options->progress || now - r->shown < PROGRESS_EVERY)
		return;
	r->shown = now;
	for (size_t i = 0; i < r->n; i++)
		if (r->inputs[i].live)
			bytes += reader_taken(r->inputs[i].reader);
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

	(void)merged;
	(void)told;
	if (incident && r->options->drill)
		incident->drill = true;
	if (finding->waits)
		return;			/* it comes again */
	summary_count(finding);
	if (!r->options->json || finding->level < r->options->min_level)
		return;
	finding_set_json(r->finding, finding);
	text_add(r->out, json_line(r->finding));
	text_add_char(r->out, '\n');
	r->flush(r->out);
}

static void kept_play(struct replay *r, struct kept *kept)
{
	const struct replay_options *o = r->options;
	int64_t time = kept->record.time;

	if ((o->since != TIME_NONE && time < o->since) || (o->until != TIME_NONE && time >= o->until))
		return;
	if (kept->reached != TIME_NONE)
		pipeline_advance(r->pipeline, kept->reached - r->content->config->limits.lateness);
	pipeline_hits(r->pipeline, &kept->record, kept->hits, kept->n_hits);
}

/* The first blocks of all inputs, before any is looked at, are the sample by which literals are chosen. */
static void replay_sample(struct replay *r)
{
	size_t share = SAMPLE_BYTES / r->n;
	struct text sample = { 0 };

	for (size_t i = 0; i < r->n; i++) {
		struct input *input = &r->inputs[i];
		size_t len = 0;

		while (!input->ended && len < share && input->n_ahead < AHEAD_MAX) {
			struct batch *b = batch_read(r, input);

			if (!b)
				break;
			input->ahead[input->n_ahead++] = b;
			text_add_bytes(&sample, b->bytes, b->len);
			text_add_char(&sample, '\n');
			len += b->len;
		}
	}
	chooser_choose(r->chooser, text_slice(&sample));
	text_clear(&sample);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->inputs[i].n_ahead; k++)
			crew_submit(r->crew, r->inputs[i].ahead[k], chooser_scanner(r->chooser));
}

static void replay_lines(struct replay *r)
{
	struct input *input;

	replay_sample(r);
	for (size_t i = 0; i < r->n; i++)
		input_advance(r, &r->inputs[i]);
	while ((input = earliest(r))) {
		if (input->next < input->now->n_kept) {
			kept_play(r, &input->now->kept[input->next++]);
			continue;
		}
		input_advance(r, input);
		show_progress(r);
	}
	pipeline_advance(r->pipeline, INT64_MAX);
	if (r->shown)
		fprintf(stderr, "\n");
}

/* Among many inputs the sums do not show it. */
static void strange_tell(const struct replay *r)
{
	size_t told = 0, more = 0;

	for (size_t i = 0; r->n > 1 && i < r->n; i++) {
		const struct input *input = &r->inputs[i];

		if (input->strange < input->lines || input->bytes <= 2 * input->lines)
			continue;		/* or all of them are empty */
		if (told++ < STRANGE_TOLD)
			log_warn("replay", localised("%s: not one of its %llu lines was understood; `sokuhoctl explain` on one tells more"),
				 input->path, (unsigned long long)input->lines);
		else
			more++;
	}
	if (more)
		log_warn("replay", localised("and %zu more files of which not one line was understood"), more);
}

static int draft_write(struct replay *r, const struct incident *incident, struct err *err)
{
	struct draft_input input = { .incident = incident,
				     .config = r->content->config,
				     .inventory = r->content->inventory,
				     .notice = r->content->notice,
				     .now = r->as_of };
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

static const char *prefilter_words(const struct replay *r)
{
	bool trusted;
	const char *library = prefilter_library(&trusted);

	if (r->options->prefilter == PREFILTER_NONE)
		return "none, as asked for";
	return !trusted || chooser_prefilter(r->chooser) ? library : "none, for so few bytes";
}

static int replay_report(struct replay *r, struct replay_result *result, struct err *err)
{
	struct incident **list;
	size_t n = gather_list(pipeline_gather(r->pipeline), &list);
	struct summary s = { .content = r->content, .pipeline = r->pipeline, .as_of = r->as_of,
			     .bytes = r->bytes_closed,
			     .seconds = (double)(clock_now() - r->started) / 1e9,
			     .min_level = r->options->min_level, .inputs = r->n,
			     .prefilter = prefilter_words(r) };
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
	strange_tell(r);
	free(list);
	result->skipped = r->skipped;
	result->inputs = r->n;
	return rc;
}

/* Threads, and how much is under way: bounded over all inputs together. */
static void replay_size(struct replay *r)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t jobs = r->options->jobs ? r->options->jobs : processors > 0 ? (size_t)processors : 1;

	r->crew = crew_new(jobs > 1 ? jobs : 0);
	r->depth = jobs > 1 ? (2 * jobs + r->n) / r->n : 1;
	if (r->depth > AHEAD_MAX)
		r->depth = AHEAD_MAX;
	r->block = BLOCKS_ALL / (r->n * (r->depth + 1));
	r->block = r->block > BLOCK_MAX ? BLOCK_MAX : r->block < BLOCK_MIN ? BLOCK_MIN : r->block;
}

static void replay_clear(struct replay *r)
{
	crew_free(r->crew);
	for (size_t i = 0; i < r->n; i++) {
		for (size_t k = 0; k < r->inputs[i].n_ahead; k++)
			batch_free(r->inputs[i].ahead[k]);
		batch_free(r->inputs[i].now);
		reader_close(r->inputs[i].reader);
		stream_free(r->inputs[i].stream);
		free(r->inputs[i].path);
	}
	for (size_t i = 0; i < r->n_spare; i++)
		batch_free(r->spare[i]);
	free(r->inputs);
	json_object_put(r->finding);
	chooser_free(r->chooser);
	transcoder_free(r->transcoder);
	pipeline_free(r->pipeline);
}

int replay_run(struct content *content, const struct replay_options *options, struct text *out,
	       void (*flush)(struct text *out), struct replay_result *result, struct err *err)
{
	struct replay r = { .content = content, .options = options, .out = out, .flush = flush,
			    .finding = json_object_new_object(), .as_of = options->as_of, .started = clock_now() };
	struct pipeline_sink sink = { .finding = on_finding, .context = &r };
	int rc;

	summary_reset();
	judge_set_all_implicated(content->judge, options->all_implicated);
	r.pipeline = pipeline_new(content, &sink);
	pipeline_set_any_logsource(r.pipeline, options->any_logsource);
	rc = inputs_open(&r, err);
	if (rc == 0) {
		r.transcoder = transcoder_new();
		r.chooser = chooser_new(content, options->prefilter, options->any_logsource);
		replay_size(&r);
		replay_lines(&r);
		rc = replay_report(&r, result, err);
	}
	replay_clear(&r);
	return rc;
}
