/*
 * The sample is looked at as replay does it, block by block, by one thread. Trying is measured by rule; what all rules
 * share (the heads of the lines, the scan for literals) belongs to none.
 */
#include "cost.h"

#include "base/clock.h"
#include "base/mem.h"
#include "chooser.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK (1024 * 1024)

static size_t block_end(struct slice sample, size_t from)
{
	size_t end = from + BLOCK;

	if (end >= sample.len)
		return sample.len;
	end = slice_find_byte(sample, '\n', end);
	return end < sample.len ? end + 1 : end;
}

static uint64_t sample_look(const struct scanner *s, struct slice sample)
{
	struct stream *stream = stream_new(NULL, zone_find("Asia/Tokyo", NULL), clock_now(), (struct logsource){ 0 });
	struct prefilter_scratch *scratch = s->prefilter ? prefilter_scratch_new(s->prefilter) : NULL;
	uint64_t lines = 0;

	for (size_t from = 0, end; from < sample.len; from = end) {
		struct batch *b = batch_new();

		end = block_end(sample, from);
		b->stream = stream;
		b->source = b->file = "sample";
		b->bytes = mem_dup(sample.at + from, end - from);
		b->len = b->cap = end - from;
		batch_split(b, NULL, ENCODING_UTF8, (size_t)s->content->config->limits.line_max, false, true);
		scanner_look(s, scratch, b);
		lines += b->n_lines + b->n_more;
		batch_free(b);
	}
	prefilter_scratch_free(scratch);
	stream_free(stream);
	return lines;
}

static int by_cost(const void *a, const void *b)
{
	const struct rule_cost *x = a, *y = b;

	if (x->us_per_mb < y->us_per_mb || x->us_per_mb > y->us_per_mb)
		return x->us_per_mb < y->us_per_mb ? 1 : -1;
	return strcmp(x->rule->name, y->rule->name);
}

static void rule_sum_up(const struct scanner *s, size_t i, double mb, struct rule_cost *out)
{
	bool trusted;

	out->rule = rule_info(ruleset_rule(s->content->rules, i));
	if (s->prefilter)
		prefilter_choice(s->prefilter, (unsigned)i, &out->choice, &out->literals);
	else
		out->choice = (struct prefilter_choice){ "line", prefilter_library(&trusted), 0, 0 };
	out->tries_per_mb = (double)s->costs[i].tries / mb;
	out->hits_per_mb = (double)s->costs[i].hits / mb;
	out->us_per_mb = out->choice.search_us + s->costs[i].ns / 1e3 / mb;
}

void costs_measure(const struct content *content, struct slice sample, bool any_logsource, struct costs *out)
{
	struct needs *needs = content_needs(content, any_logsource);
	struct prefilter *prefilter = prefilter_new(needs, sample, PREFILTER_FULL);
	size_t n = ruleset_count(content->rules);
	struct scanner s = { content, needs, prefilter, any_logsource, mem_zalloc((n + 1) * sizeof(struct try_cost)) };
	double mb = sample.len ? (double)sample.len / 1e6 : 1;

	*out = (struct costs){ .at = mem_zalloc((n + 1) * sizeof(*out->at)), .bytes = sample.len };
	out->lines = sample_look(&s, sample);
	for (size_t i = 0; i < n; i++)
		if (!rule_is_correlation(ruleset_rule(content->rules, i)))
			rule_sum_up(&s, i, mb, &out->at[out->n++]);
	qsort(out->at, out->n, sizeof(*out->at), by_cost);
	free(s.costs);
	prefilter_free(prefilter);
	needs_free(needs);
}

void costs_clear(struct costs *costs)
{
	for (size_t i = 0; i < costs->n; i++)
		text_clear(&costs->at[i].literals);
	free(costs->at);
	*costs = (struct costs){ 0 };
}
