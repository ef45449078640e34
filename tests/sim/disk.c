#include "sim/disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/rng.h"

enum { SECTOR_BYTES = 512, FILES_MAX = 256, HANDLES_MAX = 256 };

struct sim_file {
    char name[DISK_NAME_BYTES]; /* "": the slot is free */
    bool is_linked;             /* its name is in the folder */
    bool was_linked;            /* and was at the last sync of the folder */
    uint32_t handles;
    uint64_t size_bytes;
    uint64_t synced_size_bytes;
    uint64_t capacity_bytes; /* a multiple of the sector; of cache and platter */
    uint8_t *cache;
    uint8_t *platter;
    bool *is_dirty; /* by sector */
};

struct sim_disk {
    struct rng rng;
    struct sim_disk_faults faults;
    bool is_dead;
    struct sim_file files[FILES_MAX];
    int handles[HANDLES_MAX]; /* index of the file + 1, 0 free */
};

/* ---- files ---- */

static void grow(struct sim_file *file, uint64_t size_bytes)
{
    if (size_bytes <= file->capacity_bytes)
        return;
    uint64_t capacity = file->capacity_bytes == 0 ? 8192 : 2 * file->capacity_bytes;
    while (capacity < size_bytes)
        capacity *= 2;
    uint64_t old = file->capacity_bytes;
    file->cache = realloc(file->cache, capacity);
    file->platter = realloc(file->platter, capacity);
    file->is_dirty = realloc(file->is_dirty, capacity / SECTOR_BYTES * sizeof *file->is_dirty);
    ensure(file->cache != NULL && file->platter != NULL && file->is_dirty != NULL);
    memset(file->cache + old, 0, capacity - old);
    memset(file->platter + old, 0, capacity - old);
    memset(file->is_dirty + old / SECTOR_BYTES, 0,
           (capacity - old) / SECTOR_BYTES * sizeof *file->is_dirty);
    file->capacity_bytes = capacity;
}

static void free_file(struct sim_file *file)
{
    free(file->cache);
    free(file->platter);
    free(file->is_dirty);
    *file = (struct sim_file){0};
}

static struct sim_file *find_file(struct sim_disk *sim, const char *name)
{
    for (int i = 0; i < FILES_MAX; i++)
        if (sim->files[i].is_linked && strcmp(sim->files[i].name, name) == 0)
            return &sim->files[i];
    return NULL;
}

/* A free slot; files that nothing holds any more give theirs. */
static struct sim_file *add_file(struct sim_disk *sim, const char *name)
{
    struct sim_file *free_slot = NULL;
    for (int i = 0; i < FILES_MAX && free_slot == NULL; i++) {
        struct sim_file *file = &sim->files[i];
        if (!file->is_linked && !file->was_linked && file->handles == 0)
            free_slot = file;
    }
    size_t length = strlen(name);
    ensure(free_slot != NULL && length > 0 && length < DISK_NAME_BYTES);
    free_file(free_slot);
    memcpy(free_slot->name, name, length);
    free_slot->is_linked = true;
    return free_slot;
}

static void write_back(struct sim_file *file, uint64_t sector)
{
    memcpy(file->platter + sector * SECTOR_BYTES, file->cache + sector * SECTOR_BYTES,
           SECTOR_BYTES);
}

static void sync_file(struct sim_file *file)
{
    for (uint64_t i = 0; i < file->capacity_bytes / SECTOR_BYTES; i++) {
        if (file->is_dirty[i])
            write_back(file, i);
        file->is_dirty[i] = false;
    }
    file->synced_size_bytes = file->size_bytes;
}

static void put_bytes(struct sim_file *file, const void *bytes, uint64_t size_bytes,
                      uint64_t offset)
{
    if (size_bytes == 0)
        return;
    grow(file, offset + size_bytes);
    memcpy(file->cache + offset, bytes, size_bytes);
    for (uint64_t i = offset / SECTOR_BYTES; i <= (offset + size_bytes - 1) / SECTOR_BYTES; i++)
        file->is_dirty[i] = true;
    if (offset + size_bytes > file->size_bytes)
        file->size_bytes = offset + size_bytes;
}

