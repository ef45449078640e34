/* keeper_restore.h - the keeper's `backup restore`: the running world goes back to an earlier time.
 *
 * Inside server/host. The bench makes what is to be the world beside it (backup/restoration.h),
 * asks the main thread to let the world stand still (keeper_stage), exchanges the databases, and
 * the main thread opens the world again, with everybody who is connected (roles.c). */
#ifndef TILTH_HOST_KEEPER_RESTORE_H
#define TILTH_HOST_KEEPER_RESTORE_H

#include "host/keeper.h"

/* `backup restore NAME [--to-tick N | --to-time T]`. */
enum console_result keeper_backup_restore(struct keeper *keeper, struct console_call *call);

#endif
