/* audit entries of ModSecurity: any bytes give a record or none, and nothing worse. */
#include "fuzz.h"
#include "line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_lines("modsec", data, size);
	return 0;
}
