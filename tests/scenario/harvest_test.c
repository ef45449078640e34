/* Things become things: with time, tools and skill, seen by others, and once. */
#include <string.h>

#include "bottle/operator.h"
#include "bottle/player.h"
#include "sim_network/sim_network.h"

static struct bottle *begin(uint64_t seed)
{
    struct bottle *bottle = bottle_create(seed);
    bottle->settings.free_building = false;
    bottle->settings.reach_px = 1000;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    return bottle;
}

/* The nearest cell where the player sees such a thing, within its reach. */
static struct cell_pos find(const struct player *player, const char *type)
{
    struct cell_pos here = player_cell(player);
    for (uint32_t n = 1; n < 3600; n++) {
        struct cell_pos offset = grid_spiral(n);
        struct cell_pos cell = {here.x + offset.x, here.y + offset.y};
        const char *seen = player_sees(player, cell.x, cell.y);
        if (seen != NULL && strcmp(seen, type) == 0)
            return cell;
    }
    ck_abort_msg("there is no %s near", type);
    return here;
}

/* How far the other player in view is in what it does, -1 for not busy. */
static int32_t progress_seen(const struct player *watcher)
{
    struct tilth_actor actor = {.work = -1};
    (void)tilth_client_actors(watcher->client, &actor, 1);
    return actor.work;
}

/* The server is killed and comes again, and so does the player. */
static void kill_under(struct bottle *bottle, struct player *player)
{
    uint32_t before = player->connected;
    bottle_kill(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    BOTTLE_UNTIL(bottle, 60000, player->connected > before);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
}

/* Ann with an axe, and the tree nearest to her. */
static struct player *join_with_axe(struct bottle *bottle, struct cell_pos *out_tree)
{
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    *out_tree = find(ann, "tree");
    ck_assert_uint_eq(operator_ask(bottle, "give ann axe 1"), CONSOLE_DONE);
    return ann;
}

START_TEST(a_harvest_is_seen_and_lasts)
{
    struct bottle *bottle = begin(1);
    struct player *ann = player_join(bottle, "ann");
    struct player *bob = player_join(bottle, "bob");
    BOTTLE_HOLDS(bottle, player_await_ready(ann) && player_await_ready(bob));
    struct cell_pos tree = find(ann, "tree");
    ck_assert_uint_ne(player_harvest(ann, tree.x, tree.y), 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_str_eq(ann->refusal, "TOOL_MISSING");
    ck_assert_uint_eq(operator_ask(bottle, "give ann axe 1"), CONSOLE_DONE);
    bottle_run(bottle, 500);

    ck_assert_int_eq(tilth_client_work(ann->client), -1);
    (void)player_harvest(ann, tree.x, tree.y);
    bottle_run(bottle, 1200);
    ck_assert_uint_eq(ann->done, 0); /* it takes 2 s */
    ck_assert_int_gt(tilth_client_work(ann->client), 20);
    ck_assert_int_lt(tilth_client_work(ann->client), 80);
    ck_assert_int_gt(progress_seen(bob), 20);
    (void)player_say(ann, "timber"); /* is answered before */
    bottle_run(bottle, 300);
    ck_assert_uint_eq(ann->done, 1);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 3000));
    ck_assert_uint_eq(ann->done, 2);
    ck_assert_uint_ge(player_has(ann, "wood_block"), 2);
    ck_assert_uint_eq(player_points(ann, "woodcutting"), 1);
    bottle_run(bottle, 500);
    ck_assert_str_eq(player_sees(bob, tree.x, tree.y), "");
    ck_assert_int_eq(progress_seen(bob), -1);

    uint32_t wood = player_has(ann, "wood_block");
    kill_under(bottle, ann);
    ck_assert_uint_eq(player_has(ann, "wood_block"), wood);
    ck_assert_uint_eq(player_points(ann, "woodcutting"), 1);
    ck_assert_str_eq(player_sees(ann, tree.x, tree.y), "");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(a_server_that_dies_midway_leaves_the_tree)
{
    struct bottle *bottle = begin(1);
    struct cell_pos tree;
    struct player *ann = join_with_axe(bottle, &tree);
    (void)player_harvest(ann, tree.x, tree.y);
    bottle_run(bottle, 700);
    (void)player_say(ann, "timber");
    bottle_run(bottle, 300);
    kill_under(bottle, ann);
    ck_assert_uint_eq(ann->lost, 1);
    ck_assert_uint_eq(ann->ask_count, 0);
    ck_assert_str_eq(player_sees(ann, tree.x, tree.y), "tree");
    ck_assert_uint_eq(player_has(ann, "wood_block"), 0);
    bottle_destroy(&bottle);
}
END_TEST

/* The answer to a harvest does not reach the player, who has done something else meanwhile, and
 * then the server dies: what was harvested is told as done. */
START_TEST(an_answer_that_is_lost_is_told_again)
{
    struct bottle *bottle = begin(1);
    struct cell_pos tree;
    struct player *ann = join_with_axe(bottle, &tree);
    bottle_run(bottle, 500);
    (void)player_harvest(ann, tree.x, tree.y);
    bottle_run(bottle, 300);
    (void)player_swap(ann, player_slot(ann, "axe"), ann->bottle->settings.slots_max - 1);
    BOTTLE_UNTIL(bottle, 1000, ann->done == 1);
    bottle_run(bottle, 200);
    sim_network_cut(ann->address, true);
    bottle_run(bottle, 2500);
    ck_assert_uint_eq(ann->done, 1);
    bottle_kill(bottle);
    sim_network_cut(ann->address, false);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 60000));
    ck_assert_uint_ge(player_has(ann, "wood_block"), 2);
    ck_assert_uint_eq(ann->done, 2);
    ck_assert_uint_eq(ann->lost, 0);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(walking_away_gives_it_up)
{
    struct bottle *bottle = begin(1);
    struct cell_pos tree;
    struct player *ann = join_with_axe(bottle, &tree);
    (void)player_harvest(ann, tree.x, tree.y);
    bottle_run(bottle, 700);
    tilth_client_move(ann->client, 1, 1);
    bottle_run(bottle, 200);
    tilth_client_move(ann->client, 0, 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 1000));
    ck_assert_str_eq(ann->refusal, "INTERRUPTED");
    ck_assert_str_eq(player_sees(ann, tree.x, tree.y), "tree");
    bottle_destroy(&bottle);
}
END_TEST

