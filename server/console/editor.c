#include "console/editor.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include <histedit.h>

enum { HISTORY_LINES = 1000 };

static char *prompt(EditLine *line)
{
    static const char text[] = "tilth> "; /* libedit only reads it */
    (void)line;
    return (char *)text;
}

static void list_names(const struct names *names, const char *prefix)
{
    (void)printf("\n");
    for (size_t i = 0; i < names->count; i++) {
        if (strncmp(names->rows[i].name, prefix, strlen(prefix)) == 0)
            (void)printf("%s  ", names->rows[i].name);
    }
    (void)printf("\n");
    (void)fflush(stdout);
}

/* What the line's end can become: commands at its begin and behind help, players behind a command
 * that takes one. *prefix moves to where the name begins. */
static const struct names *choose_names(struct editor *editor, const char **prefix)
{
    static const char help[] = "help ";
    const char *blank = strchr(*prefix, ' ');
    if (strncmp(*prefix, help, sizeof help - 1) == 0) {
        *prefix += sizeof help - 1;
        return &editor->commands;
    }
    if (blank == NULL || !names_takes_player(&editor->commands, *prefix, (size_t)(blank - *prefix)))
        return &editor->commands;
    *prefix = blank + 1;
    names_fetch(&editor->players, editor->connection, "sessions");
    return &editor->players;
}

/* The tabulator: completes as far as it is certain, else lists what is possible. */
static unsigned char complete(EditLine *line, wint_t key)
{
    (void)key;
    struct editor *editor = NULL;
    char start[2 * NAMES_BYTES];
    const LineInfo *info = el_line(line);
    size_t start_size = (size_t)(info->cursor - info->buffer);
    if (el_get(line, EL_CLIENTDATA, &editor) != 0 || start_size >= sizeof start)
        return CC_ERROR;
    memcpy(start, info->buffer, start_size);
    start[start_size] = 0;
    const char *prefix = start;
    const struct names *names = choose_names(editor, &prefix);
    size_t size = strlen(prefix);
    size_t first = 0;
    size_t shared = 0;
    size_t count = names_match(names, prefix, &first, &shared);
    if (count == 0)
        return CC_ERROR;
    if (count > 1 && shared == size) {
        list_names(names, prefix);
        return CC_REDISPLAY;
    }
    char rest[NAMES_BYTES + 2];
    (void)snprintf(rest, sizeof rest, "%.*s%s", (int)(shared - size),
                   names->rows[first].name + size, count == 1 ? " " : "");
    return el_insertstr(line, rest) == 0 ? CC_REFRESH : CC_ERROR;
}

/* Ctrl-C: drops the line; on an empty one, and again, it is the end. */
static unsigned char cancel(EditLine *line, wint_t key)
{
    (void)key;
    struct editor *editor = NULL;
    const LineInfo *info = el_line(line);
    bool is_empty = info->lastchar == info->buffer;
    if (el_get(line, EL_CLIENTDATA, &editor) != 0)
        return CC_ERROR;
    if (is_empty && editor->was_cancelled)
        return CC_EOF;
    (void)printf("%s", is_empty ? "\n(Ctrl-C again, or Ctrl-D, leaves)\n" : "^C\n");
    (void)fflush(stdout);
    editor->is_cancelled = true;
    return CC_NEWLINE;
}

/* Ctrl-Z, which the terminal does not see to either while Ctrl-C is a key. */
static unsigned char suspend(EditLine *line, wint_t key)
{
    (void)line;
    (void)key;
    (void)raise(SIGTSTP);
    return CC_REDISPLAY;
}

/* Makes every folder of the path that is missing. */
static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        bool is_there = mkdir(path, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!is_there)
            return false;
    }
    return true;
}

