/* restore_command.h - `tilth-server restore`: a world as it was, while no server runs.
 *
 * Takes the locks of the journal's folder and of the backups', so that no server is running on
 * them, and does what backup/restoration.h says. The database need not be there. Used by
 * server/main.c. */
#ifndef TILTH_HOST_RESTORE_COMMAND_H
#define TILTH_HOST_RESTORE_COMMAND_H

#include <stdio.h>

#include "backup/restoration.h"
#include "host/settings.h"

struct restore_command {
    const char *backup; /* name */
    struct restoration_target target;
};

/* Reads NAME [--to-tick N | --to-time T] from words; false with words when they are something else.
 * *out_used: how many were read. */
bool restore_command_read(const char *const *words, int count, struct restore_command *out,
                          int *out_used, struct error *error);

/* Restores, telling on `out` how far it is. False with words, which say whether anything has
 * changed. */
bool restore_command_run(const struct settings *settings, const struct restore_command *command,
                         FILE *out, struct error *error);

/* What restoration is told by the settings. */
struct restoration_options restore_command_options(const struct settings *settings,
                                                   const struct restore_command *command);

/* Has the content all that the restored world has? False with words. */
bool restore_command_check_content(const struct settings *settings, struct restoration *restoration,
                                   struct error *error);

/* What it came to, in words or as a JSON object. */
void restore_command_tell(const struct restoration *restoration, bool is_json, struct text *text);

#endif
