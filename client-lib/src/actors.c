#include "actors.h"

#include <string.h>

#include "base/memory.h"

enum { LIFE_BITS = 4, DRIFT_SHIFT = 7 };

void tilth_actors_init(struct actors *actors)
{
    *actors = (struct actors){.tick_us = 50000};
    actors->others = memory_reserve("client actors", TILTH_ACTORS_MAX, sizeof *actors->others);
    actors->names = memory_reserve("client actors", ACTORS_NAMES_MAX, sizeof *actors->names);
}

void tilth_actors_finish(struct actors *actors)
{
    memory_release(actors->others);
    memory_release(actors->names);
    *actors = (struct actors){.others = NULL};
}

static void tell(struct events *events, enum tilth_event_kind kind, const struct other *other)
{
    struct tilth_event event = {
        .kind = kind,
        .actor = other->key,
        .x = other->samples[0].pos.x,
        .y = other->samples[0].pos.y,
    };
    tilth_events_push(events, &event);
}

void tilth_actors_restart(struct actors *actors, struct events *events)
{
    for (uint32_t i = 0; i < actors->count; i++)
        tell(events, TILTH_EVENT_ACTOR_VANISHED, &actors->others[i]);
    actors->count = 0;
}

void tilth_actors_clear(struct actors *actors, struct events *events)
{
    tilth_actors_restart(actors, events);
    memset(actors->names, 0, ACTORS_NAMES_MAX * sizeof *actors->names);
}

void tilth_actors_set_rate(struct actors *actors, uint32_t tick_hz)
{
    actors->has_clock = false;
    actors->tick_us = 1000000 / tick_hz;
}

/* Ticks are 32 bits that wrap; the difference to the first one is what counts. */
static int64_t server_time(const struct actors *actors, uint32_t tick)
{
    return (int64_t)(int32_t)(tick - actors->first_tick) * actors->tick_us;
}

/* The quickest snapshot shows the offset best; a slow drift up follows clocks that run apart. */
static void set_clock(struct actors *actors, uint32_t tick, uint64_t now_us)
{
    if (!actors->has_clock)
        actors->first_tick = tick;
    int64_t offset = (int64_t)now_us - server_time(actors, tick);
    if (!actors->has_clock || offset < actors->offset_us)
        actors->offset_us = offset;
    else
        actors->offset_us += (offset - actors->offset_us) >> DRIFT_SHIFT;
    actors->has_clock = true;
}

static struct other *find(struct actors *actors, uint32_t key)
{
    for (uint32_t i = 0; i < actors->count; i++) {
        if (actors->others[i].key == key)
            return &actors->others[i];
    }
    return NULL;
}

static void add_sample(struct other *other, struct actor_sample sample)
{
    memmove(&other->samples[1], &other->samples[0],
            (ACTORS_SAMPLES - 1) * sizeof other->samples[0]);
    other->samples[0] = sample;
    if (other->sample_count < ACTORS_SAMPLES)
        other->sample_count++;
}

static void take_one(struct actors *actors, const struct state_actor *seen, int64_t at_us,
                     uint64_t now_us, struct events *events)
{
    uint32_t key = (uint32_t)seen->actor << LIFE_BITS | seen->life;
    struct other *other = find(actors, key);
    bool is_new = other == NULL;
    if (is_new && actors->count == TILTH_ACTORS_MAX)
        return;
    if (is_new) {
        other = &actors->others[actors->count++];
        *other = (struct other){.key = key};
    }
    other->direction = seen->direction;
    other->work = seen->work;
    other->seen_us = now_us;
    add_sample(other, (struct actor_sample){at_us, seen->pos});
    if (is_new)
        tell(events, TILTH_EVENT_ACTOR_APPEARED, other);
}

/* Those whom a complete snapshot leaves out have gone, and so has who was not seen for long. */
static void drop_gone(struct actors *actors, bool is_complete, uint64_t now_us,
                      struct events *events)
{
    for (uint32_t i = actors->count; i-- > 0;) {
        struct other *other = &actors->others[i];
        bool is_gone =
            is_complete ? other->seen_us != now_us : other->seen_us + ACTORS_LOST_US < now_us;
        if (!is_gone)
            continue;
        tell(events, TILTH_EVENT_ACTOR_VANISHED, other);
        *other = actors->others[--actors->count];
    }
}

void tilth_actors_take(struct actors *actors, const struct state_snapshot *snapshot,
                       uint64_t now_us, struct events *events)
{
    set_clock(actors, snapshot->tick, now_us);
    int64_t at_us = server_time(actors, snapshot->tick);
    for (uint32_t i = 0; i < actors->count; i++)
        actors->others[i].seen_us -= actors->others[i].seen_us == now_us;
    for (uint32_t i = 0; i < snapshot->actor_count; i++)
        take_one(actors, &snapshot->actors[i], at_us, now_us, events);
    drop_gone(actors, snapshot->is_complete, now_us, events);
}

static struct actor_name *name_slot(const struct actors *actors, uint32_t key)
{
    return &actors->names[(key >> LIFE_BITS) % ACTORS_NAMES_MAX];
}

void tilth_actors_name(struct actors *actors, const struct message_named *named,
                       struct events *events)
{
    uint32_t key = named->actor << LIFE_BITS | named->life;
    struct actor_name *slot = name_slot(actors, key);
    slot->key = key;
    tilth_events_text(named->name, slot->name, sizeof slot->name);

    struct tilth_event event = {.kind = TILTH_EVENT_NAMED, .actor = key};
    tilth_events_text(named->name, event.name, sizeof event.name);
    tilth_events_push(events, &event);
}

const char *tilth_actors_name_of(const struct actors *actors, uint32_t key)
{
    const struct actor_name *slot = name_slot(actors, key);
    return slot->key == key ? slot->name : "";
}

/* A place between two, `part` of `whole` of the way; 0 <= part <= whole, whole > 0. */
static int32_t between(int32_t from, int32_t to, int64_t part, int64_t whole)
{
    return (int32_t)(from + ((int64_t)to - from) * part / whole);
}

struct world_pos tilth_actors_pos(const struct actors *actors, uint32_t index, uint64_t now_us,
                                  uint32_t delay_us)
{
    const struct other *other = &actors->others[index];
    int64_t at_us = (int64_t)now_us - actors->offset_us - delay_us;
    const struct actor_sample *newer = &other->samples[0];
    if (at_us >= newer->at_us)
        return newer->pos;
    for (uint32_t i = 1; i < other->sample_count; i++) {
        const struct actor_sample *older = &other->samples[i];
        int64_t whole = newer->at_us - older->at_us;
        if (at_us >= older->at_us && whole > 0) {
            int64_t part = at_us - older->at_us;
            return (struct world_pos){between(older->pos.x, newer->pos.x, part, whole),
                                      between(older->pos.y, newer->pos.y, part, whole)};
        }
        newer = older;
    }
    return newer->pos;
}
