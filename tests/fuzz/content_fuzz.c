/* A chunk's content and a generated chunk, as they come from a server, Redis or a journal: what
 * decodes encodes again, and goes into a world or is refused in words. */
#include "fuzz/fuzz.h"

#include "base/ensure.h"
#include "base/memory.h"
#include "sample.h"
#include "wire/content.h"

struct bench {
    struct content_codec *codec;
    struct content *content, *decoded;
    struct generator_chunk *base;
    struct catalog *catalog;
    struct world world;
    uint8_t *again;
};

static struct bench bench_make(void)
{
    struct bench bench = {.codec = content_codec_create()};
    bench.content = memory_reserve("fuzz", 1, sizeof *bench.content);
    bench.base = memory_reserve("fuzz", 1, sizeof *bench.base);
    bench.decoded = memory_reserve("fuzz", 1, sizeof *bench.decoded);
    bench.again = memory_reserve("fuzz", 1, CONTENT_BYTES_MAX);
    bench.catalog = sample_catalog_make();
    sample_world_make(&bench.world, bench.catalog);
    return bench;
}

static void load(struct bench *bench)
{
    struct error error = {""};
    struct chunk *chunk = world_add_chunk(&bench->world, bench->content->chunk);
    if (content_load(&bench->world, bench->content, &error)) {
        content_gather(&bench->world, chunk, bench->decoded);
        ensure(hash_is_equal(content_hash(bench->decoded), chunk->hash));
    } else {
        ensure(error.text[0] != '\0');
    }
    world_remove_chunk(&bench->world, chunk);
    ensure(hash_is_equal(bench->world.hash, (struct hash128){0, 0}));
    ensure(bench->world.entity_pool.used == 0);
    ensure(bench->world.structure_pool.used == 0 && bench->world.pile_pool.used == 0);
}

static void check_content(struct bench *bench)
{
    struct content *content = bench->content;
    ensure(content->cell_count <= GRID_CHUNK_AREA);
    ensure(content->entity_count <= CONTENT_ENTITIES_MAX);
    ensure(content->structure_count <= WORLD_CHUNK_STRUCTURES_MAX);
    ensure(content->pile_count <= WORLD_CHUNK_PILES_MAX);
    size_t size = content_encode(bench->codec, content, bench->again, CONTENT_BYTES_MAX);
    ensure(size > 0);
    ensure(content_decode(bench->codec, bench->again, size, content->chunk, bench->decoded));
    ensure(hash_is_equal(content_hash(content), content_hash(bench->decoded)));
    load(bench);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static struct bench bench;
    struct chunk_pos chunk = {.x = -1, .y = 2};
    if (bench.codec == NULL)
        bench = bench_make();
    if (content_decode(bench.codec, bytes, size_bytes, chunk, bench.content))
        check_content(&bench);
    (void)content_decode_base(bench.codec, bytes, size_bytes, bench.base);
    return 0;
}
