/* postgres_write.h - how each kind of lasting change becomes rows: one statement for many.
 *
 * Inside server/store, for postgres_apply.c. Tables of statements and of their parameters; a new
 * kind of change needs a line in each. One owner thread, no memory of its own. */
#ifndef TILTH_STORE_POSTGRES_WRITE_H
#define TILTH_STORE_POSTGRES_WRITE_H

#include "store/postgres_state.h"

enum {
    POSTGRES_SENT_MAX = 32,   /* statements on their way */
    POSTGRES_ROWS_MAX = 1000, /* of one statement: larger ones gain nothing */
    POSTGRES_IMAGES_MAX = 3,  /* pictures of one statement: PG_PARAMETER_BYTES holds them */
};

/* Prepares the statements unless this connection has them. */
enum pg_status postgres_prepare_writes(struct postgres *state, struct error *error);

/* Rows that are still to be written, sorted (batch_sort). */
struct postgres_rows {
    uint64_t world;
    const struct batch_row *rows;
    uint32_t count;
};

/* Sends statements that write them all. *sent results are to be received before and after: when
 * they become too many, they are. */
enum pg_status postgres_send_rows(struct pg *pg, struct postgres_rows rows, uint32_t *sent,
                                  struct error *error);

/* Receives the results of so many statements, and makes it none. */
enum pg_status postgres_receive_all(struct pg *pg, uint32_t *sent, struct error *error);

#endif
