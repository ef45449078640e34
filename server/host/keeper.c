#include "host/keeper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/archive.h"
#include "backup/backup.h"
#include "backup/restoration.h"
#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "host/console_tell.h"
#include "journal/journal.h"
#include "store/cluster.h"
#include "store/postgres.h"

/* One order after the other, as a call of the console's kind. */
struct lane {
    struct keeper_order order;
    struct console_call call;
    struct text text;
    char *bytes; /* answer head and text */
    struct wake wake;
    bool is_connected; /* for the order that it is at */
};

/* What the desk gave to the bench. */
struct bench {
    _Atomic bool is_taken; /* the desk sets it, the bench clears it */
    const struct keeper_command *command;
    struct keeper_order order;
    char line[CONSOLE_LINE_BYTES + 1];
    struct keeper_backups backups; /* the desk reads it when it has not given anything */
};

struct keeper {
    struct keeper_options options;
    struct lane lanes[KEEPER_LANES];
    struct bench bench;
    _Atomic uint32_t stage; /* enum keeper_stage */
    uint64_t due_us;        /* the next automatic backup */
    struct archive archive;
    bool has_archive, has_looked;
    uint64_t archive_retry_us;
    uint64_t archived_below;   /* nothing is left of what is before this journal file; 0: look */
    struct keeper_facts facts; /* the desk's copy */
    struct board board;
};

enum {
    FIRST_BACKUP_US = 10 * 1000 * 1000,
    ARCHIVE_RETRY_US = 5 * 1000 * 1000,
};

_Static_assert(sizeof(struct keeper_facts) <= BOARD_BYTES, "facts fit the board");

static void publish(struct keeper *keeper)
{
    board_publish(&keeper->board, &keeper->facts, sizeof keeper->facts);
}

/* The first automatic backup: when the newest one is old enough, but not at once. */
static uint64_t first_due(const struct keeper_options *options)
{
    struct moment now = clock_now();
    uint64_t every_us = (uint64_t)options->settings->backup_every_s * 1000000;
    uint64_t due_us = now.mono_us + (every_us < FIRST_BACKUP_US ? every_us : FIRST_BACKUP_US);
    struct error error = {""};
    struct shelf_list *list = memory_reserve("keeper", 1, sizeof *list);
    if (options->shelf != NULL && shelf_list(options->shelf, list, &error) && list->count > 0) {
        int64_t age_us = now.wall_us - list->entries[0].manifest.at_us;
        if (age_us >= 0 && (uint64_t)age_us < every_us)
            due_us += every_us - (uint64_t)age_us;
    }
    memory_release(list);
    return due_us;
}

struct keeper *keeper_create(const struct keeper_options *options)
{
    struct keeper *keeper = memory_reserve("keeper", 1, sizeof *keeper);
    keeper->options = *options;
    keeper->facts.is_automatic = options->settings->backup_automatic && options->shelf != NULL;
    keeper->due_us = first_due(options);
    publish(keeper);
    for (uint32_t i = 0; i < KEEPER_LANES; i++) {
        struct lane *lane = &keeper->lanes[i];
        ensure(wake_open(&lane->wake));
        lane->bytes =
            memory_reserve("keeper", 1, sizeof(struct console_answer) + CONSOLE_ANSWER_BYTES);
    }
    return keeper;
}

void keeper_destroy(struct keeper **keeper)
{
    if (*keeper == NULL)
        return;
    archive_close(&(*keeper)->archive);
    for (uint32_t i = 0; i < KEEPER_LANES; i++) {
        wake_close(&(*keeper)->lanes[i].wake);
        memory_release((*keeper)->lanes[i].bytes);
    }
    memory_release(*keeper);
    *keeper = NULL;
}

struct wake *keeper_wake(struct keeper *keeper, uint32_t lane)
{
    return &keeper->lanes[lane].wake;
}

void keeper_stop(struct keeper *keeper)
{
    *keeper->options.is_given_up = true;
    for (uint32_t i = 0; i < KEEPER_LANES; i++)
        wake_signal(&keeper->lanes[i].wake);
}

bool keeper_is_stopping(const struct keeper *keeper)
{
    return *keeper->options.is_given_up;
}

const struct shelf *keeper_shelf(const struct keeper *keeper)
{
    return keeper->options.shelf;
}

struct disk *keeper_disk(const struct keeper *keeper)
{
    return keeper->options.disk;
}

enum keeper_stage keeper_stage(const struct keeper *keeper)
{
    return (enum keeper_stage)keeper->stage;
}

void keeper_set_stage(struct keeper *keeper, enum keeper_stage stage)
{
    keeper->stage = stage;
}

void keeper_set_journal(struct keeper *keeper, struct journal *journal)
{
    archive_close(&keeper->archive);
    keeper->has_archive = false;
    keeper->archived_below = 0;
    keeper->options.journal = journal;
    keeper->due_us = clock_now().mono_us + FIRST_BACKUP_US; /* of the new timeline there is none */
}

