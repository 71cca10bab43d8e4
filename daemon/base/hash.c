/* SHA-256 by libgcrypt; the length before each part makes ("ab","c") and ("a","bc") differ. */
#include "base/hash.h"

#include <gcrypt.h>
#include <stdio.h>

static void hash_init(void)
{
	static bool ready;

	if (ready)
		return;
	gcry_check_version(NULL);
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	ready = true;
}

void hash_sha256(const struct slice *parts, size_t n, unsigned char out[32])
{
	gcry_md_hd_t md;

	hash_init();
	if (gcry_md_open(&md, GCRY_MD_SHA256, 0) != 0)
		abort();
	for (size_t i = 0; i < n; i++) {
		uint64_t len = parts[i].len;
		unsigned char head[8];

		for (int b = 0; b < 8; b++)
			head[b] = (unsigned char)(len >> (56 - 8 * b));
		gcry_md_write(md, head, sizeof(head));
		gcry_md_write(md, parts[i].at, parts[i].len);
	}
	for (int b = 0; b < 32; b++)
		out[b] = gcry_md_read(md, GCRY_MD_SHA256)[b];
	gcry_md_close(md);
}

void hash_file_sha256(struct slice bytes, unsigned char out[32])
{
	hash_init();
	gcry_md_hash_buffer(GCRY_MD_SHA256, out, bytes.at, bytes.len);
}

void hash_sha256_hex(const struct slice *parts, size_t n, size_t len, char *out)
{
	unsigned char sum[32];

	hash_sha256(parts, n, sum);
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
}
