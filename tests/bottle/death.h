/* death.h - a server that dies at any moment, and comes back in any trouble.
 *
 * It is killed, or the power goes: between two steps of its roles, or within one change of the
 * disk, while it runs or while it starts. A bit of its journal may flip before it comes back
 * (bitrot.h); while it starts, disk and database may fail. See torture.h. */
#ifndef TILTH_BOTTLE_DEATH_H
#define TILTH_BOTTLE_DEATH_H

#include "bottle/bottle.h"

/* What has happened so far, for tests that want to be sure that it was enough. */
struct death_facts {
    uint32_t kills, crashes;               /* of the process, of the power */
    uint32_t kills_midway, crashes_midway; /* of these, within a change of the disk */
    uint32_t starts, starts_failed;
    uint32_t flips, flips_told; /* bits of the journal; starts that stopped at one */
};

/* The server dies, and comes back: by what the facts count. False when it does not, or when a
 * flipped bit is not told as it must be, in bottle->words. */
bool death_pass(struct bottle *bottle, struct death_facts *facts);

#endif
