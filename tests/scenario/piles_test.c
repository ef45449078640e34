/* Things that lie on the ground, and things that are offered: they are somebody's, or there, once;
 * whatever becomes of the server meanwhile. */
#include <stdio.h>
#include <string.h>

#include "bottle/content_folder.h"
#include "bottle/operator.h"
#include "bottle/player.h"
#include "bottle/site.h"

enum { LIES_S = 4, LIES_LONG_S = 20, GIVES = 12, STONES = 60, SLOTS = 20, NEAR_VIEW_CELLS = 8 };

static struct bottle *begin(uint64_t seed)
{
    struct bottle *bottle = bottle_create(seed);
    bottle->settings.free_building = false;
    bottle->settings.offer_s = 3;
    bottle->settings.slots_max = SLOTS;
    return bottle;
}

/* The same in a world where stones are gone after so long. */
static struct bottle *begin_short(uint64_t seed, uint32_t lies_s, struct content_folder *folder)
{
    char stone[64];
    struct bottle *bottle = begin(seed);
    content_folder_open(folder, bottle);
    (void)snprintf(stone, sizeof stone, "{\"name\": \"stone\", \"lies_s\": %u}", lies_s);
    content_folder_replace(folder, "items", "{\"name\": \"stone\"}", stone);
    return bottle;
}

static void end(struct bottle *bottle, struct content_folder *folder)
{
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
    content_folder_close(folder);
}

/* The operator gives; the player's client knows. */
static void give(struct player *player, const char *type, uint32_t count)
{
    char line[96];
    uint32_t had = player_has(player, type);
    (void)snprintf(line, sizeof line, "give %s %s %u", player->name, type, count);
    (void)operator_read(player->bottle, line, CONSOLE_WIRE_OK);
    BOTTLE_UNTIL(player->bottle, 3000, player_has(player, type) == had + count);
    ck_assert_uint_eq(player_has(player, type), had + count);
}

static struct player *enter(struct bottle *bottle, const char *name, uint32_t stones)
{
    struct player *player = player_join(bottle, name);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    if (stones > 0)
        give(player, "stone", stones);
    return player;
}

static void expect_done(struct player *player, uint32_t number)
{
    uint32_t done = player->done;
    ck_assert_uint_ne(number, 0);
    BOTTLE_HOLDS(player->bottle, player_await_outcomes(player, 5000));
    ck_assert_msg(player->done == done + 1, "%s", player->refusal);
}

static void expect_refused(struct player *player, uint32_t number, const char *refusal)
{
    uint32_t refused = player->refused;
    ck_assert_uint_ne(number, 0);
    BOTTLE_HOLDS(player->bottle, player_await_outcomes(player, 8000));
    ck_assert_uint_eq(player->refused, refused + 1);
    ck_assert_str_eq(player->refusal, refusal);
}

static void drop(struct player *player, uint32_t quantity, struct cell_pos cell)
{
    expect_done(player, player_drop(player, player_slot(player, "stone"), quantity, cell));
}

/* How many lie in the oldest pile there, as the player sees it. */
static uint32_t lies(const struct player *player, struct cell_pos cell)
{
    struct tilth_pile pile = {.quantity = 0};
    return player_sees_pile(player, cell, &pile) ? pile.quantity : 0;
}

/* --- on the ground --------------------------------------------------------------------------- */

