#include "host/residency.h"

#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/quarantine.h"

enum {
    EVICTIONS_PER_TICK = 16,
    REGIONS_PER_TICK = 16, /* asked for anew: each looks at all seats once */
    SEATS_PER_CHUNK = 2,
    REGION_RETRY_TICKS = 20,
    SEAT_RETRY_TICKS = 20, /* after the first failure; then twice as many each time */
    SEAT_RETRY_DOUBLINGS_MAX = 5,
};

void residency_init(struct residency *residency, const struct residency_options *options)
{
    uint32_t seats_max = options->world->chunk_pool.capacity * SEATS_PER_CHUNK;
    *residency = (struct residency){.options = *options, .bucket_count = seats_max * 2 + 1};
    pool_init(&residency->seat_pool, "seats", seats_max);
    residency->seats = memory_reserve("seats", seats_max, sizeof *residency->seats);
    residency->buckets =
        memory_reserve("seats", residency->bucket_count, sizeof *residency->buckets);
    memset(residency->buckets, 0xFF, residency->bucket_count * sizeof *residency->buckets);
    regions_init(&residency->regions, options->regions_max);
    residency->closed =
        memory_reserve("closed chunks", QUARANTINE_CHUNKS_MAX, sizeof *residency->closed);
    residency->content = memory_reserve("content", 1, sizeof *residency->content);
    residency->codec = content_codec_create();
    residency->bytes =
        memory_reserve("content", 1, sizeof(struct loader_request) + CONTENT_BYTES_MAX);
}

void residency_finish(struct residency *residency)
{
    pool_finish(&residency->seat_pool);
    memory_release(residency->seats);
    memory_release(residency->buckets);
    memory_release(residency->closed);
    regions_finish(&residency->regions);
    memory_release(residency->content);
    memory_release(residency->bytes);
    content_codec_destroy(&residency->codec);
    *residency = (struct residency){.tick = 0};
}

static uint32_t *bucket_of(const struct residency *residency, struct chunk_pos pos)
{
    return &residency->buckets[grid_chunk_key(pos) % residency->bucket_count];
}

static struct seat *find_seat(const struct residency *residency, struct chunk_pos pos)
{
    uint32_t index = *bucket_of(residency, pos);
    while (index != POOL_NONE) {
        struct seat *seat = &residency->seats[index];
        if (grid_is_same_chunk(seat->pos, pos))
            return seat;
        index = seat->next_in_bucket;
    }
    return NULL;
}

/* The region that a chunk lies in, if it is in memory. */
static struct region *find_region(const struct residency *residency, struct chunk_pos pos)
{
    return regions_find(&residency->regions, grid_region_of(pos));
}

static void remove_seat(struct residency *residency, struct seat *seat)
{
    uint32_t index = (uint32_t)(seat - residency->seats);
    struct region *region = find_region(residency, seat->pos);
    if (region != NULL)
        region->seats--;
    uint32_t *link = bucket_of(residency, seat->pos);
    while (*link != index)
        link = &residency->seats[*link].next_in_bucket;
    *link = seat->next_in_bucket;
    pool_remove(&residency->seat_pool, index);
}

bool residency_pin(struct residency *residency, struct chunk_pos pos)
{
    ensure(grid_is_chunk(pos.x, pos.y));
    struct seat *seat = find_seat(residency, pos);
    if (seat == NULL) {
        uint32_t index = pool_add(&residency->seat_pool);
        if (index == POOL_NONE) {
            residency->facts.refused_full++;
            return false;
        }
        uint32_t *bucket = bucket_of(residency, pos);
        seat = &residency->seats[index];
        *seat = (struct seat){.pos = pos, .state = SEAT_WAITING, .next_in_bucket = *bucket};
        *bucket = index;
        struct region *region = find_region(residency, pos);
        if (region != NULL)
            region->seats++;
    }
    seat->pins++;
    return true;
}

void residency_unpin(struct residency *residency, struct chunk_pos pos)
{
    struct seat *seat = find_seat(residency, pos);
    ensure(seat != NULL && seat->pins > 0);
    seat->pins--;
    seat->idle_since = residency->tick;
}

