#include "link/link.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <enet/enet.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/ensure.h"
#include "base/memory.h"
#include "link/dial.h"
#include "link/door.h"
#include "link/endpoint.h"
#include "link/firewall.h"
#include "link/limit.h"
#include "link/quota.h"

enum {
    ROUNDS_MAX = 8,
    ROUND_DATAGRAMS = 256, /* what ENet reads in one enet_host_service: protocol.c */
    WAITING_BYTES_CLIENT = 1024 * 1024,
    WAITING_BYTES_SERVER = 128 * 1024, /* or WAITING_SECONDS of what a client may send */
    WAITING_SECONDS = 4,
    SERVER_BUFFER_BYTES = 4 * 1024 * 1024,
    CLIENT_BUFFER_BYTES = 256 * 1024,
    ARRIVALS_SERVER = 4096,
    ARRIVALS_CLIENT = 64,
    TIMEOUT_LIMIT = 32, /* times the first resend time */
    TIMEOUT_MIN_MS = 5000,
    TIMEOUT_MAX_MS = 15000,
    ENDING_MIN_MS = 1000, /* who is told to go and does not answer */
    ENDING_MAX_MS = 3000,
    HALF_OPEN_MIN_MS = 2000,
    HALF_OPEN_MAX_MS = 5000,
    PING_MS = 2000,
    WINDOW_BYTES = 16 * 1024,
    THROTTLE_MS = 1000,
    CLOCK_STEP_US = 1000,
};

/* Our side of one of ENet's peers, by the same index. */
struct link_slot {
    uint32_t generation;
    bool is_connected;
    struct quota quota;
};

/* An event that was taken from ENet before the caller asked for it. */
struct link_arrival {
    enum link_event_kind kind;
    uint32_t peer;
    uint32_t generation;
    uint32_t channel;
    uint32_t code;
    ENetPacket *packet;
};

struct link {
    ENetHost *host;
    struct link_slot *slots;       /* [host->peerCount] */
    struct link_arrival *arrivals; /* [arrivals_max], a ring */
    uint32_t arrivals_max, arrivals_first, arrivals_count;
    ENetPacket *packet;         /* whose bytes the caller may be reading */
    struct door *door;          /* of a server, else NULL */
    struct quota_limits limits; /* of a server */
    struct dial dial;           /* of a client */
    uint32_t window_bytes;      /* reliable, under way at once to a peer */
    uint64_t now_us;
    int64_t clock_offset_us; /* wall minus monotonic when ENet's clock was last set */
    uint32_t round_datagrams;
    struct link_facts facts;
};

static struct endpoint endpoint_of(const ENetAddress *address)
{
    return (struct endpoint){.host = address->host, .port = address->port};
}

/* Sends a datagram that ENet knows nothing of. */
static void send_raw(struct link *link, struct endpoint to, const void *bytes, size_t size_bytes)
{
    ENetAddress address = {.host = to.host, .port = to.port};
    ENetBuffer buffer = {.data = (void *)(uintptr_t)bytes, .dataLength = size_bytes};
    if (enet_socket_send(link->host->socket, &address, &buffer, 1) > 0) {
        link->facts.datagrams_out++;
        link->facts.bytes_out += size_bytes;
    }
}

static void send_answer(struct link *link, struct endpoint to, const struct cookie_answer *answer)
{
    uint8_t bytes[COOKIE_ANSWER_BYTES];
    cookie_answer_encode(answer, bytes);
    send_raw(link, to, bytes, sizeof bytes);
}

/* --- events: from ENet's queue to the caller ------------------------------------------------ */

/* Makes a new connection's peer what the protocol wants. The fields are set by hand because ENet's
 * enet_peer_throttle_configure would tell the other end to do likewise. Deceleration 0: ENet never
 * drops our unreliable packets to spare a path. A small window: ENet does not notice a narrow path,
 * and with its own 64 KiB a large packet fills the queues on the way and is sent several times. The
 * MTU is ours whatever the client proposed; a
 * HELLO of that size came through. */