uint64_t keeper_durable_seq(const struct keeper *keeper)
{
    return journal_durable_seq(keeper->options.journal);
}

uint64_t keeper_journal_id(const struct keeper *keeper)
{
    return journal_id(keeper->options.journal);
}

const _Atomic bool *keeper_given_up(const struct keeper *keeper)
{
    return keeper->options.is_given_up;
}

struct keeper_backups *keeper_backups(struct keeper *keeper)
{
    return &keeper->bench.backups;
}

const struct database_world *keeper_world(const struct keeper *keeper)
{
    return keeper->options.world;
}

const struct settings *keeper_settings(const struct keeper *keeper)
{
    return keeper->options.settings;
}

const struct keeper_order *keeper_order_of(const struct keeper *keeper, uint32_t lane)
{
    return &keeper->lanes[lane].order;
}

void keeper_facts(const struct keeper *keeper, struct keeper_facts *out_facts)
{
    board_read(&keeper->board, out_facts, sizeof *out_facts);
}

struct database *keeper_database(struct keeper *keeper, uint32_t lane, struct error *error)
{
    struct database *database = &keeper->options.databases[lane];
    if (!keeper->lanes[lane].is_connected &&
        database->ops->connect(database->state, error) != DATABASE_OK)
        return NULL;
    keeper->lanes[lane].is_connected = true;
    return database;
}

/* ---- answers ---- */

static void begin_text(struct lane *lane)
{
    text_init(&lane->text, lane->bytes + sizeof(struct console_answer), CONSOLE_ANSWER_BYTES);
    lane->call.text = &lane->text;
}

/* An answer that finds no room, because nobody reads, is lost: what was done is done. */
static void send(struct keeper *keeper, uint32_t which, enum console_result result)
{
    struct lane *lane = &keeper->lanes[which];
    bool is_last = result != CONSOLE_PENDING;
    struct console_answer head = {
        .client = lane->order.client,
        .exit_code = is_last ? (uint32_t)result : 0,
        .size_bytes = (uint32_t)lane->text.size_bytes,
        .is_last = is_last,
    };
    if (head.client == KEEPER_NOBODY)
        return;
    memcpy(lane->bytes, &head, sizeof head);
    if (!ring_write(keeper->options.answers[which], lane->bytes,
                    (uint32_t)sizeof head + head.size_bytes))
        log_warning("keeper", "an answer for the console found no room");
}

void keeper_progress(struct keeper *keeper, struct console_call *call)
{
    uint32_t which = call == &keeper->lanes[KEEPER_BENCH].call ? KEEPER_BENCH : KEEPER_DESK;
    if (!call->is_json)
        send(keeper, which, CONSOLE_PENDING);
    text_clear(call->text);
}

/* ---- orders ---- */

/* Is the command's name what the line begins with? */
static bool has_name(const char *line, const char *name)
{
    size_t size = strlen(name);
    return strncmp(line, name, size) == 0 && (line[size] == '\0' || line[size] == ' ');
}

static const struct keeper_command *find_command(const char *line)
{
    for (const struct keeper_command *command = keeper_commands(); command->name != NULL; command++)
        if (has_name(line, command->name))
            return command;
    return NULL;
}

/* words[0] is the name, however many words it has; then what stands behind it. */
static void split_words(struct console_call *call, const char *name)
{
    char *at = call->line + strlen(name);
    call->words[0] = name;
    call->word_count = 1;
    while (call->word_count < CONSOLE_WORDS_MAX) {
        at += strspn(at, " ");
        if (*at == '\0')
            return;
        call->words[call->word_count++] = at;
        at += strcspn(at, " ");
        if (*at != '\0')
            *at++ = '\0';
    }
}

static void disconnect(struct keeper *keeper, uint32_t which)
{
    struct database *database = &keeper->options.databases[which];
    if (keeper->lanes[which].is_connected)
        database->ops->disconnect(database->state);
    keeper->lanes[which].is_connected = false;
}

/* Runs the command in a lane, and answers. */
static void run(struct keeper *keeper, uint32_t which, const struct keeper_command *command)
{
    struct lane *lane = &keeper->lanes[which];
    struct console_call *call = &lane->call;
    uint64_t start_us = clock_now().mono_us;
    char line[sizeof call->line];
    memcpy(line, call->line, sizeof line);
    call->is_json = lane->order.is_json != 0;
    begin_text(lane);
    split_words(call, command->name);
    enum console_result result = command->run(keeper, call);
    disconnect(keeper, which);
    ensure(result != CONSOLE_PENDING && result != CONSOLE_HANDED_OVER);
    if (lane->text.is_cut) {
        text_clear(&lane->text);
        result = console_fail(call, "The answer is too long.");
    }
    if (result == CONSOLE_DONE && command->is_noted)
        log_info("keeper", "done %s: %s, in %llu ms",
                 lane->order.is_automatic ? "by itself" : "for the operator", line,
                 (unsigned long long)(clock_now().mono_us - start_us) / 1000);
    if (result == CONSOLE_FAILED)
        log_warning("keeper", "%s: %.*s", command->name, (int)strcspn(lane->text.bytes, "\n"),
                    lane->text.bytes);
    send(keeper, which, result);
}

