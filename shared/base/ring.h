/* ring.h - a bounded queue of variable-size records between exactly one writer and one reader.
 *
 * Records are contiguous, 8-byte aligned, and stay where they are until released, so a reader can
 * read on without giving room back (the journal keeps what is not durable yet). Lock-free, never
 * waits, never allocates after init: a full ring refuses, and the writer decides what that means.
 * Writer calls: ring_reserve, ring_commit, ring_write, ring_has_room. Reader calls: the others. */
#ifndef TILTH_BASE_RING_H
#define TILTH_BASE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct ring {
    uint8_t *memory;
    uint64_t size_bytes;                   /* a power of two */
    _Alignas(64) _Atomic uint64_t written; /* writer publishes */
    uint64_t reserved_at;                  /* writer: where the reservation begins */
    uint32_t reserved_bytes;
    _Alignas(64) _Atomic uint64_t released; /* reader publishes */
};

/* A reader's place in the ring; starts zeroed. */
struct ring_cursor {
    uint64_t at;
};

/* Reserves `size_bytes` (a power of two, at least 64) under `label`. */
void ring_init(struct ring *ring, const char *label, uint64_t size_bytes);
void ring_finish(struct ring *ring); /* Gives the memory back; a zeroed ring is allowed. */

/* Room for a record of at most `size_bytes` (at most a quarter of the ring), or NULL when the ring
 * is full. A second reservation before the commit replaces the first. */
void *ring_reserve(struct ring *ring, uint32_t size_bytes);

/* Publishes the reserved record with its real size, at most the reserved. */
void ring_commit(struct ring *ring, uint32_t size_bytes);

/* Reserve, copy, commit. False when the ring is full. */
bool ring_write(struct ring *ring, const void *record, uint32_t size_bytes);

/* Would a reservation of `size_bytes` succeed now? */
bool ring_has_room(struct ring *ring, uint32_t size_bytes);

/* The record at the cursor, and the cursor moves behind it; NULL when nothing more is published.
 * The record stays valid until it is released. */
const void *ring_read(struct ring *ring, struct ring_cursor *cursor, uint32_t *out_size_bytes);

/* Gives all room before the cursor back to the writer. */
void ring_release(struct ring *ring, struct ring_cursor cursor);

/* The cursor of the first record that is not released. */
struct ring_cursor ring_first(struct ring *ring);

/* Bytes published and not released, with headers. Any thread, approximate on others. */
uint64_t ring_used_bytes(struct ring *ring);

#endif