static void peer_settle(const struct link *link, ENetPeer *peer)
{
    peer->mtu = VERSION_MTU_BYTES;
    peer->windowSize = link->window_bytes;
    peer->packetThrottle = ENET_PEER_PACKET_THROTTLE_SCALE;
    peer->packetThrottleInterval = THROTTLE_MS;
    peer->packetThrottleAcceleration = ENET_PEER_PACKET_THROTTLE_SCALE;
    peer->packetThrottleDeceleration = 0;
    enet_peer_timeout(peer, TIMEOUT_LIMIT, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS);
    enet_peer_ping_interval(peer, PING_MS);
}

static void slot_open(struct link *link, ENetPeer *peer)
{
    struct link_slot *slot = &link->slots[peer->incomingPeerID];
    *slot = (struct link_slot){.generation = slot->generation + 1, .is_connected = true};
    peer_settle(link, peer);
    link->dial.state = DIAL_CONNECTED;
}

/* False when the event is none for the caller: the end of a connection that never was one. */
static bool slot_close(struct link *link, const ENetPeer *peer)
{
    struct link_slot *slot = &link->slots[peer->incomingPeerID];
    bool was_connected = slot->is_connected;
    *slot = (struct link_slot){.generation = slot->generation};
    if (!was_connected && link->door == NULL && link->dial.state == DIAL_CONNECT)
        dial_give_up(&link->dial);
    return was_connected;
}

/* Takes one event out of ENet's queue. */
static bool poll_enet(struct link *link, struct link_arrival *out_arrival)
{
    ENetEvent event;
    while (enet_host_check_events(link->host, &event) > 0) {
        struct link_arrival arrival = {.peer = event.peer->incomingPeerID};
        bool is_for_caller = true;
        if (event.type == ENET_EVENT_TYPE_CONNECT) {
            slot_open(link, event.peer);
            arrival.kind = LINK_CONNECTED;
        } else if (event.type == ENET_EVENT_TYPE_DISCONNECT) {
            is_for_caller = slot_close(link, event.peer);
            arrival.kind = LINK_DISCONNECTED;
            arrival.code = event.data;
        } else {
            arrival.kind = LINK_RECEIVED;
            arrival.channel = event.channelID; /* ENet leaves it unset for the others */
            arrival.packet = event.packet;
        }
        arrival.generation = link->slots[arrival.peer].generation;
        if (is_for_caller) {
            *out_arrival = arrival;
            return true;
        }
    }
    return false;
}

/* Moves ENet's events into our ring, in order. */
static void collect(struct link *link)
{
    while (link->arrivals_count < link->arrivals_max) {
        uint32_t at = (link->arrivals_first + link->arrivals_count) % link->arrivals_max;
        if (!poll_enet(link, &link->arrivals[at]))
            return;
        link->arrivals_count++;
    }
}

static bool take_arrival(struct link *link, struct link_arrival *out_arrival)
{
    if (link->arrivals_count == 0)
        return poll_enet(link, out_arrival);
    *out_arrival = link->arrivals[link->arrivals_first];
    link->arrivals_first = (link->arrivals_first + 1) % link->arrivals_max;
    link->arrivals_count--;
    return true;
}

static void forget_packet(struct link *link)
{
    if (link->packet != NULL)
        enet_packet_destroy(link->packet);
    link->packet = NULL;
}

static bool next_refusal(struct link *link, struct link_event *out_event)
{
    if (link->door != NULL || link->dial.state != DIAL_REFUSED)
        return false;
    link->dial.state = DIAL_OVER;
    enet_peer_reset(&link->host->peers[0]);
    *out_event = (struct link_event){.kind = LINK_REFUSED};
    memcpy(out_event->text, link->dial.text, sizeof out_event->text);
    return true;
}

bool link_next(struct link *link, struct link_event *out_event)
{
    struct link_arrival arrival;
    forget_packet(link);
    if (!take_arrival(link, &arrival))
        return next_refusal(link, out_event);
    out_event->kind = arrival.kind;
    out_event->peer = arrival.peer;
    out_event->generation = arrival.generation;
    out_event->channel = arrival.channel;
    out_event->code = arrival.code;
    out_event->bytes = arrival.packet == NULL ? NULL : arrival.packet->data;
    out_event->size_bytes = arrival.packet == NULL ? 0 : arrival.packet->dataLength;
    out_event->text[0] = 0;
    link->packet = arrival.packet;
    return true;
}

/* --- datagrams: what may reach ENet --------------------------------------------------------- */

