#include "link/link.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "link/cookie.h"
#include "testing.h"

enum { PEERS_MAX = 512, STEP_US = 1000, SECOND_US = 1000000 };

/* A real server on the loopback, and clients; what came is counted. */
struct world {
    struct link *server;
    struct link *clients[PEERS_MAX];
    uint32_t clients_count;
    uint32_t generations[PEERS_MAX]; /* of the clients' own peer, 0: not connected */
    uint32_t client_received[PEERS_MAX];
    uint32_t client_code;
    uint32_t peers[PEERS_MAX]; /* the server's: generation by slot, 0: none */
    uint32_t connected, disconnected, received, refused;
    uint64_t received_bytes;
    struct link_event last; /* the server's; its bytes are gone */
    uint8_t last_bytes[64];
    char refusal[160];
    uint16_t port;
};

static uint64_t now_us(void)
{
    return clock_now().mono_us;
}

static void world_listen(struct world *world, struct link_options options)
{
    struct error error = {0};
    log_level_set(LOG_OFF);
    *world = (struct world){0};
    options.address = "127.0.0.1";
    options.peers_max = options.peers_max == 0 ? PEERS_MAX : options.peers_max;
    world->server = link_listen(&options, &error);
    ck_assert_msg(world->server != NULL, "%s", error.text);
    struct link_facts facts;
    link_facts(world->server, &facts);
    world->port = facts.port;
    ck_assert_uint_ne(world->port, 0);
}

static uint32_t world_dial(struct world *world, uint16_t version)
{
    struct error error = {0};
    struct link_options options = {.address = "127.0.0.1", .port = world->port, .version = version};
    struct link *client = link_dial(&options, &error);
    ck_assert_msg(client != NULL, "%s", error.text);
    world->clients[world->clients_count] = client;
    return world->clients_count++;
}

static void world_close(struct world *world)
{
    for (uint32_t i = 0; i < world->clients_count; i++)
        link_destroy(&world->clients[i]);
    link_destroy(&world->server);
}

static void serve(struct world *world)
{
    struct link_event event;
    link_service(world->server, now_us());
    while (link_next(world->server, &event)) {
        world->connected += event.kind == LINK_CONNECTED;
        world->disconnected += event.kind == LINK_DISCONNECTED;
        world->received += event.kind == LINK_RECEIVED;
        if (event.kind != LINK_RECEIVED)
            world->peers[event.peer] = event.kind == LINK_CONNECTED ? event.generation : 0;
        world->last = event;
        if (event.kind != LINK_RECEIVED)
            continue;
        ck_assert_uint_eq(event.generation, world->peers[event.peer]);
        world->received_bytes += event.size_bytes;
        if (event.size_bytes > 0 && event.size_bytes <= sizeof world->last_bytes)
            memcpy(world->last_bytes, event.bytes, event.size_bytes);
    }
    link_flush(world->server);
}

static void attend(struct world *world, uint32_t who)
{
    struct link_event event;
    link_service(world->clients[who], now_us());
    while (link_next(world->clients[who], &event)) {
        if (event.kind == LINK_CONNECTED)
            world->generations[who] = event.generation;
        else if (event.kind == LINK_RECEIVED)
            world->client_received[who]++;
        else
            world->generations[who] = 0;
        if (event.kind == LINK_DISCONNECTED)
            world->client_code = event.code;
        world->refused += event.kind == LINK_REFUSED;
        if (event.kind == LINK_REFUSED)
            memcpy(world->refusal, event.text, sizeof world->refusal);
    }
    link_flush(world->clients[who]);
}

static void step(struct world *world)
{
    serve(world);
    for (uint32_t i = 0; i < world->clients_count; i++)
        attend(world, i);
    usleep(STEP_US);
}

/* Runs until *what is at least `least`; fails after a generous time. */
static void run_until(struct world *world, const uint32_t *what, uint32_t least)
{
    uint64_t end_us = now_us() + 30ULL * SECOND_US;
    while (*what < least && now_us() < end_us)
        step(world);
    ck_assert_uint_ge(*what, least);
}

static void run_for(struct world *world, uint64_t duration_us)
{
    uint64_t end_us = now_us() + duration_us;
    while (now_us() < end_us)
        step(world);
}