bool residency_is_damaged(const struct residency *residency, struct chunk_pos pos)
{
    const struct seat *seat = find_seat(residency, pos);
    return seat != NULL && seat->state == SEAT_DAMAGED;
}

static bool ask(struct residency *residency, const struct loader_request *request)
{
    return ring_write(residency->options.requests, request, sizeof *request);
}

static uint32_t count_seats(const struct residency *residency, struct region_pos pos)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < residency->seat_pool.capacity; i++) {
        count += pool_is_used(&residency->seat_pool, i) &&
                 grid_is_same_region(grid_region_of(residency->seats[i].pos), pos);
    }
    return count;
}

/* Asks for the index of a region that is not in memory, if there is a place for it. */
static void ask_region(struct residency *residency, const struct loader_request *request)
{
    if (residency->is_region_full || residency->asked == REGIONS_PER_TICK ||
        !ring_has_room(residency->options.requests, sizeof *request))
        return;
    struct region *region = regions_add(&residency->regions, request->region);
    residency->is_region_full = region == NULL;
    if (region == NULL)
        return;
    region->seats = count_seats(residency, request->region);
    region->used_at = residency->tick;
    residency->asked++;
    ensure(ask(residency, request));
}

/* The region, asked for when it is not there; NULL while its index is not ready. */
static const struct region *want_region(struct residency *residency, struct region_pos pos)
{
    struct region *region = regions_find(&residency->regions, pos);
    struct loader_request request = {.kind = LOADER_REGION, .region = pos};
    if (region == NULL) {
        ask_region(residency, &request);
        return NULL;
    }
    region->used_at = residency->tick;
    bool is_due = region->retry_at != 0 && residency->tick >= region->retry_at;
    if (is_due && ask(residency, &request))
        region->retry_at = 0;
    return region->is_ready ? region : NULL;
}

static bool may_evict(const struct residency *residency, const struct seat *seat)
{
    if (seat->state != SEAT_RESIDENT || seat->pins > 0 || residency->is_holding)
        return false;
    const struct chunk *chunk = world_find_chunk(residency->options.world, seat->pos);
    return chunk->version <= residency->applied_seq;
}

/* Hands the content to the loader's cache, if it has room: losing it costs only time. */
static void offer_to_cache(struct residency *residency, const struct chunk *chunk)
{
    struct loader_request request = {
        .kind = LOADER_EVICTED,
        .chunk = chunk->pos,
        .version = chunk->version,
        .hash = chunk->hash,
    };
    content_gather(residency->options.world, chunk, residency->content);
    size_t size = content_encode(residency->codec, residency->content,
                                 residency->bytes + sizeof request, CONTENT_BYTES_MAX);
    struct ring *requests = residency->options.requests;
    if (size == 0 || ring_used_bytes(requests) > requests->size_bytes / 2)
        return; /* what is wanted needs the room */
    request.size_bytes = (uint32_t)size;
    memcpy(residency->bytes, &request, sizeof request);
    (void)ring_write(residency->options.requests, residency->bytes,
                     (uint32_t)(sizeof request + size));
}

static void evict(struct residency *residency, struct seat *seat)
{
    struct chunk *chunk = world_find_chunk(residency->options.world, seat->pos);
    if (chunk->version > 0)
        offer_to_cache(residency, chunk);
    world_remove_chunk(residency->options.world, chunk);
    remove_seat(residency, seat);
    residency->facts.evicted++;
}

/* Evicts one chunk that may go, wherever the hand finds it (the clock algorithm, Corbato 1968). */
static bool evict_any(struct residency *residency)
{
    uint32_t capacity = residency->seat_pool.capacity;
    for (uint32_t i = 0; i < capacity; i++) {
        residency->hand = (residency->hand + 1) % capacity;
        struct seat *seat = &residency->seats[residency->hand];
        if (pool_is_used(&residency->seat_pool, residency->hand) && may_evict(residency, seat)) {
            evict(residency, seat);
            return true;
        }
    }
    return false;
}

