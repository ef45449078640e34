#include "sim/build.h"

#include "testing.h"

#include "sim_sample.h"

enum { FAR_PX = 2000, BLOCKS = 4, SIGNS = 1 /* what the shed costs */ };

/* Actor 0 stands aside and reaches far; it pays for what it builds. */
static void begin(struct sim_sample *sample)
{
    sim_sample_make(sample);
    sample->sim.rules.reach_px = FAR_PX;
    sample->sim.rules.is_building_free = false;
    sample->world.actors[0].pos = grid_cell_middle((struct cell_pos){9, 9});
}

static void stock_sheds(struct sim_sample *sample, uint32_t actor, uint32_t count)
{
    sim_sample_stock(sample, actor, SAMPLE_BLOCK, BLOCKS * count);
    sim_sample_stock(sample, actor, SAMPLE_SIGN, SIGNS * count);
}

static enum refusal build_as(struct sim_sample *sample, uint32_t actor, uint32_t type, int32_t x,
                             int32_t y)
{
    struct intent intent = {.kind = INTENT_BUILD};
    intent.build = (struct intent_build){type, {x, y}};
    return sim_sample_decide(sample, actor, &intent);
}

/* The structure stands in all cells of the area, whole in each of the chunks, and in no other. */
static void expect_whole(const struct sim_sample *sample, const struct change *built)
{
    struct cell_area area;
    struct chunk_pos chunks[CHANGE_CHUNKS_MAX];
    ck_assert(change_area(built, &area));
    for (int32_t y = area.least.y - 1; y <= area.most.y + 1; y++) {
        for (int32_t x = area.least.x - 1; x <= area.most.x + 1; x++) {
            struct cell_pos cell = {x, y};
            const struct structure *structure = world_structure_at(&sample->world, cell);
            ck_assert_int_eq(structure != NULL, grid_area_has(area, cell));
            if (structure == NULL)
                continue;
            struct change known = world_structure_change(structure);
            ck_assert(schema_is_equal(change_schema(CHANGE_STRUCTURE), &known.structure,
                                      &built->structure));
        }
    }
    struct hash128 sum = {0, 0};
    uint32_t count = change_chunks(built, chunks);
    for (uint32_t i = 0; i < count; i++) {
        const struct chunk *chunk = world_find_chunk(&sample->world, chunks[i]);
        ck_assert_uint_eq(chunk->structure_count, 1);
        ck_assert(hash_is_equal(chunk->hash, change_hash(built)));
        sum = hash_add(sum, chunk->hash);
    }
    ck_assert_uint_eq(sample->world.structure_pool.used, count);
    ck_assert(hash_is_equal(sample->world.hash, sum));
}

