/* renewal.h - reading the content again while the server runs: the tick asks, the loader reads.
 *
 * One place for one renewal at a time; whose it is says `state`: the tick's when IDLE or READY, the
 * loader's when ASKED, so nobody waits and no lock is needed. What is READY is an input of the
 * tick: recorded, and put there by the replay. The tick copies the catalogue, so that this one is
 * gone when the next is read. Memory: reserved at create, and the catalogue (loader). */
#ifndef TILTH_STORE_RENEWAL_H
#define TILTH_STORE_RENEWAL_H

#include <stdatomic.h>

#include "catalog/catalog.h"

enum renewal_state { RENEWAL_IDLE, RENEWAL_ASKED, RENEWAL_READY };

/* What came of it; as it is recorded, without what is behind size_bytes. */
struct renewal_outcome {
    uint32_t is_refused;
    uint32_t size_bytes;           /* of `text` */
    char text[CATALOG_TEXT_BYTES]; /* catalog_write's; or words why not, ended by 0 */
};

struct renewal {
    _Alignas(64) _Atomic uint32_t state; /* enum renewal_state */
    struct catalog *catalog;             /* READY and not refused: what the text says */
    struct renewal_outcome outcome;
};

struct renewal *renewal_create(void);           /* IDLE. */
void renewal_destroy(struct renewal **renewal); /* NULL-safe. */

/* Tick: asks for the content. False while another renewal is under way. */
bool renewal_ask(struct renewal *renewal);

/* Loader: is it asked? */
bool renewal_is_asked(const struct renewal *renewal);

/* Loader: the catalogue, which is taken over and may be too large; or why there is none. */
void renewal_answer(struct renewal *renewal, struct catalog *catalog);
void renewal_refuse(struct renewal *renewal, const struct error *error); /* Why not. */

/* Replay: the recorded outcome, of size_bytes bytes; false when it is malformed or nobody asked. */
bool renewal_replay(struct renewal *renewal, const void *recorded, uint32_t size_bytes,
                    struct error *error);

/* Tick: is the outcome there? And the bytes of it that are to be recorded. */
bool renewal_is_ready(const struct renewal *renewal);
uint32_t renewal_recorded_bytes(const struct renewal *renewal); /* From `outcome` on. */

/* Tick: the outcome was taken: IDLE again. */
void renewal_take(struct renewal *renewal);

#endif
