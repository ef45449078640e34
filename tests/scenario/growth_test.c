/* What is planted grows: seen, out of sight, with nobody there at all, and over restarts; and what
 * is harvested grows back where content says so. */
#include <stdio.h>
#include <string.h>

#include "bottle/content_folder.h"
#include "bottle/operator.h"
#include "bottle/player.h"
#include "bottle/site.h"

enum { GROWS_S = 4, VIEW_CELLS = 40, NEAR_VIEW_CELLS = 8, RETRY_S = 5 };

/* Trees that are cut leave a stump, from which they grow again; saplings are trees soon, seeds are
 * saplings, and acorns become something large. */
static struct bottle *begin_seeing(uint64_t seed, uint32_t view_cells,
                                   struct content_folder *folder)
{
    struct bottle *bottle = bottle_create(seed);
    content_folder_open(folder, bottle);
    content_folder_replace(folder, "entities", "\"after_s\": 600", "\"after_s\": 4");
    content_folder_replace(folder, "entities", "\"time_ms\": 2000,",
                           "\"time_ms\": 500, \"leaves\": \"stump\",");
    content_folder_add(folder, "entities",
                       "{\"name\": \"stump\", \"solid\": false, \"placeable\": false, "
                       "\"removable\": true, \"grows\": {\"into\": \"tree\", \"after_s\": 4}},"
                       "{\"name\": \"seed\", \"solid\": false, \"placeable\": true, "
                       "\"removable\": true, "
                       "\"grows\": {\"into\": \"tree_sapling\", \"after_s\": 4}},"
                       "{\"name\": \"acorn\", \"solid\": false, \"placeable\": true, "
                       "\"removable\": true, "
                       "\"grows\": {\"into\": \"large_tree\", \"after_s\": 4}}");
    bottle->settings.free_building = false;
    bottle->settings.reach_px = 1000;
    bottle->settings.view_cells = view_cells;
    bottle->settings.chunk_idle_s = 0;
    bottle->ledger.is_closed = true; /* things come that nobody placed */
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    return bottle;
}

static struct bottle *begin(uint64_t seed, struct content_folder *folder)
{
    return begin_seeing(seed, VIEW_CELLS, folder);
}

static void end(struct bottle *bottle, struct content_folder *folder)
{
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
    content_folder_close(folder);
}

static struct player *enter(struct bottle *bottle, const char *name, const char *type)
{
    char line[96];
    struct player *player = player_join(bottle, name);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    (void)snprintf(line, sizeof line, "give %s %s 1", name, type);
    (void)operator_read(bottle, line, CONSOLE_WIRE_OK);
    BOTTLE_UNTIL(bottle, 3000, player_has(player, type) == 1);
    return player;
}

static void expect_done(struct player *player, uint32_t number)
{
    uint32_t done = player->done;
    ck_assert_uint_ne(number, 0);
    BOTTLE_HOLDS(player->bottle, player_await_outcomes(player, 5000));
    ck_assert_msg(player->done == done + 1, "%s", player->refusal);
}

static bool sees(const struct player *player, struct cell_pos cell, const char *type)
{
    const char *seen = player_sees(player, cell.x, cell.y);
    return seen != NULL && strcmp(seen, type) == 0;
}

/* Places it some steps from the player, where the land is free. */
static struct cell_pos plant(struct player *player, const char *type, int32_t steps)
{
    struct cell_pos here = player_cell(player);
    struct cell_pos cell = site_stand(player->bottle, (struct cell_pos){here.x + steps, here.y});
    expect_done(player, player_place(player, type, cell.x, cell.y));
    ck_assert(sees(player, cell, type));
    return cell;
}

/* The player is so far away that the cell's chunk is in nobody's memory. */
static struct cell_pos go_far(struct player *player, struct cell_pos cell)
{
    struct bottle *bottle = player->bottle;
    const struct world *world = &bottle->server.host->world;
    struct cell_pos home = player_cell(player);
    player_carry(player, site_stand(bottle, (struct cell_pos){home.x + 300, home.y}));
    BOTTLE_UNTIL(bottle, 3000, world_find_chunk(world, grid_chunk_of(cell)) == NULL);
    ck_assert_ptr_null(world_find_chunk(world, grid_chunk_of(cell)));
    return home;
}

static uint32_t type_in_database(const struct bottle *bottle, struct cell_pos cell)
{
    const struct change *row;
    uint32_t type = 0;
    for (uint32_t i = 0; (row = sim_database_row(bottle->database, i)) != NULL; i++) {
        if (row->kind == CHANGE_ENTITY && grid_is_same_cell(row->entity.cell, cell))
            type = row->entity.type;
    }
    return type;
}

