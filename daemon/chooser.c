/*
 * Old scanners are kept to the end: batches on their way still use them. There are few: the time between two choices
 * doubles.
 */
#include "chooser.h"

#include "base/mem.h"
#include "base/regex.h"
#include "decode/through.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_MAX (2 * 1024 * 1024)
#define WORTH_BYTES (64 * 1024)		/* less is read faster than a prefilter is made */
#define WATCH_BYTES (UINT64_C(16) * 1024 * 1024)
#define EARLY_BYTES (1024 * 1024)
#define SAMPLE_EVERY 4			/* batches */
#define VAIN_SHARE 0.05			/* tries without a hit, for each line */
#define VAIN_WORSE 2			/* times what the choice had at its best */
#define CHOICES_MAX 16

struct chooser {
	const struct content *content;
	enum prefilter_mode mode;
	struct needs *needs;
	struct scanner scanners[CHOICES_MAX + 1];	/* [0]: without prefilter */
	struct prefilter *prefilters[CHOICES_MAX + 1];
	size_t now;
	char *sample;
	size_t sample_len, batches;
	uint64_t bytes, next, lines, tries, kept;
	double vain;			/* the smallest share of vain tries that this choice has had; < 0: not yet known */
	bool early;			/* the choice was made without a sample */
	/* a choice that a thread of its own makes, so that the lines that come meanwhile do not wait */
	bool aside, under_way;
	pthread_t thread;
	atomic_bool ready;
	struct prefilter *made;
};

/* A source of the site can have the logsource by its configuration alone: then a line needs nothing for it. */
static bool is_configured(const struct content *c, const struct logsource *wanted)
{
	for (size_t i = 0; i < c->config->n_sources; i++) {
		const struct source_conf *s = &c->config->sources[i];
		struct record pretended = { 0 };

		if (!s->logsource_category && !s->logsource_product && !s->logsource_service)
			continue;
		record_add_logsource(&pretended, (struct logsource){ s->logsource_category, s->logsource_product,
								      s->logsource_service });
		if (logsource_is_wanted(wanted, &pretended))
			return true;
	}
	return false;
}

struct needs_context {
	const struct content *content;
	bool any_logsource;
};

static bool on_constant(void *context, const char *field, bool (*fits)(const void *test, struct slice value),
			const void *test, struct need **need)
{
	const struct needs_context *c = context;

	return decoder_constant(c->content->decoder, field, fits, test, need);
}

static struct need *on_name(void *context, const char *field, bool logged)
{
	const struct needs_context *c = context;

	return decoder_name(c->content->decoder, field, logged);
}

static bool on_logsource(void *context, const struct logsource *wanted, struct need **need)
{
	const struct needs_context *c = context;

	*need = NULL;
	if (c->any_logsource || (!wanted->category && !wanted->product && !wanted->service) ||
	    is_configured(c->content, wanted))
		return true;
	return decoder_logsource(c->content->decoder, wanted, need);
}

static struct need *on_text(void *context)
{
	const struct needs_context *c = context;

	return decoder_text(c->content->decoder);
}

struct needs *content_needs(const struct content *content, bool any_logsource)
{
	struct needs_context context = { content, any_logsource };
	const struct needs_source source = { on_constant, on_name, on_logsource, on_text, &context,
					     decoder_constants(content->decoder) };

	return needs_new(content->rules, &source);
}

struct chooser *chooser_new(const struct content *content, enum prefilter_mode mode, bool any_logsource)
{
	struct chooser *c = mem_zalloc(sizeof(*c));

	c->content = content;
	c->mode = mode;
	c->needs = content_needs(content, any_logsource);
	c->scanners[0] = (struct scanner){ content, c->needs, NULL, any_logsource, NULL };
	c->next = WATCH_BYTES;
	c->vain = -1;
	return c;
}

