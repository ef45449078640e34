/* console_types.h - the types that console commands name.
 *
 * Inside server/host. Owner: the tick. */
#ifndef TILTH_HOST_CONSOLE_TYPES_H
#define TILTH_HOST_CONSOLE_TYPES_H

#include "catalog/catalog.h"
#include "host/console.h"

/* The type that a word names, or NULL with words. */
const struct entity_def *console_find_type(const struct host *host, struct console_call *call,
                                           const char *name);

#endif
