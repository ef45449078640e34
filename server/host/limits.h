/* limits.h - the numbers that the tick goes by, from the settings of the same names.
 *
 * Inside server/host. One value, which a recording carries as it is: a replay has the same limits.
 * Units and ranges are in settings.def. No padding is left unset. */
#ifndef TILTH_HOST_LIMITS_H
#define TILTH_HOST_LIMITS_H

#include <stdint.h>

struct host_limits {
    uint64_t dirty_bytes_max;
    uint32_t tick_hz, speed_px_s, reach_px, view_cells;
    uint32_t sessions_max, chunks_max, entities_max, characters_max, regions_max;
    uint32_t chunk_idle_s, intents_per_tick_max, save_position_s;
    uint32_t view_entities_per_tick_max, views_unanswered_max, views_unanswered_bytes_max;
    uint32_t slots_max;
    uint32_t structures_max, piles_max, image_configs_max, images_max;
    uint32_t offer_s, image_size_px_max, image_keep_s, image_editors;
    uint32_t share_seed, is_building_free, has_kit; /* flags */
    uint32_t zero;
};

#endif
