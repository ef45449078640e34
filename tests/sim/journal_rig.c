#include "sim/journal_rig.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"

enum { PAYLOAD_BYTES_MAX = 4096 };

struct journal_rig *journal_rig_create(uint64_t seed)
{
    struct journal_rig *rig = calloc(1, sizeof *rig);
    ensure(rig != NULL);
    rng_init(&rig->rng, seed);
    rig->sim = sim_disk_create(rng_next(&rig->rng));
    rig->disk = sim_disk_open(rig->sim);
    rig->now.mono_us = 1000;
    rig->options = (struct journal_options){
        .disk = &rig->disk,
        .world = JOURNAL_RIG_WORLD,
        .journal = JOURNAL_RIG_ID,
        .timeline = 1,
        .ring_bytes = 4096,
        .segment_bytes = 12 * 1024,
    };
    return rig;
}

static void close_all(struct journal_rig *rig)
{
    tail_close(&rig->tail);
    journal_destroy(&rig->journal);
}

void journal_rig_destroy(struct journal_rig **rig)
{
    if (*rig == NULL)
        return;
    close_all(*rig);
    sim_disk_destroy(&(*rig)->sim);
    free(*rig);
    *rig = NULL;
}

static uint64_t header_word(uint64_t salt, uint64_t seq)
{
    return rng_mix(salt ^ rng_mix(seq));
}

static void fill(uint8_t *payload, uint32_t size_bytes, uint64_t salt, uint64_t seq)
{
    struct rng rng;
    rng_init(&rng, header_word(salt, seq));
    for (uint32_t at = 0; at < size_bytes; at += 8) {
        uint64_t word = rng_next(&rng);
        memcpy(payload + at, &word, size_bytes - at < 8 ? size_bytes - at : 8);
    }
}

static bool is_as_appended(const struct journal_rig *rig, const struct tail_record *record)
{
    uint8_t wanted[PAYLOAD_BYTES_MAX];
    uint64_t seq = record->header.seq;
    uint64_t salt = rig->salts[seq];
    uint32_t size_bytes = (uint32_t)(salt & 0xffff);
    if (record->header.hash.low != header_word(salt, seq) ||
        record->header.size_bytes != size_bytes)
        return false;
    fill(wanted, size_bytes, salt, seq);
    return memcmp(record->payload, wanted, size_bytes) == 0;
}

/* Reads from the tail up to `to`; every record must be the next one and as appended. */
static bool read_to(struct journal_rig *rig, struct tail *tail, uint64_t from, uint64_t to)
{
    struct tail_record record;
    for (uint64_t seq = from; seq <= to; seq++) {
        enum tail_result result = tail_next(tail, to, &record, &rig->words);
        if (result == TAIL_FAILED)
            return error_add(&rig->words, "tail failed at record %" PRIu64, seq);
        if (result == TAIL_NONE)
            return error_set(&rig->words, "tail ends before record %" PRIu64, seq);
        if (record.header.seq != seq)
            return error_set(&rig->words, "tail gave record %" PRIu64 " for %" PRIu64,
                             record.header.seq, seq);
        if (!is_as_appended(rig, &record))
            return error_set(&rig->words, "record %" PRIu64 " is not as appended", seq);
    }
    if (tail_next(tail, to, &record, &rig->words) != TAIL_NONE)
        return error_set(&rig->words, "tail goes on behind record %" PRIu64, to);
    return true;
}

bool journal_rig_check(struct journal_rig *rig, uint64_t from, uint64_t to)
{
    struct tail *tail = tail_open(&rig->disk, from, &rig->words);
    if (tail == NULL)
        return error_add(&rig->words, "tail does not open at record %" PRIu64, from);
    bool is_right = read_to(rig, tail, from, to);
    tail_close(&tail);
    return is_right;
}

/* What a recovery must have found after a stop of any kind. */
static bool check_recovered(struct journal_rig *rig, const struct recovered *recovered)
{
    uint64_t last_seq = recovered->last.seq;
    if (last_seq > rig->next_seq - 1)
        return error_set(&rig->words, "recovered record %" PRIu64 " was never appended", last_seq);
    if (rig->published_seq > rig->applied_seq && last_seq < rig->published_seq)
        return error_set(&rig->words, "lost records behind %" PRIu64 ": %" PRIu64 " was confirmed",
                         last_seq, rig->published_seq);
    if (rig->published_seq > rig->applied_seq && recovered->first_seq > rig->applied_seq + 1)
        return error_set(&rig->words, "records before %" PRIu64 " are gone", recovered->first_seq);
    return last_seq == 0 || journal_rig_check(rig, recovered->first_seq, last_seq);
}

