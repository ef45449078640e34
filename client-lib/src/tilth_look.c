/* What a caller can see: the mirror, the players, the counts. Changes nothing. */
#include "tilth.h"

#include <stdio.h>

#include "client.h"

int tilth_client_is_connected(const struct tilth_client *client)
{
    return client->session.phase == SESSION_PLAYING;
}

int tilth_client_is_ready(const struct tilth_client *client)
{
    const struct session *session = &client->session;
    return session->phase == SESSION_PLAYING && session->snapshot.number != 0 &&
           tilth_mirror_surrounds(&session->mirror, tilth_prediction_pos(&session->prediction),
                                  session->welcome.view_cells);
}

int tilth_client_facts(const struct tilth_client *client, struct tilth_facts *out_facts)
{
    const struct session *session = &client->session;
    if (!session->has_welcome)
        return 0;
    *out_facts = (struct tilth_facts){
        .timeline = session->welcome.timeline,
        .tick_hz = session->welcome.tick_hz,
        .speed_px_s = session->welcome.speed_px_s,
        .reach_px = session->welcome.reach_px,
        .view_cells = session->welcome.view_cells,
        .is_seed_shared = session->welcome.is_seed_shared != 0,
        .slots_max = session->welcome.slots_max,
    };
    (void)snprintf(out_facts->world, sizeof out_facts->world, "%s", session->world_name);
    return 1;
}

int tilth_client_position(const struct tilth_client *client, struct tilth_position *out_position)
{
    if (!client->session.mirror.is_open)
        return 0;
    struct world_pos pos = tilth_prediction_pos(&client->session.prediction);
    struct cell_pos cell = grid_cell_of(pos);
    *out_position = (struct tilth_position){pos.x, pos.y, cell.x, cell.y};
    return 1;
}

int tilth_client_is_settled(const struct tilth_client *client)
{
    const struct session *session = &client->session;
    return session->phase == SESSION_PLAYING && session->direction == DIRECTION_NONE &&
           tilth_prediction_is_settled(&session->prediction);
}

/* Where a direction heads on each axis. */
static void heading(uint8_t direction, struct tilth_actor *out_actor)
{
    static const int8_t ways[DIRECTION_NW + 1][2] = {
        [DIRECTION_N] = {0, -1}, [DIRECTION_NE] = {1, -1},  [DIRECTION_E] = {1, 0},
        [DIRECTION_SE] = {1, 1}, [DIRECTION_S] = {0, 1},    [DIRECTION_SW] = {-1, 1},
        [DIRECTION_W] = {-1, 0}, [DIRECTION_NW] = {-1, -1},
    };
    out_actor->dx = ways[direction][0];
    out_actor->dy = ways[direction][1];
}

/* In percent, or -1. */
static int percent_of(uint8_t work)
{
    return work == 0 ? -1 : (work - 1) * 100 / STATE_WORK_DONE;
}

int tilth_client_work(const struct tilth_client *client)
{
    const struct session *session = &client->session;
    bool is_told = session->phase == SESSION_PLAYING && session->snapshot.number != 0;
    return is_told ? percent_of(session->snapshot.work) : -1;
}

size_t tilth_client_actors(const struct tilth_client *client, struct tilth_actor *out_actors,
                           size_t capacity)
{
    const struct session *session = &client->session;
    size_t count = session->actors.count < capacity ? session->actors.count : capacity;
    for (size_t i = 0; i < count; i++) {
        const struct other *other = &session->actors.others[i];
        struct world_pos pos = tilth_actors_pos(&session->actors, (uint32_t)i, session->now_us,
                                                session->options.delay_us);
        out_actors[i] = (struct tilth_actor){.actor = other->key, .x = pos.x, .y = pos.y};
        out_actors[i].name = tilth_actors_name_of(&session->actors, other->key);
        out_actors[i].work = (int8_t)percent_of(other->work);
        heading(other->direction, &out_actors[i]);
    }
    return count;
}

static void add_type(const struct world *world, uint32_t type, struct tilth_cell *cell)
{
    if (type != 0 && cell->type_count < TILTH_CELL_TYPES_MAX)
        cell->types[cell->type_count++] = world->catalog->entities[type].name;
}

