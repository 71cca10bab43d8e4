/* Tests that stand in the rule files: lines in, what this rule must say of them. */
#include "replay/ruletest.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAMS_MAX 16

struct seen {
	const struct rule_info *rule;
	bool hit, found;
	enum level level;
	struct finding *finding;	/* the last with the highest level */
};

static void on_hit(void *context, const struct hit *hit)
{
	struct seen *seen = context;

	seen->hit = seen->hit || (hit->rule == seen->rule && !hit->limit);
}

static void on_finding(void *context, const struct finding *f, struct incident *incident,
		       struct incident *merged, unsigned told)
{
	struct seen *seen = context;

	(void)incident;
	(void)merged;
	(void)told;
	if (!strlist_has(&f->rules, seen->rule->name))
		return;
	if (!seen->found || f->level >= seen->level) {
		finding_free(seen->finding);
		seen->finding = finding_copy(f);
		seen->level = f->level;
	}
	seen->found = true;
}

struct test {
	const struct yaml *yaml;
	const struct node *node;
	struct content content;		/* with the test's own inventory and judge */
	struct config config;		/* without the site's networks: a shipped test holds everywhere */
	struct pipeline *pipeline;
	struct seen seen;
	struct { char *source; struct stream *stream; uint64_t line, offset; } streams[STREAMS_MAX];
	size_t n_streams;
};

static size_t stream_of(struct test *t, const char *source, const char *format)
{
	size_t i = 0;
	int64_t as_of = 0;

	time_parse_argument("2026-12-31T00:00:00+09:00", OFFSET_JST, &as_of, NULL);
	while (i < t->n_streams && strcmp(t->streams[i].source, source) != 0)
		i++;
	if (i == t->n_streams && i < STREAMS_MAX) {
		t->streams[i].source = mem_strdup(source);
		t->streams[i].stream = stream_new(format, zone_find("Asia/Tokyo", NULL), as_of,
						  (struct logsource){ 0 });
		t->n_streams++;
	}
	return i < STREAMS_MAX ? i : 0;
}

static void line_feed(struct test *t, const struct node *entry, struct problems *problems)
{
	const char *line = node_get_text(entry, "line"), *at = node_get_text(entry, "at");
	const char *source = node_get_text(entry, "source"), *format = node_get_text(entry, "format");
	struct record record = { .arena = arena_new() };
	int64_t base = 0, offset = 0;
	char key[128];
	size_t i;

	snprintf(key, sizeof(key), "%s%s%s", source ? source : "test", format ? " " : "",
		 format ? format : "");
	i = stream_of(t, key, format);
	record.raw = slice_of(line);
	record.source = source ? source : "test";
	record.file = t->yaml->file;
	record.stream = i + 1;
	record.line = ++t->streams[i].line;
	record.offset = t->streams[i].offset;
	t->streams[i].offset += record.raw.len + 1;
	pipeline_head(t->pipeline, t->streams[i].stream, &record);
	if (at) {
		if (at[0] != '+' || !duration_parse(slice_of(at + 1), &offset))
			node_error(problems, t->yaml, entry, "`at` is written like +90s");
		time_parse_argument("2026-06-01T00:00:00+09:00", OFFSET_JST, &base, NULL);
		record.time = base + offset;
		record.utc_offset = OFFSET_JST;
		record.undated = false;
	}
	pipeline_record(t->pipeline, t->streams[i].stream, &record);
	arena_free(record.arena);
}

static bool finding_has(const struct finding *f, const char *name, const char *want)
{
	for (size_t i = 0; i < f->n_fields; i++)
		if (strcmp(f->fields[i].name, name) == 0 && strcmp(f->fields[i].value, want) == 0)
			return true;
	return false;
}

static void check_fields(struct test *t, const struct node *fields, struct problems *problems)
{
	const struct finding *f = t->seen.finding;

	for (size_t i = 0; fields && fields->kind == NODE_MAP && i < fields->n; i++) {
		const char *name = fields->keys[i]->text.at;
		const struct named_value *have = finding_field(f, name);
		char absent[BOTH_MAX];

		for (size_t k = 0; k < node_count(fields->items[i]); k++) {
			const char *want = node_text(node_item(fields->items[i], k));

			if (want && !finding_has(f, name, want))
				node_error(problems, t->yaml, fields->items[i],
					   "%s is '%.200s', '%s' is expected", name,
					   have ? have->value : problem_both("(absent)", NULL, absent), want);
		}
	}
}

static void check_word(struct test *t, const struct node *expect, const char *key,
		       const char *have, struct problems *problems)
{
	const char *want = node_get_text(expect, key);

	if (want && strcmp(want, have) != 0)
		node_error(problems, t->yaml, node_get(expect, key), "rule '%s': %s is %s, %s is expected",
			   t->seen.rule->name, key, have, want);
}

