/*
 * ModSecurity's audit log in sections (versions 2 and 3): --ID-A-- with time and addresses, -B- the request, -F- the answer,
 * -H- what the rules said, -Z- the end. What the access log has too is given under the same ECS names; of the messages the
 * texts and their tags ([id "..."] [msg "..."]) as modsec.*, each as often as it stands there.
 */
#include "decode/format.h"

#include <ctype.h>

#define ID_MIN 8
#define ID_MAX 64

/* The transaction that a boundary names, and the letter of the section behind it; empty: the line is none. */
static struct slice boundary(struct slice line, char *section)
{
	size_t start = 0, end, letter;

	while (start < line.len && start < 3 && line.at[start] == '-')
		start++;
	for (end = start; end < line.len && end < start + ID_MAX && isalnum((unsigned char)line.at[end]);)
		end++;
	for (letter = end; letter < line.len && letter < end + 3 && line.at[letter] == '-';)
		letter++;
	if (start < 2 || end < start + ID_MIN || letter == end || letter + 3 > line.len || line.at[letter] < 'A' ||
	    line.at[letter] > 'Z' || !slice_is(slice_trim(slice_cut(line, letter + 1, line.len)), "--"))
		return SLICE("");
	*section = line.at[letter];
	return slice_cut(line, start, end);
}

static bool modsec_begins(struct slice first)
{
	char section;

	return boundary(first, &section).len && section == 'A';
}

static enum frame_step modsec_goes_on(struct slice first, struct slice line)
{
	char section, a;
	struct slice id = boundary(line, &section);

	if (!id.len)
		return line.len && line.at[0] != '[' && line_is_anothers(line) ? FRAME_DOUBT : FRAME_MORE;
	if (!slice_equal(id, boundary(first, &a)))
		return FRAME_DOUBT;		/* the next entry, or the body of a request that looks like one */
	return section == 'A' ? FRAME_NO : section == 'Z' ? FRAME_LAST : FRAME_MORE;
}

static bool modsec_head(struct record *r, struct slice text, struct head *head)
{
	size_t end = slice_find_byte(text, '\n', 0);

	if (text.len < 2 || text.at[0] != '-' || text.at[1] != '-' || end == text.len || !modsec_begins(slice_cut(text, 0, end)))
		return false;
	r->message = text;
	if (!head->has_stamp)
		head->has_stamp = stamp_parse(slice_cut(text, end + 1, text.len), &head->stamp);
	return true;
}

static void add(struct record *r, const char *name, struct slice value, bool ecs)
{
	if (value.len && !slice_is(value, "-"))
		record_add(r, slice_of(name), value, VALUE_STRING, ecs);
}

static struct slice word_next(struct slice line, size_t *at)
{
	size_t end = slice_find_byte(line, ' ', *at);
	struct slice word = slice_cut(line, *at, end);

	*at = end + 1;
	return word;
}

/* [time] id client port server port */
static void section_a(struct record *r, struct slice line)
{
	static const char *const names[] = { "source.ip", "source.port", "destination.ip", "destination.port" };
	size_t at = slice_find_byte(line, ']', 0) + 2;

	add(r, "modsec.unique_id", word_next(line, &at), false);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add(r, names[i], word_next(line, &at), true);
}

static void request_line(struct record *r, struct slice line)
{
	size_t at = 0;
	struct slice target;

	add(r, "http.request.method", word_next(line, &at), true);
	target = word_next(line, &at);
	add(r, "url.original", target, true);
	add(r, "url.path", slice_cut(target, 0, slice_find_byte(target, '?', 0)), true);
	add(r, "url.query", slice_cut(target, slice_find_byte(target, '?', 0) + 1, target.len), true);
}

static bool header_is(struct slice line, const char *name, struct slice *value)
{
	size_t colon = slice_find_byte(line, ':', 0);

	*value = slice_trim(slice_cut(line, colon + 1, line.len));
	return slice_is_nocase(slice_cut(line, 0, colon), name);
}

static void request_header(struct record *r, struct slice line)
{
	struct slice value;

	if (header_is(line, "Host", &value))
		add(r, "destination.domain", slice_cut(value, 0, slice_find_byte(value, ':', 0)), true);
	else if (header_is(line, "User-Agent", &value))
		add(r, "user_agent.original", value, true);
}

/* [key "value"] ... behind a message; only tags that are wanted. */
static void message_tags(struct record *r, struct slice text)
{
	static const struct { const char *open, *name; } tags[] = {
		{ "[id \"", "modsec.id" }, { "[msg \"", "modsec.msg" }, { "[severity \"", "modsec.severity" },
		{ "[data \"", "modsec.data" }, { "[uri \"", "modsec.uri" }, { "[tag \"", "modsec.tag" },
	};

	for (size_t at = slice_find_byte(text, '[', 0), end = at; at < text.len; at = slice_find_byte(text, '[', end)) {
		struct slice rest = slice_cut(text, at, text.len);

		end = at + 1;
		for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
			if (slice_starts(rest, slice_of(tags[i].open))) {
				end = slice_find(text, SLICE("\"]"), at);
				add(r, tags[i].name, slice_cut(text, at + strlen(tags[i].open), end), false);
			}
	}
}

static void section_h(struct record *r, struct slice line)
{
	struct slice value;

	if (header_is(line, "Message", &value) || header_is(line, "ModSecurity", &value)) {
		add(r, "modsec.message", value, false);
		message_tags(r, value);
	} else if (header_is(line, "Action", &value)) {
		add(r, "modsec.action", value, false);
	}
}

static void modsec_fields(struct record *r)
{
	char section = 0, next;
	struct slice line, id, own = boundary(slice_cut(r->message, 0, slice_find_byte(r->message, '\n', 0)), &next);
	size_t begun = 0, nth = 0;

	for (size_t at = 0; slice_line(r->message, &at, &line); nth++) {
		id = boundary(line, &next);
		if (id.len && slice_equal(id, own)) {
			section = next;
			begun = nth;
		} else if (section == 'A' && nth == begun + 1) {
			section_a(r, line);
		} else if (section == 'B' && nth == begun + 1) {
			request_line(r, line);
		} else if (section == 'B') {
			request_header(r, line);
		} else if (section == 'F' && nth == begun + 1) {
			size_t word = slice_find_byte(line, ' ', 0) + 1;

			add(r, "http.response.status_code", word_next(line, &word), true);
		} else if (section == 'H') {
			section_h(r, line);
		}
	}
}

static const char *const gives[] = {
	"modsec.unique_id", "modsec.message", "modsec.action", "modsec.id", "modsec.msg", "modsec.severity", "modsec.data",
	"modsec.uri", "modsec.tag", "source.ip", "source.port", "destination.ip", "destination.port", "destination.domain",
	"http.request.method", "url.original", "url.path", "url.query", "user_agent.original", "http.response.status_code", NULL
};

const struct format modsec_format = { "modsec", true, "-A--", gives, 0, NULL, NULL, modsec_head, modsec_fields };

const struct framing modsec_framing = { &modsec_format, modsec_begins, modsec_goes_on };
