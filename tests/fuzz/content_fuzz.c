/* A chunk's content and a generated chunk, as they come from a server, Redis or a journal. */
#include "fuzz/fuzz.h"

#include "base/ensure.h"
#include "base/memory.h"
#include "wire/content.h"

struct bench {
    struct content_codec *codec;
    struct content *content;
    struct generator_chunk *base;
};

static struct bench bench_make(void)
{
    struct bench bench = {.codec = content_codec_create()};
    bench.content = memory_reserve("fuzz", 1, sizeof *bench.content);
    bench.base = memory_reserve("fuzz", 1, sizeof *bench.base);
    return bench;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static struct bench bench;
    struct chunk_pos chunk = {.x = -1, .y = 2};
    if (bench.codec == NULL)
        bench = bench_make();
    if (content_decode(bench.codec, bytes, size_bytes, chunk, bench.content)) {
        ensure(bench.content->cell_count <= GRID_CHUNK_AREA);
        ensure(bench.content->entity_count <= CONTENT_ENTITIES_MAX);
        (void)content_hash(bench.content);
    }
    (void)content_decode_base(bench.codec, bytes, size_bytes, bench.base);
    return 0;
}
