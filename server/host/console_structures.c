#include "host/console_structures.h"

#include "host/console_tell.h"
#include "host/console_types.h"
#include "host/console_wait.h"
#include "host/host.h"
#include "sim/room.h"
#include "sim/target.h"

enum { LIST_MAX = 200 };

bool console_pin_all(struct host *host, struct console_call *call, const struct change *change)
{
    struct chunk_pos touched[CHANGE_CHUNKS_MAX];
    uint32_t count = change_chunks(change, touched);
    bool is_pinned = true;
    for (uint32_t i = 0; i < count && is_pinned; i++)
        is_pinned = console_pin(host, call, touched[i]);
    return is_pinned;
}

/* The structure that the words TYPE X Y ask for, as a change. CONSOLE_DONE: it may be one. */
static enum console_result read_structure(struct host *host, struct console_call *call,
                                          struct change *out_built)
{
    struct cell_area area;
    if (call->word_count != 4 || !console_read_cell(call, 2))
        return CONSOLE_USAGE;
    const struct entity_def *def = console_find_type(host, call, call->words[1]);
    if (def == NULL)
        return CONSOLE_FAILED;
    if (def->kind != KIND_STRUCTURE)
        return console_fail(call, "'%s' is no structure.", def->name);
    *out_built = room_structure(host->world.catalog, def->type, call->cell);
    return change_area(out_built, &area)
               ? CONSOLE_DONE
               : console_fail(call, "At (%d,%d): %s.", call->cell.x, call->cell.y,
                              refusal_words(REFUSAL_OUT_OF_WORLD));
}

enum console_result console_structure_place(struct host *host, struct console_call *call)
{
    struct change built = {.kind = CHANGE_NONE};
    if (call->seq != 0)
        return console_await_told(host, call, "Placed %s at (%d,%d).", call->words[1], call->cell.x,
                                  call->cell.y);
    enum console_result result = read_structure(host, call, &built);
    if (result != CONSOLE_DONE)
        return result;
    if (!call->is_begun && !console_pin_all(host, call, &built))
        return CONSOLE_FAILED;
    result = console_await_chunks(host, call);
    if (result != CONSOLE_DONE)
        return result;
    enum refusal refusal = room_for_structure(&host->world, &built, (struct entity_id){0});
    if (refusal != REFUSAL_NONE)
        return console_fail(call, "%s at (%d,%d), %u x %u cells: %s.", call->words[1], call->cell.x,
                            call->cell.y, built.structure.width, built.structure.height,
                            refusal_words(refusal));
    if (!console_can_change(host, call))
        return CONSOLE_FAILED;
    built.structure.id.value = sim_new_id(&host->sim);
    sim_change(&host->sim, &built);
    return console_begin_await(host, call);
}

/* The structure in the cell, when all of its chunks are there. */
static enum console_result await_structure(struct host *host, struct console_call *call,
                                           struct target *out_target)
{
    enum console_result result = console_await_chunks(host, call);
    if (result != CONSOLE_DONE)
        return result;
    const struct structure *structure = world_structure_at(&host->world, call->cell);
    if (structure == NULL)
        return console_fail(call, "No structure stands at (%d,%d).", call->cell.x, call->cell.y);
    struct change change = world_structure_change(structure);
    if (!console_pin_all(host, call, &change))
        return CONSOLE_FAILED;
    *out_target = target_find_structure(&host->world, call->cell);
    return console_await_chunks(host, call);
}

enum console_result console_structure_remove(struct host *host, struct console_call *call)
{
    struct target target;
    if (call->seq != 0)
        return console_await_told(host, call, "Removed the structure at (%d,%d).", call->cell.x,
                                  call->cell.y);
    if (!call->is_begun) {
        if (call->word_count != 3 || !console_read_cell(call, 1))
            return CONSOLE_USAGE;
        if (!console_pin(host, call, grid_chunk_of(call->cell)))
            return CONSOLE_FAILED;
    }
    enum console_result result = await_structure(host, call, &target);
    if (result != CONSOLE_DONE)
        return result;
    if (!console_can_change(host, call))
        return CONSOLE_FAILED;
    call->cell = target.cell;
    target_take(&host->sim, &target);
    return console_begin_await(host, call);
}

/* Of the chunks in memory that have the structure, is this the first? Each is listed once. */
static bool is_first_chunk(const struct world *world, const struct chunk *chunk,
                           const struct structure *structure)
{
    struct chunk_pos touched[CHANGE_CHUNKS_MAX];
    struct change change = world_structure_change(structure);
    uint32_t count = change_chunks(&change, touched);
    uint32_t i = 0;
    while (i < count && world_find_chunk(world, touched[i]) == NULL)
        i++;
    return i < count && grid_is_same_chunk(touched[i], chunk->pos);
}

static void tell_structure(const struct host *host, struct console_call *call,
                           const struct structure *structure)
{
    const char *name = host->world.catalog->entities[structure->type].name;
    if (!call->is_json) {
        text_add(call->text, "%-20s id %llu at (%d,%d), %u x %u cells\n", name,
                 (unsigned long long)structure->id.value, structure->cell.x, structure->cell.y,
                 structure->width, structure->height);
        return;
    }
    text_json_open(call->text, NULL, '{');
    text_json_string(call->text, "type", name);
    text_json_number(call->text, "id", (int64_t)structure->id.value);
    text_json_number(call->text, "x", structure->cell.x);
    text_json_number(call->text, "y", structure->cell.y);
    text_json_number(call->text, "width", structure->width);
    text_json_number(call->text, "height", structure->height);
    text_json_close(call->text, '}');
}

/* Those that are counted in this chunk; `count` goes up, beyond LIST_MAX without words. */
static void tell_chunk(const struct host *host, struct console_call *call,
                       const struct chunk *chunk, uint32_t *count)
{
    const struct world *world = &host->world;
    for (uint32_t i = chunk->structures; i != WORLD_NONE; i = world->structures[i].next) {
        if (is_first_chunk(world, chunk, &world->structures[i]) && (*count)++ < LIST_MAX)
            tell_structure(host, call, &world->structures[i]);
    }
}

enum console_result console_structure_list(struct host *host, struct console_call *call)
{
    uint32_t count = 0;
    console_show_all(host, call);
    console_list_open(call, "structures");
    for (uint32_t i = 0; i < host->world.chunk_pool.capacity; i++) {
        if (pool_is_used(&host->world.chunk_pool, i))
            tell_chunk(host, call, &host->world.chunks[i], &count);
    }
    console_list_close(call, "no structure is in memory", count, LIST_MAX);
    return CONSOLE_DONE;
}
