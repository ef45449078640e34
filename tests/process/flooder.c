/* tilth-flooder ADDRESS PORT NAME KIND RATE SECONDS: connects as a player should, then asks for
 * things RATE times a second, whatever is answered, as long as there is a connection; then connects
 * under another name (NAME0, NAME1, ...), until SECONDS have passed. KIND: place, a floor tile each
 * in another cell; or say. Prints one JSON object for each connection: what was asked, what came of
 * it, the cells that were confirmed, and the words that it was sent away with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "stranger/stranger.h"

enum { STEP_NS = 1000000, JOIN_US = 20000000, FLOOD_US = 20000000, REACH_CELLS = 25 };
enum { TEXT_BYTES = 1 << 18 };

static struct stranger stranger;
static struct cell_pos asked_cells[STRANGER_ASKS_MAX];

static uint64_t now_us(void)
{
    return clock_now().mono_us;
}

static void step(void)
{
    static const struct timespec pause = {.tv_nsec = STEP_NS};
    stranger_step(&stranger, now_us());
    (void)nanosleep(&pause, NULL);
}

/* The n-th cell around where the player stands, row by row. */
static struct cell_pos cell_at(uint32_t n)
{
    struct cell_pos here = grid_cell_of(stranger.welcome.pos);
    int32_t side = 2 * REACH_CELLS + 1;
    int32_t place = (int32_t)(n % (uint32_t)(side * side));
    return (struct cell_pos){here.x - REACH_CELLS + place % side,
                             here.y - REACH_CELLS + place / side};
}

static bool ask(bool is_say)
{
    struct intent intent = {.kind = INTENT_SAY};
    uint32_t number = stranger.next_number;
    intent.say.text = (struct span){(const uint8_t *)"flood", 5};
    if (!is_say) {
        intent = (struct intent){.kind = INTENT_PLACE};
        intent.place.type = catalog_find_name(stranger.catalog, "floor_tile")->type;
        intent.place.cell = cell_at(number);
        asked_cells[number] = intent.place.cell;
    }
    return stranger_ask(&stranger, &intent);
}

/* As many as are due by the clock, however long a step took. */
static void flood(bool is_say, uint64_t rate)
{
    uint64_t start_us = now_us();
    uint64_t passed_us = 0;
    while (stranger.phase == STRANGER_PLAYING && passed_us < FLOOD_US) {
        passed_us = now_us() - start_us;
        while (stranger.asked < passed_us * rate / 1000000 &&
               stranger.next_number + 1 < STRANGER_ASKS_MAX && ask(is_say))
            continue;
        step();
    }
}

static uint32_t count(enum refusal refusal)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < STRANGER_ASKS_MAX; i++)
        found += stranger.outcomes[i] == (uint32_t)refusal + 1;
    return found;
}

static void tell(bool is_say)
{
    static char bytes[TEXT_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    text_json_open(&text, NULL, '{');
    text_json_number(&text, "asked", stranger.asked);
    text_json_number(&text, "done", stranger.done);
    text_json_open(&text, "refused", '{');
    for (int i = 1; i < REFUSAL_COUNT; i++)
        if (count((enum refusal)i) > 0)
            text_json_number(&text, refusal_name((uint32_t)i), count((enum refusal)i));
    text_json_close(&text, '}');
    text_json_open(&text, "cells", '[');
    for (uint32_t i = 0; i < STRANGER_ASKS_MAX && !is_say; i++) {
        if (stranger.outcomes[i] != REFUSAL_NONE + 1)
            continue;
        text_json_open(&text, NULL, '[');
        text_json_number(&text, NULL, asked_cells[i].x);
        text_json_number(&text, NULL, asked_cells[i].y);
        text_json_close(&text, ']');
    }
    text_json_close(&text, ']');
    text_json_bool(&text, "was_rejected", stranger.was_rejected);
    text_json_bool(&text, "may_retry", stranger.may_retry);
    text_json_string(&text, "words", stranger.words);
    text_json_close(&text, '}');
    (void)printf("%s\n", bytes);
}

/* One connection, from the first datagram to the last. False when it did not get in. */
static bool run(const struct link_options *options, const char *name, bool is_say, uint64_t rate)
{
    struct error error;
    if (!stranger_dial(&stranger, options, name, &error)) {
        (void)fprintf(stderr, "%s\n", error.text);
        return false;
    }
    uint64_t late_us = now_us() + JOIN_US;
    while (stranger.phase != STRANGER_PLAYING && stranger.phase != STRANGER_OVER &&
           now_us() < late_us)
        step();
    bool has_joined = stranger.phase == STRANGER_PLAYING;
    stranger.is_stubborn = true;
    if (has_joined)
        flood(is_say, rate);
    tell(is_say);
    stranger_close(&stranger);
    return has_joined;
}

int main(int argc, char **argv)
{
    char name[WORLD_NAME_BYTES + 1];
    if (argc != 7) {
        (void)fprintf(stderr, "usage: tilth-flooder ADDRESS PORT NAME place|say RATE SECONDS\n");
        return 2;
    }
    struct link_options options = {.address = argv[1],
                                   .port = (uint16_t)strtoul(argv[2], NULL, 10)};
    bool is_say = strcmp(argv[4], "say") == 0;
    uint64_t rate = strtoul(argv[5], NULL, 10);
    uint64_t end_us = now_us() + strtoul(argv[6], NULL, 10) * 1000000;
    bool has_joined = true;
    for (uint32_t i = 0; has_joined && now_us() < end_us; i++) {
        (void)snprintf(name, sizeof name, "%.20s%u", argv[3], i);
        has_joined = run(&options, name, is_say, rate);
    }
    return has_joined ? 0 : 1;
}
