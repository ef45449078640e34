/* sim.h - what a rule works with: the world, the log of this tick's changes, and the facts of the
 * tick.
 *
 * A rule reads the world, and either refuses or makes changes with sim_change, which applies them
 * at once; it cannot fail in any other way. Integers and ticks only: the same intents give the same
 * changes on every machine. Memory: the log and its bytes, reserved at init. Owner: the tick. */
#ifndef TILTH_SIM_SIM_H
#define TILTH_SIM_SIM_H

#include "base/arena.h"
#include "world/intent.h"
#include "world/movement.h"

enum {
    SIM_CHANGES_PER_INTENT_MAX = 64, /* a rule makes no more */
    SIM_SPAN_BYTES_PER_INTENT_MAX = 1024,
};

enum work_kind { WORK_NONE, WORK_HARVEST, WORK_GIVE };

/* What an actor is busy with over several ticks. */
struct work {
    enum work_kind kind;
    uint16_t type;             /* HARVEST: what is harvested */
    struct cell_pos cell;      /* HARVEST: where it stands */
    uint64_t thing;            /* HARVEST: id of an entity or a structure, 0: it is generated */
    struct world_pos pos;      /* HARVEST: the actor's, which must not change */
    uint32_t slot, to;         /* GIVE: from which slot, and to which actor */
    struct character_id taker; /* GIVE: whom that actor plays: it may leave, and another come */
    struct stack offered;      /* GIVE: what of it */
    enum refusal decision;     /* GIVE: SIM_UNDER_WAY until the other has answered */
    uint64_t since, until;     /* ticks: begun, and due */
};

/* Who may change how a thing looks, beside builders and operators. */
enum image_editors { IMAGE_EDITORS_REACH, IMAGE_EDITORS_PLACER, IMAGE_EDITORS_OPERATORS };

struct sim_rules {
    uint32_t reach_px; /* for all that is done to a cell */
    uint32_t tick_hz;
    uint32_t step_units;   /* an actor's step, movement_step_units */
    bool is_building_free; /* everybody places and removes without a bag */
    uint32_t offer_s;      /* how long an offer waits for its answer */
    uint32_t image_size_px_max;
    uint32_t image_keep_s; /* how long an image configuration or a picture stays unused */
    enum image_editors image_editors;
};

struct sim {
    struct world *world;
    struct sim_rules rules;
    uint8_t roll_key[CRYPTO_SIPHASH_KEY_BYTES]; /* roll.h */
    uint64_t tick;
    uint32_t time_s;      /* seconds since 1970, UTC: only to be written down */
    struct work *works;   /* by actor */
    uint32_t missing;     /* type, with the refusals TOOL_MISSING and ITEMS_MISSING */
    uint32_t stream;      /* 1..127: the first part of new ids, no other server's */
    uint64_t seq;         /* of the tick record that this tick's changes will be in */
    uint32_t births;      /* ids given out in this record */
    uint32_t sweep;       /* the image configuration, or picture, to be looked at next (lapse.h) */
    uint32_t lasting;     /* changes of the log that last */
    uint32_t marks;       /* that the log's changes may need, if no two touch the same chunk */
    bool is_read_only;    /* the journal takes nothing */
    bool is_store_behind; /* the database is too far behind */
    struct change *log;   /* what happened in this tick, in order; without ACTOR changes */
    uint32_t log_count;
    uint32_t log_max;
    uint32_t log_reserve; /* places that intents leave free: for what the host itself keeps */
    struct arena spans;   /* where spans of the log live */
};

/* No outcome yet: what was asked goes on, and its outcome comes from rules_go_on. */
#define SIM_UNDER_WAY ((enum refusal)REFUSAL_COUNT)

/* Reserves the log for log_max changes and span_bytes bytes of their spans; log_reserve is 0. */
void sim_init(struct sim *sim, struct world *world, uint32_t log_max, uint32_t span_bytes);
void sim_finish(struct sim *sim); /* Gives the memory back. */

/* Starts a tick: an empty log. `seq` is the number that its tick record will have: 1..2^36 - 1. */
void sim_begin(struct sim *sim, uint64_t tick, uint64_t seq);

/* Is there room for one more intent's changes, and for the marks that close the tick? */
bool sim_has_room(const struct sim *sim);

/* Applies the change to the world and remembers it in the log; spans are copied. */
void sim_change(struct sim *sim, const struct change *change);

/* A new id, unique for ever: stream | seq | n. Only for changes of this tick. */
uint64_t sim_new_id(struct sim *sim);

/* Closes the tick: a CHUNK change for every chunk that changed. */
void sim_seal(struct sim *sim);

#endif
