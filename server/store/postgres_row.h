/* postgres_row.h - rows of the world's tables as changes, and the columns that these are read from.
 *
 * Inside server/store, for those who select them. Reads the result that a connection received last;
 * no memory of its own. */
#ifndef TILTH_STORE_POSTGRES_ROW_H
#define TILTH_STORE_POSTGRES_ROW_H

#include "store/postgres_state.h"

/* What lies in a chunk: the kind, then 18 columns, each kind with its own in the same places. */
enum { POSTGRES_IS_CELL = 1, POSTGRES_IS_ENTITY, POSTGRES_IS_STRUCTURE, POSTGRES_IS_PILE };
enum { POSTGRES_THING_COLUMNS = 19 };
#define POSTGRES_CELL_COLUMNS                                                                      \
    "1, cell, 0::bigint, replaced, 0::bigint, 0::bigint, "                                         \
    "0::bigint, 0, 0, 0, 0, 0, 0::bigint, 0::bigint, 0, 0, 0, 0, 0"
#define POSTGRES_ENTITY_COLUMNS                                                                    \
    "2, cell, id, type, image_config_id, placer_id, "                                              \
    "until_tick, 0, 0, 0, 0, 0, 0::bigint, 0::bigint, 0, 0, 0, 0, 0"
#define POSTGRES_STRUCTURE_COLUMNS                                                                 \
    "3, 0, id, type, image_config_id, placer_id, 0::bigint, "                                      \
    "width, height, primary_x, cell_x, cell_y, primary_y::bigint, 0::bigint, 0, 0, 0, 0, 0"
#define POSTGRES_PILE_COLUMNS                                                                      \
    "4, cell, id, type, image_config_id, 0::bigint, until_tick, "                                  \
    "quantity, wear, source_type, source_cell_x, source_cell_y, source_tick, source_time_s, "      \
    "source_tool, source_pos_x, source_pos_y, source_skill, source_level"
#define POSTGRES_SLOT_COLUMNS                                                                      \
    "slot_index, type, quantity, image_config_id, wear, source_type, source_cell_x, "              \
    "source_cell_y, source_tick, source_time_s, source_tool, source_pos_x, source_pos_y, "         \
    "source_skill, source_level"
#define POSTGRES_CONFIG_COLUMNS                                                                    \
    "c.id, c.size, c.angle IS NULL, COALESCE(c.angle + 62832, 0), c.offset_x + 16384, "            \
    "c.offset_y + 16384, COALESCE(c.custom_image, decode(repeat('00', 16), 'hex'))"

/* A row of one of the four kinds, in the chunk. */
struct change postgres_row_thing(const struct pg *pg, uint32_t row, struct chunk_pos chunk);

/* A slot of the character's bag, whose columns begin at `first`. */
struct change_slot postgres_row_slot(const struct pg *pg, uint32_t row, int first,
                                     struct character_id character);

/* An image configuration: the first columns, in the query whose table is called c. */
struct change_image_config postgres_row_config(const struct pg *pg, uint32_t row);

#endif
