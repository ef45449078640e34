#include "link/limit.h"

#include <stddef.h>

enum { NS_PER_US = 1000, NS_PER_MS = 1000000 };

bool limit_take(struct limit_bucket *bucket, const struct limit_rate *rate, uint32_t cost,
                uint64_t now_us)
{
    if (rate->count == 0)
        return true;
    uint64_t now_ns = now_us * NS_PER_US;
    uint64_t period_ns = (uint64_t)rate->period_ms * NS_PER_MS;
    uint64_t full_at_ns = bucket->full_at_ns > now_ns ? bucket->full_at_ns : now_ns;
    full_at_ns += cost * period_ns / rate->count;
    if (full_at_ns - now_ns > rate->burst * period_ns / rate->count)
        return false;
    bucket->full_at_ns = full_at_ns;
    return true;
}

bool limit_is_flood(struct limit_excess *excess, uint32_t count_max, uint64_t now_us)
{
    if (excess->count == 0 || now_us - excess->last_us > LIMIT_CALM_US)
        *excess = (struct limit_excess){.since_us = now_us};
    excess->last_us = now_us;
    excess->count += excess->count < count_max;
    return excess->count >= count_max && now_us - excess->since_us >= LIMIT_FLOOD_US;
}

void limit_table_init(struct limit_table *table)
{
    *table = (struct limit_table){0};
    crypto_random(table->key, sizeof table->key);
}

bool limit_table_take(struct limit_table *table, uint32_t address, const struct limit_rate *rate,
                      uint64_t now_us)
{
    size_t set = crypto_siphash(table->key, &address, sizeof address) % LIMIT_TABLE_SETS;
    size_t fullest = 0;
    for (size_t way = 0; way < LIMIT_TABLE_WAYS; way++) {
        if (table->entries[set][way].address == address)
            return limit_take(&table->entries[set][way].bucket, rate, 1, now_us);
        if (table->entries[set][way].bucket.full_at_ns <
            table->entries[set][fullest].bucket.full_at_ns)
            fullest = way;
    }
    table->entries[set][fullest].address = address;
    table->entries[set][fullest].bucket = (struct limit_bucket){0};
    return limit_take(&table->entries[set][fullest].bucket, rate, 1, now_us);
}