/* ---- the desk ---- */

static void note_busy(struct keeper *keeper, const char *line, struct moment now)
{
    struct keeper_facts *facts = &keeper->facts;
    (void)snprintf(facts->busy, sizeof facts->busy, "%.*s", KEEPER_WORDS_BYTES - 1, line);
    facts->busy_since_us = line[0] != '\0' ? now.mono_us : 0;
    publish(keeper);
}

void keeper_set_automatic(struct keeper *keeper, bool is_automatic)
{
    keeper->facts.is_automatic = is_automatic;
    publish(keeper);
}

static void pass_on(struct keeper *keeper, const struct keeper_command *command, struct moment now)
{
    struct lane *desk = &keeper->lanes[KEEPER_DESK];
    struct bench *bench = &keeper->bench;
    if (bench->is_taken) {
        const struct keeper_facts *facts = &keeper->facts;
        begin_text(desk);
        desk->call.is_json = desk->order.is_json != 0;
        send(keeper, KEEPER_DESK,
             console_fail(&desk->call, "Not now: '%s' is under way, for %llu s.", facts->busy,
                          (unsigned long long)(now.mono_us - facts->busy_since_us) / 1000000));
        return;
    }
    bench->command = command;
    bench->order = desk->order;
    memcpy(bench->line, desk->call.line, sizeof bench->line);
    note_busy(keeper, desk->call.line, now);
    bench->is_taken = true;
    wake_signal(&keeper->lanes[KEEPER_BENCH].wake);
}

static bool take_order(struct keeper *keeper, struct moment now)
{
    struct lane *desk = &keeper->lanes[KEEPER_DESK];
    struct ring_cursor cursor = ring_first(keeper->options.orders);
    uint32_t size = 0;
    const uint8_t *bytes = ring_read(keeper->options.orders, &cursor, &size);
    if (bytes == NULL)
        return false;
    memcpy(&desk->order, bytes, sizeof desk->order);
    ensure(size >= sizeof desk->order + desk->order.size_bytes &&
           desk->order.size_bytes <= CONSOLE_LINE_BYTES);
    desk->call = (struct console_call){.is_used = true};
    memcpy(desk->call.line, bytes + sizeof desk->order, desk->order.size_bytes);
    ring_release(keeper->options.orders, cursor);
    const struct keeper_command *command = find_command(desk->call.line);
    ensure(command != NULL); /* the console's table hands over only what is in this one */
    if (command->lane == KEEPER_BENCH)
        pass_on(keeper, command, now);
    else
        run(keeper, KEEPER_DESK, command);
    return true;
}

/* The bench has done what it was given. */
static void take_back(struct keeper *keeper, struct moment now)
{
    if (keeper->facts.busy[0] == '\0' || keeper->bench.is_taken)
        return;
    keeper->facts.backups = keeper->bench.backups;
    note_busy(keeper, "", now);
}

/* Orders a backup that nobody asked for, when it is time to. */
static void order_backup(struct keeper *keeper, struct moment now)
{
    static const char line[] = "backup now";
    struct lane *desk = &keeper->lanes[KEEPER_DESK];
    if (keeper->options.shelf == NULL || !keeper->facts.is_automatic ||
        now.mono_us < keeper->due_us)
        return;
    keeper->due_us = now.mono_us + (uint64_t)keeper->options.settings->backup_every_s * 1000000;
    desk->order = (struct keeper_order){.client = KEEPER_NOBODY, .is_automatic = 1};
    desk->call = (struct console_call){.is_used = true};
    memcpy(desk->call.line, line, sizeof line);
    if (keeper->bench.is_taken)
        log_warning("keeper", "no automatic backup: '%s' is under way", keeper->facts.busy);
    else
        pass_on(keeper, find_command(line), now);
}

/* ---- the archive ---- */

static bool has_archive(const struct keeper *keeper)
{
    return keeper->options.shelf != NULL && keeper->options.settings->journal_archive;
}

