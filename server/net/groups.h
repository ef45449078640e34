/* groups.h - one frame's changes, grouped by the chunks that they touch.
 *
 * Inside server/net only. Made once a frame, in time proportional to its changes. Memory: reserved
 * at init for changes_max, each of which may touch CHANGE_CHUNKS_MAX chunks. */
#ifndef TILTH_NET_GROUPS_H
#define TILTH_NET_GROUPS_H

#include "net/frame.h"

#define GROUPS_END UINT32_MAX

/* A change in a chunk's group. */
struct groups_link {
    uint32_t change; /* in the frame */
    uint32_t next;   /* link of the same chunk, or GROUPS_END */
};

struct groups {
    uint32_t *first; /* by mark: its first link, or GROUPS_END */
    struct groups_link *links;
    uint32_t *buckets, *chain; /* mark by chunk */
    uint32_t bucket_count;
};

/* Reserves room for frames of changes_max changes and as many marks. */
void groups_init(struct groups *groups, uint32_t changes_max);
void groups_finish(struct groups *groups); /* Gives the memory back. */

/* Groups the frame's changes; walk them from groups->first[mark] through the links. A chunk with
 * several marks has its changes under the last. */
void groups_build(struct groups *groups, const struct frame *frame);

#endif
