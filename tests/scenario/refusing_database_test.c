/* The database answers, but refuses single statements. */
#include "bottle/crew.h"

enum { CALLS = 16, LOADS_REFUSED = 4 };

/* Ann's world with a tile in the chunk beside hers, killed, and to be started without any cache. */
static struct cell_pos leave_a_tile(struct bottle *bottle, struct player **out_ann)
{
    crew_prepare(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos tile = {-2, player_cell(ann).y};
    ck_assert_int_ge(player_cell(ann).x, 0);
    (void)player_place(ann, "floor_tile", tile.x, tile.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000) && bottle_settle(bottle));
    bottle_kill(bottle);
    bottle->settings.cache_entries = 0;
    bottle->has_cache = false;
    *out_ann = ann;
    return tile;
}

/* Whatever call of a start is refused: nobody is shown land without the things that are in it. */
static void start_with_refusal(uint64_t call)
{
    struct player *ann = NULL;
    struct bottle *bottle = bottle_create(1);
    struct cell_pos tile = leave_a_tile(bottle, &ann);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    sim_database_plan(bottle->database, call, SIM_DATABASE_FAIL);
    bottle_run(bottle, 15000);
    const char *seen = player_sees(ann, tile.x, tile.y);
    ck_assert_msg(seen == NULL || seen[0] != '\0', "call %d: the thing is gone", (int)call);
    bottle_destroy(&bottle);
}

START_TEST(land_whose_index_is_refused_stays_closed)
{
    for (uint64_t call = 1; call <= CALLS; call++)
        start_with_refusal(call);
}
END_TEST

/* Land that does not load is tried again while somebody stands before it, and opens. */
START_TEST(land_opens_when_the_database_gives_it_after_all)
{
    struct player *ann = NULL;
    struct bottle *bottle = bottle_create(1);
    struct cell_pos tile = leave_a_tile(bottle, &ann);
    sim_database_refuse_chunks(bottle->database, LOADS_REFUSED);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *bob = player_join(bottle, "bob");
    BOTTLE_HOLDS(bottle, player_await_ready(bob));
    ck_assert_ptr_nonnull(player_sees(bob, tile.x, tile.y));
    ck_assert_str_eq(player_sees(bob, tile.x, tile.y), "floor_tile");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("refusing_database", land_whose_index_is_refused_stays_closed,
             land_opens_when_the_database_gives_it_after_all)
