/* How things look, for the caller: looks, pictures, uploads. */
#include "tilth.h"

#include <stdio.h>

#include "client.h"

static struct tilth_image image_of(const struct image_def *def)
{
    struct tilth_image image = {
        .size_units = def->size_units,
        .turns = def->turns,
        .angle_units = def->angle_units,
        .offset_x_units = def->offset_x_units,
        .offset_y_units = def->offset_y_units,
    };
    if (!images_is_none(def->custom))
        hash_format(def->custom, image.custom);
    return image;
}

int tilth_client_look(const struct tilth_client *client, uint32_t image,
                      struct tilth_image *out_image)
{
    const struct mirror *mirror = &client->session.mirror;
    const struct image_config *config =
        mirror->is_open ? images_find_config(&mirror->world.images, image) : NULL;
    if (config == NULL)
        return 0;
    struct image_def def = images_def_of(&config->value);
    *out_image = image_of(&def);
    return 1;
}

/* What stands in a cell of a chunk in view: its type, and the number of its image; 0 nothing. */
static uint32_t find_thing(const struct world *world, struct cell_pos cell, uint32_t *out_number)
{
    const struct entity *newest = world_first_entity(world, cell);
    for (const struct entity *next = newest; next != NULL; next = world_next_entity(world, next)) {
        if (next->id.value > newest->id.value)
            newest = next;
    }
    const struct structure *structure = world_structure_at(world, cell);
    *out_number = 0;
    if (newest != NULL) {
        *out_number = newest->image;
        return newest->type;
    }
    if (structure == NULL)
        return world_natural_type(world, cell);
    *out_number = structure->image;
    return structure->type;
}

int tilth_client_image(const struct tilth_client *client, int32_t x, int32_t y,
                       struct tilth_image *out_image, uint32_t *out_number)
{
    const struct world *world = &client->session.mirror.world;
    uint32_t number = 0;
    if (!tilth_mirror_has_cell(&client->session.mirror, x, y))
        return 0;
    uint32_t type = find_thing(world, (struct cell_pos){x, y}, &number);
    if (type == 0)
        return 0;
    if (out_number != NULL)
        *out_number = number;
    if (number != 0)
        return tilth_client_look(client, number, out_image);
    *out_image = image_of(&world->catalog->entities[type].image);
    return 1;
}

int tilth_client_type_image(const struct tilth_client *client, const char *type,
                            struct tilth_image *out_image)
{
    const struct catalog *catalog = client->session.catalog;
    const struct entity_def *def = NULL;
    if (catalog != NULL && type != NULL)
        def = catalog_find_name(catalog, type);
    if (def == NULL)
        return 0;
    *out_image = image_of(&def->image);
    return 1;
}

size_t tilth_client_picture(struct tilth_client *client, const char *id, void *out_png,
                            size_t capacity)
{
    struct hash128 hash;
    if (id == NULL || !hash_parse(id, &hash))
        return 0;
    return tilth_pictures_read(&client->session.pictures, hash, out_png, capacity);
}

uint32_t tilth_client_upload(struct tilth_client *client, const void *png, size_t size_bytes,
                             struct tilth_error *out_error)
{
    struct error error;
    uint32_t number = tilth_upload_begin(&client->session, png, size_bytes, &error);
    if (number == 0 && out_error != NULL)
        (void)snprintf(out_error->text, sizeof out_error->text, "%s", error.text);
    return number;
}
