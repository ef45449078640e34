/* journal_bench FOLDER SECONDS: what a tick record costs the tick thread, and when it is durable.
 *
 * The real journal in FOLDER/journal, with a thread of its own as in server/host/roles.c. Beside
 * it, turn by turn, the same bytes at the same pace with a bare pwrite and fdatasync into a file
 * that was filled with zeros before; where that falls behind it takes all that is due with one
 * write. Three loads, each for SECONDS: one JSON object a line. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ensure.h"
#include "bench/samples.h"
#include "journal/journal.h"
#include "wire/framing.h"

enum {
    RING_BYTES = 16 << 20,    /* as the server's */
    SEGMENT_BYTES = 64 << 20, /* likewise */
    BARE_BYTES = 64 << 20,
    PAYLOAD_BYTES = 1 << 16,
    RECORDS_MAX = 1 << 21,
    SECONDS_MAX = 60,
    BURST_MAX = 32,
    CALIBRATIONS = 10001,
    SLEEP_US = 100 * 1000,
    PATIENCE_S = 60,
    TEXT_BYTES = 512,
};

/* Every step a burst of records; so many steps for the journal, then so many bare. */
struct load {
    const char *name;
    uint32_t burst, changes; /* records in a burst, changes in a record */
    uint32_t step_us, turn_steps;
};

static const struct load loads[] = {
    {"20 records/s of 10 changes", 1, 10, 25000, 1},
    {"20 records/s of 1,000 changes", 1, 1000, 25000, 1},
    {"20,000 records/s of 1 change", 20, 1, 1000, 250},
};

struct rig {
    struct disk disk;
    struct journal *journal;
    int bare_file;
    uint64_t bare_offset;
    uint64_t bare_due_ns; /* since when what is written next could have been */
    uint32_t bare_burst;  /* records of it */
    uint8_t payload[PAYLOAD_BYTES];
    uint32_t payload_bytes;
    uint8_t *group; /* what is written bare */
    uint64_t next_seq;
    uint64_t cpu_overhead_ns; /* of reading the clock twice */
    pthread_t journal_thread, sleeper_thread;
    struct wake sleeper; /* what it costs to wake a thread that only sleeps */
    _Atomic bool stops;

    uint64_t first_seq;               /* of this load */
    _Atomic uint64_t *appended_ns;    /* [seq - first_seq] */
    uint64_t noted_seq;               /* journal thread: so far there are latencies */
    struct samples append, cpu, wake; /* tick thread, ns */
    struct samples bare, durable;     /* ns; durable is the journal thread's */
};

static void must(bool is_done, const struct error *error)
{
    if (is_done)
        return;
    (void)fprintf(stderr, "journal_bench: %s\n", error->text);
    exit(EXIT_FAILURE);
}

static void must_be(bool is_done, const char *what)
{
    struct error error = {""};
    must(is_done || error_system(&error, errno, "%s", what), &error);
}

/* ---- the journal's thread, and one that is only woken ---- */

static void note_durable(struct rig *rig)
{
    uint64_t durable_seq = journal_durable_seq(rig->journal);
    uint64_t now_ns = samples_now_ns();
    for (; rig->noted_seq < durable_seq; rig->noted_seq++) {
        uint64_t index = rig->noted_seq + 1 - rig->first_seq;
        samples_add(&rig->durable, now_ns - rig->appended_ns[index]);
    }
}

static void *run_journal(void *argument)
{
    struct rig *rig = argument;
    while (!rig->stops) {
        struct moment now = clock_now();
        bool did_work = journal_step(rig->journal, now);
        note_durable(rig);
        if (!did_work && !rig->stops)
            wake_wait(journal_wake(rig->journal), -1, journal_sleep_us(rig->journal, now));
    }
    return NULL;
}

static void *run_sleeper(void *argument)
{
    struct rig *rig = argument;
    while (!rig->stops)
        wake_wait(&rig->sleeper, -1, SLEEP_US);
    return NULL;
}

/* ---- the tick's thread ---- */

static void append_one(struct rig *rig)
{
    uint64_t cpu_ns = samples_cpu_ns();
    uint64_t since_ns = samples_now_ns();
    uint8_t *payload = journal_reserve(rig->journal, RECORD_PAYLOAD_BYTES_MAX);
    uint64_t took_ns = samples_now_ns() - since_ns;
    cpu_ns = samples_cpu_ns() - cpu_ns;
    ensure(payload != NULL);
    memcpy(payload, rig->payload, rig->payload_bytes);
    struct record_header header = {
        .seq = rig->next_seq,
        .tick = rig->next_seq,
        .size_bytes = rig->payload_bytes,
    };
    ensure(rig->next_seq - rig->first_seq < RECORDS_MAX);
    uint64_t cpu_again_ns = samples_cpu_ns();
    since_ns = samples_now_ns();
    rig->appended_ns[rig->next_seq++ - rig->first_seq] = since_ns;
    journal_append(rig->journal, &header);
    took_ns += samples_now_ns() - since_ns;
    cpu_ns += samples_cpu_ns() - cpu_again_ns;
    samples_add(&rig->append, took_ns);
    samples_add(&rig->cpu,
                cpu_ns > 2 * rig->cpu_overhead_ns ? cpu_ns - 2 * rig->cpu_overhead_ns : 0);
}

