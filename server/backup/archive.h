/* archive.h - copies of journal segments, for going back to any tick behind a backup.
 *
 * Below the shelf's folder: archive/<journal's id>/<number>.segment, each copied when the journal
 * has gone on to a newer one, without the zeros at its end, and under its name only when it is on
 * the disk. The journal removes a segment when it is applied and archived. Owner: one thread;
 * archive_prune may run on another. */
#ifndef TILTH_BACKUP_ARCHIVE_H
#define TILTH_BACKUP_ARCHIVE_H

#include "backup/shelf.h"
#include "journal/disk.h"

struct archive {
    const struct disk *journal; /* only read */
    char folder[SHELF_PATH_BYTES];
    uint64_t archived;          /* the highest number that is there; older ones need not be */
    uint64_t copying;           /* the number that is being copied, 0 none */
    int from, to;               /* its files */
    uint64_t offset, end_bytes; /* how far it is; behind the last byte that is not zero */
};

/* Where the archive of a journal is. */
void archive_folder(const struct shelf *shelf, uint64_t journal, char out_path[SHELF_PATH_BYTES]);

/* Opens the archive of a journal, made when it is missing. */
bool archive_open(struct archive *archive, const struct shelf *shelf, const struct disk *journal,
                  uint64_t id, struct error *error);
void archive_close(struct archive *archive); /* A zeroed one is allowed. */

enum archive_result {
    ARCHIVE_IDLE,   /* all segments before `current` are there */
    ARCHIVE_COPIED, /* a part of one was copied, perhaps the last of it: see `archived` */
    ARCHIVE_FAILED, /* with words; it begins anew with the next call */
};

/* Copies at most 1 MiB of the oldest segment that is missing and older than `current`. */
enum archive_result archive_step(struct archive *archive, uint64_t current, struct error *error);

/* Removes what no backup of the list needs: segments whose records are all in the oldest backup of
 * their journal, and archives of journals that no backup is of, but `journal`. With no backup at
 * all everything stays. */
bool archive_prune(const struct shelf *shelf, const struct shelf_list *list, uint64_t journal,
                   struct error *error);

#endif