uint64_t sim_disk_used_bytes(const struct sim_disk *sim)
{
    uint64_t used = 0;
    for (int i = 0; i < FILES_MAX; i++)
        if (sim->files[i].is_linked || sim->files[i].handles > 0)
            used += sim->files[i].size_bytes;
    return used;
}

/* ---- faults ---- */

/* Takes one off the counter; the errno to fail with, negative, or 0. */
static int take_fault(struct sim_disk *sim, uint32_t *counter)
{
    if (sim->is_dead)
        return -EIO;
    if (*counter == 0)
        return 0;
    (*counter)--;
    return sim->faults.code == 0 ? -EIO : -sim->faults.code;
}

static bool coin(struct sim_disk *sim)
{
    return rng_below(&sim->rng, 2) == 0;
}

/* Begins a change. False when it has no effect: the end was before, or comes now, by chance. */
static bool has_begun(struct sim_disk *sim)
{
    if (sim->is_dead)
        return false;
    if (sim->faults.dies_in > 0)
        sim->is_dead = --sim->faults.dies_in == 0;
    return !sim->is_dead || coin(sim);
}

bool sim_disk_is_dead(const struct sim_disk *sim)
{
    return sim->is_dead;
}

/* The system writes some sectors back when it likes. */
static void wander(struct sim_disk *sim, struct sim_file *file)
{
    if (rng_below(&sim->rng, 4) != 0)
        return;
    for (uint64_t i = 0; i < file->capacity_bytes / SECTOR_BYTES; i++)
        if (file->is_dirty[i] && coin(sim))
            write_back(file, i);
}

static void fail_sync(struct sim_disk *sim, struct sim_file *file)
{
    for (uint64_t i = 0; i < file->capacity_bytes / SECTOR_BYTES; i++) {
        if (!file->is_dirty[i])
            continue;
        uint64_t fate = rng_below(&sim->rng, 3);
        if (fate == 0)
            write_back(file, i);
        else if (fate == 1)
            memcpy(file->cache + i * SECTOR_BYTES, file->platter + i * SECTOR_BYTES, SECTOR_BYTES);
        file->is_dirty[i] = false; /* fate 2: clean, and not there */
    }
}

/* ---- disk_ops ---- */

static struct sim_file *file_of(struct sim_disk *sim, int handle)
{
    ensure(handle >= 0 && handle < HANDLES_MAX && sim->handles[handle] != 0);
    return &sim->files[sim->handles[handle] - 1];
}

static int sim_open(void *state, const char *name, bool create)
{
    struct sim_disk *sim = state;
    struct sim_file *file = find_file(sim, name);
    int handle = 0;
    if (create && file != NULL)
        return -EEXIST;
    if (!create && file == NULL)
        return -ENOENT;
    while (handle < HANDLES_MAX && sim->handles[handle] != 0)
        handle++;
    if (handle == HANDLES_MAX)
        return -EMFILE;
    if (create && has_begun(sim))
        file = add_file(sim, name);
    if (sim->is_dead)
        return -EIO;
    file->handles++;
    sim->handles[handle] = (int)(file - sim->files) + 1;
    return handle;
}

static int sim_close(void *state, int handle)
{
    struct sim_disk *sim = state;
    file_of(sim, handle)->handles--;
    sim->handles[handle] = 0;
    return 0;
}

static int64_t sim_read(void *state, int handle, void *bytes, size_t size_bytes, uint64_t offset)
{
    struct sim_disk *sim = state;
    const struct sim_file *file = file_of(sim, handle);
    int code = take_fault(sim, &sim->faults.reads_fail);
    if (code != 0)
        return code;
    if (offset >= file->size_bytes)
        return 0;
    uint64_t left = file->size_bytes - offset;
    uint64_t part = left < size_bytes ? left : size_bytes;
    memcpy(bytes, file->cache + offset, part);
    return (int64_t)part;
}

