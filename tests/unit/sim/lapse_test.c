#include "sim/lapse.h"

#include "testing.h"

#include "sim_sample.h"
#include "world/world_catalog.h"

enum {
    HZ = 20,
    SAPLING = SAMPLE_SIGN, /* becomes a tree after 3 s */
    SEED = SAMPLE_GRASS,   /* becomes a sapling after 2 s */
    ACORN = SAMPLE_LAST,   /* becomes a hall after 1 s */
    RETRY_TICKS = 5 * HZ,  /* how long what has no room waits at most */
    SWEEP_TICKS = 2 * 64,  /* places for image configurations and pictures: one is seen a tick */
};

static void begin(struct sim_sample *sample)
{
    sim_sample_make(sample);
    sample->catalog->entities[SAPLING].growth = (struct growth_def){SAMPLE_TREE, 3};
    sample->catalog->entities[SEED].growth = (struct growth_def){SAPLING, 2};
    sample->catalog->entities[ACORN].growth = (struct growth_def){SAMPLE_HALL, 1};
    sample->catalog->entities[SAMPLE_BLOCK].lies_s = 4;
    sample->sim.rules.reach_px = 1000;
}

static uint16_t type_at(const struct sim_sample *sample, int32_t x, int32_t y)
{
    return world_type_at(&sample->world, (struct cell_pos){x, y});
}

static struct change change_at(const struct sim_sample *sample, int32_t x, int32_t y)
{
    return world_entity_change(world_first_entity(&sample->world, (struct cell_pos){x, y}));
}

START_TEST(a_sapling_becomes_a_tree_in_its_time)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SAPLING, 1, 0), REFUSAL_NONE);
    struct change placed = change_at(&sample, 1, 0);
    ck_assert_uint_eq(placed.entity.until, sample.sim.tick + 3 * HZ);
    sim_sample_pass(&sample, 3 * HZ - 1);
    ck_assert_uint_eq(type_at(&sample, 1, 0), SAPLING);
    ck_assert_uint_eq(sample.sim.log_count, 0);
    sim_sample_pass(&sample, 1);
    ck_assert_uint_eq(sample.sim.log_count, 1);
    struct change grown = change_at(&sample, 1, 0);
    placed.entity.type = SAMPLE_TREE;
    placed.entity.until = 0;
    ck_assert(schema_is_equal(change_schema(CHANGE_ENTITY), &grown.entity, &placed.entity));
    ck_assert(world_is_solid(&sample.world, (struct cell_pos){1, 0}));
    sim_sample_pass(&sample, RETRY_TICKS);
    ck_assert_uint_eq(sample.sim.log_count, 0);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(it_waits_while_somebody_stands_there)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SEED, 0, 0), REFUSAL_NONE);
    uint64_t placed = sample.sim.tick;
    sim_sample_pass(&sample, 2 * HZ);
    ck_assert_uint_eq(type_at(&sample, 0, 0), SAPLING); /* one can stand in it */
    sim_sample_pass(&sample, 10 * HZ);
    ck_assert_uint_eq(type_at(&sample, 0, 0), SAPLING);
    ck_assert_uint_eq(change_at(&sample, 0, 0).entity.until, placed + 5 * HZ);
    sample.world.actors[0].pos = grid_cell_middle((struct cell_pos){2, 2});
    sim_sample_pass(&sample, RETRY_TICKS);
    ck_assert_uint_eq(type_at(&sample, 0, 0), SAMPLE_TREE);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(it_waits_for_what_does_not_share_its_cell)
{
    struct sim_sample sample;
    begin(&sample);
    struct entity_def *sapling = &sample.catalog->entities[SAPLING];
    sapling->shares[sapling->share_count++] = SAMPLE_BLOCK;
    sample.catalog->entities[SAMPLE_BLOCK].is_solid = false;
    ck_assert_int_eq(sim_sample_place(&sample, SAPLING, 1, 1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 1), REFUSAL_NONE);
    sim_sample_pass(&sample, 4 * HZ);
    ck_assert_uint_eq(sample.world.entity_pool.used, 2);
    ck_assert(!world_is_solid(&sample.world, (struct cell_pos){1, 1}));
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 1), REFUSAL_NONE); /* the newer one */
    sim_sample_pass(&sample, RETRY_TICKS);
    ck_assert_uint_eq(type_at(&sample, 1, 1), SAMPLE_TREE);
    sim_sample_finish(&sample);
}
END_TEST

