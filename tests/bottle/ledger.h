/* ledger.h - what players were told, to be held against the world afterwards.
 *
 * For every cell: how many things were placed and removed that a player was told DONE of, which
 * says how many must be in it now. For every chunk: the newest version that anybody saw; and all
 * that were seen, and all outcomes, for history.h. Grows as it needs to. */
#ifndef TILTH_BOTTLE_LEDGER_H
#define TILTH_BOTTLE_LEDGER_H

#include "base/hash.h"
#include "grid/grid.h"

struct ledger_cell {
    struct cell_pos cell;
    uint32_t placed, removed;
    uint32_t type; /* placed last */
};

struct ledger_chunk {
    struct chunk_pos chunk;
    uint64_t version;
    struct hash128 hash;
};

/* An intent that a player, by its rank in the bottle, was told DONE of. */
struct ledger_outcome {
    uint32_t player, number;
    bool lasts; /* or was only said, and its number may come again after a crash */
};

struct ledger {
    struct ledger_cell *cells;
    struct ledger_chunk *chunks;
    struct ledger_chunk *views; /* every version that was seen; some more than once */
    struct ledger_outcome *outcomes;
    uint32_t cell_count, cells_max, chunk_count, chunks_max;
    uint32_t view_count, views_max, outcome_count, outcomes_max;
    uint32_t placed, removed; /* all together */
    bool is_closed; /* of cells nothing is written down: things come and go in other ways too */
};

/* Gives the memory back; a zeroed ledger is empty and needs no init. */
void ledger_finish(struct ledger *ledger);

/* A player was told that a thing of the type is in the cell, or (type 0) that one is gone. */
void ledger_add(struct ledger *ledger, struct cell_pos cell, uint32_t type);

/* A player sees this version of a chunk. False when another content of the same version was seen
 * before. */
bool ledger_see(struct ledger *ledger, struct chunk_pos chunk, uint64_t version,
                struct hash128 hash);

/* A player was told that an intent is done. */
void ledger_tell(struct ledger *ledger, struct ledger_outcome outcome);

/* The cell's page, or NULL when nobody did anything there. */
const struct ledger_cell *ledger_find(const struct ledger *ledger, struct cell_pos cell);

#endif