/* The part of a write that there is room for. */
static uint64_t fitting(const struct sim_disk *sim, const struct sim_file *file,
                        uint64_t size_bytes, uint64_t offset)
{
    uint64_t end = offset + size_bytes;
    if (sim->faults.space_bytes == 0 || end <= file->size_bytes)
        return size_bytes;
    uint64_t used = sim_disk_used_bytes(sim);
    uint64_t room = used < sim->faults.space_bytes ? sim->faults.space_bytes - used : 0;
    uint64_t end_max = file->size_bytes + room;
    if (end <= end_max)
        return size_bytes;
    return end_max > offset ? end_max - offset : 0;
}

static int64_t sim_write(void *state, int handle, const void *bytes, size_t size_bytes,
                         uint64_t offset)
{
    struct sim_disk *sim = state;
    struct sim_file *file = file_of(sim, handle);
    if (!has_begun(sim))
        return -EIO;
    wander(sim, file);
    int code = take_fault(sim, &sim->faults.writes_fail);
    uint64_t part = fitting(sim, file, size_bytes, offset);
    if (code == 0 && part < size_bytes)
        code = -ENOSPC;
    if (code != 0 && part > 0)
        part = rng_below(&sim->rng, part + 1);
    put_bytes(file, bytes, part, offset);
    return code != 0 ? code : (int64_t)size_bytes;
}

static int sim_allocate(void *state, int handle, uint64_t size_bytes)
{
    static const uint8_t zeros[8192];
    struct sim_disk *sim = state;
    const struct sim_file *file = file_of(sim, handle);
    while (file->size_bytes < size_bytes) {
        uint64_t left = size_bytes - file->size_bytes;
        size_t part = left < sizeof zeros ? (size_t)left : sizeof zeros;
        int64_t put = sim_write(state, handle, zeros, part, file->size_bytes);
        if (put < 0)
            return (int)put;
    }
    return 0;
}

static int sim_sync(void *state, int handle)
{
    struct sim_disk *sim = state;
    struct sim_file *file = file_of(sim, handle);
    bool is_done = has_begun(sim);
    int code = take_fault(sim, &sim->faults.syncs_fail);
    if (code != 0 && !sim->is_dead)
        fail_sync(sim, file);
    else if (is_done && !sim->faults.sync_is_ignored)
        sync_file(file); /* also when the end comes right behind it */
    return code;
}

static int64_t sim_size(void *state, int handle)
{
    return (int64_t)file_of(state, handle)->size_bytes;
}

static int sim_unlink(void *state, const char *name)
{
    struct sim_disk *sim = state;
    struct sim_file *file = find_file(sim, name);
    if (file == NULL)
        return -ENOENT;
    if (has_begun(sim))
        file->is_linked = false;
    return sim->is_dead ? -EIO : 0;
}

static int sim_sync_folder(void *state)
{
    struct sim_disk *sim = state;
    bool is_done = has_begun(sim);
    int code = take_fault(sim, &sim->faults.syncs_fail);
    for (int i = 0; i < FILES_MAX && is_done && (code == 0 || sim->is_dead); i++)
        sim->files[i].was_linked = sim->files[i].is_linked;
    return code;
}

static int sim_next(void *state, const char *previous, char out_name[DISK_NAME_BYTES])
{
    struct sim_disk *sim = state;
    const struct sim_file *best = NULL;
    for (int i = 0; i < FILES_MAX; i++) {
        const struct sim_file *file = &sim->files[i];
        if (file->is_linked && strcmp(file->name, previous) > 0 &&
            (best == NULL || strcmp(file->name, best->name) < 0))
            best = file;
    }
    if (best == NULL)
        return 0;
    memcpy(out_name, best->name, sizeof best->name);
    return 1;
}

