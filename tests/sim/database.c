#include "sim/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ensure.h"
#include "sim/rows.h"

enum { SIM_WORLDS_MAX = 8, SIM_NAME_BYTES = 64 };

struct sim_world {
    char name[SIM_NAME_BYTES];
    char folder[SIM_NAME_BYTES];
    struct database_world state;
    uint64_t journal;
    const struct sim_connection *owner; /* holds the lock, or NULL */
};

struct sim_database {
    struct sim_rows rows;
    struct sim_world worlds[SIM_WORLDS_MAX];
    uint32_t world_count;
    struct catalog_ids types, skills;
    uint64_t calls, fault_call;
    enum sim_database_fault fault;
    uint32_t refused_chunks; /* loads to come that are refused */
    uint32_t failovers;      /* so far */
    bool is_away;
};
struct sim_connection {
    struct sim_database *database;
    uint32_t failovers; /* before it connected */
    bool is_connected;
};

struct sim_database *sim_database_create(void)
{
    struct sim_database *database = calloc(1, sizeof *database);
    ensure(database != NULL);
    return database;
}

void sim_database_destroy(struct sim_database **database)
{
    if (*database == NULL)
        return;
    sim_rows_free(&(*database)->rows);
    free(*database);
    *database = NULL;
}

struct sim_database *sim_database_copy(const struct sim_database *database)
{
    struct sim_database *copy = sim_database_create();
    *copy = *database;
    copy->rows = (struct sim_rows){.count = 0};
    sim_rows_copy(&database->rows, &copy->rows);
    for (uint32_t i = 0; i < copy->world_count; i++)
        copy->worlds[i].owner = NULL;
    return copy;
}

void sim_database_fail_over(struct sim_database *database, const struct sim_database *standby)
{
    sim_rows_free(&database->rows);
    sim_rows_copy(&standby->rows, &database->rows);
    memcpy(database->worlds, standby->worlds, sizeof database->worlds);
    database->failovers++;
}

void sim_database_restore(struct sim_database *database, const struct sim_database *copy)
{
    struct sim_world now[SIM_WORLDS_MAX];
    memcpy(now, database->worlds, sizeof now);
    sim_database_fail_over(database, copy);
    for (uint32_t i = 0; i < database->world_count; i++) {
        struct database_world *state = &database->worlds[i].state;
        state->timeline = now[i].state.timeline + 1;
        state->applied_seq = now[i].state.applied_seq;
        state->epoch = now[i].state.epoch + 1;
        state->was_clean = true;
        database->worlds[i].owner = NULL;
    }
}

void sim_database_refuse_chunks(struct sim_database *database, uint32_t count)
{
    database->refused_chunks = count;
}

void sim_database_plan(struct sim_database *database, uint64_t n, enum sim_database_fault fault)
{
    database->fault_call = database->calls + n;
    database->fault = fault;
}

void sim_database_set_away(struct sim_database *database, bool is_away)
{
    database->is_away = is_away;
}

uint64_t sim_database_calls(const struct sim_database *database)
{
    return database->calls;
}

uint32_t sim_database_rows(const struct sim_database *database, enum change_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < database->rows.count; i++)
        count += database->rows.rows[i]->change.kind == kind;
    return count;
}

const struct change *sim_database_row(const struct sim_database *database, uint32_t index)
{
    return index < database->rows.count ? &database->rows.rows[index]->change : NULL;
}

static void sim_disconnect(void *state)
{
    struct sim_connection *connection = state;
    struct sim_database *database = connection->database;
    connection->is_connected = false;
    for (uint32_t i = 0; i < database->world_count; i++) {
        if (database->worlds[i].owner == connection)
            database->worlds[i].owner = NULL;
    }
}

static enum database_result sim_lose(struct sim_connection *connection, struct error *error)
{
    sim_disconnect(connection);
    error_set(error, "the simulated database is gone");
    return DATABASE_LOST;
}

static enum database_result sim_connect(void *state, struct error *error)
{
    struct sim_connection *connection = state;
    sim_disconnect(connection);
    if (connection->database->is_away)
        return sim_lose(connection, error);
    connection->is_connected = true;
    connection->failovers = connection->database->failovers;
    return DATABASE_OK;
}

