/* The table of console commands. Each is one function; what it prints is for people, or one JSON
 * object when the call asks for it. */
#include "host/console.h"

#include <string.h>

#include "base/ensure.h"
#include "host/announce.h"
#include "host/console_cells.h"
#include "host/console_content.h"
#include "host/console_images.h"
#include "host/console_keep.h"
#include "host/console_players.h"
#include "host/console_structures.h"
#include "host/console_tell.h"
#include "host/gallery.h"
#include "host/host.h"
#include "host/keeper.h"

enum { SAVE_WAIT_S = 60, SAVE_QUIET_S = 1 };

static bool is_wanted(const struct console_call *call, const struct console_command *command)
{
    if (call->word_count < 2)
        return true;
    size_t size = strlen(call->words[1]);
    return strncmp(command->name, call->words[1], size) == 0 &&
           (command->name[size] == '\0' || command->name[size] == ' ');
}

static enum console_result tell_commands(struct console_call *call)
{
    if (call->is_json)
        text_json_open(call->text, NULL, '[');
    for (const struct console_command *command = console_commands(); command->name != NULL;
         command++) {
        if (!is_wanted(call, command))
            continue;
        if (!call->is_json) {
            text_add(call->text, "%s%s%s\n    %s\n", command->name,
                     command->arguments[0] != '\0' ? " " : "", command->arguments, command->help);
            continue;
        }
        text_json_open(call->text, NULL, '{');
        text_json_string(call->text, "name", command->name);
        text_json_string(call->text, "arguments", command->arguments);
        text_json_string(call->text, "help", command->help);
        text_json_close(call->text, '}');
    }
    if (call->is_json)
        text_json_close(call->text, ']');
    text_add(call->text, call->is_json ? "\n" : "");
    return CONSOLE_DONE;
}

static enum console_result run_help(struct host *host, struct console_call *call)
{
    (void)host;
    for (const struct console_command *command = console_commands(); command->name != NULL;
         command++) {
        if (is_wanted(call, command))
            return tell_commands(call);
    }
    const char *nearest = console_suggest(call->words[1]);
    if (nearest == NULL)
        return console_fail(call, "There is no command '%s'.", call->words[1]);
    return console_fail(call, "There is no command '%s'. Did you mean '%s'?", call->words[1],
                        nearest);
}

static void tell_world(struct host *host, struct console_call *call)
{
    char digits[33];
    const struct host_facts *facts = &host->facts;
    hash_format(host->world.hash, digits);
    console_tell_string(call, "world", host->options.world_name);
    console_tell_number(call, "seed", host->options.generator.seed);
    console_tell_number(call, "generator_version", host->options.generator.version);
    console_tell_number(call, "timeline", host->options.timeline);
    console_tell_number(call, "tick", host->tick);
    console_tell_number(call, "seq", host->next_seq - 1);
    console_tell_number(call, "applied_seq", host->inputs.applied_seq);
    console_tell_string(call, "world_hash", digits);
    console_tell_string(call, "changes_taken",
                        host->inputs.is_disowned != 0 ? "no: the lease on the world is over"
                        : host->sim.is_read_only      ? "no: the journal cannot be written"
                        : host->sim.is_store_behind   ? "no: the database is too far behind"
                                                      : "yes");
    console_tell_number(call, "sessions", facts->sessions);
    console_tell_number(call, "chunks", host->world.chunk_pool.used);
    console_tell_number(call, "chunks_max", host->world.chunk_pool.capacity);
    console_tell_number(call, "entities", host->world.entity_pool.used);
    console_tell_number(call, "intents", facts->intents);
    console_tell_number(call, "refusals", facts->refusals);
    console_tell_number(call, "views_sent", facts->views);
    console_tell_number(call, "dirty_bytes", facts->dirty_bytes);
}

/* How long ticks took since the start. All counts only in JSON, for programs that look twice: each
 * a time that so many ticks took at most, and more than the one before it. */
