/* replay and explain: the pipeline over old lines, and over one line with every step shown. */
#include "ctl/ctl.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "model/json.h"
#include "replay/replay.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNASKED_MAX 20			/* rules: more than these are shipped, and nobody looks for one of them */

enum { OPT_JSON = 256, OPT_RULES, OPT_INVENTORY, OPT_SOURCE, OPT_FORMAT, OPT_ENCODING, OPT_TIMEZONE,
       OPT_AS_OF, OPT_SINCE, OPT_UNTIL, OPT_JOBS, OPT_MIN_LEVEL, OPT_DRAFTS, OPT_DRILL,
       OPT_ALL_IMPLICATED, OPT_ANY_LOGSOURCE, OPT_PREFILTER };

struct arguments {
	struct replay_options replay;
	struct content_options content;
	struct strlist rules;
};

static int option_time(const char *value, int64_t *out)
{
	struct err err;

	if (time_parse_argument(value, OFFSET_JST, out, &err) < 0)
		return ctl_fail_err(EXIT_USAGE, &err);
	return 0;
}

static int option_word(const char *name, const char *value, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], value) == 0)
			return 0;
	return ctl_fail(EXIT_USAGE, "--%s does not know '%s'", name, value);
}

static int option_prefilter(const char *value, enum prefilter_mode *out)
{
	static const char *const words[] = { "none", "literal", "full" };

	for (size_t i = 0; i < 3; i++)
		if (strcmp(words[i], value) == 0)
			*out = (enum prefilter_mode)i;
	return option_word("prefilter", value, words, 3);
}

static int unknown_format(const char *value)
{
	struct text names = { 0 };

	for (const char *const *name = decode_formats(); *name; name++)
		text_addf(&names, " %s", *name);
	ctl_fail(EXIT_USAGE, "unknown format '%s'; one of auto%s", value, names.at);
	text_clear(&names);
	return EXIT_USAGE;
}

static int option_take(struct arguments *a, int opt, const char *value)
{
	enum encoding encoding;
	uint64_t jobs;

	switch (opt) {
	case 'c': ctl_config_path = a->content.config_path = value; return 0;
	case OPT_JSON: ctl_json = a->replay.json = true; return 0;
	case OPT_RULES: strlist_add(&a->rules, value); return 0;
	case OPT_INVENTORY: a->content.inventory_path = value; return 0;
	case OPT_SOURCE: a->replay.source = value; return 0;
	case OPT_TIMEZONE: a->replay.timezone = value; return 0;
	case OPT_FORMAT:
		a->replay.format = value;
		return decode_format_exists(value) ? 0 : unknown_format(value);
	case OPT_ENCODING:
		a->replay.encoding = value;
		if (encoding_parse(value, &encoding))
			return 0;
		return ctl_fail(EXIT_USAGE, "--encoding does not know '%s'; one of auto UTF-8 CP932 EUC-JP ISO-2022-JP UTF-16LE "
					    "UTF-16BE", value);
	case OPT_PREFILTER: return option_prefilter(value, &a->replay.prefilter);
	case OPT_AS_OF: return option_time(value, &a->replay.as_of);
	case OPT_SINCE: return option_time(value, &a->replay.since);
	case OPT_UNTIL: return option_time(value, &a->replay.until);
	case OPT_JOBS:
		if (slice_to_u64(slice_of(value), &jobs) && jobs >= 1 && jobs <= 256) {
			a->replay.jobs = jobs;
			return 0;
		}
		return ctl_fail(EXIT_USAGE, "--jobs takes 1 to 256");
	case OPT_MIN_LEVEL:
		if (level_parse(value, &a->replay.min_level))
			return 0;
		return ctl_fail(EXIT_USAGE, "--min-level does not know '%s'; one of record review "
					    "urgent report", value);
	case OPT_DRAFTS: a->replay.drafts = value; return 0;
	case OPT_DRILL: a->replay.drill = true; return 0;
	case OPT_ALL_IMPLICATED: a->replay.all_implicated = true; return 0;
	case OPT_ANY_LOGSOURCE: a->replay.any_logsource = true; return 0;
	default: return EXIT_USAGE;
	}
}

