#include "backup/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/file.h"
#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "journal/segment.h"

enum { PART_BYTES = 1 << 20, BLOCK_BYTES = 4096, ID_DIGITS = 16 };

static const char archive_name[] = "archive";
static const char partial_name[] = "segment.partial";

void archive_folder(const struct shelf *shelf, uint64_t journal, char out_path[SHELF_PATH_BYTES])
{
    int size = snprintf(out_path, SHELF_PATH_BYTES, "%s/%s/%016" PRIx64, shelf->folder,
                        archive_name, journal);
    ensure(size < SHELF_PATH_BYTES - DISK_NAME_BYTES);
}

static void path_of(const struct archive *archive, const char *name,
                    char out_path[SHELF_PATH_BYTES])
{
    int size = snprintf(out_path, SHELF_PATH_BYTES, "%s/%s", archive->folder, name);
    ensure(size < SHELF_PATH_BYTES);
}

/* The highest number in the folder. */
static bool find_archived(struct archive *archive, struct error *error)
{
    struct disk disk;
    uint64_t number = 0;
    int found;
    if (!disk_posix_open_reading(&disk, archive->folder, error))
        return false;
    while ((found = segment_next(&disk, number, &number)) == 1)
        archive->archived = number;
    disk_posix_close(&disk);
    return found == 0 || error_system(error, -found, "cannot list %s", archive->folder);
}

bool archive_open(struct archive *archive, const struct shelf *shelf, const struct disk *journal,
                  uint64_t id, struct error *error)
{
    *archive = (struct archive){.journal = journal, .from = -1, .to = -1};
    archive_folder(shelf, id, archive->folder);
    return file_make_folders(archive->folder, error) && find_archived(archive, error);
}

static void close_files(struct archive *archive)
{
    if (archive->from >= 0)
        (void)archive->journal->ops->close(archive->journal->state, archive->from);
    if (archive->to >= 0)
        (void)close(archive->to);
    archive->from = -1;
    archive->to = -1;
    archive->copying = 0;
}

void archive_close(struct archive *archive)
{
    if (archive->journal != NULL)
        close_files(archive);
    *archive = (struct archive){.from = -1, .to = -1};
}

/* The oldest segment that is missing and done with; 0 when there is none. */
static bool find_next(struct archive *archive, uint64_t current, uint64_t *out_number,
                      struct error *error)
{
    struct record_segment segment;
    uint64_t number = archive->archived;
    int found;
    *out_number = 0;
    while ((found = segment_next(archive->journal, number, &number)) == 1 && number < current) {
        int read = segment_peek(archive->journal, number, &segment, NULL);
        if (read < 0)
            return error_system(error, -read, "cannot read journal segment %016" PRIx64, number);
        if (read != 1)
            continue; /* half made, or gone: it has no records, or they cannot be had any more */
        *out_number = number;
        return true;
    }
    return found >= 0 || error_system(error, -found, "cannot list the journal folder");
}

static bool begin(struct archive *archive, uint64_t number, struct error *error)
{
    char path[SHELF_PATH_BYTES];
    path_of(archive, partial_name, path);
    archive->from = segment_open(archive->journal, number);
    if (archive->from < 0)
        return error_system(error, -archive->from, "cannot open journal segment %016" PRIx64,
                            number);
    archive->to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (archive->to < 0)
        return error_system(error, errno, "cannot make %s", path);
    archive->copying = number;
    archive->offset = 0;
    archive->end_bytes = 0;
    return true;
}

static bool is_zero(const uint8_t *bytes, size_t size_bytes)
{
    return size_bytes == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size_bytes - 1) == 0);
}

/* Writes the blocks that are not zeros; holes read as zeros. */
static bool put(struct archive *archive, const uint8_t *bytes, size_t size_bytes,
                struct error *error)
{
    for (size_t at = 0; at < size_bytes; at += BLOCK_BYTES) {
        size_t size = size_bytes - at < BLOCK_BYTES ? size_bytes - at : BLOCK_BYTES;
        if (is_zero(bytes + at, size))
            continue;
        ssize_t done = pwrite(archive->to, bytes + at, size, (off_t)(archive->offset + at));
        if (done != (ssize_t)size)
            return error_system(error, done < 0 ? errno : ENOSPC, "cannot write into %s",
                                archive->folder);
        archive->end_bytes = archive->offset + at + size;
    }
    return true;
}

static bool finish(struct archive *archive, struct error *error)
{
    char name[DISK_NAME_BYTES], partial[SHELF_PATH_BYTES], path[SHELF_PATH_BYTES];
    segment_name(archive->copying, name);
    path_of(archive, partial_name, partial);
    path_of(archive, name, path);
    if (ftruncate(archive->to, (off_t)archive->end_bytes) < 0 || fsync(archive->to) < 0)
        return error_system(error, errno, "cannot sync %s", partial);
    if (!file_rename(partial, path, error))
        return false;
    archive->archived = archive->copying;
    close_files(archive);
    return true;
}

