#include "host/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "host/host.h"

enum { RECORDER_RING_BYTES = 16 << 20 };

struct recorder {
    int file;
    struct ring ring;
    struct wake wake;
    bool is_cut;     /* tick: the ring was full, nothing is added any more */
    bool has_failed; /* thread: the file cannot be written */
};

static bool write_all(int file, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t written = write(file, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        at += written;
        size -= (size_t)written;
    }
    return true;
}

static struct recorder_start start_of(const struct host_options *options)
{
    struct recorder_start start = {
        .magic = RECORDER_MAGIC,
        .terrain_seed = options->generator.seed,
        .rule_seed = options->rule_seed,
        .generator_version = options->generator.version,
        .timeline = options->timeline,
        .stream = options->stream,
        .image_configs = options->images.config_count,
        .images = options->images.image_count,
        .limits = options->limits,
        .frame_changes_max = options->frames->limits.changes_max,
        .frame_envelopes_max = options->frames->limits.envelopes_max,
        .frame_bytes_max = options->frames->limits.bytes_max,
        .frame_readers = options->frames->limits.readers,
        .next_seq = options->next_seq,
        .tick = options->tick,
        .hash = options->hash,
    };
    struct text name;
    text_init(&name, start.world_name, sizeof start.world_name);
    text_add(&name, "%s", options->world_name);
    return start;
}

static bool write_head(int file, const struct host_options *options)
{
    static const size_t capacity = CATALOG_TEXT_BYTES;
    struct recorder_start start = start_of(options);
    char *text = memory_reserve("recorder", capacity, 1);
    const struct database_images *images = &options->images;
    start.catalog_bytes = (uint32_t)catalog_write(options->catalog, text, capacity);
    bool is_written =
        write_all(file, &start, sizeof start) && write_all(file, text, start.catalog_bytes) &&
        write_all(file, images->configs, images->config_count * sizeof *images->configs) &&
        write_all(file, images->images, images->image_count * sizeof *images->images);
    memory_release(text);
    return is_written;
}

struct recorder *recorder_open(const char *path, const struct host_options *options,
                               struct error *error)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        (void)error_system(error, errno, "recording %s", path);
        return NULL;
    }
    if (!write_head(file, options)) {
        (void)error_system(error, errno, "recording %s", path);
        (void)close(file);
        return NULL;
    }
    struct recorder *recorder = memory_reserve("recorder", 1, sizeof *recorder);
    recorder->file = file;
    ring_init(&recorder->ring, "recorder", RECORDER_RING_BYTES);
    ensure(wake_open(&recorder->wake));
    return recorder;
}

void recorder_destroy(struct recorder **recorder)
{
    struct recorder *gone = *recorder;
    if (gone == NULL)
        return;
    while (recorder_step(gone))
        continue;
    (void)close(gone->file);
    wake_close(&gone->wake);
    ring_finish(&gone->ring);
    memory_release(gone);
    *recorder = NULL;
}

void recorder_add(struct recorder *recorder, enum recorder_kind kind, const void *bytes,
                  uint32_t size_bytes)
{
    struct recorder_entry entry = {kind, size_bytes};
    if (recorder->is_cut)
        return;
    uint8_t *room = ring_reserve(&recorder->ring, (uint32_t)sizeof entry + size_bytes);
    if (room == NULL) {
        recorder->is_cut = true;
        log_warning("host", "the recording ends here: its file is too slow");
        return;
    }
    memcpy(room, &entry, sizeof entry);
    memcpy(room + sizeof entry, bytes, size_bytes);
    ring_commit(&recorder->ring, (uint32_t)sizeof entry + size_bytes);
    if (kind == RECORDER_HASH)
        wake_signal(&recorder->wake);
}

bool recorder_step(struct recorder *recorder)
{
    struct ring_cursor cursor = ring_first(&recorder->ring);
    bool did_work = false;
    uint32_t size = 0;
    const uint8_t *bytes;
    while ((bytes = ring_read(&recorder->ring, &cursor, &size)) != NULL) {
        did_work = true;
        if (!recorder->has_failed && !write_all(recorder->file, bytes, size)) {
            recorder->has_failed = true;
            log_warning("host", "the recording ends here: %s", strerror(errno));
        }
    }
    ring_release(&recorder->ring, cursor);
    return did_work;
}

struct wake *recorder_wake(struct recorder *recorder)
{
    return &recorder->wake;
}
