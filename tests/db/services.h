/* services.h - a private PostgreSQL and a private Redis for one test program.
 *
 * Each has a folder of its own under TILTH_TEST_CLUSTERS (default: /tmp) and a unix socket in it,
 * listens to no network, and is ended by its process id; should the test program die, the kernel
 * ends it. Programs may run side by side. As root, PostgreSQL runs as the user postgres. */
#ifndef TILTH_DB_SERVICES_H
#define TILTH_DB_SERVICES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

enum { SERVICES_TEXT_BYTES = 256 };

struct services_postgres {
    char folder[SERVICES_TEXT_BYTES];
    pid_t pid;
};

struct services_redis {
    char folder[SERVICES_TEXT_BYTES];
    char url[SERVICES_TEXT_BYTES];
    pid_t pid;
};

/* Makes a cluster and starts it; returns when it answers. */
bool services_postgres_start(struct services_postgres *out, struct error *error);

/* Ends it, and removes its folder. A zeroed one is allowed. */
void services_postgres_stop(struct services_postgres *postgres);

/* Makes an empty database and writes the URL to it. Fails the test when that does not work. */
void services_database(const struct services_postgres *postgres, const char *name,
                       char out_url[SERVICES_TEXT_BYTES]);

/* Starts a Redis that keeps nothing on disk. */
bool services_redis_start(struct services_redis *out, struct error *error);
void services_redis_stop(struct services_redis *redis); /* Ends it; a zeroed one is allowed. */

#endif