/* Counts the peers as the door wants to know them. Half-open ones get less time than ENet's own
 * half minute, so that a place is not held by who never confirms. */
static struct door_census take_census(struct link *link, struct endpoint from, uint32_t connect_id)
{
    struct door_census census = {0};
    for (size_t i = 0; i < link->host->peerCount; i++) {
        ENetPeer *peer = &link->host->peers[i];
        if (peer->state == ENET_PEER_STATE_DISCONNECTED)
            continue;
        census.taken++;
        census.of_address += peer->address.host == from.host;
        census.has_connect_id |= peer->connectID == connect_id;
        if (peer->state == ENET_PEER_STATE_ACKNOWLEDGING_CONNECT) {
            census.half_open++;
            enet_peer_timeout(peer, TIMEOUT_LIMIT, HALF_OPEN_MIN_MS, HALF_OPEN_MAX_MS);
        }
    }
    return census;
}

static enum firewall_verdict hear_hello(struct link *link, struct endpoint from)
{
    struct cookie_hello hello;
    if (!cookie_hello_decode(link->host->receivedData, link->host->receivedDataLength, &hello))
        return FIREWALL_GARBAGE;
    link->facts.hellos++;
    struct door_caller caller = {
        .from = from,
        .now_us = link->now_us,
        .census.taken = (uint32_t)link->host->connectedPeers,
    };
    struct cookie_answer answer;
    if (!door_hello(link->door, &hello, &caller, &answer)) {
        link->facts.hellos_over_limit++;
        return FIREWALL_CONSUMED;
    }
    link->facts.hellos_wrong_version += answer.status == COOKIE_VERSION;
    send_answer(link, from, &answer);
    return FIREWALL_CONSUMED;
}

static enum firewall_verdict hear_connect(struct link *link, struct endpoint from)
{
    struct firewall_connect connect;
    enum firewall_verdict verdict =
        firewall_check_connect(link->host->receivedData, link->host->receivedDataLength, &connect);
    if (verdict != FIREWALL_PASS)
        return verdict;
    struct door_caller caller = {.from = from, .now_us = link->now_us};
    struct cookie_answer answer;
    verdict = door_knock(link->door, &connect, &caller, &answer);
    if (verdict == FIREWALL_PASS) {
        caller.census = take_census(link, from, connect.connect_id);
        verdict = door_connect(link->door, &connect, &caller, &answer);
    }
    if (verdict != FIREWALL_OVER_LIMIT)
        return verdict;
    link->facts.connects_over_limit++;
    send_answer(link, from, &answer);
    return FIREWALL_CONSUMED;
}

static enum firewall_verdict hear_answer(struct link *link, struct endpoint from)
{
    if (!endpoint_is_equal(from, link->dial.server) &&
        !endpoint_is_equal(from, endpoint_of(&link->host->peers[0].address)))
        return FIREWALL_UNKNOWN;
    bool was_heard =
        dial_hear(&link->dial, link->host->receivedData, link->host->receivedDataLength);
    return was_heard ? FIREWALL_CONSUMED : FIREWALL_GARBAGE;
}

/* ENet's own test of protocol.c, before it reads a command. */
static bool peer_is_sender(const ENetPeer *peer, struct endpoint from, uint8_t session)
{
    if (peer->state == ENET_PEER_STATE_DISCONNECTED || peer->state == ENET_PEER_STATE_ZOMBIE)
        return false;
    if (!endpoint_is_equal(from, endpoint_of(&peer->address)))
        return false;
    return peer->outgoingPeerID >= ENET_PROTOCOL_MAXIMUM_PEER_ID ||
           peer->incomingSessionID == session;
}

