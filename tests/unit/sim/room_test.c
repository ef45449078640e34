#include "sim/room.h"

#include "testing.h"

#include "sim_sample.h"

static enum refusal room_for(const struct sim_sample *sample, uint32_t type, int32_t x, int32_t y)
{
    struct change change = room_structure(sample->catalog, type, (struct cell_pos){x, y});
    return room_for_structure(&sample->world, &change, (struct entity_id){0});
}

START_TEST(a_new_structure_has_the_measures_of_content)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct change change = room_structure(sample.catalog, SAMPLE_SHED, (struct cell_pos){-7, 8});
    ck_assert_uint_eq(change.structure.width, 3);
    ck_assert_uint_eq(change.structure.height, 2);
    ck_assert_uint_eq(change.structure.left, 1);
    ck_assert_uint_eq(change.structure.top, 0);
    ck_assert_uint_eq(change.structure.type, SAMPLE_SHED);
    ck_assert_uint_eq(change.structure.is_there, 1);
    ck_assert_uint_eq(change.structure.id.value, 0);
    ck_assert(grid_is_same_cell(change.structure.cell, (struct cell_pos){-7, 8}));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(a_cell_is_free_for_what_shares_it)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct cell_pos cell = {1, 1};
    struct entity_def *sign = &sample.catalog->entities[SAMPLE_SIGN];
    sign->shares[sign->share_count++] = SAMPLE_BLOCK;
    ck_assert(room_is_free(&sample.world, cell, SAMPLE_BLOCK));
    sim_sample_lay(&sample, cell, TERRAIN_GRASSLAND, NATURAL_GRASS);
    ck_assert(!room_is_free(&sample.world, cell, SAMPLE_SIGN));
    sim_sample_lay(&sample, cell, TERRAIN_GRASSLAND, NATURAL_NONE);
    struct change first = sample_entity_change(cell, 5, SAMPLE_SIGN);
    world_apply(&sample.world, &first);
    ck_assert(room_is_free(&sample.world, cell, SAMPLE_BLOCK)); /* the sign names the block */
    ck_assert(!room_is_free(&sample.world, cell, SAMPLE_SIGN));
    ck_assert(!room_is_free(&sample.world, cell, SAMPLE_TREE));
    ck_assert(room_is_free_but(&sample.world, cell, SAMPLE_TREE, (struct entity_id){5}));
    ck_assert(!room_is_free_but(&sample.world, cell, SAMPLE_TREE, (struct entity_id){6}));
    struct change second = sample_entity_change(cell, 6, SAMPLE_BLOCK);
    world_apply(&sample.world, &second);
    ck_assert(!room_is_free(&sample.world, cell, SAMPLE_SIGN));
    ck_assert(!room_is_free(&sample.world, cell, SAMPLE_BLOCK));
    ck_assert(!room_is_free_but(&sample.world, cell, SAMPLE_TREE, (struct entity_id){5}));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(an_actor_is_in_all_cells_that_it_touches)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct world_pos *pos = &sample.world.actors[0].pos;
    *pos = grid_cell_corner((struct cell_pos){0, 0}); /* between four cells */
    for (int32_t i = 0; i < 4; i++)
        ck_assert(room_has_actor(&sample.world, (struct cell_pos){-(i % 2), -(i / 2)}));
    ck_assert(!room_has_actor(&sample.world, (struct cell_pos){1, 0}));
    sample.world.actors[0].is_present = false;
    ck_assert(!room_has_actor(&sample.world, (struct cell_pos){0, 0}));
    sim_sample_finish(&sample);
}
END_TEST

/* A growing thing's own cell is no obstacle to what it becomes. */
START_TEST(the_entity_that_goes_is_not_in_the_way)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct change sign = sample_entity_change((struct cell_pos){5, 5}, 77, SAMPLE_SIGN);
    struct change shed = room_structure(sample.catalog, SAMPLE_SHED, (struct cell_pos){4, 5});
    world_apply(&sample.world, &sign);
    ck_assert_int_eq(room_for_structure(&sample.world, &shed, (struct entity_id){0}),
                     REFUSAL_CELL_OCCUPIED);
    ck_assert_int_eq(room_for_structure(&sample.world, &shed, (struct entity_id){77}),
                     REFUSAL_NONE);
    sign.entity.id.value = 78;
    world_apply(&sample.world, &sign);
    ck_assert_int_eq(room_for_structure(&sample.world, &shed, (struct entity_id){77}),
                     REFUSAL_CELL_OCCUPIED);
    sim_sample_finish(&sample);
}
END_TEST

