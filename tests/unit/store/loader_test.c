#include "store/loader.h"

#include <stdio.h>
#include <string.h>

#include "base/ensure.h"
#include "sim/cache.h"
#include "sim/database.h"
#include "sim/scene.h"
#include "testing.h"
#include "wire/framing.h"

enum { RING_BYTES = 1 << 21, PAUSE_US = 10000000, SMALL_STEP_US = 1000 };

struct bench {
    struct sim_database *sim;
    struct database writer, database;
    struct database_world world;
    struct sim_cache *sim_cache;
    struct cache *cache;
    struct catalog *catalog;
    struct ring requests, results;
    struct ring_cursor cursor;
    struct loader *loader;
    struct content content;
    struct content_codec *codec;
    struct moment now;
    struct error error;
};

static void bench_open_world(struct bench *bench)
{
    char folder[256];
    (void)snprintf(folder, sizeof folder, "%.200s/shared/content", getenv("TILTH_SOURCE_DIR"));
    bench->catalog = catalog_load(folder, NULL, &bench->error);
    ck_assert_msg(bench->catalog != NULL, "%s", bench->error.text);
    struct database_options options = {
        .world = "meadow", .generator_version = 1, .folder = "/journal", .journal = 9};
    ck_assert_int_eq(bench->writer.ops->connect(bench->writer.state, NULL), DATABASE_OK);
    ck_assert_int_eq(bench->writer.ops->open_world(bench->writer.state, &options, bench->catalog,
                                                   &bench->world, &bench->error),
                     DATABASE_OK);
}

static struct bench *bench_begin(uint32_t entries_max)
{
    static struct bench bench;
    bench = (struct bench){.now = {.mono_us = 1}, .codec = content_codec_create()};
    bench.sim = sim_database_create();
    sim_database_open(bench.sim, &bench.writer);
    sim_database_open(bench.sim, &bench.database);
    bench_open_world(&bench);
    bench.sim_cache = sim_cache_create();
    bench.cache = cache_create(&(struct cache_options){.remote = sim_cache_remote(bench.sim_cache),
                                                       .entries_max = entries_max,
                                                       .bytes_max = 1 << 20,
                                                       .expiry_s = 300,
                                                       .retry_us = 1000});
    ring_init(&bench.requests, "requests", RING_BYTES);
    ring_init(&bench.results, "results", RING_BYTES);
    bench.loader = loader_create(&(struct loader_options){.database = bench.database,
                                                          .cache = bench.cache,
                                                          .requests = &bench.requests,
                                                          .results = &bench.results,
                                                          .world = bench.world.id,
                                                          .world_name = "meadow"});
    return &bench;
}

static void bench_end(struct bench *bench)
{
    loader_destroy(&bench->loader);
    loader_destroy(&bench->loader);
    cache_destroy(&bench->cache);
    sim_cache_destroy(&bench->sim_cache);
    sim_database_close(&bench->writer);
    sim_database_close(&bench->database);
    sim_database_destroy(&bench->sim);
    ring_finish(&bench->requests);
    ring_finish(&bench->results);
    content_codec_destroy(&bench->codec);
    catalog_destroy(&bench->catalog);
}

static void bench_apply(struct bench *bench, const struct change *changes, uint32_t count)
{
    struct batch *batch = batch_create(16, 1024);
    uint64_t seq = bench->world.applied_seq + 1;
    ck_assert_int_eq(scene_add(batch, seq, changes, count), BATCH_ADDED);
    batch_sort(batch);
    ck_assert_int_eq(bench->writer.ops->apply(bench->writer.state, &bench->world, batch, NULL),
                     DATABASE_OK);
    bench->world.applied_seq = seq;
    batch_destroy(&batch);
}

/* A chunk with a kept cell and an entity in the database, and the request for it. */
static struct loader_request bench_make_chunk(struct bench *bench, int32_t x)
{
    static struct content content;
    int32_t cell_x = x * GRID_CHUNK_CELLS;
    struct change changes[3] = {scene_cell(cell_x, 3, SCENE_TREE),
                                scene_entity((uint64_t)(x + 1000), cell_x, 3, 2)};
    scene_content(&content, (struct chunk_pos){x, 0}, changes, 2);
    changes[2] = scene_chunk(&content, bench->world.applied_seq + 1);
    bench_apply(bench, changes, 3);
    return (struct loader_request){.kind = LOADER_CHUNK,
                                   .chunk = content.chunk,
                                   .version = bench->world.applied_seq,
                                   .hash = content_hash(&content)};
}

