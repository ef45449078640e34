#include "catalog/image.h"

#include <stdio.h>
#include <string.h>

#include "testing.h"

/* Reads one object; on false the error says why. */
static bool read_text(const char *text, struct image_def *out_image, struct error *error)
{
    struct image_reading reading = {.size_px_max = 512};
    struct json_document *document = json_parse("test", text, strlen(text), error);
    ck_assert_msg(document != NULL, "%s", error->text);
    bool is_read = image_read(json_top(document), &reading, out_image, error);
    json_destroy(&document);
    return is_read;
}

static struct image_def read_good(const char *text)
{
    struct image_def image = {0};
    struct error error = {""};
    ck_assert_msg(read_text(text, &image, &error), "%s", error.text);
    return image;
}

static void refuse(const char *text, const char *words)
{
    struct image_def image = {0};
    struct error error = {""};
    ck_assert_msg(!read_text(text, &image, &error), "%s", text);
    ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
}

START_TEST(both_spellings_read_the_same)
{
    struct image_def snake = read_good("{\"size\": 48.5, \"fixed_screen_angle\": -1.5707963, "
                                       "\"draw_offset_x\": -3.25, \"draw_offset_y\": 1000}");
    struct image_def camel = read_good("{\"size\": 48.5, \"fixedScreenAngle\": -1.5707963, "
                                       "\"drawOffsetX\": -3.25, \"drawOffsetY\": 1000}");
    ck_assert(image_is_equal(&snake, &camel));
    ck_assert_uint_eq(snake.size_units, 776);
    ck_assert_int_eq(snake.angle_units, -15708);
    ck_assert_int_eq(snake.offset_x_units, -52);
    ck_assert_int_eq(snake.offset_y_units, 16000);
    ck_assert(!snake.turns);
}
END_TEST

START_TEST(without_an_angle_it_turns_with_the_viewer)
{
    struct image_def image = read_good("{\"size\": 1, \"fixed_screen_angle\": null, "
                                       "\"draw_offset_x\": 0, \"draw_offset_y\": 0}");
    ck_assert(image.turns);
    ck_assert_int_eq(image.angle_units, 0);
}
END_TEST

START_TEST(what_is_wrong_is_named_with_its_range)
{
    refuse("{}", "key \"size\": missing");
    refuse("{\"size\": 0}", "key \"size\": must be a number from 0.0625 to 512");
    refuse("{\"size\": 512.1}", "key \"size\": must be a number from 0.0625 to 512");
    refuse("{\"size\": 1e999}", "key \"size\": must be a number");
    refuse("{\"size\": \"48\"}", "key \"size\": must be a number");
    refuse("{\"size\": 1}", "key \"fixed_screen_angle\": missing");
    refuse("{\"size\": 1, \"fixedScreenAngle\": 6.3}",
           "key \"fixedScreenAngle\": must be a number from -6.2832 to 6.2832");
    refuse("{\"size\": 1, \"fixed_screen_angle\": 0}", "key \"draw_offset_x\": missing");
    refuse("{\"size\": 1, \"fixed_screen_angle\": 0, \"draw_offset_x\": -1024.1}",
           "key \"draw_offset_x\": must be a number from -1024 to 1024");
    refuse(
        "{\"size\": 1, \"fixed_screen_angle\": 0, \"draw_offset_x\": 0, \"draw_offset_y\": true}",
        "key \"draw_offset_y\": must be a number");
    refuse("{\"size\": 1, \"fixed_screen_angle\": 0, \"fixedScreenAngle\": 0}", "are the same");
    refuse("{\"size\": 1, \"angle\": 0}", "key \"angle\": unknown");
}
END_TEST

START_TEST(what_is_written_reads_back)
{
    static const struct image_def images[] = {
        {776, false, -15708, -52, 16000, {0, 0}},
        {1, true, 0, 1, -1, {3, 4}},
        {512 * 16, false, 62832, -16384, 16384, {0, 1}},
    };
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        char bytes[256];
        struct text text;
        text_init(&text, bytes, sizeof bytes);
        text_json_open(&text, NULL, '{');
        image_write(&images[i], &text);
        text_json_close(&text, '}');
        struct image_def image = read_good(bytes);
        ck_assert_msg(image_is_equal(&image, &images[i]), "%s", bytes);
    }
}
END_TEST

