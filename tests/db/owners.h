/* owners.h - servers that take a world from each other, over any database, from one seed.
 *
 * One opens the world once the connection of the one before is lost; that one comes back and goes
 * on as if nothing had happened: it applies, resumes, closes. All of that must be refused, and
 * what each owner applied while it was the owner must be there, and nothing else. */
#ifndef TILTH_DB_OWNERS_H
#define TILTH_DB_OWNERS_H

#include "db/conformance.h"

/* Lets them, in a world of the seed's own. False says what is wrong, in bench->error. */
bool owners_take_turns(struct bench *bench, uint64_t seed);

#endif
