#include "link/door.h"

#include "base/log.h"

void door_init(struct door *door, const struct door_options *options, uint64_t now_us)
{
    *door = (struct door){.options = *options};
    if (door->options.hellos_s_max == 0)
        door->options.hellos_s_max = DOOR_HELLOS_S;
    if (door->options.connects_s_max == 0)
        door->options.connects_s_max = DOOR_CONNECTS_S;
    cookie_jar_init(&door->jar, now_us);
    limit_table_init(&door->addresses);
}

static void log_version(struct door *door, const struct cookie_hello *hello,
                        const struct door_caller *caller)
{
    static const struct limit_rate rate = {.count = 1, .period_ms = 1000, .burst = 5};
    if (!limit_take(&door->log_lines, &rate, 1, caller->now_us))
        return;
    char from[ENDPOINT_TEXT_BYTES];
    char ours[COOKIE_VERSIONS_TEXT_BYTES];
    char theirs[COOKIE_VERSIONS_TEXT_BYTES];
    endpoint_format(caller->from, from);
    cookie_versions_format(door->options.versions, ours);
    cookie_versions_format(hello->versions, theirs);
    log_warning("link", "refused %s: the client speaks protocol %s, this server %s", from, theirs,
                ours);
}

static struct cookie_answer answer_of(const struct door *door, enum cookie_status status,
                                      uint64_t nonce)
{
    return (struct cookie_answer){
        .status = status,
        .versions = door->options.versions,
        .nonce = nonce,
        .port = door->options.port,
    };
}

bool door_hello(struct door *door, const struct cookie_hello *hello,
                const struct door_caller *caller, struct cookie_answer *out_answer)
{
    struct limit_rate rate = {
        .count = door->options.hellos_s_max,
        .period_ms = 1000,
        .burst = door->options.hellos_s_max,
    };
    if (!limit_take(&door->hellos, &rate, 1, caller->now_us))
        return false;
    enum cookie_status status = COOKIE_OK;
    if (cookie_versions_choose(door->options.versions, hello->versions) == 0)
        status = COOKIE_VERSION;
    else if (door->is_closed)
        status = COOKIE_MAINTENANCE;
    else if (caller->census.taken >= door->options.peers_max)
        status = COOKIE_FULL;
    *out_answer = answer_of(door, status, hello->nonce);
    if (status == COOKIE_OK)
        out_answer->cookie = cookie_make(&door->jar, caller->from, caller->now_us);
    else if (status == COOKIE_VERSION)
        log_version(door, hello, caller);
    return true;
}

/* What the client should hear at once instead of trying on. */
static enum cookie_status place_for(const struct door *door, const struct door_census *census)
{
    if (door->is_closed)
        return COOKIE_MAINTENANCE;
    if (census->taken >= door->options.peers_max)
        return COOKIE_FULL;
    uint32_t limit = door->options.peers_per_address;
    return limit > 0 && census->of_address >= limit ? COOKIE_ADDRESS : COOKIE_OK;
}

static bool is_within_rates(struct door *door, const struct door_caller *caller)
{
    struct limit_rate all = {
        .count = door->options.connects_s_max,
        .period_ms = 1000,
        .burst = door->options.connects_s_max,
    };
    struct limit_rate of_address = {
        .count = door->options.connects_per_address_10s,
        .period_ms = 10000,
        .burst = door->options.connects_per_address_10s,
    };
    if (of_address.count > 0 &&
        !limit_table_take(&door->addresses, caller->from.host, &of_address, caller->now_us))
        return false;
    return limit_take(&door->connects, &all, 1, caller->now_us);
}

enum firewall_verdict door_connect(struct door *door, const struct firewall_connect *connect,
                                   const struct door_caller *caller,
                                   struct cookie_answer *out_answer)
{
    if (!cookie_check(&door->jar, caller->from, connect->data, caller->now_us))
        return FIREWALL_UNKNOWN;
    /* A CONNECT that was sent again: ENet's own answer to the first is under way. */
    if (caller->census.has_connect_id)
        return FIREWALL_CONSUMED;
    enum cookie_status status = place_for(door, &caller->census);
    *out_answer = answer_of(door, status, connect->connect_id);
    if (status != COOKIE_OK)
        return FIREWALL_OVER_LIMIT;
    if (caller->census.half_open >= DOOR_HALF_OPEN_MAX || !is_within_rates(door, caller))
        return FIREWALL_OVER_LIMIT;
    return FIREWALL_PASS;
}
