/* player.h - a player in the bottle: the real client library, a walker, what was asked and told.
 *
 * Everything that a player is told goes into the bottle's ledger, and is held against what is
 * durable at that moment: something shown too early breaks the bottle. */
#ifndef TILTH_BOTTLE_PLAYER_H
#define TILTH_BOTTLE_PLAYER_H

#include "bottle/bottle.h"
#include "tilth.h"

struct walker;

/* An intent without an outcome. */
struct player_ask {
    uint32_t number;
    struct cell_pos cell;
    uint32_t type;   /* 0: one thing less in the cell; PLAYER_SAYS */
    bool takes_time; /* HARVEST and GIVE: later ones may end before */
    bool is_harvest;
    bool is_words; /* nothing that lasts */
};

enum { PLAYER_SAYS = UINT16_MAX /* nothing that the ledger counts */ };

struct player {
    struct bottle *bottle;
    uint32_t rank; /* in bottle->players */
    struct tilth_client *client;
    struct walker *walker;
    bool is_walking;
    char name[TILTH_NAME_BYTES];
    char address[16]; /* the client's, for sim_network_path */
    uint64_t due_us;
    struct player_ask asks[TILTH_PENDING_MAX];
    uint32_t ask_count;
    uint32_t done, refused, lost, connected, said; /* events so far */
    uint32_t restored;                             /* likewise */
    uint32_t corrections, correction_units;        /* how many, and the latest, on one axis */
    uint32_t offered, offers_over, levels_up;      /* likewise */
    uint32_t harvested;                            /* DONE of harvests */
    char refusal[TILTH_NAME_BYTES];                /* the last one's name */
    char offer_by[TILTH_NAME_BYTES];               /* the last offer: whose, of what, how many */
    char offer_of[TILTH_NAME_BYTES];
    uint32_t offer_quantity;
    char words[TILTH_TEXT_BYTES];    /* of the last disconnection, or chat line */
    char upload[TILTH_CUSTOM_BYTES]; /* the id of the last picture it brought */
    bool is_retrying;                /* after the last disconnection */
    bool is_gone;                    /* destroyed its client for good, or until it wakes */
    char key_path[96];               /* "": a key that is gone with the client */
    uint32_t entities_max;           /* that its client has room for */
};

struct player_options {
    const char *name;
    const char *key_path;  /* NULL: a key of its own */
    const char *address;   /* NULL: one of its own */
    bool gives_up;         /* a lost connection is not dialled again */
    uint32_t entities_max; /* that its client has room for, 0: as many as the server */
};

/* A new player who connects from now on. Belongs to the bottle. */
struct player *player_create(struct bottle *bottle, const struct player_options *options);

/* The same, with a name only. */
struct player *player_join(struct bottle *bottle, const char *name);
void player_destroy(struct player **player); /* For bottle_destroy; NULL-safe. */

/* The player's program ends. It is out of all checks; intents without an outcome are forgotten, so
 * let there be none. */
void player_leave(struct player *player);

/* The player's program ends, as in player_leave, and is started again: who has a key file is the
 * same player then. */
void player_sleep(struct player *player);
void player_wake(struct player *player); /* Is started again. */

/* Updates the client if it is due, and takes its events. */
void player_step(struct player *player);

/* Is connected, and sees the land around. */
bool player_is_ready(const struct player *player);

/* Waits until it is; false after 30 s. */
bool player_await_ready(struct player *player);

/* Asks for a thing of the named type in a cell, or to remove what is there: the intent's number, 0
 * when it was not asked. */
uint32_t player_place(struct player *player, const char *type, int32_t x, int32_t y);
uint32_t player_remove(struct player *player, int32_t x, int32_t y);  /* To remove. */
uint32_t player_harvest(struct player *player, int32_t x, int32_t y); /* To harvest it. */
uint32_t player_say(struct player *player, const char *text);         /* To say something. */

/* Asks to move things between two slots of its bag; quantity 0: all. Like player_place. */
uint32_t player_move_stack(struct player *player, uint32_t from, uint32_t into, uint32_t quantity);

/* Asks to drop things of a slot of its bag into a cell, quantity 0: all; or to pick up what lies
 * there. Like player_place, but out of the ledger, as all that follow. */
uint32_t player_drop(struct player *player, uint32_t slot, uint32_t quantity, struct cell_pos cell);
uint32_t player_pick_up(struct player *player, int32_t x, int32_t y); /* To pick it up. */

/* Asks to give things of a slot to the player of that name; to answer what that one offers. */
uint32_t player_give(struct player *player, uint32_t slot, uint32_t quantity, const char *name);
uint32_t player_answer(struct player *player, const char *name, bool is_accepted); /* To answer. */

/* Asks to build a structure of the named type, or to take down what stands in the cell. */
uint32_t player_build(struct player *player, const char *type, int32_t x, int32_t y);
uint32_t player_unbuild(struct player *player, int32_t x, int32_t y); /* To take it down. */

/* Asks to exchange two slots of its bag. */
uint32_t player_swap(struct player *player, uint32_t from, uint32_t into);

/* Asks to draw what stands in the cell so; or as its type again. */
uint32_t player_modify(struct player *player, int32_t x, int32_t y,
                       const struct tilth_image *image);
uint32_t player_reset(struct player *player, int32_t x, int32_t y); /* As its type. */

/* Waits until every intent has its outcome; false after `limit_ms`. */
bool player_await_outcomes(struct player *player, uint64_t limit_ms);

/* Walks to the cell around what is in the way; false when it does not get there. */
bool player_goto(struct player *player, int32_t x, int32_t y);

/* Starts to walk there, and does not wait: is_walking says when it has ended. */
void player_head_for(struct player *player, int32_t x, int32_t y);

/* Puts the player's actor into a cell, as no player can: its client is corrected. It must play. */
void player_carry(struct player *player, struct cell_pos cell);

/* Where the server has it. It must play. */
struct world_pos player_real_pos(const struct player *player);

/* Its own cell. */
struct cell_pos player_cell(const struct player *player);

/* How many of the type are in its bag, as its client knows it; its points in a skill, likewise. */
uint32_t player_has(const struct player *player, const char *type);
uint32_t player_points(const struct player *player, const char *skill); /* In a skill. */

/* The first slot of its bag that has such a thing, or UINT32_MAX. */
uint32_t player_slot(const struct player *player, const char *type);

/* What stands over the cell, and what lies in it, as the player sees it; false when nothing does.
 * Of several piles the oldest. */
bool player_sees_structure(const struct player *player, struct cell_pos cell,
                           struct tilth_structure *out_structure);
bool player_sees_pile(const struct player *player, struct cell_pos cell,
                      struct tilth_pile *out_pile); /* What lies there. */

/* The number of the look of its own of the entity or structure in the cell, 0 for the type's. */
uint32_t player_sees_image(const struct player *player, struct cell_pos cell);

/* The name of what stands in the cell as the player sees it: "" nothing, NULL not in view. */
const char *player_sees(const struct player *player, int32_t x, int32_t y);

#endif
