/* upload.h - a file that goes to the server, which makes a picture of it.
 *
 * One at a time. It is offered, goes out as far as the server gives credit, and ends when the
 * server says what became of it. What the server says may be lost (it gives up what a slow client
 * does not take), so the file is offered again after a RESYNC, and when nothing is heard for long,
 * each time under a new number: what comes late for an earlier one then does no harm, and what the
 * server still takes goes on beside the offer. The caller knows it by another number, which stays.
 * Belongs to the session (session.h), whose clock and outbox it uses. */
#ifndef TILTH_CLIENT_UPLOAD_H
#define TILTH_CLIENT_UPLOAD_H

#include "wire/message.h"

struct session;

enum {
    UPLOAD_FILE_BYTES_MAX = 1 << 20,
    UPLOAD_TRIES_MAX = 40,     /* offers: with the pauses longer than a server waits for a file */
    UPLOAD_PAUSE_US = 2000000, /* after one that was put off */
    UPLOAD_SILENCE_US = 90000000, /* that an offer waits to hear anything */
    UPLOAD_SILENCE_TRIES = 10,    /* that it counts for then */
};

struct upload {
    uint32_t number; /* the caller's, 0: none */
    uint8_t *bytes;
    uint32_t size;
    uint32_t first_offer, offer; /* numbers of its offers, the first and the latest */
    uint32_t running;            /* the one that the server takes, 0 none yet */
    uint32_t sent, credit;       /* of that one */
    bool is_offered;             /* the latest offer waits for its end */
    uint32_t tries;
    uint64_t offered_us; /* the latest time */
    uint64_t retry_us;   /* when it is offered, unless it is */
    uint64_t heard_us;   /* when the server said something of it */
    uint32_t next_number, next_offer;
};

void tilth_upload_init(struct upload *upload);   /* Starts with none. */
void tilth_upload_finish(struct upload *upload); /* Gives the memory back. */

/* Begins to bring a file to the server: its number, or 0 and the error. */
uint32_t tilth_upload_begin(struct session *session, const void *bytes, size_t size_bytes,
                            struct error *error);

/* A new connection plays, or the server gave up messages: the file is offered anew. */
void tilth_upload_restart(struct upload *upload);
void tilth_upload_resync(struct upload *upload); /* The second. */

/* Messages of the server: always true. */
bool tilth_upload_take_credit(struct session *session, const struct message *message); /* CREDIT */
bool tilth_upload_take_kept(struct session *session, const struct message *message);   /* KEPT */

/* Offers and sends what it is time for. */
void tilth_upload_run(struct session *session);

#endif