/* Of `match: false` too, where they are not compared. */
static bool words_are_known(struct test *t, const struct node *expect, struct problems *problems)
{
	const char *level = node_get_text(expect, "level"), *verdict = node_get_text(expect, "verdict");
	const char *implicated = node_get_text(expect, "implicated");
	enum implicated known_implicated;
	enum verdict known_verdict;
	enum level known_level;
	size_t errors = problems->errors;

	if (level && !level_parse(level, &known_level))
		node_error(problems, t->yaml, node_get(expect, "level"), "'%s' is none of report, urgent, review, record", level);
	if (verdict && !verdict_parse(verdict, &known_verdict))
		node_error(problems, t->yaml, node_get(expect, "verdict"),
			   "'%s' is no verdict; one of stopped, not_stopped, unknown", verdict);
	if (implicated && !implicated_parse(implicated, &known_implicated))
		node_error(problems, t->yaml, node_get(expect, "implicated"), "'%s' is none of yes, no, unknown", implicated);
	return problems->errors == errors;
}

static void test_check(struct test *t, const struct node *expect, struct problems *problems)
{
	const struct rule_info *rule = t->seen.rule;
	bool want = true, have = rule->meaning.has_notice ? t->seen.found : t->seen.hit;

	node_bool(node_get(expect, "match"), &want);
	if (!words_are_known(t, expect, problems))
		return;
	if (have != want) {
		node_error(problems, t->yaml, t->node,
			   want ? "rule '%s' does not match, it should; `sokuhoctl explain` with a line of it and the same --rules says why" :
				  "rule '%s' matches, it should not", rule->name);
		return;
	}
	if (!want || !t->seen.finding)
		return;
	check_word(t, expect, "level", level_word(t->seen.level), problems);
	check_word(t, expect, "verdict", verdict_word(t->seen.finding->verdict), problems);
	check_word(t, expect, "implicated", implicated_word(t->seen.finding->implicated), problems);
	check_fields(t, node_get(expect, "fields"), problems);
}

static void test_clear(struct test *t)
{
	pipeline_free(t->pipeline);
	judge_free(t->content.judge);
	inventory_free(t->content.inventory);
	finding_free(t->seen.finding);
	for (size_t i = 0; i < t->n_streams; i++) {
		free(t->streams[i].source);
		stream_free(t->streams[i].stream);
	}
}

static void test_run(struct content *content, struct rule *rule, const struct yaml *yaml,
		     const struct node *node, struct problems *problems)
{
	const struct node *lines = node_get(node, "lines"), *inventory = node_get(node, "inventory");
	struct test t = { .yaml = yaml, .node = node, .content = *content };
	struct pipeline_sink sink = { .finding = on_finding, .hit = on_hit, .context = &t.seen };
	char both[BOTH_MAX];
	struct err err;

	t.seen.rule = rule_info(rule);
	t.config = *content->config;
	t.config.networks = NULL;
	t.config.n_networks = 0;
	t.content.config = &t.config;
	t.content.inventory = inventory_load(NULL, problems);
	for (size_t i = 0; inventory && inventory->kind == NODE_MAP && i < inventory->n; i++) {
		const char *class_name = node_text(inventory->items[i]);

		if (inventory_add_test(t.content.inventory, inventory->keys[i]->text.at,
				       class_name ? class_name : "", &err) < 0)
			node_error(problems, yaml, inventory->items[i], "%s", problem_err(&err, both));
	}
	t.content.judge = judge_new(&t.config, t.content.inventory, content->notice, problems);
	if (t.content.judge) {
		t.pipeline = pipeline_new(&t.content, &sink);
		for (size_t i = 0; i < node_count(lines); i++)
			line_feed(&t, node_item(lines, i), problems);
		pipeline_advance(t.pipeline, INT64_MAX);
		test_check(&t, node_get(node, "expect"), problems);
	}
	test_clear(&t);
}

void ruletest_run(struct content *content, const char *name, struct problems *problems,
		  size_t *run)
{
	for (size_t i = 0; i < ruleset_count(content->rules); i++) {
		struct rule *rule = ruleset_rule(content->rules, i);
		const struct yaml *yaml;
		const struct node *tests = rule_tests(rule, &yaml);

		if (name && strcmp(rule_info(rule)->name, name) != 0 &&
		    strcmp(rule_info(rule)->id, name) != 0)
			continue;
		for (size_t k = 0; k < node_count(tests); k++) {
			test_run(content, rule, yaml, node_item(tests, k), problems);
			(*run)++;
		}
	}
}