static enum firewall_verdict hear_peer(struct link *link, struct endpoint from,
                                       const struct firewall_header *header)
{
    ENetHost *host = link->host;
    if (header->peer >= host->peerCount)
        return FIREWALL_UNKNOWN;
    ENetPeer *peer = &host->peers[header->peer];
    /* Until its CONNECT event is taken, ENet would drop what the peer says right behind its
     * confirmation, and hear it again half a second later. */
    if (peer->state == ENET_PEER_STATE_CONNECTION_PENDING ||
        peer->state == ENET_PEER_STATE_CONNECTION_SUCCEEDED)
        collect(link);
    if (!peer_is_sender(peer, from, header->session))
        return FIREWALL_UNKNOWN;
    struct firewall_sender sender = {.is_client = link->door != NULL};
    for (size_t i = 0; i < peer->channelCount && i < CHANNEL_COUNT; i++)
        sender.sequences[i] = peer->channels[i].incomingReliableSequenceNumber;
    struct firewall_load load = {0};
    enum firewall_verdict verdict =
        firewall_check_commands(host->receivedData, host->receivedDataLength, &sender, &load);
    if (verdict == FIREWALL_PASS && load.has_disconnect)
        collect(link); /* or ENet would forget the peer's last words */
    if (link->door == NULL)
        return verdict;
    return quota_judge(&link->slots[header->peer].quota, &link->limits, verdict, &load,
                       link->now_us);
}

static enum firewall_verdict judge(struct link *link)
{
    struct endpoint from = endpoint_of(&link->host->receivedAddress);
    struct firewall_header header;
    if (from.port == 0) /* an answer would make sendmsg fail and ENet leave out later peers */
        return FIREWALL_GARBAGE;
    switch (firewall_sort(link->host->receivedData, link->host->receivedDataLength, &header)) {
    case FIREWALL_KIND_GARBAGE:
        return FIREWALL_GARBAGE;
    case FIREWALL_KIND_HANDSHAKE:
        return link->door != NULL ? hear_hello(link, from) : hear_answer(link, from);
    case FIREWALL_KIND_CONNECT:
        return link->door != NULL ? hear_connect(link, from) : FIREWALL_UNKNOWN;
    case FIREWALL_KIND_PEER:
        return hear_peer(link, from, &header);
    }
    return FIREWALL_GARBAGE;
}

/* ENet's hook for every datagram: 1 keeps it from ENet. */
static int intercept(ENetHost *host, ENetEvent *event)
{
    (void)event;
    struct link *link = host->compressor.context;
    link->round_datagrams++;
    link->facts.datagrams_in++;
    link->facts.bytes_in += host->receivedDataLength;
    enum firewall_verdict verdict = judge(link);
    switch (verdict) {
    case FIREWALL_PASS:
        return 0;
    case FIREWALL_CONSUMED:
        return 1;
    case FIREWALL_GARBAGE:
        link->facts.dropped_garbage++;
        return 1;
    case FIREWALL_UNKNOWN:
        link->facts.dropped_unknown++;
        return 1;
    case FIREWALL_FORBIDDEN:
        link->facts.dropped_forbidden++;
        return 1;
    case FIREWALL_OVER_LIMIT:
        link->facts.dropped_over_limit++;
        return 1;
    }
    return 1;
}

/* --- the host ------------------------------------------------------------------------------- */

/* The kernel drops what would make ENet's receive fail (longer than its buffer) and what nobody can
 * be answered (source port 0). For UDP the filter sees the UDP header first. Best effort. */
