#ifndef SOKUHO_TESTS_FUZZ_H
#define SOKUHO_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* One input. With libFuzzer the fuzzer calls it; without, run_seeds.c runs the files of seeds/TARGET. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
