/* journal_command.h - `tilth-server journal check` and `journal dump`.
 *
 * They read the journal's folder (setting journal_dir) and change nothing, also while a server runs
 * on it: what it writes meanwhile may or may not be seen. Allocates what recover.h does. Used by
 * server/main.c. */
#ifndef TILTH_HOST_JOURNAL_COMMAND_H
#define TILTH_HOST_JOURNAL_COMMAND_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "journal/recover.h"

/* The records to dump, both included. */
struct journal_range {
    uint64_t from_seq, to_seq;
};

/* recover_scan of a folder that a server may be writing to: what looks damaged, or is gone, is
 * looked at again a few times, 200 ms apart. */
bool journal_command_look(struct disk *disk, struct recovered *out, struct error *error);

/* Reads every record and every change of it, and says in a line to `out` what there is. False, in
 * words with file, byte and what to do, when something that was confirmed is damaged or missing. */
bool journal_command_check(const char *folder, FILE *out, struct error *error);

/* Writes the records of the range as JSON lines (journal/dump.h) to `out`, as far as they are
 * there. False, in words, where the journal is damaged, behind all that can be read before it; and
 * when it holds no record of the range. */
bool journal_command_dump(const char *folder, struct journal_range range, FILE *out,
                          struct error *error);

#endif