static void tell_times(const struct host *host, struct console_call *call)
{
    const struct tick_times *times = &host->times;
    console_tell_number(call, "tick_us_p50", tick_times_percentile_us(times, 50));
    console_tell_number(call, "tick_us_p99", tick_times_percentile_us(times, 99));
    console_tell_number(call, "tick_us_max", tick_times_percentile_us(times, 100));
    if (!call->is_json)
        return;
    text_json_open(call->text, "tick_times", '[');
    for (uint32_t i = 0; i < TICK_TIMES_BUCKETS; i++) {
        if (tick_times_count(times, i) == 0)
            continue;
        text_json_open(call->text, NULL, '{');
        text_json_number(call->text, "us", (int64_t)tick_times_bucket_us(i));
        text_json_number(call->text, "ticks", (int64_t)tick_times_count(times, i));
        text_json_close(call->text, '}');
    }
    text_json_close(call->text, ']');
}

/* How far the database is behind the tick, and what it takes to keep up. A record is made at least
 * every second. */
static void tell_store(const struct host *host, struct console_call *call,
                       const struct store_facts *store)
{
    uint64_t made = host->next_seq - 1;
    uint64_t lag_records = made > store->applied_seq ? made - store->applied_seq : 0;
    uint64_t lag_ticks = lag_records > 0 ? host->tick - store->tick : 0;
    console_tell_number(call, "store_lag_records", lag_records);
    console_tell_number(call, "store_lag_ticks", lag_ticks);
    console_tell_number(call, "store_lag_ms", lag_ticks * 1000 / host->options.limits.tick_hz);
    console_tell_number(call, "store_batches", store->batches);
    console_tell_number(call, "store_rows", store->rows);
    console_tell_number(call, "store_rows_s", store->rows_s);
    console_tell_number(call, "store_last_batch_rows", store->last_batch_rows);
    console_tell_number(call, "store_batch_rows", store->batch_rows);
    console_tell_number(call, "store_retries", store->retries);
    console_tell_number(call, "quarantined_keys", store->quarantined);
}

static void tell_keeper(const struct host *host, struct console_call *call)
{
    struct keeper_facts keeper = {.busy = ""};
    if (host->roles.keeper != NULL)
        keeper_facts(host->roles.keeper, &keeper);
    console_tell_string(call, "keeper", keeper.busy);
    console_tell_bool(call, "backups_automatic", keeper.is_automatic);
    console_tell_number(call, "backups_made", keeper.backups.made);
    console_tell_number(call, "backups_failed", keeper.backups.failed);
    console_tell_number(call, "backups_verified", keeper.backups.verified);
    console_tell_number(call, "backups_faulty", keeper.backups.faulty);
    console_tell_string(call, "backup_last", keeper.backups.last);
    console_tell_number(call, "backup_last_ms", keeper.backups.last_ms);
    console_tell_string(call, "backup_trouble", keeper.backups.last_failure);
    console_tell_string(call, "restore_trouble", keeper.restore_trouble);
    console_tell_number(call, "journal_archived", keeper.archived);
    console_tell_string(call, "archive_trouble", keeper.archive_trouble);
}

