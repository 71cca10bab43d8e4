/*
 * The decoder: formats (code) and products (data). The head runs for every record in order; which product
 * takes a record is asked with its fields, in the order of the files.
 */
#include "decode/decode.h"

#include "base/dir.h"
#include "base/escape.h"
#include "base/japanese.h"
#include "base/map.h"
#include "base/mem.h"
#include "decode/decoder_data.h"
#include "decode/encoded_words.h"
#include "decode/format.h"
#include "decode/product.h"
#include "decode/product_data.h"
#include "decode/shapes.h"
#include "decode/through.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stream {
	const struct format *only;	/* NULL: auto */
	struct stream_time time;
	struct logsource logsource;
	struct record_columns columns;
	struct text names;		/* of the columns */
	struct headers headers;
	bool begun;			/* of lines that come one by one */
};

static bool is_known(const struct decoder *d, const char *name)
{
	for (size_t i = 0; i < d->n_products; i++)
		if (strcmp(product_name(d->products[i]), name) == 0)
			return true;
	return false;
}

static void decoder_add(struct decoder *d, struct yaml *yaml, const char *path,
			struct problems *problems)
{
	const char *name = strrchr(path, '/') + 1;

	for (size_t i = 0; i < yaml->n; i++) {
		const struct node *root = yaml->documents[i];
		struct product *product;

		if (strcmp(name, "words.yaml") == 0) {
			words_free(d->words);
			d->words = words_load(yaml, root, problems);
		} else if (strcmp(name, "logsource.yaml") == 0) {
			sources_free(d->sources);
			d->sources = sources_load(yaml, root, problems);
		} else {
			d->products = mem_grow(d->products, &d->cap_products, d->n_products + 1,
					       sizeof(struct product *));
			product = product_load(yaml, root, problems);
			if (is_known(d, product_name(product)))
				node_error(problems, yaml, root, "another product is called '%s', in a file that was read before",
					   product_name(product));
			d->products[d->n_products++] = product;
		}
	}
}

static void decoder_list_logsources(struct decoder *d)
{
	size_t cap = 0, n;

	for (size_t i = 0; i <= d->n_products; i++) {
		const struct logsource *l = i < d->n_products ?
			product_logsources(d->products[i], &n) :
			d->sources ? sources_all(d->sources, &n) : (n = 0, NULL);

		d->all = mem_grow(d->all, &cap, d->n_all + n + 1, sizeof(*d->all));
		for (size_t k = 0; k < n; k++)
			d->all[d->n_all++] = l[k];
	}
}

struct decoder *decoder_load(const char *data_directory, struct problems *problems)
{
	struct decoder *d = mem_zalloc(sizeof(*d));
	size_t errors = problems->errors;
	struct strlist paths = { 0 };
	struct text folder = { 0 };
	char both[BOTH_MAX];
	struct err err;

	text_addf(&folder, "%s/decode", data_directory);
	if (dir_files(folder.at, ".yaml", &paths, &err) < 0)
		problem_add(problems, PROBLEM_ERROR, folder.at, 0, 0, "%s", problem_err(&err, both));
	for (size_t i = 0; i < paths.n; i++) {
		struct yaml *yaml = yaml_load(paths.at[i], problems);

		if (!yaml)
			continue;
		d->files = mem_grow(d->files, &d->cap_files, d->n_files + 1, sizeof(struct yaml *));
		d->files[d->n_files++] = yaml;
		decoder_add(d, yaml, paths.at[i], problems);
	}
	strlist_clear(&paths);
	text_clear(&folder);
	decoder_list_logsources(d);
	d->settling = mem_zalloc((d->n_products + 1) * sizeof(*d->settling));
	for (size_t i = 0; i < d->n_products; i++)
		if (d->products[i]->settles_with.n)
			d->settling[d->n_settling++] = d->products[i];
	for (size_t i = 0; d->sources && i < d->n_products; i++)
		sources_add_product(d->sources, product_name(d->products[i]));
	decoder_look_through(d);
	for (unsigned format = 0; format <= FORMATS; format++)
		takers_init(&d->takers[format], d->products, d->n_products, format);
	if (problems->errors == errors)
		return d;
	decoder_free(d);
	return NULL;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n_products; i++)
		product_free(d->products[i]);
	for (size_t i = 0; i < d->n_files; i++)
		yaml_free(d->files[i]);
	words_free(d->words);
	sources_free(d->sources);
	decoder_forget(d);
	decoder_look_through_free(d);
	for (size_t i = 0; i <= FORMATS; i++)
		takers_clear(&d->takers[i]);
	free(d->settling);
	free(d->all);
	free(d->products);
	free(d->files);
	free(d);
}

