#include "wire/content.h"

#include <string.h>

#include "testing.h"

#include "base/memory.h"
#include "sample.h"

struct bench {
    struct catalog *catalog;
    struct world world;
    struct content *content, *other;
    struct content_codec *codec;
    uint8_t *bytes, *again;
};

static void bench_make(struct bench *bench)
{
    bench->catalog = sample_catalog_make();
    sample_world_make(&bench->world, bench->catalog);
    bench->content = memory_reserve("test", 1, sizeof *bench->content);
    bench->other = memory_reserve("test", 1, sizeof *bench->other);
    bench->bytes = memory_reserve("test", 1, CONTENT_BYTES_MAX);
    bench->again = memory_reserve("test", 1, CONTENT_BYTES_MAX);
    bench->codec = content_codec_create();
}

static void bench_finish(struct bench *bench)
{
    content_codec_destroy(&bench->codec);
    content_codec_destroy(&bench->codec);
    memory_release(bench->content);
    memory_release(bench->other);
    memory_release(bench->bytes);
    memory_release(bench->again);
    world_finish(&bench->world);
    catalog_destroy(&bench->catalog);
}

static bool is_same(const struct content *a, const struct content *b)
{
    bool is_equal = grid_is_same_chunk(a->chunk, b->chunk) && a->cell_count == b->cell_count &&
                    a->entity_count == b->entity_count;
    for (uint32_t i = 0; is_equal && i < a->cell_count; i++)
        is_equal = schema_is_equal(change_schema(CHANGE_CELL), &a->cells[i], &b->cells[i]);
    for (uint32_t i = 0; is_equal && i < a->entity_count; i++)
        is_equal = schema_is_equal(change_schema(CHANGE_ENTITY), &a->entities[i], &b->entities[i]);
    is_equal =
        is_equal && a->structure_count == b->structure_count && a->pile_count == b->pile_count;
    for (uint32_t i = 0; is_equal && i < a->structure_count; i++)
        is_equal =
            schema_is_equal(change_schema(CHANGE_STRUCTURE), &a->structures[i], &b->structures[i]);
    for (uint32_t i = 0; is_equal && i < a->pile_count; i++)
        is_equal = schema_is_equal(change_schema(CHANGE_PILE), &a->piles[i], &b->piles[i]);
    return is_equal;
}

/* A row of structures along each edge, half out of the chunk where the world goes on, and piles: no
 * more than there is room for beside the entities. */
static void make_things(struct content *content, struct rng *rng, uint32_t entity_count)
{
    uint32_t weight = WORLD_CHUNK_ENTITIES_MAX - entity_count;
    for (uint32_t i = 0; i < 20 && weight > 100; i++, weight -= 4) {
        struct change change = {.kind = CHANGE_STRUCTURE};
        struct cell_area area;
        change.structure = (struct change_structure){
            .id = {rng_next(rng) % ID_MAX + 1},
            .cell = grid_cell_at(content->chunk, i % 10 * 6 + i / 10 * (GRID_CHUNK_AREA - 64)),
            .is_there = 1,
            .type = SAMPLE_SHED,
            .width = 4,
            .height = 3,
            .left = (uint32_t)rng_below(rng, 3),
            .top = i / 10 == 0 ? 2 : 0,
            .image = (uint32_t)rng_below(rng, 3),
        };
        if (change_area(&change, &area))
            ck_assert(content_add(content, &change));
        change = (struct change){.kind = CHANGE_PILE};
        change.pile = (struct change_pile){
            .id = {i + 1},
            .cell = grid_cell_at(content->chunk, (uint32_t)rng_below(rng, GRID_CHUNK_AREA)),
            .stack = {.type = SAMPLE_SIGN, .quantity = i % 9 + 1, .tick = rng_next(rng)},
            .until = rng_next(rng) & TICK_MAX,
        };
        ck_assert(content_add(content, &change));
    }
}

/* Random content of a chunk, in any order, with each entity once. */
static void make_content(struct bench *bench, struct rng *rng, struct chunk_pos chunk,
                         uint32_t entity_count)
{
    struct content *content = bench->content;
    const struct chunk *base = world_add_chunk(&bench->world, chunk);
    uint32_t first = (uint32_t)rng_below(rng, GRID_CHUNK_AREA);
    uint32_t cell_count = (uint32_t)rng_below(rng, GRID_CHUNK_AREA + 1);
    uint64_t newest = 1 + (rng_next(rng) >> (1 + rng_below(rng, 60)));
    content_clear(content, chunk);
    for (uint32_t i = 0; i < cell_count; i++) {
        struct cell_pos cell = grid_cell_at(chunk, (first + i * 1365) % GRID_CHUNK_AREA);
        uint8_t natural = base->base.natural[grid_cell_index(cell)];
        content->cells[content->cell_count++] =
            (struct change_cell){cell, 1, bench->catalog->natural_types[natural]};
    }
    for (uint32_t i = 0; i < entity_count; i++) {
        struct cell_pos cell = grid_cell_at(chunk, (uint32_t)rng_below(rng, GRID_CHUNK_AREA));
        uint32_t type = (uint32_t)rng_below(rng, 3) + SAMPLE_BLOCK;
        content->entities[content->entity_count++] =
            (struct change_entity){{newest + i},
                                   cell,
                                   type,
                                   (uint32_t)rng_below(rng, 2) * 7,
                                   {rng_below(rng, 400)},
                                   rng_below(rng, 2) * (TICK_MAX - i)};
    }
    world_remove_chunk(&bench->world, world_find_chunk(&bench->world, chunk));
    make_things(content, rng, entity_count);
    content_sort(content);
}

