/* renew.h - other content under a running world.
 *
 * Inside server/host. The loader reads it (store/renewal.h); the swap is here, at the start of a
 * tick, and is an input of it: recorded. Content that lacks something that is in use, or makes
 * another kind of thing of a type, is refused by name: the loader has asked the database, and here
 * is all that was in memory since before it was asked, since meanwhile nothing leaves that. Work
 * that is under way goes on, and ends by the new rules. Players take the new catalogue and are
 * shown everything anew. Owner: the tick. Memory: the world's two catalogues, reserved by host. */
#ifndef TILTH_HOST_RENEW_H
#define TILTH_HOST_RENEW_H

#include <stdbool.h>

struct host;

/* Asks for the content; false while that is under way already, or nobody is there to read it. */
bool renew_ask(struct host *host);

/* The start of a tick: takes content that was read. */
void renew_step(struct host *host);

#endif
