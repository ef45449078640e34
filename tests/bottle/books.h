/* books.h - the journal read as an account of things: nothing comes from nowhere, nothing is lost,
 * nothing is in two places.
 *
 * Reads all records from the first one. In each, for every type: what bags, piles, cells and (at
 * what they cost) structures have more or less must be what the record's own sources and sinks say:
 * a new character's kit; a harvest, which takes its target, gives what content allows for the
 * skill, and wears its tool once; growth, and piles that are due. Whose bag is another, of that one
 * the record has the outcome of what was asked. What is in a stack is as it may be. At the end no
 * two structures share a cell, all looks are known, and their uses are what the server counts.
 * Knows nothing of things that the console gives or takes, of builders, and of content that
 * changes. */
#ifndef TILTH_BOTTLE_BOOKS_H
#define TILTH_BOTTLE_BOOKS_H

#include "bottle/bottle.h"

/* What the journal tells, for tests that want to be sure that it was enough. */
struct books_facts {
    uint32_t records, characters;
    uint32_t harvests, grown, gone; /* piles that were due */
    uint32_t of[CHANGE_KIND_COUNT]; /* changes */
};

/* Looks at a calm bottle. False says what is wrong, and in which record, in bottle->words. */
bool books_audit(struct bottle *bottle, struct books_facts *out_facts);

#endif
