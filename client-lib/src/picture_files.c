#include "picture_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    PATH_BYTES = PICTURE_FILES_FOLDER_BYTES + 64,
    ID_DIGITS = 32,
    OLDEST_MAX = 256, /* that one look at the folder finds */
    LOOKS_MAX = 64,   /* at the folder, in a row */
};

struct file {
    int64_t written_s, written_ns;
    uint64_t size_bytes;
    struct hash128 id;
};

/* The oldest files of the folder, the oldest first, and the size of all. */
struct oldest {
    struct file files[OLDEST_MAX];
    uint32_t count;
    uint64_t bytes;
};

static void path_of(const struct picture_files *files, struct hash128 id, const char *ending,
                    char out_path[PATH_BYTES])
{
    char digits[ID_DIGITS + 1];
    hash_format(id, digits);
    (void)snprintf(out_path, PATH_BYTES, "%s/%s%s", files->folder, digits, ending);
}

/* The id in the name of a picture's file; false when it is another's. */
static bool read_name(const char *name, struct hash128 *out_id)
{
    char digits[ID_DIGITS + 1];
    if (strlen(name) != ID_DIGITS + 4 || strcmp(name + ID_DIGITS, ".png") != 0)
        return false;
    (void)snprintf(digits, sizeof digits, "%.32s", name);
    if (!hash_parse(digits, out_id))
        return false;
    hash_format(*out_id, digits);
    return memcmp(digits, name, ID_DIGITS) == 0;
}

static bool is_older(const struct file *a, const struct file *b)
{
    return a->written_s != b->written_s ? a->written_s < b->written_s
                                        : a->written_ns < b->written_ns;
}

/* Puts the file to its place, if it is among the oldest so far. */
static void add(struct oldest *oldest, const struct file *file)
{
    uint32_t at = oldest->count;
    oldest->bytes += file->size_bytes;
    while (at > 0 && is_older(file, &oldest->files[at - 1]))
        at--;
    if (at == OLDEST_MAX)
        return;
    oldest->count += oldest->count < OLDEST_MAX;
    memmove(&oldest->files[at + 1], &oldest->files[at],
            (oldest->count - at - 1) * sizeof oldest->files[0]);
    oldest->files[at] = *file;
}

static void look_through(const struct picture_files *files, struct oldest *out)
{
    DIR *folder = opendir(files->folder);
    *out = (struct oldest){.count = 0};
    if (folder == NULL)
        return;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct file file;
        struct stat facts;
        if (!read_name(entry->d_name, &file.id) ||
            fstatat(dirfd(folder), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        file.written_s = facts.st_mtim.tv_sec;
        file.written_ns = facts.st_mtim.tv_nsec;
        file.size_bytes = (uint64_t)facts.st_size;
        add(out, &file);
    }
    (void)closedir(folder);
}

/* The oldest go until an eighth of the limit is free, so that it is not done for every picture. */
static void make_room(struct picture_files *files)
{
    struct oldest oldest;
    char path[PATH_BYTES];
    look_through(files, &oldest);
    files->is_counted = true;
    files->bytes = oldest.bytes;
    if (files->bytes <= files->bytes_max)
        return;
    for (uint32_t looks = 0; looks < LOOKS_MAX && oldest.count > 0; looks++) {
        for (uint32_t i = 0; i < oldest.count; i++) {
            if (files->bytes <= files->bytes_max / 8 * 7)
                return;
            path_of(files, oldest.files[i].id, ".png", path);
            files->bytes -= remove(path) == 0 ? oldest.files[i].size_bytes : 0;
        }
        look_through(files, &oldest);
        files->bytes = oldest.bytes;
    }
}

void tilth_picture_files_save(struct picture_files *files, struct hash128 id, const uint8_t *bytes,
                              uint32_t size)
{
    char path[PATH_BYTES], temporary[PATH_BYTES];
    if (files->folder[0] == 0)
        return;
    path_of(files, id, ".png", path);
    path_of(files, id, ".part", temporary);
    FILE *file = fopen(temporary, "wbe");
    if (file == NULL)
        return;
    bool is_written = fwrite(bytes, 1, size, file) == size;
    is_written = fclose(file) == 0 && is_written;
    if (!is_written || rename(temporary, path) != 0)
        (void)remove(temporary);
    files->bytes += size;
    if (!files->is_counted || files->bytes > files->bytes_max)
        make_room(files);
}

uint32_t tilth_picture_files_load(const struct picture_files *files, struct hash128 id,
                                  uint8_t buffer[WORLD_IMAGE_BYTES])
{
    char path[PATH_BYTES];
    if (files->folder[0] == 0)
        return 0;
    path_of(files, id, ".png", path);
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return 0;
    size_t size = fread(buffer, 1, WORLD_IMAGE_BYTES, file);
    (void)fclose(file);
    return hash_is_equal(crypto_digest_128(buffer, size), id) ? (uint32_t)size : 0;
}
