#include "store/bulletin.h"

#include <string.h>

#include "base/ensure.h"

void bulletin_write(struct bulletin *bulletin, const void *value, size_t size_bytes)
{
    uint64_t words[BULLETIN_BYTES / 8] = {0};
    ensure(size_bytes <= sizeof words);
    memcpy(words, value, size_bytes);
    uint64_t number = atomic_load_explicit(&bulletin->number, memory_order_relaxed);
    atomic_store_explicit(&bulletin->number, number + 1, memory_order_relaxed);
    for (size_t i = 0; i * 8 < size_bytes; i++)
        atomic_store_explicit(&bulletin->words[i], words[i], memory_order_release);
    atomic_store_explicit(&bulletin->number, number + 2, memory_order_release);
}

void bulletin_read(struct bulletin *bulletin, void *out_value, size_t size_bytes)
{
    uint64_t words[BULLETIN_BYTES / 8];
    uint64_t before, after;
    ensure(size_bytes <= sizeof words);
    do {
        before = atomic_load_explicit(&bulletin->number, memory_order_acquire);
        for (size_t i = 0; i * 8 < size_bytes; i++)
            words[i] = atomic_load_explicit(&bulletin->words[i], memory_order_acquire);
        after = atomic_load_explicit(&bulletin->number, memory_order_relaxed);
    } while (before != after || before % 2 != 0);
    memcpy(out_value, words, size_bytes);
}
