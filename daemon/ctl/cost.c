/* rules lint --cost: what rules cost on a sample, the dearest first, and why. */
#include "ctl/ctl.h"

#include "base/escape.h"
#include "base/mem.h"
#include "cost.h"
#include "model/json.h"
#include "replay/reader.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLE_MAX (8 * 1024 * 1024)
#define LITERALS_SHOWN 100

/* The first whole lines of the file; of an archive, of its first member. */
static int sample_read(const struct content *content, const char *path, struct text *out, struct err *err)
{
	struct reader_block block = { 0 };
	struct strlist names = { 0 };
	struct reader *reader = NULL;
	int rc = reader_names(path, &names, err);

	if (rc == 0 && !names.n)
		rc = err_set(err, ERR_USAGE, "'%s' holds no file", path);
	if (rc == 0)
		rc = reader_open(names.at[0], ENCODING_UTF8, (size_t)content->config->limits.line_max, &reader, err);
	while (rc >= 0 && out->len < SAMPLE_MAX && (rc = reader_next(reader, 1024 * 1024, &block, err)) > 0)
		text_add_bytes(out, block.bytes, block.len);
	if (rc >= 0 && !out->len)
		rc = err_set(err, ERR_USAGE, "'%s' is empty: nothing can be measured", path);
	free(block.bytes);
	reader_close(reader);
	strlist_clear(&names);
	return rc < 0 ? rc : 0;
}

static void cost_text(const struct rule_cost *c, struct text *out)
{
	text_addf(out, "%10.1f %9.1f %9.1f  %-8s %s", c->us_per_mb, c->tries_per_mb, c->hits_per_mb, c->choice.way,
		  c->rule->name);
	if (c->choice.why)
		text_addf(out, "  (%s)", c->choice.why);
	if (c->literals.len) {
		text_add(out, "  ");
		escape_terminal(slice_cut(text_slice(&c->literals), 0, LITERALS_SHOWN), out);
		text_add(out, c->literals.len > LITERALS_SHOWN ? "..." : "");
	}
	text_add_char(out, '\n');
}

static void cost_json(const struct rule_cost *c, struct text *out)
{
	const struct { const char *name; double value; } numbers[] = {
		{ "us_per_mb", c->us_per_mb }, { "tries_per_mb", c->tries_per_mb }, { "hits_per_mb", c->hits_per_mb },
	};
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "kind", json_object_new_string("cost"));
	json_object_object_add(o, "rule", json_object_new_string(c->rule->name));
	json_object_object_add(o, "rule_id", json_object_new_string(c->rule->id));
	json_object_object_add(o, "file", json_object_new_string(c->rule->file));
	json_object_object_add(o, "line", json_object_new_int(c->rule->line));
	json_object_object_add(o, "way", json_object_new_string(c->choice.way));
	json_object_object_add(o, "why", json_text_or_null(c->choice.why));
	json_object_object_add(o, "looked_for", json_text_or_null(c->literals.at));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_object_object_add(o, numbers[i].name, json_object_new_double(numbers[i].value));
	text_addf(out, "%s\n", json_line(o));
	json_object_put(o);
}

int ctl_rule_costs(const struct content *content, const char *sample, bool any_logsource)
{
	struct text bytes = { 0 }, out = { 0 };
	struct costs costs;
	struct err err;
	bool trusted;

	if (sample_read(content, sample, &bytes, &err) < 0) {
		text_clear(&bytes);
		return ctl_fail_err(ctl_exit_of(&err), &err);
	}
	costs_measure(content, text_slice(&bytes), any_logsource, &costs);
	if (!ctl_json)
		text_addf(&out, localised("sample: %.1f MB, %llu lines; prefilter: %s\n%10s %9s %9s  %-8s %s\n"),
			  (double)costs.bytes / 1e6, (unsigned long long)costs.lines, prefilter_library(&trusted),
			  "us/MB", "tries/MB", "hits/MB", "way", "rule");
	for (size_t i = 0; i < costs.n; i++)
		ctl_json ? cost_json(&costs.at[i], &out) : cost_text(&costs.at[i], &out);
	ctl_flush(&out);
	costs_clear(&costs);
	text_clear(&out);
	text_clear(&bytes);
	return EXIT_DONE;
}
