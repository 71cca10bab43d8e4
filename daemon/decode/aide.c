/*
 * Reports of AIDE, from `Start timestamp:` or `AIDE found differences` on: which entries were added, removed or changed. The
 * report has no mark at its end in every version, so each line must look like one of it.
 */
#include "decode/format.h"

#include <ctype.h>

#define ATTRIBUTES_MAX 48		/* in front of a path: `f >...mc..H... : ` */

static bool starts_with_one(struct slice line, const char *const *words)
{
	for (; *words; words++)
		if (slice_starts(line, slice_of(*words)))
			return true;
	return false;
}

static bool aide_begins(struct slice first)
{
	return (slice_starts(first, SLICE("Start timestamp: ")) && slice_find(first, SLICE("(AIDE "), 0) < first.len) ||
	       (slice_starts(first, SLICE("AIDE ")) && slice_find(first, SLICE("found "), 0) < first.len);
}

/* `f++++++: /path` or `changed: /path`: the path, and the words in front of it. */
static bool entry_take(struct slice line, struct slice *what, struct slice *path)
{
	size_t colon = slice_find(slice_cut(line, 0, ATTRIBUTES_MAX), SLICE(": /"), 0);
	struct slice front = slice_trim(slice_cut(line, 0, colon));

	if (colon + 3 > line.len || colon + 3 > ATTRIBUTES_MAX || !front.len)
		return false;
	*what = front;
	*path = slice_trim(slice_cut(line, colon + 2, line.len));
	if (slice_is(front, "added") || slice_is(front, "removed") || slice_is(front, "changed"))
		return true;
	for (size_t i = 1; i < front.len; i++)
		if (!isalpha((unsigned char)front.at[i]) && !strchr(" .+-<>=:", front.at[i]))
			return false;
	return front.len >= 6 && (slice_find_byte(front, '.', 0) < front.len || slice_find(front, SLICE("++"), 0) < front.len ||
				  slice_find(front, SLICE("--"), 0) < front.len);
}

static enum frame_step aide_goes_on(struct slice first, struct slice line)
{
	static const char *const words[] = {
		"---", "===", "AIDE ", "Start timestamp: ", "Verbose level", "Report level", "Ignored ", "Config ", "Summary:",
		"Total number", "Number of entries", "Added ", "Removed ", "Changed ", "Detailed ", "The attributes ", "File: ",
		"Directory: ", "Link: ", "FIFO: ", "Socket: ", "Block device: ", "Character device: ", "Door: ", "Port: ", "/", " ",
		"\t", NULL
	};
	struct slice what, path;

	if (slice_starts(line, SLICE("End timestamp: ")))
		return FRAME_LAST;
	if (slice_starts(line, slice_cut(first, 0, 5)))
		return FRAME_NO;		/* the next report */
	return !line.len || starts_with_one(line, words) || entry_take(line, &what, &path) ? FRAME_MORE : FRAME_NO;
}

static bool aide_head(struct record *r, struct slice text, struct head *head)
{
	struct slice time = SLICE("Start timestamp: ");
	size_t at;

	if (head->has_stamp || !text.len || (text.at[0] != 'S' && text.at[0] != 'A') ||
	    !aide_begins(slice_cut(text, 0, slice_find_byte(text, '\n', 0))))
		return false;
	r->message = text;
	at = slice_find(text, time, 0) + time.len;
	if (at < text.len)
		head->has_stamp = stamp_parse(slice_cut(text, at, text.len), &head->stamp);
	return true;
}

static void entry_add(struct record *r, const char *section, struct slice what, struct slice path)
{
	const char *name = slice_is(what, "added") || slice_find(what, SLICE("+++"), 0) < what.len ? "aide.added" :
			   slice_is(what, "removed") || slice_find(what, SLICE("---"), 0) < what.len ? "aide.removed" :
			   slice_is(what, "changed") ? "aide.changed" : section;

	record_add(r, slice_of(name), path, VALUE_STRING, false);
	record_add(r, SLICE("file.path"), path, VALUE_STRING, true);
}

static void aide_fields(struct record *r)
{
	const char *section = "aide.changed";
	struct slice line, what, path;

	for (size_t at = 0; slice_line(r->message, &at, &line);) {
		if (slice_starts(line, SLICE("Detailed ")) || slice_starts(line, SLICE("The attributes ")))
			return;			/* says more of the same entries */
		if (slice_starts(line, SLICE("AIDE ")) || slice_starts(line, SLICE("Start timestamp: ")))
			continue;
		if (slice_starts(line, SLICE("Added ")))
			section = "aide.added";
		else if (slice_starts(line, SLICE("Removed ")))
			section = "aide.removed";
		else if (slice_starts(line, SLICE("Changed ")))
			section = "aide.changed";
		else if (entry_take(line, &what, &path))
			entry_add(r, section, what, path);
	}
}

static const char *const gives[] = { "aide.added", "aide.removed", "aide.changed", "file.path", NULL };

const struct format aide_format = { "aide", false, "AIDE ", gives, 0, NULL, NULL, aide_head, aide_fields };

const struct framing aide_framing = { &aide_format, aide_begins, aide_goes_on };