static bool sim_is_due(const struct sim_database *database, enum sim_database_fault fault)
{
    return database->calls == database->fault_call && database->fault == fault;
}

/* Begins a call: faults that come before its effect. */
static enum database_result sim_enter(struct sim_connection *connection, struct error *error)
{
    struct sim_database *database = connection->database;
    database->calls++;
    if (!connection->is_connected || database->is_away ||
        connection->failovers != database->failovers ||
        sim_is_due(database, SIM_DATABASE_LOSE_BEFORE))
        return sim_lose(connection, error);
    if (!sim_is_due(database, SIM_DATABASE_FAIL))
        return DATABASE_OK;
    error_set(error, "the simulated database refuses");
    return DATABASE_FAILED;
}

/* Ends a call: the fault that comes behind its effect. */
static enum database_result sim_leave(struct sim_connection *connection,
                                      enum database_result result, struct error *error)
{
    if (sim_is_due(connection->database, SIM_DATABASE_LOSE_AFTER))
        return sim_lose(connection, error);
    return result;
}

static bool sim_is_name(const struct sim_row *row, const uint8_t *name, uint32_t size_bytes)
{
    return row->change.kind == CHANGE_ACCOUNT &&
           row->change.account.name.size_bytes == size_bytes &&
           strncasecmp((const char *)row->bytes, (const char *)name, size_bytes) == 0;
}

