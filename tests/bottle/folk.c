#include "bottle/folk.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ensure.h"
#include "bottle/history.h"
#include "png_files.h"

enum {
    GREEN_CELLS = 14, /* they walk about, from the spawn on to each side */
    PENDING_MAX = 5,
    LOOKS = 5,
    TRIES = 12,
    PILES_SEEN = 32,
    COLOURS = 4,
};

static const char more_entities[] =
    "{\"name\": \"stump\", \"solid\": false, \"placeable\": false, \"removable\": true, "
    "\"grows\": {\"into\": \"tree\", \"after_s\": 5}},"
    "{\"name\": \"acorn\", \"solid\": false, \"placeable\": true, \"removable\": true, "
    "\"shares_with\": [\"floor_tile\"], \"grows\": {\"into\": \"large_tree\", \"after_s\": 3}}";

static const char more_structures[] =
    "{\"name\": \"shed\", \"placeable\": true, \"removable\": true, \"width\": 2, \"height\": 2, "
    "\"primary\": [1, 1], \"collision\": [[0, 0]], "
    "\"cost\": [{\"item\": \"wood_block\", \"count\": 2}, {\"item\": \"stone\", \"count\": 1}]},"
    "{\"name\": \"tent\", \"placeable\": true, \"removable\": true, \"width\": 1, \"height\": 3, "
    "\"primary\": [0, 2], \"cost\": [{\"item\": \"grass\", \"count\": 1}]}";

static const char more_kit[] = "{\"item\": \"tree_sapling\", \"count\": 4}, "
                               "{\"item\": \"stone_block\", \"count\": 9}, "
                               "{\"item\": \"floor_tile\", \"count\": 12}, "
                               "{\"item\": \"acorn\", \"count\": 3}";

static void change_content(struct content_folder *content)
{
    static const char *const slow[] = {"\"time_ms\": 2000,", "\"time_ms\": 1500,",
                                       "\"time_ms\": 500,"};
    static const char *const quick[] = {"\"time_ms\": 300, \"leaves\": \"stump\",",
                                        "\"time_ms\": 250,", "\"time_ms\": 60,"};
    for (uint32_t i = 0; i < sizeof slow / sizeof slow[0]; i++)
        content_folder_replace(content, "entities", slow[i], quick[i]);
    content_folder_replace(content, "entities", "\"after_s\": 600", "\"after_s\": 4");
    content_folder_add(content, "entities", more_entities);
    content_folder_replace(content, "structures", "\"time_ms\": 6000,", "\"time_ms\": 400,");
    content_folder_replace(content, "structures", "\"count\": 20", "\"count\": 4");
    content_folder_add(content, "structures", more_structures);
    content_folder_replace(content, "items", "{\"name\": \"stone\"}",
                           "{\"name\": \"stone\", \"stack\": 7, \"lies_s\": 5, \"mixes\": false}");
    for (uint32_t i = 0; i < 2; i++)
        content_folder_replace(content, "items", "\"durability\": 200",
                               "\"durability\": 9, \"lies_s\": 9");
    content_folder_replace(content, "kit", "\"count\": 1", "\"count\": 3");
    content_folder_add(content, "kit", more_kit);
}

void folk_open(struct folk *folk, struct bottle *bottle, uint32_t count)
{
    struct settings *settings = &bottle->settings;
    ensure(count <= BOTTLE_PLAYERS_MAX);
    *folk = (struct folk){.bottle = bottle, .count = count};
    content_folder_open(&folk->content, bottle);
    change_content(&folk->content);
    settings->free_building = false;
    settings->starting_kit = true;
    settings->sessions_max = count;
    settings->characters_max = count + 8;
    settings->entities_max = 8192; /* clients have room for all piles too, then */
    settings->speed_px_s = 300;
    settings->reach_px = 120;
    settings->offer_s = 2;
    settings->slots_max = 16;
    settings->image_keep_s = 20;
    settings->image_editors = (uint32_t)rng_below(&bottle->rng, 2);
    bottle->ledger.is_closed = true;
}

static void key_path(const struct folk *folk, uint32_t member, char out_path[96])
{
    (void)snprintf(out_path, 96, "%s/%u.key", folk->content.path, member);
}

void folk_close(struct folk *folk)
{
    char path[96];
    for (uint32_t i = 0; i < folk->count; i++) {
        key_path(folk, i, path);
        (void)unlink(path);
    }
    content_folder_close(&folk->content);
}

/* --- what they see --------------------------------------------------------------------------- */

