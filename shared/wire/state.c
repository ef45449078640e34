#include "wire/state.h"

#include <stdlib.h>

#include "base/ensure.h"

enum {
    NUMBER_BITS = 16,
    TICK_BITS = 32,
    SLACK_BITS = 4,
    SLACK_MIN = -8,
    SLACK_MAX = 7,
    LIFE_BITS = 4,
    ACTOR_BITS = 16,
    NEAR_BITS = 15, /* 2 * STATE_FAR_UNITS / STATE_GRAIN values */
    MASK_BITS = 32,
    WORK_BITS = 4,
    NEAR_ACTOR_BITS = ACTOR_BITS + LIFE_BITS + 4 + 1 + WORK_BITS + 2 * NEAR_BITS,
    SNAPSHOT_BYTES = 20, /* all but actors and news, rounded up */
};

uint32_t state_unwrap(uint32_t newest, uint16_t low)
{
    int16_t ahead = (int16_t)(uint16_t)(low - (uint16_t)newest);
    int64_t number = (int64_t)newest + ahead;
    return number < 0 ? low : (uint32_t)number;
}

bool state_is_near(struct world_pos from, struct world_pos pos)
{
    int64_t x = (int64_t)pos.x - from.x, y = (int64_t)pos.y - from.y;
    return llabs(x) < STATE_FAR_UNITS - STATE_GRAIN && llabs(y) < STATE_FAR_UNITS - STATE_GRAIN;
}

size_t state_encode_inputs(const struct state_inputs *inputs, uint8_t *out_bytes, size_t capacity)
{
    struct bit_writer writer;
    bits_write_init(&writer, out_bytes, capacity);
    bits_write(&writer, inputs->newest & 0xFFFF, NUMBER_BITS);
    bits_write_range(&writer, inputs->count, 1, STATE_INPUTS_MAX);
    for (uint32_t i = 0; i < inputs->count; i++)
        bits_write_range(&writer, inputs->directions[i], DIRECTION_NONE, DIRECTION_NW);
    bits_write(&writer, inputs->snapshot & 0xFFFF, NUMBER_BITS);
    bits_write(&writer, inputs->snapshot_mask, MASK_BITS);
    size_t size = bits_finish_writing(&writer);
    return writer.is_failed ? 0 : size;
}

bool state_decode_inputs(const uint8_t *bytes, size_t size_bytes, struct state_inputs *inout)
{
    struct bit_reader reader;
    struct state_inputs inputs = {.count = 0};
    bits_read_init(&reader, bytes, size_bytes);
    inputs.newest = state_unwrap(inout->newest, (uint16_t)bits_read(&reader, NUMBER_BITS));
    inputs.count = (uint32_t)bits_read_range(&reader, 1, STATE_INPUTS_MAX);
    for (uint32_t i = 0; i < inputs.count; i++)
        inputs.directions[i] = (uint8_t)bits_read_range(&reader, DIRECTION_NONE, DIRECTION_NW);
    inputs.snapshot = state_unwrap(inout->snapshot, (uint16_t)bits_read(&reader, NUMBER_BITS));
    inputs.snapshot_mask = (uint32_t)bits_read(&reader, MASK_BITS);
    if (!bits_finish_reading(&reader) || inputs.newest < inputs.count)
        return false;
    *inout = inputs;
    return true;
}

uint32_t state_actors_beside(size_t news_bytes)
{
    size_t taken_bits = (SNAPSHOT_BYTES + news_bytes) * 8;
    size_t room_bits = STATE_BYTES_MAX * 8 > taken_bits ? STATE_BYTES_MAX * 8 - taken_bits : 0;
    size_t count = room_bits / NEAR_ACTOR_BITS;
    return count < STATE_ACTORS_MAX ? (uint32_t)count : STATE_ACTORS_MAX;
}

static uint64_t near_value(int32_t from, int32_t to)
{
    int64_t by = (int64_t)to - from;
    return (uint64_t)((by + STATE_FAR_UNITS) / STATE_GRAIN);
}

static int32_t near_place(int32_t from, uint64_t value)
{
    int64_t place = (int64_t)from + (int64_t)value * STATE_GRAIN - STATE_FAR_UNITS;
    if (place < INT32_MIN)
        return INT32_MIN;
    return place > INT32_MAX ? INT32_MAX : (int32_t)place;
}

static uint64_t slack_value(int8_t slack)
{
    if (slack < SLACK_MIN)
        return 0;
    return (uint64_t)((slack > SLACK_MAX ? SLACK_MAX : slack) - SLACK_MIN);
}

static void encode_work(struct bit_writer *writer, uint8_t work)
{
    bits_write(writer, work != 0, 1);
    if (work != 0)
        bits_write_range(writer, work, 1, STATE_WORK_DONE);
}

