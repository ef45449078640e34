/* What docs/howto shows is right: every ```json block says which list of shared/content its entries
 * go to, and a page's blocks load together with what is there. */
#include <dirent.h>

#include "content_files.h"

enum { LISTS = 5, TEXT_BYTES = 16384, PAGES_MIN = 7 };

static const char *const lists[LISTS] = {"terrains", "entities", "items", "structures", "skills"};

/* Content to which a page adds. */
struct content {
    char texts[LISTS][TEXT_BYTES];
    uint32_t block_count;
};

static const char *source_folder(void)
{
    const char *source = getenv("TILTH_SOURCE_DIR");
    ck_assert_ptr_nonnull(source);
    return source;
}

static void read_file(const char *folder, const char *name, char out_text[TEXT_BYTES])
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s/%s", source_folder(), folder, name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s", path);
    size_t size = fread(out_text, 1, TEXT_BYTES, file);
    ck_assert_msg(size < TEXT_BYTES, "%s", path);
    out_text[size] = '\0';
    ck_assert_int_eq(fclose(file), 0);
}

/* Puts the entries behind the last one of the list. */
static void append_entries(char text[TEXT_BYTES], const char *entries, int size)
{
    static char longer[TEXT_BYTES];
    const char *end = strrchr(text, ']');
    ck_assert_ptr_nonnull(end);
    int written = snprintf(longer, sizeof longer, "%.*s,\n%.*s%s", (int)(end - text), text, size,
                           entries, end);
    ck_assert_int_lt(written, TEXT_BYTES);
    memcpy(text, longer, (size_t)written + 1);
}

/* The list that stands behind ```json. */
static uint32_t list_of(const char *page, const char *name, size_t size)
{
    for (uint32_t i = 0; i < LISTS; i++) {
        if (strlen(lists[i]) == size && memcmp(lists[i], name, size) == 0)
            return i;
    }
    ck_abort_msg("%s: \"%.*s\" is no list of content", page, (int)size, name);
    return 0;
}

static void append_blocks(const char *page, const char *text, struct content *content)
{
    static const char fence[] = "```json", close[] = "```";
    const char *at = text;
    while ((at = strstr(at, fence)) != NULL) {
        const char *name = at + strlen(fence);
        name += *name == ' ';
        size_t size = strcspn(name, "\n");
        const char *entries = name + size;
        at = strstr(entries, close);
        ck_assert_msg(at != NULL, "%s: a block is open", page);
        append_entries(content->texts[list_of(page, name, size)], entries, (int)(at - entries));
        at += strlen(close);
        content->block_count++;
    }
}

/* The number of json blocks of the page, which all load. */
static uint32_t load_page(const char *page)
{
    static struct content content;
    static char text[TEXT_BYTES];
    struct error error = {""};
    content.block_count = 0;
    for (uint32_t i = 0; i < LISTS; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s.json", lists[i]);
        read_file("shared/content", name, content.texts[i]);
    }
    read_file("docs/howto", page, text);
    append_blocks(page, text, &content);
    struct content_files files = {content.texts[0], content.texts[1], content.texts[2],
                                  content.texts[3], content.texts[4]};
    struct catalog *catalog = content_load_files(&files, &error);
    ck_assert_msg(catalog != NULL, "%s: %s", page, error.text);
    catalog_destroy(&catalog);
    return content.block_count;
}

START_TEST(what_the_pages_show_loads)
{
    char folder[1024];
    uint32_t page_count = 0;
    const struct dirent *entry = NULL;
    (void)snprintf(folder, sizeof folder, "%s/docs/howto", source_folder());
    DIR *pages = opendir(folder);
    ck_assert_ptr_nonnull(pages);
    while ((entry = readdir(pages)) != NULL) {
        if (strstr(entry->d_name, ".md") != NULL)
            page_count += load_page(entry->d_name) > 0;
    }
    (void)closedir(pages);
    ck_assert_uint_ge(page_count, PAGES_MIN);
}
END_TEST

TESTING_MAIN("howto", what_the_pages_show_loads)
