#include "testing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/disk.h"
#include "sim/disk.h"

/* A new folder's path under $TMPDIR; remove it with remove_folder. */
static void make_path(char *out_path, size_t size_bytes)
{
    const char *base = getenv("TMPDIR");
    (void)snprintf(out_path, size_bytes, "%s/tilth-disk-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(out_path));
}

static void remove_all(struct disk *disk)
{
    char name[DISK_NAME_BYTES] = "";
    while (disk->ops->next(disk->state, name, name) == 1)
        ck_assert_int_eq(disk->ops->unlink(disk->state, name), 0);
}

/* What every disk must do, real or simulated. */
static void check_conformance(struct disk *disk)
{
    const struct disk_ops *ops = disk->ops;
    uint8_t bytes[16];
    char name[DISK_NAME_BYTES];
    ck_assert_int_eq(ops->open(disk->state, "b", false), -ENOENT);
    int file = ops->open(disk->state, "b", true);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(ops->open(disk->state, "b", true), -EEXIST);
    ck_assert_int_eq(ops->size(disk->state, file), 0);
    ck_assert_int_eq(ops->read(disk->state, file, bytes, sizeof bytes, 0), 0);
    ck_assert_int_eq(ops->write(disk->state, file, "hello", 5, 3), 5);
    ck_assert_int_eq(ops->size(disk->state, file), 8);
    ck_assert_int_eq(ops->read(disk->state, file, bytes, sizeof bytes, 1), 7);
    ck_assert_mem_eq(bytes, "\0\0hello", 7);
    ck_assert_int_eq(ops->allocate(disk->state, file, 100000), 0);
    ck_assert_int_eq(ops->size(disk->state, file), 100000);
    ck_assert_int_eq(ops->allocate(disk->state, file, 10), 0);
    ck_assert_int_eq(ops->size(disk->state, file), 100000);
    ck_assert_int_eq(ops->read(disk->state, file, bytes, sizeof bytes, 99996), 4);
    ck_assert_mem_eq(bytes, "\0\0\0\0", 4);
    ck_assert_int_eq(ops->sync(disk->state, file), 0);
    int other = ops->open(disk->state, "a", true);
    ck_assert_int_ge(other, 0);
    ck_assert_int_eq(ops->close(disk->state, other), 0);
    ck_assert_int_eq(ops->sync_folder(disk->state), 0);
    ck_assert_int_eq(ops->next(disk->state, "", name), 1);
    ck_assert_str_eq(name, "a");
    ck_assert_int_eq(ops->next(disk->state, "a", name), 1);
    ck_assert_str_eq(name, "b");
    ck_assert_int_eq(ops->next(disk->state, "b", name), 0);
    ck_assert_int_eq(ops->unlink(disk->state, "b"), 0);
    ck_assert_int_eq(ops->unlink(disk->state, "b"), -ENOENT);
    /* A reader keeps what was removed under it. */
    ck_assert_int_eq(ops->read(disk->state, file, bytes, 5, 3), 5);
    ck_assert_mem_eq(bytes, "hello", 5);
    ck_assert_int_eq(ops->close(disk->state, file), 0);
    remove_all(disk);
    ck_assert_int_eq(ops->next(disk->state, "", name), 0);
}

START_TEST(simulated_disk_conforms)
{
    struct sim_disk *sim = sim_disk_create(1);
    struct disk disk = sim_disk_open(sim);
    check_conformance(&disk);
    sim_disk_destroy(&sim);
}
END_TEST

START_TEST(real_disk_conforms)
{
    char path[256];
    struct disk disk;
    struct error error = {""};
    make_path(path, sizeof path);
    ck_assert_msg(disk_posix_open(&disk, path, &error), "%s", error.text);
    check_conformance(&disk);
    disk_posix_close(&disk);
    disk_posix_close(&disk);
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

/* Beside the server that has it locked. */
START_TEST(a_folder_that_is_only_read_stays_as_it_is)
{
    char path[256];
    char missing[300];
    uint8_t bytes[8];
    struct disk disk, reading;
    struct error error = {""};
    make_path(path, sizeof path);
    (void)snprintf(missing, sizeof missing, "%s/missing", path);
    ck_assert(disk_posix_open(&disk, path, NULL));
    int file = disk.ops->open(disk.state, "a", true);
    ck_assert_int_eq(disk.ops->write(disk.state, file, "hello", 5, 0), 5);
    ck_assert_msg(disk_posix_open_reading(&reading, path, &error), "%s", error.text);
    ck_assert_int_eq(reading.ops->open(reading.state, "b", true), -EROFS);
    ck_assert_int_eq(reading.ops->unlink(reading.state, "a"), -EROFS);
    int other = reading.ops->open(reading.state, "a", false);
    ck_assert_int_eq(reading.ops->read(reading.state, other, bytes, sizeof bytes, 0), 5);
    ck_assert_mem_eq(bytes, "hello", 5);
    ck_assert_int_lt(reading.ops->write(reading.state, other, "HELLO", 5, 0), 0);
    ck_assert_int_eq(reading.ops->close(reading.state, other), 0);
    disk_posix_close(&reading);
    ck_assert(!disk_posix_open_reading(&reading, missing, &error));
    ck_assert_ptr_nonnull(strstr(error.text, missing));
    ck_assert_int_lt(access(missing, F_OK), 0);
    ck_assert_int_eq(disk.ops->close(disk.state, file), 0);
    remove_all(&disk);
    disk_posix_close(&disk);
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(many_names_come_in_order)
{
    enum { NAMES = 500 }; /* more than one listing holds */
    char path[256];
    char name[DISK_NAME_BYTES];
    char wanted[DISK_NAME_BYTES];
    struct disk disk;
    make_path(path, sizeof path);
    ck_assert(disk_posix_open(&disk, path, NULL));
    for (int i = 0; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "%016x.segment", i * 7919 % NAMES);
        int file = disk.ops->open(disk.state, name, true);
        ck_assert_int_ge(file, 0);
        ck_assert_int_eq(disk.ops->close(disk.state, file), 0);
    }
    name[0] = '\0';
    for (int i = 0; i < NAMES; i++) {
        (void)snprintf(wanted, sizeof wanted, "%016x.segment", i);
        ck_assert_int_eq(disk.ops->next(disk.state, name, name), 1);
        ck_assert_str_eq(name, wanted);
    }
    ck_assert_int_eq(disk.ops->next(disk.state, name, name), 0);
    remove_all(&disk);
    disk_posix_close(&disk);
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(folder_is_made_private_and_locked)
{
    char path[256];
    char folder[300];
    struct disk disk;
    struct disk second;
    struct stat status;
    struct error error = {""};
    make_path(path, sizeof path);
    (void)snprintf(folder, sizeof folder, "%s/journal", path);
    ck_assert_msg(disk_posix_open(&disk, folder, &error), "%s", error.text);
    ck_assert_int_eq(stat(folder, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0700);
    ck_assert(!disk_posix_open(&second, folder, &error));
    ck_assert_ptr_nonnull(strstr(error.text, folder));
    ck_assert_ptr_nonnull(strstr(error.text, "in use"));
    disk_posix_close(&disk);
    ck_assert(disk_posix_open(&second, folder, &error));
    disk_posix_close(&second);
    ck_assert_int_eq(rmdir(folder), 0);
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(impossible_folder_is_refused_in_words)
{
    struct disk disk = {0};
    struct error error = {""};
    ck_assert(!disk_posix_open(&disk, "/proc/tilth/journal", &error));
    ck_assert_ptr_nonnull(strstr(error.text, "/proc/tilth/journal"));
    disk_posix_close(&disk);
}
END_TEST

/* ---- the simulated disk's own promises ---- */

START_TEST(synced_bytes_survive_and_others_by_chance)
{
    int survived = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct sim_disk *sim = sim_disk_create(seed);
        struct disk disk = sim_disk_open(sim);
        uint8_t byte;
        int file = disk.ops->open(disk.state, "f", true);
        ck_assert_int_eq(disk.ops->allocate(disk.state, file, 2048), 0);
        ck_assert_int_eq(disk.ops->write(disk.state, file, "s", 1, 0), 1);
        ck_assert_int_eq(disk.ops->sync(disk.state, file), 0);
        ck_assert_int_eq(disk.ops->sync_folder(disk.state), 0);
        ck_assert_int_eq(disk.ops->write(disk.state, file, "u", 1, 1024), 1);
        sim_disk_crash(sim);
        file = disk.ops->open(disk.state, "f", false);
        ck_assert_int_ge(file, 0);
        ck_assert_int_eq(disk.ops->size(disk.state, file), 2048);
        ck_assert_int_eq(disk.ops->read(disk.state, file, &byte, 1, 0), 1);
        ck_assert_uint_eq(byte, 's');
        ck_assert_int_eq(disk.ops->read(disk.state, file, &byte, 1, 1024), 1);
        ck_assert(byte == 'u' || byte == 0);
        survived += byte == 'u';
        sim_disk_destroy(&sim);
    }
    ck_assert_int_gt(survived, 50);
    ck_assert_int_lt(survived, 150);
}
END_TEST

START_TEST(names_survive_by_chance_until_synced)
{
    int made = 0;
    int removed = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct sim_disk *sim = sim_disk_create(seed);
        struct disk disk = sim_disk_open(sim);
        sim_disk_put(sim, "old", "x", 1);
        (void)disk.ops->open(disk.state, "new", true);
        ck_assert_int_eq(disk.ops->unlink(disk.state, "old"), 0);
        sim_disk_crash(sim);
        made += disk.ops->open(disk.state, "new", false) >= 0;
        removed += disk.ops->open(disk.state, "old", false) < 0;
        sim_disk_destroy(&sim);
    }
    ck_assert(made > 50 && made < 150);
    ck_assert(removed > 50 && removed < 150);
}
END_TEST

/* After a failed sync a second one may succeed though the bytes are not there. */
START_TEST(failed_sync_cannot_be_repaired_by_another)
{
    int lost = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct sim_disk *sim = sim_disk_create(seed);
        struct disk disk = sim_disk_open(sim);
        uint8_t byte = 0;
        sim_disk_put(sim, "f", "old", 3);
        int file = disk.ops->open(disk.state, "f", false);
        sim_disk_faults(sim)->syncs_fail = 1;
        ck_assert_int_eq(disk.ops->write(disk.state, file, "new", 3, 0), 3);
        ck_assert_int_eq(disk.ops->sync(disk.state, file), -EIO);
        ck_assert_int_eq(disk.ops->sync(disk.state, file), 0);
        ck_assert_int_eq(disk.ops->read(disk.state, file, &byte, 1, 0), 1);
        bool was_seen = byte == 'n';
        sim_disk_crash(sim);
        file = disk.ops->open(disk.state, "f", false);
        ck_assert_int_eq(disk.ops->read(disk.state, file, &byte, 1, 0), 1);
        lost += was_seen && byte == 'o';
        sim_disk_destroy(&sim);
    }
    ck_assert_int_gt(lost, 20);
}
END_TEST

/* The end comes within the second of these changes: the first is there, the third never is, and who
 * is only killed finds in the cache what was not synced. */
START_TEST(the_end_comes_within_a_change)
{
    int begun = 0, survived = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct sim_disk *sim = sim_disk_create(seed);
        struct disk disk = sim_disk_open(sim);
        uint8_t bytes[3] = {0};
        sim_disk_put(sim, "f", "old", 3);
        int file = disk.ops->open(disk.state, "f", false);
        sim_disk_faults(sim)->dies_in = 2;
        ck_assert_int_eq(disk.ops->write(disk.state, file, "1", 1, 0), 1);
        ck_assert_int_eq(disk.ops->write(disk.state, file, "2", 1, 1), -EIO);
        ck_assert(sim_disk_is_dead(sim));
        ck_assert_int_eq(disk.ops->write(disk.state, file, "3", 1, 2), -EIO);
        ck_assert_int_eq(disk.ops->sync(disk.state, file), -EIO);
        ck_assert_int_eq(disk.ops->read(disk.state, file, bytes, 1, 0), -EIO);
        ck_assert_int_eq(disk.ops->open(disk.state, "g", true), -EIO);
        ck_assert_int_eq(disk.ops->unlink(disk.state, "f"), -EIO);
        sim_disk_kill(sim);
        file = disk.ops->open(disk.state, "f", false);
        ck_assert_int_eq(disk.ops->read(disk.state, file, bytes, 3, 0), 3);
        ck_assert(bytes[0] == '1' && (bytes[1] == '2' || bytes[1] == 'l') && bytes[2] == 'd');
        begun += bytes[1] == '2';
        sim_disk_crash(sim);
        file = disk.ops->open(disk.state, "f", false);
        ck_assert_int_eq(disk.ops->read(disk.state, file, bytes, 3, 0), 3);
        survived += bytes[0] == '1';
        sim_disk_destroy(&sim);
    }
    ck_assert(begun > 20 && begun < 180 && survived > 50 && survived < 180);
}
END_TEST

TESTING_MAIN("disk", simulated_disk_conforms, real_disk_conforms,
             a_folder_that_is_only_read_stays_as_it_is, many_names_come_in_order,
             folder_is_made_private_and_locked, impossible_folder_is_refused_in_words,
             synced_bytes_survive_and_others_by_chance, names_survive_by_chance_until_synced,
             failed_sync_cannot_be_repaired_by_another, the_end_comes_within_a_change)
