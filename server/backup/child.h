/* child.h - a program of somebody else's that runs beside the server: pg_dump, pg_restore.
 *
 * It reads nothing, what it prints is dropped, what it says on standard error comes as lines. It
 * has the priority of the thread that started it, and ends with it (setpriv --pdeathsig). Owner:
 * that thread. */
#ifndef TILTH_BACKUP_CHILD_H
#define TILTH_BACKUP_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum { CHILD_ARGUMENTS_MAX = 32, CHILD_LINE_BYTES = 512 };

struct child {
    pid_t pid; /* 0: none */
    int fd;    /* of its standard error; -1: closed */
    uint32_t size_bytes;
    char bytes[CHILD_LINE_BYTES]; /* read, not yet given out */
    const char *name;             /* in words */
    char complaint[CHILD_LINE_BYTES];
};

enum child_result {
    CHILD_LINE,  /* out_line is one */
    CHILD_QUIET, /* nothing came in time */
    CHILD_ENDED, /* it closed its standard error: child_finish */
    CHILD_GIVEN_UP,
};

/* Starts the program `arguments[0]` (ended by NULL), found in PATH unless it has a slash, with this
 * process's environment and `variables` (NAME=value, ended by NULL) over it. `name` is what it is
 * called in words, and lives as long. */
bool child_start(struct child *child, const char *name, const char *const *arguments,
                 const char *const *variables, struct error *error);

/* The next line, without its end, longer ones in parts; waits until end_us of the monotonic clock,
 * or until *is_given_up (may be NULL) says so: GIVEN_UP with words. A line that complains is kept.
 */
enum child_result child_next(struct child *child, uint64_t end_us, const _Atomic bool *is_given_up,
                             char out_line[CHILD_LINE_BYTES], struct error *error);

/* Ends it if it has not ended, and waits. */
void child_finish(struct child *child);

/* The same for one that has ended: true when its exit code is 0; else words, with its complaint. */
bool child_has_succeeded(struct child *child, struct error *error);

#endif
