#include "walker.h"

#include <stdlib.h>
#include <string.h>

/* Straight steps first: of ways equally long, the one with fewer diagonals is taken. */
static const int8_t steps[8][2] = {{0, -1}, {1, 0}, {0, 1},  {-1, 0},
                                   {1, -1}, {1, 1}, {-1, 1}, {-1, -1}};

/* What a search knows of an offset; else 1 + the step that led there. */
enum { UNSEEN = 0, SOLID = UINT8_MAX - 1, START = UINT8_MAX };

static int sign(int64_t value)
{
    return (value > 0) - (value < 0);
}

static int32_t chunk_of(int32_t cell)
{
    return (cell - (cell < 0 ? TILTH_CHUNK_CELLS - 1 : 0)) / TILTH_CHUNK_CELLS;
}

static void stop(struct tilth_client *client)
{
    tilth_client_move(client, 0, 0);
}

/* How near to a place counts as there: half a step, so that it is not walked over for ever. */
static int64_t tolerance(const struct tilth_client *client)
{
    struct tilth_facts facts;
    if (!tilth_client_facts(client, &facts) || facts.tick_hz == 0)
        return TILTH_CELL_UNITS / 4;
    return (int64_t)facts.speed_px_s * 16 / facts.tick_hz / 2 + 1;
}

uint32_t walker_land(const struct tilth_client *client)
{
    struct tilth_position here = {0};
    struct tilth_chunk chunk;
    uint32_t count = 0;
    (void)tilth_client_position(client, &here);
    for (int32_t i = 0; i < WALKER_CHUNKS_AROUND; i++) {
        int32_t x = here.cell_x + (i % 3 - 1) * TILTH_CHUNK_CELLS;
        int32_t y = here.cell_y + (i / 3 - 1) * TILTH_CHUNK_CELLS;
        count += (uint32_t)tilth_client_chunk(client, chunk_of(x), chunk_of(y), &chunk);
    }
    return count;
}

/* Without a connection there is nowhere to walk; and where the way leads out of view, the land that
 * it will lead through may still be coming. */
static bool must_wait(const struct walker *walker, const struct tilth_client *client)
{
    if (!tilth_client_is_connected(client))
        return true;
    return walker->is_searching && !walker->is_whole && !tilth_client_is_ready(client);
}

static enum walker_state wait_for_land(struct walker *walker, struct tilth_client *client,
                                       uint64_t now_ms)
{
    uint32_t land = walker_land(client);
    bool is_connected = tilth_client_is_connected(client) != 0;
    if (!walker->is_waiting || !is_connected || land > walker->land)
        walker->land_ms = now_ms;
    walker->land = land;
    walker->is_waiting = true;
    stop(client);
    bool is_patient = now_ms < walker->land_ms + walker->goal.patience_ms;
    return is_patient || !is_connected ? WALKER_WALKING : WALKER_UNSEEN;
}

static void aim(struct walker *walker, int64_t x, int64_t y, uint64_t now_ms)
{
    walker->target_x = x;
    walker->target_y = y;
    walker->best_distance = INT64_MAX;
    walker->better_ms = now_ms;
}

static void aim_at_cell(struct walker *walker, struct walker_cell cell, uint64_t now_ms)
{
    aim(walker, (int64_t)cell.x * TILTH_CELL_UNITS + TILTH_CELL_UNITS / 2,
        (int64_t)cell.y * TILTH_CELL_UNITS + TILTH_CELL_UNITS / 2, now_ms);
}

void walker_move(struct walker *walker, struct tilth_client *client, int32_t dx, int32_t dy,
                 uint64_t now_ms)
{
    struct tilth_position here = {0};
    (void)tilth_client_position(client, &here);
    walker->is_searching = false;
    walker->is_waiting = false;
    walker->way_count = 0;
    aim(walker, here.x + (int64_t)dx * TILTH_CELL_UNITS, here.y + (int64_t)dy * TILTH_CELL_UNITS,
        now_ms);
}

