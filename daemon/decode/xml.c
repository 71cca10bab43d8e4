/*
 * XML documents (Windows events, ePO and others) in a line or over several, read by expat. Elements are named by their path with dots,
 * attributes after their element; <Data Name="X">v</Data> gives X under the parent. There are no entities but the five
 * of XML itself: a document with a DOCTYPE is not read further.
 *
 * A value is a piece of the line, or of the line with its character references undone. What the parser put together
 * otherwise, such as text around a comment, is left out.
 */
#include "decode/format.h"

#include "base/mem.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

#define XML_DEPTH 32
#define PATH_MAX_BYTES 512
#define INDENT_MAX 16

struct element {
	size_t path_len;		/* of the path without this element */
	bool has_children;
	struct slice name_attribute;
};

struct reader {
	struct record *record;
	XML_Parser parser;
	char path[PATH_MAX_BYTES];
	size_t path_len;
	struct element elements[XML_DEPTH];
	int depth;
	struct slice undone;		/* the message without references; empty where it has none */
	struct text text;		/* of the element that is open */
};

/* The character that a reference at text.at[0] stands for, and its length; -1: this is none. */
static long reference(struct slice text, size_t *len)
{
	static const struct { const char *word; char byte; } words[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' },
	};
	size_t at = 2;
	bool hex;
	long code = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		*len = strlen(words[i].word);
		if (slice_starts(text, slice_of(words[i].word)))
			return words[i].byte;
	}
	if (!slice_starts(text, SLICE("&#")))
		return -1;
	hex = at < text.len && text.at[at] == 'x';
	for (at += hex; at < text.len && code < 0x110000; at++) {
		char c = text.at[at];

		if (c == ';') {
			*len = at + 1;
			return code > 0 ? code : -1;
		}
		if (c >= '0' && c <= '9')
			code = code * (hex ? 16 : 10) + (c - '0');
		else if (hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			code = code * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return -1;
}

static bool reference_is_there(struct slice line, size_t at)
{
	size_t len;

	return reference(slice_cut(line, at, line.len), &len) >= 0;
}

static size_t xml_unescape(struct slice text, char *out)
{
	size_t n = 0, len;

	for (size_t i = 0; i < text.len; i++) {
		long code = text.at[i] == '&' ? reference(slice_cut(text, i, text.len), &len) : -1;

		if (code < 0) {
			out[n++] = text.at[i];
			continue;
		}
		n += utf8_put(code, out + n);
		i += len - 1;
	}
	return n;
}

static void path_add(struct reader *x, struct slice name)
{
	if (x->path_len + name.len + 1 >= PATH_MAX_BYTES)
		name.len = 0;
	if (x->path_len && name.len)
		x->path[x->path_len++] = '.';
	memcpy(x->path + x->path_len, name.at, name.len);
	x->path_len += name.len;
}

static struct slice local_name(const char *name)
{
	const char *colon = strchr(name, ':');

	return slice_of(colon ? colon + 1 : name);
}

/* The value under the path and one more name. */
static void value_add(struct reader *x, size_t path_len, struct slice name, struct slice value)
{
	size_t kept = x->path_len;
	struct slice message = x->record->message;

	if (x->record->n_fields == RECORD_FIELDS_MAX) {
		x->record->marks |= RECORD_TOO_MANY_FIELDS;
		return;				/* looking for each in the message has a price */
	}
	if (slice_find(message, value, 0) == message.len && slice_find(x->undone, value, 0) == x->undone.len) {
		x->record->marks |= RECORD_BROKEN;
		return;
	}
	x->path_len = path_len;
	path_add(x, name);
	record_add_copy(x->record, (struct slice){ x->path, x->path_len }, value, VALUE_STRING, false);
	x->path_len = kept;
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *x = context;
	struct element *e;

	if (x->depth > 0)
		x->elements[x->depth - 1].has_children = true;
	if (x->depth == XML_DEPTH) {
		x->record->marks |= RECORD_TOO_DEEP;
		XML_StopParser(x->parser, XML_FALSE);
		return;
	}
	e = &x->elements[x->depth++];
	*e = (struct element){ .path_len = x->path_len };
	path_add(x, local_name(name));
	text_reset(&x->text);
	for (; *attributes; attributes += 2) {
		struct slice value = slice_of(attributes[1]);

		if (slice_starts(slice_of(attributes[0]), SLICE("xmlns")) || !value.len)
			continue;
		if (slice_is_nocase(slice_of(attributes[0]), "name"))
			e->name_attribute = (struct slice){
				arena_strndup(x->record->arena, value.at, value.len), value.len };
		else
			value_add(x, x->path_len, local_name(attributes[0]), value);
	}
}

static void on_text(void *context, const XML_Char *bytes, int n)
{
	struct reader *x = context;

	text_add_slice(&x->text, (struct slice){ bytes, (size_t)n });
}

static void on_end(void *context, const XML_Char *name)
{
	struct reader *x = context;
	struct element *e = &x->elements[--x->depth];
	struct slice value = e->has_children ? SLICE("") : slice_trim(text_slice(&x->text));

	(void)name;
	if (value.len && e->name_attribute.len)
		value_add(x, e->path_len, e->name_attribute, value);
	else if (e->name_attribute.len)
		value_add(x, x->path_len, SLICE("Name"), e->name_attribute);
	else if (value.len)
		value_add(x, x->path_len, SLICE(""), value);
	x->path_len = e->path_len;
	text_reset(&x->text);
}

static void on_doctype(void *context, const XML_Char *name, const XML_Char *system, const XML_Char *public,
		       int internal)
{
	struct reader *x = context;

	(void)name, (void)system, (void)public, (void)internal;
	XML_StopParser(x->parser, XML_FALSE);
}

static void xml_fields(struct record *r)
{
	struct reader x = { .record = r };

	if (r->message.len > INT_MAX)
		return;
	x.parser = XML_ParserCreate("UTF-8");
	if (!x.parser)
		return;
	if (slice_find_byte(r->message, '&', 0) < r->message.len) {
		char *undone = arena_alloc(r->arena, r->message.len);

		x.undone = (struct slice){ undone, xml_unescape(r->message, undone) };
	}
	XML_SetUserData(x.parser, &x);
	XML_SetElementHandler(x.parser, on_start, on_end);
	XML_SetCharacterDataHandler(x.parser, on_text);
	XML_SetStartDoctypeDeclHandler(x.parser, on_doctype);
	if (XML_Parse(x.parser, r->message.at, (int)r->message.len, XML_TRUE) != XML_STATUS_OK &&
	    XML_GetErrorCode(x.parser) != XML_ERROR_JUNK_AFTER_DOC_ELEMENT)
		r->marks |= RECORD_BROKEN;
	XML_ParserFree(x.parser);
	text_clear(&x.text);
}

static void find_stamp(struct slice text, struct head *head)
{
	static const struct { const char *front; bool utc; } times[] = {
		{ "SystemTime=", true }, { "<DetectedUTC>", true }, { "UTC>", true }, { "<timestamp>", false },
		{ "<Timestamp>", false }, { "<time>", false }, { "<Time>", false }, { "timestamp=", false },
		{ "time=", false },
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]) && !head->has_stamp; i++) {
		struct slice front = slice_of(times[i].front);
		size_t at = slice_find(text, front, 0) + front.len;

		if (at >= text.len)
			continue;
		if (text.at[at] == '"' || text.at[at] == '\'')
			at++;
		head->has_stamp = stamp_parse(slice_cut(text, at, text.len), &head->stamp);
		if (head->has_stamp && times[i].utc)
			head->stamp.has_offset = true;
	}
}

