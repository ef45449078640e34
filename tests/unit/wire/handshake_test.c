#include "wire/handshake.h"

#include <string.h>

#include "testing.h"

static const uint8_t bytes_a[256] = {1, 2, 3}, bytes_b[256] = {1, 2, 4};

struct parts {
    uint32_t connect_id;
    struct message_hello hello;
    struct message_challenge challenge;
    struct message_auth auth;
};

static struct parts make_parts(void)
{
    return (struct parts){
        .connect_id = 77,
        .hello = {{bytes_a, 16}, {bytes_a, 0}, 5},
        .challenge = {{bytes_a, 16}, {bytes_a, 0}, {bytes_a, 32}},
        .auth = {{(const uint8_t *)"ann", 3}, {bytes_a, 32}, {bytes_a, 64}, {bytes_a, 2}},
    };
}

static void digest(const struct parts *parts, uint8_t out[CRYPTO_DIGEST_BYTES])
{
    handshake_transcript(parts->connect_id, &parts->hello, &parts->challenge, &parts->auth, out);
}

/* Both ends of every version of protocol 1 must compute this. */
START_TEST(test_transcript_is_for_ever)
{
    static const char digits[] = "0123456789abcdef";
    struct parts parts = make_parts();
    uint8_t out[CRYPTO_DIGEST_BYTES];
    char text[2 * CRYPTO_DIGEST_BYTES + 1] = "";
    ck_assert(crypto_start(NULL));
    digest(&parts, out);
    for (size_t i = 0; i < sizeof out; i++) {
        text[2 * i] = digits[out[i] >> 4];
        text[2 * i + 1] = digits[out[i] & 15];
    }
    ck_assert_str_eq(text, "87f1e886775007a5d640a527f2ef0de683678d7c52b612dc5ede3b182010c57c");
}
END_TEST

static void ck_assert_changes(const struct parts *changed, bool is_changed)
{
    struct parts parts = make_parts();
    uint8_t one[CRYPTO_DIGEST_BYTES], other[CRYPTO_DIGEST_BYTES];
    digest(&parts, one);
    digest(changed, other);
    ck_assert_int_eq(memcmp(one, other, sizeof one) != 0, is_changed);
}

START_TEST(test_all_but_the_signature_counts)
{
    struct parts parts = make_parts();
    ck_assert(crypto_start(NULL));
    parts.auth.signature.bytes = bytes_b;
    ck_assert_changes(&parts, false);
    parts.connect_id++;
    ck_assert_changes(&parts, true);
    parts = make_parts();
    parts.hello.random.bytes = bytes_b;
    ck_assert_changes(&parts, true);
    parts = make_parts();
    parts.hello.capabilities++;
    ck_assert_changes(&parts, true);
    parts = make_parts();
    parts.challenge.random.bytes = bytes_b;
    ck_assert_changes(&parts, true);
    parts = make_parts();
    parts.challenge.server_key.size_bytes = 0;
    ck_assert_changes(&parts, true);
    parts = make_parts();
    parts.auth.name.size_bytes = 2;
    ck_assert_changes(&parts, true);
    parts = make_parts();
    parts.auth.key.bytes = bytes_b;
    ck_assert_changes(&parts, true);
    parts = make_parts();
    parts.auth.ticket.size_bytes = 3;
    ck_assert_changes(&parts, true);
}
END_TEST

START_TEST(test_largest_handshake_fits)
{
    struct parts parts = make_parts();
    uint8_t out[CRYPTO_DIGEST_BYTES];
    parts.hello.exchange.size_bytes = 32;
    parts.challenge.exchange.size_bytes = 32;
    parts.auth.name = (struct span){bytes_a, WORLD_NAME_BYTES};
    parts.auth.ticket = (struct span){bytes_a, 255};
    ck_assert(crypto_start(NULL));
    digest(&parts, out);
    struct parts longer = parts;
    uint8_t other[CRYPTO_DIGEST_BYTES];
    longer.auth.ticket.size_bytes = 256; /* one byte more, at the very end, still counts */
    digest(&longer, other);
    ck_assert_mem_ne(out, other, sizeof out);
}
END_TEST

START_TEST(test_names)
{
    static const char *const good[] = {"a", "Ann_B-3", "123456789012345678901234", "-", "_"};
    static const char *const bad[] = {
        "", "1234567890123456789012345", "a b", "a.b", "\xc3\xa9", "ann\n", "a/b", "\x80"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert(handshake_is_name((const uint8_t *)good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert(!handshake_is_name((const uint8_t *)bad[i], strlen(bad[i])));
    ck_assert(!handshake_is_name((const uint8_t *)"ann", 4)); /* the ending 0 is no letter */
}
END_TEST

TESTING_MAIN("handshake", test_transcript_is_for_ever, test_all_but_the_signature_counts,
             test_largest_handshake_fits, test_names)
