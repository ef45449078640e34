#include "backup/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backup/file.h"
#include "base/ensure.h"
#include "base/json.h"
#include "base/log.h"

static const char partial_suffix[] = ".partial";
static const char lock_name[] = "lock";

enum { NAMES_MAX = 100, MARK_BYTES = 1024 };

/* ---- the folder ---- */

static bool lock(struct shelf *shelf, struct error *error)
{
    char path[SHELF_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", shelf->folder, lock_name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_system(error, errno, "cannot make %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int code = errno;
        (void)close(fd);
        if (code == EWOULDBLOCK)
            return error_set(error, "the backup folder %s is in use by another server",
                             shelf->folder);
        return error_system(error, code, "cannot lock %s", path);
    }
    shelf->lock_fd = fd;
    return true;
}

bool shelf_open(struct shelf *shelf, const char *folder, const char *world, struct error *error)
{
    *shelf = (struct shelf){.lock_fd = -1};
    int size = snprintf(shelf->folder, sizeof shelf->folder, "%s/%s", folder, world);
    ensure(size < SHELF_FOLDER_BYTES); /* the settings bound it */
    return file_make_folders(shelf->folder, error) && lock(shelf, error);
}

void shelf_close(struct shelf *shelf)
{
    if (shelf->folder[0] != '\0' && shelf->lock_fd >= 0)
        (void)close(shelf->lock_fd);
    *shelf = (struct shelf){.lock_fd = -1};
}

void shelf_path(const struct shelf *shelf, const char *name, bool is_partial, const char *file,
                char out_path[SHELF_PATH_BYTES])
{
    int size = snprintf(out_path, SHELF_PATH_BYTES, "%s/%s%s%s%s", shelf->folder, name,
                        is_partial ? partial_suffix : "", file[0] != '\0' ? "/" : "", file);
    ensure(size < SHELF_PATH_BYTES); /* the settings bound the folder's, and names are short */
}

/* May it be a backup's name? */
static bool is_name(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t size = strlen(name);
    return size > 0 && size < MANIFEST_NAME_BYTES && strspn(name, allowed) == size;
}

static bool is_partial_name(const char *name)
{
    size_t size = strlen(name), suffix = sizeof partial_suffix - 1;
    return size > suffix && strcmp(name + size - suffix, partial_suffix) == 0;
}

bool shelf_clean(const struct shelf *shelf, struct error *error)
{
    char path[SHELF_PATH_BYTES];
    const struct dirent *entry;
    DIR *folder = opendir(shelf->folder);
    if (folder == NULL)
        return error_system(error, errno, "cannot open the folder %s", shelf->folder);
    while ((entry = readdir(folder)) != NULL) {
        if (!is_partial_name(entry->d_name) || strlen(entry->d_name) >= MANIFEST_NAME_BYTES)
            continue;
        shelf_path(shelf, entry->d_name, false, "", path);
        if (!file_remove_folder(path, error))
            log_warning("backup", "%s stays: %s", path, error->text);
    }
    (void)closedir(folder);
    return true;
}

/* ---- making ---- */

void shelf_new_name(const struct shelf *shelf, int64_t wall_us, char out_name[MANIFEST_NAME_BYTES])
{
    char path[SHELF_PATH_BYTES], moment[32];
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm parts;
    (void)gmtime_r(&seconds, &parts);
    (void)strftime(moment, sizeof moment, "%Y%m%dT%H%M%SZ", &parts);
    for (int i = 1; i < NAMES_MAX; i++) {
        if (i == 1)
            (void)snprintf(out_name, MANIFEST_NAME_BYTES, "%s", moment);
        else
            (void)snprintf(out_name, MANIFEST_NAME_BYTES, "%s-%d", moment, i);
        shelf_path(shelf, out_name, false, "", path);
        if (!file_is_there(path))
            return;
    }
}

bool shelf_begin(const struct shelf *shelf, const char *name, struct error *error)
{
    char path[SHELF_PATH_BYTES];
    shelf_path(shelf, name, true, "", path);
    return file_make_folders(path, error);
}

