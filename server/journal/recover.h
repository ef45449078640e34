/* recover.h - reading a journal folder after a stop of any kind.
 *
 * Torn tails: unsynced pages reach a disk in any order. A bad record is corruption, and the start
 * stops with file, offset and what to do, only if a later valid header claims a durable_seq at or
 * beyond it, or if it is a whole record but for one flipped bit: what was confirmed last has
 * nothing behind it that could claim it. Otherwise it and all behind it was never confirmed, and
 * recover_cut removes it (zeros, synced). A segment header claims its previous_seq. Records that a
 * later segment's previous_seq leaves behind are void. A segment's header is durable before its
 * first record is written, so one with a torn header and no intact record was half made, and is
 * removed; one with a record is damaged. Owner: the starting thread; memory (the largest segment)
 * while it runs. */
#ifndef TILTH_JOURNAL_RECOVER_H
#define TILTH_JOURNAL_RECOVER_H

#include "journal/disk.h"
#include "journal/record.h"

struct recovered {
    bool is_empty;                /* no segment at all */
    struct record_segment newest; /* the newest segment's header, when not empty */
    uint64_t first_seq;           /* of the oldest record that is there, 0 when none */
    struct record_header last;    /* the last valid record; seq 0 when none */
    uint32_t segments;            /* with good headers */
    uint64_t cut_bytes;           /* of the torn tail that recover_cut removed or would remove */
};

/* The number of the last record that is there, or, where there is none, the one before the first
 * that was to come. */
uint64_t recover_end(const struct recovered *recovered);

/* Reads everything, changes nothing. False: corruption or I/O error, in words. Segments of another
 * world than `world` (0: any), or of two journals, are refused. */
bool recover_scan(struct disk *disk, uint64_t world, struct recovered *out, struct error *error);

/* recover_scan, then removes the torn tail and half-made segments, synced. Also writes the records
 * that nothing claims durable once more, and syncs: what can be read may be in the system's cache
 * only (the process was killed, or a sync failed), and whoever goes on from here confirms it. A
 * newest segment without records goes when no record is void because of it, so that a server that
 * restarts in a loop does not fill the disk. */
bool recover_cut(struct disk *disk, uint64_t world, struct recovered *out, struct error *error);

#endif
