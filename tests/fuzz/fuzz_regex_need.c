/* A byte of flags, a pattern, a newline, a text: whatever PCRE2 matches meets what the pattern is said to need. */
#include "fuzz.h"
#include "need_fault.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = { (const char *)data, size }, pattern, subject;
	struct text longer = { 0 };
	struct regex_need found;
	struct regex *regex;
	const char *fault;
	struct err err;
	unsigned flags;
	size_t end;

	if (size < 3 || size > 2000)
		return 0;
	flags = data[0] & (REGEX_CASELESS | REGEX_MULTILINE | REGEX_DOTALL);
	end = slice_find_byte(all, '\n', 1);
	pattern = slice_cut(all, 1, end);
	subject = slice_cut(all, end + 1, size);
	if (regex_new(pattern, flags, &regex, &err) < 0)
		return 0;
	regex_need_init(pattern, flags, &found);
	text_addf(&longer, "x1 ");
	text_add_slice(&longer, subject);
	text_add(&longer, "a\"");
	fault = need_fault(regex, flags, &found, subject, text_slice(&longer));
	if (fault) {
		fprintf(stderr, "%s\n", fault);
		abort();
	}
	regex_need_clear(&found);
	regex_free(regex);
	text_clear(&longer);
	return 0;
}