static bool recover(struct journal_rig *rig)
{
    struct recovered seen;
    struct recovered again;
    if (!recover_scan(&rig->disk, JOURNAL_RIG_WORLD, &seen, &rig->words))
        return error_add(&rig->words, "scan");
    if (!check_recovered(rig, &seen))
        return false;
    if (!recover_cut(&rig->disk, JOURNAL_RIG_WORLD, &rig->recovered, &rig->words))
        return error_add(&rig->words, "cut");
    if (!recover_scan(&rig->disk, JOURNAL_RIG_WORLD, &again, &rig->words))
        return error_add(&rig->words, "scan after cut");
    if (again.cut_bytes != 0 || again.last.seq != seen.last.seq ||
        again.first_seq != seen.first_seq || again.segments != rig->recovered.segments ||
        (!again.is_empty && again.newest.number != rig->recovered.newest.number))
        return error_set(&rig->words, "a scan after the cut sees something else");
    return check_recovered(rig, &again);
}

bool journal_rig_start(struct journal_rig *rig)
{
    if (rig->next_seq == 0)
        rig->next_seq = 1;
    if (!recover(rig))
        return false;
    uint64_t last_seq = rig->recovered.last.seq;
    rig->next_seq = (last_seq > rig->applied_seq ? last_seq : rig->applied_seq) + 1;
    rig->options.next_seq = rig->next_seq;
    rig->journal = journal_create(&rig->options, &rig->recovered, &rig->words);
    if (rig->journal == NULL)
        return error_add(&rig->words, "create");
    rig->published_seq = journal_durable_seq(rig->journal);
    journal_set_applied(rig->journal, rig->applied_seq);
    rig->tail = tail_open(&rig->disk, rig->stored_seq + 1, &rig->words);
    return rig->tail != NULL ? true : error_add(&rig->words, "the store's tail");
}

void journal_rig_stop(struct journal_rig *rig, bool is_kill)
{
    close_all(rig);
    if (is_kill)
        sim_disk_kill(rig->sim);
    else
        sim_disk_crash(rig->sim);
}

bool journal_rig_append(struct journal_rig *rig, uint32_t size_bytes)
{
    uint64_t seq = rig->next_seq;
    ensure(seq < JOURNAL_RIG_RECORDS_MAX && size_bytes <= PAYLOAD_BYTES_MAX);
    uint8_t *payload = journal_reserve(rig->journal, size_bytes);
    if (payload == NULL)
        return false;
    uint64_t salt = (rng_next(&rig->rng) & ~(uint64_t)0xffff) | size_bytes;
    fill(payload, size_bytes, salt, seq);
    struct record_header header = {
        .seq = seq,
        .tick = 10 * seq,
        .wall_us = rig->now.wall_us,
        .hash = {header_word(salt, seq), seq},
        .size_bytes = size_bytes,
    };
    journal_append(rig->journal, &header);
    rig->salts[seq] = salt;
    rig->next_seq++;
    return true;
}

bool journal_rig_step(struct journal_rig *rig, uint64_t us)
{
    rig->now.mono_us += us;
    bool has_worked = journal_step(rig->journal, rig->now);
    uint64_t durable_seq = journal_durable_seq(rig->journal);
    ensure(durable_seq >= rig->published_seq && durable_seq < rig->next_seq);
    rig->published_seq = durable_seq;
    return has_worked;
}

void journal_rig_settle(struct journal_rig *rig)
{
    for (int idle = 0; idle < 3;)
        idle = journal_rig_step(rig, JOURNAL_RETRY_US_MAX) ? 0 : idle + 1;
}

bool journal_rig_store(struct journal_rig *rig)
{
    uint64_t durable_seq = journal_durable_seq(rig->journal);
    if (!read_to(rig, rig->tail, rig->stored_seq + 1, durable_seq))
        return error_add(&rig->words, "the store");
    rig->stored_seq = durable_seq;
    return true;
}

void journal_rig_apply(struct journal_rig *rig)
{
    rig->applied_seq = rig->stored_seq;
    journal_set_applied(rig->journal, rig->applied_seq);
}
