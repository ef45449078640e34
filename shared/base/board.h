/* board.h - a small value that one thread publishes and any thread reads whole.
 *
 * A sequence lock over atomic words (Lameter 2005, Boehm 2012): publishing never waits; a reader
 * that met a publication reads again. For facts and statistics. No memory beyond BOARD_BYTES. */
#ifndef TILTH_BASE_BOARD_H
#define TILTH_BASE_BOARD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { BOARD_BYTES = 1024 };

/* Zeroed is ready: it reads as zeros. */
struct board {
    _Atomic uint64_t version; /* odd while a publication is under way */
    _Atomic uint64_t words[BOARD_BYTES / sizeof(uint64_t)];
};

/* The owner: makes `value` what others read; at most BOARD_BYTES. */
void board_publish(struct board *board, const void *value, size_t size_bytes);

/* Any thread: the latest value, whole. */
void board_read(const struct board *board, void *out_value, size_t size_bytes);

#endif
