#include "sim/target.h"

#include "testing.h"

#include "sim_sample.h"

START_TEST(the_newest_thing_hides_what_is_older)
{
    struct sim_sample sample;
    struct cell_pos cell = {2, 1};
    sim_sample_make(&sample);
    ck_assert_uint_eq(target_find(&sample.world, cell).type, 0);
    sim_sample_lay(&sample, cell, TERRAIN_FOREST, NATURAL_TREE);
    struct target tree = target_find(&sample.world, cell);
    ck_assert_uint_eq(tree.type, SAMPLE_TREE);
    ck_assert_uint_eq(tree.thing, 0);
    target_take(&sample.sim, &tree);
    ck_assert(world_is_kept(&sample.world, cell));
    ck_assert_uint_eq(target_find(&sample.world, cell).type, 0);

    static const uint64_t ids[] = {7, 9, 8};
    for (uint32_t i = 0; i < 3; i++) {
        struct change placed = sample_entity_change(cell, ids[i], SAMPLE_SIGN);
        placed.entity.image = (uint32_t)ids[i];
        sim_change(&sample.sim, &placed);
    }
    for (uint64_t id = 9; id >= 7; id--) {
        struct target sign = target_find(&sample.world, cell);
        ck_assert_uint_eq(sign.thing, id);
        ck_assert_uint_eq(sign.image, id);
        target_take(&sample.sim, &sign);
    }
    ck_assert(!world_is_occupied(&sample.world, cell));
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("target", the_newest_thing_hides_what_is_older)
