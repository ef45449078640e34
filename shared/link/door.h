/* door.h - the server's side before a connection: who is answered, and who may knock at ENet.
 *
 * Reads HELLOs and CONNECTs that the firewall sorted, makes the answers, refuses by version, place
 * and rate. Knows no socket and no ENet: what it must know of the peers comes as a census. Memory:
 * itself. One owner thread; see link.c for the use. */
#ifndef TILTH_LINK_DOOR_H
#define TILTH_LINK_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "link/cookie.h"
#include "link/endpoint.h"
#include "link/firewall.h"
#include "link/limit.h"

enum {
    DOOR_HALF_OPEN = 256,  /* where the options say 0 */
    DOOR_HELLOS_S = 5000,  /* likewise */
    DOOR_CONNECTS_S = 500, /* likewise */
};

struct door_options {
    struct cookie_versions versions;
    uint16_t port; /* of the host that the answers name */
    uint32_t peers_max;
    uint32_t peers_per_address;        /* at once, 0 no limit */
    uint32_t hellos_s_max;             /* answered in a second, 0 DOOR_HELLOS_S */
    uint32_t connects_s_max;           /* let through in a second, 0 DOOR_CONNECTS_S */
    uint32_t connects_per_address_10s; /* of one address in 10 s, 0 no limit */
    uint32_t half_open_max;            /* not confirmed yet, 0 DOOR_HALF_OPEN */
};

/* The peers as they are now. A HELLO needs `taken` alone. */
struct door_census {
    uint32_t taken;
    uint32_t half_open;
    uint32_t of_address; /* with the caller's address */
    bool has_connect_id; /* someone has the caller's connect id */
};

struct door_caller {
    struct endpoint from;
    uint64_t now_us;
    struct door_census census;
};

struct door {
    struct door_options options;
    struct cookie_jar jar;
    struct limit_bucket hellos, connects, log_lines;
    struct limit_table addresses; /* that have proven themselves by a cookie */
    bool is_closed;               /* for maintenance */
};

/* Draws the keys. */
void door_init(struct door *door, const struct door_options *options, uint64_t now_us);

/* Makes the answer to a HELLO; false when there are too many of them now. A client of another
 * version is logged, at most one line a second. */
bool door_hello(struct door *door, const struct cookie_hello *hello,
                const struct door_caller *caller, struct cookie_answer *out_answer);

/* Is the CONNECT worth a census? FIREWALL_PASS: yes, go on with door_connect. FIREWALL_UNKNOWN: its
 * cookie is wrong. FIREWALL_OVER_LIMIT: its address knocks too often, and `out_answer` is written.
 * Needs no census, so that knocking costs us little. */
enum firewall_verdict door_knock(struct door *door, const struct firewall_connect *connect,
                                 const struct door_caller *caller,
                                 struct cookie_answer *out_answer);

/* May the CONNECT, which door_knock let pass, reach ENet? FIREWALL_PASS: yes. FIREWALL_OVER_LIMIT:
 * `out_answer` says why not; its nonce is the connect id, which only the client and we know. */
enum firewall_verdict door_connect(struct door *door, const struct firewall_connect *connect,
                                   const struct door_caller *caller,
                                   struct cookie_answer *out_answer);

#endif
