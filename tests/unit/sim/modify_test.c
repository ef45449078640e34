#include "sim/modify.h"

#include "testing.h"

#include "sim_sample.h"

enum { SIZE = 77, HZ = 20 };

static enum refusal modify(struct sim_sample *sample, const struct intent_modify *modify)
{
    struct intent intent = {.kind = INTENT_MODIFY, .modify = *modify};
    return sim_sample_decide(sample, 0, &intent);
}

static enum refusal reset(struct sim_sample *sample, int32_t x, int32_t y)
{
    struct intent intent = {.kind = INTENT_RESET};
    intent.reset.cell = (struct cell_pos){x, y};
    return sim_sample_decide(sample, 0, &intent);
}

static uint32_t image_at(const struct sim_sample *sample, int32_t x, int32_t y)
{
    const struct entity *entity = world_first_entity(&sample->world, (struct cell_pos){x, y});
    return entity == NULL ? 0 : entity->image;
}

static void expect_edit(const struct change *edit, uint64_t thing, uint32_t image)
{
    ck_assert_int_eq(edit->kind, CHANGE_IMAGE_EDIT);
    ck_assert_uint_eq(edit->image_edit.thing, thing);
    ck_assert_uint_eq(edit->image_edit.image, image);
}

START_TEST(things_that_look_alike_share_one_configuration)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 0, 1), REFUSAL_NONE);
    uint64_t block = world_first_entity(&sample.world, (struct cell_pos){1, 0})->id.value;
    sim_sample_next_tick(&sample);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, SIZE), REFUSAL_NONE);
    const struct change *log = sample.sim.log;
    ck_assert_uint_eq(sample.sim.log_count, 3);
    ck_assert_int_eq(log[0].kind, CHANGE_IMAGE_CONFIG);
    ck_assert_uint_eq(log[0].image_config.id, 1);
    ck_assert_uint_eq(log[0].image_config.size, SIZE);
    ck_assert_int_eq(log[1].kind, CHANGE_ENTITY);
    ck_assert_uint_eq(log[1].entity.image, 1);
    expect_edit(&log[2], block, 1);
    ck_assert_int_eq(log[2].image_edit.by_kind, EDITOR_PLAYER);
    ck_assert_uint_eq(log[2].image_edit.by, 1);
    ck_assert_uint_eq(log[2].image_edit.tick, sample.sim.tick);
    ck_assert_int_eq(sim_sample_modify(&sample, 0, 1, SIZE), REFUSAL_NONE);
    ck_assert_uint_eq(sample.sim.log_count, 5); /* ENTITY, IMAGE_EDIT */
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 2);
    ck_assert_int_eq(sim_sample_modify(&sample, 0, 1, SIZE), REFUSAL_NOT_CHANGED);
    ck_assert_int_eq(sim_sample_modify(&sample, 0, 1, SIZE + 1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 1);
    ck_assert_int_eq(sim_sample_uses(&sample, 2), 1);
    ck_assert_int_eq(reset(&sample, 0, 1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 2), 0);
    expect_edit(&sample.sim.log[sample.sim.log_count - 1],
                world_first_entity(&sample.world, (struct cell_pos){0, 1})->id.value, 0);
    ck_assert_int_eq(reset(&sample, 0, 1), REFUSAL_NOT_CHANGED);
    sim_sample_finish(&sample);
}
END_TEST

