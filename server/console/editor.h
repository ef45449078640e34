/* editor.h - reading lines from a person: editing, history, completion. libedit inside.
 *
 * The history is kept in $XDG_STATE_HOME/tilth/history (~/.local/state/tilth/history); where that
 * cannot be written it lasts as long as the program. Main thread. */
#ifndef TILTH_CONSOLE_EDITOR_H
#define TILTH_CONSOLE_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

enum { EDITOR_NAMES_MAX = 128, EDITOR_NAME_BYTES = 48, EDITOR_PATH_BYTES = 512 };

/* What the tabulator completes to: whole commands, "cache stats" among them. */
struct editor_names {
    size_t count;
    char names[EDITOR_NAMES_MAX][EDITOR_NAME_BYTES];
};

struct editor {
    void *line;    /* EditLine */
    void *history; /* History */
    struct editor_names names;
    char path[EDITOR_PATH_BYTES]; /* of the history; "" when there is no place for it */
};

/* Prepares the terminal. False when libedit cannot. */
bool editor_open(struct editor *editor);
void editor_close(struct editor *editor); /* Writes the history; a zeroed editor is allowed. */

/* Reads a line into the buffer, without its end and blanks around it. False at the end of input. */
bool editor_read(struct editor *editor, char *out_line, size_t capacity_bytes);

#endif
