/*
 * Records of the Linux audit daemon: `type=T msg=audit(SECONDS.mmm:SERIAL): key=value ...`, with `node=N` in front or
 * without. What the kernel says of one event are several lines with one serial, and one record; programs put further pairs into msg='...'. What may hold any byte is quoted, or written as hex: hex is undone.
 * The arguments of EXECVE (a0, a1, ...) and a process title also give process.command_line. Values `?` and `(null)` are none.
 */
#include "decode/format.h"

#include "base/mem.h"

#include <ctype.h>
#include <string.h>

#define HEX_MIN 4
#define NUMBER_MAX 10			/* of digits alone so many are a number */

/* Where `type=` stands; text.len when it is no such record. */
static size_t type_at(struct slice text)
{
	size_t at = slice_starts(text, SLICE("node=")) ? slice_find_byte(text, ' ', 0) + 1 : 0;
	struct slice rest;

	if (at >= text.len)
		return text.len;
	rest = slice_cut(text, at, text.len);
	if (!slice_starts(rest, SLICE("type=")))	/* most lines */
		return text.len;
	rest = slice_cut(rest, slice_find_byte(rest, ' ', 0), rest.len);
	return slice_starts(rest, SLICE(" msg=audit(")) ? at : text.len;
}

static bool audit_head(struct record *r, struct slice text, struct head *head)
{
	size_t type = type_at(text), msg;

	if (type >= text.len)
		return false;
	r->message = text;
	if (type)
		r->host = slice_cut(text, 5, type - 1);
	msg = slice_find_byte(text, '(', type) + 1;
	if (!head->has_stamp)
		head->has_stamp = stamp_parse(slice_cut(text, msg, text.len), &head->stamp);
	return true;
}

static bool is_execve(struct slice text)
{
	return slice_starts(slice_cut(text, type_at(text), text.len), SLICE("type=EXECVE "));
}

static bool is_argument(struct slice key)
{
	size_t i = 1;

	while (i < key.len && isdigit((unsigned char)key.at[i]))
		i++;
	return key.len > 1 && key.at[0] == 'a' && i == key.len;
}

