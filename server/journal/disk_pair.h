/* disk_pair.h - two folders read as if they were one: an archive and the journal's own.
 *
 * What is in the first is read there, the rest in the second; making and writing give -EROFS. The
 * two must outlive it. No memory of its own. Owner: one thread. */
#ifndef TILTH_JOURNAL_DISK_PAIR_H
#define TILTH_JOURNAL_DISK_PAIR_H

#include "journal/disk.h"

struct disk_pair {
    const struct disk *disks[2];
};

/* Lays a disk over the pair, which must outlive it. */
void disk_pair_init(struct disk *disk, struct disk_pair *pair);

#endif