static int arguments_read(struct arguments *a, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, OPT_JSON },
		{ "rules", required_argument, NULL, OPT_RULES },
		{ "inventory", required_argument, NULL, OPT_INVENTORY },
		{ "source", required_argument, NULL, OPT_SOURCE },
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "encoding", required_argument, NULL, OPT_ENCODING },
		{ "timezone", required_argument, NULL, OPT_TIMEZONE },
		{ "as-of", required_argument, NULL, OPT_AS_OF },
		{ "since", required_argument, NULL, OPT_SINCE },
		{ "until", required_argument, NULL, OPT_UNTIL },
		{ "jobs", required_argument, NULL, OPT_JOBS },
		{ "min-level", required_argument, NULL, OPT_MIN_LEVEL },
		{ "drafts", required_argument, NULL, OPT_DRAFTS },
		{ "drill", no_argument, NULL, OPT_DRILL },
		{ "all-implicated", no_argument, NULL, OPT_ALL_IMPLICATED },
		{ "any-logsource", no_argument, NULL, OPT_ANY_LOGSOURCE },
		{ "prefilter", required_argument, NULL, OPT_PREFILTER },
		{ 0 },
	};
	int opt, rc = 0;

	a->replay.as_of = a->replay.since = a->replay.until = TIME_NONE;
	a->replay.prefilter = PREFILTER_FULL;
	a->content.rules = &a->rules;
	optind = 1;
	while (rc == 0 && (opt = getopt_long(argc, argv, "c:", longs, NULL)) != -1)
		rc = opt == '?' ? ctl_bad_option(argv) : option_take(a, opt, optarg);
	for (int i = optind; i < argc; i++)
		strlist_add(&a->replay.paths, argv[i]);
	return rc;
}

static void arguments_clear(struct arguments *a)
{
	strlist_clear(&a->rules);
	strlist_clear(&a->replay.paths);
}

int ctl_replay(int argc, char **argv)
{
	struct replay_result result = { 0 };
	struct arguments a = { 0 };
	struct content *content = NULL;
	struct text out = { 0 };
	struct err err;
	int code = arguments_read(&a, argc, argv);

	if (code == 0 && !a.replay.paths.n)
		code = ctl_usage("replay");
	a.replay.progress = isatty(STDERR_FILENO);
	if (code == 0 && !(content = ctl_load(&a.content)))
		code = EXIT_USAGE;
	if (code == 0) {
		if (replay_run(content, &a.replay, &out, ctl_flush, &result, &err) < 0)
			code = ctl_fail_err(ctl_exit_of(&err), &err);
		else if (result.skipped)
			code = EXIT_WRONG;
	}
	if (fflush(stdout) != 0 && code == 0)
		code = ctl_fail(EXIT_COULD_NOT, "the output cannot be written");
	text_clear(&out);
	content_free(content);
	arguments_clear(&a);
	return code;
}

struct explaining {
	struct content *content;
	struct text *out;
	struct json_object *rules, *findings, *tried;	/* the same for --json */
};

static void explain_hit(void *context, const struct hit *hit)
{
	struct explaining *e = context;
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "name", json_text_or_null(hit->rule->name));
	json_object_object_add(o, "title", json_text_or_null(hit->rule->title));
	json_object_object_add(o, "limit", json_object_new_boolean(hit->limit));
	json_object_array_add(e->rules, o);
	text_addf(e->out, "rule: %s  ", hit->rule->name);
	escape_terminal(slice_of(hit->rule->title), e->out);
	if (hit->exception) {
		text_add(e->out, localised("  (exception "));
		escape_terminal(slice_of(hit->exception->id), e->out);
		text_add_char(e->out, ')');
	}
	text_add(e->out, hit->limit ? localised("  (a pattern reached its match limit)\n") : "\n");
}

static void explain_finding(void *context, const struct finding *f, struct incident *incident,
			    struct incident *merged, unsigned told)
{
	struct explaining *e = context;
	struct json_object *o = finding_to_json(f);

