#include "base/data_url.h"

#include <string.h>

#include "testing.h"

static bool read(const char *url, size_t capacity, struct crypto_bytes *out, struct error *error)
{
    static uint8_t bytes[64];
    *out = (struct crypto_bytes){.bytes = bytes, .capacity = capacity};
    return data_url_read(url, "text/plain", out, error);
}

START_TEST(bytes_are_read)
{
    struct crypto_bytes out;
    struct error error = {""};
    ck_assert_msg(read("data:text/plain;base64,dGlsdGg=", 64, &out, &error), "%s", error.text);
    ck_assert_uint_eq(out.size_bytes, 5);
    ck_assert_mem_eq(out.bytes, "tilth", 5);
    ck_assert(read("data:text/plain;base64,dGlsdGg=", 6, &out, &error)); /* three for four */
    ck_assert(read("data:text/plain;base64,AP8=", 64, &out, &error));
    ck_assert_mem_eq(out.bytes, "\0\xff", 2);
}
END_TEST

START_TEST(others_are_refused_in_words)
{
    static const char *const wrong[][2] = {
        {"", "must begin with \"data:text/plain;base64,\", not \"\""},
        {"http://example.org/a.png", "not \"http://example.org/a.png\""},
        {"data:text/plain,tilth", "must begin with"},
        {"data:text/plainer;base64,dGlsdGg=", "must begin with"},
        {"data:text/plain;base64,", "there is nothing behind"},
        {"data:text/plain;base64,dGls dGg=", "is no base64 from character 5 on"},
        {"data:text/plain;base64,dGlsdGg", "is no base64 from character"},
        {"data:text/plain;base64,dGlsdGg=dGlsdGg=", "is no base64 from character 9 on"},
    };
    struct crypto_bytes out;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {""};
        ck_assert_msg(!read(wrong[i][0], 64, &out, &error), "%s", wrong[i][0]);
        ck_assert_msg(strstr(error.text, wrong[i][1]) != NULL, "%s", error.text);
    }
    struct error error = {""};
    ck_assert(!read("data:text/plain;base64,dGlsdGg=", 4, &out, &error));
    ck_assert_str_eq(error.text, "more than 4 bytes");
}
END_TEST

TESTING_MAIN("data_url", bytes_are_read, others_are_refused_in_words)
