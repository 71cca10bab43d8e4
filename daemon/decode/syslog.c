/*
 * Syslog headers as they are found in files: RFC 5424, RFC 3164, and rsyslog's file formats
 * (ISO date instead of the old one), each with or without <PRI>. The header gives time, host and
 * program; what follows is the message, which may be in another format.
 */
#include "decode/format.h"

#include <ctype.h>
#include <string.h>

#define PROGRAM_MAX 64
#define HOST_MAX 255
#define RELAY_MAX 64		/* bytes that a relay wrote in front */
#define CELLS_DATE 19		/* bytes of the first cells of a collector, with the byte between them */

/* Bytes of `<PRI>` in front of it, or 0. */
static size_t priority_len(struct slice text)
{
	size_t end = text.len && text.at[0] == '<' ? slice_find_byte(slice_cut(text, 0, 5), '>', 0) : 0;
	uint64_t pri;

	return end < 5 && end > 1 && slice_to_u64(slice_cut(text, 1, end), &pri) && pri <= 191 ? end + 1 : 0;
}

static struct slice take_word(struct slice text, size_t *at)
{
	size_t end = slice_find_byte(text, ' ', *at);
	struct slice word = slice_cut(text, *at, end);

	*at = end < text.len ? end + 1 : end;
	return word;
}

static struct slice or_empty(struct slice word)
{
	return slice_is(word, "-") ? SLICE("") : word;
}

/* One or more [id name="value" ...]; left to the fields step. */
static void skip_structured_data(struct slice text, size_t *at)
{
	bool quoted = false;

	if (*at < text.len && text.at[*at] == '-') {
		*at += *at + 1 < text.len ? 2 : 1;
		return;
	}
	while (*at < text.len && text.at[*at] == '[') {
		for (; *at < text.len; (*at)++) {
			if (text.at[*at] == '\\' && quoted)
				(*at)++;
			else if (text.at[*at] == '"')
				quoted = !quoted;
			else if (text.at[*at] == ']' && !quoted)
				break;
		}
		if (*at < text.len)
			(*at)++;
	}
	if (*at > text.len)
		*at = text.len;
	if (*at < text.len && text.at[*at] == ' ')
		(*at)++;
}

static bool head_5424(struct record *r, struct slice text, size_t at, struct head *head)
{
	struct slice word, msgid;
	size_t structured;
	uint64_t version;

	word = take_word(text, &at);
	if (word.len > 2 || !slice_to_u64(word, &version) || version == 0)
		return false;
	word = take_word(text, &at);
	if (!slice_is(word, "-")) {
		if (!stamp_parse(word, &head->stamp) || head->stamp.used != word.len)
			return false;
		head->has_stamp = true;
	}
	r->host = or_empty(take_word(text, &at));
	r->program = or_empty(take_word(text, &at));
	if (at >= text.len)
		return false;		/* cut off: through.c trusts that something stands behind a program */
	r->pid = or_empty(take_word(text, &at));
	msgid = take_word(text, &at);
	structured = at;
	skip_structured_data(text, &at);
	r->structured = structured < at && text.at[structured] == '[' ? slice_cut(text, structured, at) : SLICE("");
	r->msgid = or_empty(msgid);
	if (slice_starts(slice_cut(text, at, text.len), SLICE("\xef\xbb\xbf")))
		at += 3;
	r->message = slice_cut(text, at, text.len);
	return true;
}

/* Which bytes a host's name and a program's name are made of. */
enum { IN_HOST = 1, IN_PROGRAM = 2 };
#define LETTERS(a, z) [a ... z] = IN_HOST | IN_PROGRAM
static const unsigned char names[256] = {
	LETTERS('0', '9'), LETTERS('A', 'Z'), LETTERS('a', 'z'),
	['.'] = IN_HOST | IN_PROGRAM, ['-'] = IN_HOST | IN_PROGRAM, ['_'] = IN_HOST | IN_PROGRAM,
	['@'] = IN_HOST | IN_PROGRAM, ['/'] = IN_HOST | IN_PROGRAM, [':'] = IN_HOST, ['%'] = IN_HOST,
	['('] = IN_PROGRAM, [')'] = IN_PROGRAM, ['+'] = IN_PROGRAM,
};

