#include "backup/manifest.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"

static struct manifest sample(void)
{
    struct manifest manifest = {
        .name = "20261129T085216Z",
        .world = "meadow",
        .server = "0.1.0",
        .at_us = INT64_C(1795942336123456),
        .took_ms = 417,
        .journal = UINT64_C(0x7fffffffffffffff), /* more than a double holds */
        .applied_seq = 68719476735,
        .tick = 123456789,
        .timeline = 3,
        .schema = 5,
        .hash = {.high = UINT64_C(0x8123456789abcdef), .low = 1},
        .size_bytes = 1 << 30,
        .count = 2,
        .tables = {{"chunks", 7}, {"images", 0}},
    };
    for (int i = 0; i < CRYPTO_DIGEST_BYTES; i++)
        manifest.sha256[i] = (uint8_t)(200 + i);
    return manifest;
}

/* Writes the text where only this process looks. */
static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(what_is_written_is_read)
{
    char bytes[MANIFEST_BYTES], path[64];
    struct manifest manifest = sample(), read;
    struct error error = {""};
    struct text text;
    (void)snprintf(path, sizeof path, "/tmp/tilth-manifest-%d", getpid());
    text_init(&text, bytes, sizeof bytes);
    manifest_write(&manifest, &text);
    write_file(path, bytes);
    ck_assert_msg(manifest_load(path, &read, &error), "%s", error.text);
    (void)unlink(path);
    ck_assert_str_eq(read.name, manifest.name);
    ck_assert_str_eq(read.world, manifest.world);
    ck_assert_int_eq(read.at_us, manifest.at_us);
    ck_assert_uint_eq(read.journal, manifest.journal);
    ck_assert_uint_eq(read.applied_seq, manifest.applied_seq);
    ck_assert_uint_eq(read.timeline, manifest.timeline);
    ck_assert(hash_is_equal(read.hash, manifest.hash));
    ck_assert_mem_eq(read.sha256, manifest.sha256, sizeof read.sha256);
    ck_assert_uint_eq(read.count, 2);
    ck_assert_str_eq(read.tables[0].table, "chunks");
    ck_assert_uint_eq(read.tables[0].rows, 7);
}
END_TEST

/* Whatever is missing or altered is refused in words that name it. */
START_TEST(what_is_spoilt_is_named)
{
    static const struct {
        const char *from, *to, *words;
    } spoilt[] = {
        {"\"format\":1", "\"format\":2", "its format is 2"},
        {"\"tick\":", "\"tock\":", "\"tick\""},
        {"\"world\":\"meadow\"", "\"world\":\"\"", "\"world\""},
        {"\"world\":\"meadow\"", "\"world\":\"\\u001b[31m\"", "not a printable text"},
        {"\"sha256\":\"c8", "\"sha256\":\"C8", "\"sha256\""},
        {"\"rows\":7", "\"rows\":-7", "\"rows\""},
        {"\"journal\":\"7f", "\"journal\":\"f", "\"journal\""},
    };
    char bytes[MANIFEST_BYTES], path[64];
    struct manifest manifest = sample();
    struct text text;
    (void)snprintf(path, sizeof path, "/tmp/tilth-manifest-%d", getpid());
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        struct error error = {""};
        struct manifest read;
        text_init(&text, bytes, sizeof bytes);
        manifest_write(&manifest, &text);
        char *at = strstr(bytes, spoilt[i].from);
        ck_assert_msg(at != NULL, "%s", spoilt[i].from);
        char rest[MANIFEST_BYTES];
        (void)snprintf(rest, sizeof rest, "%s", at + strlen(spoilt[i].from));
        (void)snprintf(at, (size_t)(bytes + sizeof bytes - at), "%s%s", spoilt[i].to, rest);
        write_file(path, bytes);
        ck_assert(!manifest_load(path, &read, &error));
        ck_assert_msg(strstr(error.text, spoilt[i].words) != NULL, "%s", error.text);
    }
    (void)unlink(path);
}
END_TEST

START_TEST(times_are_read_in_utc)
{
    int64_t at_us = 0;
    char words[32];
    ck_assert(manifest_parse_time("2026-11-29T08:52:16Z", &at_us));
    ck_assert_int_eq(at_us, INT64_C(1795942336000000));
    ck_assert(manifest_parse_time("2026-11-29 08:52:16", &at_us));
    ck_assert_int_eq(at_us, INT64_C(1795942336000000));
    ck_assert(manifest_parse_time("1795942336", &at_us));
    ck_assert_int_eq(at_us, INT64_C(1795942336000000));
    manifest_format_time(at_us, words);
    ck_assert_str_eq(words, "2026-11-29 08:52:16 UTC");
    static const char *const wrong[] = {"",
                                        "yesterday",
                                        "2026-02-31T00:00:00Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-11-29",
                                        "2099-02-31T-5:00:00Z",
                                        "2026-11-29T24:00:00Z",
                                        "2026-11-29T08:52:16+01:00",
                                        "2026-11-29T08:52:16Zulu",
                                        "-5",
                                        "1969-12-31T23:59:59Z"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!manifest_parse_time(wrong[i], &at_us), "%s", wrong[i]);
}
END_TEST

TESTING_MAIN("manifest", what_is_written_is_read, what_is_spoilt_is_named, times_are_read_in_utc)
