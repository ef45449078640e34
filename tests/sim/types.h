/* types.h - the ids of types and skills in the simulated database, given once by name. */
#ifndef TILTH_SIM_TYPES_H
#define TILTH_SIM_TYPES_H

#include "sim/rows.h"
#include "store/database.h"

struct sim_types {
    struct catalog_ids types, skills;
};

/* The rows of a world among those of all. */
struct sim_types_use {
    const struct sim_rows *rows;
    uint64_t world;
};

/* Gives the catalogue its ids, and remembers those that are new. DATABASE_CONTENT when it lacks
 * something that the rows use. */
enum database_result sim_types_sync(struct sim_types *types, const struct sim_types_use *among,
                                    struct catalog *catalog, struct error *error);

#endif
