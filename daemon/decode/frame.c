/*
 * Records of several lines. Whether a line begins one, and whether the next still belongs to it, is asked of the format that
 * such a line would have; nothing is kept from call to call, so that an unfinished record is simply read again.
 */
#include "decode/decode.h"

#include "decode/format.h"

#include <ctype.h>
#include <string.h>

#define DOUBTS_MAX 64

/* By the first byte of a line, which kind of such a record it may begin; most lines are done with here. */
static const struct framing *const framings[] = { NULL, &audit_framing, &xml_framing, &modsec_framing, &aide_framing, &json_framing };
static const unsigned char first_bytes[256] = {
	['t'] = 1, ['n'] = 1, ['<'] = 2, [' '] = 2, ['-'] = 3, ['S'] = 4, ['A'] = 4, ['{'] = 5,
};

/* Only whole lines, but for the last of all. */
static bool line_next(struct slice text, bool final, size_t *at, struct slice *line)
{
	return (final || slice_find_byte(text, '\n', *at) < text.len) && slice_line(text, at, line);
}

bool line_is_anothers(struct slice line)
{
	struct record r;
	struct head head = { .peek = true };
	struct stamp stamp;
	size_t first = line.len && (line.at[0] == '<' || line.at[0] == '[') ? 1 : 0;

	if (slice_starts(line, SLICE("{\"")) && line.at[line.len - 1] == '}')
		return true;
	if (first >= line.len || !isalnum((unsigned char)line.at[first]))
		return false;			/* most lines inside of a record */
	if (stamp_parse(line, &stamp) && stamp.used < line.len && line.at[stamp.used] != '<' && memchr(line.at, ':', stamp.used))
		return true;
	return (syslog_format.head(&r, line, &head) && head.has_stamp) || access_format.head(&r, line, &head);
}

size_t decode_frame(const char *only, struct slice text, bool final, uint32_t *more, bool *open)
{
	const struct framing *framing = text.len ? framings[first_bytes[(unsigned char)text.at[0]]] : NULL;
	enum frame_step step = FRAME_MORE;
	struct slice first, line;
	size_t at = 0, end, doubts = 0;
	uint32_t lines = 0;

	*more = 0;
	*open = false;
	if (!framing || (only && strcmp(only, "auto") != 0 && strcmp(only, framing->format->name) != 0) ||
	    !line_next(text, final, &at, &first) || !framing->begins(first) || line_is_anothers(first))
		return 0;
	for (end = at; (step == FRAME_MORE || step == FRAME_DOUBT) && line_next(text, final, &at, &line);) {
		step = framing->goes_on(first, line);
		if (step == FRAME_DOUBT && ++doubts > DOUBTS_MAX)
			step = FRAME_NO;
		if (step == FRAME_NO)
			break;
		lines++;
		if (!doubts || step == FRAME_LAST) {
			end = at;
			*more = lines;
		}
	}
	*open = (step == FRAME_MORE || step == FRAME_DOUBT) && !final;
	return end < text.len ? end : text.len;
}