/* May the value be written as hex? The arguments of a system call are numbers, those of EXECVE are texts. */
static bool may_be_hex(struct slice key, bool execve)
{
	static const char *const keys[] = { "proctitle", "comm", "exe", "name", "cwd", "acct", "cmd", "data", "path", "key",
					    "old-disk", "new-disk", "device", "vm" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (slice_is(key, keys[i]))
			return true;
	return execve && is_argument(key);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A few digits are taken for a number: `a b`, which is 612062, stays as it is. */
static bool is_hex(struct slice value)
{
	bool letter = false;

	for (size_t i = 0; i < value.len; i++) {
		if (hex_digit(value.at[i]) < 0)
			return false;
		letter = letter || value.at[i] >= 'A';
	}
	return value.len >= HEX_MIN && value.len % 2 == 0 && (letter || value.len > NUMBER_MAX);
}

/* The bytes that hex stands for; a process title has NUL between its words. Returns how many. */
static size_t hex_undo(struct slice hex, char *out)
{
	size_t n = hex.len / 2;

	for (size_t i = 0; i < n; i++) {
		char c = (char)(hex_digit(hex.at[2 * i]) << 4 | hex_digit(hex.at[2 * i + 1]));

		out[i] = c ? c : ' ';
	}
	while (n && out[n - 1] == ' ')
		n--;
	return n;
}

struct pair {
	struct slice key, value;
	size_t begin, end;		/* of the whole pair in the text */
	bool quoted;
};

/* Without quotes; 0x1d stands before what auditd adds in words. */
static bool ends_value(char c)
{
	return c == ' ' || c == '\'' || c == 0x1d;
}

/* The pair at or after *at; pairs inside msg='...' follow as if they stood outside. False: no more. */
static bool pair_next(struct slice text, size_t *at, struct pair *out)
{
	for (size_t i = *at; i < text.len;) {
		size_t sign = i, end;

		while (sign < text.len && (isalnum((unsigned char)text.at[sign]) || text.at[sign] == '_' || text.at[sign] == '-'))
			sign++;
		if (sign == i || sign >= text.len || text.at[sign] != '=') {
			i = sign == i ? i + 1 : sign;
			continue;
		}
		out->begin = i;
		out->key = slice_cut(text, i, sign);
		if (sign + 1 < text.len && text.at[sign + 1] == '\'') {
			i = sign + 2;		/* what it quotes is pairs */
			continue;
		}
		out->quoted = sign + 1 < text.len && text.at[sign + 1] == '"';
		i = out->quoted ? sign + 2 : sign + 1;
		for (end = i; end < text.len; end++)
			if (out->quoted ? text.at[end] == '"' : ends_value(text.at[end]))
				break;
		out->value = slice_cut(text, i, end);
		out->end = out->quoted && end < text.len ? end + 1 : end;
		*at = out->end;
		return true;
	}
	*at = text.len;
	return false;
}

static struct slice value_of(struct record *r, const struct pair *p, bool execve)
{
	char *bytes;

	if (p->quoted || !may_be_hex(p->key, execve) || !is_hex(p->value))
		return p->value;
	bytes = arena_alloc(r->arena, p->value.len / 2 + 1);
	return (struct slice){ bytes, hex_undo(p->value, bytes) };
}

/* The arguments in one line, a blank between two: never longer than the pairs that they come from. */
static size_t arguments_join(struct slice text, char *out)
{
	size_t n = 0, at = 0, count = 0;
	struct pair p;

	while (pair_next(text, &at, &p)) {
		if (!is_argument(p.key))
			continue;
		if (count++)
			out[n++] = ' ';
		if (!p.quoted && is_hex(p.value)) {
			n += hex_undo(p.value, out + n);
		} else {
			memcpy(out + n, p.value.at, p.value.len);
			n += p.value.len;
		}
	}
	return n;
}

static void line_fields(struct record *r, struct slice text)
{
	size_t at = type_at(text);
	bool execve = is_execve(text);
	struct slice line = { 0 };
	struct pair p;

	while (pair_next(text, &at, &p)) {
		struct slice value = value_of(r, &p, execve);

		if (slice_is(value, "?") || slice_is(value, "(null)"))
			continue;
		record_add(r, p.key, value, VALUE_STRING, false);
		if (slice_is(p.key, "proctitle"))
			line = value;
	}
	if (execve) {
		char *joined = arena_alloc(r->arena, text.len + 1);

		line = (struct slice){ joined, arguments_join(text, joined) };
	}
	if (line.len)
		record_add(r, SLICE("process.command_line"), line, VALUE_STRING, true);
}

/* What stands in `msg=audit(...)`: time and serial, the same in all lines of an event. */
static struct slice audit_id(struct slice line)
{
	size_t type = type_at(line), open = slice_find_byte(line, '(', type) + 1;

	return type < line.len ? slice_cut(line, open, slice_find_byte(line, ')', open)) : SLICE("");
}

static void audit_fields(struct record *r)
{
	struct slice text = r->message, line, id = audit_id(text), serial = slice_cut(id, slice_find_byte(id, ':', 0) + 1, id.len);
	size_t digits = 0;

	for (size_t at = 0; slice_line(text, &at, &line);)
		line_fields(r, line);
	while (digits < serial.len && isdigit((unsigned char)serial.at[digits]))
		digits++;
	if (digits)
		record_add(r, SLICE("auditd.serial"), slice_cut(serial, 0, digits), VALUE_STRING, false);
}

static struct slice type_of(struct slice line)
{
	size_t type = type_at(line) + strlen("type=");

	return slice_cut(line, type, slice_find_byte(line, ' ', type));
}

static bool ends_event(struct slice line)
{
	return slice_is(type_of(line), "PROCTITLE") || slice_is(type_of(line), "EOE");
}

/* What a program sends (msg='...') is whole in one line. */
static bool audit_begins(struct slice first)
{
	return audit_id(first).len && !ends_event(first) && slice_find(first, SLICE(" msg='"), 0) == first.len;
}

static enum frame_step audit_goes_on(struct slice first, struct slice line)
{
	if (!slice_equal(audit_id(first), audit_id(line)))
		return FRAME_NO;
	return ends_event(line) ? FRAME_LAST : FRAME_MORE;
}

/* text.at[0] is '='. The type comes before what is hex, so that an EXECVE is known by it. */
static bool may_be_spelled_otherwise(struct slice line, size_t at)
{
	struct slice text = slice_cut(line, at, line.len);
	size_t end = 1;

	if (slice_starts(slice_cut(text, 1, text.len), SLICE("EXECVE ")))
		return true;
	while (end < text.len && hex_digit(text.at[end]) >= 0)
		end++;
	return is_hex(slice_cut(text, 1, end)) && (end == text.len || ends_value(text.at[end]) || isspace((unsigned char)text.at[end]));
}

/* Of one line: hex undone in its place, and the arguments of EXECVE as one text. */
static size_t line_unescape(struct slice text, char *out)
{
	size_t start = slice_find(text, SLICE("type="), 0), n = 0, at = start, kept = 0;
	bool execve = is_execve(slice_cut(text, start, text.len));
	struct pair p;

	while (pair_next(text, &at, &p)) {
		bool argument = execve && is_argument(p.key);

		if (!argument && (p.quoted || !is_hex(p.value)))
			continue;
		memcpy(out + n, text.at + kept, p.begin - kept);
		n += p.begin - kept;
		kept = p.end;
		if (!argument)
			n += hex_undo(p.value, out + n);
	}
	memcpy(out + n, text.at + kept, text.len - kept);
	n += text.len - kept;
	if (execve && n < text.len) {		/* the names of its arguments fell away */
		out[n++] = ' ';
		n += arguments_join(slice_cut(text, start, text.len), out + n);
	}
	return n;
}

static size_t audit_unescape(struct slice text, char *out)
{
	struct slice line;
	size_t n = 0;

	for (size_t at = 0; slice_line(text, &at, &line);) {
		n += line_unescape(line, out + n);
		if (at <= text.len)
			out[n++] = '\n';
	}
	return n;
}

static const char *const gives[] = { "auditd.serial", "process.command_line", NULL };

const struct format audit_format = { "audit", true, "msg=audit(", gives, '=', may_be_spelled_otherwise, audit_unescape, audit_head,
				     audit_fields };

const struct framing audit_framing = { &audit_format, audit_begins, audit_goes_on };