/* What turns with the viewer has no angle of its own, whatever is asked. */
START_TEST(the_angle_of_what_turns_is_none)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    struct intent_modify look = {.cell = {1, 0}, .size = 16, .turns = 1, .angle = 5};
    ck_assert_int_eq(modify(&sample, &look), REFUSAL_NONE);
    look.angle = 6;
    ck_assert_int_eq(modify(&sample, &look), REFUSAL_NOT_CHANGED);
    ck_assert_uint_eq(images_find_config(&sample.world.images, 1)->value.angle, 0);
    look.turns = 0;
    ck_assert_int_eq(modify(&sample, &look), REFUSAL_NONE);
    ck_assert_uint_eq(images_find_config(&sample.world.images, 2)->value.angle, 6);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(a_generated_thing_becomes_an_entity)
{
    struct sim_sample sample;
    struct cell_pos cell = {-1, 0};
    sim_sample_make(&sample);
    sim_sample_lay(&sample, cell, TERRAIN_FOREST, NATURAL_TREE);
    ck_assert_int_eq(reset(&sample, -1, 0), REFUSAL_NOT_CHANGED);
    ck_assert_int_eq(sim_sample_modify(&sample, -1, 0, SIZE), REFUSAL_NONE);
    ck_assert_uint_eq(sample.sim.log_count, 4);
    ck_assert_int_eq(sample.sim.log[1].kind, CHANGE_CELL);
    ck_assert_uint_eq(sample.sim.log[1].cell.replaced, SAMPLE_TREE);
    ck_assert_int_eq(sample.sim.log[2].kind, CHANGE_ENTITY);
    const struct entity *tree = world_first_entity(&sample.world, cell);
    ck_assert_uint_eq(tree->type, SAMPLE_TREE);
    ck_assert_uint_eq(tree->placer.value, 0);
    ck_assert_uint_eq(tree->until, 0);
    ck_assert_uint_eq(tree->image, 1);
    ck_assert(world_is_solid(&sample.world, cell));
    ck_assert(world_is_kept(&sample.world, cell));
    expect_edit(&sample.sim.log[3], tree->id.value, 1);
    ck_assert_int_eq(reset(&sample, -1, 0), REFUSAL_NONE); /* it stays an entity */
    ck_assert_uint_eq(world_type_at(&sample.world, cell), SAMPLE_TREE);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(a_structure_has_one_look_in_all_chunks)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sample.sim.rules.reach_px = 200;
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, -1, -2), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_modify(&sample, -2, -1, SIZE), REFUSAL_NONE);
    struct change built =
        world_structure_change(world_structure_at(&sample.world, (struct cell_pos){-1, -1}));
    ck_assert_uint_eq(built.structure.image, 1);
    ck_assert_uint_eq(world_structure_at(&sample.world, (struct cell_pos){0, -1})->image, 1);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 1); /* however many chunks have it */
    ck_assert_int_eq(sim_sample_unbuild(&sample, 0, -1), REFUSAL_NONE);
    expect_edit(&sample.sim.log[sample.sim.log_count - 1], built.structure.id.value, 0);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 0);
    sim_sample_finish(&sample);
}
END_TEST

static enum refusal ask(struct sim_sample *sample, uint32_t actor, struct intent intent)
{
    return sim_sample_decide(sample, actor, &intent);
}

/* One look wanders through all places where a thing can be. */
START_TEST(uses_are_counted_wherever_it_goes)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sample.sim.rules.is_building_free = false;
    sim_sample_join(&sample, 1, (struct cell_pos){0, 1}, "Bob");
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 3);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, SIZE), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 1);
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 1); /* in slot 1: it does not mix */
    ck_assert_uint_eq(sim_sample_slot(&sample, 0, 1)->image, 1);
    struct intent drop = {.kind = INTENT_DROP, .drop = {1, 0, {1, 1}}};
    ck_assert_int_eq(ask(&sample, 0, drop), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 1);
    struct intent pick_up = {.kind = INTENT_PICK_UP, .pick_up = {{1, 1}, 0}};
    ck_assert_int_eq(ask(&sample, 1, pick_up), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 1);
    struct intent give = {.kind = INTENT_GIVE, .give = {0, 1, {(const uint8_t *)"player", 6}}};
    struct intent yes = {.kind = INTENT_ANSWER, .answer = {{(const uint8_t *)"Bob", 3}, 1}};
    ck_assert_int_eq(ask(&sample, 1, give), SIM_UNDER_WAY);
    ck_assert_int_eq(ask(&sample, 0, yes), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 1);
    struct intent place = {.kind = INTENT_PLACE, .place = {SAMPLE_BLOCK, {1, 0}, 2}};
    ck_assert_int_eq(ask(&sample, 0, place), REFUSAL_NONE); /* from slot 1 */
    ck_assert_uint_eq(image_at(&sample, 1, 0), 1);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 1);
    ck_assert_int_eq(reset(&sample, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 0);
    sim_sample_finish(&sample);
}
END_TEST