/* What is in a chunk goes, and comes back as it was; time has passed meanwhile. */
static void sleep_chunk(struct sim_sample *sample, uint64_t ticks)
{
    struct change changes[8];
    uint32_t count = 0;
    struct chunk *chunk = world_find_chunk(&sample->world, (struct chunk_pos){0, 0});
    for (uint32_t row = 0; row < GRID_CHUNK_CELLS; row++) {
        for (uint32_t i = chunk->rows[row]; i != WORLD_NONE; i = sample->world.entities[i].next)
            changes[count++] = world_entity_change(&sample->world.entities[i]);
    }
    for (uint32_t i = chunk->piles; i != WORLD_NONE; i = sample->world.piles[i].next)
        changes[count++] = world_pile_change(&sample->world.piles[i]);
    sim_seal(&sample->sim);
    world_remove_chunk(&sample->world, chunk);
    sim_sample_chunk(sample, 0, 0);
    chunk = world_find_chunk(&sample->world, (struct chunk_pos){0, 0});
    for (uint32_t i = 0; i < count; i++) {
        struct cell_pos cell = change_cell(&changes[i]);
        struct change kept = sample_cell_change(&sample->world, cell, true);
        if (changes[i].kind == CHANGE_ENTITY && !world_is_kept(&sample->world, cell))
            world_load(&sample->world, chunk, &kept);
        world_load(&sample->world, chunk, &changes[i]);
    }
    sim_begin(&sample->sim, sample->sim.tick + ticks, sample->sim.seq + 1);
}

START_TEST(a_chunk_that_was_away_catches_up_step_by_step)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SEED, 1, 0), REFUSAL_NONE);
    uint64_t placed = sample.sim.tick;
    sleep_chunk(&sample, 4 * HZ);
    struct hash128 before = sample.world.hash;
    lapse_step(&sample.sim);
    ck_assert_uint_eq(type_at(&sample, 1, 0), SAPLING);
    ck_assert_uint_eq(change_at(&sample, 1, 0).entity.until, placed + 5 * HZ);
    ck_assert(!hash_is_equal(sample.world.hash, before));
    sim_sample_pass(&sample, HZ - 1);
    ck_assert_uint_eq(type_at(&sample, 1, 0), SAPLING);
    sim_sample_pass(&sample, 1);
    ck_assert_uint_eq(type_at(&sample, 1, 0), SAMPLE_TREE);

    ck_assert_int_eq(sim_sample_place(&sample, SEED, 2, 0), REFUSAL_NONE);
    sleep_chunk(&sample, 1000 * HZ);
    sim_sample_pass(&sample, 2); /* both steps are due */
    ck_assert_uint_eq(type_at(&sample, 2, 0), SAMPLE_TREE);
    ck_assert_uint_eq(type_at(&sample, 1, 0), SAMPLE_TREE);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(it_grows_into_a_structure_where_there_is_room)
{
    struct sim_sample sample;
    begin(&sample);
    sample.world.actors[0].pos = grid_cell_middle((struct cell_pos){9, 9});
    ck_assert_int_eq(sim_sample_place(&sample, ACORN, -2, -1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 2), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_modify(&sample, -2, -1, 77), REFUSAL_NONE);
    struct change acorn = change_at(&sample, -2, -1);
    sim_sample_pass(&sample, 2 * HZ);
    ck_assert_uint_eq(type_at(&sample, -2, -1), ACORN); /* the block is in the way */
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 2), REFUSAL_NONE);
    world_remove_chunk(&sample.world, world_find_chunk(&sample.world, (struct chunk_pos){-1, 0}));
    sim_sample_pass(&sample, RETRY_TICKS);
    ck_assert_uint_eq(type_at(&sample, -2, -1), ACORN); /* a chunk is away */
    sim_sample_chunk(&sample, -1, 0);
    for (uint32_t i = 0; i <= RETRY_TICKS && sample.world.structure_pool.used == 0; i++)
        sim_sample_pass(&sample, 1);
    ck_assert_uint_eq(sample.sim.log_count, 3);
    ck_assert_int_eq(sample.sim.log[0].kind, CHANGE_ENTITY);
    ck_assert_uint_eq(sample.sim.log[0].entity.type, 0);
    ck_assert_int_eq(sample.sim.log[1].kind, CHANGE_IMAGE_EDIT);
    ck_assert_uint_eq(sample.sim.log[1].image_edit.thing, acorn.entity.id.value);
    ck_assert_uint_eq(sample.sim.log[1].image_edit.image, 0);
    const struct change_structure *hall = &sample.sim.log[2].structure;
    ck_assert_uint_eq(hall->placer.value, 1);
    ck_assert_uint_eq(hall->image, 0);
    ck_assert_uint_eq(hall->type, SAMPLE_HALL);
    ck_assert_uint_eq(sample.world.structure_pool.used, 4);
    ck_assert_uint_eq(sample.world.entity_pool.used, 0);
    ck_assert_uint_eq(type_at(&sample, 1, 2), SAMPLE_HALL);
    ck_assert_int_eq(sim_sample_uses(&sample, acorn.entity.image), 0);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(no_structure_grows_over_who_stands_there)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, ACORN, -3, -3), REFUSAL_NONE);
    sim_sample_pass(&sample, 2 * HZ);
    ck_assert_uint_eq(type_at(&sample, -3, -3), ACORN);
    sample.world.actors[0].is_present = false;
    sim_sample_pass(&sample, RETRY_TICKS);
    ck_assert_uint_eq(type_at(&sample, 0, 0), SAMPLE_HALL);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(what_does_not_grow_any_more_stays)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SAPLING, 1, 0), REFUSAL_NONE);
    sample.catalog->entities[SAPLING].growth = (struct growth_def){0, 0};
    sim_sample_pass(&sample, 3 * HZ);
    ck_assert_uint_eq(sample.sim.log_count, 1);
    ck_assert_uint_eq(change_at(&sample, 1, 0).entity.until, 0);
    ck_assert_uint_eq(type_at(&sample, 1, 0), SAPLING);
    ck_assert_uint_eq(sample.world.dues[0], WORLD_NEVER);
    sim_sample_pass(&sample, RETRY_TICKS);
    ck_assert_uint_eq(type_at(&sample, 1, 0), SAPLING);
    sim_sample_finish(&sample);
}
END_TEST

