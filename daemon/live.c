/* One batch, filled line by line. */
#include "live.h"

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
	*l = (struct live){ 0 };
}

bool live_takes(const struct live *l, const struct input_line *line)
{
	const struct batch *b = l->batch;

	return !b->n_lines || (b->stream_number == line->stream && b->source == line->source->name &&
			       b->first_line + b->n_lines + b->n_more == line->line && b->len + line->bytes.len < BATCH_BYTES);
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
	batch_add_line(b, line->bytes, line->original, line->repairs, line->offset, line->cut, line->more);
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
}