/* What clients sent, and what became of it: each thing that was dropped is counted once. */
static void tell_net(struct console_call *call, const struct net_facts *net)
{
    console_tell_number(call, "udp_port", net->link.port);
    console_tell_number(call, "peers", net->peers);
    console_tell_number(call, "net_datagrams_in", net->link.datagrams_in);
    console_tell_number(call, "net_datagrams_out", net->link.datagrams_out);
    console_tell_number(call, "net_bytes_in", net->link.bytes_in);
    console_tell_number(call, "net_bytes_out", net->link.bytes_out);
    console_tell_number(call, "net_dropped_garbage", net->link.dropped_garbage);
    console_tell_number(call, "net_dropped_unknown", net->link.dropped_unknown);
    console_tell_number(call, "net_dropped_forbidden", net->link.dropped_forbidden);
    console_tell_number(call, "net_dropped_over_limit", net->link.dropped_over_limit);
    console_tell_number(call, "net_dropped_inbox_full", net->dropped_inbox_full);
    console_tell_number(call, "net_hellos_over_limit", net->link.hellos_over_limit);
    console_tell_number(call, "net_hellos_wrong_version", net->link.hellos_wrong_version);
    console_tell_number(call, "net_connects_over_limit", net->link.connects_over_limit);
    console_tell_number(call, "net_intents_over_rate", net->intents_over_rate);
    console_tell_number(call, "net_malformed", net->malformed);
    console_tell_number(call, "net_ended_flooding", net->ended_flooding);
    console_tell_number(call, "net_ended_malformed", net->ended_malformed);
    console_tell_number(call, "net_given_up", net->given_up);
}

static void tell_roles(struct host *host, struct console_call *call)
{
    struct journal_facts journal;
    struct store_facts store;
    struct net_facts net;
    if (host->roles.journal == NULL)
        return;
    journal_facts(host->roles.journal, &journal);
    store_facts(host->roles.store, &store);
    net_facts(host->roles.net, &net);
    console_tell_number(call, "durable_seq", journal.durable_seq);
    console_tell_number(call, "journal_syncs", journal.syncs);
    console_tell_number(call, "journal_failures", journal.failures);
    console_tell_string(call, "journal_trouble", journal.is_read_only ? journal.last_failure : "");
    console_tell_string(call, "database", store.is_connected ? "connected" : "away");
    console_tell_string(call, "database_trouble", store.last_failure);
    tell_store(host, call, &store);
    tell_keeper(host, call);
    tell_net(call, &net);
}

static enum console_result run_status(struct host *host, struct console_call *call)
{
    console_tell_begin(call);
    tell_world(host, call);
    tell_times(host, call);
    tell_roles(host, call);
    console_tell_end(call);
    return CONSOLE_DONE;
}

static void tell_session(struct host *host, struct console_call *call, uint32_t index)
{
    const struct session *session = &host->sessions[index];
    struct cell_pos cell = grid_cell_of(host->world.actors[index].pos);
    if (!call->is_json) {
        text_add(call->text, "%-24s cell (%d, %d)  chunks %u  intents %u\n", session->name, cell.x,
                 cell.y, session->view.count, session->last_intent);
        return;
    }
    text_json_open(call->text, NULL, '{');
    text_json_string(call->text, "name", session->name);
    text_json_number(call->text, "session", index);
    text_json_number(call->text, "x", cell.x);
    text_json_number(call->text, "y", cell.y);
    text_json_number(call->text, "chunks", session->view.count);
    text_json_number(call->text, "last_intent", session->last_intent);
    text_json_close(call->text, '}');
}

static enum console_result run_sessions(struct host *host, struct console_call *call)
{
    if (call->is_json)
        text_json_open(call->text, NULL, '[');
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        if (host->sessions[i].state == SESSION_PLAYING)
            tell_session(host, call, i);
    }
    if (call->is_json)
        text_json_close(call->text, ']');
    else if (host->facts.sessions == 0)
        text_add(call->text, "nobody is connected");
    text_add(call->text, call->is_json || host->facts.sessions == 0 ? "\n" : "");
    return CONSOLE_DONE;
}

/* The words from the second on, as one text. */
static uint32_t join_words(const struct console_call *call, char *out_text, size_t capacity)
{
    struct text text;
    text_init(&text, out_text, capacity);
    for (uint32_t i = 1; i < call->word_count; i++)
        text_add(&text, "%s%s", i > 1 ? " " : "", call->words[i]);
    return (uint32_t)text.size_bytes;
}

