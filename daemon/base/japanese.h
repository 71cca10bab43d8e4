#ifndef SOKUHO_BASE_JAPANESE_H
#define SOKUHO_BASE_JAPANESE_H

#include <stdbool.h>

/*
 * A sentence of ours in Japanese; NULL where there is none. Both take the same arguments in the same order, as
 * tests/japanese.py proves.
 */
const char *japanese(const char *english) __attribute__((format_arg(1)));
/* Does the environment ask for it? As gettext would see it, but without need of an installed locale. */
bool japanese_is_asked(void);
/* The sentence in the language that is asked for; for what is printed, not for what is stored or sent. */
const char *localised(const char *english) __attribute__((format_arg(1)));

#endif
