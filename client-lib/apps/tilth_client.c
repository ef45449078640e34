/* tilth-client: a player without a picture, for scripts and tests. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands.h"

enum {
    POLL_MS = 5,
    READY_MS = 5000,    /* the chunks around the player are waited for as long as this */
    AWAY_MS = 60000,    /* a lost connection, too */
    GOODBYE_MS = 10000, /* and answers, at the end */
    SETTLE_MS = 2000,   /* and what the server says of the last steps */
    LINES_PER_ROUND = 64,
    INPUT_BYTES = 1 << 16,
    PATH_BYTES = 512,
    PORT_DEFAULT = 7400,
};

/* How the program ends. */
enum ending { ENDING_FINE, ENDING_FAILED, ENDING_USAGE, ENDING_NONE = -1 };

struct arguments {
    const char *server;
    const char *name;
    const char *key;
    bool is_strict;
    bool has_commands; /* -c was given: standard input is not read */
};

/* Commands that wait, divided by line ends or semicolons. */
struct input {
    char bytes[INPUT_BYTES];
    size_t size_bytes;
    bool is_at_end;
};

struct program {
    struct arguments arguments;
    struct input input;
    char line[INPUT_BYTES + 1]; /* the latest that was taken from the input */
    struct tilth_client *client;
    struct commands commands;
    char address[INET_ADDRSTRLEN];
    char key_path[PATH_BYTES];
    bool was_connected;
    bool is_over;          /* the connection is, for good */
    uint64_t available_ms; /* when commands could last be run, or the connection was made */
    uint64_t done_ms;      /* when all commands were done, 0 not yet */
};

static void print_usage(void)
{
    printf(
        "Usage: tilth-client [--server ADDR[:PORT]] [--name NAME] [--key FILE] [--strict]\n"
        "                    [-c \"COMMAND; COMMAND\"]...\n"
        "Plays without a picture: commands from -c or standard input, one JSON object per line\n"
        "out. The server is TILTH_SERVER or 127.0.0.1:7400, the name is USER, the key that owns\n"
        "the name is kept in ~/.tilth/client.key. Line ends and ; divide commands, also behind\n"
        "say; lines that begin with # are left out. A cell's X and Y may be ~ or ~N: counted from\n"
        "the cell where the player is. Exit code 1: no connection, or it was lost, or with "
        "--strict something failed or was refused;\n"
        "2: wrong usage. Commands:\n");
    commands_help();
}

static bool add_input(struct input *input, const char *text)
{
    size_t size = strlen(text);
    if (size + 1 >= sizeof input->bytes - input->size_bytes)
        return false;
    memcpy(input->bytes + input->size_bytes, text, size);
    input->size_bytes += size;
    input->bytes[input->size_bytes++] = '\n';
    return true;
}

/* Says why, if it was not said yet (NULL), and where to read on. */
static enum ending refuse_usage(const char *value, const char *why)
{
    if (why != NULL)
        (void)fprintf(stderr, "tilth-client: \"%s\" %s\n", value, why);
    (void)fprintf(stderr, "tilth-client --help says what can be given\n");
    return ENDING_USAGE;
}

