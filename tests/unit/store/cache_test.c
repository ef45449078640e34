#include "store/cache.h"

#include <string.h>

#include "sim/cache.h"
#include "testing.h"

enum { VALUE_BYTES = 16, SECOND_US = 1000000 };

struct bench {
    struct sim_cache *sim;
    struct cache *cache;
    struct moment now;
    uint8_t bytes[VALUE_BYTES];
    struct cache_value value;
};

static void bench_begin(struct bench *bench, uint32_t entries_max, uint64_t bytes_max)
{
    *bench = (struct bench){.sim = sim_cache_create(), .now = {.mono_us = 1}};
    bench->cache = cache_create(&(struct cache_options){
        .remote = sim_cache_remote(bench->sim),
        .entries_max = entries_max,
        .bytes_max = bytes_max,
        .expiry_s = 300,
        .retry_us = 5 * SECOND_US,
    });
}

static void bench_end(struct bench *bench)
{
    cache_destroy(&bench->cache);
    cache_destroy(&bench->cache);
    sim_cache_destroy(&bench->sim);
}

static void put(struct bench *bench, const char *key, const char *text)
{
    cache_put(bench->cache, bench->now, (struct cache_key){CACHE_CHUNKS, key},
              (const uint8_t *)text, strlen(text) + 1);
}

static enum cache_result get(struct bench *bench, const char *key)
{
    bench->value = (struct cache_value){.bytes = bench->bytes, .capacity_bytes = VALUE_BYTES};
    return cache_get(bench->cache, bench->now, (struct cache_key){CACHE_CHUNKS, key},
                     &bench->value);
}

static void must_get(struct bench *bench, const char *key, const char *text, bool is_remote)
{
    ck_assert_int_eq(get(bench, key), CACHE_HIT);
    ck_assert_str_eq((const char *)bench->bytes, text);
    ck_assert_uint_eq(bench->value.size_bytes, strlen(text) + 1);
    ck_assert_int_eq(bench->value.is_remote, is_remote);
}

static struct cache_facts facts_of(struct bench *bench)
{
    struct cache_facts facts;
    cache_facts(bench->cache, &facts);
    return facts;
}

START_TEST(test_two_levels)
{
    struct bench bench;
    bench_begin(&bench, 4, 1000);
    ck_assert_int_eq(get(&bench, "a"), CACHE_MISS);
    put(&bench, "a", "one");
    must_get(&bench, "a", "one", false);
    ck_assert_uint_eq(sim_cache_count(bench.sim), 1);
    cache_clear(bench.cache);
    must_get(&bench, "a", "one", true);
    must_get(&bench, "a", "one", false);
    put(&bench, "a", "two");
    must_get(&bench, "a", "two", false);
    struct cache_facts facts = facts_of(&bench);
    ck_assert_uint_eq(facts.kinds[CACHE_CHUNKS].entries, 1);
    ck_assert_uint_eq(facts.kinds[CACHE_CHUNKS].bytes, 4);
    ck_assert_uint_eq(facts.kinds[CACHE_CHUNKS].hits, 3);
    ck_assert_uint_eq(facts.kinds[CACHE_CHUNKS].remote_hits, 1);
    ck_assert_uint_eq(facts.kinds[CACHE_CHUNKS].misses, 1);
    bench_end(&bench);
}
END_TEST

START_TEST(test_the_oldest_go_first)
{
    struct bench bench;
    bench_begin(&bench, 3, 1000);
    sim_cache_set_away(bench.sim, true);
    put(&bench, "a", "1");
    put(&bench, "b", "2");
    put(&bench, "c", "3");
    must_get(&bench, "a", "1", false);
    put(&bench, "d", "4");
    ck_assert_int_eq(get(&bench, "b"), CACHE_AWAY);
    must_get(&bench, "a", "1", false);
    must_get(&bench, "c", "3", false);
    must_get(&bench, "d", "4", false);
    ck_assert_uint_eq(facts_of(&bench).kinds[CACHE_CHUNKS].entries, 3);
    bench_end(&bench);
}
END_TEST

START_TEST(test_bytes_are_bounded)
{
    struct bench bench;
    bench_begin(&bench, 100, 10);
    sim_cache_set_away(bench.sim, true);
    put(&bench, "a", "1234");
    put(&bench, "b", "1234");
    put(&bench, "c", "1234");
    ck_assert_uint_eq(facts_of(&bench).kinds[CACHE_CHUNKS].bytes, 10);
    ck_assert_int_eq(get(&bench, "a"), CACHE_AWAY);
    put(&bench, "d", "12345678901");
    ck_assert_int_eq(get(&bench, "d"), CACHE_AWAY);
    must_get(&bench, "c", "1234", false);
    bench_end(&bench);
}
END_TEST

START_TEST(test_no_entries_here)
{
    struct bench bench;
    bench_begin(&bench, 0, 1000);
    put(&bench, "a", "1");
    must_get(&bench, "a", "1", true);
    must_get(&bench, "a", "1", true);
    ck_assert_uint_eq(facts_of(&bench).kinds[CACHE_CHUNKS].entries, 0);
    bench_end(&bench);
}
END_TEST