START_TEST(a_sapling_becomes_a_tree)
{
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    struct player *ann = enter(bottle, "ann", "tree_sapling");
    struct player *bob = enter(bottle, "bob", "axe");
    struct cell_pos cell = plant(ann, "tree_sapling", 3);
    bottle_run(bottle, GROWS_S * 1000 - 1000);
    ck_assert(sees(bob, cell, "tree_sapling"));
    ck_assert_int_eq(tilth_client_is_solid(bob->client, cell.x, cell.y), 0);
    bottle_run(bottle, 1500);
    ck_assert(sees(bob, cell, "tree") && sees(ann, cell, "tree"));
    ck_assert_int_eq(tilth_client_is_solid(bob->client, cell.x, cell.y), 1);
    expect_done(bob, player_harvest(bob, cell.x, cell.y));
    ck_assert_uint_ge(player_has(bob, "wood_block"), 2);
    ck_assert(sees(bob, cell, "stump"));
    end(bottle, &folder);
}
END_TEST

START_TEST(it_grows_where_nobody_is)
{
    struct content_folder folder;
    struct bottle *bottle = begin_seeing(2, NEAR_VIEW_CELLS, &folder);
    const struct catalog *catalog = bottle->server.catalog;
    struct player *ann = enter(bottle, "ann", "seed");
    struct cell_pos cell = plant(ann, "seed", 3);
    struct cell_pos home = go_far(ann, cell);
    bottle_run(bottle, GROWS_S * 1000 + 1000); /* a sapling by now, if anybody looked */
    ck_assert_uint_eq(type_in_database(bottle, cell), catalog_find_name(catalog, "seed")->type);
    player_carry(ann, home);
    BOTTLE_UNTIL(bottle, 1000, sees(ann, cell, "tree_sapling"));
    ck_assert(sees(ann, cell, "tree_sapling"));
    (void)go_far(ann, cell);
    bottle_run(bottle, GROWS_S * 1000);
    player_carry(ann, home);
    BOTTLE_UNTIL(bottle, 1000, sees(ann, cell, "tree"));
    ck_assert(sees(ann, cell, "tree"));
    end(bottle, &folder);
}
END_TEST

/* What comes back to memory late has made all its steps, each at its time; also when the server is
 * another one by then. */
START_TEST(it_makes_up_for_what_it_missed)
{
    for (int round = 0; round < 2; round++) {
        struct content_folder folder;
        struct bottle *bottle = begin_seeing(3, NEAR_VIEW_CELLS, &folder);
        struct player *ann = enter(bottle, "ann", "seed");
        struct cell_pos cell = plant(ann, "seed", 3);
        struct cell_pos home = go_far(ann, cell);
        bottle_run(bottle, 2 * GROWS_S * 1000);
        if (round == 1)
            BOTTLE_HOLDS(bottle, bottle_restart(bottle, true));
        ck_assert_ptr_null(world_find_chunk(&bottle->server.host->world, grid_chunk_of(cell)));
        player_carry(ann, home);
        BOTTLE_UNTIL(bottle, 500, player_sees(ann, cell.x, cell.y) != NULL);
        BOTTLE_UNTIL(bottle, 300, sees(ann, cell, "tree"));
        ck_assert(sees(ann, cell, "tree"));
        end(bottle, &folder);
    }
}
END_TEST

START_TEST(servers_come_and_go_meanwhile)
{
    struct bottle_seeds seeds = bottle_seeds(40);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct content_folder folder;
        struct bottle *bottle = begin(seeds.first + i, &folder);
        struct player *ann = enter(bottle, "ann", "tree_sapling");
        struct cell_pos cell = plant(ann, "tree_sapling", 3);
        BOTTLE_HOLDS(bottle, bottle_restart(bottle, i % 2 == 0)); /* told: it is durable */
        BOTTLE_UNTIL(bottle, GROWS_S * 1000, sees(ann, cell, "tree"));
        ck_assert(sees(ann, cell, "tree"));
        BOTTLE_HOLDS(bottle, bottle_restart(bottle, i % 2 == 1));
        ck_assert(sees(ann, cell, "tree"));
        end(bottle, &folder);
    }
}
END_TEST

