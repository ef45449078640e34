#include "store/batch_pace.h"

#include <stdbool.h>

void batch_pace_init(struct batch_pace *pace, uint32_t rows_max, uint64_t goal_us)
{
    *pace = (struct batch_pace){.rows = rows_max, .rows_max = rows_max, .goal_us = goal_us};
}

void batch_pace_note(struct batch_pace *pace, struct moment now, uint32_t rows)
{
    pace->begun_us = now.mono_us;
    pace->begun_rows = rows;
}

static uint32_t clamp(const struct batch_pace *pace, uint64_t rows)
{
    uint32_t rows_min = pace->rows_max < BATCH_PACE_ROWS_MIN ? pace->rows_max : BATCH_PACE_ROWS_MIN;
    if (rows < rows_min)
        return rows_min;
    return rows > pace->rows_max ? pace->rows_max : (uint32_t)rows;
}

void batch_pace_look(struct batch_pace *pace, struct moment now)
{
    uint64_t rows = pace->begun_rows;
    uint64_t took_us = now.mono_us - pace->begun_us;
    bool is_small_and_quick = rows < pace->rows / 2 && took_us < pace->goal_us;
    pace->begun_rows = 0;
    if (rows == 0 || pace->goal_us == 0 || is_small_and_quick)
        return;
    uint64_t fitting = rows * pace->goal_us / (took_us > 0 ? took_us : 1);
    pace->rows = clamp(pace, (pace->rows + fitting) / 2);
}
