/* held.h - what may not leave yet: packets in the order they were made, each with the sequence
 * number that must be durable first.
 *
 * Inside server/net only. A queue, not a heap: sequence numbers only rise, and an item that shows
 * nothing lasting waits behind the earlier ones, so each session's results keep their order.
 * Memory: HELD_ITEMS_MAX items, reserved at init; packets hold a reference. */
#ifndef TILTH_NET_HELD_H
#define TILTH_NET_HELD_H

#include "link/link.h"
#include "net/frame.h"
#include "net/news.h"

enum { HELD_ITEMS_MAX = 1 << 16 };

enum held_kind { HELD_ENVELOPE, HELD_CHANGES };

struct held_item {
    enum held_kind kind;
    enum envelope_kind envelope;  /* for HELD_ENVELOPE */
    uint32_t session, generation; /* for HELD_ENVELOPE */
    uint64_t release_seq;
    struct chunk_pos chunk;
    uint64_t from, to;          /* versions; for a VIEW only `to` */
    struct link_packet *packet; /* NULL for FORGET without bytes */
    uint32_t size_bytes;
    struct news_area area; /* of CHANGES: the cells that they tell of */
};

struct held {
    struct held_item *items;
    uint64_t first, last; /* [first, last), modulo HELD_ITEMS_MAX */
    uint64_t bytes, bytes_max;
};

/* Reserves the queue. */
void held_init(struct held *held, uint64_t bytes_max);
void held_finish(struct held *held); /* Releases packets and memory. */

/* Adds an item and takes over its reference; false, and not taken, when the queue is full. */
bool held_push(struct held *held, const struct held_item *item);

/* Takes the oldest item if it may leave; the reference is the caller's now. */
bool held_pop(struct held *held, uint64_t durable_seq, struct held_item *out_item);

#endif
