#include "sim/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "sim/quarantine.h"
#include "sim/refusal.h"
#include "sim/types.h"

enum { SIM_WORLDS_MAX = 8, SIM_NAME_BYTES = 64 };

struct sim_world {
    char name[SIM_NAME_BYTES];
    char folder[SIM_NAME_BYTES];
    struct database_world state;
    uint64_t journal;
    const struct sim_connection *owner; /* holds the lock, or NULL */
    uint64_t lease_until_us;            /* 0: none */
};

struct sim_database {
    struct sim_rows rows;
    struct sim_world worlds[SIM_WORLDS_MAX];
    uint32_t world_count;
    struct sim_types types;
    uint64_t calls, fault_call;
    enum sim_database_fault fault;
    struct sim_quarantine *quarantine;
    struct sim_refused refused;
    uint32_t refused_chunks; /* loads to come that are refused */
    uint64_t now_us;
    uint32_t failovers; /* so far */
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
    database->quarantine = calloc(1, sizeof *database->quarantine);
    ensure(database->quarantine != NULL);
    return database;
}

/* The rows as whoever loads sees them. */
static const struct sim_rows *sim_view(const struct sim_database *database)
{
    return sim_quarantine_view(database->quarantine, &database->rows);
}

void sim_database_destroy(struct sim_database **database)
{
    if (*database == NULL)
        return;
    sim_rows_free(&(*database)->rows);
    sim_quarantine_free((*database)->quarantine);
    free((*database)->quarantine);
    free(*database);
    *database = NULL;
}

struct sim_database *sim_database_copy(const struct sim_database *database)
{
    struct sim_database *copy = sim_database_create();
    struct sim_quarantine *quarantine = copy->quarantine;
    *copy = *database;
    copy->quarantine = quarantine;
    sim_quarantine_copy(database->quarantine, quarantine);
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
    sim_quarantine_free(database->quarantine);
    sim_quarantine_copy(standby->quarantine, database->quarantine);
    memcpy(database->worlds, standby->worlds, sizeof database->worlds);
    database->failovers++;
}

void sim_database_refuse(struct sim_database *database, enum change_kind kind, uint32_t ppm)
{
    database->refused = (struct sim_refused){kind, ppm};
}

uint32_t sim_database_quarantined(const struct sim_database *database)
{
    return database->quarantine->rows.count;
}

void sim_database_set_time(struct sim_database *database, uint64_t now_us)
{
    database->now_us = now_us;
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
    const struct sim_rows *rows = sim_view(database);
    for (uint32_t i = 0; i < rows->count; i++)
        count += rows->rows[i]->change.kind == kind;
    return count;
}

const struct change *sim_database_row(const struct sim_database *database, uint32_t index)
{
    const struct sim_rows *rows = sim_view(database);
    return index < rows->count ? &rows->rows[index]->change : NULL;
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
        .has_lease = world->lease_until_us > 0,
        .lease_left_us = (int64_t)(world->lease_until_us - database->now_us),
    };
    if (owner.has_lease && owner.lease_left_us < 0)
        world->owner = NULL; /* its connection is closed */
    if (world->owner != NULL && world->owner != connection) {
        (void)database_tell_owner(&owner, options->world, error);
        return DATABASE_FAILED;
    }
    if (!database_check_owner(&owner, options, error))
        return DATABASE_FAILED;
    enum database_result result = sim_types_sync(
        &database->types, &(struct sim_types_use){sim_view(database), world->state.id}, catalog,
        error);
    if (result != DATABASE_OK)
        return result;
    world->owner = connection;
    world->journal = options->journal;
    (void)snprintf(world->folder, sizeof world->folder, "%s", options->folder);
    world->state.epoch++;
    world->lease_until_us = options->lease_us > 0 ? database->now_us + options->lease_us : 0;
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
        result = sim_types_sync(&connection->database->types,
                                &(struct sim_types_use){sim_view(connection->database), world},
                                catalog, error);
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
    if (found->state.epoch > world->epoch || found->journal != world->journal ||
        found->state.timeline != world->timeline) {
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
    world->quarantine = found->state.quarantine;
    return sim_leave(connection, DATABASE_OK, error);
}

