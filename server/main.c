/* tilth-server: reads its settings, opens what it stands on, and runs until it shall stop. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "host/check_command.h"
#include "host/journal_command.h"
#include "host/replay.h"
#include "host/restore_command.h"
#include "host/roles.h"
#include "store/postgres.h"
#include "store/redis.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 64,
    EXIT_CUT = 65,         /* a recording that ends in the middle: replayed as far as it goes */
    EXIT_UNAVAILABLE = 69, /* PostgreSQL did not answer in database_wait_s */
    EXIT_CONFIG = 78,      /* a wrong setting, or wrong content */
};

enum { HELP_BYTES = 64 << 10, DATABASE_RETRY_US = 500 * 1000 };
enum { DESK_DEADLINE_US = 5 * 1000 * 1000 };    /* others wait behind it */
enum { CHECK_DEADLINE_US = 600 * 1000 * 1000 }; /* for one result: whole tables are read */

struct check_options {
    bool is_content_only, is_json;
};

/* All that must be closed again. */
struct grounds {
    struct disk disk;
    struct database store_database, loader_database, gallery_database;
    struct database keeper_databases[KEEPER_LANES];
    _Atomic bool is_keeper_given_up;
    struct cache_remote remote;
    struct shelf shelf;
    struct console_socket *socket;
    int signals_fd;
};

static const char usage[] =
    "tilth-server - the authoritative server of a Tilth world\n"
    "\n"
    "  tilth-server run [SETTING...]   runs a world until SIGTERM, SIGINT or the console's stop\n"
    "  tilth-server check [content] [--json] [SETTING...]\n"
    "                                  are settings and content right, do journal and database "
    "agree,\n"
    "                                  and does the world in the database hold together? Changes "
    "nothing,\n"
    "                                  also beside a running server; what is wrong is said, with "
    "exit\n"
    "                                  code 1. `content`: only the former, without the database\n"
    "  tilth-server replay FILE        runs a recording again (setting --record) and compares\n"
    "  tilth-server journal check [SETTING...]\n"
    "                                  reads the whole journal (setting --journal-dir) and says "
    "what\n"
    "                                  it holds, or which file is damaged at which byte; changes\n"
    "                                  nothing, also beside a running server\n"
    "  tilth-server journal dump [FROM [TO]] [SETTING...]\n"
    "                                  prints its records from number FROM to number TO (default: "
    "all)\n"
    "                                  as JSON, a line for each record and each of its changes\n"
    "  tilth-server restore NAME [--to-tick N | --to-time T] [SETTING...]\n"
    "                                  makes the world what it was when the backup NAME was made, "
    "or,\n"
    "                                  with the journal and its archive, at the end of tick N, or "
    "at a\n"
    "                                  time in UTC (2026-11-29T08:52:16Z); only while no server "
    "runs on\n"
    "                                  it: a running one does it on the console. The database as "
    "it was\n"
    "                                  stays under another name\n"
    "  tilth-server --help             shows this and all settings\n"
    "  tilth-server --help-markdown    prints docs/settings.md\n"
    "  tilth-server --version\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 64 not understood, 65 the recording is cut off (replayed as "
    "far\n"
    "as it goes: that of a killed server ends so), 69 no database, 78 a wrong setting or content.\n"
    "\n";

