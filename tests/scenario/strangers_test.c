/* Names and keys, hostile clients, wrong versions, garbage. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bottle/flood.h"
#include "bottle/player.h"
#include "sample.h"
#include "stranger/stranger.h"

static struct player *start_with(struct bottle *bottle, const char *name)
{
    BOTTLE_HOLDS(bottle, bottle->is_running || bottle_start(bottle));
    struct player *player = player_join(bottle, name);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    return player;
}

static bool can_build(struct player *player)
{
    struct cell_pos here = player_cell(player);
    uint32_t done = player->done;
    (void)player_place(player, "floor_tile", here.x + 1, here.y);
    (void)player_remove(player, here.x + 1, here.y);
    return player_await_outcomes(player, 1000) && player->done == done + 2;
}

START_TEST(a_name_belongs_to_the_key_that_took_it)
{
    struct bottle *bottle = bottle_create(1);
    struct player *ann = start_with(bottle, "ann");
    struct player *thief = player_create(bottle, &(struct player_options){.name = "Ann"});
    BOTTLE_UNTIL(bottle, 10000, thief->words[0] != '\0');
    ck_assert_str_eq(thief->words, "this name belongs to another player's key");
    ck_assert(!thief->is_retrying);
    player_leave(thief);
    player_leave(ann);
    bottle_run(bottle, 20000);
    thief = player_create(bottle, &(struct player_options){.name = "ann"});
    BOTTLE_UNTIL(bottle, 10000, thief->words[0] != '\0');
    ck_assert_str_eq(thief->words, "this name belongs to another player's key");
    player_leave(thief);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(who_connects_again_takes_over)
{
    char path[] = "/tmp/tilth-key-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    (void)close(file);
    (void)unlink(path);
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player_options options = {.name = "ann", .key_path = path};
    struct player *first = player_create(bottle, &options);
    BOTTLE_HOLDS(bottle, player_await_ready(first));
    ck_assert(can_build(first));
    struct player *second = player_create(bottle, &options);
    BOTTLE_HOLDS(bottle, player_await_ready(second));
    bottle_run(bottle, 5000);
    ck_assert_str_eq(first->words, "you connected again from elsewhere");
    ck_assert(!first->is_retrying);
    ck_assert_uint_eq(second->connected, 1);
    ck_assert(can_build(second));
    player_leave(first);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
    (void)unlink(path);
}
END_TEST

/* 10,000 requests a second, until the server ends it in these words; others play on. */
static void check_flood(struct bottle *bottle, const char *words)
{
    struct player *ann = start_with(bottle, "ann");
    struct player *mob = start_with(bottle, "mob");
    uint32_t number = player_say(mob, "watch this");
    BOTTLE_HOLDS(bottle, player_await_outcomes(mob, 1000));
    for (uint32_t i = 0; i < 3000 && tilth_client_is_connected(mob->client); i++) {
        (void)flood_say(mob->client, number, 100);
        bottle_run(bottle, 10);
        if (i % 100 == 0)
            ck_assert(can_build(ann));
    }
    ck_assert_str_eq(mob->words, words);
    ck_assert(!mob->is_retrying);
    player_leave(mob);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
}

