/* actors.h - the other players in view: where they were a moment ago, moving smoothly.
 *
 * Snapshots say where others are at a tick. The newest few are kept for each, and others are shown
 * `delay` in the past, between two of them; a lost snapshot leaves no gap, and one that nothing
 * newer is known of stands still. The server's clock is estimated from the quickest snapshots.
 * Names come on another channel, before or after, and once only: each slot of the server's has its
 * own here, whoever is in view. Memory reserved at init, one owner thread. */
#ifndef TILTH_CLIENT_ACTORS_H
#define TILTH_CLIENT_ACTORS_H

#include "events.h"
#include "wire/message.h"
#include "wire/state.h"

enum {
    ACTORS_SAMPLES = 8,
    ACTORS_LOST_US = 3000000,
    ACTORS_NAMES_MAX = 4096, /* as many as a server has sessions at most */
};

struct actor_sample {
    int64_t at_us; /* on the server's clock */
    struct world_pos pos;
};

struct other {
    uint32_t key; /* slot and life: what the caller knows it by */
    uint8_t direction;
    uint8_t work; /* as state_actor's */
    uint8_t sample_count;
    uint64_t seen_us;                            /* on our clock */
    struct actor_sample samples[ACTORS_SAMPLES]; /* newest first */
};

struct actor_name {
    uint32_t key;
    char name[WORLD_NAME_BYTES + 1]; /* "" when none was told */
};

struct actors {
    struct other *others;     /* [TILTH_ACTORS_MAX], the first `count` are in view */
    struct actor_name *names; /* [ACTORS_NAMES_MAX], by the actor's slot */
    uint32_t count;
    uint32_t tick_us;
    uint32_t first_tick;
    bool has_clock;
    int64_t offset_us; /* our clock minus the server's, by the quickest snapshots */
};

/* Reserves room for TILTH_ACTORS_MAX and the names of more. */
void tilth_actors_init(struct actors *actors);
void tilth_actors_finish(struct actors *actors); /* Gives the memory back. */

/* Forgets all actors in view, telling events of them, but no names: those may come before. */
void tilth_actors_restart(struct actors *actors, struct events *events);

/* Forgets all actors and names, telling events of those in view. */
void tilth_actors_clear(struct actors *actors, struct events *events);

/* The server ticks so often a second; its clock is estimated anew. */
void tilth_actors_set_rate(struct actors *actors, uint32_t tick_hz);

/* Takes a snapshot that is newer than all before; tells of who came and went. */
void tilth_actors_take(struct actors *actors, const struct state_snapshot *snapshot,
                       uint64_t now_us, struct events *events);

/* Takes a name. */
void tilth_actors_name(struct actors *actors, const struct message_named *named,
                       struct events *events);

/* The name of an actor, "" while unknown. */
const char *tilth_actors_name_of(const struct actors *actors, uint32_t key);

/* Where one of the first `count` others is shown at `now_us`, delay_us in the past. */
struct world_pos tilth_actors_pos(const struct actors *actors, uint32_t index, uint64_t now_us,
                                  uint32_t delay_us);

#endif