/* Reads the command line; ENDING_NONE to go on. */
static enum ending read_arguments(struct program *program, int argc, char **argv)
{
    static const struct option known[] = {
        {"server", required_argument, NULL, 's'}, {"name", required_argument, NULL, 'n'},
        {"key", required_argument, NULL, 'k'},    {"strict", no_argument, NULL, 'x'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    struct arguments *arguments = &program->arguments;
    int option;
    while ((option = getopt_long(argc, argv, "c:h", known, NULL)) != -1) {
        if (option == 's')
            arguments->server = optarg;
        else if (option == 'n')
            arguments->name = optarg;
        else if (option == 'k')
            arguments->key = optarg;
        else if (option == 'x')
            arguments->is_strict = true;
        else if (option == 'c')
            arguments->has_commands = true;
        else if (option == 'h')
            return print_usage(), ENDING_FINE;
        else
            return refuse_usage(NULL, NULL);
        if (option == 'c' && !add_input(&program->input, optarg))
            return refuse_usage("-c", "has more commands than fit");
    }
    if (optind < argc)
        return refuse_usage(argv[optind], "is not an option; commands go behind -c");
    return ENDING_NONE;
}

/* "host:port" into an IPv4 address in dots and a port; ENDING_NONE, or why not in words. */
static enum ending resolve(struct program *program, const char *server, uint16_t *out_port)
{
    char host[PATH_BYTES];
    int64_t port = PORT_DEFAULT;
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *found = NULL;
    (void)snprintf(host, sizeof host, "%s", server);
    char *colon = strrchr(host, ':');
    if (colon != NULL)
        *colon = 0;
    if (host[0] == 0)
        return refuse_usage(server, "is no server: ADDR or ADDR:PORT is needed");
    if (colon != NULL && !text_parse_integer(colon + 1, 1, UINT16_MAX, &port))
        return refuse_usage(server, "is no server: its port is not a number from 1 to 65535");
    int code = getaddrinfo(host, NULL, &hints, &found);
    if (code != 0) {
        (void)fprintf(stderr, "tilth-client: server %s: %s\n", server, gai_strerror(code));
        return ENDING_FAILED;
    }
    const struct sockaddr_in *address = (const struct sockaddr_in *)(const void *)found->ai_addr;
    (void)inet_ntop(AF_INET, &address->sin_addr, program->address, sizeof program->address);
    freeaddrinfo(found);
    *out_port = (uint16_t)port;
    return ENDING_NONE;
}

static const char *value_of(const char *argument, const char *environment, const char *otherwise)
{
    const char *value = getenv(environment);
    if (argument != NULL)
        return argument;
    return value != NULL && value[0] != 0 ? value : otherwise;
}

/* The key's file: as given, or ~/.tilth/client.key. ENDING_NONE, or why not in words. */
static enum ending choose_key(struct program *program)
{
    const struct passwd *user = getpwuid(geteuid());
    const char *home = value_of(NULL, "HOME", user != NULL ? user->pw_dir : "");
    char folder[PATH_BYTES - 16];
    if (program->arguments.key != NULL) {
        int size = snprintf(program->key_path, PATH_BYTES, "%s", program->arguments.key);
        return size < PATH_BYTES ? ENDING_NONE : refuse_usage("--key", "has too long a path");
    }
    if (home[0] == 0)
        return refuse_usage("HOME", "is not set: where is the key to be kept? Give --key FILE");
    if (snprintf(folder, sizeof folder, "%s/.tilth", home) >= (int)sizeof folder)
        return refuse_usage("HOME", "is too long a path");
    (void)mkdir(folder, 0700); /* a failure shows when the key is written */
    (void)snprintf(program->key_path, PATH_BYTES, "%s/client.key", folder);
    return ENDING_NONE;
}

/* ENDING_NONE, or why not in words. */
static enum ending open_client(struct program *program)
{
    struct tilth_error error;
    struct tilth_options options = {.is_reconnecting = 1};
    const char *server = value_of(program->arguments.server, "TILTH_SERVER", "127.0.0.1:7400");
    enum ending ending = resolve(program, server, &options.port);
    if (ending != ENDING_NONE)
        return ending;
    ending = choose_key(program);
    if (ending != ENDING_NONE)
        return ending;
    options.address = program->address;
    options.name = value_of(program->arguments.name, "USER", "player");
    options.key_path = program->key_path;
    program->client = tilth_client_create(&options, &error);
    if (program->client == NULL) {
        (void)fprintf(stderr, "tilth-client: %s\n", error.text);
        return ENDING_USAGE;
    }
    commands_init(&program->commands, program->client);
    return ENDING_NONE;
}

/* Sleeps until something arrives; reads standard input while there is room for it. */
static void wait_for_input(struct program *program)
{
    struct input *input = &program->input;
    size_t room = sizeof input->bytes - input->size_bytes;
    bool is_reading = !program->arguments.has_commands && !input->is_at_end && room > 0;
    struct pollfd fds[2] = {{.fd = tilth_client_fd(program->client), .events = POLLIN},
                            {.fd = is_reading ? STDIN_FILENO : -1, .events = POLLIN}};
    if (poll(fds, 2, POLL_MS) <= 0 || fds[1].revents == 0)
        return;
    ssize_t got = read(STDIN_FILENO, input->bytes + input->size_bytes, room);
    if (got > 0)
        input->size_bytes += (size_t)got;
    else if (got == 0 || errno != EINTR)
        input->is_at_end = true;
}

/* Where the first command ends; a comment has semicolons in it. NULL: it is not whole. */
static char *find_end(struct input *input)
{
    size_t at = 0;
    while (at < input->size_bytes && (input->bytes[at] == ' ' || input->bytes[at] == '\t'))
        at++;
    bool is_comment = at < input->size_bytes && input->bytes[at] == '#';
    for (; at < input->size_bytes; at++) {
        if (input->bytes[at] == '\n' || (input->bytes[at] == ';' && !is_comment))
            return input->bytes + at;
    }
    return NULL;
}

/* Takes the next whole command; the last one needs no end. */
static bool take_line(struct program *program, bool is_ended)
{
    struct input *input = &program->input;
    char *end = find_end(input);
    bool is_full = input->size_bytes == sizeof input->bytes;
    if (input->size_bytes == 0 || (end == NULL && !is_ended && !is_full))
        return false;
    size_t size = end != NULL ? (size_t)(end - input->bytes) : input->size_bytes;
    size_t used = end != NULL ? size + 1 : size;
    memcpy(program->line, input->bytes, size);
    program->line[size] = 0;
    memmove(input->bytes, input->bytes + used, input->size_bytes - used);
    input->size_bytes -= used;
    return true;
}

static void drain_events(struct program *program, uint64_t now_ms)
{
    struct tilth_event event;
    while (tilth_client_next(program->client, &event)) {
        commands_tell(&program->commands, &event);
        if (event.kind == TILTH_EVENT_CONNECTED) {
            program->was_connected = true;
            program->available_ms = now_ms;
        }
        if (event.kind == TILTH_EVENT_DISCONNECTED &&
            (!program->was_connected || !event.is_retrying))
            program->is_over = true;
    }
    if (tilth_client_is_ready(program->client))
        program->available_ms = now_ms;
    if (now_ms > program->available_ms + AWAY_MS && !tilth_client_is_connected(program->client)) {
        (void)fprintf(stderr, "tilth-client: no connection for %d s\n", AWAY_MS / 1000);
        program->is_over = true;
    }
}

/* Commands run when the world around the player is there, or has been waited for. */
static bool can_run(const struct program *program, uint64_t now_ms)
{
    return tilth_client_is_ready(program->client) || (tilth_client_is_connected(program->client) &&
                                                      now_ms > program->available_ms + READY_MS);
}

/* Runs what can be run; false when all is done. Lines that need no waiting follow each other. */
static bool run_commands(struct program *program, uint64_t now_ms)
{
    struct commands *commands = &program->commands;
    bool is_ended = program->arguments.has_commands || program->input.is_at_end;
    if (commands->is_running) {
        commands_run(commands, now_ms);
        return true;
    }
    if (!can_run(program, now_ms) && program->input.size_bytes > 0)
        return true;
    bool has_more = true;
    for (uint32_t i = 0; i < LINES_PER_ROUND && has_more && !commands->is_running; i++) {
        has_more = !commands->is_quitting && take_line(program, is_ended);
        if (has_more)
            commands_start(commands, program->line, now_ms);
    }
    return has_more || (!commands->is_quitting && !is_ended);
}

static uint64_t now(void)
{
    return clock_now().mono_us / 1000;
}

/* All commands are done, and what they asked is answered, or was waited for; likewise the last
 * steps. */
static bool is_finished(struct program *program, uint64_t now_ms)
{
    if (!program->was_connected || run_commands(program, now_ms))
        return false;
    uint32_t pending = tilth_client_pending(program->client);
    if (program->done_ms == 0)
        program->done_ms = now_ms;
    if (pending > 0 && now_ms <= program->done_ms + GOODBYE_MS)
        return false;
    if (pending > 0) {
        (void)fprintf(stderr, "tilth-client: %u were not answered within %d s\n", pending,
                      GOODBYE_MS / 1000);
        commands_give_up(&program->commands, "no answer came");
    }
    return tilth_client_is_settled(program->client) || now_ms > program->done_ms + SETTLE_MS;
}

/* The connection is over: what is still to be answered or run is told so. */
static enum ending give_up(struct program *program)
{
    static const char words[] = "the connection ended before";
    commands_give_up(&program->commands, words);
    while (take_line(program, true))
        commands_skip(&program->commands, program->line, words);
    return ENDING_FAILED;
}

/* Until all commands are done and answered, or the connection is over. */
static enum ending play(struct program *program)
{
    program->available_ms = now();
    for (;;) {
        uint64_t now_ms = now();
        tilth_client_update(program->client, now_ms);
        drain_events(program, now_ms);
        if (program->is_over)
            return give_up(program);
        if (is_finished(program, now_ms))
            break;
        wait_for_input(program);
    }
    bool has_failed = program->arguments.is_strict && program->commands.has_failed;
    return has_failed ? ENDING_FAILED : ENDING_FINE;
}

int main(int argc, char **argv)
{
    struct program *program = calloc(1, sizeof *program);
    if (program == NULL)
        return ENDING_FAILED;
    enum ending ending = read_arguments(program, argc, argv);
    if (ending == ENDING_NONE)
        ending = open_client(program);
    if (ending == ENDING_NONE)
        ending = play(program);
    tilth_client_destroy(&program->client);
    free(program);
    return (int)ending;
}