/* Says what is wrong once, and waits before it tries again. */
static void note_archive(struct keeper *keeper, const struct error *error, struct moment now)
{
    struct keeper_facts *facts = &keeper->facts;
    if (error->text[0] != '\0') {
        keeper->archive_retry_us = now.mono_us + ARCHIVE_RETRY_US;
        if (facts->archive_trouble[0] == '\0')
            log_warning("keeper", "the journal cannot be archived: %s", error->text);
    }
    (void)snprintf(facts->archive_trouble, sizeof facts->archive_trouble, "%.*s",
                   KEEPER_WORDS_BYTES - 1, error->text);
    facts->archived = keeper->archive.archived;
    publish(keeper);
}

static bool open_archive(struct keeper *keeper, struct error *error)
{
    const struct keeper_options *options = &keeper->options;
    keeper->has_archive = archive_open(&keeper->archive, options->shelf, options->disk,
                                       journal_id(options->journal), error);
    return keeper->has_archive;
}

/* Copies a part of a journal file that is done with. */
static bool step_archive(struct keeper *keeper, struct moment now)
{
    struct journal_facts journal;
    struct error error = {""};
    enum archive_result result = ARCHIVE_FAILED;
    if (!has_archive(keeper) || now.mono_us < keeper->archive_retry_us)
        return false;
    journal_facts(keeper->options.journal, &journal);
    if (journal.segment == keeper->archived_below)
        return false;
    if (keeper->has_archive || open_archive(keeper, &error))
        result = archive_step(&keeper->archive, journal.segment, &error);
    journal_set_archived(keeper->options.journal, keeper->archive.archived);
    if (result == ARCHIVE_IDLE)
        keeper->archived_below = journal.segment;
    if (result != ARCHIVE_IDLE || keeper->facts.archived != keeper->archive.archived)
        note_archive(keeper, &error, now);
    return result == ARCHIVE_COPIED;
}

/* ---- rights ---- */

/* Backups are verified and restored in databases of their own: may this user make them, and have
 * their names room? */
static bool may_make_databases(struct keeper *keeper, struct error *error)
{
    const struct settings *settings = keeper->options.settings;
    struct postgres_options options = {.url = settings->database_url,
                                       .database = settings->maintenance_database,
                                       .role = "keeper",
                                       .is_given_up = keeper->options.is_given_up};
    struct database admin;
    bool may = false;
    if (!restoration_has_room(settings->database_url, error))
        return false;
    postgres_open(&options, &admin);
    if (admin.ops->connect(admin.state, error) == DATABASE_OK &&
        cluster_can_create(&admin, &may, error) == DATABASE_OK && !may)
        (void)error_set(error, "the database's user may not make databases (CREATEDB)");
    postgres_close(&admin);
    return may;
}

/* Those of a folder that is named are there; where none is, PATH says when they are needed. */
static bool has_programs(const struct keeper *keeper, struct error *error)
{
    static const char *const names[] = {"pg_dump", "pg_restore"};
    const struct settings *settings = keeper->options.settings;
    struct backup_postgres postgres = {settings->database_url, settings->postgres_programs};
    char path[SHELF_PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        backup_program(&postgres, names[i], path);
        if (settings->postgres_programs[0] != '\0' && access(path, X_OK) < 0)
            return error_system(error, errno, "cannot run %s (postgres_programs)", path);
    }
    return true;
}

/* Says so at the start, not when a backup is needed. */
static void look_at_rights(struct keeper *keeper)
{
    struct keeper_facts *facts = &keeper->facts;
    struct error error = {""};
    keeper->has_looked = true;
    if (keeper->options.shelf == NULL ||
        (has_programs(keeper, &error) && may_make_databases(keeper, &error)))
        return;
    log_warning("keeper", "backups cannot be made, verified or restored: %s", error.text);
    (void)snprintf(facts->restore_trouble, sizeof facts->restore_trouble, "%.*s",
                   KEEPER_WORDS_BYTES - 1, error.text);
    publish(keeper);
}

static bool step_desk(struct keeper *keeper, struct moment now)
{
    if (!keeper->has_looked)
        look_at_rights(keeper);
    take_back(keeper, now);
    if (take_order(keeper, now))
        return true;
    order_backup(keeper, now);
    return step_archive(keeper, now);
}

/* ---- the bench ---- */

static bool step_bench(struct keeper *keeper)
{
    struct lane *lane = &keeper->lanes[KEEPER_BENCH];
    struct bench *bench = &keeper->bench;
    if (!bench->is_taken)
        return false;
    lane->order = bench->order;
    lane->call = (struct console_call){.is_used = true};
    memcpy(lane->call.line, bench->line, sizeof lane->call.line);
    run(keeper, KEEPER_BENCH, bench->command);
    bench->is_taken = false;
    wake_signal(&keeper->lanes[KEEPER_DESK].wake);
    return true;
}

bool keeper_step(struct keeper *keeper, uint32_t lane, struct moment now)
{
    if (keeper_is_stopping(keeper))
        return false;
    return lane == KEEPER_DESK ? step_desk(keeper, now) : step_bench(keeper);
}
