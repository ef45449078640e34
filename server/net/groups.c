#include "net/groups.h"

#include <string.h>

#include "base/memory.h"

void groups_init(struct groups *groups, uint32_t changes_max)
{
    groups->bucket_count = changes_max * 2 + 1;
    groups->first = memory_reserve("groups", changes_max, sizeof(uint32_t));
    groups->links =
        memory_reserve("groups", (size_t)changes_max * CHANGE_CHUNKS_MAX, sizeof *groups->links);
    groups->chain = memory_reserve("groups", changes_max, sizeof(uint32_t));
    groups->buckets = memory_reserve("groups", groups->bucket_count, sizeof(uint32_t));
    memset(groups->buckets, 0xFF, groups->bucket_count * sizeof(uint32_t));
}

void groups_finish(struct groups *groups)
{
    memory_release(groups->first);
    memory_release(groups->links);
    memory_release(groups->chain);
    memory_release(groups->buckets);
    *groups = (struct groups){.bucket_count = 0};
}

static uint32_t *bucket_of(const struct groups *groups, struct chunk_pos chunk)
{
    return &groups->buckets[grid_chunk_key(chunk) % groups->bucket_count];
}

static uint32_t find_mark(const struct groups *groups, const struct frame *frame,
                          struct chunk_pos chunk)
{
    uint32_t mark = *bucket_of(groups, chunk);
    while (mark != GROUPS_END && !grid_is_same_chunk(frame->marks[mark].chunk, chunk))
        mark = groups->chain[mark];
    return mark;
}

void groups_build(struct groups *groups, const struct frame *frame)
{
    for (uint32_t i = 0; i < frame->mark_count; i++) {
        uint32_t *bucket = bucket_of(groups, frame->marks[i].chunk);
        groups->first[i] = GROUPS_END;
        groups->chain[i] = *bucket;
        *bucket = i;
    }
    uint32_t link = 0;
    for (uint32_t i = frame->change_count; i-- > 0;) { /* backwards: lists come out in order */
        const struct change *change = &frame->changes[i];
        struct chunk_pos touched[CHANGE_CHUNKS_MAX];
        if (!(change_schema(change->kind)->flags & CHANGE_IN_CHUNK))
            continue;
        uint32_t touched_count = change_chunks(change, touched);
        for (uint32_t j = 0; j < touched_count; j++) {
            uint32_t mark = find_mark(groups, frame, touched[j]);
            if (mark == GROUPS_END)
                continue; /* the frame was cut */
            groups->links[link] = (struct groups_link){i, groups->first[mark]};
            groups->first[mark] = link++;
        }
    }
    for (uint32_t i = 0; i < frame->mark_count; i++)
        *bucket_of(groups, frame->marks[i].chunk) = GROUPS_END;
}
