#include "host/console_wait.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "host/console_tell.h"
#include "host/host.h"

enum { WAIT_S = 10 };

bool console_read_number(struct console_call *call, uint32_t at,
                         const struct console_number *number, int64_t *out)
{
    const char *word = call->words[at];
    if (text_parse_integer(word, number->least, number->most, out))
        return true;
    (void)console_fail(
        call, "usage: %s %s: '%s' is no %s, which is a whole number from %" PRId64 " to %" PRId64,
        call->command->name, call->command->arguments, word, number->name, number->least,
        number->most);
    return false;
}

bool console_read_cell(struct console_call *call, uint32_t first)
{
    static const struct console_number x = {"X", GRID_CELL_MIN, GRID_CELL_MAX};
    static const struct console_number y = {"Y", GRID_CELL_MIN, GRID_CELL_MAX};
    int64_t numbers[2];
    if (call->word_count < first + 2 || !console_read_number(call, first, &x, &numbers[0]) ||
        !console_read_number(call, first + 1, &y, &numbers[1]))
        return false;
    call->cell = (struct cell_pos){(int32_t)numbers[0], (int32_t)numbers[1]};
    return true;
}

bool console_pin(struct host *host, struct console_call *call, struct chunk_pos chunk)
{
    for (uint32_t i = 0; i < call->pinned_count; i++) {
        if (grid_is_same_chunk(call->pinned[i], chunk))
            return true;
    }
    if (call->pinned_count == CHANGE_CHUNKS_MAX) { /* another structure stands there by now */
        (void)console_fail(call, "What stands there has just changed: try again.");
        return false;
    }
    if (!residency_pin(&host->residency, chunk)) {
        (void)console_fail(call, "There is no room in memory for the chunk (%d,%d).", chunk.x,
                           chunk.y);
        return false;
    }
    call->pinned[call->pinned_count++] = chunk;
    return true;
}

void console_unpin(struct host *host, struct console_call *call)
{
    for (uint32_t i = 0; i < call->pinned_count; i++)
        residency_unpin(&host->residency, call->pinned[i]);
    call->pinned_count = 0;
}

bool console_is_too_late(const struct host *host, const struct console_call *call)
{
    return host->tick - call->since > (uint64_t)WAIT_S * host->options.limits.tick_hz;
}

static enum console_result tell_lost(struct console_call *call, struct chunk_pos chunk)
{
    return console_fail(call, "The chunk (%d,%d) cannot be loaded or saved right now.", chunk.x,
                        chunk.y);
}

enum console_result console_await_chunks(const struct host *host, struct console_call *call)
{
    for (uint32_t i = 0; i < call->pinned_count; i++) {
        struct chunk_pos chunk = call->pinned[i];
        if (world_find_chunk(&host->world, chunk) != NULL)
            continue;
        if (!console_is_too_late(host, call) && !residency_is_damaged(&host->residency, chunk))
            return CONSOLE_PENDING;
        return tell_lost(call, chunk);
    }
    return CONSOLE_DONE;
}

void console_show_all(const struct host *host, struct console_call *call)
{
    call->shown_seq = host_release_seq(host);
}

/* What was changed in this tick has no version yet. */
void console_show_chunks(const struct host *host, struct console_call *call)
{
    call->shown_seq = host->sim.lasting > 0 ? host_release_seq(host) : 0;
    for (uint32_t i = 0; i < call->pinned_count; i++) {
        const struct chunk *chunk = world_find_chunk(&host->world, call->pinned[i]);
        if (chunk != NULL && chunk->version > call->shown_seq)
            call->shown_seq = chunk->version;
    }
}

bool console_is_durable(const struct host *host, const struct console_call *call)
{
    return host->inputs.durable_seq >= call->shown_seq;
}

enum console_result console_tell_unsaved(struct console_call *call)
{
    if (call->pinned_count > 0)
        return tell_lost(call, call->pinned[0]);
    return console_fail(call, "What changed last is not on the disk after %d s.", WAIT_S);
}

bool console_can_change(const struct host *host, struct console_call *call)
{
    if (host->sim.is_read_only || host->sim.is_store_behind || !sim_has_room(&host->sim)) {
        (void)console_fail(call, "The world cannot be changed right now.");
        return false;
    }
    for (uint32_t i = 0; i < call->pinned_count; i++) {
        const struct chunk *chunk = world_find_chunk(&host->world, call->pinned[i]);
        if (chunk == NULL || !chunk->is_closed)
            continue;
        (void)console_fail(call, "Chunk (%d,%d): %s.", chunk->pos.x, chunk->pos.y,
                           refusal_words(REFUSAL_CHUNK_READ_ONLY));
        return false;
    }
    return true;
}

enum console_result console_begin_await(const struct host *host, struct console_call *call)
{
    call->seq = host->next_seq;
    call->since = host->tick;
    return CONSOLE_PENDING;
}

enum console_result console_await_done(const struct host *host, struct console_call *call)
{
    if (host->inputs.durable_seq >= call->seq)
        return CONSOLE_DONE;
    return console_is_too_late(host, call)
               ? console_fail(call, "Done, but not yet on the disk after %d s.", WAIT_S)
               : CONSOLE_PENDING;
}

enum console_result console_await_told(const struct host *host, struct console_call *call,
                                       const char *format, ...)
{
    char words[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    enum console_result result = console_await_done(host, call);
    if (result != CONSOLE_DONE)
        return result;
    console_tell_begin(call);
    if (call->is_json) {
        text_json_string(call->text, "done", words);
        text_json_number(call->text, "seq", (int64_t)call->seq);
    } else {
        text_add(call->text, "%s\n", words);
    }
    console_tell_end(call);
    return CONSOLE_DONE;
}
