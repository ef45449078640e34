/* database.h - what the store and the loader ask of a database, as a table: PostgreSQL
 * (postgres.h), or a simulated one in the tests. One conformance suite runs against both.
 *
 * A struct database is one connection with one owner thread. Every call may fail with words; after
 * DATABASE_LOST the connection is gone, and `connect` opens a new one. Nothing here retries. */
#ifndef TILTH_STORE_DATABASE_H
#define TILTH_STORE_DATABASE_H

#include "base/clock.h"
#include "catalog/catalog.h"
#include "store/batch.h"
#include "store/quarantined.h"
#include "wire/content.h"

enum database_result {
    DATABASE_OK,
    DATABASE_NOT_FOUND, /* no such row */
    DATABASE_LOST,      /* the connection failed: nothing is known of the last transaction */
    DATABASE_FENCED,    /* somebody else owns the world now, or applied_seq is not as expected */
    DATABASE_FAILED,    /* the database refused; trying the same again will not help */
    DATABASE_CONTENT,   /* the catalogue lacks something that is in use, which the error names */
    DATABASE_DIVIDED,   /* the quarantine is another than the batch was divided by */
};

/* How to open a world; seeds and version matter only when it is made. */
struct database_options {
    const char *world; /* its name */
    uint64_t terrain_seed;
    uint64_t rule_seed;
    uint32_t generator_version;
    const char *folder;        /* the journal's, for people who look for its owner */
    uint64_t journal;          /* the journal folder's id */
    uint64_t journal_last_seq; /* the last record in it, 0 when it has none */
    bool abandon_journal;      /* give up what another journal had not yet applied */
    uint64_t lease_us; /* ownership ends then, unless it is renewed; 0: it does not end by time */
};

/* A world as its rows say. */
struct database_world {
    uint64_t id;
    uint64_t terrain_seed;
    uint64_t rule_seed;
    uint32_t generator_version;
    uint32_t timeline;
    uint32_t stream;  /* 1..127, no other in this database: the first part of new ids */
    uint64_t epoch;   /* fencing: this owner's; every apply checks it */
    uint64_t journal; /* this owner's, as options->journal */
    uint64_t applied_seq;
    uint64_t tick;       /* of the record applied last */
    struct hash128 hash; /* the world hash after it */
    uint64_t quarantine; /* version of the quarantine; 0: nothing was ever in it */
    bool was_clean;      /* the last owner closed it */
};

/* What a world's stream says of its last owner. */
struct database_owner {
    const char *host;
    const char *folder;
    int64_t pid;
    uint64_t journal;
    uint64_t applied_seq;
    bool is_clean;  /* it closed the world */
    bool has_lease; /* its ownership ends by time: all that it confirmed is in the database */
    int64_t lease_left_us; /* negative: it has ended */
};

/* A chunk in a region's index. */
struct database_chunk {
    struct chunk_pos chunk;
    uint64_t version;
    struct hash128 hash;
};

/* A region's index: all its chunks that have kept content. */
struct database_region {
    uint32_t count;
    struct database_chunk chunks[GRID_REGION_AREA];
};

/* An account with its character and what that owns; spans point into `bytes`. */
struct database_character {
    struct change_account account;
    struct change_character character;
    bool has_character;
    uint32_t slot_count, skill_count;
    struct change_slot slots[WORLD_SLOTS_MAX];
    struct change_skill skills[CATALOG_SKILLS_MAX];
    uint8_t bytes[WORLD_NAME_BYTES + CRYPTO_PUBLIC_BYTES];
};

/* An image configuration, and how many things in the world use it. */
struct database_image_config {
    struct change_image_config value;
    int64_t uses;
};

/* A picture without its bytes; or only that one of this id is banned: size_bytes is 0 then. */
struct database_image {
    struct hash128 id;
    struct character_id uploader;
    uint32_t width, height;
    uint32_t size_bytes;
    bool is_banned;
};

/* All that a world has of these; the caller says how much there is room for. */
struct database_images {
    struct database_image_config *configs;
    struct database_image *images;
    uint32_t config_count, configs_max;
    uint32_t image_count, images_max;
};

/* The bytes of one picture. */
struct database_png {
    uint32_t size_bytes;
    uint8_t bytes[WORLD_IMAGE_BYTES];
};

struct database_ops {
    /* Opens the connection (again). Bounded in time. */
    enum database_result (*connect)(void *state, struct error *error);

    /* Finds or makes the world and becomes its owner under a new epoch, marked unclean. Refuses, in
     * words that name host and folder: another running owner (an advisory lock held by its
     * connection), an unclean world whose journal is not options->journal, unless told to abandon
     * it, and a journal the world does not know that has records beyond applied_seq: they belong
     * to something else. An owner whose lease has ended is none: its connection is closed. The
     * catalogue gets its ids; where it lacks something that is in use:
     * DATABASE_CONTENT. */
    enum database_result (*open_world)(void *state, const struct database_options *options,
                                       struct catalog *catalog, struct database_world *out_world,
                                       struct error *error);

