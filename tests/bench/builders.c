/* builders ADDRESS PORT CLIENTS: players of one program that build as fast as they get answers.
 *
 * They walk to places of their own around the middle, say so in one JSON object a line, and then
 * stand still. For each line `COUNT` on standard input they change so many cells together, placing
 * floor tiles around them and removing them again, and say how many were done and refused. They
 * leave at the end of the input. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ensure.h"
#include "tilth.h"
#include "walker.h"

enum {
    CLIENTS_MAX = 64,
    CELLS_MAX = 1024, /* of a client */
    REACH_CELLS = 20,
    APART_CELLS = 90, /* from one place to the next */
    PAUSE_US = 4000,
    LINE_BYTES = 64,
    WALK_US_MAX = 60000000,
    BURST_US_MAX = 120000000,
    COUNT_MAX = 10000000,
};

struct cell {
    int32_t x, y;
    bool is_placed, is_asked;
    uint32_t number; /* of the intent that is asked */
};

struct builder {
    struct tilth_client *client;
    struct walker walker;
    bool is_there;
    struct cell cells[CELLS_MAX];
    uint32_t cell_count, next;
};

struct crew {
    struct builder *builders;
    uint32_t count;
    uint64_t asked, done, refused;
};

static void fail(const char *words)
{
    (void)fprintf(stderr, "builders: %s\n", words);
    exit(EXIT_FAILURE);
}

static uint64_t now_us(void)
{
    return clock_now().mono_us;
}

/* ---- what happens ---- */

static void note_outcome(struct crew *crew, struct builder *builder,
                         const struct tilth_event *event)
{
    for (uint32_t i = 0; i < builder->cell_count; i++) {
        struct cell *cell = &builder->cells[i];
        if (!cell->is_asked || cell->number != event->number)
            continue;
        cell->is_asked = false;
        cell->is_placed ^= event->kind == TILTH_EVENT_DONE;
        break;
    }
    crew->done += event->kind == TILTH_EVENT_DONE;
    crew->refused += event->kind != TILTH_EVENT_DONE;
}

static void listen(struct crew *crew, struct builder *builder)
{
    struct tilth_event event;
    tilth_client_update(builder->client, now_us() / 1000);
    while (tilth_client_next(builder->client, &event)) {
        if (event.kind == TILTH_EVENT_DISCONNECTED)
            fail(event.text);
        if (event.kind == TILTH_EVENT_DONE || event.kind == TILTH_EVENT_REFUSED)
            note_outcome(crew, builder, &event);
    }
}

static void listen_all(struct crew *crew)
{
    for (uint32_t i = 0; i < crew->count; i++)
        listen(crew, &crew->builders[i]);
}

/* ---- coming ---- */

static void join_all(struct crew *crew, const char *address, uint16_t port)
{
    char name[TILTH_NAME_BYTES];
    struct tilth_error error = {""};
    for (uint32_t i = 0; i < crew->count; i++) {
        (void)snprintf(name, sizeof name, "builder%u", i);
        struct tilth_options options = {
            .address = address, .port = port, .name = name, .without_pictures = 1};
        crew->builders[i].client = tilth_client_create(&options, &error);
        if (crew->builders[i].client == NULL)
            fail(error.text);
    }
}

/* The place of the n-th of so many, in a square around the middle. */
static struct walker_cell place_of(uint32_t n, uint32_t count)
{
    int32_t side = 1;
    while (side * side < (int32_t)count)
        side++;
    return (struct walker_cell){((int32_t)n % side - side / 2) * APART_CELLS,
                                ((int32_t)n / side - side / 2) * APART_CELLS};
}

/* Where one cannot walk any farther, one is there: it is only to be apart. */
static bool walk(struct builder *builder, uint32_t n, uint32_t count)
{
    uint64_t now_ms = now_us() / 1000;
    if (builder->is_there || !tilth_client_is_ready(builder->client))
        return builder->is_there;
    if (builder->walker.goal.patience_ms == 0) {
        struct walker_goal goal = {place_of(n, count), WALKER_PATIENCE_MS};
        walker_goto(&builder->walker, builder->client, goal, now_ms);
    }
    builder->is_there = walker_run(&builder->walker, builder->client, now_ms) != WALKER_WALKING;
    return builder->is_there;
}

static void walk_all(struct crew *crew)
{
    uint64_t end_us = now_us() + WALK_US_MAX;
    uint32_t there = 0;
    while (there < crew->count && now_us() < end_us) {
        listen_all(crew);
        there = 0;
        for (uint32_t i = 0; i < crew->count; i++)
            there += walk(&crew->builders[i], i, crew->count);
        clock_sleep_until(now_us() + PAUSE_US);
    }
    for (uint32_t i = 0; i < crew->count; i++)
        tilth_client_move(crew->builders[i].client, 0, 0);
    if (there == 0)
        fail("nobody has come to his place");
}

