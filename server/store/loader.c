#include "store/loader.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/board.h"
#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/rng.h"
#include "wire/framing.h"

enum { LOADER_STEP_MAX = 64, LOADER_PENDING_MAX = 4096, LOADER_ABSENT_MAX = 8192 };

/* Reconnecting: the first pause, and the longest. */
enum { LOADER_PAUSE_US = 100000, LOADER_PAUSE_US_MAX = 5000000 };

/* A character that left the tick's memory, and what it was then. */
struct loader_absent {
    char name[WORLD_NAME_BYTES + 8]; /* in small letters; "": none */
    uint64_t version;
    struct hash128 digest; /* of the bytes that are in the cache */
};

struct loader {
    struct loader_options options;
    struct ring_cursor cursor;
    struct wake wake;
    bool is_connected;
    bool is_current; /* the database has all that was ever applied */
    uint64_t pause_us;
    uint64_t retry_at_us;
    uint64_t compare_at_us;
    struct rng jitter;
    struct loader_absent absent[LOADER_ABSENT_MAX]; /* by hash of the name */
    uint32_t pending_first, pending_count;          /* a circle: what waits for the database */
    struct loader_request pending[LOADER_PENDING_MAX];

    struct loader_facts facts; /* the owner's copy */
    struct board board;

    struct content_codec *codec;
    struct content content;
    struct database_region region;
    struct database_character character;
    uint8_t bytes[LOADER_RESULT_BYTES_MAX]; /* a result being made: the struct, then its bytes */
};

_Static_assert(sizeof(struct loader_facts) <= BOARD_BYTES, "facts fit the board");
_Static_assert(sizeof(struct loader_result) + CONTENT_BYTES_MAX <= LOADER_RESULT_BYTES_MAX,
               "the largest chunk fits a result");

/* Where the bytes of a result begin, and how many there may be. */
enum {
    LOADER_BODY = sizeof(struct loader_result),
    LOADER_BODY_MAX = LOADER_RESULT_BYTES_MAX - LOADER_BODY,
};

/* How a request went. */
enum loader_verdict {
    LOADER_ANSWERED,
    LOADER_WAITS, /* the database is away */
};

struct loader *loader_create(const struct loader_options *options)
{
    struct loader *loader = memory_reserve("loader", 1, sizeof *loader);
    loader->options = *options;
    loader->cursor = ring_first(options->requests);
    loader->codec = content_codec_create();
    ensure(wake_open(&loader->wake));
    rng_init(&loader->jitter, options->world);
    board_publish(&loader->board, &loader->facts, sizeof loader->facts);
    return loader;
}

void loader_destroy(struct loader **loader)
{
    if (*loader == NULL)
        return;
    wake_close(&(*loader)->wake);
    content_codec_destroy(&(*loader)->codec);
    memory_release(*loader);
    *loader = NULL;
}

struct wake *loader_wake(struct loader *loader)
{
    return &loader->wake;
}

void loader_facts(struct loader *loader, struct loader_facts *out_facts)
{
    board_read(&loader->board, out_facts, sizeof *out_facts);
}

/* Notes a failure; the log hears of it when its words are new. */
static void loader_note(struct loader *loader, const struct error *error)
{
    char words[sizeof loader->facts.last_failure];
    memset(words, 0, sizeof words);
    (void)snprintf(words, sizeof words, "%.255s", error->text);
    if (strcmp(words, loader->facts.last_failure) != 0)
        log_warning("loader", "%s", error->text);
    memcpy(loader->facts.last_failure, words, sizeof words);
}

static void loader_lose(struct loader *loader, struct moment now, const struct error *error)
{
    loader_note(loader, error);
    loader->is_connected = false;
    loader->is_current = false;
    loader->pause_us = loader->pause_us == 0 ? LOADER_PAUSE_US : loader->pause_us * 2;
    if (loader->pause_us > LOADER_PAUSE_US_MAX)
        loader->pause_us = LOADER_PAUSE_US_MAX;
    loader->retry_at_us =
        now.mono_us + loader->pause_us / 2 + rng_below(&loader->jitter, loader->pause_us / 2);
}

