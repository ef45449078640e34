#include "host/view.h"

#include "base/ensure.h"
#include "host/host.h"

enum {
    VIEW_COST_MIN = 16,     /* entities that an empty VIEW is as dear as */
    VIEW_BASE_BYTES = 1024, /* about what net adds where the seed is not shared */
};

static struct view *view_of(struct host *host, uint32_t session)
{
    return &host->sessions[session].view;
}

static struct world_pos middle_of(struct host *host, uint32_t session)
{
    return host->world.actors[session].pos;
}

/* Cells from the position to the chunk's nearest cell, on the axis where that is more. */
static uint32_t cells_between(struct world_pos from, struct chunk_pos chunk)
{
    struct cell_pos cell = grid_cell_of(from);
    int32_t left = chunk.x * GRID_CHUNK_CELLS, top = chunk.y * GRID_CHUNK_CELLS;
    int32_t right = left + GRID_CHUNK_CELLS - 1, bottom = top + GRID_CHUNK_CELLS - 1;
    int32_t x = cell.x < left ? left - cell.x : cell.x > right ? cell.x - right : 0;
    int32_t y = cell.y < top ? top - cell.y : cell.y > bottom ? cell.y - bottom : 0;
    return (uint32_t)(x > y ? x : y);
}

static struct view_chunk *find_chunk(struct view *view, struct chunk_pos pos)
{
    for (uint32_t i = 0; i < view->count; i++) {
        if (grid_is_same_chunk(view->chunks[i].pos, pos))
            return &view->chunks[i];
    }
    return NULL;
}

static void send_forget(struct host *host, uint32_t session, struct chunk_pos chunk)
{
    struct envelope envelope = {
        .kind = ENVELOPE_FORGET,
        .session = session,
        .generation = host->sessions[session].generation,
        .channel = CHANNEL_WORLD,
        .chunk = chunk,
    };
    uint32_t offset = 0;
    if (!frame_add_envelope(host->options.frames, &envelope, NULL, &offset))
        host->sessions[session].owes_resync = true;
}

/* The chunk's VIEW waits for no answer any more, if it did. */
static void take_back(struct view *view, const struct view_chunk *chunk)
{
    if (chunk->state != VIEW_SENT)
        return;
    view->unanswered--;
    view->unanswered_bytes -= chunk->size_bytes;
}

static void remove_chunk(struct host *host, uint32_t session, uint32_t index)
{
    struct view *view = view_of(host, session);
    struct view_chunk gone = view->chunks[index];
    view->chunks[index] = view->chunks[--view->count];
    take_back(view, &gone);
    residency_unpin(&host->residency, gone.pos);
    if (gone.was_sent)
        send_forget(host, session, gone.pos);
}

static void forget_far(struct host *host, uint32_t session)
{
    struct view *view = view_of(host, session);
    uint32_t far = host->options.limits.view_cells + VIEW_SLACK_CELLS;
    for (uint32_t i = view->count; i-- > 0;) {
        if (cells_between(middle_of(host, session), view->chunks[i].pos) > far)
            remove_chunk(host, session, i);
    }
}

static void want_chunk(struct host *host, uint32_t session, int32_t x, int32_t y)
{
    struct view *view = view_of(host, session);
    struct chunk_pos pos = {x, y};
    if (!grid_is_chunk(x, y) || find_chunk(view, pos) != NULL || view->count == VIEW_CHUNKS_MAX)
        return;
    if (residency_pin(&host->residency, pos))
        view->chunks[view->count++] = (struct view_chunk){.pos = pos, .state = VIEW_WANTED};
}

static void want_near(struct host *host, uint32_t session)
{
    struct cell_pos cell = grid_cell_of(middle_of(host, session));
    int32_t reach = (int32_t)host->options.limits.view_cells;
    int64_t left = grid_floor_divide(cell.x - reach, GRID_CHUNK_CELLS);
    int64_t right = grid_floor_divide(cell.x + reach, GRID_CHUNK_CELLS);
    int64_t top = grid_floor_divide(cell.y - reach, GRID_CHUNK_CELLS);
    int64_t bottom = grid_floor_divide(cell.y + reach, GRID_CHUNK_CELLS);
    for (int64_t y = top; y <= bottom; y++) {
        for (int64_t x = left; x <= right; x++)
            want_chunk(host, session, (int32_t)x, (int32_t)y);
    }
}

