/* fuzz.h - what every fuzz target gives: one function over bytes, run by libFuzzer or by replay.c.
 *
 * A target decodes what anyone may send, and ensures what holds for all that it accepts. Its
 * examples are tests/fuzz/corpus/<name>/; a crash that was found and mended stays there. */
#ifndef TILTH_FUZZ_FUZZ_H
#define TILTH_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry, https://llvm.org/docs/LibFuzzer.html. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

#endif
