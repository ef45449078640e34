#include "store/renewal.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

enum { OUTCOME_HEAD = offsetof(struct renewal_outcome, text) };

struct renewal *renewal_create(void)
{
    return memory_reserve("content", 1, sizeof(struct renewal));
}

void renewal_destroy(struct renewal **renewal)
{
    if (*renewal == NULL)
        return;
    catalog_destroy(&(*renewal)->catalog);
    memory_release(*renewal);
    *renewal = NULL;
}

bool renewal_ask(struct renewal *renewal)
{
    if (renewal->state != RENEWAL_IDLE)
        return false;
    renewal->state = RENEWAL_ASKED;
    return true;
}

bool renewal_is_asked(const struct renewal *renewal)
{
    return renewal->state == RENEWAL_ASKED;
}

void renewal_refuse(struct renewal *renewal, const struct error *error)
{
    struct renewal_outcome *outcome = &renewal->outcome;
    ensure(renewal->state == RENEWAL_ASKED);
    outcome->is_refused = 1;
    outcome->size_bytes =
        (uint32_t)snprintf(outcome->text, sizeof error->text, "%s", error->text) + 1;
    renewal->state = RENEWAL_READY;
}

void renewal_answer(struct renewal *renewal, struct catalog *catalog)
{
    struct renewal_outcome *outcome = &renewal->outcome;
    ensure(renewal->state == RENEWAL_ASKED);
    catalog_destroy(&renewal->catalog);
    renewal->catalog = catalog;
    outcome->is_refused = 0;
    outcome->size_bytes = (uint32_t)catalog_write(catalog, outcome->text, sizeof outcome->text);
    ensure(outcome->size_bytes > 0); /* what was read is not too large */
    renewal->state = RENEWAL_READY;
}

bool renewal_replay(struct renewal *renewal, const void *recorded, uint32_t size_bytes,
                    struct error *error)
{
    struct renewal_outcome *outcome = &renewal->outcome;
    if (renewal->state != RENEWAL_ASKED || size_bytes <= OUTCOME_HEAD ||
        size_bytes > sizeof *outcome)
        return error_set(error, "content that nobody asked for, or none");
    memcpy(outcome, recorded, size_bytes);
    if (outcome->size_bytes != size_bytes - OUTCOME_HEAD ||
        (outcome->is_refused && outcome->text[outcome->size_bytes - 1] != 0))
        return error_set(error, "content that is malformed");
    catalog_destroy(&renewal->catalog);
    if (!outcome->is_refused)
        renewal->catalog = catalog_parse(outcome->text, outcome->size_bytes, error);
    if (!outcome->is_refused && renewal->catalog == NULL)
        return false;
    renewal->state = RENEWAL_READY;
    return true;
}

bool renewal_is_ready(const struct renewal *renewal)
{
    return renewal->state == RENEWAL_READY;
}

uint32_t renewal_recorded_bytes(const struct renewal *renewal)
{
    return (uint32_t)OUTCOME_HEAD + renewal->outcome.size_bytes;
}

void renewal_take(struct renewal *renewal)
{
    ensure(renewal->state == RENEWAL_READY);
    renewal->state = RENEWAL_IDLE;
}
