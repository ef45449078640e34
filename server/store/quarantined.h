/* quarantined.h - a write that a table refuses: what a database keeps of it in its quarantine.
 *
 * Values and pure functions, any thread. See quarantine.h. */
#ifndef TILTH_STORE_QUARANTINED_H
#define TILTH_STORE_QUARANTINED_H

#include "base/error.h"
#include "store/batch.h"

enum {
    QUARANTINED_KEY_BYTES = 64,
    QUARANTINED_REASON_BYTES = 320,
    QUARANTINED_MAX = 4096,           /* keys in quarantine; with more, nothing goes on */
    QUARANTINED_BYTES_MAX = 16 << 20, /* of their changes, encoded, together */
    QUARANTINED_BYTES_ONE = WORLD_IMAGE_BYTES + 256,
};

/* The last write of a key whose table refuses it. */
struct quarantined {
    struct change change; /* spans point into `bytes` */
    uint64_t seq, tick;   /* of its tick record */
    int64_t since_us;     /* the first refusal, wall time */
    bool is_dropped;
    char key[QUARANTINED_KEY_BYTES];       /* "structure 17": what retry and drop take */
    char reason[QUARANTINED_REASON_BYTES]; /* what the database said when it refused last */
    uint8_t bytes[QUARANTINED_BYTES_ONE];
};

/* What a retry has done. */
struct quarantined_retried {
    uint32_t applied; /* keys that are in their tables now */
    uint32_t refused; /* still */
};

/* The change's key in words, as struct quarantined has it. */
void quarantined_key_words(const struct change *change, char out_key[QUARANTINED_KEY_BYTES]);

/* May a write of the kind be given up? Not what says who somebody is, nor looks and pictures, which
 * others rely on, nor a chunk's mark. */
bool quarantined_may_drop(enum change_kind kind);

/* Makes the change say that its key is gone, for such kinds. */
void quarantined_make_gone(struct change *change);

/* The words for a quarantine that is full. Always returns false. */
bool quarantined_tell_full(struct error *error);

#endif
