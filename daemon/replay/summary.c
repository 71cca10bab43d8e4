/* What was read, what was understood, what was found; "0 hits" never looks like "0 lines understood". */
#include "replay/summary.h"

#include "base/escape.h"
#include "base/japanese.h"
#include "base/map.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static struct map *clause_counts;

void summary_reset(void)
{
	map_free(clause_counts, NULL);
	clause_counts = map_new();
}

void summary_count(const struct finding *f)
{
	uintptr_t n;

	if (!f->clauses.n)
		return;
	n = (uintptr_t)map_get(clause_counts, slice_of(f->clauses.at[0])) + 1;
	map_put(clause_counts, slice_of(f->clauses.at[0]), (void *)n);
}

static size_t rules_reachable(const struct summary *s)
{
	struct logsource *sources;
	size_t n = content_logsources(s->content, &sources), reachable = 0;

	for (size_t i = 0; i < ruleset_count(s->content->rules); i++)
		reachable += ruleset_is_reachable(s->content->rules, i, sources, n);
	free(sources);
	return reachable;
}

static size_t rules_matched(const struct summary *s)
{
	size_t matched = 0;

	for (size_t i = 0; i < ruleset_count(s->content->rules); i++)
		matched += rule_info(ruleset_rule(s->content->rules, i))->matched > 0;
	return matched;
}

static void add_int(struct json_object *o, const char *name, uint64_t n)
{
	json_object_object_add(o, name, json_object_new_int64((int64_t)n));
}

static struct json_object *recognised_json(const struct pipeline_stats *stats)
{
	struct json_object *o = json_object_new_object();
	const char *const *names = decode_formats();

	for (size_t i = 0; names[i]; i++)
		if (stats->formats[i + 1])
			add_int(o, names[i], stats->formats[i + 1]);
	return o;
}

static struct json_object *clauses_json(const struct summary *s)
{
	const struct node *clauses = node_get(s->content->notice->profile, "clauses");
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < node_count(clauses); i++) {
		const char *id = node_get_text(node_item(clauses, i), "id");
		uintptr_t n = (uintptr_t)map_get(clause_counts, slice_of(id));

		if (n)
			add_int(o, id, n);
	}
	return o;
}

static struct json_object *summary_object(const struct summary *s,
					  struct incident *const *list, size_t n)
{
	const struct pipeline_stats *stats = pipeline_stats(s->pipeline);
	struct json_object *o = json_object_new_object(), *part;
	uint64_t levels[4] = { 0 };

	for (size_t i = 0; i < n; i++)
		levels[list[i]->level]++;
	json_object_object_add(o, "kind", json_object_new_string("summary"));
	add_int(o, "bytes", s->bytes);
	add_int(o, "lines", stats->lines);
	json_object_object_add(o, "recognised", recognised_json(stats));
	add_int(o, "unrecognised", stats->formats[0]);
	add_int(o, "undated", stats->undated);
	add_int(o, "late", pipeline_correlation_stats(s->pipeline).late);
	json_object_object_add(o, "sample", part = json_object_new_object());
	add_int(part, "decoded", stats->sample_decoded);
	add_int(part, "failed", stats->sample_failed);
	add_int(o, "findings", stats->findings);
	json_object_object_add(o, "incidents", part = json_object_new_object());
	for (enum level l = LEVEL_REPORT; l >= LEVEL_REVIEW; l--)
		add_int(part, level_word(l), levels[l]);
	json_object_object_add(o, "clauses", clauses_json(s));
	json_object_object_add(o, "rules", part = json_object_new_object());
	add_int(part, "loaded", ruleset_count(s->content->rules));
	add_int(part, "reachable", rules_reachable(s));
	add_int(part, "matched", rules_matched(s));
	json_object_object_add(o, "as_of", json_time(s->as_of, OFFSET_JST));
	json_object_object_add(o, "seconds", json_object_new_double(s->seconds));
	add_int(o, "cut", stats->cut);
	return o;
}

