#include "base/ring.h"

#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

/* Positions count bytes since the start and never wrap (2^64 bytes are centuries); the place in
 * memory is the position modulo the size. A record that would cross the end is put at the
 * beginning, behind a padding record that fills the rest; both are published by one store, so a
 * reader that sees the padding sees the record behind it. */
struct header {
    uint32_t size_bytes; /* of what follows; for padding, of the whole to skip, header included */
    uint32_t is_padding;
};

#define NOTHING_RESERVED UINT64_MAX

/* A record's room with its header, rounded up so that the next header is aligned. */
static uint64_t room_of(uint32_t size_bytes)
{
    return sizeof(struct header) + ((uint64_t)size_bytes + 7) / 8 * 8;
}

static struct header *header_at(struct ring *ring, uint64_t position)
{
    return (struct header *)(void *)(ring->memory + (position & (ring->size_bytes - 1)));
}

/* How much of the ring's end a record of `room_bytes` at the position would have to skip. */
static uint64_t padding_at(const struct ring *ring, uint64_t position, uint64_t room_bytes)
{
    uint64_t to_end = ring->size_bytes - (position & (ring->size_bytes - 1));
    return room_bytes > to_end ? to_end : 0;
}

void ring_init(struct ring *ring, const char *label, uint64_t size_bytes)
{
    ensure(size_bytes >= 64 && (size_bytes & (size_bytes - 1)) == 0);
    ring->memory = memory_reserve(label, 1, size_bytes);
    ring->size_bytes = size_bytes;
    ring->reserved_at = NOTHING_RESERVED;
    ring->reserved_bytes = 0;
    atomic_init(&ring->written, 0);
    atomic_init(&ring->released, 0);
}

void ring_finish(struct ring *ring)
{
    memory_release(ring->memory);
    ring->memory = NULL;
    ring->size_bytes = 0;
}

bool ring_has_room(struct ring *ring, uint32_t size_bytes)
{
    if (size_bytes > ring->size_bytes / 4)
        return false;
    uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    /* Acquire: the reader has finished with the bytes that are about to be written over. */
    uint64_t released = atomic_load_explicit(&ring->released, memory_order_acquire);
    uint64_t room = room_of(size_bytes);
    uint64_t needed = padding_at(ring, written, room) + room;
    return needed <= ring->size_bytes - (written - released);
}

void *ring_reserve(struct ring *ring, uint32_t size_bytes)
{
    ensure(size_bytes <= ring->size_bytes / 4);
    ring->reserved_at = NOTHING_RESERVED;
    if (!ring_has_room(ring, size_bytes))
        return NULL;
    uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    uint64_t padding = padding_at(ring, written, room_of(size_bytes));
    if (padding > 0)
        *header_at(ring, written) = (struct header){(uint32_t)padding, 1};
    ring->reserved_at = written + padding;
    ring->reserved_bytes = size_bytes;
    return header_at(ring, ring->reserved_at) + 1;
}

void ring_commit(struct ring *ring, uint32_t size_bytes)
{
    ensure(ring->reserved_at != NOTHING_RESERVED && size_bytes <= ring->reserved_bytes);
    *header_at(ring, ring->reserved_at) = (struct header){size_bytes, 0};
    uint64_t written = ring->reserved_at + room_of(size_bytes);
    ring->reserved_at = NOTHING_RESERVED;
    atomic_store_explicit(&ring->written, written, memory_order_release);
}

bool ring_write(struct ring *ring, const void *record, uint32_t size_bytes)
{
    void *room = ring_reserve(ring, size_bytes);
    if (room == NULL)
        return false;
    if (size_bytes > 0)
        memcpy(room, record, size_bytes);
    ring_commit(ring, size_bytes);
    return true;
}

const void *ring_read(struct ring *ring, struct ring_cursor *cursor, uint32_t *out_size_bytes)
{
    uint64_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
    ensure(written - cursor->at <= ring->size_bytes);
    if (cursor->at == written)
        return NULL;
    const struct header *header = header_at(ring, cursor->at);
    if (header->is_padding) {
        cursor->at += header->size_bytes;
        header = header_at(ring, cursor->at);
    }
    ensure(!header->is_padding && cursor->at < written);
    cursor->at += room_of(header->size_bytes);
    *out_size_bytes = header->size_bytes;
    return header + 1;
}

void ring_release(struct ring *ring, struct ring_cursor cursor)
{
    uint64_t released = atomic_load_explicit(&ring->released, memory_order_relaxed);
    uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    ensure(cursor.at >= released && cursor.at <= written);
    /* Release: what was read from the records happens before the writer uses the room again. */
    atomic_store_explicit(&ring->released, cursor.at, memory_order_release);
}

struct ring_cursor ring_first(struct ring *ring)
{
    return (struct ring_cursor){atomic_load_explicit(&ring->released, memory_order_relaxed)};
}

uint64_t ring_used_bytes(struct ring *ring)
{
    /* In this order the difference cannot be negative. */
    uint64_t released = atomic_load_explicit(&ring->released, memory_order_acquire);
    uint64_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
    return written - released;
}
