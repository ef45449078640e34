#include "pace.h"

enum { SMOOTHING = 8, SLEW_PER_SLACK = 25 };

void tilth_pace_start(struct pace *pace, uint32_t tick_hz, uint64_t now_us)
{
    *pace = (struct pace){
        .tick_us = 1000000 / tick_hz,
        .slack_16 = PACE_SLACK * 16,
        .next_us = now_us,
        .ahead = PACE_SLACK,
        .patience = PACE_SLACK + 1,
    };
}

uint32_t tilth_pace_due(struct pace *pace, uint64_t now_us)
{
    uint32_t due = 0;
    uint64_t interval_us = (uint64_t)pace->tick_us * 1000 / (uint64_t)(1000 + pace->slew_per_mille);
    while (pace->next_us <= now_us && due < PACE_CATCH_UP_MAX) {
        pace->next_us += interval_us;
        due++;
    }
    if (pace->next_us <= now_us) /* the caller was away for long: start anew from here */
        pace->next_us = now_us + interval_us;
    if (due > 0) {
        due += pace->ahead;
        pace->ahead = 0;
    }
    return due;
}

static int32_t clamp(int32_t value, int32_t limit)
{
    if (value > limit)
        return limit;
    return value < -limit ? -limit : value;
}

void tilth_pace_report(struct pace *pace, int32_t slack, uint32_t input, uint32_t newest)
{
    if (slack < 0 && input >= pace->patience) {
        /* what is sent from now on must arrive before it is judged again */
        pace->ahead = PACE_SLACK;
        pace->patience = newest + PACE_SLACK + 1;
        pace->slack_16 = PACE_SLACK * 16;
    }
    pace->slack_16 += (slack * 16 - pace->slack_16) / SMOOTHING;
    int32_t missing = PACE_SLACK * 16 - pace->slack_16;
    pace->slew_per_mille = clamp(missing * SLEW_PER_SLACK / 16, PACE_SLEW_PER_MILLE);
}
