#include "sim/harvest.h"

#include <stdio.h>

#include "testing.h"

#include "sim/bag.h"
#include "sim/roll.h"
#include "sim_sample.h"

enum { TREE_X = 1, TREE_Y = 0, TREE_TICKS = 40 /* 2,000 ms at 20 Hz */, SEED = 77 };

/* The game's own content: what is asserted here is what the default rules say. */
static struct catalog *content(void)
{
    const char *source = getenv("TILTH_SOURCE_DIR");
    char folder[1024];
    struct error error = {""};
    (void)snprintf(folder, sizeof folder, "%s/shared/content", source != NULL ? source : ".");
    struct catalog *catalog = catalog_load(folder, NULL, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    return catalog;
}

static uint32_t type_of(const struct sim_sample *sample, const char *name)
{
    return catalog_find_name(sample->catalog, name)->type;
}

/* A tree beside actor 0, as generated. */
static const struct character *begin(struct sim_sample *sample)
{
    sim_sample_make_of(sample, content());
    sample->sim.rules.is_building_free = false;
    roll_init(&sample->sim, SEED);
    sim_sample_lay(sample, (struct cell_pos){TREE_X, TREE_Y}, TERRAIN_FOREST, NATURAL_TREE);
    return bag_owner(&sample->sim, 0);
}

static void give(struct sim_sample *sample, uint32_t actor, const char *name, uint32_t quantity)
{
    struct stack stack = {.type = type_of(sample, name), .quantity = quantity};
    bag_add(&sample->sim, bag_owner(&sample->sim, actor), &stack);
}

static enum refusal ask(struct sim_sample *sample, uint32_t actor, int32_t x, int32_t y)
{
    struct intent intent = {.kind = INTENT_HARVEST};
    intent.harvest.cell = (struct cell_pos){x, y};
    return sim_sample_decide(sample, actor, &intent);
}

static void next_tick(struct sim_sample *sample)
{
    sim_seal(&sample->sim);
    sim_begin(&sample->sim, sample->sim.tick + 1, sample->sim.seq + 1);
}

/* Tick by tick until it is over; *out_ticks, unless NULL, is how many it took. */
static enum refusal go_on(struct sim_sample *sample, uint32_t actor, uint32_t *out_ticks)
{
    enum refusal refusal = SIM_UNDER_WAY;
    uint32_t ticks = 0;
    while (refusal == SIM_UNDER_WAY) {
        next_tick(sample);
        ticks++;
        refusal = rules_go_on(&sample->sim, actor);
    }
    if (out_ticks != NULL)
        *out_ticks = ticks;
    return refusal;
}

START_TEST(a_tree_needs_an_axe_and_time)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    uint32_t ticks = 0, wood = type_of(&sample, "wood_block"), axe = type_of(&sample, "axe");
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), REFUSAL_TOOL_MISSING);
    ck_assert_uint_eq(sample.sim.missing, axe);
    give(&sample, 0, "pickaxe", 1);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), REFUSAL_TOOL_MISSING);
    give(&sample, 0, "axe", 1);
    sample.sim.time_s = 1234;
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), REFUSAL_BUSY);
    ck_assert_int_eq(go_on(&sample, 0, &ticks), REFUSAL_NONE);
    ck_assert_uint_eq(ticks, TREE_TICKS);

    ck_assert(!world_is_occupied(&sample.world, (struct cell_pos){TREE_X, TREE_Y}));
    ck_assert_uint_ge(bag_count(&sample.sim, owner, wood), 2);
    const struct stack *stack =
        world_slot(&sample.world, owner, bag_find(&sample.sim, owner, wood));
    ck_assert_uint_eq(stack->source, type_of(&sample, "tree"));
    ck_assert_int_eq(stack->source_cell.x, TREE_X);
    ck_assert_uint_eq(stack->tick, sample.sim.tick);
    ck_assert_uint_eq(stack->time_s, 1234);
    ck_assert_uint_eq(stack->tool, axe);
    ck_assert_int_eq(stack->pos.x, sample.world.actors[0].pos.x);
    ck_assert_uint_eq(stack->skill, catalog_find_skill_name(sample.catalog, "woodcutting")->skill);
    ck_assert_uint_eq(stack->level, 0);
    ck_assert_uint_eq(world_skill(&sample.world, owner, stack->skill), 1);
    ck_assert_uint_eq(world_slot(&sample.world, owner, bag_find(&sample.sim, owner, axe))->wear, 1);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), REFUSAL_CELL_EMPTY);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(walking_ends_it)
{
    struct sim_sample sample;
    (void)begin(&sample);
    give(&sample, 0, "axe", 1);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    next_tick(&sample);
    ck_assert_int_eq(rules_go_on(&sample.sim, 0), SIM_UNDER_WAY);
    sample.world.actors[0].pos.y++;
    next_tick(&sample);
    ck_assert_int_eq(rules_go_on(&sample.sim, 0), REFUSAL_INTERRUPTED);
    ck_assert(world_is_occupied(&sample.world, (struct cell_pos){TREE_X, TREE_Y}));
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY); /* anew */
    rules_stop(&sample.sim, 0);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(the_first_to_finish_gets_it)
{
    struct sim_sample sample;
    (void)begin(&sample);
    sample_actor_add(&sample.world, 1, grid_cell_middle((struct cell_pos){0, 1}));
    give(&sample, 0, "axe", 1);
    give(&sample, 1, "axe", 1);
    ck_assert_int_eq(ask(&sample, 1, TREE_X, TREE_Y), SIM_UNDER_WAY);
    next_tick(&sample);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    ck_assert_int_eq(go_on(&sample, 1, NULL), REFUSAL_NONE);
    ck_assert_int_eq(rules_go_on(&sample.sim, 0), REFUSAL_CELL_EMPTY);
    uint32_t wood = type_of(&sample, "wood_block");
    ck_assert_uint_eq(bag_count(&sample.sim, bag_owner(&sample.sim, 0), wood), 0);
    ck_assert_uint_ge(bag_count(&sample.sim, bag_owner(&sample.sim, 1), wood), 2);
    sim_sample_finish(&sample);
}
END_TEST

