#include "bottle/walk.h"

bool walk_journal(struct bottle *bottle,
                  bool (*step)(void *state, const struct tail_record *record), void *state)
{
    struct error error = {""};
    struct tail_record record;
    enum tail_result result = TAIL_RECORD;
    bool is_right = true;
    struct tail *tail = tail_open(&bottle->journal_disk, 1, &error);
    while (tail != NULL && is_right && result == TAIL_RECORD) {
        result = tail_next(tail, journal_durable_seq(bottle->server.journal), &record, &error);
        is_right = result != TAIL_RECORD || step(state, &record);
    }
    bool is_read = tail != NULL && (!is_right || result == TAIL_NONE);
    tail_close(&tail);
    return is_read ? is_right : bottle_tell(bottle, "the journal: %s", error.text);
}
