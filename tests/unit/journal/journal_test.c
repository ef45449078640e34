#include "testing.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "journal/segment.h"
#include "sim/journal_rig.h"

enum { SEEDS = TESTING_ROUNDS(2500), OPERATIONS = 120, EXPERIMENT_SEEDS = TESTING_ROUNDS(400) / 4 };
enum { HEAL_STEPS = 100 };

static struct journal_rig *started(uint64_t seed)
{
    struct journal_rig *rig = journal_rig_create(seed);
    ck_assert_msg(journal_rig_start(rig), "%s", rig->words.text);
    return rig;
}

static void restart(struct journal_rig *rig, bool is_kill)
{
    journal_rig_stop(rig, is_kill);
    ck_assert_msg(journal_rig_start(rig), "%s", rig->words.text);
}

static void append(struct journal_rig *rig, int count, uint32_t size_bytes)
{
    for (int i = 0; i < count; i++)
        ck_assert(journal_rig_append(rig, size_bytes));
}

static struct journal_facts facts_of(struct journal_rig *rig)
{
    struct journal_facts facts;
    journal_facts(rig->journal, &facts);
    return facts;
}

/* Records 1 to 150, in several segments. */
static void append_150(struct journal_rig *rig)
{
    for (int i = 0; i < 50; i++) {
        append(rig, 3, 300);
        ck_assert(journal_rig_step(rig, 1));
    }
    journal_rig_settle(rig);
}