/* Another tree in the place of the one that was begun is another tree. */
START_TEST(a_thing_put_in_its_place_is_not_it)
{
    struct sim_sample sample;
    (void)begin(&sample);
    struct cell_pos cell = {TREE_X, TREE_Y};
    give(&sample, 0, "axe", 1);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    struct change gone = sample_cell_change(&sample.world, cell, true);
    sim_change(&sample.sim, &gone);
    struct change other = sample_entity_change(cell, 5, type_of(&sample, "tree"));
    sim_change(&sample.sim, &other);
    next_tick(&sample);
    ck_assert_int_eq(rules_go_on(&sample.sim, 0), REFUSAL_CELL_EMPTY);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(the_largest_yield_must_fit_at_both_ends)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    give(&sample, 0, "axe", 1);
    give(&sample, 0, "sign", 99 * (sample.world.slots_max - 2));
    /* one slot is free: not enough for wood and a sapling, which might come */
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), REFUSAL_BAG_FULL);
    bag_take(&sample.sim, owner, 1, 99);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    give(&sample, 0, "sign", 99);
    ck_assert_int_eq(go_on(&sample, 0, NULL), REFUSAL_BAG_FULL);
    ck_assert(world_is_occupied(&sample.world, (struct cell_pos){TREE_X, TREE_Y}));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(too_far_or_nothing_to_get_is_refused)
{
    struct sim_sample sample;
    (void)begin(&sample);
    ck_assert_int_eq(ask(&sample, 0, 20, 0), REFUSAL_OUT_OF_REACH);
    ck_assert_int_eq(ask(&sample, 0, GRID_CELL_MAX + 1, 0), REFUSAL_OUT_OF_WORLD);
    ck_assert_int_eq(ask(&sample, 0, 0, 1), REFUSAL_CELL_EMPTY);
    give(&sample, 0, "sign", 1);
    ck_assert_int_eq(sim_sample_place(&sample, type_of(&sample, "sign"), 0, 1), REFUSAL_NONE);
    ck_assert_int_eq(ask(&sample, 0, 0, 1), REFUSAL_NOT_HARVESTABLE);
    sample.sim.is_store_behind = true;
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), REFUSAL_STORE_BEHIND);
    sim_sample_finish(&sample);
}
END_TEST