static uint32_t below(struct player *player, uint32_t bound)
{
    return (uint32_t)rng_below(&player->bottle->rng, bound);
}

/* A cell around, within reach mostly; where something stands, or nothing does, if one is found. */
static struct cell_pos any_cell(struct player *player, bool is_occupied)
{
    struct cell_pos here = player_cell(player), cell = here;
    for (uint32_t i = 0; i < TRIES; i++) {
        cell = (struct cell_pos){here.x + (int32_t)below(player, 9) - 4,
                                 here.y + (int32_t)below(player, 9) - 4};
        if (tilth_client_is_occupied(player->client, cell.x, cell.y) == is_occupied)
            break;
    }
    return cell;
}

/* A slot, mostly one with something in it. */
static uint32_t any_slot(struct player *player)
{
    struct tilth_slot slot = {.quantity = 0};
    uint32_t slots = player->bottle->settings.slots_max, at = below(player, slots);
    for (uint32_t i = 0; i < TRIES; i++) {
        if (tilth_client_slot(player->client, at, &slot) && slot.quantity > 0)
            break;
        at = below(player, slots);
    }
    return at;
}

static const char *type_in(const struct player *player, uint32_t slot)
{
    struct tilth_slot seen = {.type = ""};
    (void)tilth_client_slot(player->client, slot, &seen);
    return seen.type;
}

static struct tilth_image any_look(struct player *player)
{
    struct tilth_image look = {.size_units = 200 + 7 * below(player, LOOKS), .turns = 1};
    if (below(player, 4) == 0)
        memcpy(look.custom, player->upload, sizeof player->upload);
    return look;
}

/* --- what they do ---------------------------------------------------------------------------- */

static void do_harvest(struct player *player)
{
    struct cell_pos cell = any_cell(player, true);
    player->is_walking = false;
    tilth_client_move(player->client, 0, 0);
    (void)player_harvest(player, cell.x, cell.y);
}

static void do_place(struct player *player)
{
    struct cell_pos cell = any_cell(player, below(player, 5) == 0);
    const char *type = type_in(player, any_slot(player));
    const struct entity_def *def = catalog_find_name(player->bottle->server.catalog, type);
    if (def != NULL && def->kind == KIND_ENTITY)
        (void)player_place(player, type, cell.x, cell.y);
}

static void do_remove(struct player *player)
{
    struct cell_pos cell = any_cell(player, true);
    (void)player_remove(player, cell.x, cell.y);
}

static void do_drop(struct player *player)
{
    (void)player_drop(player, any_slot(player), below(player, 4), any_cell(player, false));
}

static void do_pick_up(struct player *player)
{
    struct tilth_pile piles[PILES_SEEN];
    struct chunk_pos chunk = grid_chunk_of(player_cell(player));
    size_t count = tilth_client_piles(player->client, chunk.x, chunk.y, piles, PILES_SEEN);
    if (count == 0)
        return;
    const struct tilth_pile *pile = &piles[below(player, (uint32_t)count)];
    (void)player_pick_up(player, pile->x, pile->y);
}

static void do_move(struct player *player)
{
    uint32_t from = any_slot(player), into = any_slot(player);
    uint32_t quantity = below(player, 4);
    if (below(player, 3) == 0)
        (void)player_swap(player, from, into);
    else
        (void)player_move_stack(player, from, into, quantity);
}

static void do_give(struct player *player)
{
    struct tilth_actor actors[BOTTLE_PLAYERS_MAX];
    size_t count = tilth_client_actors(player->client, actors, BOTTLE_PLAYERS_MAX);
    if (count == 0)
        return;
    const char *name = actors[below(player, (uint32_t)count)].name;
    if (name[0] != '\0')
        (void)player_give(player, any_slot(player), below(player, 3), name);
}

static void do_answer(struct player *player)
{
    if (player->offer_by[0] != '\0')
        (void)player_answer(player, player->offer_by, below(player, 4) > 0);
}

static void do_build(struct player *player)
{
    static const char *const types[] = {"building", "shed", "tent", "tent"};
    struct cell_pos cell = any_cell(player, false);
    (void)player_build(player, types[below(player, 4)], cell.x, cell.y);
}

static void do_unbuild(struct player *player)
{
    struct cell_pos cell = any_cell(player, true);
    (void)player_unbuild(player, cell.x, cell.y);
}

static void do_modify(struct player *player)
{
    struct cell_pos cell = any_cell(player, true);
    struct tilth_image look = any_look(player);
    (void)player_modify(player, cell.x, cell.y, &look);
}