static void find_path(struct editor *editor)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int size = -1;
    if (state != NULL && state[0] == '/')
        size = snprintf(editor->path, sizeof editor->path, "%s/tilth/history", state);
    else if (home != NULL && home[0] == '/')
        size = snprintf(editor->path, sizeof editor->path, "%s/.local/state/tilth/history", home);
    if (size < 0 || (size_t)size >= sizeof editor->path || !make_folders(editor->path))
        editor->path[0] = 0;
}

static void open_history(struct editor *editor)
{
    HistEvent event;
    editor->history = history_init();
    if (editor->history == NULL)
        return;
    (void)history(editor->history, &event, H_SETSIZE, HISTORY_LINES);
    (void)history(editor->history, &event, H_SETUNIQUE, 1);
    find_path(editor);
    if (editor->path[0] != 0)
        (void)history(editor->history, &event, H_LOAD, editor->path);
    (void)el_set(editor->line, EL_HIST, history, editor->history);
}

/* Text is UTF-8, also where the environment says nothing of it. */
static void choose_locale(void)
{
    (void)setlocale(LC_ALL, "");
    if (MB_CUR_MAX == 1)
        (void)setlocale(LC_CTYPE, "C.UTF-8");
}

bool editor_open(struct editor *editor, struct connection *connection)
{
    choose_locale();
    EditLine *line = el_init("tilth-console", stdin, stdout, stderr);
    if (line == NULL)
        return false;
    *editor = (struct editor){.line = line, .connection = connection};
    (void)el_set(line, EL_PROMPT, prompt);
    (void)el_set(line, EL_EDITOR, "emacs");
    (void)el_set(line, EL_SIGNAL, 1);
    (void)el_set(line, EL_CLIENTDATA, editor);
    /* wide, since libedit never frees the copies that it makes of narrow names */
    (void)el_wset(line, EL_ADDFN, L"tilth-complete", L"Complete a command", complete);
    (void)el_set(line, EL_BIND, "\t", "tilth-complete", NULL);
    (void)el_wset(line, EL_ADDFN, L"tilth-cancel", L"Drop the line", cancel);
    (void)el_set(line, EL_BIND, "^C", "tilth-cancel", NULL);
    (void)el_wset(line, EL_ADDFN, L"tilth-suspend", L"Stop the program for a while", suspend);
    (void)el_set(line, EL_BIND, "^Z", "tilth-suspend", NULL);
    (void)el_set(line, EL_SETTY, "-d", "-isig", NULL); /* Ctrl-C is a key while a line is edited */
    open_history(editor);
    names_fetch(&editor->commands, connection, "help");
    (void)el_source(line, NULL);
    return true;
}

static void save_history(struct editor *editor)
{
    HistEvent event;
    if (editor->path[0] == 0)
        return;
    mode_t mask = umask(0177);
    (void)history(editor->history, &event, H_SAVE, editor->path);
    (void)umask(mask);
}

void editor_close(struct editor *editor)
{
    if (editor->history != NULL)
        history_end(editor->history);
    if (editor->line != NULL)
        el_end(editor->line);
    *editor = (struct editor){0};
}

bool editor_read(struct editor *editor, char *out_line, size_t capacity_bytes)
{
    int count = 0;
    editor->was_cancelled = editor->is_cancelled;
    editor->is_cancelled = false;
    const char *bytes = el_gets(editor->line, &count);
    if (editor->is_cancelled) {
        out_line[0] = 0;
        return true;
    }
    if (bytes == NULL || count <= 0)
        return false;
    size_t size = (size_t)count;
    while (size > 0 && strchr(" \t\r\n", bytes[size - 1]) != NULL)
        size--;
    while (size > 0 && (*bytes == ' ' || *bytes == '\t')) {
        bytes++;
        size--;
    }
    if (size >= capacity_bytes)
        size = capacity_bytes - 1;
    memcpy(out_line, bytes, size);
    out_line[size] = 0;
    HistEvent event;
    if (size > 0 && editor->history != NULL) {
        (void)history(editor->history, &event, H_ENTER, out_line);
        save_history(editor); /* now: the program may be killed while it waits for the answer */
    }
    return true;
}
