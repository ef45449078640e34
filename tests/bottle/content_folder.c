#include "bottle/content_folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 1200 };

static const char *const lists[CONTENT_FOLDER_LISTS] = {"terrains",   "entities", "items",
                                                        "structures", "skills",   "kit"};

static const char *source_folder(void)
{
    const char *source = getenv("TILTH_SOURCE_DIR");
    return source != NULL ? source : ".";
}

static void read_text(const char *path, char out_text[CONTENT_FOLDER_TEXT_BYTES])
{
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s", path);
    size_t size = fread(out_text, 1, CONTENT_FOLDER_TEXT_BYTES, file);
    ck_assert_msg(size < CONTENT_FOLDER_TEXT_BYTES, "%s", path);
    out_text[size] = '\0';
    ck_assert_int_eq(fclose(file), 0);
}

static void write_list(const struct content_folder *folder, uint32_t list)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s.json", folder->path, lists[list]);
    FILE *file = fopen(path, "w");
    ck_assert_msg(file != NULL, "%s", path);
    ck_assert_int_ge(fputs(folder->texts[list], file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

void content_folder_open(struct content_folder *folder, struct bottle *bottle)
{
    char path[PATH_BYTES];
    (void)snprintf(folder->path, sizeof folder->path, "/tmp/tilth-content-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder->path));
    for (uint32_t i = 0; i < CONTENT_FOLDER_LISTS; i++) {
        (void)snprintf(path, sizeof path, "%s/shared/content/%s.json", source_folder(), lists[i]);
        read_text(path, folder->texts[i]);
        write_list(folder, i);
    }
    (void)snprintf(bottle->settings.content_dir, sizeof bottle->settings.content_dir, "%s",
                   folder->path);
}

void content_folder_close(struct content_folder *folder)
{
    char path[PATH_BYTES];
    for (uint32_t i = 0; i < CONTENT_FOLDER_LISTS; i++) {
        (void)snprintf(path, sizeof path, "%s/%s.json", folder->path, lists[i]);
        ck_assert_int_eq(unlink(path), 0);
    }
    ck_assert_int_eq(rmdir(folder->path), 0);
}

/* The list of this name, which need not end in 0. */
static uint32_t list_of(const char *name, size_t size)
{
    uint32_t list = 0;
    while (list < CONTENT_FOLDER_LISTS &&
           (strlen(lists[list]) != size || memcmp(lists[list], name, size) != 0))
        list++;
    ck_assert_msg(list < CONTENT_FOLDER_LISTS, "\"%.*s\" is no list", (int)size, name);
    return list;
}

/* Puts a text in the place of `size` bytes at `at` of the list. */
static void splice(struct content_folder *folder, uint32_t list, const char *at, size_t size,
                   const char *text)
{
    static char longer[CONTENT_FOLDER_TEXT_BYTES];
    const char *old = folder->texts[list];
    int written =
        snprintf(longer, sizeof longer, "%.*s%s%s", (int)(at - old), old, text, at + size);
    ck_assert_int_lt(written, CONTENT_FOLDER_TEXT_BYTES);
    memcpy(folder->texts[list], longer, (size_t)written + 1);
    write_list(folder, list);
}

void content_folder_add(struct content_folder *folder, const char *list, const char *entries)
{
    static char text[CONTENT_FOLDER_TEXT_BYTES];
    uint32_t at = list_of(list, strlen(list));
    const char *end = strrchr(folder->texts[at], ']');
    ck_assert_ptr_nonnull(end);
    int written = snprintf(text, sizeof text, ",\n%s", entries);
    ck_assert_int_lt(written, CONTENT_FOLDER_TEXT_BYTES);
    splice(folder, at, end, 0, text);
}

void content_folder_replace(struct content_folder *folder, const char *list, const char *old,
                            const char *new_part)
{
    uint32_t at = list_of(list, strlen(list));
    const char *found = strstr(folder->texts[at], old);
    ck_assert_msg(found != NULL, "%s: no %s", list, old);
    splice(folder, at, found, strlen(old), new_part);
}

uint32_t content_folder_add_page(struct content_folder *folder, const char *page)
{
    static const char fence[] = "```json", close[] = "```";
    static char text[CONTENT_FOLDER_TEXT_BYTES];
    char path[PATH_BYTES];
    uint32_t count = 0;
    (void)snprintf(path, sizeof path, "%s/docs/howto/%s", source_folder(), page);
    read_text(path, text);
    for (char *at = text; (at = strstr(at, fence)) != NULL; count++) {
        const char *name = at + strlen(fence) + 1;
        size_t size = strcspn(name, "\n");
        at = strstr(name, close);
        ck_assert_msg(at != NULL, "%s: a block is open", page);
        *at = '\0';
        content_folder_add(folder, lists[list_of(name, size)], name + size);
        at += strlen(close);
    }
    return count;
}
