/* server.h - the roles of a server, made from settings and wired together.
 *
 * server_open recovers the journal, becomes the world's owner, brings what the journal still holds
 * into the database, and reserves everything; then each role is stepped: by its thread (roles.h),
 * or all by one thread with simulated disk, database and clock (tests/scenario). Order of steps
 * does not matter for correctness. Owner: main. */
#ifndef TILTH_HOST_SERVER_H
#define TILTH_HOST_SERVER_H

#include "host/gallery.h"
#include "host/keeper.h"
#include "host/settings.h"
#include "host/tick.h"
#include "store/loader.h"

enum { SERVER_HOSTS_MAX = 1 };

/* What must have a change before anybody is shown it: setting durability, in the order of its
 * words.
 */
enum server_durability { SERVER_DURABLE_JOURNAL, SERVER_DURABLE_DATABASE, SERVER_DURABLE_RELAXED };

/* Sizes of the queues between the roles; 0: the usual size. Tests make small ones, to fill them. */
struct server_limits {
    uint64_t inbox_bytes, requests_bytes, loaded_bytes; /* powers of two */
    uint32_t frame_changes, frame_envelopes, frame_bytes;
    uint32_t held_bytes, backlog_bytes;
};

/* What stands under a server: real, or simulated. Must outlive it. */
struct server_ground {
    struct disk *disk;               /* the journal's folder */
    struct database store_database;  /* connected, migrated */
    struct database loader_database; /* connected */
    struct database gallery_database;
    struct database keeper_databases[KEEPER_LANES]; /* no state: the world has no keeper */
    _Atomic bool *is_keeper_given_up;               /* ends what these wait for */
    const struct shelf *shelf;                      /* of backups; NULL: none */
    struct cache_remote remote;                     /* ops NULL: none */
    struct server_limits limits;                    /* zeroed: the usual ones */
    uint64_t rule_seed; /* of the rolls in a new world; 0: a random one */
};

struct server {
    const struct settings *settings;
    struct server_ground ground;
    struct catalog *catalog;
    struct database_world world;
    uint64_t next_seq; /* of the first tick record to come */
    struct generator generator;
    struct database_images images; /* while it opens */
    struct recovered recovered;
    struct ring inboxes[SERVER_HOSTS_MAX]; /* one a net thread */
    struct ring requests, loaded, closed, pictures, lines, answers;
    struct ring orders, kept_answers[KEEPER_LANES];
    struct ring gallery_requests[SERVER_HOSTS_MAX], gallery_results[SERVER_HOSTS_MAX];
    struct frames frames;
    struct journal *journal;
    struct store *store;
    struct cache *cache;
    struct loader *loader;
    struct gallery *gallery;
    struct keeper *keeper;           /* or NULL */
    struct painter *content_painter; /* main's, then the loader's */
    struct painter *console_painter; /* main's */
    struct renewal *renewal;
    struct net *nets[SERVER_HOSTS_MAX]; /* one ENet host, port and thread each */
    uint32_t host_count;
    _Atomic uint64_t applied_max; /* by the store; the loader reads it */
    bool is_content_wrong;        /* so that it does not open */
    struct recorder *recorder;
    struct host *host;
};

/* What a picture may be. */
struct picture_limits server_picture_limits(const struct settings *settings);

/* How opening ended; the last two with words, and the server is closed again. */
enum server_opened {
    SERVER_OPEN,
    SERVER_CONTENT_WRONG, /* in itself, or for this world */
    SERVER_FAILED,
};

/* Opens everything. `now` seeds backoff and stands in messages. */
enum server_opened server_open(struct server *server, const struct settings *settings,
                               const struct server_ground *ground, struct moment now,
                               struct error *error);

/* The database is another one: a former time of the same world, on a later timeline. Opens the
 * world again, with everybody who is connected, whose connections stay. No role may be stepped
 * meanwhile but the bench. False with words: what is left can only be closed. */
bool server_reopen(struct server *server, struct moment now, struct error *error);

/* Closes and frees everything that was opened. `is_clean`: all is applied, the world is given up in
 * good order. A zeroed server is allowed. */
void server_close(struct server *server, bool is_clean);

/* One step of a role; true when there was something to do. */
bool server_step_net(struct server *server, uint32_t host, struct moment now);
bool server_step_tick(struct server *server, struct moment now);    /* One tick; always true. */
bool server_step_journal(struct server *server, struct moment now); /* One group commit. */
bool server_step_store(struct server *server, struct moment now);   /* One batch. */
bool server_step_loader(struct server *server, struct moment now);  /* Waiting requests. */
bool server_step_gallery(struct server *server, struct moment now); /* Likewise. */
bool server_step_keeper(struct server *server, uint32_t lane, struct moment now); /* One order. */

/* Is everything that the tick has made durable, and in the database? */
bool server_is_settled(struct server *server);

#endif
