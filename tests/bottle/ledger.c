#include "bottle/ledger.h"

#include <stdlib.h>

#include "base/ensure.h"

void ledger_finish(struct ledger *ledger)
{
    free(ledger->cells);
    free(ledger->chunks);
    free(ledger->views);
    free(ledger->outcomes);
    *ledger = (struct ledger){0};
}

/* The list with room for one more. */
static void *with_room(void *list, uint32_t count, uint32_t *inout_max, size_t size_bytes)
{
    if (count < *inout_max)
        return list;
    *inout_max = *inout_max * 2 + 64;
    list = realloc(list, *inout_max * size_bytes);
    ensure(list != NULL);
    return list;
}

static struct ledger_cell *cell_of(struct ledger *ledger, struct cell_pos cell)
{
    for (uint32_t i = 0; i < ledger->cell_count; i++) {
        if (ledger->cells[i].cell.x == cell.x && ledger->cells[i].cell.y == cell.y)
            return &ledger->cells[i];
    }
    ledger->cells =
        with_room(ledger->cells, ledger->cell_count, &ledger->cells_max, sizeof *ledger->cells);
    ledger->cells[ledger->cell_count] = (struct ledger_cell){.cell = cell};
    return &ledger->cells[ledger->cell_count++];
}

void ledger_add(struct ledger *ledger, struct cell_pos cell, uint32_t type)
{
    if (ledger->is_closed)
        return;
    struct ledger_cell *page = cell_of(ledger, cell);
    page->placed += type != 0;
    page->removed += type == 0;
    ledger->placed += type != 0;
    ledger->removed += type == 0;
    if (type != 0)
        page->type = type;
}

static struct ledger_chunk *chunk_of(struct ledger *ledger, struct chunk_pos chunk)
{
    for (uint32_t i = 0; i < ledger->chunk_count; i++) {
        if (grid_is_same_chunk(ledger->chunks[i].chunk, chunk))
            return &ledger->chunks[i];
    }
    ledger->chunks =
        with_room(ledger->chunks, ledger->chunk_count, &ledger->chunks_max, sizeof *ledger->chunks);
    ledger->chunks[ledger->chunk_count] = (struct ledger_chunk){.chunk = chunk};
    return &ledger->chunks[ledger->chunk_count++];
}

bool ledger_see(struct ledger *ledger, struct chunk_pos chunk, uint64_t version,
                struct hash128 hash)
{
    if (version == 0)
        return true; /* as generated: nothing was confirmed */
    struct ledger_chunk *page = chunk_of(ledger, chunk);
    if (page->version == version)
        return hash_is_equal(page->hash, hash);
    ledger->views =
        with_room(ledger->views, ledger->view_count, &ledger->views_max, sizeof *ledger->views);
    ledger->views[ledger->view_count++] = (struct ledger_chunk){chunk, version, hash};
    if (page->version < version)
        *page = (struct ledger_chunk){chunk, version, hash};
    return true;
}

void ledger_tell(struct ledger *ledger, struct ledger_outcome outcome)
{
    ledger->outcomes = with_room(ledger->outcomes, ledger->outcome_count, &ledger->outcomes_max,
                                 sizeof *ledger->outcomes);
    ledger->outcomes[ledger->outcome_count++] = outcome;
}

const struct ledger_cell *ledger_find(const struct ledger *ledger, struct cell_pos cell)
{
    for (uint32_t i = 0; i < ledger->cell_count; i++) {
        if (ledger->cells[i].cell.x == cell.x && ledger->cells[i].cell.y == cell.y)
            return &ledger->cells[i];
    }
    return NULL;
}
