#include "sim_network/sim_network.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "link/link.h"
#include "testing.h"

enum { STEP_US = 10000, CLIENTS_MAX = 32, SERVER_PORT = 4000 };

static const char server_address[] = "192.0.2.1";

/* A server that answers each message with the same bytes, and clients. */
struct world {
    struct link *server;
    struct link *clients[CLIENTS_MAX];
    uint32_t clients_count;
    uint32_t generations[CLIENTS_MAX];   /* 0: not connected */
    uint32_t received[CLIENTS_MAX];      /* echoes */
    uint32_t next_expected[CLIENTS_MAX]; /* number in the next reliable echo */
    uint32_t disconnected, refused, out_of_order, unsequenced;
    uint32_t server_events;
    char refusal[160];
    uint64_t log; /* hash of all that happened */
};

static void world_log(struct world *world, const struct link_event *event, uint32_t who)
{
    uint64_t line[] = {sim_network_now_us(), who,
                       event->kind,          event->peer,
                       event->generation,    event->channel,
                       event->size_bytes,    event->code};
    world->log = hash_64(line, sizeof line, world->log);
    if (event->kind == LINK_RECEIVED)
        world->log = hash_64(event->bytes, event->size_bytes, world->log);
}

static void world_open(struct world *world, uint64_t seed, uint32_t clients)
{
    struct error error = {0};
    *world = (struct world){.clients_count = clients};
    sim_network_start(seed);
    struct link_options options = {
        .address = server_address, .port = SERVER_PORT, .peers_max = CLIENTS_MAX};
    world->server = link_listen(&options, &error);
    ck_assert_msg(world->server != NULL, "%s", error.text);
    for (uint32_t i = 0; i < clients; i++) {
        world->clients[i] = link_dial(&options, &error);
        ck_assert_msg(world->clients[i] != NULL, "%s", error.text);
    }
}

static void world_close(struct world *world)
{
    for (uint32_t i = 0; i < world->clients_count; i++)
        link_destroy(&world->clients[i]);
    link_destroy(&world->server);
    sim_network_stop();
}

static void serve(struct world *world)
{
    struct link_event event;
    link_service(world->server, sim_network_now_us());
    while (link_next(world->server, &event)) {
        world_log(world, &event, UINT32_MAX);
        world->server_events++;
        if (event.kind == LINK_RECEIVED)
            (void)link_send_bytes(world->server, event.peer, event.generation,
                                  (struct link_message){(enum wire_channel)event.channel,
                                                        event.bytes, event.size_bytes});
    }
    link_flush(world->server);
}

static void take_echo(struct world *world, uint32_t who, const struct link_event *event)
{
    uint32_t number;
    ck_assert_uint_eq(event->size_bytes, sizeof number);
    memcpy(&number, event->bytes, sizeof number);
    world->received[who]++;
    if (event->channel == CHANNEL_STATE) {
        world->unsequenced++;
        return;
    }
    world->out_of_order += number != world->next_expected[who];
    world->next_expected[who] = number + 1;
}

static void attend(struct world *world, uint32_t who)
{
    struct link_event event;
    link_service(world->clients[who], sim_network_now_us());
    while (link_next(world->clients[who], &event)) {
        world_log(world, &event, who);
        if (event.kind == LINK_CONNECTED)
            world->generations[who] = event.generation;
        else if (event.kind == LINK_RECEIVED)
            take_echo(world, who, &event);
        else
            world->generations[who] = 0;
        world->disconnected += event.kind == LINK_DISCONNECTED;
        world->refused += event.kind == LINK_REFUSED;
        if (event.kind == LINK_REFUSED)
            memcpy(world->refusal, event.text, sizeof world->refusal);
    }
    link_flush(world->clients[who]);
}

static void world_run(struct world *world, uint64_t duration_us)
{
    uint64_t end_us = sim_network_now_us() + duration_us;
    while (sim_network_now_us() < end_us) {
        serve(world);
        for (uint32_t i = 0; i < world->clients_count; i++)
            attend(world, i);
        sim_network_advance(STEP_US);
    }
}

static void say(struct world *world, uint32_t who, enum wire_channel channel, uint32_t number)
{
    ck_assert(link_send_bytes(world->clients[who], 0, world->generations[who],
                              (struct link_message){channel, &number, sizeof number}));
}

static void set_paths(const struct sim_network_path *path)
{
    sim_network_path(NULL, SIM_NETWORK_UP, path);
    sim_network_path(NULL, SIM_NETWORK_DOWN, path);
}

