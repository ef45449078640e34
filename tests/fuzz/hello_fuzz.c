/* hello_fuzz.c - HELLO and COOKIE: no byte is read beyond the end, and what is read is written the
 * same. The bytes are an exact copy; a leading byte chooses who reads. HELLOs are padded to their
 * size when that byte is odd, so that the fuzzer need not find 1,200 bytes by itself. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "link/cookie.h"
#include "link/dial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void read_hello(const uint8_t *bytes, size_t size_bytes)
{
    struct cookie_hello hello;
    struct cookie_hello again;
    uint8_t written[COOKIE_HELLO_BYTES];
    if (!cookie_hello_decode(bytes, size_bytes, &hello))
        return;
    cookie_hello_encode(&hello, written);
    ensure(cookie_hello_decode(written, sizeof written, &again));
    ensure(again.nonce == hello.nonce && again.versions.min == hello.versions.min &&
           again.versions.max == hello.versions.max);
    uint16_t version = cookie_versions_choose(hello.versions, (struct cookie_versions){256, 259});
    ensure(version == 0 || (version >= hello.versions.min && version <= hello.versions.max));
}

static void read_answer(const uint8_t *bytes, size_t size_bytes)
{
    struct cookie_answer answer;
    if (!cookie_answer_decode(bytes, size_bytes, &answer))
        return;
    struct dial dial = {.state = DIAL_HELLO, .nonce = answer.nonce};
    ensure(dial_hear(&dial, bytes, size_bytes));
    ensure(memchr(dial.text, 0, sizeof dial.text) != NULL);
    bool is_for_now = answer.status == COOKIE_BUSY || answer.status == COOKIE_IMPATIENT;
    ensure((dial.state == DIAL_REFUSED) == (answer.status != COOKIE_OK && !is_for_now));
    ensure((dial.text[0] != 0) == (answer.status != COOKIE_OK));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    if (size_bytes < 1 || size_bytes > COOKIE_HELLO_BYTES + 2)
        return 0;
    bool is_padded = data[0] & 1;
    size_t whole_bytes = is_padded ? COOKIE_HELLO_BYTES : size_bytes - 1;
    size_t given_bytes = size_bytes - 1 < whole_bytes ? size_bytes - 1 : whole_bytes;
    uint8_t *bytes = calloc(1, whole_bytes + 1);
    ensure(bytes != NULL);
    memcpy(bytes, data + 1, given_bytes);
    uint8_t *exact = malloc(whole_bytes);
    ensure(exact != NULL || whole_bytes == 0);
    if (whole_bytes > 0)
        memcpy(exact, bytes, whole_bytes);
    read_hello(exact, whole_bytes);
    read_answer(exact, whole_bytes);
    free(exact);
    free(bytes);
    return 0;
}
