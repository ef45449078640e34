#include "backup/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "testing.h"

/* A list, newest first, of letters: v verified, n not, f faulty, u that cannot be read. */
static struct shelf_list *list_of(const char *letters)
{
    struct shelf_list *list = calloc(1, sizeof *list);
    ck_assert_ptr_nonnull(list);
    for (; letters[list->count] != '\0'; list->count++) {
        struct shelf_entry *entry = &list->entries[list->count];
        char letter = letters[list->count];
        entry->is_readable = letter != 'u';
        entry->verdict = letter == 'v'   ? SHELF_VERIFIED
                         : letter == 'f' ? SHELF_FAULTY
                                         : SHELF_NOT_VERIFIED;
    }
    return list;
}

/* What stays of the list, as letters; what goes is '-'. */
static void check(const char *letters, uint32_t keep, const char *stays)
{
    struct shelf_list *list = list_of(letters);
    char found[32] = "";
    for (uint32_t i = 0; i < list->count; i++)
        found[i] = shelf_may_go(list, i, keep) ? '-' : letters[i];
    ck_assert_msg(strcmp(found, stays) == 0, "%s, keep %u: %s, not %s", letters, keep, found,
                  stays);
    free(list);
}

START_TEST(the_newest_stay)
{
    check("", 3, "");
    check("nnn", 3, "nnn");
    check("nnnnn", 3, "nnn--");
    check("nnnnn", 1, "n----");
}
END_TEST

START_TEST(the_newest_verified_stays)
{
    check("nnnvvn", 2, "nn-v--");
    check("vnnv", 1, "v---");
    check("nnnn", 1, "n---");
}
END_TEST

/* Faulty ones are no backups: they do not count, and go when there are enough good ones. */
START_TEST(faulty_ones_do_not_count)
{
    check("fnfnfn", 2, "fnfn--");
    check("fffn", 1, "fffn");
}
END_TEST

START_TEST(what_cannot_be_read_is_left_alone)
{
    check("nununu", 1, "nu-u-u");
}
END_TEST

START_TEST(a_name_is_free)
{
    struct shelf shelf = {.folder = "/nowhere", .lock_fd = -1};
    char name[MANIFEST_NAME_BYTES];
    shelf_new_name(&shelf, INT64_C(1795942336123456), name);
    ck_assert_str_eq(name, "20261129T085216Z");
}
END_TEST

START_TEST(other_names_are_none)
{
    static const char *const wrong[] = {"", "..", "../journal", "a/b", "x.partial", "lock "};
    struct shelf shelf = {.folder = "/", .lock_fd = -1};
    struct shelf_entry entry;
    struct error error = {""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!shelf_find(&shelf, wrong[i], &entry, &error), "%s", wrong[i]);
    ck_assert_msg(strstr(error.text, "there is no backup") != NULL, "%s", error.text);
}
END_TEST

TESTING_MAIN("shelf", the_newest_stay, the_newest_verified_stays, faulty_ones_do_not_count,
             what_cannot_be_read_is_left_alone, a_name_is_free, other_names_are_none)
