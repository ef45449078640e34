/* restoring.h - what turns a database that was loaded from a dump into the world's again.
 *
 * The server's tables (accounts, bans) are carried over from the database in use, so that a restore
 * takes back no account and no ban; so are the numbers of types, so that records of the journal
 * keep their meaning. Then the world gets a new timeline, whose records have higher numbers than
 * any before: no journal of an earlier timeline can be taken for it. On connected PostgreSQL
 * connections of the calling thread. */
#ifndef TILTH_STORE_RESTORING_H
#define TILTH_STORE_RESTORING_H

#include "store/database.h"

/* Has the database no table of ours, as one that was just made? */
enum database_result restoring_is_bare(struct database *database, bool *out_is_bare,
                                       struct error *error);

/* Reads a world as its rows say; NOT_FOUND in words when there is none. */
enum database_result restoring_read_world(struct database *database, const char *world,
                                          struct database_world *out, struct error *error);

/* How many other worlds are in the same database. */
enum database_result restoring_count_others(struct database *database, const char *world,
                                            uint64_t *out_count, struct error *error);

/* Takes the world's lock for as long as the connection is open; FAILED in words: a server has it.
 */
enum database_result restoring_take(struct database *database, uint64_t world, struct error *error);

/* Copies the numbers of types and skills that `to` lacks. */
enum database_result restoring_carry_types(struct database *from, struct database *to,
                                           struct error *error);

/* Copies accounts, also those in quarantine, and bans of pictures. An account of `to` whose name
 * another one has in `from` stays as it is; *out_kept counts those. */
enum database_result restoring_carry_accounts(struct database *from, struct database *to,
                                              uint64_t *out_kept, struct error *error);

/* Where the new timeline begins. */
struct restoring_start {
    uint64_t world;       /* its id */
    uint64_t journal;     /* whose records go on, 0: as it is */
    uint64_t applied_seq; /* no record so far has a higher number */
    uint64_t tick;
    uint32_t timeline;
    uint64_t epoch; /* no owner so far had a higher one */
};

/* Writes it, in one transaction; the world counts as closed in good order. */
enum database_result restoring_begin_timeline(struct database *database,
                                              const struct restoring_start *start,
                                              struct error *error);

#endif