/* Has the database all that it had when somebody was told? It need not be asked again before the
 * connection is lost: a database that runs does not go back. */
static void loader_compare(struct loader *loader, struct moment now)
{
    const struct loader_options *options = &loader->options;
    const struct database *database = &options->database;
    uint64_t wanted = options->applied_max == NULL ? 0 : atomic_load(options->applied_max);
    uint64_t applied = 0;
    struct error error = {0};
    if (!loader->is_connected || loader->is_current || now.mono_us < loader->compare_at_us)
        return;
    loader->compare_at_us = now.mono_us + LOADER_PAUSE_US;
    enum database_result result = DATABASE_OK;
    if (wanted > 0)
        result = database->ops->find_position(database->state, options->world, &applied, &error);
    loader->is_current = result == DATABASE_OK && applied >= wanted;
    if (result == DATABASE_OK && !loader->is_current)
        (void)error_set(&error,
                        "the database has records up to %" PRIu64 ", and once had %" PRIu64
                        ": nothing is loaded before it has them again",
                        applied, wanted);
    if (result == DATABASE_LOST)
        loader_lose(loader, now, &error);
    else if (!loader->is_current)
        loader_note(loader, &error);
    else
        memset(loader->facts.last_failure, 0, sizeof loader->facts.last_failure);
}

/* Connects when it is time to. */
static void loader_connect(struct loader *loader, struct moment now)
{
    const struct database *database = &loader->options.database;
    struct error error = {0};
    if (loader->is_connected || now.mono_us < loader->retry_at_us)
        return;
    if (database->ops->connect(database->state, &error) != DATABASE_OK) {
        loader_lose(loader, now, &error);
        return;
    }
    loader->is_connected = true;
    loader->pause_us = 0;
    loader->compare_at_us = 0;
    loader_compare(loader, now);
}

/* Writes the answer to a request; the body is in place behind the result. loader_step saw to the
 * room. */
static void loader_answer(struct loader *loader, const struct loader_request *request,
                          enum loader_status status, uint32_t size_bytes, uint32_t source)
{
    struct loader_result result;
    memset(&result, 0, sizeof result);
    result.kind = request->kind;
    result.status = status;
    result.size_bytes = size_bytes;
    result.source = source;
    result.region = request->region;
    result.chunk = request->chunk;
    result.version = request->version;
    memcpy(result.name, request->name, sizeof result.name);
    memcpy(loader->bytes, &result, sizeof result);
    ensure(ring_write(loader->options.results, loader->bytes, LOADER_BODY + size_bytes));
}

/* What a failed call means to the request: it waits when the connection is lost. */
static enum loader_verdict loader_fail(struct loader *loader, struct moment now,
                                       const struct loader_request *request,
                                       enum database_result result, const struct error *error)
{
    if (result == DATABASE_LOST) {
        loader_lose(loader, now, error);
        return LOADER_WAITS;
    }
    loader_note(loader, error);
    loader->facts.damaged++;
    loader_answer(loader, request, LOADER_DAMAGED, 0, LOADER_FROM_DATABASE);
    return LOADER_ANSWERED;
}

static enum loader_verdict loader_do_region(struct loader *loader, struct moment now,
                                            const struct loader_request *request)
{
    const struct database *database = &loader->options.database;
    struct error error = {0};
    if (!loader->is_current)
        return LOADER_WAITS;
    enum database_result result = database->ops->load_region(
        database->state, loader->options.world, request->region, &loader->region, &error);
    if (result != DATABASE_OK)
        return loader_fail(loader, now, request, result, &error);
    for (uint32_t i = 0; i < loader->region.count; i++) {
        const struct database_chunk *found = &loader->region.chunks[i];
        struct loader_chunk chunk = {
            .chunk_index = grid_chunk_index(found->chunk),
            .version = found->version,
            .hash = found->hash,
        };
        memcpy(loader->bytes + LOADER_BODY + i * sizeof chunk, &chunk, sizeof chunk);
    }
    loader->facts.regions++;
    loader_answer(loader, request, LOADER_FOUND,
                  loader->region.count * (uint32_t)sizeof(struct loader_chunk),
                  LOADER_FROM_DATABASE);
    return LOADER_ANSWERED;
}

