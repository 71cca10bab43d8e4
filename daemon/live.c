/* What few lines have (other bytes in the file) is kept beside the batch, in the order of lines. */
#include "live.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_BYTES (256 * 1024)

void live_init(struct live *l, const struct content *content)
{
	*l = (struct live){ .batch = batch_new(), .chooser = chooser_new(content, PREFILTER_FULL, false) };
	chooser_choose_early(l->chooser);
}

void live_clear(struct live *l)
{
	batch_free(l->batch);
	chooser_free(l->chooser);
	prefilter_scratch_free(l->scratch);
	text_clear(&l->file);
	text_clear(&l->bytes);
	free(l->oddities);
	*l = (struct live){ 0 };
}

bool live_takes(const struct live *l, const struct input_line *line)
{
	const struct batch *b = l->batch;

	return !b->n_lines || (b->stream_number == line->stream && b->source == line->source->name &&
			       b->first_line + b->n_lines == line->line && b->len + line->bytes.len < BATCH_BYTES);
}

void live_add(struct live *l, struct stream *stream, const struct input_line *line)
{
	struct batch *b = l->batch;

	if (!b->n_lines) {
		text_reset(&l->file);
		text_add(&l->file, line->file);
		b->stream = stream;
		b->source = line->source->name;
		b->file = l->file.at;
		b->stream_number = line->stream;
		b->first_line = line->line;
	}
	if (line->repairs || !slice_equal(line->original, line->bytes)) {
		l->oddities = mem_grow(l->oddities, &l->cap_oddities, l->n_oddities + 1, sizeof(*l->oddities));
		l->oddities[l->n_oddities++] =
			(struct oddity){ b->n_lines, l->bytes.len, line->original.len, line->repairs };
		text_add_slice(&l->bytes, line->original);
	}
	batch_add_line(b, line->bytes, line->offset, line->cut);
}

void live_look(struct live *l)
{
	const struct scanner *scanner = chooser_scanner(l->chooser);

	if (scanner->prefilter && l->scratch_of != scanner->prefilter) {
		prefilter_scratch_free(l->scratch);
		l->scratch = prefilter_scratch_new(scanner->prefilter);
		l->scratch_of = scanner->prefilter;
	}
	scanner_look(scanner, l->scratch, l->batch);
	chooser_watch(l->chooser, l->batch);
}

void live_reset(struct live *l)
{
	batch_reset(l->batch);
	text_reset(&l->bytes);
	l->n_oddities = 0;
}

static const struct oddity *oddity_of(const struct live *l, size_t line)
{
	size_t low = 0, high = l->n_oddities;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (l->oddities[middle].line < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->n_oddities && l->oddities[low].line == line ? &l->oddities[low] : NULL;
}

struct slice live_original(const struct live *l, size_t line)
{
	const struct oddity *o = oddity_of(l, line);

	return o ? (struct slice){ l->bytes.at + o->at, o->len } : SLICE("");
}

uint64_t live_repairs(const struct live *l, size_t line)
{
	const struct oddity *o = oddity_of(l, line);

	return o ? o->repairs : 0;
}