/* A tree is cut with so many axes in slot 4, before the last use of one: the type of the axe. */
static uint32_t cut_with_worn(struct sim_sample *sample, const struct character *owner,
                              uint32_t quantity)
{
    uint32_t axe = type_of(sample, "axe");
    struct stack worn = {.type = axe, .quantity = quantity};
    worn.wear = sample->catalog->entities[axe].durability - 1;
    bag_put(&sample->sim, owner, 4, &worn);
    ck_assert_int_eq(ask(sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    ck_assert_int_eq(go_on(sample, 0, NULL), REFUSAL_NONE);
    return axe;
}

START_TEST(a_tool_breaks_at_its_last_use)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    uint32_t axe = cut_with_worn(&sample, owner, 1);
    ck_assert_uint_eq(bag_find(&sample.sim, owner, axe), WORLD_SLOTS_MAX);
    ck_assert_uint_ge(bag_count(&sample.sim, owner, type_of(&sample, "wood_block")), 2);
    sim_sample_finish(&sample);
}
END_TEST

/* Content let several be in a slot once, when they did not wear. */
START_TEST(of_several_tools_one_breaks)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    uint32_t axe = cut_with_worn(&sample, owner, 3);
    const struct stack *left = world_slot(&sample.world, owner, 4);
    ck_assert_uint_eq(left->type, axe);
    ck_assert_uint_eq(left->quantity, 2);
    ck_assert_uint_eq(left->wear, 0);
    sim_sample_finish(&sample);
}
END_TEST

/* Somebody gives the tree that another cuts a look of its own: it is the same tree. */
START_TEST(a_look_does_not_end_the_work_of_others)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    give(&sample, 0, "axe", 1);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    next_tick(&sample);
    ck_assert_int_eq(sim_sample_modify(&sample, TREE_X, TREE_Y, 99), REFUSAL_NONE);
    ck_assert_int_eq(go_on(&sample, 0, NULL), REFUSAL_NONE);
    ck_assert_uint_ge(bag_count(&sample.sim, owner, type_of(&sample, "wood_block")), 2);
    ck_assert_ptr_null(world_first_entity(&sample.world, (struct cell_pos){TREE_X, TREE_Y}));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(where_nothing_comes_the_thing_stays)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    struct harvest_def *harvest = &sample.catalog->entities[type_of(&sample, "tree")].harvest;
    for (uint32_t i = 0; i < harvest->yield_count; i++)
        harvest->yields[i].chance_ppm = 1; /* once in a million */
    give(&sample, 0, "axe", 1);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    ck_assert_int_eq(go_on(&sample, 0, NULL), REFUSAL_NOTHING_FOUND);
    ck_assert(world_is_occupied(&sample.world, (struct cell_pos){TREE_X, TREE_Y}));
    ck_assert_uint_eq(world_skill(&sample.world, owner, harvest->skill), 0);
    sim_sample_finish(&sample);
}
END_TEST

/* A placed thing in the tree's cell is harvested at once, as if its time were over. */
static enum refusal harvest_placed(struct sim_sample *sample, uint32_t type, uint32_t image)
{
    struct change placed = sample_entity_change((struct cell_pos){0, 1}, 0, type);
    next_tick(sample);
    placed.entity.id.value = sim_new_id(&sample->sim);
    placed.entity.image = image;
    sim_change(&sample->sim, &placed);
    ck_assert_int_eq(ask(sample, 0, 0, 1), SIM_UNDER_WAY);
    sample->sim.tick = sample->sim.works[0].until;
    return rules_go_on(&sample->sim, 0);
}

START_TEST(intact_things_keep_their_look)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    uint32_t rock = type_of(&sample, "rock");
    struct change kept = sample_cell_change(&sample.world, (struct cell_pos){0, 1}, true);
    sim_change(&sample.sim, &kept);
    give(&sample, 0, "pickaxe", 1);
    while (bag_find(&sample.sim, owner, rock) == WORLD_SLOTS_MAX)
        ck_assert_int_eq(harvest_placed(&sample, rock, 9), REFUSAL_NONE);
    ck_assert_uint_eq(world_slot(&sample.world, owner, bag_find(&sample.sim, owner, rock))->image,
                      9);
    uint32_t stone = bag_find(&sample.sim, owner, type_of(&sample, "stone"));
    ck_assert_uint_eq(world_slot(&sample.world, owner, stone)->image, 0);
    sim_sample_finish(&sample);
}
END_TEST

