#include "link/dial.h"

#include <stdio.h>

enum { US_PER_MS = 1000 };

void dial_init(struct dial *dial, struct endpoint server, struct cookie_versions versions)
{
    *dial = (struct dial){.state = DIAL_HELLO, .server = server, .versions = versions};
    crypto_random(&dial->nonce, sizeof dial->nonce);
}

void dial_give_up(struct dial *dial)
{
    char server[ENDPOINT_TEXT_BYTES];
    endpoint_format(dial->server, server);
    if (dial->text[0] == 0)
        (void)snprintf(dial->text, sizeof dial->text, "no answer from %s", server);
    dial->state = DIAL_REFUSED;
}

bool dial_tick(struct dial *dial, uint64_t now_us, uint8_t out_hello[COOKIE_HELLO_BYTES])
{
    if (dial->state != DIAL_HELLO && dial->state != DIAL_CONNECT)
        return false;
    if (dial->deadline_us == 0)
        dial->deadline_us = now_us + (uint64_t)DIAL_PATIENCE_MS * US_PER_MS;
    if (now_us >= dial->deadline_us) {
        dial_give_up(dial);
        return false;
    }
    if (dial->state == DIAL_CONNECT || now_us < dial->hello_at_us)
        return false;
    dial->hello_at_us = now_us + (uint64_t)DIAL_RETRY_MS * US_PER_MS;
    struct cookie_hello hello = {.versions = dial->versions, .nonce = dial->nonce};
    cookie_hello_encode(&hello, out_hello);
    return true;
}

static void refuse(struct dial *dial, const struct cookie_answer *answer)
{
    static const char *const reasons[COOKIE_STATUS_COUNT] = {
        [COOKIE_FULL] = "the server is full",
        [COOKIE_ADDRESS] = "the server has too many connections from this address",
        [COOKIE_MAINTENANCE] = "the server is closed for maintenance",
        [COOKIE_BUSY] = "too many players connect to the server at once",
        [COOKIE_IMPATIENT] = "too many connect to the server from this address at once",
    };
    char ours[COOKIE_VERSIONS_TEXT_BYTES];
    char theirs[COOKIE_VERSIONS_TEXT_BYTES];
    cookie_versions_format(dial->versions, ours);
    cookie_versions_format(answer->versions, theirs);
    if (answer->status == COOKIE_VERSION)
        (void)snprintf(dial->text, sizeof dial->text,
                       "the server speaks protocol %s, this client %s", theirs, ours);
    else
        (void)snprintf(dial->text, sizeof dial->text, "%s", reasons[answer->status]);
    if (answer->status != COOKIE_BUSY && answer->status != COOKIE_IMPATIENT)
        dial->state = DIAL_REFUSED; /* else ENet tries again while patience lasts */
}

bool dial_hear(struct dial *dial, const uint8_t *bytes, size_t size_bytes)
{
    struct cookie_answer answer;
    if (!cookie_answer_decode(bytes, size_bytes, &answer) || answer.nonce != dial->nonce)
        return false;
    if (dial->state != DIAL_HELLO && dial->state != DIAL_CONNECT)
        return false;
    if (answer.status != COOKIE_OK) {
        refuse(dial, &answer);
    } else if (dial->state == DIAL_HELLO && answer.port != 0) {
        dial->port = answer.port;
        dial->cookie = answer.cookie;
        dial->state = DIAL_COOKIE;
    }
    return true;
}

void dial_connecting(struct dial *dial, uint32_t connect_id)
{
    dial->nonce = connect_id;
    dial->state = DIAL_CONNECT;
}
