/* roles.h - the threads of a running server: one for each role, and the main thread's loop.
 *
 * Threads share nothing but rings, frames and counters; each steps its role (server.h) and sleeps
 * in between. roles_run returns when an operator said `stop` or a signal came: clients are told,
 * what is on its way is made durable and applied (within STOP_US_MAX), and all threads have ended.
 */
#ifndef TILTH_HOST_ROLES_H
#define TILTH_HOST_ROLES_H

#include "host/console_socket.h"
#include "host/server.h"

struct roles_options {
    struct console_socket *socket; /* the operator's */
    int signals_fd;                /* a signalfd of SIGTERM and SIGINT, or -1 */
};

/* Runs the server until it shall stop. True when everything is in the database. */
bool roles_run(struct server *server, const struct roles_options *options);

#endif
