#include "link/firewall.h"

#include <string.h>

#include "link/cookie.h"

/* ENet 1.3.17, include/enet/protocol.h: header bits, command numbers and flags. */
enum {
    HEADER_PEER_MASK = 0x0FFF,
    HEADER_PEER_NONE = 0x0FFF,
    HEADER_SESSION_SHIFT = 12,
    HEADER_SESSION_MASK = 3,
    HEADER_COMPRESSED = 1 << 14,
    HEADER_SENT_TIME = 1 << 15,
    HEADER_BYTES = 2,
    HEADER_BYTES_TIMED = 4,
    COMMAND_HEADER_BYTES = 4,
    COMMAND_MASK = 0x0F,
    COMMAND_ACKNOWLEDGE = 1,
    COMMAND_CONNECT = 2,
    COMMAND_VERIFY_CONNECT = 3,
    COMMAND_DISCONNECT = 4,
    COMMAND_PING = 5,
    COMMAND_SEND_RELIABLE = 6,
    COMMAND_SEND_FRAGMENT = 8,
    COMMAND_SEND_UNSEQUENCED = 9,
    COMMAND_COUNT = 13,
    FLAG_NONE = 0,
    FLAG_ACKNOWLEDGE = 1 << 7,
    FLAG_UNSEQUENCED = 1 << 6,
    CHANNEL_NONE = 0xFF,
    MTU_MIN = 576,
};

/* What our ends send. Everything else that ENet knows is missing on purpose: unreliable commands
 * (with and without fragments) wait for reliable numbers that never come, and BANDWIDTH_LIMIT and
 * THROTTLE_CONFIGURE change how the other end sends. */
struct command_rule {
    uint8_t size_bytes; /* 0: nobody sends it */
    uint8_t flags;      /* exactly these */
    uint8_t flags_too;  /* or exactly these */
    bool is_of_clients; /* servers send all that is listed */
    bool has_payload;   /* a u16 length at `length_at`, and so many bytes behind */
    uint8_t length_at;
};

static const struct command_rule rules[COMMAND_COUNT] = {
    [COMMAND_ACKNOWLEDGE] = {8, FLAG_NONE, FLAG_NONE, true, false, 0},
    [COMMAND_VERIFY_CONNECT] = {44, FLAG_ACKNOWLEDGE, FLAG_ACKNOWLEDGE, false, false, 0},
    [COMMAND_DISCONNECT] = {8, FLAG_ACKNOWLEDGE, FLAG_UNSEQUENCED, true, false, 0},
    [COMMAND_PING] = {4, FLAG_ACKNOWLEDGE, FLAG_ACKNOWLEDGE, true, false, 0},
    [COMMAND_SEND_RELIABLE] = {6, FLAG_ACKNOWLEDGE, FLAG_ACKNOWLEDGE, true, true, 4},
    [COMMAND_SEND_FRAGMENT] = {24, FLAG_ACKNOWLEDGE, FLAG_ACKNOWLEDGE, false, true, 6},
    [COMMAND_SEND_UNSEQUENCED] = {8, FLAG_UNSEQUENCED, FLAG_UNSEQUENCED, true, true, 6},
};

static uint16_t get_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t get_u32(const uint8_t *bytes)
{
    return (uint32_t)get_u16(bytes) << 16 | get_u16(bytes + 2);
}

enum firewall_kind firewall_sort(const uint8_t *bytes, size_t size_bytes,
                                 struct firewall_header *out_header)
{
    if (cookie_is_handshake(bytes, size_bytes))
        return FIREWALL_KIND_HANDSHAKE;
    if (size_bytes < HEADER_BYTES + COMMAND_HEADER_BYTES || size_bytes > VERSION_DATAGRAM_BYTES)
        return FIREWALL_KIND_GARBAGE;
    uint16_t head = get_u16(bytes);
    if (head & HEADER_COMPRESSED)
        return FIREWALL_KIND_GARBAGE;
    if ((head & HEADER_PEER_MASK) == HEADER_PEER_NONE)
        return FIREWALL_KIND_CONNECT;
    out_header->peer = head & HEADER_PEER_MASK;
    out_header->session = head >> HEADER_SESSION_SHIFT & HEADER_SESSION_MASK;
    return FIREWALL_KIND_PEER;
}

/* The CONNECT command's fields lie behind a timed header: ENet's ENetProtocolConnect. */
enum firewall_verdict firewall_check_connect(const uint8_t *bytes, size_t size_bytes,
                                             struct firewall_connect *out_connect)
{
    if (size_bytes != FIREWALL_CONNECT_BYTES ||
        get_u16(bytes) != (HEADER_PEER_NONE | HEADER_SENT_TIME))
        return FIREWALL_GARBAGE;
    const uint8_t *command = bytes + HEADER_BYTES_TIMED;
    if (command[0] != (COMMAND_CONNECT | FLAG_ACKNOWLEDGE) || command[1] != CHANNEL_NONE)
        return FIREWALL_GARBAGE;
    uint32_t mtu = get_u32(command + 8);
    if (mtu < MTU_MIN || mtu > VERSION_MTU_BYTES || get_u32(command + 16) != CHANNEL_COUNT)
        return FIREWALL_FORBIDDEN;
    /* A bandwidth other than 0 would make ENet throttle everybody. */
    if (get_u32(command + 20) != 0 || get_u32(command + 24) != 0 ||
        get_u16(command + 4) >= HEADER_PEER_NONE)
        return FIREWALL_FORBIDDEN;
    memcpy(&out_connect->connect_id, command + 40, sizeof out_connect->connect_id);
    out_connect->data = get_u32(command + 44);
    return FIREWALL_PASS;
}

