#include "net/interest.h"

#include <stdlib.h>

#include "base/rng.h"
#include "testing.h"

enum { ACTORS = 500, WORLDS = 50 };

static struct frame_actor actors[ACTORS];

static bool is_in_area(const struct interest_area *area, struct world_pos pos)
{
    int64_t units = (int64_t)area->view_cells * GRID_CELL_UNITS;
    return llabs((int64_t)pos.x - area->pos.x) <= units &&
           llabs((int64_t)pos.y - area->pos.y) <= units;
}

static void scatter(struct rng *rng)
{
    int64_t spread = (int64_t)GRID_CELL_UNITS * (1 + (int64_t)rng_below(rng, 300));
    for (uint32_t i = 0; i < ACTORS; i++) {
        actors[i].pos.x = (int32_t)((int64_t)rng_below(rng, (uint64_t)spread * 2) - spread);
        actors[i].pos.y = (int32_t)((int64_t)rng_below(rng, (uint64_t)spread * 2) - spread);
    }
}

START_TEST(a_query_finds_exactly_those_near)
{
    struct interest *interest = interest_create(ACTORS);
    struct frame frame = {.actors = actors, .actor_count = ACTORS};
    struct rng rng;
    rng_init(&rng, 3);
    for (uint32_t world = 0; world < WORLDS; world++) {
        uint16_t found[ACTORS];
        bool was_found[ACTORS] = {false};
        scatter(&rng);
        interest_build(interest, &frame);
        struct interest_area area = {actors[world].pos, (uint32_t)rng_below(&rng, 120) + 1, ACTORS};
        uint32_t count = interest_query(interest, &area, found);
        for (uint32_t i = 0; i < count; i++) {
            ck_assert(!was_found[found[i]]);
            was_found[found[i]] = true;
        }
        for (uint32_t i = 0; i < ACTORS; i++)
            ck_assert_int_eq(was_found[i], is_in_area(&area, actors[i].pos));
    }
    interest_destroy(&interest);
}
END_TEST

START_TEST(a_query_stays_within_its_room)
{
    struct interest *interest = interest_create(ACTORS);
    struct frame frame = {.actors = actors, .actor_count = ACTORS};
    uint16_t found[10];
    for (uint32_t i = 0; i < ACTORS; i++)
        actors[i].pos = (struct world_pos){0, 0};
    interest_build(interest, &frame);
    struct interest_area area = {{0, 0}, 10, 10};
    ck_assert_uint_eq(interest_query(interest, &area, found), 10);
    interest_destroy(&interest);
}
END_TEST

TESTING_MAIN("interest", a_query_finds_exactly_those_near, a_query_stays_within_its_room)
