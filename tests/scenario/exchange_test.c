/* What players do with things and with each other lasts, and all see it: dropped, picked up, given,
 * built, taken down, drawn in another way. */
#include <string.h>

#include "bottle/operator.h"
#include "bottle/player.h"
#include "net/inbox.h"
#include "stranger/stranger.h"

static struct bottle *begin(uint64_t seed)
{
    struct bottle *bottle = bottle_create(seed);
    bottle->settings.free_building = false;
    bottle->settings.reach_px = 1000;
    bottle->settings.offer_s = 2;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    return bottle;
}

/* The server is killed and comes again, and so do the players. */
static void kill_under(struct bottle *bottle, struct player *ann, struct player *bob)
{
    uint32_t before[2] = {ann->connected, bob->connected};
    bottle_kill(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    BOTTLE_UNTIL(bottle, 60000, ann->connected > before[0] && bob->connected > before[1]);
    BOTTLE_HOLDS(bottle, player_await_ready(ann) && player_await_ready(bob));
}

/* Where a building fits near the player, as it sees the land: its primary cell. */
static struct cell_pos find_site(const struct player *player)
{
    struct cell_pos here = player_cell(player);
    for (uint32_t n = 30; n < 900; n++) {
        struct cell_pos offset = grid_spiral(n);
        struct cell_pos cell = {here.x + offset.x, here.y + offset.y};
        uint32_t free = 0;
        for (int32_t i = 0; i < 6; i++) {
            int32_t x = cell.x - 1 + i % 3, y = cell.y + i / 3;
            free += tilth_client_is_occupied(player->client, x, y) == 0 &&
                    !tilth_client_is_solid(player->client, x, y);
        }
        if (free == 6)
            return cell;
    }
    ck_abort_msg("there is no place for a building");
    return here;
}

START_TEST(things_change_hands)
{
    struct bottle *bottle = begin(1);
    struct player *ann = player_join(bottle, "ann");
    struct player *bob = player_join(bottle, "bob");
    struct tilth_pile pile;
    BOTTLE_HOLDS(bottle, player_await_ready(ann) && player_await_ready(bob));
    ck_assert_uint_eq(operator_ask(bottle, "give ann stone 10"), CONSOLE_DONE);
    bottle_run(bottle, 500);
    struct cell_pos here = player_cell(ann);
    uint32_t slot = player_slot(ann, "stone");
    ck_assert_uint_eq(player_slot(ann, "axe"), UINT32_MAX);
    ck_assert(!player_sees_pile(bob, here, &pile));
    ck_assert_uint_ne(player_drop(ann, slot, 4, here), 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    BOTTLE_UNTIL(bottle, 3000, player_sees_pile(bob, here, &pile));
    ck_assert_str_eq(pile.type, "stone");
    ck_assert_uint_eq(pile.quantity, 4);
    kill_under(bottle, ann, bob);
    ck_assert(player_sees_pile(bob, here, &pile));
    (void)player_pick_up(bob, here.x, here.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(bob, 3000));
    ck_assert_uint_eq(player_has(bob, "stone"), 4);

    (void)player_give(ann, slot, 5, "bob");
    BOTTLE_UNTIL(bottle, 3000, bob->offered == 1);
    ck_assert_str_eq(bob->offer_by, "ann");
    ck_assert_str_eq(bob->offer_of, "stone");
    ck_assert_uint_eq(bob->offer_quantity, 5);
    (void)player_say(ann, "for you"); /* is answered before */
    bottle_run(bottle, 300);
    ck_assert_uint_eq(ann->ask_count, 1);
    (void)player_answer(bob, "ann", true);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 1000) && player_await_outcomes(bob, 1000));
    ck_assert_uint_eq(player_has(ann, "stone"), 1);
    ck_assert_uint_eq(player_has(bob, "stone"), 9);
    (void)player_give(bob, player_slot(bob, "stone"), 0, "ann"); /* nobody answers */
    BOTTLE_HOLDS(bottle, player_await_outcomes(bob, 4000));
    ck_assert_str_eq(bob->refusal, "DECLINED");
    BOTTLE_UNTIL(bottle, 1000, ann->offers_over == 1);
    ck_assert_uint_eq(ann->offers_over, 1);
    kill_under(bottle, ann, bob);
    ck_assert_uint_eq(player_has(ann, "stone"), 1);
    ck_assert_uint_eq(player_has(bob, "stone"), 9);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

static void step(struct bottle *bottle, struct stranger *stranger, uint32_t steps)
{
    for (uint32_t i = 0; i < steps; i++) {
        bottle_run(bottle, 10);
        stranger_step(stranger, bottle_now_us());
    }
}

/* As if its messages had been given up. */
static void give_up(struct bottle *bottle, struct stranger *stranger)
{
    uint32_t index = (uint32_t)session_find(bottle->server.host, stranger->name);
    struct inbox_behind behind = {.head = {.kind = INBOX_BEHIND, .session = index}};
    behind.head.generation = bottle->server.host->sessions[index].generation;
    ck_assert(ring_write(&bottle->server.inboxes[0], &behind, sizeof behind));
    step(bottle, stranger, 50);
}

/* Who is shown everything anew is told of the offers that are open, and of no others. */
START_TEST(an_offer_is_told_again)
{
    static struct stranger bob;
    struct bottle *bottle = begin(1);
    struct player *ann = player_join(bottle, "ann");
    struct link_options options = {.address = BOTTLE_ADDRESS, .port = BOTTLE_PORT};
    struct error error;
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    ck_assert(stranger_dial(&bob, &options, "bob", &error));
    step(bottle, &bob, 200);
    ck_assert_int_eq(bob.phase, STRANGER_PLAYING);
    ck_assert_uint_eq(operator_ask(bottle, "give ann stone 10"), CONSOLE_DONE);
    bottle_run(bottle, 500);
    (void)player_give(ann, player_slot(ann, "stone"), 5, "bob");
    step(bottle, &bob, 50);
    ck_assert_uint_eq(bob.offers, 1);
    give_up(bottle, &bob);
    ck_assert_uint_eq(bob.resyncs, 1);
    ck_assert_uint_eq(bob.offers, 2);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 4000)); /* nobody answers */
    give_up(bottle, &bob);
    ck_assert_uint_eq(bob.resyncs, 2);
    ck_assert_uint_eq(bob.offers, 2);
    stranger_close(&bob);
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(a_building_stands_and_is_taken_down)
{
    struct bottle *bottle = begin(1);
    struct player *ann = player_join(bottle, "ann");
    struct player *bob = player_join(bottle, "bob");
    struct tilth_structure seen;
    BOTTLE_HOLDS(bottle, player_await_ready(ann) && player_await_ready(bob));
    struct cell_pos site = find_site(ann), part = {site.x + 1, site.y + 1};
    (void)player_build(ann, "building", site.x, site.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_str_eq(ann->refusal, "ITEMS_MISSING");
    ck_assert_uint_eq(operator_ask(bottle, "give ann wood_block 21"), CONSOLE_DONE);
    (void)player_build(ann, "building", site.x, site.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_uint_eq(player_has(ann, "wood_block"), 1);
    BOTTLE_UNTIL(bottle, 3000, player_sees_structure(bob, part, &seen));
    ck_assert(seen.x == site.x && seen.y == site.y && seen.image == 0);

    const struct tilth_image look = {.size_units = 100, .turns = 1, .offset_x_units = -7};
    (void)player_modify(bob, part.x, part.y, &look);
    BOTTLE_HOLDS(bottle, player_await_outcomes(bob, 3000));
    uint32_t image = player_sees_image(bob, site);
    ck_assert_uint_ne(image, 0);
    kill_under(bottle, ann, bob);
    ck_assert_uint_eq(player_sees_image(ann, site), image);
    (void)player_reset(ann, site.x, site.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_uint_eq(player_sees_image(ann, site), 0);
    (void)player_unbuild(ann, part.x, part.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_uint_eq(player_has(ann, "wood_block"), 21);
    kill_under(bottle, ann, bob);
    ck_assert(!player_sees_structure(ann, site, &seen) && !player_sees_structure(bob, part, &seen));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("exchange", things_change_hands, an_offer_is_told_again,
             a_building_stands_and_is_taken_down)
