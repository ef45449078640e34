#include "commands.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands_parts.h"
#include "grid/grid.h"

enum { DAY_MS = 86400000, FREE_SIDE = 7 /* cells looked at around the player, on a side */ };

struct command {
    const char *name;
    const char *arguments; /* for people */
    const char *help;
    uint32_t least, most; /* words behind the name */
    enum outcome (*start)(struct commands *commands);
    enum outcome (*run)(struct commands *commands);
};

enum outcome commands_fail(struct commands *commands, const char *words)
{
    text_json_string(&commands->output, "error", words);
    return OUTCOME_FAILED;
}

bool commands_number(struct commands *commands, uint32_t word, int32_t *out_value)
{
    int64_t value;
    char error[COMMANDS_LINE_BYTES + 64];
    if (text_parse_integer(commands->words[word], INT32_MIN, INT32_MAX, &value)) {
        *out_value = (int32_t)value;
        return true;
    }
    (void)snprintf(error, sizeof error, "\"%s\" is not a whole number from %d to %d",
                   commands->words[word], INT32_MIN, INT32_MAX);
    (void)commands_fail(commands, error);
    return false;
}

bool commands_numbers(struct commands *commands, uint32_t word, int32_t *out_x, int32_t *out_y)
{
    return commands_number(commands, word, out_x) && commands_number(commands, word + 1, out_y);
}

/* A word as a cell's number; ~ and ~N count from the player's own, `here`. */
static bool read_axis(struct commands *commands, uint32_t word, int32_t here, int32_t *out_value)
{
    const char *text = commands->words[word];
    int64_t away = 0;
    char error[COMMANDS_LINE_BYTES + 64];
    if (text[0] != '~')
        return commands_number(commands, word, out_value);
    if (text[1] == 0 || text_parse_integer(text + 1, INT16_MIN, INT16_MAX, &away)) {
        *out_value = (int32_t)(here + away);
        return true;
    }
    (void)snprintf(error, sizeof error, "\"%s\" is not ~ and a whole number from %d to %d", text,
                   INT16_MIN, INT16_MAX);
    (void)commands_fail(commands, error);
    return false;
}

bool commands_cell(struct commands *commands, uint32_t word, int32_t *out_x, int32_t *out_y)
{
    struct tilth_position here = {0};
    (void)tilth_client_position(commands->client, &here);
    return read_axis(commands, word, here.cell_x, out_x) &&
           read_axis(commands, word + 1, here.cell_y, out_y);
}

static bool is_free(const struct commands *commands, struct cell_pos pos)
{
    struct tilth_cell cell;
    return tilth_client_cell(commands->client, pos.x, pos.y, &cell) && !cell.is_solid &&
           cell.type_count == 0;
}

/* The nearest cell within reach that is free and not the player's; false and the error when there
 * is none. */
static bool find_free(struct commands *commands, int32_t *out_x, int32_t *out_y)
{
    struct tilth_position here = {0};
    struct tilth_facts facts = {.reach_px = 0};
    int64_t nearest = INT64_MAX;
    (void)tilth_client_position(commands->client, &here);
    (void)tilth_client_facts(commands->client, &facts);
    for (int32_t i = 0; i < FREE_SIDE * FREE_SIDE; i++) {
        struct cell_pos cell = {here.cell_x + i % FREE_SIDE - FREE_SIDE / 2,
                                here.cell_y + i / FREE_SIDE - FREE_SIDE / 2};
        struct world_pos middle = grid_cell_middle(cell);
        int64_t x = middle.x - here.x, y = middle.y - here.y;
        int64_t away = x * x + y * y;
        bool is_own = llabs(x) < TILTH_CELL_UNITS && llabs(y) < TILTH_CELL_UNITS;
        if (is_own || away >= nearest || !is_free(commands, cell) ||
            !grid_is_within_reach((struct world_pos){here.x, here.y}, cell, facts.reach_px))
            continue;
        nearest = away;
        *out_x = cell.x;
        *out_y = cell.y;
    }
    if (nearest == INT64_MAX)
        (void)commands_fail(commands, "no free cell is within reach");
    return nearest != INT64_MAX;
}

