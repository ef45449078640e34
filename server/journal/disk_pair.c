#include "journal/disk_pair.h"

#include <errno.h>
#include <string.h>

/* A file of the pair is the file of its half, times two, and the half's number. */
enum { HALVES = 2 };

static const struct disk *half_of(const struct disk_pair *pair, int file)
{
    return pair->disks[file % HALVES];
}

static int pair_open(void *state, const char *name, bool create)
{
    const struct disk_pair *pair = state;
    int file = -ENOENT;
    if (create)
        return -EROFS;
    for (int half = 0; half < HALVES && file == -ENOENT; half++) {
        file = pair->disks[half]->ops->open(pair->disks[half]->state, name, false);
        if (file >= 0)
            return file * HALVES + half;
    }
    return file;
}

static int pair_close(void *state, int file)
{
    const struct disk *disk = half_of(state, file);
    return disk->ops->close(disk->state, file / HALVES);
}

static int64_t pair_read(void *state, int file, void *bytes, size_t size_bytes, uint64_t offset)
{
    const struct disk *disk = half_of(state, file);
    return disk->ops->read(disk->state, file / HALVES, bytes, size_bytes, offset);
}

static int64_t pair_write(void *state, int file, const void *bytes, size_t size_bytes,
                          uint64_t offset)
{
    (void)state, (void)file, (void)bytes, (void)size_bytes, (void)offset;
    return -EROFS;
}

static int pair_allocate(void *state, int file, uint64_t size_bytes)
{
    (void)state, (void)file, (void)size_bytes;
    return -EROFS;
}

static int pair_sync(void *state, int file)
{
    (void)state, (void)file;
    return 0;
}

static int64_t pair_size(void *state, int file)
{
    const struct disk *disk = half_of(state, file);
    return disk->ops->size(disk->state, file / HALVES);
}

static int pair_unlink(void *state, const char *name)
{
    (void)state, (void)name;
    return -EROFS;
}

static int pair_sync_folder(void *state)
{
    (void)state;
    return 0;
}

/* The smaller of what comes next in each. */
static int pair_next(void *state, const char *previous, char out_name[DISK_NAME_BYTES])
{
    const struct disk_pair *pair = state;
    char names[HALVES][DISK_NAME_BYTES];
    int best = -1;
    for (int half = 0; half < HALVES; half++) {
        const struct disk *disk = pair->disks[half];
        int found = disk->ops->next(disk->state, previous, names[half]);
        if (found < 0)
            return found;
        if (found == 1 && (best < 0 || strcmp(names[half], names[best]) < 0))
            best = half;
    }
    if (best < 0)
        return 0;
    memcpy(out_name, names[best], DISK_NAME_BYTES);
    return 1;
}

static const struct disk_ops pair_ops = {
    .open = pair_open,
    .close = pair_close,
    .read = pair_read,
    .write = pair_write,
    .allocate = pair_allocate,
    .sync = pair_sync,
    .size = pair_size,
    .unlink = pair_unlink,
    .sync_folder = pair_sync_folder,
    .next = pair_next,
};

void disk_pair_init(struct disk *disk, struct disk_pair *pair)
{
    *disk = (struct disk){.ops = &pair_ops, .state = pair};
}
