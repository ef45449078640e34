/* sample.h - a small game for tests: its catalogue, a world over it, and random records.
 *
 * Made for unit tests and fuzz targets of the floors world and above. All of it is deterministic.
 * Use: sample_world_make, then world_finish and catalog_destroy; see tests/unit/world. */
#ifndef TILTH_TESTS_SAMPLE_H
#define TILTH_TESTS_SAMPLE_H

#include <string.h>

#include "base/ensure.h"
#include "base/rng.h"
#include "world/world.h"

/* The types of the sample's catalogue; 4 and 900 are not used. */
enum sample_type {
    SAMPLE_TREE = 1,  /* solid */
    SAMPLE_ROCK = 2,  /* solid */
    SAMPLE_GRASS = 3, /* can be walked through */
    SAMPLE_BLOCK = 5, /* solid */
    SAMPLE_SIGN = 6,  /* can be walked through */
    SAMPLE_ALTAR = 7, /* can be neither placed nor removed */
    SAMPLE_SHED = 8,  /* a structure of 3 x 2; one walks through its primary cell, 1,0 */
    SAMPLE_HALL = 9,  /* one of 4 x 4, all solid */
    SAMPLE_LAST = CATALOG_TYPES_MAX - 1,
};

#define SAMPLE_SEED 4242

/* The catalogue, with ids that leave holes. */
static inline struct catalog *sample_catalog_make(void)
{
    /* clang-format off */
    static const char text[] =
        "{\"terrains\": ["
        "{\"name\": \"water\", \"solid\": true, \"buildable\": false},"
        "{\"name\": \"sand\", \"solid\": false, \"buildable\": true},"
        "{\"name\": \"grassland\", \"solid\": false, \"buildable\": true},"
        "{\"name\": \"forest\", \"solid\": false, \"buildable\": true},"
        "{\"name\": \"rock\", \"solid\": false, \"buildable\": true}],"
        "\"entities\": ["
#define SAMPLE_TYPE(name, type, solid, editable)                                                   \
    "{\"name\": \"" name "\", \"type\": " #type ", \"solid\": " #solid             \
    ", \"placeable\": " #editable ", \"removable\": " #editable "}"
        SAMPLE_TYPE("tree", 1, true, true) ","
        SAMPLE_TYPE("rock", 2, true, true) ","
        SAMPLE_TYPE("grass", 3, false, true) ","
        SAMPLE_TYPE("block", 5, true, true) ","
        SAMPLE_TYPE("sign", 6, false, true) ","
        SAMPLE_TYPE("altar", 7, true, false) ","
        SAMPLE_TYPE("last", 1023, false, true) "],"
        "\"items\": [], \"structures\": ["
        "{\"name\": \"shed\", \"type\": 8, \"placeable\": true, \"removable\": true, "
        "\"width\": 3, \"height\": 2, \"primary\": [1, 0], "
        "\"collision\": [[0, 0], [2, 0], [0, 1], [1, 1], [2, 1]], "
        "\"cost\": [{\"item\": \"block\", \"count\": 4}, {\"item\": \"sign\", \"count\": 1}]},"
        "{\"name\": \"hall\", \"type\": 9, \"placeable\": true, \"removable\": false, "
        "\"width\": 4, \"height\": 4, \"primary\": [0, 0]}"
        "], \"skills\": []}";
#undef SAMPLE_TYPE
    /* clang-format on */
    struct error error = {""};
    struct catalog *catalog = catalog_parse(text, sizeof text - 1, &error);
    ensure(catalog != NULL);
    return catalog;
}

/* A world of the catalogue with a little room, and so many slots in a bag. */
static inline void sample_world_make_bags(struct world *world, const struct catalog *catalog,
                                          uint32_t slots_max)
{
    struct world_options options = {
        .catalog = catalog,
        .generator = {SAMPLE_SEED, GENERATOR_VERSION},
        .chunks_max = 16,
        .entities_max = 8192,
        .structures_max = 2048,
        .piles_max = 2048,
        .image_configs_max = 64,
        .images_max = 64,
        .characters_max = 8,
        .slots_max = slots_max,
        .actors_max = 8,
    };
    world_init(world, &options);
}

/* The same with bags of ten slots. */
static inline void sample_world_make(struct world *world, const struct catalog *catalog)
{
    sample_world_make_bags(world, catalog, 10);
}

/* Puts a resident character with an actor into the world: character id and account id are the
 * actor's index + 1, the name is "player". */
static inline void sample_actor_add(struct world *world, uint32_t actor, struct world_pos pos)
{
    static const uint8_t key[CRYPTO_PUBLIC_BYTES] = {1, 2, 3};
    struct change account = {.kind = CHANGE_ACCOUNT}, character = {.kind = CHANGE_CHARACTER};
    account.account =
        (struct change_account){{actor + 1}, {(const uint8_t *)"player", 6}, {key, sizeof key}, 0};
    character.character = (struct change_character){{actor + 1}, {actor + 1}, pos, 0, 0};
    struct character *loaded = world_load_character(world, &account, &character);
    ensure(loaded != NULL && actor < world->actors_max);
    loaded->actor = actor;
    world->actors[actor] = (struct actor){{actor + 1}, pos, DIRECTION_NONE, true};
}