static enum console_result run_say(struct host *host, struct console_call *call)
{
    char words[CONSOLE_LINE_BYTES + 1];
    if (call->word_count < 2)
        return CONSOLE_USAGE;
    uint32_t size = join_words(call, words, sizeof words);
    if (size == 0)
        return CONSOLE_USAGE;
    if (size > WORLD_SAY_BYTES)
        return console_fail(call, "A text has at most %d bytes, this one has %u.", WORLD_SAY_BYTES,
                            size);
    if (!text_is_printable(words, size))
        return console_fail(call, "The text is not plain UTF-8.");
    announce_say(host, words, size);
    return CONSOLE_DONE;
}

static enum console_result run_kick(struct host *host, struct console_call *call)
{
    if (call->word_count != 2)
        return CONSOLE_USAGE;
    int32_t session = session_find(host, call->words[1]);
    if (session == SESSION_NONE)
        return console_fail(call, "Nobody called '%s' is connected.", call->words[1]);
    session_reject(host, (uint32_t)session, "an operator sent you away");
    return CONSOLE_DONE;
}

/* Says once, when it takes long, what is waited for. */
static void tell_waiting(const struct host *host, struct console_call *call)
{
    struct store_facts store = {.is_connected = true};
    if (call->has_told ||
        host->tick - call->since < (uint64_t)SAVE_QUIET_S * host->options.limits.tick_hz)
        return;
    if (host->roles.store != NULL)
        store_facts(host->roles.store, &store);
    call->has_told = true;
    text_add(
        call->text, "waiting up to %d s until PostgreSQL has all%s%s\n", SAVE_WAIT_S,
        store.is_connected ? "" : "; it is away: ", store.is_connected ? "" : store.last_failure);
}

static enum console_result run_save(struct host *host, struct console_call *call)
{
    if (!call->is_begun) {
        for (uint32_t i = 0; i < host->options.limits.sessions_max; i++)
            host->sessions[i].is_touched = true;
        call->seq = host->next_seq; /* this tick's record, if it has one */
    }
    bool is_made = host->next_seq > call->seq;
    bool is_too_late =
        host->tick - call->since > (uint64_t)SAVE_WAIT_S * host->options.limits.tick_hz;
    if ((!is_made || host->inputs.applied_seq < call->seq) && !is_too_late) {
        tell_waiting(host, call);
        return CONSOLE_PENDING;
    }
    if (is_too_late)
        return console_fail(call, "Not in PostgreSQL after %d s; the journal keeps it until it is.",
                            SAVE_WAIT_S);
    console_tell_begin(call);
    console_tell_number(call, "applied_seq", host->inputs.applied_seq);
    console_tell_end(call);
    return CONSOLE_DONE;
}

/* Of each kind: what is in the process, and where it was found. */
static void tell_kinds(struct console_call *call, const struct cache_facts *cache)
{
    static const char *const names[CACHE_KINDS][5] = {
        [CACHE_CHUNKS] = {"entries", "bytes", "hits", "remote_hits", "misses"},
        [CACHE_CHARACTERS] = {"character_entries", "character_bytes", "character_hits",
                              "character_remote_hits", "character_misses"},
    };
    for (uint32_t i = 0; i < CACHE_KINDS; i++) {
        const struct cache_kind_facts *kind = &cache->kinds[i];
        console_tell_number(call, names[i][0], kind->entries);
        console_tell_number(call, names[i][1], kind->bytes);
        console_tell_number(call, names[i][2], kind->hits);
        console_tell_number(call, names[i][3], kind->remote_hits);
        console_tell_number(call, names[i][4], kind->misses);
    }
}

/* Pictures are in the gallery's memory; how things look is a table, all of it in memory. */
static void tell_pictures(const struct host *host, struct console_call *call)
{
    struct gallery_facts gallery = {.parts = 0};
    if (host->roles.gallery != NULL)
        gallery_facts(host->roles.gallery, &gallery);
    console_tell_number(call, "picture_entries", gallery.entries);
    console_tell_number(call, "picture_hits", gallery.hits);
    console_tell_number(call, "picture_misses", gallery.from_database + gallery.missing);
    console_tell_number(call, "looks", host->world.images.config_pool.used);
}

