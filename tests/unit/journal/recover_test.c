#include "testing.h"

#include <inttypes.h>
#include <string.h>

#include "journal/segment.h"
#include "sim/journal_rig.h"

enum { SEGMENT_BYTES = 8192, FLIP_SEEDS = TESTING_ROUNDS(600), FLIPS = 12 };

/* A segment file put together by hand. */
struct draft {
    uint8_t bytes[SEGMENT_BYTES];
    uint64_t end;
    struct record_segment segment;
};

static void draft_init(struct draft *draft, struct record_segment segment)
{
    memset(draft, 0, sizeof *draft);
    segment.world = JOURNAL_RIG_WORLD;
    segment.journal = JOURNAL_RIG_ID;
    draft->segment = segment;
    draft->end = RECORD_SEGMENT_BYTES;
    record_write_segment(&segment, draft->bytes);
}

/* Adds record `seq` with 40 bytes; returns its offset. */
static uint64_t draft_add(struct draft *draft, uint64_t seq, uint64_t durable_seq)
{
    uint64_t offset = draft->end;
    uint8_t *payload = draft->bytes + offset + RECORD_HEADER_BYTES;
    struct record_header header = {.seq = seq,
                                   .durable_seq = durable_seq,
                                   .journal = draft->segment.journal,
                                   .size_bytes = 40};
    memset(payload, (int)seq, 40);
    record_write_header(&header, payload, draft->bytes + offset);
    draft->end += record_stride(40);
    return offset;
}

static void draft_put(const struct draft *draft, struct sim_disk *sim, size_t size_bytes)
{
    char name[DISK_NAME_BYTES];
    segment_name(draft->segment.number, name);
    sim_disk_put(sim, name, draft->bytes, size_bytes);
}

/* A folder with segment 1 (records 1 to 3) and segment 2 (from 4, with `count` records). */
static struct sim_disk *two_segments(struct draft *second, uint64_t count)
{
    struct sim_disk *sim = sim_disk_create(1);
    struct draft first;
    draft_init(&first, (struct record_segment){.number = 1, .first_seq = 1});
    for (uint64_t seq = 1; seq <= 3; seq++)
        draft_add(&first, seq, seq - 1);
    draft_put(&first, sim, sizeof first.bytes);
    draft_init(second, (struct record_segment){.number = 2, .first_seq = 4, .previous_seq = 3});
    for (uint64_t seq = 4; seq < 4 + count; seq++)
        draft_add(second, seq, 3);
    draft_put(second, sim, sizeof second->bytes);
    return sim;
}

static struct recovered must_cut(struct sim_disk *sim)
{
    struct disk disk = sim_disk_open(sim);
    struct recovered seen;
    struct recovered recovered;
    struct recovered again;
    struct error error = {""};
    ck_assert_msg(recover_scan(&disk, JOURNAL_RIG_WORLD, &seen, &error), "%s", error.text);
    ck_assert_msg(recover_cut(&disk, JOURNAL_RIG_WORLD, &recovered, &error), "%s", error.text);
    ck_assert_uint_eq(seen.cut_bytes, recovered.cut_bytes);
    ck_assert_msg(recover_scan(&disk, 0, &again, &error), "%s", error.text);
    ck_assert_uint_eq(again.cut_bytes, 0);
    ck_assert_uint_eq(again.last.seq, recovered.last.seq);
    ck_assert_uint_eq(again.segments, recovered.segments);
    return recovered;
}

/* recover_scan must fail, and the text must have all the parts. */
static void must_refuse(struct sim_disk *sim, const char *part, const char *other_part)
{
    struct disk disk = sim_disk_open(sim);
    struct recovered recovered;
    struct error error = {""};
    ck_assert(!recover_scan(&disk, JOURNAL_RIG_WORLD, &recovered, &error));
    ck_assert_msg(strstr(error.text, part) != NULL, "%s", error.text);
    ck_assert_msg(strstr(error.text, other_part) != NULL, "%s", error.text);
    ck_assert(!recover_cut(&disk, JOURNAL_RIG_WORLD, &recovered, NULL));
}

