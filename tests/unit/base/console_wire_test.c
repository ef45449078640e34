#include "base/console_wire.h"

#include <string.h>

#include "testing.h"

START_TEST(requests_name_their_form)
{
    bool is_json = false;
    const char *command = NULL;
    char json[] = "json  cell 1 -2 \r";
    ck_assert(console_wire_read_request(json, &is_json, &command));
    ck_assert(is_json);
    ck_assert_str_eq(command, "cell 1 -2");
    char text[] = "text";
    ck_assert(console_wire_read_request(text, &is_json, &command));
    ck_assert(!is_json);
    ck_assert_str_eq(command, "");
    char *bad[] = {(char[]){""}, (char[]){"status"}, (char[]){"texts help"},
                   (char[]){" text help"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert(!console_wire_read_request(bad[i], &is_json, &command));
}
END_TEST

START_TEST(heads_survive_the_way)
{
    struct console_wire_head heads[] = {
        {true, 0, 0}, {true, 255, CONSOLE_WIRE_BODY_BYTES}, {false, 0, 17}};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        char line[CONSOLE_WIRE_HEAD_BYTES];
        struct console_wire_head head = {0};
        uint32_t size = console_wire_write_head(heads[i], line);
        ck_assert_uint_eq(size, strlen(line));
        ck_assert_int_eq(line[size - 1], '\n');
        line[size - 1] = 0;
        ck_assert(console_wire_read_head(line, &head));
        ck_assert_int_eq(head.is_last, heads[i].is_last);
        ck_assert_uint_eq(head.exit_code, heads[i].exit_code);
        ck_assert_uint_eq(head.size_bytes, heads[i].size_bytes);
    }
}
END_TEST

START_TEST(wrong_heads_are_refused)
{
    static const char *const bad[] = {"",          "0",     "0 ",        " 0 1",
                                      "0 -1",      "256 1", "-1 1",      "0 1048577",
                                      "progres 1", "0 1x",  "progress ", "progress x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct console_wire_head head = {0};
        ck_assert_msg(!console_wire_read_head(bad[i], &head), "took \"%s\"", bad[i]);
    }
}
END_TEST

TESTING_MAIN("console_wire", requests_name_their_form, heads_survive_the_way,
             wrong_heads_are_refused)