/* A stack counts once, however many are in it, and two parts of it count twice. */
START_TEST(a_stack_is_one_use)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 1);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, SIZE), REFUSAL_NONE);
    struct stack stack = {.type = SAMPLE_BLOCK, .quantity = 9, .image = 1};
    bag_add(&sample.sim, bag_owner(&sample.sim, 0), &stack);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 2);
    struct intent drop = {.kind = INTENT_DROP, .drop = {1, 4, {1, 1}}};
    ck_assert_int_eq(ask(&sample, 0, drop), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 3);
    struct intent split = {.kind = INTENT_MOVE_STACK, .move_stack = {1, 5, 2, 0}};
    ck_assert_int_eq(ask(&sample, 0, split), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 4);
    struct intent swap = {.kind = INTENT_MOVE_STACK, .move_stack = {5, 0, 0, 1}};
    ck_assert_int_eq(ask(&sample, 0, swap), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 4);
    struct intent merge = {.kind = INTENT_MOVE_STACK, .move_stack = {0, 1, 0, 0}};
    ck_assert_int_eq(ask(&sample, 0, merge), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 3);
    drop.drop = (struct intent_drop){1, 0, {1, 1}};
    ck_assert_int_eq(ask(&sample, 0, drop), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 2);
    sample.sim.rules.image_keep_s = 1;
    sim_sample_pass(&sample, 600 * HZ); /* the pile is gone */
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 1);
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 0), REFUSAL_NONE); /* and the block */
    ck_assert_int_eq(sim_sample_uses(&sample, 1), 0);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(who_may_change_a_look)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sim_sample_lay(&sample, (struct cell_pos){1, 1}, TERRAIN_FOREST, NATURAL_TREE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE); /* one's own */
    struct change other = sample_entity_change((struct cell_pos){0, 1}, 99, SAMPLE_SIGN);
    sim_change(&sample.sim, &other);
    sample.sim.rules.image_editors = IMAGE_EDITORS_PLACER;
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, SIZE), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_modify(&sample, 0, 1, SIZE), REFUSAL_NOT_YOURS);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 1, SIZE), REFUSAL_NOT_YOURS);
    ck_assert_int_eq(reset(&sample, 0, 1), REFUSAL_NOT_YOURS);
    sample.sim.rules.image_editors = IMAGE_EDITORS_OPERATORS;
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, SIZE + 1), REFUSAL_NOT_YOURS);
    ck_assert_int_eq(reset(&sample, 1, 0), REFUSAL_NOT_YOURS);
    world_find_character(&sample.world, (struct character_id){1})->roles = ROLE_BUILDER;
    ck_assert_int_eq(sim_sample_modify(&sample, 0, 1, SIZE), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 1, SIZE), REFUSAL_NONE);
    ck_assert_int_eq(reset(&sample, 1, 0), REFUSAL_NONE);
    sample.sim.rules.image_editors = IMAGE_EDITORS_REACH;
    world_find_character(&sample.world, (struct character_id){1})->roles = 0;
    ck_assert_int_eq(reset(&sample, 0, 1), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(pictures_must_be_known_and_allowed)
{
    struct sim_sample sample;
    struct hash128 id = {1, 2};
    sim_sample_make(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    struct intent_modify look = {.cell = {1, 0}, .size = 16, .custom = id};
    ck_assert_int_eq(modify(&sample, &look), REFUSAL_IMAGE_UNKNOWN);
    struct change ban = {.kind = CHANGE_IMAGE_BAN}, image = {.kind = CHANGE_IMAGE};
    ban.image_ban = (struct change_image_ban){id, 1};
    sim_change(&sample.sim, &ban);
    ck_assert_int_eq(modify(&sample, &look), REFUSAL_IMAGE_BANNED);
    image.image = (struct change_image){id, {(const uint8_t *)"png", 3}, 1, 1, {1}};
    sim_change(&sample.sim, &image);
    ck_assert_int_eq(modify(&sample, &look), REFUSAL_IMAGE_BANNED);
    ban.image_ban.is_banned = 0;
    sim_change(&sample.sim, &ban);
    ck_assert_int_eq(modify(&sample, &look), REFUSAL_NONE);
    ck_assert_int_eq(images_find(&sample.world.images, id)->uses, 1);
    look.size = 17;
    ck_assert_int_eq(modify(&sample, &look), REFUSAL_NONE);
    ck_assert_int_eq(images_find(&sample.world.images, id)->uses, 2); /* by configurations */
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(refusals_by_name)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    uint32_t size_max = sample.sim.rules.image_size_px_max * IMAGE_UNITS_PER_PX;
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, SIZE), REFUSAL_CELL_EMPTY);
    ck_assert_int_eq(sim_sample_modify(&sample, 9, 0, SIZE), REFUSAL_OUT_OF_REACH);
    ck_assert_int_eq(reset(&sample, 1, 0), REFUSAL_CELL_EMPTY);
    ck_assert_int_eq(reset(&sample, 9, 0), REFUSAL_OUT_OF_REACH);
    ck_assert_int_eq(reset(&sample, GRID_CELL_MAX + 1, 0), REFUSAL_OUT_OF_WORLD);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, size_max + 1), REFUSAL_IMAGE_TOO_LARGE);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, size_max), REFUSAL_NONE);
    sample.sim.is_store_behind = true;
    ck_assert_int_eq(reset(&sample, 1, 0), REFUSAL_STORE_BEHIND);
    sim_sample_finish(&sample);
}
END_TEST

