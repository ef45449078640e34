/* postgres_quarantine.h - the table quarantine, and writing rows of which some are refused.
 *
 * Inside server/store, for postgres_apply.c. All in the transaction that is open. One owner
 * thread. */
#ifndef TILTH_STORE_POSTGRES_QUARANTINE_H
#define TILTH_STORE_POSTGRES_QUARANTINE_H

#include "store/postgres_write.h"

/* Prepares the statements unless this connection has them. */
enum pg_status postgres_prepare_quarantine(struct postgres *state, struct error *error);

/* Sends the row to the quarantine, where it replaces its key's; an empty reason leaves the former.
 * One result is to be received. */
enum pg_status postgres_send_quarantined(struct postgres *state, const struct database_world *world,
                                         const struct batch_row *row, const char *reason,
                                         struct error *error);

/* Sends the end of keys that are given up, if one of the records up to `seq` settles them. One
 * result is to be received. */
enum pg_status postgres_send_settled(struct postgres *state, const struct database_world *world,
                                     uint64_t seq, struct error *error);

/* Rows that may be refused, one by one. */
struct postgres_careful {
    struct postgres *state;
    const struct database_world *world;
    bool is_retry;             /* the rows are in quarantine: what is written leaves it */
    uint32_t applied, refused; /* rows, so far */
};

/* Writes the rows, sorted, in their order. Those that are refused by their values go to the
 * quarantine; found by halving what is written at once. */
enum pg_status postgres_write_carefully(struct postgres_careful *careful,
                                        const struct batch_row *rows, uint32_t count,
                                        struct error *error);

/* Counts a change of the quarantine's keys: *out_version is the new version. Refused, in words,
 * when there are too many. */
enum pg_status postgres_note_quarantine(struct postgres *state, const struct database_world *world,
                                        uint64_t *out_version, struct error *error);

#endif
