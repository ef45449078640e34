#include "host/retell.h"

#include "base/ensure.h"
#include "host/host.h"

enum {
    PLACES_PER_TICK = 1024,
    CHANGES_PER_PLACE = 2, /* a picture, and its ban */
};

static void add(struct host *host, const struct change *change)
{
    bool fits = frame_add_change(host->options.frames, change);
    ensure(fits); /* frame_spare_changes was asked */
}

static void tell_image(struct host *host, const struct image *image)
{
    struct change picture = {.kind = CHANGE_IMAGE}, ban = {.kind = CHANGE_IMAGE_BAN};
    ban.image_ban = (struct change_image_ban){image->id, 1};
    picture.image = (struct change_image){.id = image->id,
                                          .png = {NULL, image->size_bytes},
                                          .width = image->width,
                                          .height = image->height,
                                          .uploader = image->uploader};
    if (image->is_banned)
        add(host, &ban);
    if (image->size_bytes > 0)
        add(host, &picture);
}

static void tell_config(struct host *host, const struct image_config *config)
{
    struct change change = {.kind = CHANGE_IMAGE_CONFIG, .image_config = config->value};
    add(host, &change);
}

/* Tells what is in the next place; false behind the last. */
static bool tell_next(struct host *host)
{
    struct retell *retell = &host->retell;
    const struct images *images = &host->world.images;
    if (retell->next_image < images->image_pool.reached) {
        uint32_t at = retell->next_image++;
        if (pool_is_used(&images->image_pool, at))
            tell_image(host, &images->images[at]);
        return true;
    }
    if (retell->next_config < images->config_pool.reached) {
        uint32_t at = retell->next_config++;
        if (pool_is_used(&images->config_pool, at))
            tell_config(host, &images->configs[at]);
        return true;
    }
    return false;
}

void retell_step(struct host *host)
{
    struct retell *retell = &host->retell;
    struct frame *frame = frame_filling(host->options.frames);
    if (frame->are_images_cut)
        *retell = (struct retell){.is_on = true}; /* in the next one */
    for (uint32_t i = 0; i < PLACES_PER_TICK && retell->is_on && !frame->are_images_cut &&
                         frame_spare_changes(host->options.frames) >= CHANGES_PER_PLACE;
         i++)
        retell->is_on = tell_next(host);
    frame->is_retelling = retell->is_on;
}
