#include "journal/journal.h"

#include <string.h>

#include "base/crypto.h"
#include "base/ensure.h"
#include "base/memory.h"
#include "base/ring.h"
#include "journal/chain.h"

/* A time before which something that failed is not tried again. */
struct backoff {
    uint64_t until_us;
    uint64_t delay_us; /* 0: the last try succeeded */
};

/* Records on their way into one write. */
struct group {
    struct ring_cursor end; /* in the ring, behind the last of them */
    uint64_t first_seq;
    uint64_t last_seq;
    uint64_t records;
    uint64_t size_bytes;
};

/* What other threads may read. A failure is one word, so that it is never seen half written. */
struct published {
    _Atomic uint64_t durable_seq;
    _Atomic uint64_t applied_seq;
    _Atomic uint64_t archived; /* segments up to this number */
    _Atomic uint64_t records, bytes, syncs, failures;
    _Atomic uint64_t segment;
    _Atomic uint64_t last_failure; /* op << 56 | errno << 40 | segment number */
    atomic_bool is_failing;
    atomic_bool has_no_room; /* the tick's last reservation was refused */
    atomic_bool is_asleep;   /* the journal thread found nothing to do */
};

struct journal {
    struct ring ring; /* of struct record_header and payload; not durable until released */
    struct wake wake;
    struct published published;
    struct wake *durable_wake;
    uint64_t id;

    /* Tick thread. */
    uint8_t *reserved;
    uint32_t reserved_bytes;
    uint64_t next_seq;

    /* Journal thread. */
    struct chain chain;
    struct backoff commits;
    uint64_t delay_us, next_commit_us;
    struct backoff chores;
    uint8_t *staging;
    uint64_t staging_bytes;
};

