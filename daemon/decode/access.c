/*
 * Access logs, common and combined: host ident user [time] "request" status bytes "referrer" "agent".
 * A virtual host may stand in front. The fields are ECS names at once.
 */
#include "decode/format.h"

#include "base/mem.h"

#include <ctype.h>
#include <string.h>

#define FRONT_MAX 2100		/* bytes before the bracket: four words */

struct access {
	struct slice words[4];		/* before the bracket */
	size_t n_words;
	size_t bracket, after;		/* `[` and behind `] ` */
};

static bool access_split(struct slice text, struct access *a)
{
	size_t at = 0;

	a->n_words = 0;
	if (slice_find_byte(slice_cut(text, 0, FRONT_MAX), '[', 0) >= text.len)
		return false;		/* most lines of other formats */
	while (at < text.len && text.at[at] != '[') {
		size_t end = slice_find_byte(text, ' ', at);

		if (end >= text.len || a->n_words == 4 || end - at > 512)
			return false;
		a->words[a->n_words++] = slice_cut(text, at, end);
		for (at = end; at < text.len && text.at[at] == ' ';)
			at++;
	}
	if (a->n_words < 3 || at >= text.len || text.len - at < 28)
		return false;
	a->bracket = at;
	at = slice_find_byte(text, ']', at);
	if (at + 2 >= text.len || text.at[at + 1] != ' ' || text.at[at + 2] != '"' ||
	    at - a->bracket > 40)
		return false;
	a->after = at + 2;
	return true;
}

static bool access_head(struct record *r, struct slice text, struct head *head)
{
	struct access a;
	struct stamp stamp;

	if (!access_split(text, &a) ||
	    !stamp_parse(slice_cut(text, a.bracket, text.len), &stamp) || stamp.yearless)
		return false;
	head->stamp = stamp;
	head->has_stamp = true;
	r->message = text;
	return true;
}

/* A quoted string at *at, without its quotes; \" inside is kept. */
static struct slice take_quoted(struct slice text, size_t *at)
{
	size_t start = *at + 1, end = start;

	if (*at >= text.len || text.at[*at] != '"')
		return SLICE("");
	while ((end = slice_find_byte(text, '"', end)) < text.len && slice_is_escaped(text, start, end))
		end++;
	*at = end + 1 < text.len ? end + 2 : text.len;
	return slice_cut(text, start, end);
}

static struct slice take_word(struct slice text, size_t *at)
{
	size_t end = slice_find_byte(text, ' ', *at);
	struct slice word = slice_cut(text, *at, end);

	*at = end < text.len ? end + 1 : text.len;
	return word;
}

enum given { DOMAIN, SOURCE, USER, HTTP_VERSION, METHOD, TARGET, PATH, QUERY, STATUS, BYTES, REFERRER, AGENT, GIVEN };
static const char *const given[GIVEN + 1] = {
	[DOMAIN] = "url.domain",
	[SOURCE] = "source.ip",
	[USER] = "user.name",
	[HTTP_VERSION] = "http.version",
	[METHOD] = "http.request.method",
	[TARGET] = "url.original",
	[PATH] = "url.path",
	[QUERY] = "url.query",
	[STATUS] = "http.response.status_code",
	[BYTES] = "http.response.body.bytes",
	[REFERRER] = "http.request.referrer",
	[AGENT] = "user_agent.original",
};

static void add(struct record *r, enum given name, struct slice value)
{
	uint64_t number;
	bool is_number = (name == STATUS || name == BYTES) && slice_to_u64(value, &number);

	if (value.len && !slice_is(value, "-"))
		record_add(r, slice_of(given[name]), value, is_number ? VALUE_NUMBER : VALUE_STRING, true);
}

size_t percent_undo(struct slice in, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		int high = i + 2 < in.len && in.at[i] == '%' ? hex_value(in.at[i + 1]) : -1;
		int low = high >= 0 ? hex_value(in.at[i + 2]) : -1;

		if (low < 0) {
			out[n++] = in.at[i];
			continue;
		}
		out[n++] = (char)(high << 4 | low);
		i += 2;
	}
	return n;
}

static struct slice percent_decode(struct record *r, struct slice in)
{
	char *out;

	if (slice_find_byte(in, '%', 0) == in.len)
		return in;
	out = arena_alloc(r->arena, in.len + 1);
	return (struct slice){ out, percent_undo(in, out) };
}

static void access_request(struct record *r, struct slice request)
{
	size_t at = 0, query;
	struct slice method = take_word(request, &at), target = slice_cut(request, at, request.len);
	size_t last = target.len;

	while (last && target.at[last - 1] != ' ')
		last--;
	if (last && slice_starts(slice_cut(target, last, target.len), SLICE("HTTP/"))) {
		add(r, HTTP_VERSION, slice_cut(target, last + 5, target.len));
		target = slice_cut(target, 0, last - 1);
	}
	add(r, METHOD, method);
	add(r, TARGET, target);
	query = slice_find_byte(target, '?', 0);
	add(r, PATH, percent_decode(r, slice_cut(target, 0, query)));
	if (query < target.len)
		add(r, QUERY, percent_decode(r, slice_cut(target, query + 1, target.len)));
}

/* Some write the port behind an address. */
static struct slice without_port(struct slice host)
{
	size_t colon = slice_find_byte(host, ':', 0);

	return slice_find_byte(host, ':', colon + 1) < host.len ? host : slice_cut(host, 0, colon);
}

static void access_fields(struct record *r)
{
	struct slice text = r->message;
	struct access a;
	size_t at, first;

	if (!access_split(text, &a))
		return;
	first = a.n_words - 3;
	if (first)
		add(r, DOMAIN, a.words[0]);
	add(r, SOURCE, without_port(a.words[first]));
	add(r, USER, a.words[first + 2]);
	at = a.after;
	access_request(r, take_quoted(text, &at));
	add(r, STATUS, take_word(text, &at));
	add(r, BYTES, take_word(text, &at));
	add(r, REFERRER, take_quoted(text, &at));
	add(r, AGENT, take_quoted(text, &at));
}

static bool percent_is_opaque(struct slice line, size_t at)
{
	return at + 2 < line.len && hex_value(line.at[at + 1]) >= 0 && hex_value(line.at[at + 2]) >= 0;
}

const struct format access_format = { "access", false, "] \"", given, '%', percent_is_opaque, percent_undo, access_head,
				      access_fields };
