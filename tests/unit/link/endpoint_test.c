#include "link/endpoint.h"

#include "testing.h"

START_TEST(reads_and_writes_dots)
{
    struct endpoint endpoint;
    char text[ENDPOINT_TEXT_BYTES];
    ck_assert(endpoint_parse("127.0.0.1", 40000, &endpoint));
    endpoint_format(endpoint, text);
    ck_assert_str_eq(text, "127.0.0.1:40000");
    ck_assert(endpoint_parse("255.255.255.255", 65535, &endpoint));
    endpoint_format(endpoint, text);
    ck_assert_str_eq(text, "255.255.255.255:65535");
}
END_TEST

START_TEST(refuses_names_and_nonsense)
{
    static const char *const wrong[] = {"localhost", "", "1.2.3", "1.2.3.256", "::1", "1.2.3.4 "};
    struct endpoint endpoint;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert(!endpoint_parse(wrong[i], 1, &endpoint));
    ck_assert(!endpoint_parse(NULL, 1, &endpoint));
}
END_TEST

START_TEST(compares_both_parts)
{
    struct endpoint a = {.host = 1, .port = 2};
    ck_assert(endpoint_is_equal(a, (struct endpoint){.host = 1, .port = 2}));
    ck_assert(!endpoint_is_equal(a, (struct endpoint){.host = 1, .port = 3}));
    ck_assert(!endpoint_is_equal(a, (struct endpoint){.host = 2, .port = 2}));
}
END_TEST

TESTING_MAIN("endpoint", reads_and_writes_dots, refuses_names_and_nonsense, compares_both_parts)
