/* Memory for 64 chunks, and a way over more than a thousand. */
#include <stdio.h>
#include <string.h>

#include "bottle/player.h"

enum {
    STOPS = 352, /* a chunk apart; three rows of chunks are in view */
    CHUNKS_MAX = 64,
    KEPT_EVERY = 4, /* at every so many stops something is placed */
};

struct journey {
    struct bottle *bottle;
    struct player *player;
    char hashes[STOPS][3][33];
    uint32_t kept;
};

/* The middle of the chunk of a stop: the way is straight, over land and sea. */
static struct cell_pos stop_cell(uint32_t stop)
{
    return (struct cell_pos){(int32_t)stop * GRID_CHUNK_CELLS + GRID_CHUNK_CELLS / 2,
                             GRID_CHUNK_CELLS / 2};
}

static bool is_there(const struct journey *journey, uint32_t stop)
{
    struct cell_pos here = player_cell(journey->player), there = stop_cell(stop);
    return here.x == there.x && here.y == there.y && player_is_ready(journey->player);
}

/* Goes to a stop as if carried: on foot it would take hours. */
static void go(struct journey *journey, uint32_t stop)
{
    player_carry(journey->player, stop_cell(stop));
    BOTTLE_UNTIL(journey->bottle, 20000, is_there(journey, stop));
    ck_assert_msg(is_there(journey, stop), "stop %u", stop);
}

static void read_hashes(struct journey *journey, uint32_t stop, char out_hashes[3][33])
{
    for (int32_t row = 0; row < 3; row++) {
        struct tilth_chunk chunk;
        ck_assert(tilth_client_chunk(journey->player->client, (int32_t)stop, row - 1, &chunk));
        memcpy(out_hashes[row], chunk.hash, sizeof chunk.hash);
    }
}

/* Tries cells around until something can be placed. */
static void keep_something(struct journey *journey, uint32_t stop)
{
    struct cell_pos middle = stop_cell(stop);
    uint32_t done = journey->player->done;
    for (uint32_t n = 1; n < 9 && journey->player->done == done; n++) {
        struct cell_pos by = grid_spiral(n);
        (void)player_place(journey->player, "floor_tile", middle.x + by.x, middle.y + by.y);
        BOTTLE_HOLDS(journey->bottle, player_await_outcomes(journey->player, 3000));
    }
    journey->kept += journey->player->done > done;
}

static void go_out(struct journey *journey)
{
    for (uint32_t stop = 0; stop < STOPS; stop++) {
        go(journey, stop);
        if (stop % KEPT_EVERY == 0)
            keep_something(journey, stop);
        bottle_run(journey->bottle, 50); /* what was placed is shown */
        read_hashes(journey, stop, journey->hashes[stop]);
    }
}

static void go_back(struct journey *journey)
{
    for (uint32_t stop = STOPS; stop-- > 0;) {
        char hashes[3][33];
        go(journey, stop);
        read_hashes(journey, stop, hashes);
        ck_assert_msg(memcmp(hashes, journey->hashes[stop], sizeof hashes) == 0, "stop %u", stop);
    }
}

START_TEST(a_long_way_and_back_stays_within_the_limit)
{
    struct journey *journey = calloc(1, sizeof *journey);
    struct bottle *bottle = bottle_create(1);
    bottle->settings.chunks_max = CHUNKS_MAX;
    bottle->settings.chunk_idle_s = 0;
    bottle->has_cache = false; /* the cache in the server is enough */
    bottle->settings.cache_entries = 1000;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    journey->bottle = bottle;
    journey->player = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(journey->player));
    go_out(journey);
    ck_assert_uint_gt(journey->kept, STOPS / KEPT_EVERY / 2);
    struct residency_facts before = bottle->server.host->residency.facts;
    ck_assert_uint_gt(before.generated, 1000);
    go_back(journey);
    struct residency_facts after = bottle->server.host->residency.facts;
    ck_assert_uint_le(bottle->chunks_peak, CHUNKS_MAX);
    ck_assert_uint_ge(after.loads_from_memory - before.loads_from_memory, journey->kept - 1);
    ck_assert_uint_eq(after.loads_from_database, before.loads_from_database);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
    free(journey);
}
END_TEST

TESTING_MAIN("land", a_long_way_and_back_stays_within_the_limit)
