#include "db/broken_wire.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <sys/socket.h>

#include "store/pg.h"

static uint32_t left; /* statements until the fault, 0: none is planned */
static bool is_met;
static const char *name_now; /* of the statement that is being made */
static enum broken_wire_fault planned;
static char met_by[64];
static uint32_t under_way; /* statements without an answer */

/* In the place of the functions of pg.h and libpq, and these themselves. */
__typeof__(PQsendPrepare) __real_PQsendPrepare, __wrap_PQsendPrepare;
__typeof__(pg_start) __real_pg_start, __wrap_pg_start;
__typeof__(pg_send) __real_pg_send, __wrap_pg_send;
__typeof__(pg_receive) __real_pg_receive, __wrap_pg_receive;
__typeof__(pg_run) __real_pg_run, __wrap_pg_run;

void broken_wire_plan(uint32_t n, enum broken_wire_fault fault)
{
    left = n;
    planned = fault;
    is_met = false;
    under_way = 0;
}

bool broken_wire_is_met(void)
{
    return is_met;
}

const char *broken_wire_statement(void)
{
    return met_by;
}

static bool meets(const char *name)
{
    if (left == 0 || --left > 0)
        return false;
    is_met = true;
    (void)snprintf(met_by, sizeof met_by, "%s", name);
    return true;
}

/* What is prepared goes with its connection: before or behind it is the same. */
int __wrap_PQsendPrepare(PGconn *connection, const char *name, const char *sql, int count,
                         const Oid *types)
{
    bool is_now = meets(name);
    if (is_now && planned != BROKEN_WIRE_REFUSE)
        (void)shutdown(PQsocket(connection), SHUT_RDWR);
    return __real_PQsendPrepare(connection, name, is_now ? "no statement" : sql, count, types);
}

void __wrap_pg_start(struct pg *pg, const struct pg_statement *statement)
{
    name_now = statement->name;
    __real_pg_start(pg, statement);
}

/* The connection is lost now; before it, all that is under way is answered. */
static enum pg_status lose(struct pg *pg, struct error *error)
{
    while (planned == BROKEN_WIRE_AFTER && under_way > 0 && __real_pg_receive(pg, NULL) == PG_OK)
        under_way--;
    under_way = 0;
    pg_disconnect(pg);
    error_set(error, "the wire is broken at %s", met_by);
    return PG_LOST;
}

enum pg_status __wrap_pg_send(struct pg *pg, struct error *error)
{
    static const struct pg_statement unknown = {"unknown", ""};
    bool is_due = meets(name_now);
    if (is_due && planned == BROKEN_WIRE_BEFORE)
        return lose(pg, error);
    if (is_due && planned == BROKEN_WIRE_REFUSE)
        __real_pg_start(pg, &unknown);
    enum pg_status status = __real_pg_send(pg, error);
    under_way = status == PG_OK ? under_way + 1 : 0;
    return is_due && planned == BROKEN_WIRE_AFTER ? lose(pg, error) : status;
}

enum pg_status __wrap_pg_receive(struct pg *pg, struct error *error)
{
    enum pg_status status = __real_pg_receive(pg, error);
    under_way = status == PG_OK ? under_way - 1 : 0;
    return status;
}

enum pg_status __wrap_pg_run(struct pg *pg, struct error *error)
{
    enum pg_status status = __wrap_pg_send(pg, error);
    return status == PG_OK ? __wrap_pg_receive(pg, error) : status;
}