size_t decoder_products(const struct decoder *d)
{
	return d->n_products;
}

const struct logsource *decoder_logsources(const struct decoder *d, size_t *n)
{
	*n = d->n_all;
	return d->all;
}

struct stream *stream_new(const char *format, const struct zone *zone, int64_t as_of,
			  struct logsource logsource)
{
	struct stream *stream = mem_zalloc(sizeof(*stream));

	stream->only = format && strcmp(format, "auto") != 0 ? format_find(format) : NULL;
	stream->time.zone = zone;
	stream->time.as_of = as_of;
	stream->time.last = TIME_NONE;
	stream->logsource = logsource;
	return stream;
}

void stream_set_columns(struct stream *stream, const struct strlist *names, char delimiter)
{
	text_reset(&stream->names);
	for (size_t i = 0; i < names->n; i++) {
		text_add(&stream->names, names->at[i]);
		text_add_char(&stream->names, delimiter);
	}
	stream->columns = (struct record_columns){ .names = names, .delimiter = delimiter, .text = text_slice(&stream->names) };
	stream->headers.now = &stream->columns;
}

const struct record_columns *stream_columns(const struct stream *stream)
{
	return stream->headers.now;
}

bool stream_hears(const struct stream *stream)
{
	return stream->headers.tells || (stream->only == &tsv_format && !stream->headers.now);
}

const struct record_columns *stream_read_header(struct stream *stream, struct slice line, bool first)
{
	if (stream->only && stream->only != &tsv_format)
		return NULL;
	if (first)				/* never later: other threads look at it */
		stream->headers.tells = headers_know(line);
	if (!stream_hears(stream))
		return NULL;
	return headers_take(&stream->headers, line, first && stream->only);
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	headers_clear(&stream->headers);
	text_clear(&stream->names);
	free(stream);
}

void stream_set_as_of(struct stream *stream, int64_t as_of)
{
	stream->time.as_of = as_of;
}

/* A binary file is no log: many bytes that no encoding of text has. Most lines have none: eight bytes are looked at at once. */
static bool looks_binary(struct slice raw)
{
	size_t bad = 0, n = raw.len < 512 ? raw.len : 512, i = 0;

	for (uint64_t word; i + 8 <= n; i += 8) {
		memcpy(&word, raw.at + i, 8);
		if ((word - UINT64_C(0x2020202020202020)) & ~word & UINT64_C(0x8080808080808080))
			break;
	}
	for (; i < n; i++) {
		unsigned char c = (unsigned char)raw.at[i];

		bad += c < 0x20 && c != '\t' && c != '\r' && c != 0x1b;
	}
	return bad * 10 > n;
}

/* Of a source whose columns are named, a line without its delimiter is told as not recognised. */
static bool may_be_text(const struct stream *stream, struct slice raw)
{
	return raw.len && stream->only != &delimited_format && stream->only != &tsv_format && !looks_binary(raw);
}

static const struct format *inner_head(const struct format *only, struct record *r,
				       struct slice text, struct head *head)
{
	const struct format *const *formats;
	size_t n;

	formats = format_inner(text, &n);
	for (size_t i = 0; i < n; i++) {
		if (only && only != formats[i])
			continue;
		if (formats[i] == &text_format && (head->has_stamp || looks_binary(text)))
			continue;
		if (formats[i]->head(r, text, head))
			return formats[i];
	}
	return NULL;
}

/* Format, and what the header says, into the record; NULL when the line is not recognised by its form. */
static const struct format *head_read(const struct stream *stream, struct record *r,
				      struct head *head, bool *syslog)
{
	const struct format *format = NULL;

