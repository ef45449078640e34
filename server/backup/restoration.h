/* restoration.h - a world as it was: a backup, and the journal's records behind it.
 *
 * In this order: restoration_open checks the dump's bytes and makes an empty database beside the
 * one in use; restoration_step loads the dump, brings its schema up to date and applies the
 * archived records of its timeline up to the tick or time that is asked for; restoration_check
 * looks whether that is a world that holds together. All of that while the world goes on. When it
 * stands still, restoration_exchange carries the accounts over and swaps the databases: in one
 * transaction, the world is the restored one. The old database stays under a name with the time.
 * Whatever fails before leaves everything as it was. Owner: the calling thread. */
#ifndef TILTH_BACKUP_RESTORATION_H
#define TILTH_BACKUP_RESTORATION_H

#include "backup/loading.h"
#include "journal/disk_pair.h"
#include "store/cluster.h"
#include "store/store.h"

/* Up to where: the end of a tick, or a time; neither: the backup as it is. */
struct restoration_target {
    bool has_tick, has_time;
    uint64_t tick;
    int64_t wall_us;
};

struct restoration_options {
    struct backup_postgres postgres;
    const char *maintenance_database;
    const char *migrations; /* folder */
    const struct shelf *shelf;
    const char *world;
    const char *backup; /* name */
    struct restoration_target target;
    const struct disk *journal; /* only read; or NULL: there is only the archive */
    uint64_t journal_id;        /* a backup of another journal has only its archive */
    uint64_t journal_seq;       /* its last durable record, 0 none */
    uint32_t batch_rows_max;
    const _Atomic bool *is_given_up; /* or NULL */
};

/* "_before_20261129_091000" behind the database's name. */
enum { RESTORATION_SUFFIX_BYTES = 23 };

enum restoration_stage {
    RESTORATION_LOADING,
    RESTORATION_RAISING, /* to the schema of this server, and finding the records */
    RESTORATION_REPLAYING,
    RESTORATION_READY,
};

struct restoration {
    struct restoration_options options;
    struct manifest manifest;
    char live[CLUSTER_NAME_BYTES], fresh[CLUSTER_NAME_BYTES], kept[CLUSTER_NAME_BYTES];
    struct database admin, old_world, new_world; /* old_world without state: there is none */
    bool is_made;                                /* the fresh database is there, and ours to drop */
    enum restoration_stage stage;
    struct loading loading;
    struct disk archive, both;
    struct disk_pair pair;
    struct store *store;
    uint64_t bound_seq;          /* the last record of the backup's timeline */
    struct error end;            /* what is behind the archive's last record; "": not looked */
    bool has_kept;               /* a database is there, and gets the name `kept` */
    struct database_world world; /* the restored one, as far as it is */
    uint64_t replayed;           /* records */
    char words[BACKUP_WORDS_BYTES];
};

/* What the world is at the moment of the exchange: nothing is written any more. */
struct restoration_end {
    uint64_t journal;  /* the journal that goes on, 0: not known */
    uint32_t timeline; /* that it is on, 0: none */
    uint64_t last_seq; /* the highest record that it has, 0 none */
    uint64_t epoch;    /* of the owner that stands still, 0: there is none */
    int64_t wall_us;   /* stands in the old database's name */
};

/* Does the URL name a database, and has its name room for what a restore puts behind it? False with
 * words. */
bool restoration_has_room(const char *url, struct error *error);

/* False with words: nothing has changed, and nothing is left. */
bool restoration_open(struct restoration *restoration, const struct restoration_options *options,
                      struct error *error);

/* Goes on for about a second. WORKING: `words` tell how far it is. DONE: READY. */
enum backup_result restoration_step(struct restoration *restoration, struct error *error);

/* Looks through what was made; false with words. */
bool restoration_check(struct restoration *restoration, struct error *error);

/* Has the content all that is in use? False with words. */
bool restoration_check_content(struct restoration *restoration, struct catalog *catalog,
                               struct error *error);

/* No server runs: takes the world for as long as this goes on, and brings into the old database
 * what only the journal has, so that nothing of it is lost. False with words: a server runs on it,
 * or it cannot be. */
bool restoration_settle(struct restoration *restoration, uint64_t last_seq, struct error *error);

/* The old world's and the new one's numbers, then the swap. UNCHANGED and UNKNOWN with words; after
 * the latter nobody may go on with either world before a start has found out which it is. */
enum cluster_exchanged restoration_exchange(struct restoration *restoration,
                                            const struct restoration_end *end, struct error *error);

/* Ends everything; a database that was made and not exchanged is dropped. A zeroed one is allowed.
 */
void restoration_close(struct restoration *restoration);

#endif