/* A change of a cell; `replaced` as it must be where the chunk is resident. */
static inline struct change sample_cell_change(const struct world *world, struct cell_pos cell,
                                               bool is_kept)
{
    struct change change = {.kind = CHANGE_CELL};
    const struct chunk *chunk = world_find_chunk(world, grid_chunk_of(cell));
    uint8_t natural = chunk == NULL ? 0 : chunk->base.natural[grid_cell_index(cell)];
    change.cell = (struct change_cell){cell, is_kept, world->catalog->natural_types[natural]};
    return change;
}

/* A change of an entity that was placed by character 9; type 0 removes it. */
static inline struct change sample_entity_change(struct cell_pos cell, uint64_t id, uint32_t type)
{
    struct change change = {.kind = CHANGE_ENTITY};
    change.entity = (struct change_entity){{id}, cell, type, 0, {9}, 0};
    return change;
}

/* A number of [min, max]; the ends more often than others. */
static inline uint64_t sample_number(struct rng *rng, uint64_t min, uint64_t max)
{
    uint64_t range = max - min;
    switch (rng_below(rng, 8)) {
    case 0:
        return min;
    case 1:
        return max;
    case 2:
        return min + (range == 0 ? 0 : rng_below(rng, range) >> rng_below(rng, 64));
    default:
        return min + (range == UINT64_MAX ? rng_next(rng) : rng_below(rng, range + 1));
    }
}

/* A coordinate of [min, max]. */
static inline int32_t sample_coordinate(struct rng *rng, int64_t min, int64_t max)
{
    return (int32_t)(min + (int64_t)sample_number(rng, 0, (uint64_t)(max - min)));
}

/* Room for the bytes of a record's spans. */
struct sample_spans {
    uint8_t bytes[1 << 12];
    uint32_t used;
};

/* A span of random bytes; long ones, beyond 600 bytes, are cut where the field allows it. */
static inline struct span sample_span(struct rng *rng, const struct field *field,
                                      struct sample_spans *spans)
{
    uint64_t max = field->max > 600 ? 600 : field->max;
    struct span span = {spans->bytes + spans->used, (uint32_t)sample_number(rng, field->min, max)};
    ensure(spans->used + span.size_bytes <= sizeof spans->bytes);
    for (uint32_t i = 0; i < span.size_bytes; i++)
        spans->bytes[spans->used++] = (uint8_t)rng_next(rng);
    return span;
}

/* Gives one field of a record a random value in range. */
static inline void sample_field(struct rng *rng, const struct field *field, uint8_t *at,
                                struct sample_spans *spans)
{
    int64_t least[] = {[FIELD_CELL] = GRID_CELL_MIN,
                       [FIELD_CHUNK] = GRID_CHUNK_MIN,
                       [FIELD_POS] = INT32_MIN,
                       [FIELD_INNER] = 0};
    int64_t most[] = {[FIELD_CELL] = GRID_CELL_MAX,
                      [FIELD_CHUNK] = GRID_CHUNK_MAX,
                      [FIELD_POS] = INT32_MAX,
                      [FIELD_INNER] = 0};
    uint64_t number = sample_number(rng, field->min, field->type == FIELD_INNER ? 3 : field->max);
    uint32_t small = (uint32_t)number;
    struct cell_pos pair = {sample_coordinate(rng, least[field->type], most[field->type]),
                            sample_coordinate(rng, least[field->type], most[field->type])};
    struct hash128 hash = {rng_next(rng), rng_next(rng)};
    struct span span;

    switch (field->type) {
    case FIELD_UINT:
        memcpy(at, &small, sizeof small);
        break;
    case FIELD_BIG:
        memcpy(at, &number, sizeof number);
        break;
    case FIELD_CELL:
    case FIELD_CHUNK:
    case FIELD_POS:
        memcpy(at, &pair, sizeof pair);
        break;
    case FIELD_HASH:
        memcpy(at, &hash, sizeof hash);
        break;
    case FIELD_SPAN:
        span = sample_span(rng, field, spans);
        memcpy(at, &span, sizeof span);
        break;
    case FIELD_INNER: /* sometimes all zeros, which has a form of its own */
        for (uint32_t i = 0; i < field->inner->field_count && number % 2 == 0; i++)
            sample_field(rng, &field->inner->fields[i], at + field->inner->fields[i].offset, spans);
        break;
    }
}

/* Fills a record of the schema with random values in range; its spans lie in *spans. */
static inline void sample_record(struct rng *rng, const struct schema *schema, void *record,
                                 struct sample_spans *spans)
{
    spans->used = 0;
    memset(record, 0, schema->size_bytes);
    for (uint32_t i = 0; i < schema->field_count; i++)
        sample_field(rng, &schema->fields[i], (uint8_t *)record + schema->fields[i].offset, spans);
}

#endif
