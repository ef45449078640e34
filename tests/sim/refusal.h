/* refusal.h - which rows the simulated database's tables refuse: what PostgreSQL's constraints do.
 *
 * Pure functions of the rows. */
#ifndef TILTH_SIM_REFUSAL_H
#define TILTH_SIM_REFUSAL_H

#include "sim/rows.h"

/* See sim_database_refuse. */
struct sim_refused {
    enum change_kind kind;
    uint32_t ppm;
};

/* Is it the account of the name, case ignored? */
bool sim_refusal_is_name(const struct sim_row *row, const uint8_t *name, uint32_t size_bytes);

/* Why the tables refuse the change, as a literal; NULL when they take it. */
const char *sim_refusal(const struct sim_refused *refused, const struct sim_rows *rows,
                        uint64_t world, const struct change *change);

#endif
