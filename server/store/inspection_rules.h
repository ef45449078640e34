/* inspection_rules.h - what must hold between rows, as questions that PostgreSQL answers.
 *
 * Inside server/store, for inspection.c: one const table, a statement for each rule. */
#ifndef TILTH_STORE_INSPECTION_RULES_H
#define TILTH_STORE_INSPECTION_RULES_H

#include "store/inspection.h"
#include "store/postgres_state.h"

/* Asks all of them of the world out->world and adds the answers to its findings, in the transaction
 * that is open. */
enum pg_status inspection_rules_run(struct postgres *state, struct inspection *out,
                                    struct error *error);

#endif
