/* content_files.h - content as files in a folder of its own, for the tests of the catalogue.
 *
 * Static functions for one test file each; the folder is gone when they return. */
#ifndef TILTH_TESTS_CONTENT_FILES_H
#define TILTH_TESTS_CONTENT_FILES_H

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testing.h"

#include "catalog/catalog.h"

static const char content_terrains[] =
    "{\"terrains\": ["
    "{\"name\": \"rock\", \"solid\": false, \"buildable\": true},"
    "{\"name\": \"lava\", \"solid\": true, \"buildable\": false},"
    "{\"name\": \"water\", \"solid\": true, \"buildable\": false},"
    "{\"name\": \"sand\", \"solid\": false, \"buildable\": true},"
    "{\"name\": \"grassland\", \"solid\": false, \"buildable\": true},"
    "{\"name\": \"forest\", \"solid\": false, \"buildable\": true}]}";
static const char content_entities[] =
    "{\"entities\": ["
    "{\"name\": \"tree\", \"solid\": true, \"placeable\": false, \"removable\": true, "
    "\"stack\": 48},"
    "{\"name\": \"wall\", \"solid\": true, \"placeable\": true, \"removable\": false, "
    "\"stack\": 512},"
    "{\"name\": \"rock\", \"solid\": true, \"placeable\": true, \"removable\": true, "
    "\"stack\": 20},"
    "{\"name\": \"grass\", \"solid\": false, \"placeable\": true, \"removable\": true, "
    "\"stack\": 1}]}";

/* A folder of content as five texts; NULL leaves a file out. */
struct content_files {
    const char *terrains, *entities, *items, *structures, *skills;
};

/* The texts above, and nothing else. */
static const struct content_files content_good = {
    .terrains = content_terrains,
    .entities = content_entities,
    .items = "{\"items\": []}",
    .structures = "{\"structures\": []}",
    .skills = "{\"skills\": []}",
};

/* Writes <folder>/<name>.json. */
static inline void content_put(const char *folder, const char *name, const char *text)
{
    char path[128];
    if (text == NULL)
        return;
    (void)snprintf(path, sizeof path, "%s/%s.json", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    ck_assert_int_eq(fclose(file), 0);
}

/* Removes it again, if it is there. */
static inline void content_remove(const char *folder, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s.json", folder, name);
    (void)unlink(path);
}

/* Loads a folder with these files. */
static inline struct catalog *content_load_files(const struct content_files *files,
                                                 struct error *error)
{
    const char *const names[] = {"terrains", "entities", "items", "structures", "skills"};
    const char *const texts[] = {files->terrains, files->entities, files->items, files->structures,
                                 files->skills};
    char folder[] = "/tmp/tilth-catalog-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        content_put(folder, names[i], texts[i]);
    struct catalog *catalog = catalog_load(folder, NULL, error);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        content_remove(folder, names[i]);
    ck_assert_int_eq(rmdir(folder), 0);
    return catalog;
}

/* The same for files that have no mistake. */
static inline struct catalog *content_load_good(const struct content_files *files)
{
    struct error error = {""};
    struct catalog *catalog = content_load_files(files, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    return catalog;
}

/* A copy of the text with the first `old` replaced, in a buffer that the next call uses again. */
static inline const char *content_replaced(const char *text, const char *old, const char *new_part)
{
    static char copy[16384];
    const char *at = strstr(text, old);
    ck_assert_msg(at != NULL, "%s", old);
    int size =
        snprintf(copy, sizeof copy, "%.*s%s%s", (int)(at - text), text, new_part, at + strlen(old));
    ck_assert_int_lt(size, (int)sizeof copy);
    return copy;
}

/* The same into a buffer of the caller's. */
static inline void content_replace(char *out_text, size_t capacity, const char *text,
                                   const char *old, const char *new_part)
{
    const char *copy = content_replaced(text, old, new_part);
    ck_assert_uint_lt(strlen(copy), capacity);
    memcpy(out_text, copy, strlen(copy) + 1);
}

/* Does the error name the file, and say the words? */
static inline void content_expect(const struct error *error, const char *file, const char *words)
{
    ck_assert_msg(strstr(error->text, file) != NULL, "%s", error->text);
    ck_assert_msg(strstr(error->text, words) != NULL, "%s", error->text);
}

#endif
