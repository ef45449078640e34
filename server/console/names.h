/* names.h - what can be completed: the server's commands, and who is connected.
 *
 * Asks the server over the console's connection and waits for the answer. Main thread; values. */
#ifndef TILTH_CONSOLE_NAMES_H
#define TILTH_CONSOLE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "console/connection.h"

enum { NAMES_MAX = 256, NAMES_BYTES = 48 };

struct names_row {
    char name[NAMES_BYTES]; /* a whole command, "cache stats" among them, or a player's */
    bool takes_player;      /* a command whose first argument is one */
};

struct names {
    size_t count;
    struct names_row rows[NAMES_MAX];
};

/* Asks for the names in the answer to `help` or `sessions`, the first NAMES_MAX. Without an answer
 * there are none. */
void names_fetch(struct names *names, struct connection *connection, const char *line);

/* How many begin with the prefix; *out_first is the index of the first, *out_shared the length that
 * they have in common. */
size_t names_match(const struct names *names, const char *prefix, size_t *out_first,
                   size_t *out_shared);

/* Is that a command whose first argument is a player? */
bool names_takes_player(const struct names *names, const char *command, size_t size_bytes);

#endif