static bool say(struct world *world, uint32_t who, enum wire_channel channel, const char *text)
{
    struct link_message message = {channel, text, strlen(text)};
    return link_send_bytes(world->clients[who], 0, world->generations[who], message);
}

static struct link_facts facts_of(const struct link *link)
{
    struct link_facts facts;
    link_facts(link, &facts);
    return facts;
}

/* A bare UDP socket on the loopback. */
static int raw_open(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 5};
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    return fd;
}

static uint16_t raw_port(int fd)
{
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    return ntohs(at.sin_port);
}

static void raw_send(int fd, uint16_t port, const void *bytes, size_t size_bytes)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    (void)sendto(fd, bytes, size_bytes, 0, (struct sockaddr *)&to, sizeof to);
}

/* A CONNECT as ENet sends it, with our sizes. */
static void write_connect(uint8_t out_bytes[52], uint32_t connect_id, uint32_t cookie)
{
    static const uint8_t begin[36] = {0x8F, 0xFF, 0, 1,    0x82, 0xFF, 0, 1, 0, 0, 0xFF, 0xFF,
                                      0,    0,    4, 0x9C, 0,    1,    0, 0, 0, 0, 0,    5,
                                      0,    0,    0, 0,    0,    0,    0, 0, 0, 0, 0x13, 0x88};
    static const uint8_t throttle[8] = {0, 0, 0, 2, 0, 0, 0, 2};
    memcpy(out_bytes, begin, sizeof begin);
    memcpy(out_bytes + 36, throttle, sizeof throttle);
    memcpy(out_bytes + 44, &connect_id, sizeof connect_id);
    cookie = htonl(cookie);
    memcpy(out_bytes + 48, &cookie, sizeof cookie);
}

START_TEST(connects_sends_both_ways_and_ends)
{
    struct world world;
    world_listen(&world, (struct link_options){0});
    uint32_t who = world_dial(&world, 0);
    run_until(&world, &world.connected, 1);
    run_until(&world, &world.generations[who], 1);
    ck_assert(say(&world, who, CHANNEL_INVENTORY, "good morning"));
    run_until(&world, &world.received, 1);
    ck_assert_uint_eq(world.last.channel, CHANNEL_INVENTORY);
    ck_assert_mem_eq(world.last_bytes, "good morning", 12);
    ck_assert(say(&world, who, CHANNEL_STATE, "here"));
    run_until(&world, &world.received, 2);
    ck_assert_uint_eq(world.last.channel, CHANNEL_STATE);
    uint32_t peer = world.last.peer;
    struct link_message big = {CHANNEL_WORLD, (const uint8_t[60000]){1}, 60000};
    ck_assert(link_send_bytes(world.server, peer, world.peers[peer], big));
    ck_assert_uint_eq(link_in_flight_bytes(world.server, peer), 60000);
    run_until(&world, &world.client_received[who], 1);
    run_for(&world, 100000);
    ck_assert_uint_eq(link_in_flight_bytes(world.server, peer), 0);
    ck_assert_uint_eq(link_connect_id(world.server, peer), link_connect_id(world.clients[who], 0));
    ck_assert_uint_lt(link_round_trip_ms(world.server, peer), 1000);
    char address[32];
    link_address(world.server, peer, address);
    ck_assert_mem_eq(address, "127.0.0.1:", 10);
    ck_assert(link_has_same_address(world.server, peer, peer));
    link_disconnect(world.clients[who], 0, world.generations[who], 7);
    run_until(&world, &world.disconnected, 1);
    ck_assert_uint_eq(world.last.code, 7);
    ck_assert_uint_eq(facts_of(world.server).peers, 0);
    world_close(&world);
}
END_TEST

/* What a client says right behind its confirmation arrives with it, not half a second later. */
START_TEST(the_first_words_are_not_lost)
{
    struct world world;
    world_listen(&world, (struct link_options){0});
    uint32_t who = world_dial(&world, 0);
    for (int i = 0; i < 2000 && world.generations[who] == 0; i++) {
        link_service(world.server, now_us());
        link_flush(world.server);
        usleep(STEP_US);
        attend(&world, who);
    }
    ck_assert_uint_ne(world.generations[who], 0);
    ck_assert(say(&world, who, CHANNEL_CONTROL, "hello"));
    link_flush(world.clients[who]);
    usleep(20000);
    serve(&world);
    ck_assert_uint_eq(world.connected, 1);
    ck_assert_uint_eq(world.received, 1);
    world_close(&world);
}
END_TEST

