/* keeper_backup.h - the keeper's commands about backups. Inside server/host; see keeper.h. */
#ifndef TILTH_HOST_KEEPER_BACKUP_H
#define TILTH_HOST_KEEPER_BACKUP_H

#include "host/keeper.h"

/* `backup now`: makes one; an automatic one also prunes, and verifies one in backup_verify_every.
 */
enum console_result keeper_backup_now(struct keeper *keeper, struct console_call *call);

/* `backup list`. */
enum console_result keeper_backup_list(struct keeper *keeper, struct console_call *call);

/* `backup verify [NAME]`: the newest when none is named. */
enum console_result keeper_backup_verify(struct keeper *keeper, struct console_call *call);

/* `backup prune`: removes what backup_keep says may go. */
enum console_result keeper_backup_prune(struct keeper *keeper, struct console_call *call);

/* `backup start` and `backup stop`: automatic ones, until the server ends. */
enum console_result keeper_backup_start(struct keeper *keeper, struct console_call *call);
enum console_result keeper_backup_stop(struct keeper *keeper,
                                       struct console_call *call); /* No more. */

#endif
