/* check_command.h - `tilth-server check`: do the journal and the database agree, and does what is
 * in the database hold together?
 *
 * The database is inspected as of one moment (store/inspection.h), also while a server runs; then
 * the journal is read: it must be whole, of this world, without a gap behind what is applied, and
 * its record of that number must have the world hash that the rows have. What is in memory at that
 * record has the same hash, since a record carries it. Changes nothing. Used by server/main.c. */
#ifndef TILTH_HOST_CHECK_COMMAND_H
#define TILTH_HOST_CHECK_COMMAND_H

#include <stdio.h>

#include "host/settings.h"
#include "store/inspection.h"

enum { CHECK_PRINT_BYTES = 256 << 10 };

/* Inspects the world of the settings on a connected database, and its journal. As inspection_run:
 * whatever is wrong with the world or the journal is a finding, and still DATABASE_OK. */
enum database_result check_command_run(const struct settings *settings, struct database *database,
                                       struct inspection *out, struct error *error);

/* Compares the world as it was inspected with a journal's folder; what is wrong is a finding. */
void check_command_compare(struct inspection *inspection, const char *folder);

#endif