/* What a chunk costs of the tick's budget. */
static uint32_t cost_of(const struct chunk *chunk)
{
    return VIEW_COST_MIN + chunk->kept_count + world_weight(chunk);
}

/* Sends the chunk whole. False when the frame has no room: it stays wanted. */
static bool send_view(struct host *host, uint32_t session, struct view_chunk *wanted)
{
    struct view *view = view_of(host, session);
    const struct chunk *chunk = world_find_chunk(&host->world, wanted->pos);
    struct envelope envelope = {
        .kind = ENVELOPE_VIEW,
        .session = session,
        .generation = host->sessions[session].generation,
        .channel = CHANNEL_WORLD,
        .release_seq = chunk->version,
        .chunk = chunk->pos,
        .version = chunk->version,
        .hash = chunk->hash,
    };
    uint32_t offset = 0;
    content_gather(&host->world, chunk, host->content);
    envelope.size_bytes =
        (uint32_t)content_encode(host->codec, host->content, host->bytes, CONTENT_BYTES_MAX);
    ensure(envelope.size_bytes > 0);
    if (!frame_add_envelope(host->options.frames, &envelope, host->bytes, &offset))
        return false;
    wanted->state = VIEW_SENT;
    wanted->was_sent = true;
    wanted->size_bytes =
        envelope.size_bytes + (host->options.limits.share_seed ? 0 : VIEW_BASE_BYTES);
    view->unanswered++;
    view->unanswered_bytes += wanted->size_bytes;
    return true;
}

static bool may_send(const struct host *host, const struct view *view)
{
    return view->unanswered == 0 ||
           (view->unanswered < host->options.limits.views_unanswered_max &&
            view->unanswered_bytes < host->options.limits.views_unanswered_bytes_max);
}

/* The nearest wanted chunk that is resident, or NULL. */
static struct view_chunk *next_wanted(struct host *host, uint32_t session)
{
    struct view *view = view_of(host, session);
    struct view_chunk *nearest = NULL;
    uint32_t nearest_cells = UINT32_MAX;
    for (uint32_t i = 0; i < view->count; i++) {
        struct view_chunk *wanted = &view->chunks[i];
        uint32_t cells = cells_between(middle_of(host, session), wanted->pos);
        if (wanted->state == VIEW_WANTED && cells < nearest_cells &&
            world_find_chunk(&host->world, wanted->pos) != NULL) {
            nearest = wanted;
            nearest_cells = cells;
        }
    }
    return nearest;
}

/* Sends what is wanted and there, while the budget lasts. */
static void send_wanted(struct host *host, uint32_t session, uint32_t *budget)
{
    struct view *view = view_of(host, session);
    while (*budget > 0 && may_send(host, view)) {
        struct view_chunk *wanted = next_wanted(host, session);
        if (wanted == NULL || !send_view(host, session, wanted))
            return;
        uint32_t cost = cost_of(world_find_chunk(&host->world, wanted->pos));
        *budget -= *budget < cost ? *budget : cost;
        host->facts.views++;
    }
}

void view_step(struct host *host)
{
    uint32_t count = host->options.limits.sessions_max;
    uint32_t budget = host->options.limits.view_entities_per_tick_max;
    uint32_t first = host->view_turn;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t session = (first + i) % count;
        if (host->sessions[session].state != SESSION_PLAYING)
            continue;
        forget_far(host, session);
        want_near(host, session);
        if (budget > 0)
            host->view_turn = (session + 1) % count; /* who follows the last that had something */
        send_wanted(host, session, &budget);
    }
}

void view_answer(struct host *host, uint32_t session, struct chunk_pos chunk, bool is_wrong)
{
    struct view *view = view_of(host, session);
    struct view_chunk *answered = find_chunk(view, chunk);
    if (answered == NULL || answered->state == VIEW_WANTED)
        return;
    take_back(view, answered);
    answered->state = is_wrong ? VIEW_WANTED : VIEW_CONFIRMED;
}

void view_restart(struct host *host, uint32_t session)
{
    struct view *view = view_of(host, session);
    for (uint32_t i = 0; i < view->count; i++)
        view->chunks[i] = (struct view_chunk){.pos = view->chunks[i].pos, .state = VIEW_WANTED};
    view->unanswered = 0;
    view->unanswered_bytes = 0;
}

void view_drop(struct host *host, uint32_t session)
{
    struct view *view = view_of(host, session);
    for (uint32_t i = 0; i < view->count; i++)
        residency_unpin(&host->residency, view->chunks[i].pos);
    *view = (struct view){.count = 0};
}