/* A hall in the cells -2..1, named by any one of them: its primary cell is in each quadrant. */
START_TEST(it_stands_whole_in_all_four_chunks)
{
    struct sim_sample sample;
    begin(&sample);
    struct entity_def *hall = &sample.catalog->entities[SAMPLE_HALL];
    hall->is_removable = true;
    for (uint8_t i = 0; i < 16; i++) {
        hall->footprint.primary_x = i % 4;
        hall->footprint.primary_y = i / 4;
        sim_sample_next_tick(&sample);
        ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_HALL, i % 4 - 2, i / 4 - 2),
                         REFUSAL_NONE);
        struct change built = sample.sim.log[0];
        ck_assert_uint_eq(sample.sim.log_count, 1);
        ck_assert_int_eq(built.kind, CHANGE_STRUCTURE);
        ck_assert_uint_eq(built.structure.placer.value, 1);
        expect_whole(&sample, &built);
        ck_assert(world_is_solid(&sample.world, (struct cell_pos){-2, -2}));
        ck_assert(world_is_solid(&sample.world, (struct cell_pos){1, 1}));
        sim_seal(&sample.sim);
        ck_assert_uint_eq(sample.sim.log_count, 1 + 4);
        sim_sample_next_tick(&sample);
        ck_assert_int_eq(sim_sample_unbuild(&sample, i / 4 - 2, i % 4 - 2), REFUSAL_NONE);
        ck_assert_uint_eq(sample.world.structure_pool.used, 0);
        ck_assert(hash_is_equal(sample.world.hash, (struct hash128){0, 0}));
        for (uint32_t cell = 0; cell < 16; cell++) {
            struct cell_pos pos = {(int32_t)(cell % 4) - 2, (int32_t)(cell / 4) - 2};
            ck_assert(!world_is_solid(&sample.world, pos));
            ck_assert_ptr_null(world_structure_at(&sample.world, pos));
        }
    }
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(one_walks_through_its_door)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    /* actor 0 stands in the door while the shed is built around it */
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_NONE);
    for (int32_t y = 0; y < 2; y++) {
        for (int32_t x = -1; x < 2; x++)
            ck_assert_int_eq(world_is_solid(&sample.world, (struct cell_pos){x, y}),
                             x != 0 || y != 0);
    }
    ck_assert_uint_eq(world_type_at(&sample.world, (struct cell_pos){-1, 1}), SAMPLE_SHED);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(it_costs_exactly_what_it_costs)
{
    struct sim_sample sample;
    begin(&sample);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 105); /* in two slots */
    sim_sample_stock(&sample, 0, SAMPLE_SIGN, 3);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_BLOCK), 101);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_SIGN), 2);
    ck_assert_int_eq(sim_sample_unbuild(&sample, 1, 1), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_BLOCK), 105);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_SIGN), 3);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_remove(&sample, -1, 0), REFUSAL_NONE); /* the other verb */
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_BLOCK), 105);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_SIGN), 3);
    ck_assert_uint_eq(sample.world.structure_pool.used, 0);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(who_builds_freely_pays_and_gets_nothing)
{
    struct sim_sample sample;
    begin(&sample);
    world_find_character(&sample.world, (struct character_id){1})->roles = ROLE_BUILDER;
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_unbuild(&sample, 0, 0), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_BLOCK), 0);
    /* what somebody else has paid for is lost to a builder */
    sim_sample_join(&sample, 1, (struct cell_pos){9, 8}, "other");
    stock_sheds(&sample, 1, 1);
    ck_assert_int_eq(build_as(&sample, 1, SAMPLE_SHED, 0, 0), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 1, SAMPLE_BLOCK), 0);
    ck_assert_int_eq(sim_sample_unbuild(&sample, 0, 0), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_BLOCK), 0);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(missing_items_are_named)
{
    struct sim_sample sample;
    begin(&sample);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, BLOCKS - 1);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_ITEMS_MISSING);
    ck_assert_uint_eq(sample.sim.missing, SAMPLE_BLOCK);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 1);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_ITEMS_MISSING);
    ck_assert_uint_eq(sample.sim.missing, SAMPLE_SIGN);
    sim_sample_stock(&sample, 0, SAMPLE_SIGN, 1);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

