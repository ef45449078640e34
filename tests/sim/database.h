/* database.h - a database in memory, with faults on demand: what PostgreSQL promises, without it.
 *
 * One struct sim_database holds what is committed; connections to it come and go, and their
 * uncommitted work with them. The same conformance suite runs against it and PostgreSQL (tests/db).
 * Single-threaded; grows as it needs to. */
#ifndef TILTH_SIM_DATABASE_H
#define TILTH_SIM_DATABASE_H

#include "store/database.h"

enum sim_database_fault {
    SIM_DATABASE_WELL,
    SIM_DATABASE_LOSE_BEFORE, /* the connection is lost before the call has an effect */
    SIM_DATABASE_LOSE_AFTER,  /* ... after it is committed, before the answer */
    SIM_DATABASE_FAIL,        /* the database refuses */
};

struct sim_database;

/* An empty, healthy database. */
struct sim_database *sim_database_create(void);
void sim_database_destroy(struct sim_database **database); /* NULL-safe. Close connections first. */

/* Makes a closed connection. */
void sim_database_open(struct sim_database *database, struct database *out_connection);
void sim_database_close(struct database *connection); /* A zeroed one is allowed. */

/* The n-th call from now (1: the next) of any connection meets the fault; connect and disconnect
 * do not count. */
void sim_database_plan(struct sim_database *database, uint64_t n, enum sim_database_fault fault);

/* Of the keys of a kind (CHANGE_NONE: of any), so many in a million cannot be written from now on,
 * nor deleted: as with a trigger that somebody made. */
void sim_database_refuse(struct sim_database *database, enum change_kind kind, uint32_t ppm);

/* How many keys are in quarantine. */
uint32_t sim_database_quarantined(const struct sim_database *database);

/* The time by which leases end; it stands still at 0 otherwise. */
void sim_database_set_time(struct sim_database *database, uint64_t now_us);

/* The next loads of chunks, so many, are refused. */
void sim_database_refuse_chunks(struct sim_database *database, uint32_t count);

/* While it is away, every call of every connection is lost, connect too. */
void sim_database_set_away(struct sim_database *database, bool is_away);

/* A standby: what is committed now. Destroy it as any other. */
struct sim_database *sim_database_copy(const struct sim_database *database);

/* The standby takes over: the database has what the copy has, and every connection is lost. */
void sim_database_fail_over(struct sim_database *database, const struct sim_database *standby);

/* All worlds are what they were in the copy, on a timeline of their own whose records come behind
 * all so far; every connection is lost. */
void sim_database_restore(struct sim_database *database, const struct sim_database *copy);

/* The row by its rank, in no useful order, of any world, as a load sees it: with what is in
 * quarantine laid over; NULL behind the last. An account's spans
 * are not set. Valid until the next write. */
const struct change *sim_database_row(const struct sim_database *database, uint32_t index);

/* Calls so far (connect and disconnect do not count); rows of the kind in all worlds. */
uint64_t sim_database_calls(const struct sim_database *database);
uint32_t sim_database_rows(const struct sim_database *database,
                           enum change_kind kind); /* The rows. */

#endif