START_TEST(what_one_drops_another_picks_up)
{
    struct bottle *bottle = begin(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann", 20), *bob = enter(bottle, "bob", 0);
    struct cell_pos cell = player_cell(ann);
    expect_refused(bob, player_pick_up(bob, cell.x, cell.y), "NOTHING_LIES_THERE");
    drop(ann, 4, cell);
    ck_assert_uint_eq(player_has(ann, "stone"), 16);
    ck_assert_uint_eq(lies(ann, cell), 4); /* before the outcome was told */
    BOTTLE_UNTIL(bottle, 2000, lies(bob, cell) == 4);
    drop(ann, 3, cell);
    BOTTLE_UNTIL(bottle, 2000, lies(bob, cell) == 7);
    ck_assert_uint_eq(lies(bob, cell), 7); /* the same pile */
    ck_assert_int_eq(tilth_client_is_occupied(bob->client, cell.x, cell.y), 0);
    expect_refused(ann, player_drop(ann, player_slot(ann, "stone"), 14, cell), "NO_SUCH_ITEM");
    expect_done(bob, player_pick_up(bob, cell.x, cell.y));
    ck_assert_uint_eq(player_has(bob, "stone"), 7);
    ck_assert_uint_eq(lies(bob, cell), 0);
    BOTTLE_UNTIL(bottle, 2000, lies(ann, cell) == 0);
    expect_refused(ann, player_pick_up(ann, cell.x, cell.y), "NOTHING_LIES_THERE");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(a_full_bag_takes_nothing_of_it)
{
    struct bottle *bottle = begin(2);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann", 20), *bob = enter(bottle, "bob", 95);
    struct cell_pos cell = player_cell(ann);
    give(bob, "axe", SLOTS - 1);
    drop(ann, 5, cell);
    expect_refused(bob, player_pick_up(bob, cell.x, cell.y), "BAG_FULL");
    ck_assert_uint_eq(player_has(bob, "stone"), 95);
    ck_assert_uint_eq(lies(bob, cell), 5);
    expect_done(ann, player_pick_up(ann, cell.x, cell.y));
    drop(ann, 4, cell); /* these have room */
    expect_done(bob, player_pick_up(bob, cell.x, cell.y));
    ck_assert_uint_eq(player_has(bob, "stone"), 99);
    ck_assert_uint_eq(player_has(ann, "stone"), 16);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* The oldest comes first of two that do not go together. */
START_TEST(what_is_not_alike_lies_apart)
{
    const struct tilth_image look = {.size_units = 333, .turns = 1};
    struct bottle *bottle = begin(3);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann", 0);
    struct cell_pos here = player_cell(ann);
    struct cell_pos cell = site_stand(bottle, (struct cell_pos){here.x + 1, here.y});
    give(ann, "sign", 2);
    expect_done(ann, player_place(ann, "sign", cell.x, cell.y));
    expect_done(ann, player_modify(ann, cell.x, cell.y, &look));
    expect_done(ann, player_remove(ann, cell.x, cell.y)); /* keeps its look */
    uint32_t first = player_slot(ann, "sign");
    expect_done(ann, player_drop(ann, first, 0, here));
    expect_done(ann, player_drop(ann, player_slot(ann, "sign"), 0, here));
    ck_assert_uint_eq(player_has(ann, "sign"), 0);
    ck_assert_uint_eq(lies(ann, here), 1);
    expect_done(ann, player_pick_up(ann, here.x, here.y));
    expect_done(ann, player_pick_up(ann, here.x, here.y));
    ck_assert_uint_eq(player_has(ann, "sign"), 2);
    expect_refused(ann, player_pick_up(ann, here.x, here.y), "NOTHING_LIES_THERE");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(what_lies_is_gone_at_its_time)
{
    struct content_folder folder;
    struct bottle *bottle = begin_short(4, LIES_S, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann", 20), *bob = enter(bottle, "bob", 0);
    struct cell_pos cell = player_cell(ann);
    drop(ann, 4, cell);
    bottle_run(bottle, LIES_S * 1000 - 1000);
    ck_assert_uint_eq(lies(bob, cell), 4);
    drop(ann, 1, cell); /* it begins anew */
    bottle_run(bottle, LIES_S * 1000 - 1000);
    ck_assert_uint_eq(lies(bob, cell), 5);
    bottle_run(bottle, 1500);
    ck_assert_uint_eq(lies(bob, cell), 0);
    ck_assert_uint_eq(lies(ann, cell), 0);
    expect_refused(ann, player_pick_up(ann, cell.x, cell.y), "NOTHING_LIES_THERE");
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_PILE), 0);
    ck_assert_uint_eq(player_has(ann, "stone"), 15);
    end(bottle, &folder);
}
END_TEST

START_TEST(what_lies_outlives_servers_but_not_its_time)
{
    struct bottle_seeds seeds = bottle_seeds(40);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct content_folder folder;
        struct bottle *bottle = begin_short(seeds.first + i, LIES_LONG_S, &folder);
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        struct player *ann = enter(bottle, "ann", 20);
        struct cell_pos cell = player_cell(ann);
        drop(ann, 4, cell);
        BOTTLE_HOLDS(bottle, bottle_restart(bottle, i % 2 == 0)); /* told: it is durable */
        BOTTLE_UNTIL(bottle, 1000, lies(ann, cell) == 4);
        ck_assert_uint_eq(lies(ann, cell), 4);
        bottle_run(bottle, LIES_LONG_S * 1000);
        ck_assert_uint_eq(lies(ann, cell), 0);
        BOTTLE_HOLDS(bottle, bottle_restart(bottle, i % 2 == 1));
        ck_assert_uint_eq(lies(ann, cell), 0);
        ck_assert_uint_eq(player_has(ann, "stone"), 16);
        end(bottle, &folder);
    }
}
END_TEST

/* Nobody has the land in memory when its time comes. */
START_TEST(what_nobody_sees_is_gone_as_well)
{
    struct content_folder folder;
    struct bottle *bottle = begin_short(5, LIES_S, &folder);
    bottle->settings.view_cells = NEAR_VIEW_CELLS;
    bottle->settings.chunk_idle_s = 0;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct host *host = bottle->server.host;
    struct player *ann = enter(bottle, "ann", 20);
    struct cell_pos home = player_cell(ann);
    struct cell_pos far = site_stand(bottle, (struct cell_pos){home.x + 300, home.y});
    for (uint32_t round = 0; round < 2; round++) { /* the second time it comes back too early */
        drop(ann, 4, home);
        player_carry(ann, far);
        BOTTLE_UNTIL(bottle, 3000, world_find_chunk(&host->world, grid_chunk_of(home)) == NULL);
        ck_assert_ptr_null(world_find_chunk(&host->world, grid_chunk_of(home)));
        ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_PILE), 1);
        bottle_run(bottle, round == 0 ? LIES_S * 1000 : 0);
        player_carry(ann, home);
        BOTTLE_UNTIL(bottle, 1000, player_sees(ann, home.x, home.y) != NULL);
        ck_assert_uint_eq(lies(ann, home), round * 4);
    }
    expect_done(ann, player_pick_up(ann, home.x, home.y));
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_PILE), 0);
    ck_assert_uint_eq(player_has(ann, "stone"), 16);
    end(bottle, &folder);
}
END_TEST

