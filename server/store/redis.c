#include "store/redis.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <hiredis/hiredis.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "base/text.h"

enum { REDIS_TEXT_BYTES = 256, REDIS_PORT = 6379, REDIS_TIMEOUT_US = 20000, REDIS_WORDS_MAX = 64 };
enum { REDIS_SCANS_MAX = 10000, REDIS_CURSOR_BYTES = 24 };
#define REDIS_SCAN_COUNT "100"

struct redis {
    char host[REDIS_TEXT_BYTES]; /* or the socket's path */
    char password[REDIS_TEXT_BYTES];
    char database[8]; /* "" for the first */
    int port;         /* 0: a unix socket */
    uint64_t timeout_us;
    uint64_t deadline_us;  /* of the call that runs */
    redisContext *context; /* NULL: not connected */
};

/* A command's words; values are bytes. */
struct redis_command {
    int count;
    const char *words[REDIS_WORDS_MAX];
    size_t sizes[REDIS_WORDS_MAX];
};

static void redis_add(struct redis_command *command, const void *bytes, size_t size_bytes)
{
    ensure(command->count < REDIS_WORDS_MAX);
    command->words[command->count] = bytes;
    command->sizes[command->count] = size_bytes;
    command->count++;
}

static void redis_add_text(struct redis_command *command, const char *text)
{
    redis_add(command, text, strlen(text));
}

static void redis_disconnect(struct redis *redis)
{
    if (redis->context != NULL)
        redisFree(redis->context);
    redis->context = NULL;
}

