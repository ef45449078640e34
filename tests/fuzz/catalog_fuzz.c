/* The catalogue's text as a server sends it to a client, and JSON with it. */
#include "fuzz/fuzz.h"

#include "base/ensure.h"
#include "catalog/catalog.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct error error = {""};
    struct catalog *catalog = catalog_parse((const char *)bytes, size_bytes, &error);
    ensure(catalog != NULL || error.text[0] != '\0');
    catalog_destroy(&catalog);
    return 0;
}