/* From any of its cells, all of it is taken out of all chunks; what it cost does not come back. */
START_TEST(a_structure_is_harvested_whole)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    uint32_t large = type_of(&sample, "large_tree"), wood = type_of(&sample, "wood_block");
    give(&sample, 0, "axe", 1);
    sample.catalog->entities[large].harvest.leaves = (uint16_t)type_of(&sample, "sign");
    struct change tree = {.kind = CHANGE_STRUCTURE};
    tree.structure = (struct change_structure){.id = {99},
                                               .cell = {-2, 0},
                                               .is_there = 1,
                                               .type = large,
                                               .width = 2,
                                               .height = 2,
                                               .left = 0,
                                               .top = 1};
    sim_change(&sample.sim, &tree);
    ck_assert_int_eq(ask(&sample, 0, -1, -1), SIM_UNDER_WAY);
    ck_assert_int_eq(go_on(&sample, 0, NULL), REFUSAL_NONE);
    ck_assert_uint_eq(sample.world.structure_pool.used, 0);
    for (int32_t i = 0; i < 4; i++) { /* in its primary cell something stays behind */
        struct cell_pos cell = {-1 - i % 2, -(i / 2)};
        bool is_primary = cell.x == -2 && cell.y == 0;
        ck_assert_uint_eq(world_type_at(&sample.world, cell),
                          is_primary ? type_of(&sample, "sign") : 0);
        ck_assert_int_eq(world_is_kept(&sample.world, cell), is_primary);
    }
    ck_assert_uint_eq(bag_count(&sample.sim, owner, wood), 8);
    const struct stack *stack =
        world_slot(&sample.world, owner, bag_find(&sample.sim, owner, wood));
    ck_assert_uint_eq(stack->source, large);
    ck_assert_int_eq(stack->source_cell.x, -2); /* its primary cell */
    sim_change(&sample.sim, &tree);
    world_remove_chunk(&sample.world, world_find_chunk(&sample.world, (struct chunk_pos){-1, 0}));
    ck_assert_int_eq(ask(&sample, 0, -1, -1), REFUSAL_CHUNK_LOADING);
    sim_sample_finish(&sample);
}
END_TEST

/* What stays behind is an entity of nobody, and grows from then on. */
START_TEST(something_stays_behind)
{
    struct sim_sample sample;
    (void)begin(&sample);
    uint32_t tree = type_of(&sample, "tree"), sapling = type_of(&sample, "tree_sapling");
    struct cell_pos cell = {TREE_X, TREE_Y};
    give(&sample, 0, "axe", 1);
    sample.catalog->entities[tree].harvest.leaves = (uint16_t)sapling;
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    ck_assert_int_eq(go_on(&sample, 0, NULL), REFUSAL_NONE);
    const struct entity *left = world_first_entity(&sample.world, cell);
    ck_assert_ptr_nonnull(left);
    ck_assert_uint_eq(left->type, sapling);
    ck_assert_uint_eq(left->placer.value, 0);
    ck_assert_uint_eq(left->until, lapse_grow_until(&sample.sim, sapling, sample.sim.tick));
    ck_assert(!world_is_solid(&sample.world, cell));
    ck_assert(world_is_kept(&sample.world, cell));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(what_stays_behind_needs_room)
{
    struct sim_sample sample;
    (void)begin(&sample);
    struct cell_pos cell = {TREE_X, TREE_Y};
    uint32_t tree = type_of(&sample, "tree"), rock = type_of(&sample, "rock");
    uint32_t sign = type_of(&sample, "sign");
    give(&sample, 0, "axe", 1);
    sample.catalog->entities[tree].harvest.leaves = (uint16_t)rock;
    for (uint32_t i = 0; i < WORLD_CHUNK_ENTITIES_MAX; i++) {
        struct change change = sample_entity_change(
            grid_cell_at((struct chunk_pos){0, 0}, 999 + i % 999), 1000 + i, sign);
        sim_begin(&sample.sim, 1, 5);
        sim_change(&sample.sim, &change);
    }
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), REFUSAL_WORLD_FULL);
    struct change gone = sample_entity_change(grid_cell_at((struct chunk_pos){0, 0}, 999), 1000, 0);
    sim_change(&sample.sim, &gone);
    ck_assert_int_eq(ask(&sample, 0, TREE_X, TREE_Y), SIM_UNDER_WAY);
    ck_assert_int_eq(go_on(&sample, 0, NULL), REFUSAL_NONE);
    ck_assert_uint_eq(world_type_at(&sample.world, cell), rock);
    sim_sample_finish(&sample);
}
END_TEST

/* A thing in a cell with another one that shares it, and one that somebody stands in. */
START_TEST(what_stays_behind_shares_its_cell)
{
    struct sim_sample sample;
    (void)begin(&sample);
    uint32_t grass = type_of(&sample, "grass"), rock = type_of(&sample, "rock");
    struct cell_pos cell = {0, 1};
    sample.catalog->entities[grass].harvest.leaves = (uint16_t)rock;
    struct change kept = sample_cell_change(&sample.world, cell, true);
    struct change tile = sample_entity_change(cell, 5, type_of(&sample, "floor_tile"));
    struct change plant = sample_entity_change(cell, 6, grass);
    sim_change(&sample.sim, &kept);
    sim_change(&sample.sim, &tile);
    sim_change(&sample.sim, &plant);
    ck_assert_int_eq(ask(&sample, 0, 0, 1), REFUSAL_CELL_OCCUPIED);
    tile.entity.type = 0;
    sim_change(&sample.sim, &tile);
    sample.world.actors[0].pos = grid_cell_middle(cell);
    ck_assert_int_eq(ask(&sample, 0, 0, 1), REFUSAL_ACTOR_IN_THE_WAY);
    sample.world.actors[0].pos = grid_cell_middle((struct cell_pos){0, 0});
    ck_assert_int_eq(ask(&sample, 0, 0, 1), SIM_UNDER_WAY);
    ck_assert_int_eq(go_on(&sample, 0, NULL), REFUSAL_NONE);
    ck_assert_uint_eq(world_type_at(&sample.world, cell), rock);
    sim_sample_finish(&sample);
}
END_TEST