static uint32_t index_of(int32_t x, int32_t y) /* offsets from the middle of the search */
{
    return (uint32_t)((y + WALKER_RADIUS_CELLS) * WALKER_SIDE + x + WALKER_RADIUS_CELLS);
}

static struct walker_cell offset_of(uint32_t index)
{
    return (struct walker_cell){(int32_t)(index % WALKER_SIDE) - WALKER_RADIUS_CELLS,
                                (int32_t)(index / WALKER_SIDE) - WALKER_RADIUS_CELLS};
}

static bool is_within(int32_t x, int32_t y)
{
    return abs(x) <= WALKER_RADIUS_CELLS && abs(y) <= WALKER_RADIUS_CELLS;
}

/* Is the cell at the offset free? It is asked for once a search. */
static bool is_free(struct walker *walker, const struct tilth_client *client,
                    const struct tilth_position *here, int32_t x, int32_t y)
{
    uint8_t *mark = &walker->came_from[index_of(x, y)];
    if (*mark == UNSEEN && tilth_client_is_solid(client, here->cell_x + x, here->cell_y + y))
        *mark = SOLID;
    return *mark != SOLID;
}

/* May one step this way from an offset? Not across the corner of something solid. */
static bool can_step(struct walker *walker, const struct tilth_client *client,
                     const struct tilth_position *here, struct walker_cell from,
                     const int8_t step[2])
{
    int32_t x = from.x + step[0], y = from.y + step[1];
    if (!is_within(x, y) || walker->came_from[index_of(x, y)] != UNSEEN ||
        !is_free(walker, client, here, x, y))
        return false;
    bool is_straight = step[0] == 0 || step[1] == 0;
    return is_straight ||
           (is_free(walker, client, here, x, from.y) && is_free(walker, client, here, from.x, y));
}

static int64_t distance(const struct walker *walker, const struct tilth_position *here,
                        struct walker_cell offset)
{
    int64_t x = (int64_t)here->cell_x + offset.x - walker->goal.cell.x;
    int64_t y = (int64_t)here->cell_y + offset.y - walker->goal.cell.y;
    return x * x + y * y;
}

/* Is something in the goal that keeps one out? Then no other land leads into it. */
static bool is_goal_taken(const struct walker *walker, const struct tilth_client *client)
{
    struct tilth_cell cell;
    return tilth_client_cell(client, walker->goal.cell.x, walker->goal.cell.y, &cell) &&
           cell.is_solid;
}

/* Floods from the player; the reachable offset nearest to the goal, which is beside it when it is
 * taken. */
static uint32_t flood(struct walker *walker, const struct tilth_client *client,
                      const struct tilth_position *here)
{
    uint32_t best = index_of(0, 0), head = 0, tail = 0;
    int64_t least = is_goal_taken(walker, client) ? 1 : 0;
    memset(walker->came_from, UNSEEN, sizeof walker->came_from);
    walker->came_from[best] = START;
    walker->queue[tail++] = (uint16_t)best;
    while (head < tail) {
        uint32_t index = walker->queue[head++];
        struct walker_cell from = offset_of(index);
        if (distance(walker, here, from) < distance(walker, here, offset_of(best)))
            best = index;
        if (distance(walker, here, from) <= least)
            return index;
        for (uint32_t i = 0; i < 8; i++) {
            if (!can_step(walker, client, here, from, steps[i]))
                continue;
            uint32_t next = index_of(from.x + steps[i][0], from.y + steps[i][1]);
            walker->came_from[next] = (uint8_t)(i + 1);
            walker->queue[tail++] = (uint16_t)next;
        }
    }
    return best;
}