void commands_pair(struct commands *commands, const char *key, int64_t x, int64_t y)
{
    text_json_open(&commands->output, key, '[');
    text_json_number(&commands->output, NULL, x);
    text_json_number(&commands->output, NULL, y);
    text_json_close(&commands->output, ']');
}

void commands_touch(struct commands *commands, int32_t x, int32_t y)
{
    commands_pair(commands, "cell", x, y);
    commands->latest = (struct walker_cell){x, y};
    commands->has_latest = true;
}

static void print_position(struct commands *commands)
{
    struct tilth_position here;
    if (!tilth_client_position(commands->client, &here))
        return;
    commands_pair(commands, "cell", here.cell_x, here.cell_y);
    commands_pair(commands, "units", here.x, here.y);
}

static enum outcome fail_unseen(struct commands *commands)
{
    char words[160];
    (void)snprintf(words, sizeof words,
                   "waited for the land around, and none came for %u ms: %u of %d chunks are there",
                   commands->walker.goal.patience_ms, walker_land(commands->client),
                   WALKER_CHUNKS_AROUND);
    return commands_fail(commands, words);
}

static enum outcome run_walk(struct commands *commands)
{
    enum walker_state state = walker_run(&commands->walker, commands->client, commands->now_ms);
    if (state == WALKER_WALKING)
        return OUTCOME_RUNNING;
    print_position(commands);
    if (state == WALKER_UNSEEN)
        return fail_unseen(commands);
    if (state == WALKER_ARRIVED)
        return OUTCOME_OK;
    bool has_land = walker_land(commands->client) == WALKER_CHUNKS_AROUND;
    return commands_fail(commands,
                         has_land ? "something is in the way"
                                  : "something is in the way, or land that is not in view yet");
}

static enum outcome start_move(struct commands *commands)
{
    int32_t dx = 0, dy = 0;
    if (!commands_numbers(commands, 1, &dx, &dy))
        return OUTCOME_FAILED;
    walker_move(&commands->walker, commands->client, dx, dy, commands->now_ms);
    return OUTCOME_RUNNING;
}

/* The word as a time, 0 to a day; false and the error when it is not one. */
static bool read_ms(struct commands *commands, uint32_t word, uint32_t *out_ms)
{
    int64_t value;
    char error[COMMANDS_LINE_BYTES + 64];
    if (text_parse_integer(commands->words[word], 0, DAY_MS, &value)) {
        *out_ms = (uint32_t)value;
        return true;
    }
    (void)snprintf(error, sizeof error, "\"%s\" is not a number of milliseconds from 0 to %d",
                   commands->words[word], DAY_MS);
    (void)commands_fail(commands, error);
    return false;
}

static enum outcome start_goto(struct commands *commands)
{
    struct walker_goal goal = {.patience_ms = WALKER_PATIENCE_MS};
    if (!commands_cell(commands, 1, &goal.cell.x, &goal.cell.y) ||
        (commands->word_count > 3 && !read_ms(commands, 3, &goal.patience_ms)))
        return OUTCOME_FAILED;
    if (!grid_is_cell(goal.cell.x, goal.cell.y))
        return commands_fail(commands, "the cell is outside of the world");
    walker_goto(&commands->walker, commands->client, goal, commands->now_ms);
    return OUTCOME_RUNNING;
}

static enum outcome start_where(struct commands *commands)
{
    print_position(commands);
    return OUTCOME_OK;
}

enum outcome commands_asked(struct commands *commands, uint32_t number,
                            const struct tilth_error *error)
{
    if (number == 0)
        return commands_fail(commands, error->text);
    text_json_number(&commands->output, "number", number);
    commands->asked_ms = commands->now_ms;
    commands->numbers[number % COMMANDS_ASKED_MAX] = number;
    (void)snprintf(commands->asked[number % COMMANDS_ASKED_MAX], COMMANDS_LINE_BYTES, "%s",
                   commands->line);
    return OUTCOME_OK;
}

bool commands_must_wait(const struct commands *commands)
{
    return !tilth_client_is_connected(commands->client) ||
           tilth_client_pending(commands->client) >= TILTH_PENDING_MAX / 2 ||
           commands->now_ms < commands->asked_ms + COMMANDS_PAUSE_MS;
}

