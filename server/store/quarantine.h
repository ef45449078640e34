/* quarantine.h - keys whose writes the database refuses, so that everything else goes on.
 *
 * Somebody changed rows or constraints by hand, and a table refuses a write. That key's last write
 * then waits in the table quarantine, moved there in the transaction that moves applied_seq; its
 * later writes go there too, so that nothing overtakes. Whatever is loaded is the tables' rows with
 * the quarantined writes laid over them, so it is what memory had, and fits its hash. What touches
 * a chunk closes it to changes (CHUNK_READ_ONLY); what a player owns is as ever. Retrying or
 * dropping is for people: database_ops.retry_quarantined and drop_quarantined, over any connection.
 *
 * A struct quarantine is the list of the keys, read at start and whenever its version is another
 * one. Memory: for QUARANTINED_MAX keys, reserved at create. One owner thread (the store);
 * the functions on changes are pure. */
#ifndef TILTH_STORE_QUARANTINE_H
#define TILTH_STORE_QUARANTINE_H

#include "store/database.h"

enum { QUARANTINE_CHUNKS_MAX = QUARANTINED_MAX * CHANGE_CHUNKS_MAX };

/* A key in quarantine. */
struct quarantine_key {
    enum change_kind kind;
    struct batch_key key;
};

struct quarantine {
    uint64_t version; /* of the database's, when it was read; UINT64_MAX: it was not */
    uint32_t count;
    uint32_t chunk_count;
    struct quarantine_key *keys; /* in order */
    struct chunk_pos *chunks;    /* that the keys touch, each once, in order (quarantine_order) */
    struct quarantined entry;    /* being read */
};

/* An empty one. */
struct quarantine *quarantine_create(void);
void quarantine_destroy(struct quarantine **quarantine); /* NULL-safe. */

/* Reads the keys of the world, which are of this version. */
enum database_result quarantine_read(struct quarantine *quarantine, const struct database *database,
                                     const struct database_world *world, struct error *error);

/* Is the change's key in it? */
bool quarantine_has(const struct quarantine *quarantine, const struct change *change);

/* Puts the batch's rows aside whose keys are in it, and notes its version there. */
void quarantine_divide(const struct quarantine *quarantine, struct batch *batch);

/* How chunks are ordered in the list: less than 0, 0, or more, as of a - b. */
int quarantine_order(struct chunk_pos a, struct chunk_pos b);

/* The chunks that a change closes while it is in quarantine: how many. */
uint32_t quarantine_chunks(const struct change *change, struct chunk_pos *out_chunks);

/* Makes the content of a chunk be as if the change, of a kind with CHANGE_IN_CHUNK, were in its
 * rows; sort it afterwards. False when there is no room. */
bool quarantine_lay_over(struct content *content, const struct change *change);

#endif
