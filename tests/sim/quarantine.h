/* quarantine.h - the simulated database's quarantine: writes that its rows refuse.
 *
 * Grows as it needs to, from all zero. */
#ifndef TILTH_SIM_QUARANTINE_H
#define TILTH_SIM_QUARANTINE_H

#include "sim/rows.h"
#include "store/database.h"

struct sim_quarantine {
    struct sim_rows rows; /* the last write of each key, deletes too */
    struct sim_rows view; /* the tables' rows with these laid over, while is_fresh */
    bool is_fresh;
};

/* Forgets all of it. */
void sim_quarantine_free(struct sim_quarantine *quarantine);

/* Makes *out, which is empty, the same. */
void sim_quarantine_copy(const struct sim_quarantine *quarantine, struct sim_quarantine *out);

/* Keeps the row; true when its key is new there. A NULL reason leaves the former. */
bool sim_quarantine_put(struct sim_quarantine *quarantine, uint64_t world,
                        const struct batch_row *row, const char *reason);

/* Takes the change's key out. */
void sim_quarantine_remove(struct sim_quarantine *quarantine, uint64_t world,
                           const struct change *change);

/* The rows as whoever loads sees them: those of the tables, if there is no quarantine. */
const struct sim_rows *sim_quarantine_view(struct sim_quarantine *quarantine,
                                           const struct sim_rows *tables);

/* The account of the name in it, or NULL. */
const struct sim_row *sim_quarantine_named(const struct sim_quarantine *quarantine,
                                           const char *name);

/* database_ops.next_quarantined. */
enum database_result sim_quarantine_next(const struct sim_quarantine *quarantine, uint64_t world,
                                         struct quarantined *entry);

/* The rows that a retry of the key is about, in order, on the heap: how many. */
uint32_t sim_quarantine_waiting(const struct sim_quarantine *quarantine, uint64_t world,
                                const char *key, struct batch_row **out_rows);

/* Says that the record settles what is given up. */
void sim_quarantine_settle(struct sim_quarantine *quarantine, uint64_t world, uint64_t seq);

/* Takes out what a record up to this one settles: was there something? */
bool sim_quarantine_end(struct sim_quarantine *quarantine, uint64_t world, uint64_t seq);

/* Marks rows as given up: how many. */
uint32_t sim_quarantine_drop(struct sim_quarantine *quarantine, uint64_t world, const char *key);

#endif
