/* house.c - a player who builds a house: harvests trees until it has the wood, looks for a free
 * place, builds, and leaves. It needs an axe: new characters have one (kit.json); an
 * operator gives another. What the house costs, and how large it is, the world says.
 *
 *     cc house.c $(pkg-config --cflags --libs tilth) -o house && ./house 127.0.0.1 7400
 *
 * There is no plan beyond the next cell: at each it looks around again and takes the first step to
 * what is nearest. So a tree that somebody else took, a wall in the way, a place that was refused
 * and a push by the server are all the same case. */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tilth.h"

#define HOUSE "building" /* the type that is built */

enum {
    RADIUS = 30, /* cells that it looks around */
    SIDE = 2 * RADIUS + 1,
    STEP_MS = 2000, /* a step that takes longer leads nowhere */
    AVOIDED = 32    /* cells remembered where something was refused */
};

enum task { GATHER, BUILD, LEAVE };
enum { EAST, SOUTH, WEST, NORTH, WAYS };

struct cell {
    int32_t x, y;
};

struct bot {
    struct tilth_client *client;
    struct tilth_type house; /* as of this update */
    struct cell here;
    enum task task;
    uint32_t asked;     /* the intent under way, 0 none */
    struct cell target; /* the tree, or where to build */
    struct cell step;   /* the cell to walk into */
    uint64_t step_ms;   /* since when; 0: it stands still */
    int heading;        /* where to, when there is nothing to do in sight */
    int is_waiting;     /* for an axe, and has said so */
    struct cell avoided[AVOIDED];
    uint32_t avoided_count;
    struct cell queue[SIDE * SIDE]; /* cells reached by the search, nearest first */
    uint32_t from[SIDE * SIDE];     /* the number there of the one before */
    unsigned char is_reached[SIDE][SIDE];
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint32_t count(const struct bot *bot, const char *type)
{
    struct tilth_slot slot;
    uint32_t sum = 0, i;
    for (i = 0; tilth_client_slot(bot->client, i, &slot); i++)
        sum += strcmp(slot.type, type) == 0 ? slot.quantity : 0;
    return sum;
}

/* The first kind of item that the house costs and the bag lacks: NULL when all is there. */
static const struct tilth_count *missing(const struct bot *bot)
{
    uint32_t i;
    for (i = 0; i < bot->house.cost_count; i++)
        if (count(bot, bot->house.costs[i].type) < bot->house.costs[i].count)
            return &bot->house.costs[i];
    return NULL;
}

/* Is what harvesting a tree takes in the bag? */
static int has_tool(const struct bot *bot)
{
    struct tilth_type tree, type;
    struct tilth_slot slot;
    uint32_t i;
    if (!tilth_client_type_facts(bot->client, "tree", &tree) || tree.harvest_tool[0] == 0)
        return 1;
    for (i = 0; tilth_client_slot(bot->client, i, &slot); i++)
        if (tilth_client_type_facts(bot->client, slot.type, &type) &&
            strcmp(type.tool, tree.harvest_tool) == 0)
            return 1;
    return 0;
}

static struct cell beside(struct cell at, int way)
{
    at.x += (way == EAST) - (way == WEST);
    at.y += (way == SOUTH) - (way == NORTH);
    return at;
}

static void avoid_target(struct bot *bot, const char *why)
{
    printf("not at %d, %d: %s\n", (int)bot->target.x, (int)bot->target.y, why);
    bot->avoided[bot->avoided_count++ % AVOIDED] = bot->target;
}

static int is_avoided(const struct bot *bot, struct cell at)
{
    uint32_t i;
    for (i = 0; i < bot->avoided_count && i < AVOIDED; i++)
        if (bot->avoided[i].x == at.x && bot->avoided[i].y == at.y)
            return 1;
    return 0;
}

static int is_tree(const struct bot *bot, struct cell at)
{
    struct tilth_cell cell;
    return tilth_client_cell(bot->client, at.x, at.y, &cell) && cell.type_count > 0 &&
           strcmp(cell.types[0], "tree") == 0 && !is_avoided(bot, at);
}

/* Is there room for all cells of a house with its primary cell here? */
static int is_site(const struct bot *bot, struct cell at)
{
    int32_t west = at.x - (int32_t)bot->house.primary_x;
    int32_t north = at.y - (int32_t)bot->house.primary_y;
    uint32_t i;
    for (i = 0; i < bot->house.width * bot->house.height; i++) {
        int32_t x = west + (int32_t)(i % bot->house.width);
        int32_t y = north + (int32_t)(i / bot->house.width);
        if (tilth_client_is_occupied(bot->client, x, y) != 0 ||
            tilth_client_is_solid(bot->client, x, y))
            return 0;
    }
    return !is_avoided(bot, at);
}

/* Can the task be done from this cell? Then the target is the cell to do it to. */
static int can_work(struct bot *bot, struct cell at)
{
    int way;
    if (bot->task == BUILD) {
        bot->target = beside(at, SOUTH);
        bot->target.y += (int32_t)bot->house.primary_y;
        return is_site(bot, bot->target);
    }
    for (way = 0; way < WAYS; way++) {
        bot->target = beside(at, way);
        if (is_tree(bot, bot->target))
            return 1;
    }
    return 0;
}

/* Has the search a way into the cell that it did not know? */
static int can_reach(struct bot *bot, struct cell at)
{
    int32_t column = at.x - bot->here.x + RADIUS, row = at.y - bot->here.y + RADIUS;
    if (column < 0 || column >= SIDE || row < 0 || row >= SIDE || bot->is_reached[row][column] ||
        tilth_client_is_solid(bot->client, at.x, at.y))
        return 0;
    bot->is_reached[row][column] = 1;
    return 1;
}

/* Looks around, nearest cells first, until the task can be done from one: 1. Else 0, and *out_goal
 * is where one gets farthest the way one is heading. */
static int look_around(struct bot *bot, uint32_t *out_goal)
{
    const struct cell zero = {0, 0};
    struct cell to = beside(zero, bot->heading);
    uint32_t head, tail = 1;
    int32_t best = 0;
    int way;
    *out_goal = 0;
    memset(bot->is_reached, 0, sizeof bot->is_reached);
    bot->is_reached[RADIUS][RADIUS] = 1;
    bot->queue[0] = bot->here;
    for (head = 0; head < tail; head++) {
        struct cell at = bot->queue[head];
        int32_t far = (at.x - bot->here.x) * to.x + (at.y - bot->here.y) * to.y;
        int is_found = can_work(bot, at);
        if (is_found || far > best)
            *out_goal = head;
        if (is_found)
            return 1;
        best = far > best ? far : best;
        for (way = 0; way < WAYS; way++) {
            if (!can_reach(bot, beside(at, way)))
                continue;
            bot->from[tail] = head;
            bot->queue[tail++] = beside(at, way);
        }
    }
    return 0;
}

/* Decides what to do next: work here, or take a step. */
static void decide(struct bot *bot)
{
    struct tilth_error error;
    uint32_t goal;
    int is_found = look_around(bot, &goal);
    int32_t x = bot->target.x, y = bot->target.y;
    if (goal == 0 && !is_found)
        bot->heading = (bot->heading + 1) % WAYS; /* a dead end, or land that is still to come */
    if (goal == 0 && is_found) {
        bot->asked = bot->task == BUILD ? tilth_client_build(bot->client, HOUSE, x, y, &error)
                                        : tilth_client_harvest(bot->client, x, y, &error);
        if (bot->asked == 0)
            avoid_target(bot, error.text);
    }
    if (goal == 0)
        return;
    while (bot->from[goal] != 0)
        goal = bot->from[goal];
    bot->step = bot->queue[goal];
    bot->step_ms = now_ms();
}

/* Walks to the middle of the next cell; half a step beside it counts as there. */
static void walk(struct bot *bot, const struct tilth_position *pos)
{
    int32_t x = bot->step.x * TILTH_CELL_UNITS + TILTH_CELL_UNITS / 2 - pos->x;
    int32_t y = bot->step.y * TILTH_CELL_UNITS + TILTH_CELL_UNITS / 2 - pos->y;
    struct tilth_facts facts;
    int32_t near;
    tilth_client_facts(bot->client, &facts);
    near = (int32_t)(facts.speed_px_s * 16 / facts.tick_hz / 2 + 1);
    x = abs(x) > near ? x : 0;
    y = abs(y) > near ? y : 0;
    tilth_client_move(bot->client, (x > 0) - (x < 0), (y > 0) - (y < 0));
    if ((x == 0 && y == 0) || now_ms() > bot->step_ms + STEP_MS) {
        tilth_client_move(bot->client, 0, 0);
        bot->step_ms = 0;
    }
}

static void run(struct bot *bot)
{
    struct tilth_position pos;
    if (!tilth_client_is_ready(bot->client) || bot->asked != 0 ||
        !tilth_client_type_facts(bot->client, HOUSE, &bot->house))
        return;
    tilth_client_position(bot->client, &pos);
    bot->here.x = pos.cell_x;
    bot->here.y = pos.cell_y;
    bot->task = missing(bot) == NULL ? BUILD : GATHER;
    if (bot->step_ms != 0) {
        walk(bot, &pos);
    } else if (bot->task == GATHER && !has_tool(bot)) {
        if (!bot->is_waiting)
            printf("waiting for an axe: give mason axe 1\n");
        bot->is_waiting = 1;
    } else if (tilth_client_is_settled(bot->client)) { /* the server knows of the last step too */
        bot->is_waiting = 0;
        decide(bot);
    }
}

static void tell_progress(struct bot *bot)
{
    const struct tilth_count *next;
    if (!tilth_client_type_facts(bot->client, HOUSE, &bot->house) || bot->house.cost_count == 0)
        return;
    next = missing(bot) != NULL ? missing(bot) : &bot->house.costs[0];
    printf("%u of %u %s\n", (unsigned)count(bot, next->type), (unsigned)next->count, next->type);
}

/* Takes everything that happened; returns 0 when the connection is gone. */
static int take_events(struct bot *bot)
{
    struct tilth_event event;
    while (tilth_client_next(bot->client, &event)) {
        if (event.kind == TILTH_EVENT_DISCONNECTED) {
            fprintf(stderr, "house: %s\n", event.text);
            return 0;
        }
        if (event.number == 0 || event.number != bot->asked)
            continue;
        bot->asked = 0;
        if (event.kind != TILTH_EVENT_DONE)
            avoid_target(bot, event.text);
        else if (bot->task == GATHER)
            tell_progress(bot);
        else {
            printf("the building stands at %d, %d\n", (int)bot->target.x, (int)bot->target.y);
            bot->task = LEAVE;
        }
    }
    return 1;
}

int main(int argc, char **argv)
{
    struct bot *bot = calloc(1, sizeof *bot);
    const struct timespec pause = {0, 10000000};
    struct tilth_options options;
    struct tilth_error error;
    int is_ok = 1;

    if (bot == NULL)
        return 1;
    memset(&options, 0, sizeof options);
    options.address = argc > 1 ? argv[1] : "127.0.0.1";
    options.port = (uint16_t)(argc > 2 ? strtol(argv[2], NULL, 10) : 7400);
    options.name = "mason";
    options.key_path = "mason.key"; /* whoever has this key file is mason */
    setvbuf(stdout, NULL, _IOLBF, 0);
    bot->client = tilth_client_create(&options, &error);
    if (bot->client == NULL) {
        fprintf(stderr, "house: %s\n", error.text);
        free(bot);
        return 1;
    }
    while (is_ok && bot->task != LEAVE) {
        tilth_client_update(bot->client, now_ms());
        is_ok = take_events(bot);
        if (is_ok && bot->task != LEAVE)
            run(bot);
        nanosleep(&pause, NULL);
    }
    tilth_client_destroy(&bot->client);
    free(bot);
    return is_ok ? 0 : 1;
}
