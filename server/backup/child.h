/* child.h - a program of somebody else's that runs beside the server: pg_dump, pg_restore.
 *
 * It reads nothing, what it prints is dropped, what it says on standard error comes as lines. It
 * ends with the thread that started it (setpriv --pdeathsig). Owner: that thread. */
#ifndef TILTH_BACKUP_CHILD_H
#define TILTH_BACKUP_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum { CHILD_ARGUMENTS_MAX = 32, CHILD_LINE_BYTES = 512 };

struct child {
    pid_t pid; /* 0: none */
    int fd;    /* of its standard error; -1: closed */
    uint32_t size_bytes;
    char bytes[CHILD_LINE_BYTES]; /* read, not yet given out */
};

enum child_result {
    CHILD_LINE,  /* out_line is one */
    CHILD_QUIET, /* nothing came in time */
    CHILD_ENDED, /* it closed its standard error: child_finish */
};

/* Starts the program `arguments[0]` (ended by NULL), found in PATH unless it has a slash, with this
 * process's environment and `variables` (NAME=value, ended by NULL) over it. */
bool child_start(struct child *child, const char *const *arguments, const char *const *variables,
                 struct error *error);

/* The next line, without its end, longer ones in parts; waits at most wait_us. */
enum child_result child_next(struct child *child, uint64_t wait_us,
                             char out_line[CHILD_LINE_BYTES]);

/* Ends it if it has not ended, and waits. Its exit code, 128 and the signal, or -1 when there is
 * none. */
int child_finish(struct child *child);

#endif
