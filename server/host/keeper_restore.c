#include "host/keeper_restore.h"

#include "base/log.h"
#include "base/memory.h"
#include "host/console_tell.h"
#include "host/restore_command.h"

enum { LOOK_US = 20 * 1000 };

static bool make(struct keeper *keeper, struct console_call *call, struct restoration *restoration,
                 struct error *error)
{
    enum backup_result result = BACKUP_WORKING;
    while ((result = restoration_step(restoration, error)) == BACKUP_WORKING) {
        text_add(call->text, "%s\n", restoration->words);
        keeper_progress(keeper, call);
    }
    if (result != BACKUP_DONE)
        return false;
    text_add(call->text, "looking through what was restored\n");
    keeper_progress(keeper, call);
    return restoration_check(restoration, error) &&
           restore_command_check_content(keeper_settings(keeper), restoration, error);
}

/* Waits until the main thread has moved the stage on. It always does, but that a server that stops
 * does not let its world stand still any more (PREPARED). */
static enum keeper_stage await(struct keeper *keeper, enum keeper_stage stage)
{
    while (keeper_stage(keeper) == stage &&
           !(stage == KEEPER_PREPARED && keeper_is_stopping(keeper)))
        clock_sleep_until(clock_now().mono_us + LOOK_US);
    return keeper_stage(keeper);
}

static const enum keeper_stage stages[] = {
    [CLUSTER_EXCHANGED] = KEEPER_EXCHANGED,
    [CLUSTER_UNCHANGED] = KEEPER_FAILED,
    [CLUSTER_UNKNOWN] = KEEPER_UNKNOWN,
};

/* The world stands still: exchanges the databases, and lets it go on. UNKNOWN, with words, also
 * when the server cannot go on. */
static enum cluster_exchanged exchange(struct keeper *keeper, struct restoration *restoration,
                                       struct error *error)
{
    struct restoration_end end = {.journal = keeper_journal_id(keeper),
                                  .timeline = keeper_world(keeper)->timeline,
                                  .last_seq = keeper_durable_seq(keeper),
                                  .epoch = keeper_world(keeper)->epoch,
                                  .wall_us = clock_now().wall_us};
    enum cluster_exchanged exchanged = restoration_exchange(restoration, &end, error);
    keeper_set_stage(keeper, stages[exchanged]);
    enum keeper_stage stage = await(keeper, stages[exchanged]);
    if (exchanged != CLUSTER_EXCHANGED || stage != KEEPER_LOST)
        return exchanged;
    (void)error_set(error,
                    "the databases are exchanged, but the server cannot open the world as it "
                    "was restored: see its log");
    return CLUSTER_UNKNOWN;
}

static enum cluster_exchanged finish(struct keeper *keeper, struct console_call *call,
                                     struct restoration *restoration, struct error *error)
{
    text_add(call->text, "the world stands still\n");
    keeper_progress(keeper, call);
    keeper_set_stage(keeper, KEEPER_PREPARED);
    enum keeper_stage stage = await(keeper, KEEPER_PREPARED);
    enum cluster_exchanged exchanged = CLUSTER_UNCHANGED;
    if (stage == KEEPER_STANDING)
        exchanged = exchange(keeper, restoration, error);
    else if (stage == KEEPER_REFUSED)
        (void)error_set(error, "PostgreSQL does not have all that the journal has");
    else
        (void)error_set(error, "the server stops");
    keeper_set_stage(keeper, KEEPER_NOT_RESTORING);
    return exchanged;
}

enum console_result keeper_backup_restore(struct keeper *keeper, struct console_call *call)
{
    const struct settings *settings = keeper_settings(keeper);
    struct error error = {""};
    struct restore_command command;
    int used = 0;
    if (!restore_command_read(call->words + 1, (int)call->word_count - 1, &command, &used,
                              &error) ||
        used + 1 != (int)call->word_count) {
        (void)console_fail(call, "usage: backup restore NAME [--to-tick N | --to-time T]%s%s",
                           error.text[0] != '\0' ? ": " : "", error.text);
        return CONSOLE_USAGE;
    }
    if (keeper_shelf(keeper) == NULL)
        return console_fail(call, "This server has no backups: the setting backup_dir is empty.");
    if (settings->record[0] != '\0')
        return console_fail(call, "What is recorded (setting record) cannot go back.");
    struct restoration *restoration = memory_reserve("restore", 1, sizeof *restoration);
    struct restoration_options options = restore_command_options(settings, &command);
    options.shelf = keeper_shelf(keeper);
    options.journal = keeper_disk(keeper);
    options.journal_id = keeper_journal_id(keeper);
    options.journal_seq = keeper_durable_seq(keeper);
    options.is_given_up = keeper_given_up(keeper);
    enum console_result result = CONSOLE_DONE;
    enum cluster_exchanged exchanged = CLUSTER_UNCHANGED;
    if (restoration_open(restoration, &options, &error) && make(keeper, call, restoration, &error))
        exchanged = finish(keeper, call, restoration, &error);
    if (exchanged == CLUSTER_EXCHANGED)
        restore_command_tell(restoration, call->is_json, call->text);
    else
        result = console_fail(call, "%s%s",
                              exchanged == CLUSTER_UNCHANGED ? "Nothing was restored: " : "",
                              error.text);
    restoration_close(restoration);
    memory_release(restoration);
    return result;
}