	head_forget(r);
	r->message = r->raw;
	*syslog = false;
	if ((stream->headers.tells || stream->only == &tsv_format || (r->columns && r->columns->header)) &&
	    tsv_format.head(r, r->raw, head))
		return &tsv_format;		/* a row may look like anything */
	*syslog = r->raw.len && stream->only != &text_format && stream->only != &delimited_format && r->raw.at[0] != '{' &&
		  syslog_format.head(r, r->raw, head);
	if (!*syslog) {
		head->has_stamp = false;
		head_forget(r);
		r->message = r->raw;
	}
	if (r->raw.len && stream->only != &syslog_format)
		format = inner_head(stream->only, r, r->message, head);
	if (!format && *syslog && (!stream->only || stream->only == &syslog_format))
		format = &syslog_format;
	return format;
}

static unsigned escapes_of(const struct format *format, struct slice raw)
{
	unsigned flags = 0;
	size_t at, step;

	if (!format || !format->escape)
		return 0;
	step = format->escape == '\\' ? 2 : 1;		/* a backslash can be escaped itself */
	for (at = slice_find_byte(raw, format->escape, 0); at < raw.len;
	     at = slice_find_byte(raw, format->escape, at + step)) {
		flags |= PEEK_ESCAPED;
		if (format->escape_is_opaque && format->escape_is_opaque(raw, at))
			return flags | PEEK_OPAQUE;
	}
	return flags;
}

void decode_peek(const struct stream *stream, const struct record_columns *columns, struct slice raw, struct peek *out)
{
	struct head head;
	struct record r;
	const struct format *format;
	bool syslog;

	head.has_stamp = head.names = false;
	head.peek = true;
	r.raw = raw;
	r.columns = columns;
	format = head_read(stream, &r, &head, &syslog);
	out->format = (uint8_t)format_number(format);
	out->flags = (uint8_t)escapes_of(format, raw);
	if (syslog)
		out->flags |= PEEK_SYSLOG;
	if (head.names)
		out->flags |= PEEK_NAMES;
	else if (format == &tsv_format || format == &delimited_format)
		out->flags |= PEEK_CELLS;
	if (!format && !syslog && may_be_text(stream, raw))
		out->flags |= PEEK_MAYBE_TEXT;
	out->stamp = head.has_stamp ? stamp_pack(&head.stamp) : (struct stamp_packed){ 0, 0, 0 };
}

size_t decode_unescape(unsigned format, struct slice raw, char *out)
{
	const struct format *f = format_numbered(format);

	return f->unescape ? f->unescape(raw, out) : 0;
}

bool decode_knows_text(const struct decoder *d, struct slice raw)
{
	return takers_know_text(&d->takers[0], raw);
}

void decode_date(struct stream *stream, const struct stamp_packed *stamp, struct moment *out)
{
	out->undated = !stamp_resolve(&stream->time, stamp, &out->time, &out->utc_offset);
	out->zone_assumed = out->undated || !(stamp->flags & STAMP_OFFSET);
	if (!out->undated)
		return;
	out->time = stream->time.last;
	out->utc_offset = stream->time.last_offset;
	if (out->time == TIME_NONE) {	/* nothing before it: the latest possible time */
		out->time = stream->time.as_of;
		out->utc_offset = zone_offset_at(stream->time.zone, out->time);
	}
}

static void format_take(struct record *r, const struct format *format)
{
	r->format = format ? format->name : NULL;
	r->format_number = (unsigned char)format_number(format);
}

void decode_head_peeked(const struct peek *peek, struct record *r)
{
	const struct format *format = peek->format ? format_numbered(peek->format) : NULL;
	struct head head = { 0 };

	head_forget(r);
	r->message = r->raw;
	if (peek->flags & PEEK_SYSLOG)
		syslog_format.head(r, r->raw, &head);
	if (format && format != &syslog_format && !(peek->flags & PEEK_MAYBE_TEXT))
		format->head(r, r->message, &head);
	format_take(r, format);
}

