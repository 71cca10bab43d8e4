/* Files that name their columns: any bytes give a record or none, and nothing worse. */
#include "fuzz.h"
#include "line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_lines("tsv", data, size);
	return 0;
}
