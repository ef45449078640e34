#include "world/chunk.h"

#include <string.h>

#include "testing.h"

#include "sample.h"

enum { CHUNKS = 4 };

/* The four chunks around (0,0), with nothing on them. */
struct ground {
    struct catalog *catalog;
    struct world world;
    struct chunk *chunks[CHUNKS]; /* (0,0), (-1,0), (0,-1), (-1,-1) */
};

static void begin(struct ground *ground)
{
    ground->catalog = sample_catalog_make();
    sample_world_make(&ground->world, ground->catalog);
    for (int32_t i = 0; i < CHUNKS; i++) {
        struct chunk *chunk =
            world_add_chunk(&ground->world, (struct chunk_pos){-(i % 2), -(i / 2)});
        memset(chunk->base.terrain, TERRAIN_GRASSLAND, sizeof chunk->base.terrain);
        memset(chunk->base.natural, NATURAL_NONE, sizeof chunk->base.natural);
        memset(chunk->solid, 0, sizeof chunk->solid);
        ground->chunks[i] = chunk;
    }
}

static void finish(struct ground *ground)
{
    world_finish(&ground->world);
    catalog_destroy(&ground->catalog);
}

/* A shed of 3 x 2, named by its cell 1,0. */
static struct change shed_at(uint64_t id, int32_t x, int32_t y)
{
    struct change change = {.kind = CHANGE_STRUCTURE};
    change.structure = (struct change_structure){.id = {id},
                                                 .cell = {x, y},
                                                 .is_there = 1,
                                                 .type = SAMPLE_SHED,
                                                 .width = 3,
                                                 .height = 2,
                                                 .left = 1,
                                                 .image = 4};
    return change;
}

static struct change pile_at(uint64_t id, struct cell_pos cell, uint64_t until)
{
    struct change change = {.kind = CHANGE_PILE};
    change.pile =
        (struct change_pile){{id}, cell, {.type = SAMPLE_SIGN, .quantity = 2, .image = 6}, until};
    return change;
}

static uint32_t count_bits(const uint64_t *bits)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++)
        count += (bits[i / 64] >> (i % 64) & 1) != 0;
    return count;
}

/* Each chunk has its own part of the cells: put, put again, and gone. */
START_TEST(a_structure_covers_its_part_of_each_chunk)
{
    struct ground ground;
    static const uint32_t parts[CHUNKS] = {2, 1, 2, 1};
    static const uint32_t solid[CHUNKS] = {2, 1, 1, 1}; /* but for the door at (0,-1) */
    begin(&ground);
    struct change shed = shed_at(9, 0, -1);
    for (uint32_t i = 0; i < CHUNKS; i++) {
        for (uint32_t n = 0; n < 2; n++) {
            shed.structure.image = n;
            chunk_put(&ground.world, ground.chunks[i], &shed);
            ck_assert_uint_eq(count_bits(ground.chunks[i]->covered), parts[i]);
            ck_assert_uint_eq(count_bits(ground.chunks[i]->solid), solid[i]);
            ck_assert_uint_eq(ground.chunks[i]->structure_count, 1);
            ck_assert(hash_is_equal(ground.chunks[i]->hash, change_hash(&shed)));
        }
    }
    ck_assert_uint_eq(ground.world.structure_pool.used, CHUNKS);
    shed.structure.is_there = 0;
    for (uint32_t i = 0; i < CHUNKS; i++) {
        for (uint32_t n = 0; n < 2; n++) /* once more changes nothing */
            chunk_put(&ground.world, ground.chunks[i], &shed);
        ck_assert_uint_eq(count_bits(ground.chunks[i]->covered), 0);
        ck_assert_uint_eq(count_bits(ground.chunks[i]->solid), 0);
        ck_assert(hash_is_equal(ground.chunks[i]->hash, (struct hash128){0, 0}));
        ck_assert_uint_eq(ground.world.structure_pool.used, CHUNKS - 1 - i);
    }
    finish(&ground);
}
END_TEST

/* Measures that content does not have any more: all of it is solid. */
START_TEST(an_old_structure_is_solid_everywhere)
{
    struct ground ground;
    begin(&ground);
    struct change old = shed_at(9, 5, 5), moved = shed_at(10, 15, 15);
    old.structure.height = 3;
    moved.structure.left = 0;
    chunk_put(&ground.world, ground.chunks[0], &old);
    ck_assert_uint_eq(count_bits(ground.chunks[0]->solid), 9);
    chunk_put(&ground.world, ground.chunks[0], &moved);
    ck_assert_uint_eq(count_bits(ground.chunks[0]->solid), 9 + 6);
    ck_assert_uint_eq(count_bits(ground.chunks[0]->covered), 9 + 6);
    finish(&ground);
}
END_TEST

