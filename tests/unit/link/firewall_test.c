#include "link/firewall.h"

#include <string.h>

#include "testing.h"

enum { SENT_TIME = 0x80, ACK = 0x80, UNSEQUENCED = 0x40 };

/* A datagram under construction. */
struct packet {
    uint8_t bytes[1400];
    size_t size_bytes;
};

static void add(struct packet *packet, const uint8_t *bytes, size_t size_bytes)
{
    memcpy(packet->bytes + packet->size_bytes, bytes, size_bytes);
    packet->size_bytes += size_bytes;
}

#define ADD(packet, ...)                                                                           \
    add((packet), (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Begins with a timed header of peer 3, session 1. */
static struct packet begin(void)
{
    struct packet packet = {.size_bytes = 0};
    ADD(&packet, SENT_TIME | 0x10, 3, 0, 0);
    return packet;
}

static void add_reliable(struct packet *packet, uint8_t channel, uint16_t sequence, uint16_t size)
{
    ADD(packet, ACK | 6, channel, (uint8_t)(sequence >> 8), (uint8_t)sequence, (uint8_t)(size >> 8),
        (uint8_t)size);
    packet->size_bytes += size;
}

static void add_unsequenced(struct packet *packet, uint8_t channel, uint16_t size)
{
    ADD(packet, UNSEQUENCED | 9, channel, 0, 0, 0, 1, (uint8_t)(size >> 8), (uint8_t)size);
    packet->size_bytes += size;
}

static void add_ping(struct packet *packet)
{
    ADD(packet, ACK | 5, 0xFF, 0, 1);
}

static void add_ack(struct packet *packet, uint8_t channel)
{
    ADD(packet, 1, channel, 0, 1, 0, 1, 0, 1);
}

struct fragment {
    uint16_t size;
    uint32_t count, number, total, offset;
};

static void add_fragment(struct packet *packet, struct fragment fragment)
{
    uint32_t fields[] = {fragment.count, fragment.number, fragment.total, fragment.offset};
    ADD(packet, ACK | 8, 2, 0, 1, 0, 1, (uint8_t)(fragment.size >> 8), (uint8_t)fragment.size);
    for (size_t i = 0; i < 4; i++)
        ADD(packet, (uint8_t)(fields[i] >> 24), (uint8_t)(fields[i] >> 16),
            (uint8_t)(fields[i] >> 8), (uint8_t)fields[i]);
    packet->size_bytes += fragment.size;
}

/* The verdict on an exact copy, so that a sanitizer sees a read beyond the end. */
static enum firewall_verdict check(const struct packet *packet, bool is_client)
{
    struct firewall_sender sender = {.is_client = is_client};
    struct firewall_load load;
    uint8_t *copy = malloc(packet->size_bytes + 1);
    memcpy(copy, packet->bytes, packet->size_bytes);
    enum firewall_verdict verdict =
        firewall_check_commands(copy, packet->size_bytes, &sender, &load);
    free(copy);
    return verdict;
}

static enum firewall_verdict check_client(const struct packet *packet)
{
    return check(packet, true);
}

/* ENet's CONNECT as our client sends it. */
static struct packet connect_packet(void)
{
    struct packet packet = {.size_bytes = 0};
    ADD(&packet, 0x8F, 0xFF, 0x12, 0x34);                   /* no peer yet, sent time */
    ADD(&packet, ACK | 2, 0xFF, 0, 1);                      /* CONNECT */
    ADD(&packet, 0, 0, 0xFF, 0xFF);                         /* peer id, sessions */
    ADD(&packet, 0, 0, 0x04, 0x9C);                         /* mtu 1180 */
    ADD(&packet, 0, 1, 0, 0);                               /* window */
    ADD(&packet, 0, 0, 0, 5);                               /* channels */
    ADD(&packet, 0, 0, 0, 0, 0, 0, 0, 0);                   /* bandwidths */
    ADD(&packet, 0, 0, 0x13, 0x88, 0, 0, 0, 2, 0, 0, 0, 2); /* throttle */
    ADD(&packet, 1, 2, 3, 4);                               /* connect id */
    ADD(&packet, 0xDE, 0xAD, 0xBE, 0xEF);                   /* data */
    return packet;
}

static enum firewall_verdict check_connect(const struct packet *packet)
{
    struct firewall_connect connect;
    return firewall_check_connect(packet->bytes, packet->size_bytes, &connect);
}

START_TEST(sorts_by_the_first_bytes)
{
    struct firewall_header header = {0};
    struct packet packet = begin();
    add_ping(&packet);
    ck_assert_int_eq(firewall_sort(packet.bytes, packet.size_bytes, &header), FIREWALL_KIND_PEER);
    ck_assert_uint_eq(header.peer, 3);
    ck_assert_uint_eq(header.session, 1);
    packet = connect_packet();
    ck_assert_int_eq(firewall_sort(packet.bytes, packet.size_bytes, &header),
                     FIREWALL_KIND_CONNECT);
    ck_assert_int_eq(firewall_sort((const uint8_t *)"\xFF\xFFTLTH\x01", 7, &header),
                     FIREWALL_KIND_HANDSHAKE);
}
END_TEST

START_TEST(garbage_is_sorted_out)
{
    struct firewall_header header;
    struct packet packet = begin();
    ck_assert_int_eq(firewall_sort(packet.bytes, 0, &header), FIREWALL_KIND_GARBAGE);
    ck_assert_int_eq(firewall_sort(packet.bytes, 5, &header), FIREWALL_KIND_GARBAGE);
    ck_assert_int_eq(firewall_sort(packet.bytes, 1201, &header), FIREWALL_KIND_GARBAGE);
    ck_assert_int_eq(firewall_sort(packet.bytes, 1200, &header), FIREWALL_KIND_PEER);
    packet.bytes[0] |= 0x40; /* compressed */
    ck_assert_int_eq(firewall_sort(packet.bytes, 100, &header), FIREWALL_KIND_GARBAGE);
}
END_TEST

START_TEST(a_connect_of_ours_passes)
{
    struct packet packet = connect_packet();
    struct firewall_connect connect;
    ck_assert_uint_eq(packet.size_bytes, FIREWALL_CONNECT_BYTES);
    ck_assert_int_eq(firewall_check_connect(packet.bytes, packet.size_bytes, &connect),
                     FIREWALL_PASS);
    ck_assert_uint_eq(connect.data, 0xDEADBEEF);
    ck_assert_mem_eq(&connect.connect_id, "\1\2\3\4", 4);
}
END_TEST

START_TEST(a_connect_must_be_exact)
{
    struct packet packet = connect_packet();
    packet.size_bytes--;
    ck_assert_int_eq(check_connect(&packet), FIREWALL_GARBAGE);
    packet.size_bytes += 2;
    ck_assert_int_eq(check_connect(&packet), FIREWALL_GARBAGE);
    for (int at = 0; at < 2; at++) {
        packet = connect_packet();
        packet.bytes[at] ^= 0x10; /* a session, another peer */
        ck_assert_int_eq(check_connect(&packet), FIREWALL_GARBAGE);
    }
    for (int at = 4; at < 6; at++) {
        packet = connect_packet();
        packet.bytes[at] ^= 1; /* another command, another channel */
        ck_assert_int_eq(check_connect(&packet), FIREWALL_GARBAGE);
    }
}
END_TEST

START_TEST(a_connect_dictates_nothing)
{
    static const struct {
        size_t at;
        uint8_t high, low;
    } wrong[] = {
        {8, 0x0F, 0xFF},  /* outgoing peer id: none */
        {14, 0x10, 0x00}, /* mtu 4096 */
        {14, 0x04, 0x9D}, /* mtu 1181 */
        {14, 0x02, 0x3F}, /* mtu 575 */
        {22, 0, 1},       /* one channel */
        {22, 0, 255},     /* 255 channels */
        {26, 0, 1},       /* incoming bandwidth */
        {30, 0, 1},       /* outgoing bandwidth */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct packet packet = connect_packet();
        packet.bytes[wrong[i].at] = wrong[i].high;
        packet.bytes[wrong[i].at + 1] = wrong[i].low;
        ck_assert_msg(check_connect(&packet) == FIREWALL_FORBIDDEN, "case %zu", i);
    }
}
END_TEST

START_TEST(what_clients_send_passes)
{
    struct packet packet = begin();
    add_ack(&packet, 2);
    add_ack(&packet, 0xFF);
    add_ping(&packet);
    add_reliable(&packet, 0, 1, 20);
    add_unsequenced(&packet, 1, 30);
    ADD(&packet, ACK | 4, 0xFF, 0, 1, 0, 0, 0, 7); /* DISCONNECT */
    struct firewall_sender sender = {.is_client = true};
    struct firewall_load load;
    ck_assert_int_eq(firewall_check_commands(packet.bytes, packet.size_bytes, &sender, &load),
                     FIREWALL_PASS);
    ck_assert_uint_eq(load.commands, 6);
    ck_assert(!load.has_acks_only);
}
END_TEST

START_TEST(acknowledgements_are_told_apart)
{
    struct packet packet = {.size_bytes = 0};
    ADD(&packet, 0x10, 3); /* without time */
    add_ack(&packet, 2);
    add_ack(&packet, 4);
    struct firewall_sender sender = {.is_client = true};
    struct firewall_load load;
    ck_assert_int_eq(firewall_check_commands(packet.bytes, packet.size_bytes, &sender, &load),
                     FIREWALL_PASS);
    ck_assert(load.has_acks_only);
    ck_assert_uint_eq(load.commands, 2);
}
END_TEST

START_TEST(what_servers_alone_send_is_forbidden_to_clients)
{
    struct packet packet = begin();
    add_fragment(&packet, (struct fragment){100, 2, 0, 200, 0});
    ck_assert_int_eq(check_client(&packet), FIREWALL_FORBIDDEN);
    ck_assert_int_eq(check(&packet, false), FIREWALL_PASS);
    packet = begin();
    ADD(&packet, ACK | 3, 0xFF, 0, 1); /* VERIFY_CONNECT */
    packet.size_bytes += 40;
    ck_assert_int_eq(check_client(&packet), FIREWALL_FORBIDDEN);
    ck_assert_int_eq(check(&packet, false), FIREWALL_PASS);
}
END_TEST

START_TEST(what_nobody_sends_is_forbidden_to_all)
{
    static const uint8_t commands[] = {0, ACK | 0, ACK | 2, 2, 7, 12, 10, 11, ACK | 10, ACK | 11};
    for (size_t i = 0; i < sizeof commands; i++) {
        struct packet packet = begin();
        ADD(&packet, commands[i], 0xFF, 0, 1);
        packet.size_bytes += 44;
        ck_assert_msg(check_client(&packet) == FIREWALL_FORBIDDEN, "client %zu", i);
        ck_assert_msg(check(&packet, false) == FIREWALL_FORBIDDEN, "server %zu", i);
    }
}
END_TEST

START_TEST(unknown_commands_are_garbage)
{
    for (uint8_t number = 13; number < 16; number++) {
        struct packet packet = begin();
        ADD(&packet, number, 0xFF, 0, 1);
        packet.size_bytes += 44;
        ck_assert_int_eq(check_client(&packet), FIREWALL_GARBAGE);
    }
}
END_TEST

START_TEST(flags_must_be_those_of_the_command)
{
    static const uint8_t wrong[] = {6,
                                    9,
                                    5,
                                    ACK | 1,
                                    ACK | 9,
                                    ACK | UNSEQUENCED | 6,
                                    UNSEQUENCED | 6,
                                    0x10 | ACK | 6,
                                    0x20 | ACK | 5,
                                    4};
    for (size_t i = 0; i < sizeof wrong; i++) {
        struct packet packet = begin();
        ADD(&packet, wrong[i], (wrong[i] & 0xF) == 6 || (wrong[i] & 0xF) == 9 ? 0 : 0xFF, 0, 1, 0,
            0, 0, 0);
        ck_assert_msg(check_client(&packet) != FIREWALL_PASS, "case %zu", i);
    }
}
END_TEST

START_TEST(channels_must_exist)
{
    for (uint8_t channel = 5; channel != 0; channel++) {
        struct packet packet = begin();
        add_reliable(&packet, channel, 1, 4);
        ck_assert_int_eq(check_client(&packet), FIREWALL_FORBIDDEN);
        packet = begin();
        add_unsequenced(&packet, channel, 4);
        ck_assert_int_eq(check_client(&packet), FIREWALL_FORBIDDEN);
        packet = begin();
        add_ack(&packet, channel);
        ck_assert_int_eq(check_client(&packet),
                         channel == 0xFF ? FIREWALL_PASS : FIREWALL_FORBIDDEN);
    }
    struct packet packet = begin();
    ADD(&packet, ACK | 5, 0, 0, 1); /* a ping on a channel */
    ck_assert_int_eq(check_client(&packet), FIREWALL_FORBIDDEN);
}
END_TEST

START_TEST(commands_end_with_the_datagram)
{
    struct packet packet = begin();
    add_ack(&packet, 0);
    add_reliable(&packet, 0, 1, 20);
    size_t whole = packet.size_bytes;
    for (packet.size_bytes = 0; packet.size_bytes < whole; packet.size_bytes++)
        if (packet.size_bytes != 4 + 8)
            ck_assert_msg(check_client(&packet) == FIREWALL_GARBAGE, "%zu", packet.size_bytes);
    packet.size_bytes = whole;
    ck_assert_int_eq(check_client(&packet), FIREWALL_PASS);
    packet.size_bytes = whole + 1;
    ck_assert_int_eq(check_client(&packet), FIREWALL_GARBAGE);
}
END_TEST

START_TEST(a_length_beyond_the_end_is_garbage)
{
    struct packet packet = begin();
    add_reliable(&packet, 0, 1, 20);
    packet.bytes[4 + 4] = 0xFF;
    ck_assert_int_eq(check_client(&packet), FIREWALL_GARBAGE);
    packet = begin();
    add_unsequenced(&packet, 1, 20);
    packet.bytes[4 + 7] = 21;
    ck_assert_int_eq(check_client(&packet), FIREWALL_GARBAGE);
}
END_TEST

START_TEST(commands_are_counted)
{
    struct packet packet = begin();
    for (int i = 0; i < FIREWALL_COMMANDS_MAX; i++)
        add_ping(&packet);
    ck_assert_int_eq(check_client(&packet), FIREWALL_PASS);
    add_ping(&packet);
    ck_assert_int_eq(check_client(&packet), FIREWALL_FORBIDDEN);
}
END_TEST

START_TEST(datagrams_are_bounded)
{
    struct packet packet = begin();
    add_reliable(&packet, 0, 1, 1190);
    ck_assert_uint_eq(packet.size_bytes, 1200);
    ck_assert_int_eq(check_client(&packet), FIREWALL_PASS);
    packet = begin();
    add_reliable(&packet, 0, 1, 1191);
    ck_assert_int_eq(check_client(&packet), FIREWALL_GARBAGE);
}
END_TEST

START_TEST(what_wants_an_answer_needs_a_time)
{
    struct packet packet = {.size_bytes = 0};
    ADD(&packet, 0x10, 3);
    add_ping(&packet);
    ck_assert_int_eq(check_client(&packet), FIREWALL_GARBAGE);
}
END_TEST

static enum firewall_verdict check_lead(uint16_t expected, uint16_t sequence, bool is_client)
{
    struct firewall_sender sender = {.is_client = is_client, .sequences[2] = expected};
    struct firewall_load load;
    struct packet packet = begin();
    add_reliable(&packet, 2, sequence, 4);
    return firewall_check_commands(packet.bytes, packet.size_bytes, &sender, &load);
}

START_TEST(clients_may_lead_a_little)
{
    static const uint16_t starts[] = {0, 1, 500, 32767, 65000, 65535};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        uint16_t at = starts[i];
        ck_assert_int_eq(check_lead(at, (uint16_t)(at + 1), true), FIREWALL_PASS);
        ck_assert_int_eq(check_lead(at, (uint16_t)(at + 512), true), FIREWALL_PASS);
        ck_assert_int_eq(check_lead(at, (uint16_t)(at + 513), true), FIREWALL_OVER_LIMIT);
        ck_assert_int_eq(check_lead(at, (uint16_t)(at + 28000), true), FIREWALL_OVER_LIMIT);
        ck_assert_int_eq(check_lead(at, (uint16_t)(at + 28000), false), FIREWALL_PASS);
        ck_assert_int_eq(check_lead(at, (uint16_t)(at - 1), true), FIREWALL_PASS);
    }
}
END_TEST

START_TEST(fragments_must_add_up)
{
    static const struct fragment wrong[] = {
        {1, 1048576, 0, 1, 0},          /* the bitmap of 128 KiB */
        {100, 2, 2, 200, 100},          /* a number beyond the count */
        {100, 2, 0, 256 * 1024 + 1, 0}, /* larger than a packet may be */
        {100, 2, 1, 200, 200},
        {100, 2, 1, 200, 101},  /* beyond the end */
        {0, 2, 0, 200, 0},      /* nothing */
        {1, 513, 0, 100000, 0}, /* too many */
        {1, 3, 0, 2, 0},        /* more than there are bytes */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct packet packet = begin();
        add_fragment(&packet, wrong[i]);
        ck_assert_msg(check(&packet, false) == FIREWALL_FORBIDDEN, "case %zu", i);
    }
}
END_TEST

TESTING_MAIN("firewall", sorts_by_the_first_bytes, garbage_is_sorted_out, a_connect_of_ours_passes,
             a_connect_must_be_exact, a_connect_dictates_nothing, what_clients_send_passes,
             acknowledgements_are_told_apart, what_servers_alone_send_is_forbidden_to_clients,
             what_nobody_sends_is_forbidden_to_all, unknown_commands_are_garbage,
             flags_must_be_those_of_the_command, channels_must_exist,
             commands_end_with_the_datagram, a_length_beyond_the_end_is_garbage,
             commands_are_counted, datagrams_are_bounded, what_wants_an_answer_needs_a_time,
             clients_may_lead_a_little, fragments_must_add_up)