START_TEST(a_kick_comes_behind_what_was_sent)
{
    struct world world;
    world_listen(&world, (struct link_options){0});
    uint32_t who = world_dial(&world, 0);
    run_until(&world, &world.generations[who], 1);
    run_until(&world, &world.connected, 1);
    uint32_t peer = world.last.peer;
    uint32_t generation = world.peers[peer];
    struct link_message reason = {CHANNEL_CONTROL, "be gone", 7};
    ck_assert(link_send_bytes(world.server, peer, generation, reason));
    link_disconnect(world.server, peer, generation, 42);
    ck_assert(!link_send_bytes(world.server, peer, generation, reason));
    run_until(&world, &world.disconnected, 1);
    run_for(&world, 50000);
    ck_assert_uint_eq(world.client_received[who], 1);
    ck_assert_uint_eq(world.client_code, 42);
    ck_assert(!link_send_bytes(world.server, peer, generation, reason));
    world_close(&world);
}
END_TEST

START_TEST(a_slot_that_is_used_again_has_another_generation)
{
    struct world world;
    world_listen(&world, (struct link_options){.peers_max = 1});
    uint32_t first = world_dial(&world, 0);
    run_until(&world, &world.connected, 1);
    run_until(&world, &world.generations[first], 1);
    uint32_t old = world.peers[0];
    link_disconnect(world.clients[first], 0, world.generations[first], 0);
    run_until(&world, &world.disconnected, 1);
    run_for(&world, 50000);
    (void)world_dial(&world, 0);
    run_until(&world, &world.connected, 2);
    struct link_message message = {CHANNEL_CONTROL, "x", 1};
    ck_assert_uint_ne(world.peers[0], old);
    ck_assert(!link_send_bytes(world.server, 0, old, message));
    ck_assert(link_send_bytes(world.server, 0, world.peers[0], message));
    ck_assert(!link_send_bytes(world.server, 99, 1, message));
    world_close(&world);
}
END_TEST

START_TEST(versions_are_refused_in_words_on_both_sides)
{
    struct world world;
    world_listen(&world, (struct link_options){.version = VERSION_NUMBER(1, 3)});
    (void)world_dial(&world, VERSION_NUMBER(2, 0));
    run_until(&world, &world.refused, 1);
    ck_assert_str_eq(world.refusal, "the server speaks protocol 1.0 to 1.3, this client 2.0");
    ck_assert_uint_eq(facts_of(world.server).hellos_wrong_version, 1);
    (void)world_dial(&world, VERSION_NUMBER(1, 9));
    run_until(&world, &world.connected, 1);
    world_close(&world);
}
END_TEST

/* The server's words go to the log; a pipe in place of standard error shows them. */
START_TEST(a_wrong_version_is_logged_and_not_too_often)
{
    struct world world;
    int ends[2];
    char text[8192] = {0};
    world_listen(&world, (struct link_options){.version = VERSION_NUMBER(1, 3)});
    for (int i = 0; i < 20; i++)
        (void)world_dial(&world, VERSION_NUMBER(2, 0));
    ck_assert_int_eq(pipe(ends), 0);
    int kept = dup(STDERR_FILENO);
    (void)dup2(ends[1], STDERR_FILENO);
    log_level_set(LOG_WARNING);
    run_until(&world, &world.refused, 20);
    log_level_set(LOG_OFF);
    (void)dup2(kept, STDERR_FILENO);
    ck_assert_int_gt(read(ends[0], text, sizeof text - 1), 0);
    ck_assert_ptr_nonnull(strstr(text, "the client speaks protocol 2.0, this server 1.0 to 1.3"));
    int lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    ck_assert_int_le(lines, 6);
    world_close(&world);
}
END_TEST