static void add_to(_Atomic uint64_t *counter, uint64_t amount)
{
    (void)atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static bool backoff_is_over(const struct backoff *backoff, struct moment now)
{
    return backoff->delay_us == 0 || now.mono_us >= backoff->until_us;
}

static void backoff_rise(struct backoff *backoff, struct moment now)
{
    backoff->delay_us = backoff->delay_us == 0 ? JOURNAL_RETRY_US_MIN : 2 * backoff->delay_us;
    if (backoff->delay_us > JOURNAL_RETRY_US_MAX)
        backoff->delay_us = JOURNAL_RETRY_US_MAX;
    backoff->until_us = now.mono_us + backoff->delay_us;
}

/* ---- create and destroy ---- */

static bool check_options(const struct journal_options *options, const struct recovered *recovered,
                          struct error *error)
{
    ensure(options->next_seq >= 1);
    if (recovered->is_empty)
        return true;
    const struct record_segment *newest = &recovered->newest;
    if (newest->world != options->world)
        return error_set(error, "the journal is of world %016llx, not %016llx",
                         (unsigned long long)newest->world, (unsigned long long)options->world);
    if (options->journal != 0 && newest->journal != options->journal)
        return error_set(error, "the journal's id is %016llx, not %016llx",
                         (unsigned long long)newest->journal, (unsigned long long)options->journal);
    if (newest->timeline > options->timeline)
        return error_set(error, "the journal is on timeline %u, later than the world's %u",
                         newest->timeline, options->timeline);
    return true;
}

static bool choose_id(struct journal *journal, const struct journal_options *options,
                      const struct recovered *recovered, struct error *error)
{
    journal->id = recovered->is_empty ? options->journal : recovered->newest.journal;
    if (journal->id != 0)
        return true;
    if (!crypto_start(error))
        return false;
    while (journal->id == 0)
        crypto_random(&journal->id, sizeof journal->id);
    return true;
}

static bool begin_chain(struct journal *journal, const struct journal_options *options,
                        const struct recovered *recovered, struct error *error)
{
    struct record_segment identity = {
        .world = options->world, .journal = journal->id, .timeline = options->timeline};
    struct chain_limits limits = {options->segment_bytes, options->keep_us, options->bytes_max};
    if (!chain_init(&journal->chain, options->disk, &identity, &limits, error))
        return false;
    struct chain_start start = {options->next_seq, options->next_seq - 1};
    uint64_t last_seq = recover_end(recovered);
    if (!recovered->is_empty && last_seq < start.previous_seq)
        start.previous_seq = last_seq;
    if (chain_begin(&journal->chain, start, (struct moment){0}))
        return true;
    char words[128];
    chain_describe(&journal->chain.failure, words, sizeof words);
    return error_set(error, "cannot start the journal: %s", words);
}

static bool start(struct journal *journal, const struct journal_options *options,
                  const struct recovered *recovered, struct error *error)
{
    journal->wake.fd = -1;
    if (!wake_open(&journal->wake))
        return error_set(error, "cannot start the journal: no file descriptor left");
    if (!check_options(options, recovered, error) ||
        !choose_id(journal, options, recovered, error) ||
        !begin_chain(journal, options, recovered, error))
        return false;
    ring_init(&journal->ring, "journal ring", options->ring_bytes);
    journal->staging = memory_reserve("journal group", 1, journal->staging_bytes);
    journal->next_seq = options->next_seq;
    journal->durable_wake = options->durable_wake;
    journal->delay_us = options->delay_us;
    atomic_store(&journal->published.durable_seq, options->next_seq - 1);
    atomic_store(&journal->published.segment, journal->chain.current.number);
    atomic_store(&journal->published.archived, options->is_archived ? 0 : UINT64_MAX);
    return true;
}

struct journal *journal_create(const struct journal_options *options,
                               const struct recovered *recovered, struct error *error)
{
    struct journal *journal = memory_reserve("journal", 1, sizeof *journal);
    journal->staging_bytes = options->ring_bytes < JOURNAL_GROUP_BYTES_MAX
                                 ? options->ring_bytes
                                 : JOURNAL_GROUP_BYTES_MAX;
    ensure(options->segment_bytes >= RECORD_SEGMENT_BYTES + journal->staging_bytes);
    if (!start(journal, options, recovered, error))
        journal_destroy(&journal);
    return journal;
}

void journal_destroy(struct journal **journal)
{
    if (*journal == NULL)
        return;
    chain_finish(&(*journal)->chain);
    memory_release((*journal)->staging);
    ring_finish(&(*journal)->ring);
    wake_close(&(*journal)->wake);
    memory_release(*journal);
    *journal = NULL;
}

/* ---- tick thread ---- */

uint8_t *journal_reserve(struct journal *journal, uint32_t size_bytes_max)
{
    ensure(size_bytes_max <= RECORD_PAYLOAD_BYTES_MAX);
    uint32_t header_bytes = sizeof(struct record_header);
    journal->reserved = ring_reserve(&journal->ring, header_bytes + size_bytes_max);
    journal->reserved_bytes = size_bytes_max;
    bool has_no_room = journal->reserved == NULL;
    atomic_store_explicit(&journal->published.has_no_room, has_no_room, memory_order_relaxed);
    return has_no_room ? NULL : journal->reserved + header_bytes;
}

void journal_append(struct journal *journal, const struct record_header *header)
{
    struct published *published = &journal->published;
    ensure(journal->reserved != NULL && header->size_bytes <= journal->reserved_bytes);
    ensure(header->seq == journal->next_seq);
    struct record_header complete = *header;
    complete.durable_seq = atomic_load_explicit(&published->durable_seq, memory_order_acquire);
    complete.journal = journal->id;
    memcpy(journal->reserved, &complete, sizeof complete);
    ring_commit(&journal->ring, (uint32_t)sizeof complete + header->size_bytes);
    journal->reserved = NULL;
    journal->next_seq++;
    /* With the fence in fall_asleep: either it sees the record, or this sees it asleep. */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&published->is_asleep, memory_order_relaxed)) {
        atomic_store_explicit(&published->is_asleep, false, memory_order_relaxed);
        wake_signal(&journal->wake);
    }
}

/* ---- journal thread ---- */

