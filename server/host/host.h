/* host.h - the authority: the world, its sessions, and the tick that moves them.
 *
 * Everything that the tick thread owns hangs here. What comes from other threads comes through
 * rings (inbox, loaded, console lines) and through struct tick_inputs, and can be recorded and
 * replayed; what goes out are frames, tick records, loader requests and console answers. Memory:
 * reserved at create; nothing is taken later. Owner: the tick thread. See tick.c for the order of
 * things. */
#ifndef TILTH_HOST_HOST_H
#define TILTH_HOST_HOST_H

#include "base/board.h"
#include "host/console.h"
#include "host/limits.h"
#include "host/recorder.h"
#include "host/residency.h"
#include "host/retell.h"
#include "host/session.h"
#include "host/tick_times.h"
#include "journal/journal.h"
#include "net/net.h"
#include "sim/sim.h"
#include "store/renewal.h"
#include "store/store.h"

struct host_options {
    const struct catalog *catalog; /* copied: need not outlive host_create */
    struct generator generator;
    uint64_t rule_seed; /* of all rolls (sim/roll.h) */
    const char *world_name;
    uint32_t timeline;
    uint32_t stream; /* database_world.stream */
    struct host_limits limits;
    uint64_t next_seq; /* of the first record to come */
    uint64_t tick;     /* the last one of the world's past */
    struct hash128 hash;
    struct database_images images; /* the world's; need not outlive host_create */

    struct journal *journal; /* NULL: in replay */
    struct ring *inboxes;    /* from the net threads: inbox_count of them */
    uint32_t inbox_count;
    struct ring *requests;     /* to the loader */
    struct ring *loaded;       /* from the loader */
    struct ring *closed;       /* from the store: struct store_closed */
    struct ring *pictures;     /* from the gallery */
    struct ring *lines;        /* from the console */
    struct ring *answers;      /* to the console */
    struct ring *orders;       /* to the keeper; or NULL */
    struct frames *frames;     /* to net */
    struct renewal *renewal;   /* of the content, by the loader; or NULL */
    struct recorder *recorder; /* or NULL */
};

/* The other roles, for their facts on the console; all NULL in replay. Not owned. */
struct host_roles {
    struct journal *journal;
    struct store *store;
    struct loader *loader;
    struct cache *cache;
    struct gallery *gallery;
    struct net *net;
    struct keeper *keeper;
};

/* How far others are with the tick's records. */
struct tick_seqs {
    uint64_t applied_seq; /* everything up to here is in the database */
    uint64_t durable_seq; /* everything up to here may be shown: setting durability */
    bool is_disowned;     /* the lease on the world is over, or nearly */
};

/* What the tick learns at its start from other threads' counters; recorded. */
struct tick_inputs {
    uint64_t applied_seq;   /* everything up to here is in the database */
    uint64_t durable_seq;   /* everything up to here may be shown: setting durability */
    uint64_t frames_passed; /* by the slowest net thread */
    uint32_t is_read_only;  /* the journal takes no record */
    uint32_t is_disowned;   /* the lease on the world is over, or nearly: nothing is changed */
    int64_t
        wall_us; /* only to be written down: in the record's header, and with what is harvested */
};

/* An intent waiting for its turn in this tick. */
struct queued_intent {
    const struct inbox_intent *intent; /* in the inbox ring, until it is released */
    int32_t next;                      /* of the same session, or SESSION_NONE */
};

/* How many bytes of records lie between two sequence numbers, coarsely. */
struct dirty_point {
    uint64_t seq, bytes_total;
};
enum { DIRTY_POINTS = 1024 };

/* What became of the content that was read last (renew.h). */
struct host_renewed {
    uint64_t count; /* how often it was */
    bool is_refused;
    char words[512];
};

/* Changes are refused, because they cannot be saved. */
struct host_trouble {
    uint64_t ticks; /* for how long */
    bool is_told;   /* to the players */
};

/* The picture of the content or the console that was refused last. */
struct host_unkept {
    struct hash128 id;
    const char *words; /* NULL: none was */
    uint64_t tick;
};

/* What an operator sees; published after every tick. */
struct host_facts {
    uint64_t tick, seq, applied_seq, changes, intents, refusals, records, record_bytes;
    uint64_t views; /* chunks sent whole */
    uint64_t dirty_bytes;
    uint32_t sessions, chunks, entities, characters;
    struct hash128 hash;
    struct residency_facts residency;
    bool is_read_only, is_store_behind;
};

struct host {
    struct host_options options;
    struct host_roles roles;
    struct world world;
    struct sim sim;
    struct residency residency;
    struct session *sessions;
    struct queued_intent *queue;
    uint32_t queued;
    struct ring_cursor inbox_cursors[FRAME_READERS_MAX];
    struct tick_inputs inputs;
    struct console console;
    struct catalog *catalogs; /* two: the world's, and one for the next content */
    uint32_t catalog_number;  /* how often it was another one */
    char catalog_text[CATALOG_TEXT_BYTES];
    uint32_t catalog_bytes;
    struct host_renewed renewed;
    struct host_unkept unkept;
    struct host_trouble trouble;
    struct content *content; /* working memory of views */
    struct content_codec *codec;
    uint8_t *bytes;     /* where messages and contents are put together */
    uint8_t *own_bytes; /* where what a player owns is put together */
    uint8_t *record;    /* where the tick record goes: in the journal's ring, or scratch */
    uint8_t *scratch;
    uint64_t next_seq;
    uint64_t tick;
    uint64_t idle_ticks;   /* since the last record */
    uint64_t save_ticks;   /* save_position_s in ticks */
    struct cell_pos spawn; /* where new players begin */
    struct dirty_point dirty[DIRTY_POINTS];
    uint32_t dirty_count;
    uint64_t dirty_stride, dirty_bytes_total;
    struct retell retell;
    uint32_t view_turn; /* the session whose view is looked at first */
    uint32_t sweep;     /* the next character to look at for leaving memory */
    _Atomic bool is_stopping;
    struct host_facts facts;
    struct board board;
    struct tick_times times; /* by the thread that runs the ticks; empty in a replay */
};

enum {
    HOST_BYTES = CONTENT_BYTES_MAX + 4096,
    HOST_OWN_BYTES = 1 << 16,
    HOST_LOOKS_BYTES = 1 << 13,
};

/* Reserves everything and stands behind the last tick of the world's past. */
struct host *host_create(const struct host_options *options);
void host_destroy(struct host **host); /* NULL-safe. */

/* Any thread: the facts of the last tick. */
void host_facts(const struct host *host, struct host_facts *out_facts);

/* Any thread: was the operator's `stop` heard? */
bool host_is_stopping(const struct host *host);

/* The sequence number that everything made in this tick is released by: this tick's record. */
uint64_t host_release_seq(const struct host *host);

#endif
