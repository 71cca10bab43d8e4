/*
 * CEF: `CEF:0|vendor|product|version|class id|name|severity|key=value ...`, also with a blank after the
 * colon. A value runs to the next ` key=`; `\|` `\\` in the header, `\=` `\\` `\n` in values. A pair
 * cs1Label=malName cs1=X also gives malName=X.
 */
#include "decode/format.h"

#include "base/mem.h"

#include <ctype.h>
#include <string.h>

#define HEADER_MAX 512		/* bytes before CEF: */

static size_t cef_start(struct slice text)
{
	struct slice front = slice_cut(text, 0, HEADER_MAX + 4);
	size_t at, i;

	if (slice_find_byte(front, '|', 0) == front.len)	/* most lines */
		return text.len;
	at = slice_find(front, SLICE("CEF:"), 0);
	if (at >= front.len || at + 4 >= text.len)
		return text.len;
	i = at + 4;
	if (text.at[i] == ' ')
		i++;
	if (i + 1 >= text.len || !isdigit((unsigned char)text.at[i]))
		return text.len;
	while (i < text.len && (isdigit((unsigned char)text.at[i]) || text.at[i] == '.'))
		i++;
	return i < text.len && text.at[i] == '|' ? at : text.len;
}

/* The value of ` key=` in the raw extension; for the head only. */
static bool cef_peek(struct slice text, const char *key, struct slice *value)
{
	struct slice needle = slice_of(key);
	size_t at = slice_find(text, needle, 0), end;

	if (at >= text.len)
		return false;
	at += needle.len;
	for (end = at; end < text.len; end++)	/* up to the last blank before the next = */
		if (text.at[end] == '=')
			break;
	if (end < text.len)
		while (end > at && text.at[end] != ' ')
			end--;
	*value = slice_trim(slice_cut(text, at, end));
	return value->len > 0;
}

/* Some write RFC 5424 with `CEF` as the program, and the rest of the header as the message. */
static bool is_program(const struct record *r, struct slice text)
{
	return slice_is(r->program, "CEF") && text.len > 1 && isdigit((unsigned char)text.at[0]) && text.at[1] == '|';
}

static bool cef_head(struct record *r, struct slice text, struct head *head)
{
	size_t at = is_program(r, text) ? 0 : cef_start(text);
	struct slice value;

	if (at >= text.len)
		return false;
	r->message = slice_cut(text, at, text.len);
	if (!head->has_stamp && (cef_peek(text, " rt=", &value) || cef_peek(text, "|rt=", &value) ||
				 cef_peek(text, " end=", &value) ||
				 cef_peek(text, " start=", &value)))
		head->has_stamp = stamp_parse(value, &head->stamp);
	return true;
}

static struct slice unescape(struct record *r, struct slice in)
{
	struct slice out;
	bool path = false;		/* a Windows path stands there since the last blank */
	char *at;

	if (slice_find_byte(in, '\\', 0) == in.len)
		return in;
	at = arena_alloc(r->arena, in.len + 1);
	out = (struct slice){ at, 0 };
	for (size_t i = 0; i < in.len; i++) {
		char c = in.at[i];

		if (c == '\\' && i + 1 < in.len && strchr("\\|=nrt", in.at[i + 1]) && in.at[i + 1]) {
			c = in.at[++i];
			/* a Windows path that was not escaped: \n stays as it is before a letter, and \r in a path */
			if (c == 'n' || c == 'r' || c == 't') {
				bool alone = i + 1 >= in.len || !isalnum((unsigned char)in.at[i + 1]);
				bool breaks = !path || i + 1 >= in.len || in.at[i + 1] == '\\';

				if (alone && breaks && c != 't')
					c = c == 'n' ? '\n' : '\r';
				else
					at[out.len++] = '\\';
			}
		}
		path = c == ' ' || c == '\n' ? false : path || (c == '\\' && out.len && at[out.len - 1] == ':');
		at[out.len++] = c;
	}
	return out;
}

static bool is_key_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-' || c == '[' || c == ']';
}

/* Where the next ` key=` begins at or after `at`; text.len when there is none. */
static size_t next_key(struct slice text, size_t at)
{
	for (size_t eq = slice_find_byte(text, '=', at); eq < text.len;
	     eq = slice_find_byte(text, '=', eq + 1)) {
		size_t start = eq;

		if (eq && text.at[eq - 1] == '\\')
			continue;
		while (start > at && is_key_char(text.at[start - 1]))
			start--;
		if (start < eq && (start == 0 || text.at[start - 1] == ' ' || text.at[start - 1] == '\t'))
			return start;
	}
	return text.len;
}

static void resolve_labels(struct record *r)
{
	size_t n = r->n_fields;

	for (size_t i = 0; i < n; i++) {
		struct slice name = r->fields[i].name, base;
		const struct field *value;

		if (!slice_ends(name, SLICE("Label")) || !r->fields[i].value.len)
			continue;
		base = slice_cut(name, 0, name.len - 5);
		value = record_find(r, arena_strndup(r->arena, base.at, base.len));
		if (value)
			record_add(r, r->fields[i].value, value->value, VALUE_STRING, false);
	}
}

static const char *const header[] = { "cef.version", "cef.vendor", "cef.product", "cef.device_version", "cef.event_class_id",
				      "cef.name", "cef.severity", NULL };

static void cef_fields(struct record *r)
{
	struct slice text = slice_cut(r->message, slice_starts(r->message, SLICE("CEF:")) ? 4 : 0, r->message.len);
	size_t at = 0, key;

	for (size_t i = 0; i < 7; i++) {
		size_t end = at;

		while (end < text.len && text.at[end] != '|')
			end += text.at[end] == '\\' ? 2 : 1;
		if (end > text.len)
			end = text.len;
		if (end == text.len && i < 6)
			r->marks |= RECORD_BROKEN;
		record_add(r, slice_of(header[i]),
			   unescape(r, slice_trim(slice_cut(text, at, end))), VALUE_STRING, false);
		at = end < text.len ? end + 1 : text.len;
	}
	text = slice_cut(text, at, text.len);
	for (key = next_key(text, 0); key < text.len;) {
		size_t eq = slice_find_byte(text, '=', key), next = next_key(text, eq + 1);
		struct slice value = slice_trim(slice_cut(text, eq + 1, next));

		record_add(r, slice_cut(text, key, eq), unescape(r, value), VALUE_STRING, false);
		key = next;
	}
	resolve_labels(r);
}

/* Escapes of one byte each: \\| \\= \\\\ \\n \\r. */
const struct format cef_format = { "cef", true, "CEF", header, '\\', NULL, NULL, cef_head, cef_fields };
