/* What docs/howto adds to a world in JSON alone can be played: placed, harvested, learned, built.
 */
#include <stdio.h>
#include <string.h>

#include "bottle/content_folder.h"
#include "bottle/operator.h"
#include "bottle/player.h"
#include "bottle/site.h"

static const char *const pages[] = {
    "add-an-entity-type.md", "add-an-item.md",     "add-a-tool.md",   "add-a-skill.md",
    "add-a-harvest-rule.md", "add-a-structure.md", "add-regrowth.md",
};

/* The world of shared/content with all that the pages add, and a player with its bag. */
static struct player *begin(struct content_folder *folder)
{
    struct bottle *bottle = bottle_create(1);
    content_folder_open(folder, bottle);
    for (uint32_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        ck_assert_msg(content_folder_add_page(folder, pages[i]) > 0, "%s shows nothing", pages[i]);
    bottle->settings.free_building = false;
    bottle->settings.reach_px = 1000;
    bottle->ledger.is_closed = true; /* harvests leave things behind */
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    return ann;
}

static void end(struct player *ann, struct content_folder *folder)
{
    struct bottle *bottle = ann->bottle;
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
    content_folder_close(folder);
}

static void give(struct player *player, const char *type, uint32_t count)
{
    char line[96];
    uint32_t had = player_has(player, type);
    (void)snprintf(line, sizeof line, "give %s %s %u", player->name, type, count);
    (void)operator_read(player->bottle, line, CONSOLE_WIRE_OK);
    BOTTLE_UNTIL(player->bottle, 3000, player_has(player, type) == had + count);
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
    BOTTLE_HOLDS(player->bottle, player_await_outcomes(player, 5000));
    ck_assert_uint_eq(player->refused, refused + 1);
    ck_assert_str_eq(player->refusal, refusal);
}

/* A free cell some steps away, where the player places the thing. */
static struct cell_pos place(struct player *player, const char *type, int32_t steps)
{
    struct cell_pos here = player_cell(player);
    struct cell_pos cell = site_stand(player->bottle, (struct cell_pos){here.x + steps, here.y});
    give(player, type, 1);
    expect_done(player, player_place(player, type, cell.x, cell.y));
    ck_assert_str_eq(player_sees(player, cell.x, cell.y), type);
    ck_assert_uint_eq(player_has(player, type), 0);
    return cell;
}

static struct tilth_slot slot_of(const struct player *player, const char *type)
{
    struct tilth_slot slot = {.quantity = 0};
    (void)tilth_client_slot(player->client, player_slot(player, type), &slot);
    return slot;
}

START_TEST(things_stand_and_lie)
{
    struct content_folder folder;
    struct player *ann = begin(&folder);
    struct tilth_pile pile;
    struct tilth_image image = {.size_units = 0};
    struct cell_pos cell = place(ann, "floor_tile", 3), here = player_cell(ann);
    give(ann, "bench", 1);
    expect_done(ann, player_place(ann, "bench", cell.x, cell.y)); /* they share it */
    ck_assert_int_eq(tilth_client_is_solid(ann->client, cell.x, cell.y), 1);
    ck_assert(tilth_client_type_image(ann->client, "bench", &image));
    ck_assert_uint_eq(image.size_units, 28 * 16);
    expect_done(ann, player_remove(ann, cell.x, cell.y));
    ck_assert_uint_eq(player_has(ann, "bench"), 1);

    give(ann, "clay", 3);
    ck_assert_uint_eq(player_place(ann, "clay", cell.x, cell.y), 0); /* it stands in no cell */
    expect_done(ann, player_drop(ann, player_slot(ann, "clay"), 2, here));
    ck_assert(player_sees_pile(ann, here, &pile));
    ck_assert_str_eq(pile.type, "clay");
    ck_assert_uint_eq(pile.quantity, 2);
    expect_done(ann, player_pick_up(ann, here.x, here.y));
    ck_assert_uint_eq(player_has(ann, "clay"), 3);
    end(ann, &folder);
}
END_TEST

START_TEST(tools_and_skills_are_used)
{
    struct content_folder folder;
    struct player *ann = begin(&folder);
    struct cell_pos reed = place(ann, "reed", 3);
    expect_refused(ann, player_harvest(ann, reed.x, reed.y), "TOOL_MISSING");
    give(ann, "sickle", 1);
    expect_done(ann, player_harvest(ann, reed.x, reed.y));
    ck_assert_uint_eq(player_has(ann, "reed"), 1);
    ck_assert_str_eq(slot_of(ann, "reed").tool, "sickle");
    ck_assert_uint_eq(slot_of(ann, "sickle").wear, 1);
    ck_assert_uint_eq(slot_of(ann, "sickle").durability, 100);

    struct cell_pos tree = place(ann, "dead_tree", 4);
    expect_refused(ann, player_harvest(ann, tree.x, tree.y), "TOOL_MISSING");
    give(ann, "iron_axe", 1); /* another axe */
    expect_done(ann, player_harvest(ann, tree.x, tree.y));
    ck_assert_uint_eq(player_has(ann, "wood_block"), 2);
    ck_assert_str_eq(slot_of(ann, "wood_block").source, "dead_tree");
    ck_assert_uint_eq(player_points(ann, "woodcutting"), 1);
    struct cell_pos birch = place(ann, "birch", 5);
    expect_done(ann, player_harvest(ann, birch.x, birch.y));
    ck_assert_str_eq(player_sees(ann, birch.x, birch.y), "birch_stump");

    uint32_t levels = ann->levels_up;
    for (uint32_t i = 1; i <= 5; i++) {
        uint32_t had = player_has(ann, "cabbage");
        if (had == 0)
            give(ann, "cabbage", 1);
        expect_done(ann, player_place(ann, "cabbage", reed.x, reed.y));
        expect_done(ann, player_harvest(ann, reed.x, reed.y));
        ck_assert_uint_eq(player_points(ann, "farming"), i);
        ck_assert_uint_ge(player_has(ann, "cabbage"), 1);
    }
    ck_assert_uint_eq(ann->levels_up, levels + 1); /* five points are the first level */
    BOTTLE_HOLDS(ann->bottle, bottle_restart(ann->bottle, true));
    ck_assert_uint_eq(player_points(ann, "farming"), 5);
    end(ann, &folder);
}
END_TEST

START_TEST(a_structure_is_built_for_its_price)
{
    struct content_folder folder;
    struct player *ann = begin(&folder);
    struct bottle *bottle = ann->bottle;
    struct tilth_structure seen;
    struct cell_pos yard = site_yard(bottle, (struct site_quadrant){-1, 1}, 0);
    player_carry(ann, (struct cell_pos){yard.x - 2, yard.y + 2});
    BOTTLE_UNTIL(bottle, 5000, tilth_client_is_occupied(ann->client, yard.x, yard.y) == 0);
    bottle_run(bottle, 1000);
    give(ann, "stone_block", 7);
    expect_refused(ann, player_build(ann, "well", yard.x, yard.y), "ITEMS_MISSING");
    give(ann, "wood_block", 3);
    expect_done(ann, player_build(ann, "well", yard.x, yard.y));
    ck_assert_uint_eq(player_has(ann, "stone_block"), 1);
    ck_assert_uint_eq(player_has(ann, "wood_block"), 1);
    struct cell_pos inside = {yard.x + 1, yard.y}; /* its lower right one */
    ck_assert(player_sees_structure(ann, inside, &seen));
    ck_assert(seen.west == yard.x && seen.north == yard.y - 1);
    ck_assert_int_eq(tilth_client_is_solid(ann->client, inside.x, inside.y), 0);
    ck_assert_int_eq(tilth_client_is_solid(ann->client, yard.x, yard.y), 1);
    BOTTLE_HOLDS(bottle, player_goto(ann, inside.x, inside.y));
    bottle_run(bottle, 6000); /* where she stands is kept every 5 s */
    BOTTLE_HOLDS(bottle, bottle_restart(bottle, false));
    ck_assert(grid_is_same_cell(player_cell(ann), inside));
    expect_done(ann, player_unbuild(ann, yard.x, yard.y - 1));
    ck_assert_uint_eq(player_has(ann, "stone_block"), 7);
    ck_assert_uint_eq(player_has(ann, "wood_block"), 3);
    end(ann, &folder);
}
END_TEST

TESTING_MAIN("additions", things_stand_and_lie, tools_and_skills_are_used,
             a_structure_is_built_for_its_price)
