/* editor.h - reading lines from a person: editing, history, completion. libedit inside.
 *
 * The history is kept, line by line, in $XDG_STATE_HOME/tilth/history
 * (~/.local/state/tilth/history); where that cannot be written it lasts as long as the program.
 * Main thread. */
#ifndef TILTH_CONSOLE_EDITOR_H
#define TILTH_CONSOLE_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "console/names.h"

enum { EDITOR_PATH_BYTES = 512 };

struct editor {
    void *line;                    /* EditLine */
    void *history;                 /* History */
    struct connection *connection; /* where the tabulator asks who is connected */
    struct names commands, players;
    bool is_cancelled, was_cancelled; /* by Ctrl-C: the line, and the one before */
    char path[EDITOR_PATH_BYTES];     /* of the history; "" when there is no place for it */
};

/* Prepares the terminal, and asks the server what its commands are. The connection must outlive it.
 * False when libedit cannot. */
bool editor_open(struct editor *editor, struct connection *connection);
void editor_close(struct editor *editor); /* A zeroed editor is allowed. */

/* Reads a line into the buffer, without its end and blanks around it; "" for one that Ctrl-C
 * dropped. False at the end of input. */
bool editor_read(struct editor *editor, char *out_line, size_t capacity_bytes);

#endif
