/* broken_wire.h - faults at any statement that goes to PostgreSQL, for one test program.
 *
 * The program is linked with --wrap for the functions that prepare, make, send and receive
 * statements (see CMakeLists.txt), and these count them. One connection at a time, one thread. See
 * statements_test.c. */
#ifndef TILTH_DB_BROKEN_WIRE_H
#define TILTH_DB_BROKEN_WIRE_H

#include <stdbool.h>
#include <stdint.h>

enum broken_wire_fault {
    BROKEN_WIRE_REFUSE, /* the statement is another one, which fails */
    BROKEN_WIRE_BEFORE, /* the connection is lost before it is sent */
    BROKEN_WIRE_AFTER,  /* ... when PostgreSQL has done it, before the answer is read */
    BROKEN_WIRE_FAULTS
};

/* The n-th statement from now (1: the next) of any connection meets the fault; 0: none. */
void broken_wire_plan(uint32_t n, enum broken_wire_fault fault);

/* Has the planned fault happened? */
bool broken_wire_is_met(void);

/* The last statement that met a fault: its name. */
const char *broken_wire_statement(void);

#endif
