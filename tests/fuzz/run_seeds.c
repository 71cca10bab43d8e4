/* Without a fuzzer: every file of the folders given is one input. */
#include "fuzz.h"

#include "base/dir.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

static void run_file(const char *path)
{
	struct text bytes = { 0 };
	char block[4096];
	FILE *file = fopen(path, "rb");
	size_t n;

	if (!file)
		return;
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		text_add_bytes(&bytes, block, n);
	fclose(file);
	LLVMFuzzerTestOneInput((const uint8_t *)(bytes.at ? bytes.at : ""), bytes.len);
	for (size_t cut = 1; cut < bytes.len; cut += 1 + bytes.len / 40)	/* and every head of it */
		LLVMFuzzerTestOneInput((const uint8_t *)bytes.at, cut);
	text_clear(&bytes);
}

int main(int argc, char **argv)
{
	struct strlist files = { 0 };
	struct err err;

	for (int i = 1; i < argc; i++)
		if (dir_files(argv[i], "", &files, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
	if (!files.n) {
		fprintf(stderr, "no seeds\n");
		return 1;
	}
	for (size_t i = 0; i < files.n; i++)
		run_file(files.at[i]);
	printf("%zu seeds\n", files.n);
	strlist_clear(&files);
	return 0;
}
