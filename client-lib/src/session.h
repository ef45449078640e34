/* session.h - one player's conversation with the server, without a socket.
 *
 * Takes messages as bytes, answers into an outbox, and keeps what outlives a connection: the mirror
 * (until the next welcome), the pending intents, the events. Anything that the server sends out of
 * order or malformed ends the session in words; it never fails an ensure. Time is a parameter. The
 * owner (connection.c, or a test) carries bytes to and from the link. */
#ifndef TILTH_CLIENT_SESSION_H
#define TILTH_CLIENT_SESSION_H

#include "actors.h"
#include "base/ring.h"
#include "events.h"
#include "mirror.h"
#include "pace.h"
#include "pending.h"
#include "pictures.h"
#include "prediction.h"
#include "upload.h"

enum {
    SESSION_WORDS_BYTES = 256,
    SESSION_HANDSHAKE_US = 10000000, /* from hello to the end of the catalogue, at most */
    SESSION_VIEWS_WRONG_MAX = 32,    /* chunks in a row that do not fit */
    SESSION_RANDOM_BYTES = 16,
    SESSION_SURPRISE_US = 2000000, /* a change that follows a correction within it explains it */
};

enum session_phase {
    SESSION_CLOSED,   /* no connection, or it is over: `words` say why */
    SESSION_GREETING, /* HELLO sent */
    SESSION_PROVING,  /* AUTH sent */
    SESSION_JOINING,  /* welcome received, the catalogue is coming */
    SESSION_PLAYING,
};

struct session_options {
    struct crypto_keypair keys;
    char name[WORLD_NAME_BYTES + 1];
    uint32_t entities_max;
    uint32_t delay_us;
    struct pictures_options pictures;
};

struct session_counts {
    uint32_t corrections, corrections_expected, correction_units_max;
    uint32_t resyncs, snapshots;
};

struct session {
    struct session_options options;
    enum session_phase phase;
    bool is_rejected; /* ended by the server, in its words */
    bool may_retry;   /* it said that trying again may help */
    char words[SESSION_WORDS_BYTES];
    uint64_t opened_us;
    uint64_t now_us; /* of the latest call */
    uint32_t connect_id;
    uint8_t random[SESSION_RANDOM_BYTES];

    bool is_restored; /* the welcome that is being taken came while playing */
    bool has_welcome; /* the latest welcome; its spans are not valid any more */
    struct message_welcome welcome;
    char world_name[65];
    char *catalog_text; /* [CATALOG_TEXT_BYTES] */
    uint32_t catalog_bytes;
    struct catalog *catalog;

    struct mirror mirror;
    struct prediction prediction;
    struct pace pace;
    struct actors actors;
    struct state_snapshot snapshot; /* the newest */
    uint32_t snapshot_mask;
    enum direction direction; /* held */
    uint32_t views_wrong;
    uint64_t surprised_us; /* of the latest correction that nothing pending explains, 0 none */
    struct cell_pos surprised_at;

    struct pending pending;
    struct pictures pictures;
    struct upload upload;
    struct events events;
    struct session_counts counts;
    struct ring outbox; /* records: a byte of channel, then the packet */
    struct ring_cursor outbox_at;
};

/* Reserves what lives as long as the client. */
void tilth_session_init(struct session *session, const struct session_options *options);
void tilth_session_finish(struct session *session); /* Gives all memory back. */

/* A connection stands: says hello. connect_id is what the signature binds to. */
void tilth_session_open(struct session *session, uint32_t connect_id, uint64_t now_us);

/* The connection is gone, or must go: the session is closed with these words, once. */
void tilth_session_close(struct session *session, const char *words);

/* Takes a packet from the server. */
void tilth_session_receive(struct session *session, enum wire_channel channel, const uint8_t *bytes,
                           size_t size_bytes, uint64_t now_us);

/* Makes the inputs that are due, and notices a handshake that takes too long. */
void tilth_session_run(struct session *session, uint64_t now_us);

/* Asks for something; its number, or 0 and the error in words. */
uint32_t tilth_session_ask(struct session *session, const struct intent *intent,
                           struct error *error);

/* Takes the next packet to send; false when there is none. The bytes are valid until the next
 * call of a function of the session. */
bool tilth_session_take_packet(struct session *session, enum wire_channel *out_channel,
                               struct span *out_packet);

/* Queues one message; a full outbox closes the session. For the session's own files. */
void tilth_session_send(struct session *session, const struct message *message);

/* Closes the session since the server does not keep to the protocol. Always returns false. */
bool tilth_session_blame(struct session *session, const char *what);

/* Takes a decoded message of a reliable channel; false when it ended the session. */
bool tilth_session_take(struct session *session, const struct message *message);

/* Takes a snapshot from the state channel; what is malformed or old is ignored. */
void tilth_session_take_snapshot(struct session *session, const uint8_t *bytes, size_t size_bytes);

#endif
