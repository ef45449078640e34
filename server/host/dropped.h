/* dropped.h - what operators gave up of the quarantine, at a start: the tables' rows count again.
 *
 * Inside server/host, for server.c. Memory and journal say of such keys what was written last, the
 * rows something else. So before the first tick one tick record is made that gives each of these
 * keys what its row says, and the chunks that they lie in the hashes that follow; from there on all
 * is as ever: the journal keeps it, the store applies it (and the keys leave the quarantine then),
 * the world hash is right at every record. A world that would not hold together (two structures in
 * one cell) is left as it is, with words in the log. Runs when everything that the journal has is
 * applied, and nothing is in memory. */
#ifndef TILTH_HOST_DROPPED_H
#define TILTH_HOST_DROPPED_H

#include "host/server.h"

/* Makes the record, if there is something to give up: server->world has its tick and hash then, and
 * server->next_seq is the next one's. False when the database cannot be read. */
bool dropped_settle(struct server *server, struct moment now, struct error *error);

#endif
