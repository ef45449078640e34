/* client.h - what a struct tilth_client holds: a session, and the connection that carries it.
 *
 * For the files that make up the public functions: tilth.c, tilth_ask.c, tilth_look.c,
 * tilth_pictures.c and tilth_catalog.c. */
#ifndef TILTH_CLIENT_CLIENT_H
#define TILTH_CLIENT_CLIENT_H

#include "connection.h"

struct tilth_client {
    struct session session;
    struct connection connection;
};

#endif
