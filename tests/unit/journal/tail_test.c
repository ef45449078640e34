#include "testing.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "journal/segment.h"
#include "sim/journal_rig.h"

static struct journal_rig *started(uint64_t seed)
{
    struct journal_rig *rig = journal_rig_create(seed);
    ck_assert_msg(journal_rig_start(rig), "%s", rig->words.text);
    return rig;
}

static void append(struct journal_rig *rig, int count, uint32_t size_bytes)
{
    for (int i = 0; i < count; i++) {
        ck_assert(journal_rig_append(rig, size_bytes));
        (void)journal_rig_step(rig, 1);
    }
}

START_TEST(empty_folder_is_not_a_gap)
{
    struct sim_disk *sim = sim_disk_create(1);
    struct disk disk = sim_disk_open(sim);
    struct tail_record record;
    struct error error = {""};
    struct tail *tail = tail_open(&disk, 5, &error);
    ck_assert_ptr_nonnull(tail);
    ck_assert_int_eq(tail_next(tail, 4, &record, &error), TAIL_NONE);
    ck_assert_int_eq(tail_next(tail, 5, &record, &error), TAIL_FAILED);
    ck_assert_ptr_nonnull(strstr(error.text, "record 5"));
    tail_close(&tail);
    tail_close(&tail);
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(nothing_comes_before_it_is_durable)
{
    struct journal_rig *rig = started(2);
    struct tail_record record;
    append(rig, 3, 50);
    for (uint64_t seq = 1; seq <= 3; seq++) {
        ck_assert_int_eq(tail_next(rig->tail, seq - 1, &record, &rig->words), TAIL_NONE);
        ck_assert_int_eq(tail_next(rig->tail, seq, &record, &rig->words), TAIL_RECORD);
        ck_assert_uint_eq(record.header.seq, seq);
        ck_assert_uint_eq(record.header.tick, 10 * seq);
        ck_assert_uint_eq(record.header.size_bytes, 50);
    }
    ck_assert_int_eq(tail_next(rig->tail, 3, &record, &rig->words), TAIL_NONE);
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(starts_anywhere)
{
    struct journal_rig *rig = started(3);
    append(rig, 60, 300);
    for (uint64_t seq = 1; seq <= 60; seq++)
        ck_assert_msg(journal_rig_check(rig, seq, 60), "%s", rig->words.text);
    ck_assert(journal_rig_check(rig, 61, 60));
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(gap_is_refused)
{
    struct journal_rig *rig = started(4);
    append(rig, 60, 300);
    ck_assert(journal_rig_store(rig));
    journal_rig_apply(rig);
    journal_rig_settle(rig);
    struct error error;
    ck_assert_ptr_null(tail_open(&rig->disk, 1, &error));
    ck_assert_msg(strstr(error.text, "record 1:") != NULL, "%s", error.text);
    ck_assert(journal_rig_store(rig));
    append(rig, 3, 300); /* the store's own tail goes on behind removed files */
    ck_assert_msg(journal_rig_store(rig), "%s", rig->words.text);
    journal_rig_destroy(&rig);
}
END_TEST

/* A folder whose owner removes the file that somebody is about to open, once. */
struct shrinking {
    struct disk inner;
    char name[DISK_NAME_BYTES]; /* "": it was removed */
};

static int shrinking_open(void *state, const char *name, bool create)
{
    struct shrinking *shrinking = state;
    if (strcmp(name, shrinking->name) == 0) {
        ck_assert_int_eq(shrinking->inner.ops->unlink(shrinking->inner.state, name), 0);
        shrinking->name[0] = '\0';
    }
    return shrinking->inner.ops->open(shrinking->inner.state, name, create);
}

static int shrinking_close(void *state, int file)
{
    struct shrinking *shrinking = state;
    return shrinking->inner.ops->close(shrinking->inner.state, file);
}

static int64_t shrinking_read(void *state, int file, void *bytes, size_t size, uint64_t offset)
{
    struct shrinking *shrinking = state;
    return shrinking->inner.ops->read(shrinking->inner.state, file, bytes, size, offset);
}

static int shrinking_next(void *state, const char *previous, char out_name[DISK_NAME_BYTES])
{
    struct shrinking *shrinking = state;
    return shrinking->inner.ops->next(shrinking->inner.state, previous, out_name);
}

/* What a tail uses. */
static const struct disk_ops shrinking_ops = {
    .open = shrinking_open,
    .close = shrinking_close,
    .read = shrinking_read,
    .next = shrinking_next,
};

START_TEST(a_file_may_go_between_two_looks)
{
    struct journal_rig *rig = started(7);
    struct tail_record record;
    struct shrinking shrinking = {.inner = rig->disk};
    struct disk disk = {&shrinking_ops, &shrinking};
    append(rig, 60, 300);
    journal_rig_settle(rig);
    struct tail *tail = tail_open(&disk, 30, &rig->words);
    ck_assert_ptr_nonnull(tail);
    segment_name(1, shrinking.name);
    for (uint64_t seq = 30; seq <= 60; seq++) {
        enum tail_result result = tail_next(tail, 60, &record, &rig->words);
        ck_assert_msg(result == TAIL_RECORD, "%s", rig->words.text);
        ck_assert_uint_eq(record.header.seq, seq);
    }
    ck_assert_str_eq(shrinking.name, "");
    tail_close(&tail);
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(follows_superseding_segments)
{
    struct journal_rig *rig = started(5);
    for (int i = 0; i < 20; i++) {
        append(rig, 2, 200);
        sim_disk_faults(rig->sim)->syncs_fail = (uint32_t)(i % 3);
        append(rig, 2, 200);
        journal_rig_settle(rig);
        ck_assert_msg(journal_rig_store(rig), "%s", rig->words.text);
    }
    ck_assert_uint_eq(rig->stored_seq, 80);
    ck_assert(journal_rig_check(rig, 1, 80));
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(damage_is_told_with_file_and_offset)
{
    struct journal_rig *rig = started(6);
    struct tail_record record;
    struct error error = {""};
    append(rig, 3, 40);
    ck_assert(sim_disk_flip(rig->sim, "0000000000000001.segment", 4096 + 112 + 100, 1));
    ck_assert_int_eq(tail_next(rig->tail, 3, &record, &error), TAIL_RECORD);
    ck_assert_int_eq(tail_next(rig->tail, 3, &record, &error), TAIL_FAILED);
    ck_assert_str_eq(error.text,
                     "journal segment 0000000000000001.segment: cannot read record 2 at byte 4208");
    ck_assert(sim_disk_flip(rig->sim, "0000000000000001.segment", 4096 + 112 + 100, 1));
    ck_assert_int_eq(tail_next(rig->tail, 3, &record, &error), TAIL_RECORD);
    ck_assert_uint_eq(record.header.seq, 2);
    journal_rig_destroy(&rig);
}
END_TEST

/* ---- tick, journal and store as three threads on the real disk ---- */

enum { THREAD_RECORDS = 4000 };

struct roles {
    struct disk disk;
    struct journal *journal;
    struct wake stored; /* the store sleeps on it */
    atomic_bool is_over;
    bool is_right;
};

static void *run_journal(void *argument)
{
    struct roles *roles = argument;
    memory_seal();
    while (!atomic_load(&roles->is_over))
        if (!journal_step(roles->journal, clock_now()))
            wake_wait(journal_wake(roles->journal), -1, 10 * JOURNAL_RETRY_US_MIN);
    memory_unseal();
    return NULL;
}

static bool is_expected(const struct tail_record *record, uint64_t seq)
{
    if (record->header.seq != seq || record->header.size_bytes != seq % 700)
        return false;
    for (uint32_t i = 0; i < record->header.size_bytes; i++)
        if (record->payload[i] != (uint8_t)(seq + i))
            return false;
    return true;
}

static void *run_store(void *argument)
{
    struct roles *roles = argument;
    struct tail_record record;
    struct error error = {""};
    uint64_t seq = 1;
    struct tail *tail = tail_open(&roles->disk, 1, &error);
    roles->is_right = tail != NULL;
    while (roles->is_right && seq <= THREAD_RECORDS) {
        uint64_t durable_seq = journal_durable_seq(roles->journal);
        enum tail_result result = tail_next(tail, durable_seq, &record, &error);
        if (result == TAIL_NONE)
            wake_wait(&roles->stored, -1, JOURNAL_RETRY_US_MIN);
        else
            roles->is_right = result == TAIL_RECORD && is_expected(&record, seq++);
        if (seq % 100 == 0)
            journal_set_applied(roles->journal, seq - 1);
    }
    if (!roles->is_right)
        (void)fprintf(stderr, "the store fails at record %" PRIu64 ": %s\n", seq, error.text);
    tail_close(&tail);
    return NULL;
}

/* The tick: appends all records, waiting only where the ring is full. */
static void run_tick(struct journal *journal)
{
    struct journal_facts facts;
    for (uint64_t seq = 1; seq <= THREAD_RECORDS;) {
        uint32_t size_bytes = (uint32_t)(seq % 700);
        uint8_t *payload = journal_reserve(journal, 1000);
        if (payload == NULL) {
            clock_sleep_until(clock_now().mono_us + 100);
            continue;
        }
        for (uint32_t i = 0; i < size_bytes; i++)
            payload[i] = (uint8_t)(seq + i);
        struct record_header header = {.seq = seq, .tick = seq, .size_bytes = size_bytes};
        journal_append(journal, &header);
        journal_facts(journal, &facts);
        seq++;
    }
}

static void remove_folder(struct disk *disk, const char *path)
{
    char name[DISK_NAME_BYTES] = "";
    while (disk->ops->next(disk->state, name, name) == 1)
        ck_assert_int_eq(disk->ops->unlink(disk->state, name), 0);
    disk_posix_close(disk);
    ck_assert_int_eq(rmdir(path), 0);
}

START_TEST(three_threads_on_the_real_disk)
{
    char path[256];
    const char *base = getenv("TMPDIR");
    struct roles roles = {.is_right = false};
    struct recovered recovered;
    struct error error = {""};
    pthread_t journal_thread;
    pthread_t store_thread;
    (void)snprintf(path, sizeof path, "%s/tilth-tail-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(path));
    ck_assert(disk_posix_open(&roles.disk, path, &error));
    ck_assert(recover_cut(&roles.disk, 1, &recovered, &error));
    ck_assert(wake_open(&roles.stored));
    struct journal_options options = {.disk = &roles.disk,
                                      .world = 1,
                                      .timeline = 1,
                                      .next_seq = 1,
                                      .ring_bytes = 16 * 1024,
                                      .segment_bytes = 64 * 1024,
                                      .durable_wake = &roles.stored};
    roles.journal = journal_create(&options, &recovered, &error);
    ck_assert_msg(roles.journal != NULL, "%s", error.text);
    ck_assert_int_eq(pthread_create(&journal_thread, NULL, run_journal, &roles), 0);
    ck_assert_int_eq(pthread_create(&store_thread, NULL, run_store, &roles), 0);
    run_tick(roles.journal);
    ck_assert_int_eq(pthread_join(store_thread, NULL), 0);
    atomic_store(&roles.is_over, true);
    wake_signal(journal_wake(roles.journal));
    ck_assert_int_eq(pthread_join(journal_thread, NULL), 0);
    ck_assert(roles.is_right);
    journal_destroy(&roles.journal);
    ck_assert(recover_cut(&roles.disk, 1, &recovered, &error));
    ck_assert_uint_eq(recovered.last.seq, THREAD_RECORDS);
    ck_assert_uint_gt(recovered.first_seq, 1);
    wake_close(&roles.stored);
    remove_folder(&roles.disk, path);
}
END_TEST

TESTING_MAIN("tail", empty_folder_is_not_a_gap, nothing_comes_before_it_is_durable, starts_anywhere,
             gap_is_refused, a_file_may_go_between_two_looks, follows_superseding_segments,
             damage_is_told_with_file_and_offset, three_threads_on_the_real_disk)
