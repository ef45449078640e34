#include "sim/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "store/batch.h"

static int order_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int order_keys(const struct sim_key *a, const struct sim_key *b)
{
    int order = (a->world > b->world) - (a->world < b->world);
    if (order == 0)
        order = order_numbers(a->kind, b->kind);
    if (order == 0)
        order = order_numbers(a->chunk.x, b->chunk.x);
    if (order == 0)
        order = order_numbers(a->chunk.y, b->chunk.y);
    if (order == 0)
        order = order_numbers(a->cell, b->cell);
    if (order == 0)
        order = (a->id > b->id) - (a->id < b->id);
    if (order == 0)
        order = order_numbers(a->part, b->part);
    return order != 0 ? order : (a->low > b->low) - (a->low < b->low);
}

static struct sim_key key_of(uint64_t world, const struct change *change)
{
    struct sim_key key = {.world = world, .kind = change->kind};
    const struct field *first = &change_schema(change->kind)->fields[0];
    bool is_in_chunk = (change_schema(change->kind)->flags & CHANGE_IN_CHUNK) != 0;
    if (is_in_chunk && change->kind != CHANGE_STRUCTURE) {
        key.chunk = grid_chunk_of(change_cell(change));
        key.cell = grid_cell_index(change_cell(change));
    }
    if (first->type == FIELD_BIG)
        memcpy(&key.id, change_record(change), sizeof key.id);
    if (change->kind == CHANGE_IMAGE_CONFIG)
        key.id = change->image_config.id;
    if (first->type == FIELD_HASH) {
        key.id = change->image.id.high;
        key.low = change->image.id.low;
    }
    if (change->kind == CHANGE_CHUNK)
        key.chunk = change->chunk.chunk;
    if (change->kind == CHANGE_SLOT || change->kind == CHANGE_SKILL)
        key.part = change->kind == CHANGE_SLOT ? change->slot.slot : change->skill.skill;
    if (change->kind == CHANGE_ACCOUNT)
        key.world = 0;
    return key;
}

/* The row against the key. */
static int compare(const struct sim_row *row, const struct sim_key *key)
{
    struct sim_key at = key_of(row->world, &row->change);
    return order_keys(&at, key);
}

uint32_t sim_rows_find(const struct sim_rows *rows, const struct sim_key *key)
{
    uint32_t low = 0, high = rows->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (compare(rows->rows[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct sim_rows *rows, uint32_t index, const struct sim_key *key)
{
    return index < rows->count && compare(rows->rows[index], key) == 0;
}

static void move(struct sim_rows *rows, uint32_t from, uint32_t to)
{
    memmove(rows->rows + to, rows->rows + from, (rows->count - from) * sizeof *rows->rows);
}

static struct sim_row *add(struct sim_rows *rows, uint32_t index)
{
    if (rows->count == rows->max) {
        rows->max = rows->max * 2 + 256;
        rows->rows = realloc(rows->rows, rows->max * sizeof *rows->rows);
        ensure(rows->rows != NULL);
    }
    move(rows, index, index + 1);
    rows->count++;
    rows->rows[index] = malloc(sizeof *rows->rows[index]);
    ensure(rows->rows[index] != NULL);
    return rows->rows[index];
}

void sim_rows_free(struct sim_rows *rows)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        free(rows->rows[i]->png);
        free(rows->rows[i]);
    }
    free(rows->rows);
    *rows = (struct sim_rows){0};
}

static struct sim_row *copy_row(const struct sim_row *row)
{
    struct sim_row *copy = malloc(sizeof *copy);
    uint32_t png_bytes = row->png == NULL ? 0 : row->change.image.png.size_bytes;
    ensure(copy != NULL);
    *copy = *row;
    if (png_bytes > 0) {
        copy->png = malloc(png_bytes);
        ensure(copy->png != NULL);
        memcpy(copy->png, row->png, png_bytes);
    }
    return copy;
}

void sim_rows_copy(const struct sim_rows *rows, struct sim_rows *out)
{
    ensure(out->rows == NULL);
    *out = (struct sim_rows){.count = rows->count, .max = rows->count};
    if (rows->count == 0)
        return;
    out->rows = malloc(rows->count * sizeof(struct sim_row *));
    ensure(out->rows != NULL);
    for (uint32_t i = 0; i < rows->count; i++)
        out->rows[i] = copy_row(rows->rows[i]);
}

struct sim_row *sim_rows_get(const struct sim_rows *rows, uint64_t world,
                             const struct change *change)
{
    struct sim_key key = key_of(world, change);
    uint32_t index = sim_rows_find(rows, &key);
    return is_at(rows, index, &key) ? rows->rows[index] : NULL;
}

struct change sim_row_change(const struct sim_row *row)
{
    struct change change = row->change;
    if (change.kind == CHANGE_ACCOUNT) {
        change.account.name.bytes = row->bytes;
        change.account.key.bytes = row->bytes + WORLD_NAME_BYTES;
    }
    if (change.kind == CHANGE_IMAGE)
        change.image.png.bytes = row->png;
    return change;
}

void sim_rows_remove(struct sim_rows *rows, uint64_t world, const struct change *change)
{
    struct sim_key key = key_of(world, change);
    uint32_t index = sim_rows_find(rows, &key);
    if (!is_at(rows, index, &key))
        return;
    free(rows->rows[index]->png);
    free(rows->rows[index]);
    move(rows, index + 1, index);
    rows->count--;
}

void sim_rows_keep(struct sim_rows *rows, uint64_t world, const struct change *change)
{
    struct sim_key key = key_of(world, change);
    uint32_t index = sim_rows_find(rows, &key);
    bool is_there = is_at(rows, index, &key);
    struct sim_row *row = is_there ? rows->rows[index] : add(rows, index);
    struct sim_row made = {.world = key.world, .change = *change, .reason = ""};
    if (is_there) {
        made.reason = row->reason;
        made.is_dropped = row->is_dropped;
        made.settled_seq = row->settled_seq;
    }
    if (change->kind == CHANGE_ACCOUNT) {
        memcpy(made.bytes, change->account.name.bytes, change->account.name.size_bytes);
        memcpy(made.bytes + WORLD_NAME_BYTES, change->account.key.bytes, CRYPTO_PUBLIC_BYTES);
    }
    if (change->kind == CHANGE_IMAGE && change->image.png.size_bytes > 0) {
        made.png = malloc(change->image.png.size_bytes);
        ensure(made.png != NULL);
        memcpy(made.png, change->image.png.bytes, change->image.png.size_bytes);
        made.change.image.png.bytes = made.png;
    }
    if (is_there)
        free(row->png); /* the change may have pointed there */
    *row = made;
}

void sim_rows_write(struct sim_rows *rows, uint64_t world, const struct change *change)
{
    if (batch_is_delete(change))
        sim_rows_remove(rows, world, change);
    else
        sim_rows_keep(rows, world, change);
}
