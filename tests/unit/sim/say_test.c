#include "sim/say.h"

#include <string.h>

#include "testing.h"

#include "sim_sample.h"

START_TEST(test_words_are_copied)
{
    struct sim_sample sample;
    char words[] = "h\xc3\xa9llo";
    sim_sample_make(&sample);
    struct hash128 before = sample.world.hash;
    ck_assert_int_eq(sim_sample_say(&sample, words, 6), REFUSAL_NONE);
    memset(words, 'x', sizeof words);
    ck_assert_uint_eq(sample.sim.log_count, 1);
    const struct change_said *said = &sample.sim.log[0].said;
    ck_assert_int_eq(sample.sim.log[0].kind, CHANGE_SAID);
    ck_assert_uint_eq(said->name.size_bytes, 6);
    ck_assert_mem_eq(said->name.bytes, "player", 6);
    ck_assert_uint_eq(said->text.size_bytes, 6);
    ck_assert_mem_eq(said->text.bytes, "h\xc3\xa9llo", 6);
    ck_assert_uint_eq(sample.sim.lasting, 0);
    ck_assert(hash_is_equal(sample.world.hash, before));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_what_cannot_be_said)
{
    struct sim_sample sample;
    char longest[WORLD_SAY_BYTES + 1];
    sim_sample_make(&sample);
    memset(longest, 'a', sizeof longest);
    ck_assert_int_eq(sim_sample_say(&sample, "", 0), REFUSAL_TEXT_INVALID);
    ck_assert_int_eq(sim_sample_say(&sample, "a\nb", 3), REFUSAL_TEXT_INVALID);
    ck_assert_int_eq(sim_sample_say(&sample, "a\0b", 3), REFUSAL_TEXT_INVALID);
    ck_assert_int_eq(sim_sample_say(&sample, "\xc3", 1), REFUSAL_TEXT_INVALID);
    ck_assert_int_eq(sim_sample_say(&sample, "\xff", 1), REFUSAL_TEXT_INVALID);
    ck_assert_int_eq(sim_sample_say(&sample, "\x1b[2J", 4), REFUSAL_TEXT_INVALID);
    ck_assert_int_eq(sim_sample_say(&sample, longest, sizeof longest), REFUSAL_TEXT_INVALID);
    ck_assert_int_eq(sim_sample_say(&sample, longest, WORLD_SAY_BYTES), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("say", test_words_are_copied, test_what_cannot_be_said)
