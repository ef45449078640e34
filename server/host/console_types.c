#include "host/console_types.h"

#include "host/console_tell.h"
#include "host/host.h"

const struct entity_def *console_find_type(const struct host *host, struct console_call *call,
                                           const char *name)
{
    const struct catalog *catalog = host->world.catalog;
    const struct entity_def *def = catalog_find_name(catalog, name);
    const char *nearest = catalog_suggest(catalog, name);
    if (def == NULL && nearest != NULL)
        (void)console_fail(call, "There is no '%s'. Did you mean '%s'?", name, nearest);
    else if (def == NULL)
        (void)console_fail(call, "There is no '%s'.", name);
    return def;
}
