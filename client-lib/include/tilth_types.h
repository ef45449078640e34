/* tilth_types.h - the values that tilth.h gives and takes. Include tilth.h.
 *
 * Plain C89 and C++. Units as in tilth.h: positions in 1/16 px, cells, chunks of 64 cells; a name
 * or text ends in 0 and is UTF-8. */
#ifndef TILTH_TYPES_H
#define TILTH_TYPES_H

#include <stdint.h>

enum {
    TILTH_CELL_UNITS = 512,   /* width of a cell in units */
    TILTH_CHUNK_CELLS = 64,   /* width of a chunk in cells */
    TILTH_NAME_BYTES = 32,    /* names with the ending 0; a player's has at most 24 characters */
    TILTH_TEXT_BYTES = 264,   /* words and chat lines with the ending 0; chat has at most 256 */
    TILTH_ERROR_BYTES = 512,  /* an error's text with the ending 0 */
    TILTH_PENDING_MAX = 64,   /* intents that may wait for an answer at once */
    TILTH_CUSTOM_BYTES = 33,  /* a picture's id, 32 hexadecimal digits, with the ending 0 */
    TILTH_CELL_TYPES_MAX = 8, /* types listed for one cell */
    TILTH_COUNTS_MAX = 8,     /* kinds that a structure costs, or a harvest gives */
    TILTH_OFFERS_MAX = 16,    /* offers to the player known at once */
    TILTH_ACTORS_MAX = 512    /* other players known at once */
};

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
    int is_reconnecting;  /* 1: a lost connection is dialled again, 0.1 s to 8 s apart, unless the
                             server said no for good */
    uint32_t entities_max;      /* entities kept in the mirror, 0 is 65,536, at most 16,777,216; of
                                   structures and of piles a sixth each */
    const char *pictures_path;  /* a folder, which must be there, for pictures that were fetched;
                                   NULL: they are kept in memory only */
    uint32_t pictures_path_mib; /* of pictures in it, 0 is 256, at most 1,048,576; the oldest of
                                   more are removed */
    uint32_t pictures_bytes; /* of pictures in memory, 0 is 4 MiB, else 64 KiB to 1 GiB; the oldest
                                of more, or of more than 2,048, go */
    int without_pictures;    /* 1: pictures are not fetched */
    uint32_t delay_ms;       /* how far in the past others are shown, 0 is 100, at most 10,000 */
};

enum tilth_event_kind {
    TILTH_EVENT_NONE,
    TILTH_EVENT_CONNECTED,      /* tilth_client_facts are known; chunks follow */
    TILTH_EVENT_DISCONNECTED,   /* text: why; is_retrying: it will be dialled again */
    TILTH_EVENT_DONE,           /* number: the intent happened and is durable; it is in the mirror,
                                   or comes with the chunks where these are on their way anew */
    TILTH_EVENT_REFUSED,        /* number: it did not; name: OUT_OF_REACH..., text: the words */
    TILTH_EVENT_LOST,           /* number: it never happened (the connection was lost meanwhile) */
    TILTH_EVENT_CELL_CHANGED,   /* x, y: the cell; of a structure, each of its cells in view */
    TILTH_EVENT_CHUNK_APPEARED, /* x, y: the chunk came into view, or was replaced */
    TILTH_EVENT_CHUNK_VANISHED, /* x, y: the chunk left the view */
    TILTH_EVENT_ACTOR_APPEARED, /* actor; x, y: its position in units */
    TILTH_EVENT_ACTOR_VANISHED, /* actor */
    TILTH_EVENT_NAMED,          /* actor is called name */
    TILTH_EVENT_SAID,           /* name said text */
    TILTH_EVENT_CORRECTED,      /* one's own position was put right by x, y units */
    TILTH_EVENT_SLOT_CHANGED,   /* x: the slot of one's own bag */
    TILTH_EVENT_SKILL_CHANGED,  /* x: the skill of one's own, for tilth_client_skill */
    TILTH_EVENT_LEVEL_UP,       /* one's own skill called name is at level x now */
    TILTH_EVENT_LOOK,           /* number: the image that tilth_client_look tells of now */
    TILTH_EVENT_PICTURE,        /* text: the id of a picture that tilth_client_picture has now */
    TILTH_EVENT_UPLOADED,       /* number: the upload; text: the id of the picture that it became */
    TILTH_EVENT_UPLOAD_FAILED,  /* number; text: why */
    TILTH_EVENT_OFFERED,        /* name offers x things called text; x 0: not any more, or there
                                   are more than TILTH_OFFERS_MAX */
    TILTH_EVENT_CONTENT_CHANGED, /* the types are others, by name; all is shown anew */
    TILTH_EVENT_RESTORED /* the world is back at an earlier time: all is shown anew, else LOST */
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
    uint32_t reach_px;   /* from the player to the nearest point of a cell, or of another's cell */
    uint32_t view_cells; /* how far the server shows the world */
    int is_seed_shared;
    uint32_t slots_max; /* in one's own bag */
};

struct tilth_position {
    int32_t x, y;           /* units */
    int32_t cell_x, cell_y; /* the cell it lies in */
};

/* Another player. */
struct tilth_actor {
    uint32_t actor;   /* a number of its own as long as it is in view */
    int32_t x, y;     /* units, to a quarter of a pixel; delay_ms in the past */
    int8_t dx, dy;    /* where it is heading: -1, 0 or 1 on each axis */
    int8_t work;      /* percent done of what it harvests, -1: it is not busy */
    const char *name; /* "" until the server told it */
};

