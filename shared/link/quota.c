#include "link/quota.h"

static const struct quota_limits usual = {
    .datagrams_s = 80, .bytes_s = 16 * 1024, .commands_s = 400, .flood_max = 200};

static uint32_t or_usual(uint32_t asked, uint32_t fallback)
{
    return asked == 0 ? fallback : asked;
}

struct quota_limits quota_limits_settle(struct quota_limits asked)
{
    return (struct quota_limits){
        .datagrams_s = or_usual(asked.datagrams_s, usual.datagrams_s),
        .bytes_s = or_usual(asked.bytes_s, usual.bytes_s),
        .commands_s = or_usual(asked.commands_s, usual.commands_s),
        .flood_max = or_usual(asked.flood_max, usual.flood_max),
    };
}

static bool take(struct limit_bucket *bucket, uint32_t count_s, uint32_t cost, uint64_t now_us)
{
    struct limit_rate rate = {.count = count_s, .period_ms = 1000, .burst = 2 * count_s};
    return limit_take(bucket, &rate, cost, now_us);
}

static bool spend(struct quota *quota, const struct quota_limits *limits,
                  const struct firewall_load *load, uint64_t now_us)
{
    if (quota->is_ending && load->has_payload)
        return false;
    if (!load->has_acks_only && !take(&quota->datagrams, limits->datagrams_s, 1, now_us))
        return false;
    return take(&quota->bytes, limits->bytes_s, load->size_bytes, now_us) &&
           take(&quota->commands, limits->commands_s, load->commands, now_us);
}

enum firewall_verdict quota_judge(struct quota *quota, const struct quota_limits *limits,
                                  enum firewall_verdict verdict, const struct firewall_load *load,
                                  uint64_t now_us)
{
    if (verdict == FIREWALL_PASS && !spend(quota, limits, load, now_us))
        verdict = FIREWALL_OVER_LIMIT;
    if (verdict == FIREWALL_OVER_LIMIT && limit_is_flood(&quota->excess, limits->flood_max, now_us))
        quota->is_flooding = true;
    return verdict;
}

void quota_end(struct quota *quota)
{
    *quota = (struct quota){.is_ending = true};
}
