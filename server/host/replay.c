#include "host/replay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "host/tick.h"

enum {
    RING_BYTES = 8 << 20,
    ENTRY_BYTES_MAX = 1 << 20,
    SIZE_MAX_OF_ANY = 1 << 26,
};

struct replay {
    FILE *file;
    const char *path;
    uint8_t *bytes; /* of the entry read last */
    struct recorder_start start;
    struct recorder_entry entry;
    struct catalog *catalog;
    struct renewal *renewal;
    struct database_images images;
    struct ring inbox, requests, loaded, closed, pictures, lines, answers;
    struct frames frames;
    struct host *host;
    struct tick_inputs inputs;
    bool is_in_tick;
    bool is_cut;
    uint64_t at_bytes; /* behind the last whole entry */
};

/* Are the sizes such as a server may have? A damaged head must not ask for all memory. */
static bool is_possible(const struct recorder_start *start)
{
    const struct host_limits *limits = &start->limits;
    uint32_t most[] = {limits->chunks_max,
                       limits->entities_max,
                       limits->characters_max,
                       limits->regions_max,
                       limits->intents_per_tick_max,
                       limits->view_cells,
                       start->frame_changes_max,
                       start->frame_envelopes_max,
                       limits->tick_hz,
                       limits->structures_max,
                       limits->piles_max,
                       limits->image_configs_max,
                       limits->images_max};
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
        if (most[i] == 0 || most[i] > SIZE_MAX_OF_ANY)
            return false;
    }
    return limits->sessions_max > 0 && limits->sessions_max < UINT16_MAX &&
           start->image_configs <= limits->image_configs_max &&
           start->images <= limits->images_max && start->frame_bytes_max <= RING_BYTES * 16u &&
           generator_has_version(start->generator_version) &&
           memchr(start->world_name, 0, sizeof start->world_name) != NULL;
}

/* The looks and pictures that the world began with; is_possible has bounded their numbers. */
static bool read_images(struct replay *replay, struct error *error)
{
    struct database_images *images = &replay->images;
    images->config_count = replay->start.image_configs;
    images->image_count = replay->start.images;
    images->configs = memory_reserve("replay", images->config_count + 1, sizeof *images->configs);
    images->images = memory_reserve("replay", images->image_count + 1, sizeof *images->images);
    size_t configs =
        fread(images->configs, sizeof *images->configs, images->config_count, replay->file);
    size_t read = fread(images->images, sizeof *images->images, images->image_count, replay->file);
    if (configs != images->config_count || read != images->image_count)
        return error_set(error, "%s: its images, from byte %llu on, are cut off", replay->path,
                         (unsigned long long)replay->at_bytes);
    replay->at_bytes += configs * sizeof *images->configs + read * sizeof *images->images;
    return true;
}

static bool read_start(struct replay *replay, struct error *error)
{
    struct recorder_start *start = &replay->start;
    if (fread(start, sizeof *start, 1, replay->file) != 1 || start->magic != RECORDER_MAGIC)
        return error_set(error, "%s is not a recording of this kind of machine", replay->path);
    if (!is_possible(start))
        return error_set(error, "%s: its head is damaged", replay->path);
    if (start->catalog_bytes > CATALOG_TEXT_BYTES ||
        fread(replay->bytes, 1, start->catalog_bytes, replay->file) != start->catalog_bytes)
        return error_set(error, "%s: its catalogue, from byte %zu on, is cut off", replay->path,
                         sizeof *start);
    replay->at_bytes = sizeof *start + start->catalog_bytes;
    replay->catalog = catalog_parse((const char *)replay->bytes, start->catalog_bytes, error);
    return replay->catalog != NULL && read_images(replay, error);
}

