/* The table of formats. */
#include "decode/format.h"

#include "decode/decode.h"

#include <string.h>

static const struct format *const inner[] = {
	&json_format, &cef_format, &leef_format, &access_format, &audit_format, &modsec_format, &aide_format, &kv_format,
	&xml_format, &delimited_format, &text_format,
	&tsv_format,			/* the last: asked of the whole line, before a header is looked for, and not tried again */
};

/*
 * Those that a text which begins with such a byte may be of: JSON and XML begin with a bracket, ModSecurity with a hyphen,
 * audit records with `type` or `node`.
 */
static const struct format *const of_words[] = {
	&cef_format, &leef_format, &access_format, &aide_format, &kv_format, &delimited_format, &text_format,
	&json_format,			/* behind a few words */
};

static bool begins_a_word(char c)
{
	char letter = c | 0x20;

	return (letter >= 'a' && letter <= 'z' && letter != 'n' && letter != 't') || (c >= '0' && c <= '9');
}

/* syslog, then the inner formats in their order. */
static const char *const names[FORMATS + 1] = { "syslog", "json", "cef", "leef", "access", "audit", "modsec", "aide", "kv", "xml",
						"delimited", "text", "tsv", NULL };

const struct format *const *format_inner(struct slice text, size_t *n)
{
	if (text.len && begins_a_word(text.at[0])) {
		*n = sizeof(of_words) / sizeof(of_words[0]);
		return of_words;
	}
	*n = sizeof(inner) / sizeof(inner[0]) - 1;
	return inner;
}

const struct format *format_find(const char *name)
{
	if (strcmp(name, syslog_format.name) == 0)
		return &syslog_format;
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (strcmp(inner[i]->name, name) == 0)
			return inner[i];
	return NULL;
}

unsigned format_number(const struct format *format)
{
	if (!format)
		return 0;
	if (format == &syslog_format)
		return 1;
	for (unsigned i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (inner[i] == format)
			return i + 2;
	return 0;
}

const struct format *format_numbered(unsigned number)
{
	return number == 1 ? &syslog_format : inner[number - 2];
}

unsigned decode_format_number(const char *name)
{
	for (unsigned i = 0; name && names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i + 1;
	return 0;
}

const char *const *decode_formats(void)
{
	return names;
}

bool decode_format_exists(const char *name)
{
	return strcmp(name, "auto") == 0 || format_find(name) != NULL;
}