/* CHUNKS_OR_...: what to forget goes to the loader and the gallery, which do it soon. */
static enum console_result run_cache_clear(struct host *host, struct console_call *call)
{
    struct loader_request request = {.kind = LOADER_CLEAR};
    const char *kind = call->word_count > 1 ? call->words[1] : "";
    bool is_pictures = strcmp(kind, "pictures") == 0;
    if (call->word_count > 2 || (kind[0] != '\0' && !is_pictures && strcmp(kind, "chunks") != 0 &&
                                 strcmp(kind, "characters") != 0))
        return CONSOLE_USAGE;
    memcpy(request.name, kind, strlen(kind) + 1);
    if (!is_pictures && !ring_write(host->options.requests, &request, sizeof request))
        return console_fail(call, "The loader is busy.");
    if ((is_pictures || kind[0] == '\0') && host->roles.gallery != NULL)
        gallery_forget(host->roles.gallery);
    console_tell_begin(call);
    console_tell_string(call, "cleared", kind[0] != '\0' ? kind : "all");
    console_tell_end(call);
    return CONSOLE_DONE;
}

static enum console_result run_cache_stats(struct host *host, struct console_call *call)
{
    const struct residency_facts *residency = &host->residency.facts;
    struct cache_facts cache = {.rejected = 0};
    if (host->roles.cache != NULL)
        cache_facts(host->roles.cache, &cache);
    console_tell_begin(call);
    tell_kinds(call, &cache);
    console_tell_number(call, "rejected", cache.rejected);
    console_tell_number(call, "remote_failures", cache.remote_failures);
    console_tell_string(call, "remote",
                        !cache.has_remote      ? "none"
                        : cache.is_remote_away ? "away"
                                               : "in use");
    console_tell_number(call, "resident", host->world.chunk_pool.used);
    console_tell_number(call, "evicted", residency->evicted);
    console_tell_number(call, "generated", residency->generated);
    console_tell_number(call, "loaded_from_memory", residency->loads_from_memory);
    console_tell_number(call, "loaded_from_redis", residency->loads_from_remote);
    console_tell_number(call, "loaded_from_database", residency->loads_from_database);
    console_tell_number(call, "damaged", residency->damaged);
    console_tell_number(call, "characters", host->world.character_pool.used);
    tell_pictures(host, call);
    console_tell_end(call);
    return CONSOLE_DONE;
}

static enum console_result run_stop(struct host *host, struct console_call *call)
{
    host->is_stopping = true;
    if (call->is_json)
        text_add(call->text, "{\"stopping\":true}\n");
    else
        text_add(call->text, "The server saves and stops.\n");
    return CONSOLE_DONE;
}

