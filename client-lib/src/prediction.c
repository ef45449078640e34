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

bool tilth_prediction_step(struct prediction *prediction, const struct world *world,
                           enum direction direction)
{
    if (prediction->newest - prediction->acked >= PREDICTION_INPUTS_MAX - 1)
        return false;
    struct world_pos pos = tilth_prediction_pos(prediction);
    pos = movement_step(world, pos, direction, prediction->step_units);
    prediction->newest++;
    *input_at(prediction, prediction->newest) = (struct prediction_input){(uint8_t)direction, pos};
    return true;
}

struct world_pos tilth_prediction_pos(const struct prediction *prediction)
{
    return prediction->inputs[prediction->newest % PREDICTION_INPUTS_MAX].pos;
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
        pos =
            movement_step(world, pos, (enum direction)replayed->direction, prediction->step_units);
        replayed->pos = pos;
    }
    /* in 64 bits: the positions are received ones; what does not fit is cut */
    return (struct world_pos){(int32_t)((int64_t)pos.x - before.x),
                              (int32_t)((int64_t)pos.y - before.y)};
}

bool tilth_prediction_replay(struct prediction *prediction, const struct world *world,
                             struct world_pos *out_by)
{
    *out_by = replay(prediction, world, tilth_prediction_pos(prediction));
    return out_by->x != 0 || out_by->y != 0;
}

bool tilth_prediction_reconcile(struct prediction *prediction, const struct world *world,
                                uint32_t input, struct world_pos pos, struct world_pos *out_by)
{
    if (input < prediction->acked)
        return false;
    if (input > prediction->newest)
        catch_up(prediction, world, input);
    prediction->acked = input;
    struct prediction_input *told = input_at(prediction, input);
    if (told->pos.x == pos.x && told->pos.y == pos.y)
        return false;

    struct world_pos before = tilth_prediction_pos(prediction);
    told->pos = pos;
    *out_by = replay(prediction, world, before);
    return true;
}