void decode_head(const struct decoder *d, struct stream *stream, struct record *r)
{
	struct stamp_packed stamp = { 0, 0, 0 };
	const struct format *format;
	struct head head = { 0 };
	struct moment moment;
	bool syslog;

	stream_read_header(stream, r->raw, !stream->begun);
	stream->begun = true;
	r->columns = stream_columns(stream);
	format = head_read(stream, r, &head, &syslog);
	if (!format && !syslog && may_be_text(stream, r->raw) && decode_knows_text(d, r->raw))
		format = &text_format;
	format_take(r, format);
	if (head.has_stamp)
		stamp = stamp_pack(&head.stamp);
	decode_date(stream, &stamp, &moment);
	r->time = moment.time;
	r->utc_offset = moment.utc_offset;
	r->undated = moment.undated;
	r->zone_assumed = moment.zone_assumed;
}

static void common_fields(struct record *r)
{
	bool network = record_find(r, "observer.type") != NULL;
	const struct field *message = record_find(r, "message");

	if (r->host.len && network && !record_find(r, "observer.hostname"))
		record_add(r, SLICE("observer.hostname"), r->host, VALUE_STRING, true);
	else if (r->host.len && !network) {
		const struct field *have = record_find(r, "host.name");

		if (!have || !have->normal)
			record_add(r, SLICE("host.name"), r->host, VALUE_STRING, true);
	}
	if (r->program.len) {
		if (!record_find(r, "log.syslog.appname"))
			record_add(r, SLICE("log.syslog.appname"), r->program, VALUE_STRING, true);
		if (!record_find(r, "process.name"))
			record_add(r, SLICE("process.name"), r->program, VALUE_STRING, true);
	}
	if (r->pid.len && !record_find(r, "process.pid"))
		record_add(r, SLICE("process.pid"), r->pid, VALUE_NUMBER, true);
	if (!message && r->message.len)
		record_add(r, SLICE("message"), r->message, VALUE_STRING, true);
}

static bool is_text(const struct format *format)
{
	return format == &syslog_format || format == &text_format;
}

/* Of a record that says something: who and what it was, where no pattern told. */
static void entities_fill(const struct decoder *d, const struct format *format, struct record *r, bool names)
{
	if (!record_value(r, "event.category").len)
		return;
	if (names && is_text(format) && d->words && kv_pairs_behind_words(r, r->message))
		words_fill(d->words, r);
	shapes_fill(r, r->message);
}

/* Has it fields with names, or may pairs behind its words or the cells of a list be made fields? */
static bool names_found(struct record *r, const struct format *format)
{
	bool pairs;

	if (r->structured.len || (format && format->structured))
		return true;
	if (!is_text(format))
		return false;
	pairs = kv_pairs_behind_words(r, r->message);
	return shapes_read(r, r->message) || pairs;
}

/* A mail's subject as people read it. Decode data has seen it as it was written. */
static void subject_undo(struct record *r)
{
	static const struct slice name = { SUBJECT, sizeof(SUBJECT) - 1 };

	for (size_t i = 0; i < r->n_fields; i++) {
		struct field *field = &r->fields[i];

		if (field->normal && slice_equal(field->name, name) &&
		    slice_find(field->value, SLICE(ENCODED_WORD), 0) < field->value.len)
			field->value = encoded_words_undo(field->value, r->arena);
	}
}

/* Formats whose escapes the escapes of JSON may hold. */
static bool is_carried(const struct format *format)
{
	return format == &json_format || format == &cef_format || format == &leef_format || format == &access_format || format == &kv_format;
}

/* See json_unescape(). */
static bool percent_is_ambiguous(struct slice raw)
{
	return slice_find_byte(raw, '%', 0) < raw.len && slice_find(raw, SLICE("\\u"), 0) < raw.len;
}

