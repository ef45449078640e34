#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/ensure.h"

#define US_PER_SECOND 1000000

struct moment clock_now(void)
{
    struct timespec mono;
    struct timespec wall;
    ensure(clock_gettime(CLOCK_MONOTONIC, &mono) == 0);
    ensure(clock_gettime(CLOCK_REALTIME, &wall) == 0);
    return (struct moment){
        .mono_us = (uint64_t)mono.tv_sec * US_PER_SECOND + (uint64_t)mono.tv_nsec / 1000,
        .wall_us = (int64_t)wall.tv_sec * US_PER_SECOND + wall.tv_nsec / 1000,
    };
}

void clock_sleep_until(uint64_t mono_us)
{
    struct timespec until = {
        .tv_sec = (time_t)(mono_us / US_PER_SECOND),
        .tv_nsec = (long)(mono_us % US_PER_SECOND) * 1000,
    };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

/* Four digits hold the years 0000 to 9999; times beyond are shown as the nearest of these. */
static int64_t clamp_to_four_digits(int64_t wall_us)
{
    const int64_t year_0 = INT64_C(-62167219200) * US_PER_SECOND;
    const int64_t year_10000 = INT64_C(253402300800) * US_PER_SECOND;
    if (wall_us < year_0)
        return year_0;
    return wall_us < year_10000 ? wall_us : year_10000 - 1;
}

void clock_format(int64_t wall_us, char out_text[28])
{
    wall_us = clamp_to_four_digits(wall_us);
    int64_t fraction = wall_us % US_PER_SECOND;
    if (fraction < 0)
        fraction += US_PER_SECOND;
    time_t seconds = (time_t)((wall_us - fraction) / US_PER_SECOND);
    struct tm utc;
    ensure(gmtime_r(&seconds, &utc) != NULL);
    char text[128]; /* room for what the compiler cannot know the fields never are */
    int size =
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", utc.tm_year + 1900,
                 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)fraction);
    ensure(size == 27);
    memcpy(out_text, text, 28);
}
