/* tilth.h - the client of a Tilth world: connect, see, walk, change cells.
 *
 * A client keeps a mirror of the chunks around its player, made by the same code as the server's
 * world; predicts its own movement, and corrects it when the server says otherwise; shows others a
 * little in the past, so that they move smoothly; and tells for every intent (place, remove, say)
 * exactly once what became of it, also across a lost connection and a server that was killed.
 *
 * Everything is pulled: call tilth_client_update often (every frame, or at least 50 times a
 * second), then tilth_client_next until it returns 0. Nothing calls back, nothing waits, there are
 * no threads and no globals: several clients live side by side, and one client belongs to one
 * thread at a time. Memory is reserved at creation and at the welcome (about 10 MB with default
 * limits). Positions are in units of 1/16 pixel, a cell is 512 units wide, a chunk 64 cells; x
 * grows to the east, y to the south. A pointer in a result is valid until the next
 * tilth_client_update of the same client. Plain C89 and C++; all text is UTF-8. A complete program:
 * examples/walk.c. */
#ifndef TILTH_H
#define TILTH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    TILTH_CELL_UNITS = 512,   /* width of a cell in units */
    TILTH_CHUNK_CELLS = 64,   /* width of a chunk in cells */
    TILTH_NAME_BYTES = 32,    /* names with the ending 0; a player's has at most 24 characters */
    TILTH_TEXT_BYTES = 264,   /* words and chat lines with the ending 0; chat has at most 256 */
    TILTH_ERROR_BYTES = 512,  /* an error's text with the ending 0 */
    TILTH_PENDING_MAX = 64,   /* intents that may wait for an answer at once */
    TILTH_CELL_TYPES_MAX = 8, /* entities listed for one cell */
    TILTH_ACTORS_MAX = 512    /* other players known at once */
};

struct tilth_client; /* opaque */

/* Why something was not done, in words. */
struct tilth_error {
    char text[TILTH_ERROR_BYTES];
};

struct tilth_options {
    const char *address;  /* IPv4 in dots; NULL is 127.0.0.1 */
    uint16_t port;        /* UDP; 0 is 7400 */
    const char *name;     /* 1 to 24 letters, digits, '_' or '-' */
    const char *key_path; /* the device key that owns the name, made there (mode 0600) when missing;
                             NULL: a key for this client only, gone with it */
    int is_reconnecting;  /* 1: a lost connection is dialled again, 0.25 s to 8 s apart, unless the
                             server said no for good */
    uint32_t entities_max; /* entities kept in the mirror, 0 is 65,536, at most 16,777,216 */
    uint32_t delay_ms;     /* how far in the past others are shown, 0 is 100, at most 10,000 */
};

enum tilth_event_kind {
    TILTH_EVENT_NONE,
    TILTH_EVENT_CONNECTED,      /* tilth_client_facts are known; chunks follow */
    TILTH_EVENT_DISCONNECTED,   /* text: why; is_retrying: it will be dialled again */
    TILTH_EVENT_DONE,           /* number: the intent happened, is durable, and is in the mirror */
    TILTH_EVENT_REFUSED,        /* number: it did not; name: OUT_OF_REACH..., text: the words */
    TILTH_EVENT_LOST,           /* number: it never happened (the connection was lost meanwhile) */
    TILTH_EVENT_CELL_CHANGED,   /* x, y: the cell */
    TILTH_EVENT_CHUNK_APPEARED, /* x, y: the chunk came into view, or was replaced */
    TILTH_EVENT_CHUNK_VANISHED, /* x, y: the chunk left the view */
    TILTH_EVENT_ACTOR_APPEARED, /* actor; x, y: its position in units */
    TILTH_EVENT_ACTOR_VANISHED, /* actor */
    TILTH_EVENT_NAMED,          /* actor is called name */
    TILTH_EVENT_SAID,           /* name said text */
    TILTH_EVENT_CORRECTED       /* one's own position was put right by x, y units */
};

struct tilth_event {
    enum tilth_event_kind kind;
    uint32_t number;
    uint32_t actor;
    int32_t x, y;
    int is_retrying;
    char name[TILTH_NAME_BYTES];
    char text[TILTH_TEXT_BYTES];
};

/* What the server said at the welcome. */
struct tilth_facts {
    char world[65];
    uint32_t timeline; /* another one after the world was restored from a backup */
    uint32_t tick_hz;
    uint32_t speed_px_s;
    uint32_t reach_px;   /* for place and remove: from the player to the cell's nearest point */
    uint32_t view_cells; /* how far the server shows the world */
    int is_seed_shared;
};

struct tilth_position {
    int32_t x, y;           /* units */
    int32_t cell_x, cell_y; /* the cell it lies in */
};

/* Another player. */
struct tilth_actor {
    uint32_t actor;   /* a number of its own as long as it is in view */
    int32_t x, y;     /* units, delay_ms in the past */
    int8_t dx, dy;    /* where it is heading: -1, 0 or 1 on each axis */
    const char *name; /* "" until the server told it */
};

struct tilth_cell {
    const char *terrain;
    uint32_t type_count;                     /* things in the cell, at most TILTH_CELL_TYPES_MAX */
    const char *types[TILTH_CELL_TYPES_MAX]; /* their types' names: "tree" */
    int is_solid;                            /* players cannot enter */
    int is_kept;                             /* somebody changed it once */
};