START_TEST(a_client_that_asks_too_much_is_ended_in_words)
{
    struct bottle *bottle = bottle_create(1);
    bottle->settings.client_datagrams_s_max = 10000;
    bottle->settings.client_bytes_s_max = 1 << 20;
    bottle->settings.client_commands_s_max = 20000;
    check_flood(bottle, "too many requests");
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(a_client_that_sends_too_much_is_ended_in_words)
{
    struct bottle *bottle = bottle_create(1);
    bottle->settings.intents_flood_max = 1000000;
    check_flood(bottle, "too much traffic: more than a client may send");
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(an_operator_can_send_a_player_away)
{
    struct bottle *bottle = bottle_create(1);
    struct player *ann = start_with(bottle, "ann");
    static const char line[] = "kick ann";
    struct {
        struct console_line head;
        char text[sizeof line];
    } record = {.head = {.client = 1, .size_bytes = sizeof line - 1}};
    memcpy(record.text, line, sizeof line);
    ck_assert(ring_write(&bottle->server.lines, &record, sizeof record.head + sizeof line - 1));
    BOTTLE_UNTIL(bottle, 3000, !tilth_client_is_connected(ann->client));
    ck_assert_str_eq(ann->words, "an operator sent you away");
    ck_assert(!ann->is_retrying);
    player_leave(ann);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(another_protocol_version_is_told_in_words)
{
    struct bottle *bottle = bottle_create(1);
    struct error error = {""};
    struct link_event event = {.kind = LINK_CONNECTED};
    struct link_options options = {.address = BOTTLE_ADDRESS,
                                   .port = BOTTLE_PORT,
                                   .version = VERSION_NUMBER(VERSION_MAJOR + 1, 0)};
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct link *link = link_dial(&options, &error);
    ck_assert_msg(link != NULL, "%s", error.text);
    bool is_told = false;
    for (uint32_t i = 0; i < 1000 && !is_told; i++) {
        bottle_run(bottle, 10);
        link_service(link, bottle_now_us());
        is_told = link_next(link, &event);
        link_flush(link);
    }
    ck_assert(is_told);
    ck_assert_int_eq(event.kind, LINK_REFUSED);
    ck_assert_msg(strstr(event.text, "protocol 1.0") != NULL, "%s", event.text);
    link_destroy(&link);
    bottle_destroy(&bottle);
}
END_TEST

/* Datagrams of random bytes, from strangers and under a player's address, some of them like real
 * ones at the start. */
static void throw_garbage(struct bottle *bottle, const char *address)
{
    uint8_t bytes[1400];
    size_t size = 1 + rng_below(&bottle->rng, sizeof bytes);
    struct sim_network_place from = {address, (uint16_t)(49152 + rng_below(&bottle->rng, 8))};
    struct sim_network_place to = {BOTTLE_ADDRESS, BOTTLE_PORT};
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)rng_next(&bottle->rng);
    if (rng_chance(&bottle->rng, 500000))
        memset(bytes, 0, size < 4 ? size : 4);
    ck_assert(sim_network_forge(from, to, bytes, size));
}

START_TEST(garbage_changes_nothing)
{
    struct bottle *bottle = bottle_create(1);
    struct player *ann = start_with(bottle, "ann");
    for (uint32_t i = 0; i < 200; i++) {
        for (uint32_t n = 0; n < 20; n++)
            throw_garbage(bottle, n % 2 == 0 ? "10.66.6.6" : ann->address);
        bottle_run(bottle, 10);
    }
    ck_assert(can_build(ann));
    ck_assert_uint_eq(ann->connected, 1);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(intents_at_the_edge_of_the_world_are_refused)
{
    struct bottle *bottle = bottle_create(1);
    struct player *ann = start_with(bottle, "ann");
    static const int32_t edges[] = {GRID_CELL_MIN, GRID_CELL_MAX, -1000000, 1000000};
    for (size_t i = 0; i < 16; i++)
        (void)player_place(ann, "sign", edges[i / 4], edges[i % 4]);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 2000));
    ck_assert_uint_eq(ann->refused, 16);
    ck_assert_str_eq(ann->refusal, "OUT_OF_REACH");
    ck_assert_uint_eq(tilth_client_place(ann->client, "sign", GRID_CELL_MAX + 1, 0, NULL), 0);
    ck_assert_uint_eq(tilth_client_place(ann->client, "unicorn", 0, 0, NULL), 0);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

static struct net_facts facts_of(struct bottle *bottle)
{
    struct net_facts facts;
    net_facts(bottle->server.nets[0], &facts);
    return facts;
}

static void step_stranger(struct bottle *bottle, struct stranger *stranger)
{
    bottle_run(bottle, 10);
    stranger_step(stranger, bottle_now_us());
}

/* Messages that are cut off: some are borne, and the next is the end. */
START_TEST(a_client_that_cannot_spell_is_ended_in_words)
{
    static struct stranger stranger;
    struct bottle *bottle = bottle_create(1);
    bottle->settings.malformed_max = 3;
    struct player *ann = start_with(bottle, "ann");
    struct link_options options = {.address = BOTTLE_ADDRESS, .port = BOTTLE_PORT};
    struct error error;
    ck_assert(stranger_dial(&stranger, &options, "mob", &error));
    for (uint32_t i = 0; i < 300 && stranger.phase != STRANGER_PLAYING; i++)
        step_stranger(bottle, &stranger);
    ck_assert_int_eq(stranger.phase, STRANGER_PLAYING);
    for (uint32_t sent = 1; sent <= 3; sent++) {
        ck_assert_int_eq(stranger.phase, STRANGER_PLAYING);
        ck_assert(stranger_send(&stranger, (struct link_message){CHANNEL_CONTROL, "\xFF\xFF", 2}));
        for (uint32_t i = 0; i < 50; i++)
            step_stranger(bottle, &stranger);
    }
    ck_assert_int_eq(stranger.phase, STRANGER_OVER);
    ck_assert_msg(strstr(stranger.words, "too many malformed messages") != NULL, "%s",
                  stranger.words);
    ck_assert_uint_eq(facts_of(bottle).ended_malformed, 1);
    stranger_close(&stranger);
    ck_assert(can_build(ann));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* A message that clients send, with random fields; most intents are at home near the middle. */
static size_t random_message(struct rng *rng, uint8_t *bytes, size_t capacity)
{
    static const enum message_kind kinds[] = {
        MESSAGE_ASK,        MESSAGE_ASK,         MESSAGE_VIEWED,      MESSAGE_WANT_LOOKS,
        MESSAGE_WANT_IMAGE, MESSAGE_OFFER_IMAGE, MESSAGE_IMAGE_SLICE, MESSAGE_OFFER_IMAGE};
    struct message message = {.kind = kinds[rng_below(rng, 8)]};
    struct sample_spans spans, inner;
    struct packet packet;
    uint8_t body[512];
    sample_record(rng, message_schema(message.kind), &message.ask, &spans);
    if (message.kind == MESSAGE_ASK) {
        struct bit_writer writer;
        struct intent intent = {.kind = (enum intent_kind)(INTENT_PLACE + rng_below(rng, 13))};
        bits_write_init(&writer, body, sizeof body);
        sample_record(rng, intent_schema(intent.kind), intent_record_of(&intent), &inner);
        codec_encode(&writer, intent_schema(intent.kind), intent_record(&intent));
        message.ask.kind = intent.kind;
        message.ask.body = (struct span){body, (uint32_t)bits_finish_writing(&writer)};
    }
    if (message.kind == MESSAGE_OFFER_IMAGE && rng_below(rng, 2) == 0)
        message.offer_image.size = 1 + (uint32_t)rng_below(rng, 600);
    if (message.kind == MESSAGE_IMAGE_SLICE)
        message.image_slice.offset = 0;
    framing_init(&packet, bytes, capacity);
    return message_add(&packet, &message) ? packet.size_bytes : 0;
}

static void let_in(struct bottle *bottle, struct stranger *stranger)
{
    struct link_options options = {.address = BOTTLE_ADDRESS, .port = BOTTLE_PORT};
    struct error error;
    ck_assert(stranger_dial(stranger, &options, "mob", &error));
    for (uint32_t i = 0; i < 600 && stranger->phase != STRANGER_PLAYING; i++)
        step_stranger(bottle, stranger);
}

/* Whatever a client says, in whatever order: the world, and the others, bear it. */
START_TEST(what_a_client_says_harms_nobody)
{
    static struct stranger stranger;
    for (uint64_t seed = 1; seed <= TESTING_ROUNDS(40) / 20 + 1; seed++) {
        struct bottle *bottle = bottle_create(seed);
        struct rng rng;
        rng_init(&rng, seed);
        struct player *ann = start_with(bottle, "ann");
        let_in(bottle, &stranger);
        for (uint32_t i = 0; i < 1000; i++) {
            uint8_t bytes[1024];
            size_t size = random_message(&rng, bytes, sizeof bytes);
            enum wire_channel channel = rng_below(&rng, 4) == 0 ? CHANNEL_BULK : CHANNEL_CONTROL;
            if (stranger.phase != STRANGER_PLAYING) {
                stranger_close(&stranger);
                let_in(bottle, &stranger);
            } else if (size > 0) {
                (void)stranger_send(&stranger, (struct link_message){channel, bytes, size});
            }
            step_stranger(bottle, &stranger);
        }
        stranger_close(&stranger);
        ck_assert(can_build(ann));
        bottle_run(bottle, 1000);
        BOTTLE_HOLDS(bottle, bottle_settle(bottle));
        bottle_destroy(&bottle);
    }
}
END_TEST

/* Too many at once from one address: the others of that address wait for their turn, in words where
 * that takes too long; other addresses do not. */
START_TEST(one_address_that_connects_too_often_waits)
{
    static const char *const names[] = {"ann", "bob", "cid"};
    struct bottle *bottle = bottle_create(1);
    bottle->settings.connects_per_address_10s_max = 2;
    struct player *players[3];
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    for (uint32_t i = 0; i < 3; i++)
        players[i] = player_create(
            bottle, &(struct player_options){.name = names[i], .address = "10.7.0.1"});
    struct player *dan = player_join(bottle, "dan");
    BOTTLE_UNTIL(bottle, 2000, player_is_ready(dan) && facts_of(bottle).playing == 3);
    ck_assert(player_is_ready(dan));
    ck_assert_uint_eq(facts_of(bottle).playing, 3);
    ck_assert_uint_gt(facts_of(bottle).link.connects_over_limit, 0);
    for (uint32_t i = 0; i < 3; i++)
        BOTTLE_HOLDS(bottle, player_await_ready(players[i]));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(who_waits_too_long_hears_why)
{
    struct bottle *bottle = bottle_create(1);
    bottle->settings.connects_per_address_10s_max = 1;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player_options options = {.name = "ann", .address = "10.7.0.1"};
    struct player *ann = player_create(bottle, &options);
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    options.name = "bob";
    struct player *bob = player_create(bottle, &options);
    BOTTLE_UNTIL(bottle, 20000, bob->words[0] != '\0');
    ck_assert_str_eq(bob->words, "too many connect to the server from this address at once");
    ck_assert(bob->is_retrying);
    BOTTLE_HOLDS(bottle, player_await_ready(bob));
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("strangers", a_name_belongs_to_the_key_that_took_it, who_connects_again_takes_over,
             a_client_that_asks_too_much_is_ended_in_words,
             a_client_that_sends_too_much_is_ended_in_words, an_operator_can_send_a_player_away,
             another_protocol_version_is_told_in_words, garbage_changes_nothing,
             intents_at_the_edge_of_the_world_are_refused,
             a_client_that_cannot_spell_is_ended_in_words, what_a_client_says_harms_nobody,
             one_address_that_connects_too_often_waits, who_waits_too_long_hears_why)
