/* tail.h - following a journal's files from a sequence number on: how the store reads.
 *
 * Reads with its own file handles, only records up to the durable_seq it is given, so what it
 * returns is never taken back. Follows segments, superseding ones included. One owner thread;
 * memory: one record buffer, reserved at open. */
#ifndef TILTH_JOURNAL_TAIL_H
#define TILTH_JOURNAL_TAIL_H

#include "journal/disk.h"
#include "journal/record.h"

struct tail;

/* One record with its payload, valid until the next call. */
struct tail_record {
    struct record_header header;
    uint32_t timeline; /* of the segment that it is in */
    const uint8_t *payload;
};

enum tail_result { TAIL_RECORD, TAIL_NONE, TAIL_FAILED };

/* Starts so that the first record returned is from_seq. NULL and the error when no segment holds it
 * although a later one is there (a gap). An empty folder is not a gap. */
struct tail *tail_open(struct disk *disk, uint64_t from_seq, struct error *error);
void tail_close(struct tail **tail); /* NULL-safe. */

/* The next record if its sequence number is at most durable_seq; TAIL_NONE when there is none yet;
 * TAIL_FAILED with words (file, offset) when the files do not hold what is durable. */
enum tail_result tail_next(struct tail *tail, uint64_t durable_seq, struct tail_record *out_record,
                           struct error *error);

#endif