/* One block a slot: a shed that costs as many as an intent may change slots, and one more. */
START_TEST(a_scattered_bag_is_refused)
{
    struct sim_sample sample;
    sim_sample_make_bags(&sample, sample_catalog_make(), 64);
    struct entity_def *hall = &sample.catalog->entities[SAMPLE_HALL];
    sample.sim.rules.is_building_free = false;
    sample.world.actors[0].pos = grid_cell_middle((struct cell_pos){-1, -1});
    for (uint32_t slot = 0; slot < 60; slot++)
        bag_put(&sample.sim, bag_owner(&sample.sim, 0), slot,
                &(struct stack){.type = SAMPLE_BLOCK, .quantity = 1});
    sim_sample_next_tick(&sample);
    hall->costs[0] = (struct item_count){SAMPLE_BLOCK, BAG_SLOTS_MAX + 1};
    hall->cost_count = 1;
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_HALL, 0, 0), REFUSAL_BAG_SCATTERED);
    hall->costs[0].count = BAG_SLOTS_MAX;
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_HALL, 0, 0), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_BLOCK), 60 - BAG_SLOTS_MAX);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(two_who_build_on_one_cell_in_one_tick)
{
    struct sim_sample sample;
    begin(&sample);
    sim_sample_join(&sample, 1, (struct cell_pos){9, 8}, "other");
    stock_sheds(&sample, 0, 1);
    stock_sheds(&sample, 1, 2);
    ck_assert_int_eq(build_as(&sample, 0, SAMPLE_SHED, 0, 0), REFUSAL_NONE);
    ck_assert_int_eq(build_as(&sample, 1, SAMPLE_SHED, 2, 1), REFUSAL_CELL_OCCUPIED);
    ck_assert_int_eq(build_as(&sample, 1, SAMPLE_SHED, 0, 0), REFUSAL_CELL_OCCUPIED);
    ck_assert_uint_eq(sim_sample_has(&sample, 1, SAMPLE_BLOCK), 2 * BLOCKS);
    ck_assert_int_eq(build_as(&sample, 1, SAMPLE_SHED, 3, 1), REFUSAL_NONE); /* beside it */
    ck_assert_int_eq(build_as(&sample, 1, SAMPLE_SHED, 0, 2), REFUSAL_NONE); /* below it */
    ck_assert_uint_eq(sim_sample_has(&sample, 1, SAMPLE_BLOCK), 0);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(what_may_share_a_cell_does)
{
    struct sim_sample sample;
    begin(&sample);
    struct entity_def *sign = &sample.catalog->entities[SAMPLE_SIGN];
    sample.sim.rules.is_building_free = true;
    sign->shares[sign->share_count++] = SAMPLE_SHED;
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, -1, -1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, -1, -1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 0, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, -2, 0), REFUSAL_CELL_OCCUPIED);
    ck_assert_uint_eq(world_type_at(&sample.world, (struct cell_pos){0, 0}), SAMPLE_SIGN);
    /* what stands on top goes first, and a structure can be meant in spite of it */
    ck_assert_int_eq(sim_sample_remove(&sample, 0, 0), REFUSAL_NONE);
    ck_assert_uint_eq(world_type_at(&sample.world, (struct cell_pos){0, 0}), SAMPLE_SHED);
    ck_assert(world_is_solid(&sample.world, (struct cell_pos){0, 0}));
    ck_assert_int_eq(sim_sample_unbuild(&sample, -1, -1), REFUSAL_NONE);
    ck_assert_uint_eq(world_type_at(&sample.world, (struct cell_pos){-1, -1}), SAMPLE_SIGN);
    ck_assert_uint_eq(world_type_at(&sample.world, (struct cell_pos){0, 0}), 0);
    ck_assert_uint_eq(sample.world.structure_pool.used, 0);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(ground_and_types_that_do_not_do)
{
    struct sim_sample sample;
    begin(&sample);
    stock_sheds(&sample, 0, 1);
    ck_assert_int_eq(sim_sample_build(&sample, 4, 0, 0), REFUSAL_UNKNOWN_TYPE);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_BLOCK, 0, 0), REFUSAL_NOT_PLACEABLE);
    sample.catalog->entities[SAMPLE_HALL].is_placeable = false;
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_HALL, 0, 0), REFUSAL_NOT_PLACEABLE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SHED, 0, 0), REFUSAL_NOT_PLACEABLE);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 9, 9 + FAR_PX / 32 + 2),
                     REFUSAL_OUT_OF_REACH);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, GRID_CELL_MAX + 1, 0),
                     REFUSAL_OUT_OF_WORLD);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 64, 0), REFUSAL_CHUNK_LOADING);
    sim_sample_lay(&sample, (struct cell_pos){1, 1}, TERRAIN_WATER, NATURAL_NONE);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_NOT_BUILDABLE);
    sim_sample_lay(&sample, (struct cell_pos){1, 1}, TERRAIN_GRASSLAND, NATURAL_GRASS);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_CELL_OCCUPIED);
    sim_sample_lay(&sample, (struct cell_pos){1, 1}, TERRAIN_GRASSLAND, NATURAL_NONE);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 8, 9), REFUSAL_ACTOR_IN_THE_WAY);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(at_the_edge_of_the_world)
{
    struct sim_sample sample;
    begin(&sample);
    stock_sheds(&sample, 0, 1);
    sim_sample_chunk(&sample, GRID_CHUNK_MIN, 0);
    sample.world.actors[0].pos = grid_cell_middle((struct cell_pos){GRID_CELL_MIN + 9, 9});
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, GRID_CELL_MIN, 0),
                     REFUSAL_OUT_OF_WORLD);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, GRID_CELL_MIN + 1, 0), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

