#include "host/console_cells.h"

#include "host/console_look.h"
#include "host/console_tell.h"
#include "host/console_wait.h"
#include "host/host.h"

static const char *type_name(const struct host *host, uint32_t type)
{
    return host->world.catalog->entities[type].name;
}

static void tell_ground(const struct host *host, struct console_call *call)
{
    struct cell_pos cell = call->cell;
    console_tell_string(call, "terrain",
                        host->world.catalog->terrains[world_terrain(&host->world, cell)].name);
    console_tell_bool(call, "kept", world_is_kept(&host->world, cell));
    console_tell_bool(call, "solid", world_is_solid(&host->world, cell));
}

static void tell_rest(const struct host *host, struct console_call *call)
{
    uint16_t natural = world_natural_type(&host->world, call->cell);
    const struct chunk *chunk = world_find_chunk(&host->world, grid_chunk_of(call->cell));
    console_tell_string(call, "generated", natural != 0 ? type_name(host, natural) : "nothing");
    console_tell_number(call, "chunk_version", chunk->version);
}

static void open_list(struct console_call *call, const char *name)
{
    if (call->is_json)
        text_json_open(call->text, name, '[');
}

static void close_list(struct console_call *call)
{
    if (call->is_json)
        text_json_close(call->text, ']');
}

/* What begins the line, or the object, of a thing: "entity  sign, id 5". */
static void open_thing(struct console_call *call, const char *kind, const char *type, uint64_t id)
{
    if (!call->is_json) {
        text_add(call->text, "%-20s %s, id %llu", kind, type, (unsigned long long)id);
        return;
    }
    text_json_open(call->text, NULL, '{');
    text_json_string(call->text, "type", type);
    text_json_number(call->text, "id", (int64_t)id);
}

static void close_thing(struct console_call *call)
{
    if (call->is_json)
        text_json_close(call->text, '}');
    else
        text_add(call->text, "\n");
}

static void tell_entities_briefly(const struct host *host, struct console_call *call)
{
    const struct entity *entity = world_first_entity(&host->world, call->cell);
    open_list(call, "entities");
    for (; entity != NULL; entity = world_next_entity(&host->world, entity)) {
        open_thing(call, "entity", type_name(host, entity->type), entity->id.value);
        console_tell_placer(host, call, entity->placer);
        close_thing(call);
    }
    close_list(call);
}

/* The tick when it becomes something else, or is gone; 0 never. */
static void tell_until(struct console_call *call, const char *words, uint64_t until)
{
    if (call->is_json && until != 0)
        text_json_number(call->text, "until", (int64_t)until);
    else if (call->is_json)
        text_json_null(call->text, "until");
    else if (until != 0)
        text_add(call->text, ", %s tick %llu", words, (unsigned long long)until);
}

static void tell_entities(const struct host *host, struct console_call *call)
{
    const struct entity *entity = world_first_entity(&host->world, call->cell);
    open_list(call, "entities");
    for (; entity != NULL; entity = world_next_entity(&host->world, entity)) {
        open_thing(call, "entity", type_name(host, entity->type), entity->id.value);
        console_tell_placer(host, call, entity->placer);
        console_tell_config(call, &host->world.images, entity->image);
        tell_until(call, "grows at", entity->until);
        close_thing(call);
    }
    close_list(call);
}

static void tell_area(struct console_call *call, const struct structure *structure)
{
    int32_t left = structure->cell.x - structure->left, top = structure->cell.y - structure->top;
    if (!call->is_json) {
        text_add(call->text, ", cell (%d,%d), %u x %u cells from (%d,%d) on", structure->cell.x,
                 structure->cell.y, structure->width, structure->height, left, top);
        return;
    }
    text_json_number(call->text, "x", structure->cell.x);
    text_json_number(call->text, "y", structure->cell.y);
    text_json_open(call->text, "area", '{');
    text_json_number(call->text, "x", left);
    text_json_number(call->text, "y", top);
    text_json_number(call->text, "width", structure->width);
    text_json_number(call->text, "height", structure->height);
    text_json_close(call->text, '}');
}

static void tell_structures(const struct host *host, struct console_call *call)
{
    const struct structure *structure = world_structure_at(&host->world, call->cell);
    open_list(call, "structures");
    if (structure != NULL) {
        open_thing(call, "structure", type_name(host, structure->type), structure->id.value);
        tell_area(call, structure);
        console_tell_placer(host, call, structure->placer);
        console_tell_config(call, &host->world.images, structure->image);
        close_thing(call);
    }
    close_list(call);
}

static void tell_piles(const struct host *host, struct console_call *call)
{
    const struct pile *pile = world_first_pile(&host->world, call->cell);
    open_list(call, "piles");
    for (; pile != NULL; pile = world_next_pile(&host->world, pile)) {
        open_thing(call, "pile", type_name(host, pile->stack.type), pile->id.value);
        if (call->is_json)
            text_json_number(call->text, "quantity", pile->stack.quantity);
        else
            text_add(call->text, ", %u of it", pile->stack.quantity);
        console_tell_config(call, &host->world.images, pile->stack.image);
        tell_until(call, "gone at", pile->until);
        close_thing(call);
    }
    close_list(call);
}

/* Is the chunk of the cell X Y there, to be shown? */
static enum console_result await_cell(struct host *host, struct console_call *call)
{
    if (!call->is_begun) {
        if (call->word_count != 3 || !console_read_cell(call, 1))
            return CONSOLE_USAGE;
        if (!console_pin(host, call, grid_chunk_of(call->cell)))
            return CONSOLE_FAILED;
    }
    console_show_chunks(host, call);
    return console_await_chunks(host, call);
}

enum console_result console_cell(struct host *host, struct console_call *call)
{
    enum console_result result = await_cell(host, call);
    if (result != CONSOLE_DONE)
        return result;
    console_tell_begin(call);
    tell_ground(host, call);
    tell_entities_briefly(host, call);
    tell_rest(host, call);
    console_tell_end(call);
    return CONSOLE_DONE;
}

enum console_result console_entity(struct host *host, struct console_call *call)
{
    enum console_result result = await_cell(host, call);
    if (result != CONSOLE_DONE)
        return result;
    console_tell_begin(call);
    tell_ground(host, call);
    tell_entities(host, call);
    tell_structures(host, call);
    tell_piles(host, call);
    tell_rest(host, call);
    console_tell_end(call);
    return CONSOLE_DONE;
}
