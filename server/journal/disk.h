/* disk.h - the few file operations that the journal needs, as a table, so that a simulated disk can
 * stand in for the real one (only fdatasynced bytes survive there).
 *
 * All paths are inside the journal's folder and have no slash. Calls return 0 or bytes, or -errno.
 * One owner thread per file. disk_posix is the real one. */
#ifndef TILTH_JOURNAL_DISK_H
#define TILTH_JOURNAL_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { DISK_NAME_BYTES = 64 };

struct disk {
    const struct disk_ops *ops;
    void *state; /* of the implementation */
};

struct disk_ops {
    /* Opens a file for reading and writing; `create` makes it, and it must not be there. */
    int (*open)(void *state, const char *name, bool create);
    int (*close)(void *state, int file); /* Closes; nothing is synced. */
    int64_t (*read)(void *state, int file, void *bytes, size_t size_bytes, uint64_t offset);
    int64_t (*write)(void *state, int file, const void *bytes, size_t size_bytes, uint64_t offset);
    int (*allocate)(void *state, int file, uint64_t size_bytes); /* fills up with zeros, counted */
    int (*sync)(void *state, int file);                          /* fdatasync */
    int64_t (*size)(void *state, int file);
    int (*unlink)(void *state, const char *name);
    int (*sync_folder)(void *state); /* makes created and removed names last */
    /* The name after `previous` ("" first) in byte order; 1 when there is one, 0 at the end. */
    int (*next)(void *state, const char *previous, char out_name[DISK_NAME_BYTES]);
};

/* The real disk on a folder, which is made when it is missing (mode 0700) and locked with flock, so
 * that two servers cannot share it: the error names the folder. */
bool disk_posix_open(struct disk *disk, const char *folder, struct error *error);
void disk_posix_close(struct disk *disk); /* Unlocks; a zeroed disk is allowed. */

/* The real disk on a folder that is only read, without its lock: a server may be running on it, and
 * files may grow and go. A folder that is missing is an error; making or writing files gives
 * -EROFS. Close it with disk_posix_close. */
bool disk_posix_open_reading(struct disk *disk, const char *folder, struct error *error);

#endif
