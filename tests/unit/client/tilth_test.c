#include "tilth.h"

#include <string.h>

#include "testing.h"

static struct tilth_client *create(const char *name, struct tilth_error *error)
{
    struct tilth_options options;
    memset(&options, 0, sizeof options);
    options.name = name;
    options.port = 9;
    return tilth_client_create(&options, error);
}

START_TEST(a_bad_option_is_told_in_words)
{
    struct tilth_error error;
    ck_assert_ptr_null(create("ann lee", &error));
    ck_assert_ptr_nonnull(strstr(error.text, "ann lee"));
    ck_assert_ptr_null(create("", &error));
    ck_assert_ptr_null(create(NULL, NULL));
    ck_assert_ptr_null(create("abcdefghijklmnopqrstuvwxyz", &error));

    struct tilth_options options = {.name = "ann", .key_path = "/nowhere/at/all/key"};
    ck_assert_ptr_null(tilth_client_create(&options, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "/nowhere/at/all/key"));
    options = (struct tilth_options){.name = "ann", .entities_max = UINT32_MAX};
    ck_assert_ptr_null(tilth_client_create(&options, &error));
    options = (struct tilth_options){.name = "ann", .delay_ms = 10001};
    ck_assert_ptr_null(tilth_client_create(&options, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "delay_ms 10001"));
    options = (struct tilth_options){.name = "ann", .address = "localhost"};
    ck_assert_ptr_null(tilth_client_create(&options, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "localhost"));
    options.address = "127.0.0.1.1";
    ck_assert_ptr_null(tilth_client_create(&options, &error));
}
END_TEST

START_TEST(before_the_welcome_there_is_nothing_to_see)
{
    struct tilth_error error;
    struct tilth_client *client = create("ann", &error);
    struct tilth_facts facts;
    struct tilth_position position;
    struct tilth_cell cell;
    struct tilth_chunk chunk;
    struct tilth_entity entity;
    struct tilth_actor actor;
    struct tilth_stats stats;
    struct tilth_event event;
    ck_assert_ptr_nonnull(client);
    tilth_client_move(client, -100, 100);
    ck_assert(!tilth_client_facts(client, &facts) && !tilth_client_position(client, &position));
    ck_assert(!tilth_client_cell(client, 0, 0, &cell) && tilth_client_is_solid(client, 0, 0));
    ck_assert(!tilth_client_chunk(client, INT32_MIN, INT32_MAX, &chunk));
    ck_assert_uint_eq(tilth_client_entities(client, 0, 0, &entity, 1), 0);
    ck_assert_uint_eq(tilth_client_actors(client, &actor, 1), 0);
    ck_assert_ptr_null(tilth_client_type(client, 0));
    ck_assert(!tilth_client_is_connected(client) && !tilth_client_is_ready(client));
    ck_assert(!tilth_client_next(client, &event));
    ck_assert_int_eq(tilth_client_fd(client), -1);
    tilth_client_stats(client, &stats);
    ck_assert_uint_eq(stats.snapshots, 0);
    tilth_client_destroy(&client);
    ck_assert_ptr_null(client);
    tilth_client_destroy(&client);
    tilth_client_destroy(NULL);
}
END_TEST

START_TEST(asking_before_the_welcome_is_refused_in_words)
{
    struct tilth_error error;
    struct tilth_client *client = create("ann", &error);
    char text[300];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    ck_assert_uint_eq(tilth_client_place(client, "tree", 0, 0, &error), 0);
    ck_assert_str_eq(error.text, "not connected");
    ck_assert_uint_eq(tilth_client_remove(client, INT32_MAX, 0, &error), 0);
    ck_assert_ptr_nonnull(strstr(error.text, "outside of the world"));
    ck_assert_uint_eq(tilth_client_say(client, text, &error), 0);
    ck_assert_ptr_nonnull(strstr(error.text, "256"));
    ck_assert_uint_eq(tilth_client_say(client, "", NULL), 0);
    ck_assert_uint_eq(tilth_client_say(client, NULL, NULL), 0);
    ck_assert_uint_eq(tilth_client_say(client, "a\nb", &error), 0);
    ck_assert_uint_eq(tilth_client_say(client, "ab", &error), 0);
    ck_assert_str_eq(error.text, "not connected");
    ck_assert_uint_eq(tilth_client_pending(client), 0);
    tilth_client_destroy(&client);
}
END_TEST

TESTING_MAIN("tilth", a_bad_option_is_told_in_words, before_the_welcome_there_is_nothing_to_see,
             asking_before_the_welcome_is_refused_in_words)
