/* verification.h - is a backup what its manifest says, and a world that holds together?
 *
 * The dump's bytes are compared with their SHA-256; then it is restored into a database of its own,
 * whose rows are counted, inspected (store/inspection.h) and summed up: the sum must be the world
 * hash of the manifest, which comes from the tick record. That database is dropped again. Owner:
 * the calling thread, for as long as it takes. */
#ifndef TILTH_BACKUP_VERIFICATION_H
#define TILTH_BACKUP_VERIFICATION_H

#include "backup/backup.h"
#include "store/inspection.h"

enum verification { VERIFICATION_WELL, VERIFICATION_FAULTY, VERIFICATION_UNKNOWN };

/* Are the dump's bytes those of the manifest? */
bool verification_check_bytes(const struct shelf *shelf, const struct manifest *manifest,
                              struct error *error);

/* Does what was inspected hold together, but for what waits in quarantine? False with words. */
bool verification_judge(const struct inspection *inspection, struct error *error);

/* Is what was loaded into the connected database the manifest's world? Its schema is brought up to
 * this server's (folder `migrations`) to ask. FAULTY and UNKNOWN with words; UNKNOWN: the
 * connection was lost, or the dump is of a later server. */
enum verification verification_check_world(struct database *database,
                                           const struct manifest *manifest, const char *migrations,
                                           struct error *error);

#endif