/* Is in the slot what the line names? */
static bool check_slot(struct commands *commands, uint32_t number)
{
    struct tilth_slot slot;
    bool is_right = !tilth_client_slot(commands->client, number, &slot) ||
                    strcmp(slot.type, commands->words[1]) == 0; /* or the client says why not */
    if (!is_right)
        (void)commands_fail(commands, "something else is in that slot");
    return is_right;
}

static enum outcome start_place(struct commands *commands)
{
    struct tilth_error error;
    int32_t x = 0, y = 0;
    uint32_t slot = 0, number;
    bool has_slot = commands->word_count == 5;
    if (commands->word_count == 3)
        return commands_fail(commands, "usage: place TYPE [X Y [SLOT]]");
    if (has_slot && !commands_count(commands, 4, 0, &slot))
        return OUTCOME_FAILED;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    if (has_slot && !check_slot(commands, slot))
        return OUTCOME_FAILED;
    if (commands->word_count == 2 ? !find_free(commands, &x, &y)
                                  : !commands_cell(commands, 2, &x, &y))
        return OUTCOME_FAILED;
    commands_touch(commands, x, y);
    number = has_slot ? tilth_client_place_from(commands->client, slot, x, y, &error)
                      : tilth_client_place(commands->client, commands->words[1], x, y, &error);
    return commands_asked(commands, number, &error);
}

/* Removes or harvests what is in a cell. */
static enum outcome take_from_cell(struct commands *commands, bool is_harvest)
{
    struct tilth_error error;
    int32_t x = 0, y = 0;
    if (!commands_cell(commands, 1, &x, &y))
        return OUTCOME_FAILED;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    commands_touch(commands, x, y);
    uint32_t number = is_harvest ? tilth_client_harvest(commands->client, x, y, &error)
                                 : tilth_client_remove(commands->client, x, y, &error);
    return commands_asked(commands, number, &error);
}

static enum outcome start_remove(struct commands *commands)
{
    return take_from_cell(commands, false);
}

static enum outcome start_harvest(struct commands *commands)
{
    return take_from_cell(commands, true);
}

static enum outcome start_say(struct commands *commands)
{
    struct tilth_error error;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    const char *text = commands->line + strlen("say");
    while (isspace((unsigned char)*text))
        text++;
    return commands_asked(commands, tilth_client_say(commands->client, text, &error), &error);
}

static enum outcome start_players(struct commands *commands)
{
    struct tilth_actor actors[TILTH_ACTORS_MAX];
    size_t count = tilth_client_actors(commands->client, actors, TILTH_ACTORS_MAX);
    text_json_open(&commands->output, "players", '[');
    for (size_t i = 0; i < count; i++) {
        text_json_open(&commands->output, NULL, '{');
        text_json_string(&commands->output, "name", actors[i].name);
        commands_pair(commands, "units", actors[i].x, actors[i].y);
        commands_pair(commands, "heading", actors[i].dx, actors[i].dy);
        if (actors[i].work >= 0)
            text_json_number(&commands->output, "percent_done", actors[i].work);
        text_json_close(&commands->output, '}');
    }
    text_json_close(&commands->output, ']');
    return OUTCOME_OK;
}

static enum outcome start_wait(struct commands *commands)
{
    uint32_t wait_ms = 0;
    if (!read_ms(commands, 1, &wait_ms))
        return OUTCOME_FAILED;
    commands->until_ms = commands->now_ms + wait_ms;
    return OUTCOME_RUNNING;
}

static enum outcome run_wait(struct commands *commands)
{
    return commands->now_ms < commands->until_ms ? OUTCOME_RUNNING : OUTCOME_OK;
}

static enum outcome start_settle(struct commands *commands)
{
    commands->until_ms = commands->now_ms + COMMANDS_SETTLE_MS;
    return OUTCOME_RUNNING;
}

static enum outcome run_settle(struct commands *commands)
{
    if (tilth_client_pending(commands->client) == 0)
        return OUTCOME_OK;
    return commands->now_ms < commands->until_ms ? OUTCOME_RUNNING
                                                 : commands_fail(commands, "no answer for 60 s");
}