static void bench_ask(struct bench *bench, const struct loader_request *request)
{
    ck_assert(ring_write(&bench->requests, request, sizeof *request));
}

static void bench_step(struct bench *bench)
{
    bench->now.mono_us += PAUSE_US;
    (void)loader_step(bench->loader, bench->now);
}

/* The next result, or NULL; it gives the one before back. */
static const struct loader_result *bench_result(struct bench *bench)
{
    uint32_t size_bytes = 0;
    ring_release(&bench->results, bench->cursor);
    const struct loader_result *result = ring_read(&bench->results, &bench->cursor, &size_bytes);
    ck_assert(result == NULL || size_bytes == sizeof *result + result->size_bytes);
    return result;
}

static void bench_must_load(struct bench *bench, const struct loader_request *request,
                            enum loader_source source)
{
    bench_ask(bench, request);
    bench_step(bench);
    const struct loader_result *result = bench_result(bench);
    ck_assert_ptr_nonnull(result);
    ck_assert_uint_eq(result->kind, LOADER_CHUNK);
    ck_assert_uint_eq(result->status, LOADER_FOUND);
    ck_assert_uint_eq(result->source, source);
    ck_assert_uint_eq(result->version, request->version);
    ck_assert(content_decode(bench->codec, (const uint8_t *)(result + 1), result->size_bytes,
                             request->chunk, &bench->content));
    ck_assert(hash_is_equal(content_hash(&bench->content), request->hash));
}

static struct loader_facts facts_of(struct bench *bench)
{
    struct loader_facts facts;
    loader_facts(bench->loader, &facts);
    return facts;
}

START_TEST(test_region_lists_its_chunks)
{
    struct bench *bench = bench_begin(8);
    struct loader_request first = bench_make_chunk(bench, 5);
    (void)bench_make_chunk(bench, 32);
    bench_ask(bench, &(struct loader_request){.kind = LOADER_REGION, .region = {0, 0}});
    bench_ask(bench, &(struct loader_request){.kind = LOADER_REGION, .region = {-7, 0}});
    bench_step(bench);
    const struct loader_result *result = bench_result(bench);
    ck_assert_uint_eq(result->status, LOADER_FOUND);
    ck_assert_uint_eq(result->size_bytes, sizeof(struct loader_chunk));
    const struct loader_chunk *chunk = (const struct loader_chunk *)(const void *)(result + 1);
    ck_assert_uint_eq(chunk->chunk_index, 5);
    ck_assert_uint_eq(chunk->version, first.version);
    ck_assert(hash_is_equal(chunk->hash, first.hash));
    result = bench_result(bench);
    ck_assert_int_eq(result->region.x, -7);
    ck_assert_uint_eq(result->size_bytes, 0);
    ck_assert_uint_eq(facts_of(bench).regions, 2);
    bench_end(bench);
}
END_TEST

START_TEST(test_chunk_from_each_level)
{
    struct bench *bench = bench_begin(8);
    struct loader_request request = bench_make_chunk(bench, -3);
    bench_must_load(bench, &request, LOADER_FROM_DATABASE);
    bench_must_load(bench, &request, LOADER_FROM_MEMORY);
    cache_clear(bench->cache);
    bench_must_load(bench, &request, LOADER_FROM_REMOTE);
    ck_assert_uint_eq(facts_of(bench).chunks, 3);
    ck_assert_uint_eq(facts_of(bench).chunks_from_database, 1);
    bench_end(bench);
}
END_TEST

START_TEST(test_forged_lost_and_absent_caches_cost_time_only)
{
    struct bench *bench = bench_begin(0);
    struct loader_request request = bench_make_chunk(bench, 1);
    bench_must_load(bench, &request, LOADER_FROM_DATABASE);
    bench_must_load(bench, &request, LOADER_FROM_REMOTE);
    sim_cache_forge(bench->sim_cache);
    bench_must_load(bench, &request, LOADER_FROM_DATABASE);
    bench_must_load(bench, &request, LOADER_FROM_REMOTE);
    sim_cache_flush(bench->sim_cache);
    bench_must_load(bench, &request, LOADER_FROM_DATABASE);
    sim_cache_set_away(bench->sim_cache, true);
    bench_must_load(bench, &request, LOADER_FROM_DATABASE);
    sim_cache_set_away(bench->sim_cache, false);
    bench_must_load(bench, &request, LOADER_FROM_REMOTE);
    bench_end(bench);
}
END_TEST

