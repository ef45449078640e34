#include "bottle/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "bottle/audit.h"
#include "bottle/pages.h"
#include "bottle/player.h"
#include "bottle/walk.h"
#include "wire/framing.h"

enum { INTENTS_MAX = 1 << 16 /* of a player */, DONE_BITS = 64 };
enum { TOLD_WORDS = 1, TOLD_LASTS = 2 };

/* What the journal has of a player. */
struct chronicle {
    uint64_t account, character;
    uint8_t *is_done; /* by number of the intent */
    uint8_t *told;    /* likewise: TOLD_WORDS, TOLD_LASTS */
};

struct history {
    struct bottle *bottle;
    struct pages pages;
    struct hash128 hash;         /* of all that is kept */
    struct record_header header; /* of the present record */
    struct change_chunk *marks;  /* all of them; their versions rise */
    uint32_t mark_count, marks_max;
    struct chronicle players[BOTTLE_PLAYERS_MAX];
};

static bool tell(struct history *history, const char *words, const char *name)
{
    return bottle_tell(history->bottle, "record %llu (tick %llu): %s (%s)",
                       (unsigned long long)history->header.seq,
                       (unsigned long long)history->header.tick, words, name);
}

/* --- reading --------------------------------------------------------------------------------- */

static void take_account(struct history *history, const struct change_account *account)
{
    for (uint32_t i = 0; i < history->bottle->player_count; i++) {
        const char *name = history->bottle->players[i]->name;
        if (strlen(name) == account->name.size_bytes &&
            memcmp(name, account->name.bytes, account->name.size_bytes) == 0)
            history->players[i].account = account->id.value;
    }
}

/* What is done stays done; what has left the window is as it was. */
static bool take_character(struct history *history, const struct change_character *character)
{
    uint32_t i = 0;
    while (i < history->bottle->player_count &&
           history->players[i].account != character->account.value)
        i++;
    if (i == history->bottle->player_count)
        return true; /* of nobody that is watched */
    struct chronicle *player = &history->players[i];
    player->character = character->id.value;
    if (character->last_intent >= INTENTS_MAX)
        return tell(history, "too many intents", history->bottle->players[i]->name);
    for (uint32_t age = 0; age < DONE_BITS && age < character->last_intent; age++) {
        uint8_t *is_done = &player->is_done[character->last_intent - age];
        bool is_now = (character->done >> age & 1) != 0;
        if (*is_done && !is_now)
            return tell(history, "what was done is not any more",
                        history->bottle->players[i]->name);
        *is_done = is_now;
    }
    return true;
}

static bool take_mark(struct history *history, const struct change_chunk *mark)
{
    if (mark->version != history->header.seq)
        return tell(history, "a chunk has the version of another record", "");
    if (history->mark_count == history->marks_max) {
        history->marks_max = history->marks_max * 2 + 256;
        history->marks = realloc(history->marks, history->marks_max * sizeof *history->marks);
        ensure(history->marks != NULL);
    }
    history->marks[history->mark_count++] = *mark;
    return true;
}

static bool take_change(struct history *history, const struct change *change)
{
    pages_put(&history->pages, change);
    if (change->kind == CHANGE_ACCOUNT)
        take_account(history, &change->account);
    if (change->kind == CHANGE_CHARACTER)
        return take_character(history, &change->character);
    return change->kind != CHANGE_CHUNK || take_mark(history, &change->chunk);
}

/* Moves the hash on by what the record has changed. */
static void move_hash(struct history *history)
{
    const struct page *page;
    for (uint32_t i = 0; (page = pages_touched(&history->pages, i)) != NULL; i++) {
        if (page->was_there)
            history->hash = hash_subtract(history->hash, audit_hash(&page->before));
        if (page->is_there)
            history->hash = hash_add(history->hash, audit_hash(&page->now));
    }
}

static bool take_record(void *state, const struct tail_record *record)
{
    struct history *history = state;
    struct framed framed;
    size_t offset = 0;
    history->header = record->header;
    pages_begin(&history->pages);
    while (framing_next(record->payload, record->header.size_bytes, &offset, &framed)) {
        struct change change;
        if (!framing_change(&framed, &change))
            return tell(history, "a change that cannot be read", "");
        if (!take_change(history, &change))
            return false;
    }
    move_hash(history);
    return hash_is_equal(history->hash, record->header.hash) ||
           tell(history, "the world hash is another: the record is not whole", "");
}

/* --- comparing ------------------------------------------------------------------------------- */

/* Is what was seen of a chunk what the journal has of that version? */
static bool was_there(const struct history *history, const struct ledger_chunk *view)
{
    uint32_t low = 0, high = history->mark_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (history->marks[middle].version < view->version)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < history->mark_count && history->marks[low].version == view->version; low++) {
        if (grid_is_same_chunk(history->marks[low].chunk, view->chunk))
            return hash_is_equal(history->marks[low].hash, view->hash);
    }
    return false;
}

static bool are_views_right(struct history *history)
{
    const struct ledger *ledger = &history->bottle->ledger;
    for (uint32_t i = 0; i < ledger->view_count; i++) {
        const struct ledger_chunk *view = &ledger->views[i];
        if (!was_there(history, view))
            return bottle_tell(history->bottle,
                               "players saw version %llu of chunk (%d,%d), and it never was",
                               (unsigned long long)view->version, view->chunk.x, view->chunk.y);
    }
    return true;
}

static bool take_outcome(struct history *history, const struct ledger_outcome *outcome)
{
    struct chronicle *player = &history->players[outcome->player];
    const char *name = history->bottle->players[outcome->player]->name;
    uint8_t as = outcome->lasts ? TOLD_LASTS : TOLD_WORDS;
    if (outcome->number >= INTENTS_MAX || (outcome->lasts && !player->is_done[outcome->number]))
        return bottle_tell(history->bottle, "%s was told that intent %u is done, and it is not",
                           name, outcome->number);
    bool is_twice = outcome->lasts && (player->told[outcome->number] & as) != 0;
    player->told[outcome->number] |= as;
    return !is_twice || bottle_tell(history->bottle, "%s was told twice that intent %u is done",
                                    name, outcome->number);
}

static bool are_outcomes_right(struct history *history)
{
    struct bottle *bottle = history->bottle;
    for (uint32_t i = 0; i < bottle->ledger.outcome_count; i++) {
        if (!take_outcome(history, &bottle->ledger.outcomes[i]))
            return false;
    }
    for (uint32_t i = 0; i < bottle->player_count; i++) {
        for (uint32_t n = 0; n < INTENTS_MAX; n++) {
            if (history->players[i].is_done[n] && history->players[i].told[n] == 0)
                return bottle_tell(bottle, "intent %u of %s is done, and it was not told so", n,
                                   bottle->players[i]->name);
        }
    }
    return true;
}

bool history_audit(struct bottle *bottle)
{
    struct history *history = calloc(1, sizeof *history);
    uint8_t *flags = calloc(bottle->player_count + (size_t)1, 2 * (size_t)INTENTS_MAX);
    ensure(history != NULL && flags != NULL);
    history->bottle = bottle;
    for (uint32_t i = 0; i < bottle->player_count; i++) {
        history->players[i].is_done = flags + 2 * (size_t)INTENTS_MAX * i;
        history->players[i].told = history->players[i].is_done + INTENTS_MAX;
    }
    bool is_right = walk_journal(bottle, take_record, history) && are_views_right(history) &&
                    are_outcomes_right(history);
    pages_finish(&history->pages);
    free(history->marks);
    free(flags);
    free(history);
    return is_right;
}
