#include "host/commit.h"

#include "base/ensure.h"
#include "base/log.h"
#include "wire/framing.h"

static uint64_t dirty_bytes(const struct host *host)
{
    uint64_t applied_bytes = 0;
    for (uint32_t i = 0; i < host->dirty_count && host->dirty[i].seq <= host->inputs.applied_seq;
         i++)
        applied_bytes = host->dirty[i].bytes_total;
    return host->dirty_bytes_total - applied_bytes;
}

/* Drops the points that are applied, all but the newest of them. */
static void dirty_forget(struct host *host)
{
    uint32_t applied = 0;
    while (applied < host->dirty_count && host->dirty[applied].seq <= host->inputs.applied_seq)
        applied++;
    if (applied < 2)
        return;
    for (uint32_t i = applied - 1; i < host->dirty_count; i++)
        host->dirty[i - applied + 1] = host->dirty[i];
    host->dirty_count -= applied - 1;
}

/* Remembers a point; when there are too many, every second one goes: the count gets coarser. */
static void dirty_add(struct host *host, uint64_t seq, uint32_t bytes)
{
    host->dirty_bytes_total += bytes;
    dirty_forget(host);
    if (host->dirty_count == DIRTY_POINTS) {
        for (uint32_t i = 0; i < DIRTY_POINTS / 2; i++)
            host->dirty[i] = host->dirty[2 * i + 1];
        host->dirty_count = DIRTY_POINTS / 2;
    }
    host->dirty[host->dirty_count++] = (struct dirty_point){seq, host->dirty_bytes_total};
}

static void tell_flip(struct host *host, bool is_read_only, bool is_behind)
{
    if (is_read_only != host->sim.is_read_only)
        log_warning("host", !is_read_only ? "the world can be changed again"
                            : host->inputs.is_disowned != 0
                                ? "the world is read-only: the lease on it could not be renewed"
                                : "the world is read-only: the journal cannot be written");
    if (is_behind != host->sim.is_store_behind)
        log_warning("host", is_behind ? "changes are refused: the database is too far behind"
                                      : "the database has caught up: changes are taken again");
}

void commit_begin(struct host *host)
{
    bool is_read_only = host->inputs.is_read_only != 0 || host->inputs.is_disowned != 0;
    host->facts.dirty_bytes = dirty_bytes(host);
    bool is_behind = host->facts.dirty_bytes > host->options.limits.dirty_bytes_max;
    tell_flip(host, is_read_only, is_behind);
    host->sim.is_read_only = is_read_only;
    host->sim.is_store_behind = is_behind;
    host->record = host->scratch;
    if (host->options.journal != NULL && !is_read_only) {
        host->record = journal_reserve(host->options.journal, RECORD_PAYLOAD_BYTES_MAX);
        ensure(host->record != NULL); /* only this thread takes room, and it has just asked */
    }
}

static uint32_t encode_lasting(struct host *host)
{
    struct packet packet;
    framing_init(&packet, host->record, RECORD_PAYLOAD_BYTES_MAX);
    for (uint32_t i = 0; i < host->sim.log_count; i++) {
        const struct change *change = &host->sim.log[i];
        if (change_schema(change->kind)->flags & CHANGE_LASTS)
            ensure(framing_add_change(&packet, change));
    }
    return (uint32_t)packet.size_bytes;
}

/* Roles are the account's, and kept with its character. */
static void note_account(struct host *host, const struct change_account *account)
{
    for (uint32_t i = 0; i < host->world.character_pool.capacity; i++) {
        struct character *character = &host->world.characters[i];
        if (pool_is_used(&host->world.character_pool, i) &&
            character->account.value == account->id.value)
            character->version = host->next_seq;
    }
}

/* The versions by which chunks and characters know when they are applied. */
static void note_versions(struct host *host)
{
    for (uint32_t i = 0; i < host->sim.log_count; i++) {
        const struct change *change = &host->sim.log[i];
        if (change->kind == CHANGE_CHUNK)
            residency_mark(&host->residency, &change->chunk);
        if (change->kind == CHANGE_ACCOUNT)
            note_account(host, &change->account);
        if (change->kind == CHANGE_CHARACTER)
            world_find_character(&host->world, change->character.id)->version = host->next_seq;
        if (change_schema(change->kind)->flags & CHANGE_IS_OWN)
            world_find_character(&host->world, change_owner(change))->version = host->next_seq;
    }
}

void commit_run(struct host *host)
{
    bool is_lasting = host->sim.lasting > 0;
    bool is_heartbeat = ++host->idle_ticks >= host->options.limits.tick_hz;
    ensure(!is_lasting || !host->sim.is_read_only);
    if (host->sim.is_read_only || (!is_lasting && !is_heartbeat))
        return;
    struct record_header header = {
        .seq = host->next_seq,
        .tick = host->tick,
        .wall_us = host->inputs.wall_us,
        .hash = host->world.hash,
        .size_bytes = is_lasting ? encode_lasting(host) : 0,
    };
    note_versions(host);
    if (host->options.journal != NULL)
        journal_append(host->options.journal, &header);
    dirty_add(host, header.seq, header.size_bytes);
    host->facts.records++;
    host->facts.record_bytes += header.size_bytes;
    host->idle_ticks = 0;
    host->next_seq++;
}