static uint8_t decode_work(struct bit_reader *reader)
{
    return bits_read(reader, 1) != 0 ? (uint8_t)bits_read_range(reader, 1, STATE_WORK_DONE) : 0;
}

static void encode_actor(struct bit_writer *writer, struct world_pos from,
                         const struct state_actor *actor)
{
    ensure(state_is_near(from, actor->pos));
    bits_write(writer, actor->actor, ACTOR_BITS);
    bits_write(writer, actor->life, LIFE_BITS);
    bits_write_range(writer, actor->direction, DIRECTION_NONE, DIRECTION_NW);
    encode_work(writer, actor->work);
    bits_write(writer, near_value(from.x, actor->pos.x), NEAR_BITS);
    bits_write(writer, near_value(from.y, actor->pos.y), NEAR_BITS);
}

size_t state_encode_snapshot(const struct state_snapshot *snapshot, uint8_t *out_bytes,
                             size_t capacity)
{
    struct bit_writer writer;
    bits_write_init(&writer, out_bytes, capacity);
    bits_write(&writer, snapshot->number & 0xFFFF, NUMBER_BITS);
    bits_write(&writer, snapshot->tick, TICK_BITS);
    bits_write(&writer, snapshot->input & 0xFFFF, NUMBER_BITS);
    bits_write(&writer, slack_value(snapshot->slack), SLACK_BITS);
    encode_work(&writer, snapshot->work);
    bits_write(&writer, snapshot->is_complete, 1);
    bits_write(&writer, (uint32_t)snapshot->pos.x, 32);
    bits_write(&writer, (uint32_t)snapshot->pos.y, 32);
    bits_write_range(&writer, snapshot->actor_count, 0, STATE_ACTORS_MAX);
    for (uint32_t i = 0; i < snapshot->actor_count; i++)
        encode_actor(&writer, snapshot->pos, &snapshot->actors[i]);
    bits_write(&writer, snapshot->news.size_bytes > 0, 1);
    bits_write_bytes(&writer, snapshot->news.bytes, snapshot->news.size_bytes);
    size_t size = bits_finish_writing(&writer);
    return writer.is_failed ? 0 : size;
}

static void decode_actor(struct bit_reader *reader, struct world_pos from,
                         struct state_actor *out_actor)
{
    out_actor->actor = (uint16_t)bits_read(reader, ACTOR_BITS);
    out_actor->life = (uint8_t)bits_read(reader, LIFE_BITS);
    out_actor->direction = (uint8_t)bits_read_range(reader, DIRECTION_NONE, DIRECTION_NW);
    out_actor->work = decode_work(reader);
    out_actor->pos.x = near_place(from.x, bits_read(reader, NEAR_BITS));
    out_actor->pos.y = near_place(from.y, bits_read(reader, NEAR_BITS));
}

/* All from the next byte on, at least one. */
static struct span read_rest(struct bit_reader *reader)
{
    size_t used_bytes = (reader->used_bits + 7) / 8;
    size_t left_bytes = reader->size_bytes > used_bytes ? reader->size_bytes - used_bytes : 1;
    const uint8_t *bytes = bits_read_bytes(reader, left_bytes);
    return (struct span){bytes, bytes != NULL ? (uint32_t)left_bytes : 0};
}

bool state_decode_snapshot(const uint8_t *bytes, size_t size_bytes, struct state_snapshot *inout)
{
    struct bit_reader reader;
    struct state_snapshot snapshot;
    bits_read_init(&reader, bytes, size_bytes);
    snapshot.number = state_unwrap(inout->number, (uint16_t)bits_read(&reader, NUMBER_BITS));
    snapshot.tick = (uint32_t)bits_read(&reader, TICK_BITS);
    snapshot.input = state_unwrap(inout->input, (uint16_t)bits_read(&reader, NUMBER_BITS));
    snapshot.slack = (int8_t)((int)bits_read(&reader, SLACK_BITS) + SLACK_MIN);
    snapshot.work = decode_work(&reader);
    snapshot.is_complete = bits_read(&reader, 1) != 0;
    snapshot.pos.x = (int32_t)(uint32_t)bits_read(&reader, 32);
    snapshot.pos.y = (int32_t)(uint32_t)bits_read(&reader, 32);
    snapshot.actor_count = (uint32_t)bits_read_range(&reader, 0, STATE_ACTORS_MAX);
    for (uint32_t i = 0; i < snapshot.actor_count; i++)
        decode_actor(&reader, snapshot.pos, &snapshot.actors[i]);
    snapshot.news = (struct span){NULL, 0};
    if (bits_read(&reader, 1) != 0)
        snapshot.news = read_rest(&reader);
    if (!bits_finish_reading(&reader))
        return false;
    *inout = snapshot;
    return true;
}
