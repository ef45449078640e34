/* images.h - how things are drawn that do not look like their types: image configurations, each
 * once however many things look so, and the pictures that players brought.
 *
 * Things keep the number of their configuration. Part of the world (world.h), which tells how many
 * things use each: counted over all there are, resident or not, since world_apply moves the counts
 * by differences. The PNG bytes are elsewhere (journal, database). Memory: reserved at init. One
 * owner thread. */
#ifndef TILTH_WORLD_IMAGES_H
#define TILTH_WORLD_IMAGES_H

#include "base/pool.h"
#include "world/change.h"

struct image_config {
    struct change_image_config value;
    int64_t uses;          /* by things: entities, structures, stacks */
    uint64_t unused_since; /* tick, 0: it is used, or nobody has looked yet */
    uint32_t next_by_id, next_by_look;
};

struct image {
    struct hash128 id;
    struct character_id uploader;
    uint32_t width, height; /* px */
    uint32_t size_bytes;    /* 0: only its ban is known */
    bool is_banned;
    int64_t uses; /* by configurations */
    uint64_t unused_since;
    uint32_t next;
};

struct images {
    struct pool config_pool;
    struct image_config *configs;
    uint32_t *by_id, *by_look; /* hash tables of configurations, twice as long as the pool */
    uint32_t newest_id;        /* the highest that any configuration had */
    struct pool image_pool;
    struct image *images;
    uint32_t *by_hash;
};

/* Reserves the tables. */
void images_init(struct images *images, uint32_t configs_max, uint32_t images_max);
void images_finish(struct images *images); /* Gives the memory back. */

/* The configuration with the number, or NULL. */
struct image_config *images_find_config(const struct images *images, uint32_t id);

/* The one that draws just so (its id is not compared), or NULL. */
struct image_config *images_find_look(const struct images *images,
                                      const struct change_image_config *value);

/* The picture with the id, or NULL; one of which only the ban is known has no size. */
struct image *images_find(const struct images *images, struct hash128 id);

/* Forgets all of them. */
void images_clear(struct images *images);

/* Has the change, of kind IMAGE_CONFIG, IMAGE or IMAGE_BAN, the place that it needs? What is known
 * has one, and what goes needs none. */
bool images_can_apply(const struct images *images, const struct change *change);

/* Applies such a change; images_can_apply must hold. A picture comes before the configurations that
 * name it, and goes after them. */
void images_apply(struct images *images, const struct change *change);

/* Puts what a world has when it starts: a picture, or a configuration with its uses (behind all
 * pictures). False when there is no room. */
bool images_load(struct images *images, const struct image *image);
bool images_load_config(struct images *images, const struct change_image_config *value,
                        int64_t uses); /* With its uses. */

/* Is there room for one more configuration and one more picture? */
bool images_has_room(const struct images *images);

/* Is there room for one more configuration, which needs no new picture? */
bool images_has_config_room(const struct images *images);

/* One thing more (by 1) or less (-1) uses the configuration; 0 and unknown numbers are nobody's. */
void images_use(struct images *images, uint32_t id, int64_t by);

/* The value of a change that draws as in the def; id 0. */
struct change_image_config images_config_of(const struct image_def *def);

/* How a configuration draws. */
struct image_def images_def_of(const struct change_image_config *value);

/* The hash 0: no picture. */
bool images_is_none(struct hash128 id);

#endif