static void write_bare(struct rig *rig)
{
    uint64_t size_bytes = rig->bare_burst * record_stride(rig->payload_bytes);
    ensure(size_bytes <= JOURNAL_GROUP_BYTES_MAX);
    if (rig->bare_offset + size_bytes > BARE_BYTES)
        rig->bare_offset = 0;
    ssize_t written = pwrite(rig->bare_file, rig->group, size_bytes, (off_t)rig->bare_offset);
    must_be(written == (ssize_t)size_bytes && fdatasync(rig->bare_file) == 0, "the bare file");
    rig->bare_offset += size_bytes;
    uint64_t took_ns = samples_now_ns() - rig->bare_due_ns;
    for (uint32_t i = 0; i < rig->bare_burst; i++)
        samples_add(&rig->bare, took_ns);
    rig->bare_burst = 0;
}

static void wake_sleeper(struct rig *rig)
{
    uint64_t since_ns = samples_now_ns();
    wake_signal(&rig->sleeper);
    samples_add(&rig->wake, samples_now_ns() - since_ns);
}

/* A burst that is due: it can be written from now on, or from when it was due if this thread had no
 * time then. A late burst goes with the next one. */
static void step_bare(struct rig *rig, const struct load *load, uint64_t due_us, bool is_late)
{
    if (rig->bare_burst == 0)
        rig->bare_due_ns = is_late ? due_us * 1000 : samples_now_ns();
    rig->bare_burst += load->burst;
    bool is_next_due = samples_now_ns() > (due_us + load->step_us) * 1000;
    if (is_next_due && rig->bare_burst < BURST_MAX * load->burst)
        return;
    write_bare(rig);
    wake_sleeper(rig);
}

static void wait_durable(const struct rig *rig)
{
    uint64_t since_ns = samples_now_ns();
    while (journal_durable_seq(rig->journal) < rig->next_seq - 1) {
        ensure(samples_now_ns() - since_ns < (uint64_t)PATIENCE_S * 1000000000);
        clock_sleep_until(clock_now().mono_us + 1000);
    }
}

/* Steps through a load; returns the steps that were the journal's. */
static uint64_t run_steps(struct rig *rig, const struct load *load, uint64_t steps)
{
    uint64_t journal_steps = 0;
    uint64_t due_us = clock_now().mono_us + load->step_us;
    for (uint64_t i = 0; i < steps; i++, due_us += load->step_us) {
        bool is_late = clock_now().mono_us > due_us;
        bool is_bare = i / load->turn_steps % 2 == 1;
        clock_sleep_until(due_us);
        if (is_bare) {
            step_bare(rig, load, due_us, is_late);
            continue;
        }
        if (rig->bare_burst > 0)
            write_bare(rig);
        journal_steps++;
        for (uint32_t burst = 0; burst < load->burst; burst++)
            append_one(rig);
    }
    if (rig->bare_burst > 0)
        write_bare(rig);
    return journal_steps;
}

static void tell(struct rig *rig, const struct load *load, uint64_t steps)
{
    struct journal_facts facts;
    journal_facts(rig->journal, &facts);
    uint64_t records = rig->next_seq - rig->first_seq;
    ensure(records == steps * load->burst && rig->durable.count == records);
    (void)printf("{\"load\": \"%s\", \"changes\": %u, \"records\": %llu, \"bare\": %u, "
                 "\"record_bytes\": %llu, ",
                 load->name, load->changes, (unsigned long long)records, rig->bare.count,
                 (unsigned long long)record_stride(rig->payload_bytes));
    struct {
        const char *name;
        struct samples *samples;
    } rows[] = {{"append", &rig->append},
                {"wake", &rig->wake},
                {"durable", &rig->durable},
                {"bare_durable", &rig->bare}};
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        (void)printf("\"%s_p50_ns\": %llu, \"%s_p99_ns\": %llu, ", rows[i].name,
                     (unsigned long long)samples_percentile(rows[i].samples, 50), rows[i].name,
                     (unsigned long long)samples_percentile(rows[i].samples, 99));
    (void)printf("\"append_cpu_ns\": %.0f, \"syncs\": %llu}\n", samples_mean(&rig->cpu),
                 (unsigned long long)facts.syncs);
    (void)fflush(stdout);
}

/* ---- a load ---- */

/* A payload of so many placed things. */
static void fill_payload(struct rig *rig, uint32_t changes)
{
    struct packet packet;
    framing_init(&packet, rig->payload, sizeof rig->payload);
    for (uint32_t i = 0; i < changes; i++) {
        struct change change = {
            .kind = CHANGE_ENTITY,
            .entity = {.id = {i + 1000000}, .cell = {(int32_t)i, 70}, .type = 3, .placer = {7}},
        };
        ensure(framing_add_change(&packet, &change));
    }
    rig->payload_bytes = (uint32_t)packet.size_bytes;
    for (uint64_t at = 0; at + rig->payload_bytes < JOURNAL_GROUP_BYTES_MAX;
         at += record_stride(rig->payload_bytes))
        memcpy(rig->group + at, rig->payload, rig->payload_bytes);
}

