/* allocations.h - counting what sealed threads take from the heap.
 *
 * A program that links allocations.c has its own malloc, calloc, realloc, free and their aligned
 * kin, which pass everything on to glibc and count calls made while memory_is_sealed. Libraries are
 * counted too. Not together with sanitizers, which bring their own. See tests/scenario. */
#ifndef TILTH_TESTS_ALLOCATIONS_H
#define TILTH_TESTS_ALLOCATIONS_H

#include <stdint.h>

/* Calls by sealed threads so far. */
uint64_t allocations_count(void);

#endif