static void loader_make_key(const struct loader *loader, const struct loader_request *request,
                            char out_key[CACHE_KEY_BYTES])
{
    char hash[33];
    hash_format(request->hash, hash);
    int size = snprintf(out_key, CACHE_KEY_BYTES, "tilth:%.40s:chunk:%d:%d:%" PRIu64 ":%s",
                        loader->options.world_name, request->chunk.x, request->chunk.y,
                        request->version, hash);
    ensure(size < CACHE_KEY_BYTES);
}

/* Is it the content that the version's hash names? It stays in loader->content. */
static bool loader_is_genuine(struct loader *loader, const struct loader_request *request,
                              const uint8_t *bytes, size_t size_bytes)
{
    return content_decode(loader->codec, bytes, size_bytes, request->chunk, &loader->content) &&
           hash_is_equal(content_hash(&loader->content), request->hash);
}

static bool loader_try_cache(struct loader *loader, struct moment now,
                             const struct loader_request *request, const char *key)
{
    struct cache_value value = {
        .bytes = loader->bytes + LOADER_BODY,
        .capacity_bytes = LOADER_BODY_MAX,
    };
    struct cache_key of_chunk = {CACHE_CHUNKS, key};
    if (loader->options.cache == NULL ||
        cache_get(loader->options.cache, now, of_chunk, &value) != CACHE_HIT)
        return false;
    if (!loader_is_genuine(loader, request, value.bytes, value.size_bytes)) {
        log_warning("loader", "the cache's value of %s is not what its key says; dropped", key);
        cache_reject(loader->options.cache, now, of_chunk);
        return false;
    }
    loader->facts.chunks++;
    loader_answer(loader, request, LOADER_FOUND, (uint32_t)value.size_bytes,
                  value.is_remote ? LOADER_FROM_REMOTE : LOADER_FROM_MEMORY);
    return true;
}

/* Reads the chunk's rows; content that is not what the region's index said is not used. */
static enum database_result loader_read_chunk(struct loader *loader,
                                              const struct loader_request *request,
                                              size_t *out_size_bytes, struct error *error)
{
    const struct database *database = &loader->options.database;
    enum database_result result = database->ops->load_chunk(
        database->state, loader->options.world, request->chunk, &loader->content, error);
    if (result != DATABASE_OK)
        return result;
    if (!hash_is_equal(content_hash(&loader->content), request->hash)) {
        error_set(error, "chunk %d,%d: its rows are not what version %" PRIu64 " had",
                  request->chunk.x, request->chunk.y, request->version);
        return DATABASE_FAILED;
    }
    *out_size_bytes = content_encode(loader->codec, &loader->content, loader->bytes + LOADER_BODY,
                                     LOADER_BODY_MAX);
    ensure(*out_size_bytes > 0);
    return DATABASE_OK;
}

static enum loader_verdict loader_do_chunk(struct loader *loader, struct moment now,
                                           const struct loader_request *request)
{
    char key[CACHE_KEY_BYTES];
    size_t size_bytes = 0;
    struct error error = {0};
    loader_make_key(loader, request, key);
    if (loader_try_cache(loader, now, request, key))
        return LOADER_ANSWERED;
    if (!loader->is_current)
        return LOADER_WAITS;
    enum database_result result = loader_read_chunk(loader, request, &size_bytes, &error);
    if (result != DATABASE_OK)
        return loader_fail(loader, now, request, result, &error);
    loader->facts.chunks++;
    loader->facts.chunks_from_database++;
    if (loader->options.cache != NULL)
        cache_put(loader->options.cache, now, (struct cache_key){CACHE_CHUNKS, key},
                  loader->bytes + LOADER_BODY, size_bytes);
    loader_answer(loader, request, LOADER_FOUND, (uint32_t)size_bytes, LOADER_FROM_DATABASE);
    return LOADER_ANSWERED;
}

