/* console_line.h - a console line on its way to the tick, with what is JSON in it read.
 *
 * Reading JSON takes memory, which the tick must not: so it is done where the line comes in. Main,
 * or a test; allocates and gives back. */
#ifndef TILTH_HOST_CONSOLE_LINE_H
#define TILTH_HOST_CONSOLE_LINE_H

#include "host/console.h"

enum {
    CONSOLE_LINE_RECORD_BYTES =
        sizeof(struct console_line) + CONSOLE_LINE_BYTES + sizeof(struct console_look),
};

/* A line as it came in. */
struct console_line_source {
    uint32_t client;
    bool is_json;
    const char *line;
    struct image_reading image; /* for JSON: image_size_px_max of the settings */
};

/* Makes the record for the ring of lines; its size, or 0 when the line has more than
 * CONSOLE_LINE_BYTES. A line `image X Y {...}` has its JSON read as image.h says; where it brings a
 * picture, the picture's id stands in the record instead. */
uint32_t console_line_make(const struct console_line_source *source,
                           uint8_t out_record[CONSOLE_LINE_RECORD_BYTES]);

#endif
