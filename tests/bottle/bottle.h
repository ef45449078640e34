/* bottle.h - the world in a bottle: server, clients, network, disk, databases and clock in one
 * thread, from one seed.
 *
 * The server is the real one (host/server.h) with simulated ground, the clients are the real client
 * library; its roles are stepped at random moments, the tick at exactly its rate. What goes wrong
 * is set on the simulated parts, or with the calls here. bottle_check judges afterwards (audit.h).
 * Calls that can fail return false and put words, with seed and time, into bottle->words; the seed
 * alone replays them: TILTH_SEED=7 runs one, TILTH_SEEDS=5000 so many, both so many from that one
 * on, TILTH_LOG=1 shows the server's log. One bottle at a time, since there is one simulated
 * network. See tests/scenario. */
#ifndef TILTH_BOTTLE_BOTTLE_H
#define TILTH_BOTTLE_BOTTLE_H

#include "base/rng.h"
#include "bottle/ledger.h"
#include "host/server.h"
#include "sim/cache.h"
#include "sim/database.h"
#include "sim/disk.h"
#include "sim_network/sim_network.h"
#include "testing.h"

struct player;

enum {
    BOTTLE_PLAYERS_MAX = 64, /* in the bottle; more than BOTTLE_SESSIONS: see sessions_max */
    BOTTLE_SESSIONS = 16,    /* sessions_max, if a test does not set it */
    BOTTLE_PORT = 7400,
    BOTTLE_SETTLE_MS = 120 * 1000, /* how long bottle_settle waits at most */
};

#define BOTTLE_ADDRESS "10.9.0.1" /* the server's */

enum bottle_role {
    BOTTLE_NET,
    BOTTLE_TICK,
    BOTTLE_JOURNAL,
    BOTTLE_STORE,
    BOTTLE_LOADER,
    BOTTLE_GALLERY,
    BOTTLE_RECORDER,
    BOTTLE_ROLE_COUNT
};

struct bottle {
    uint64_t seed;
    struct rng rng;
    struct settings settings;    /* of the next start */
    struct server_limits limits; /* of the next start */
    bool has_cache;              /* of the next start: is there a remote cache? */
    int64_t wall_skew_us;        /* of the wall clock; may jump at any time */
    uint64_t lies_before;        /* of the cache, before the server started */
    struct sim_disk *disk;
    struct sim_database *database;
    struct sim_cache *cache;
    struct disk journal_disk;
    struct server server; /* while is_running */
    bool is_running;
    bool is_sealed;                      /* tick and journal run under memory_seal */
    bool is_stalled[BOTTLE_ROLE_COUNT];  /* such a role is not stepped */
    uint64_t due_us[BOTTLE_ROLE_COUNT];  /* when it is stepped next */
    uint32_t pace_us[BOTTLE_ROLE_COUNT]; /* at most so long from step to step */
    uint64_t ticks;                      /* so far, of all servers */
    uint32_t chunks_peak;                /* most chunks in memory after any tick */
    struct player *players[BOTTLE_PLAYERS_MAX];
    uint32_t player_count;
    struct ledger ledger;
    bool is_broken; /* something was seen that must never be; it stays in words */
    struct error words;
};

/* A new world that is not started; settings, limits and has_cache may be changed before. Never
 * NULL. */
struct bottle *bottle_create(uint64_t seed);
void bottle_destroy(struct bottle **bottle); /* NULL-safe. */

/* Opens the server. False when it does not open. */
bool bottle_start(struct bottle *bottle);

/* Lets time pass. */
void bottle_run(struct bottle *bottle, uint64_t duration_ms);

/* Power loss: only what was synced stays. The clients are not told. */
void bottle_crash(struct bottle *bottle);

/* The process dies; the system's cache stays. */
void bottle_kill(struct bottle *bottle);

/* The server dies, with power loss or without, and comes again; waits until all players are back.
 * False when the server does not open, or a player does not come. */
bool bottle_restart(struct bottle *bottle, bool is_crash);

/* The world goes back to what the copy has, as after a restore, with everybody connected. False
 * when that was not possible. */
bool bottle_go_back(struct bottle *bottle, const struct sim_database *copy);

/* The operator's stop: goodbye, everything into the database. False when that was not possible. */
bool bottle_stop(struct bottle *bottle);

/* Virtual time. */
uint64_t bottle_now_us(void);
uint64_t bottle_now_ms(void);                             /* In milliseconds. */
struct moment bottle_moment(const struct bottle *bottle); /* As the roles are told it. */

/* Runs until everything is calm: server up, players connected and shown what is there, nothing
 * pending, everything in the database. False when that takes longer than BOTTLE_SETTLE_MS. */
bool bottle_settle(struct bottle *bottle);

/* Settles, then looks at everything (audit.h). False: something that was confirmed is lost or
 * doubled, or memory, database and journal are not the same. */
bool bottle_check(struct bottle *bottle);

/* Puts words, with seed and time in front, into bottle->words. Always returns false. */
bool bottle_tell(struct bottle *bottle, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for what must never be: the bottle is broken from now on. */
void bottle_break(struct bottle *bottle, const char *words);

/* How many seeds a test runs, and the first: as the environment says; otherwise `usual` from 1 on,
 * fewer where everything is slow (no optimization, sanitizers). */
struct bottle_seeds {
    uint64_t first, count;
};
struct bottle_seeds bottle_seeds(uint64_t usual); /* The seeds. */

/* Runs until the condition holds, at most so long. A statement; check the condition after it. */
#define BOTTLE_UNTIL(bottle, limit_ms, condition)                                                  \
    for (uint64_t until_ms = bottle_now_ms() + (limit_ms);                                         \
         !(condition) && bottle_now_ms() < until_ms;)                                              \
    bottle_run(bottle, 5)

/* Asserts what a call says that puts words into bottle->words. */
#define BOTTLE_HOLDS(bottle, condition) ck_assert_msg(condition, "%s", (bottle)->words.text)

#endif