static enum outcome start_stats(struct commands *commands)
{
    struct tilth_stats stats;
    tilth_client_stats(commands->client, &stats);
    text_json_number(&commands->output, "corrections", stats.corrections);
    text_json_number(&commands->output, "corrections_expected", stats.corrections_expected);
    text_json_number(&commands->output, "correction_units_max", stats.correction_units_max);
    text_json_number(&commands->output, "round_trip_ms", stats.round_trip_ms);
    text_json_number(&commands->output, "resyncs", stats.resyncs);
    text_json_number(&commands->output, "events_dropped", stats.events_dropped);
    text_json_number(&commands->output, "snapshots", stats.snapshots);
    text_json_number(&commands->output, "bytes_in", (int64_t)stats.bytes_in);
    text_json_number(&commands->output, "bytes_out", (int64_t)stats.bytes_out);
    return OUTCOME_OK;
}

static enum outcome start_help(struct commands *commands);

static enum outcome start_quit(struct commands *commands)
{
    commands->is_quitting = true;
    return OUTCOME_OK;
}

static const struct command commands_table[] = {
    {"move", "DX DY", "walk straight by so many cells, until there or blocked", 2, 2, start_move,
     run_walk},
    {"goto", "X Y [WAIT_MS]",
     "walk to a cell, around obstacles; waits WAIT_MS (5000) for land to come", 2, 3, start_goto,
     run_walk},
    {"where", "", "own position", 0, 0, start_where, NULL},
    {"place", "TYPE [X Y [SLOT]]",
     "place a thing into a cell, or into the nearest that is free; the one in a slot of the bag", 1,
     4, start_place, start_place},
    {"remove", "X Y", "remove what is in a cell", 2, 2, start_remove, start_remove},
    {"harvest", "X Y", "harvest what is in a cell, standing still until it is done", 2, 2,
     start_harvest, start_harvest},
    {"drop", "SLOT [N] [X Y]", "drop N or all things of a slot of the bag, here or into a cell", 1,
     4, commands_drop, commands_drop},
    {"pickup", "X Y [PILE]", "pick up the oldest pile in a cell, or the one of this id", 2, 3,
     commands_pickup, commands_pickup},
    {"give", "SLOT N NAME", "offer N things of a slot to a player nearby", 3, 3, commands_give,
     commands_give},
    {"offers", "", "what others offer now", 0, 0, commands_offers, NULL},
    {"accept", "NAME", "take what that player offers", 1, 1, commands_accept, commands_accept},
    {"decline", "NAME", "do not take what that player offers", 1, 1, commands_decline,
     commands_decline},
    {"build", "TYPE X Y", "build a structure, its primary cell there", 3, 3, commands_build,
     commands_build},
    {"unbuild", "X Y", "take down the structure that the cell belongs to", 2, 2, commands_unbuild,
     commands_unbuild},
    {"image", "X Y [JSON]",
     "how what stands in a cell is drawn; or draw it so: size, fixed_screen_angle, draw_offset_x, "
     "draw_offset_y, custom_image if wanted",
     2, UINT32_MAX, commands_image, commands_image},
    {"image-file", "X Y FILE [JSON]",
     "send a PNG file to the world, and draw what stands in a cell with it", 3, UINT32_MAX,
     commands_image_file, commands_run_image_file},
    {"picture", "ID FILE", "write a picture that was fetched into a file", 2, 2, commands_picture,
     NULL},
    {"reset", "X Y", "draw what stands in a cell as its type again", 2, 2, commands_reset,
     commands_reset},
    {"cell", "[X Y]", "what is in a cell, or in the one that a command changed last", 0, 2,
     commands_look, NULL},
    {"occupied", "X Y", "does something stand in a cell?", 2, 2, commands_occupied, NULL},
    {"chunk", "CX CY", "entities of a chunk, and a hash of all that was changed", 2, 2,
     commands_chunk, NULL},
    {"type", "NAME", "what is known of a type: its price, what harvesting it takes, ...", 1, 1,
     commands_type, NULL},
    {"structures", "", "the structures in view, nearest chunks first", 0, 0, commands_structures,
     NULL},
    {"piles", "", "what lies on the ground in view, nearest chunks first", 0, 0, commands_piles,
     NULL},
    {"inventory", "", "what is in the own bag", 0, 0, commands_inventory, NULL},
    {"slot", "WAY FROM INTO [N]", "move, split, merge or swap what is in slots of the bag", 3, 4,
     commands_slot, commands_slot},
    {"skills", "", "own progress in skills", 0, 0, commands_skills, NULL},
    {"say", "TEXT", "say something to all", 1, UINT32_MAX, start_say, start_say},
    {"players", "", "the other players in view", 0, 0, start_players, NULL},
    {"wait", "MS", "wait so many milliseconds", 1, 1, start_wait, run_wait},
    {"settle", "", "wait until all that was asked is confirmed durable, or refused", 0, 0,
     start_settle, run_settle},
    {"stats", "", "corrections, round trip, traffic", 0, 0, start_stats, NULL},
    {"help", "", "this list", 0, 0, start_help, NULL},
    {"quit", "", "end, after waiting for answers and for the last steps", 0, 0, start_quit, NULL},
};