/* Writes rows in their order; those that are refused stay in, or go to, the quarantine. */
static struct quarantined_retried sim_write_rows(struct sim_database *database, uint64_t world,
                                                 const struct batch_row *rows, uint32_t count)
{
    struct quarantined_retried done = {.applied = 0};
    for (uint32_t i = 0; i < count; i++) {
        const char *reason =
            sim_refusal(&database->refused, &database->rows, world, &rows[i].change);
        if (reason == NULL) {
            sim_rows_write(&database->rows, world, &rows[i].change);
            done.applied++;
        } else {
            (void)sim_quarantine_put(database->quarantine, world, &rows[i], reason);
            done.refused++;
        }
    }
    database->quarantine->is_fresh = false;
    return done;
}

/* As far as can be seen before anything is written. */
static bool sim_has_quarantine_room(const struct sim_database *database, uint64_t world,
                                    const struct batch_row *rows, uint32_t count)
{
    uint32_t refused = database->quarantine->rows.count;
    for (uint32_t i = 0; i < count; i++)
        refused += sim_refusal(&database->refused, &database->rows, world, &rows[i].change) != NULL;
    return refused <= QUARANTINED_MAX;
}

static enum database_result sim_commit(struct sim_connection *connection,
                                       const struct database_world *world, struct batch *batch,
                                       struct error *error)
{
    struct sim_database *database = connection->database;
    struct sim_world *found = sim_world_by_id(database, world->id);
    uint32_t count = batch->count - batch->aside;
    if (found->state.epoch != world->epoch || found->state.applied_seq != batch->from_seq - 1) {
        error_set(error, "the world has another owner now, or another applied_seq");
        return DATABASE_FENCED;
    }
    bool is_divided_so = batch->quarantine == found->state.quarantine;
    batch->quarantine = found->state.quarantine;
    if (!is_divided_so)
        return DATABASE_DIVIDED;
    if (!sim_has_quarantine_room(database, world->id, batch->rows, count)) {
        (void)quarantined_tell_full(error);
        return DATABASE_FAILED;
    }
    struct quarantined_retried done = sim_write_rows(database, world->id, batch->rows, count);
    for (uint32_t i = count; i < batch->count; i++)
        ensure(!sim_quarantine_put(database->quarantine, world->id, &batch->rows[i], NULL));
    found->state.quarantine += done.refused > 0;
    batch->quarantine = found->state.quarantine;
    found->state.quarantine += sim_quarantine_end(database->quarantine, world->id, batch->to_seq);
    found->state.applied_seq = batch->to_seq;
    found->state.tick = batch->tick;
    found->state.hash = batch->hash;
    return DATABASE_OK;
}

static enum database_result sim_apply(void *state, const struct database_world *world,
                                      struct batch *batch, struct error *error)
{
    enum database_result result = sim_enter(state, error);
    if (result == DATABASE_OK)
        result = sim_commit(state, world, batch, error);
    return sim_leave(state, result, error);
}

static enum database_result sim_next_quarantined(void *state, uint64_t world,
                                                 struct quarantined *entry, struct error *error)
{
    struct sim_connection *connection = state;
    enum database_result result = sim_enter(connection, error);
    if (result == DATABASE_OK)
        result = sim_quarantine_next(connection->database->quarantine, world, entry);
    return sim_leave(connection, result, error);
}

/* Begins a call that only the world's owner may make; *out is the world. */
static enum database_result sim_enter_as_owner(struct sim_connection *connection,
                                               const struct database_world *world,
                                               struct sim_world **out, struct error *error)
{
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    *out = sim_world_by_id(connection->database, world->id);
    if ((*out)->state.epoch == world->epoch)
        return DATABASE_OK;
    error_set(error, "another server has become the world's owner");
    return DATABASE_FENCED;
}

static enum database_result sim_retry_quarantined(void *state, const struct database_world *world,
                                                  const char *key, struct quarantined_retried *out,
                                                  struct error *error)
{
    struct sim_connection *connection = state;
    struct sim_database *database = connection->database;
    struct batch_row *rows = NULL;
    struct sim_world *found;
    enum database_result result = sim_enter_as_owner(connection, world, &found, error);
    if (result != DATABASE_OK)
        return result;
    uint32_t count = sim_quarantine_waiting(database->quarantine, world->id, key, &rows);
    *out = sim_write_rows(database, world->id, rows, count);
    for (uint32_t i = 0; i < count; i++) {
        if (sim_refusal(&database->refused, &database->rows, world->id, &rows[i].change) == NULL)
            sim_quarantine_remove(database->quarantine, world->id, &rows[i].change);
    }
    free(rows);
    found->state.quarantine += out->applied > 0;
    return sim_leave(connection, DATABASE_OK, error);
}