START_TEST(appends_become_durable_together)
{
    struct journal_rig *rig = started(1);
    append(rig, 5, 100);
    ck_assert_uint_eq(journal_durable_seq(rig->journal), 0);
    ck_assert(journal_rig_step(rig, 1));
    struct journal_facts facts = facts_of(rig);
    ck_assert_uint_eq(facts.durable_seq, 5);
    ck_assert_uint_eq(facts.records, 5);
    ck_assert_uint_eq(facts.bytes, 5 * record_stride(100));
    ck_assert_uint_eq(facts.syncs, 1);
    ck_assert_uint_eq(facts.failures, 0);
    ck_assert_uint_eq(facts.segment, 1);
    ck_assert(!facts.is_read_only);
    ck_assert_str_eq(facts.last_failure, "");
    ck_assert(journal_rig_store(rig));
    ck_assert(journal_rig_check(rig, 1, 5));
    journal_rig_destroy(&rig);
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(empty_folder_gets_a_random_id)
{
    struct journal_rig *rig = journal_rig_create(2);
    rig->options.journal = 0;
    ck_assert(journal_rig_start(rig));
    uint64_t id = journal_id(rig->journal);
    ck_assert_uint_ne(id, 0);
    append(rig, 1, 8);
    journal_rig_settle(rig);
    restart(rig, false);
    ck_assert_uint_eq(journal_id(rig->journal), id);
    ck_assert_uint_eq(rig->recovered.newest.journal, id);
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(strangers_are_refused)
{
    struct journal_rig *rig = started(3);
    append(rig, 1, 8);
    journal_rig_settle(rig);
    journal_rig_stop(rig, false);
    ck_assert(recover_cut(&rig->disk, 0, &rig->recovered, NULL));
    struct journal_options options = rig->options;
    struct error error = {""};
    options.world++;
    ck_assert_ptr_null(journal_create(&options, &rig->recovered, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "world"));
    options = rig->options;
    options.journal++;
    ck_assert_ptr_null(journal_create(&options, &rig->recovered, &error));
    options = rig->options;
    options.timeline = 0;
    ck_assert_ptr_null(journal_create(&options, &rig->recovered, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "timeline"));
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(full_ring_refuses_and_says_so)
{
    struct journal_rig *rig = started(4);
    while (journal_rig_append(rig, 500))
        continue;
    ck_assert(journal_is_read_only(rig->journal));
    journal_rig_settle(rig);
    append(rig, 1, 500);
    ck_assert(!journal_is_read_only(rig->journal));
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(reservation_can_be_dropped)
{
    struct journal_rig *rig = started(5);
    ck_assert_ptr_nonnull(journal_reserve(rig->journal, 700));
    append(rig, 2, 30);
    journal_rig_settle(rig);
    ck_assert(journal_rig_check(rig, 1, 2));
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(segments_roll_without_a_hole)
{
    struct journal_rig *rig = started(6);
    for (int i = 0; i < 100; i++) {
        append(rig, 3, 300);
        ck_assert(journal_rig_step(rig, 1000));
    }
    ck_assert_uint_gt(facts_of(rig).segment, 10);
    ck_assert_msg(journal_rig_store(rig), "%s", rig->words.text);
    ck_assert_uint_eq(rig->stored_seq, 300);
    restart(rig, false);
    ck_assert_uint_eq(rig->recovered.last.seq, 300);
    ck_assert_uint_eq(rig->recovered.first_seq, 1);
    ck_assert_uint_eq(rig->recovered.cut_bytes, 0);
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(next_segment_is_made_ahead)
{
    struct journal_rig *rig = started(7);
    journal_rig_settle(rig);
    char name[DISK_NAME_BYTES] = "";
    ck_assert_int_eq(rig->disk.ops->next(rig->disk.state, "0000000000000001.segment", name), 1);
    ck_assert_str_eq(name, "0000000000000002.segment");
    /* So a roll needs no room any more. */
    sim_disk_faults(rig->sim)->space_bytes = 1;
    for (int i = 0; i < 6; i++) {
        append(rig, 2, 900);
        ck_assert(journal_rig_step(rig, 1));
    }
    ck_assert(!journal_is_read_only(rig->journal));
    ck_assert_uint_eq(facts_of(rig).segment, 2);
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(old_segments_go_when_applied_and_old_enough)
{
    struct journal_rig *rig = journal_rig_create(8);
    rig->options.keep_us = 60 * 1000 * 1000;
    ck_assert(journal_rig_start(rig));
    append_150(rig);
    ck_assert(journal_rig_store(rig));
    journal_rig_apply(rig);
    uint64_t used_bytes = sim_disk_used_bytes(rig->sim);
    while (journal_rig_step(rig, 1))
        continue;
    ck_assert_uint_eq(sim_disk_used_bytes(rig->sim), used_bytes);
    (void)journal_rig_step(rig, rig->options.keep_us);
    journal_rig_settle(rig);
    ck_assert_uint_eq(sim_disk_used_bytes(rig->sim), 2 * rig->options.segment_bytes);
    append(rig, 3, 300);
    journal_rig_settle(rig);
    ck_assert_msg(journal_rig_store(rig), "%s", rig->words.text);
    restart(rig, false);
    ck_assert_uint_eq(rig->recovered.last.seq, 153);
    ck_assert_uint_gt(rig->recovered.first_seq, 100);
    journal_rig_destroy(&rig);
}
END_TEST

/* With an archive they go when they are there too, or when room runs out. */
START_TEST(old_segments_go_when_archived)
{
    struct journal_rig *rig = journal_rig_create(8);
    rig->options.is_archived = true;
    rig->options.bytes_max = 12 * rig->options.segment_bytes;
    ck_assert(journal_rig_start(rig));
    append_150(rig);
    uint64_t used_bytes = sim_disk_used_bytes(rig->sim);
    ck_assert_uint_ge(used_bytes, 4 * rig->options.segment_bytes);
    ck_assert(journal_rig_store(rig));
    journal_rig_apply(rig);
    journal_rig_settle(rig);
    ck_assert_uint_ge(sim_disk_used_bytes(rig->sim), used_bytes);
    journal_set_archived(rig->journal, 2);
    journal_rig_settle(rig);
    ck_assert_uint_eq(sim_disk_used_bytes(rig->sim), used_bytes - 2 * rig->options.segment_bytes);
    for (int i = 0; i < 10; i++) {
        append_150(rig);
        ck_assert(journal_rig_store(rig));
        journal_rig_apply(rig);
        journal_rig_settle(rig);
        ck_assert(!journal_is_read_only(rig->journal));
        ck_assert_uint_le(sim_disk_used_bytes(rig->sim), rig->options.bytes_max);
    }
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(unapplied_segments_stay)
{
    struct journal_rig *rig = started(9);
    append_150(rig);
    ck_assert(journal_rig_check(rig, 1, 150));
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(failed_sync_heals_in_a_new_segment)
{
    struct journal_rig *rig = started(10);
    append(rig, 3, 100);
    journal_rig_settle(rig);
    sim_disk_faults(rig->sim)->syncs_fail = 1;
    append(rig, 3, 100);
    (void)journal_rig_step(rig, 1);
    struct journal_facts facts = facts_of(rig);
    ck_assert(facts.is_read_only);
    ck_assert_uint_eq(facts.failures, 1);
    ck_assert_uint_eq(facts.durable_seq, 3);
    ck_assert_str_eq(facts.last_failure,
                     "cannot sync segment 0000000000000001: Input/output error");
    ck_assert(!journal_rig_step(rig, JOURNAL_RETRY_US_MIN - 1));
    append(rig, 1, 100);
    ck_assert(journal_rig_step(rig, 1));
    facts = facts_of(rig);
    ck_assert(!facts.is_read_only);
    ck_assert_uint_eq(facts.durable_seq, 7);
    ck_assert_uint_eq(facts.segment, 2);
    ck_assert_msg(journal_rig_store(rig), "%s", rig->words.text);
    restart(rig, false);
    ck_assert_uint_eq(rig->recovered.last.seq, 7);
    ck_assert_uint_eq(rig->recovered.newest.supersedes, 1);
    ck_assert_uint_eq(rig->recovered.newest.previous_seq, 3);
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(failures_back_off)
{
    struct journal_rig *rig = started(11);
    sim_disk_faults(rig->sim)->writes_fail = 1000;
    append(rig, 1, 100);
    uint64_t tries[8];
    int count = 0;
    for (int ms = 0; ms < 12000 && count < 8; ms++)
        if (journal_rig_step(rig, 1000))
            tries[count++] = rig->now.mono_us;
    static const uint64_t delays_ms[] = {100, 200, 400, 800, 1600, 2000, 2000};
    ck_assert_int_eq(count, 8);
    for (int i = 0; i < 7; i++)
        ck_assert_uint_eq(tries[i + 1] - tries[i], delays_ms[i] * 1000);
    sim_disk_faults(rig->sim)->writes_fail = 0;
    journal_rig_settle(rig);
    ck_assert(!journal_is_read_only(rig->journal));
    ck_assert(journal_rig_check(rig, 1, 1));
    journal_rig_destroy(&rig);
}
END_TEST

START_TEST(full_disk_heals_when_there_is_room)
{
    struct journal_rig *rig = started(12);
    struct sim_disk_faults *faults = sim_disk_faults(rig->sim);
    faults->space_bytes = 2 * rig->options.segment_bytes;
    while (!journal_is_read_only(rig->journal)) {
        append(rig, 1, 500);
        (void)journal_rig_step(rig, 1000);
    }
    struct journal_facts facts = facts_of(rig);
    ck_assert_ptr_nonnull(strstr(facts.last_failure, "cannot reserve room for segment"));
    ck_assert_ptr_nonnull(strstr(facts.last_failure, "No space left on device"));
    ck_assert_uint_eq(sim_disk_used_bytes(rig->sim), faults->space_bytes);
    uint64_t durable_seq = facts.durable_seq;
    for (int i = 0; i < 20; i++)
        (void)journal_rig_step(rig, JOURNAL_RETRY_US_MAX);
    ck_assert_uint_eq(journal_durable_seq(rig->journal), durable_seq);
    faults->space_bytes = 0;
    journal_rig_settle(rig);
    ck_assert_uint_eq(journal_durable_seq(rig->journal), rig->next_seq - 1);
    ck_assert(!journal_is_read_only(rig->journal));
    ck_assert_msg(journal_rig_store(rig), "%s", rig->words.text);
    restart(rig, false);
    journal_rig_destroy(&rig);
}
END_TEST

/* Applied segments make the room that a full disk lacks, also while commits fail. */
START_TEST(full_disk_heals_by_applying)
{
    struct journal_rig *rig = started(13);
    sim_disk_faults(rig->sim)->space_bytes = 3 * rig->options.segment_bytes;
    while (!journal_is_read_only(rig->journal)) {
        append(rig, 1, 500);
        (void)journal_rig_step(rig, 1000);
    }
    ck_assert(journal_rig_store(rig));
    journal_rig_apply(rig);
    journal_rig_settle(rig);
    ck_assert(!journal_is_read_only(rig->journal));
    ck_assert_uint_eq(journal_durable_seq(rig->journal), rig->next_seq - 1);
    journal_rig_destroy(&rig);
}
END_TEST

/* With a delay several records go into one write; a ring that fills does not wait for it. */
START_TEST(delay_gathers_records_until_the_ring_fills)
{
    struct journal_rig *rig = journal_rig_create(18);
    rig->options.delay_us = 50 * 1000;
    ck_assert_msg(journal_rig_start(rig), "%s", rig->words.text);
    append(rig, 1, 100);
    (void)journal_rig_step(rig, 1);
    uint64_t syncs = facts_of(rig).syncs;
    ck_assert_uint_eq(journal_durable_seq(rig->journal), 1); /* nothing came before it */
    for (int i = 0; i < 4; i++) {
        append(rig, 1, 100);
        (void)journal_rig_step(rig, 10 * 1000);
        ck_assert_uint_eq(journal_durable_seq(rig->journal), 1);
        uint64_t sleep_us = journal_sleep_us(rig->journal, rig->now);
        ck_assert_uint_le(sleep_us, 50 * 1000);
        ck_assert_uint_gt(sleep_us, 0);
    }
    (void)journal_rig_step(rig, 10 * 1000);
    ck_assert_uint_eq(journal_durable_seq(rig->journal), 5);
    ck_assert_uint_eq(facts_of(rig).syncs, syncs + 1);
    while (!journal_is_read_only(rig->journal) && journal_durable_seq(rig->journal) == 5) {
        append(rig, 1, 500);
        (void)journal_rig_step(rig, 1); /* no time passes to speak of */
    }
    ck_assert(!journal_is_read_only(rig->journal));
    journal_rig_settle(rig);
    ck_assert_msg(journal_rig_check(rig, 1, rig->next_seq - 1), "%s", rig->words.text);
    journal_rig_destroy(&rig);
}
END_TEST

/* At the limit the journal is read-only, whatever its files' age; applying makes the room, also for
 * those that would stay longer. */
START_TEST(limit_is_kept_until_something_is_applied)
{
    struct journal_rig *rig = journal_rig_create(16);
    rig->options.keep_us = UINT64_MAX / 2;
    rig->options.bytes_max = 4 * rig->options.segment_bytes;
    ck_assert_msg(journal_rig_start(rig), "%s", rig->words.text);
    while (!journal_is_read_only(rig->journal)) {
        append(rig, 1, 500);
        (void)journal_rig_step(rig, 1000);
        ck_assert_uint_le(sim_disk_used_bytes(rig->sim), rig->options.bytes_max);
    }
    for (int i = 0; i < 20; i++)
        (void)journal_rig_step(rig, JOURNAL_RETRY_US_MAX);
    ck_assert_uint_eq(sim_disk_used_bytes(rig->sim), rig->options.bytes_max);
    ck_assert(journal_is_read_only(rig->journal));
    struct journal_facts facts = facts_of(rig);
    ck_assert_msg(strstr(facts.last_failure, "journal_bytes_max") != NULL, "%s",
                  facts.last_failure);
    ck_assert_msg(journal_rig_store(rig), "%s", rig->words.text);
    journal_rig_apply(rig);
    journal_rig_settle(rig);
    ck_assert(!journal_is_read_only(rig->journal));
    ck_assert_uint_eq(journal_durable_seq(rig->journal), rig->next_seq - 1);
    ck_assert_msg(journal_rig_store(rig), "%s", rig->words.text);
    journal_rig_destroy(&rig);
}
END_TEST

/* A journal that is full, but applied, is no reason not to start; nor is one of before the limit.
 */
START_TEST(starts_at_the_limit)
{
    struct journal_rig *rig = started(17);
    append_150(rig);
    ck_assert(journal_rig_store(rig));
    journal_rig_apply(rig);
    journal_rig_stop(rig, false);
    ck_assert_uint_gt(sim_disk_used_bytes(rig->sim), 3 * rig->options.segment_bytes);
    rig->options.bytes_max = 3 * rig->options.segment_bytes;
    ck_assert_msg(journal_rig_start(rig), "%s", rig->words.text);
    append(rig, 3, 300);
    journal_rig_settle(rig);
    ck_assert(!journal_is_read_only(rig->journal));
    ck_assert_uint_le(sim_disk_used_bytes(rig->sim), rig->options.bytes_max);
    journal_rig_destroy(&rig);
}
END_TEST

/* Without records a restart leaves no new segment behind, however often. */
START_TEST(restarts_do_not_fill_the_disk)
{
    struct journal_rig *rig = started(14);
    append(rig, 3, 100);
    journal_rig_settle(rig);
    for (int i = 0; i < 50; i++) {
        restart(rig, i % 2 == 0);
        journal_rig_settle(rig);
    }
    ck_assert_uint_le(sim_disk_used_bytes(rig->sim), 4 * rig->options.segment_bytes);
    ck_assert_uint_eq(rig->recovered.last.seq, 3);
    journal_rig_destroy(&rig);
}
END_TEST

/* The database can be ahead of a journal whose end was lost; that is no gap. */
START_TEST(starts_behind_what_is_applied)
{
    struct journal_rig *rig = started(15);
    append(rig, 3, 100);
    journal_rig_settle(rig);
    journal_rig_stop(rig, false);
    rig->applied_seq = rig->stored_seq = rig->published_seq = 10;
    rig->next_seq = 11;
    ck_assert_msg(journal_rig_start(rig), "%s", rig->words.text);
    append(rig, 3, 100);
    ck_assert_uint_eq(rig->next_seq, 14);
    journal_rig_settle(rig);
    ck_assert_msg(journal_rig_store(rig), "%s", rig->words.text);
    ck_assert_uint_eq(rig->stored_seq, 13);
    journal_rig_stop(rig, false);
    ck_assert(recover_cut(&rig->disk, JOURNAL_RIG_WORLD, &rig->recovered, &rig->words));
    ck_assert_uint_eq(rig->recovered.last.seq, 13);
    ck_assert_uint_eq(rig->recovered.newest.previous_seq, 3);
    journal_rig_destroy(&rig);
}
END_TEST

/* A world is restored beside a journal that has a file, and no record yet. */
START_TEST(an_empty_journal_goes_on_behind_what_is_applied)
{
    struct journal_rig *rig = started(16);
    uint64_t next_seq = 0;
    journal_rig_settle(rig);
    journal_rig_stop(rig, false);
    rig->applied_seq = rig->stored_seq = rig->published_seq = 612;
    rig->next_seq = 613;
    ck_assert_msg(journal_rig_start(rig), "%s", rig->words.text);
    append(rig, 3, 100);
    journal_rig_settle(rig);
    restart(rig, false);
    ck_assert_uint_eq(rig->recovered.last.seq, 615);
    ck_assert_uint_eq(rig->recovered.first_seq, 613);
    ck_assert(segment_is_gap(&rig->disk, 1, &next_seq) && next_seq == 613);
    ck_assert(segment_is_gap(&rig->disk, 612, &next_seq) && next_seq == 613);
    ck_assert(!segment_is_gap(&rig->disk, 613, &next_seq));
    ck_assert_msg(journal_rig_store(rig), "%s", rig->words.text);
    ck_assert_uint_eq(rig->stored_seq, 615);
    journal_rig_destroy(&rig);
}
END_TEST

/* ---- the property ---- */

static void change_faults(struct journal_rig *rig)
{
    struct sim_disk_faults *faults = sim_disk_faults(rig->sim);
    switch (rng_below(&rig->rng, 6)) {
    case 0:
        faults->writes_fail = (uint32_t)rng_below(&rig->rng, 4);
        break;
    case 1:
        faults->syncs_fail = (uint32_t)rng_below(&rig->rng, 4);
        break;
    case 2:
        faults->code = rng_below(&rig->rng, 2) == 0 ? EIO : ENOSPC;
        break;
    case 3:
        faults->space_bytes = rng_below(&rig->rng, 10) * 8192;
        break;
    default:
        faults->writes_fail = faults->syncs_fail = 0;
        faults->space_bytes = 0;
        break;
    }
}

static void clear_faults(struct journal_rig *rig)
{
    bool sync_is_ignored = sim_disk_faults(rig->sim)->sync_is_ignored;
    *sim_disk_faults(rig->sim) = (struct sim_disk_faults){.sync_is_ignored = sync_is_ignored};
}

/* A stop, now and then a start that fails or is cut short, and a start that must succeed. */
static bool stop_and_start(struct journal_rig *rig)
{
    clear_faults(rig);
    journal_rig_stop(rig, rng_below(&rig->rng, 3) == 0);
    while (rng_below(&rig->rng, 3) == 0) {
        change_faults(rig);
        struct recovered recovered;
        struct error ignored;
        (void)recover_cut(&rig->disk, JOURNAL_RIG_WORLD, &recovered, &ignored);
        clear_faults(rig);
        journal_rig_stop(rig, rng_below(&rig->rng, 2) == 0);
    }
    return journal_rig_start(rig);
}

static bool operate(struct journal_rig *rig)
{
    uint64_t what = rng_below(&rig->rng, 100);
    if (what < 45)
        for (uint64_t i = rng_below(&rig->rng, 4); i > 0; i--)
            (void)journal_rig_append(rig, (uint32_t)rng_below(&rig->rng, 900));
    else if (what < 80)
        (void)journal_rig_step(rig, rng_below(&rig->rng, 3) * JOURNAL_RETRY_US_MIN);
    else if (what < 88)
        return journal_rig_store(rig);
    else if (what < 91)
        journal_rig_apply(rig);
    else if (what < 95)
        change_faults(rig);
    else
        return stop_and_start(rig);
    return true;
}

/* One world from one seed; false with words when the promise was broken. */
static bool run(struct journal_rig *rig)
{
    rig->options.keep_us = rng_below(&rig->rng, 2) * 3 * JOURNAL_RETRY_US_MIN;
    rig->options.bytes_max = rng_below(&rig->rng, 2) * 6 * rig->options.segment_bytes;
    rig->options.delay_us = rng_below(&rig->rng, 2) * JOURNAL_RETRY_US_MIN / 2;
    bool is_right = journal_rig_start(rig);
    for (int i = 0; is_right && i < OPERATIONS; i++)
        is_right = operate(rig);
    if (!is_right)
        return false;
    clear_faults(rig);
    for (int i = 0; i < HEAL_STEPS; i++) { /* at the limit only what is applied heals it */
        (void)journal_rig_step(rig, JOURNAL_RETRY_US_MAX);
        if (!journal_rig_store(rig))
            return false;
        journal_rig_apply(rig);
    }
    journal_rig_settle(rig);
    if (journal_durable_seq(rig->journal) != rig->next_seq - 1)
        return error_set(&rig->words, "not healed");
    return journal_rig_store(rig) && stop_and_start(rig);
}

static bool run_seed(uint64_t seed, bool sync_is_ignored, struct error *words)
{
    struct journal_rig *rig = journal_rig_create(seed);
    sim_disk_faults(rig->sim)->sync_is_ignored = sync_is_ignored;
    bool is_right = run(rig);
    *words = rig->words;
    journal_rig_destroy(&rig);
    return is_right;
}

START_TEST(nothing_confirmed_is_lost)
{
    struct error words;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        ck_assert_msg(run_seed(seed, false, &words), "seed %" PRIu64 ": %s", seed, words.text);
}
END_TEST

/* The property has teeth: with fdatasync taken out it finds losses. */
START_TEST(without_sync_it_is_lost)
{
    struct error words;
    int losses = 0;
    for (uint64_t seed = 0; seed < EXPERIMENT_SEEDS; seed++)
        losses += run_seed(seed, true, &words) ? 0 : 1;
    ck_assert_int_gt(losses, EXPERIMENT_SEEDS / 2);
}
END_TEST

TESTING_MAIN("journal", appends_become_durable_together, empty_folder_gets_a_random_id,
             strangers_are_refused, full_ring_refuses_and_says_so, reservation_can_be_dropped,
             an_empty_journal_goes_on_behind_what_is_applied, segments_roll_without_a_hole,
             next_segment_is_made_ahead, old_segments_go_when_applied_and_old_enough,
             old_segments_go_when_archived, unapplied_segments_stay,
             failed_sync_heals_in_a_new_segment, failures_back_off,
             full_disk_heals_when_there_is_room, full_disk_heals_by_applying,
             delay_gathers_records_until_the_ring_fills, limit_is_kept_until_something_is_applied,
             starts_at_the_limit, restarts_do_not_fill_the_disk, starts_behind_what_is_applied,
             nothing_confirmed_is_lost, without_sync_it_is_lost)