START_TEST(full_and_closed_servers_say_so)
{
    struct world world;
    world_listen(&world, (struct link_options){.peers_max = 1});
    (void)world_dial(&world, 0);
    run_until(&world, &world.connected, 1);
    (void)world_dial(&world, 0);
    run_until(&world, &world.refused, 1);
    ck_assert_str_eq(world.refusal, "the server is full");
    link_maintenance(world.server, true);
    (void)world_dial(&world, 0);
    run_until(&world, &world.refused, 2);
    ck_assert_str_eq(world.refusal, "the server is closed for maintenance");
    world_close(&world);
}
END_TEST

START_TEST(one_address_gets_its_share_and_hears_it)
{
    struct world world;
    world_listen(&world, (struct link_options){.peers_per_address = 2});
    for (int i = 0; i < 3; i++) {
        (void)world_dial(&world, 0);
        run_for(&world, 50000);
    }
    run_until(&world, &world.refused, 1);
    ck_assert_uint_eq(world.connected, 2);
    ck_assert_str_eq(world.refusal, "the server has too many connections from this address");
    world_close(&world);
}
END_TEST

START_TEST(garbage_reaches_nobody)
{
    struct world world;
    struct rng rng;
    int fd = raw_open();
    world_listen(&world, (struct link_options){0});
    uint32_t who = world_dial(&world, 0);
    run_until(&world, &world.generations[who], 1);
    rng_init(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        uint8_t bytes[1400];
        size_t size_bytes = (size_t)rng_below(&rng, sizeof bytes);
        for (size_t at = 0; at < size_bytes; at++)
            bytes[at] = (uint8_t)rng_next(&rng);
        if (i % 4 == 0)
            memcpy(bytes, "\x8F\xFF", 2);
        raw_send(fd, world.port, bytes, size_bytes);
        if (i % 200 == 0)
            step(&world);
    }
    ck_assert(say(&world, who, CHANNEL_CONTROL, "still here"));
    run_until(&world, &world.received, 1);
    struct link_facts facts = facts_of(world.server);
    ck_assert_uint_eq(world.connected, 1);
    ck_assert_uint_eq(world.disconnected, 0);
    ck_assert_uint_gt(facts.dropped_garbage, 5000);
    ck_assert_uint_gt(facts.dropped_unknown, 1000);
    (void)close(fd);
    world_close(&world);
}
END_TEST

/* Also what it says right before, and though nothing was answered yet. */
START_TEST(who_leaves_says_so_at_once)
{
    struct world world;
    world_listen(&world, (struct link_options){0});
    uint32_t who = world_dial(&world, 0);
    run_until(&world, &world.connected, 1);
    run_until(&world, &world.generations[who], 1);
    ck_assert(say(&world, who, CHANNEL_CONTROL, "so long"));
    link_leave(world.clients[who], 0, world.generations[who], 3);
    link_destroy(&world.clients[who]);
    world.clients_count = 0;
    for (int i = 0; i < 100 && world.disconnected == 0; i++)
        step(&world);
    ck_assert_uint_eq(world.disconnected, 1);
    ck_assert_uint_eq(world.last.code, 3);
    ck_assert_uint_eq(world.received, 1);
    ck_assert_mem_eq(world.last_bytes, "so long", 7);
    world_close(&world);
}
END_TEST

/* Stock ENet fails on each of these and reads no further. */
START_TEST(oversized_datagrams_hold_nobody_up)
{
    struct world world;
    static const uint8_t big[5000];
    int fd = raw_open();
    world_listen(&world, (struct link_options){0});
    uint32_t who = world_dial(&world, 0);
    run_until(&world, &world.generations[who], 1);
    for (int i = 0; i < 100; i++)
        raw_send(fd, world.port, big, i % 2 ? sizeof big : 1201);
    ck_assert(say(&world, who, CHANNEL_CONTROL, "x"));
    link_flush(world.clients[who]);
    usleep(20000);
    serve(&world);
    ck_assert_uint_eq(world.received, 1);
    (void)close(fd);
    world_close(&world);
}
END_TEST

START_TEST(a_blind_connect_gets_no_event_no_slot_and_no_answer)
{
    struct world world;
    uint8_t connect[52];
    uint8_t answer[64];
    int fd = raw_open();
    world_listen(&world, (struct link_options){0});
    write_connect(connect, 1, 0x12345678);
    raw_send(fd, world.port, connect, sizeof connect);
    run_for(&world, 100000);
    ck_assert_int_lt(recv(fd, answer, sizeof answer, MSG_DONTWAIT), 0);
    ck_assert_uint_eq(world.connected, 0);
    ck_assert_uint_eq(facts_of(world.server).dropped_unknown, 1);
    ck_assert_uint_eq(facts_of(world.server).peers, 0);
    (void)close(fd);
    world_close(&world);
}
END_TEST

