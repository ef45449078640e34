/* books_state.h - does all that a journal has left behind fit together? For books.c. */
#ifndef TILTH_BOTTLE_BOOKS_STATE_H
#define TILTH_BOTTLE_BOOKS_STATE_H

#include "bottle/bottle.h"
#include "bottle/pages.h"

/* No two things in a cell that do not share it, no thing in a cell that is not kept or a chunk
 * without mark; all looks known, each used as often as the server counts; all edits of things that
 * look so, and as many as the database has. False says what is wrong, in bottle->words. */
bool books_state_audit(struct bottle *bottle, const struct pages *pages);

#endif