    /* Gives another catalogue its ids while the world is open, and keeps those that are new, in a
     * transaction of its own. DATABASE_CONTENT as from open_world; of things that are not yet
     * applied it knows nothing. */
    enum database_result (*renew_types)(void *state, uint64_t world, struct catalog *catalog,
                                        struct error *error);

    /* Reads applied_seq and epoch again, after a reconnect, and takes the owner's lock again;
     * DATABASE_FENCED when epoch and journal are not ours any more. A lower epoch with our journal
     * is a standby's that lacks this owner's start: it becomes ours again. */
    enum database_result (*resume)(void *state, struct database_world *world, struct error *error);

    /* Makes the lease end lease_us from now; DATABASE_FENCED when the epoch is not ours. */
    enum database_result (*renew)(void *state, const struct database_world *world,
                                  uint64_t lease_us, struct error *error);

    /* Up to which record this connection's database has the world's changes. */
    enum database_result (*find_position)(void *state, uint64_t world, uint64_t *out_applied_seq,
                                          struct error *error);

    /* Applies a sorted batch in one transaction: last write per key, deletes first, and moves
     * applied_seq from batch->from_seq - 1 to batch->to_seq under world->epoch: once, or not at
     * all. Rows that are aside go to the quarantine, and so do those that their tables refuse.
     * batch->quarantine is the version by which rows were put aside, and after OK and DIVIDED the
     * one that the database has. FAILED: the trouble is not with single rows. */
    enum database_result (*apply)(void *state, const struct database_world *world,
                                  struct batch *batch, struct error *error);

    /* The quarantined write that comes behind *entry in an order of the database's own; NOT_FOUND
     * behind the last. The first one for an entry of kind CHANGE_NONE. */
    enum database_result (*next_quarantined)(void *state, uint64_t world, struct quarantined *entry,
                                             struct error *error);

    /* Writes quarantined changes that are not dropped to their tables, in order, in one
     * transaction under world->epoch: that of the key in words, or all for an empty text. Those
     * that are refused stay. */
    enum database_result (*retry_quarantined)(void *state, const struct database_world *world,
                                              const char *key, struct quarantined_retried *out,
                                              struct error *error);

    /* Marks them as given up (see quarantine.h), those for which quarantined_may_drop: how many. */
    enum database_result (*drop_quarantined)(void *state, const struct database_world *world,
                                             const char *key, uint32_t *out_count,
                                             struct error *error);

    /* Says that the tick record `seq` will give keys that are given up what their rows say: with
     * it, they leave the quarantine. */
    enum database_result (*settle_dropped)(void *state, const struct database_world *world,
                                           uint64_t seq, struct error *error);

    /* What the table says of the change's key, whatever is in quarantine, as a change: it may be
     * that the key is gone. For kinds for which quarantined_may_drop. */
    enum database_result (*load_row)(void *state, uint64_t world, const struct change *change,
                                     struct change *out_row, struct error *error);

    /* Marks the world clean and gives up ownership. */
    enum database_result (*close_world)(void *state, const struct database_world *world,
                                        struct error *error);

    /* What loads give is as if the quarantined writes were in their tables.
     *
     * All chunks of a region that have kept content. */
    enum database_result (*load_region)(void *state, uint64_t world, struct region_pos region,
                                        struct database_region *out, struct error *error);

    /* The kept content of a chunk, sorted. */
    enum database_result (*load_chunk)(void *state, uint64_t world, struct chunk_pos chunk,
                                       struct content *out_content, struct error *error);

    /* The account with the name (case ignored), its character in the world, and what that owns. */
    enum database_result (*find_account)(void *state, uint64_t world, const char *name,
                                         struct database_character *out, struct error *error);

    /* All image configurations and pictures of the world; FAILED when there are more than there is
     * room for. */
    enum database_result (*load_images)(void *state, uint64_t world, struct database_images *out,
                                        struct error *error);

    /* A picture. */
    enum database_result (*load_image)(void *state, uint64_t world, struct hash128 id,
                                       struct database_png *out_png, struct error *error);

    void (*disconnect)(void *state); /* Closes the connection; may be called twice. */
};

struct database {
    const struct database_ops *ops;
    void *state;
};

/* May a server with these options become the owner after `owner`, as open_world says? */
bool database_check_owner(const struct database_owner *owner,
                          const struct database_options *options, struct error *error);

/* The words for a world that another running server owns. Always returns false. */
bool database_tell_owner(const struct database_owner *owner, const char *world,
                         struct error *error);

/* The words for content that lacks a type, or a skill, in use. Always returns false. */
bool database_tell_missing(enum catalog_row row, const char *name, struct error *error);

#endif
