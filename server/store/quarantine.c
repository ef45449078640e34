#include "store/quarantine.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

struct quarantine *quarantine_create(void)
{
    struct quarantine *quarantine = memory_reserve("quarantine", 1, sizeof *quarantine);
    quarantine->keys = memory_reserve("quarantine", QUARANTINED_MAX, sizeof *quarantine->keys);
    quarantine->chunks =
        memory_reserve("quarantine", QUARANTINE_CHUNKS_MAX, sizeof *quarantine->chunks);
    return quarantine;
}

void quarantine_destroy(struct quarantine **quarantine)
{
    if (*quarantine == NULL)
        return;
    memory_release((*quarantine)->keys);
    memory_release((*quarantine)->chunks);
    memory_release(*quarantine);
    *quarantine = NULL;
}

static int order_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int order_keys(const void *a_any, const void *b_any)
{
    const struct quarantine_key *a = a_any, *b = b_any;
    int order = order_numbers(a->kind, b->kind);
    if (order == 0)
        order = order_numbers(a->key.id, b->key.id);
    return order != 0 ? order : order_numbers(a->key.part, b->key.part);
}

int quarantine_order(struct chunk_pos a, struct chunk_pos b)
{
    return order_numbers(grid_chunk_key(a), grid_chunk_key(b));
}

static int order_chunks(const void *a, const void *b)
{
    return quarantine_order(*(const struct chunk_pos *)a, *(const struct chunk_pos *)b);
}

uint32_t quarantine_chunks(const struct change *change, struct chunk_pos *out_chunks)
{
    if (change->kind != CHANGE_CHUNK)
        return (change_schema(change->kind)->flags & CHANGE_IN_CHUNK) != 0
                   ? change_chunks(change, out_chunks)
                   : 0;
    out_chunks[0] = change->chunk.chunk;
    return 1;
}

/* Sorts what was read, and leaves each chunk once. */
static void settle(struct quarantine *quarantine)
{
    uint32_t kept = 0;
    qsort(quarantine->keys, quarantine->count, sizeof *quarantine->keys, order_keys);
    qsort(quarantine->chunks, quarantine->chunk_count, sizeof *quarantine->chunks, order_chunks);
    for (uint32_t i = 0; i < quarantine->chunk_count; i++) {
        if (kept == 0 || !grid_is_same_chunk(quarantine->chunks[kept - 1], quarantine->chunks[i]))
            quarantine->chunks[kept++] = quarantine->chunks[i];
    }
    quarantine->chunk_count = kept;
}

enum database_result quarantine_read(struct quarantine *quarantine, const struct database *database,
                                     const struct database_world *world, struct error *error)
{
    struct quarantined *entry = &quarantine->entry;
    enum database_result result = DATABASE_OK;
    quarantine->version = UINT64_MAX; /* no database has it: what is not read to its end is wrong */
    quarantine->count = quarantine->chunk_count = 0;
    entry->change.kind = CHANGE_NONE;
    while (world->quarantine > 0) { /* else nothing was ever in it */
        result = database->ops->next_quarantined(database->state, world->id, entry, error);
        if (result != DATABASE_OK)
            break;
        if (quarantine->count == QUARANTINED_MAX) {
            (void)quarantined_tell_full(error);
            return DATABASE_FAILED;
        }
        quarantine->keys[quarantine->count++] =
            (struct quarantine_key){entry->change.kind, batch_key(&entry->change)};
        quarantine->chunk_count +=
            quarantine_chunks(&entry->change, quarantine->chunks + quarantine->chunk_count);
    }
    settle(quarantine);
    if (result != DATABASE_OK && result != DATABASE_NOT_FOUND)
        return result;
    quarantine->version = world->quarantine;
    return DATABASE_OK;
}

bool quarantine_has(const struct quarantine *quarantine, const struct change *change)
{
    if (quarantine->count == 0)
        return false;
    struct quarantine_key key = {change->kind, batch_key(change)};
    return bsearch(&key, quarantine->keys, quarantine->count, sizeof key, order_keys) != NULL;
}

void quarantine_divide(const struct quarantine *quarantine, struct batch *batch)
{
    batch->quarantine = quarantine->version;
    batch->aside = 0;
    for (uint32_t i = 0; i < batch->count - batch->aside && quarantine->count > 0;) {
        if (quarantine_has(quarantine, &batch->rows[i].change))
            batch_set_aside(batch, i);
        else
            i++;
    }
}

static void drop_cell(struct content *content, const struct change_cell *cell)
{
    uint32_t i = 0;
    while (i < content->cell_count && !grid_is_same_cell(content->cells[i].cell, cell->cell))
        i++;
    if (i < content->cell_count)
        content->cells[i] = content->cells[--content->cell_count];
}

static void drop_entity(struct content *content, struct entity_id id)
{
    uint32_t i = 0;
    while (i < content->entity_count && content->entities[i].id.value != id.value)
        i++;
    if (i < content->entity_count)
        content->entities[i] = content->entities[--content->entity_count];
}

static void drop_structure(struct content *content, struct structure_id id)
{
    uint32_t i = 0;
    while (i < content->structure_count && content->structures[i].id.value != id.value)
        i++;
    if (i < content->structure_count)
        content->structures[i] = content->structures[--content->structure_count];
}

static void drop_pile(struct content *content, struct pile_id id)
{
    uint32_t i = 0;
    while (i < content->pile_count && content->piles[i].id.value != id.value)
        i++;
    if (i < content->pile_count)
        content->piles[i] = content->piles[--content->pile_count];
}

bool quarantine_lay_over(struct content *content, const struct change *change)
{
    ensure((change_schema(change->kind)->flags & CHANGE_IN_CHUNK) != 0);
    if (change->kind == CHANGE_ENTITY)
        drop_entity(content, change->entity.id);
    else if (change->kind == CHANGE_STRUCTURE)
        drop_structure(content, change->structure.id);
    else if (change->kind == CHANGE_PILE)
        drop_pile(content, change->pile.id);
    else if (change_is_in(change, content->chunk))
        drop_cell(content, &change->cell);
    if (batch_is_delete(change) || !change_is_in(change, content->chunk))
        return true;
    return content_add(content, change);
}