START_TEST(test_entries_expire)
{
    struct bench bench;
    bench_begin(&bench, 4, 1000);
    put(&bench, "a", "1");
    sim_cache_flush(bench.sim);
    bench.now.mono_us += 300 * (uint64_t)SECOND_US - 1;
    must_get(&bench, "a", "1", false);
    bench.now.mono_us += 1;
    ck_assert_int_eq(get(&bench, "a"), CACHE_MISS);
    ck_assert_uint_eq(facts_of(&bench).kinds[CACHE_CHUNKS].entries, 0);
    bench_end(&bench);
}
END_TEST

START_TEST(test_a_failing_remote_is_left_alone)
{
    struct bench bench;
    bench_begin(&bench, 4, 1000);
    sim_cache_set_away(bench.sim, true);
    ck_assert_int_eq(get(&bench, "a"), CACHE_AWAY);
    uint64_t calls = sim_cache_calls(bench.sim);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(get(&bench, "a"), CACHE_AWAY);
    put(&bench, "b", "1");
    cache_reject(bench.cache, bench.now, (struct cache_key){CACHE_CHUNKS, "b"});
    ck_assert_uint_eq(sim_cache_calls(bench.sim), calls);
    ck_assert(facts_of(&bench).is_remote_away);
    sim_cache_set_away(bench.sim, false);
    bench.now.mono_us += 5 * SECOND_US;
    ck_assert_int_eq(get(&bench, "a"), CACHE_MISS);
    ck_assert(!facts_of(&bench).is_remote_away);
    ck_assert_uint_eq(facts_of(&bench).remote_failures, 1);
    bench_end(&bench);
}
END_TEST

START_TEST(test_rejected_values_are_gone_everywhere)
{
    struct bench bench;
    bench_begin(&bench, 4, 1000);
    put(&bench, "a", "1");
    cache_reject(bench.cache, bench.now, (struct cache_key){CACHE_CHUNKS, "a"});
    ck_assert_int_eq(get(&bench, "a"), CACHE_MISS);
    ck_assert_uint_eq(sim_cache_count(bench.sim), 0);
    ck_assert_uint_eq(facts_of(&bench).rejected, 1);
    bench_end(&bench);
}
END_TEST

START_TEST(test_a_small_buffer_is_a_miss)
{
    struct bench bench;
    bench_begin(&bench, 4, 1000);
    put(&bench, "a", "12345678901234567");
    ck_assert_int_eq(get(&bench, "a"), CACHE_MISS);
    bench_end(&bench);
}
END_TEST

START_TEST(test_without_a_remote)
{
    struct cache *cache =
        cache_create(&(struct cache_options){.entries_max = 2, .bytes_max = 100, .expiry_s = 1});
    struct moment now = {.mono_us = 1};
    struct cache_key key = {CACHE_CHUNKS, "a"};
    uint8_t bytes[4];
    struct cache_value value = {.bytes = bytes, .capacity_bytes = sizeof bytes};
    ck_assert_int_eq(cache_get(cache, now, key, &value), CACHE_MISS);
    cache_put(cache, now, key, (const uint8_t *)"x", 1);
    ck_assert_int_eq(cache_get(cache, now, key, &value), CACHE_HIT);
    cache_reject(cache, now, key);
    ck_assert_int_eq(cache_get(cache, now, key, &value), CACHE_MISS);
    cache_destroy(&cache);
}
END_TEST

/* ---- the simulated cache's own promises ---- */

/* Is a value there right behind its write, and again many calls after it was rejected? */
static void put_and_look(struct bench *bench, const struct sim_cache_faults *faults,
                         bool is_there[2])
{
    *sim_cache_faults(bench->sim) = *faults;
    put(bench, "a", "1");
    for (int i = 0; i < 2; i++) {
        is_there[i] = get(bench, "a") == CACHE_HIT;
        cache_reject(bench->cache, bench->now, (struct cache_key){CACHE_CHUNKS, "a"});
        for (int call = 0; call < SIM_CACHE_LATE_CALLS_MAX; call++)
            (void)get(bench, "b");
    }
}

START_TEST(test_writes_are_lost_late_and_done_twice)
{
    static const struct sim_cache_faults faults[] = {
        {.lost_ppm = 1000000}, {.late_ppm = 1000000}, {.double_ppm = 1000000}, {.lost_ppm = 0}};
    static const bool expected[][2] = {{false, false}, {false, true}, {true, true}, {true, false}};
    for (uint64_t seed = 0; seed < 4; seed++) {
        for (size_t i = 0; i < 4; i++) {
            struct bench bench;
            bool is_there[2];
            bench_begin(&bench, 0, 1000);
            sim_cache_seed(bench.sim, seed);
            put_and_look(&bench, &faults[i], is_there);
            ck_assert(is_there[1] == expected[i][1]);
            ck_assert(is_there[0] == expected[i][0]);
            bench_end(&bench);
        }
    }
}
END_TEST

TESTING_MAIN("cache", test_two_levels, test_the_oldest_go_first, test_bytes_are_bounded,
             test_no_entries_here, test_entries_expire, test_a_failing_remote_is_left_alone,
             test_rejected_values_are_gone_everywhere, test_a_small_buffer_is_a_miss,
             test_without_a_remote, test_writes_are_lost_late_and_done_twice)
