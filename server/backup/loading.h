/* loading.h - a dump on its way into an empty database: pg_restore as another process.
 *
 * Owner: the thread that begins it. */
#ifndef TILTH_BACKUP_LOADING_H
#define TILTH_BACKUP_LOADING_H

#include "backup/backup.h"

/* Restores a dump into a database. */
struct loading_options {
    struct backup_postgres postgres;
    const char *dump;     /* path */
    const char *database; /* name */
    bool has_no_grants;   /* who else may read what is left out */
    const _Atomic bool *is_given_up;
};

/* One that is under way. */
struct loading {
    struct loading_options options;
    struct child child;
    char words[BACKUP_WORDS_BYTES];
};

/* Begins; the database is there and empty. */
bool loading_begin(struct loading *loading, const struct loading_options *options,
                   struct error *error);

/* Goes on for about a second. WORKING: `words` tell how far it is. */
enum backup_result loading_step(struct loading *loading, struct error *error);

#endif
