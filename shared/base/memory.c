#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/log.h"

enum { ALIGNMENT_BYTES = 64 };

/* Stands before every block, so that release knows what to subtract. */
struct header {
    _Alignas(ALIGNMENT_BYTES) uint64_t block_bytes;
};

static _Atomic uint64_t reserved_bytes;
static _Thread_local bool is_sealed;

void *memory_reserve_untouched(const char *label, size_t count, size_t size)
{
    ensure(!is_sealed);
    size_t wanted = 0;
    size_t block_bytes = 0;
    bool is_too_large =
        __builtin_mul_overflow(count, size, &wanted) ||
        __builtin_add_overflow(wanted, sizeof(struct header) + ALIGNMENT_BYTES - 1, &block_bytes);
    block_bytes = block_bytes / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
    struct header *header = is_too_large ? NULL : aligned_alloc(ALIGNMENT_BYTES, block_bytes);
    if (header == NULL)
        log_error("memory", "no room for %s: %zu x %zu bytes", label, count, size);
    bool has_memory = header != NULL;
    ensure(has_memory);
    header->block_bytes = block_bytes;
    atomic_fetch_add_explicit(&reserved_bytes, block_bytes, memory_order_relaxed);
    log_debug("memory", "%s: %zu bytes", label, block_bytes);
    return header + 1;
}

void *memory_reserve(const char *label, size_t count, size_t size)
{
    void *memory = memory_reserve_untouched(label, count, size);
    /* Touches every page, so that a lack of memory shows at start and not in a tick. */
    memset(memory, 0, count * size);
    return memory;
}

void memory_release(void *memory)
{
    if (memory == NULL)
        return;
    struct header *header = (struct header *)memory - 1;
    atomic_fetch_sub_explicit(&reserved_bytes, header->block_bytes, memory_order_relaxed);
    free(header);
}

void memory_seal(void)
{
    is_sealed = true;
}

void memory_unseal(void)
{
    is_sealed = false;
}

bool memory_is_sealed(void)
{
    return is_sealed;
}

uint64_t memory_reserved_bytes(void)
{
    return atomic_load_explicit(&reserved_bytes, memory_order_relaxed);
}
