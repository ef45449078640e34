#include "store/redis.h"

#include <string.h>

#include "testing.h"

START_TEST(test_addresses)
{
    static const char *const good[] = {
        "redis://localhost",         "redis://127.0.0.1:7000/",
        "redis://:secret@cache:1/3", "redis://user:p@ss@cache:6379",
        "unix:///run/redis.sock",
    };
    static const char *const bad[] = {
        "",
        "localhost:6379",
        "redis://",
        "redis://:6379",
        "redis://cache:",
        "redis://cache:0",
        "redis://cache:65536",
        "redis://cache:12x",
        "redis://cache/one",
        "redis://secret@cache",
        "redis://:@cache",
        "unix://relative.sock",
        "unix://",
        "rediss://cache",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct cache_remote remote;
        ck_assert_msg(redis_open(good[i], 0, &remote, NULL), "%s", good[i]);
        redis_close(&remote);
        redis_close(&remote);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cache_remote remote;
        struct error error = {0};
        ck_assert_msg(!redis_open(bad[i], 0, &remote, &error), "%s", bad[i]);
        ck_assert_ptr_nonnull(strstr(error.text, "redis://"));
    }
}
END_TEST

START_TEST(test_nobody_there_is_away)
{
    struct cache_remote remote;
    uint8_t bytes[8];
    size_t size_bytes = 0;
    ck_assert(redis_open("unix:///nowhere/redis.sock", 0, &remote, NULL));
    ck_assert_int_eq(remote.ops->get(remote.state, "a", bytes, sizeof bytes, &size_bytes),
                     CACHE_AWAY);
    ck_assert(!remote.ops->put(remote.state, "a", bytes, 1, 1));
    ck_assert(!remote.ops->remove(remote.state, "a"));
    redis_close(&remote);
}
END_TEST

TESTING_MAIN("redis", test_addresses, test_nobody_there_is_away)