static void open_journal(struct rig *rig)
{
    struct recovered recovered;
    struct error error = {""};
    must(recover_cut(&rig->disk, 0, &recovered, &error), &error);
    struct journal_options options = {
        .disk = &rig->disk,
        .world = 1,
        .timeline = 1,
        .next_seq = recovered.last.seq + 1,
        .ring_bytes = RING_BYTES,
        .segment_bytes = SEGMENT_BYTES,
        .bytes_max = 3 * (uint64_t)SEGMENT_BYTES,
    };
    rig->journal = journal_create(&options, &recovered, &error);
    must(rig->journal != NULL, &error);
    journal_set_applied(rig->journal, UINT64_MAX);
    rig->next_seq = options.next_seq;
    rig->first_seq = rig->next_seq;
    rig->noted_seq = rig->next_seq - 1;
    while (journal_step(rig->journal, clock_now())) /* the next segment is made */
        ;
}

static void run_load(struct rig *rig, const struct load *load, uint32_t seconds)
{
    uint64_t steps = (uint64_t)seconds * 1000000 / load->step_us;
    uint32_t samples = (uint32_t)steps * load->burst;
    struct samples *all[] = {&rig->append, &rig->cpu, &rig->wake, &rig->bare, &rig->durable};
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++)
        samples_init(all[i], samples);
    fill_payload(rig, load->changes);
    open_journal(rig);
    rig->stops = false;
    ensure(pthread_create(&rig->journal_thread, NULL, run_journal, rig) == 0);
    ensure(pthread_create(&rig->sleeper_thread, NULL, run_sleeper, rig) == 0);
    uint64_t journal_steps = run_steps(rig, load, steps);
    wait_durable(rig);
    rig->stops = true;
    wake_signal(journal_wake(rig->journal));
    wake_signal(&rig->sleeper);
    ensure(pthread_join(rig->journal_thread, NULL) == 0);
    ensure(pthread_join(rig->sleeper_thread, NULL) == 0);
    note_durable(rig);
    tell(rig, load, journal_steps);
    journal_destroy(&rig->journal);
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++)
        samples_finish(all[i]);
}

/* ---- begin ---- */

static void make_bare_file(struct rig *rig, const char *folder)
{
    char path[TEXT_BYTES];
    (void)snprintf(path, sizeof path, "%.400s/bare", folder);
    rig->bare_file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    must_be(rig->bare_file >= 0, "the bare file");
    for (uint64_t at = 0; at < BARE_BYTES; at += JOURNAL_GROUP_BYTES_MAX) {
        uint64_t size_bytes =
            BARE_BYTES - at < JOURNAL_GROUP_BYTES_MAX ? BARE_BYTES - at : JOURNAL_GROUP_BYTES_MAX;
        must_be(pwrite(rig->bare_file, rig->group, size_bytes, (off_t)at) == (ssize_t)size_bytes,
                "the bare file");
    }
    must_be(fsync(rig->bare_file) == 0, "the bare file");
}

static uint64_t measure_overhead(void)
{
    struct samples samples;
    samples_init(&samples, CALIBRATIONS);
    for (uint32_t i = 0; i < CALIBRATIONS; i++) {
        uint64_t since_ns = samples_cpu_ns();
        samples_add(&samples, samples_cpu_ns() - since_ns);
    }
    uint64_t overhead_ns = samples_percentile(&samples, 50);
    samples_finish(&samples);
    return overhead_ns;
}

int main(int argc, char **argv)
{
    static struct rig rig;
    struct error error = {""};
    uint64_t seconds = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
    if (seconds < 1 || seconds > SECONDS_MAX) {
        (void)fprintf(stderr, "journal_bench FOLDER SECONDS (1 to %d)\n", SECONDS_MAX);
        return EXIT_FAILURE;
    }
    char folder[TEXT_BYTES];
    (void)snprintf(folder, sizeof folder, "%.400s/journal", argv[1]);
    rig.group = calloc(1, JOURNAL_GROUP_BYTES_MAX);
    rig.appended_ns = calloc(RECORDS_MAX, sizeof *rig.appended_ns);
    ensure(rig.group != NULL && rig.appended_ns != NULL && wake_open(&rig.sleeper));
    make_bare_file(&rig, argv[1]);
    must(disk_posix_open(&rig.disk, folder, &error), &error);
    rig.cpu_overhead_ns = measure_overhead();
    for (uint32_t i = 0; i < sizeof loads / sizeof loads[0]; i++)
        run_load(&rig, &loads[i], (uint32_t)seconds);
    disk_posix_close(&rig.disk);
    wake_close(&rig.sleeper);
    (void)close(rig.bare_file);
    free(rig.group);
    free(rig.appended_ns);
    return EXIT_SUCCESS;
}
