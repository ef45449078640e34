/* The catalogue's text as a server sends it to a client, and JSON with it: what parses is written,
 * and parses to the same. */
#include "fuzz/fuzz.h"

#include "base/ensure.h"
#include "catalog/catalog.h"

static void check_catalog(const struct catalog *catalog)
{
    static char text[CATALOG_TEXT_BYTES];
    struct error error = {""};
    size_t size = catalog_write(catalog, text, sizeof text);
    ensure(size > 0);
    struct catalog *again = catalog_parse(text, size, &error);
    ensure(again != NULL && hash_is_equal(again->hash, catalog->hash));
    ensure(again->type_count == catalog->type_count);
    catalog_destroy(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct error error = {""};
    struct catalog *catalog = catalog_parse((const char *)bytes, size_bytes, &error);
    ensure(catalog != NULL || error.text[0] != '\0');
    if (catalog != NULL)
        check_catalog(catalog);
    catalog_destroy(&catalog);
    return 0;
}
