/* session.h - one connected player as the tick knows it.
 *
 * Inside server/host. A session's number is its peer's slot (net/inbox.h) and its actor's index. It
 * joins in steps: the account is looked up (FINDING), the land around the character comes into
 * memory (PLACING), then it plays. Owner: the tick. Values only; no pointer outlives a call. */
#ifndef TILTH_HOST_SESSION_H
#define TILTH_HOST_SESSION_H

#include "host/view.h"
#include "net/inbox.h"
#include "store/loader.h"
#include "wire/message.h"

struct host;

enum { SESSION_INPUTS = 16, SESSION_LIVES = 16, SESSION_NONE = -1 };

enum session_state { SESSION_FREE, SESSION_FINDING, SESSION_PLACING, SESSION_PLAYING };

struct session {
    enum session_state state;
    uint32_t generation;
    uint8_t life;          /* of its actor: how often the slot was used, low 4 bits */
    bool is_asked;         /* FINDING: the loader was asked */
    bool is_touched;       /* a lasting change of it in this tick */
    bool owes_resync;      /* something for it found no room in a frame */
    const char *farewell;  /* it was sent away, but the words found no room in a frame; or NULL */
    bool may_retry;        /* of the farewell */
    uint64_t farewell_seq; /* what it tells of is in this tick record, 0 nothing that lasts */
    char name[WORLD_NAME_BYTES + 8];
    uint8_t key[CRYPTO_PUBLIC_BYTES];
    uint32_t character;      /* index in world->characters, or WORLD_NONE */
    struct chunk_pos home;   /* PLACING: the chunk that it waits for, pinned */
    uint32_t catalog_number; /* PLAYING: host->catalog_number at the welcome */
    uint64_t welcome_seq;    /* PLAYING: all that its welcome showed is in records up to this */

    uint32_t last_intent; /* ahead of the character's until the next record */
    uint64_t done;
    uint32_t work;                     /* the intent that takes its time (sim->works), 0 none */
    uint64_t save_at;                  /* tick: the position is kept then */
    int32_t first_intent, last_queued; /* this tick's intents in host->queue, or SESSION_NONE */

    uint32_t input_newest, input_applied; /* numbers of movement inputs */
    uint8_t inputs[SESSION_INPUTS];       /* by number modulo SESSION_INPUTS */
    uint32_t starving_ticks;

    struct view view;
};

/* A client proved its key: starts to join, or takes over the same player's older session. */
void session_join(struct host *host, const struct inbox_join *join);

/* The connection is gone: the actor leaves, the character is kept. */
void session_leave(struct host *host, uint32_t index, uint32_t generation);

/* The loader's answer about an account. */
void session_take_account(struct host *host, const struct loader_result *result,
                          const uint8_t *bytes);

/* Once a tick: joining sessions move on. */
void session_step_joining(struct host *host);

/* Sends a player away in words (a literal). */
void session_reject(struct host *host, uint32_t index, const char *words);

/* The same, for now only: the client may try again. */
void session_put_off(struct host *host, uint32_t index, const char *words);

/* Intents up to the number that were not decided never will be. */
void session_skip(struct host *host, uint32_t index, uint32_t number);

/* The client's messages were given up: tells what became of its intents, and begins its view anew.
 */
void session_resync(struct host *host, uint32_t index);

/* Ends this tick's character: keeps position and intents where they changed lastingly or are due.
 */
void session_keep_characters(struct host *host);

/* Answers intent `number` with the refusal (or none) and counts it. */
void session_answer(struct host *host, uint32_t index, uint32_t number, enum refusal refusal);

/* Intent `number` takes its time: its answer comes later, those of later ones may come before. */
void session_begin_work(struct host *host, uint32_t index, uint32_t number);

/* The playing session of that name (case ignored), or SESSION_NONE. */
int32_t session_find(const struct host *host, const char *name);

/* Does a session hold the character (by index), playing or about to? */
bool session_holds(const struct host *host, uint32_t character);

/* Takes the character (by index) out of memory if nobody plays it and its last change is applied.
 */
bool session_let_go(struct host *host, uint32_t character);

/* The character that a session plays or is about to play. */
const struct character *session_character(const struct host *host, uint32_t index);

/* The record that holds all that lasts of the session's character: what is done is recorded in its
 * own tick. So players come in, and catch up, also while the journal cannot be written. */
uint64_t session_kept_seq(const struct host *host, uint32_t index);

/* Queues a message to the session; it leaves when `release_seq` is durable. */
void session_send(struct host *host, uint32_t index, enum envelope_kind kind,
                  const struct message *message, uint64_t release_seq);

#endif