static int print_help(bool is_markdown)
{
    char bytes[HELP_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    if (is_markdown)
        settings_markdown(&text);
    else {
        text_add(&text, "%s", usage);
        settings_help(&text);
    }
    (void)fputs(bytes, stdout);
    return EXIT_DONE;
}

static int replay_file(const char *path)
{
    struct error error = {""};
    struct replay_result result;
    char digits[33];
    log_level_set(LOG_WARNING); /* who joined is not news here */
    if (!replay_run(path, &result, &error)) {
        (void)fprintf(stderr, "tilth-server: %s\n", error.text);
        return EXIT_FAILED;
    }
    hash_format(result.hash, digits);
    (void)printf("replayed %llu ticks to tick %llu, world hash %s\n",
                 (unsigned long long)result.ticks, (unsigned long long)result.last_tick, digits);
    if (!result.is_cut)
        return EXIT_DONE;
    (void)fprintf(stderr,
                  "tilth-server: %s is cut off at byte %llu, in the middle of what follows tick "
                  "%llu\n",
                  path, (unsigned long long)result.whole_bytes,
                  (unsigned long long)result.last_tick);
    return EXIT_CUT;
}

/* Connects, waiting for a database that starts at the same time; bounded. */
static bool connect_database(struct database *database, uint32_t wait_s, struct error *error)
{
    uint64_t start_us = clock_now().mono_us;
    bool has_told = false;
    while (database->ops->connect(database->state, error) != DATABASE_OK) {
        if (clock_now().mono_us - start_us >= (uint64_t)wait_s * 1000 * 1000)
            return false;
        if (!has_told)
            log_warning("store", "waiting up to %u s for PostgreSQL: %s", wait_s, error->text);
        has_told = true;
        clock_sleep_until(clock_now().mono_us + DATABASE_RETRY_US);
    }
    return true;
}

/* What can be told wrong before anybody is asked: nothing is waited for in vain. */
static bool open_configured(struct grounds *grounds, const struct settings *settings,
                            struct error *error)
{
    struct picture_limits limits = server_picture_limits(settings);
    struct painter *painter = painter_create(&limits);
    struct image_painter images = painter_of(painter);
    struct catalog *catalog = catalog_load(settings->content_dir, &images, error);
    bool is_content = catalog != NULL;
    catalog_destroy(&catalog);
    painter_destroy(&painter);
    if (!is_content)
        return false;
    if (!postgres_is_url(settings->database_url)) {
        char url[sizeof settings->database_url + 16];
        struct text text;
        text_init(&text, url, sizeof url);
        settings_mask(settings->database_url, &text);
        return error_set(error,
                         "database_url is \"%s\"; allowed is postgresql://USER@HOST:PORT/NAME or a "
                         "connection string of PostgreSQL",
                         url);
    }
    return settings->redis_url[0] == '\0' ||
           redis_open(settings->redis_url, 0, &grounds->remote, error);
}

static void open_keeper_databases(struct grounds *grounds, const struct settings *settings)
{
    struct postgres_options options = {.url = settings->database_url,
                                       .role = "keeper",
                                       .deadline_us = CHECK_DEADLINE_US,
                                       .is_given_up = &grounds->is_keeper_given_up};
    postgres_open(&options, &grounds->keeper_databases[KEEPER_BENCH]);
    options.deadline_us = DESK_DEADLINE_US;
    postgres_open(&options, &grounds->keeper_databases[KEEPER_DESK]);
}

static bool open_databases(struct grounds *grounds, const struct settings *settings,
                           struct error *error)
{
    struct postgres_options options = {.url = settings->database_url, .role = "store"};
    postgres_open(&options, &grounds->store_database);
    options.role = "loader";
    postgres_open(&options, &grounds->loader_database);
    options.role = "gallery";
    postgres_open(&options, &grounds->gallery_database); /* these connect when they are asked for */
    open_keeper_databases(grounds, settings);
    return connect_database(&grounds->store_database, settings->database_wait_s, error) &&
           connect_database(&grounds->loader_database, settings->database_wait_s, error);
}

/* The folder of backups, in which nothing half made stays. */
static bool open_shelf(struct grounds *grounds, const struct settings *settings,
                       struct error *error)
{
    return settings->backup_dir[0] == '\0' ||
           (shelf_open(&grounds->shelf, settings->backup_dir, settings->world, error) &&
            shelf_clean(&grounds->shelf, error));
}

static bool open_rest(struct grounds *grounds, const struct settings *settings, struct error *error)
{
    if (postgres_migrate(&grounds->store_database, settings->migrations_dir, error) != DATABASE_OK)
        return false;
    if (!disk_posix_open(&grounds->disk, settings->journal_dir, error) ||
        !open_shelf(grounds, settings, error))
        return false;
    grounds->socket = console_socket_open(settings->console_socket, error);
    return grounds->socket != NULL;
}

static void close_grounds(struct grounds *grounds)
{
    console_socket_close(&grounds->socket);
    disk_posix_close(&grounds->disk);
    shelf_close(&grounds->shelf);
    redis_close(&grounds->remote);
    postgres_close(&grounds->loader_database);
    postgres_close(&grounds->gallery_database);
    for (uint32_t i = 0; i < KEEPER_LANES; i++)
        postgres_close(&grounds->keeper_databases[i]);
    postgres_close(&grounds->store_database);
    if (grounds->signals_fd >= 0)
        (void)close(grounds->signals_fd);
}

/* SIGTERM and SIGINT as something to read, so that nothing is interrupted; a second one only asks
 * again. A client that is gone must not end the server by SIGPIPE. */
static int open_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void tell_ready(const struct server *server, const struct settings *settings)
{
    struct net_facts net;
    net_facts(server->nets[0], &net);
    log_info("host", "tilth-server %s serves world %s at %s:%u, timeline %u, generator version %u",
             TILTH_VERSION, settings->world, settings->udp_address, net.link.port,
             server->world.timeline, server->world.generator_version);
    log_info("host", "%llu MiB reserved", (unsigned long long)(memory_reserved_bytes() >> 20));
    (void)printf("tilth ready udp=%s:%u console=%s world=%s\n", settings->udp_address,
                 net.link.port, settings->console_socket, settings->world);
    (void)fflush(stdout);
}

static const int exit_codes[] = {
    [SERVER_OPEN] = EXIT_DONE,
    [SERVER_CONTENT_WRONG] = EXIT_CONFIG,
    [SERVER_FAILED] = EXIT_FAILED,
};

static int run_server(struct grounds *grounds, const struct settings *settings)
{
    struct error error = {""};
    struct server *server = memory_reserve("server", 1, sizeof *server);
    struct server_ground ground = {
        .disk = &grounds->disk,
        .store_database = grounds->store_database,
        .loader_database = grounds->loader_database,
        .gallery_database = grounds->gallery_database,
        .keeper_databases = {grounds->keeper_databases[KEEPER_DESK],
                             grounds->keeper_databases[KEEPER_BENCH]},
        .is_keeper_given_up = &grounds->is_keeper_given_up,
        .shelf = settings->backup_dir[0] != '\0' ? &grounds->shelf : NULL,
        .remote = grounds->remote,
    };
    struct roles_options options = {grounds->socket, grounds->signals_fd};
    enum server_opened opened = server_open(server, settings, &ground, clock_now(), &error);
    int code = exit_codes[opened];
    if (opened == SERVER_OPEN) {
        tell_ready(server, settings);
        enum roles_end end = roles_run(server, &options);
        server_close(server, end == ROLES_SETTLED);
        code = end == ROLES_LOST ? EXIT_FAILED : EXIT_DONE;
    } else {
        log_error("host", "%s", error.text);
    }
    memory_release(server);
    return code;
}

static int open_and_run(const struct settings *settings)
{
    struct error error = {""};
    struct grounds grounds = {.signals_fd = open_signals()};
    int code = EXIT_FAILED;
    if (!open_configured(&grounds, settings, &error))
        code = EXIT_CONFIG;
    else if (!open_databases(&grounds, settings, &error))
        code = EXIT_UNAVAILABLE;
    else if (open_rest(&grounds, settings, &error))
        code = run_server(&grounds, settings);
    if (error.text[0] != '\0' && code != EXIT_DONE)
        log_error("host", "%s", error.text);
    close_grounds(&grounds);
    return code;
}

/* Reads the settings behind the subcommand, argv[0] on, or says why not. */
static bool read_settings(int argc, char **argv, char **environment, struct settings *out_settings)
{
    struct error error = {""};
    struct settings_input input = {argc, argv, environment};
    if (!settings_load(&input, out_settings, &error) || !crypto_start(&error)) {
        (void)fprintf(stderr, "tilth-server: %s\n", error.text);
        return false;
    }
    log_level_set((enum log_level)out_settings->log_level);
    return true;
}

/* Inspects world and journal, and says what was found. */
static int check_world(const struct settings *settings, struct database *database, bool is_json)
{
    struct error error = {""};
    struct text text;
    struct inspection *inspection = memory_reserve("inspection", 1, sizeof *inspection);
    char *bytes = memory_reserve("inspection", 1, CHECK_PRINT_BYTES);
    int code = EXIT_FAILED;
    text_init(&text, bytes, CHECK_PRINT_BYTES);
    if (check_command_run(settings, database, inspection, &error) == DATABASE_OK) {
        inspection_print(inspection, is_json, &text);
        (void)fputs(bytes, stdout);
        code = inspection->finding_count == 0 ? EXIT_DONE : EXIT_FAILED;
    } else {
        log_error("host", "%s", error.text);
    }
    memory_release(bytes);
    memory_release(inspection);
    return code;
}

/* Settings and content, as run says it; then, if asked for, world and journal. */
static int check(const struct settings *settings, const struct check_options *options)
{
    struct error error = {""};
    struct grounds grounds = {.signals_fd = -1};
    struct postgres_options database = {
        .url = settings->database_url, .role = "check", .deadline_us = CHECK_DEADLINE_US};
    int code = open_configured(&grounds, settings, &error) ? EXIT_DONE : EXIT_CONFIG;
    if (code == EXIT_DONE && !options->is_content_only) {
        postgres_open(&database, &grounds.store_database);
        if (connect_database(&grounds.store_database, settings->database_wait_s, &error))
            code = check_world(settings, &grounds.store_database, options->is_json);
        else
            code = EXIT_UNAVAILABLE;
    }
    if (code == EXIT_DONE && options->is_content_only && options->is_json)
        (void)puts("{\"finding_count\":0,\"findings\":[]}");
    if (error.text[0] != '\0' && code != EXIT_DONE)
        log_error("host", "%s", error.text);
    close_grounds(&grounds);
    return code;
}

/* `check [content] [--json] [SETTING...]`: argv[2] on. */
static int read_check(int argc, char **argv, char **environment)
{
    struct settings settings;
    struct check_options options = {.is_json = false};
    int settings_at = 2;
    for (; settings_at < argc; settings_at++) {
        if (strcmp(argv[settings_at], "content") == 0)
            options.is_content_only = true;
        else if (strcmp(argv[settings_at], "--json") == 0)
            options.is_json = true;
        else
            break;
    }
    if (!read_settings(argc - settings_at, argv + settings_at, environment, &settings))
        return EXIT_CONFIG;
    return check(&settings, &options);
}

/* The numbers of records that stand before the settings; moves *argument behind them. */
static bool read_range(int argc, char **argv, int *argument, struct journal_range *out_range)
{
    uint64_t *ends[] = {&out_range->from_seq, &out_range->to_seq};
    *out_range = (struct journal_range){1, UINT64_MAX};
    for (int i = 0; i < 2 && *argument < argc && argv[*argument][0] != '-'; i++) {
        int64_t seq = 0;
        if (!text_parse_integer(argv[*argument], 1, INT64_MAX, &seq))
            return false;
        *ends[i] = (uint64_t)seq;
        ++*argument;
    }
    return out_range->from_seq <= out_range->to_seq;
}

/* `journal check` and `journal dump`: argv[2] on. */
static int read_journal(int argc, char **argv, char **environment)
{
    struct error error = {""};
    struct settings settings;
    struct journal_range range = {1, UINT64_MAX};
    int settings_at = 3;
    const char *command = argc > 2 ? argv[2] : "";
    bool is_dump = strcmp(command, "dump") == 0;
    if (!is_dump && strcmp(command, "check") != 0) {
        (void)fprintf(stderr, "tilth-server: journal: \"%s\" is neither check nor dump\n", command);
        return EXIT_USAGE;
    }
    if (is_dump && !read_range(argc, argv, &settings_at, &range)) {
        (void)fprintf(stderr, "tilth-server: journal dump [FROM [TO]]: numbers of records, from 1 "
                              "on, FROM not behind TO\n");
        return EXIT_USAGE;
    }
    if (!read_settings(argc - settings_at, argv + settings_at, environment, &settings))
        return EXIT_CONFIG;
    bool is_fine = is_dump ? journal_command_dump(settings.journal_dir, range, stdout, &error)
                           : journal_command_check(settings.journal_dir, stdout, &error);
    if (fflush(stdout) != 0 && is_fine)
        is_fine = error_set(&error, "cannot write to standard output");
    if (!is_fine)
        (void)fprintf(stderr, "tilth-server: %s\n", error.text);
    return is_fine ? EXIT_DONE : EXIT_FAILED;
}

/* `restore NAME ...`: argv[2] on. */
static int read_restore(int argc, char **argv, char **environment)
{
    struct error error = {""};
    struct settings settings;
    struct restore_command command;
    int used = 0;
    if (!restore_command_read((const char *const *)argv + 2, argc - 2, &command, &used, &error)) {
        (void)fprintf(stderr,
                      "tilth-server: restore NAME [--to-tick N | --to-time T] [SETTING...]: %s\n",
                      error.text);
        return EXIT_USAGE;
    }
    if (!read_settings(argc - 2 - used, argv + 2 + used, environment, &settings))
        return EXIT_CONFIG;
    if (restore_command_run(&settings, &command, stdout, &error))
        return EXIT_DONE;
    (void)fprintf(stderr, "tilth-server: %s\n", error.text);
    return EXIT_FAILED;
}

int main(int argc, char **argv, char **environment)
{
    const char *command = argc > 1 ? argv[1] : "";
    if (strcmp(command, "run") == 0) {
        struct settings settings;
        return read_settings(argc - 2, argv + 2, environment, &settings) ? open_and_run(&settings)
                                                                         : EXIT_CONFIG;
    }
    if (strcmp(command, "check") == 0)
        return read_check(argc, argv, environment);
    if (strcmp(command, "replay") == 0 && argc == 3)
        return replay_file(argv[2]);
    if (strcmp(command, "restore") == 0)
        return read_restore(argc, argv, environment);
    if (strcmp(command, "journal") == 0)
        return read_journal(argc, argv, environment);
    if (strcmp(command, "--help") == 0 || strcmp(command, "--help-markdown") == 0)
        return print_help(command[6] != '\0');
    if (strcmp(command, "--version") == 0) {
        (void)puts("tilth-server " TILTH_VERSION);
        return EXIT_DONE;
    }
    (void)fprintf(stderr, "tilth-server: not understood; try tilth-server --help\n");
    return EXIT_USAGE;
}