static void attach_filter(int fd)
{
    enum { UDP_HEADER_BYTES = 8 };
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, VERSION_DATAGRAM_BYTES + UDP_HEADER_BYTES, 2, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* The structs of ENet's header are what the hooks work on: another libenet has others. */
static bool check_enet(struct error *error)
{
    ENetVersion linked = enet_linked_version();
    if (linked != ENET_VERSION)
        return error_set(error, "libenet %u.%u.%u is loaded, this program needs %u.%u.%u",
                         ENET_VERSION_GET_MAJOR(linked), ENET_VERSION_GET_MINOR(linked),
                         ENET_VERSION_GET_PATCH(linked), ENET_VERSION_MAJOR, ENET_VERSION_MINOR,
                         ENET_VERSION_PATCH);
    if (enet_initialize() != 0)
        return error_set(error, "libenet does not start");
    return crypto_start(error);
}

static struct link *link_create(ENetHost *host, const struct link_options *options,
                                uint32_t usual_buffer_bytes, uint32_t arrivals_max)
{
    uint32_t buffer_bytes = options->receive_buffer_bytes;
    if (buffer_bytes == 0)
        buffer_bytes = usual_buffer_bytes;
    struct link *link = memory_reserve("link", 1, sizeof *link);
    link->host = host;
    link->slots = memory_reserve("link slots", host->peerCount, sizeof *link->slots);
    link->arrivals = memory_reserve("link arrivals", arrivals_max, sizeof *link->arrivals);
    link->arrivals_max = arrivals_max;
    link->facts.port = host->address.port;
    link->window_bytes = options->window_bytes == 0 ? WINDOW_BYTES : options->window_bytes;
    host->intercept = intercept;
    host->compressor.context = link; /* ENet looks at it only when there is a compressor */
    host->mtu = VERSION_MTU_BYTES;
    for (size_t i = 0; i < host->peerCount; i++)
        host->peers[i].mtu = VERSION_MTU_BYTES;
    host->maximumPacketSize = FIREWALL_PACKET_BYTES_MAX;
    host->maximumWaitingData = WAITING_BYTES_CLIENT;
    (void)enet_socket_set_option(host->socket, ENET_SOCKOPT_RCVBUF, (int)buffer_bytes);
    (void)enet_socket_set_option(host->socket, ENET_SOCKOPT_SNDBUF, (int)buffer_bytes);
    attach_filter(host->socket);
    return link;
}

static struct cookie_versions versions_of(const struct link_options *options)
{
    uint16_t version = options->version == 0 ? VERSION_CURRENT : options->version;
    return (struct cookie_versions){.min = version & 0xFF00, .max = version};
}

/* ENet counts in wall-clock milliseconds, and a step of that clock would end every connection. The
 * clock belongs to the whole process, so only servers turn it, from their one thread. */
static void follow_clock(struct link *link)
{
    struct moment moment = clock_now();
    int64_t offset_us = moment.wall_us - (int64_t)moment.mono_us;
    if (llabs(offset_us - link->clock_offset_us) <= CLOCK_STEP_US)
        return;
    link->clock_offset_us = offset_us;
    enet_time_set((enet_uint32)(moment.mono_us / 1000));
}

/* What a client sends behind a packet that never comes waits for it: not for more than this. */
static size_t waiting_bytes_max(const struct quota_limits *limits)
{
    size_t bytes = (size_t)limits->bytes_s * WAITING_SECONDS;
    return bytes > WAITING_BYTES_SERVER ? bytes : WAITING_BYTES_SERVER;
}

struct link *link_listen(const struct link_options *options, struct error *error)
{
    ensure(options->peers_max >= 1 && options->peers_max <= ENET_PROTOCOL_MAXIMUM_PEER_ID);
    struct endpoint at;
    if (!check_enet(error))
        return NULL;
    if (!endpoint_parse(options->address, options->port, &at)) {
        (void)error_set(error, "cannot listen on \"%s\": not an IPv4 address", options->address);
        return NULL;
    }
    ENetAddress address = {.host = at.host, .port = at.port};
    ENetHost *host = enet_host_create(&address, options->peers_max, CHANNEL_COUNT, 0, 0);
    if (host == NULL) {
        (void)error_system(error, errno, "cannot listen on %s:%u", options->address,
                           (unsigned)options->port);
        return NULL;
    }
    struct link *link = link_create(host, options, SERVER_BUFFER_BYTES, ARRIVALS_SERVER);
    link->limits = quota_limits_settle(options->client);
    host->maximumWaitingData = waiting_bytes_max(&link->limits);
    struct door_options door = {
        .versions = versions_of(options),
        .port = host->address.port,
        .peers_max = options->peers_max,
        .peers_per_address = options->peers_per_address,
        .hellos_s_max = options->hellos_s_max,
        .connects_s_max = options->connects_s_max,
        .connects_per_address_10s = options->connects_per_address_10s,
        .half_open_max = options->half_open_max,
    };
    link->door = memory_reserve("link door", 1, sizeof *link->door);
    door_init(link->door, &door, 0);
    follow_clock(link);
    return link;
}

struct link *link_dial(const struct link_options *options, struct error *error)
{
    struct endpoint server;
    if (!check_enet(error))
        return NULL;
    if (!endpoint_parse(options->address, options->port, &server) || options->port == 0) {
        (void)error_set(error, "cannot connect to \"%s\" port %u: not an IPv4 address and a port",
                        options->address, (unsigned)options->port);
        return NULL;
    }
    ENetHost *host = enet_host_create(NULL, 1, CHANNEL_COUNT, 0, 0);
    if (host == NULL) {
        (void)error_system(error, errno, "cannot make a socket");
        return NULL;
    }
    struct link *link = link_create(host, options, CLIENT_BUFFER_BYTES, ARRIVALS_CLIENT);
    dial_init(&link->dial, server, versions_of(options));
    return link;
}

void link_destroy(struct link **link)
{
    if (*link == NULL)
        return;
    struct link *gone = *link;
    forget_packet(gone);
    struct link_arrival arrival;
    while (gone->arrivals_count > 0 && take_arrival(gone, &arrival))
        if (arrival.packet != NULL)
            enet_packet_destroy(arrival.packet);
    enet_host_destroy(gone->host);
    memory_release(gone->door);
    memory_release(gone->arrivals);
    memory_release(gone->slots);
    memory_release(gone);
    *link = NULL;
}

/* Moves ENet's 32-bit counts into ours. */
static void count_sent(struct link *link)
{
    link->facts.datagrams_out += link->host->totalSentPackets;
    link->facts.bytes_out += link->host->totalSentData;
    link->host->totalSentPackets = 0;
    link->host->totalSentData = 0;
}

static void tick_dial(struct link *link)
{
    uint8_t hello[COOKIE_HELLO_BYTES];
    if (dial_tick(&link->dial, link->now_us, hello))
        send_raw(link, link->dial.server, hello, sizeof hello);
}

/* The cookie came: ENet's CONNECT carries it. The connect id must not be guessable; ENet takes it
 * from its seed. */
static void connect_enet(struct link *link)
{
    crypto_random(&link->host->randomSeed, sizeof link->host->randomSeed);
    ENetAddress address = {.host = link->dial.server.host, .port = link->dial.port};
    ENetPeer *peer = enet_host_connect(link->host, &address, CHANNEL_COUNT, link->dial.cookie);
    if (peer == NULL) {
        dial_give_up(&link->dial);
        return;
    }
    enet_peer_timeout(peer, TIMEOUT_LIMIT, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS);
    dial_connecting(&link->dial, peer->connectID);
    enet_host_flush(link->host);
}

void link_service(struct link *link, uint64_t now_us)
{
    link->now_us = now_us;
    forget_packet(link);
    if (link->door != NULL)
        follow_clock(link);
    else
        tick_dial(link);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        link->round_datagrams = 0;
        link->host->recalculateBandwidthLimits = 0; /* or ENet tells everybody of limits of 0 */
        /* Without an event to fill, ENet reads on behind a connection that begins or ends; its own
         * queue keeps the events for link_next. -1 is a datagram's fault, not the host's. */
        int result = enet_host_service(link->host, NULL, 0);
        if (result >= 0 && link->round_datagrams < ROUND_DATAGRAMS)
            break;
    }
    if (link->door == NULL && link->dial.state == DIAL_COOKIE)
        connect_enet(link);
    count_sent(link);
}

