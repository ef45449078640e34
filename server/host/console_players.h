/* console_players.h - the console's commands about what players own and may do.
 *
 * Inside server/host; console_commands.c has the table. Players must be connected. What changes
 * something is answered when it is durable. Owner: the tick. */
#ifndef TILTH_HOST_CONSOLE_PLAYERS_H
#define TILTH_HOST_CONSOLE_PLAYERS_H

#include "host/console.h"

enum console_result console_give(struct host *host, struct console_call *call); /* NAME ITEM N */
enum console_result console_take_away(struct host *host, struct console_call *call); /* the same */
enum console_result console_inventory(struct host *host, struct console_call *call); /* NAME */
enum console_result console_skill(struct host *host,
                                  struct console_call *call); /* NAME SKILL [POINTS] */
enum console_result console_role(struct host *host,
                                 struct console_call *call); /* NAME builder on|off */

#endif
