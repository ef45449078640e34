/* cluster.h - whole databases of a PostgreSQL cluster: making, dropping and exchanging them.
 *
 * On a connection to a database that is none of them (the maintenance database). Names come from
 * settings and are quoted. Owner: the calling thread. */
#ifndef TILTH_STORE_CLUSTER_H
#define TILTH_STORE_CLUSTER_H

#include "store/database.h"

enum { CLUSTER_NAME_BYTES = 64 };

/* May this user make databases? */
enum database_result cluster_can_create(struct database *database, bool *out_can,
                                        struct error *error);

/* Is there a database of the name, and was it made by cluster_create? */
enum database_result cluster_find(struct database *database, const char *name, bool *out_is_there,
                                  bool *out_is_ours, struct error *error);

/* Makes an empty database, which has a mark from its first moment on; one of that name with the
 * mark is dropped first, another one is refused in words. */
enum database_result cluster_create(struct database *database, const char *name,
                                    struct error *error);

/* Ends what is connected to the database, and drops it; no error when it is not there. */
enum database_result cluster_drop(struct database *database, const char *name, struct error *error);

/* The names of an exchange. */
struct cluster_exchange {
    const char *live;  /* becomes `kept`; need not be there */
    const char *fresh; /* becomes `live`, and loses its mark */
    const char *kept;
};

/* How it ended; the last two with words. */
enum cluster_exchanged {
    CLUSTER_EXCHANGED,
    CLUSTER_UNCHANGED, /* all is as before */
    CLUSTER_UNKNOWN,   /* the connection was lost at the commit, and what came of it was not learned
                        * in a minute */
};

/* Renames both in one transaction. Renaming takes a lock under which nobody can connect to `live`
 * any more, and goes on when all who are connected have been ended. The connection must be one that
 * is not given up. */
enum cluster_exchanged cluster_exchange(struct database *database,
                                        const struct cluster_exchange *exchange,
                                        struct error *error);

#endif