static const struct console_command commands[] = {
    {"help", "[COMMAND]", "Lists the commands, or explains one.", run_help, false},
    {"status", "", "Shows the world, its saving and its network in numbers.", run_status, false},
    {"sessions", "", "Lists who is connected, and where.", run_sessions, false},
    {"cell", "X Y",
     "Shows a cell's ground and entities, briefly (entity shows all); loads its chunk if need be.",
     console_cell, false},
    {"entity", "X Y",
     "Shows all that is in a cell, and how it is drawn; loads its chunk if need be.",
     console_entity, false},
    {"say", "TEXT", "Says something to all players, as 'server'; at most 256 bytes.", run_say,
     true},
    {"kick", "NAME", "Ends a player's connection.", run_kick, true},
    {"give", "NAME ITEM N", "Puts things into a connected player's bag.", console_give, true},
    {"take", "NAME ITEM N", "Takes things out of a connected player's bag; they are gone.",
     console_take_away, true},
    {"inventory", "NAME", "Shows what is in a connected player's bag.", console_inventory, false},
    {"skill", "NAME SKILL [LEVEL]",
     "Shows a player's experience and level in a skill, or sets both to the beginning of a level.",
     console_skill, true},
    {"role", "NAME builder on|off",
     "Lets a connected player build without a bag and change how anything looks, or not.",
     console_role, true},
    {"image list", "", "Lists the pictures that are known, at most 200.", console_image_list,
     false},
    {"image show", "ID", "Shows a picture's facts, and which images use it.", console_image_show,
     false},
    {"image ban", "ID", "Forbids a picture: what uses it is shown without it.", console_image_ban,
     true},
    {"image unban", "ID", "Allows a picture again.", console_image_unban, true},
    {"image configs", "",
     "Lists how things are drawn that do not look like their types, at most 200.",
     console_image_configs, false},
    {"image", "X Y [JSON|reset]",
     "Shows how what stands in a cell is drawn, and changes it: {\"size\": px, "
     "\"fixed_screen_angle\": rad or null, \"draw_offset_x\": px, \"draw_offset_y\": px, "
     "\"custom_image\": ID or null}; \"custom_image_data\" takes a PNG as a data: URL.",
     console_image, true},
    {"structure place", "TYPE X Y", "Places a structure, its primary cell there, at no cost.",
     console_structure_place, true},
    {"structure remove", "X Y", "Removes the structure that stands there; nobody gets anything.",
     console_structure_remove, true},
    {"structure list", "", "Lists the structures in memory, at most 200.", console_structure_list,
     false},
    {"content reload", "",
     "Reads the content folder again; what is wrong, or lacks what is in use, changes nothing.",
     console_content_reload, true},
    {"save", "", "Keeps everything now; returns when it is in PostgreSQL.", run_save, true},
    {"cache stats", "",
     "Shows what is in the caches, and how often chunks, characters and pictures came from which.",
     run_cache_stats, false},
    {"cache clear", "[chunks|characters|pictures]",
     "Empties the caches, in Redis too: all, or of one kind. It costs only time.", run_cache_clear,
     true},
    {"backup now", "", "Makes a backup of the world's database.", console_keep, false},
    {"backup list", "", "Lists the backups, newest first.", console_keep, false},
    {"backup verify", "[NAME]",
     "Restores a backup, or the newest, into a database of its own and looks whether it is well.",
     console_keep, false},
    {"backup prune", "", "Removes the backups that are more than backup_keep.", console_keep,
     false},
    {"backup restore", "NAME [--to-tick N | --to-time T]",
     "The world goes back to what it was at a backup, or with the journal at the end of a later "
     "tick or at a time in UTC (2026-11-29T08:52:16Z); players stay connected.",
     console_keep, false},
    {"backup start", "", "Makes backups by itself from now on, every backup_every_s seconds.",
     console_keep, false},
    {"backup stop", "", "Makes no backups by itself any more, until the server starts again.",
     console_keep, false},
    {"check", "",
     "Looks whether memory, journal and database agree and hold together; reads the whole world.",
     console_check, false},
    {"db stats", "", "Shows how large the database's tables are.", console_keep, false},
    {"db optimize", "",
     "Tidies the database's tables up (VACUUM, ANALYZE), and shows their sizes before and after.",
     console_keep, false},
    {"quarantine list", "",
     "Lists what the database refuses: by key, since when, and why; at most 200.", console_keep,
     false},
    {"quarantine retry", "[KIND ID]",
     "Writes what is in quarantine to its tables, all or one key of the list; what is still "
     "refused "
     "stays.",
     console_keep, false},
    {"quarantine drop", "all|KIND ID",
     "Gives up what is in quarantine: from the next start on the tables' rows count.", console_keep,
     false},
    {"stop", "", "Saves, says goodbye to the players and stops the server.", run_stop, true},
    {NULL, NULL, NULL, NULL, false},
};

const struct console_command *console_commands(void)
{
    return commands;
}