/* All chunks that it touches must be there, to build and to take down. */
START_TEST(no_chunk_may_be_missing)
{
    struct sim_sample sample;
    begin(&sample);
    sample.sim.rules.is_building_free = true;
    for (int32_t i = 0; i < 4; i++) {
        struct chunk_pos pos = {-(i % 2), -(i / 2)};
        world_remove_chunk(&sample.world, world_find_chunk(&sample.world, pos));
        ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, -1), REFUSAL_CHUNK_LOADING);
        sim_sample_chunk(&sample, pos.x, pos.y);
    }
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, -1), REFUSAL_NONE);
    struct change built = sample.sim.log[0];
    for (int32_t i = 0; i < 4; i++) {
        struct chunk_pos pos = {-(i % 2), -(i / 2)};
        struct cell_pos from = {i % 2 == 0 ? -1 : 0, i / 2 == 0 ? -1 : 0}; /* another chunk's */
        world_remove_chunk(&sample.world, world_find_chunk(&sample.world, pos));
        ck_assert_int_eq(sim_sample_unbuild(&sample, from.x, from.y), REFUSAL_CHUNK_LOADING);
        ck_assert_int_eq(sim_sample_remove(&sample, from.x, from.y), REFUSAL_CHUNK_LOADING);
        ck_assert_int_eq(sim_sample_modify(&sample, from.x, from.y, 99), REFUSAL_CHUNK_LOADING);
        sim_sample_chunk(&sample, pos.x, pos.y);
        world_load(&sample.world, world_find_chunk(&sample.world, pos), &built);
    }
    expect_whole(&sample, &built);
    ck_assert_int_eq(sim_sample_unbuild(&sample, 1, 0), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(what_cannot_be_taken_down)
{
    struct sim_sample sample;
    begin(&sample);
    stock_sheds(&sample, 0, 1);
    ck_assert_int_eq(sim_sample_unbuild(&sample, 0, 0), REFUSAL_NOT_BUILT);
    ck_assert_int_eq(sim_sample_unbuild(&sample, 9, 99), REFUSAL_OUT_OF_REACH);
    ck_assert_int_eq(sim_sample_unbuild(&sample, 64, 0), REFUSAL_CHUNK_LOADING);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_HALL, -4, -4), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_unbuild(&sample, -1, -1), REFUSAL_NOT_REMOVABLE);
    ck_assert_int_eq(sim_sample_remove(&sample, -1, -1), REFUSAL_NOT_REMOVABLE);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_NONE);
    sim_sample_stock(&sample, 0, SAMPLE_ROCK, 9 * 99);
    /* the blocks have a slot to go to, the sign has none */
    ck_assert_int_eq(sim_sample_unbuild(&sample, 0, 0), REFUSAL_BAG_FULL);
    ck_assert_int_eq(sim_sample_remove(&sample, 0, 0), REFUSAL_BAG_FULL);
    bag_take(&sample.sim, bag_owner(&sample.sim, 0), 3, 99);
    ck_assert_int_eq(sim_sample_unbuild(&sample, 0, 0), REFUSAL_NONE);
    sample.sim.is_read_only = true;
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, 0), REFUSAL_WORLD_READ_ONLY);
    sim_sample_finish(&sample);
}
END_TEST

/* Room in the log is kept for the mark of each chunk that a structure touches. */
START_TEST(each_chunk_counts_in_the_log)
{
    struct sim_sample sample;
    begin(&sample);
    struct entity_def *shed = &sample.catalog->entities[SAMPLE_SHED];
    sample.sim.rules.is_building_free = true;
    sample.sim.rules.reach_px = UINT32_MAX;
    sim_finish(&sample.sim);
    struct sim_rules rules = {.reach_px = UINT32_MAX, .is_building_free = true, .tick_hz = 20};
    sim_init(&sample.sim, &sample.world, 2 * SIM_CHANGES_PER_INTENT_MAX + 8, 2048);
    sample.sim.rules = rules;
    shed->footprint.primary_y = 1;
    for (int32_t i = 0; i < 12; i++) /* three corners, each of four chunks of its own */
        sim_sample_chunk(&sample, 10 + i % 6, i / 6);
    sim_begin(&sample.sim, 9, 9);
    uint32_t built = 0;
    for (int32_t i = 0; i < 3 && sim_has_room(&sample.sim); i++, built++)
        ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, (11 + 2 * i) * 64, 64),
                         REFUSAL_NONE);
    ck_assert_uint_gt(built, 0);
    ck_assert_uint_lt(built, 3);
    sim_seal(&sample.sim);
    ck_assert_uint_eq(sample.sim.log_count, built * 5);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("build", it_stands_whole_in_all_four_chunks, one_walks_through_its_door,
             it_costs_exactly_what_it_costs, who_builds_freely_pays_and_gets_nothing,
             missing_items_are_named, a_scattered_bag_is_refused,
             two_who_build_on_one_cell_in_one_tick, what_may_share_a_cell_does,
             ground_and_types_that_do_not_do, at_the_edge_of_the_world, no_chunk_may_be_missing,
             what_cannot_be_taken_down, each_chunk_counts_in_the_log)