/* content -> bytes -> content -> chunk -> content -> bytes: always the same, and the world hash,
 * which counts what is not resident too, stays. */
static void ck_assert_round(struct bench *bench)
{
    struct content *content = bench->content, *other = bench->other;
    struct error error = {""};
    struct hash128 before = bench->world.hash;
    size_t size = content_encode(bench->codec, content, bench->bytes, CONTENT_BYTES_MAX);
    ck_assert_uint_gt(size, 0);
    ck_assert(content_decode(bench->codec, bench->bytes, size, content->chunk, other));
    ck_assert(is_same(content, other));
    struct chunk *chunk = world_add_chunk(&bench->world, content->chunk);
    ck_assert_msg(content_load(&bench->world, other, &error), "%s", error.text);
    ck_assert(hash_is_equal(chunk->hash, content_hash(content)));
    content_clear(other, (struct chunk_pos){9, 9});
    content_gather(&bench->world, chunk, other);
    ck_assert(is_same(content, other));
    ck_assert_uint_eq(content_encode(bench->codec, other, bench->again, CONTENT_BYTES_MAX), size);
    ck_assert_mem_eq(bench->bytes, bench->again, size);
    world_remove_chunk(&bench->world, chunk);
    ck_assert(hash_is_equal(bench->world.hash, before));
}

START_TEST(test_content_comes_back)
{
    static const struct chunk_pos chunks[] = {
        {0, 0}, {-1, -1}, {GRID_CHUNK_MIN, GRID_CHUNK_MAX}, {GRID_CHUNK_MAX, GRID_CHUNK_MIN}};
    struct bench bench;
    struct rng rng;
    rng_init(&rng, 61);
    bench_make(&bench);
    for (uint32_t i = 0; i < 120; i++) {
        uint32_t count = (uint32_t)rng_below(&rng, CONTENT_ENTITIES_MAX) >> rng_below(&rng, 13);
        make_content(&bench, &rng, chunks[i % 4], i % 10 == 0 ? CONTENT_ENTITIES_MAX : count);
        ck_assert_round(&bench);
    }
    bench_finish(&bench);
}
END_TEST

START_TEST(test_small_contents_are_small)
{
    struct bench bench;
    bench_make(&bench);
    content_clear(bench.content, (struct chunk_pos){3, -3});
    ck_assert_uint_eq(content_encode(bench.codec, bench.content, bench.bytes, 64), 5);
    ck_assert(content_decode(bench.codec, bench.bytes, 5, bench.content->chunk, bench.other));
    ck_assert(is_same(bench.content, bench.other));
    bench.content->cells[bench.content->cell_count++] =
        (struct change_cell){grid_cell_at(bench.content->chunk, 5), 1, 0};
    bench.content->entities[bench.content->entity_count++] = (struct change_entity){
        {1 << 20}, grid_cell_at(bench.content->chunk, 5), SAMPLE_SIGN, 0, {9}, 300};
    size_t size = content_encode(bench.codec, bench.content, bench.bytes, 64);
    static const uint8_t expected[] = {0,    1,    1, 0, 0, 5, 0, 0, 5,    0x80,
                                       0x80, 0x80, 1, 1, 6, 0, 9, 0, 0xac, 2};
    ck_assert_uint_eq(size, sizeof expected);
    ck_assert_mem_eq(bench.bytes, expected, size);
    for (size_t room = 0; room < size; room++)
        ck_assert_uint_eq(content_encode(bench.codec, bench.content, bench.again, room), 0);
    bench_finish(&bench);
}
END_TEST

