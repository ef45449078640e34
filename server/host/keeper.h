/* keeper.h - the role that does what an operator asks for and what takes its time: looking through
 * the whole world, tidying the database, backups.
 *
 * Two lanes, each with a thread and a database connection of its own. The desk takes the orders
 * that the tick hands over (console_keep), answers what is quick, says no to what cannot be now,
 * and gives the rest to the bench, which does one thing after the other. Answers go to the console
 * past the tick, so nothing here is an input of the world. Adding a command: a row in
 * keeper_commands.c and one in console_commands.c. Memory: reserved at create. */
#ifndef TILTH_HOST_KEEPER_H
#define TILTH_HOST_KEEPER_H

#include "backup/shelf.h"
#include "base/board.h"
#include "base/ring.h"
#include "base/wake.h"
#include "host/console.h"
#include "host/settings.h"
#include "store/database.h"

enum { KEEPER_DESK, KEEPER_BENCH, KEEPER_LANES };
enum { KEEPER_WORDS_BYTES = 160 };
#define KEEPER_NOBODY UINT32_MAX /* as client: an order that nobody waits for */

/* From the tick, followed by size_bytes of the command line, its name first. */
struct keeper_order {
    uint32_t client;
    uint32_t is_json;
    uint32_t size_bytes;
    uint32_t is_automatic;  /* nobody asked for it */
    uint32_t memory_chunks; /* `check`: so many in memory were looked at ... */
    uint32_t memory_wrong;  /* ... and so many are not what their hash says: one of them is */
    struct chunk_pos memory_chunk;
};

struct keeper_options {
    const struct settings *settings;
    struct database databases[KEEPER_LANES]; /* PostgreSQL; connected when first needed */
    _Atomic bool *is_given_up;               /* ends what the databases wait for */
    const struct shelf *shelf;               /* of backups; NULL: there are none */
    struct disk *disk;                       /* the journal's: only read */
    const struct database_world *world;      /* the server's, as it owns it */
    struct journal *journal;
    struct ring *orders;                /* from the tick */
    struct ring *answers[KEEPER_LANES]; /* to the console: struct console_answer and text */
};

/* What became of backups since the start. */
struct keeper_backups {
    uint64_t made, failed, verified, faulty;
    uint64_t automatic;                    /* of those that were made */
    char last[MANIFEST_NAME_BYTES];        /* the newest that was made, "" none */
    uint64_t last_ms;                      /* how long it took */
    char last_failure[KEEPER_WORDS_BYTES]; /* why the last one failed; "" it did not */
};

/* What an operator sees. */
struct keeper_facts {
    char busy[KEEPER_WORDS_BYTES]; /* what the bench does right now, "" nothing */
    uint64_t busy_since_us;        /* monotonic */
    bool is_automatic;             /* backups are made by themselves */
    struct keeper_backups backups;
    char restore_trouble[KEEPER_WORDS_BYTES]; /* why none can be verified or restored, or "" */
    uint64_t archived;                        /* journal files up to this number */
    char archive_trouble[KEEPER_WORDS_BYTES]; /* why they cannot be archived right now, or "" */
};

/* How a restore of the running world goes on between the bench and the main thread. */
enum keeper_stage {
    KEEPER_NOT_RESTORING,
    KEEPER_PREPARED,  /* bench: what was restored is there; the world shall stand still */
    KEEPER_STANDING,  /* main: nothing is written any more, and all is in the database */
    KEEPER_REFUSED,   /* main: it cannot stand still, and goes on */
    KEEPER_EXCHANGED, /* bench: the database is another one now */
    KEEPER_FAILED,    /* bench: it is the same one; the world shall go on */
    KEEPER_UNKNOWN,   /* bench: it is not known which it is: the server must end */
    KEEPER_RESUMED,   /* main: the world goes on, restored, or as it was */
    KEEPER_LOST,      /* main: the restored world cannot be opened: the server ends */
};

struct keeper;

/* Reserves memory and opens nothing. */
struct keeper *keeper_create(const struct keeper_options *options);
void keeper_destroy(struct keeper **keeper); /* NULL-safe; the databases stay open. */

/* One step of a lane: orders, or one piece of work. True when there was something to do. */
bool keeper_step(struct keeper *keeper, uint32_t lane, struct moment now);

/* What a lane's loop sleeps on; the desk's is signalled behind an order. */
struct wake *keeper_wake(struct keeper *keeper, uint32_t lane);

/* Any thread: the server stops: what is under way is given up soon, nothing new is begun. */
void keeper_stop(struct keeper *keeper);

/* Any thread: the facts. */
void keeper_facts(const struct keeper *keeper, struct keeper_facts *out_facts);

/* Where a restore is; each side moves it on from where the other has put it. */
enum keeper_stage keeper_stage(const struct keeper *keeper);
void keeper_set_stage(struct keeper *keeper, enum keeper_stage stage); /* Moves it. */

/* Main: the journal is another one now, or for a while none (NULL); the desk does not run. */
void keeper_set_journal(struct keeper *keeper, struct journal *journal);

/* ---- for keeper_commands.c ---- */

struct keeper_command {
    const char *name; /* as in the console's table */
    uint32_t lane;
    bool is_noted; /* the log says that it was done, and when */
    enum console_result (*run)(struct keeper *keeper, struct console_call *call);
};

/* The table, ended by a command without a name. */
const struct keeper_command *keeper_commands(void);

const struct shelf *keeper_shelf(const struct keeper *keeper);    /* NULL: no backups. */
struct disk *keeper_disk(const struct keeper *keeper);            /* Only to be read. */
const _Atomic bool *keeper_given_up(const struct keeper *keeper); /* For what waits. */
uint64_t keeper_journal_id(const struct keeper *keeper);          /* The journal's id. */
uint64_t keeper_durable_seq(const struct keeper *keeper); /* The number of its last record. */

/* The bench's: what became of backups, which the desk publishes when the order is done. */
struct keeper_backups *keeper_backups(struct keeper *keeper);

/* The desk's: backups by themselves, or not. */
void keeper_set_automatic(struct keeper *keeper, bool is_automatic);

const struct database_world *keeper_world(const struct keeper *keeper); /* The server's. */

const struct settings *keeper_settings(const struct keeper *keeper); /* The server's. */

/* What came with the order that the lane is at. */
const struct keeper_order *keeper_order_of(const struct keeper *keeper, uint32_t lane);

/* The lane's database, connected until the order is answered; NULL with words when it cannot be. */
struct database *keeper_database(struct keeper *keeper, uint32_t lane, struct error *error);

/* Sends what the call's text has as progress, unless the answer is JSON; the text is empty then. */
void keeper_progress(struct keeper *keeper, struct console_call *call);

/* Shall the work at the bench be given up? */
bool keeper_is_stopping(const struct keeper *keeper);

#endif
