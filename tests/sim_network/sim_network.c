#include "sim_network/sim_network.h"

#include <arpa/inet.h>
#include <enet/enet.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/rng.h"

enum {
    START_US = 1000000,
    SOCKETS_MAX = 16384,
    SOCKET_FIRST = 1 << 20, /* no descriptor of the process has such a number */
    WAITING_MAX = 8192,     /* datagrams at one socket; then they are lost, as in a kernel */
    WAYS_MAX = 16384,       /* a power of two */
    EPHEMERAL_PORT = 49152,
    QUEUE_BYTES = 64 * 1024,
    MILLION = 1000000,
};

struct datagram {
    uint64_t due_us;
    uint64_t order; /* among equals: first sent, first come */
    ENetAddress from;
    size_t size_bytes;
    uint8_t *bytes;
};

struct net_socket {
    bool is_open;
    bool is_server;
    ENetAddress address;
    struct datagram *heap; /* by due_us and order */
    size_t count, capacity;
};

/* One direction of one client, and how far it is used. */
struct way {
    bool is_used;
    enet_uint32 client;
    enum sim_network_direction direction;
    struct sim_network_path path;
    uint64_t busy_until_us;
    uint64_t last_due_us;
};

struct network {
    uint64_t now_us, order;
    struct rng rng;
    struct net_socket sockets[SOCKETS_MAX];
    uint32_t sockets_count;
    struct way ways[WAYS_MAX];                                  /* a hash table with open places */
    struct sim_network_path paths[SIM_NETWORK_DIRECTION_COUNT]; /* for clients to come */
    enet_uint32 client_address, next_address;
    uint16_t next_port;
    struct sim_network_facts facts;
};

/* The functions that ENet calls have no other way to find it. */
static struct network *network;

/* --- a heap of datagrams -------------------------------------------------------------------- */

