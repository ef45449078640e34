/* console_structures.h - the console's commands about structures.
 *
 * Inside server/host; console_commands.c has the table. An operator pays nothing and needs no
 * reach, but room as everybody. What is changed is answered when it is durable. Owner: the tick. */
#ifndef TILTH_HOST_CONSOLE_STRUCTURES_H
#define TILTH_HOST_CONSOLE_STRUCTURES_H

#include "host/console.h"

enum console_result console_structure_place(struct host *host,
                                            struct console_call *call); /* TYPE X Y */
enum console_result console_structure_remove(struct host *host,
                                             struct console_call *call);                  /* X Y */
enum console_result console_structure_list(struct host *host, struct console_call *call); /* none */

/* Wants all chunks that the change touches; false with words when there is no room. */
bool console_pin_all(struct host *host, struct console_call *call, const struct change *change);

#endif