struct tilth_cell {
    const char *terrain;
    uint32_t type_count;                     /* what stands there, at most TILTH_CELL_TYPES_MAX */
    const char *types[TILTH_CELL_TYPES_MAX]; /* names: "tree"; a structure before other things */
    int is_solid;                            /* players cannot enter */
    int is_kept;                             /* somebody changed it once */
};

struct tilth_chunk {
    uint64_t version; /* rises with every change, 0 as generated */
    char hash[33];    /* of what was changed in it: equal chunks have equal hashes */
    uint32_t kept_count;
    uint32_t entity_count;
    uint32_t structure_count; /* that touch it */
    uint32_t pile_count;
};

/* A thing that was placed, or that stood where something was changed. */
struct tilth_entity {
    uint64_t id;
    int32_t x, y; /* cell */
    const char *type;
    uint32_t image; /* number of the look of its own that it has, 0 the type's */
};

/* What stands in several cells. */
struct tilth_structure {
    uint64_t id;
    int32_t x, y;           /* the primary cell, which it was built at */
    int32_t west, north;    /* the cell in its upper left corner */
    uint32_t width, height; /* cells */
    const char *type;
    uint32_t image; /* as of an entity */
};

/* Things that lie on the ground, of one kind. */
struct tilth_pile {
    uint64_t id;
    int32_t x, y; /* cell */
    const char *type;
    uint32_t quantity;
    uint32_t image; /* as of an entity */
};

/* Things to drop. */
struct tilth_drop {
    uint32_t slot;     /* of the bag */
    uint32_t quantity; /* 0: all */
    int32_t x, y;      /* the cell that they are to lie in */
};

/* How a thing is drawn: its picture, how large, how it is turned, and where in its cell. */
struct tilth_image {
    uint32_t size_units;                    /* 1/16 px, 1 to 65,535; servers may allow less */
    int turns;                              /* 1: with the viewer; then angle_units is ignored */
    int32_t angle_units;                    /* on the screen, 1/10,000 rad, -62,832 to 62,832 */
    int32_t offset_x_units, offset_y_units; /* 1/16 px, -16,384 to 16,384 */
    char custom[TILTH_CUSTOM_BYTES];        /* id of a picture of its own, "" the type's */
};

/* What is in a slot of one's own bag. */
struct tilth_slot {
    const char *type; /* "" when the slot is empty */
    uint32_t quantity;
    uint32_t image;             /* the look of its own that it has, 0 the type's */
    uint32_t wear;              /* uses of a tool so far */
    uint32_t durability;        /* uses until it breaks, 0 never */
    const char *source;         /* what it was harvested from, "" nothing */
    int32_t source_x, source_y; /* the cell where that stood */
    uint64_t tick;              /* when */
    uint32_t time_s;            /* the same, in seconds since 1970 UTC */
    const char *tool;           /* with what, "" nothing */
    int32_t x, y;               /* where the player stood, in units */
    const char *skill;          /* "" none */
    uint32_t level;             /* in that skill */
};

/* What another player offers. */
struct tilth_offer {
    const char *name; /* whose it is: for tilth_client_answer */
    const char *type;
    uint32_t quantity;
    uint32_t image; /* as of a slot */
};

/* So many things of a type. */
struct tilth_count {
    const char *type;
    uint32_t count;
    uint32_t chance_ppm; /* millionths; of a price always 1,000,000 */
};

enum tilth_kind {
    TILTH_KIND_ENTITY,   /* stands in a cell */
    TILTH_KIND_ITEM,     /* lies in bags and on the ground only */
    TILTH_KIND_STRUCTURE /* stands in several cells */
};

/* What is known of a type. A name is "" where there is none. */
struct tilth_type {
    const char *name;
    enum tilth_kind kind;
    int is_placeable, is_removable; /* players may place or build it, and remove or unbuild it */
    uint32_t stack_max;             /* in one slot */
    const char *tool;               /* the kind of tool that it is */
    uint32_t durability;            /* uses until it breaks, 0 never */
    struct tilth_image image;       /* how it is drawn */
    uint32_t width, height;         /* cells */
    uint32_t primary_x, primary_y;  /* the cell that is named, from the upper left corner */
    uint32_t cost_count, yield_count;
    struct tilth_count costs[TILTH_COUNTS_MAX]; /* of a structure */
    uint32_t harvest_ms;                        /* 0: it cannot be harvested */
    const char *harvest_tool, *harvest_skill;   /* the kind of tool that it takes; what is learnt */
    struct tilth_count yields[TILTH_COUNTS_MAX]; /* each rolled on its own; no bonus */
};

/* One's own progress in a skill. */
struct tilth_skill {
    const char *name;
    uint32_t points; /* experience */
    uint32_t level;
    uint32_t level_max;
    uint32_t next_points; /* that the next level takes, 0 at the last */
};

struct tilth_stats {
    uint32_t corrections;          /* own position put right by the server */
    uint32_t corrections_expected; /* of these: beside a cell whose change was not confirmed yet */
    uint32_t correction_units_max; /* the largest, on one axis */
    uint32_t round_trip_ms;
    uint32_t resyncs;        /* chunks asked for again that did not fit, and times all was anew */
    uint32_t events_dropped; /* nobody fetched them; never outcomes */
    uint32_t snapshots;
    uint64_t bytes_in, bytes_out; /* of this connection, without UDP and IP headers */
};

#endif
