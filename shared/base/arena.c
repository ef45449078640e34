#include "base/arena.h"

#include <string.h>

#include "base/ensure.h"

enum { ALIGNMENT_BYTES = 16 };

void arena_init(struct arena *arena, void *memory, size_t size_bytes)
{
    ensure(memory != NULL || size_bytes == 0);
    *arena = (struct arena){.memory = memory, .size_bytes = size_bytes};
}

void *arena_take(struct arena *arena, size_t size_bytes)
{
    size_t room = arena->size_bytes - arena->used_bytes;
    /* From the address, not the offset: the caller's block may be aligned to less. */
    uintptr_t address = (uintptr_t)(arena->memory + arena->used_bytes);
    size_t padding = (ALIGNMENT_BYTES - address % ALIGNMENT_BYTES) % ALIGNMENT_BYTES;
    if (padding > room || size_bytes > room - padding)
        return NULL;
    void *taken = arena->memory + arena->used_bytes + padding;
    arena->used_bytes += padding + size_bytes;
    ensure(arena->used_bytes <= arena->size_bytes);
    return taken;
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size_bytes)
{
    void *copy = arena_take(arena, size_bytes);
    if (copy != NULL && size_bytes > 0)
        memcpy(copy, bytes, size_bytes);
    return copy;
}

void arena_reset(struct arena *arena)
{
    arena->used_bytes = 0;
}
