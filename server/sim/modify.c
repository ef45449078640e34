#include "sim/modify.h"

#include "sim/bag.h"
#include "sim/reach.h"
#include "sim/room.h"

static bool may_edit(const struct sim *sim, uint32_t actor, const struct target *target)
{
    const struct character *owner = bag_owner(sim, actor);
    if ((owner->roles & ROLE_BUILDER) != 0 || sim->rules.image_editors == IMAGE_EDITORS_REACH)
        return true;
    return sim->rules.image_editors == IMAGE_EDITORS_PLACER &&
           target->placer.value == owner->id.value;
}

/* What the actor may change in the cell. */
static enum refusal find_target(const struct sim *sim, uint32_t actor, struct cell_pos cell,
                                struct target *out_target)
{
    enum refusal refusal = reach_check(sim, actor, cell);
    if (refusal != REFUSAL_NONE)
        return refusal;
    *out_target = target_find(sim->world, cell);
    if (out_target->type == 0)
        return REFUSAL_CELL_EMPTY;
    if (!may_edit(sim, actor, out_target))
        return REFUSAL_NOT_YOURS;
    return target_check_chunks(sim->world, out_target);
}

static enum refusal check_look(const struct sim *sim, const struct change_image_config *look)
{
    if (look->size > sim->rules.image_size_px_max * IMAGE_UNITS_PER_PX)
        return REFUSAL_IMAGE_TOO_LARGE;
    if (images_is_none(look->custom))
        return REFUSAL_NONE;
    const struct image *image = images_find(&sim->world->images, look->custom);
    if (image != NULL && image->is_banned)
        return REFUSAL_IMAGE_BANNED;
    return image != NULL && image->size_bytes > 0 ? REFUSAL_NONE : REFUSAL_IMAGE_UNKNOWN;
}

enum refusal modify_set(struct sim *sim, const struct target *target,
                        const struct change_image_config *look, struct editor by)
{
    const struct images *images = &sim->world->images;
    enum refusal refusal = check_look(sim, look);
    if (refusal != REFUSAL_NONE)
        return refusal;
    const struct image_config *known = images_find_look(images, look);
    if (known != NULL && known->value.id == target->image)
        return REFUSAL_NOT_CHANGED;
    bool is_room = known != NULL || images_has_config_room(images);
    if (!is_room || (target->thing == 0 && !room_for_entity(sim->world, target->cell)))
        return REFUSAL_WORLD_FULL;
    struct change config = {.kind = CHANGE_IMAGE_CONFIG, .image_config = *look};
    config.image_config.id = known != NULL ? known->value.id : images->newest_id + 1;
    if (known == NULL)
        sim_change(sim, &config);
    target_set_image(sim, target, config.image_config.id, by);
    return REFUSAL_NONE;
}

static struct editor player(const struct sim *sim, uint32_t actor)
{
    return (struct editor){EDITOR_PLAYER, bag_owner(sim, actor)->id.value};
}

enum refusal modify_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct intent_modify *modify = &intent->modify;
    struct change_image_config look = {
        .size = modify->size,
        .turns = modify->turns,
        .angle = modify->turns ? 0 : modify->angle,
        .offset_x = modify->offset_x,
        .offset_y = modify->offset_y,
        .custom = modify->custom,
    };
    struct target target;
    enum refusal refusal = find_target(sim, actor, modify->cell, &target);
    return refusal != REFUSAL_NONE ? refusal : modify_set(sim, &target, &look, player(sim, actor));
}

enum refusal modify_reset(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    struct target target;
    enum refusal refusal = find_target(sim, actor, intent->reset.cell, &target);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (target.image == 0)
        return REFUSAL_NOT_CHANGED;
    target_set_image(sim, &target, 0, player(sim, actor));
    return REFUSAL_NONE;
}
