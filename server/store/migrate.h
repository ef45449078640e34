/* migrate.h - brings a database's schema up to date.
 *
 * Reads a folder's files NNNN_name.sql, contiguous from 0001; runs those that schema_migrations
 * lacks in order, each in its own transaction, and records number, name and SHA-256 there.
 * Refuses, naming the file: a gap, two files of one number, one that was changed after it ran,
 * one that ran but is missing, and a database newer than the folder. Servers that start together
 * take turns (advisory lock). Forward only. See docs/howto/migration.md. */
#ifndef TILTH_STORE_MIGRATE_H
#define TILTH_STORE_MIGRATE_H

#include "store/pg.h"

enum { MIGRATE_FILES_MAX = 1024, MIGRATE_NAME_BYTES = 96, MIGRATE_BYTES_MAX = 1 << 20 };

/* Runs what is missing. The connection must be open; on PG_REFUSED it is still fit for use. */
enum pg_status migrate_run(struct pg *pg, const char *folder, struct error *error);

#endif
