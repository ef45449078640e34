/* console_content.h - the console's command that has the content read again.
 *
 * Inside server/host; console_commands.c has the table. Owner: the tick. */
#ifndef TILTH_HOST_CONSOLE_CONTENT_H
#define TILTH_HOST_CONSOLE_CONTENT_H

#include "host/console.h"

enum console_result console_content_reload(struct host *host, struct console_call *call); /* none */

#endif
