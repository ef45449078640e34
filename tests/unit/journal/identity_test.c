#include "journal/identity.h"

#include "sim/disk.h"
#include "testing.h"

static const struct recovered empty = {.is_empty = true};

static uint64_t load(struct sim_disk *sim, const struct recovered *recovered)
{
    struct disk disk = sim_disk_open(sim);
    struct error error = {""};
    uint64_t journal = 0;
    ck_assert_msg(identity_load(&disk, recovered, &journal, &error), "%s", error.text);
    return journal;
}

START_TEST(a_new_folder_keeps_its_id_through_a_crash)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct sim_disk *sim = sim_disk_create(seed);
        uint64_t journal = load(sim, &empty);
        ck_assert_uint_ne(journal, 0);
        ck_assert_uint_le(journal, INT64_MAX);
        sim_disk_crash(sim);
        ck_assert_uint_eq(load(sim, &empty), journal);
        sim_disk_destroy(&sim);
    }
}
END_TEST

START_TEST(two_folders_have_two_ids)
{
    struct sim_disk *a = sim_disk_create(1), *b = sim_disk_create(1);
    ck_assert_uint_ne(load(a, &empty), load(b, &empty));
    sim_disk_destroy(&a);
    sim_disk_destroy(&b);
}
END_TEST

START_TEST(segments_know_better_than_the_file)
{
    struct sim_disk *sim = sim_disk_create(1);
    struct recovered recovered = {.newest = {.journal = 77}};
    (void)load(sim, &empty);
    ck_assert_uint_eq(load(sim, &recovered), 77);
    ck_assert_uint_eq(load(sim, &empty), 77);
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(a_torn_file_gets_a_new_id)
{
    struct sim_disk *sim = sim_disk_create(1);
    uint64_t journal = load(sim, &empty);
    ck_assert(sim_disk_flip(sim, "journal.id", 3, 2));
    ck_assert_uint_ne(load(sim, &empty), journal);
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(a_disk_that_fails_is_told_in_words)
{
    struct sim_disk *sim = sim_disk_create(1);
    struct disk disk = sim_disk_open(sim);
    struct error error = {""};
    uint64_t journal = 5;
    sim_disk_faults(sim)->syncs_fail = 1;
    ck_assert(!identity_load(&disk, &empty, &journal, &error));
    ck_assert_str_eq(error.text, "journal: cannot write journal.id: Input/output error");
    ck_assert_uint_eq(journal, 5);
    sim_disk_destroy(&sim);
}
END_TEST

TESTING_MAIN("identity", a_new_folder_keeps_its_id_through_a_crash, two_folders_have_two_ids,
             segments_know_better_than_the_file, a_torn_file_gets_a_new_id,
             a_disk_that_fails_is_told_in_words)
