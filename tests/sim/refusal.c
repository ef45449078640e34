#include "sim/refusal.h"

#include <strings.h>

#include "base/rng.h"
#include "store/batch.h"

bool sim_refusal_is_name(const struct sim_row *row, const uint8_t *name, uint32_t size_bytes)
{
    return row->change.kind == CHANGE_ACCOUNT &&
           row->change.account.name.size_bytes == size_bytes &&
           strncasecmp((const char *)row->bytes, (const char *)name, size_bytes) == 0;
}

/* Would the change break one of the unique indexes accounts_name and characters_account? */
static bool sim_is_double(const struct sim_rows *rows, uint64_t world, const struct change *change)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct sim_row *row = rows->rows[i];
        if (change->kind == CHANGE_ACCOUNT &&
            sim_refusal_is_name(row, change->account.name.bytes, change->account.name.size_bytes) &&
            row->change.account.id.value != change->account.id.value)
            return true;
        if (change->kind == CHANGE_CHARACTER && row->change.kind == CHANGE_CHARACTER &&
            row->world == world &&
            row->change.character.account.value == change->character.account.value &&
            row->change.character.id.value != change->character.id.value)
            return true;
    }
    return false;
}

static bool sim_do_overlap(const struct change *a, const struct change *b)
{
    struct cell_area left, right;
    if (!change_area(a, &left) || !change_area(b, &right) ||
        a->structure.id.value == b->structure.id.value)
        return false;
    return left.least.x <= right.most.x && right.least.x <= left.most.x &&
           left.least.y <= right.most.y && right.least.y <= left.most.y;
}

/* Would two structures stand on one cell: the primary key of multi_cell_entity_cells? */
static bool sim_is_on_another(const struct sim_rows *rows, uint64_t world,
                              const struct change *change)
{
    if (change->kind != CHANGE_STRUCTURE)
        return false;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct sim_row *row = rows->rows[i];
        if (row->world == world && row->change.kind == CHANGE_STRUCTURE &&
            sim_do_overlap(change, &row->change))
            return true;
    }
    return false;
}

/* Is the key one of those that sim_database_refuse spoke of? Always the same answer. */
static bool sim_is_unlucky(const struct sim_refused *refused, const struct change *change)
{
    struct batch_key key = batch_key(change);
    uint64_t mixed = rng_mix(rng_mix(key.id) + rng_mix(key.part + change->kind));
    bool is_kind = refused->kind == CHANGE_NONE || refused->kind == change->kind;
    return is_kind && mixed % 1000000 < refused->ppm;
}

const char *sim_refusal(const struct sim_refused *refused, const struct sim_rows *rows,
                        uint64_t world, const struct change *change)
{
    if (sim_is_unlucky(refused, change))
        return "the simulated database refuses the row";
    if (batch_is_delete(change))
        return NULL;
    if (sim_is_on_another(rows, world, change))
        return "two structures on one cell";
    return sim_is_double(rows, world, change) ? "a name or an account's character is there twice"
                                              : NULL;
}
