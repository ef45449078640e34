/* The database answers, but refuses single statements. */
#include "bottle/crew.h"

enum { CALLS = 16 };

/* Whatever call of a start is refused: nobody is shown land without the things that are in it. */
static void start_with_refusal(uint64_t call)
{
    struct bottle *bottle = bottle_create(1);
    crew_prepare(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos here = player_cell(ann);
    (void)player_place(ann, "floor_tile", here.x + 1, here.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000) && bottle_settle(bottle));
    bottle_kill(bottle);
    bottle->settings.cache_entries = 0;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    sim_database_plan(bottle->database, call, SIM_DATABASE_FAIL);
    bottle_run(bottle, 15000);
    const char *seen = player_sees(ann, here.x + 1, here.y);
    ck_assert_msg(seen == NULL || seen[0] != '\0', "call %d: the thing is gone", (int)call);
    bottle_destroy(&bottle);
}

START_TEST(land_whose_index_is_refused_stays_closed)
{
    for (uint64_t call = 1; call <= CALLS; call++)
        start_with_refusal(call);
}
END_TEST

TESTING_MAIN("refusing_database", land_whose_index_is_refused_stays_closed)
