/* journal.h - tick records into segments, group-committed.
 *
 * The tick thread reserves and appends (a ring; no lock, no system call but a wake-up); the journal
 * thread calls journal_step, which takes all records there are, writes them, calls fdatasync once,
 * and publishes durable_seq. A record's bytes stay in the ring until they are durable, so a failed
 * write or fdatasync loses nothing: the journal turns read-only, and writes all that is not durable
 * into a new segment that supersedes the old one, until it succeeds. Segments are preallocated.
 * Memory: the ring and one group of records, reserved at create. See server/host/tick.c and
 * tests/scenario. */
#ifndef TILTH_JOURNAL_JOURNAL_H
#define TILTH_JOURNAL_JOURNAL_H

#include "base/clock.h"
#include "base/wake.h"
#include "journal/disk.h"
#include "journal/recover.h"

/* A group of records: written at once, and not split over segments. */
enum { JOURNAL_GROUP_BYTES_MAX = RECORD_PAYLOAD_BYTES_MAX + RECORD_HEADER_BYTES };
enum { JOURNAL_SEGMENT_BYTES_MIN = RECORD_SEGMENT_BYTES + JOURNAL_GROUP_BYTES_MAX };

enum { JOURNAL_RETRY_US_MIN = 100 * 1000, JOURNAL_RETRY_US_MAX = 2 * 1000 * 1000 };

struct journal;

struct journal_options {
    struct disk *disk; /* must outlive the journal */
    uint64_t world;
    uint64_t journal;       /* id; 0: as recovered, or a new random one for an empty folder */
    uint32_t timeline;      /* at least the recovered one */
    uint64_t next_seq;      /* of the first record to come: max(last recovered, applied) + 1 */
    uint64_t ring_bytes;    /* a power of two; a payload takes at most a quarter of it, less 64 */
    uint64_t segment_bytes; /* at least JOURNAL_SEGMENT_BYTES_MIN, with a small ring less */
    uint64_t keep_us;       /* applied segments stay at least so long, if there is room */
    uint64_t bytes_max; /* of all segments, at least two; beyond it the journal is read-only until
                         * some are applied. 0: no limit */
    uint64_t delay_us;  /* from one group commit to the next at least, while the ring is not
                         * half full */
    bool is_archived;   /* segments stay until journal_set_archived, if there is room */
    struct wake *durable_wake; /* signalled when durable_seq moved; or NULL */
};

/* What an operator wants to know; counts since start. */
struct journal_facts {
    uint64_t durable_seq;
    uint64_t records, bytes, syncs;
    uint64_t failures; /* writes or syncs that failed */
    uint64_t segment;  /* number of the current one */
    bool is_read_only;
    char last_failure[128]; /* in words, "" when none */
};

/* Starts a journal behind what recover_cut found in the same folder. NULL and the error when the
 * first segment cannot be made, or another world, journal or later timeline was recovered. */
struct journal *journal_create(const struct journal_options *options,
                               const struct recovered *recovered, struct error *error);
void journal_destroy(struct journal **journal); /* Closes files; NULL-safe. Step to idle first. */

/* Tick thread: room for a payload of size_bytes_max, or NULL: then the tick runs read-only. */
uint8_t *journal_reserve(struct journal *journal, uint32_t size_bytes_max);

/* Tick thread: appends the reserved payload (header->size_bytes of it). header->seq must be the
 * next one; durable_seq and journal of the header are filled in here. */
void journal_append(struct journal *journal, const struct record_header *header);

/* Journal thread: one group commit, or else a part of a chore (making the next segment, removing an
 * old one). True when there was something to do; otherwise sleep on journal_wake, for at most
 * journal_sleep_us, because a failing disk is tried again, and delay_us is over, by `now`. */
bool journal_step(struct journal *journal, struct moment now);

/* Journal thread: how long its loop may sleep at `now`, at most JOURNAL_RETRY_US_MIN. */
uint64_t journal_sleep_us(const struct journal *journal, struct moment now);

/* Journal thread: what its loop sleeps on. */
struct wake *journal_wake(struct journal *journal);

/* Any thread: the highest sequence number that is durable. */
uint64_t journal_durable_seq(struct journal *journal);

/* Any thread: is writing failing right now, or has it no room? */
bool journal_is_read_only(struct journal *journal);

/* Any thread (the store): everything up to here is in the database; older segments may go. */
void journal_set_applied(struct journal *journal, uint64_t applied_seq);

/* Any thread (the archive): segments up to this number are archived. */
void journal_set_archived(struct journal *journal, uint64_t number);

/* Any thread: the journal's id; and facts for status and metrics. */
uint64_t journal_id(const struct journal *journal);
void journal_facts(struct journal *journal, struct journal_facts *out_facts); /* The facts. */

#endif
