#include "console/editor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <histedit.h>

enum { HISTORY_LINES = 1000 };

static char *prompt(EditLine *line)
{
    static const char text[] = "tilth> "; /* libedit only reads it */
    (void)line;
    return (char *)text;
}

/* The names that begin with the prefix; returns how many, and the length that they have in common.
 * *out_first is the index of the first. */
static size_t match(const struct editor_names *names, const char *prefix, size_t *out_first,
                    size_t *out_shared)
{
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->names[i];
        if (strncmp(name, prefix, strlen(prefix)) != 0)
            continue;
        if (count++ == 0) {
            *out_first = i;
            *out_shared = strlen(name);
        }
        size_t same = 0;
        while (same < *out_shared && names->names[*out_first][same] == name[same])
            same++;
        *out_shared = same;
    }
    return count;
}

static void list_names(const struct editor_names *names, const char *prefix)
{
    (void)printf("\n");
    for (size_t i = 0; i < names->count; i++) {
        if (strncmp(names->names[i], prefix, strlen(prefix)) == 0)
            (void)printf("%s  ", names->names[i]);
    }
    (void)printf("\n");
    (void)fflush(stdout);
}

/* The tabulator: completes as far as it is certain, else lists what is possible. */
static unsigned char complete(EditLine *line, int key)
{
    (void)key;
    struct editor *editor = NULL;
    char prefix[EDITOR_NAME_BYTES];
    const LineInfo *info = el_line(line);
    size_t size = (size_t)(info->cursor - info->buffer);
    if (el_get(line, EL_CLIENTDATA, &editor) != 0 || size >= sizeof prefix)
        return CC_ERROR;
    memcpy(prefix, info->buffer, size);
    prefix[size] = 0;
    size_t first = 0;
    size_t shared = 0;
    size_t count = match(&editor->names, prefix, &first, &shared);
    if (count == 0)
        return CC_ERROR;
    if (count > 1 && shared == size) {
        list_names(&editor->names, prefix);
        return CC_REDISPLAY;
    }
    char rest[EDITOR_NAME_BYTES + 2];
    const char *name = editor->names.names[first];
    (void)snprintf(rest, sizeof rest, "%.*s%s", (int)(shared - size), name + size,
                   count == 1 ? " " : "");
    return el_insertstr(line, rest) == 0 ? CC_REFRESH : CC_ERROR;
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

bool editor_open(struct editor *editor)
{
    EditLine *line = el_init("tilth-console", stdin, stdout, stderr);
    if (line == NULL)
        return false;
    *editor = (struct editor){.line = line};
    (void)el_set(line, EL_PROMPT, prompt);
    (void)el_set(line, EL_EDITOR, "emacs");
    (void)el_set(line, EL_SIGNAL, 1);
    (void)el_set(line, EL_CLIENTDATA, editor);
    (void)el_set(line, EL_ADDFN, "tilth-complete", "Complete a command", complete);
    (void)el_set(line, EL_BIND, "\t", "tilth-complete", NULL);
    open_history(editor);
    (void)el_source(line, NULL);
    return true;
}

void editor_close(struct editor *editor)
{
    HistEvent event;
    if (editor->history != NULL && editor->path[0] != 0) {
        mode_t mask = umask(0177);
        (void)history(editor->history, &event, H_SAVE, editor->path);
        (void)umask(mask);
    }
    if (editor->history != NULL)
        history_end(editor->history);
    if (editor->line != NULL)
        el_end(editor->line);
    *editor = (struct editor){0};
}

bool editor_read(struct editor *editor, char *out_line, size_t capacity_bytes)
{
    int count = 0;
    const char *bytes = el_gets(editor->line, &count);
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
    if (size > 0 && editor->history != NULL)
        (void)history(editor->history, &event, H_ENTER, out_line);
    return true;
}
