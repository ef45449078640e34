#include "sim/rules.h"

#include <string.h>

#include "testing.h"

#include "sim_sample.h"

START_TEST(test_nothing_lasts_while_it_cannot_be_saved)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sample.sim.is_store_behind = true;
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 1, 0), REFUSAL_STORE_BEHIND);
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 0), REFUSAL_STORE_BEHIND);
    sample.sim.is_read_only = true;
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 1, 0), REFUSAL_WORLD_READ_ONLY);
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 0), REFUSAL_WORLD_READ_ONLY);
    ck_assert_int_eq(sim_sample_say(&sample, "still here", 10), REFUSAL_NONE);
    sample.sim.is_read_only = sample.sim.is_store_behind = false;
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 1, 0), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

/* Mostly about cells around the actor. */
static struct intent random_intent(const struct sim_sample *sample, struct rng *rng,
                                   struct sample_spans *spans)
{
    struct intent intent = {.kind = (enum intent_kind)(1 + rng_below(rng, INTENT_KIND_COUNT - 1))};
    sample_record(rng, intent_schema(intent.kind), intent_record_of(&intent), spans);
    struct cell_pos near = grid_cell_of(sample->world.actors[0].pos);
    near.x += (int32_t)rng_below(rng, 5) - 2;
    near.y += (int32_t)rng_below(rng, 5) - 2;
    bool is_near = rng_below(rng, 8) > 0;
    if (intent.kind == INTENT_PLACE && is_near)
        intent.place = (struct intent_place){1 + (uint32_t)rng_below(rng, 8), near, 0};
    if (intent.kind == INTENT_REMOVE && is_near)
        intent.remove.cell = near;
    return intent;
}

/* Any intents, tick after tick: every one ends in changes or one refusal, and the world's hash
 * stays the sum of its chunks'. */
START_TEST(test_any_intents_for_a_thousand_ticks)
{
    struct sim_sample sample;
    struct rng rng;
    struct sample_spans spans;
    uint32_t counts[REFUSAL_COUNT] = {0};
    rng_init(&rng, 71);
    sim_sample_make(&sample);
    for (uint64_t tick = 2; tick < 1000; tick++) {
        sim_begin(&sample.sim, tick, tick + 5);
        while (sim_has_room(&sample.sim) && rng_below(&rng, 12) > 0) {
            struct intent intent = random_intent(&sample, &rng, &spans);
            counts[sim_sample_decide(&sample, 0, &intent)]++;
        }
        sim_seal(&sample.sim);
    }
    ck_assert_uint_gt(counts[REFUSAL_NONE], 1000);
    ck_assert_uint_gt(counts[REFUSAL_CELL_OCCUPIED], 10);
    ck_assert_uint_gt(counts[REFUSAL_OUT_OF_REACH], 100);
    ck_assert_uint_gt(counts[REFUSAL_TEXT_INVALID], 100);
    struct hash128 chunks = {0, 0};
    for (int32_t i = 0; i < 4; i++) {
        struct chunk_pos pos = {-(i % 2), -(i / 2)};
        chunks = hash_add(chunks, world_find_chunk(&sample.world, pos)->hash);
    }
    ck_assert(hash_is_equal(sample.world.hash, chunks));
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("rules", test_nothing_lasts_while_it_cannot_be_saved,
             test_any_intents_for_a_thousand_ticks)
