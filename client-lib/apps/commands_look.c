/* The commands that show what is in view. */
#include <stdlib.h>

#include "commands_parts.h"
#include "grid/grid.h"

enum { LISTED_MAX = 2000 /* structures, or piles, in one answer */ };

static void print_entity(struct commands *commands, const struct tilth_entity *entity)
{
    text_json_open(&commands->output, NULL, '{');
    text_json_number(&commands->output, "id", (int64_t)entity->id);
    text_json_string(&commands->output, "type", entity->type);
    commands_pair(commands, "cell", entity->x, entity->y);
    if (entity->image != 0)
        text_json_number(&commands->output, "image", entity->image);
    text_json_close(&commands->output, '}');
}

static void print_structure(struct commands *commands, const char *key,
                            const struct tilth_structure *structure)
{
    text_json_open(&commands->output, key, '{');
    text_json_number(&commands->output, "id", (int64_t)structure->id);
    text_json_string(&commands->output, "type", structure->type);
    commands_pair(commands, "cell", structure->x, structure->y);
    commands_pair(commands, "corner", structure->west, structure->north);
    commands_pair(commands, "cells", structure->width, structure->height);
    if (structure->image != 0)
        text_json_number(&commands->output, "image", structure->image);
    text_json_close(&commands->output, '}');
}

static void print_pile(struct commands *commands, const struct tilth_pile *pile)
{
    text_json_open(&commands->output, NULL, '{');
    text_json_number(&commands->output, "id", (int64_t)pile->id);
    text_json_string(&commands->output, "type", pile->type);
    text_json_number(&commands->output, "quantity", pile->quantity);
    commands_pair(commands, "cell", pile->x, pile->y);
    if (pile->image != 0)
        text_json_number(&commands->output, "image", pile->image);
    text_json_close(&commands->output, '}');
}

/* The structures of a chunk in memory of their own (free it), and how many; NULL when none. */
static struct tilth_structure *structures_of(const struct commands *commands,
                                             struct chunk_pos chunk, size_t *out_count)
{
    struct tilth_chunk facts = {.structure_count = 0};
    (void)tilth_client_chunk(commands->client, chunk.x, chunk.y, &facts);
    struct tilth_structure *found =
        facts.structure_count > 0 ? calloc(facts.structure_count, sizeof *found) : NULL;
    *out_count = 0;
    if (found != NULL)
        *out_count = tilth_client_structures(commands->client, chunk.x, chunk.y, found,
                                             facts.structure_count);
    return found;
}

/* The same for piles. */
static struct tilth_pile *piles_of(const struct commands *commands, struct chunk_pos chunk,
                                   size_t *out_count)
{
    struct tilth_chunk facts = {.pile_count = 0};
    (void)tilth_client_chunk(commands->client, chunk.x, chunk.y, &facts);
    struct tilth_pile *found =
        facts.pile_count > 0 ? calloc(facts.pile_count, sizeof *found) : NULL;
    *out_count = 0;
    if (found != NULL)
        *out_count =
            tilth_client_piles(commands->client, chunk.x, chunk.y, found, facts.pile_count);
    return found;
}

static void print_structure_at(struct commands *commands, struct cell_pos cell)
{
    size_t count;
    struct tilth_structure *found = structures_of(commands, grid_chunk_of(cell), &count);
    for (size_t i = 0; i < count; i++) {
        int64_t x = (int64_t)cell.x - found[i].west, y = (int64_t)cell.y - found[i].north;
        if (x >= 0 && x < found[i].width && y >= 0 && y < found[i].height)
            print_structure(commands, "structure", &found[i]);
    }
    free(found);
}

static void print_piles_at(struct commands *commands, struct cell_pos cell)
{
    size_t count;
    struct tilth_pile *found = piles_of(commands, grid_chunk_of(cell), &count);
    text_json_open(&commands->output, "piles", '[');
    for (size_t i = 0; i < count; i++) {
        if (found[i].x == cell.x && found[i].y == cell.y)
            print_pile(commands, &found[i]);
    }
    text_json_close(&commands->output, ']');
    free(found);
}

enum outcome commands_look(struct commands *commands)
{
    struct tilth_cell cell;
    int32_t x = commands->latest.x, y = commands->latest.y;
    if (commands->word_count == 2 || (commands->word_count == 1 && !commands->has_latest))
        return commands_fail(commands, "usage: cell X Y, or cell behind what changes one");
    if (commands->word_count == 3 && !commands_cell(commands, 1, &x, &y))
        return OUTCOME_FAILED;
    commands_pair(commands, "cell", x, y);
    if (!tilth_client_cell(commands->client, x, y, &cell))
        return commands_fail(commands, "the cell is not in view");
    text_json_string(&commands->output, "terrain", cell.terrain);
    text_json_open(&commands->output, "entities", '[');
    for (uint32_t i = 0; i < cell.type_count; i++)
        text_json_string(&commands->output, NULL, cell.types[i]);
    text_json_close(&commands->output, ']');
    print_structure_at(commands, (struct cell_pos){x, y});
    print_piles_at(commands, (struct cell_pos){x, y});
    text_json_bool(&commands->output, "solid", cell.is_solid);
    text_json_bool(&commands->output, "kept", cell.is_kept);
    return OUTCOME_OK;
}

