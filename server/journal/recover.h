/* recover.h - reading a journal folder after a stop of any kind.
 *
 * Torn tails: unsynced pages reach a disk in any order. A bad record is corruption, and the start
 * stops with file, offset and what to do, only if a later valid header claims a durable_seq at or
 * beyond it; otherwise it and all behind it was never confirmed, and recover_cut removes it (zeros,
 * synced). Superseded records do not count. Owner: the starting thread; memory while it runs. */
#ifndef TILTH_JOURNAL_RECOVER_H
#define TILTH_JOURNAL_RECOVER_H

#include "journal/disk.h"
#include "journal/record.h"

struct recovered {
    bool is_empty;                /* no segment at all */
    struct record_segment newest; /* the newest segment's header, when not empty */
    uint64_t first_seq;           /* of the oldest record that is there, 0 when none */
    struct record_header last;    /* the last valid record; seq 0 when none */
    uint32_t segments;
    uint64_t cut_bytes;           /* of the torn tail that recover_cut removed or would remove */
};

/* Reads everything, changes nothing. False: corruption or I/O error, in words. Segments of another
 * world than `world` (0: any), or of two journals, are refused. */
bool recover_scan(struct disk *disk, uint64_t world, struct recovered *out, struct error *error);

/* recover_scan, then removes the torn tail, synced. */
bool recover_cut(struct disk *disk, uint64_t world, struct recovered *out, struct error *error);

#endif
