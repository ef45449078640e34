/* backup.h - making a backup: pg_dump of one moment of the database, which names the record that
 * was applied last.
 *
 * Begins a snapshot, lets pg_dump read it as another process, and writes the manifest. What was
 * begun and fails leaves nothing. The world hash in the manifest is the tick record's: where the
 * journal has that record it is read there and compared. Owner: the thread that begins it. */
#ifndef TILTH_BACKUP_BACKUP_H
#define TILTH_BACKUP_BACKUP_H

#include "backup/child.h"
#include "backup/shelf.h"
#include "base/clock.h"
#include "store/database.h"

enum { BACKUP_WORDS_BYTES = 192 };

/* Where PostgreSQL and its programs are. */
struct backup_postgres {
    const char *url;
    const char *programs; /* the folder of pg_dump and pg_restore; "": they are in PATH */
};

struct backup_options {
    struct backup_postgres postgres;
    struct database *database; /* connected, and used for nothing else meanwhile */
    const struct shelf *shelf;
    struct disk *journal; /* only read, or NULL */
    const char *world;
    const _Atomic bool *is_given_up; /* or NULL */
};

struct backup {
    struct backup_options options;
    struct child child;
    struct manifest manifest;
    struct moment since;
    char words[BACKUP_WORDS_BYTES]; /* how far it is */
};

enum backup_result { BACKUP_WORKING, BACKUP_DONE, BACKUP_FAILED };

/* Begins one. False with words: nothing is left of it. */
bool backup_begin(struct backup *backup, const struct backup_options *options, struct moment now,
                  struct error *error);

/* Goes on, for about a second. WORKING: `words` tell how far it is. DONE: the manifest is complete,
 * and the backup has its name. FAILED with words: nothing is left of it. */
enum backup_result backup_step(struct backup *backup, struct error *error);

/* The path of a program of PostgreSQL's. */
void backup_program(const struct backup_postgres *postgres, const char *name,
                    char out_path[SHELF_PATH_BYTES]);

#endif
