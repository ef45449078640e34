/* console_images.h - the console's commands about how things are drawn.
 *
 * Inside server/host; console_commands.c has the table. An operator draws what it likes wherever it
 * likes, within the limits of the world. What is shown is durable, and what is changed is answered
 * when it is. Owner: the tick. */
#ifndef TILTH_HOST_CONSOLE_IMAGES_H
#define TILTH_HOST_CONSOLE_IMAGES_H

#include "host/console.h"

/* X Y: how what stands in the cell is drawn; X Y JSON, X Y reset: changes that. */
enum console_result console_image(struct host *host, struct console_call *call);

enum console_result console_image_list(struct host *host, struct console_call *call);    /* none */
enum console_result console_image_show(struct host *host, struct console_call *call);    /* ID */
enum console_result console_image_ban(struct host *host, struct console_call *call);     /* ID */
enum console_result console_image_unban(struct host *host, struct console_call *call);   /* ID */
enum console_result console_image_configs(struct host *host, struct console_call *call); /* none */

#endif