/* Who comes into the place of one that left while busy is not busy. */
START_TEST(leaving_gives_it_up)
{
    struct bottle *bottle = begin(1);
    struct cell_pos tree;
    struct player *ann = join_with_axe(bottle, &tree);
    (void)player_harvest(ann, tree.x, tree.y);
    bottle_run(bottle, 500);
    ck_assert_uint_eq(operator_ask(bottle, "kick ann"), CONSOLE_DONE);
    bottle_run(bottle, 300);
    struct player *bob = player_join(bottle, "bob");
    BOTTLE_HOLDS(bottle, player_await_ready(bob));
    bottle_run(bottle, 3000);
    ck_assert_int_eq(tilth_client_work(bob->client), -1);
    ck_assert_str_eq(player_sees(bob, tree.x, tree.y), "tree");
    ck_assert_uint_eq(ann->done, 0);
    bottle_destroy(&bottle);
}
END_TEST

enum { PLAYERS = 3, ROUNDS = 20 };

/* The points in all skills of all characters, as the database has them. */
static uint64_t points_in_database(const struct bottle *bottle)
{
    const struct change *row;
    uint64_t sum = 0;
    for (uint32_t i = 0; (row = sim_database_row(bottle->database, i)) != NULL; i++)
        sum += row->kind == CHANGE_SKILL ? row->skill.points : 0;
    return sum;
}

/* Every harvest that was told as done is one point, and none is another; all see the same world. */
START_TEST(each_harvest_counts_once)
{
    struct bottle_seeds seeds = bottle_seeds(60);
    for (uint64_t i = 0; i < seeds.count; i++) {
        static const char *const names[PLAYERS] = {"ann", "bob", "cat"};
        struct bottle *bottle = begin(seeds.first + i);
        struct player *players[PLAYERS];
        uint64_t done = 0;
        for (uint32_t n = 0; n < PLAYERS; n++)
            players[n] = player_join(bottle, names[n]);
        for (uint32_t n = 0; n < PLAYERS; n++)
            BOTTLE_HOLDS(bottle, player_await_ready(players[n]));
        for (uint32_t round = 0; round < ROUNDS; round++) {
            for (uint32_t n = 0; n < PLAYERS; n++) {
                struct cell_pos grass = find(players[n], "grass");
                (void)player_harvest(players[n], grass.x, grass.y);
            }
            bottle_run(bottle, rng_below(&bottle->rng, 1500));
            if (round % 7 == 6) {
                (rng_below(&bottle->rng, 2) == 0 ? bottle_crash : bottle_kill)(bottle);
                BOTTLE_HOLDS(bottle, bottle_start(bottle));
                BOTTLE_HOLDS(bottle, bottle_settle(bottle));
            }
        }
        BOTTLE_HOLDS(bottle, bottle_settle(bottle));
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        for (uint32_t n = 0; n < PLAYERS; n++)
            done += players[n]->done;
        ck_assert_uint_gt(done, 0);
        ck_assert_msg(points_in_database(bottle) == done, "seed %llu: %llu points, %llu done",
                      (unsigned long long)bottle->seed,
                      (unsigned long long)points_in_database(bottle), (unsigned long long)done);
        bottle_destroy(&bottle);
    }
}
END_TEST

TESTING_MAIN("harvest", a_harvest_is_seen_and_lasts, a_server_that_dies_midway_leaves_the_tree,
             an_answer_that_is_lost_is_told_again, walking_away_gives_it_up, leaving_gives_it_up,
             each_harvest_counts_once)