/* Every number as long as it can be, and nothing that zstd could make shorter: it still fits. */
START_TEST(test_largest_content_fits)
{
    struct bench bench;
    struct rng rng;
    rng_init(&rng, 62);
    bench_make(&bench);
    struct content *content = bench.content;
    content_clear(content, (struct chunk_pos){0, 0});
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++)
        content->cells[content->cell_count++] =
            (struct change_cell){grid_cell_at(content->chunk, i), 1, 1023 - i % 800};
    for (uint32_t i = 0; i < CONTENT_ENTITIES_MAX; i++) {
        uint64_t id = i % 2 == 0 ? 1 + (rng_next(&rng) >> 60) : ID_MAX - (rng_next(&rng) >> 44);
        content->entities[content->entity_count++] =
            (struct change_entity){{id},
                                   grid_cell_at(content->chunk, i * 2 / 3),
                                   1 + (i * 7 + 300) % 1023,
                                   UINT32_MAX - (uint32_t)rng_below(&rng, 1 << 20),
                                   {ID_MAX - (rng_next(&rng) >> 2)},
                                   TICK_MAX - (rng_next(&rng) >> 30)};
    }
    content_sort(content);
    size_t size = content_encode(bench.codec, content, bench.bytes, CONTENT_BYTES_MAX);
    ck_assert_uint_gt(size, CONTENT_BYTES_MAX / 3);
    ck_assert(content_decode(bench.codec, bench.bytes, size, content->chunk, bench.other));
    ck_assert(is_same(content, bench.other));
    bench_finish(&bench);
}
END_TEST

START_TEST(test_much_is_compressed)
{
    struct bench bench;
    bench_make(&bench);
    content_clear(bench.content, (struct chunk_pos){0, 0});
    for (uint32_t i = 0; i < 4096; i++)
        bench.content->cells[bench.content->cell_count++] =
            (struct change_cell){grid_cell_at(bench.content->chunk, i), 1, 0};
    size_t size = content_encode(bench.codec, bench.content, bench.bytes, CONTENT_BYTES_MAX);
    ck_assert_uint_lt(size, 200);
    ck_assert_uint_eq(bench.bytes[0], 1);
    ck_assert(
        content_decode(bench.codec, bench.bytes, size, (struct chunk_pos){0, 0}, bench.other));
    ck_assert(is_same(bench.content, bench.other));
    bench_finish(&bench);
}
END_TEST

/* What is added in any order is the same content in the end. */
START_TEST(test_sorting_makes_it_canonical)
{
    struct bench bench;
    struct rng rng;
    rng_init(&rng, 63);
    bench_make(&bench);
    make_content(&bench, &rng, (struct chunk_pos){-5, 5}, 700);
    *bench.other = *bench.content;
    for (uint32_t i = bench.other->entity_count - 1; i > 0; i--) {
        uint32_t j = (uint32_t)rng_below(&rng, i + 1);
        struct change_entity swapped = bench.other->entities[i];
        bench.other->entities[i] = bench.other->entities[j];
        bench.other->entities[j] = swapped;
    }
    ck_assert(hash_is_equal(content_hash(bench.content), content_hash(bench.other)));
    ck_assert(!is_same(bench.content, bench.other));
    content_sort(bench.other);
    ck_assert(is_same(bench.content, bench.other));
    bench_finish(&bench);
}
END_TEST

static void ck_assert_not_loaded(struct bench *bench, const char *words)
{
    struct error error = {""};
    struct chunk *chunk = world_add_chunk(&bench->world, bench->content->chunk);
    ck_assert(!content_load(&bench->world, bench->content, &error));
    ck_assert_msg(strstr(error.text, words) != NULL, "\"%s\" not in \"%s\"", words, error.text);
    world_remove_chunk(&bench->world, chunk);
}

START_TEST(test_what_does_not_fit_is_not_loaded)
{
    struct bench bench;
    bench_make(&bench);
    struct chunk_pos pos = {2, 2};
    struct content *content = bench.content;
    (void)world_add_chunk(&bench.world, (struct chunk_pos){0, 0});
    content_clear(content, pos);
    content->entity_count = 1;
    content->entities[0] = (struct change_entity){{1}, grid_cell_at(pos, 7), 4, 0, {0}, 0};
    ck_assert_not_loaded(&bench, "type 4 is not in the catalogue");
    content->entities[0] = (struct change_entity){{1}, {0, 0}, SAMPLE_SIGN, 0, {0}, 0};
    ck_assert_not_loaded(&bench, "cell (0,0) is not in chunk (2,2)");
    content->entities[0] = (struct change_entity){{1}, grid_cell_at(pos, 7), 0, 0, {0}, 0};
    ck_assert_not_loaded(&bench, "not there is removed");
    content->entities[0].type = SAMPLE_SIGN;
    content->entities[content->entity_count++] = content->entities[0];
    ck_assert_not_loaded(&bench, "is there twice");
    content->entities[1].cell.x++;
    ck_assert_not_loaded(&bench, "an entity moves");
    content_clear(content, pos);
    content->cell_count = 1;
    content->cells[0] = (struct change_cell){grid_cell_at(pos, 9), 1, 999};
    ck_assert_not_loaded(&bench, "another thing is generated there");
    ck_assert_uint_eq(bench.world.entity_pool.used, 0);
    bench_finish(&bench);
}
END_TEST