START_TEST(libenet_uses_the_simulation)
{
    struct error error = {0};
    sim_network_start(1);
    ck_assert_msg(sim_network_self_test(&error), "%s", error.text);
    sim_network_stop();
}
END_TEST

START_TEST(reliable_messages_arrive_in_order_on_a_bad_path)
{
    enum { MESSAGES = 200, CLIENTS = 8 };
    struct world world;
    world_open(&world, 7, CLIENTS);
    set_paths(&(struct sim_network_path){.latency_us = 75000,
                                         .jitter_us = 40000,
                                         .loss_ppm = 50000,
                                         .double_ppm = 20000,
                                         .reorder_ppm = 100000});
    world_run(&world, 8000000);
    for (uint32_t i = 0; i < CLIENTS; i++)
        ck_assert_uint_ne(world.generations[i], 0);
    for (uint32_t number = 0; number < MESSAGES; number++) {
        for (uint32_t i = 0; i < CLIENTS; i++)
            say(&world, i, CHANNEL_CONTROL, number);
        world_run(&world, 50000);
    }
    world_run(&world, 20000000);
    ck_assert_uint_eq(world.out_of_order, 0);
    ck_assert_uint_eq(world.disconnected, 0);
    for (uint32_t i = 0; i < CLIENTS; i++)
        ck_assert_uint_eq(world.received[i], MESSAGES);
    struct sim_network_facts facts;
    sim_network_facts(&facts);
    ck_assert_uint_gt(facts.lost, 100);
    ck_assert_uint_gt(facts.doubled, 10);
    ck_assert_uint_gt(facts.reordered, 10);
    world_close(&world);
}
END_TEST

static uint64_t log_of(uint64_t seed)
{
    struct world world;
    world_open(&world, seed, 4);
    set_paths(&(struct sim_network_path){
        .latency_us = 30000, .jitter_us = 20000, .loss_ppm = 100000, .reorder_ppm = 200000});
    world_run(&world, 8000000);
    for (uint32_t number = 0; number < 100; number++) {
        for (uint32_t i = 0; i < 4; i++)
            if (world.generations[i] != 0)
                say(&world, i, number % 2 ? CHANNEL_STATE : CHANNEL_WORLD, number);
        world_run(&world, 50000);
    }
    world_close(&world);
    return world.log;
}

START_TEST(the_same_seed_gives_the_same_log)
{
    uint64_t first = log_of(42);
    ck_assert_uint_eq(first, log_of(42));
    ck_assert_uint_ne(first, log_of(43));
}
END_TEST

START_TEST(hours_pass_in_seconds)
{
    struct world world;
    world_open(&world, 3, 2);
    set_paths(&(struct sim_network_path){.latency_us = 50000, .loss_ppm = 10000});
    for (int minute = 0; minute < 180; minute++) {
        world_run(&world, 60000000);
        for (uint32_t i = 0; i < 2; i++)
            say(&world, i, CHANNEL_CONTROL, world.next_expected[i]);
    }
    world_run(&world, 60000000);
    ck_assert_uint_eq(world.disconnected, 0);
    ck_assert_uint_eq(world.received[0], 180);
    ck_assert_uint_eq(world.received[1], 180);
    ck_assert_uint_ge(sim_network_now_us(), 3ULL * 3600 * 1000000);
    world_close(&world);
}
END_TEST

START_TEST(a_cut_ends_the_connection_on_both_sides)
{
    struct world world;
    world_open(&world, 5, 2);
    sim_network_cut(NULL, false);
    world_run(&world, 1000000);
    sim_network_cut("10.0.0.1", true);
    world_run(&world, 40000000);
    struct link_facts facts;
    link_facts(world.server, &facts);
    ck_assert_uint_eq(world.disconnected, 1);
    ck_assert_uint_eq(world.generations[0], 0);
    ck_assert_uint_ne(world.generations[1], 0);
    ck_assert_uint_eq(facts.peers, 1);
    world_close(&world);
}
END_TEST

START_TEST(a_short_cut_heals)
{
    struct world world;
    world_open(&world, 5, 1);
    world_run(&world, 1000000);
    sim_network_cut(NULL, true);
    say(&world, 0, CHANNEL_CONTROL, 0);
    world_run(&world, 3000000);
    ck_assert_uint_eq(world.received[0], 0);
    sim_network_cut(NULL, false);
    world_run(&world, 10000000);
    ck_assert_uint_eq(world.received[0], 1);
    ck_assert_uint_eq(world.disconnected, 0);
    world_close(&world);
}
END_TEST