/* Content says later that it grows: what stands there, and what comes into memory, begins then. */
START_TEST(what_stands_grows_by_new_content)
{
    struct sim_sample sample;
    begin(&sample);
    struct catalog *old = sample_catalog_make();
    struct catalog *grown = sample.catalog;
    world_set_catalog(&sample.world, old);
    ck_assert_int_eq(sim_sample_place(&sample, SAPLING, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 2, 0), REFUSAL_NONE);
    sim_sample_pass(&sample, 10 * HZ);
    ck_assert_uint_eq(change_at(&sample, 1, 0).entity.until, 0);
    world_set_catalog(&sample.world, grown);
    sim_sample_pass(&sample, 1);
    ck_assert_uint_eq(sample.sim.log_count, 1);
    ck_assert_uint_eq(change_at(&sample, 1, 0).entity.until, sample.sim.tick + 3 * HZ);
    ck_assert_uint_eq(change_at(&sample, 2, 0).entity.until, 0);
    sim_sample_pass(&sample, 3 * HZ);
    ck_assert_uint_eq(type_at(&sample, 1, 0), SAMPLE_TREE);

    world_set_catalog(&sample.world, old);
    ck_assert_int_eq(sim_sample_place(&sample, SAPLING, 1, 1), REFUSAL_NONE);
    struct change change = change_at(&sample, 1, 1);
    sample.world.catalog = grown; /* as after a restart: nothing is in memory yet */
    world_load(&sample.world, world_find_chunk(&sample.world, (struct chunk_pos){0, 0}), &change);
    sim_sample_pass(&sample, 3 * HZ);
    ck_assert_uint_eq(type_at(&sample, 1, 1), SAPLING);
    sim_sample_pass(&sample, 1);
    ck_assert_uint_eq(type_at(&sample, 1, 1), SAMPLE_TREE);
    catalog_destroy(&old);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(a_look_does_not_outlive_what_grew)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SAPLING, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, 99), REFUSAL_NONE);
    struct change sapling = change_at(&sample, 1, 0);
    ck_assert_int_eq(sim_sample_uses(&sample, sapling.entity.image), 1);
    ck_assert_uint_gt(sapling.entity.until, 0); /* it still grows */
    sim_sample_pass(&sample, 3 * HZ);
    ck_assert_uint_eq(change_at(&sample, 1, 0).entity.image, 0);
    ck_assert_int_eq(sim_sample_uses(&sample, sapling.entity.image), 0);
    ck_assert_int_eq(sample.sim.log[1].kind, CHANGE_IMAGE_EDIT);
    ck_assert_uint_eq(sample.sim.log[1].image_edit.thing, sapling.entity.id.value);
    sim_sample_finish(&sample);
}
END_TEST