static bool is_host(struct slice word)
{
	if (!word.len || word.len > HOST_MAX)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (!(names[(unsigned char)word.at[i]] & IN_HOST))
			return false;
	return word.at[word.len - 1] != ':' && word.at[0] != '%' && word.at[0] != '-';
}

/* A node of a cluster writes its place behind its name: `isilon-1(id1)`. */
static struct slice without_place(struct slice host)
{
	return slice_ends(host, SLICE(")")) ? slice_cut(host, 0, slice_find_byte(host, '(', 0)) : host;
}

/* `sshd[123]: `, `kernel: `, `postfix/smtpd[9]: `; *at moves behind it. */
static bool take_tag(struct record *r, struct slice text, size_t *at)
{
	size_t i = *at, end;
	struct slice rest = slice_cut(text, *at, text.len);

	if (slice_starts(rest, SLICE("CEF:")) || slice_starts(rest, SLICE("LEEF:")))
		return false;		/* a format's name, not a program's */
	while (i < text.len && i - *at < PROGRAM_MAX && names[(unsigned char)text.at[i]] & IN_PROGRAM)
		i++;
	if (i == *at || i >= text.len)
		return false;
	end = i;
	if (text.at[i] == '[') {
		size_t close = slice_find_byte(text, ']', i);

		if (close >= text.len || close - i > 16)
			return false;
		r->pid = slice_cut(text, i + 1, close);
		i = close + 1;
	}
	if (i >= text.len || text.at[i] != ':') {
		r->pid = SLICE("");
		return false;
	}
	r->program = slice_cut(text, *at, end);
	i++;
	*at = i < text.len && text.at[i] == ' ' ? i + 1 : i;
	return true;
}

static bool head_3164(struct record *r, struct slice text, size_t at, bool had_priority,
		      struct head *head)
{
	size_t host_at, tag_at;
	struct slice host;

	if (!stamp_parse(slice_cut(text, at, text.len), &head->stamp) ||
	    text.at[at] == '[' || text.at[at] == '"' || (head->stamp.used && isdigit((unsigned char)text.at[at]) &&
				   memchr(text.at + at, ':', head->stamp.used) == NULL))
		return false;
	head->has_stamp = true;
	at += head->stamp.used;
	if (at < text.len && text.at[at] == ':')
		at++;
	if (at >= text.len || text.at[at] != ' ')
		return false;
	while (at < text.len && text.at[at] == ' ')
		at++;
	host_at = at;
	host = without_place(take_word(text, &at));
	tag_at = at;
	if (is_host(host)) {
		bool tagged = take_tag(r, text, &tag_at);
		struct slice rest = slice_cut(text, at, text.len);

		/* without a tag only where the old header cannot be anything else */
		if (tagged || had_priority || head->stamp.yearless || slice_starts(rest, SLICE("CEF:")) ||
		    slice_starts(rest, SLICE("LEEF:")) || slice_starts(rest, SLICE("{"))) {
			r->host = host;
			r->message = slice_cut(text, tag_at, text.len);
			return true;
		}
	}
	tag_at = host_at;
	if (!take_tag(r, text, &tag_at))	/* a header without a host */
		return false;
	r->message = slice_cut(text, tag_at, text.len);
	return had_priority || head->stamp.yearless;
}

/* Where the line as it was sent begins behind what a relay wrote in front: `192.0.2.1 : <13>...`; else 0. */
static size_t sent_behind_address(struct slice text)
{
	size_t priority, at = 0;

	if (!text.len || !isalnum((unsigned char)text.at[0]))
		return 0;
	priority = slice_find_byte(slice_cut(text, 0, RELAY_MAX), '<', 0);
	if (priority >= RELAY_MAX || !priority_len(slice_cut(text, priority, text.len)))
		return 0;
	while (names[(unsigned char)text.at[at]] & IN_HOST)
		at++;
	while (text.at[at] == ' ' || text.at[at] == ':')
		at++;
	return at == priority ? at : 0;
}

