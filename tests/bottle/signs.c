#include "bottle/signs.h"

#include <stdio.h>

#include "base/ensure.h"

enum {
    SPIRAL_MAX = 3000,
    PAUSE_MS = 15, /* fewer than 100 a second */
    ASKS_MAX = 30, /* at once */
};

static void await_outcomes(struct player *player)
{
    bool is_over = player_await_outcomes(player, 60000);
    if (!is_over || player->refused > 0)
        (void)fprintf(stderr, "refused: %s\n", player->refusal);
    ensure(is_over && player->refused == 0);
}

/* Lets time go on between two things that are asked for. */
static void pace(struct player *player)
{
    bottle_run(player->bottle, PAUSE_MS);
    if (player->ask_count > ASKS_MAX)
        await_outcomes(player);
}

static bool is_free(struct player *player, struct cell_pos cell)
{
    const char *seen = player_sees(player, cell.x, cell.y);
    return seen != NULL && seen[0] == '\0' &&
           !tilth_client_is_solid(player->client, cell.x, cell.y) &&
           grid_is_within_reach(player_real_pos(player), cell, player->bottle->settings.reach_px);
}

void signs_place(struct player *player, struct cell_pos cells[], uint32_t count)
{
    struct cell_pos here = player_cell(player);
    uint32_t placed = 0;
    for (uint32_t n = 1; n < SPIRAL_MAX && placed < count; n++) {
        struct cell_pos offset = grid_spiral(n);
        struct cell_pos cell = {here.x + offset.x, here.y + offset.y};
        if (!is_free(player, cell))
            continue;
        cells[placed++] = cell;
        (void)player_place(player, "sign", cell.x, cell.y);
        pace(player);
    }
    await_outcomes(player);
    ensure(placed == count);
}

void signs_draw(struct player *player, const struct cell_pos cells[],
                const struct tilth_image images[], uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        (void)player_modify(player, cells[i].x, cells[i].y, &images[i]);
        pace(player);
    }
    await_outcomes(player);
}
