/* walk.h - a walk over the records of a bottle's journal. */
#ifndef TILTH_BOTTLE_WALK_H
#define TILTH_BOTTLE_WALK_H

#include "bottle/bottle.h"
#include "journal/tail.h"

/* Gives all durable records to the step, in order; the step's false, with words in the bottle, ends
 * the walk. False then, or, which is told, when the journal cannot be read. */
bool walk_journal(struct bottle *bottle,
                  bool (*step)(void *state, const struct tail_record *record), void *state);

#endif