START_TEST(a_connect_with_its_cookie_is_answered_once)
{
    struct world world;
    uint8_t bytes[COOKIE_HELLO_BYTES];
    struct cookie_hello hello = {.versions = {VERSION_CURRENT, VERSION_CURRENT}, .nonce = 9};
    struct cookie_answer answer;
    int fd = raw_open();
    world_listen(&world, (struct link_options){0});
    cookie_hello_encode(&hello, bytes);
    raw_send(fd, world.port, bytes, sizeof bytes);
    run_for(&world, 20000);
    ssize_t size = recv(fd, bytes, sizeof bytes, 0);
    ck_assert_int_le(size, 40);
    ck_assert(cookie_answer_decode(bytes, (size_t)size, &answer));
    ck_assert_uint_eq(answer.nonce, 9);
    ck_assert_uint_eq(answer.port, world.port);
    write_connect(bytes, 5, answer.cookie);
    for (int i = 0; i < 5; i++)
        raw_send(fd, world.port, bytes, 52);
    run_for(&world, 20000);
    ck_assert_int_gt(recv(fd, bytes, sizeof bytes, 0), 40); /* VERIFY_CONNECT */
    ck_assert_int_lt(recv(fd, bytes, sizeof bytes, MSG_DONTWAIT), 0);
    ck_assert_uint_eq(world.connected, 0); /* not confirmed */
    (void)close(fd);
    world_close(&world);
}
END_TEST

START_TEST(a_flood_of_connects_leaves_the_slots_free)
{
    struct world world;
    int fd = raw_open();
    world_listen(&world, (struct link_options){.peers_max = 4});
    for (uint32_t i = 0; i < 20000; i++) {
        uint8_t connect[52];
        write_connect(connect, i, i * 2654435761U);
        raw_send(fd, world.port, connect, sizeof connect);
        if (i % 200 == 0)
            serve(&world);
    }
    for (int i = 0; i < 4; i++)
        (void)world_dial(&world, 0);
    run_until(&world, &world.connected, 4);
    (void)close(fd);
    world_close(&world);
}
END_TEST

START_TEST(the_client_connects_to_the_port_in_the_cookie)
{
    struct error error;
    int asked = raw_open();
    int named = raw_open();
    uint8_t bytes[1400];
    struct sockaddr_in client;
    socklen_t size = sizeof client;
    struct cookie_hello hello;
    struct link_options options = {.address = "127.0.0.1", .port = raw_port(asked)};
    struct link *link = link_dial(&options, &error);
    link_service(link, now_us());
    ssize_t got = recvfrom(asked, bytes, sizeof bytes, 0, (struct sockaddr *)&client, &size);
    ck_assert_int_eq(got, COOKIE_HELLO_BYTES);
    ck_assert(cookie_hello_decode(bytes, (size_t)got, &hello));
    struct cookie_answer answer = {
        .nonce = hello.nonce, .port = raw_port(named), .cookie = 0xCAFE1234};
    cookie_answer_encode(&answer, bytes);
    raw_send(asked, ntohs(client.sin_port), bytes, COOKIE_ANSWER_BYTES);
    usleep(20000);
    link_service(link, now_us());
    ck_assert_int_eq(recv(named, bytes, sizeof bytes, 0), 52);
    ck_assert_mem_eq(bytes + 48, "\xCA\xFE\x12\x34", 4);
    link_destroy(&link);
    (void)close(asked);
    (void)close(named);
}
END_TEST

