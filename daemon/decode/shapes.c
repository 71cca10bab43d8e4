/*
 * Lists without names: rows of a ledger whose columns nobody described. What a cell is shows by its shape: an address, a path, a
 * terminal, an account; and the words that are left say what happened.
 */
#include "decode/shapes.h"

#include "decode/cells.h"
#include "settings/config.h"

#include <ctype.h>
#include <string.h>

#define CELLS_MIN 5			/* less is a sentence with commas */
#define CELLS_MAX 64
#define WORD_MAX 96			/* bytes; what is longer, or has blanks, is a sentence */
#define SENTENCE_MAX 2000

/* The order is that of `given`. */
enum shape { SOURCE, DESTINATION, URL, SENDER, RECIPIENT, PATH, HOST, ACCOUNT, NAME, WORD, SENTENCE, NOTHING };

static const char *const given[NOTHING + 1] = {
	[SOURCE] = "source.ip",
	[DESTINATION] = "destination.ip",
	[URL] = "url.full",
	[SENDER] = "email.from.address",
	[RECIPIENT] = "email.to.address",
	[PATH] = "file.path",
	[HOST] = "host.name",
	[ACCOUNT] = "user.name",
	[NAME] = "rule.name",
	[WORD] = "cell.word",
	[SENTENCE] = "cell.sentence",
};

const char *const *shapes_give(void)
{
	return given;
}

static bool is_number_or_time(struct slice cell)
{
	struct stamp stamp;

	for (size_t i = 0; i < cell.len; i++)
		if (isalpha((unsigned char)cell.at[i]) || (unsigned char)cell.at[i] >= 0x80)
			return stamp_parse(cell, &stamp) && stamp.used == cell.len;
	return true;
}

static bool is_mail_address(struct slice cell)
{
	size_t at = slice_find_byte(cell, '@', 0);

	return at > 0 && slice_find_byte(cell, '.', at) + 1 < cell.len && slice_find_byte(cell, ' ', 0) == cell.len &&
	       slice_find_byte(cell, '@', at + 1) == cell.len;
}

/* Of a drive, of a share, or from the root. */
static bool is_path(struct slice cell)
{
	if (cell.len < 4)
		return false;
	return (isalpha((unsigned char)cell.at[0]) && cell.at[1] == ':' && cell.at[2] == '\\') ||
	       (cell.at[0] == '\\' && cell.at[1] == '\\') ||
	       (cell.at[0] == '/' && cell.at[1] != '/' && slice_find_byte(cell, '/', 1) < cell.len);
}

/* A name in capitals and figures that a hyphen parts, or letters that end in figures. */
static bool is_host(struct slice cell)
{
	size_t figures = 0, hyphens = 0, small = 0;

	for (size_t i = 0; i < cell.len; i++) {
		unsigned char c = (unsigned char)cell.at[i];

		if (!isalnum(c) && c != '-')
			return false;
		figures += isdigit(c) != 0;
		hyphens += c == '-';
		small += islower(c) != 0;
	}
	if (!cell.len || !isalpha((unsigned char)cell.at[0]) || !isdigit((unsigned char)cell.at[cell.len - 1]))
		return false;
	return figures >= 2 && cell.len >= 4 && (small ? !hyphens || cell.len - figures > 2 : true);
}

/* domain\user, or two short words that a dot parts; a file's name has a known end, and a domain three parts. */
static bool is_account(struct slice cell)
{
	size_t slash = slice_find_byte(cell, '\\', 0), dot = slice_find_byte(cell, '.', 0);

	for (size_t i = 0; i < cell.len; i++)
		if (!isalnum((unsigned char)cell.at[i]) && !strchr("\\._-", cell.at[i]))
			return false;
	if (slash && slash + 1 < cell.len)
		return slice_find_byte(cell, '\\', slash + 1) == cell.len;
	return dot && dot <= 2 && dot + 2 < cell.len && islower((unsigned char)cell.at[0]) &&
	       islower((unsigned char)cell.at[dot + 1]) && slice_find_byte(cell, '.', dot + 1) == cell.len;
}

/* As products name what they find: parts in one word, and a capital among them. */
static bool is_name(struct slice cell)
{
	bool parted = false, capital = false;

	for (size_t i = 0; i < cell.len; i++) {
		unsigned char c = (unsigned char)cell.at[i];

		if (!isalnum(c) && !strchr("./:_-!", c))
			return false;
		parted = parted || (i && i + 1 < cell.len && strchr("./:_", c));
		capital = capital || isupper(c);
	}
	return parted && capital;
}

static enum shape shape_of(struct slice cell)
{
	unsigned char address[16];

	if (address_parse(cell, address))
		return SOURCE;
	if (!cell.len || is_number_or_time(cell))
		return NOTHING;
	if (slice_find(cell, SLICE("://"), 0) < cell.len)
		return URL;
	if (is_mail_address(cell))
		return SENDER;
	if (is_path(cell))
		return PATH;
	if (is_host(cell))
		return HOST;
	if (is_account(cell))
		return ACCOUNT;
	if (is_name(cell))
		return NAME;
	return cell.len > WORD_MAX || slice_find_byte(cell, ' ', 0) < cell.len ? SENTENCE : WORD;
}

