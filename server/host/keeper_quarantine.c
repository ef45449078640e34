#include "host/keeper_quarantine.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "host/console_tell.h"

enum { LIST_MAX = 200, PLACE_BYTES = 40 };

/* "cell 3,-7" where the change is in one, or "". */
static void write_place(const struct quarantined *entry, char out_text[PLACE_BYTES])
{
    const struct change *change = &entry->change;
    bool is_in_cell = (change_schema(change->kind)->flags & CHANGE_IN_CHUNK) != 0;
    struct cell_pos cell = is_in_cell ? change_cell(change) : (struct cell_pos){0, 0};
    out_text[0] = '\0';
    if (is_in_cell)
        (void)snprintf(out_text, PLACE_BYTES, "cell %d,%d", cell.x, cell.y);
}

static void tell_entry(struct console_call *call, const struct quarantined *entry)
{
    char since[28], place[PLACE_BYTES];
    clock_format(entry->since_us, since);
    write_place(entry, place);
    if (!call->is_json) {
        text_add(call->text, "%-32s %s%ssince %s, record %llu%s: %s\n", entry->key, place,
                 place[0] != '\0' ? ", " : "", since, (unsigned long long)entry->seq,
                 entry->is_dropped ? ", given up" : "", entry->reason);
        return;
    }
    text_json_open(call->text, NULL, '{');
    text_json_string(call->text, "key", entry->key);
    text_json_string(call->text, "kind", change_schema(entry->change.kind)->name);
    text_json_string(call->text, "place", place);
    text_json_string(call->text, "since", since);
    text_json_number(call->text, "seq", (int64_t)entry->seq);
    text_json_bool(call->text, "given_up", entry->is_dropped);
    text_json_string(call->text, "reason", entry->reason);
    text_json_close(call->text, '}');
}

/* Tells of each key, at most LIST_MAX: *count is how many there are. */
static enum database_result tell_entries(struct keeper *keeper, struct console_call *call,
                                         struct database *database, uint32_t *count,
                                         struct error *error)
{
    struct quarantined *entry = memory_reserve("quarantine", 1, sizeof *entry);
    enum database_result result = DATABASE_OK;
    while (result == DATABASE_OK) {
        result = database->ops->next_quarantined(database->state, keeper_world(keeper)->id, entry,
                                                 error);
        if (result == DATABASE_OK && (*count)++ < LIST_MAX)
            tell_entry(call, entry);
    }
    memory_release(entry);
    return result == DATABASE_NOT_FOUND ? DATABASE_OK : result;
}

enum console_result keeper_quarantine_list(struct keeper *keeper, struct console_call *call)
{
    struct error error = {""};
    uint32_t count = 0;
    struct database *database = keeper_database(keeper, KEEPER_DESK, &error);
    if (database == NULL)
        return console_fail_with(call, &error);
    console_list_open(call, "keys");
    if (tell_entries(keeper, call, database, &count, &error) != DATABASE_OK) {
        text_clear(call->text);
        return console_fail_with(call, &error);
    }
    console_list_close(call, "nothing is in quarantine", count, LIST_MAX);
    return CONSOLE_DONE;
}

/* The words behind the command as a key, "" none. */
static void read_key(const struct console_call *call, char out_key[QUARANTINED_KEY_BYTES])
{
    struct text text;
    text_init(&text, out_key, QUARANTINED_KEY_BYTES);
    for (uint32_t i = 1; i < call->word_count; i++)
        text_add(&text, "%s%s", i > 1 ? " " : "", call->words[i]);
}

enum console_result keeper_quarantine_retry(struct keeper *keeper, struct console_call *call)
{
    struct error error = {""};
    char key[QUARANTINED_KEY_BYTES];
    struct quarantined_retried done = {.applied = 0};
    struct database *database = keeper_database(keeper, KEEPER_BENCH, &error);
    read_key(call, key);
    if (database == NULL || database->ops->retry_quarantined(database->state, keeper_world(keeper),
                                                             key, &done, &error) != DATABASE_OK)
        return console_fail_with(call, &error);
    if (key[0] != '\0' && done.applied + done.refused == 0)
        return console_fail(call, "No '%s' waits in quarantine.", key);
    console_tell_begin(call);
    console_tell_number(call, "applied", done.applied);
    console_tell_number(call, call->is_json ? "refused" : "refused still", done.refused);
    console_tell_end(call);
    return done.refused == 0 ? CONSOLE_DONE : CONSOLE_FAILED;
}

enum console_result keeper_quarantine_drop(struct keeper *keeper, struct console_call *call)
{
    struct error error = {""};
    char key[QUARANTINED_KEY_BYTES];
    uint32_t count = 0;
    if (call->word_count < 2)
        return CONSOLE_USAGE;
    struct database *database = keeper_database(keeper, KEEPER_DESK, &error);
    read_key(call, key);
    bool is_all = strcmp(key, "all") == 0;
    if (database == NULL ||
        database->ops->drop_quarantined(database->state, keeper_world(keeper), is_all ? "" : key,
                                        &count, &error) != DATABASE_OK)
        return console_fail_with(call, &error);
    if (count == 0 && !is_all)
        return console_fail(call, "No '%s' is in quarantine that can be given up.", key);
    if (call->is_json) {
        console_tell_begin(call);
        console_tell_number(call, "given_up", count);
        console_tell_end(call);
    } else {
        text_add(call->text, "Given up: %u. From the next start on the tables' rows count.%s\n",
                 count, is_all ? " Who somebody is, and looks and pictures, cannot be." : "");
    }
    return CONSOLE_DONE;
}
