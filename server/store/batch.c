#include "store/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "base/rng.h"
#include "wire/framing.h"

#define BATCH_NONE UINT32_MAX

/* Open addressing with linear steps; at most half full. */
struct batch_index {
    uint32_t slot_count; /* a power of two */
    uint32_t *filled;    /* [batch->count] the slots in use: as many are emptied again */
    uint32_t slots[];    /* index of a row, or BATCH_NONE */
};

static uint32_t batch_slot_count(uint32_t rows_max)
{
    uint32_t count = 16;
    while (count < rows_max * 2)
        count *= 2;
    return count;
}

struct batch *batch_create(uint32_t rows_max, uint32_t bytes_max)
{
    struct batch *batch = memory_reserve("batch", 1, sizeof *batch);
    uint32_t slot_count = batch_slot_count(rows_max);
    batch->rows_max = rows_max;
    batch->bytes_max = bytes_max;
    batch->rows = memory_reserve("batch rows", rows_max, sizeof *batch->rows);
    batch->bytes = memory_reserve("batch bytes", bytes_max, 1);
    batch->index =
        memory_reserve("batch index", 1, sizeof *batch->index + slot_count * sizeof(uint32_t));
    batch->index->slot_count = slot_count;
    batch->index->filled = memory_reserve("batch index", rows_max, sizeof(uint32_t));
    memset(batch->index->slots, 0xff, slot_count * sizeof(uint32_t));
    return batch;
}

void batch_destroy(struct batch **batch)
{
    if (*batch == NULL)
        return;
    memory_release((*batch)->rows);
    memory_release((*batch)->bytes);
    memory_release((*batch)->index->filled);
    memory_release((*batch)->index);
    memory_release(*batch);
    *batch = NULL;
}

void batch_clear(struct batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++)
        batch->index->slots[batch->index->filled[i]] = BATCH_NONE;
    batch->count = 0;
    batch->aside = 0;
    batch->record_count = 0;
    batch->from_seq = 0;
    batch->to_seq = 0;
    batch->tick = 0;
    batch->wall_us = 0;
    batch->hash = (struct hash128){0};
    batch->bytes_used = 0;
}

bool batch_is_delete(const struct change *change)
{
    return (change->kind == CHANGE_CELL && change->cell.is_kept == 0) ||
           (change->kind == CHANGE_ENTITY && change->entity.type == 0) ||
           (change->kind == CHANGE_STRUCTURE && change->structure.is_there == 0) ||
           (change->kind == CHANGE_PILE && stack_is_empty(&change->pile.stack)) ||
           (change->kind == CHANGE_SLOT && stack_is_empty(&change->slot.stack)) ||
           (change->kind == CHANGE_SKILL && change->skill.points == 0) ||
           (change->kind == CHANGE_IMAGE_CONFIG && change->image_config.size == 0) ||
           (change->kind == CHANGE_IMAGE && change->image.png.size_bytes == 0) ||
           (change->kind == CHANGE_IMAGE_BAN && change->image_ban.is_banned == 0) ||
           (change->kind == CHANGE_IMAGE_EDIT && change->image_edit.image == 0);
}

static bool batch_lasts(const struct change *change)
{
    return (change_schema(change->kind)->flags & CHANGE_LASTS) != 0;
}

static struct batch_key batch_place_key(int32_t x, int32_t y)
{
    return (struct batch_key){(uint64_t)(uint32_t)x << 32 | (uint32_t)y, 0};
}