START_TEST(who_hears_nothing_gives_up_in_words)
{
    struct world world;
    world_open(&world, 5, 1);
    sim_network_cut(NULL, true);
    world_run(&world, 9500000);
    ck_assert_uint_eq(world.refused, 0);
    world_run(&world, 1500000);
    ck_assert_uint_eq(world.refused, 1);
    ck_assert_str_eq(world.refusal, "no answer from 192.0.2.1:4000");
    ck_assert_uint_eq(world.server_events, 0);
    world_close(&world);
}
END_TEST

/* 100 messages of 1,000 bytes through 10,000 bytes a second need ten seconds. */
START_TEST(a_rate_cap_slows_and_loses_nothing_reliable)
{
    struct world world;
    world_open(&world, 9, 1);
    world_run(&world, 1000000);
    struct sim_network_path path = {.latency_us = 20000, .rate_bytes_s = 10000};
    sim_network_path("10.0.0.1", SIM_NETWORK_DOWN, &path);
    uint8_t bytes[1000] = {1};
    struct link_event event;
    uint32_t count = 0;
    for (int i = 0; i < 100; i++)
        (void)link_send_bytes(world.server, 0, 1,
                              (struct link_message){CHANNEL_BULK, bytes, sizeof bytes});
    ck_assert_uint_eq(link_in_flight_bytes(world.server, 0), 100 * sizeof bytes);
    uint64_t begin_us = sim_network_now_us();
    while (count < 100 && sim_network_now_us() - begin_us < 60000000) {
        serve(&world);
        link_service(world.clients[0], sim_network_now_us());
        while (link_next(world.clients[0], &event))
            count += event.kind == LINK_RECEIVED;
        sim_network_advance(STEP_US);
    }
    ck_assert_uint_eq(count, 100);
    ck_assert_uint_gt(sim_network_now_us() - begin_us, 9000000);
    world_run(&world, 2000000);
    ck_assert_uint_eq(link_in_flight_bytes(world.server, 0), 0);
    world_close(&world);
}
END_TEST

/* ENet's 16-bit numbers all turn round, and the firewall's lead with them. */
START_TEST(numbers_turn_round)
{
    enum { MESSAGES = 70000 };
    struct world world;
    world_open(&world, 11, 1);
    world_run(&world, 1000000);
    for (uint32_t number = 0; number < MESSAGES; number += 4) {
        for (uint32_t i = 0; i < 4; i++)
            say(&world, 0, CHANNEL_CONTROL, number + i);
        world_run(&world, 50000);
    }
    world_run(&world, 5000000);
    ck_assert_uint_eq(world.received[0], MESSAGES);
    ck_assert_uint_eq(world.out_of_order, 0);
    world_close(&world);
}
END_TEST

START_TEST(a_forged_disconnect_from_elsewhere_is_ignored)
{
    struct world world;
    world_open(&world, 13, 1);
    world_run(&world, 1000000);
    struct sim_network_place attacker = {"10.9.9.9", 1};
    struct sim_network_place server = {server_address, SERVER_PORT};
    for (unsigned session = 0; session < 4; session++) {
        uint8_t forged[] = {(uint8_t)(session << 4), 0, 0x44, 0xFF, 0, 0, 0, 0, 0, 0};
        ck_assert(sim_network_forge(attacker, server, forged, sizeof forged));
    }
    world_run(&world, 1000000);
    struct link_facts facts;
    link_facts(world.server, &facts);
    ck_assert_uint_eq(facts.dropped_unknown, 4);
    ck_assert_uint_eq(facts.peers, 1);
    world_close(&world);
}
END_TEST

/* The client's own address and port: who forges it knows all but the session. */
static const struct sim_network_place victim = {"10.0.0.1", 49152};

/* Sends the commands to the server in each of the four sessions; one of them is right. */
static void forge_all(const uint8_t *commands, size_t size_bytes)
{
    struct sim_network_place server = {server_address, SERVER_PORT};
    for (unsigned session = 0; session < 4; session++) {
        uint8_t bytes[1200] = {(uint8_t)(0x80 | session << 4), 0, 0, 0};
        memcpy(bytes + 4, commands, size_bytes);
        ck_assert(sim_network_forge(victim, server, bytes, size_bytes + 4));
    }
}