START_TEST(empty_folder)
{
    struct sim_disk *sim = sim_disk_create(1);
    sim_disk_put(sim, "lost+found", "", 0);
    sim_disk_put(sim, "0000000000000001.segment.old", "x", 1);
    struct recovered recovered = must_cut(sim);
    ck_assert(recovered.is_empty);
    ck_assert_uint_eq(recovered.last.seq, 0);
    ck_assert_uint_eq(recovered.first_seq, 0);
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(whole_journal)
{
    struct draft second;
    struct sim_disk *sim = two_segments(&second, 3);
    struct recovered recovered = must_cut(sim);
    ck_assert(!recovered.is_empty);
    ck_assert_uint_eq(recovered.first_seq, 1);
    ck_assert_uint_eq(recovered.last.seq, 6);
    ck_assert_uint_eq(recovered.segments, 2);
    ck_assert_uint_eq(recovered.newest.number, 2);
    ck_assert_uint_eq(recovered.cut_bytes, 0);
    sim_disk_destroy(&sim);
}
END_TEST

/* A torn record and what lies behind it were never confirmed: cut, whatever part is missing. */
START_TEST(torn_tail_is_cut)
{
    for (uint64_t at = RECORD_SEGMENT_BYTES; at < RECORD_SEGMENT_BYTES + 3 * 112; at += 8) {
        struct draft second;
        struct sim_disk *sim = two_segments(&second, 3);
        memset(second.bytes + at, 0xa5, 8);
        draft_put(&second, sim, sizeof second.bytes);
        struct recovered recovered = must_cut(sim);
        uint64_t good = (at - RECORD_SEGMENT_BYTES) / 112;
        ck_assert_uint_eq(recovered.last.seq, 3 + good);
        if (good > 0)
            ck_assert_uint_eq(recovered.cut_bytes, (3 - good) * 112);
        sim_disk_destroy(&sim);
    }
}
END_TEST

START_TEST(short_file_is_a_torn_tail)
{
    for (size_t size = RECORD_SEGMENT_BYTES; size < RECORD_SEGMENT_BYTES + 3 * 112; size += 40) {
        struct draft second;
        struct sim_disk *sim = two_segments(&second, 3);
        draft_put(&second, sim, size);
        ck_assert_uint_eq(must_cut(sim).last.seq, 3 + (size - RECORD_SEGMENT_BYTES) / 112);
        sim_disk_destroy(&sim);
    }
}
END_TEST

/* The newest segment, half made: nothing, a part of a header, zeros, garbage without a record. */
START_TEST(half_made_segment_is_removed)
{
    static const size_t sizes[] = {0, 100, RECORD_SEGMENT_BYTES - 1, SEGMENT_BYTES};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct draft second;
        struct draft third;
        char name[DISK_NAME_BYTES];
        struct sim_disk *sim = two_segments(&second, 1);
        struct disk disk = sim_disk_open(sim);
        draft_init(&third, (struct record_segment){.number = 3, .first_seq = 5, .previous_seq = 4});
        third.bytes[60] ^= 1;
        draft_put(&third, sim, sizes[i]);
        struct recovered recovered = must_cut(sim);
        ck_assert_uint_eq(recovered.last.seq, 4);
        ck_assert_uint_eq(recovered.newest.number, 2);
        ck_assert_int_eq(disk.ops->next(disk.state, "0000000000000002.segment", name), 0);
        sim_disk_destroy(&sim);
    }
}
END_TEST

