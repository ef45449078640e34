/* What a player owns: given, placed, taken back, shown to its owner only, and never lost. */
#include <string.h>

#include "bottle/operator.h"
#include "bottle/player.h"

static struct bottle *begin(uint64_t seed)
{
    struct bottle *bottle = bottle_create(seed);
    bottle->settings.free_building = false;
    bottle->settings.reach_px = 1000;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    return bottle;
}

START_TEST(things_go_from_the_bag_into_the_world_and_back)
{
    struct bottle *bottle = begin(1);
    struct player *ann = player_join(bottle, "ann");
    struct player *bob = player_join(bottle, "bob");
    BOTTLE_HOLDS(bottle, player_await_ready(ann) && player_await_ready(bob));
    struct cell_pos here = player_cell(ann);
    ck_assert_uint_ne(player_place(ann, "floor_tile", here.x + 1, here.y), 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_str_eq(ann->refusal, "NO_SUCH_ITEM");

    ck_assert_uint_eq(operator_ask(bottle, "give ann floor_tile 150"), CONSOLE_DONE);
    bottle_run(bottle, 1000);
    ck_assert_uint_eq(player_has(ann, "floor_tile"), 150);
    ck_assert_uint_eq(player_has(bob, "floor_tile"), 0);
    (void)player_place(ann, "floor_tile", here.x + 1, here.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_uint_eq(player_has(ann, "floor_tile"), 149); /* before the outcome was told */
    (void)player_remove(ann, here.x + 1, here.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_uint_eq(player_has(ann, "floor_tile"), 150);
    ck_assert_uint_eq(operator_ask(bottle, "take ann floor_tile 151"), CONSOLE_FAILED);
    ck_assert_uint_eq(operator_ask(bottle, "take ann floor_tile 100"), CONSOLE_DONE);
    ck_assert_uint_eq(operator_ask(bottle, "skill ann mining 7"), CONSOLE_DONE);
    bottle_run(bottle, 1000);
    ck_assert_uint_eq(player_has(ann, "floor_tile"), 50);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(builders_need_nothing)
{
    struct bottle *bottle = begin(1);
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos here = player_cell(ann);
    ck_assert_uint_eq(operator_ask(bottle, "role ann builder on"), CONSOLE_DONE);
    (void)player_place(ann, "floor_tile", here.x + 1, here.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_uint_eq(ann->done, 1);
    bottle_kill(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    BOTTLE_UNTIL(bottle, 60000, ann->connected == 2);
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    (void)player_remove(ann, here.x + 1, here.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_uint_eq(ann->done, 2);
    ck_assert_uint_eq(player_has(ann, "floor_tile"), 0);
    ck_assert_uint_eq(operator_ask(bottle, "role ann builder off"), CONSOLE_DONE);
    (void)player_place(ann, "floor_tile", here.x + 1, here.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_str_eq(ann->refusal, "NO_SUCH_ITEM");
    bottle_destroy(&bottle);
}
END_TEST

enum { TILES = 60, ROUNDS = 25 };

static uint32_t tiles_in_world(const struct bottle *bottle)
{
    uint16_t tile = catalog_find_name(bottle->server.catalog, "floor_tile")->type;
    const struct change *row;
    uint32_t sum = 0;
    for (uint32_t i = 0; (row = sim_database_row(bottle->database, i)) != NULL; i++) {
        if (row->kind == CHANGE_ENTITY && row->entity.type == tile)
            sum++;
        if (row->kind == CHANGE_SLOT && row->slot.stack.type == tile)
            sum += row->slot.stack.quantity;
    }
    return sum;
}

/* Asks for something random: to place, to remove, or to shuffle the bag. */
static void ask(struct bottle *bottle, struct player *player)
{
    struct rng *rng = &bottle->rng;
    struct cell_pos here = player_cell(player);
    int32_t x = here.x + (int32_t)rng_below(rng, 9) - 4;
    int32_t y = here.y + (int32_t)rng_below(rng, 9) - 4;
    uint64_t way = rng_below(rng, 4);
    if (way == 0)
        (void)player_place(player, "floor_tile", x, y);
    else if (way == 1)
        (void)player_remove(player, x, y);
    else if (way == 2)
        (void)player_move_stack(player, (uint32_t)rng_below(rng, 6), (uint32_t)rng_below(rng, 6),
                                (uint32_t)rng_below(rng, 9));
    else
        bottle_run(bottle, 1 + rng_below(rng, 200));
}

/* Sixty tiles among three players stay sixty, through power loss, kill and stop. */
START_TEST(things_are_conserved_whatever_happens)
{
    struct bottle_seeds seeds = bottle_seeds(60);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = begin(seeds.first + i);
        struct player *players[3];
        static const char *const names[] = {"ann", "bob", "cat"};
        for (uint32_t n = 0; n < 3; n++)
            players[n] = player_join(bottle, names[n]);
        for (uint32_t n = 0; n < 3; n++)
            BOTTLE_HOLDS(bottle, player_await_ready(players[n]));
        ck_assert_uint_eq(operator_ask(bottle, "give ann floor_tile 20"), CONSOLE_DONE);
        ck_assert_uint_eq(operator_ask(bottle, "give bob floor_tile 20"), CONSOLE_DONE);
        ck_assert_uint_eq(operator_ask(bottle, "give cat floor_tile 20"), CONSOLE_DONE);
        for (uint32_t round = 0; round < ROUNDS; round++) {
            for (uint32_t n = 0; n < 12; n++)
                ask(bottle, players[rng_below(&bottle->rng, 3)]);
            if (round % 8 == 7) {
                (rng_below(&bottle->rng, 2) == 0 ? bottle_crash : bottle_kill)(bottle);
                BOTTLE_HOLDS(bottle, bottle_start(bottle));
                BOTTLE_HOLDS(bottle, bottle_settle(bottle));
            }
        }
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        ck_assert_msg(tiles_in_world(bottle) == TILES, "seed %llu: %u tiles",
                      (unsigned long long)bottle->seed, tiles_in_world(bottle));
        uint32_t seen = 0;
        for (uint32_t n = 0; n < 3; n++)
            seen += player_has(players[n], "floor_tile");
        ck_assert_uint_le(seen, TILES);
        bottle_destroy(&bottle);
    }
}
END_TEST

TESTING_MAIN("bag", things_go_from_the_bag_into_the_world_and_back, builders_need_nothing,
             things_are_conserved_whatever_happens)
