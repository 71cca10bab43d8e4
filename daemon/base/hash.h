#ifndef SOKUHO_BASE_HASH_H
#define SOKUHO_BASE_HASH_H

#include "base/str.h"

/* SHA-256 over several parts, each preceded by its length, so that parts cannot run together. */
void hash_sha256(const struct slice *parts, size_t n, unsigned char out[32]);
/* The plain sum of some bytes, as sha256sum(1) has it. */
void hash_file_sha256(struct slice bytes, unsigned char out[32]);
/* Several parts as 2*len lower-case hex digits of its head (len <= 32); out holds 2*len+1. */
void hash_sha256_hex(const struct slice *parts, size_t n, size_t len, char *out);

#endif