/* Would the change break one of the unique indexes accounts_name and characters_account? */
static bool sim_is_double(const struct sim_database *database, uint64_t world,
                          const struct change *change)
{
    for (uint32_t i = 0; i < database->rows.count; i++) {
        const struct sim_row *row = database->rows.rows[i];
        if (change->kind == CHANGE_ACCOUNT &&
            sim_is_name(row, change->account.name.bytes, change->account.name.size_bytes) &&
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

/* Does the batch take the structure away? */
static bool sim_removes(const struct batch *batch, const struct change *structure)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct change *change = &batch->rows[i].change;
        if (change->kind == CHANGE_STRUCTURE && batch_is_delete(change) &&
            change->structure.id.value == structure->structure.id.value)
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

/* Would no two structures stand on one cell: the primary key of multi_cell_entity_cells? */
static bool sim_are_cells_single(const struct sim_database *database, uint64_t world,
                                 const struct batch *batch)
{
    bool is_single = true;
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct change *change = &batch->rows[i].change;
        if (change->kind != CHANGE_STRUCTURE || batch_is_delete(change))
            continue;
        for (uint32_t j = 0; j < i; j++)
            is_single = is_single && (batch->rows[j].change.kind != CHANGE_STRUCTURE ||
                                      batch_is_delete(&batch->rows[j].change) ||
                                      !sim_do_overlap(change, &batch->rows[j].change));
        for (uint32_t j = 0; j < database->rows.count; j++) {
            const struct sim_row *row = database->rows.rows[j];
            if (row->world == world && row->change.kind == CHANGE_STRUCTURE &&
                sim_do_overlap(change, &row->change) && !sim_removes(batch, &row->change))
                is_single = false;
        }
    }
    return is_single;
}

static struct sim_world *sim_world_by_id(struct sim_database *database, uint64_t id)
{
    ensure(id >= 1 && id <= database->world_count);
    return &database->worlds[id - 1];
}

static struct sim_world *sim_world_make(struct sim_database *database,
                                        const struct database_options *options)
{
    for (uint32_t i = 0; i < database->world_count; i++) {
        if (strcmp(database->worlds[i].name, options->world) == 0)
            return &database->worlds[i];
    }
    ensure(database->world_count < SIM_WORLDS_MAX);
    struct sim_world *world = &database->worlds[database->world_count++];
    (void)snprintf(world->name, sizeof world->name, "%s", options->world);
    world->state = (struct database_world){
        .id = database->world_count,
        .stream = database->world_count,
        .terrain_seed = options->terrain_seed,
        .rule_seed = options->rule_seed,
        .generator_version = options->generator_version,
        .timeline = 1,
        .was_clean = true,
    };
    return world;
}

/* Does the change name the type? */
static bool sim_names(const struct change *change, uint16_t type)
{
    return (change->kind == CHANGE_ENTITY && change->entity.type == type) ||
           (change->kind == CHANGE_CELL && change->cell.replaced == type) ||
           (change->kind == CHANGE_STRUCTURE && change->structure.type == type) ||
           (change->kind == CHANGE_PILE && change->pile.stack.type == type) ||
           (change->kind == CHANGE_SLOT && change->slot.stack.type == type);
}

static bool sim_is_skill_in_use(const struct sim_database *database, uint64_t world, uint16_t skill)
{
    bool is_found = false;
    for (uint32_t i = 0; i < database->rows.count && !is_found; i++) {
        const struct change *change = &database->rows.rows[i]->change;
        is_found = database->rows.rows[i]->world == world && change->kind == CHANGE_SKILL &&
                   change->skill.skill == skill;
    }
    return is_found;
}

static bool sim_is_in_use(const struct sim_database *database, uint64_t world, uint16_t type)
{
    bool is_found = false;
    for (uint32_t i = 0; i < database->rows.count && !is_found; i++)
        is_found = database->rows.rows[i]->world == world &&
                   sim_names(&database->rows.rows[i]->change, type);
    return is_found;
}

/* Gives the catalogue its ids of a row, and remembers those that are new. */
static bool sim_assign_ids(struct catalog *catalog, enum catalog_row row, struct catalog_ids *known,
                           struct error *error)
{
    struct catalog_ids all;
    if (!catalog_assign_ids(catalog, row, known, &all, error))
        return false;
    for (uint32_t i = 0; i < all.count; i++) {
        uint32_t at = 0;
        while (at < known->count && known->ids[at].id != all.ids[i].id)
            at++;
        known->ids[at] = all.ids[i];
        known->count += at == known->count;
    }
    return true;
}

static enum database_result sim_sync_types(struct sim_database *database, uint64_t world,
                                           struct catalog *catalog, struct error *error)
{
    struct catalog_ids *types = &database->types;
    for (uint32_t i = 0; i < types->count; i++) {
        const struct catalog_id *known = &types->ids[i];
        if (catalog_find_name(catalog, known->name) == NULL &&
            sim_is_in_use(database, world, known->id)) {
            (void)database_tell_missing(CATALOG_ROW_TYPES, known->name, error);
            return DATABASE_CONTENT;
        }
    }
    for (uint32_t i = 0; i < database->skills.count; i++) {
        const struct catalog_id *known = &database->skills.ids[i];
        if (catalog_find_skill_name(catalog, known->name) == NULL &&
            sim_is_skill_in_use(database, world, known->id)) {
            (void)database_tell_missing(CATALOG_ROW_SKILLS, known->name, error);
            return DATABASE_CONTENT;
        }
    }
    bool is_done = sim_assign_ids(catalog, CATALOG_ROW_TYPES, types, error) &&
                   sim_assign_ids(catalog, CATALOG_ROW_SKILLS, &database->skills, error);
    return is_done ? DATABASE_OK : DATABASE_FAILED;
}

static enum database_result sim_own(struct sim_connection *connection,
                                    const struct database_options *options, struct catalog *catalog,
                                    struct database_world *out_world, struct error *error)
{
    struct sim_database *database = connection->database;
    struct sim_world *world = sim_world_make(database, options);
    struct database_owner owner = {
        .host = "simulated",
        .folder = world->folder,
        .pid = 1,
        .journal = world->journal,
        .applied_seq = world->state.applied_seq,
        .is_clean = world->state.was_clean,
    };
    if (world->owner != NULL && world->owner != connection) {
        (void)database_tell_owner(&owner, options->world, error);
        return DATABASE_FAILED;
    }
    if (!database_check_owner(&owner, options, error))
        return DATABASE_FAILED;
    enum database_result result = sim_sync_types(database, world->state.id, catalog, error);
    if (result != DATABASE_OK)
        return result;
    world->owner = connection;
    world->journal = options->journal;
    (void)snprintf(world->folder, sizeof world->folder, "%s", options->folder);
    world->state.epoch++;
    *out_world = world->state;
    out_world->journal = options->journal;
    world->state.was_clean = false;
    return DATABASE_OK;
}

static enum database_result sim_open_world(void *state, const struct database_options *options,
                                           struct catalog *catalog,
                                           struct database_world *out_world, struct error *error)
{
    enum database_result result = sim_enter(state, error);
    if (result == DATABASE_OK)
        result = sim_own(state, options, catalog, out_world, error);
    return sim_leave(state, result, error);
}

static enum database_result sim_renew_types(void *state, uint64_t world, struct catalog *catalog,
                                            struct error *error)
{
    struct sim_connection *connection = state;
    enum database_result result = sim_enter(connection, error);
    if (result == DATABASE_OK)
        result = sim_sync_types(connection->database, world, catalog, error);
    return sim_leave(connection, result, error);
}

static enum database_result sim_resume(void *state, struct database_world *world,
                                       struct error *error)
{
    struct sim_connection *connection = state;
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    struct sim_world *found = sim_world_by_id(connection->database, world->id);
    if (found->state.epoch > world->epoch || found->journal != world->journal) {
        error_set(error, "another server has become the world's owner");
        return DATABASE_FENCED;
    }
    if (found->owner != NULL && found->owner != connection)
        return sim_lose(connection, error);
    found->owner = connection;
    found->state.epoch = world->epoch; /* it was lower: a standby that lacks the owner's start */
    found->state.was_clean = false;
    world->applied_seq = found->state.applied_seq;
    world->tick = found->state.tick;
    world->hash = found->state.hash;
    return sim_leave(connection, DATABASE_OK, error);
}

static enum database_result sim_commit(struct sim_connection *connection,
                                       const struct database_world *world,
                                       const struct batch *batch, struct error *error)
{
    struct sim_database *database = connection->database;
    struct sim_world *found = sim_world_by_id(database, world->id);
    if (found->state.epoch != world->epoch || found->state.applied_seq != batch->from_seq - 1) {
        error_set(error, "the world has another owner now, or another applied_seq");
        return DATABASE_FENCED;
    }
    if (!sim_are_cells_single(database, world->id, batch)) {
        error_set(error, "two structures on one cell");
        return DATABASE_FAILED;
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        if (!sim_is_double(database, world->id, &batch->rows[i].change))
            continue;
        error_set(error, "a name or an account's character is there twice");
        return DATABASE_FAILED;
    }
    for (uint32_t i = 0; i < batch->count; i++)
        sim_rows_write(&database->rows, world->id, &batch->rows[i].change);
    found->state.applied_seq = batch->to_seq;
    found->state.tick = batch->tick;
    found->state.hash = batch->hash;
    return DATABASE_OK;
}

static enum database_result sim_apply(void *state, const struct database_world *world,
                                      const struct batch *batch, struct error *error)
{
    enum database_result result = sim_enter(state, error);
    if (result == DATABASE_OK)
        result = sim_commit(state, world, batch, error);
    return sim_leave(state, result, error);
}

static enum database_result sim_close_world(void *state, const struct database_world *world,
                                            struct error *error)
{
    struct sim_connection *connection = state;
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    struct sim_world *found = sim_world_by_id(connection->database, world->id);
    if (found->state.epoch != world->epoch) {
        error_set(error, "another server has become the world's owner");
        return DATABASE_FENCED;
    }
    found->state.was_clean = true;
    found->owner = NULL;
    return sim_leave(connection, DATABASE_OK, error);
}

static enum database_result sim_find_position(void *state, uint64_t world,
                                              uint64_t *out_applied_seq, struct error *error)
{
    struct sim_connection *connection = state;
    enum database_result result = sim_enter(connection, error);
    if (result == DATABASE_OK)
        *out_applied_seq = sim_world_by_id(connection->database, world)->state.applied_seq;
    return sim_leave(connection, result, error);
}

static enum database_result sim_load_region(void *state, uint64_t world, struct region_pos region,
                                            struct database_region *out, struct error *error)
{
    struct sim_connection *connection = state;
    const struct sim_database *database = connection->database;
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    struct sim_key key = {.world = world, .kind = CHANGE_CHUNK, .chunk = {INT32_MIN, INT32_MIN}};
    out->count = 0;
    for (uint32_t i = sim_rows_find(&database->rows, &key); i < database->rows.count; i++) {
        const struct sim_row *row = database->rows.rows[i];
        const struct change_chunk *chunk = &row->change.chunk;
        if (row->world != world || row->change.kind != CHANGE_CHUNK)
            break;
        if (grid_is_same_region(grid_region_of(chunk->chunk), region))
            out->chunks[out->count++] =
                (struct database_chunk){chunk->chunk, chunk->version, chunk->hash};
    }
    return sim_leave(connection, DATABASE_OK, error);
}

/* Copies the rows of one kind in the chunk; but for structures they are in order. */
static void sim_load_kind(const struct sim_database *database, uint64_t world,
                          enum change_kind kind, struct content *content)
{
    struct sim_key key = {.world = world, .kind = kind, .chunk = content->chunk};
    bool is_ordered = kind != CHANGE_STRUCTURE;
    if (!is_ordered)
        key.chunk = (struct chunk_pos){0, 0};
    for (uint32_t i = sim_rows_find(&database->rows, &key); i < database->rows.count; i++) {
        const struct change *change = &database->rows.rows[i]->change;
        if (database->rows.rows[i]->world != world || change->kind != kind)
            return;
        bool is_in = change_is_in(change, content->chunk);
        if (!is_in && is_ordered)
            return;
        if (is_in)
            ensure(content_add(content, change));
    }
}

static enum database_result sim_load_chunk(void *state, uint64_t world, struct chunk_pos chunk,
                                           struct content *out_content, struct error *error)
{
    struct sim_connection *connection = state;
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    if (connection->database->refused_chunks > 0) {
        connection->database->refused_chunks--;
        (void)error_set(error, "the simulated database refuses a chunk");
        return sim_leave(connection, DATABASE_FAILED, error);
    }
    content_clear(out_content, chunk);
    sim_load_kind(connection->database, world, CHANGE_CELL, out_content);
    sim_load_kind(connection->database, world, CHANGE_ENTITY, out_content);
    sim_load_kind(connection->database, world, CHANGE_STRUCTURE, out_content);
    sim_load_kind(connection->database, world, CHANGE_PILE, out_content);
    content_sort(out_content);
    return sim_leave(connection, DATABASE_OK, error);
}

static void sim_give_account(const struct sim_row *row, struct database_character *out)
{
    memset(out, 0, sizeof *out);
    memcpy(out->bytes, row->bytes, sizeof out->bytes);
    out->account = row->change.account;
    out->account.name.bytes = out->bytes;
    out->account.key.bytes = out->bytes + WORLD_NAME_BYTES;
}

/* What the character owns. */
static void sim_give_own(const struct sim_database *database, uint64_t world,
                         struct database_character *out)
{
    for (uint32_t i = 0; i < database->rows.count; i++) {
        const struct change *change = &database->rows.rows[i]->change;
        if (database->rows.rows[i]->world != world ||
            (change_schema(change->kind)->flags & CHANGE_IS_OWN) == 0 ||
            change_owner(change).value != out->character.id.value)
            continue;
        if (change->kind == CHANGE_SLOT)
            out->slots[out->slot_count++] = change->slot;
        else
            out->skills[out->skill_count++] = change->skill;
    }
}

static enum database_result sim_find_account(void *state, uint64_t world, const char *name,
                                             struct database_character *out, struct error *error)
{
    struct sim_connection *connection = state;
    const struct sim_database *database = connection->database;
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    result = DATABASE_NOT_FOUND;
    for (uint32_t i = 0; i < database->rows.count; i++) {
        if (!sim_is_name(database->rows.rows[i], (const uint8_t *)name, (uint32_t)strlen(name)))
            continue;
        sim_give_account(database->rows.rows[i], out);
        result = DATABASE_OK;
    }
    for (uint32_t i = 0; i < database->rows.count && result == DATABASE_OK; i++) {
        const struct sim_row *row = database->rows.rows[i];
        if (row->world == world && row->change.kind == CHANGE_CHARACTER &&
            row->change.character.account.value == out->account.id.value) {
            out->character = row->change.character;
            out->has_character = true;
        }
    }
    if (out->has_character)
        sim_give_own(database, world, out);
    return sim_leave(connection, result, error);
}

static int64_t sim_count_uses(const struct sim_database *database, uint64_t world, uint32_t id)
{
    int64_t uses = 0;
    for (uint32_t i = 0; i < database->rows.count; i++) {
        const struct change *change = &database->rows.rows[i]->change;
        if (database->rows.rows[i]->world != world)
            continue;
        uses += (change->kind == CHANGE_ENTITY && change->entity.image == id) ||
                (change->kind == CHANGE_STRUCTURE && change->structure.image == id) ||
                (change->kind == CHANGE_PILE && change->pile.stack.image == id) ||
                (change->kind == CHANGE_SLOT && change->slot.stack.image == id);
    }
    return uses;
}

/* The picture's place, or NULL when none is left. */
static struct database_image *sim_image_of(struct database_images *out, struct hash128 id)
{
    uint32_t i = 0;
    while (i < out->image_count && !hash_is_equal(out->images[i].id, id))
        i++;
    if (i == out->images_max)
        return NULL;
    if (i == out->image_count)
        out->images[out->image_count++] = (struct database_image){.id = id};
    return &out->images[i];
}

/* Gives a row that is about looks; false when there is no room for it. */
static bool sim_give_image(const struct sim_database *database, const struct sim_row *row,
                           struct database_images *out)
{
    const struct change *change = &row->change;
    if (change->kind == CHANGE_IMAGE_CONFIG && out->config_count < out->configs_max) {
        out->configs[out->config_count++] = (struct database_image_config){
            change->image_config, sim_count_uses(database, row->world, change->image_config.id)};
        return true;
    }
    if (change->kind != CHANGE_IMAGE && change->kind != CHANGE_IMAGE_BAN)
        return change->kind != CHANGE_IMAGE_CONFIG;
    bool is_ban = change->kind == CHANGE_IMAGE_BAN;
    struct database_image *image =
        sim_image_of(out, is_ban ? change->image_ban.id : change->image.id);
    if (image == NULL)
        return false;
    if (is_ban)
        image->is_banned = true;
    else
        *image = (struct database_image){
            change->image.id,     change->image.uploader,       change->image.width,
            change->image.height, change->image.png.size_bytes, image->is_banned};
    return true;
}

static enum database_result sim_load_images(void *state, uint64_t world,
                                            struct database_images *out, struct error *error)
{
    struct sim_connection *connection = state;
    const struct sim_database *database = connection->database;
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    out->config_count = out->image_count = 0;
    for (uint32_t i = 0; i < database->rows.count && result == DATABASE_OK; i++) {
        const struct sim_row *row = database->rows.rows[i];
        if (row->world != world || sim_give_image(database, row, out))
            continue;
        error_set(error, "the world has more image configurations or pictures than there is room");
        result = DATABASE_FAILED;
    }
    return sim_leave(connection, result, error);
}

static enum database_result sim_load_image(void *state, uint64_t world, struct hash128 id,
                                           struct database_png *out_png, struct error *error)
{
    struct sim_connection *connection = state;
    const struct sim_database *database = connection->database;
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    result = DATABASE_NOT_FOUND;
    for (uint32_t i = 0; i < database->rows.count; i++) {
        const struct sim_row *row = database->rows.rows[i];
        if (row->world != world || row->change.kind != CHANGE_IMAGE ||
            !hash_is_equal(row->change.image.id, id))
            continue;
        out_png->size_bytes = row->change.image.png.size_bytes;
        memcpy(out_png->bytes, row->png, out_png->size_bytes);
        result = DATABASE_OK;
    }
    return sim_leave(connection, result, error);
}

static const struct database_ops sim_ops = {
    .connect = sim_connect,
    .open_world = sim_open_world,
    .renew_types = sim_renew_types,
    .resume = sim_resume,
    .find_position = sim_find_position,
    .apply = sim_apply,
    .close_world = sim_close_world,
    .load_region = sim_load_region,
    .load_chunk = sim_load_chunk,
    .find_account = sim_find_account,
    .load_images = sim_load_images,
    .load_image = sim_load_image,
    .disconnect = sim_disconnect,
};

void sim_database_open(struct sim_database *database, struct database *out_connection)
{
    struct sim_connection *connection = calloc(1, sizeof *connection);
    ensure(connection != NULL);
    connection->database = database;
    *out_connection = (struct database){.ops = &sim_ops, .state = connection};
}

void sim_database_close(struct database *connection)
{
    if (connection->state == NULL)
        return;
    sim_disconnect(connection->state);
    free(connection->state);
    *connection = (struct database){0};
}
