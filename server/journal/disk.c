#include "journal/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { ZERO_BYTES = 64 * 1024, LISTING_BYTES = 4096 };

static const uint8_t zeros[ZERO_BYTES];

struct folder {
    int fd;
    bool is_only_read;
};

static int result_of(int result)
{
    return result < 0 ? -errno : result;
}

static int folder_fd(const void *state)
{
    return ((const struct folder *)state)->fd;
}

static int posix_open(void *state, const char *name, bool create)
{
    const struct folder *folder = state;
    if (folder->is_only_read)
        return create ? -EROFS : result_of(openat(folder->fd, name, O_RDONLY | O_CLOEXEC));
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT | O_EXCL : 0);
    return result_of(openat(folder->fd, name, flags, 0600));
}

static int posix_close(void *state, int file)
{
    (void)state;
    return result_of(close(file));
}

static int64_t posix_read(void *state, int file, void *bytes, size_t size_bytes, uint64_t offset)
{
    (void)state;
    size_t done = 0;
    while (done < size_bytes) {
        ssize_t got =
            pread(file, (uint8_t *)bytes + done, size_bytes - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (int64_t)done;
}

static int64_t posix_write(void *state, int file, const void *bytes, size_t size_bytes,
                           uint64_t offset)
{
    (void)state;
    size_t done = 0;
    while (done < size_bytes) {
        ssize_t put =
            pwrite(file, (const uint8_t *)bytes + done, size_bytes - done, (off_t)(offset + done));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        if (put == 0)
            return -EIO;
        done += (size_t)put;
    }
    return (int64_t)done;
}

static int64_t posix_size(void *state, int file)
{
    (void)state;
    struct stat status;
    return fstat(file, &status) < 0 ? -errno : (int64_t)status.st_size;
}

/* Writes the zeros: fallocate alone leaves extents that each later fdatasync has to convert. */
static int posix_allocate(void *state, int file, uint64_t size_bytes)
{
    int64_t size = posix_size(state, file);
    if (size < 0)
        return (int)size;
    for (uint64_t at = (uint64_t)size; at < size_bytes;) {
        uint64_t left = size_bytes - at;
        size_t part = left < ZERO_BYTES ? (size_t)left : ZERO_BYTES;
        int64_t put = posix_write(state, file, zeros, part, at);
        if (put < 0)
            return (int)put;
        at += part;
    }
    return 0;
}

static int posix_sync(void *state, int file)
{
    (void)state;
    return result_of(fdatasync(file));
}

static int posix_unlink(void *state, const char *name)
{
    const struct folder *folder = state;
    return folder->is_only_read ? -EROFS : result_of(unlinkat(folder->fd, name, 0));
}

static int posix_sync_folder(void *state)
{
    return result_of(fsync(folder_fd(state)));
}

/* Keeps in out_name the smallest name of one listing that is behind `previous`. */
static void take_smallest(const uint8_t *listing, size_t size_bytes, const char *previous,
                          char out_name[DISK_NAME_BYTES])
{
    for (size_t at = 0; at < size_bytes;) {
        const struct dirent64 *entry = (const void *)(listing + at);
        at += entry->d_reclen;
        size_t length = strlen(entry->d_name);
        bool is_wanted = entry->d_name[0] != '.' && length < DISK_NAME_BYTES &&
                         strcmp(entry->d_name, previous) > 0;
        if (is_wanted && (out_name[0] == '\0' || strcmp(entry->d_name, out_name) < 0))
            memcpy(out_name, entry->d_name, length + 1);
    }
}

/* getdents64 and not readdir, because the journal thread must not allocate. A handle of its own for
 * each listing, because threads share the folder. */
static int posix_next(void *state, const char *previous, char out_name[DISK_NAME_BYTES])
{
    _Alignas(struct dirent64) uint8_t listing[LISTING_BYTES];
    char smallest[DISK_NAME_BYTES] = "";
    int fd = openat(folder_fd(state), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t got;
    while ((got = getdents64(fd, listing, sizeof listing)) > 0)
        take_smallest(listing, (size_t)got, previous, smallest);
    int code = got < 0 ? -errno : 0;
    (void)close(fd);
    if (code != 0 || smallest[0] == '\0')
        return code;
    memcpy(out_name, smallest, sizeof smallest);
    return 1;
}

static const struct disk_ops posix_ops = {
    .open = posix_open,
    .close = posix_close,
    .read = posix_read,
    .write = posix_write,
    .allocate = posix_allocate,
    .sync = posix_sync,
    .size = posix_size,
    .unlink = posix_unlink,
    .sync_folder = posix_sync_folder,
    .next = posix_next,
};

/* Makes the folder, and its name last, unless it is there. */
static bool make_folder(const char *folder, struct error *error)
{
    if (mkdir(folder, 0700) < 0)
        return errno == EEXIST ? true : error_system(error, errno, "cannot make %s", folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int parent = fd < 0 ? -1 : openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = parent >= 0 && fsync(parent) == 0;
    int code = errno;
    if (parent >= 0)
        (void)close(parent);
    if (fd >= 0)
        (void)close(fd);
    return is_synced ? true : error_system(error, code, "cannot sync the parent of %s", folder);
}

static void open_on(struct disk *disk, struct folder folder)
{
    struct folder *state = memory_reserve("journal folder", 1, sizeof *state);
    *state = folder;
    *disk = (struct disk){.ops = &posix_ops, .state = state};
}

bool disk_posix_open(struct disk *disk, const char *folder, struct error *error)
{
    if (!make_folder(folder, error))
        return false;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_system(error, errno, "cannot open the journal folder %s", folder);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int code = errno;
        (void)close(fd);
        if (code == EWOULDBLOCK)
            return error_set(error, "the journal folder %s is in use by another server", folder);
        return error_system(error, code, "cannot lock the journal folder %s", folder);
    }
    open_on(disk, (struct folder){.fd = fd});
    return true;
}

bool disk_posix_open_reading(struct disk *disk, const char *folder, struct error *error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_system(error, errno, "cannot open the journal folder %s", folder);
    open_on(disk, (struct folder){.fd = fd, .is_only_read = true});
    return true;
}

void disk_posix_close(struct disk *disk)
{
    struct folder *state = disk->state;
    if (state != NULL)
        (void)close(state->fd);
    memory_release(state);
    *disk = (struct disk){0};
}