bool shelf_finish(const struct shelf *shelf, const struct manifest *manifest, struct error *error)
{
    char path[SHELF_PATH_BYTES], partial[SHELF_PATH_BYTES], bytes[MANIFEST_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    manifest_write(manifest, &text);
    ensure(!text.is_cut);
    shelf_path(shelf, manifest->name, true, SHELF_MANIFEST, path);
    if (!file_write(path, bytes, text.size_bytes, error))
        return false;
    shelf_path(shelf, manifest->name, true, SHELF_DUMP, path);
    shelf_path(shelf, manifest->name, true, "", partial);
    if (chmod(path, 0600) < 0) /* as what lies beside it: others may not read it */
        return error_system(error, errno, "cannot change the mode of %s", path);
    if (!file_sync(path, error) || !file_sync(partial, error))
        return false;
    shelf_path(shelf, manifest->name, false, "", path);
    return file_rename(partial, path, error);
}

bool shelf_give_up(const struct shelf *shelf, const char *name, struct error *error)
{
    char path[SHELF_PATH_BYTES];
    shelf_path(shelf, name, true, "", path);
    return file_remove_folder(path, error);
}

bool shelf_drop(const struct shelf *shelf, const char *name, struct error *error)
{
    char path[SHELF_PATH_BYTES], partial[SHELF_PATH_BYTES];
    shelf_path(shelf, name, false, "", path);
    shelf_path(shelf, name, true, "", partial);
    return file_rename(path, partial, error) && file_remove_folder(partial, error);
}

bool shelf_mark(const struct shelf *shelf, const char *name, int64_t wall_us, const char *words,
                struct error *error)
{
    char path[SHELF_PATH_BYTES], bytes[MARK_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    text_json_open(&text, NULL, '{');
    text_json_number(&text, "at_us", wall_us);
    text_json_bool(&text, "is_well", words[0] == '\0');
    text_json_string(&text, "words", words);
    text_json_close(&text, '}');
    text_add(&text, "\n");
    shelf_path(shelf, name, false, SHELF_VERIFICATION, path);
    return file_write(path, bytes, text.size_bytes, error);
}

/* ---- reading ---- */

static bool read_mark(struct json top, struct shelf_entry *entry, struct error *error)
{
    const char *words = NULL;
    bool is_well = false;
    if (!json_is_object(top) || !json_get_bool(top, "is_well", &is_well, error) ||
        !json_get_string(top, "words", &words, error))
        return false;
    entry->verdict = is_well ? SHELF_VERIFIED : SHELF_FAULTY;
    (void)snprintf(entry->words, sizeof entry->words, "%s", words);
    return true;
}

/* A mark that cannot be read says nothing: it can be verified again. */
static void load_mark(const struct shelf *shelf, struct shelf_entry *entry)
{
    char path[SHELF_PATH_BYTES];
    struct error error = {""};
    shelf_path(shelf, entry->name, false, SHELF_VERIFICATION, path);
    if (!file_is_there(path))
        return;
    struct json_document *document = json_load(path, &error);
    if (document == NULL || !read_mark(json_top(document), entry, &error))
        entry->verdict = SHELF_NOT_VERIFIED;
    json_destroy(&document);
}

static void load_entry(const struct shelf *shelf, const char *name, struct shelf_entry *out)
{
    char path[SHELF_PATH_BYTES];
    struct error error = {""};
    *out = (struct shelf_entry){.verdict = SHELF_NOT_VERIFIED};
    (void)snprintf(out->name, sizeof out->name, "%s", name);
    shelf_path(shelf, name, false, SHELF_MANIFEST, path);
    out->is_readable = manifest_load(path, &out->manifest, &error);
    if (out->is_readable && strcmp(out->manifest.name, name) != 0)
        out->is_readable = error_set(&error, "%s is the manifest of %s: a backup keeps its name",
                                     path, out->manifest.name);
    if (!out->is_readable)
        (void)snprintf(out->words, sizeof out->words, "%.255s", error.text);
    else
        load_mark(shelf, out);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct shelf_entry *)b)->name, ((const struct shelf_entry *)a)->name);
}

/* Is it a folder that may be a backup? */
static bool is_backup(const struct shelf *shelf, const char *name)
{
    char path[SHELF_PATH_BYTES];
    if (!is_name(name))
        return false;
    shelf_path(shelf, name, false, SHELF_DUMP, path);
    if (file_is_there(path))
        return true;
    shelf_path(shelf, name, false, SHELF_MANIFEST, path);
    return file_is_there(path);
}

bool shelf_list(const struct shelf *shelf, struct shelf_list *out, struct error *error)
{
    const struct dirent *entry;
    DIR *folder = opendir(shelf->folder);
    if (folder == NULL)
        return error_system(error, errno, "cannot open the folder %s", shelf->folder);
    out->count = 0;
    out->is_whole = true;
    errno = 0;
    while (out->is_whole && (entry = readdir(folder)) != NULL) {
        if (is_backup(shelf, entry->d_name)) {
            out->is_whole = out->count < SHELF_ENTRIES_MAX;
            if (out->is_whole)
                load_entry(shelf, entry->d_name, &out->entries[out->count++]);
        }
        errno = 0;
    }
    int code = errno;
    (void)closedir(folder);
    if (code != 0)
        return error_system(error, code, "cannot read the folder %s", shelf->folder);
    qsort(out->entries, out->count, sizeof out->entries[0], compare_names);
    return true;
}

bool shelf_find(const struct shelf *shelf, const char *name, struct shelf_entry *out,
                struct error *error)
{
    if (!is_backup(shelf, name))
        return error_set(error, "there is no backup \"%s\" in %s", name, shelf->folder);
    load_entry(shelf, name, out);
    return out->is_readable ? true : error_set(error, "%s", out->words);
}

bool shelf_may_go(const struct shelf_list *list, uint32_t index, uint32_t keep)
{
    const struct shelf_entry *entry = &list->entries[index];
    bool is_newest_verified = entry->verdict == SHELF_VERIFIED;
    uint32_t good = 0; /* newer ones */
    for (uint32_t i = 0; i < index; i++) {
        good += list->entries[i].is_readable && list->entries[i].verdict != SHELF_FAULTY;
        is_newest_verified = is_newest_verified && list->entries[i].verdict != SHELF_VERIFIED;
    }
    return entry->is_readable && good >= keep && !is_newest_verified;
}