static void open_host(struct replay *replay)
{
    const struct recorder_start *start = &replay->start;
    struct frame_limits limits = {
        .actors_max = start->limits.sessions_max,
        .changes_max = start->frame_changes_max,
        .envelopes_max = start->frame_envelopes_max,
        .bytes_max = start->frame_bytes_max,
        .readers = 1,
    };
    struct host_options options = {
        .catalog = replay->catalog,
        .generator = {start->terrain_seed, start->generator_version},
        .rule_seed = start->rule_seed,
        .world_name = start->world_name,
        .timeline = start->timeline,
        .stream = start->stream,
        .limits = start->limits,
        .next_seq = start->next_seq,
        .tick = start->tick,
        .hash = start->hash,
        .images = replay->images,
        .inboxes = &replay->inbox,
        .inbox_count = 1,
        .requests = &replay->requests,
        .loaded = &replay->loaded,
        .closed = &replay->closed,
        .pictures = &replay->pictures,
        .lines = &replay->lines,
        .answers = &replay->answers,
        .frames = &replay->frames,
        .renewal = replay->renewal,
    };
    ring_init(&replay->inbox, "replay", RING_BYTES);
    ring_init(&replay->requests, "replay", RING_BYTES);
    ring_init(&replay->loaded, "replay", RING_BYTES);
    ring_init(&replay->closed, "replay", RING_BYTES);
    ring_init(&replay->pictures, "replay", RING_BYTES);
    ring_init(&replay->lines, "replay", RING_BYTES);
    ring_init(&replay->answers, "replay", RING_BYTES);
    frame_init(&replay->frames, &limits);
    replay->host = host_create(&options);
}

static void replay_close(struct replay *replay)
{
    host_destroy(&replay->host);
    frame_finish(&replay->frames);
    ring_finish(&replay->inbox);
    ring_finish(&replay->requests);
    ring_finish(&replay->loaded);
    ring_finish(&replay->closed);
    ring_finish(&replay->pictures);
    ring_finish(&replay->lines);
    ring_finish(&replay->answers);
    catalog_destroy(&replay->catalog);
    renewal_destroy(&replay->renewal);
    memory_release(replay->bytes);
    memory_release(replay->images.configs);
    memory_release(replay->images.images);
    if (replay->file != NULL)
        (void)fclose(replay->file);
}

/* What the tick sends out is not looked at here, but its rings must not fill up. */
static void discard_output(struct replay *replay)
{
    struct ring *rings[] = {&replay->requests, &replay->answers};
    for (int i = 0; i < 2; i++) {
        struct ring_cursor cursor = ring_first(rings[i]);
        uint32_t size = 0;
        while (ring_read(rings[i], &cursor, &size) != NULL)
            continue;
        ring_release(rings[i], cursor);
    }
}

/* Passes as many frames as the net threads had when the tick began. */
static void pass_frames(struct replay *replay)
{
    while (frame_passed(&replay->frames) < replay->inputs.frames_passed &&
           frame_next(&replay->frames, 0) != NULL)
        frame_pass(&replay->frames, 0);
}

/* The next entry, whole; false at the end of the file, also when the last entry is cut off. */
static bool read_entry(struct replay *replay)
{
    size_t head = fread(&replay->entry, 1, sizeof replay->entry, replay->file);
    uint32_t size = head == sizeof replay->entry ? replay->entry.size_bytes : 0;
    bool is_whole = head == sizeof replay->entry && size <= ENTRY_BYTES_MAX &&
                    fread(replay->bytes, 1, size, replay->file) == size;
    replay->is_cut = !is_whole && (head > 0 || replay->is_in_tick);
    replay->at_bytes += is_whole ? head + size : 0;
    return is_whole;
}

/* The recorded end of a tick: its inputs are all there, so it can run. */
static bool end_tick(struct replay *replay, struct error *error)
{
    struct recorder_hash expected;
    char have[33], want[33];
    memcpy(&expected, replay->bytes, sizeof expected);
    pass_frames(replay);
    tick_run(replay->host, &replay->inputs);
    discard_output(replay);
    replay->is_in_tick = false;
    if (replay->host->tick == expected.tick &&
        hash_is_equal(replay->host->world.hash, expected.hash))
        return true;
    hash_format(replay->host->world.hash, have);
    hash_format(expected.hash, want);
    return error_set(error,
                     "%s: tick %llu ended in world hash %s, the recording says tick %llu, %s",
                     replay->path, (unsigned long long)replay->host->tick, have,
                     (unsigned long long)expected.tick, want);
}