void summary_json(const struct summary *s, struct incident *const *list, size_t n,
		  struct text *out)
{
	struct json_object *o;

	for (size_t i = 0; i < n; i++) {
		if (list[i]->level < s->min_level)
			continue;
		o = incident_line_to_json(list[i]);
		text_addf(out, "%s\n", json_line(o));
		json_object_put(o);
	}
	o = summary_object(s, list, n);
	text_addf(out, "%s\n", json_line(o));
	json_object_put(o);
}

static void incident_text(const struct summary *s, const struct incident *i, struct text *out)
{
	char time[48];

	time_format_rfc3339(i->first, OFFSET_JST, time);
	text_addf(out, "%-7s %s  ", level_word(i->level), i->id);
	if (i->clauses.n)
		notice_clause_label(s->content->notice, i->clauses.at[0], out);
	text_add(out, "  ");
	escape_terminal(slice_of(i->title), out);
	text_addf(out, "\n        %.16s  %zu件  ", time, i->n_findings);
	for (size_t a = 0; a < i->assets.n && a < 4; a++) {
		escape_terminal(slice_of(i->assets.at[a]), out);
		text_add(out, a + 1 < i->assets.n ? a == 3 ? ",...  " : "," : "  ");
	}
	for (size_t b = 0; b < i->bases.n; b++)
		text_addf(out, "%s%s", b ? "、" : "【候補・未判断】",
			  notice_basis_short(s->content->notice, i->bases.at[b]));
	for (size_t b = 0; b < i->boxes.n; b++)
		text_addf(out, "%s%s", b ? "" : "・④", i->boxes.at[b]);
	text_add_char(out, '\n');
}

void summary_text(const struct summary *s, struct incident *const *list, size_t n,
		  struct text *out)
{
	const struct pipeline_stats *stats = pipeline_stats(s->pipeline);
	struct correlation_stats late = pipeline_correlation_stats(s->pipeline);
	char as_of[48];

	for (enum level l = LEVEL_REPORT; l >= LEVEL_REVIEW && l >= s->min_level; l--)
		for (size_t i = 0; i < n; i++)
			if (list[i]->level == l)
				incident_text(s, list[i], out);
	time_format_rfc3339(s->as_of, OFFSET_JST, as_of);
	text_addf(out, localised("\n%zu incidents; %llu findings (%llu at record level only)\n"), n,
		  (unsigned long long)stats->findings,
		  (unsigned long long)stats->levels[LEVEL_RECORD]);
	text_addf(out, localised("%llu lines, %llu bytes in %zu files;"), (unsigned long long)stats->lines,
		  (unsigned long long)s->bytes, s->inputs);
	for (size_t i = 0; decode_formats()[i]; i++)
		if (stats->formats[i + 1])
			text_addf(out, " %s %llu,", decode_formats()[i],
				  (unsigned long long)stats->formats[i + 1]);
	text_addf(out, localised(" not recognised %llu, undated %llu, late %llu, cut %llu\n"),
		  (unsigned long long)stats->formats[0],
		  (unsigned long long)stats->undated, (unsigned long long)late.late,
		  (unsigned long long)stats->cut);
	if (stats->lines && stats->formats[0] == stats->lines)
		text_add(out, localised("NOT ONE LINE WAS UNDERSTOOD: this says nothing about incidents. Try "
					"`sokuhoctl explain` on a line, or --format.\n"));
	else if (!n)
		text_add(out, localised("no incident in what was understood\n"));
	if (!n && stats->findings)
		text_add(out, localised("--json shows the findings; they are of no report by themselves\n"));
	text_addf(out, localised("rules: %zu loaded, %zu reachable, %zu matched; as of %s; %s\n"),
		  ruleset_count(s->content->rules), rules_reachable(s), rules_matched(s), as_of,
		  s->content->config->file ? s->content->config->file : localised("built-in defaults"));
	text_addf(out, localised("prefilter: %s\n%.2f s\n"), s->prefilter, s->seconds);
}