static bool is_before(const struct datagram *a, const struct datagram *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void heap_swap(struct datagram *a, struct datagram *b)
{
    struct datagram kept = *a;
    *a = *b;
    *b = kept;
}

static void heap_push(struct net_socket *socket, struct datagram datagram)
{
    if (socket->count == socket->capacity) {
        socket->capacity = socket->capacity == 0 ? 16 : socket->capacity * 2;
        socket->heap = realloc(socket->heap, socket->capacity * sizeof *socket->heap);
        ensure(socket->heap != NULL);
    }
    size_t at = socket->count++;
    socket->heap[at] = datagram;
    while (at > 0 && is_before(&socket->heap[at], &socket->heap[(at - 1) / 2])) {
        heap_swap(&socket->heap[at], &socket->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static struct datagram heap_pop(struct net_socket *socket)
{
    struct datagram first = socket->heap[0];
    socket->heap[0] = socket->heap[--socket->count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < socket->count; child++)
            if (is_before(&socket->heap[child], &socket->heap[least]))
                least = child;
        if (least == at)
            return first;
        heap_swap(&socket->heap[at], &socket->heap[least]);
        at = least;
    }
}

/* --- sockets and ways ----------------------------------------------------------------------- */

static struct net_socket *socket_of(ENetSocket number)
{
    ensure(network != NULL); /* sim_network_start comes first */
    ensure(number >= SOCKET_FIRST && number < SOCKET_FIRST + (int)network->sockets_count);
    return &network->sockets[number - SOCKET_FIRST];
}

static struct net_socket *find_socket(enet_uint32 host, uint16_t port)
{
    for (uint32_t i = 0; i < network->sockets_count; i++) {
        struct net_socket *socket = &network->sockets[i];
        if (socket->is_open && socket->address.host == host && socket->address.port == port)
            return socket;
    }
    return NULL;
}

static void socket_close(struct net_socket *socket)
{
    for (size_t i = 0; i < socket->count; i++)
        free(socket->heap[i].bytes);
    free(socket->heap);
    *socket = (struct net_socket){0};
}

static struct way *way_of(enet_uint32 client, enum sim_network_direction direction)
{
    uint64_t at = rng_mix((uint64_t)client << 1 | (uint64_t)direction);
    for (;; at++) {
        struct way *way = &network->ways[at % WAYS_MAX];
        if (!way->is_used)
            *way = (struct way){.is_used = true,
                                .client = client,
                                .direction = direction,
                                .path = network->paths[direction]};
        if (way->client == client && way->direction == direction)
            return way;
    }
}

static void deliver(struct net_socket *to, ENetAddress from, uint64_t due_us,
                    const ENetBuffer *whole)
{
    if (to->count >= WAITING_MAX) {
        network->facts.overflowed++;
        return;
    }
    struct datagram datagram = {
        .due_us = due_us,
        .order = network->order++,
        .from = from,
        .size_bytes = whole->dataLength,
        .bytes = malloc(whole->dataLength + 1),
    };
    ensure(datagram.bytes != NULL);
    memcpy(datagram.bytes, whole->data, whole->dataLength);
    heap_push(to, datagram);
}

/* When does a datagram that is sent now leave the rate cap? False: its queue is full. */
static bool pass_cap(struct way *way, size_t size_bytes, uint64_t *out_left_us)
{
    *out_left_us = network->now_us;
    if (way->path.rate_bytes_s == 0)
        return true;
    uint64_t begin_us = way->busy_until_us > network->now_us ? way->busy_until_us : network->now_us;
    uint64_t queue_bytes = way->path.queue_bytes == 0 ? QUEUE_BYTES : way->path.queue_bytes;
    if ((begin_us - network->now_us) * way->path.rate_bytes_s / MILLION > queue_bytes)
        return false;
    way->busy_until_us = begin_us + size_bytes * MILLION / way->path.rate_bytes_s;
    *out_left_us = way->busy_until_us;
    return true;
}

static uint64_t due_at(struct way *way, uint64_t left_us)
{
    uint64_t due_us = left_us + way->path.latency_us;
    due_us += rng_below(&network->rng, (uint64_t)way->path.jitter_us + 1);
    if (due_us >= way->last_due_us)
        way->last_due_us = due_us;
    else if (rng_chance(&network->rng, way->path.reorder_ppm))
        network->facts.reordered++;
    else
        due_us = way->last_due_us;
    return due_us;
}

static void travel(struct way *way, struct net_socket *to, ENetAddress from,
                   const ENetBuffer *whole)
{
    uint64_t left_us;
    if (way->path.is_cut) {
        network->facts.cut++;
    } else if (rng_chance(&network->rng, way->path.loss_ppm)) {
        network->facts.lost++;
    } else if (!pass_cap(way, whole->dataLength, &left_us)) {
        network->facts.overflowed++;
    } else {
        deliver(to, from, due_at(way, left_us), whole);
        if (rng_chance(&network->rng, way->path.double_ppm)) {
            network->facts.doubled++;
            deliver(to, from, due_at(way, left_us), whole);
        }
    }
}

/* --- what ENet calls: enet/enet.h ----------------------------------------------------------- */

enet_uint32 enet_time_get(void)
{
    return network == NULL ? 0 : (enet_uint32)(network->now_us / 1000);
}

void enet_time_set(enet_uint32 time)
{
    (void)time; /* virtual time obeys nobody */
}

enet_uint32 enet_host_random_seed(void)
{
    return network == NULL ? 0 : (enet_uint32)rng_next(&network->rng);
}

/* A client's socket has its whole address from its first datagram on. */
static void name_client(struct net_socket *socket)
{
    if (socket->is_server || socket->address.port != 0)
        return;
    if (socket->address.host == 0)
        socket->address.host = htonl(network->next_address++);
    socket->address.port = network->next_port;
    network->next_port =
        network->next_port == UINT16_MAX ? EPHEMERAL_PORT : (uint16_t)(network->next_port + 1);
}

ENetSocket enet_socket_create(ENetSocketType type)
{
    ensure(network != NULL && type == ENET_SOCKET_TYPE_DATAGRAM);
    uint32_t at = 0;
    while (at < network->sockets_count && network->sockets[at].is_open)
        at++;
    ensure(at < SOCKETS_MAX);
    if (at == network->sockets_count)
        network->sockets_count++;
    network->sockets[at] =
        (struct net_socket){.is_open = true, .address.host = network->client_address};
    return SOCKET_FIRST + (int)at;
}

int enet_socket_bind(ENetSocket number, const ENetAddress *address)
{
    struct net_socket *socket = socket_of(number);
    ENetAddress wanted = address == NULL ? (ENetAddress){0} : *address;
    if (wanted.port == 0)
        wanted.port = network->next_port++;
    if (find_socket(wanted.host, wanted.port) != NULL)
        return -1;
    socket->address = wanted;
    socket->is_server = true;
    return 0;
}

int enet_socket_get_address(ENetSocket number, ENetAddress *address)
{
    *address = socket_of(number)->address;
    return 0;
}

int enet_socket_listen(ENetSocket number, int backlog)
{
    (void)number, (void)backlog;
    return -1;
}

ENetSocket enet_socket_accept(ENetSocket number, ENetAddress *address)
{
    (void)number, (void)address;
    return ENET_SOCKET_NULL;
}

int enet_socket_connect(ENetSocket number, const ENetAddress *address)
{
    (void)number, (void)address;
    return -1;
}

int enet_socket_send(ENetSocket number, const ENetAddress *address, const ENetBuffer *buffers,
                     size_t count)
{
    uint8_t bytes[ENET_PROTOCOL_MAXIMUM_MTU];
    ENetBuffer whole = {.data = bytes};
    for (size_t i = 0; i < count; i++) {
        ensure(whole.dataLength + buffers[i].dataLength <= sizeof bytes);
        if (buffers[i].dataLength > 0)
            memcpy(bytes + whole.dataLength, buffers[i].data, buffers[i].dataLength);
        whole.dataLength += buffers[i].dataLength;
    }
    struct net_socket *from = socket_of(number);
    name_client(from);
    struct net_socket *to = find_socket(address->host, address->port);
    network->facts.sent++;
    if (to == NULL)
        network->facts.without_receiver++;
    else if (from->is_server)
        travel(way_of(address->host, SIM_NETWORK_DOWN), to, from->address, &whole);
    else
        travel(way_of(from->address.host, SIM_NETWORK_UP), to, from->address, &whole);
    return (int)whole.dataLength;
}

int enet_socket_receive(ENetSocket number, ENetAddress *address, ENetBuffer *buffers, size_t count)
{
    struct net_socket *socket = socket_of(number);
    ensure(count == 1);
    if (socket->count == 0 || socket->heap[0].due_us > network->now_us)
        return 0;
    struct datagram datagram = heap_pop(socket);
    network->facts.delivered++;
    network->facts.bytes_delivered += datagram.size_bytes;
    bool is_whole = datagram.size_bytes <= buffers->dataLength;
    if (is_whole) {
        memcpy(buffers->data, datagram.bytes, datagram.size_bytes);
        *address = datagram.from;
    }
    free(datagram.bytes);
    return is_whole ? (int)datagram.size_bytes : -1;
}

int enet_socket_wait(ENetSocket number, enet_uint32 *condition, enet_uint32 timeout_ms)
{
    (void)timeout_ms; /* nobody moves the time while we wait */
    const struct net_socket *socket = socket_of(number);
    bool is_ready = socket->count > 0 && socket->heap[0].due_us <= network->now_us;
    *condition = is_ready ? *condition & ENET_SOCKET_WAIT_RECEIVE : ENET_SOCKET_WAIT_NONE;
    return 0;
}

int enet_socket_set_option(ENetSocket number, ENetSocketOption option, int value)
{
    (void)number, (void)option, (void)value;
    return 0;
}

int enet_socket_get_option(ENetSocket number, ENetSocketOption option, int *value)
{
    (void)number, (void)option;
    *value = 0;
    return 0;
}

int enet_socket_shutdown(ENetSocket number, ENetSocketShutdown how)
{
    (void)number, (void)how;
    return 0;
}

void enet_socket_destroy(ENetSocket number)
{
    if (number != ENET_SOCKET_NULL)
        socket_close(socket_of(number));
}

/* --- for the tests -------------------------------------------------------------------------- */

static enet_uint32 host_of(const char *address)
{
    struct in_addr host;
    ensure(inet_pton(AF_INET, address, &host) == 1);
    return host.s_addr;
}

void sim_network_start(uint64_t seed)
{
    sim_network_stop();
    network = calloc(1, sizeof *network);
    ensure(network != NULL);
    network->now_us = START_US;
    network->next_address = 10U << 24 | 1;
    network->next_port = EPHEMERAL_PORT;
    rng_init(&network->rng, seed);
}

void sim_network_stop(void)
{
    if (network == NULL)
        return;
    for (uint32_t i = 0; i < network->sockets_count; i++)
        socket_close(&network->sockets[i]);
    free(network);
    network = NULL;
}

bool sim_network_self_test(struct error *error)
{
    ENetAddress address = {.host = htonl(INADDR_LOOPBACK), .port = 9};
    uint64_t sent = network->facts.sent;
    ENetHost *host = enet_host_create(NULL, 1, 1, 0, 0);
    if (host == NULL || host->socket < SOCKET_FIRST) {
        enet_host_destroy(host);
        return error_set(error, "libenet makes its own sockets");
    }
    bool is_connecting = enet_host_connect(host, &address, 1, 0) != NULL;
    enet_host_flush(host);
    bool has_time = host->serviceTime == enet_time_get();
    network->now_us += 12345000;
    enet_host_flush(host);
    has_time &= host->serviceTime == enet_time_get();
    network->now_us -= 12345000;
    enet_host_destroy(host);
    if (!is_connecting || network->facts.sent == sent)
        return error_set(error, "libenet sends by itself");
    return has_time || error_set(error, "libenet has its own clock");
}

uint64_t sim_network_now_us(void)
{
    return network->now_us;
}

void sim_network_advance(uint64_t duration_us)
{
    network->now_us += duration_us;
}

void sim_network_client_address(const char *address)
{
    network->client_address = address == NULL ? 0 : host_of(address);
}

void sim_network_path(const char *client, enum sim_network_direction direction,
                      const struct sim_network_path *path)
{
    if (client != NULL) {
        way_of(host_of(client), direction)->path = *path;
        return;
    }
    network->paths[direction] = *path;
    for (size_t i = 0; i < WAYS_MAX; i++)
        if (network->ways[i].is_used && network->ways[i].direction == direction)
            network->ways[i].path = *path;
}

void sim_network_cut(const char *client, bool is_cut)
{
    for (int i = 0; i < SIM_NETWORK_DIRECTION_COUNT; i++) {
        if (client != NULL)
            way_of(host_of(client), (enum sim_network_direction)i)->path.is_cut = is_cut;
        else
            network->paths[i].is_cut = is_cut;
    }
    for (size_t i = 0; client == NULL && i < WAYS_MAX; i++)
        network->ways[i].path.is_cut = is_cut;
}

bool sim_network_forge(struct sim_network_place from, struct sim_network_place to,
                       const void *bytes, size_t size_bytes)
{
    struct net_socket *socket = find_socket(host_of(to.address), to.port);
    if (socket == NULL)
        return false;
    ENetAddress sender = {.host = host_of(from.address), .port = from.port};
    ENetBuffer whole = {.data = (void *)(uintptr_t)bytes, .dataLength = size_bytes};
    deliver(socket, sender, network->now_us, &whole);
    return true;
}

void sim_network_facts(struct sim_network_facts *out_facts)
{
    *out_facts = network->facts;
}