enum outcome commands_occupied(struct commands *commands)
{
    int32_t x = 0, y = 0;
    if (!commands_cell(commands, 1, &x, &y))
        return OUTCOME_FAILED;
    commands_pair(commands, "cell", x, y);
    int is_occupied = tilth_client_is_occupied(commands->client, x, y);
    if (is_occupied < 0)
        return commands_fail(commands, "the cell is not in view");
    text_json_bool(&commands->output, "occupied", is_occupied != 0);
    return OUTCOME_OK;
}

static void print_entities(struct commands *commands, int32_t x, int32_t y, uint32_t count)
{
    struct tilth_entity *entities = calloc(count > 0 ? count : 1, sizeof *entities);
    if (entities != NULL)
        count = (uint32_t)tilth_client_entities(commands->client, x, y, entities, count);
    text_json_open(&commands->output, "entities", '[');
    for (uint32_t i = 0; entities != NULL && i < count; i++)
        print_entity(commands, &entities[i]);
    text_json_close(&commands->output, ']');
    free(entities);
}

enum outcome commands_chunk(struct commands *commands)
{
    struct tilth_chunk chunk;
    int32_t x = 0, y = 0;
    if (!commands_numbers(commands, 1, &x, &y))
        return OUTCOME_FAILED;
    commands_pair(commands, "chunk", x, y);
    if (!tilth_client_chunk(commands->client, x, y, &chunk))
        return commands_fail(commands, "the chunk is not in view");
    text_json_number(&commands->output, "version", (int64_t)chunk.version);
    text_json_string(&commands->output, "hash", chunk.hash);
    text_json_number(&commands->output, "kept", chunk.kept_count);
    text_json_number(&commands->output, "structures", chunk.structure_count);
    text_json_number(&commands->output, "piles", chunk.pile_count);
    print_entities(commands, x, y, chunk.entity_count);
    return OUTCOME_OK;
}

/* The n-th chunk from the player's own, nearest first; false behind the last that may be in view.
 */
static bool chunk_at(const struct commands *commands, uint32_t n, struct chunk_pos *out_chunk)
{
    struct tilth_position here = {0};
    struct tilth_facts facts = {.view_cells = 0};
    (void)tilth_client_position(commands->client, &here);
    (void)tilth_client_facts(commands->client, &facts);
    uint32_t across = 2 * (facts.view_cells / TILTH_CHUNK_CELLS + 1) + 1;
    struct chunk_pos own = grid_chunk_of((struct cell_pos){here.cell_x, here.cell_y});
    struct cell_pos offset = grid_spiral(n);
    *out_chunk = (struct chunk_pos){own.x + offset.x, own.y + offset.y};
    return n < across * across;
}

/* Was it listed for a chunk before? */
static bool is_listed(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id)
            return true;
    }
    return false;
}

enum outcome commands_structures(struct commands *commands)
{
    struct chunk_pos chunk;
    uint64_t ids[LISTED_MAX];
    size_t listed = 0;
    bool is_cut = false;
    text_json_open(&commands->output, "structures", '[');
    for (uint32_t n = 0; chunk_at(commands, n, &chunk); n++) {
        size_t count;
        struct tilth_structure *found = structures_of(commands, chunk, &count);
        for (size_t i = 0; i < count; i++) {
            if (is_listed(ids, listed, found[i].id))
                continue;
            is_cut = listed == LISTED_MAX;
            if (is_cut)
                break;
            ids[listed++] = found[i].id;
            print_structure(commands, NULL, &found[i]);
        }
        free(found);
    }
    text_json_close(&commands->output, ']');
    if (is_cut)
        text_json_bool(&commands->output, "cut", true);
    return OUTCOME_OK;
}

enum outcome commands_piles(struct commands *commands)
{
    struct chunk_pos chunk;
    size_t listed = 0;
    bool is_cut = false;
    text_json_open(&commands->output, "piles", '[');
    for (uint32_t n = 0; chunk_at(commands, n, &chunk); n++) {
        size_t count;
        struct tilth_pile *found = piles_of(commands, chunk, &count);
        is_cut = is_cut || count > LISTED_MAX - listed;
        for (size_t i = 0; i < count && listed < LISTED_MAX; i++, listed++)
            print_pile(commands, &found[i]);
        free(found);
    }
    text_json_close(&commands->output, ']');
    if (is_cut)
        text_json_bool(&commands->output, "cut", true);
    return OUTCOME_OK;
}
