/*
 * Records of several lines. Whether a line begins one, and whether the next still belongs to it, is asked of the format that
 * such a line would have; nothing is kept from call to call, so that an unfinished record is simply read again.
 */
#include "decode/decode.h"

#include "decode/format.h"

#include <string.h>

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

size_t decode_frame(const char *only, struct slice text, bool final, uint32_t *more, bool *open)
{
	const struct framing *framing = text.len ? framings[first_bytes[(unsigned char)text.at[0]]] : NULL;
	enum frame_step step = FRAME_MORE;
	struct slice first, line;
	size_t at = 0, end;

	*more = 0;
	*open = false;
	if (!framing || (only && strcmp(only, "auto") != 0 && strcmp(only, framing->format->name) != 0) ||
	    !line_next(text, final, &at, &first) || !framing->begins(first))
		return 0;
	for (end = at; step == FRAME_MORE && line_next(text, final, &at, &line);) {
		step = framing->goes_on(first, line);
		if (step != FRAME_NO) {
			end = at;
			++*more;
		}
	}
	*open = step == FRAME_MORE && !final;
	return end < text.len ? end : text.len;
}