static const struct disk_ops sim_ops = {
    .open = sim_open,
    .close = sim_close,
    .read = sim_read,
    .write = sim_write,
    .allocate = sim_allocate,
    .sync = sim_sync,
    .size = sim_size,
    .unlink = sim_unlink,
    .sync_folder = sim_sync_folder,
    .next = sim_next,
};

/* ---- the test's side ---- */

struct sim_disk *sim_disk_create(uint64_t seed)
{
    struct sim_disk *sim = calloc(1, sizeof *sim);
    ensure(sim != NULL);
    rng_init(&sim->rng, seed);
    return sim;
}

void sim_disk_destroy(struct sim_disk **sim)
{
    if (*sim == NULL)
        return;
    for (int i = 0; i < FILES_MAX; i++)
        free_file(&(*sim)->files[i]);
    free(*sim);
    *sim = NULL;
}

struct disk sim_disk_open(struct sim_disk *sim)
{
    return (struct disk){.ops = &sim_ops, .state = sim};
}

struct sim_disk_faults *sim_disk_faults(struct sim_disk *sim)
{
    return &sim->faults;
}

void sim_disk_kill(struct sim_disk *sim)
{
    sim->is_dead = false;
    sim->faults.dies_in = 0;
    for (int i = 0; i < HANDLES_MAX; i++)
        sim->handles[i] = 0;
    for (int i = 0; i < FILES_MAX; i++)
        sim->files[i].handles = 0;
}

/* What of the content survives: each unsynced sector is old or new, and so is the size. */
static void crash_content(struct sim_disk *sim, struct sim_file *file)
{
    for (uint64_t i = 0; i < file->capacity_bytes / SECTOR_BYTES; i++) {
        if (file->is_dirty[i] && coin(sim))
            write_back(file, i);
        file->is_dirty[i] = false;
    }
    if (file->size_bytes != file->synced_size_bytes && coin(sim))
        file->size_bytes = file->synced_size_bytes;
    file->synced_size_bytes = file->size_bytes;
    if (file->capacity_bytes == 0)
        return;
    memset(file->platter + file->size_bytes, 0, file->capacity_bytes - file->size_bytes);
    memcpy(file->cache, file->platter, file->capacity_bytes);
}

void sim_disk_crash(struct sim_disk *sim)
{
    sim_disk_kill(sim);
    for (int i = 0; i < FILES_MAX; i++) {
        struct sim_file *file = &sim->files[i];
        crash_content(sim, file);
        if (file->is_linked != file->was_linked && coin(sim))
            file->is_linked = file->was_linked;
    }
    for (int i = 0; i < FILES_MAX; i++) { /* two of one name: a later one replaced it */
        struct sim_file *file = &sim->files[i];
        struct sim_file *other = file->is_linked ? find_file(sim, file->name) : file;
        if (other != file)
            other->is_linked = false;
    }
    for (int i = 0; i < FILES_MAX; i++)
        sim->files[i].was_linked = sim->files[i].is_linked;
}

bool sim_disk_flip(struct sim_disk *sim, const char *name, uint64_t offset, uint32_t bit)
{
    struct sim_file *file = find_file(sim, name);
    if (file == NULL || offset >= file->size_bytes)
        return false;
    file->cache[offset] ^= (uint8_t)(1U << (bit & 7));
    file->platter[offset] ^= (uint8_t)(1U << (bit & 7));
    return true;
}

void sim_disk_put(struct sim_disk *sim, const char *name, const void *bytes, size_t size_bytes)
{
    struct sim_file *file = find_file(sim, name);
    if (file != NULL)
        file->is_linked = file->was_linked = false;
    file = add_file(sim, name);
    put_bytes(file, bytes, size_bytes, 0);
    sync_file(file);
    file->was_linked = true;
}