/* A line of its own in a string: its format, and its head in the record; or NULL, and the record as it was. */
static const struct format *carried_head(struct record *r, struct slice text)
{
	struct slice message = r->message, host = r->host, program = r->program, pid = r->pid;
	const struct format *format;
	struct head head = { 0 };
	bool syslog = text.at[0] != '{' && syslog_format.head(r, text, &head);

	if (!syslog)
		r->message = text;
	format = inner_head(NULL, r, r->message, &head);
	if (!is_carried(format) || (format == &access_format && percent_is_ambiguous(r->raw)))
		format = NULL;
	if (!format && syslog)
		format = &syslog_format;
	if (!r->host.len)
		r->host = host;
	if (format)
		return format;
	r->message = message;
	r->host = host;
	r->program = program;
	r->pid = pid;
	r->structured = SLICE("");
	return NULL;
}

/* Collectors and containers put the line that they read into a member of theirs. */
static const struct format *carried_read(struct record *r)
{
	enum { CARRIED_MIN = 16 };
	static const char *const carriers[] = { "log", "message", "msg", "line", "raw", "_raw", "event.original", "original", "raw_log", "rawLog",
						"raw_event", "rawEvent", "log_message", "full_message", "textPayload" };

	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
		const struct field *field = record_find(r, carriers[i]);
		struct slice text = field && field->type == VALUE_STRING ? slice_trim(field->value) : SLICE("");
		const struct format *format = text.len >= CARRIED_MIN ? carried_head(r, text) : NULL;

		if (format)
			return format;
	}
	return NULL;
}

/* True: one of them fills. */
static bool products_apply(const struct takers *takers, struct record *r)
{
	const struct product *product;
	struct takers_walk walk;
	bool fills = false;

	takers_begin(&walk, r);
	while ((product = takers_next(takers, r, &walk))) {
		if (r->n_products < sizeof(r->products) / sizeof(r->products[0]))
			r->products[r->n_products++] = product_name(product);
		product_apply(product, r);
		fills = fills || product_fills(product);
	}
	return fills;
}

void decode_fields(const struct decoder *d, const struct stream *stream, struct record *r)
{
	const struct format *format = r->format_number ? format_numbered(r->format_number) : NULL, *carried;
	bool fills;

	if (stream->logsource.category || stream->logsource.product || stream->logsource.service)
		record_add_logsource(r, stream->logsource);
	if (r->structured.len)
		syslog_format.fields(r);
	if (format && format != &syslog_format)
		format->fields(r);
	fills = products_apply(&d->takers[r->format_number], r);
	if (!r->n_products && format == &json_format && (carried = carried_read(r))) {
		format = carried;
		format_take(r, format);
		if (r->structured.len)
			syslog_format.fields(r);
		if (format != &syslog_format)
			format->fields(r);
		fills = products_apply(&d->takers[r->format_number], r);
	}
	if (!r->n_products && d->words && names_found(r, format))
		words_apply(d->words, r);
	if (r->n_products && d->words && format && format->structured && record_has_value(r, "event.kind", "alert"))
		words_fill(d->words, r);	/* what its decode data left */
	if (fills || (!r->n_products && is_text(format)))
		entities_fill(d, format, r, fills);
	common_fields(r);
	subject_undo(r);
	if (d->sources)
		sources_apply(d->sources, r);
	r->n_decoded = r->n_fields;
}

void decoder_want(struct decoder *d, const struct logsource *wanted)
{
	if (d->sources)
		sources_want(d->sources, wanted);
}

void decode_all_logsources(const struct decoder *d, struct record *r)
{
	if (d->sources)
		sources_apply_all(d->sources, r);
}

bool decode_settle_key(const struct decoder *d, const struct record *r, struct text *key, int64_t *within, bool *settles)
{
	for (size_t k = 0; k < r->n_products; k++)
		for (size_t i = 0; i < d->n_settling; i++) {
			if (product_name(d->settling[i]) != r->products[k])
				continue;
			text_reset(key);
			text_add(key, r->products[k]);
			text_add_char(key, ' ');
			text_add_slice(key, record_value(r, "asset.id"));
			if (product_settle_key(d->settling[i], r, key, within)) {
				*settles = record_find(r, SETTLES) != NULL;
				return true;
			}
		}
	return false;
}

