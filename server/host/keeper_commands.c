/* The commands that the keeper runs; their names and help stand in console_commands.c. */
#include "host/keeper.h"

#include <inttypes.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "host/check_command.h"
#include "host/console_tell.h"
#include "host/keeper_backup.h"
#include "host/keeper_quarantine.h"
#include "host/keeper_restore.h"
#include "store/maintenance.h"

/* ---- check ---- */

/* What the tick found in memory, as a finding like others. */
static void add_memory(const struct keeper_order *order, struct inspection *inspection)
{
    if (order->memory_wrong > 0)
        inspection_find(inspection, "memory",
                        "%u of the %u chunks in memory are not what their hash says, chunk %d,%d "
                        "among them",
                        order->memory_wrong, order->memory_chunks, order->memory_chunk.x,
                        order->memory_chunk.y);
}

static enum console_result run_check(struct keeper *keeper, struct console_call *call)
{
    struct error error = {""};
    struct database *database = keeper_database(keeper, KEEPER_BENCH, &error);
    if (database == NULL)
        return console_fail_with(call, &error);
    text_add(call->text, "reading the whole world\n");
    keeper_progress(keeper, call);
    struct inspection *inspection = memory_reserve("inspection", 1, sizeof *inspection);
    enum console_result result = CONSOLE_DONE;
    if (check_command_run(keeper_settings(keeper), database, inspection, &error) != DATABASE_OK) {
        result = console_fail_with(call, &error);
    } else {
        add_memory(keeper_order_of(keeper, KEEPER_BENCH), inspection);
        inspection_print(inspection, call->is_json, call->text);
        result = inspection->finding_count == 0 ? CONSOLE_DONE : CONSOLE_FAILED;
    }
    memory_release(inspection);
    return result;
}

/* ---- db ---- */

static void tell_size(struct console_call *call, const struct table_size *size)
{
    if (!call->is_json) {
        text_add(call->text, "%-28s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %10" PRIu64 "\n",
                 size->name, size->rows, size->total_bytes, size->index_bytes, size->dead_rows);
        return;
    }
    text_json_open(call->text, NULL, '{');
    text_json_string(call->text, "table", size->name);
    text_json_number(call->text, "rows", (int64_t)size->rows);
    text_json_number(call->text, "bytes", (int64_t)size->total_bytes);
    text_json_number(call->text, "index_bytes", (int64_t)size->index_bytes);
    text_json_number(call->text, "dead_rows", (int64_t)size->dead_rows);
    text_json_close(call->text, '}');
}

static void tell_sizes(struct console_call *call, const struct database_sizes *sizes)
{
    console_tell_begin(call);
    console_tell_number(call, call->is_json ? "bytes" : "bytes in all", sizes->total_bytes);
    if (call->is_json)
        text_json_open(call->text, "tables", '[');
    else
        text_add(call->text, "%-28s %12s %12s %12s %10s\n", "table", "rows", "bytes", "of indexes",
                 "dead rows");
    for (uint32_t i = 0; i < sizes->count; i++)
        tell_size(call, &sizes->tables[i]);
    if (call->is_json)
        text_json_close(call->text, ']');
    console_tell_end(call);
}

static enum console_result run_db_stats(struct keeper *keeper, struct console_call *call)
{
    struct error error = {""};
    struct database_sizes sizes = {.count = 0};
    struct database *database = keeper_database(keeper, KEEPER_DESK, &error);
    if (database == NULL || maintenance_measure(database, &sizes, &error) != DATABASE_OK)
        return console_fail_with(call, &error);
    tell_sizes(call, &sizes);
    return CONSOLE_DONE;
}

static const struct table_size *find_size(const struct database_sizes *sizes, const char *table)
{
    static const struct table_size none;
    for (uint32_t i = 0; i < sizes->count; i++)
        if (strcmp(sizes->tables[i].name, table) == 0)
            return &sizes->tables[i];
    return &none;
}