/* Frames account, character and what it owns as changes behind the result; the bytes used. */
static uint32_t loader_frame_account(struct loader *loader)
{
    const struct database_character *found = &loader->character;
    struct packet packet;
    framing_init(&packet, loader->bytes + LOADER_BODY, LOADER_BODY_MAX);
    struct change account = {.kind = CHANGE_ACCOUNT, .account = found->account};
    struct change character = {.kind = CHANGE_CHARACTER, .character = found->character};
    ensure(framing_add_change(&packet, &account));
    if (found->has_character)
        ensure(framing_add_change(&packet, &character));
    for (uint32_t i = 0; i < found->slot_count; i++) {
        struct change slot = {.kind = CHANGE_SLOT, .slot = found->slots[i]};
        ensure(framing_add_change(&packet, &slot));
    }
    for (uint32_t i = 0; i < found->skill_count; i++) {
        struct change skill = {.kind = CHANGE_SKILL, .skill = found->skills[i]};
        ensure(framing_add_change(&packet, &skill));
    }
    return (uint32_t)packet.size_bytes;
}

/* ---- characters that have left ---- */

/* Where a character of the name is remembered; its name is set. */
static struct loader_absent *loader_absent_of(struct loader *loader, const char *name,
                                              char out_name[WORLD_NAME_BYTES + 8])
{
    size_t size = strlen(name);
    for (size_t i = 0; i <= size; i++)
        out_name[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    return &loader->absent[hash_64(out_name, size, 0) % LOADER_ABSENT_MAX];
}

static void loader_make_character_key(const struct loader *loader,
                                      const struct loader_absent *absent,
                                      char out_key[CACHE_KEY_BYTES])
{
    char digest[33];
    hash_format(absent->digest, digest);
    int size = snprintf(out_key, CACHE_KEY_BYTES, "tilth:%.40s:character:%s:%" PRIu64 ":%s",
                        loader->options.world_name, absent->name, absent->version, digest);
    ensure(size < CACHE_KEY_BYTES);
}

/* It changes no more until it is loaded: what is remembered is the last there is of it. */
static void loader_do_left(struct loader *loader, struct moment now,
                           const struct loader_request *request)
{
    char name[WORLD_NAME_BYTES + 8], key[CACHE_KEY_BYTES];
    const uint8_t *bytes = (const uint8_t *)(request + 1);
    struct loader_absent *absent = loader_absent_of(loader, request->name, name);
    if (loader->options.cache == NULL)
        return;
    memcpy(absent->name, name, sizeof absent->name);
    absent->version = request->version;
    absent->digest = crypto_digest_128(bytes, request->size_bytes);
    loader_make_character_key(loader, absent, key);
    cache_put(loader->options.cache, now, (struct cache_key){CACHE_CHARACTERS, key}, bytes,
              request->size_bytes);
}

/* Looks for one that has left. From now on it may change: what is remembered is forgotten. */
static bool loader_try_left(struct loader *loader, struct moment now,
                            const struct loader_request *request)
{
    char name[WORLD_NAME_BYTES + 8], key[CACHE_KEY_BYTES];
    struct loader_absent *absent = loader_absent_of(loader, request->name, name);
    struct cache_key of_character = {CACHE_CHARACTERS, key};
    struct cache_value value = {.bytes = loader->bytes + LOADER_BODY,
                                .capacity_bytes = LOADER_BODY_MAX};
    if (loader->options.cache == NULL || strcmp(absent->name, name) != 0)
        return false;
    loader_make_character_key(loader, absent, key);
    memset(absent->name, 0, sizeof absent->name);
    if (cache_get(loader->options.cache, now, of_character, &value) != CACHE_HIT)
        return false;
    if (!hash_is_equal(crypto_digest_128(value.bytes, value.size_bytes), absent->digest)) {
        log_warning("loader", "the cache's value of %s is not what its key says; dropped", key);
        cache_reject(loader->options.cache, now, of_character);
        return false;
    }
    loader_answer(loader, request, LOADER_FOUND, (uint32_t)value.size_bytes,
                  value.is_remote ? LOADER_FROM_REMOTE : LOADER_FROM_MEMORY);
    return true;
}

/* A player waits for this one: with the database away it is answered at once. */
static enum loader_verdict loader_do_account(struct loader *loader, struct moment now,
                                             const struct loader_request *request)
{
    const struct database *database = &loader->options.database;
    struct error error = {0};
    enum database_result result = DATABASE_LOST;
    loader->facts.accounts++;
    if (loader_try_left(loader, now, request))
        return LOADER_ANSWERED;
    if (loader->is_current)
        result = database->ops->find_account(database->state, loader->options.world, request->name,
                                             &loader->character, &error);
    loader->facts.accounts_from_database += result == DATABASE_OK;
    if (result == DATABASE_OK)
        loader_answer(loader, request, LOADER_FOUND, loader_frame_account(loader),
                      LOADER_FROM_DATABASE);
    else if (result == DATABASE_NOT_FOUND)
        loader_answer(loader, request, LOADER_ABSENT, 0, LOADER_FROM_DATABASE);
    else if (!loader->is_current ||
             loader_fail(loader, now, request, result, &error) == LOADER_WAITS)
        loader_answer(loader, request, LOADER_AWAY, 0, LOADER_FROM_DATABASE);
    return LOADER_ANSWERED;
}

/* What left the tick's memory goes into the cache; nobody waits for an answer. */
static void loader_do_evicted(struct loader *loader, struct moment now,
                              const struct loader_request *request)
{
    char key[CACHE_KEY_BYTES];
    loader_make_key(loader, request, key);
    if (loader->options.cache != NULL)
        cache_put(loader->options.cache, now, (struct cache_key){CACHE_CHUNKS, key},
                  (const uint8_t *)(request + 1), request->size_bytes);
}

/* Forgets all of a kind, here and in the cache. */
static void loader_forget(struct loader *loader, struct moment now, enum cache_kind kind)
{
    static const char *const kinds[] = {[CACHE_CHUNKS] = "chunk", [CACHE_CHARACTERS] = "character"};
    char prefix[CACHE_KEY_BYTES];
    (void)snprintf(prefix, sizeof prefix, "tilth:%.40s:%s:", loader->options.world_name,
                   kinds[kind]);
    if (loader->options.cache != NULL)
        cache_forget(loader->options.cache, now, (struct cache_key){kind, prefix});
}

static void loader_do_clear(struct loader *loader, struct moment now,
                            const struct loader_request *request)
{
    bool is_all = request->name[0] == '\0';
    if (is_all || strcmp(request->name, "chunks") == 0)
        loader_forget(loader, now, CACHE_CHUNKS);
    if (is_all || strcmp(request->name, "characters") == 0)
        loader_forget(loader, now, CACHE_CHARACTERS);
}

static enum loader_verdict loader_do(struct loader *loader, struct moment now,
                                     const struct loader_request *request)
{
    switch ((enum loader_kind)request->kind) {
    case LOADER_REGION:
        return loader_do_region(loader, now, request);
    case LOADER_CHUNK:
        return loader_do_chunk(loader, now, request);
    case LOADER_ACCOUNT:
        return loader_do_account(loader, now, request);
    case LOADER_EVICTED:
        loader_do_evicted(loader, now, request);
        return LOADER_ANSWERED;
    case LOADER_LEFT:
        loader_do_left(loader, now, request);
        return LOADER_ANSWERED;
    case LOADER_CLEAR:
        loader_do_clear(loader, now, request);
        return LOADER_ANSWERED;
    }
    ensure(false); /* the tick wrote it */
    return LOADER_ANSWERED;
}

static bool loader_has_room(const struct loader *loader)
{
    return ring_has_room(loader->options.results, LOADER_RESULT_BYTES_MAX);
}

/* Tries again what waited for the database, oldest first, until it is lost again. */
static uint32_t loader_retry(struct loader *loader, struct moment now)
{
    uint32_t done = 0;
    while (loader->pending_count > 0 && done < LOADER_STEP_MAX && loader_has_room(loader) &&
           loader->is_current) {
        const struct loader_request *request = &loader->pending[loader->pending_first];
        if (loader_do(loader, now, request) == LOADER_WAITS)
            break;
        loader->pending_first = (loader->pending_first + 1) % LOADER_PENDING_MAX;
        loader->pending_count--;
        done++;
    }
    return done;
}

/* Takes new requests; those that have to wait do so beside the ring, so that what needs no database
 * is answered meanwhile. */
static uint32_t loader_take(struct loader *loader, struct moment now)
{
    uint32_t done = 0;
    while (done < LOADER_STEP_MAX && loader->pending_count < LOADER_PENDING_MAX &&
           loader_has_room(loader)) {
        uint32_t size_bytes = 0;
        const struct loader_request *request =
            ring_read(loader->options.requests, &loader->cursor, &size_bytes);
        if (request == NULL)
            break;
        ensure(size_bytes >= sizeof *request);
        if (loader_do(loader, now, request) == LOADER_WAITS) {
            uint32_t at = (loader->pending_first + loader->pending_count) % LOADER_PENDING_MAX;
            loader->pending[at] = *request;
            loader->pending_count++;
        }
        ring_release(loader->options.requests, loader->cursor);
        done++;
    }
    return done;
}

/* Gives the catalogue its ids; false with the error. */
static bool loader_renew_types(struct loader *loader, struct moment now, struct catalog *catalog,
                               struct error *error)
{
    const struct database *database = &loader->options.database;
    struct error why = {0};
    if (!loader->is_current)
        return error_set(error, "the database is away, and the ids of types are there: %s",
                         loader->facts.last_failure);
    enum database_result result =
        database->ops->renew_types(database->state, loader->options.world, catalog, &why);
    if (result == DATABASE_LOST)
        loader_lose(loader, now, &why);
    return result == DATABASE_OK || error_set(error, "%s", why.text);
}

/* Reads the content when the tick has asked for it. */
static void loader_renew(struct loader *loader, struct moment now)
{
    struct renewal *renewal = loader->options.renewal;
    struct error error = {0};
    if (renewal == NULL || !renewal_is_asked(renewal))
        return;
    const struct image_painter *painter = &loader->options.painter;
    struct catalog *catalog =
        catalog_load(loader->options.content_dir, painter->make != NULL ? painter : NULL, &error);
    if (catalog != NULL && loader_renew_types(loader, now, catalog, &error)) {
        renewal_answer(renewal, catalog);
        return;
    }
    catalog_destroy(&catalog);
    renewal_refuse(renewal, &error);
}

bool loader_step(struct loader *loader, struct moment now)
{
    if (loader->pause_us == 0)
        loader_connect(loader, now);
    uint32_t done = loader_take(loader, now);
    loader_compare(loader, now);
    loader_connect(loader, now); /* after those that the cache can answer: it may take a while */
    done += loader_retry(loader, now);
    loader_renew(loader, now);
    loader->facts.is_connected = loader->is_connected;
    board_publish(&loader->board, &loader->facts, sizeof loader->facts);
    if (done > 0 && loader->options.results_wake != NULL)
        wake_signal(loader->options.results_wake);
    return done > 0;
}