struct batch_key batch_key(const struct change *change)
{
    switch (change->kind) {
    case CHANGE_CELL:
        return batch_place_key(change->cell.cell.x, change->cell.cell.y);
    case CHANGE_ENTITY:
        return (struct batch_key){change->entity.id.value, 0};
    case CHANGE_CHUNK:
        return batch_place_key(change->chunk.chunk.x, change->chunk.chunk.y);
    case CHANGE_ACCOUNT:
        return (struct batch_key){change->account.id.value, 0};
    case CHANGE_CHARACTER:
        return (struct batch_key){change->character.id.value, 0};
    case CHANGE_SLOT:
        return (struct batch_key){change->slot.character.value, change->slot.slot};
    case CHANGE_SKILL:
        return (struct batch_key){change->skill.character.value, change->skill.skill};
    case CHANGE_STRUCTURE:
        return (struct batch_key){change->structure.id.value, 0};
    case CHANGE_PILE:
        return (struct batch_key){change->pile.id.value, 0};
    case CHANGE_IMAGE_CONFIG:
        return (struct batch_key){change->image_config.id, 0};
    case CHANGE_IMAGE:
        return (struct batch_key){change->image.id.high, change->image.id.low};
    case CHANGE_IMAGE_BAN:
        return (struct batch_key){change->image_ban.id.high, change->image_ban.id.low};
    case CHANGE_IMAGE_EDIT:
        return (struct batch_key){change->image_edit.thing, 0};
    case CHANGE_ACTOR:
    case CHANGE_SAID:
    case CHANGE_OFFER:
    case CHANGE_NONE:
    case CHANGE_KIND_COUNT:
        break;
    }
    ensure(false); /* such changes do not last */
    return (struct batch_key){0, 0};
}

static bool batch_is_same_key(struct batch_key a, struct batch_key b)
{
    return a.id == b.id && a.part == b.part;
}

/* The row that has the change's key, or a new one; batch_check has seen to the room. */
static struct batch_row *batch_row_of(struct batch *batch, const struct change *change)
{
    struct batch_index *index = batch->index;
    struct batch_key key = batch_key(change);
    uint64_t kind_and_part = ((uint64_t)change->kind << 32) + key.part;
    uint64_t at = rng_mix(key.id + kind_and_part * UINT64_C(0x9e3779b97f4a7c15));
    for (;; at++) {
        uint32_t slot_index = (uint32_t)at & (index->slot_count - 1);
        uint32_t *slot = &index->slots[slot_index];
        if (*slot == BATCH_NONE) {
            *slot = batch->count;
            index->filled[batch->count] = slot_index;
            return &batch->rows[batch->count++];
        }
        struct batch_row *row = &batch->rows[*slot];
        if (row->change.kind == change->kind && batch_is_same_key(batch_key(&row->change), key))
            return row;
    }
}

/* Copies what a span shows into the batch. */
static void batch_keep_span(struct batch *batch, struct span *span)
{
    uint8_t *copy = batch->bytes + batch->bytes_used;
    ensure(span->size_bytes <= batch->bytes_max - batch->bytes_used);
    if (span->size_bytes > 0)
        memcpy(copy, span->bytes, span->size_bytes);
    batch->bytes_used += span->size_bytes;
    span->bytes = copy;
}

static void batch_keep_spans(struct batch *batch, struct change *change)
{
    const struct schema *schema = change_schema(change->kind);
    for (uint32_t i = 0; i < schema->field_count; i++) {
        if (schema->fields[i].type != FIELD_SPAN)
            continue;
        uint8_t *record = change_record_of(change);
        batch_keep_span(batch, (struct span *)(void *)(record + schema->fields[i].offset));
    }
}

/* Reads the whole payload without keeping anything; gives the number of its changes. */
static bool batch_check(const struct record_header *header, const uint8_t *payload,
                        uint32_t *out_count, struct error *error)
{
    size_t offset = 0;
    uint32_t count = 0;
    struct framed framed;
    struct change change;
    while (framing_next(payload, header->size_bytes, &offset, &framed)) {
        if (!framing_change(&framed, &change) || !batch_lasts(&change))
            return error_set(error,
                             "record %llu, change %u: kind %u is malformed, or unknown to this "
                             "version",
                             (unsigned long long)header->seq, count, framed.type);
        count++;
    }
    if (offset < header->size_bytes)
        return error_set(error, "record %llu is malformed behind change %u",
                         (unsigned long long)header->seq, count);
    *out_count = count;
    return true;
}

static void batch_take(struct batch *batch, const struct record_header *header,
                       const uint8_t *payload)
{
    size_t offset = 0;
    struct framed framed;
    while (framing_next(payload, header->size_bytes, &offset, &framed)) {
        struct change change;
        ensure(framing_change(&framed, &change));
        batch_keep_spans(batch, &change);
        *batch_row_of(batch, &change) = (struct batch_row){
            .change = change, .seq = header->seq, .tick = header->tick, .wall_us = header->wall_us};
    }
}