int tilth_client_cell(const struct tilth_client *client, int32_t x, int32_t y,
                      struct tilth_cell *out_cell)
{
    const struct world *world = &client->session.mirror.world;
    struct cell_pos pos = {x, y};
    if (!tilth_mirror_has_cell(&client->session.mirror, x, y))
        return 0;
    *out_cell = (struct tilth_cell){
        .terrain = world->catalog->terrains[world_terrain(world, pos)].name,
        .is_solid = world_is_solid(world, pos),
        .is_kept = world_is_kept(world, pos),
    };
    add_type(world, world_natural_type(world, pos), out_cell);
    const struct structure *structure = world_structure_at(world, pos);
    add_type(world, structure != NULL ? structure->type : 0, out_cell);
    const struct entity *entity = world_first_entity(world, pos);
    for (; entity != NULL; entity = world_next_entity(world, entity))
        add_type(world, entity->type, out_cell);
    return 1;
}

int tilth_client_is_occupied(const struct tilth_client *client, int32_t x, int32_t y)
{
    const struct mirror *mirror = &client->session.mirror;
    if (!tilth_mirror_has_cell(mirror, x, y))
        return -1;
    return world_is_occupied(&mirror->world, (struct cell_pos){x, y});
}

int tilth_client_is_solid(const struct tilth_client *client, int32_t x, int32_t y)
{
    const struct mirror *mirror = &client->session.mirror;
    return !mirror->is_open || world_is_solid(&mirror->world, (struct cell_pos){x, y});
}

static const struct chunk *find_chunk(const struct tilth_client *client, int32_t x, int32_t y)
{
    const struct mirror *mirror = &client->session.mirror;
    if (!mirror->is_open || !grid_is_chunk(x, y))
        return NULL;
    return world_find_chunk(&mirror->world, (struct chunk_pos){x, y});
}

int tilth_client_chunk(const struct tilth_client *client, int32_t x, int32_t y,
                       struct tilth_chunk *out_chunk)
{
    const struct chunk *chunk = find_chunk(client, x, y);
    if (chunk == NULL)
        return 0;
    *out_chunk = (struct tilth_chunk){
        .version = chunk->version,
        .kept_count = chunk->kept_count,
        .entity_count = chunk->entity_count,
        .structure_count = chunk->structure_count,
        .pile_count = chunk->pile_count,
    };
    hash_format(chunk->hash, out_chunk->hash);
    return 1;
}

size_t tilth_client_entities(const struct tilth_client *client, int32_t x, int32_t y,
                             struct tilth_entity *out_entities, size_t capacity)
{
    const struct world *world = &client->session.mirror.world;
    const struct chunk *chunk = find_chunk(client, x, y);
    size_t count = 0;
    for (uint32_t row = 0; chunk != NULL && row < GRID_CHUNK_CELLS; row++) {
        uint32_t index = chunk->rows[row];
        for (; index != WORLD_NONE && count < capacity; index = world->entities[index].next) {
            const struct entity *entity = &world->entities[index];
            out_entities[count++] = (struct tilth_entity){
                .id = entity->id.value,
                .x = entity->cell.x,
                .y = entity->cell.y,
                .type = world->catalog->entities[entity->type].name,
                .image = entity->image,
            };
        }
    }
    return count;
}

size_t tilth_client_structures(const struct tilth_client *client, int32_t x, int32_t y,
                               struct tilth_structure *out_structures, size_t capacity)
{
    const struct world *world = &client->session.mirror.world;
    const struct chunk *chunk = find_chunk(client, x, y);
    uint32_t index = chunk != NULL ? chunk->structures : WORLD_NONE;
    size_t count = 0;
    for (; index != WORLD_NONE && count < capacity; index = world->structures[index].next) {
        const struct structure *structure = &world->structures[index];
        out_structures[count++] = (struct tilth_structure){
            .id = structure->id.value,
            .x = structure->cell.x,
            .y = structure->cell.y,
            .west = structure->cell.x - structure->left,
            .north = structure->cell.y - structure->top,
            .width = structure->width,
            .height = structure->height,
            .type = world->catalog->entities[structure->type].name,
            .image = structure->image,
        };
    }
    return count;
}