struct tilth_chunk {
    uint64_t version; /* rises with every change, 0 as generated */
    char hash[33];    /* of what was changed in it: equal chunks have equal hashes */
    uint32_t kept_count;
    uint32_t entity_count;
};

/* A thing that was placed, or that stood where something was changed. */
struct tilth_entity {
    uint64_t id;
    int32_t x, y; /* cell */
    const char *type;
};

struct tilth_stats {
    uint32_t corrections;          /* own position put right by the server */
    uint32_t corrections_expected; /* of these: beside a cell whose change was not confirmed yet */
    uint32_t correction_units_max; /* the largest, on one axis */
    uint32_t round_trip_ms;
    uint32_t resyncs;        /* chunks asked for again, since what came did not fit */
    uint32_t events_dropped; /* nobody fetched them; never outcomes of intents */
    uint32_t snapshots;
    uint64_t bytes_in, bytes_out; /* of this connection, without UDP and IP headers */
};

/* Makes a client that starts to connect at its first update. NULL when an option is wrong, or the
 * key file cannot be read or written; then *out_error (NULL is allowed) says why. The options'
 * strings are copied. */
struct tilth_client *tilth_client_create(const struct tilth_options *options,
                                         struct tilth_error *out_error);

/* Ends the connection without waiting, and sets *client to NULL. NULL is allowed. */
void tilth_client_destroy(struct tilth_client **client);

/* Receives, predicts, sends. now_ms is any clock that only moves forward, in milliseconds; all time
 * in the client comes from it. Never waits. */
void tilth_client_update(struct tilth_client *client, uint64_t now_ms);

/* Takes the oldest event: 1 and *out_event, or 0 when there is none. Up to 1,024 wait; when more
 * come, the newest are dropped and counted, except outcomes of intents and lost connections. */
int tilth_client_next(struct tilth_client *client, struct tilth_event *out_event);

/* The socket to poll for reading between updates, or -1 when there is none now. */
int tilth_client_fd(const struct tilth_client *client);

/* 1 between TILTH_EVENT_CONNECTED and TILTH_EVENT_DISCONNECTED. */
int tilth_client_is_connected(const struct tilth_client *client);

/* 1 when connected, the chunks around the player are in view, so that walking is predicted, and the
 * first word of the other players has come. */
int tilth_client_is_ready(const struct tilth_client *client);

/* Walks on in this direction until told otherwise; dx and dy are -1, 0 or 1 (larger ones count as
 * 1), 0 and 0 stands still. Diagonals are as fast as straight ways. */
void tilth_client_move(struct tilth_client *client, int dx, int dy);

/* Asks to place a thing of the named type into a cell. The intent's number, for which one of DONE,
 * REFUSED or LOST follows; or 0 when it was not asked, and then *out_error (NULL is allowed)
 * says why: not connected, an unknown type (with the nearest known), a cell outside of the
 * world, TILTH_PENDING_MAX unanswered. Numbers go on where the character's last connection ended;
 * the number of a lost intent is used again. */
uint32_t tilth_client_place(struct tilth_client *client, const char *type, int32_t x, int32_t y,
                            struct tilth_error *out_error);

/* Asks to remove what is in a cell; like tilth_client_place. */
uint32_t tilth_client_remove(struct tilth_client *client, int32_t x, int32_t y,
                             struct tilth_error *out_error);

/* Says something to all: 1 to 256 bytes of UTF-8 without control characters; like
 * tilth_client_place. */
uint32_t tilth_client_say(struct tilth_client *client, const char *text,
                          struct tilth_error *out_error);

/* Intents that were asked and have no outcome yet. */
uint32_t tilth_client_pending(const struct tilth_client *client);

/* 1 and what the server said at the latest welcome, or 0 before the first one. */
int tilth_client_facts(const struct tilth_client *client, struct tilth_facts *out_facts);

/* 1 and the player's own predicted position, or 0 before the first welcome. */
int tilth_client_position(const struct tilth_client *client, struct tilth_position *out_position);

/* Others in view, as many as fit into capacity; returns how many were written. */
size_t tilth_client_actors(const struct tilth_client *client, struct tilth_actor *out_actors,
                           size_t capacity);

/* 1 and what is in a cell, or 0 when its chunk is not in view. */
int tilth_client_cell(const struct tilth_client *client, int32_t x, int32_t y,
                      struct tilth_cell *out_cell);

/* 1 when players cannot enter the cell, also when it is not in view. */
int tilth_client_is_solid(const struct tilth_client *client, int32_t x, int32_t y);

/* 1 and what a chunk (in chunk coordinates) is like, or 0 when it is not in view. */
int tilth_client_chunk(const struct tilth_client *client, int32_t x, int32_t y,
                       struct tilth_chunk *out_chunk);

/* The entities of a chunk, row by row, as many as fit into capacity; returns how many were written.
 * Generated things that nobody touched have no id and are not listed: tilth_client_cell shows them.
 */
size_t tilth_client_entities(const struct tilth_client *client, int32_t x, int32_t y,
                             struct tilth_entity *out_entities, size_t capacity);

/* The name of a placeable type by its rank, for menus: NULL behind the last. */
const char *tilth_client_type(const struct tilth_client *client, uint32_t rank);

/* Counts since creation; bytes and round trip of the latest connection. */
void tilth_client_stats(const struct tilth_client *client, struct tilth_stats *out_stats);

#ifdef __cplusplus
}
#endif

#endif
