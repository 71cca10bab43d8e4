/*
 * The systemd journal: an entry is a line as syslog would have written it. Where we are is a cursor; the place of an entry
 * is a number made of its cursor, so that reading it again gives the same place, whatever was rotated or vacuumed.
 */
#include "input/feed.h"

#include "base/mem.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES_A_TURN 1000
#define OWN_UNIT "sokuhod.service"

static int journal_seek(struct feed *f, const char *saved)
{
	const char *start = f->source->start ? f->source->start : "end";
	struct json_object *o = saved ? json_tokener_parse(saved) : NULL, *value = NULL;
	int64_t window;
	int rc = 0;

	if (json_object_object_get_ex(o, "cursor", &value)) {
		f->cursor = mem_strdup(json_object_get_string(value));
		rc = sd_journal_seek_cursor(f->journal, f->cursor);
		if (rc >= 0 && sd_journal_next(f->journal) > 0 && sd_journal_test_cursor(f->journal, f->cursor) <= 0) {
			input_trouble(f->in, f->source, NULL, INPUT_GAP,
				      "the journal was vacuumed beyond the entry that was read last; what came between "
				      "is lost");
			sd_journal_previous(f->journal);
		}
		if (json_object_object_get_ex(o, "stream", &value))
			f->stream = (uint64_t)json_object_get_int64(value);
		if (json_object_object_get_ex(o, "lines", &value))
			f->lines = (uint64_t)json_object_get_int64(value);
	} else if (saved || strcmp(start, "beginning") == 0) {
		rc = sd_journal_seek_head(f->journal);
	} else if (duration_parse(slice_of(start), &window)) {
		rc = sd_journal_seek_realtime_usec(f->journal, (uint64_t)(clock_now() - window) / 1000);
	} else {
		rc = sd_journal_seek_tail(f->journal);
		if (rc >= 0 && sd_journal_previous(f->journal) > 0 && sd_journal_get_cursor(f->journal, &f->cursor) >= 0)
			f->changed = true;
	}
	json_object_put(o);
	return rc;
}

static int journal_matches(struct feed *f)
{
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < f->source->matches.n; i++) {
		const char *match = f->source->matches.at[i];

		rc = strcmp(match, "+") == 0 ? sd_journal_add_disjunction(f->journal) :
					       sd_journal_add_match(f->journal, match, 0);
	}
	return rc;
}

static int journal_open(struct feed *f, const char *saved, struct err *err)
{
	const char *directory = f->source->path.n ? f->source->path.at[0] : NULL;
	uint64_t bytes;
	int rc;

	if (directory)
		rc = sd_journal_open_directory(&f->journal, directory, 0);
	else
		rc = sd_journal_open_namespace(&f->journal, f->source->namespace, SD_JOURNAL_LOCAL_ONLY);
	if (rc < 0) {
		f->journal = NULL;
		return err_set(err, ERR_IO, "the journal%s%s cannot be opened: %s", directory ? " in " : "",
			       directory ? directory : "", strerror(-rc));
	}
	/* no files yet: nothing would tell us when they come. What appears later is read from its beginning. */
	if (sd_journal_get_usage(f->journal, &bytes) >= 0 && !bytes) {
		if (!saved)
			map_put(f->in->saved_feeds, slice_of(f->name), mem_strdup("{}"));
		return err_set(err, ERR_MISSING, "there is no journal yet; it is looked for every second");
	}
	sd_journal_set_data_threshold(f->journal, (size_t)f->in->config->limits.line_max);
	f->fd = sd_journal_get_fd(f->journal);
	rc = f->fd < 0 ? f->fd : journal_matches(f);
	if (rc >= 0)
		rc = journal_seek(f, saved);
	return rc < 0 ? err_set(err, ERR_IO, "the journal cannot be read: %s", strerror(-rc)) : 0;
}

/* The value of a field of the entry, valid until the next call. */
static struct slice entry_field(sd_journal *journal, const char *name)
{
	const void *data;
	size_t len, skip = strlen(name) + 1;

	if (sd_journal_get_data(journal, name, &data, &len) < 0 || len < skip)
		return SLICE("");
	return (struct slice){ (const char *)data + skip, len - skip };
}

static void entry_line(sd_journal *journal, uint64_t usec, struct text *out)
{
	struct slice value;
	struct civil c;

	time_to_civil((int64_t)usec * 1000, OFFSET_JST, &c);
	text_reset(out);
	text_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06d+09:00 ", c.year, c.month, c.day, c.hour, c.minute, c.second,
		  c.ns / 1000);
	value = entry_field(journal, "_HOSTNAME");
	text_add_slice(out, value.len ? value : SLICE("-"));
	text_add_char(out, ' ');
	value = entry_field(journal, "SYSLOG_IDENTIFIER");
	if (!value.len)
		value = entry_field(journal, "_COMM");
	text_add_slice(out, value.len ? value : SLICE("-"));
	value = entry_field(journal, "SYSLOG_PID");
	if (!value.len)
		value = entry_field(journal, "_PID");
	if (value.len) {
		text_add_char(out, '[');
		text_add_slice(out, value);
		text_add_char(out, ']');
	}
	text_add(out, ": ");
	text_add_slice(out, entry_field(journal, "MESSAGE"));
}

static void entry_give(struct feed *f, struct tail_reading *r)
{
	uint64_t usec = 0;
	struct text line = { 0 };
	char *cursor = NULL;
	bool cut;

	if (sd_journal_get_cursor(f->journal, &cursor) < 0)
		return;
	free(f->cursor);
	f->cursor = cursor;
	f->changed = true;
	if (slice_is(entry_field(f->journal, "_SYSTEMD_UNIT"), OWN_UNIT))
		return;
	sd_journal_get_realtime_usec(f->journal, &usec);
	entry_line(f->journal, usec, &line);
	cut = line.len > r->line_max;
	f->offset = hash_bytes(slice_of(cursor)) >> 1;
	feed_give(f, r, "journal", slice_cut(text_slice(&line), 0, cut ? r->line_max : line.len), cut,
		  (int64_t)usec * 1000);
	text_clear(&line);
}

static bool journal_read(struct feed *f, struct tail_reading *r)
{
	int rc = sd_journal_process(f->journal);

	/* files came or went: the place is kept, and the next entry is looked for in what is there now */
	if (rc == SD_JOURNAL_INVALIDATE && f->cursor && sd_journal_seek_cursor(f->journal, f->cursor) >= 0 &&
	    sd_journal_next(f->journal) > 0 && sd_journal_test_cursor(f->journal, f->cursor) <= 0)
		sd_journal_previous(f->journal);
	for (int i = 0; i < ENTRIES_A_TURN; i++) {
		rc = sd_journal_next(f->journal);
		if (rc <= 0)
			return true;
		entry_give(f, r);
	}
	return false;
}

const struct feed_kind journal_feed = { "journal", journal_open, journal_read };
