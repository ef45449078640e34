/* rows.h - the rows of the simulated database, of all its tables, in the order of their keys.
 *
 * They grow as they need to, from all zero; a row stays where it is until it is deleted. */
#ifndef TILTH_SIM_ROWS_H
#define TILTH_SIM_ROWS_H

#include <stdint.h>

#include "base/crypto.h"
#include "world/world.h"

/* A row: the last change of its key. Spans are kept in `bytes`, name first, or in `png`. */
struct sim_row {
    uint64_t world; /* 0 for accounts */
    struct change change;
    uint8_t bytes[WORLD_NAME_BYTES + CRYPTO_PUBLIC_BYTES];
    uint8_t *png; /* on the heap, or NULL */

    uint64_t seq, tick; /* of rows in quarantine, like what is below */
    int64_t wall_us;
    const char *reason; /* a literal */
    bool is_dropped;
    uint64_t settled_seq;
};

/* Where a row stands among the others. */
struct sim_key {
    uint64_t world;
    uint32_t kind;
    struct chunk_pos chunk;
    uint32_t cell;
    uint64_t id;
    uint32_t part; /* of what has the id: a slot, a skill */
    uint64_t low;  /* the other half of a picture's id */
};

struct sim_rows {
    struct sim_row **rows;
    uint32_t count, max;
};

/* Forgets all rows. */
void sim_rows_free(struct sim_rows *rows);

/* Makes *out, which is empty, the same rows as these. */
void sim_rows_copy(const struct sim_rows *rows, struct sim_rows *out);

/* The first row that is not before the key: its index, or the count. */
uint32_t sim_rows_find(const struct sim_rows *rows, const struct sim_key *key);

/* The row of the change's key, or NULL. */
struct sim_row *sim_rows_get(const struct sim_rows *rows, uint64_t world,
                             const struct change *change);

/* The row's change, with spans that live as long as the row. */
struct change sim_row_change(const struct sim_row *row);

/* Writes the change to its row, or deletes that. */
void sim_rows_write(struct sim_rows *rows, uint64_t world, const struct change *change);

/* Writes the change to its row, also one that says that its key is gone. */
void sim_rows_keep(struct sim_rows *rows, uint64_t world, const struct change *change);

/* Deletes the row of the change's key, if it is there. */
void sim_rows_remove(struct sim_rows *rows, uint64_t world, const struct change *change);

#endif