/* A tree does not grow under somebody; it comes when there is room. */
START_TEST(it_waits_for_room)
{
    struct content_folder folder;
    struct bottle *bottle = begin(5, &folder);
    struct player *ann = enter(bottle, "ann", "tree_sapling");
    struct cell_pos home = player_cell(ann), cell = plant(ann, "tree_sapling", 3);
    player_carry(ann, cell);
    bottle_run(bottle, GROWS_S * 1000 + 1000);
    ck_assert(sees(ann, cell, "tree_sapling"));
    ck_assert(grid_is_same_cell(player_cell(ann), cell));
    player_carry(ann, home);
    bottle_run(bottle, RETRY_S * 1000 + 500);
    ck_assert(sees(ann, cell, "tree"));
    end(bottle, &folder);
}
END_TEST

START_TEST(it_grows_over_several_cells)
{
    struct content_folder folder;
    struct tilth_structure seen;
    struct bottle *bottle = begin(6, &folder);
    struct player *ann = enter(bottle, "ann", "acorn"), *bob = enter(bottle, "bob", "sign");
    struct cell_pos yard = site_yard(bottle, (struct site_quadrant){-1, -1}, 0);
    struct cell_pos cell = {yard.x - 1, yard.y - 1}; /* it will stand in four chunks */
    player_carry(ann, (struct cell_pos){yard.x - 2, yard.y + 2});
    player_carry(bob, (struct cell_pos){yard.x - 2, yard.y - 2});
    BOTTLE_UNTIL(bottle, 5000,
                 player_sees(ann, yard.x, yard.y) != NULL &&
                     player_sees(bob, cell.x, cell.y) != NULL);
    expect_done(ann, player_place(ann, "acorn", cell.x, cell.y));
    expect_done(bob, player_place(bob, "sign", yard.x, yard.y)); /* in its way */
    bottle_run(bottle, GROWS_S * 1000 + 1000);
    ck_assert(sees(ann, cell, "acorn"));
    expect_done(ann, player_remove(ann, yard.x, yard.y));
    bottle_run(bottle, RETRY_S * 1000 + 500);
    ck_assert(player_sees_structure(ann, yard, &seen) && player_sees_structure(bob, cell, &seen));
    ck_assert_str_eq(seen.type, "large_tree");
    ck_assert(seen.x == cell.x && seen.y == cell.y && seen.width == 2 && seen.height == 2);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_STRUCTURE), 1);
    BOTTLE_HOLDS(bottle, bottle_restart(bottle, true));
    ck_assert(player_sees_structure(ann, cell, &seen));
    end(bottle, &folder);
}
END_TEST

/* The nearest tree that the land has had from the beginning. */
static struct cell_pos find_tree(const struct player *player)
{
    struct cell_pos here = player_cell(player), cell = here;
    uint32_t n = 1;
    for (; n < 3600 && !sees(player, cell, "tree"); n++) {
        struct cell_pos offset = grid_spiral(n);
        cell = (struct cell_pos){here.x + offset.x, here.y + offset.y};
    }
    ck_assert(sees(player, cell, "tree"));
    return cell;
}

START_TEST(what_is_cut_grows_again)
{
    struct content_folder folder;
    struct bottle *bottle = begin(7, &folder);
    struct player *ann = enter(bottle, "ann", "axe"), *bob = enter(bottle, "bob", "sign");
    struct cell_pos tree = find_tree(ann);
    for (uint32_t round = 0; round < 3; round++) {
        expect_done(ann, player_harvest(ann, tree.x, tree.y));
        BOTTLE_UNTIL(bottle, 1000, sees(bob, tree, "stump"));
        ck_assert(sees(ann, tree, "stump") && sees(bob, tree, "stump"));
        if (round == 1)
            BOTTLE_HOLDS(bottle, bottle_restart(bottle, true));
        BOTTLE_UNTIL(bottle, GROWS_S * 1000 + 1000, sees(ann, tree, "tree"));
        ck_assert(sees(ann, tree, "tree"));
    }
    ck_assert_uint_ge(player_has(ann, "wood_block"), 6);
    ck_assert_uint_eq(player_points(ann, "woodcutting"), 3);
    expect_done(ann, player_harvest(ann, tree.x, tree.y));
    expect_done(ann, player_remove(ann, tree.x, tree.y)); /* out with the stump */
    ck_assert_uint_eq(player_has(ann, "stump"), 1);
    bottle_run(bottle, GROWS_S * 1000 + 1000);
    ck_assert(sees(ann, tree, ""));
    end(bottle, &folder);
}
END_TEST

TESTING_MAIN("growth", a_sapling_becomes_a_tree, it_grows_where_nobody_is,
             it_makes_up_for_what_it_missed, servers_come_and_go_meanwhile, it_waits_for_room,
             it_grows_over_several_cells, what_is_cut_grows_again)
