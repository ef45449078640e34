/* tilth-console - the operator's program: one command and its exit code, or a conversation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "console/connection.h"
#include "console/editor.h"

struct options {
    const char *socket;
    bool is_json;
    bool has_help;
    int first_word; /* index of the command's first word in argv; argc: none */
};

static const char usage[] =
    "tilth-console [--socket PATH] [--json] [COMMAND...]\n"
    "\n"
    "  COMMAND...     executes one command of the server; the exit code is the command's, 69 when\n"
    "                 no server answers, 64 for a wrong call. Without a command: a conversation\n"
    "                 (help lists the commands, the tabulator completes them, Ctrl-C drops a "
    "line,\n"
    "                 quit, Ctrl-D or Ctrl-C twice ends),\n"
    "                 or, when standard input is no terminal, a command from each of its lines\n"
    "  --socket PATH  the server's console socket; default: TILTH_CONSOLE_SOCKET, "
    "var/console.sock\n"
    "  --json         answers are JSON\n";

/* The value of `--name value` or `--name=value` at argv[*index]; NULL when it is another option. */
static const char *option_value(const char *name, char **argv, int *index)
{
    size_t size = strlen(name);
    if (strncmp(argv[*index], name, size) != 0)
        return NULL;
    if (argv[*index][size] == '=')
        return argv[*index] + size + 1;
    if (argv[*index][size] != 0 || argv[*index + 1] == NULL)
        return NULL;
    return argv[++*index];
}

static bool read_options(int argc, char **argv, struct options *out_options)
{
    const char *socket = getenv("TILTH_CONSOLE_SOCKET");
    struct options options = {.socket = socket != NULL ? socket : "var/console.sock"};
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        const char *value = option_value("--socket", argv, &i);
        if (value != NULL)
            options.socket = value;
        else if (strcmp(argv[i], "--json") == 0)
            options.is_json = true;
        else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            options.has_help = true;
        else
            return false;
    }
    options.first_word = i;
    *out_options = options;
    return true;
}

/* Can it be sent? Says why not. */
static bool is_command(const char *line)
{
    if (strchr(line, '\n') != NULL)
        (void)fprintf(stderr, "tilth-console: a command is one line\n");
    else if (strlen(line) > CONNECTION_COMMAND_BYTES)
        (void)fprintf(stderr, "tilth-console: a command has %d bytes at most\n",
                      CONNECTION_COMMAND_BYTES);
    else
        return true;
    return false;
}

/* Executes a line and prints its answer: progress and failures to standard error, except in JSON,
 * where all answers go to standard output. Returns the exit code. */
static int execute(struct connection *connection, const struct options *options, const char *line)
{
    char bytes[CONSOLE_WIRE_BODY_BYTES + 1];
    struct console_wire_head head = {0};
    struct error error = {0};
    if (!is_command(line))
        return CONSOLE_WIRE_USAGE;
    bool is_good = connection->fd >= 0 || connection_open(connection, options->socket, &error);
    is_good = is_good && connection_ask(connection, options->is_json, line, &error);
    while (is_good && !head.is_last) {
        is_good = connection_receive(connection, &head, bytes, &error);
        if (!is_good)
            break;
        bool is_error = !head.is_last || (head.exit_code != 0 && !options->is_json);
        (void)fputs(bytes, is_error ? stderr : stdout);
        if (head.size_bytes > 0 && bytes[head.size_bytes - 1] != '\n')
            (void)fputs("\n", is_error ? stderr : stdout);
    }
    (void)fflush(stdout);
    if (is_good)
        return head.exit_code;
    (void)fprintf(stderr, "tilth-console: %s\n", error.text);
    connection_close(connection); /* the next command tries again */
    return CONSOLE_WIRE_UNAVAILABLE;
}

static int execute_words(struct connection *connection, const struct options *options, char **words)
{
    char line[CONSOLE_WIRE_LINE_BYTES];
    struct text text;
    text_init(&text, line, sizeof line);
    for (int i = 0; words[i] != NULL; i++)
        text_add(&text, "%s%s", i > 0 ? " " : "", words[i]);
    if (text.is_cut) {
        (void)fprintf(stderr, "tilth-console: the command is too long\n");
        return CONSOLE_WIRE_USAGE;
    }
    return execute(connection, options, line);
}

static bool is_end(const char *line)
{
    return strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0;
}

static int converse(struct connection *connection, const struct options *options)
{
    char line[CONSOLE_WIRE_LINE_BYTES];
    struct editor editor;
    if (!editor_open(&editor, connection)) {
        (void)fprintf(stderr, "tilth-console: cannot use this terminal\n");
        return CONSOLE_WIRE_FAILED;
    }
    while (editor_read(&editor, line, sizeof line) && !is_end(line)) {
        if (line[0] != 0)
            (void)execute(connection, options, line);
    }
    editor_close(&editor);
    return CONSOLE_WIRE_OK;
}

/* What does not fit into the line is dropped: it is no command of its own. */
static void skip_rest(const char *line)
{
    int byte = strchr(line, '\n') != NULL ? '\n' : 0;
    while (byte != '\n' && byte != EOF)
        byte = getchar();
}

/* Executes every line of standard input; the exit code is that of the first command that failed. */
static int execute_input(struct connection *connection, const struct options *options)
{
    char line[CONSOLE_WIRE_LINE_BYTES];
    int result = CONSOLE_WIRE_OK;
    while (fgets(line, sizeof line, stdin) != NULL) {
        skip_rest(line);
        line[strcspn(line, "\r\n")] = 0;
        if (line[0] == 0 || line[0] == '#')
            continue;
        if (is_end(line))
            break;
        int code = execute(connection, options, line);
        result = result == CONSOLE_WIRE_OK ? code : result;
    }
    return result;
}

static int run(const struct options *options, char **words)
{
    struct connection connection;
    struct error error;
    if (!connection_open(&connection, options->socket, &error)) {
        (void)fprintf(stderr, "tilth-console: %s\n", error.text);
        return CONSOLE_WIRE_UNAVAILABLE;
    }
    int code = CONSOLE_WIRE_OK;
    if (words[0] != NULL)
        code = execute_words(&connection, options, words);
    else if (isatty(STDIN_FILENO) != 0)
        code = converse(&connection, options);
    else
        code = execute_input(&connection, options);
    connection_close(&connection);
    return code;
}

int main(int argc, char **argv)
{
    struct options options;
    if (!read_options(argc, argv, &options)) {
        (void)fputs(usage, stderr);
        return CONSOLE_WIRE_USAGE;
    }
    if (options.has_help) {
        (void)fputs(usage, stdout);
        return CONSOLE_WIRE_OK;
    }
    return run(&options, argv + options.first_word);
}