	(void)merged;
	(void)told;
	json_object_object_add(o, "incident", json_text_or_null(incident ? incident->id : NULL));
	json_object_array_add(e->findings, o);
	text_addf(e->out, localised("finding: %s, fact %s, shows %s, verdict %s, implicated %s, level %s\n"),
		  f->rule, f->fact ? f->fact : "-", shows_word(f->shows), verdict_word(f->verdict),
		  implicated_word(f->implicated), level_word(f->level));
	for (size_t i = 0; i < f->clauses.n; i++) {
		text_add(e->out, i ? "、" : localised("clauses: "));
		notice_clause_label(e->content->notice, f->clauses.at[i], e->out);
	}
	text_add(e->out, localised("\nbases (candidates):"));
	for (size_t i = 0; i < f->bases.n; i++)
		text_addf(e->out, " %s", notice_basis_label(e->content->notice, f->bases.at[i]));
	for (size_t i = 0; i < f->boxes.n; i++)
		text_addf(e->out, " ④%s", f->boxes.at[i]);
	text_add_char(e->out, '\n');
	for (size_t i = 0; i < f->reasons.n; i++) {
		text_add(e->out, localised("  because "));
		escape_terminal(slice_of(f->reasons.at[i]), e->out);
		text_add_char(e->out, '\n');
	}
	text_addf(e->out, localised("incident: %s\n"), incident ? incident->id : localised("none (record level)"));
}

/* Of a few rules that somebody is writing, why this one was not even tried. */
static void explain_unasked(struct rule *rule, const struct ruleset *rules, struct text *out)
{
	const struct logsource *l = rule_logsource(rule);

	if (ruleset_count(rules) > UNASKED_MAX)
		return;
	if (rule_is_correlation(rule))
		text_addf(out, localised("  not tried %s: a correlation, which one line does not show\n"), rule_info(rule)->name);
	else
		text_addf(out, localised("  not tried %s: it wants the logsource %s/%s/%s\n"), rule_info(rule)->name,
			  l->category ? l->category : "*", l->product ? l->product : "*", l->service ? l->service : "*");
}

/* Why not: the rules of fitting logsources, with what holds of each. */
static void explain_misses(struct explaining *e, const struct record *r)
{
	size_t shown = 0, tried = 0;

	for (size_t i = 0; i < ruleset_count(e->content->rules); i++) {
		struct rule *rule = ruleset_rule(e->content->rules, i);

		if (rule_is_correlation(rule) || !rule_wants(rule, r)) {
			explain_unasked(rule, e->content->rules, e->out);
			continue;
		}
		tried++;
		json_object_array_add(e->tried, json_text_or_null(rule_info(rule)->name));
		if (shown++ >= 30)
			continue;
		text_addf(e->out, localised("  tried %s (+ holds, - does not)\n"), rule_info(rule)->name);
		rule_explain(rule, r, e->out);
	}
	text_addf(e->out, localised("no rule matched; %zu of %zu rules want a record of these logsources\n"), tried,
		  ruleset_count(e->content->rules));
}

static struct json_object *record_json(const struct record *r)
{
	struct json_object *o = json_object_new_object(), *products = json_object_new_array(),
			   *logsources = json_object_new_array();
	struct finding *sorted = finding_new();

	for (size_t i = 0; i < r->n_products; i++)
		json_object_array_add(products, json_text_or_null(r->products[i]));
	for (size_t i = 0; i < r->n_logsources; i++) {
		struct json_object *l = json_object_new_object();

		json_object_object_add(l, "category", json_text_or_null(r->logsources[i].category));
		json_object_object_add(l, "product", json_text_or_null(r->logsources[i].product));
		json_object_object_add(l, "service", json_text_or_null(r->logsources[i].service));
		json_object_array_add(logsources, l);
	}
	for (size_t i = 0; i < r->n_fields; i++)
		finding_add_field(sorted, r->fields[i].name, r->fields[i].value, false);
	json_object_object_add(o, "format", json_text_or_null(r->format));
	json_object_object_add(o, "time", json_time(r->time, r->utc_offset));
	json_object_object_add(o, "undated", json_object_new_boolean(r->undated));
	json_object_object_add(o, "zone_assumed", json_object_new_boolean(r->zone_assumed));
	json_object_object_add(o, "products", products);
	json_object_object_add(o, "logsources", logsources);
	json_object_object_add(o, "fields", json_fields(sorted->fields, sorted->n_fields));
	finding_free(sorted);
	return o;
}