enum { HARVESTS = 100000, BONUSES = 4 };

/* What so many trees give a woodcutter of level 10. */
struct tally {
    uint32_t bonus[BONUSES]; /* harvests with so many more than two blocks */
    uint32_t saplings;
};

static struct tally cut_trees(uint64_t seed, uint32_t count)
{
    struct sim_sample sample;
    struct tally tally = {.saplings = 0};
    const struct character *owner = begin(&sample);
    uint32_t wood = type_of(&sample, "wood_block"), sapling = type_of(&sample, "tree_sapling");
    uint32_t axe = type_of(&sample, "axe"), tree = type_of(&sample, "tree");
    static const struct stack nothing = {.type = 0};
    roll_init(&sample.sim, seed);
    sample.catalog->entities[axe].durability = 0;
    give(&sample, 0, "axe", 1);
    struct change kept = sample_cell_change(&sample.world, (struct cell_pos){0, 1}, true);
    sim_change(&sample.sim, &kept);
    struct change master = {.kind = CHANGE_SKILL};
    master.skill = (struct change_skill){
        owner->id, catalog_find_skill_name(sample.catalog, "woodcutting")->skill, 10};
    sim_change(&sample.sim, &master);
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_int_eq(harvest_placed(&sample, tree, 0), REFUSAL_NONE);
        uint32_t blocks = bag_count(&sample.sim, owner, wood);
        ck_assert(blocks >= 2 && blocks < 2 + BONUSES);
        tally.bonus[blocks - 2]++;
        tally.saplings += bag_count(&sample.sim, owner, sapling);
        for (uint32_t slot = 1; slot < sample.world.slots_max; slot++)
            bag_put(&sample.sim, owner, slot, &nothing);
    }
    sim_sample_finish(&sample);
    return tally;
}

static double part(uint32_t seen, double expected)
{
    return ((double)seen - expected) * ((double)seen - expected) / expected;
}

/* Pearson's chi-squared against the table of content, at one in a thousand. */
START_TEST(a_hundred_thousand_harvests_hold_the_table)
{
    static const double chances[BONUSES] = {0.504, 0.398, 0.092, 0.006}; /* of 0.1, 0.2 and 0.3 */
    uint32_t count = TESTING_ROUNDS(HARVESTS);
    struct tally tally = cut_trees(SEED, count);
    double sum = 0;
    for (uint32_t i = 0; i < BONUSES; i++)
        sum += part(tally.bonus[i], chances[i] * count);
    ck_assert_double_lt(sum, 16.27); /* 3 degrees of freedom */
    sum = part(tally.saplings, 0.1 * count) + part(count - tally.saplings, 0.9 * count);
    ck_assert_double_lt(sum, 10.83); /* 1 degree of freedom */
}
END_TEST

START_TEST(the_rule_seed_decides)
{
    struct tally once = cut_trees(1, 500), again = cut_trees(1, 500), other = cut_trees(2, 500);
    ck_assert_mem_eq(&once, &again, sizeof once);
    ck_assert_mem_ne(&once, &other, sizeof once);
}
END_TEST

TESTING_MAIN("harvest", a_tree_needs_an_axe_and_time, walking_ends_it, the_first_to_finish_gets_it,
             a_thing_put_in_its_place_is_not_it, the_largest_yield_must_fit_at_both_ends,
             too_far_or_nothing_to_get_is_refused, a_tool_breaks_at_its_last_use,
             of_several_tools_one_breaks, a_look_does_not_end_the_work_of_others,
             where_nothing_comes_the_thing_stays, intact_things_keep_their_look,
             a_structure_is_harvested_whole, something_stays_behind, what_stays_behind_needs_room,
             what_stays_behind_shares_its_cell, a_hundred_thousand_harvests_hold_the_table,
             the_rule_seed_decides)