enum { COMMAND_COUNT = sizeof commands_table / sizeof commands_table[0] };

static enum outcome start_help(struct commands *commands)
{
    text_json_open(&commands->output, "commands", '{');
    for (uint32_t i = 0; i < COMMAND_COUNT; i++) {
        char help[160];
        (void)snprintf(help, sizeof help, "%s%s%s", commands_table[i].arguments,
                       commands_table[i].arguments[0] != 0 ? ": " : "", commands_table[i].help);
        text_json_string(&commands->output, commands_table[i].name, help);
    }
    text_json_close(&commands->output, '}');
    return OUTCOME_OK;
}

void commands_help(void)
{
    for (uint32_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-11s%-18s  %s\n", commands_table[i].name, commands_table[i].arguments,
               commands_table[i].help);
}

void commands_init(struct commands *commands, struct tilth_client *client)
{
    memset(commands, 0, sizeof *commands);
    commands->client = client;
    text_init(&commands->output, commands->output_bytes, sizeof commands->output_bytes);
}

static void begin_output(struct commands *commands, const char *key, const char *value)
{
    text_clear(&commands->output);
    text_json_open(&commands->output, NULL, '{');
    text_json_string(&commands->output, key, value);
}

static void end_output(struct commands *commands)
{
    text_json_close(&commands->output, '}');
    printf("%s\n", commands->output.bytes);
    (void)fflush(stdout);
}

static void finish(struct commands *commands, enum outcome outcome)
{
    commands->is_running = outcome == OUTCOME_RUNNING;
    if (commands->is_running)
        return;
    commands->has_failed = commands->has_failed || outcome == OUTCOME_FAILED;
    text_json_bool(&commands->output, "ok", outcome == OUTCOME_OK);
    end_output(commands);
}

/* Cuts the line at white space; words beyond the last that any command takes are counted only. */
static void split_line(struct commands *commands)
{
    char *at = commands->split;
    (void)snprintf(commands->split, sizeof commands->split, "%s", commands->line);
    commands->word_count = 0;
    while (*at != 0) {
        while (isspace((unsigned char)*at))
            *at++ = 0;
        if (*at == 0)
            break;
        if (commands->word_count < COMMANDS_WORDS_MAX)
            commands->words[commands->word_count] = at;
        commands->word_count++;
        while (*at != 0 && !isspace((unsigned char)*at))
            at++;
    }
}

/* The number of the command that the first word names, or COMMAND_COUNT; *out_nearest is the one
 * that was meant, or COMMAND_COUNT when it is none nearly. */
static uint32_t find_command(const struct commands *commands, uint32_t *out_nearest)
{
    uint32_t least = UINT32_MAX;
    *out_nearest = COMMAND_COUNT;
    for (uint32_t i = 0; i < COMMAND_COUNT; i++) {
        uint32_t away = text_misspelt(commands->words[0], commands_table[i].name);
        if (away == 0)
            return i;
        if (away < least)
            *out_nearest = i;
        least = away < least ? away : least;
    }
    return COMMAND_COUNT;
}

