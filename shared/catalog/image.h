/* image.h - how a thing is drawn, as a value, and its JSON form.
 *
 * {"size": px, "fixed_screen_angle": rad or null, "draw_offset_x": px, "draw_offset_y": px}, or the
 * same in camelCase ("fixedScreenAngle", "drawOffsetX", "drawOffsetY"). All four are required; null
 * for the angle: the thing turns with the viewer. Kept as integers: sizes in 1/16 px, the angle in
 * 1/10,000 rad, each to the nearest. Any thread; no memory. */
#ifndef TILTH_CATALOG_IMAGE_H
#define TILTH_CATALOG_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

enum {
    IMAGE_UNITS_PER_PX = 16,
    IMAGE_UNITS_PER_RAD = 10000,
    IMAGE_SIZE_UNITS_MAX = UINT16_MAX,  /* 4,095.9 px */
    IMAGE_OFFSET_UNITS_MAX = 1024 * 16, /* to every side */
    IMAGE_ANGLE_UNITS_MAX = 62832,      /* a full turn to every side */
    IMAGE_SIZE_UNITS_DEFAULT = 32 * 16,
};

struct image_def {
    uint16_t size_units;
    bool turns; /* with the viewer: it has no angle of its own, and angle_units is 0 */
    int32_t angle_units;
    int16_t offset_x_units, offset_y_units;
};

/* What a thing looks like of which nothing is said: 32 px, angle and offsets 0. */
struct image_def image_default(void);

/* Are two the same? */
bool image_is_equal(const struct image_def *a, const struct image_def *b);

/* Reads the four members of an object; size_px_max bounds the size. The caller checks for unknown
 * keys: image_keys has the known ones, ended by NULL. A key in both spellings is refused. */
bool image_read(struct json object, uint32_t size_px_max, struct image_def *out_image,
                struct error *error);
extern const char *const image_keys[];

/* Appends the four members to an open JSON object. */
void image_write(const struct image_def *image, struct text *text);

#endif