static bool is_free(const struct tilth_client *client, int32_t x, int32_t y)
{
    struct tilth_cell cell;
    return tilth_client_is_occupied(client, x, y) == 0 &&
           tilth_client_cell(client, x, y, &cell) == 1 && strcmp(cell.terrain, "water") != 0;
}

/* The free cells around the builder, row by row. */
static void find_cells(struct builder *builder)
{
    struct tilth_position here;
    if (!tilth_client_position(builder->client, &here))
        fail("a builder is nowhere");
    for (int32_t i = 0; i < 4 * REACH_CELLS * REACH_CELLS; i++) {
        int32_t dx = i % (2 * REACH_CELLS) - REACH_CELLS;
        int32_t dy = i / (2 * REACH_CELLS) - REACH_CELLS;
        bool is_near = dx * dx + dy * dy <= 4 || builder->cell_count == CELLS_MAX;
        if (is_near || !is_free(builder->client, here.cell_x + dx, here.cell_y + dy))
            continue;
        builder->cells[builder->cell_count++] =
            (struct cell){.x = here.cell_x + dx, .y = here.cell_y + dy};
    }
}

static void come(struct crew *crew, const char *address, uint16_t port)
{
    uint32_t cells = 0;
    join_all(crew, address, port);
    walk_all(crew);
    for (uint32_t i = 0; i < crew->count; i++) {
        find_cells(&crew->builders[i]);
        cells += crew->builders[i].cell_count;
    }
    if (cells == 0)
        fail("there is no free cell");
    (void)printf("{\"builders\": %u, \"cells\": %u}\n", crew->count, cells);
    (void)fflush(stdout);
}

/* ---- building ---- */

static bool ask(struct builder *builder, struct cell *cell)
{
    cell->number = cell->is_placed
                       ? tilth_client_remove(builder->client, cell->x, cell->y, NULL)
                       : tilth_client_place(builder->client, "floor_tile", cell->x, cell->y, NULL);
    cell->is_asked = cell->number != 0;
    return cell->is_asked;
}

/* As many as may wait for an answer, at most so many. */
static uint64_t ask_some(struct builder *builder, uint64_t count)
{
    uint64_t asked = 0;
    for (uint32_t i = 0; i < builder->cell_count && asked < count; i++) {
        if (tilth_client_pending(builder->client) == TILTH_PENDING_MAX)
            break;
        struct cell *cell = &builder->cells[builder->next];
        builder->next = (builder->next + 1) % builder->cell_count;
        if (!cell->is_asked && ask(builder, cell))
            asked++;
    }
    return asked;
}

static void build(struct crew *crew, uint64_t count)
{
    uint64_t since_us = now_us(), asked = 0;
    crew->done = crew->refused = 0;
    while (crew->done + crew->refused < count && now_us() - since_us < BURST_US_MAX) {
        for (uint32_t i = 0; i < crew->count; i++) {
            asked += ask_some(&crew->builders[i], count - asked);
            listen(crew, &crew->builders[i]);
        }
        clock_sleep_until(now_us() + PAUSE_US);
    }
    (void)printf("{\"done\": %llu, \"refused\": %llu, \"us\": %llu}\n",
                 (unsigned long long)crew->done, (unsigned long long)crew->refused,
                 (unsigned long long)(now_us() - since_us));
    (void)fflush(stdout);
}

/* 1 and a line, 0 when there is none yet, -1 at the end of the input. */
static int next_line(char out_line[LINE_BYTES])
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&input, 1, 0) <= 0)
        return 0;
    ssize_t size = read(STDIN_FILENO, out_line, LINE_BYTES - 1);
    if (size <= 0)
        return size < 0 && errno == EINTR ? 0 : -1;
    out_line[size] = '\0';
    return 1;
}

static void serve(struct crew *crew)
{
    char line[LINE_BYTES];
    int got = 0;
    while (got >= 0) {
        listen_all(crew);
        got = next_line(line);
        if (got > 0) {
            uint64_t count = strtoull(line, NULL, 10);
            build(crew, count < COUNT_MAX ? count : COUNT_MAX);
        }
        clock_sleep_until(now_us() + PAUSE_US);
    }
}

int main(int argc, char **argv)
{
    struct crew crew = {.count = 0};
    uint64_t count = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;
    if (count < 1 || count > CLIENTS_MAX) {
        (void)fprintf(stderr, "builders ADDRESS PORT CLIENTS (1 to %d)\n", CLIENTS_MAX);
        return EXIT_FAILURE;
    }
    crew.count = (uint32_t)count;
    crew.builders = calloc(count, sizeof *crew.builders);
    ensure(crew.builders != NULL);
    come(&crew, argv[1], (uint16_t)strtoul(argv[2], NULL, 10));
    serve(&crew);
    for (uint32_t i = 0; i < crew.count; i++)
        tilth_client_destroy(&crew.builders[i].client);
    free(crew.builders);
    return EXIT_SUCCESS;
}
