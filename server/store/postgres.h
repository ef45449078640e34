/* postgres.h - PostgreSQL as a struct database (database.h says what its calls do).
 *
 * postgres_open makes one connection's state; the store and the loader each take their own.
 * Schema: migrations/. Every session plans by primary key whatever the statistics say, so that a
 * table which grew a minute ago is not read from end to end. Limits: connect_us, deadline_us for
 * every result. See tests/db for uses. */
#ifndef TILTH_STORE_POSTGRES_H
#define TILTH_STORE_POSTGRES_H

#include "store/database.h"

/* The texts must outlive the database; zeros give the defaults. */
struct postgres_options {
    const char *url;      /* postgresql://user@host:port/name, or "host=/run/... dbname=..." */
    const char *password; /* or NULL */
    const char *database; /* another one than the URL\'s; or NULL */
    const char *role;     /* "store", "loader": what people see in pg_stat_activity */
    uint64_t connect_us;  /* default 5 s */
    uint64_t deadline_us; /* for one result, default 10 s */
    const _Atomic bool *is_given_up; /* as pg_options'; or NULL */
    uint64_t lock_wait_us; /* how long open_world waits for a former owner's end, default 3 s */
};

/* Can the URL or connection string be understood? Asks no server. */
bool postgres_is_url(const char *url);

/* Makes a closed connection; call connect next. */
void postgres_open(const struct postgres_options *options, struct database *out_database);
void postgres_close(struct database *database); /* Disconnects, frees; a zeroed one is allowed. */

/* Brings the schema up to date from the folder of migrations (migrate.h). Must be connected. */
enum database_result postgres_migrate(struct database *database, const char *folder,
                                      struct error *error);

#endif