/* Copies the next part; the file is done when there is none. */
static bool copy(struct archive *archive, struct error *error)
{
    uint8_t *part = memory_reserve("archive", 1, PART_BYTES);
    int64_t got = archive->journal->ops->read(archive->journal->state, archive->from, part,
                                              PART_BYTES, archive->offset);
    bool is_copied = got >= 0;
    if (!is_copied)
        (void)error_system(error, (int)-got, "cannot read journal segment %016" PRIx64,
                           archive->copying);
    else
        is_copied = put(archive, part, (size_t)got, error);
    memory_release(part);
    archive->offset += is_copied ? (uint64_t)got : 0;
    return is_copied && (got == PART_BYTES || finish(archive, error));
}

enum archive_result archive_step(struct archive *archive, uint64_t current, struct error *error)
{
    uint64_t number = archive->copying;
    bool is_well = number != 0 || find_next(archive, current, &number, error);
    if (is_well && number == 0)
        return ARCHIVE_IDLE;
    if (is_well && archive->copying == 0)
        is_well = begin(archive, number, error);
    if (is_well && copy(archive, error))
        return ARCHIVE_COPIED;
    close_files(archive);
    return ARCHIVE_FAILED;
}

/* ---- pruning ---- */

/* Up to which record the oldest backup of the journal is; UINT64_MAX when there is none. */
static uint64_t oldest_seq(const struct shelf_list *list, uint64_t journal)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct shelf_entry *entry = &list->entries[i];
        if (entry->is_readable && entry->manifest.journal == journal &&
            entry->manifest.applied_seq < least)
            least = entry->manifest.applied_seq;
    }
    return least;
}

/* Removes the oldest segments, as long as the next one begins no later than behind the record. */
static bool prune_folder(const char *folder, uint64_t seq, struct error *error)
{
    struct disk disk;
    struct record_segment segment;
    uint64_t oldest = 0, next = 0;
    char name[DISK_NAME_BYTES], path[SHELF_PATH_BYTES + DISK_NAME_BYTES];
    bool is_well = true;
    if (!disk_posix_open_reading(&disk, folder, error))
        return false;
    bool has_oldest = segment_next(&disk, 0, &oldest) == 1;
    while (is_well && has_oldest && segment_next(&disk, oldest, &next) == 1 &&
           segment_peek(&disk, next, &segment, NULL) == 1 && segment.first_seq <= seq + 1) {
        segment_name(oldest, name);
        (void)snprintf(path, sizeof path, "%s/%s", folder, name);
        is_well = unlink(path) == 0 || error_system(error, errno, "cannot remove %s", path);
        oldest = next;
    }
    disk_posix_close(&disk);
    return is_well;
}

/* The id that a folder's name says; false when it says none. */
static bool read_id(const char *name, uint64_t *out_id)
{
    char *end = NULL;
    if (strlen(name) != ID_DIGITS || strspn(name, "0123456789abcdef") != ID_DIGITS)
        return false;
    *out_id = strtoull(name, &end, ID_DIGITS);
    return true;
}

static bool prune_one(const struct shelf *shelf, const struct shelf_list *list, uint64_t id,
                      uint64_t journal, struct error *error)
{
    char folder[SHELF_PATH_BYTES];
    uint64_t seq = oldest_seq(list, id);
    archive_folder(shelf, id, folder);
    if (seq != UINT64_MAX)
        return prune_folder(folder, seq, error);
    return id == journal || file_remove_folder(folder, error);
}

/* Is it known of all backups which records they need? */
static bool is_all_known(const struct shelf_list *list)
{
    bool is_known = list->is_whole && list->count > 0;
    for (uint32_t i = 0; i < list->count && is_known; i++)
        is_known = list->entries[i].is_readable;
    return is_known;
}

bool archive_prune(const struct shelf *shelf, const struct shelf_list *list, uint64_t journal,
                   struct error *error)
{
    char path[SHELF_PATH_BYTES];
    const struct dirent *entry;
    uint64_t id = 0;
    bool is_well = true;
    shelf_path(shelf, archive_name, false, "", path);
    if (!is_all_known(list))
        return true;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return errno == ENOENT || error_system(error, errno, "cannot open the folder %s", path);
    while (is_well && (entry = readdir(folder)) != NULL) {
        if (read_id(entry->d_name, &id))
            is_well = prune_one(shelf, list, id, journal, error);
    }
    (void)closedir(folder);
    return is_well;
}