void decode_explain(const struct record *r, struct text *out)
{
	char time[48];

	time_format_rfc3339(r->time, r->utc_offset, time);
	text_addf(out, localised("format: %s\n"), r->format ? r->format : localised("not recognised"));
	text_addf(out, localised("time: %s%s%s\n"), time, r->undated ? localised(" (undated: taken from the line before)") : "",
		  r->zone_assumed ? localised(" (zone assumed)") : "");
	text_add(out, localised("product:"));
	for (size_t i = 0; i < r->n_products; i++)
		text_addf(out, " %s", r->products[i]);
	text_add(out, localised(r->n_products ? "\nlogsources:" : " none known\nlogsources:"));
	for (size_t i = 0; i < r->n_logsources; i++)
		text_addf(out, " %s/%s/%s", r->logsources[i].category ? r->logsources[i].category : "*",
			  r->logsources[i].product ? r->logsources[i].product : "*",
			  r->logsources[i].service ? r->logsources[i].service : "*");
	text_add(out, localised("\nfields:\n"));
	for (size_t i = 0; i < r->n_fields; i++) {
		text_add(out, r->fields[i].normal ? "  = " : "    ");
		escape_terminal(r->fields[i].name, out);
		text_add(out, ": ");
		escape_terminal(slice_cut(r->fields[i].value, 0, 400), out);
		text_add_char(out, '\n');
	}
}

static void sample_field_check(const struct yaml *yaml, const struct record *r, const char *name, const struct node *want,
			       struct problems *problems)
{
	const struct field *have = record_find(r, name);

	for (size_t i = 0; i < node_count(want); i++) {
		const char *text = node_text(node_item(want, i));

		if (!text || record_has_value(r, name, text))
			continue;
		if (have)
			node_error(problems, yaml, want, "%s is '%.*s', '%s' is expected", name,
				   (int)slice_cut(have->value, 0, SHOWN_MAX).len, have->value.at, text);
		else
			node_error(problems, yaml, want, "there is no field %s, '%s' is expected", name, text);
	}
}

static void sample_check(const struct product *product, const struct yaml *yaml,
			 const struct node *sample, const struct record *r,
			 struct problems *problems)
{
	const struct node *fields = node_get(sample, "fields");
	bool took = false, refuse = false;

	node_bool(node_get(sample, "not"), &refuse);
	for (size_t i = 0; i < r->n_products; i++)
		took = took || strcmp(r->products[i], product_name(product)) == 0;
	if (took && refuse)
		node_error(problems, yaml, sample, "'%s' takes a line that it must leave alone", product_name(product));
	if (!took && !refuse)
		product_refuses(product, r, sample, problems);
	if (took == refuse)
		return;
	for (size_t i = 0; fields && fields->kind == NODE_MAP && i < fields->n; i++)
		sample_field_check(yaml, r, fields->keys[i]->text.at, fields->items[i], problems);
}

void decoder_test(const struct decoder *d, const char *product, struct problems *problems, size_t *run)
{
	const struct zone *zone = zone_find("Asia/Tokyo", NULL);
	int64_t as_of;

	if (time_parse_argument("2026-12-31T00:00:00+09:00", OFFSET_JST, &as_of, NULL) < 0)
		return;
	for (size_t i = 0; i < d->n_products; i++) {
		const struct yaml *yaml;
		const struct node *samples = product_samples(d->products[i], &yaml);

		if (product && strcmp(product_name(d->products[i]), product) != 0)
			continue;
		for (size_t k = 0; k < node_count(samples); k++) {
			const struct node *sample = node_item(samples, k);
			const char *line = node_get_text(sample, "line");
			const char *format = node_get_text(sample, "format");
			struct record r = { .arena = arena_new(), .source = "sample" };
			struct stream *stream =
				stream_new(format, zone, as_of, (struct logsource){ 0 });

			r.raw = slice_of(line);
			stream->begun = stream_read_header(stream, slice_of(node_get_text(sample, "header")), true) != NULL;
			decode_head(d, stream, &r);
			decode_fields(d, stream, &r);
			sample_check(d->products[i], yaml, sample, &r, problems);
			(*run)++;
			stream_free(stream);
			arena_free(r.arena);
		}
	}
}
