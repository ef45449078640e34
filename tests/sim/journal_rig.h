/* journal_rig.h - a journal on a simulated disk with its tick and its store, and what must hold.
 *
 * Every record's payload comes from a salt that the rig remembers, so it can tell whether what
 * comes back is what was appended last under that number. The checks return false and put the
 * reason into rig->words. The store is a tail that reads what is durable and, now and then, applies
 * it. */
#ifndef TILTH_SIM_JOURNAL_RIG_H
#define TILTH_SIM_JOURNAL_RIG_H

#include "base/clock.h"
#include "base/rng.h"
#include "journal/journal.h"
#include "journal/tail.h"
#include "sim/disk.h"

enum { JOURNAL_RIG_RECORDS_MAX = 4096, JOURNAL_RIG_WORLD = 77, JOURNAL_RIG_ID = 99 };

struct journal_rig {
    struct rng rng;
    struct sim_disk *sim;
    struct disk disk;
    struct journal_options options;
    struct journal *journal; /* NULL while stopped */
    struct tail *tail;       /* of the store */
    struct recovered recovered;
    struct moment now;
    uint64_t next_seq;
    uint64_t published_seq; /* the highest durable_seq ever seen */
    uint64_t stored_seq;    /* what the store has read, and is never told again */
    uint64_t applied_seq;   /* what the journal was told */
    uint64_t salts[JOURNAL_RIG_RECORDS_MAX];
    struct error words;
};

/* A rig with an empty disk, not started; change options before the start. */
struct journal_rig *journal_rig_create(uint64_t seed);
void journal_rig_destroy(struct journal_rig **rig); /* NULL-safe. */

/* recover_scan, recover_cut, recover_scan, the checks on what they found, and journal_create. */
bool journal_rig_start(struct journal_rig *rig);

/* Stops without a word: by power loss, or (kill) only of the process. */
void journal_rig_stop(struct journal_rig *rig, bool is_kill);

/* Appends one record with a payload of size_bytes; false when the ring is full. */
bool journal_rig_append(struct journal_rig *rig, uint32_t size_bytes);

/* A journal_step, `us` later. What it returned. */
bool journal_rig_step(struct journal_rig *rig, uint64_t us);

/* Steps until nothing is to do; the time passes. */
void journal_rig_settle(struct journal_rig *rig);

/* The store reads all that is durable. */
bool journal_rig_store(struct journal_rig *rig);

/* Tells the journal that what the store read is applied. */
void journal_rig_apply(struct journal_rig *rig);

/* Are the records from..to in the files, with what was appended last? */
bool journal_rig_check(struct journal_rig *rig, uint64_t from, uint64_t to);

#endif