static bool decode_flipped(struct bench *bench, struct rng *rng, size_t size)
{
    memcpy(bench->again, bench->bytes, size);
    for (uint64_t flips = 1 + rng_below(rng, 3); flips > 0; flips--)
        bench->again[rng_below(rng, size)] ^= (uint8_t)(1 << rng_below(rng, 8));
    if (rng_below(rng, 4) == 0)
        size = rng_below(rng, size);
    return content_decode(bench->codec, bench->again, size, bench->content->chunk, bench->other);
}

/* Whatever decodes is well formed: it encodes to bytes that decode to the same. */
START_TEST(test_hostile_bytes)
{
    struct bench bench;
    struct rng rng;
    uint32_t decoded = 0, refused = 0;
    rng_init(&rng, 64);
    bench_make(&bench);
    for (uint32_t i = 0; i < 3000; i++) {
        if (i % 100 == 0)
            make_content(&bench, &rng, (struct chunk_pos){1, -1}, (i / 100 % 3) * 50);
        if (i % 100 == 0 && i % 200 == 0)
            bench.content->cell_count %= 50;
        size_t size = content_encode(bench.codec, bench.content, bench.bytes, CONTENT_BYTES_MAX);
        if (!decode_flipped(&bench, &rng, size)) {
            refused++;
            continue;
        }
        decoded++;
        struct content *saved = bench.content;
        size = content_encode(bench.codec, bench.other, bench.again, CONTENT_BYTES_MAX);
        bench.content = bench.other;
        bench.other = saved;
        ck_assert(
            content_decode(bench.codec, bench.again, size, bench.content->chunk, bench.other));
        ck_assert(is_same(bench.content, bench.other));
    }
    ck_assert_uint_gt(decoded, 100);
    ck_assert_uint_gt(refused, 100);
    bench_finish(&bench);
}
END_TEST

START_TEST(test_malformed_bytes_are_refused)
{
    static const uint8_t bad[][14] = {
        {2, 0, 0, 0, 0},                         /* an unknown packing */
        {1, 0, 0, 0, 0},                         /* not zstd */
        {0, 0x81, 0x20, 0, 0, 0},                /* 4,097 cells */
        {0, 0, 0x81, 0x30, 0, 0},                /* 6,145 entities */
        {0, 0, 0, 0x81, 0x08, 0},                /* 1,025 structures */
        {0, 0, 0, 0, 0x81, 0x08},                /* 1,025 piles */
        {0, 0, 0, 0, 1, 1},                      /* a pile that is cut off */
        {0, 1, 0, 0, 0, 0x80, 0x20, 0, 0},       /* cell 4,096 */
        {0, 2, 0, 0, 0, 5, 0, 0, 0, 0},          /* the same cell twice */
        {0, 1, 0, 0, 0, 5, 1, 0},                /* number 1 of an empty palette */
        {0, 0, 1, 0, 0, 5, 0, 0, 6, 0, 9, 0, 0}, /* id 0 */
        {0, 0, 1, 0, 0, 5, 2, 0, 0, 0, 9, 0, 0}, /* type 0 */
        {0, 0, 1, 0, 0, 5, 1, 0, 6, 0, 9, 0, 0}, /* id -1 */
    };
    static const uint8_t sizes[] = {5, 5, 6, 6, 6, 6, 6, 9, 9, 8, 13, 13, 13};
    static const uint8_t good[] = {0, 0, 1, 0, 0, 5, 2, 0, 6, 0, 9, 0, 0};
    static const uint8_t twice[] = {0, 0, 2, 0, 0, 5, 4, 0, 6, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0};
    struct bench bench;
    struct chunk_pos chunk = {0, 0};
    bench_make(&bench);
    ck_assert(content_decode(bench.codec, good, sizeof good, chunk, bench.content));
    for (size_t i = 0; i < sizeof sizes; i++)
        ck_assert_msg(!content_decode(bench.codec, bad[i], sizes[i], chunk, bench.content), "%zu",
                      i);
    ck_assert(!content_decode(bench.codec, twice, sizeof twice, chunk, bench.content));
    ck_assert(!content_decode(bench.codec, good, 0, chunk, bench.content));
    ck_assert(!content_decode(bench.codec, good, sizeof good,
                              (struct chunk_pos){GRID_CHUNK_MAX + 1, 0}, bench.content));
    bench_finish(&bench);
}
END_TEST

TESTING_MAIN("content", test_content_comes_back, test_small_contents_are_small,
             test_largest_content_fits, test_much_is_compressed, test_sorting_makes_it_canonical,
             test_what_does_not_fit_is_not_loaded, test_hostile_bytes,
             test_malformed_bytes_are_refused)
