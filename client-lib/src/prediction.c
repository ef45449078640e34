#include "prediction.h"

#include "base/ensure.h"

static struct prediction_input *input_at(struct prediction *prediction, uint32_t number)
{
    return &prediction->inputs[number % PREDICTION_INPUTS_MAX];
}

void tilth_prediction_start(struct prediction *prediction, struct world_pos pos,
                            uint32_t step_units)
{
    *prediction = (struct prediction){.step_units = step_units};
    prediction->inputs[0] = (struct prediction_input){DIRECTION_NONE, pos};
}

void tilth_prediction_go_on(struct prediction *prediction, uint32_t input)
{
    struct prediction_input here = prediction->inputs[0];
    ensure(prediction->newest == 0);
    prediction->newest = input;
    prediction->acked = input;
    *input_at(prediction, input) = here;
}

/* One step by what is known, and along the wall that is presumed. */
static struct world_pos step(const struct prediction *prediction, const struct world *world,
                             struct world_pos pos, enum direction direction)
{
    return movement_step_along(world, &prediction->wall, pos, direction, prediction->step_units);
}

bool tilth_prediction_step(struct prediction *prediction, const struct world *world,
                           enum direction direction)
{
    if (prediction->newest - prediction->acked >= PREDICTION_INPUTS_MAX - 1)
        return false;
    struct world_pos pos = step(prediction, world, tilth_prediction_pos(prediction), direction);
    prediction->newest++;
    *input_at(prediction, prediction->newest) = (struct prediction_input){(uint8_t)direction, pos};
    return true;
}

struct world_pos tilth_prediction_pos(const struct prediction *prediction)
{
    return prediction->inputs[prediction->newest % PREDICTION_INPUTS_MAX].pos;
}

bool tilth_prediction_is_settled(const struct prediction *prediction)
{
    for (uint32_t back = 0; back < prediction->newest - prediction->acked; back++) {
        if (tilth_prediction_direction(prediction, back) != DIRECTION_NONE)
            return false;
    }
    return true;
}

uint8_t tilth_prediction_direction(const struct prediction *prediction, uint32_t back)
{
    ensure(back < PREDICTION_INPUTS_MAX);
    return prediction->inputs[(prediction->newest - back) % PREDICTION_INPUTS_MAX].direction;
}

/* The server is ahead: it repeated our last direction. Does the same, as far as can be replayed. */
static void catch_up(struct prediction *prediction, const struct world *world, uint32_t input)
{
    enum direction direction = (enum direction)tilth_prediction_direction(prediction, 0);
    while (prediction->newest < input && tilth_prediction_step(prediction, world, direction))
        continue;
    if (prediction->newest < input) {
        struct prediction_input latest = *input_at(prediction, prediction->newest);
        prediction->newest = input;
        *input_at(prediction, input) = latest;
    }
}

/* Makes all inputs anew that are not acknowledged; how far that is from `before`. */
static struct world_pos replay(struct prediction *prediction, const struct world *world,
                               struct world_pos before)
{
    struct world_pos pos = input_at(prediction, prediction->acked)->pos;
    uint32_t count = prediction->newest - prediction->acked;
    for (uint32_t i = 1; i <= count; i++) {
        struct prediction_input *replayed = input_at(prediction, prediction->acked + i);
        pos = step(prediction, world, pos, (enum direction)replayed->direction);
        replayed->pos = pos;
    }
    /* in 64 bits: the positions are received ones; what does not fit is cut */
    return (struct world_pos){(int32_t)((int64_t)pos.x - before.x),
                              (int32_t)((int64_t)pos.y - before.y)};
}

static bool is_same_pos(struct world_pos a, struct world_pos b)
{
    return a.x == b.x && a.y == b.y;
}

/* Would all inputs that are not acknowledged, and one more like the newest, end where they do
 * without the wall too? */
static bool is_wall_idle(struct prediction *prediction, const struct world *world)
{
    struct world_pos pos = input_at(prediction, prediction->acked)->pos;
    for (uint32_t n = prediction->acked; n != prediction->newest;) {
        const struct prediction_input *made = input_at(prediction, ++n);
        pos = movement_step(world, pos, (enum direction)made->direction, prediction->step_units);
        if (!is_same_pos(pos, made->pos))
            return false;
    }
    enum direction held = (enum direction)tilth_prediction_direction(prediction, 0);
    return is_same_pos(movement_step(world, pos, held, prediction->step_units),
                       step(prediction, world, pos, held));
}

/* The wall goes as soon as nobody can see it go: the land explains it now, or one has turned away.
 * While one walks against it each snapshot says whether it is there. */
static void let_go_of_wall(struct prediction *prediction, const struct world *world)
{
    bool is_there = prediction->wall.column.is_there || prediction->wall.row.is_there;
    if (is_there && is_wall_idle(prediction, world))
        prediction->wall = (struct movement_wall){.column.is_there = false};
}

bool tilth_prediction_replay(struct prediction *prediction, const struct world *world,
                             struct world_pos *out_by)
{
    *out_by = replay(prediction, world, tilth_prediction_pos(prediction));
    let_go_of_wall(prediction, world);
    return out_by->x != 0 || out_by->y != 0;
}

/* Where the inputs after `since` up to the newest acknowledged one end along the wall. */
static struct world_pos walk_along(struct prediction *prediction, const struct world *world,
                                   uint32_t since)
{
    struct world_pos pos = input_at(prediction, since)->pos;
    while (since != prediction->acked) {
        enum direction direction = (enum direction)input_at(prediction, ++since)->direction;
        pos = step(prediction, world, pos, direction);
    }
    return pos;
}

/* The server says that the newest acknowledged input ended at `held`, not where it was predicted
 * to. When walking along something solid from input `since`, which was acknowledged before, ends
 * there too, that is what held us, and its news are still on their way. Otherwise nothing is
 * presumed. */
static void presume_wall(struct prediction *prediction, const struct world *world, uint32_t since,
                         struct world_pos held)
{
    struct world_pos from = input_at(prediction, since)->pos;
    struct world_pos beyond = input_at(prediction, prediction->acked)->pos;
    bool is_explained = false;
    bool is_known = prediction->acked - since < PREDICTION_INPUTS_MAX;
    /* twice: what is behind the corner of a column may be a row */
    for (uint32_t i = 0; i < 2 && is_known && !is_explained; i++) {
        if (!movement_explain(from, held, beyond, &prediction->wall))
            break;
        beyond = walk_along(prediction, world, since);
        is_explained = is_same_pos(beyond, held);
    }
    if (!is_explained)
        prediction->wall = (struct movement_wall){.column.is_there = false};
}

bool tilth_prediction_reconcile(struct prediction *prediction, const struct world *world,
                                uint32_t input, struct world_pos pos, struct world_pos *out_by)
{
    uint32_t since = prediction->acked;
    if (input < since)
        return false;
    if (input > prediction->newest)
        catch_up(prediction, world, input);
    prediction->acked = input;
    struct prediction_input *told = input_at(prediction, input);
    bool is_right = is_same_pos(told->pos, pos);
    if (!is_right) {
        struct world_pos before = tilth_prediction_pos(prediction);
        presume_wall(prediction, world, since, pos);
        told->pos = pos;
        *out_by = replay(prediction, world, before);
    }
    let_go_of_wall(prediction, world);
    return !is_right;
}