enum batch_result batch_add(struct batch *batch, const struct record_header *header,
                            const uint8_t *payload, struct error *error)
{
    uint32_t count = 0;
    if (batch->record_count > 0 && header->seq != batch->to_seq + 1) {
        error_set(error, "record %llu came after record %llu", (unsigned long long)header->seq,
                  (unsigned long long)batch->to_seq);
        return BATCH_MALFORMED;
    }
    if (!batch_check(header, payload, &count, error))
        return BATCH_MALFORMED;
    if (count > batch->rows_max || header->size_bytes > batch->bytes_max) {
        error_set(error, "record %llu has %u changes in %u bytes, more than a batch holds",
                  (unsigned long long)header->seq, count, header->size_bytes);
        return BATCH_MALFORMED;
    }
    if (count > batch->rows_max - batch->count ||
        header->size_bytes > batch->bytes_max - batch->bytes_used)
        return BATCH_FULL;
    batch_take(batch, header, payload);
    if (batch->record_count == 0)
        batch->from_seq = header->seq;
    batch->record_count++;
    batch->to_seq = header->seq;
    batch->tick = header->tick;
    batch->wall_us = header->wall_us;
    batch->hash = header->hash;
    return BATCH_ADDED;
}

static int batch_order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int batch_order_chunks(struct chunk_pos a, struct chunk_pos b)
{
    int order = batch_order(a.x, b.x);
    return order != 0 ? order : batch_order(a.y, b.y);
}

/* Rises with chunk, then cell: as in the primary keys of cell_changes and cell_entities. Sorting
 * asks for it a dozen times a row. */
static uint64_t batch_place(struct cell_pos cell)
{
    uint64_t x = (uint32_t)(cell.x - GRID_CELL_MIN), y = (uint32_t)(cell.y - GRID_CELL_MIN);
    uint64_t chunk = x / GRID_CHUNK_CELLS << 32 | y / GRID_CHUNK_CELLS;
    return chunk * GRID_CHUNK_AREA + y % GRID_CHUNK_CELLS * GRID_CHUNK_CELLS + x % GRID_CHUNK_CELLS;
}

static int batch_order_cells(struct cell_pos a, struct cell_pos b)
{
    uint64_t a_place = batch_place(a), b_place = batch_place(b);
    return (a_place > b_place) - (a_place < b_place);
}

static int batch_order_rows(const void *a_any, const void *b_any)
{
    const struct change *a = &((const struct batch_row *)a_any)->change;
    const struct change *b = &((const struct batch_row *)b_any)->change;
    int order = batch_order(a->kind, b->kind);
    if (order == 0)
        order = batch_order(batch_is_delete(b), batch_is_delete(a));
    if (order == 0 && (change_schema(a->kind)->flags & CHANGE_IN_CHUNK) != 0)
        order = batch_order_cells(change_cell(a), change_cell(b));
    if (order == 0 && a->kind == CHANGE_CHUNK)
        order = batch_order_chunks(a->chunk.chunk, b->chunk.chunk);
    if (order != 0)
        return order;
    struct batch_key a_key = batch_key(a), b_key = batch_key(b);
    order = (a_key.id > b_key.id) - (a_key.id < b_key.id);
    return order != 0 ? order : (a_key.part > b_key.part) - (a_key.part < b_key.part);
}

void batch_set_aside(struct batch *batch, uint32_t index)
{
    uint32_t last = batch->count - ++batch->aside;
    ensure(index <= last && last < batch->count);
    struct batch_row row = batch->rows[index];
    batch->rows[index] = batch->rows[last];
    batch->rows[last] = row;
}

void batch_sort_rows(struct batch_row *rows, uint32_t count)
{
    qsort(rows, count, sizeof *rows, batch_order_rows);
}

void batch_sort(struct batch *batch)
{
    batch_sort_rows(batch->rows, batch->count - batch->aside);
}