static bool xml_head(struct record *r, struct slice text, struct head *head)
{
	struct slice front;

	if (slice_starts(text, SLICE("\xef\xbb\xbf")))
		text = slice_cut(text, 3, text.len);
	if (text.len && text.at[0] == ' ')
		text = slice_trim(text);
	front = slice_cut(text, 0, 2);
	if (front.len < 2 || front.at[0] != '<' ||
	    !(front.at[1] == '?' || ((front.at[1] | 0x20) >= 'a' && (front.at[1] | 0x20) <= 'z')))
		return false;
	if (slice_find(text, SLICE("</"), 0) == text.len && slice_find(text, SLICE("/>"), 0) == text.len)
		return false;
	r->message = text;
	if (!head->has_stamp)
		find_stamp(text, head);
	return true;
}

/* The element that a line opens and does not close, of those that are a record; empty: none. */
static struct slice root_of(struct slice line)
{
	static const char *const roots[] = { "Event", "EPOEvent", "EPOevent", "log", "alert" };
	size_t start = 0, end;
	struct slice name;

	while (start < line.len && start < INDENT_MAX && line.at[start] == ' ')
		start++;
	if (start >= line.len || line.at[start++] != '<')
		return SLICE("");
	for (end = start; end < line.len && line.at[end] != ' ' && line.at[end] != '>';)
		end++;
	name = slice_cut(line, start, end);
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (slice_is(name, roots[i]))
			return name;
	return SLICE("");
}

static bool closes(struct slice line, struct slice root)
{
	for (size_t at = slice_find(line, SLICE("</"), 0); at < line.len; at = slice_find(line, SLICE("</"), at + 2))
		if (slice_starts(slice_cut(line, at + 2, line.len), root) && at + 2 + root.len < line.len &&
		    line.at[at + 2 + root.len] == '>')
			return true;
	return false;
}

static bool xml_begins(struct slice first)
{
	struct slice root = root_of(first);

	return root.len && !closes(first, root) && !slice_ends(first, SLICE("/>"));
}

static enum frame_step xml_goes_on(struct slice first, struct slice line)
{
	if (slice_equal(root_of(line), root_of(first)) || line_is_anothers(line))
		return FRAME_NO;		/* the one before was never closed */
	return closes(line, root_of(first)) ? FRAME_LAST : FRAME_MORE;
}

const struct format xml_format = { "xml", true, "<", NULL, '&', reference_is_there, xml_unescape, xml_head, xml_fields };

const struct framing xml_framing = { &xml_format, xml_begins, xml_goes_on };