/* All configurations are taken: known looks can still be given. So with pictures and chunks. */
START_TEST(where_there_is_no_room)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct change ban = {.kind = CHANGE_IMAGE_BAN};
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 0, 1), REFUSAL_NONE);
    for (uint32_t i = 0; i < sample.world.images.image_pool.capacity; i++) {
        ban.image_ban = (struct change_image_ban){{i + 1, i}, 1};
        world_apply(&sample.world, &ban);
    }
    uint32_t configs = sample.world.images.config_pool.capacity;
    for (uint32_t i = 0; i < configs; i++)
        ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, SIZE + i), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, SIZE - 1), REFUSAL_WORLD_FULL);
    ck_assert_int_eq(sim_sample_modify(&sample, 0, 1, SIZE + 5), REFUSAL_NONE);
    sim_sample_lay(&sample, (struct cell_pos){1, 1}, TERRAIN_FOREST, NATURAL_TREE);
    struct chunk_pos chunk = {0, 0};
    uint32_t missing =
        WORLD_CHUNK_ENTITIES_MAX - world_weight(world_find_chunk(&sample.world, chunk));
    for (uint32_t i = 0; i < missing; i++) {
        struct change sign =
            sample_entity_change(grid_cell_at(chunk, 999 + i % 999), 1000 + i, SAMPLE_SIGN);
        world_apply(&sample.world, &sign);
    }
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 1, SIZE), REFUSAL_WORLD_FULL);
    ck_assert_int_eq(sim_sample_modify(&sample, 1, 0, SIZE), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("modify", things_that_look_alike_share_one_configuration,
             the_angle_of_what_turns_is_none, a_generated_thing_becomes_an_entity,
             a_structure_has_one_look_in_all_chunks, uses_are_counted_wherever_it_goes,
             a_stack_is_one_use, who_may_change_a_look, pictures_must_be_known_and_allowed,
             refusals_by_name, where_there_is_no_room)
