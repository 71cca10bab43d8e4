/*
 * JSON lines. The head looks only at members of the outermost object, by a scanner that knows
 * strings and nesting; the fields come from json-c, flattened with dots, arrays as several values.
 */
#include "decode/format.h"

#include "base/mem.h"

#include <ctype.h>
#include <json-c/json.h>
#include <string.h>

#define JSON_DEPTH 32
#define NAME_MAX_BYTES 512

/* The end of a string that begins at `at` (on its quote); past the closing quote. */
static size_t string_end(struct slice text, size_t at)
{
	size_t start = ++at;

	while ((at = slice_find_byte(text, '"', at)) < text.len && slice_is_escaped(text, start, at))
		at++;
	return at < text.len ? at + 1 : at;
}

static size_t skip_space(struct slice text, size_t at)
{
	while (at < text.len && (text.at[at] == ' ' || (text.at[at] >= '\t' && text.at[at] <= '\r')))
		at++;
	return at;
}

static size_t value_end(struct slice text, size_t at)
{
	int depth = 0;

	for (; at < text.len; at++) {
		char c = text.at[at];

		if (c == '"') {
			at = string_end(text, at) - 1;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			if (depth-- == 0)
				return at;
		} else if (c == ',' && depth == 0) {
			return at;
		}
	}
	return text.len;
}

/* Members that may hold the time, the best first; and the sensor's own name. */
static const char *const times[] = {
	"timestamp", "@timestamp", "time", "eventTime", "EventTime", "event_time", "ts", "CreationTime",
	"TimeCreated", "datetime", "date", "occurred", "occured", "created_at", "UtcTime", "published",
	"startTime", "start_time",
};
static const char *const hosts[] = { "hostname", "Hostname", "host", "computer_name", "Computer" };
#define PAIR_NAME_MAX 64
#define FRONT_MAX 80		/* bytes before the brace */
#define N_TIMES (sizeof(times) / sizeof(times[0]))
#define N_HOSTS (sizeof(hosts) / sizeof(hosts[0]))

static size_t rank_of(const char *const *names, size_t n, struct slice key)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(key, names[i]))
			return i;
	return n;
}

/* Is the best name that is a time somewhere in the text at all? A cheap look before a walk over all members. */
static bool may_have_better_time(struct slice text, size_t rank)
{
	for (size_t i = 0; i < rank; i++)
		if (memmem(text.at, text.len, times[i], strlen(times[i])))
			return true;
	return false;
}

static bool host_is_plain(struct slice value)
{
	return value.len && value.len < 256 && value.at[0] != '{' && value.at[0] != '[' &&
	       !slice_is(value, "null") && slice_find_byte(value, '\\', 0) == value.len;
}

/* One walk over the members of the outermost object. host: NULL when nobody asks. */
static void json_walk(struct slice text, struct head *head, struct slice *host)
{
	size_t at = skip_space(text, 1), best_time = N_TIMES, best_host = N_HOSTS;

	while (at < text.len && text.at[at] == '"') {
		size_t name = at + 1, colon, end, rank;
		struct slice key, value;
		struct stamp stamp;

		at = string_end(text, at);
		key = slice_cut(text, name, at - 1);
		colon = skip_space(text, at);
		if (colon >= text.len || text.at[colon] != ':')
			return;
		colon = skip_space(text, colon + 1);
		end = value_end(text, colon);
		value = slice_trim(slice_cut(text, colon, end));
		if (value.len >= 2 && value.at[0] == '"')
			value = slice_cut(value, 1, value.len - 1);
		rank = rank_of(times, best_time, key);
		if (rank < best_time && stamp_parse(value, &stamp)) {
			best_time = rank;
			head->stamp = stamp;
			head->has_stamp = true;
			if (!host && !may_have_better_time(slice_cut(text, end, text.len), rank))
				return;
		}
		if (host && (rank = rank_of(hosts, best_host, key)) < best_host && host_is_plain(value)) {
			best_host = rank;
			*host = value;
		}
		if (end >= text.len || text.at[end] != ',')
			return;
		at = skip_space(text, end + 1);
	}
}

/* A text value further in, of documents whose first member holds everything: EVTX dumped to JSON, audit entries of ModSecurity. */
static bool inner_peek(struct slice text, const char *member, const char *key, struct slice *value)
{
	size_t at;

	if (!slice_starts(slice_cut(text, skip_space(text, 1), text.len), slice_of(member)))
		return false;
	at = slice_find(text, slice_of(key), 0) + strlen(key);
	if (at >= text.len)
		return false;
	at = skip_space(text, at);
	if (at >= text.len || text.at[at] != ':')
		return false;
	at = skip_space(text, at + 1);
	if (at >= text.len || text.at[at] != '"')
		return false;
	*value = slice_cut(text, at + 1, slice_find_byte(text, '"', at + 1));
	return true;
}