START_TEST(rolled_segment_without_records)
{
    struct draft second;
    struct sim_disk *sim = two_segments(&second, 0);
    struct recovered recovered = must_cut(sim);
    ck_assert_uint_eq(recovered.last.seq, 3);
    ck_assert_uint_eq(recovered.newest.number, 1); /* the second says nothing new */
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(superseded_records_do_not_count)
{
    struct draft draft;
    struct sim_disk *sim = two_segments(&draft, 4); /* 4 to 7, of which 4 was confirmed */
    memset(draft.bytes + RECORD_SEGMENT_BYTES + 2 * 112, 0x5a, 100); /* 6 is torn, 7 intact */
    draft_put(&draft, sim, sizeof draft.bytes);
    draft_init(&draft, (struct record_segment){
                           .number = 3, .first_seq = 5, .previous_seq = 4, .supersedes = 2});
    draft_put(&draft, sim, sizeof draft.bytes);
    struct recovered recovered = must_cut(sim);
    ck_assert_uint_eq(recovered.last.seq, 4);
    ck_assert_uint_eq(recovered.newest.number, 3); /* it stays: 5 would come back without it */
    draft_add(&draft, 5, 4);
    draft_put(&draft, sim, sizeof draft.bytes);
    recovered = must_cut(sim);
    ck_assert_uint_eq(recovered.last.seq, 5);
    ck_assert_uint_eq(recovered.last.durable_seq, 4);
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(confirmed_damage_in_the_newest_is_corruption)
{
    struct draft second;
    struct sim_disk *sim = two_segments(&second, 2);
    uint64_t offset = RECORD_SEGMENT_BYTES + 112; /* record 5 */
    draft_add(&second, 6, 4);
    memset(second.bytes + offset + 80, 0, 8);
    draft_put(&second, sim, sizeof second.bytes);
    ck_assert_uint_eq(must_cut(sim).last.seq, 4); /* nobody says that 5 was durable */
    second.end = RECORD_SEGMENT_BYTES;
    for (uint64_t seq = 4; seq <= 6; seq++)
        draft_add(&second, seq, seq - 1);
    second.bytes[offset + 80] ^= 4;
    draft_put(&second, sim, sizeof second.bytes);
    must_refuse(sim, "0000000000000002.segment", "byte 4208: record 5");
    must_refuse(sim, "put back an intact copy", "--abandon-journal");
    sim_disk_destroy(&sim);
}
END_TEST

/* Nothing behind it can say that it was confirmed; but it was written in full, so it may have been.
 */
START_TEST(one_flipped_bit_in_the_last_record_is_corruption)
{
    struct draft second;
    struct sim_disk *sim = two_segments(&second, 2);
    uint8_t *last = second.bytes + RECORD_SEGMENT_BYTES + 112; /* record 5 */
    for (uint32_t bit = 0; bit < 8 * 112; bit++) {
        last[bit / 8] ^= (uint8_t)(1U << bit % 8);
        draft_put(&second, sim, sizeof second.bytes);
        must_refuse(sim, "0000000000000002.segment", "byte 4208: record 5");
        last[bit * 5 % (8 * 112) / 8] ^= 0x18;
        draft_put(&second, sim, sizeof second.bytes);
        ck_assert_uint_eq(must_cut(sim).last.seq, 4); /* torn */
        last[bit * 5 % (8 * 112) / 8] ^= 0x18;
        last[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    sim_disk_destroy(&sim);
}
END_TEST

/* A record of 200 bytes that lacks one bit at `at` of the file, and has another at `other`, behind
 * three records of `second`. */
static void put_without_bit(struct draft *second, struct sim_disk *sim, uint64_t at, uint64_t other)
{
    struct record_header header = {
        .seq = 7, .durable_seq = 3, .journal = JOURNAL_RIG_ID, .size_bytes = 200};
    uint8_t *payload = second->bytes + second->end + RECORD_HEADER_BYTES;
    memset(payload, 7, 80);
    second->bytes[at] = 0x40;
    second->bytes[other] = 1;
    record_write_header(&header, payload, second->bytes + second->end);
    second->bytes[at] = 0;
    draft_put(second, sim, sizeof second->bytes);
}

/* A torn record may lack a single bit: when that is all it has in what is missing of a sector. */
START_TEST(a_missing_end_with_one_bit_is_a_torn_tail)
{
    static const uint64_t sector = 4608, last = 4432 + RECORD_HEADER_BYTES + 199;
    static const uint64_t places[][2] = {
        {sector + 3, sector - 9}, {last, last - 1}, {sector - 1, sector}, {sector + 3, sector + 9}};
    for (size_t i = 0; i < 4; i++) {
        struct draft second;
        struct sim_disk *sim = two_segments(&second, 3);
        put_without_bit(&second, sim, places[i][0], places[i][1]);
        if (i < 3)
            ck_assert_uint_eq(must_cut(sim).last.seq, 6);
        else
            must_refuse(sim, "byte 4432: record 7", "a bit of it has flipped");
        sim_disk_destroy(&sim);
    }
}
END_TEST

/* The first segment would seem to lack what is in the second. */
START_TEST(a_damaged_header_is_told_before_what_it_hides)
{
    struct draft second, third;
    struct sim_disk *sim = two_segments(&second, 2);
    draft_init(&third, (struct record_segment){.number = 3, .first_seq = 6, .previous_seq = 5});
    draft_put(&third, sim, sizeof third.bytes);
    ck_assert(sim_disk_flip(sim, "0000000000000002.segment", 60, 3));
    must_refuse(sim, "0000000000000002.segment", "damaged at byte 0");
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(damage_in_an_older_segment_is_corruption)
{
    struct draft second;
    struct sim_disk *sim = two_segments(&second, 0);
    ck_assert(sim_disk_flip(sim, "0000000000000001.segment", RECORD_SEGMENT_BYTES + 2 * 112, 0));
    must_refuse(sim, "0000000000000001.segment", "byte 4320: records 3 to 3");
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(missing_segment_is_corruption)
{
    struct draft draft;
    struct sim_disk *sim = two_segments(&draft, 2);
    struct disk disk = sim_disk_open(sim);
    draft_init(&draft, (struct record_segment){.number = 3, .first_seq = 6, .previous_seq = 5});
    draft_put(&draft, sim, sizeof draft.bytes);
    (void)must_cut(sim);
    draft_put(&draft, sim, sizeof draft.bytes);
    ck_assert_int_eq(disk.ops->unlink(disk.state, "0000000000000002.segment"), 0);
    must_refuse(sim, "0000000000000001.segment", "records 4 to 5");
    ck_assert_int_eq(disk.ops->unlink(disk.state, "0000000000000001.segment"), 0);
    ck_assert_uint_eq(must_cut(sim).last.seq, 0); /* the oldest ones may be gone */
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(damaged_header_over_records_is_corruption)
{
    struct draft second;
    struct sim_disk *sim = two_segments(&second, 1);
    ck_assert(sim_disk_flip(sim, "0000000000000002.segment", 50, 3));
    must_refuse(sim, "0000000000000002.segment", "header cannot be read");
    sim_disk_destroy(&sim);
    sim = two_segments(&second, 1);
    ck_assert(sim_disk_flip(sim, "0000000000000001.segment", 50, 3));
    must_refuse(sim, "0000000000000001.segment", "header cannot be read");
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(strangers_are_refused)
{
    struct draft draft;
    struct sim_disk *sim = two_segments(&draft, 1);
    struct disk disk = sim_disk_open(sim);
    struct recovered recovered;
    struct error error;
    ck_assert(!recover_scan(&disk, JOURNAL_RIG_WORLD + 1, &recovered, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "world"));
    draft.segment.journal++;
    record_write_segment(&draft.segment, draft.bytes);
    draft_put(&draft, sim, sizeof draft.bytes);
    must_refuse(sim, "0000000000000002.segment", "of journal");
    draft_init(&draft, (struct record_segment){.number = 1, .first_seq = 1});
    sim_disk_put(sim, "0000000000000002.segment", draft.bytes, sizeof draft.bytes);
    must_refuse(sim, "0000000000000002.segment", "copy of 0000000000000001");
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(other_format_version_is_refused)
{
    struct draft draft;
    struct sim_disk *sim = two_segments(&draft, 0);
    draft.bytes[12] = 2;
    uint32_t crc = hash_crc32c(0, draft.bytes + 12, RECORD_SEGMENT_BYTES - 12);
    for (int i = 0; i < 4; i++)
        draft.bytes[8 + i] = (uint8_t)(crc >> (8 * i));
    draft_put(&draft, sim, sizeof draft.bytes);
    must_refuse(sim, "0000000000000002.segment", "format version 2");
    sim_disk_destroy(&sim);
}
END_TEST

/* What a player wrote cannot pass for a record that claims something. */
START_TEST(forged_payload_claims_nothing)
{
    struct draft second;
    struct draft forged;
    struct sim_disk *sim = two_segments(&second, 1);
    draft_init(&forged, (struct record_segment){.number = 9});
    forged.segment.journal++;
    uint64_t offset = draft_add(&forged, 1000, 999);
    memcpy(second.bytes + second.end + 160, forged.bytes + offset, 112);
    memset(second.bytes + second.end, 0x77, 16);
    draft_put(&second, sim, sizeof second.bytes);
    ck_assert_uint_eq(must_cut(sim).last.seq, 4);
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(io_error_is_told_in_words)
{
    struct draft second;
    struct sim_disk *sim = two_segments(&second, 2);
    struct disk disk = sim_disk_open(sim);
    struct recovered recovered;
    struct error error;
    sim_disk_faults(sim)->syncs_fail = 1;
    ck_assert(!recover_cut(&disk, JOURNAL_RIG_WORLD, &recovered, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "cannot cut"));
    ck_assert_ptr_nonnull(strstr(error.text, "Input/output error"));
    sim_disk_destroy(&sim);
}
END_TEST

/* One flipped bit anywhere: reported, or harmless. Harmless is also what cuts records that no
 * later one says were durable: to recovery they are as if never confirmed. */
static void flip_one(struct journal_rig *rig, const struct recovered *before, const char *name)
{
    struct recovered after;
    struct error error;
    uint64_t offset = rng_below(&rig->rng, 11 * 1024);
    uint32_t bit = (uint32_t)rng_below(&rig->rng, 8);
    if (!sim_disk_flip(rig->sim, name, offset, bit))
        return;
    if (recover_scan(&rig->disk, JOURNAL_RIG_WORLD, &after, &error)) {
        ck_assert_uint_ge(after.last.seq, before->last.durable_seq);
        ck_assert_uint_le(after.last.seq, before->last.seq);
        if (after.first_seq != 0)
            ck_assert_msg(journal_rig_check(rig, after.first_seq, after.last.seq),
                          "%s at %" PRIu64 ": %s", name, offset, rig->words.text);
    }
    ck_assert(sim_disk_flip(rig->sim, name, offset, bit));
}

START_TEST(flipped_bits_are_reported_or_harmless)
{
    int reported = 0;
    for (uint64_t seed = 0; seed < FLIP_SEEDS; seed++) {
        struct journal_rig *rig = journal_rig_create(seed);
        struct recovered recovered;
        ck_assert(journal_rig_start(rig));
        for (int i = 0; i < 30; i++) {
            (void)journal_rig_append(rig, (uint32_t)rng_below(&rig->rng, 900));
            (void)journal_rig_step(rig, JOURNAL_RETRY_US_MIN);
            if (rng_below(&rig->rng, 20) == 0)
                sim_disk_faults(rig->sim)->syncs_fail = 1;
        }
        journal_rig_stop(rig, false);
        sim_disk_faults(rig->sim)->syncs_fail = 0;
        ck_assert(recover_cut(&rig->disk, JOURNAL_RIG_WORLD, &recovered, &rig->words));
        for (int i = 0; i < FLIPS; i++) {
            char name[DISK_NAME_BYTES];
            segment_name(1 + rng_below(&rig->rng, recovered.newest.number), name);
            flip_one(rig, &recovered, name);
        }
        ck_assert(sim_disk_flip(rig->sim, "0000000000000001.segment", 4096 + 8, 0));
        reported += !recover_scan(&rig->disk, JOURNAL_RIG_WORLD, &recovered, NULL);
        journal_rig_destroy(&rig);
    }
    ck_assert_int_gt(reported, FLIP_SEEDS * 9 / 10);
}
END_TEST

TESTING_MAIN("recover", empty_folder, whole_journal, torn_tail_is_cut, short_file_is_a_torn_tail,
             half_made_segment_is_removed, rolled_segment_without_records,
             superseded_records_do_not_count, confirmed_damage_in_the_newest_is_corruption,
             one_flipped_bit_in_the_last_record_is_corruption,
             a_missing_end_with_one_bit_is_a_torn_tail,
             a_damaged_header_is_told_before_what_it_hides,
             damage_in_an_older_segment_is_corruption, missing_segment_is_corruption,
             damaged_header_over_records_is_corruption, strangers_are_refused,
             other_format_version_is_refused, forged_payload_claims_nothing,
             io_error_is_told_in_words, flipped_bits_are_reported_or_harmless)