static bool is_closed(const struct residency *residency, struct chunk_pos pos)
{
    uint32_t low = 0, high = residency->closed_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = quarantine_order(residency->closed[middle], pos);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static struct chunk *add_chunk(struct residency *residency, struct chunk_pos pos)
{
    const struct pool *chunks = &residency->options.world->chunk_pool;
    if (chunks->used == chunks->capacity && !evict_any(residency))
        return NULL;
    struct chunk *chunk = world_add_chunk(residency->options.world, pos);
    if (chunk != NULL)
        chunk->is_closed = is_closed(residency, pos);
    return chunk;
}

static void generate(struct residency *residency, struct seat *seat)
{
    if (residency->added == residency->options.adds_per_tick_max ||
        add_chunk(residency, seat->pos) == NULL)
        return;
    residency->added++;
    residency->facts.generated++;
    seat->state = SEAT_RESIDENT;
}

static void advance_waiting(struct residency *residency, struct seat *seat)
{
    const struct region *region = want_region(residency, grid_region_of(seat->pos));
    if (region == NULL)
        return;
    const struct region_index *known = regions_index(&residency->regions, region);
    uint32_t at = grid_chunk_index(seat->pos);
    if (known->versions[at] == 0) {
        generate(residency, seat);
        return;
    }
    struct loader_request request = {
        .kind = LOADER_CHUNK,
        .chunk = seat->pos,
        .version = known->versions[at],
        .hash = known->hashes[at],
    };
    if (ask(residency, &request))
        seat->state = SEAT_LOADING;
}

/* A chunk that is closed to changes is kept, while there is room: as people find it who look. */
static bool stays(const struct residency *residency, const struct seat *seat)
{
    return seat->state == SEAT_RESIDENT && residency->closed_count > 0 &&
           is_closed(residency, seat->pos);
}

static void advance_seat(struct residency *residency, struct seat *seat, uint32_t *evictions)
{
    bool is_idle = seat->pins == 0 && !stays(residency, seat) &&
                   residency->tick - seat->idle_since > residency->options.idle_ticks;
    bool is_due = seat->state == SEAT_DAMAGED && residency->tick >= seat->retry_at;
    if (seat->pins > 0 && (seat->state == SEAT_WAITING || is_due)) {
        advance_waiting(residency, seat);
    } else if (seat->state == SEAT_WAITING || (seat->state == SEAT_DAMAGED && is_idle)) {
        remove_seat(residency, seat); /* nobody wants it any more */
    } else if (is_idle && *evictions < EVICTIONS_PER_TICK && may_evict(residency, seat)) {
        evict(residency, seat);
        (*evictions)++;
    }
}

void residency_step(struct residency *residency, uint64_t tick, uint64_t applied_seq)
{
    uint32_t evictions = 0;
    residency->tick = tick;
    residency->applied_seq = applied_seq;
    residency->added = 0;
    residency->asked = 0;
    residency->is_region_full = false;
    for (uint32_t i = 0; i < residency->seat_pool.capacity; i++) {
        if (pool_is_used(&residency->seat_pool, i))
            advance_seat(residency, &residency->seats[i], &evictions);
    }
}

static void take_region(struct residency *residency, const struct loader_result *result,
                        const uint8_t *bytes)
{
    struct region *region = regions_find(&residency->regions, result->region);
    if (region == NULL || region->is_ready)
        return;
    if (result->status == LOADER_FOUND)
        regions_fill(&residency->regions, region, bytes, result->size_bytes);
    else /* what is kept there is not known: it stays closed */
        region->retry_at = residency->tick + REGION_RETRY_TICKS;
}

static void count_source(struct residency *residency, uint32_t source)
{
    residency->facts.loaded++;
    if (source == LOADER_FROM_MEMORY)
        residency->facts.loads_from_memory++;
    else if (source == LOADER_FROM_REMOTE)
        residency->facts.loads_from_remote++;
    else
        residency->facts.loads_from_database++;
}

/* Fills a chunk from its content; false, with words, when it does not come out as the index says.
 */
static bool fill_chunk(struct residency *residency, struct chunk *chunk,
                       const struct loader_result *result, const uint8_t *bytes,
                       struct error *error)
{
    const struct region *region = find_region(residency, chunk->pos);
    ensure(region != NULL);
    const struct region_index *known = regions_index(&residency->regions, region);
    uint32_t at = grid_chunk_index(chunk->pos);
    if (!content_decode(residency->codec, bytes, result->size_bytes, chunk->pos,
                        residency->content))
        return error_set(error, "its content does not decode");
    if (!content_load(residency->options.world, residency->content, error))
        return false;
    if (!hash_is_equal(chunk->hash, known->hashes[at]))
        return error_set(error, "its content is not what its hash says");
    chunk->version = known->versions[at];
    return true;
}

/* The chunk stays closed for now. It may be that only a statement failed, so it is tried again. */
static void close_seat(struct residency *residency, struct seat *seat, const char *words)
{
    uint32_t doublings =
        seat->failures < SEAT_RETRY_DOUBLINGS_MAX ? seat->failures : SEAT_RETRY_DOUBLINGS_MAX;
    if (seat->failures == 0)
        log_error("host", "chunk (%d,%d) stays closed: %s", seat->pos.x, seat->pos.y, words);
    residency->facts.damaged += seat->failures == 0;
    seat->failures++;
    seat->retry_at = residency->tick + ((uint64_t)SEAT_RETRY_TICKS << doublings);
    seat->state = SEAT_DAMAGED;
}

static void open_seat(struct residency *residency, struct seat *seat, uint32_t source)
{
    if (seat->failures > 0)
        log_info("host", "chunk (%d,%d) is open again", seat->pos.x, seat->pos.y);
    seat->failures = 0;
    seat->state = SEAT_RESIDENT;
    count_source(residency, source);
}

static void take_chunk(struct residency *residency, const struct loader_result *result,
                       const uint8_t *bytes)
{
    struct error error = {""};
    struct seat *seat = find_seat(residency, result->chunk);
    if (seat == NULL || (seat->state != SEAT_LOADING && seat->state != SEAT_WAITING))
        return;
    if (result->status != LOADER_FOUND) {
        close_seat(residency, seat, "the database did not give what its hash says");
        return;
    }
    struct chunk *chunk = add_chunk(residency, seat->pos);
    seat->state = SEAT_WAITING; /* without room it is asked for again */
    if (chunk == NULL)
        return;
    if (fill_chunk(residency, chunk, result, bytes, &error)) {
        open_seat(residency, seat, result->source);
    } else {
        world_remove_chunk(residency->options.world, chunk);
        close_seat(residency, seat, error.text);
    }
}

void residency_take(struct residency *residency, const struct loader_result *result,
                    const uint8_t *bytes)
{
    if (result->kind == LOADER_REGION)
        take_region(residency, result, bytes);
    else
        take_chunk(residency, result, bytes);
}

void residency_close_chunks(struct residency *residency, const void *chunks, uint32_t count)
{
    struct world *world = residency->options.world;
    ensure(count <= QUARANTINE_CHUNKS_MAX);
    if (count > 0)
        memcpy(residency->closed, chunks, count * sizeof *residency->closed);
    if (count != residency->closed_count)
        log_warning("host", "chunks closed to changes: %u", count);
    residency->closed_count = count;
    for (uint32_t i = 0; i < world->chunk_pool.capacity; i++) {
        if (pool_is_used(&world->chunk_pool, i))
            world->chunks[i].is_closed = is_closed(residency, world->chunks[i].pos);
    }
}

void residency_mark(struct residency *residency, const struct change_chunk *mark)
{
    const struct region *region = find_region(residency, mark->chunk);
    ensure(region != NULL && region->is_ready);
    struct region_index *index = regions_index(&residency->regions, region);
    index->versions[grid_chunk_index(mark->chunk)] = mark->version;
    index->hashes[grid_chunk_index(mark->chunk)] = mark->hash;
}
