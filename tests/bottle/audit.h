/* audit.h - looking at everything at once: is what was confirmed there, once, and the same wherever
 * it is kept?
 *
 * Memory (the world hash and every resident chunk), the simulated database's rows, the journal read
 * from its first record into an empty database, every connected client's mirror and bag, and the
 * ledger of what players were told must all agree; and what the cache gave was what its keys name,
 * but for what was forged. Reads only. history.h looks at what was on the way. */
#ifndef TILTH_BOTTLE_AUDIT_H
#define TILTH_BOTTLE_AUDIT_H

#include "bottle/bottle.h"

/* Is nothing on its way anywhere? False says what is, in bottle->words. */
bool audit_is_calm(struct bottle *bottle);

/* Does what the database has at this moment hold together, at any time: are the chunks' marks those
 * of their rows, and no id there twice? False says what is wrong, in bottle->words. */
bool audit_rows(struct bottle *bottle);

/* What the change of a key adds to the world hash: nothing, or once for each chunk that it touches.
 */
struct hash128 audit_hash(const struct change *change);

/* Looks at a calm bottle. False says what is wrong, in bottle->words. */
bool audit_run(struct bottle *bottle);

#endif
