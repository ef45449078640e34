#include "host/console_keep.h"

#include <string.h>

#include "host/console_tell.h"
#include "host/host.h"
#include "host/keeper.h"

enum { SWEPT_PER_TICK = 32 };

static uint32_t write_line(const struct console_call *call, char out_line[CONSOLE_LINE_BYTES + 1])
{
    struct text text;
    text_init(&text, out_line, CONSOLE_LINE_BYTES + 1);
    text_add(&text, "%s", call->command->name);
    for (uint32_t i = 1; i < call->word_count; i++)
        text_add(&text, " %s", call->words[i]);
    return (uint32_t)text.size_bytes;
}

enum console_result console_keep(struct host *host, struct console_call *call)
{
    uint8_t record[sizeof(struct keeper_order) + CONSOLE_LINE_BYTES + 1];
    char line[CONSOLE_LINE_BYTES + 1];
    struct keeper_order order = {
        .client = call->client,
        .is_json = call->is_json,
        .size_bytes = write_line(call, line),
        .memory_chunks = call->swept.chunks,
        .memory_wrong = call->swept.wrong,
        .memory_chunk = call->swept.wrong_chunk,
    };
    if (host->options.orders == NULL)
        return CONSOLE_HANDED_OVER;
    memcpy(record, &order, sizeof order);
    memcpy(record + sizeof order, line, order.size_bytes);
    if (!ring_write(host->options.orders, record, (uint32_t)sizeof order + order.size_bytes))
        return console_fail(call, "The server has too many such commands to do already.");
    if (host->roles.keeper != NULL)
        wake_signal(keeper_wake(host->roles.keeper, KEEPER_DESK));
    return CONSOLE_HANDED_OVER;
}

/* Is what lies in the chunk what its hash says? */
static void sweep(struct host *host, struct console_swept *swept, const struct chunk *chunk)
{
    content_gather(&host->world, chunk, host->content);
    swept->chunks++;
    if (hash_is_equal(content_hash(host->content), chunk->hash))
        return;
    swept->wrong++;
    swept->wrong_chunk = chunk->pos;
}

enum console_result console_check(struct host *host, struct console_call *call)
{
    const struct pool *pool = &host->world.chunk_pool;
    struct console_swept *swept = &call->swept;
    if (call->word_count > 1)
        return CONSOLE_USAGE;
    for (uint32_t i = 0; i < SWEPT_PER_TICK && swept->next < pool->capacity; swept->next++) {
        if (!pool_is_used(pool, swept->next))
            continue;
        sweep(host, swept, &host->world.chunks[swept->next]);
        i++;
    }
    return swept->next < pool->capacity ? CONSOLE_PENDING : console_keep(host, call);
}
