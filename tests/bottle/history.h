/* history.h - the journal read as the history of what players were told.
 *
 * Reads all records from the first one. Each is whole: the world hash that it names is that of what
 * is kept behind it. Every version of a chunk that anybody saw was there, with this content. Every
 * intent that a player was told DONE of is done in the journal, and every one that is done there
 * was told, once. So confirmed changes are there exactly once, whatever was lost and repeated on
 * the way. Reads only. See bottle/torture.h. */
#ifndef TILTH_BOTTLE_HISTORY_H
#define TILTH_BOTTLE_HISTORY_H

#include "bottle/bottle.h"

/* Looks at a calm bottle, whose players all have their outcomes, and names of their own. False says
 * what is wrong, in bottle->words. */
bool history_audit(struct bottle *bottle);

#endif
