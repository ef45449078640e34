#include "host/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"

static bool load(char **arguments, char **environment, struct settings *out_settings,
                 struct error *error)
{
    int argc = 0;
    while (arguments[argc] != NULL)
        argc++;
    struct settings_input input = {argc, arguments, environment};
    return settings_load(&input, out_settings, error);
}

/* Writes a settings file of these lines; its path is valid until the next call's. */
static void write_file(const char *lines, char out_path[64])
{
    (void)snprintf(out_path, 64, "/tmp/tilth_settings_XXXXXX");
    int fd = mkstemp(out_path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, lines, strlen(lines)), (ssize_t)strlen(lines));
    (void)close(fd);
}

static void expect_refusal(char **arguments, char **environment, const char *const *words)
{
    struct settings settings;
    struct error error;
    ck_assert(!load(arguments, environment, &settings, &error));
    for (; *words != NULL; words++)
        ck_assert_msg(strstr(error.text, *words) != NULL, "no \"%s\" in: %s", *words, error.text);
}

START_TEST(defaults_are_in_their_own_ranges)
{
    struct settings settings;
    settings_init(&settings); /* ensures it row by row */
    ck_assert_str_eq(settings.udp_address, "127.0.0.1");
    ck_assert_uint_eq(settings.tick_hz, 20);
    ck_assert_uint_eq(settings.cache_bytes, 64 << 20);
    ck_assert_str_eq(settings.redis_url, "");
    ck_assert(settings.share_seed && !settings.abandon_journal);
}
END_TEST

START_TEST(command_line_goes_before_environment_before_file)
{
    char path[64];
    write_file("# a comment\n\n tick_hz = 30\nspeed-px-s=200\r\nworld = from_file\n", path);
    char *arguments[] = {"--settings", path, "--tick-hz=10", NULL};
    char *environment[] = {"TILTH_TICK_HZ=11", "TILTH_WORLD=from_environment", "PATH=/bin", NULL};
    struct settings settings;
    struct error error;
    ck_assert_msg(load(arguments, environment, &settings, &error), "%s", error.text);
    ck_assert_uint_eq(settings.tick_hz, 10);
    ck_assert_str_eq(settings.world, "from_environment");
    ck_assert_uint_eq(settings.speed_px_s, 200);
    ck_assert_str_eq(settings.settings, path);
    (void)unlink(path);
}
END_TEST

START_TEST(options_take_values_in_all_spellings)
{
    char *arguments[] = {"--abandon-journal",
                         "--share_seed",
                         "false",
                         "--cache-bytes",
                         "1GiB",
                         "--redis-url",
                         "none",
                         "--log-level",
                         "warning",
                         "--seed",
                         "123456789",
                         "--journal-ring-bytes",
                         "9000000",
                         NULL};
    struct settings settings;
    struct error error;
    ck_assert_msg(load(arguments, NULL, &settings, &error), "%s", error.text);
    ck_assert(settings.abandon_journal && !settings.share_seed);
    ck_assert_uint_eq(settings.cache_bytes, 1 << 30);
    ck_assert_str_eq(settings.redis_url, "");
    ck_assert_uint_eq(settings.log_level, 2);
    ck_assert_uint_eq(settings.seed, 123456789);
    ck_assert_uint_eq(settings.journal_ring_bytes, 16 << 20);
}
END_TEST

START_TEST(wrong_values_name_setting_origin_value_and_range)
{
    const char *const range[] = {"tick_hz", "\"9\"", "10 to 60 ticks/s", "--tick-hz", NULL};
    expect_refusal((char *[]){"--tick-hz", "9", NULL}, NULL, range);
    const char *const variable[] = {"TILTH_UDP_PORT", "udp_port", "\"x\"", "0 to 65535", NULL};
    expect_refusal((char *[]){NULL}, (char *[]){"TILTH_UDP_PORT=x", NULL}, variable);
    const char *const address[] = {"udp_address", "IPv4", NULL};
    expect_refusal((char *[]){"--udp-address=localhost", NULL}, NULL, address);
    const char *const choice[] = {"log_level", "\"loud\"", "debug info", NULL};
    expect_refusal((char *[]){"--log-level=loud", NULL}, NULL, choice);
    const char *const name[] = {"world", "\"My World\"", "lower-case", NULL};
    expect_refusal((char *[]){"--world=My World", NULL}, NULL, name);
    const char *const missing[] = {"--udp-port", "needs a value", NULL};
    expect_refusal((char *[]){"--udp-port", NULL}, NULL, missing);
    const char *const overflow[] = {"cache_bytes", NULL};
    expect_refusal((char *[]){"--cache-bytes=9999999999GiB", NULL}, NULL, overflow);
    expect_refusal((char *[]){"--cache-bytes=-1", NULL}, NULL, overflow);
    const char *const stray[] = {"\"stray\"", "not an option", NULL};
    expect_refusal((char *[]){"stray", NULL}, NULL, stray);
}
END_TEST