START_TEST(test_a_former_version_is_not_used)
{
    struct bench *bench = bench_begin(8);
    struct loader_request former = bench_make_chunk(bench, 1);
    bench_must_load(bench, &former, LOADER_FROM_DATABASE);
    struct loader_request request = former;
    struct change gone = scene_entity(1001, 64, 3, 0);
    bench_apply(bench, &gone, 1);
    request.version = 9;
    bench_ask(bench, &request);
    bench_step(bench);
    const struct loader_result *result = bench_result(bench);
    ck_assert_uint_eq(result->status, LOADER_DAMAGED);
    ck_assert_uint_eq(result->size_bytes, 0);
    ck_assert_uint_eq(facts_of(bench).damaged, 1);
    ck_assert_ptr_nonnull(strstr(facts_of(bench).last_failure, "1,0"));
    bench_end(bench);
}
END_TEST

START_TEST(test_evicted_content_is_cached)
{
    struct bench *bench = bench_begin(8);
    struct loader_request request = bench_make_chunk(bench, 2);
    bench_must_load(bench, &request, LOADER_FROM_DATABASE);
    cache_clear(bench->cache);
    sim_cache_flush(bench->sim_cache);
    uint8_t *record = ring_reserve(&bench->requests, sizeof request + CONTENT_BYTES_MAX);
    ck_assert_ptr_nonnull(record);
    struct loader_request evicted = request;
    evicted.kind = LOADER_EVICTED;
    evicted.size_bytes = (uint32_t)content_encode(bench->codec, &bench->content,
                                                  record + sizeof evicted, CONTENT_BYTES_MAX);
    memcpy(record, &evicted, sizeof evicted);
    ring_commit(&bench->requests, (uint32_t)sizeof evicted + evicted.size_bytes);
    bench_step(bench);
    ck_assert_ptr_null(bench_result(bench));
    bench_must_load(bench, &request, LOADER_FROM_MEMORY);
    bench_end(bench);
}
END_TEST

START_TEST(test_accounts)
{
    struct bench *bench = bench_begin(8);
    struct change changes[] = {scene_account(1, "Ada"), scene_account(2, "Bob"),
                               scene_character(5, 1)};
    bench_apply(bench, changes, 3);
    static const char *const names[] = {"ada", "BOB", "eve"};
    for (int i = 0; i < 3; i++) {
        struct loader_request request = {.kind = LOADER_ACCOUNT};
        (void)snprintf(request.name, sizeof request.name, "%s", names[i]);
        bench_ask(bench, &request);
    }
    bench_step(bench);
    const struct loader_result *result = bench_result(bench);
    const uint8_t *body = (const uint8_t *)(result + 1);
    struct framed framed;
    struct change change;
    size_t offset = 0;
    ck_assert_str_eq(result->name, "ada");
    ck_assert_uint_eq(result->status, LOADER_FOUND);
    ck_assert(framing_next(body, result->size_bytes, &offset, &framed));
    ck_assert(framing_change(&framed, &change));
    ck_assert(schema_is_equal(change_schema(CHANGE_ACCOUNT), &change.account, &changes[0].account));
    ck_assert(framing_next(body, result->size_bytes, &offset, &framed));
    ck_assert(framing_change(&framed, &change));
    ck_assert(
        schema_is_equal(change_schema(CHANGE_CHARACTER), &change.character, &changes[2].character));
    ck_assert(!framing_next(body, result->size_bytes, &offset, &framed));
    result = bench_result(bench);
    offset = 0;
    ck_assert(framing_next((const uint8_t *)(result + 1), result->size_bytes, &offset, &framed));
    ck_assert_uint_eq(offset, result->size_bytes);
    ck_assert_uint_eq(bench_result(bench)->status, LOADER_ABSENT);
    bench_end(bench);
}
END_TEST

