#ifndef SOKUHO_BASE_ESCAPE_H
#define SOKUHO_BASE_ESCAPE_H

#include "base/str.h"

/*
 * The one way out for bytes of logs. Each exit knows its format and calls its function once.
 * All append to `out`. Bytes that are not UTF-8 become U+FFFD, except in escape_terminal,
 * which shows them as \xNN.
 */
void escape_terminal(struct slice in, struct text *out);	/* controls, bidi marks as \xNN, \u{...} */
void escape_mail_header(struct slice in, struct text *out);	/* RFC 2047 B, folded, no CR LF */
void escape_html(struct slice in, struct text *out);
/* Valid UTF-8 with every bad byte replaced; controls other than TAB and LF become U+FFFD too. */
void escape_utf8(struct slice in, struct text *out);
/* http://a.b/ to hxxp://a[.]b/: nobody opens it by accident. */
void escape_defang(struct slice in, struct text *out);

/* Length of the UTF-8 character at the head, 0 when it is none. *code may be NULL. */
size_t utf8_char(struct slice in, uint32_t *code);
bool utf8_valid(struct slice in);
/* Columns on a terminal: East Asian wide characters take two. */
size_t utf8_width(struct slice in);
/* The longest head of at most `columns` columns. */
struct slice utf8_cut(struct slice in, size_t columns);

#endif