/*
 * The same behind the cells of a collector: `2026-06-18<TAB>10:00:00<TAB>Auth.Warning<TAB>192.0.2.1<TAB>...`, with a blank between
 * date and time also. Its own time and host count where what was sent has none.
 */
static size_t sent_behind_cells(struct record *r, struct slice text, struct head *head)
{
	char date[CELLS_DATE + 1];
	size_t level, host;

	if (text.len < CELLS_DATE + 4 || text.at[CELLS_DATE] != '\t' || (text.at[10] != '\t' && text.at[10] != ' '))
		return 0;
	level = slice_find_byte(text, '\t', CELLS_DATE + 1);
	host = level < text.len ? slice_find_byte(text, '\t', level + 1) : text.len;
	if (host >= text.len || level - CELLS_DATE > 24 || !is_host(slice_cut(text, level + 1, host)) ||
	    slice_find_byte(slice_cut(text, CELLS_DATE, level), '.', 0) >= level - CELLS_DATE)
		return 0;
	memcpy(date, text.at, CELLS_DATE);
	date[10] = ' ';
	head->has_stamp = stamp_parse((struct slice){ date, CELLS_DATE }, &head->stamp);
	r->host = slice_cut(text, level + 1, host);
	return host + 1;
}

static bool head_any(struct record *r, struct slice text, size_t at, bool had_priority, struct head *head)
{
	if (at >= text.len)
		return false;
	if (had_priority && head_5424(r, text, at, head))
		return true;
	head_forget(r);
	head->has_stamp = false;
	while (had_priority && at + 1 < text.len && text.at[at] == ' ')	/* some put a blank behind <PRI> */
		at++;
	if (isdigit((unsigned char)text.at[at]) && head_5424(r, text, at, head) && head->has_stamp)
		return true;
	head_forget(r);
	return head_3164(r, text, at, had_priority, head);
}

static bool head_in_cells(struct record *r, struct slice text, struct head *head)
{
	size_t at = sent_behind_cells(r, text, head);
	struct head own = *head, sent = { .peek = head->peek };
	struct slice host = r->host;

	if (!at)
		return false;
	at += priority_len(slice_cut(text, at, text.len));
	if (head_any(r, text, at, true, &sent)) {
		*head = sent.has_stamp ? sent : own;
		r->host = r->host.len ? r->host : host;
		return true;
	}
	*head = own;
	head_forget(r);
	r->host = host;
	take_tag(r, text, &at);
	r->message = slice_cut(text, at, text.len);
	return own.has_stamp;
}

static bool syslog_head(struct record *r, struct slice text, struct head *head)
{
	size_t at, priority;

	if (head_in_cells(r, text, head))
		return true;
	at = sent_behind_address(text);
	if (slice_starts(text, SLICE("\xef\xbb\xbf")))
		at = 3;
	priority = priority_len(slice_cut(text, at, text.len));
	return head_any(r, text, at + priority, priority > 0, head);
}

/* The common fields are set for every record; here the structured data, which an inner format may stand behind. */
static void syslog_fields(struct record *r)
{
	if (r->msgid.len)
		record_add(r, SLICE("log.syslog.msgid"), r->msgid, VALUE_STRING, true);
	kv_pairs(r, r->structured);
}

/* Of every record; decode.c sets them. */
static const char *const given[] = { "observer.hostname", "host.name", "log.syslog.appname", "process.name", "process.pid",
				     "log.syslog.msgid", "message", NULL };

const struct format syslog_format = { "syslog", false, NULL, given, 0, NULL, NULL, syslog_head, syslog_fields };
