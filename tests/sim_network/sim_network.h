/* sim_network.h - a network and a clock in a bottle, for test programs.
 *
 * Defines ENet's socket and time functions in the executable; Debian's libenet calls them through
 * the PLT and so uses these (sim_network_self_test proves it). Datagrams travel through memory with
 * latency, jitter, loss, duplication, reordering, rate caps and cuts, all from one seed, in virtual
 * time that moves only by sim_network_advance. Sockets that are bound to an address are servers;
 * the others are clients and get an address of their own. One thread; memory grows with what is
 * under way. See sim_network_test.c. */
#ifndef TILTH_SIM_NETWORK_SIM_NETWORK_H
#define TILTH_SIM_NETWORK_SIM_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum sim_network_direction {
    SIM_NETWORK_UP,   /* from a client to a server */
    SIM_NETWORK_DOWN, /* from a server to a client */
    SIM_NETWORK_DIRECTION_COUNT
};

/* One direction of one client's way. Zeroed: at once, whole and without end. */
struct sim_network_path {
    uint32_t latency_us;
    uint32_t jitter_us;    /* 0..this is added; alone it does not change the order */
    uint32_t loss_ppm;     /* of a million datagrams, so many are lost */
    uint32_t double_ppm;   /* arrive twice */
    uint32_t reorder_ppm;  /* may overtake */
    uint32_t rate_bytes_s; /* 0: no cap */
    uint32_t queue_bytes;  /* before the cap; what does not fit is lost. 0: 64 KiB */
    bool is_cut;           /* nothing arrives */
};

/* Counts since the start. */
struct sim_network_facts {
    uint64_t sent, delivered, lost, doubled, reordered, cut, overflowed, without_receiver;
    uint64_t bytes_delivered;
};

/* Begins a new network: no sockets, no paths, the time is 1 s. Everything random comes from the
 * seed. Links of an earlier network must have been destroyed. */
void sim_network_start(uint64_t seed);

/* Gives all memory back. */
void sim_network_stop(void);

/* Does libenet use these functions? False, in words, when it does not. Needs a started network. */
bool sim_network_self_test(struct error *error);

/* Virtual time in microseconds: what the links under test are to be given. */
uint64_t sim_network_now_us(void);
void sim_network_advance(uint64_t duration_us); /* Lets time pass. */

/* The address ("10.0.0.7") of the clients' sockets made from now on; NULL: each its own. */
void sim_network_client_address(const char *address);

/* Sets a path; `client` NULL: of all clients, those to come too. */
void sim_network_path(const char *client, enum sim_network_direction direction,
                      const struct sim_network_path *path);

/* Cuts or mends both directions of a client, or of all (NULL), and leaves the rest as it is. */
void sim_network_cut(const char *client, bool is_cut);

/* An address in dots and a port. */
struct sim_network_place {
    const char *address;
    uint16_t port;
};

/* Delivers a forged datagram at once. False when nobody has a socket at `to`. */
bool sim_network_forge(struct sim_network_place from, struct sim_network_place to,
                       const void *bytes, size_t size_bytes);

/* The facts. */
void sim_network_facts(struct sim_network_facts *out_facts);

#endif
