#ifndef SOKUHO_BASE_JAPANESE_H
#define SOKUHO_BASE_JAPANESE_H

/*
 * A sentence of ours in Japanese; NULL where there is none. Both take the same arguments in the same order, as
 * tests/japanese.py proves.
 */
const char *japanese(const char *english) __attribute__((format_arg(1)));

#endif
