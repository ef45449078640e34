/* maintenance.h - how large a world's tables are in PostgreSQL, and tidying them up.
 *
 * For an operator's connection, which does nothing else: both take their time. Changes no row. Used
 * by the console's `db stats` and `db optimize`. Owner: the calling thread. */
#ifndef TILTH_STORE_MAINTENANCE_H
#define TILTH_STORE_MAINTENANCE_H

#include "store/database.h"

enum { MAINTENANCE_TABLES_MAX = 64, MAINTENANCE_NAME_BYTES = 64 };

/* A table, with what belongs to it. */
struct table_size {
    char name[MAINTENANCE_NAME_BYTES];
    uint64_t total_bytes; /* table, indexes and what is stored apart */
    uint64_t index_bytes; /* of these, the indexes */
    uint64_t rows;        /* as PostgreSQL's statistics have it */
    uint64_t dead_rows;   /* versions that nobody sees any more, likewise */
};

struct database_sizes {
    uint64_t total_bytes; /* the whole database */
    uint32_t count;
    struct table_size tables[MAINTENANCE_TABLES_MAX]; /* by name */
};

/* The sizes of all tables on a connected PostgreSQL connection. */
enum database_result maintenance_measure(struct database *database, struct database_sizes *out,
                                         struct error *error);

/* How many tables maintenance_optimize knows, and their names, which begin with 0. */
uint32_t maintenance_count(void);
const char *maintenance_table(uint32_t table); /* The name. */

/* VACUUM (ANALYZE) of one table, number `table`: room of dead rows is given back for use, and the
 * planner's statistics are taken anew. Others go on reading and writing it. */
enum database_result maintenance_optimize(struct database *database, uint32_t table,
                                          struct error *error);

#endif
