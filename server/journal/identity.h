/* identity.h - the journal's id, kept in its folder before anybody else hears of it.
 *
 * The database remembers which journal a world's changes are in. The id is written and synced to
 * the file "journal.id" before the world is opened, so that a crash between that and the first
 * segment does not leave a world whose journal nobody knows. Starting thread; no memory. */
#ifndef TILTH_JOURNAL_IDENTITY_H
#define TILTH_JOURNAL_IDENTITY_H

#include "journal/recover.h"

/* The folder's id: as the segments say, or as the file says, or a new random one (63 bits, never
 * 0), in this order; afterwards the file says the same. False: I/O error, in words. */
bool identity_load(const struct disk *disk, const struct recovered *recovered,
                   uint64_t *out_journal, struct error *error);

#endif
