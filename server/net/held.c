#include "net/held.h"

#include "base/memory.h"

void held_init(struct held *held, uint64_t bytes_max)
{
    *held = (struct held){.bytes_max = bytes_max};
    held->items = memory_reserve("held packets", HELD_ITEMS_MAX, sizeof *held->items);
}

void held_finish(struct held *held)
{
    struct held_item item;
    while (held->items != NULL && held_pop(held, UINT64_MAX, &item))
        link_packet_release(&item.packet);
    memory_release(held->items);
    *held = (struct held){0};
}

bool held_push(struct held *held, const struct held_item *item)
{
    if (held->last - held->first == HELD_ITEMS_MAX ||
        held->bytes + item->size_bytes > held->bytes_max)
        return false;
    held->items[held->last % HELD_ITEMS_MAX] = *item;
    held->last++;
    held->bytes += item->size_bytes;
    return true;
}

bool held_pop(struct held *held, uint64_t durable_seq, struct held_item *out_item)
{
    if (held->first == held->last)
        return false;
    const struct held_item *oldest = &held->items[held->first % HELD_ITEMS_MAX];
    if (oldest->release_seq > durable_seq)
        return false;
    *out_item = *oldest;
    held->first++;
    held->bytes -= oldest->size_bytes;
    return true;
}