/* ENet takes a bit for every fragment that is announced, at the first one that comes. */
static bool fragment_is_sane(const uint8_t *command)
{
    uint32_t size_bytes = get_u16(command + 6);
    uint32_t count = get_u32(command + 8);
    uint32_t number = get_u32(command + 12);
    uint32_t total_bytes = get_u32(command + 16);
    uint32_t offset_bytes = get_u32(command + 20);
    return count <= FIREWALL_FRAGMENTS_MAX && number < count && size_bytes > 0 &&
           total_bytes <= FIREWALL_PACKET_BYTES_MAX && offset_bytes < total_bytes &&
           size_bytes <= total_bytes - offset_bytes && count <= total_bytes;
}

/* Commands that belong to the connection name no channel, payloads name one, acknowledgements
 * repeat what they acknowledge. */
static bool channel_is_right(uint8_t number, const struct command_rule *rule, uint8_t channel)
{
    if (rule->has_payload)
        return channel < CHANNEL_COUNT;
    if (number == COMMAND_ACKNOWLEDGE)
        return channel < CHANNEL_COUNT || channel == CHANNEL_NONE;
    return channel == CHANNEL_NONE;
}

static bool lead_is_small(const uint8_t *command, const struct firewall_sender *sender)
{
    if (!sender->is_client || (command[0] & COMMAND_MASK) != COMMAND_SEND_RELIABLE)
        return true;
    uint16_t lead = (uint16_t)(get_u16(command + 2) - sender->sequences[command[1]]);
    /* The upper half of the circle lies behind: sent again, and only acknowledged again. */
    return lead <= FIREWALL_LEAD_MAX || lead >= 0x8000;
}

/* Judges one command with `left_bytes` from its first byte to the datagram's end, and says how long
 * it is with its payload. */
static enum firewall_verdict check_command(const uint8_t *command, size_t left_bytes,
                                           const struct firewall_sender *sender,
                                           size_t *out_size_bytes)
{
    uint8_t number = command[0] & COMMAND_MASK;
    uint8_t flags = command[0] & (uint8_t)~COMMAND_MASK;
    if (number >= COMMAND_COUNT)
        return FIREWALL_GARBAGE;
    const struct command_rule *rule = &rules[number];
    if (rule->size_bytes == 0 || (sender->is_client && !rule->is_of_clients) ||
        (flags != rule->flags && flags != rule->flags_too))
        return FIREWALL_FORBIDDEN;
    if (left_bytes < rule->size_bytes)
        return FIREWALL_GARBAGE;
    if (!channel_is_right(number, rule, command[1]))
        return FIREWALL_FORBIDDEN;
    size_t size_bytes = rule->size_bytes;
    if (rule->has_payload)
        size_bytes += get_u16(command + rule->length_at);
    if (size_bytes > left_bytes)
        return FIREWALL_GARBAGE;
    if (number == COMMAND_SEND_FRAGMENT && !fragment_is_sane(command))
        return FIREWALL_FORBIDDEN;
    if (!lead_is_small(command, sender))
        return FIREWALL_OVER_LIMIT;
    *out_size_bytes = size_bytes;
    return FIREWALL_PASS;
}

enum firewall_verdict firewall_check_commands(const uint8_t *bytes, size_t size_bytes,
                                              const struct firewall_sender *sender,
                                              struct firewall_load *out_load)
{
    if (size_bytes < HEADER_BYTES + COMMAND_HEADER_BYTES || size_bytes > VERSION_DATAGRAM_BYTES)
        return FIREWALL_GARBAGE;
    bool is_timed = (get_u16(bytes) & HEADER_SENT_TIME) != 0;
    size_t at = is_timed ? HEADER_BYTES_TIMED : HEADER_BYTES;
    struct firewall_load load = {.size_bytes = (uint32_t)size_bytes, .has_acks_only = true};
    do {
        size_t command_bytes;
        if (size_bytes - at < COMMAND_HEADER_BYTES)
            return FIREWALL_GARBAGE;
        enum firewall_verdict verdict =
            check_command(bytes + at, size_bytes - at, sender, &command_bytes);
        if (verdict != FIREWALL_PASS)
            return verdict;
        /* ENet answers with the header's time; without one it stops reading. */
        if ((bytes[at] & FLAG_ACKNOWLEDGE) && !is_timed)
            return FIREWALL_GARBAGE;
        if (++load.commands > FIREWALL_COMMANDS_MAX)
            return FIREWALL_FORBIDDEN;
        load.has_acks_only &= (bytes[at] & COMMAND_MASK) == COMMAND_ACKNOWLEDGE;
        load.has_payload |= rules[bytes[at] & COMMAND_MASK].has_payload;
        load.has_disconnect |= (bytes[at] & COMMAND_MASK) == COMMAND_DISCONNECT;
        at += command_bytes;
    } while (at < size_bytes);
    *out_load = load;
    return FIREWALL_PASS;
}
