#include "base/board.h"

#include <string.h>

#include "base/ensure.h"

enum { WORD = sizeof(uint64_t) };

void board_publish(struct board *board, const void *value, size_t size_bytes)
{
    ensure(size_bytes <= BOARD_BYTES);
    uint64_t version = atomic_load_explicit(&board->version, memory_order_relaxed);
    atomic_store_explicit(&board->version, version + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    for (size_t at = 0; at < size_bytes; at += WORD) {
        uint64_t word = 0;
        size_t left = size_bytes - at;
        memcpy(&word, (const uint8_t *)value + at, left < WORD ? left : WORD);
        atomic_store_explicit(&board->words[at / WORD], word, memory_order_relaxed);
    }
    atomic_store_explicit(&board->version, version + 2, memory_order_release);
}

void board_read(const struct board *board, void *out_value, size_t size_bytes)
{
    ensure(size_bytes <= BOARD_BYTES);
    uint64_t before, after;
    do {
        before = atomic_load_explicit(&board->version, memory_order_acquire);
        for (size_t at = 0; at < size_bytes; at += WORD) {
            uint64_t word = atomic_load_explicit(&board->words[at / WORD], memory_order_relaxed);
            size_t left = size_bytes - at;
            memcpy((uint8_t *)out_value + at, &word, left < WORD ? left : WORD);
        }
        atomic_thread_fence(memory_order_acquire);
        after = atomic_load_explicit(&board->version, memory_order_relaxed);
    } while (before != after || before % 2 != 0);
}