size_t tilth_client_piles(const struct tilth_client *client, int32_t x, int32_t y,
                          struct tilth_pile *out_piles, size_t capacity)
{
    const struct world *world = &client->session.mirror.world;
    const struct chunk *chunk = find_chunk(client, x, y);
    uint32_t index = chunk != NULL ? chunk->piles : WORLD_NONE;
    size_t count = 0;
    for (; index != WORLD_NONE && count < capacity; index = world->piles[index].next) {
        const struct pile *pile = &world->piles[index];
        out_piles[count++] = (struct tilth_pile){
            .id = pile->id.value,
            .x = pile->cell.x,
            .y = pile->cell.y,
            .type = world->catalog->entities[pile->stack.type].name,
            .quantity = pile->stack.quantity,
            .image = pile->stack.image,
        };
    }
    return count;
}

static const char *type_name(const struct world *world, uint32_t type)
{
    const struct entity_def *def = catalog_find_type(world->catalog, type);
    return def != NULL ? def->name : "";
}

int tilth_client_slot(const struct tilth_client *client, uint32_t slot, struct tilth_slot *out_slot)
{
    const struct mirror *mirror = &client->session.mirror;
    if (!mirror->is_open || slot >= mirror->world.slots_max)
        return 0;
    const struct world *world = &mirror->world;
    const struct stack *stack = world_slot(world, tilth_mirror_character(mirror), slot);
    const struct skill_def *skill = catalog_find_skill(world->catalog, stack->skill);
    *out_slot = (struct tilth_slot){
        .type = type_name(world, stack->type),
        .quantity = stack->quantity,
        .image = stack->image,
        .wear = stack->wear,
        .durability = world->catalog->entities[stack->type].durability,
        .source = type_name(world, stack->source),
        .source_x = stack->source_cell.x,
        .source_y = stack->source_cell.y,
        .tick = stack->tick,
        .time_s = (uint32_t)stack->time_s,
        .tool = type_name(world, stack->tool),
        .x = stack->pos.x,
        .y = stack->pos.y,
        .skill = skill != NULL ? skill->name : "",
        .level = stack->level,
    };
    return 1;
}

int tilth_client_skill(const struct tilth_client *client, uint32_t skill,
                       struct tilth_skill *out_skill)
{
    const struct mirror *mirror = &client->session.mirror;
    const struct skill_def *def =
        mirror->is_open ? catalog_find_skill(mirror->world.catalog, skill) : NULL;
    if (def == NULL)
        return 0;
    uint32_t points = world_skill(&mirror->world, tilth_mirror_character(mirror), skill);
    uint32_t level = catalog_skill_level(def, points);
    *out_skill = (struct tilth_skill){
        .name = def->name,
        .points = points,
        .level = level,
        .level_max = def->level_count,
        .next_points = level < def->level_count ? def->levels[level] : 0,
    };
    return 1;
}

const char *tilth_client_type(const struct tilth_client *client, uint32_t rank)
{
    const struct catalog *catalog = client->session.catalog;
    for (uint32_t type = 1; catalog != NULL && type < CATALOG_TYPES_MAX; type++) {
        const struct entity_def *def = catalog_find_type(catalog, type);
        if (def != NULL && def->is_placeable && rank-- == 0)
            return def->name;
    }
    return NULL;
}

size_t tilth_client_offers(const struct tilth_client *client, struct tilth_offer *out_offers,
                           size_t capacity)
{
    const struct mirror *mirror = &client->session.mirror;
    size_t count = mirror->offers.count < capacity ? mirror->offers.count : capacity;
    for (size_t i = 0; i < count; i++) {
        const struct offer *offer = &mirror->offers.offers[i];
        out_offers[i] =
            (struct tilth_offer){offer->name, type_name(&mirror->world, offer->stack.type),
                                 offer->stack.quantity, offer->stack.image};
    }
    return count;
}

void tilth_client_stats(const struct tilth_client *client, struct tilth_stats *out_stats)
{
    const struct session_counts *counts = &client->session.counts;
    *out_stats = (struct tilth_stats){
        .corrections = counts->corrections,
        .corrections_expected = counts->corrections_expected,
        .correction_units_max = counts->correction_units_max,
        .resyncs = counts->resyncs,
        .events_dropped = client->session.events.dropped,
        .snapshots = counts->snapshots,
    };
    if (client->connection.link == NULL)
        return;
    struct link_facts facts;
    link_facts(client->connection.link, &facts);
    out_stats->bytes_in = facts.bytes_in;
    out_stats->bytes_out = facts.bytes_out;
    if (client->connection.is_connected)
        out_stats->round_trip_ms =
            link_round_trip_ms(client->connection.link, client->connection.peer);
}
