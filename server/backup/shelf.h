/* shelf.h - the folder where a world's backups are: one folder each, by name.
 *
 * A backup is a folder with the files world.dump and manifest.json; it is made under the name
 * NAME.partial and renamed when all of it is on the disk, so what has a plain name is whole. Later
 * a file verified.json may come beside them. Names begin with the time, so their order is that of
 * their making. One server at a time has the folder (a lock on its file "lock"). Owner: one thread
 * at a time, but for listing. */
#ifndef TILTH_BACKUP_SHELF_H
#define TILTH_BACKUP_SHELF_H

#include "backup/manifest.h"

enum { SHELF_ENTRIES_MAX = 1024, SHELF_FOLDER_BYTES = 1024 + 64, SHELF_WORDS_BYTES = 256 };
enum { SHELF_PATH_BYTES = SHELF_FOLDER_BYTES + 2 * MANIFEST_NAME_BYTES };

#define SHELF_DUMP         "world.dump"
#define SHELF_MANIFEST     "manifest.json"
#define SHELF_VERIFICATION "verified.json"

struct shelf {
    char folder[SHELF_FOLDER_BYTES];
    int lock_fd; /* -1: not locked */
};

/* What came of a backup's last verification. */
enum shelf_verdict { SHELF_NOT_VERIFIED, SHELF_VERIFIED, SHELF_FAULTY };

struct shelf_entry {
    char name[MANIFEST_NAME_BYTES];
    bool is_readable; /* its manifest is */
    struct manifest manifest;
    enum shelf_verdict verdict;
    char words[SHELF_WORDS_BYTES]; /* why it is not readable, or faulty */
};

/* Newest first. */
struct shelf_list {
    uint32_t count;
    bool is_whole; /* there are no more */
    struct shelf_entry entries[SHELF_ENTRIES_MAX];
};

/* Opens the folder <folder>/<world>, made with those above it when it is missing (mode 0700). */
bool shelf_open(struct shelf *shelf, const char *folder, const char *world, struct error *error);
void shelf_close(struct shelf *shelf); /* A zeroed one is allowed. */

/* Removes what was begun and not finished; what cannot be removed stays, with words in the log. */
bool shelf_clean(const struct shelf *shelf, struct error *error);

/* A name that no backup has, of this time. */
void shelf_new_name(const struct shelf *shelf, int64_t wall_us, char out_name[MANIFEST_NAME_BYTES]);

/* The path of a backup's file; of one that is being made with is_partial. */
void shelf_path(const struct shelf *shelf, const char *name, bool is_partial, const char *file,
                char out_path[SHELF_PATH_BYTES]);

/* Makes the folder of a backup that is being made. */
bool shelf_begin(const struct shelf *shelf, const char *name, struct error *error);

/* Syncs everything and gives it its name: from now on it is a backup. */
bool shelf_finish(const struct shelf *shelf, const struct manifest *manifest, struct error *error);

/* Removes a backup, or one that was being made. */
bool shelf_drop(const struct shelf *shelf, const char *name, struct error *error);
bool shelf_give_up(const struct shelf *shelf, const char *name,
                   struct error *error); /* The latter. */

/* Keeps what came of a verification; words are "" when it is well. */
bool shelf_mark(const struct shelf *shelf, const char *name, int64_t wall_us, const char *words,
                struct error *error);

/* All backups, or so many as have room. False when the folder cannot be read. */
bool shelf_list(const struct shelf *shelf, struct shelf_list *out, struct error *error);

/* The backup of that name; false with words when there is none or it cannot be read. */
bool shelf_find(const struct shelf *shelf, const char *name, struct shelf_entry *out,
                struct error *error);

/* `keep` backups that are not known to be faulty stay, the newest ones, and the newest that was
 * verified; what cannot be read is left to people. Does this one of the list go? */
bool shelf_may_go(const struct shelf_list *list, uint32_t index, uint32_t keep);

#endif
