#include "sim/sim.h"

#include "testing.h"

#include "sim_sample.h"

static uint32_t count_of(const struct sim *sim, enum change_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sim->log_count; i++)
        count += sim->log[i].kind == kind;
    return count;
}

/* Each chunk that changed gets one mark, behind all changes, with what is true at the end. */
START_TEST(test_seal_marks_each_chunk_once)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sample.world.actors[0].pos = (struct world_pos){0, 0}; /* where four chunks meet */
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 0, 1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, -1, -1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_remove(&sample, 0, 1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_say(&sample, "done", 4), REFUSAL_NONE);
    uint32_t before = sample.sim.log_count;
    struct hash128 hash = sample.world.hash;
    sim_seal(&sample.sim);
    ck_assert_uint_eq(sample.sim.log_count, before + 2);
    ck_assert(hash_is_equal(sample.world.hash, hash));
    for (uint32_t i = before; i < sample.sim.log_count; i++) {
        const struct change_chunk *mark = &sample.sim.log[i].chunk;
        const struct chunk *chunk = world_find_chunk(&sample.world, mark->chunk);
        ck_assert_int_eq(sample.sim.log[i].kind, CHANGE_CHUNK);
        ck_assert_int_eq(mark->chunk.x, i == before ? 0 : -1);
        ck_assert_uint_eq(mark->version, 5);
        ck_assert_uint_eq(mark->before, 0);
        ck_assert_uint_eq(chunk->version, 5);
        ck_assert(hash_is_equal(mark->hash, chunk->hash));
    }
    sim_seal(&sample.sim); /* nothing new: no second mark */
    ck_assert_uint_eq(sample.sim.log_count, before + 2);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_marks_name_the_version_before)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 1, 1), REFUSAL_NONE);
    sim_seal(&sample.sim);
    sim_begin(&sample.sim, 2, 6);
    sim_seal(&sample.sim);
    ck_assert_uint_eq(sample.sim.log_count, 0);
    sim_begin(&sample.sim, 3, 6); /* the record's number is used when there is something in it */
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 1), REFUSAL_NONE);
    sim_seal(&sample.sim);
    ck_assert_uint_eq(sample.sim.log[1].chunk.version, 6);
    ck_assert_uint_eq(sample.sim.log[1].chunk.before, 5);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_ids_are_unique)
{
    struct sim_sample sample;
    uint64_t last = 0;
    sim_sample_make(&sample);
    for (uint64_t seq = 1; seq < 400; seq++) {
        sim_begin(&sample.sim, seq * 3, seq);
        for (uint64_t n = seq % 7; n > 0; n--) {
            uint64_t id = sim_new_id(&sample.sim);
            ck_assert_uint_gt(id, last);
            ck_assert_uint_eq(id >> 20 & UINT64_C(0xFFFFFFFFF), seq);
            ck_assert_uint_eq(id >> 56, SIM_SAMPLE_STREAM);
            last = id;
        }
    }
    sim_begin(&sample.sim, 1, (UINT64_C(1) << 36) - 1);
    sample.sim.stream = 127;
    ck_assert_uint_le(sim_new_id(&sample.sim), ID_MAX);
    ck_assert_uint_gt(sim_new_id(&sample.sim), last);
    sim_sample_finish(&sample);
}
END_TEST

/* As long as there is room, the worst intents and all their marks fit. */
START_TEST(test_room_is_kept_for_marks)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sample.sim.log_reserve = 3;
    uint32_t decided = 0;
    while (sim_has_room(&sample.sim)) {
        for (uint32_t i = 0; i < SIM_CHANGES_PER_INTENT_MAX; i++) {
            struct cell_pos cell = {(int32_t)decided - 32, -1 - (int32_t)i};
            struct change change = sample_entity_change(cell, sim_new_id(&sample.sim), SAMPLE_SIGN);
            sim_change(&sample.sim, &change);
        }
        decided++;
    }
    ck_assert_uint_eq(decided, 7);
    ck_assert_uint_ge(sample.sim.log_max, 2 * sample.sim.log_count + 3);
    sim_seal(&sample.sim);
    ck_assert_uint_eq(count_of(&sample.sim, CHANGE_CHUNK), 1);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_room_for_words_ends)
{
    struct sim_sample sample;
    char words[WORLD_SAY_BYTES];
    uint32_t said = 0;
    memset(words, 'w', sizeof words);
    sim_sample_make(&sample);
    for (; sim_has_room(&sample.sim); said++)
        ck_assert_int_eq(sim_sample_say(&sample, words, sizeof words), REFUSAL_NONE);
    ck_assert_uint_ge(said, 10);
    sim_begin(&sample.sim, 2, 5);
    ck_assert(sim_has_room(&sample.sim));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_what_lasts)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    ck_assert_int_eq(sim_sample_say(&sample, "hello", 5), REFUSAL_NONE);
    ck_assert_uint_eq(sample.sim.lasting, 0);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 1, 1), REFUSAL_NONE);
    ck_assert_uint_eq(sample.sim.lasting, 2);
    sim_seal(&sample.sim);
    ck_assert_uint_eq(sample.sim.lasting, 3); /* the mark too */
    sim_begin(&sample.sim, 2, 6);
    ck_assert_uint_eq(sample.sim.lasting, 0);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("sim", test_seal_marks_each_chunk_once, test_marks_name_the_version_before,
             test_ids_are_unique, test_room_is_kept_for_marks, test_room_for_words_ends,
             test_what_lasts)
