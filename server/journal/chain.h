/* chain.h - the segment files that a journal writes: the current one, the next one made ahead of
 * need, and the old ones until they may go.
 *
 * A segment is made in this order, so that a crash at any point leaves nothing that could be taken
 * for more than it is: zeros up to its full size, synced; its name, synced; its header, synced;
 * then records. A segment whose making or syncing failed is never trusted again: its number is not
 * used twice. Owner: the journal thread. Memory: CHAIN_SEGMENTS_MAX links, reserved at init. */
#ifndef TILTH_JOURNAL_CHAIN_H
#define TILTH_JOURNAL_CHAIN_H

#include "base/clock.h"
#include "journal/disk.h"
#include "journal/record.h"

enum { CHAIN_SEGMENTS_MAX = 4096 };

enum chain_op {
    CHAIN_NONE,
    CHAIN_OPEN,
    CHAIN_ALLOCATE,
    CHAIN_WRITE,
    CHAIN_SYNC,
    CHAIN_SYNC_FOLDER,
    CHAIN_UNLINK,
    CHAIN_LINKS, /* CHAIN_SEGMENTS_MAX segments are waiting to be applied */
    CHAIN_LIMIT, /* another one would go beyond bytes_max */
};

/* What failed last. */
struct chain_failure {
    enum chain_op op;
    int code; /* errno */
    uint64_t number;
};

/* A segment that is in the folder. */
struct chain_link {
    uint64_t number;
    uint64_t previous_seq; /* as in its header */
    uint64_t ended_us;     /* monotonic, since when it is not the current one; 0 not known yet */
    uint64_t size_bytes;   /* of the file */
};

/* An open segment file. */
struct chain_file {
    int file; /* -1: none */
    uint64_t number;
    uint64_t size_bytes; /* allocated so far */
};

struct chain_limits {
    uint64_t segment_bytes; /* of each, header included */
    uint64_t keep_us;       /* how long an old segment stays at least, if there is room */
    uint64_t bytes_max;     /* of all segments together; 0: no limit */
};

/* Where a new segment starts. */
struct chain_start {
    uint64_t first_seq;    /* of its first record */
    uint64_t previous_seq; /* the last durable one before it */
};

struct chain {
    const struct disk *disk;
    struct record_segment identity; /* world, journal and timeline of every segment to come */
    struct chain_limits limits;
    struct chain_file current;
    uint64_t end;   /* offset of the next record in the current one */
    bool is_broken; /* a write or sync of the current one failed: no record goes there any more */
    struct chain_file next;
    bool next_is_ready;       /* allocated in full, synced, and so is its name */
    bool folder_is_dirty;     /* a removal is not synced: the next one must wait for it */
    uint64_t number_max;      /* the highest number given */
    struct chain_link *links; /* oldest first, the current one last */
    uint32_t link_count;
    uint64_t bytes;               /* of all links */
    struct chain_failure failure; /* set when a call returns false */
};

/* What segments there are in the folder; opens none. False and the error when it cannot be read. */
bool chain_init(struct chain *chain, const struct disk *disk, const struct record_segment *identity,
                const struct chain_limits *limits, struct error *error);
void chain_finish(struct chain *chain); /* Closes files; a zeroed chain is allowed. */

/* Makes a new segment the current one, superseding a broken one. False: failure, or it would go
 * beyond bytes_max (CHAIN_LIMIT); nothing has changed but the number. */
bool chain_begin(struct chain *chain, struct chain_start start, struct moment now);

/* Is there a current segment that takes size_bytes more? */
bool chain_has_room(const struct chain *chain, uint64_t size_bytes);

/* Would another segment go beyond bytes_max? Two there may always be: one that fills while the
 * other is being applied. */
bool chain_is_at_limit(const struct chain *chain);

/* Is the current segment three quarters full, so that the next one had better be ready? */
bool chain_is_nearly_full(const struct chain *chain);

/* Writes behind the last record and syncs. False: failure, and the current segment is broken. */
bool chain_write(struct chain *chain, const uint8_t *bytes, uint64_t size_bytes);

/* Does a part of making the next segment; nothing when next_is_ready. False: failure; it begins
 * anew with the next call. */
bool chain_prepare(struct chain *chain);

/* What has become of old segments elsewhere. */
struct chain_past {
    uint64_t applied_seq; /* up to this record all is in the database */
    uint64_t archived;    /* up to this number segments are archived, UINT64_MAX where none is */
};

/* Is there an old segment whose records are all applied, and which is archived and ended at least
 * keep_us ago, or whose room the next one needs? */
bool chain_has_old(struct chain *chain, struct chain_past past, struct moment now);

/* Removes the oldest segment, which chain_has_old said may go. False: failure. */
bool chain_drop_oldest(struct chain *chain);

/* Puts a failure in words: "cannot sync segment 0000000000000003: Input/output error". */
void chain_describe(const struct chain_failure *failure, char *out_text, size_t size_bytes);

#endif