/* Waits until the socket is ready; false when the call's time is over. */
static bool redis_wait(const struct redis *redis, short events)
{
    struct pollfd fd = {.fd = redis->context->fd, .events = events};
    for (;;) {
        uint64_t now_us = clock_now().mono_us;
        if (now_us >= redis->deadline_us)
            return false;
        int timeout_ms = (int)((redis->deadline_us - now_us + 999) / 1000);
        int ready = poll(&fd, 1, timeout_ms);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

/* hiredis itself would write without MSG_NOSIGNAL: a Redis that went away would end the server. */
static bool redis_send(struct redis *redis, const struct redis_command *command)
{
    char *bytes = NULL;
    long long size = redisFormatCommandArgv(
        &bytes, command->count, (const char **)(uintptr_t)command->words, command->sizes);
    size_t sent = 0;
    bool is_good = size > 0;
    while (is_good && sent < (size_t)size) {
        ssize_t part = send(redis->context->fd, bytes + sent, (size_t)size - sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (part > 0)
            sent += (size_t)part;
        else
            is_good = (errno == EAGAIN || errno == EINTR) && redis_wait(redis, POLLOUT);
    }
    redisFreeCommand(bytes);
    return is_good;
}

/* The next reply, or NULL. */
static redisReply *redis_receive(struct redis *redis)
{
    void *reply = NULL;
    for (;;) {
        if (redisGetReplyFromReader(redis->context, &reply) != REDIS_OK)
            return NULL;
        if (reply != NULL)
            return reply;
        if (!redis_wait(redis, POLLIN) || redisBufferRead(redis->context) != REDIS_OK)
            return NULL;
    }
}

/* Sends a command and takes its reply; on NULL the connection is closed. */
static redisReply *redis_ask(struct redis *redis, const struct redis_command *command)
{
    redisReply *reply = redis_send(redis, command) ? redis_receive(redis) : NULL;
    if (reply == NULL)
        redis_disconnect(redis);
    return reply;
}

/* Runs a command that answers OK. */
static bool redis_tell(struct redis *redis, const char *verb, const char *argument)
{
    struct redis_command command = {0};
    redis_add_text(&command, verb);
    redis_add_text(&command, argument);
    redisReply *reply = redis_ask(redis, &command);
    if (reply == NULL)
        return false;
    bool is_good = reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    return is_good;
}

static bool redis_connect(struct redis *redis)
{
    redis->context = redis->port == 0 ? redisConnectUnixNonBlock(redis->host)
                                      : redisConnectNonBlock(redis->host, redis->port);
    int failure = 0;
    socklen_t size = sizeof failure;
    if (redis->context == NULL || redis->context->err != 0)
        return false;
    if (!redis_wait(redis, POLLOUT) ||
        getsockopt(redis->context->fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0 || failure != 0)
        return false;
    if (redis->password[0] != '\0' && !redis_tell(redis, "AUTH", redis->password))
        return false;
    return redis->database[0] == '\0' || redis_tell(redis, "SELECT", redis->database);
}

/* Begins a call: its time runs from now. */
static bool redis_begin(struct redis *redis)
{
    redis->deadline_us = clock_now().mono_us + redis->timeout_us;
    if (redis->context != NULL || redis_connect(redis))
        return true;
    redis_disconnect(redis);
    return false;
}

/* A call of one command: is the answer of that type? */
static bool redis_does(struct redis *redis, struct redis_command *command, int type)
{
    redisReply *reply = redis_begin(redis) ? redis_ask(redis, command) : NULL;
    if (reply == NULL)
        return false;
    bool is_good = reply->type == type;
    freeReplyObject(reply);
    return is_good;
}

static enum cache_result redis_get(void *state, const char *key, uint8_t *out_bytes,
                                   size_t capacity_bytes, size_t *out_size_bytes)
{
    struct redis *redis = state;
    struct redis_command command = {0};
    redis_add_text(&command, "GET");
    redis_add_text(&command, key);
    redisReply *reply = redis_begin(redis) ? redis_ask(redis, &command) : NULL;
    if (reply == NULL)
        return CACHE_AWAY;
    enum cache_result result = reply->type == REDIS_REPLY_ERROR ? CACHE_AWAY : CACHE_MISS;
    if (reply->type == REDIS_REPLY_STRING && reply->len <= capacity_bytes) {
        memcpy(out_bytes, reply->str, reply->len);
        *out_size_bytes = reply->len;
        result = CACHE_HIT;
    }
    freeReplyObject(reply);
    return result;
}

static bool redis_put(void *state, const char *key, const uint8_t *bytes, size_t size_bytes,
                      uint32_t expiry_s)
{
    struct redis *redis = state;
    struct redis_command command = {0};
    char seconds[16];
    (void)snprintf(seconds, sizeof seconds, "%u", expiry_s);
    redis_add_text(&command, "SET");
    redis_add_text(&command, key);
    redis_add(&command, bytes, size_bytes);
    redis_add_text(&command, "EX");
    redis_add_text(&command, seconds);
    return redis_does(redis, &command, REDIS_REPLY_STATUS);
}

static bool redis_remove(void *state, const char *key)
{
    struct redis *redis = state;
    struct redis_command command = {0};
    redis_add_text(&command, "DEL");
    redis_add_text(&command, key);
    return redis_does(redis, &command, REDIS_REPLY_INTEGER);
}

/* Writes the prefix as a pattern of SCAN's: what it has of * ? [ ] and \\ stands for itself. */
static bool redis_write_pattern(const char *prefix, char *out_pattern, size_t capacity_bytes)
{
    struct text text;
    text_init(&text, out_pattern, capacity_bytes);
    for (; *prefix != '\0'; prefix++)
        text_add(&text, "%s%c", strchr("*?[]\\", *prefix) != NULL ? "\\" : "", *prefix);
    text_add(&text, "*");
    return !text.is_cut;
}

/* Removes keys [first, first + REDIS_WORDS_MAX - 1) of them. */
static bool redis_unlink_some(struct redis *redis, const redisReply *keys, size_t first)
{
    struct redis_command command = {0};
    redis_add_text(&command, "UNLINK");
    for (size_t i = first; i < keys->elements && command.count < REDIS_WORDS_MAX; i++)
        redis_add(&command, keys->element[i]->str, keys->element[i]->len);
    return redis_does(redis, &command, REDIS_REPLY_INTEGER);
}

/* Removes the keys of one answer of SCAN; the next cursor goes to out_cursor. */
static bool redis_remove_found(struct redis *redis, const redisReply *found,
                               char out_cursor[REDIS_CURSOR_BYTES])
{
    bool is_good = found->type == REDIS_REPLY_ARRAY && found->elements == 2 &&
                   found->element[0]->type == REDIS_REPLY_STRING &&
                   found->element[0]->len < REDIS_CURSOR_BYTES;
    if (!is_good)
        return false;
    const redisReply *keys = found->element[1];
    memcpy(out_cursor, found->element[0]->str, found->element[0]->len + 1);
    for (size_t i = 0; i < keys->elements && is_good; i += REDIS_WORDS_MAX - 1)
        is_good = redis_unlink_some(redis, keys, i);
    return is_good;
}

static redisReply *redis_scan(struct redis *redis, const char *cursor, const char *pattern)
{
    struct redis_command command = {0};
    redis_add_text(&command, "SCAN");
    redis_add_text(&command, cursor);
    redis_add_text(&command, "MATCH");
    redis_add_text(&command, pattern);
    redis_add_text(&command, "COUNT");
    redis_add_text(&command, REDIS_SCAN_COUNT);
    return redis_begin(redis) ? redis_ask(redis, &command) : NULL;
}

static bool redis_clear(void *state, const char *prefix)
{
    struct redis *redis = state;
    char pattern[2 * CACHE_KEY_BYTES], cursor[REDIS_CURSOR_BYTES] = "0";
    bool is_good = redis_write_pattern(prefix, pattern, sizeof pattern);
    for (int i = 0; is_good && i < REDIS_SCANS_MAX; i++) {
        redisReply *found = redis_scan(redis, cursor, pattern);
        is_good = found != NULL && redis_remove_found(redis, found, cursor);
        if (found != NULL)
            freeReplyObject(found);
        if (is_good && strcmp(cursor, "0") == 0)
            return true;
    }
    return false;
}

static const struct cache_ops redis_ops = {
    .get = redis_get,
    .put = redis_put,
    .remove = redis_remove,
    .clear = redis_clear,
};

/* Copies text[0..size) with an ending 0; false when it does not fit or is empty. */
static bool redis_copy(char *out_text, size_t capacity_bytes, const char *text, size_t size_bytes)
{
    if (size_bytes == 0 || size_bytes >= capacity_bytes)
        return false;
    memcpy(out_text, text, size_bytes);
    out_text[size_bytes] = '\0';
    return true;
}

/* [:password@]host[:port][/database] */
static bool redis_parse_address(struct redis *redis, const char *address)
{
    const char *at = strrchr(address, '@');
    if (at != NULL) {
        const char *password = strchr(address, ':');
        if (password == NULL || password > at)
            return false;
        password++;
        if (!redis_copy(redis->password, sizeof redis->password, password, (size_t)(at - password)))
            return false;
        address = at + 1;
    }
    size_t host_size = strcspn(address, ":/");
    if (!redis_copy(redis->host, sizeof redis->host, address, host_size))
        return false;
    address += host_size;
    int64_t number = REDIS_PORT;
    if (*address == ':') {
        char port[8] = "";
        size_t port_size = strcspn(++address, "/");
        if (!redis_copy(port, sizeof port, address, port_size) ||
            !text_parse_integer(port, 1, 65535, &number))
            return false;
        address += port_size;
    }
    redis->port = (int)number;
    if (*address == '\0' || strcmp(address, "/") == 0)
        return true;
    return text_parse_integer(address + 1, 0, 65535, &number) &&
           redis_copy(redis->database, sizeof redis->database, address + 1, strlen(address + 1));
}

static bool redis_parse(struct redis *redis, const char *url)
{
    static const char unix_prefix[] = "unix://";
    static const char redis_prefix[] = "redis://";
    if (strncmp(url, redis_prefix, sizeof redis_prefix - 1) == 0)
        return redis_parse_address(redis, url + sizeof redis_prefix - 1);
    if (strncmp(url, unix_prefix, sizeof unix_prefix - 1) != 0)
        return false;
    const char *path = url + sizeof unix_prefix - 1;
    return path[0] == '/' && redis_copy(redis->host, sizeof redis->host, path, strlen(path));
}

bool redis_open(const char *url, uint64_t timeout_us, struct cache_remote *out_remote,
                struct error *error)
{
    struct redis *redis = memory_reserve("redis", 1, sizeof *redis);
    redis->timeout_us = timeout_us != 0 ? timeout_us : REDIS_TIMEOUT_US;
    if (!redis_parse(redis, url)) {
        memory_release(redis);
        return error_set(error, "the Redis URL must be redis://[:password@]host[:port][/database] "
                                "or unix:///path");
    }
    *out_remote = (struct cache_remote){.ops = &redis_ops, .state = redis};
    return true;
}

void redis_close(struct cache_remote *remote)
{
    if (remote->state == NULL)
        return;
    redis_disconnect(remote->state);
    memory_release(remote->state);
    *remote = (struct cache_remote){0};
}
