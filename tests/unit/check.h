#ifndef SOKUHO_TESTS_CHECK_H
#define SOKUHO_TESTS_CHECK_H

/* cmocka needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#endif
