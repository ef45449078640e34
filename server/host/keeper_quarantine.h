/* keeper_quarantine.h - what the keeper does with writes that the database refuses.
 *
 * Inside server/host, for keeper_commands.c: one function a command. See store/quarantine.h. */
#ifndef TILTH_HOST_KEEPER_QUARANTINE_H
#define TILTH_HOST_KEEPER_QUARANTINE_H

#include "host/keeper.h"

/* Lists the keys. */
enum console_result keeper_quarantine_list(struct keeper *keeper, struct console_call *call);

/* Writes them to their tables, all or one. FAILED when some are refused still. */
enum console_result keeper_quarantine_retry(struct keeper *keeper, struct console_call *call);

/* Gives them up, all or one. FAILED when there is no such key. */
enum console_result keeper_quarantine_drop(struct keeper *keeper, struct console_call *call);

#endif