static void tell_change(struct console_call *call, const struct table_size *before,
                        const struct table_size *after)
{
    if (!call->is_json) {
        text_add(call->text, "%-28s %12" PRIu64 " %12" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n",
                 after->name, before->total_bytes, after->total_bytes, before->dead_rows,
                 after->dead_rows);
        return;
    }
    text_json_open(call->text, NULL, '{');
    text_json_string(call->text, "table", after->name);
    text_json_number(call->text, "bytes_before", (int64_t)before->total_bytes);
    text_json_number(call->text, "bytes", (int64_t)after->total_bytes);
    text_json_number(call->text, "dead_rows_before", (int64_t)before->dead_rows);
    text_json_number(call->text, "dead_rows", (int64_t)after->dead_rows);
    text_json_close(call->text, '}');
}

static void tell_changes(struct console_call *call, const struct database_sizes *before,
                         const struct database_sizes *after)
{
    console_tell_begin(call);
    console_tell_number(call, call->is_json ? "bytes_before" : "bytes before", before->total_bytes);
    console_tell_number(call, call->is_json ? "bytes" : "bytes after", after->total_bytes);
    if (call->is_json)
        text_json_open(call->text, "tables", '[');
    else
        text_add(call->text, "%-28s %12s %12s %10s %10s\n", "table", "bytes before", "after",
                 "dead rows", "after");
    for (uint32_t i = 0; i < after->count; i++)
        tell_change(call, find_size(before, after->tables[i].name), &after->tables[i]);
    if (call->is_json)
        text_json_close(call->text, ']');
    console_tell_end(call);
}

static bool optimize(struct keeper *keeper, struct console_call *call, struct database *database,
                     struct error *error)
{
    for (uint32_t i = 0; i < maintenance_count(); i++) {
        if (keeper_is_stopping(keeper))
            return error_set(error, "the server stops");
        text_add(call->text, "%s\n", maintenance_table(i));
        keeper_progress(keeper, call);
        if (maintenance_optimize(database, i, error) != DATABASE_OK)
            return false;
    }
    return true;
}

static enum console_result run_db_optimize(struct keeper *keeper, struct console_call *call)
{
    struct error error = {""};
    struct database_sizes before = {.count = 0}, after = {.count = 0};
    struct database *database = keeper_database(keeper, KEEPER_BENCH, &error);
    bool is_done = database != NULL &&
                   maintenance_measure(database, &before, &error) == DATABASE_OK &&
                   optimize(keeper, call, database, &error) &&
                   maintenance_measure(database, &after, &error) == DATABASE_OK;
    if (!is_done)
        return console_fail_with(call, &error);
    tell_changes(call, &before, &after);
    return CONSOLE_DONE;
}

static const struct keeper_command commands[] = {
    {"backup list", KEEPER_DESK, false, keeper_backup_list},
    {"backup now", KEEPER_BENCH, true, keeper_backup_now},
    {"backup prune", KEEPER_BENCH, true, keeper_backup_prune},
    {"backup restore", KEEPER_BENCH, true, keeper_backup_restore},
    {"backup start", KEEPER_DESK, true, keeper_backup_start},
    {"backup stop", KEEPER_DESK, true, keeper_backup_stop},
    {"backup verify", KEEPER_BENCH, true, keeper_backup_verify},
    {"check", KEEPER_BENCH, true, run_check},
    {"db stats", KEEPER_DESK, false, run_db_stats},
    {"db optimize", KEEPER_BENCH, true, run_db_optimize},
    {"quarantine list", KEEPER_DESK, false, keeper_quarantine_list},
    {"quarantine retry", KEEPER_BENCH, true, keeper_quarantine_retry},
    {"quarantine drop", KEEPER_DESK, true, keeper_quarantine_drop},
    {NULL, 0, false, NULL},
};

const struct keeper_command *keeper_commands(void)
{
    return commands;
}
