/* postgres_state.h - what the files postgres*.c share: the state of one connection, and the
 * calls of its ops table, described in database.h. One owner thread. */
#ifndef TILTH_STORE_POSTGRES_STATE_H
#define TILTH_STORE_POSTGRES_STATE_H

#include "store/pg.h"
#include "store/postgres.h"

/* The tables of statements that a connection may have prepared. */
enum postgres_table {
    POSTGRES_WORLD = 1,
    POSTGRES_TYPES = 2,
    POSTGRES_APPLY = 4,
    POSTGRES_LOAD = 8,
    POSTGRES_WRITE = 16,
    POSTGRES_IMAGES = 32,
    POSTGRES_INSPECT = 64,
    POSTGRES_RULES = 128,
    POSTGRES_MAINTENANCE = 256,
    POSTGRES_SNAPSHOT = 512,
    POSTGRES_CLUSTER = 1024,
    POSTGRES_RESTORING = 2048,
    POSTGRES_QUARANTINE = 4096,
    POSTGRES_OVERLAY = 8192,
};

struct postgres {
    struct postgres_options options;
    struct pg *pg;
    uint32_t prepared; /* enum postgres_table, as bits; of the connection that is open */
};

/* Prepares a table's statements unless this connection has them. */
enum pg_status postgres_prepare(struct postgres *state, enum postgres_table which,
                                const struct pg_statement *table, uint32_t count,
                                struct error *error);

/* What a status means to database.h. */
enum database_result postgres_result(enum pg_status status);

/* Undoes the open transaction, without words: what went wrong before is what counts. */
void postgres_roll_back(struct postgres *state);

/* The first columns of what reads a world, w of worlds and s of world_stream, and how many. */
#define POSTGRES_WORLD_COLUMNS                                                                     \
    "w.id, w.terrain_seed, w.rule_seed, w.generator_version, w.timeline, s.stream, s.epoch, "      \
    "s.applied_seq, s.tick, s.world_hash, s.is_clean, s.quarantine"
enum { POSTGRES_WORLD_COLUMN_COUNT = 12 };

/* What these columns of the result's first row say; the rest is zero. */
struct database_world postgres_take_world(const struct pg *pg);

/* database_ops.open_world. */
enum database_result postgres_open_world(void *state, const struct database_options *options,
                                         struct catalog *catalog, struct database_world *out_world,
                                         struct error *error);

/* database_ops.resume. */
enum database_result postgres_resume(void *state, struct database_world *world,
                                     struct error *error);

/* database_ops.renew. */
enum database_result postgres_renew(void *state, const struct database_world *world,
                                    uint64_t lease_us, struct error *error);

/* database_ops.close_world. */
enum database_result postgres_close_world(void *state, const struct database_world *world,
                                          struct error *error);

/* Gives the catalogue its ids inside an open transaction; refuses missing types in use. */
enum database_result postgres_sync_types(struct postgres *state, uint64_t world,
                                         struct catalog *catalog, struct error *error);

/* database_ops.renew_types. */
enum database_result postgres_renew_types(void *state, uint64_t world, struct catalog *catalog,
                                          struct error *error);

/* database_ops.apply. */
enum database_result postgres_apply(void *state, const struct database_world *world,
                                    struct batch *batch, struct error *error);

/* database_ops.next_quarantined. */
enum database_result postgres_next_quarantined(void *state, uint64_t world,
                                               struct quarantined *entry, struct error *error);

/* database_ops.retry_quarantined. */
enum database_result postgres_retry_quarantined(void *state, const struct database_world *world,
                                                const char *key, struct quarantined_retried *out,
                                                struct error *error);

/* database_ops.drop_quarantined. */
enum database_result postgres_drop_quarantined(void *state, const struct database_world *world,
                                               const char *key, uint32_t *out_count,
                                               struct error *error);

/* database_ops.settle_dropped. */
enum database_result postgres_settle_dropped(void *state, const struct database_world *world,
                                             uint64_t seq, struct error *error);

/* database_ops.load_row. */
enum database_result postgres_load_row(void *state, uint64_t world, const struct change *change,
                                       struct change *out_row, struct error *error);

/* database_ops.find_position. */
enum database_result postgres_find_position(void *state, uint64_t world, uint64_t *out_applied_seq,
                                            struct error *error);

/* database_ops.load_region. */
enum database_result postgres_load_region(void *state, uint64_t world, struct region_pos region,
                                          struct database_region *out, struct error *error);

/* database_ops.load_chunk. */
enum database_result postgres_load_chunk(void *state, uint64_t world, struct chunk_pos chunk,
                                         struct content *out_content, struct error *error);

/* database_ops.load_images. */
enum database_result postgres_load_images(void *state, uint64_t world, struct database_images *out,
                                          struct error *error);

/* database_ops.load_image. */
enum database_result postgres_load_image(void *state, uint64_t world, struct hash128 id,
                                         struct database_png *out_png, struct error *error);

/* database_ops.find_account. */
enum database_result postgres_find_account(void *state, uint64_t world, const char *name,
                                           struct database_character *out, struct error *error);

#endif