void link_flush(struct link *link)
{
    enet_host_flush(link->host);
    count_sent(link);
}

/* --- packets -------------------------------------------------------------------------------- */

/* A link_packet is an ENetPacket under another name, with the channel in its user data and one
 * reference of the caller's. */
static ENetPacket *packet_of(struct link_packet *packet)
{
    return (ENetPacket *)(void *)packet;
}

struct link_packet *link_packet_create(const void *bytes, size_t size_bytes,
                                       enum wire_channel channel)
{
    ensure(channel < CHANNEL_COUNT && size_bytes <= FIREWALL_PACKET_BYTES_MAX);
    /* ENet would send a larger one as reliable fragments. */
    ensure(channel != CHANNEL_STATE || size_bytes <= VERSION_PACKET_BYTES);
    ENetPacket *packet = enet_packet_create(bytes, size_bytes,
                                            channel == CHANNEL_STATE ? ENET_PACKET_FLAG_UNSEQUENCED
                                                                     : ENET_PACKET_FLAG_RELIABLE);
    if (packet == NULL)
        return NULL;
    packet->userData = (void *)(uintptr_t)channel;
    packet->referenceCount++;
    return (struct link_packet *)(void *)packet;
}

const void *link_packet_bytes(const struct link_packet *packet)
{
    return ((const ENetPacket *)(const void *)packet)->data;
}