void chooser_free(struct chooser *c)
{
	if (!c)
		return;
	if (c->under_way) {
		pthread_join(c->thread, NULL);
		prefilter_free(c->made);
	}
	for (size_t i = 0; i <= CHOICES_MAX; i++)
		prefilter_free(c->prefilters[i]);
	needs_free(c->needs);
	free(c->sample);
	free(c);
}

static void choice_take(struct chooser *c, struct prefilter *prefilter)
{
	if (!prefilter)
		return;
	c->now++;
	c->prefilters[c->now] = prefilter;
	c->scanners[c->now] = c->scanners[0];
	c->scanners[c->now].prefilter = prefilter;
}

static void choose(struct chooser *c, struct slice sample)
{
	if (c->now < CHOICES_MAX && c->mode != PREFILTER_NONE)
		choice_take(c, prefilter_new(c->needs, sample, c->mode));
}

void chooser_choose(struct chooser *c, struct slice sample)
{
	if (sample.len >= WORTH_BYTES)
		choose(c, sample);
}

static void *choice_run(void *context)
{
	struct chooser *c = context;

	c->made = prefilter_new(c->needs, (struct slice){ c->sample, c->sample_len }, c->mode);
	regex_thread_end();
	atomic_store(&c->ready, true);
	return NULL;
}

/* By the sample that was taken; until the thread is done it is not touched. */
static void choose_again(struct chooser *c)
{
	if (c->aside && c->sample_len >= WORTH_BYTES) {
		atomic_store(&c->ready, false);
		c->under_way = pthread_create(&c->thread, NULL, choice_run, c) == 0;
	}
	if (!c->under_way)
		chooser_choose(c, (struct slice){ c->sample, c->sample_len });
}

static void choice_collect(struct chooser *c)
{
	if (!c->under_way || !atomic_load(&c->ready))
		return;
	pthread_join(c->thread, NULL);
	c->under_way = false;
	choice_take(c, c->made);
	c->made = NULL;
	c->bytes = c->lines = c->tries = c->kept = 0;	/* they were of the choice before */
}

void chooser_choose_early(struct chooser *c)
{
	choose(c, SLICE(""));
	c->early = c->aside = true;
	c->next = EARLY_BYTES;
}

const struct scanner *chooser_scanner(const struct chooser *c)
{
	return &c->scanners[c->now];
}

static void sample_take(struct chooser *c, const struct batch *b)
{
	size_t len = b->len < SAMPLE_MAX / 4 ? b->len : 0;

	if ((++c->batches % SAMPLE_EVERY && !c->early) || !len)
		return;
	if (!c->sample)
		c->sample = mem_zalloc(SAMPLE_MAX);
	if (c->sample_len + len > SAMPLE_MAX)
		c->sample_len = 0;	/* the newest count */
	memcpy(c->sample + c->sample_len, b->bytes, len);
	c->sample_len += len;
}

/* A choice is made anew when it has become worse: another sample than its own may have a better one. */
void chooser_watch(struct chooser *c, const struct batch *b)
{
	double vain;

	choice_collect(c);
	if (!c->now || c->now == CHOICES_MAX || c->under_way)
		return;
	sample_take(c, b);
	c->bytes += b->len;
	c->lines += b->n_lines + b->n_more;
	c->tries += b->tries;
	c->kept += b->n_kept;
	if (c->bytes < c->next)
		return;
	vain = c->tries > 2 * c->kept ? (double)(c->tries - 2 * c->kept) / (double)(c->lines + 1) : 0;
	if (c->early || (c->vain >= 0 && vain > VAIN_SHARE && vain > VAIN_WORSE * c->vain)) {
		choose_again(c);
		c->vain = -1;
	} else if (c->vain < 0 || vain < c->vain) {
		c->vain = vain;
	}
	c->next = c->early ? WATCH_BYTES : c->next * 2;
	c->early = false;
	c->bytes = c->lines = c->tries = c->kept = 0;
}

const struct prefilter *chooser_prefilter(const struct chooser *c)
{
	return c->scanners[c->now].prefilter;
}
