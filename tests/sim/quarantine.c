#include "sim/quarantine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "sim/refusal.h"

void sim_quarantine_free(struct sim_quarantine *quarantine)
{
    sim_rows_free(&quarantine->rows);
    sim_rows_free(&quarantine->view);
    *quarantine = (struct sim_quarantine){.is_fresh = false};
}

void sim_quarantine_copy(const struct sim_quarantine *quarantine, struct sim_quarantine *out)
{
    *out = (struct sim_quarantine){.is_fresh = false};
    sim_rows_copy(&quarantine->rows, &out->rows);
}

bool sim_quarantine_put(struct sim_quarantine *quarantine, uint64_t world,
                        const struct batch_row *row, const char *reason)
{
    bool is_new = sim_rows_get(&quarantine->rows, world, &row->change) == NULL;
    sim_rows_keep(&quarantine->rows, world, &row->change);
    struct sim_row *kept = sim_rows_get(&quarantine->rows, world, &row->change);
    kept->seq = row->seq;
    kept->tick = row->tick;
    kept->wall_us = row->wall_us;
    if (reason != NULL)
        kept->reason = reason;
    return is_new;
}

void sim_quarantine_remove(struct sim_quarantine *quarantine, uint64_t world,
                           const struct change *change)
{
    sim_rows_remove(&quarantine->rows, world, change);
}

const struct sim_rows *sim_quarantine_view(struct sim_quarantine *quarantine,
                                           const struct sim_rows *tables)
{
    if (quarantine->rows.count == 0)
        return tables;
    if (quarantine->is_fresh)
        return &quarantine->view;
    sim_rows_free(&quarantine->view);
    sim_rows_copy(tables, &quarantine->view);
    for (uint32_t i = 0; i < quarantine->rows.count; i++) {
        struct change change = sim_row_change(quarantine->rows.rows[i]);
        sim_rows_write(&quarantine->view, quarantine->rows.rows[i]->world, &change);
    }
    quarantine->is_fresh = true;
    return &quarantine->view;
}

const struct sim_row *sim_quarantine_named(const struct sim_quarantine *quarantine,
                                           const char *name)
{
    for (uint32_t i = 0; i < quarantine->rows.count; i++) {
        const struct sim_row *row = quarantine->rows.rows[i];
        if (sim_refusal_is_name(row, (const uint8_t *)name, (uint32_t)strlen(name)))
            return row;
    }
    return NULL;
}

static bool is_of(const struct sim_row *row, uint64_t world)
{
    return row->world == world || row->change.kind == CHANGE_ACCOUNT;
}

static bool is_meant(const struct sim_row *row, uint64_t world, const char *key)
{
    char words[QUARANTINED_KEY_BYTES];
    quarantined_key_words(&row->change, words);
    return is_of(row, world) && (key[0] == '\0' || strcmp(key, words) == 0);
}

/* Gives the entry the row, with its spans in the entry's bytes. */
static void give(const struct sim_row *row, struct quarantined *entry)
{
    struct arena arena;
    arena_init(&arena, entry->bytes, sizeof entry->bytes);
    entry->change = sim_row_change(row);
    ensure(schema_keep_spans(change_schema(entry->change.kind), change_record_of(&entry->change),
                             &arena));
    entry->seq = row->seq;
    entry->tick = row->tick;
    entry->since_us = row->wall_us;
    entry->is_dropped = row->is_dropped;
    quarantined_key_words(&row->change, entry->key);
    (void)snprintf(entry->reason, sizeof entry->reason, "%s", row->reason);
}

enum database_result sim_quarantine_next(const struct sim_quarantine *quarantine, uint64_t world,
                                         struct quarantined *entry)
{
    const struct sim_rows *rows = &quarantine->rows;
    uint32_t at = 0;
    if (entry->change.kind != CHANGE_NONE) {
        const struct sim_row *before = sim_rows_get(rows, world, &entry->change);
        while (at < rows->count && rows->rows[at] != before)
            at++;
        at++;
    }
    while (at < rows->count && !is_of(rows->rows[at], world))
        at++;
    if (at >= rows->count)
        return DATABASE_NOT_FOUND;
    give(rows->rows[at], entry);
    return DATABASE_OK;
}

uint32_t sim_quarantine_waiting(const struct sim_quarantine *quarantine, uint64_t world,
                                const char *key, struct batch_row **out_rows)
{
    const struct sim_rows *rows = &quarantine->rows;
    struct batch_row *found = calloc(rows->count + 1, sizeof *found);
    uint32_t count = 0;
    ensure(found != NULL);
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct sim_row *row = rows->rows[i];
        if (!row->is_dropped && is_meant(row, world, key))
            found[count++] =
                (struct batch_row){sim_row_change(row), row->seq, row->tick, row->wall_us};
    }
    batch_sort_rows(found, count);
    *out_rows = found;
    return count;
}

uint32_t sim_quarantine_drop(struct sim_quarantine *quarantine, uint64_t world, const char *key)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < quarantine->rows.count; i++) {
        struct sim_row *row = quarantine->rows.rows[i];
        bool is_one =
            quarantined_may_drop(row->change.kind) && !row->is_dropped && is_meant(row, world, key);
        row->is_dropped = row->is_dropped || is_one;
        count += is_one;
    }
    return count;
}

void sim_quarantine_settle(struct sim_quarantine *quarantine, uint64_t world, uint64_t seq)
{
    for (uint32_t i = 0; i < quarantine->rows.count; i++) {
        struct sim_row *row = quarantine->rows.rows[i];
        if (is_of(row, world) && row->is_dropped)
            row->settled_seq = seq;
    }
}

bool sim_quarantine_end(struct sim_quarantine *quarantine, uint64_t world, uint64_t seq)
{
    bool is_some = false;
    for (uint32_t i = quarantine->rows.count; i > 0; i--) {
        const struct sim_row *row = quarantine->rows.rows[i - 1];
        if (!is_of(row, world) || row->settled_seq == 0 || row->settled_seq > seq ||
            row->seq != row->settled_seq)
            continue;
        struct change change = row->change;
        sim_quarantine_remove(quarantine, world, &change);
        is_some = true;
    }
    return is_some;
}
