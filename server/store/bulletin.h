/* bulletin.h - a small value that one thread writes and any thread reads whole, without a lock.
 *
 * A sequence lock (Boehm, "Can seqlocks get along with programming language memory models?", 2012):
 * the number is odd while the value is being written, and a reader tries again when it moved.
 * For facts: writing is rare, and a reader may have to read twice. See store.c and loader.c. */
#ifndef TILTH_STORE_BULLETIN_H
#define TILTH_STORE_BULLETIN_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { BULLETIN_BYTES = 512 };

struct bulletin {
    _Atomic uint64_t number;
    _Atomic uint64_t words[BULLETIN_BYTES / 8];
};

/* The owner writes the value, at most BULLETIN_BYTES; always the same size. */
void bulletin_write(struct bulletin *bulletin, const void *value, size_t size_bytes);

/* Any thread: the value written last; zeros before the first. */
void bulletin_read(struct bulletin *bulletin, void *out_value, size_t size_bytes);

#endif
