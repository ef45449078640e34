/* image.h - how a thing is drawn, as a value, and its JSON form.
 *
 * {"size": px, "fixed_screen_angle": rad or null, "draw_offset_x": px, "draw_offset_y": px}, or the
 * same in camelCase ("fixedScreenAngle", "drawOffsetX", "drawOffsetY"). All four are required; null
 * for the angle: the thing turns with the viewer. Kept as integers: sizes in 1/16 px, the angle in
 * 1/10,000 rad, each to the nearest.
 *
 * A picture of its own is optional: "custom_image" ("customImage"), its id as 32 hexadecimal
 * digits; or "custom_image_data" ("customImageData"), the PNG itself as a data: URL, which somebody
 * makes a picture of (struct image_painter). null is none. Any thread; reading data allocates. */
#ifndef TILTH_CATALOG_IMAGE_H
#define TILTH_CATALOG_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
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
    struct hash128 custom; /* the id of its picture, 0: none of its own */
};

/* Who makes the picture that is kept of a PNG: its id, or false and the error in words. */
struct image_painter {
    void *state;
    bool (*make)(void *state, const uint8_t *bytes, size_t size_bytes, struct hash128 *out_id,
                 struct error *error);
};

/* What is read, and how. */
struct image_reading {
    uint32_t size_px_max;                /* of "size" */
    const struct image_painter *painter; /* NULL: "custom_image_data" is refused */
};

/* What a thing looks like of which nothing is said: 32 px, angle and offsets 0, no picture. */
struct image_def image_default(void);

/* Are two the same? */
bool image_is_equal(const struct image_def *a, const struct image_def *b);

/* Reads the members of an object, and refuses others (image_keys has the known ones, ended by
 * NULL). A member in both spellings, or a picture by its id and its data, is refused. */
bool image_read(struct json object, const struct image_reading *reading,
                struct image_def *out_image, struct error *error);
extern const char *const image_keys[];

/* Appends the members to an open JSON object; "custom_image" when it has one. */
void image_write(const struct image_def *image, struct text *text);

#endif
