/* disk.h - a disk in memory that keeps no more than it must: only synced bytes survive a crash.
 *
 * Like Linux and a drive with a volatile cache: writes land in 512-byte sectors of a cache; any of
 * them may reach the platter at any time and in any order; a sync brings all of a file there; a
 * crash keeps a random part of the rest. Names (made, removed) last after sync_folder, or by
 * chance. A failed write may have written a part. After a failed sync each unsynced sector has
 * reached the platter, or is dropped from the cache, or is marked clean though it is not there.
 * Everything comes from the seed. One thread. See tests/unit/journal and tests/scenario. */
#ifndef TILTH_SIM_DISK_H
#define TILTH_SIM_DISK_H

#include "journal/disk.h"

struct sim_disk;

/* What goes wrong; zeroed: nothing. Change it at any time. */
struct sim_disk_faults {
    uint32_t writes_fail; /* so many of the next writes and allocations fail, counted down */
    uint32_t syncs_fail;  /* so many of the next syncs (of files and folder) fail, counted down */
    uint32_t reads_fail;  /* so many of the next reads fail, counted down */
    uint32_t dies_in; /* the power goes with that change (write, sync, making or removing a file)
                       * from now on, 1: the next; all calls fail behind it. 0: it stays */
    int code;         /* errno of these; 0 is EIO */
    uint64_t space_bytes; /* files together hold at most so much, beyond is ENOSPC; 0: no limit */
    bool sync_is_ignored; /* the experiment: sync of a file says yes and does nothing */
};

/* An empty disk. */
struct sim_disk *sim_disk_create(uint64_t seed);
void sim_disk_destroy(struct sim_disk **sim); /* NULL-safe. */

/* The disk, for journal, recover and tail. */
struct disk sim_disk_open(struct sim_disk *sim);

/* The fault knobs. */
struct sim_disk_faults *sim_disk_faults(struct sim_disk *sim);

/* Has the end come, as dies_in said? What it was, sim_disk_crash or sim_disk_kill says. */
bool sim_disk_is_dead(const struct sim_disk *sim);

/* Power loss: all handles are closed, and what was not synced survives by chance. */
void sim_disk_crash(struct sim_disk *sim);

/* The process dies: all handles are closed, the cache stays. */
void sim_disk_kill(struct sim_disk *sim);

/* Flips one bit of a file's byte, in cache and on the platter. False when it is not there. */
bool sim_disk_flip(struct sim_disk *sim, const char *name, uint64_t offset, uint32_t bit);

/* Makes or replaces a file with these bytes, synced, name and all. */
void sim_disk_put(struct sim_disk *sim, const char *name, const void *bytes, size_t size_bytes);

/* Bytes in files. */
uint64_t sim_disk_used_bytes(const struct sim_disk *sim);

#endif