START_TEST(commands_that_no_client_sends_do_not_reach_enet)
{
    static const uint8_t commands[][40] = {
        {0x88, 0, 0, 1, 0, 1, 0, 1, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 7},
        {0x8A, 0xFF, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1},
        {0x8B, 0xFF, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1},
        {0x86, 0, 0x60, 0, 0, 1, 7},
    };
    static const size_t sizes[] = {25, 12, 16, 7};
    struct world world;
    struct link_facts facts;
    world_open(&world, 17, 1);
    world_run(&world, 1000000);
    for (size_t i = 0; i < 4; i++) {
        forge_all(commands[i], sizes[i]);
        world_run(&world, 100000);
        link_facts(world.server, &facts);
        ck_assert_uint_eq(facts.dropped_forbidden + facts.dropped_over_limit, i + 1);
        ck_assert_uint_eq(facts.dropped_unknown, 3 * (i + 1));
    }
    say(&world, 0, CHANNEL_CONTROL, 0);
    world_run(&world, 1000000);
    ck_assert_uint_eq(world.received[0], 1);
    world_close(&world);
}
END_TEST

/* Each ping asks for an answer; the answers are bounded whatever comes. */
START_TEST(pings_are_not_amplified)
{
    struct world world;
    uint8_t pings[32 * 4];
    struct link_facts before, after;
    world_open(&world, 19, 1);
    world_run(&world, 1000000);
    for (size_t i = 0; i < sizeof pings; i += 4)
        memcpy(pings + i, (const uint8_t[]){0x85, 0xFF, 0, 1}, 4);
    link_facts(world.server, &before);
    for (int i = 0; i < 1000; i++) {
        forge_all(pings, sizeof pings);
        world_run(&world, 10000);
    }
    link_facts(world.server, &after);
    /* 800 at once and 400 a second for ten seconds, 8 bytes each, in datagrams of their own. */
    ck_assert_uint_lt(after.bytes_out - before.bytes_out, 4800 * 8 + 1000 * 40);
    ck_assert_uint_gt(after.dropped_over_limit, 800);
    ck_assert_uint_eq(world.disconnected, 0);
    world_close(&world);
}
END_TEST

/* A packet that never comes, and many that wait for it: the server keeps a bounded number, and does
 * not acknowledge what it does not keep. */
START_TEST(what_waits_for_a_gap_is_bounded)
{
    enum { PACKETS = 400, SIZE_BYTES = 1000, KEPT_MAX = 140 };
    struct world world;
    struct link_facts before, after;
    world_open(&world, 23, 1);
    world_run(&world, 1000000);
    link_facts(world.server, &before);
    for (uint32_t i = 0; i < PACKETS; i++) {
        uint32_t number = i + 2; /* the first never comes */
        uint8_t packet[6 + SIZE_BYTES] = {0x86,
                                          CHANNEL_CONTROL,
                                          (uint8_t)(number >> 8),
                                          (uint8_t)number,
                                          SIZE_BYTES >> 8,
                                          SIZE_BYTES & 0xFF};
        forge_all(packet, sizeof packet);
        world_run(&world, 100000);
    }
    link_facts(world.server, &after);
    uint64_t pings = PACKETS / 10; /* of both ends, and their answers */
    ck_assert_uint_ge(after.datagrams_out - before.datagrams_out, 100);
    ck_assert_uint_le(after.datagrams_out - before.datagrams_out, KEPT_MAX + pings);
    ck_assert_uint_eq(after.dropped_over_limit, 0);
    world_close(&world);
}
END_TEST

/* The place of who was told to go is free soon, also when he does not answer. */
START_TEST(who_is_ended_and_says_nothing_goes_soon)
{
    struct world world;
    world_open(&world, 29, 1);
    world_run(&world, 1000000);
    ck_assert_uint_eq(world.server_events, 1);
    sim_network_cut(NULL, true);
    link_disconnect(world.server, 0, 1, 7);
    world_run(&world, 4000000);
    ck_assert_uint_eq(world.server_events, 2);
    world_close(&world);
}
END_TEST

TESTING_MAIN("sim_network", libenet_uses_the_simulation,
             reliable_messages_arrive_in_order_on_a_bad_path, the_same_seed_gives_the_same_log,
             hours_pass_in_seconds, a_cut_ends_the_connection_on_both_sides, a_short_cut_heals,
             who_hears_nothing_gives_up_in_words, a_rate_cap_slows_and_loses_nothing_reliable,
             numbers_turn_round, a_forged_disconnect_from_elsewhere_is_ignored,
             commands_that_no_client_sends_do_not_reach_enet, pings_are_not_amplified,
             what_waits_for_a_gap_is_bounded, who_is_ended_and_says_nothing_goes_soon)
