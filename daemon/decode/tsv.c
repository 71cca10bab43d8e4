/*
 * Files whose own lines name their columns: Zeek (`#fields` and tabs) and the W3C extended format (`#Fields:`; IIS and others),
 * also with commas. With --format tsv the first line of a file may name them without a sign. What does not have as many cells as
 * there are names is left to the other formats. `-` and `(empty)` are no values. Zeek writes bytes as \xNN: these are undone.
 */
#include "decode/cells.h"
#include "decode/format.h"

#include "base/mem.h"

#include <stdlib.h>

/* The list of names behind the word that begins such a line; false when it is none. */
static bool names_of(struct slice line, bool first, struct slice *names, char *delimiter)
{
	if (slice_starts(line, SLICE("#fields\t"))) {
		*names = slice_cut(line, 8, line.len);
		*delimiter = '\t';
		return true;
	}
	if (slice_starts(line, SLICE("#Fields:"))) {
		*names = slice_trim(slice_cut(line, 8, line.len));
		*delimiter = slice_find_byte(*names, '\t', 0) < names->len ? '\t' :
			     slice_find_byte(*names, ' ', 0) < names->len ? ' ' : ',';
		return names->len > 0;
	}
	*names = line;
	*delimiter = '\t';
	return first && line.len && line.at[0] != '#' && slice_find_byte(line, '\t', 0) < line.len;
}

static struct header *header_new(struct slice names, char delimiter, bool utc)
{
	struct header *h = mem_zalloc(sizeof(*h));
	struct cells cells = { .text = names, .delimiter = delimiter };

	text_add_slice(&h->text, names);
	while (cells_left(&cells) && h->names.n < RECORD_FIELDS_MAX)
		strlist_add_slice(&h->names, cell_take(&cells));
	h->columns = (struct record_columns){ &h->names, delimiter, true, utc, text_slice(&h->text) };
	return h;
}

const struct record_columns *headers_take(struct headers *headers, struct slice line, bool first)
{
	struct slice names;
	char delimiter;
	size_t i;

	if (slice_starts(line, SLICE("#Time Format:")))
		headers->local = slice_find_nocase(line, SLICE("local"), 0) < line.len;
	if (!names_of(line, first, &names, &delimiter) || names.len > HEADER_BYTES_MAX)
		return NULL;
	for (i = 0; i < headers->n; i++)
		if (slice_equal(text_slice(&headers->at[i]->text), names))
			break;
	if (i == HEADERS_MAX)
		return NULL;
	if (i == headers->n)
		headers->at[headers->n++] = header_new(names, delimiter, line.at[0] == '#' && line.at[1] == 'F' && !headers->local);
	return headers->now = &headers->at[i]->columns;
}

void headers_clear(struct headers *headers)
{
	for (size_t i = 0; i < headers->n; i++) {
		strlist_clear(&headers->at[i]->names);
		text_clear(&headers->at[i]->text);
		free(headers->at[i]);
	}
	headers->n = 0;
}

bool headers_know(struct slice line)
{
	static const char *const words[] = {
		"#separator ", "#set_separator\t", "#empty_field\t", "#unset_field\t", "#path\t", "#open\t", "#close\t", "#fields\t",
		"#types\t", "#Fields:", "#Version:", "#Software:", "#Date:", "#Start-Date:", "#End-Date:", "#Remark:", "#Time Format:",
		"#Log-type:",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && line.len && line.at[0] == '#'; i++)
		if (slice_starts(line, slice_of(words[i])))
			return true;
	return false;
}

/* As many cells as names; a delimiter at the end is none too many. */
static bool cells_fit(const struct record_columns *columns, struct slice text)
{
	struct cells cells = cells_of(columns, text);
	struct slice last = SLICE("");
	size_t n = 0;

	for (; n <= columns->names->n && cells_left(&cells); n++)
		last = cell_take(&cells);
	return !cells_left(&cells) && (n == columns->names->n || (n == columns->names->n + 1 && !last.len));
}

static bool tsv_head(struct record *r, struct slice text, struct head *head)
{
	if (!text.len)
		return false;
	head->names = headers_know(text) || (r->columns && slice_equal(text, r->columns->text));
	if (!headers_know(text)) {
		if (!r->columns || !r->columns->header || !cells_fit(r->columns, text))
			return false;
		head->has_stamp = cells_find_stamp(cells_of(r->columns, text), &head->stamp);
		if (head->has_stamp && r->columns->utc)
			head->stamp.has_offset = true;
	}
	r->message = text;
	return true;
}

/* The byte that \xNN at text.at[0] stands for, or the backslash of \\; 0: neither. */
static size_t escape_len(struct slice text, char *byte)
{
	if (text.len > 1 && text.at[1] == '\\') {
		*byte = '\\';
		return 2;
	}
	if (text.len < 4 || text.at[1] != 'x' || hex_value(text.at[2]) < 0 || hex_value(text.at[3]) < 0)
		return 0;
	*byte = (char)(hex_value(text.at[2]) << 4 | hex_value(text.at[3]));
	return 4;
}

static bool escape_is_opaque(struct slice line, size_t at)
{
	char byte;

	return escape_len(slice_cut(line, at, line.len), &byte) == 4;
}

static size_t tsv_unescape(struct slice text, char *out)
{
	size_t n = 0, len;

	for (size_t i = 0; i < text.len; i += len ? len : 1) {
		len = text.at[i] == '\\' ? escape_len(slice_cut(text, i, text.len), &out[n]) : 0;
		if (!len)
			out[n] = text.at[i];
		n++;
	}
	return n;
}

static struct slice value_of(struct record *r, struct slice cell)
{
	char *bytes;

	if (r->columns->delimiter != '\t' || slice_find_byte(cell, '\\', 0) == cell.len)
		return cell;
	bytes = arena_alloc(r->arena, cell.len);
	return (struct slice){ bytes, tsv_unescape(cell, bytes) };
}

static void tsv_fields(struct record *r)
{
	struct cells cells;

	if (headers_know(r->message) || !r->columns || slice_equal(r->message, r->columns->text))
		return;
	cells = cells_of(r->columns, r->message);
	for (size_t i = 0; i < r->columns->names->n && cells_left(&cells); i++) {
		struct slice cell = cell_take(&cells);

		if (cell.len && !slice_is(cell, "-") && !slice_is(cell, "(empty)"))
			record_add(r, slice_of(r->columns->names->at[i]), value_of(r, cell), VALUE_STRING, false);
	}
	if (cells.broken)
		r->marks |= RECORD_BROKEN;
}

const struct format tsv_format = { "tsv", true, NULL, NULL, '\\', escape_is_opaque, tsv_unescape, tsv_head, tsv_fields };