/* Has the entry as many chunks as it says, and not too many? */
static bool is_closed_list(const struct replay *replay)
{
    struct store_closed head;
    if (replay->entry.size_bytes < sizeof head)
        return false;
    memcpy(&head, replay->bytes, sizeof head);
    return head.count <= STORE_CLOSED_MAX &&
           replay->entry.size_bytes == sizeof head + head.count * sizeof(struct chunk_pos);
}

static bool take_entry(struct replay *replay, struct error *error)
{
    struct ring *rings[] = {[RECORDER_LOADED] = &replay->loaded,
                            [RECORDER_CLOSED] = &replay->closed,
                            [RECORDER_LINE] = &replay->lines,
                            [RECORDER_PICTURE] = &replay->pictures,
                            [RECORDER_INBOX] = &replay->inbox};
    uint32_t kind = replay->entry.kind;
    if (kind == RECORDER_HASH && replay->entry.size_bytes == sizeof(struct recorder_hash))
        return end_tick(replay, error);
    if (kind == RECORDER_TICK && replay->entry.size_bytes == sizeof replay->inputs) {
        memcpy(&replay->inputs, replay->bytes, sizeof replay->inputs);
        replay->is_in_tick = true;
        return true;
    }
    if (kind == RECORDER_CONTENT && replay->is_in_tick)
        return renewal_replay(replay->renewal, replay->bytes, replay->entry.size_bytes, error);
    bool is_known = kind == RECORDER_LOADED || kind == RECORDER_LINE || kind == RECORDER_INBOX ||
                    kind == RECORDER_PICTURE || (kind == RECORDER_CLOSED && is_closed_list(replay));
    if (is_known && replay->is_in_tick &&
        ring_write(rings[kind], replay->bytes, replay->entry.size_bytes))
        return true;
    return error_set(
        error,
        "%s: an entry of kind %u and %u bytes, up to byte %llu, after tick %llu is not understood",
        replay->path, kind, replay->entry.size_bytes, (unsigned long long)replay->at_bytes,
        (unsigned long long)replay->host->tick);
}

static bool run_entries(struct replay *replay, struct error *error)
{
    while (read_entry(replay)) {
        if (!take_entry(replay, error))
            return false;
    }
    if (ferror(replay->file))
        return error_system(error, errno, "%s at byte %llu", replay->path,
                            (unsigned long long)replay->at_bytes);
    if (replay->is_cut && replay->entry.size_bytes > ENTRY_BYTES_MAX)
        return error_set(error, "%s is damaged at byte %llu: an entry has %u bytes, more than %d",
                         replay->path, (unsigned long long)replay->at_bytes,
                         replay->entry.size_bytes, ENTRY_BYTES_MAX);
    return true;
}

bool replay_run(const char *path, struct replay_result *out_result, struct error *error)
{
    struct replay replay = {.path = path, .file = fopen(path, "rbe")};
    if (replay.file == NULL)
        return error_system(error, errno, "%s", path);
    replay.bytes = memory_reserve("replay", ENTRY_BYTES_MAX, 1);
    replay.renewal = renewal_create();
    bool is_done = read_start(&replay, error);
    if (is_done) {
        open_host(&replay);
        is_done = run_entries(&replay, error);
        out_result->ticks = replay.host->tick - replay.start.tick;
        out_result->last_tick = replay.host->tick;
        out_result->hash = replay.host->world.hash;
        out_result->is_cut = replay.is_cut;
        out_result->whole_bytes = replay.at_bytes;
    }
    replay_close(&replay);
    return is_done;
}