START_TEST(mistakes_in_options_are_told_apart)
{
    char *megabytes[] = {"--cache-bytes", "64MB", NULL};
    expect_refusal(megabytes, NULL, (const char *const[]){"\"64MB\"", "KiB, MiB or GiB", NULL});
    char *missing[] = {"--udp-port", "--world", "x", NULL};
    expect_refusal(missing, NULL,
                   (const char *const[]){"--udp-port: needs a value", "0 to 65535", NULL});
    char *last[] = {"--udp-port", NULL};
    expect_refusal(last, NULL, (const char *const[]){"--udp-port: needs a value", NULL});
    char *unsure[] = {"--share-seed", "maybe", NULL};
    expect_refusal(unsure, NULL,
                   (const char *const[]){"share_seed is \"maybe\"", "true or false", NULL});
}
END_TEST

START_TEST(file_errors_name_the_line)
{
    char path[64];
    char place[80];
    write_file("world = a\ntick_hz = fast\n", path);
    (void)snprintf(place, sizeof place, "%s:2", path);
    expect_refusal((char *[]){"--settings", path, NULL}, NULL,
                   (const char *const[]){place, "tick_hz", "\"fast\"", NULL});
    (void)unlink(path);
    write_file("just words\n", path);
    expect_refusal((char *[]){"--settings", path, NULL}, NULL,
                   (const char *const[]){path, "name = value", NULL});
    (void)unlink(path);
    expect_refusal((char *[]){"--settings", path, NULL}, NULL,
                   (const char *const[]){path, "No such file", NULL});
}
END_TEST

START_TEST(unknown_settings_suggest_the_nearest)
{
    const char *const option[] = {"\"udp_prot\"", "udp_port", NULL};
    expect_refusal((char *[]){"--udp-prot=1", NULL}, NULL, option);
    const char *const variable[] = {"TILTH_UDP_PROT", "TILTH_UDP_PORT", NULL};
    expect_refusal((char *[]){NULL}, (char *[]){"TILTH_UDP_PROT=1", NULL}, variable);
    struct settings settings;
    ck_assert(load((char *[]){NULL}, (char *[]){"TILTH_HOME=/x", "TILTH_CCACHE=", NULL}, &settings,
                   NULL));
}
END_TEST

START_TEST(passwords_are_masked)
{
    static const struct {
        const char *url, *masked;
    } cases[] = {
        {"postgresql://a:secret@h:5432/db", "postgresql://a:***@h:5432/db"},
        {"postgresql://a:se@cr:et@h/db", "postgresql://a:***@h/db"},
        {"redis://:secret@h:6379", "redis://:***@h:6379"},
        {"postgresql://h:5432/db?password=secret&a=b", "postgresql://h:5432/db?password=***&a=b"},
        {"host=h password='a \\' b' dbname=d", "host=h password=*** dbname=d"},
        {"host=h sslpassword=s password=secret", "host=h sslpassword=*** password=***"},
        {"postgresql:///tilth", "postgresql:///tilth"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char shown[128];
        struct text text;
        text_init(&text, shown, sizeof shown);
        settings_mask(cases[i].url, &text);
        ck_assert_str_eq(shown, cases[i].masked);
    }
}
END_TEST

START_TEST(every_value_is_printed)
{
    static char shown[16384];
    struct settings settings;
    struct text text;
    settings_init(&settings);
    text_init(&text, shown, sizeof shown);
    settings_print(&settings, &text);
    ck_assert(!text.is_cut);
    ck_assert_ptr_nonnull(strstr(shown, "\nudp_port = 7400\n"));
    ck_assert_ptr_nonnull(strstr(shown, "\nlog_level = info\n"));
    text_clear(&text);
    settings_help(&text);
    ck_assert(!text.is_cut);
    for (uint32_t i = 0; settings_row(i) != NULL; i++)
        ck_assert_ptr_nonnull(strstr(shown, settings_row(i)->help));
}
END_TEST

/* The page in docs/ is made from the table: `tilth-server --help-markdown > docs/settings.md`. */
START_TEST(page_is_up_to_date)
{
    static char made[32768];
    static char kept[32768];
    char path[512];
    const char *root = getenv("TILTH_SOURCE_DIR");
    (void)snprintf(path, sizeof path, "%s/docs/settings.md", root != NULL ? root : ".");
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(kept, 1, sizeof kept - 1, file);
    (void)fclose(file);
    kept[size] = 0;
    struct text text;
    text_init(&text, made, sizeof made);
    settings_markdown(&text);
    ck_assert(!text.is_cut);
    ck_assert_str_eq(kept, made);
}
END_TEST

TESTING_MAIN("settings", defaults_are_in_their_own_ranges,
             command_line_goes_before_environment_before_file, options_take_values_in_all_spellings,
             wrong_values_name_setting_origin_value_and_range, mistakes_in_options_are_told_apart,
             file_errors_name_the_line, unknown_settings_suggest_the_nearest, passwords_are_masked,
             every_value_is_printed, page_is_up_to_date)
