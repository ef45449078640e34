/* memory.h - memory reserved at start, and the proof that it is.
 *
 * Everything that lives as long as the server is taken with memory_reserve under a label, counted,
 * and printed at boot. A thread that called memory_seal (tick, journal) must not take memory any
 * more: memory_reserve then fails an ensure. Tests that must prove that nothing below allocates
 * either (libraries too) link tests/allocations.c, which counts malloc itself on sealed threads. */
#ifndef TILTH_BASE_MEMORY_H
#define TILTH_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* count * size zeroed bytes, aligned to 64; never NULL: out of memory at start fails an ensure,
 * as does a sealed thread. `label` is a literal that names the owner: "chunks". */
void *memory_reserve(const char *label, size_t count, size_t size);

/* The same, of any content: its pages are the process's when they are first written. For memory
 * that a client may never need. */
void *memory_reserve_untouched(const char *label, size_t count, size_t size);

/* Gives back what one of these gave; NULL is allowed. */
void memory_release(void *memory);

/* From now on this thread reserves nothing. memory_unseal is for shutdown and for tests. */
void memory_seal(void);
void memory_unseal(void); /* Undoes memory_seal for this thread. */

/* Is this thread sealed? */
bool memory_is_sealed(void);

/* Bytes now reserved through memory_reserve in the whole process. */
uint64_t memory_reserved_bytes(void);

#endif
