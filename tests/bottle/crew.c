#include "bottle/crew.h"

#include <stdio.h>

enum { BUILD_MS = 120000, PENDING_MAX = 12, CHUNKS = 9 };

static const char *const crew_types[] = {"wood_block", "stone_block", "floor_tile", "sign", "tree"};

void crew_prepare(struct bottle *bottle)
{
    bottle->settings.reach_px = 1000;
    bottle->settings.speed_px_s = 232;
}

static bool is_walking(const struct crew *crew)
{
    for (uint32_t i = 0; i < CREW_SIZE; i++) {
        if (crew->members[i]->is_walking)
            return true;
    }
    return false;
}

bool crew_assemble(struct crew *crew, struct bottle *bottle)
{
    *crew = (struct crew){.bottle = bottle};
    for (uint32_t i = 0; i < CREW_SIZE; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "builder%u", i);
        crew->members[i] = player_join(bottle, name);
    }
    for (uint32_t i = 0; i < CREW_SIZE; i++) {
        struct player *member = crew->members[i];
        struct cell_pos post = {(int32_t)(i % 2) * GRID_CHUNK_CELLS,
                                (int32_t)(i / 2) * GRID_CHUNK_CELLS};
        if (!player_await_ready(member))
            return false;
        if (i > 0)
            player_head_for(member, post.x, post.y);
    }
    BOTTLE_UNTIL(bottle, BUILD_MS, !is_walking(crew));
    return !is_walking(crew) || bottle_tell(bottle, "the crew does not come to its posts");
}

static struct cell_pos cell_near(struct crew *crew, struct cell_pos post)
{
    int32_t by = CREW_REACH_CELLS;
    struct rng *rng = &crew->bottle->rng;
    return (struct cell_pos){post.x - by + (int32_t)rng_below(rng, (uint64_t)(2 * by)),
                             post.y - by + (int32_t)rng_below(rng, (uint64_t)(2 * by))};
}

/* One intent more, for something that looks possible. */
static void ask_one(struct crew *crew, struct player *player, uint32_t remove_ppm)
{
    struct rng *rng = &crew->bottle->rng;
    struct cell_pos cell = cell_near(crew, player_cell(player));
    const char *seen = player_sees(player, cell.x, cell.y);
    size_t types = sizeof crew_types / sizeof crew_types[0];
    if (seen == NULL)
        return;
    if (seen[0] == '\0')
        (void)player_place(player, crew_types[rng_below(rng, types)], cell.x, cell.y);
    else if (rng_chance(rng, remove_ppm))
        (void)player_remove(player, cell.x, cell.y);
}

/* Every member that has not done enough asks for more, if it has not many pending. */
static void work_once(struct crew *crew, uint32_t remove_ppm, uint32_t enough)
{
    for (uint32_t i = 0; i < CREW_SIZE; i++) {
        struct player *member = crew->members[i];
        if (player_is_ready(member) && member->ask_count < PENDING_MAX && member->done < enough)
            ask_one(crew, member, remove_ppm);
    }
    bottle_run(crew->bottle, 10);
}

void crew_work(struct crew *crew, uint64_t duration_ms, uint32_t remove_ppm)
{
    for (uint64_t end_ms = bottle_now_ms() + duration_ms; bottle_now_ms() < end_ms;)
        work_once(crew, remove_ppm, UINT32_MAX);
}

static bool has_done(const struct crew *crew, uint32_t enough)
{
    for (uint32_t i = 0; i < CREW_SIZE; i++) {
        if (crew->members[i]->done < enough)
            return false;
    }
    return true;
}

bool crew_build(struct crew *crew, uint32_t things)
{
    const struct ledger *ledger = &crew->bottle->ledger;
    uint32_t enough = things / CREW_SIZE;
    uint64_t end_ms = bottle_now_ms() + BUILD_MS;
    for (; ledger->placed < things || !has_done(crew, enough); enough += ledger->placed < things) {
        if (bottle_now_ms() > end_ms)
            return bottle_tell(crew->bottle, "only %u of %u things were built", ledger->placed,
                               things);
        while (!has_done(crew, enough) && bottle_now_ms() <= end_ms)
            work_once(crew, 0, enough);
    }
    return true;
}

bool crew_has_built_widely(const struct crew *crew)
{
    const struct ledger *ledger = &crew->bottle->ledger;
    bool is_built[CHUNKS] = {false};
    uint32_t count = 0;
    for (uint32_t i = 0; i < ledger->cell_count; i++) {
        struct chunk_pos chunk = grid_chunk_of(ledger->cells[i].cell);
        if (chunk.x < -1 || chunk.x > 1 || chunk.y < -1 || chunk.y > 1)
            continue;
        bool *here = &is_built[(chunk.y + 1) * 3 + chunk.x + 1];
        count += !*here && ledger->cells[i].placed > 0;
        *here = *here || ledger->cells[i].placed > 0;
    }
    return count == CHUNKS ||
           bottle_tell(crew->bottle, "only %u of %d chunks have something in them", count, CHUNKS);
}
