/* roles.h - the threads of a running server: one for each role, and the main thread's loop.
 *
 * Threads share nothing but rings, frames and counters; each steps its role (server.h) and sleeps
 * in between. roles_run returns when an operator said `stop` or a signal came: clients are told,
 * what is on its way is made durable and applied (within STOP_US_MAX), and all threads have ended.
 * When the keeper has restored the world beside it, all threads but net and the keeper's bench
 * stand until the databases are exchanged; then the world is opened again for those who are
 * connected.
 */
#ifndef TILTH_HOST_ROLES_H
#define TILTH_HOST_ROLES_H

#include "host/console_socket.h"
#include "host/server.h"

struct roles_options {
    struct console_socket *socket; /* the operator's */
    int signals_fd;                /* a signalfd of SIGTERM and SIGINT, or -1 */
};

enum roles_end {
    ROLES_SETTLED,   /* everything is in the database */
    ROLES_UNSETTLED, /* the journal has the rest */
    ROLES_LOST,      /* a restored world could not be opened; the log has the words */
};

/* Runs the server until it shall stop. */
enum roles_end roles_run(struct server *server, const struct roles_options *options);

#endif