START_TEST(what_is_solid_beneath_stays_solid)
{
    struct ground ground;
    begin(&ground);
    struct cell_pos door = {5, 5};
    struct change shed = shed_at(9, 5, 5);
    struct change block = sample_entity_change(door, 77, SAMPLE_BLOCK);
    chunk_put(&ground.world, ground.chunks[0], &block);
    chunk_put(&ground.world, ground.chunks[0], &shed);
    ck_assert(world_is_solid(&ground.world, door));
    block.entity.type = 0;
    chunk_put(&ground.world, ground.chunks[0], &block);
    ck_assert(!world_is_solid(&ground.world, door));
    struct change sign = sample_entity_change((struct cell_pos){4, 5}, 78, SAMPLE_SIGN);
    chunk_put(&ground.world, ground.chunks[0], &sign);
    ck_assert(world_is_solid(&ground.world, sign.entity.cell)); /* the shed's wall */
    finish(&ground);
}
END_TEST

START_TEST(dues_are_the_earliest)
{
    struct ground ground;
    begin(&ground);
    struct change tree = sample_entity_change((struct cell_pos){1, 1}, 5, SAMPLE_TREE);
    struct change pile = pile_at(6, (struct cell_pos){2, 2}, 900);
    struct change shed = shed_at(9, 5, 5);
    const uint64_t *due = &ground.world.dues[ground.chunks[0] - ground.world.chunks];
    chunk_put(&ground.world, ground.chunks[0], &tree); /* until 0: never */
    chunk_put(&ground.world, ground.chunks[0], &shed);
    ck_assert_uint_eq(*due, WORLD_NEVER);
    chunk_put(&ground.world, ground.chunks[0], &pile);
    ck_assert_uint_eq(*due, 900);
    tree.entity.until = 1000;
    chunk_put(&ground.world, ground.chunks[0], &tree);
    ck_assert_uint_eq(*due, 900);
    tree.entity.until = 500;
    chunk_put(&ground.world, ground.chunks[0], &tree);
    ck_assert_uint_eq(*due, 500);
    tree.entity.type = 0;
    tree.entity.until = 0;
    chunk_put(&ground.world, ground.chunks[0], &tree);
    ck_assert_uint_le(*due, 900); /* no later than what is still there */
    for (uint32_t i = 1; i < CHUNKS; i++)
        ck_assert_uint_eq(ground.world.dues[ground.chunks[i] - ground.world.chunks], WORLD_NEVER);
    world_remove_chunk(&ground.world, ground.chunks[0]);
    ck_assert_uint_eq(*due, WORLD_NEVER);
    finish(&ground);
}
END_TEST

START_TEST(weights_and_counts)
{
    struct ground ground;
    begin(&ground);
    struct chunk *chunk = ground.chunks[0];
    struct change sign = sample_entity_change((struct cell_pos){1, 1}, 5, SAMPLE_SIGN);
    struct change pile = pile_at(6, (struct cell_pos){1, 1}, 9), shed = shed_at(9, 5, 5);
    chunk_put(&ground.world, chunk, &sign);
    ck_assert_uint_eq(world_weight(chunk), 1);
    chunk_put(&ground.world, chunk, &pile);
    chunk_put(&ground.world, chunk, &pile);
    ck_assert_uint_eq(world_weight(chunk), 1 + WORLD_PILE_WEIGHT);
    chunk_put(&ground.world, chunk, &shed);
    ck_assert_uint_eq(world_weight(chunk), 1 + WORLD_PILE_WEIGHT + WORLD_STRUCTURE_WEIGHT);
    ck_assert_uint_eq(world_weight(ground.chunks[1]), 0);
    pile.pile.stack = (struct stack){.type = 0};
    chunk_put(&ground.world, chunk, &pile);
    chunk_put(&ground.world, chunk, &pile);
    ck_assert_uint_eq(world_weight(chunk), 1 + WORLD_STRUCTURE_WEIGHT);
    ck_assert_uint_eq(ground.world.pile_pool.used, 0);
    finish(&ground);
}
END_TEST

START_TEST(the_look_that_a_key_has)
{
    struct ground ground;
    begin(&ground);
    struct change sign = sample_entity_change((struct cell_pos){1, 1}, 5, SAMPLE_SIGN);
    struct change kept = sample_cell_change(&ground.world, (struct cell_pos){1, 1}, true);
    struct change all[] = {sign, pile_at(6, (struct cell_pos){1, 1}, 9), shed_at(9, 5, 5), kept};
    static const uint32_t looks[] = {3, 6, 4, 0};
    all[0].entity.image = 3;
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(chunk_image_of(&ground.world, ground.chunks[0], &all[i]), 0);
        chunk_put(&ground.world, ground.chunks[0], &all[i]);
        ck_assert_uint_eq(chunk_image_of(&ground.world, ground.chunks[0], &all[i]), looks[i]);
    }
    finish(&ground);
}
END_TEST

static void refuse(const struct ground *ground, struct change change, const char *word)
{
    struct error error = {""};
    ck_assert(!chunk_check(&ground->world, ground->chunks[0], &change, &error));
    ck_assert_msg(strstr(error.text, word) != NULL, "%s", error.text);
}

