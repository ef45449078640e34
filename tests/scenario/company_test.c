/* Players see each other, and each other's cells. */
#include <string.h>

#include "bottle/player.h"

static bool sees_actor(const struct player *player, const char *name)
{
    struct tilth_actor actors[8];
    size_t count = tilth_client_actors(player->client, actors, 8);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(actors[i].name, name) == 0)
            return true;
    }
    return false;
}

START_TEST(two_players_see_each_others_cells_and_moves)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    struct player *bob = player_join(bottle, "bob");
    BOTTLE_HOLDS(bottle, player_await_ready(ann) && player_await_ready(bob));
    BOTTLE_UNTIL(bottle, 2000, sees_actor(ann, "bob") && sees_actor(bob, "ann"));
    ck_assert(sees_actor(ann, "bob") && sees_actor(bob, "ann"));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("company", two_players_see_each_others_cells_and_moves)
