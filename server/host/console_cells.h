/* console_cells.h - the console's commands that show what is in a cell.
 *
 * Inside server/host; console_commands.c has the table. They bring the cell's chunk into memory and
 * show only what is durable. Owner: the tick. */
#ifndef TILTH_HOST_CONSOLE_CELLS_H
#define TILTH_HOST_CONSOLE_CELLS_H

#include "host/console.h"

enum console_result console_cell(struct host *host, struct console_call *call);   /* X Y: briefly */
enum console_result console_entity(struct host *host, struct console_call *call); /* X Y: all */

#endif
