/* bitrot.h - a bit of the journal's files that flips, and what a start must make of it.
 *
 * Bits of what was confirmed must stop the start, which names file and byte; all others cost
 * nothing that was confirmed. Reads the files by itself, not as the server does. See death.h. */
#ifndef TILTH_BOTTLE_BITROT_H
#define TILTH_BOTTLE_BITROT_H

#include "bottle/bottle.h"

struct bitrot {
    char name[DISK_NAME_BYTES]; /* "": there is nothing that could rot */
    uint64_t offset;
    uint32_t bit;
    uint64_t record;  /* that it is in; 0: the segment's header, or none */
    uint64_t end;     /* of that, in the file */
    bool must_stop;   /* the start: something confirmed is hurt */
    bool may_be_told; /* a start that stops is right too: nobody can know that it was not confirmed
                       */
};

/* Chooses a bit, and flips it. All records up to durable_seq were confirmed. What it says of others
 * holds only while no server runs. */
struct bitrot bitrot_strike(struct bottle *bottle, uint64_t durable_seq);

/* Flips it back: an intact copy of the file was put back. */
void bitrot_heal(struct bottle *bottle, const struct bitrot *rot);

/* Do the words of a start that stopped name file and byte? */
bool bitrot_is_named(const struct bitrot *rot, const char *words);

#endif
