/* arena.h - memory handed out front to back and given back all at once.
 *
 * Reads nothing, makes aligned pieces of one block that the caller owns, refuses with NULL when the
 * block is used up. One owner thread. See the tick's arena in server/host. */
#ifndef TILTH_BASE_ARENA_H
#define TILTH_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena {
    uint8_t *memory;
    size_t size_bytes;
    size_t used_bytes;
};

/* Lays the arena over the caller's memory, which must outlive it. */
void arena_init(struct arena *arena, void *memory, size_t size_bytes);

/* `size_bytes` uninitialised bytes aligned to 16, or NULL when there is no room. */
void *arena_take(struct arena *arena, size_t size_bytes);

/* A copy of `size_bytes` bytes in the arena, or NULL when there is no room. */
void *arena_copy(struct arena *arena, const void *bytes, size_t size_bytes);

/* Gives everything back; the pieces are invalid from now on. */
void arena_reset(struct arena *arena);

#endif