/* More than ENet reads in one go waits at the socket: none of it may be left lying. */
START_TEST(all_that_waits_is_read)
{
    enum { CLIENTS = 300, EACH = 4 };
    struct world world;
    world_listen(&world, (struct link_options){.connects_s_max = 100000});
    for (int i = 0; i < CLIENTS; i++)
        (void)world_dial(&world, 0);
    run_until(&world, &world.connected, CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        run_until(&world, &world.generations[i], 1);
    run_for(&world, 100000);
    for (int i = 0; i < CLIENTS * EACH; i++) {
        ck_assert(say(&world, (uint32_t)i % CLIENTS, CHANNEL_STATE, "input"));
        link_flush(world.clients[i % CLIENTS]);
    }
    usleep(20000);
    serve(&world);
    ck_assert_uint_eq(world.received, CLIENTS * EACH);
    world_close(&world);
}
END_TEST

START_TEST(a_packet_is_shared)
{
    enum { CLIENTS = 40 };
    struct world world;
    static const uint8_t chunk[5000] = {7};
    world_listen(&world, (struct link_options){0});
    for (int i = 0; i < CLIENTS; i++)
        (void)world_dial(&world, 0);
    run_until(&world, &world.connected, CLIENTS);
    struct link_packet *packet = link_packet_create(chunk, sizeof chunk, CHANNEL_WORLD);
    struct link_packet *second = link_packet_share(packet);
    for (uint32_t peer = 0; peer < CLIENTS; peer++)
        ck_assert(link_send(world.server, peer, world.peers[peer], packet));
    link_packet_release(&packet);
    ck_assert_ptr_null(packet);
    for (uint32_t i = 0; i < CLIENTS; i++)
        run_until(&world, &world.client_received[i], 1);
    ck_assert(link_send(world.server, 0, world.peers[0], second));
    link_packet_release(&second);
    link_packet_release(&second);
    run_for(&world, 100000);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < CLIENTS; i++)
        sum += world.client_received[i];
    ck_assert_uint_eq(sum, CLIENTS + 1);
    world_close(&world);
}
END_TEST

START_TEST(who_sends_too_much_is_cut_down)
{
    struct world world;
    world_listen(&world, (struct link_options){0});
    uint32_t who = world_dial(&world, 0);
    run_until(&world, &world.generations[who], 1);
    for (int i = 0; i < 1000; i++) {
        ck_assert(say(&world, who, CHANNEL_STATE, "flood"));
        link_flush(world.clients[who]);
    }
    run_for(&world, 100000);
    ck_assert_uint_le(world.received, 200);
    ck_assert_uint_ge(world.received, 100);
    ck_assert_uint_gt(facts_of(world.server).dropped_over_limit, 700);
    ck_assert_uint_eq(world.disconnected, 0);
    world_close(&world);
}
END_TEST

START_TEST(what_cannot_be_is_refused_in_words)
{
    struct world world;
    struct error error;
    world_listen(&world, (struct link_options){0});
    struct link_options taken = {.address = "127.0.0.1", .port = world.port, .peers_max = 1};
    char expected[80];
    (void)snprintf(expected, sizeof expected, "cannot listen on 127.0.0.1:%u: ", world.port);
    ck_assert_ptr_null(link_listen(&taken, &error));
    ck_assert_mem_eq(error.text, expected, strlen(expected));
    struct link_options named = {.address = "localhost", .port = 1, .peers_max = 1};
    ck_assert_ptr_null(link_listen(&named, &error));
    ck_assert_ptr_null(link_dial(&named, &error));
    struct link *none = NULL;
    link_destroy(&none);
    ck_assert_int_ge(link_fd(world.server), 0);
    world_close(&world);
}
END_TEST

TESTING_MAIN("link", connects_sends_both_ways_and_ends, the_first_words_are_not_lost,
             who_leaves_says_so_at_once, a_kick_comes_behind_what_was_sent,
             a_slot_that_is_used_again_has_another_generation,
             versions_are_refused_in_words_on_both_sides,
             a_wrong_version_is_logged_and_not_too_often, full_and_closed_servers_say_so,
             one_address_gets_its_share_and_hears_it, garbage_reaches_nobody,
             oversized_datagrams_hold_nobody_up,
             a_blind_connect_gets_no_event_no_slot_and_no_answer,
             a_connect_with_its_cookie_is_answered_once, a_flood_of_connects_leaves_the_slots_free,
             the_client_connects_to_the_port_in_the_cookie, all_that_waits_is_read,
             a_packet_is_shared, who_sends_too_much_is_cut_down, what_cannot_be_is_refused_in_words)
