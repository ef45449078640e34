/* console_keep.h - commands that the tick hands over to the keeper (keeper.h), which answers them.
 *
 * Inside server/host. Nothing that the keeper does is an input of the tick; in a replay, where
 * there is no keeper, they end without an answer. Owner: the tick. */
#ifndef TILTH_HOST_CONSOLE_KEEP_H
#define TILTH_HOST_CONSOLE_KEEP_H

#include "host/console.h"

/* Hands the command over as it is. HANDED_OVER; FAILED with words when the keeper has too much to
 * do. */
enum console_result console_keep(struct host *host, struct console_call *call);

/* `check`: compares what is in memory with its hashes, some chunks a tick, and hands over then. */
enum console_result console_check(struct host *host, struct console_call *call);

#endif