START_TEST(test_database_away)
{
    struct bench *bench = bench_begin(8);
    struct loader_request cached = bench_make_chunk(bench, 1);
    struct loader_request fresh = bench_make_chunk(bench, 2);
    bench_must_load(bench, &cached, LOADER_FROM_DATABASE);
    sim_database_set_away(bench->sim, true);
    bench_ask(bench, &fresh);
    bench_ask(bench, &(struct loader_request){.kind = LOADER_ACCOUNT, .name = "ada"});
    bench_ask(bench, &(struct loader_request){.kind = LOADER_REGION, .region = {0, 0}});
    bench_step(bench);
    ck_assert_uint_eq(bench_result(bench)->status, LOADER_AWAY);
    ck_assert_ptr_null(bench_result(bench));
    bench_must_load(bench, &cached, LOADER_FROM_MEMORY);
    ck_assert(!facts_of(bench).is_connected);
    ck_assert_str_ne(facts_of(bench).last_failure, "");

    sim_database_set_away(bench->sim, false);
    bench_step(bench);
    const struct loader_result *result = bench_result(bench);
    ck_assert_uint_eq(result->kind, LOADER_CHUNK);
    ck_assert_uint_eq(result->status, LOADER_FOUND);
    result = bench_result(bench);
    ck_assert_uint_eq(result->kind, LOADER_REGION);
    ck_assert_uint_eq(result->size_bytes, 2 * sizeof(struct loader_chunk));
    ck_assert(facts_of(bench).is_connected);
    ck_assert_str_eq(facts_of(bench).last_failure, "");
    bench_end(bench);
}
END_TEST

START_TEST(test_reconnecting_pauses)
{
    struct bench *bench = bench_begin(8);
    struct loader_request request = bench_make_chunk(bench, 1);
    sim_database_set_away(bench->sim, true);
    bench_ask(bench, &request);
    bench_step(bench);
    sim_database_set_away(bench->sim, false);
    bench->now.mono_us += SMALL_STEP_US;
    ck_assert(!loader_step(bench->loader, bench->now));
    bench_step(bench);
    ck_assert_uint_eq(bench_result(bench)->status, LOADER_FOUND);
    bench_end(bench);
}
END_TEST

START_TEST(test_a_full_result_ring_waits)
{
    struct bench *bench = bench_begin(8);
    struct loader_request request = bench_make_chunk(bench, 1);
    while (ring_has_room(&bench->results, LOADER_RESULT_BYTES_MAX)) {
        ck_assert_ptr_nonnull(ring_reserve(&bench->results, LOADER_RESULT_BYTES_MAX));
        ring_commit(&bench->results, LOADER_RESULT_BYTES_MAX);
    }
    bench_ask(bench, &request);
    ck_assert(!loader_step(bench->loader, bench->now));
    uint32_t size_bytes = 0;
    while (ring_read(&bench->results, &bench->cursor, &size_bytes) != NULL)
        continue;
    ck_assert_ptr_null(bench_result(bench));
    bench_step(bench);
    ck_assert_uint_eq(bench_result(bench)->status, LOADER_FOUND);
    bench_end(bench);
}
END_TEST

START_TEST(test_content_is_read_when_it_is_asked_for)
{
    char folder[256];
    struct bench *bench = bench_begin(8);
    struct renewal *renewal = renewal_create();
    (void)snprintf(folder, sizeof folder, "%.200s/shared/content", getenv("TILTH_SOURCE_DIR"));
    loader_destroy(&bench->loader);
    struct loader_options options = {.database = bench->database,
                                     .requests = &bench->requests,
                                     .results = &bench->results,
                                     .world = bench->world.id,
                                     .world_name = "meadow",
                                     .renewal = renewal,
                                     .content_dir = folder};
    bench->loader = loader_create(&options);
    bench_step(bench);
    ck_assert(!renewal_is_ready(renewal));
    ck_assert(renewal_ask(renewal) && !renewal_ask(renewal));
    bench_step(bench);
    ck_assert(renewal_is_ready(renewal) && !renewal->outcome.is_refused);
    ck_assert(hash_is_equal(renewal->catalog->hash, bench->catalog->hash));
    renewal_take(renewal);

    sim_database_set_away(bench->sim, true);
    ck_assert(renewal_ask(renewal));
    bench_step(bench);
    ck_assert(renewal_is_ready(renewal) && renewal->outcome.is_refused);
    renewal_take(renewal);
    sim_database_set_away(bench->sim, false);
    loader_destroy(&bench->loader);
    options.content_dir = "/nowhere";
    bench->loader = loader_create(&options);
    ck_assert(renewal_ask(renewal));
    bench_step(bench);
    ck_assert_ptr_nonnull(strstr(renewal->outcome.text, "/nowhere/terrains.json: "));
    bench_end(bench);
    renewal_destroy(&renewal);
    renewal_destroy(&renewal);
}
END_TEST

TESTING_MAIN("loader", test_content_is_read_when_it_is_asked_for, test_region_lists_its_chunks,
             test_chunk_from_each_level, test_forged_lost_and_absent_caches_cost_time_only,
             test_a_former_version_is_not_used, test_evicted_content_is_cached, test_accounts,
             test_database_away, test_reconnecting_pauses, test_a_full_result_ring_waits)
