#include "db/owners.h"

#include "base/rng.h"

enum { STEPS = 40, RECORDS_MAX = GRID_CHUNK_CELLS };

struct owners {
    struct bench *bench;
    struct rng rng;
    uint64_t seed;
    struct database_world worlds[BENCH_CONNECTIONS]; /* as each server knows it */
    int owner;
    uint64_t applied_seq;
    uint16_t types[RECORDS_MAX]; /* of the thing that each record has brought: whose it was */
};

static bool tell(struct owners *owners, int server, const char *what)
{
    return error_set(&owners->bench->error, "seed %llu: server %d, which is %sthe owner, %s",
                     (unsigned long long)owners->seed, server,
                     server == owners->owner ? "" : "not ", what);
}

static const struct database *database_of(const struct owners *owners, int server)
{
    return &owners->bench->connections[server];
}

/* The other server loses its connection, and this one opens the world. */
static bool take_over(struct owners *owners, int server)
{
    struct bench *bench = owners->bench;
    for (int i = 0; i < BENCH_CONNECTIONS; i++)
        bench_disconnect(bench, i);
    bench_connect(bench, server);
    enum database_result result = bench_open_world(bench, server);
    if (result != DATABASE_OK)
        return tell(owners, server, "cannot open the world");
    owners->owner = server;
    owners->worlds[server] = bench->world;
    for (int i = 0; i < BENCH_CONNECTIONS; i++) {
        if (i != server)
            bench_connect(bench, i);
    }
    return bench->world.applied_seq == owners->applied_seq ||
           tell(owners, server, "finds another applied_seq");
}

/* The server applies the next record as it knows the world: a thing of its own type. */
static bool apply(struct owners *owners, int server)
{
    struct bench *bench = owners->bench;
    struct database_world *world = &owners->worlds[server];
    uint64_t seq = world->applied_seq + 1;
    uint16_t type = server == 0 ? SCENE_TREE : SCENE_ROCK;
    struct change thing = scene_entity(seq, (int32_t)seq, 0, type);
    if (seq >= RECORDS_MAX)
        return true;
    batch_clear(bench->batch);
    ck_assert_int_eq(scene_add(bench->batch, seq, &thing, 1), BATCH_ADDED);
    batch_sort(bench->batch);
    const struct database *database = database_of(owners, server);
    enum database_result result =
        database->ops->apply(database->state, world, bench->batch, &bench->error);
    if (result == DATABASE_OK && server != owners->owner)
        return tell(owners, server, "applied a record");
    if (result != DATABASE_OK && server == owners->owner)
        return tell(owners, server, "could not apply a record");
    if (result != DATABASE_OK)
        return result == DATABASE_FENCED || tell(owners, server, "is refused, but not as fenced");
    owners->types[seq] = type;
    world->applied_seq = owners->applied_seq = seq;
    return true;
}

/* The server connects again, and asks where it was. */
static bool resume(struct owners *owners, int server)
{
    struct database_world world = owners->worlds[server];
    const struct database *database = database_of(owners, server);
    bench_disconnect(owners->bench, server);
    bench_connect(owners->bench, server);
    enum database_result result =
        database->ops->resume(database->state, &world, &owners->bench->error);
    if (server != owners->owner)
        return result == DATABASE_FENCED || tell(owners, server, "resumes");
    return (result == DATABASE_OK && world.applied_seq == owners->applied_seq) ||
           tell(owners, server, "does not resume");
}

static bool close_former(struct owners *owners, int server)
{
    const struct database *database = database_of(owners, server);
    return server == owners->owner ||
           database->ops->close_world(database->state, &owners->worlds[server],
                                      &owners->bench->error) == DATABASE_FENCED ||
           tell(owners, server, "closes the world");
}

static bool step(struct owners *owners)
{
    int server = (int)rng_below(&owners->rng, BENCH_CONNECTIONS);
    switch (rng_below(&owners->rng, 8)) {
    case 0:
        return take_over(owners, server);
    case 1:
        return resume(owners, server);
    case 2:
        return close_former(owners, server);
    default:
        return apply(owners, server);
    }
}

/* Is each record's thing there, of the type of who was the owner then, and no other? */
static bool is_world_right(struct owners *owners)
{
    owners->bench->world = owners->worlds[owners->owner];
    const struct content *content = bench_load(owners->bench, (struct chunk_pos){0, 0});
    bool is_right = content->entity_count == owners->applied_seq;
    for (uint32_t i = 0; i < content->entity_count && is_right; i++)
        is_right = content->entities[i].type == owners->types[content->entities[i].id.value];
    return is_right || tell(owners, owners->owner, "finds what others have left");
}

bool owners_take_turns(struct bench *bench, uint64_t seed)
{
    static struct owners owners;
    char name[32];
    (void)snprintf(name, sizeof name, "turns%llu", (unsigned long long)seed);
    bench->options.world = name;
    owners = (struct owners){.bench = bench, .seed = seed};
    rng_init(&owners.rng, seed);
    bool is_right = take_over(&owners, 1) && take_over(&owners, 0);
    for (uint32_t i = 0; i < STEPS && is_right; i++)
        is_right = step(&owners);
    return is_right && is_world_right(&owners);
}
