/* inbox.h - what the net thread tells the tick: records in the inbox ring, by value.
 *
 * Written by net, read by the tick (base/ring.h), and recorded verbatim: no pointers, and no byte
 * is left unset. A session is a peer's slot; its generation tells one user of the slot from the
 * next. INBOX_INTENT is followed by size_bytes of the intent's encoded record, which decodes. */
#ifndef TILTH_NET_INBOX_H
#define TILTH_NET_INBOX_H

#include "base/crypto.h"
#include "world/intent.h"

enum inbox_kind {
    INBOX_JOIN = 1, /* proved to own `key`, and asks to play as `name` */
    INBOX_LEAVE,    /* the connection is gone */
    INBOX_INTENT,
    INBOX_INPUT,  /* movement: the newest inputs */
    INBOX_VIEWED, /* a VIEW arrived, or did not fit */
    INBOX_LOOKS,  /* image configurations that net does not know are asked for */
    INBOX_BEHIND, /* the client was too slow and messages were given up: a full view, please */
};

struct inbox_head {
    uint32_t kind;
    uint32_t session;
    uint32_t generation;
    uint32_t size_bytes; /* behind the struct of this kind */
};

struct inbox_join {
    struct inbox_head head;
    char name[WORLD_NAME_BYTES + 8]; /* 0-ended */
    uint8_t key[CRYPTO_PUBLIC_BYTES];
    uint32_t input; /* its movement inputs go on behind this number */
    uint32_t zero;
};

struct inbox_intent {
    struct inbox_head head;
    uint32_t number;
    uint32_t kind;         /* enum intent_kind, not a streamed one */
    uint32_t is_over_rate; /* more than the rate allows: to be refused */
    uint32_t zero;
};

struct inbox_input {
    struct inbox_head head;
    uint32_t newest;
    uint32_t count;
    uint8_t directions[8];
};

struct inbox_behind {
    struct inbox_head head;
    uint32_t dropped_intent; /* the newest that found no room here, 0 none: it never happens */
    uint32_t zero;
};

struct inbox_viewed {
    struct inbox_head head;
    struct chunk_pos chunk;
    uint32_t is_wrong;
    uint32_t zero;
};

enum { INBOX_LOOKS_MAX = 64 };

struct inbox_looks {
    struct inbox_head head;
    uint32_t count, zero;
    uint32_t numbers[INBOX_LOOKS_MAX];
};

enum { INBOX_BODY_BYTES_MAX = 600 };

#endif
