#include "bottle/dice.h"

#include "client.h"

void dice_load(struct tilth_client *client, uint64_t seed)
{
    rng_init(&client->connection.rng, seed);
}