/* --- from hand to hand ----------------------------------------------------------------------- */

/* Ann offers Bob so many, and he knows. */
static void offer(struct player *ann, struct player *bob, uint32_t quantity)
{
    uint32_t offered = bob->offered;
    ann->refusal[0] = '\0';
    ck_assert_uint_ne(player_give(ann, player_slot(ann, "stone"), quantity, bob->name), 0);
    BOTTLE_UNTIL(ann->bottle, 3000, bob->offered > offered || ann->ask_count == 0);
    ck_assert_msg(bob->offered == offered + 1, "%s", ann->refusal);
}

/* The offer has ended without being taken, and Bob was told. */
static void expect_over(struct player *ann, struct player *bob, const char *refusal)
{
    BOTTLE_HOLDS(ann->bottle, player_await_outcomes(ann, 5000));
    ck_assert_str_eq(ann->refusal, refusal);
    BOTTLE_UNTIL(ann->bottle, 2000, bob->is_gone || bob->offers_over == bob->offered);
    ck_assert(bob->is_gone || bob->offers_over == bob->offered);
}

START_TEST(an_offer_is_taken_declined_or_passes)
{
    struct bottle *bottle = begin(6);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann", 20), *bob = enter(bottle, "bob", 0);
    expect_refused(bob, player_answer(bob, "ann", true), "NO_OFFER");
    expect_refused(ann, player_give(ann, player_slot(ann, "stone"), 1, "eve"), "NO_SUCH_PLAYER");
    expect_refused(ann, player_give(ann, player_slot(ann, "stone"), 21, "bob"), "NO_SUCH_ITEM");
    offer(ann, bob, 7);
    ck_assert_str_eq(bob->offer_by, "ann");
    ck_assert_uint_eq(bob->offer_quantity, 7);
    expect_done(bob, player_answer(bob, "ann", true));
    ck_assert_uint_eq(player_has(bob, "stone"), 7);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 1000));
    ck_assert_uint_eq(player_has(ann, "stone"), 13);

    bob->offers_over = bob->offered;
    offer(ann, bob, 0);
    expect_done(bob, player_answer(bob, "ann", false));
    expect_over(ann, bob, "DECLINED");
    offer(ann, bob, 3);
    expect_over(ann, bob, "DECLINED"); /* nobody answered */
    expect_refused(bob, player_answer(bob, "ann", true), "NO_OFFER");
    ck_assert_uint_eq(player_has(ann, "stone"), 13);
    ck_assert_uint_eq(player_has(bob, "stone"), 7);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(an_offer_needs_room_and_what_is_offered)
{
    struct bottle *bottle = begin(7);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann", 20), *bob = enter(bottle, "bob", 0);
    struct cell_pos here = player_cell(ann);
    give(bob, "axe", SLOTS);
    offer(ann, bob, 7);
    expect_refused(bob, player_answer(bob, "ann", true), "BAG_FULL");
    ck_assert_uint_eq(ann->ask_count, 1); /* the offer still stands */
    expect_done(bob, player_drop(bob, 0, 0, player_cell(bob)));
    expect_done(bob, player_answer(bob, "ann", true));
    ck_assert_uint_eq(player_has(bob, "stone"), 7);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 1000));

    bob->offers_over = bob->offered;
    offer(ann, bob, 13);
    (void)player_drop(ann, player_slot(ann, "stone"), 1, here); /* not all of it is there now */
    expect_over(ann, bob, "SLOT_EMPTY");
    ck_assert_uint_eq(player_has(ann, "stone"), 12);
    ck_assert_uint_eq(player_has(bob, "stone"), 7);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(who_goes_away_takes_nothing)
{
    struct bottle *bottle = begin(8);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann", 20), *bob = enter(bottle, "bob", 0);
    struct cell_pos home = player_cell(bob);
    offer(ann, bob, 7);
    player_carry(bob, site_stand(bottle, (struct cell_pos){home.x + 6, home.y}));
    expect_over(ann, bob, "NO_SUCH_PLAYER");
    player_carry(bob, home);
    bottle_run(bottle, 500);
    offer(ann, bob, 7);
    player_carry(ann, site_stand(bottle, (struct cell_pos){home.x - 6, home.y}));
    expect_over(ann, bob, "NO_SUCH_PLAYER");
    player_carry(ann, home);
    bottle_run(bottle, 500);
    offer(ann, bob, 7);
    player_leave(bob);
    expect_over(ann, bob, "NO_SUCH_PLAYER");
    struct player *eve = enter(bottle, "eve", 0);
    offer(ann, eve, 7);
    ck_assert_uint_eq(operator_ask(bottle, "kick ann"), CONSOLE_DONE);
    BOTTLE_UNTIL(bottle, 3000, eve->offers_over == 1);
    ck_assert_uint_eq(eve->offers_over, 1);
    expect_refused(eve, player_answer(eve, "ann", true), "NO_OFFER");
    ck_assert_uint_eq(player_has(eve, "stone"), 0);
    bottle_destroy(&bottle);
}
END_TEST