static void find_inner_time(struct slice text, struct head *head)
{
	static const struct { const char *member, *key; } inner[] = {
		{ "\"Event\"", "\"SystemTime\"" }, { "\"transaction\"", "\"time_stamp\"" }, { "\"transaction\"", "\"time\"" },
	};
	struct slice value;

	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]) && !head->has_stamp; i++)
		head->has_stamp = inner_peek(text, inner[i].member, inner[i].key, &value) && stamp_parse(value, &head->stamp);
}

/*
 * Where the object begins behind a word or two and a colon, as shippers leave them: `name -: {`, `@cee: {`. 0: nowhere. More
 * words say something.
 */
static size_t start_behind_words(struct slice text)
{
	struct slice front = slice_cut(text, 0, FRONT_MAX);
	size_t at = slice_find(front, SLICE(": {"), 0), blanks = 0;

	if (at >= front.len || text.at[text.len - 1] != '}')
		return 0;
	for (size_t i = 0; i < at; i++) {
		blanks += text.at[i] == ' ';
		if (!isalnum((unsigned char)text.at[i]) && !strchr(" -_.@[]/", text.at[i]))
			return 0;
	}
	return blanks < 2 ? at + 2 : 0;
}

static bool json_head(struct record *r, struct slice text, struct head *head)
{
	size_t at = skip_space(text, 0);
	struct slice value;

	if (slice_starts(slice_cut(text, at, text.len), SLICE("\xef\xbb\xbf")))
		at += 3;
	else if (at < text.len && text.at[at] != '{')
		at = start_behind_words(text);
	if (at >= text.len || text.at[at] != '{')
		return false;
	text = slice_cut(text, at, text.len);
	at = skip_space(text, 1);
	if (at >= text.len || (text.at[at] != '"' && text.at[at] != '}'))
		return false;
	r->message = text;
	json_walk(text, head, head->peek || r->host.len ? NULL : &r->host);
	find_inner_time(text, head);
	if (!head->peek && inner_peek(text, "\"Event\"", "\"Computer\"", &value) && value.len < 256)
		r->host = value;
	return true;
}

/* Does JSON stand in a string? Its first name stands behind an escaped quotation mark or line end. */
static bool carries_json(struct slice line, size_t at)
{
	while (at && (line.at[at - 1] == ' ' || line.at[at - 1] == '\t'))
		at--;
	return at && line.at[at - 1] == '{';
}

/* Does a line with escapes of its own stand in a string? Then they must be undone a second time. */
static bool carries_escapes(struct slice line, size_t at)
{
	char next = at + 2 < line.len && line.at[at + 1] == '\\' ? line.at[at + 2] : '\0';

	if (next && strchr("nrt", next))
		return slice_find(line, SLICE("CEF:"), 0) < line.len;
	return next && strchr("\\=|/", next);
}

/* Does a line of an access log stand in a string, and is its target encoded? */
static bool carries_percent(struct slice line, size_t at)
{
	return slice_ends(slice_cut(line, 0, at), SLICE("] ")) && slice_find_byte(line, '%', at) < line.len;
}

/* \uXXXX may spell anything; the other escapes stand for one byte each, but where a line of its own is carried. */
static bool json_escape_is_opaque(struct slice line, size_t at)
{
	return (at + 1 < line.len && line.at[at + 1] == 'u') || carries_json(line, at) || carries_escapes(line, at) || carries_percent(line, at);
}

