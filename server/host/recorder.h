/* recorder.h - writing down all that reaches the tick, so that it can be run again.
 *
 * The tick adds inputs to a ring; the recorder's thread writes them to a file. When the ring is
 * full the recording ends there, with a warning: the tick never waits. A file is a head
 * (RECORDER_MAGIC, the start state, the catalogue's text) and entries: kind, size, bytes, as they
 * are in memory, so a recording replays on machines of the same byte order. Owner: tick adds, one
 * thread steps. */
#ifndef TILTH_HOST_RECORDER_H
#define TILTH_HOST_RECORDER_H

#include "base/error.h"
#include "base/hash.h"
#include "base/ring.h"
#include "base/wake.h"
#include "host/limits.h"

#define RECORDER_MAGIC 0x38434552484C5431ull /* "1TLHREC8" */

enum recorder_kind {
    RECORDER_TICK = 1, /* struct tick_inputs: a tick begins */
    RECORDER_LOADED,   /* a loader result */
    RECORDER_LINE,     /* a console line */
    RECORDER_INBOX,    /* from net */
    RECORDER_PICTURE,  /* from the gallery */
    RECORDER_HASH,     /* struct recorder_hash: what the tick ended in */
    RECORDER_CONTENT,  /* struct renewal_outcome: content that was read, or why not */
    RECORDER_CLOSED,   /* struct store_closed: which chunks are closed to changes */
};

/* Where a recording begins. */
struct recorder_start {
    uint64_t magic;
    uint64_t terrain_seed, rule_seed; /* secret, as the recording is */
    uint32_t generator_version, timeline;
    uint32_t catalog_bytes, stream;
    uint32_t image_configs, images; /* rows of database_images behind the catalogue's text */
    struct host_limits limits;
    uint32_t frame_changes_max, frame_envelopes_max, frame_bytes_max, frame_readers;
    uint64_t next_seq, tick;
    struct hash128 hash;
    char world_name[64];
};

/* In front of every entry. */
struct recorder_entry {
    uint32_t kind; /* enum recorder_kind */
    uint32_t size_bytes;
};

struct recorder_hash {
    uint64_t tick;
    struct hash128 hash;
};

struct recorder;
struct host_options;

/* Makes the file (it must not be there) with its head, from what the host starts with. NULL and the
 * error otherwise. */
struct recorder *recorder_open(const char *path, const struct host_options *options,
                               struct error *error);
void recorder_destroy(struct recorder **recorder); /* Writes what is left; NULL-safe. */

/* Tick: adds an input. */
void recorder_add(struct recorder *recorder, enum recorder_kind kind, const void *bytes,
                  uint32_t size_bytes);

/* The recorder's thread: writes what is there. True when there was something. */
bool recorder_step(struct recorder *recorder);

/* What its loop sleeps on. */
struct wake *recorder_wake(struct recorder *recorder);

#endif