/* What the database has of them in bags and on the ground. */
static uint32_t stones_in_database(const struct bottle *bottle)
{
    uint16_t stone = catalog_find_name(bottle->server.catalog, "stone")->type;
    const struct change *row;
    uint32_t sum = 0;
    for (uint32_t i = 0; (row = sim_database_row(bottle->database, i)) != NULL; i++) {
        if (row->kind == CHANGE_SLOT && row->slot.stack.type == stone)
            sum += row->slot.stack.quantity;
        if (row->kind == CHANGE_PILE && row->pile.stack.type == stone)
            sum += row->pile.stack.quantity;
    }
    return sum;
}

/* One offers, the other answers or does not, and perhaps the server dies at some moment. What they
 * are told is what has happened. True when the offer was taken. */
static bool give_in_a_storm(struct player *ann, struct player *bob)
{
    struct bottle *bottle = ann->bottle;
    struct rng *rng = &bottle->rng;
    uint32_t had = player_has(ann, "stone"), had_bob = player_has(bob, "stone");
    uint32_t given = ann->done, taken = bob->done;
    uint32_t quantity = 1 + (uint32_t)rng_below(rng, 3), answer = 0;
    bool is_accepted = rng_chance(rng, 800000);
    (void)player_give(ann, player_slot(ann, "stone"), quantity, bob->name);
    bottle_run(bottle, rng_below(rng, 300));
    if (rng_chance(rng, 900000))
        answer = player_answer(bob, ann->name, is_accepted);
    bottle_run(bottle, rng_below(rng, 200));
    if (rng_chance(rng, 500000))
        BOTTLE_HOLDS(bottle, bottle_restart(bottle, rng_chance(rng, 500000)));
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    bool is_given = ann->done > given, is_taken = answer != 0 && is_accepted && bob->done > taken;
    ck_assert_msg(is_given == is_taken, "seed %llu: given %d, taken %d",
                  (unsigned long long)bottle->seed, is_given, is_taken);
    ck_assert_msg(player_has(ann, "stone") == had - (is_given ? quantity : 0) &&
                      player_has(bob, "stone") == had_bob + (is_given ? quantity : 0),
                  "seed %llu: %u and %u had %u and %u", (unsigned long long)bottle->seed, had,
                  had_bob, player_has(ann, "stone"), player_has(bob, "stone"));
    return is_given;
}

START_TEST(what_is_given_is_told_as_it_is)
{
    struct bottle_seeds seeds = bottle_seeds(40);
    uint32_t given = 0;
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = begin(seeds.first + i);
        bottle->settings.offer_s = 1;
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        struct player *players[2] = {enter(bottle, "ann", STONES), enter(bottle, "bob", STONES)};
        for (uint32_t n = 0; n < GIVES; n++)
            given += give_in_a_storm(players[n % 2], players[(n + 1) % 2]);
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        ck_assert_uint_eq(stones_in_database(bottle), 2 * STONES);
        bottle_destroy(&bottle);
    }
    ck_assert(given > 0 || seeds.count == 1);
}
END_TEST

TESTING_MAIN("piles", what_one_drops_another_picks_up, a_full_bag_takes_nothing_of_it,
             what_is_not_alike_lies_apart, what_lies_is_gone_at_its_time,
             what_lies_outlives_servers_but_not_its_time, what_nobody_sees_is_gone_as_well,
             an_offer_is_taken_declined_or_passes, an_offer_needs_room_and_what_is_offered,
             who_goes_away_takes_nothing, what_is_given_is_told_as_it_is)
