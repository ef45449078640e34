/* view.h - which chunks a session sees.
 *
 * Inside server/host. All chunks within view_cells of the actor, and until VIEW_SLACK_CELLS beyond,
 * so that walking along a border does not flap. Each is pinned; a VIEW goes out when it is
 * resident, nearest first, as long as few of them, and few bytes, wait for the client's answer: one
 * always may, however large. A tick gathers about view_entities_per_tick_max entities for VIEWs,
 * structures and piles at their weight (the last VIEW may be larger); the sessions for which
 * nothing is left come first in the next. Owner: the tick. */
#ifndef TILTH_HOST_VIEW_H
#define TILTH_HOST_VIEW_H

#include "grid/grid.h"
#include "net/frame.h"

struct host;

enum { VIEW_CHUNKS_MAX = 36, VIEW_SLACK_CELLS = 8 };

enum view_state { VIEW_WANTED, VIEW_SENT, VIEW_CONFIRMED };

struct view_chunk {
    struct chunk_pos pos;
    enum view_state state;
    bool was_sent;       /* the client has it, or had: it must be told to forget it */
    uint32_t size_bytes; /* SENT: of the VIEW */
};

struct view {
    struct view_chunk chunks[VIEW_CHUNKS_MAX];
    uint32_t count;
    uint32_t unanswered, unanswered_bytes; /* VIEWs */
};

/* Once a tick, for all sessions that play: what comes into view, what leaves it. */
void view_step(struct host *host);

/* The client has a chunk, or it did not fit (then it is sent again). */
void view_answer(struct host *host, uint32_t session, struct chunk_pos chunk, bool is_wrong);

/* Everything is to be sent again. */
void view_restart(struct host *host, uint32_t session);

/* The session ends: unpins all. */
void view_drop(struct host *host, uint32_t session);

#endif