/* Signs, one on the other, as many as are missing to the weight. */
static void fill(struct sim_sample *sample, struct chunk_pos pos, uint32_t weight)
{
    static uint64_t id = 1000;
    const struct chunk *chunk = world_find_chunk(&sample->world, pos);
    for (uint32_t i = 0; world_weight(chunk) < weight; i++) {
        struct cell_pos cell = grid_cell_at(pos, GRID_CHUNK_AREA / 4 + i % (GRID_CHUNK_AREA / 2));
        struct change change = sample_entity_change(cell, id++, SAMPLE_SIGN);
        world_apply(&sample->world, &change);
    }
}

START_TEST(each_chunk_has_its_limit)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct cell_pos cell = {3, 3};
    fill(&sample, (struct chunk_pos){0, 0}, WORLD_CHUNK_ENTITIES_MAX - 2);
    ck_assert_int_eq(room_for(&sample, SAMPLE_SHED, 3, 3), REFUSAL_NONE);
    ck_assert(room_for_pile(&sample.world, cell) && room_for_entity(&sample.world, cell));
    fill(&sample, (struct chunk_pos){0, 0}, WORLD_CHUNK_ENTITIES_MAX - 1);
    ck_assert_int_eq(room_for(&sample, SAMPLE_SHED, 3, 3), REFUSAL_WORLD_FULL);
    ck_assert_int_eq(room_for(&sample, SAMPLE_SHED, 0, 3), REFUSAL_WORLD_FULL); /* in two */
    ck_assert_int_eq(room_for(&sample, SAMPLE_SHED, -9, 3), REFUSAL_NONE);
    ck_assert(!room_for_pile(&sample.world, cell) && room_for_entity(&sample.world, cell));
    fill(&sample, (struct chunk_pos){0, 0}, WORLD_CHUNK_ENTITIES_MAX);
    ck_assert(!room_for_entity(&sample.world, cell));
    ck_assert(room_for_entity(&sample.world, (struct cell_pos){-1, 0}));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(structures_have_a_limit_of_their_own)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct entity_def *hall = &sample.catalog->entities[SAMPLE_HALL];
    hall->footprint = (struct footprint_def){1, 1, 0, 0, 1};
    sample.world.actors[0].is_present = false;
    for (uint32_t i = 0; i < WORLD_CHUNK_STRUCTURES_MAX; i++) {
        ck_assert_int_eq(room_for(&sample, SAMPLE_SHED, -9, -9), REFUSAL_NONE);
        struct change one = room_structure(sample.catalog, SAMPLE_HALL,
                                           grid_cell_at((struct chunk_pos){-1, -1}, i));
        one.structure.id.value = i + 1;
        world_apply(&sample.world, &one);
    }
    ck_assert_int_eq(room_for(&sample, SAMPLE_SHED, -9, -9), REFUSAL_WORLD_FULL);
    ck_assert_int_eq(room_for(&sample, SAMPLE_SHED, -1, -1), REFUSAL_WORLD_FULL); /* in four */
    ck_assert_int_eq(room_for(&sample, SAMPLE_SHED, 1, 1), REFUSAL_NONE);
    for (uint32_t i = 0; i < WORLD_CHUNK_STRUCTURES_MAX - 1; i++) {
        struct change one =
            room_structure(sample.catalog, SAMPLE_HALL, grid_cell_at((struct chunk_pos){0, -1}, i));
        one.structure.id.value = 5000 + i;
        world_apply(&sample.world, &one);
    }
    /* one place is left in memory, for one chunk but not for two */
    ck_assert_uint_eq(sample.world.structure_pool.capacity - sample.world.structure_pool.used, 1);
    ck_assert_int_eq(room_for(&sample, SAMPLE_SHED, 9, 9), REFUSAL_NONE);
    ck_assert_int_eq(room_for(&sample, SAMPLE_SHED, 0, 9), REFUSAL_WORLD_FULL);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("room", a_new_structure_has_the_measures_of_content, a_cell_is_free_for_what_shares_it,
             an_actor_is_in_all_cells_that_it_touches, the_entity_that_goes_is_not_in_the_way,
             each_chunk_has_its_limit, structures_have_a_limit_of_their_own)