/* Finds the way to the goal, or as near to it as can be reached within view. */
static void search(struct walker *walker, const struct tilth_client *client)
{
    struct tilth_position here = {0};
    (void)tilth_client_position(client, &here);
    uint32_t index = flood(walker, client, &here);
    int64_t left = distance(walker, &here, offset_of(index));
    walker->searches = left < walker->nearest ? 0 : walker->searches + 1;
    walker->nearest = left < walker->nearest ? left : walker->nearest;
    walker->is_whole = left == 0 || is_goal_taken(walker, client);
    walker->way_count = 0;
    while (walker->came_from[index] != START) {
        const int8_t *step = steps[walker->came_from[index] - 1];
        struct walker_cell offset = offset_of(index);
        walker->way[walker->way_count++] =
            (struct walker_cell){here.cell_x + offset.x, here.cell_y + offset.y};
        index = index_of(offset.x - step[0], offset.y - step[1]);
    }
    if (walker->way_count == 0)
        walker->way[walker->way_count++] = (struct walker_cell){here.cell_x, here.cell_y};
}

static void search_and_aim(struct walker *walker, const struct tilth_client *client,
                           uint64_t now_ms)
{
    search(walker, client);
    aim_at_cell(walker, walker->way[walker->way_count - 1], now_ms);
}

void walker_goto(struct walker *walker, struct tilth_client *client, struct walker_goal goal,
                 uint64_t now_ms)
{
    walker->is_searching = true;
    walker->is_waiting = false;
    walker->goal = goal;
    walker->nearest = INT64_MAX;
    walker->searches = 0;
    search_and_aim(walker, client, now_ms);
}

/* The aim is reached: on to the next cell of the way, or a new search when it led not far enough.
 */
static enum walker_state go_on(struct walker *walker, struct tilth_client *client, uint64_t now_ms)
{
    struct tilth_position here = {0};
    (void)tilth_client_position(client, &here);
    if (!walker->is_searching || (here.cell_x == walker->goal.cell.x &&
                                  here.cell_y == walker->goal.cell.y && walker->way_count <= 1))
        return WALKER_ARRIVED;
    if (walker->way_count > 1) {
        walker->way_count--;
    } else {
        search(walker, client);
        bool is_here = walker->way[0].x == here.cell_x && walker->way[0].y == here.cell_y;
        if (is_here || walker->searches > WALKER_SEARCHES_MAX)
            return WALKER_BLOCKED;
    }
    aim_at_cell(walker, walker->way[walker->way_count - 1], now_ms);
    return WALKER_WALKING;
}

/* No nearer for long. Around an obstacle there may be another way by now. */
static enum walker_state get_unstuck(struct walker *walker, struct tilth_client *client,
                                     uint64_t now_ms)
{
    if (!walker->is_searching || walker->searches > WALKER_SEARCHES_MAX)
        return WALKER_BLOCKED;
    search_and_aim(walker, client, now_ms);
    return WALKER_WALKING;
}

/* There is more to see: perhaps another way. */
static void resume(struct walker *walker, const struct tilth_client *client, uint64_t now_ms)
{
    walker->is_waiting = false;
    walker->better_ms = now_ms;
    if (walker->is_searching)
        search_and_aim(walker, client, now_ms);
}

enum walker_state walker_run(struct walker *walker, struct tilth_client *client, uint64_t now_ms)
{
    struct tilth_position here = {0};
    enum walker_state state = WALKER_WALKING;
    if (must_wait(walker, client))
        return wait_for_land(walker, client, now_ms);
    if (walker->is_waiting)
        resume(walker, client, now_ms);
    (void)tilth_client_position(client, &here);
    int64_t x = walker->target_x - here.x, y = walker->target_y - here.y;
    int64_t near = tolerance(client), left = llabs(x) + llabs(y);
    if (left < walker->best_distance) {
        walker->best_distance = left;
        walker->better_ms = now_ms;
    }
    if (llabs(x) <= near && llabs(y) <= near)
        state = go_on(walker, client, now_ms);
    else if (now_ms > walker->better_ms + WALKER_STUCK_MS)
        state = get_unstuck(walker, client, now_ms);
    else
        tilth_client_move(client, llabs(x) > near ? sign(x) : 0, llabs(y) > near ? sign(y) : 0);
    if (state != WALKER_WALKING)
        stop(client);
    return state;
}