static enum refusal drop(struct sim_sample *sample, int32_t x, int32_t y)
{
    struct intent intent = {.kind = INTENT_DROP};
    intent.drop = (struct intent_drop){0, 1, {x, y}};
    return sim_sample_decide(sample, 0, &intent);
}

START_TEST(a_pile_is_gone_at_its_tick)
{
    struct sim_sample sample;
    begin(&sample);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 9);
    ck_assert_int_eq(drop(&sample, 1, 0), REFUSAL_NONE);
    sim_sample_pass(&sample, 10);
    ck_assert_int_eq(drop(&sample, 0, 1), REFUSAL_NONE);
    ck_assert_int_eq(drop(&sample, -1, -1), REFUSAL_NONE);
    sim_sample_pass(&sample, 4 * HZ - 11);
    ck_assert_uint_eq(sample.world.pile_pool.used, 3);
    sim_sample_pass(&sample, 1);
    ck_assert_uint_eq(sample.world.pile_pool.used, 2);
    ck_assert_uint_eq(sample.sim.log_count, 1);
    ck_assert_int_eq(sample.sim.log[0].kind, CHANGE_PILE);
    ck_assert_uint_eq(sample.sim.log[0].pile.stack.type, 0);
    ck_assert_ptr_null(world_first_pile(&sample.world, (struct cell_pos){1, 0}));
    sim_sample_pass(&sample, 9);
    ck_assert_uint_eq(sample.world.pile_pool.used, 2);
    sim_sample_pass(&sample, 1);
    ck_assert_uint_eq(sample.world.pile_pool.used, 0);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(a_pile_of_a_chunk_that_was_away_is_gone)
{
    struct sim_sample sample;
    begin(&sample);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 9);
    ck_assert_int_eq(drop(&sample, 1, 0), REFUSAL_NONE);
    sleep_chunk(&sample, 4 * HZ - 1);
    lapse_step(&sample.sim);
    ck_assert_uint_eq(sample.world.pile_pool.used, 1);
    sleep_chunk(&sample, 1000);
    lapse_step(&sample.sim);
    ck_assert_uint_eq(sample.world.pile_pool.used, 0);
    ck_assert_uint_eq(sample.world.dues[0], WORLD_NEVER);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(nothing_happens_while_nothing_can_be_saved)
{
    struct sim_sample sample;
    begin(&sample);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 9);
    ck_assert_int_eq(sim_sample_place(&sample, SAPLING, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(drop(&sample, 1, 1), REFUSAL_NONE);
    sample.sim.is_read_only = true;
    sim_sample_pass(&sample, 10 * HZ);
    sample.sim.is_read_only = false;
    sample.sim.is_store_behind = true;
    sim_sample_pass(&sample, 10 * HZ);
    ck_assert_uint_eq(type_at(&sample, 1, 0), SAPLING);
    ck_assert_uint_eq(sample.world.pile_pool.used, 1);
    sample.sim.is_store_behind = false;
    sim_sample_pass(&sample, 1);
    ck_assert_uint_eq(type_at(&sample, 1, 0), SAMPLE_TREE);
    ck_assert_uint_eq(sample.world.pile_pool.used, 0);
    sim_sample_finish(&sample);
}
END_TEST

/* More than the log takes is done over several ticks, and all of it once. */
START_TEST(much_at_once_takes_several_ticks)
{
    struct sim_sample sample;
    begin(&sample);
    struct change change = {.kind = CHANGE_PILE};
    struct stack stack = {.type = SAMPLE_BLOCK, .quantity = 1};
    for (uint32_t i = 0; i < 1000; i++) {
        struct cell_pos cell = grid_cell_at((struct chunk_pos){-(int32_t)(i % 2), 0}, i);
        change.pile = (struct change_pile){{i + 1}, cell, stack, 50};
        world_apply(&sample.world, &change);
    }
    sim_begin(&sample.sim, 49, 9);
    uint32_t left = 1000, ticks = 0;
    for (; left > 0 && ticks < 100; ticks++) {
        sim_sample_pass(&sample, 1);
        ck_assert_uint_eq(sample.sim.log_count, left - sample.world.pile_pool.used);
        left = sample.world.pile_pool.used;
    }
    ck_assert_uint_gt(ticks, 1);
    ck_assert_uint_eq(left, 0);
    sim_sample_finish(&sample);
}
END_TEST

static void reset(struct sim_sample *sample, int32_t x, int32_t y)
{
    struct intent intent = {.kind = INTENT_RESET};
    intent.reset.cell = (struct cell_pos){x, y};
    ck_assert_int_eq(sim_sample_decide(sample, 0, &intent), REFUSAL_NONE);
}

/* A picture with a look of it on the thing at (1,0): its configuration. */
static uint32_t show_picture(struct sim_sample *sample, struct hash128 id)
{
    struct change image = {.kind = CHANGE_IMAGE};
    struct intent intent = {.kind = INTENT_MODIFY};
    image.image = (struct change_image){id, {(const uint8_t *)"png", 3}, 1, 1, {1}};
    sim_change(&sample->sim, &image);
    ck_assert_int_eq(sim_sample_place(sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    intent.modify = (struct intent_modify){.cell = {1, 0}, .size = 16, .custom = id};
    ck_assert_int_eq(sim_sample_decide(sample, 0, &intent), REFUSAL_NONE);
    return change_at(sample, 1, 0).entity.image;
}

START_TEST(looks_and_then_pictures_are_forgotten)
{
    struct sim_sample sample;
    struct hash128 id = {11, 12};
    begin(&sample);
    uint32_t keep_ticks = sample.sim.rules.image_keep_s * HZ;
    uint32_t config = show_picture(&sample, id);
    sim_sample_pass(&sample, keep_ticks + 2 * SWEEP_TICKS);
    ck_assert_int_eq(sim_sample_uses(&sample, config), 1); /* as long as it is used */
    reset(&sample, 1, 0);
    sim_sample_pass(&sample, keep_ticks - 1);
    ck_assert_int_eq(sim_sample_uses(&sample, config), 0);
    for (uint32_t i = 0; i < 2 * SWEEP_TICKS + 2; i++) {
        sim_sample_pass(&sample, 1);
        if (sample.sim.log_count > 0)
            break;
    }
    ck_assert_int_eq(sample.sim.log[0].kind, CHANGE_IMAGE_CONFIG);
    ck_assert_uint_eq(sample.sim.log[0].image_config.id, config);
    ck_assert_uint_eq(sample.sim.log[0].image_config.size, 0);
    ck_assert_int_eq(sim_sample_uses(&sample, config), -1);
    sim_sample_pass(&sample, keep_ticks - 1);
    ck_assert_ptr_nonnull(images_find(&sample.world.images, id));
    sim_sample_pass(&sample, 2 * SWEEP_TICKS + 2);
    ck_assert_ptr_null(images_find(&sample.world.images, id));
    sim_sample_finish(&sample);
}
END_TEST

/* Its time begins with its last use, also when it was used between two looks only. */
START_TEST(a_look_that_is_used_again_is_kept)
{
    struct sim_sample sample;
    begin(&sample);
    uint32_t keep_ticks = sample.sim.rules.image_keep_s * HZ;
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, 50), REFUSAL_NONE);
        reset(&sample, 1, 0);
        ck_assert_int_eq(sim_sample_uses(&sample, 1), 0);
        sim_sample_pass(&sample, keep_ticks - 1);
    }
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 0);
    sim_sample_pass(&sample, 2 * SWEEP_TICKS + 2);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), -1);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, 50), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 2), 1); /* numbers are not used again */
    sim_sample_finish(&sample);
}
END_TEST