static void note_failure(struct journal *journal, struct backoff *backoff, struct moment now)
{
    const struct chain_failure *failure = &journal->chain.failure;
    uint64_t word = (uint64_t)failure->op << 56 | (uint64_t)(uint16_t)failure->code << 40 |
                    (failure->number & (((uint64_t)1 << 40) - 1));
    atomic_store_explicit(&journal->published.last_failure, word, memory_order_relaxed);
    add_to(&journal->published.failures, 1);
    backoff_rise(backoff, now);
}

/* Adds a record of the ring to the group; false when it is full. */
static bool group_add(struct journal *journal, struct group *group, const uint8_t *bytes)
{
    struct record_header header;
    memcpy(&header, bytes, sizeof header);
    const uint8_t *payload = bytes + sizeof header;
    uint64_t stride = record_stride(header.size_bytes);
    if (group->size_bytes + stride > journal->staging_bytes)
        return false;
    uint8_t *out = journal->staging + group->size_bytes;
    uint64_t used_bytes = RECORD_HEADER_BYTES + (uint64_t)header.size_bytes;
    record_write_header(&header, payload, out);
    memcpy(out + RECORD_HEADER_BYTES, payload, header.size_bytes);
    memset(out + used_bytes, 0, stride - used_bytes);
    if (group->records++ == 0)
        group->first_seq = header.seq;
    group->last_seq = header.seq;
    group->size_bytes += stride;
    return true;
}

/* Takes what is not durable, from the first on, as much as goes into one write. */
static void gather(struct journal *journal, struct group *out_group)
{
    struct group group = {.end = ring_first(&journal->ring)};
    struct ring_cursor cursor = group.end;
    uint32_t size_bytes;
    const uint8_t *bytes;
    while ((bytes = ring_read(&journal->ring, &cursor, &size_bytes)) != NULL) {
        if (!group_add(journal, &group, bytes))
            break;
        group.end = cursor;
    }
    *out_group = group;
}

static bool make_room(struct journal *journal, const struct group *group, struct moment now)
{
    struct chain *chain = &journal->chain;
    if (!chain->is_broken && chain_has_room(chain, group->size_bytes))
        return true;
    struct chain_start start = {group->first_seq, group->first_seq - 1};
    if (!chain_begin(chain, start, now))
        return false;
    atomic_store_explicit(&journal->published.segment, chain->current.number, memory_order_relaxed);
    return true;
}

/* The records are on the disk: says so, and only then gives their room back. */
static void publish(struct journal *journal, const struct group *group)
{
    struct published *published = &journal->published;
    atomic_store_explicit(&published->durable_seq, group->last_seq, memory_order_release);
    ring_release(&journal->ring, group->end);
    add_to(&published->records, group->records);
    add_to(&published->bytes, group->size_bytes);
    add_to(&published->syncs, 1);
    atomic_store_explicit(&published->is_failing, false, memory_order_relaxed);
    journal->commits.delay_us = 0;
    if (journal->durable_wake != NULL)
        wake_signal(journal->durable_wake);
}

static bool commit(struct journal *journal, const struct group *group, struct moment now)
{
    if (make_room(journal, group, now) &&
        chain_write(&journal->chain, journal->staging, group->size_bytes)) {
        publish(journal, group);
        return true;
    }
    atomic_store_explicit(&journal->published.is_failing, true, memory_order_relaxed);
    note_failure(journal, &journal->commits, now);
    return false;
}

/* Is there an old segment that may go? */
static bool has_old(struct journal *journal, struct moment now)
{
    struct published *published = &journal->published;
    struct chain_past past = {
        .applied_seq = atomic_load_explicit(&published->applied_seq, memory_order_acquire),
        .archived = atomic_load_explicit(&published->archived, memory_order_acquire),
    };
    return chain_has_old(&journal->chain, past, now);
}

/* A part of a chore; removals come first, they may free the room that the next segment needs.
 * False: there was none, or it failed. */