static size_t cells_read(struct slice text, char delimiter, struct slice *out)
{
	struct cells cells = { .text = text, .delimiter = delimiter, .quotes = true };
	size_t n = 0;

	while (n < CELLS_MAX && cells_left(&cells))
		out[n++] = slice_trim(cell_take(&cells));
	return cells.broken ? 0 : n;
}

/* Each shape once but for recipients; a second address is the other end. */
static void shapes_settle(enum shape *shapes, size_t n, bool *have)
{
	for (size_t i = 0; i < n; i++) {
		if ((shapes[i] == SOURCE || shapes[i] == SENDER) && have[shapes[i]])
			shapes[i]++;
		if (shapes[i] <= NAME && shapes[i] != RECIPIENT && have[shapes[i]])
			shapes[i] = NOTHING;
		have[shapes[i]] = true;
	}
}

bool shapes_read(struct record *r, struct slice text)
{
	static const char delimiters[] = { '\t', ',', '|' };
	struct slice cells[CELLS_MAX];
	enum shape shapes[CELLS_MAX];
	bool have[NOTHING + 1] = { false };
	size_t n = 0;

	for (size_t i = 0; n < CELLS_MIN && i < sizeof(delimiters); i++)
		n = cells_read(text, delimiters[i], cells);
	if (n < CELLS_MIN)
		return false;
	for (size_t i = 0; i < n; i++)
		shapes[i] = shape_of(cells[i]);
	shapes_settle(shapes, n, have);
	if (!have[SOURCE] && !have[SENDER] && !have[PATH] && !have[HOST] && !have[ACCOUNT])
		return false;
	while (n-- > 0)			/* what a product did about it stands last, and is asked first */
		if (shapes[n] != NOTHING && cells[n].len <= SENTENCE_MAX)
			record_add(r, slice_of(given[shapes[n]]), cells[n], VALUE_STRING, true);
	return true;
}

/* Of a text: what stands between blanks, signs and letters that are not ASCII. */
static bool is_separator(char c)
{
	return (unsigned char)c >= 0x80 || strchr(" \t\"',;=()[]{}<>|", c) != NULL;
}

static struct slice token_next(struct slice text, size_t *at)
{
	size_t start = *at;

	while (start < text.len && is_separator(text.at[start]))
		start++;
	for (*at = start; *at < text.len && !is_separator(text.at[*at]);)
		++*at;
	return slice_cut(text, start, *at);
}

/* Capitals, a hyphen, and figures at the end: a terminal as ledgers name it. Numbers of weaknesses, standards and tickets are none. */
static bool is_terminal(struct slice token)
{
	static const char *const others[] = { "CVE-", "CWE-", "JVN-", "GHSA-", "RFC-", "ISO-", "JIS-", "SHA-", "UTF-", "AES-", "MS-", "KB-", "HTTP-", "MID-" };
	size_t hyphen = slice_find_byte(token, '-', 0), end = token.len, figures = 0;

	for (size_t i = 0; i < token.len; i++)
		if (!isupper((unsigned char)token.at[i]) && !isdigit((unsigned char)token.at[i]) && token.at[i] != '-')
			return false;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_starts(token, slice_of(others[i])))
			return false;
	while (end && isdigit((unsigned char)token.at[end - 1])) {
		end--;
		figures++;
	}
	return hyphen >= 2 && hyphen + 1 < token.len && isupper((unsigned char)token.at[0]) && figures >= 2 && figures <= 5;
}

/* An address, perhaps with its port. */
static bool is_end(struct slice token, struct slice *address)
{
	unsigned char parsed[16];
	size_t colon = slice_find_byte(token, ':', 0);

	*address = token;
	if (address_parse(token, parsed))
		return true;
	*address = slice_cut(token, 0, colon);
	return colon < token.len && address_parse(*address, parsed);
}

static void fill(struct record *r, const char *name, struct slice value)
{
	const struct field *have = record_find(r, name);

	if (!have || !have->normal)
		record_add(r, slice_of(name), value, VALUE_STRING, true);
}

/* A path of a drive goes on to a blank or a quote; its folders may have names in any letters. */
static struct slice path_at(struct slice text, size_t at)
{
	size_t end = at;

	while (end < text.len && !strchr(" \t\",;'<>|", text.at[end]))
		end++;
	return slice_cut(text, at, end);
}

void shapes_fill(struct record *r, struct slice text)
{
	struct slice token, address, last = SLICE(""), before = SLICE("");

	for (size_t at = 0; (token = token_next(text, &at)).len; before = token) {
		size_t start = at - token.len;

		if (is_end(token, &address)) {
			/* a -> b, a > b: the sign is a token, or parts two */
			size_t sign = slice_find_byte(slice_cut(text, 0, start), '>', start > 4 ? start - 4 : 0);

			if (last.len && sign < start) {
				fill(r, given[SOURCE], last);
				fill(r, given[DESTINATION], address);
			} else if (slice_is_nocase(before, "from")) {
				fill(r, given[SOURCE], address);
			}
			last = address;
			continue;
		}
		if (is_terminal(token))
			fill(r, given[HOST], token);
		else if (token.len >= 3 && is_path(path_at(text, start)) && token.at[1] == ':')
			fill(r, given[PATH], path_at(text, start));
		if (!slice_is(token, "-") && !slice_is(token, "to"))
			last = SLICE("");
	}
}