static void accept(const struct ground *ground, struct change change)
{
    struct error error = {""};
    ck_assert_msg(chunk_check(&ground->world, ground->chunks[0], &change, &error), "%s",
                  error.text);
}

START_TEST(structures_that_cannot_be)
{
    struct ground ground;
    begin(&ground);
    struct change shed = shed_at(9, 5, 5), other = shed_at(10, 8, 6), wrong = shed_at(11, 20, 20);
    shed.structure.is_there = 0;
    refuse(&ground, shed, "not there");
    shed.structure.is_there = 1;
    accept(&ground, shed);
    chunk_put(&ground.world, ground.chunks[0], &shed);
    accept(&ground, other); /* beside it */
    other.structure.cell.x = 7;
    refuse(&ground, other, "two structures in cell (6,6)");
    wrong.structure.left = 3;
    refuse(&ground, wrong, "measures");
    wrong.structure.left = 1;
    wrong.structure.top = 2;
    refuse(&ground, wrong, "measures");
    wrong = shed_at(11, GRID_CELL_MIN, 20);
    refuse(&ground, wrong, "measures");
    refuse(&ground, shed_at(11, -9, 5), "does not touch");
    accept(&ground, shed_at(11, -1, -1)); /* with one corner */
    wrong = shed_at(11, 20, 20);
    wrong.structure.type = 4;
    refuse(&ground, wrong, "type 4");
    wrong = shed; /* its cells never change */
    wrong.structure.cell.x++;
    refuse(&ground, wrong, "moves");
    wrong.structure.left++;
    refuse(&ground, wrong, "moves");
    wrong = shed;
    wrong.structure.width++;
    refuse(&ground, wrong, "moves");
    wrong = shed;
    wrong.structure.image++;
    accept(&ground, wrong);
    finish(&ground);
}
END_TEST

START_TEST(piles_that_cannot_be)
{
    struct ground ground;
    begin(&ground);
    struct change pile = pile_at(6, (struct cell_pos){2, 2}, 900), wrong = pile;
    wrong.pile.stack = (struct stack){.type = 0};
    refuse(&ground, wrong, "not there");
    wrong.pile.stack = (struct stack){.type = SAMPLE_SIGN, .wear = 1};
    refuse(&ground, wrong, "such a stack");
    wrong.pile.stack = (struct stack){.type = 4, .quantity = 1};
    refuse(&ground, wrong, "such a stack");
    accept(&ground, pile);
    chunk_put(&ground.world, ground.chunks[0], &pile);
    wrong = pile;
    wrong.pile.cell.y++;
    refuse(&ground, wrong, "moves");
    wrong.pile.cell.y = -1;
    refuse(&ground, wrong, "not in chunk");
    finish(&ground);
}
END_TEST

START_TEST(each_kind_has_its_limit)
{
    struct ground ground;
    begin(&ground);
    struct chunk *chunk = ground.chunks[0];
    struct change one = shed_at(0, 0, 0);
    one.structure.type = SAMPLE_HALL;
    one.structure.width = one.structure.height = 1;
    one.structure.left = 0;
    for (uint32_t i = 0; i < WORLD_CHUNK_STRUCTURES_MAX; i++) {
        one.structure.id.value = i + 1;
        one.structure.cell = grid_cell_at(chunk->pos, i);
        accept(&ground, one);
        chunk_put(&ground.world, chunk, &one);
    }
    one.structure.id.value = 5000;
    one.structure.cell = grid_cell_at(chunk->pos, 4000);
    refuse(&ground, one, "structures in a chunk");
    for (uint32_t i = 0; i < WORLD_CHUNK_PILES_MAX; i++) {
        struct change pile = pile_at(i + 1, grid_cell_at(chunk->pos, i % 9), 5);
        accept(&ground, pile);
        chunk_put(&ground.world, chunk, &pile);
    }
    refuse(&ground, pile_at(6000, grid_cell_at(chunk->pos, 0), 5), "piles in a chunk");
    accept(&ground, pile_at(1, grid_cell_at(chunk->pos, 0), 6)); /* one that is there */
    uint32_t left = WORLD_CHUNK_ENTITIES_MAX - world_weight(chunk);
    for (uint32_t i = 0; i < left; i++) {
        struct change sign =
            sample_entity_change(grid_cell_at(chunk->pos, 2000 + i % 99), 7000 + i, SAMPLE_SIGN);
        accept(&ground, sign);
        chunk_put(&ground.world, chunk, &sign);
    }
    refuse(&ground, sample_entity_change((struct cell_pos){0, 0}, 9999, SAMPLE_SIGN), "things");
    ck_assert_uint_eq(world_weight(chunk), WORLD_CHUNK_ENTITIES_MAX);
    finish(&ground);
}
END_TEST

TESTING_MAIN("chunk", a_structure_covers_its_part_of_each_chunk,
             an_old_structure_is_solid_everywhere, what_is_solid_beneath_stays_solid,
             dues_are_the_earliest, weights_and_counts, the_look_that_a_key_has,
             structures_that_cannot_be, piles_that_cannot_be, each_kind_has_its_limit)