static bool do_chore(struct journal *journal, struct moment now)
{
    struct chain *chain = &journal->chain;
    bool has_succeeded;
    if (!backoff_is_over(&journal->chores, now))
        return false;
    if (has_old(journal, now))
        has_succeeded = chain_drop_oldest(chain);
    else if (!chain->next_is_ready)
        has_succeeded = chain_prepare(chain);
    else
        return false;
    if (has_succeeded)
        journal->chores.delay_us = 0;
    else
        note_failure(journal, &journal->chores, now);
    return has_succeeded;
}

/* Says that appends must wake this thread; false when one came before that was said. */
static bool fall_asleep(struct journal *journal)
{
    struct ring_cursor cursor = ring_first(&journal->ring);
    uint32_t size_bytes;
    atomic_store_explicit(&journal->published.is_asleep, true, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    return ring_read(&journal->ring, &cursor, &size_bytes) == NULL;
}

/* Shall what there is wait for more? */
static bool is_gathering(struct journal *journal, struct moment now)
{
    return now.mono_us < journal->next_commit_us &&
           ring_used_bytes(&journal->ring) < journal->ring.size_bytes / 2;
}

bool journal_step(struct journal *journal, struct moment now)
{
    struct group group;
    if (!backoff_is_over(&journal->commits, now))
        return false;
    if (is_gathering(journal, now))
        return do_chore(journal, now);
    gather(journal, &group);
    if (group.records == 0)
        return do_chore(journal, now) || !fall_asleep(journal);
    journal->next_commit_us = now.mono_us + journal->delay_us;
    bool is_durable = commit(journal, &group, now);
    if (is_durable ? chain_is_nearly_full(&journal->chain) : has_old(journal, now))
        (void)do_chore(journal, now);
    return true;
}

uint64_t journal_sleep_us(const struct journal *journal, struct moment now)
{
    uint64_t left_us =
        journal->next_commit_us > now.mono_us ? journal->next_commit_us - now.mono_us : 0;
    bool is_sooner = left_us > 0 && left_us < JOURNAL_RETRY_US_MIN;
    return is_sooner ? left_us : JOURNAL_RETRY_US_MIN;
}

struct wake *journal_wake(struct journal *journal)
{
    return &journal->wake;
}

/* ---- any thread ---- */

uint64_t journal_durable_seq(struct journal *journal)
{
    return atomic_load_explicit(&journal->published.durable_seq, memory_order_acquire);
}

bool journal_is_read_only(struct journal *journal)
{
    return atomic_load_explicit(&journal->published.is_failing, memory_order_relaxed) ||
           atomic_load_explicit(&journal->published.has_no_room, memory_order_relaxed);
}

void journal_set_applied(struct journal *journal, uint64_t applied_seq)
{
    atomic_store_explicit(&journal->published.applied_seq, applied_seq, memory_order_release);
}

void journal_set_archived(struct journal *journal, uint64_t number)
{
    atomic_store_explicit(&journal->published.archived, number, memory_order_release);
}

uint64_t journal_id(const struct journal *journal)
{
    return journal->id;
}

void journal_facts(struct journal *journal, struct journal_facts *out_facts)
{
    struct published *published = &journal->published;
    uint64_t word = atomic_load_explicit(&published->last_failure, memory_order_relaxed);
    struct chain_failure failure = {
        .op = (enum chain_op)(word >> 56),
        .code = (uint16_t)(word >> 40),
        .number = word & (((uint64_t)1 << 40) - 1),
    };
    *out_facts = (struct journal_facts){
        .durable_seq = journal_durable_seq(journal),
        .records = atomic_load_explicit(&published->records, memory_order_relaxed),
        .bytes = atomic_load_explicit(&published->bytes, memory_order_relaxed),
        .syncs = atomic_load_explicit(&published->syncs, memory_order_relaxed),
        .failures = atomic_load_explicit(&published->failures, memory_order_relaxed),
        .segment = atomic_load_explicit(&published->segment, memory_order_relaxed),
        .is_read_only = journal_is_read_only(journal),
    };
    chain_describe(&failure, out_facts->last_failure, sizeof out_facts->last_failure);
}