static enum database_result sim_drop_quarantined(void *state, const struct database_world *world,
                                                 const char *key, uint32_t *out_count,
                                                 struct error *error)
{
    struct sim_connection *connection = state;
    struct sim_world *found;
    enum database_result result = sim_enter_as_owner(connection, world, &found, error);
    if (result != DATABASE_OK)
        return result;
    *out_count = sim_quarantine_drop(connection->database->quarantine, world->id, key);
    return sim_leave(connection, DATABASE_OK, error);
}

static enum database_result sim_renew(void *state, const struct database_world *world,
                                      uint64_t lease_us, struct error *error)
{
    struct sim_connection *connection = state;
    struct sim_world *found;
    enum database_result result = sim_enter_as_owner(connection, world, &found, error);
    if (result != DATABASE_OK)
        return result;
    found->lease_until_us = connection->database->now_us + lease_us;
    return sim_leave(connection, DATABASE_OK, error);
}

static enum database_result sim_settle_dropped(void *state, const struct database_world *world,
                                               uint64_t seq, struct error *error)
{
    struct sim_connection *connection = state;
    struct sim_world *found;
    enum database_result result = sim_enter_as_owner(connection, world, &found, error);
    if (result != DATABASE_OK)
        return result;
    sim_quarantine_settle(connection->database->quarantine, world->id, seq);
    return sim_leave(connection, DATABASE_OK, error);
}

static enum database_result sim_load_row(void *state, uint64_t world, const struct change *change,
                                         struct change *out_row, struct error *error)
{
    struct sim_connection *connection = state;
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    const struct sim_row *row = sim_rows_get(&connection->database->rows, world, change);
    *out_row = row != NULL ? row->change : *change;
    if (row == NULL)
        quarantined_make_gone(out_row);
    return sim_leave(connection, DATABASE_OK, error);
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
    const struct sim_rows *rows = sim_view(database);
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    struct sim_key key = {.world = world, .kind = CHANGE_CHUNK, .chunk = {INT32_MIN, INT32_MIN}};
    out->count = 0;
    for (uint32_t i = sim_rows_find(rows, &key); i < rows->count; i++) {
        const struct sim_row *row = rows->rows[i];
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
    const struct sim_rows *rows = sim_view(database);
    struct sim_key key = {.world = world, .kind = kind, .chunk = content->chunk};
    bool is_ordered = kind != CHANGE_STRUCTURE;
    if (!is_ordered)
        key.chunk = (struct chunk_pos){0, 0};
    for (uint32_t i = sim_rows_find(rows, &key); i < rows->count; i++) {
        const struct change *change = &rows->rows[i]->change;
        if (rows->rows[i]->world != world || change->kind != kind)
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
    const struct sim_rows *rows = sim_view(database);
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct change *change = &rows->rows[i]->change;
        if (rows->rows[i]->world != world ||
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
    const struct sim_rows *rows = sim_view(database);
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    result = DATABASE_NOT_FOUND;
    for (uint32_t i = 0; i < rows->count; i++) {
        if (!sim_refusal_is_name(rows->rows[i], (const uint8_t *)name, (uint32_t)strlen(name)))
            continue;
        sim_give_account(rows->rows[i], out);
        result = DATABASE_OK;
    }
    const struct sim_row *laid = sim_quarantine_named(database->quarantine, name);
    if (laid != NULL) {
        sim_give_account(laid, out);
        result = DATABASE_OK;
    }
    for (uint32_t i = 0; i < rows->count && result == DATABASE_OK; i++) {
        const struct sim_row *row = rows->rows[i];
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
    const struct sim_rows *rows = sim_view(database);
    int64_t uses = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct change *change = &rows->rows[i]->change;
        if (rows->rows[i]->world != world)
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
    const struct sim_rows *rows = sim_view(database);
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    out->config_count = out->image_count = 0;
    for (uint32_t i = 0; i < rows->count && result == DATABASE_OK; i++) {
        const struct sim_row *row = rows->rows[i];
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
    const struct sim_rows *rows = sim_view(database);
    enum database_result result = sim_enter(connection, error);
    if (result != DATABASE_OK)
        return result;
    result = DATABASE_NOT_FOUND;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct sim_row *row = rows->rows[i];
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
    .renew = sim_renew,
    .find_position = sim_find_position,
    .apply = sim_apply,
    .next_quarantined = sim_next_quarantined,
    .retry_quarantined = sim_retry_quarantined,
    .drop_quarantined = sim_drop_quarantined,
    .settle_dropped = sim_settle_dropped,
    .load_row = sim_load_row,
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
