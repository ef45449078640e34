/* postgres_overlay.h - quarantined writes, read to be laid over the rows of a load.
 *
 * Inside server/store. A load sends the statement for its part of the quarantine in front of its
 * own, so it costs no round trip; a write that leaves the quarantine meanwhile is then in the rows
 * that are read behind. Memory: taken only where something is in quarantine, and given back by
 * postgres_overlay_free. One owner thread. */
#ifndef TILTH_STORE_POSTGRES_OVERLAY_H
#define TILTH_STORE_POSTGRES_OVERLAY_H

#include "store/postgres_state.h"

/* Changes whose spans point into `bytes`. */
struct postgres_overlay {
    uint32_t count;
    struct change *changes;
    uint8_t *bytes;
    const char *name; /* of the account that is looked for; or NULL */
};

/* Sends the question: what in quarantine touches the chunk? */
enum pg_status postgres_overlay_ask_chunk(struct postgres *state, uint64_t world,
                                          struct chunk_pos chunk, struct error *error);

/* Which chunks' marks (and things in them) of the region? */
enum pg_status postgres_overlay_ask_region(struct postgres *state, uint64_t world,
                                           struct region_pos region, struct error *error);

/* What is in no chunk: accounts, characters and what they own; looks and pictures. */
enum pg_status postgres_overlay_ask_rest(struct postgres *state, uint64_t world,
                                         struct error *error);

/* Receives the answer. */
enum pg_status postgres_overlay_receive(struct postgres *state, struct postgres_overlay *out,
                                        struct error *error);

/* Takes the changes in the first column of the result that was received last. False when one is
 * damaged. */
bool postgres_overlay_take(const struct pg *pg, struct postgres_overlay *out, struct error *error);
void postgres_overlay_free(struct postgres_overlay *overlay); /* A zeroed one is allowed. */

#endif
