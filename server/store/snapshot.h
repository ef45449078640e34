/* snapshot.h - a moment of PostgreSQL that stands still: where a world was, and how many rows it
 * had.
 *
 * While it is open, other connections (pg_dump) see the same moment by its id, and go on seeing it
 * when they have begun. For an operator's connection, which does nothing else meanwhile. Owner: the
 * calling thread. */
#ifndef TILTH_STORE_SNAPSHOT_H
#define TILTH_STORE_SNAPSHOT_H

#include "store/database.h"

enum { SNAPSHOT_TABLES_MAX = 24, SNAPSHOT_ID_BYTES = 64, SNAPSHOT_NAME_BYTES = 64 };

/* How many rows of the world, or of all worlds where it is not a world's, a table has. */
struct snapshot_count {
    char table[SNAPSHOT_NAME_BYTES];
    uint64_t rows;
};

struct snapshot {
    char id[SNAPSHOT_ID_BYTES];         /* for pg_dump --snapshot */
    char database[SNAPSHOT_NAME_BYTES]; /* the database's name */
    uint64_t world, journal, applied_seq, tick;
    uint32_t timeline;
    struct hash128 hash; /* of the world, as the record applied last says */
    uint32_t schema;     /* the number of the last migration */
    uint32_t count;
    struct snapshot_count tables[SNAPSHOT_TABLES_MAX];
};

/* Begins it, on a connected PostgreSQL connection. NOT_FOUND, in words: there is no such world. */
enum database_result snapshot_open(struct database *database, const char *world,
                                   struct snapshot *out, struct error *error);

/* The number of the database's last migration: the rest can be asked only of this server's. */
enum database_result snapshot_schema(struct database *database, uint32_t *out_schema,
                                     struct error *error);
void snapshot_close(struct database *database); /* Ends it; when none is open too. */

#endif
