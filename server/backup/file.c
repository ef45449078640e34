#include "backup/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 2048 };

static bool make_folder(const char *path, struct error *error)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return error_system(error, errno, "cannot make the folder %s", path);
    return true;
}

bool file_make_folders(const char *path, struct error *error)
{
    char part[PATH_BYTES];
    size_t size = strlen(path);
    if (size >= sizeof part)
        return error_set(error, "the path is too long: %s", path);
    for (size_t i = 1; i < size; i++) {
        if (path[i] != '/')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (!make_folder(part, error))
            return false;
    }
    return make_folder(path, error);
}

bool file_is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

bool file_sync(const char *path, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    int code = errno;
    if (fd >= 0)
        (void)close(fd);
    return is_synced ? true : error_system(error, code, "cannot sync %s", path);
}

/* Syncs the folder that the path is in. */
static bool sync_parent(const char *path, struct error *error)
{
    char folder[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return file_sync(".", error);
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    return file_sync(slash == path ? "/" : folder, error);
}

bool file_rename(const char *from, const char *to, struct error *error)
{
    if (rename(from, to) < 0)
        return error_system(error, errno, "cannot rename %s to %s", from, to);
    return sync_parent(to, error);
}

static bool write_all(int fd, const char *bytes, size_t size_bytes)
{
    while (size_bytes > 0) {
        ssize_t put = write(fd, bytes, size_bytes);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes += put;
        size_bytes -= (size_t)put;
    }
    return fsync(fd) == 0;
}

bool file_write(const char *path, const char *bytes, size_t size_bytes, struct error *error)
{
    char partial[PATH_BYTES];
    (void)snprintf(partial, sizeof partial, "%s.partial", path);
    int fd = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_system(error, errno, "cannot make %s", partial);
    bool is_written = write_all(fd, bytes, size_bytes);
    int code = errno;
    (void)close(fd);
    if (!is_written) {
        (void)unlink(partial);
        return error_system(error, code, "cannot write %s", partial);
    }
    return file_rename(partial, path, error);
}

/* Removes what is in the open folder, files only. */
static bool empty_folder(DIR *folder, const char *path, struct error *error)
{
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) < 0)
            return error_system(error, errno, "cannot remove %s/%s", path, entry->d_name);
    }
    return true;
}

bool file_remove_folder(const char *path, struct error *error)
{
    DIR *folder = opendir(path);
    if (folder == NULL && errno == ENOENT)
        return true;
    if (folder == NULL)
        return error_system(error, errno, "cannot open the folder %s", path);
    bool is_empty = empty_folder(folder, path, error);
    (void)closedir(folder);
    if (is_empty && rmdir(path) < 0)
        return error_system(error, errno, "cannot remove the folder %s", path);
    return is_empty;
}

bool file_digest(const char *path, uint64_t *out_size_bytes,
                 uint8_t out_digest[CRYPTO_DIGEST_BYTES], struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_system(error, errno, "cannot open %s", path);
    int64_t size = crypto_sha256_file(fd, out_digest);
    (void)close(fd);
    if (size < 0)
        return error_system(error, (int)-size, "cannot read %s", path);
    *out_size_bytes = (uint64_t)size;
    return true;
}