static void do_reset(struct player *player)
{
    struct cell_pos cell = any_cell(player, true);
    (void)player_reset(player, cell.x, cell.y);
}

static void do_walk(struct player *player)
{
    struct cell_pos middle = player->bottle->server.host->spawn;
    player_head_for(player, middle.x + (int32_t)below(player, 2 * GREEN_CELLS) - GREEN_CELLS,
                    middle.y + (int32_t)below(player, 2 * GREEN_CELLS) - GREEN_CELLS);
}

static void do_upload(struct player *player)
{
    static uint8_t bytes[PNG_BYTES_MAX];
    struct png_look look = {4, 4, 255 + (below(player, COLOURS) << 16), 255};
    (void)tilth_client_upload(player->client, bytes, png_make(&look, bytes), NULL);
}

static void do_say(struct player *player)
{
    (void)player_say(player, "what a day");
}

/* How often they do what, compared to all else. */
struct habit {
    void (*live)(struct player *player);
    uint32_t weight;
};

static const struct habit habits[] = {
    {do_harvest, 10}, {do_place, 7}, {do_remove, 3}, {do_drop, 4},  {do_pick_up, 5},
    {do_move, 4},     {do_give, 2},  {do_answer, 6}, {do_build, 4}, {do_unbuild, 1},
    {do_modify, 3},   {do_reset, 1}, {do_upload, 1}, {do_walk, 3},  {do_say, 1},
};

static void act(struct player *player)
{
    uint32_t total = 0, at = 0;
    for (uint32_t i = 0; i < sizeof habits / sizeof habits[0]; i++)
        total += habits[i].weight;
    uint32_t choice = below(player, total);
    for (; choice >= habits[at].weight; at++)
        choice -= habits[at].weight;
    habits[at].live(player);
}

/* Who has nothing pending may log out for a while. */
static void live_on(struct player *player)
{
    if (player->is_gone) {
        if (below(player, 30) == 0)
            player_wake(player);
    } else if (!player_is_ready(player) || below(player, 2) == 0) {
        return;
    } else if (player->ask_count == 0 && below(player, 150) == 0) {
        player_sleep(player);
    } else if (player->ask_count < PENDING_MAX) {
        act(player);
    }
}

static void come(struct folk *folk)
{
    for (uint32_t i = 0; i < folk->count; i++) {
        char name[16], path[96];
        (void)snprintf(name, sizeof name, "folk%u", i);
        key_path(folk, i, path);
        folk->members[i] =
            player_create(folk->bottle, &(struct player_options){.name = name, .key_path = path});
    }
}

static bool die(struct folk *folk)
{
    struct bottle *bottle = folk->bottle;
    folk->deaths++;
    (rng_chance(&bottle->rng, 500000) ? bottle_crash : bottle_kill)(bottle);
    bottle_run(bottle, rng_below(&bottle->rng, 1500));
    return bottle_start(bottle);
}

void folk_step(struct folk *folk)
{
    if (folk->members[0] == NULL)
        come(folk);
    for (uint32_t i = 0; i < folk->count && folk->bottle->is_running; i++)
        live_on(folk->members[i]);
    bottle_run(folk->bottle, FOLK_STEP_MS);
}

void folk_rest(struct folk *folk)
{
    for (uint32_t i = 0; i < folk->count; i++) {
        if (folk->members[i]->is_gone)
            player_wake(folk->members[i]);
        folk->members[i]->is_walking = false;
        tilth_client_move(folk->members[i]->client, 0, 0);
    }
}

bool folk_live(struct folk *folk, uint64_t duration_ms, uint32_t death_ppm)
{
    struct bottle *bottle = folk->bottle;
    for (uint64_t end_ms = bottle_now_ms() + duration_ms; bottle_now_ms() < end_ms;) {
        folk_step(folk);
        bool dies = rng_chance(&bottle->rng, death_ppm * FOLK_STEP_MS / 1000);
        if (bottle->is_broken || (dies && !die(folk)))
            return false;
    }
    folk_rest(folk);
    return true;
}

bool folk_audit(struct folk *folk, struct books_facts *out_facts)
{
    uint32_t told = 0;
    for (uint32_t i = 0; i < folk->count; i++)
        told += folk->members[i]->harvested;
    if (!books_audit(folk->bottle, out_facts) || !history_audit(folk->bottle))
        return false;
    return out_facts->harvests == told ||
           bottle_tell(folk->bottle, "%u harvests were told as done, %u are in the journal", told,
                       out_facts->harvests);
}
