#include "link/door.h"

#include "base/log.h"

static uint32_t or_usual(uint32_t asked, uint32_t fallback)
{
    return asked == 0 ? fallback : asked;
}

void door_init(struct door *door, const struct door_options *options, uint64_t now_us)
{
    *door = (struct door){.options = *options};
    door->options.hellos_s_max = or_usual(options->hellos_s_max, DOOR_HELLOS_S);
    door->options.connects_s_max = or_usual(options->connects_s_max, DOOR_CONNECTS_S);
    door->options.half_open_max = or_usual(options->half_open_max, DOOR_HALF_OPEN);
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

static bool is_within(struct limit_bucket *bucket, uint32_t count_s, uint64_t now_us)
{
    struct limit_rate rate = {.count = count_s, .period_ms = 1000, .burst = count_s};
    return limit_take(bucket, &rate, 1, now_us);
}

bool door_hello(struct door *door, const struct cookie_hello *hello,
                const struct door_caller *caller, struct cookie_answer *out_answer)
{
    if (!is_within(&door->hellos, door->options.hellos_s_max, caller->now_us))
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

static enum cookie_status place_for(struct door *door, const struct door_caller *caller)
{
    const struct door_options *options = &door->options;
    const struct door_census *census = &caller->census;
    uint32_t limit = options->peers_per_address;
    if (door->is_closed)
        return COOKIE_MAINTENANCE;
    if (census->taken >= options->peers_max)
        return COOKIE_FULL;
    if (limit > 0 && census->of_address >= limit)
        return COOKIE_ADDRESS;
    if (census->half_open >= options->half_open_max ||
        !is_within(&door->connects, options->connects_s_max, caller->now_us))
        return COOKIE_BUSY;
    return COOKIE_OK;
}

enum firewall_verdict door_knock(struct door *door, const struct firewall_connect *connect,
                                 const struct door_caller *caller, struct cookie_answer *out_answer)
{
    uint32_t count = door->options.connects_per_address_10s;
    struct limit_rate rate = {.count = count, .period_ms = 10000, .burst = count};
    if (!cookie_check(&door->jar, caller->from, connect->data, caller->now_us))
        return FIREWALL_UNKNOWN;
    if (count == 0 || limit_table_take(&door->addresses, caller->from.host, &rate, caller->now_us))
        return FIREWALL_PASS;
    *out_answer = answer_of(door, COOKIE_IMPATIENT, connect->connect_id);
    return FIREWALL_OVER_LIMIT;
}

enum firewall_verdict door_connect(struct door *door, const struct firewall_connect *connect,
                                   const struct door_caller *caller,
                                   struct cookie_answer *out_answer)
{
    /* A CONNECT that was sent again: ENet's own answer to the first is under way. */
    if (caller->census.has_connect_id)
        return FIREWALL_CONSUMED;
    enum cookie_status status = place_for(door, caller);
    *out_answer = answer_of(door, status, connect->connect_id);
    return status == COOKIE_OK ? FIREWALL_PASS : FIREWALL_OVER_LIMIT;
}