/* The four digits behind \u; -1 when they are none. */
static long hex_code(struct slice text, size_t at)
{
	long code = 0;

	if (at + 6 > text.len || text.at[at] != '\\' || text.at[at + 1] != 'u')
		return -1;
	for (size_t i = at + 2; i < at + 6; i++) {
		char c = text.at[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;

		if (digit < 0)
			return -1;
		code = code << 4 | digit;
	}
	return code;
}

size_t utf8_put(long code, char *out)
{
	static const struct { long below; unsigned char lead; size_t more; } rows[] = {
		{ 0x80, 0, 0 }, { 0x800, 0xc0, 1 }, { 0x10000, 0xe0, 2 }, { 0x110000, 0xf0, 3 },
	};
	size_t i = 0;

	while (code >= rows[i].below)
		i++;
	out[0] = (char)(rows[i].lead | code >> (6 * rows[i].more));
	for (size_t k = 1; k <= rows[i].more; k++)
		out[k] = (char)(0x80 | (code >> (6 * (rows[i].more - k)) & 0x3f));
	return rows[i].more + 1;
}

/* What a character's code at `at` spells; skips it. A pair of surrogates is one character; a lone one becomes U+FFFD, as json-c does it. */
static size_t code_undo(struct slice text, size_t *at, long code, char *out)
{
	long low = code >= 0xd800 && code < 0xdc00 ? hex_code(text, *at + 6) : -1;

	*at += 6;
	if (low >= 0xdc00 && low < 0xe000) {
		code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
		*at += 6;
	} else if (code >= 0xd800 && code < 0xe000) {
		code = 0xfffd;
	}
	return utf8_put(code, out);
}

static size_t undo(struct slice text, char *out)
{
	static const char letters[] = "nrtbf", bytes[] = "\n\r\t\b\f";
	size_t n = 0;

	for (size_t i = 0; i < text.len;) {
		long code = hex_code(text, i);
		const char *letter;

		if (code >= 0) {
			n += code_undo(text, &i, code, out + n);
		} else if (text.at[i] != '\\' || i + 1 == text.len) {
			out[n++] = text.at[i++];
		} else {
			letter = memchr(letters, text.at[i + 1], sizeof(letters) - 1);
			out[n++] = letter ? bytes[letter - letters] : text.at[i + 1];
			i += 2;
		}
	}
	return n;
}

/*
 * A line that is carried may have escapes of its own: it follows undone a second time, behind a NUL; so does an access log. CEF has
 * escapes of another kind: a line end says that patterns cannot be looked for.
 */
static size_t json_unescape(struct slice text, char *out)
{
	struct slice once = { out, undo(text, out) };
	size_t n = once.len, target = slice_find(once, SLICE("] \""), 0);

	if (slice_find_byte(once, '\\', 0) < once.len) {
		out[n++] = '\0';
		n += undo(once, out + n);
		if (slice_find(once, SLICE("CEF:"), 0) < once.len)
			out[n++] = '\n';
	}
	if (slice_find_byte(once, '%', target) < once.len) {
		out[n++] = '\0';
		n += percent_undo(slice_cut(once, target, once.len), out + n);
	}
	return n;
}

static void flatten(struct record *r, struct json_object *o, char *name, size_t len, int depth);

static void flatten_member(struct record *r, const char *key, struct json_object *value,
			   char *name, size_t len, int depth)
{
	size_t more = strlen(key), start = len ? len + 1 : 0;

	if (start + more >= NAME_MAX_BYTES) {
		r->marks |= RECORD_TOO_DEEP;
		return;
	}
	if (len)
		name[len] = '.';
	memcpy(name + start, key, more);
	flatten(r, value, name, start + more, depth + 1);
}

/*
 * A number as the reader writes it; -007 as it stands in the line, so that nothing but saturation gives digits that are
 * not there (through.c).
 */
static struct slice number_text(const struct record *r, struct json_object *o)
{
	struct slice text = slice_of(json_object_to_json_string(o)), digits = slice_cut(text, 1, text.len);
	size_t at, zeros;

	if (text.at[0] != '-' || slice_find(r->raw, text, 0) < r->raw.len)
		return text;
	for (at = slice_find(r->raw, SLICE("-0"), 0); at < r->raw.len; at = slice_find(r->raw, SLICE("-0"), at + 2)) {
		for (zeros = at + 1; zeros < r->raw.len && r->raw.at[zeros] == '0'; zeros++)
			;
		if (slice_starts(slice_cut(r->raw, zeros, r->raw.len), digits))
			return slice_cut(r->raw, at, zeros + digits.len);
	}
	return text;
}

/* A name that stands in the line as it is. */
static const char *pair_name(struct json_object *o)
{
	static const char *const members[] = { "name", "Name", "key", "Key", "displayName", "@Name" };
	struct json_object *name = NULL;
	const char *text;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && !name; i++)
		if (!json_object_object_get_ex(o, members[i], &name) || !json_object_is_type(name, json_type_string))
			name = NULL;
	text = name ? json_object_get_string(name) : "";
	for (size_t i = 0; text[i]; i++)
		if (i == PAIR_NAME_MAX || (!isalnum((unsigned char)text[i]) && !strchr("_-. ", text[i])))
			return NULL;
	return *text ? text : NULL;
}

/* A value, or a list of values: what holds more would be gone through twice at each depth. */
static bool is_plain_value(struct json_object *o)
{
	if (!json_object_is_type(o, json_type_array))
		return !json_object_is_type(o, json_type_object);
	for (size_t i = 0; i < json_object_array_length(o); i++)
		if (json_object_is_type(json_object_array_get_idx(o, i), json_type_array) ||
		    json_object_is_type(json_object_array_get_idx(o, i), json_type_object))
			return false;
	return true;
}