/* One thing that is drawn otherwise again and again takes the room for looks from nobody. */
START_TEST(unused_looks_make_room)
{
    struct sim_sample sample;
    begin(&sample);
    const struct pool *pool = &sample.world.images.config_pool;
    sample.sim.rules.image_keep_s = 86400;
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    uint32_t plenty = pool->capacity / 2;
    for (uint32_t i = 1; i <= plenty; i++)
        ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, 16 * i), REFUSAL_NONE);
    sim_sample_pass(&sample, 10 * SWEEP_TICKS);
    ck_assert_uint_eq(pool->used, plenty);
    for (uint32_t i = plenty + 1; i <= pool->capacity; i++)
        ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, 16 * i), REFUSAL_NONE);
    sim_sample_pass(&sample, 4);
    ck_assert_uint_lt(pool->used, pool->capacity - pool->capacity / 4);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, 8), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, change_at(&sample, 1, 0).entity.image), 1);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(unused_pictures_make_room)
{
    struct sim_sample sample;
    begin(&sample);
    const struct pool *pool = &sample.world.images.image_pool;
    struct change image = {.kind = CHANGE_IMAGE};
    sample.sim.rules.image_keep_s = 86400;
    uint32_t used = show_picture(&sample, (struct hash128){11, 12});
    sample.catalog->entities[SAMPLE_BLOCK].image.custom = (struct hash128){100, 1};
    for (uint64_t i = 1; i < pool->capacity; i++) {
        struct hash128 id = {100, i};
        image.image = (struct change_image){id, {(const uint8_t *)"png", 3}, 1, 1, {1}};
        sim_change(&sample.sim, &image);
    }
    sim_sample_pass(&sample, 50 * HZ);
    ck_assert_uint_eq(pool->used, pool->capacity); /* somebody may be about to use it */
    sim_sample_pass(&sample, 20 * HZ);
    ck_assert_uint_lt(pool->used, pool->capacity - pool->capacity / 4);
    ck_assert_int_eq(sim_sample_uses(&sample, used), 1);
    ck_assert_ptr_nonnull(images_find(&sample.world.images, (struct hash128){11, 12}));
    ck_assert_ptr_nonnull(images_find(&sample.world.images, (struct hash128){100, 1}));
    sim_sample_finish(&sample);
}
END_TEST

