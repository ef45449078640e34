/* console_look.h - how console commands tell how something is drawn.
 *
 * Inside server/host. In px and rad. Owner: the tick. */
#ifndef TILTH_HOST_CONSOLE_LOOK_H
#define TILTH_HOST_CONSOLE_LOOK_H

#include "host/console.h"
#include "world/images.h"

/* Writes the members size, fixed_screen_angle, draw_offset_x, draw_offset_y and custom_image, as
 * lines or JSON. */
void console_tell_look(struct console_call *call, const struct change_image_config *look);

/* The same in one line for people. */
void console_add_look(struct text *text, const struct change_image_config *look);

/* The members of the image configuration with the number, 0 its type's default: in JSON an object
 * `image` or null, for people words behind what stands in the line. */
void console_tell_config(struct console_call *call, const struct images *images, uint32_t config);

/* Who placed something: members placer and placer_name, or words behind the line. */
void console_tell_placer(const struct host *host, struct console_call *call,
                         struct character_id placer);

#endif