START_TEST(the_default_is_a_cell_wide)
{
    struct image_def image = image_default();
    ck_assert_uint_eq(image.size_units, 512);
    ck_assert(!image.turns && image.angle_units == 0);
    ck_assert(image.offset_x_units == 0 && image.offset_y_units == 0);
}
END_TEST

/* A painter that takes what is "png" and gives it the id {7, size}. */
static bool paint(void *state, const uint8_t *bytes, size_t size_bytes, struct hash128 *out_id,
                  struct error *error)
{
    *(uint32_t *)state += 1;
    if (size_bytes < 3 || memcmp(bytes, "png", 3) != 0)
        return error_set(error, "no picture, but %zu bytes", size_bytes);
    *out_id = (struct hash128){7, size_bytes};
    return true;
}

#define FOUR "\"size\": 1, \"fixed_screen_angle\": 0, \"draw_offset_x\": 0, \"draw_offset_y\": 0"

static bool read_painted(const char *custom, struct image_def *out_image, struct error *error)
{
    char text[512];
    uint32_t count = 0;
    struct image_painter painter = {&count, paint};
    struct image_reading reading = {.size_px_max = 512, .painter = &painter};
    (void)snprintf(text, sizeof text, "{" FOUR ", %s}", custom);
    struct json_document *document = json_parse("test", text, strlen(text), error);
    ck_assert_msg(document != NULL, "%s", error->text);
    bool is_read = image_read(json_top(document), &reading, out_image, error);
    json_destroy(&document);
    return is_read;
}

START_TEST(a_picture_by_its_data_or_its_id)
{
    static const char *const data[] = {
        "\"custom_image_data\": \"data:image/png;base64,cG5nIQ==\"",
        "\"customImageData\": \"data:image/png;base64,cG5nIQ==\", \"custom_image\": null",
    };
    struct error error = {""};
    struct image_def image;
    for (size_t i = 0; i < sizeof data / sizeof data[0]; i++) {
        image = image_default();
        ck_assert_msg(read_painted(data[i], &image, &error), "%s", error.text);
        ck_assert(hash_is_equal(image.custom, (struct hash128){7, 4}));
    }
    ck_assert(
        read_painted("\"customImage\": \"000102030405060708090a0b0c0d0e0f\"", &image, &error));
    char digits[33];
    hash_format(image.custom, digits);
    ck_assert_str_eq(digits, "000102030405060708090a0b0c0d0e0f");
    ck_assert(read_painted("\"customImageData\": null", &image, &error));
    ck_assert(hash_is_equal(image.custom, (struct hash128){0, 0}));
}
END_TEST

START_TEST(what_is_wrong_with_a_picture_is_told)
{
    static const char *const wrong[][2] = {
        {"\"customImageData\": 3", "key \"customImageData\""},
        {"\"customImageData\": \"data:image/gif;base64,cG5n\"",
         "not \"data:image/gif;base64,cG5n\""},
        {"\"customImageData\": \"data:image/png,png\"", "must begin with"},
        {"\"customImageData\": \"data:image/png;base64,\"", "there is nothing behind"},
        {"\"customImageData\": \"data:image/png;base64,cG5*\"", "no base64 from character 4 on"},
        {"\"customImageData\": \"data:image/png;base64,R0lG\"", "no picture, but 3 bytes"},
        {"\"customImageData\": \"x\", \"custom_image_data\": \"x\"", "are the same"},
        {"\"customImage\": \"000102030405060708090a0b0c0d0e0f\", \"customImageData\": \"x\"",
         "both say the picture"},
        {"\"customImage\": \"0001\"", "32 hexadecimal digits, not all 0, or null, not \"0001\""},
        {"\"customImage\": \"00000000000000000000000000000000\"", "not all 0"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {""};
        struct image_def image = image_default();
        ck_assert_msg(!read_painted(wrong[i][0], &image, &error), "%s", wrong[i][0]);
        ck_assert_msg(strstr(error.text, wrong[i][1]) != NULL, "%s", error.text);
    }
    refuse("{" FOUR ", \"customImageData\": \"data:image/png;base64,cG5n\"}",
           "key \"customImageData\": no picture is taken here");
}
END_TEST

TESTING_MAIN("image", both_spellings_read_the_same, without_an_angle_it_turns_with_the_viewer,
             what_is_wrong_is_named_with_its_range, what_is_written_reads_back,
             the_default_is_a_cell_wide, a_picture_by_its_data_or_its_id,
             what_is_wrong_with_a_picture_is_told)
