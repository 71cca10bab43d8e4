#ifndef SOKUHO_TESTS_CHECK_H
#define SOKUHO_TESTS_CHECK_H

/* cmocka needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/problem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file that holds this text; path is of the kind that mkstemp() fills. The caller unlinks it. */
static inline void check_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Content was loaded without a word; where not, its words are shown. */
static inline void check_no_problems(struct problems *problems)
{
	struct text text = { 0 };

	problems_print(problems, false, &text);
	if (text.len)
		fail_msg("%s", text.at);
	problems_clear(problems);
}

#endif