static void explain_print(struct explaining *e, const struct record *r)
{
	struct json_object *o = ctl_json ? record_json(r) : NULL;
	struct text steps = { 0 };

	if (o) {
		json_object_object_add(o, "rules", e->rules);
		json_object_object_add(o, "findings", e->findings);
		json_object_object_add(o, "tried", e->tried);
		ctl_print_json(o);
		return;
	}
	decode_explain(r, &steps);
	ctl_flush(&steps);
	ctl_flush(e->out);
	text_clear(&steps);
	json_object_put(e->rules);
	json_object_put(e->findings);
	json_object_put(e->tried);
}

static int explain_line(struct content *content, const char *line, const char *format, int64_t as_of)
{
	struct text out = { 0 };
	struct explaining e = { content, &out, json_object_new_array(), json_object_new_array(),
				json_object_new_array() };
	struct pipeline_sink sink = { .finding = explain_finding, .hit = explain_hit, .context = &e };
	struct pipeline *pipeline = pipeline_new(content, &sink);
	struct stream *stream = stream_new(format, zone_find("Asia/Tokyo", NULL), as_of,
					   (struct logsource){ 0 });
	struct record r = { .arena = arena_new(), .source = "explain", .file = "-", .line = 1,
			    .stream = 1 };

	r.raw = slice_of(line);
	pipeline_head(pipeline, stream, &r);
	pipeline_record(pipeline, stream, &r);
	if (!out.len)
		explain_misses(&e, &r);
	decode_all_logsources(content->decoder, &r);
	explain_print(&e, &r);
	text_clear(&out);
	stream_free(stream);
	arena_free(r.arena);
	pipeline_free(pipeline);
	return EXIT_DONE;
}

#define ASK_EACH_LINE 65536	/* until so many bytes whether the record is whole, then more rarely */

/* The first record of standard input, at most max bytes and the rest of a line; false when there is nothing. */
static bool record_read(const char *format, size_t max, struct text *out)
{
	char *line = NULL;
	size_t cap = 0, size = 0, ask = 0;
	uint32_t more;
	bool open = true;
	ssize_t len;

	while (open && out->len < max && (len = getline(&line, &cap, stdin)) > 0) {
		text_add_bytes(out, line, (size_t)len);
		if (out->len < ask)
			continue;
		size = decode_frame(format, text_slice(out), false, &more, &open);
		ask = out->len < ASK_EACH_LINE ? 0 : out->len + out->len / 8;
	}
	if (open && out->len)
		size = decode_frame(format, text_slice(out), true, &more, &open);
	free(line);
	if (size)
		out->len = size;
	if (out->len && out->at[out->len - 1] == '\n')
		out->len--;
	if (out->at)
		out->at[out->len] = '\0';
	return out->at != NULL;
}

int ctl_explain(int argc, char **argv)
{
	struct arguments a = { 0 };
	int code = arguments_read(&a, argc, argv);
	struct content *content = NULL;
	struct text record = { 0 };

	if (code == 0 && !(content = ctl_load(&a.content)))
		code = EXIT_USAGE;
	if (code == 0) {
		judge_set_all_implicated(content->judge, a.replay.all_implicated);
		if (a.replay.as_of == TIME_NONE)
			a.replay.as_of = clock_now();
		if (a.replay.paths.n && access(a.replay.paths.at[0], R_OK) == 0)
			fprintf(stderr, "%s: %s\n", localised("warning"),
				localised("this is the name of a file, and is taken for a line; a file's first line: `explain - < FILE`"));
		if (a.replay.paths.n && strcmp(a.replay.paths.at[0], "-") != 0) {
			code = explain_line(content, a.replay.paths.at[0], a.replay.format,
					    a.replay.as_of);
		} else if (record_read(a.replay.format, (size_t)content->config->limits.line_max, &record)) {
			code = explain_line(content, record.at, a.replay.format, a.replay.as_of);
		} else {
			code = ctl_fail(EXIT_COULD_NOT, "there is no line to explain");
		}
	}
	text_clear(&record);
	content_free(content);
	arguments_clear(&a);
	return code;
}