static enum outcome fail_unknown(struct commands *commands, uint32_t nearest)
{
    char words[96];
    if (nearest == COMMAND_COUNT)
        return commands_fail(commands, "there is no such command; help lists them");
    (void)snprintf(words, sizeof words, "there is no such command; did you mean \"%s\"?",
                   commands_table[nearest].name);
    return commands_fail(commands, words);
}

static enum outcome start_command(struct commands *commands)
{
    char words[COMMANDS_LINE_BYTES];
    uint32_t nearest;
    commands->command = find_command(commands, &nearest);
    if (commands->command == COMMAND_COUNT)
        return fail_unknown(commands, nearest);
    const struct command *command = &commands_table[commands->command];
    if (commands->word_count - 1 < command->least || commands->word_count - 1 > command->most) {
        (void)snprintf(words, sizeof words, "usage: %s%s%s", command->name,
                       command->arguments[0] != 0 ? " " : "", command->arguments);
        return commands_fail(commands, words);
    }
    return command->start(commands);
}

/* Takes the line without white space around it; false when it is too long, then only its begin. */
static bool take_line(struct commands *commands, const char *line)
{
    while (isspace((unsigned char)*line))
        line++;
    size_t size = strlen(line);
    while (size > 0 && isspace((unsigned char)line[size - 1]))
        size--;
    bool is_fit = size < COMMANDS_LINE_BYTES;
    size = is_fit ? size : COMMANDS_LINE_BYTES - 1;
    memcpy(commands->line, line, size);
    commands->line[size] = 0;
    split_line(commands);
    return is_fit;
}

void commands_start(struct commands *commands, const char *line, uint64_t now_ms)
{
    commands->now_ms = now_ms;
    bool is_fit = take_line(commands, line);
    if (commands->word_count == 0 || commands->words[0][0] == '#')
        return;
    begin_output(commands, "command", commands->words[0]);
    finish(commands,
           is_fit ? start_command(commands) : commands_fail(commands, "the line is too long"));
}

void commands_run(struct commands *commands, uint64_t now_ms)
{
    commands->now_ms = now_ms;
    if (!commands->is_running)
        return;
    begin_output(commands, "command", commands->words[0]);
    finish(commands, commands_table[commands->command].run(commands));
}

void commands_skip(struct commands *commands, const char *line, const char *words)
{
    (void)take_line(commands, line);
    if (commands->word_count == 0 || commands->words[0][0] == '#')
        return;
    begin_output(commands, "command", commands->words[0]);
    finish(commands, commands_fail(commands, words));
}

void commands_give_up(struct commands *commands, const char *words)
{
    if (commands->is_running) {
        begin_output(commands, "command", commands->words[0]);
        finish(commands, commands_fail(commands, words));
    }
    for (uint32_t i = 0; i < COMMANDS_ASKED_MAX; i++) {
        if (commands->numbers[i] == 0)
            continue;
        begin_output(commands, "event", "unanswered"); /* whether it happened is not known */
        text_json_number(&commands->output, "number", commands->numbers[i]);
        text_json_string(&commands->output, "asked", commands->asked[i]);
        text_json_string(&commands->output, "words", words);
        end_output(commands);
        commands->numbers[i] = 0;
        commands->has_failed = true;
    }
}

static void tell_outcome(struct commands *commands, const struct tilth_event *event,
                         const char *name)
{
    begin_output(commands, "event", name);
    text_json_number(&commands->output, "number", event->number);
    text_json_string(&commands->output, "asked",
                     commands->asked[event->number % COMMANDS_ASKED_MAX]);
    if (event->kind == TILTH_EVENT_REFUSED) {
        text_json_string(&commands->output, "refusal", event->name);
        text_json_string(&commands->output, "words", event->text);
    }
    commands->numbers[event->number % COMMANDS_ASKED_MAX] = 0;
    commands->has_failed = commands->has_failed || event->kind != TILTH_EVENT_DONE;
    end_output(commands);
}

static void tell_connected(struct commands *commands)
{
    struct tilth_facts facts;
    begin_output(commands, "event", "connected");
    if (tilth_client_facts(commands->client, &facts)) {
        text_json_string(&commands->output, "world", facts.world);
        text_json_number(&commands->output, "tick_hz", facts.tick_hz);
    }
    print_position(commands);
    end_output(commands);
}