/* A forbidden picture that is forgotten stays forbidden. */
START_TEST(a_ban_is_not_forgotten)
{
    struct sim_sample sample;
    struct hash128 id = {11, 12};
    begin(&sample);
    sample.sim.rules.image_keep_s = 1;
    (void)show_picture(&sample, id);
    struct change ban = {.kind = CHANGE_IMAGE_BAN};
    ban.image_ban = (struct change_image_ban){id, 1};
    sim_change(&sample.sim, &ban);
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 0), REFUSAL_NONE);
    sim_sample_pass(&sample, 5 * SWEEP_TICKS);
    const struct image *image = images_find(&sample.world.images, id);
    ck_assert_ptr_nonnull(image);
    ck_assert_uint_eq(image->size_bytes, 0);
    ck_assert(image->is_banned);
    ck_assert_uint_eq(sample.world.images.config_pool.used, 0);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("lapse", a_sapling_becomes_a_tree_in_its_time, it_waits_while_somebody_stands_there,
             it_waits_for_what_does_not_share_its_cell,
             a_chunk_that_was_away_catches_up_step_by_step,
             it_grows_into_a_structure_where_there_is_room,
             no_structure_grows_over_who_stands_there, what_does_not_grow_any_more_stays,
             what_stands_grows_by_new_content, a_look_does_not_outlive_what_grew,
             a_pile_is_gone_at_its_tick, a_pile_of_a_chunk_that_was_away_is_gone,
             nothing_happens_while_nothing_can_be_saved, much_at_once_takes_several_ticks,
             looks_and_then_pictures_are_forgotten, a_look_that_is_used_again_is_kept,
             unused_looks_make_room, unused_pictures_make_room, a_ban_is_not_forgotten)
