#include "picture_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testing.h"

enum { PICTURE_BYTES = 100 };

static struct picture_files files_in(char folder[64], uint64_t bytes_max)
{
    struct picture_files files = {.bytes_max = bytes_max};
    (void)snprintf(files.folder, sizeof files.folder, "%s", folder);
    return files;
}

static char *make_folder(char out_folder[64])
{
    (void)snprintf(out_folder, 64, "/tmp/tilth_pictures_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(out_folder));
    return out_folder;
}

static void fill(uint32_t n, uint8_t bytes[PICTURE_BYTES])
{
    memset(bytes, 7, PICTURE_BYTES);
    memcpy(bytes, &n, sizeof n);
}

static struct hash128 id_of(uint32_t n)
{
    uint8_t bytes[PICTURE_BYTES];
    fill(n, bytes);
    return crypto_digest_128(bytes, sizeof bytes);
}

static void save(struct picture_files *files, uint32_t n)
{
    uint8_t bytes[PICTURE_BYTES];
    fill(n, bytes);
    tilth_picture_files_save(files, id_of(n), bytes, sizeof bytes);
}

static bool is_there(const struct picture_files *files, uint32_t n)
{
    uint8_t bytes[WORLD_IMAGE_BYTES], wanted[PICTURE_BYTES];
    fill(n, wanted);
    return tilth_picture_files_load(files, id_of(n), bytes) == PICTURE_BYTES &&
           memcmp(bytes, wanted, PICTURE_BYTES) == 0;
}

static void path_of(const struct picture_files *files, uint32_t n, char out_path[128])
{
    char digits[33];
    hash_format(id_of(n), digits);
    (void)snprintf(out_path, 128, "%.63s/%s.png", files->folder, digits);
}

/* The picture was written so many seconds after the first. */
static void date(const struct picture_files *files, uint32_t n, int64_t second)
{
    char path[128];
    const struct timespec times[2] = {{1000000 + second, 0}, {1000000 + second, 0}};
    path_of(files, n, path);
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void clean(const struct picture_files *files, uint32_t count)
{
    char path[128];
    for (uint32_t n = 0; n < count; n++) {
        path_of(files, n, path);
        (void)unlink(path);
    }
    ck_assert_int_eq(rmdir(files->folder), 0);
}

START_TEST(the_oldest_go_when_there_are_too_many)
{
    enum { COUNT = 11 }; /* ten have room */
    char folder[64], note[80];
    struct picture_files files = files_in(make_folder(folder), COUNT * PICTURE_BYTES - 1);
    (void)snprintf(note, sizeof note, "%s/notes.png", folder);
    FILE *other = fopen(note, "w");
    ck_assert_ptr_nonnull(other);
    (void)fputs("not ours", other);
    (void)fclose(other);
    for (uint32_t n = 0; n < COUNT; n++) {
        save(&files, n);
        date(&files, n, n < 3 ? 100 - (int64_t)n : (int64_t)n);
    }
    for (uint32_t n = 3; n < COUNT; n++) /* the oldest are 3 and 4 */
        ck_assert(is_there(&files, n) == (n > 4));
    ck_assert(is_there(&files, 0) && is_there(&files, 1) && is_there(&files, 2));
    ck_assert_uint_le(files.bytes, COUNT * PICTURE_BYTES / 8 * 7);
    ck_assert_int_eq(unlink(note), 0);
    clean(&files, COUNT);
}
END_TEST

/* What is there from before counts, however much it is, and goes. */
START_TEST(a_folder_that_was_there_is_counted)
{
    enum { COUNT = 1000, LEFT = 100 };
    char folder[64];
    struct picture_files files = files_in(make_folder(folder), 1 << 20);
    for (uint32_t n = 0; n < COUNT; n++) {
        save(&files, n);
        date(&files, n, n);
    }
    files = files_in(folder, LEFT * PICTURE_BYTES);
    save(&files, COUNT);
    uint32_t left = 0;
    for (uint32_t n = 0; n <= COUNT; n++)
        left += is_there(&files, n);
    ck_assert_uint_eq(left, LEFT * PICTURE_BYTES / 8 * 7 / PICTURE_BYTES);
    ck_assert(is_there(&files, COUNT) && is_there(&files, COUNT - 1));
    clean(&files, COUNT + 1);
}
END_TEST

START_TEST(what_is_not_the_picture_is_not_taken)
{
    char folder[64], path[128];
    uint8_t bytes[WORLD_IMAGE_BYTES];
    struct picture_files files = files_in(make_folder(folder), 1 << 20);
    struct picture_files none = {.bytes_max = 1};
    save(&files, 1);
    ck_assert(is_there(&files, 1) && !is_there(&files, 2) && !is_there(&none, 1));
    save(&none, 1);
    path_of(&files, 1, path);
    ck_assert_int_eq(truncate(path, PICTURE_BYTES - 1), 0);
    ck_assert_uint_eq(tilth_picture_files_load(&files, id_of(1), bytes), 0);
    clean(&files, 2);
}
END_TEST

TESTING_MAIN("picture_files", the_oldest_go_when_there_are_too_many,
             a_folder_that_was_there_is_counted, what_is_not_the_picture_is_not_taken)