struct link_packet *link_packet_share(struct link_packet *packet)
{
    packet_of(packet)->referenceCount++;
    return packet;
}

void link_packet_release(struct link_packet **packet)
{
    if (*packet == NULL)
        return;
    ENetPacket *gone = packet_of(*packet);
    if (--gone->referenceCount == 0)
        enet_packet_destroy(gone);
    *packet = NULL;
}

static bool is_current(const struct link *link, uint32_t peer, uint32_t generation)
{
    return peer < link->host->peerCount && link->slots[peer].is_connected &&
           link->slots[peer].generation == generation;
}

bool link_send(struct link *link, uint32_t peer, uint32_t generation, struct link_packet *packet)
{
    if (packet == NULL || !is_current(link, peer, generation))
        return false;
    enet_uint8 channel = (enet_uint8)(uintptr_t)packet_of(packet)->userData;
    return enet_peer_send(&link->host->peers[peer], channel, packet_of(packet)) == 0;
}

bool link_send_bytes(struct link *link, uint32_t peer, uint32_t generation,
                     struct link_message message)
{
    if (!is_current(link, peer, generation))
        return false;
    struct link_packet *packet =
        link_packet_create(message.bytes, message.size_bytes, message.channel);
    bool was_sent = link_send(link, peer, generation, packet);
    link_packet_release(&packet);
    return was_sent;
}

/* --- facts ---------------------------------------------------------------------------------- */

static const ENetPeer *peer_at(const struct link *link, uint32_t peer)
{
    ensure(peer < link->host->peerCount);
    return &link->host->peers[peer];
}

uint32_t link_in_flight_bytes(const struct link *link, uint32_t peer)
{
    const ENetPeer *of = peer_at(link, peer);
    uint32_t bytes = of->reliableDataInTransit;
    /* What is not sent yet or waits to be sent again: short, the caller keeps it under 32 KiB. */
    for (const ENetListNode *node = of->outgoingCommands.sentinel.next;
         node != &of->outgoingCommands.sentinel; node = node->next) {
        const ENetOutgoingCommand *command = (const ENetOutgoingCommand *)(const void *)node;
        if (command->command.header.command & ENET_PROTOCOL_COMMAND_FLAG_ACKNOWLEDGE)
            bytes += command->fragmentLength;
    }
    return bytes;
}

void link_disconnect(struct link *link, uint32_t peer, uint32_t generation, uint32_t code)
{
    if (!is_current(link, peer, generation))
        return;
    quota_end(&link->slots[peer].quota);
    enet_peer_timeout(&link->host->peers[peer], TIMEOUT_LIMIT, ENDING_MIN_MS, ENDING_MAX_MS);
    enet_peer_disconnect_later(&link->host->peers[peer], code);
}

void link_leave(struct link *link, uint32_t peer, uint32_t generation, uint32_t code)
{
    if (!is_current(link, peer, generation))
        return;
    link_flush(link); /* ENet forgets what is queued when it disconnects */
    enet_peer_disconnect(&link->host->peers[peer], code);
    link_flush(link);
}

bool link_is_flooding(const struct link *link, uint32_t peer)
{
    ensure(peer < link->host->peerCount);
    return link->slots[peer].quota.is_flooding;
}

void link_maintenance(struct link *link, bool is_closed)
{
    ensure(link->door != NULL);
    link->door->is_closed = is_closed;
}

uint32_t link_connect_id(const struct link *link, uint32_t peer)
{
    return peer_at(link, peer)->connectID;
}

void link_address(const struct link *link, uint32_t peer, char out_text[32])
{
    endpoint_format(endpoint_of(&peer_at(link, peer)->address), out_text);
}

bool link_has_same_address(const struct link *link, uint32_t peer, uint32_t other)
{
    return peer_at(link, peer)->address.host == peer_at(link, other)->address.host;
}

uint32_t link_round_trip_ms(const struct link *link, uint32_t peer)
{
    return peer_at(link, peer)->roundTripTime;
}

int link_fd(const struct link *link)
{
    return link->host->socket;
}

void link_facts(const struct link *link, struct link_facts *out_facts)
{
    *out_facts = link->facts;
    out_facts->peers = (uint32_t)link->host->connectedPeers;
}