/* Of a list of {"name": "visibility", "value": "public"} also visibility: public; as audit logs of clouds write what was changed. */
static void flatten_pair(struct record *r, struct json_object *o, char *name, size_t len, int depth)
{
	static const char *const members[] = { "value", "Value", "newValue", "NewValue", "multiValue", "intValue", "boolValue", "#text" };
	const char *own = json_object_is_type(o, json_type_object) ? pair_name(o) : NULL;
	struct json_object *value;

	for (size_t i = 0; own && i < sizeof(members) / sizeof(members[0]); i++)
		if (json_object_object_get_ex(o, members[i], &value) && is_plain_value(value))
			flatten_member(r, own, value, name, len, depth);
}

static void flatten(struct record *r, struct json_object *o, char *name, size_t len, int depth)
{
	struct slice n = { name, len };
	struct slice text;

	if (depth > JSON_DEPTH) {
		r->marks |= RECORD_TOO_DEEP;
		return;
	}
	switch (json_object_get_type(o)) {
	case json_type_null: record_add_copy(r, n, SLICE(""), VALUE_NULL, false); break;
	case json_type_boolean:
		text = json_object_get_boolean(o) ? SLICE("true") : SLICE("false");
		record_add_copy(r, n, text, VALUE_BOOL, false);
		break;
	case json_type_int:
		if (json_object_get_int64(o) == INT64_MAX || json_object_get_int64(o) == INT64_MIN)
			r->marks |= RECORD_SATURATED;
		/* fall through */
	case json_type_double:
		record_add_copy(r, n, number_text(r, o), VALUE_NUMBER, false);
		break;
	case json_type_string:
		text.at = json_object_get_string(o);
		text.len = (size_t)json_object_get_string_len(o);
		record_add_copy(r, n, text, VALUE_STRING, false);
		break;
	case json_type_array:
		for (size_t i = 0; i < json_object_array_length(o); i++) {
			flatten(r, json_object_array_get_idx(o, i), name, len, depth + 1);
			flatten_pair(r, json_object_array_get_idx(o, i), name, len, depth);
		}
		break;
	case json_type_object: {
		json_object_object_foreach(o, key, value)
			flatten_member(r, key, value, name, len, depth);
		break;
	}
	}
}

/* A line that was cut: close the open string and brackets, so that what is there can be read. */
static struct slice json_close(struct record *r, struct slice text)
{
	char stack[JSON_DEPTH + 2];
	size_t depth = 0, at = 0, last_whole = 0;
	char *closed;

	for (; at < text.len; at++) {
		char c = text.at[at];

		if (c == '"') {
			size_t end = string_end(text, at);

			if (end >= text.len && text.at[text.len - 1] != '"')
				break;
			at = end - 1;
		} else if ((c == '{' || c == '[') && depth <= JSON_DEPTH) {
			stack[depth++] = c == '{' ? '}' : ']';
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
		} else if (c == ',' ) {
			last_whole = at;
		}
	}
	closed = arena_alloc(r->arena, last_whole + depth + 1);
	memcpy(closed, text.at, last_whole);
	for (size_t i = 0; i < depth; i++)
		closed[last_whole + i] = stack[depth - 1 - i];
	return (struct slice){ closed, last_whole + depth };
}

static struct json_object *json_read(struct record *r, struct slice text)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *o = json_tokener_parse_ex(tokener, text.at, (int)text.len);

	if (!o && json_tokener_get_error(tokener) == json_tokener_error_depth)
		r->marks |= RECORD_TOO_DEEP;
	json_tokener_free(tokener);
	return o;
}

bool json_flatten(struct record *r, struct slice text, struct slice prefix)
{
	char name[NAME_MAX_BYTES];
	struct json_object *o;

	if (text.len > INT32_MAX || prefix.len >= NAME_MAX_BYTES)
		return false;
	o = json_read(r, text);
	if (!o) {
		r->marks |= RECORD_BROKEN;
		o = json_read(r, json_close(r, text));
	}
	if (!o)
		return false;
	memcpy(name, prefix.at, prefix.len);
	flatten(r, o, name, prefix.len, 0);
	json_object_put(o);
	return true;
}

static void json_fields(struct record *r)
{
	json_flatten(r, r->message, SLICE(""));
}

/* Written for people: a brace alone, members with blanks in front, the other brace at the margin. */
static bool json_begins(struct slice first)
{
	return slice_is(slice_trim(first), "{");
}

static enum frame_step json_goes_on(struct slice first, struct slice line)
{
	(void)first;
	if (line.len && line.at[0] == '}')
		return FRAME_LAST;
	return !line.len || line.at[0] == ' ' || line.at[0] == '\t' || line.at[0] == '"' ? FRAME_MORE : FRAME_NO;
}

const struct format json_format = { "json", true, "{", NULL, '\\', json_escape_is_opaque, json_unescape, json_head, json_fields };

const struct framing json_framing = { &json_format, json_begins, json_goes_on };
