/* stranger.h - a client made by hand: it shakes hands as the protocol wants, and then does what it
 * is told, however wrong that is.
 *
 * For tests of what a server bears. It holds no world and keeps to no pace; it remembers what
 * became of its intents and in which words it was sent away. Works on real sockets, and on the
 * simulated network where the program has one. One thread, time is a parameter. */
#ifndef TILTH_STRANGER_STRANGER_H
#define TILTH_STRANGER_STRANGER_H

#include "catalog/catalog.h"
#include "link/link.h"
#include "wire/handshake.h"

enum { STRANGER_ASKS_MAX = 1 << 17, STRANGER_WORDS_BYTES = 256 };

enum stranger_phase {
    STRANGER_DIALLING,
    STRANGER_GREETING, /* HELLO was sent */
    STRANGER_PROVING,  /* AUTH was sent */
    STRANGER_PLAYING,  /* the catalogue is here */
    STRANGER_OVER,     /* `words` say why */
};

struct stranger {
    struct link *link;
    struct crypto_keypair keys;
    char name[WORLD_NAME_BYTES + 1];
    enum stranger_phase phase;
    bool stays_silent; /* after the handshake: no VIEW is answered */
    bool is_stubborn;  /* being sent away does not end it */
    bool was_rejected; /* the words are the server's */
    bool may_retry;
    char words[STRANGER_WORDS_BYTES];
    uint32_t peer, generation;
    uint8_t random[16];
    struct message_welcome welcome; /* its spans are gone */
    char catalog_text[CATALOG_TEXT_BYTES];
    uint32_t catalog_bytes;
    struct catalog *catalog;
    uint32_t next_number;
    uint16_t outcomes[STRANGER_ASKS_MAX]; /* by intent number: 0 none, else its refusal + 1 */
    uint32_t asked, done, refused;
    uint32_t views, resyncs, named, heard, changes;
    uint32_t parts, nothings;       /* IMAGE_PARTs with bytes, and without: not to be had */
    struct message_image_part part; /* the last one; its span is gone */
    uint32_t offers;                /* that others made to it, also those that were told again */
    uint32_t credit;                /* the last IMAGE_CREDIT's `until` */
    uint32_t kept;                  /* pictures; what was not, in words */
    uint32_t unkept;
    bool may_offer_again;
    char unkept_words[STRANGER_WORDS_BYTES];
};

/* Begins to connect. False and the error when the address cannot be dialled. */
bool stranger_dial(struct stranger *stranger, const struct link_options *options, const char *name,
                   struct error *error);
void stranger_close(struct stranger *stranger); /* Without a word; a zeroed one is allowed. */

/* Receives, answers what the handshake asks for, sends. */
void stranger_step(struct stranger *stranger, uint64_t now_us);

/* Sends bytes, one message, or the next intent. False when there is no connection. */
bool stranger_send(struct stranger *stranger, struct link_message message);
bool stranger_say(struct stranger *stranger, const struct message *message); /* One message. */
bool stranger_ask(struct stranger *stranger, const struct intent *intent);   /* An intent. */

#endif