static void tell_simple(struct commands *commands, const struct tilth_event *event)
{
    bool is_said = event->kind == TILTH_EVENT_SAID;
    begin_output(commands, "event", is_said ? "said" : "disconnected");
    if (is_said)
        text_json_string(&commands->output, "name", event->name);
    text_json_string(&commands->output, is_said ? "text" : "words", event->text);
    end_output(commands);
}

static void tell_corrected(struct commands *commands, const struct tilth_event *event)
{
    begin_output(commands, "event", "corrected");
    commands_pair(commands, "by_units", event->x, event->y);
    end_output(commands);
}

static void tell_level(struct commands *commands, const struct tilth_event *event)
{
    begin_output(commands, "event", "level_up");
    text_json_string(&commands->output, "skill", event->name);
    text_json_number(&commands->output, "level", event->x);
    end_output(commands);
}

static void tell_upload(struct commands *commands, const struct tilth_event *event)
{
    bool is_kept = event->kind == TILTH_EVENT_UPLOADED;
    if (event->number == commands->upload) {
        commands->is_upload_done = true;
        commands->is_upload_kept = is_kept;
        (void)snprintf(commands->upload_text, sizeof commands->upload_text, "%s", event->text);
        return; /* the command tells */
    }
    begin_output(commands, "event", is_kept ? "uploaded" : "upload_failed");
    text_json_number(&commands->output, "number", event->number);
    text_json_string(&commands->output, is_kept ? "picture" : "words", event->text);
    commands->has_failed = commands->has_failed || !is_kept;
    end_output(commands);
}

static void tell_bare(struct commands *commands, const char *name)
{
    begin_output(commands, "event", name);
    end_output(commands);
}

static void tell_offer(struct commands *commands, const struct tilth_event *event)
{
    begin_output(commands, "event", event->x > 0 ? "offered" : "offer_over");
    text_json_string(&commands->output, "name", event->name);
    if (event->x > 0) {
        text_json_string(&commands->output, "item", event->text);
        text_json_number(&commands->output, "quantity", event->x);
    }
    end_output(commands);
}

void commands_tell(struct commands *commands, const struct tilth_event *event)
{
    switch (event->kind) {
    case TILTH_EVENT_DONE:
        tell_outcome(commands, event, "done");
        break;
    case TILTH_EVENT_REFUSED:
        tell_outcome(commands, event, "refused");
        break;
    case TILTH_EVENT_LOST:
        tell_outcome(commands, event, "lost");
        break;
    case TILTH_EVENT_CONNECTED:
        tell_connected(commands);
        break;
    case TILTH_EVENT_DISCONNECTED:
    case TILTH_EVENT_SAID:
        tell_simple(commands, event);
        break;
    case TILTH_EVENT_CORRECTED:
        tell_corrected(commands, event);
        break;
    case TILTH_EVENT_LEVEL_UP:
        tell_level(commands, event);
        break;
    case TILTH_EVENT_UPLOADED:
    case TILTH_EVENT_UPLOAD_FAILED:
        tell_upload(commands, event);
        break;
    case TILTH_EVENT_OFFERED:
        tell_offer(commands, event);
        break;
    case TILTH_EVENT_CONTENT_CHANGED:
        tell_bare(commands, "content_changed");
        break;
    case TILTH_EVENT_RESTORED:
        tell_bare(commands, "restored");
        break;
    case TILTH_EVENT_NONE:
    case TILTH_EVENT_CELL_CHANGED:
    case TILTH_EVENT_CHUNK_APPEARED:
    case TILTH_EVENT_CHUNK_VANISHED:
    case TILTH_EVENT_ACTOR_APPEARED:
    case TILTH_EVENT_ACTOR_VANISHED:
    case TILTH_EVENT_NAMED:
    case TILTH_EVENT_SLOT_CHANGED:
    case TILTH_EVENT_SKILL_CHANGED:
    case TILTH_EVENT_LOOK:
    case TILTH_EVENT_PICTURE:
        break;
    }
}
